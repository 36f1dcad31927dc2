//! What the logs say to a monitor.

use std::io::{self, Write};

use super::args::ShownArgs;
use crate::exit::Exit;
use crate::health::log::{Facts, evaluate};
use crate::log::analysis::Analysis;
use crate::log::finding;
use crate::log::message::Severity;
use crate::output::nagios;
use crate::source::logs::Logs;

/// How many findings there are below the checks.
const MOST: usize = 10;

pub(super) fn write(analysis: &Analysis, logs: &Logs, shown: &ShownArgs, out: &mut dyn Write) -> io::Result<Exit> {
    let report = evaluate(&facts(analysis, logs), &shown.warning, &shown.critical);
    nagios::write("KEA LOG", &report, out)?;
    Ok(Exit::Nagios(report.state().nagios_code()))
}

fn facts(analysis: &Analysis, logs: &Logs) -> Facts {
    let failures = [&analysis.v4, &analysis.v6].into_iter().flat_map(|family| {
        let failed = family.failures.values().map(|tally| tally.count);
        failed.chain(family.relays.values().map(|tally| tally.count))
    });
    let errors = analysis.complaints.values().filter(|complaint| complaint.severity >= Severity::Error);
    let findings = finding::findings(analysis).into_iter().take(MOST).map(|finding| finding.what);
    let notes = logs.notes.iter().filter(|note| !logs.unread.contains(note)).cloned();
    Facts {
        failures: failures.sum(),
        offers: analysis.offers.unanswered().len() as u64,
        errors: errors.map(|complaint| complaint.tally.count).sum(),
        unread: logs.unread.clone(),
        remarks: findings.chain(notes).collect(),
    }
}
