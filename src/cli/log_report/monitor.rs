//! What the logs say to a monitor.

use std::io::{self, Write};

use super::args::ShownArgs;
use crate::exit::Exit;
use crate::health::State;
use crate::health::log::{LogFacts, evaluate};
use crate::log::analysis::Analysis;
use crate::log::finding::{self, Finding, Grade};
use crate::log::message::Severity;
use crate::output::log::Moments;
use crate::output::nagios;
use crate::source::logs::Logs;

/// How many findings there are below the checks.
const MOST: usize = 10;

pub(super) fn write(
    analysis: &Analysis,
    logs: &Logs,
    shown: &ShownArgs,
    moments: &mut Moments,
    out: &mut dyn Write,
) -> io::Result<Exit> {
    let report = evaluate(&facts(analysis, logs, moments), &shown.warning, &shown.critical);
    crate::cli::unless_closed(nagios::write("KEA LOG", &report, out))?;
    Ok(Exit::Nagios(report.state().nagios_code()))
}

fn facts(analysis: &Analysis, logs: &Logs, moments: &mut Moments) -> LogFacts {
    let failures = [&analysis.v4, &analysis.v6].into_iter().flat_map(|family| {
        let failed = family.failures.values().map(|tally| tally.count);
        failed.chain(family.relays.values().map(|tally| tally.count))
    });
    let errors = analysis.warnings.iter().filter(|(_, warning)| warning.severity >= Severity::Error);
    let mut said = |finding: &Finding| {
        let when = finding.tally.map_or(String::new(), |tally| moments.when(&tally));
        format!("{}{when}", finding.what)
    };
    let all = finding::findings(analysis);
    let (counted, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|finding| finding.is_counted);
    let mut judged = Vec::new();
    let mut remarks = Vec::new();
    for finding in &others {
        match finding.grade {
            Grade::Critical => judged.push((State::Critical, said(finding))),
            Grade::Warning => judged.push((State::Warning, said(finding))),
            Grade::Notice => remarks.push(said(finding)),
        }
    }
    remarks.extend(counted.iter().map(said));
    let others = analysis.warnings.others().into_iter();
    remarks.extend(
        others.map(|(id, other)| format!("{} {id} {}x: {}", other.severity.name(), other.tally.count, other.sample)),
    );
    remarks.truncate(MOST);
    let mut silence = None;
    if analysis.messages == 0 && logs.unread.is_empty() {
        // A quiet server logs nothing.
        match analysis.before {
            _ if analysis.is_continued => remarks.push("no message since the last run".to_owned()),
            Some(last) => remarks
                .push(format!("no message of the chosen time, the last one before it is of {}", moments.seconds(last))),
            None => silence = Some("no message of the chosen time".to_owned()),
        }
    }
    let notes = logs.notes.iter().filter(|note| !logs.unread.contains(note)).cloned();
    LogFacts {
        failures: failures.sum::<u64>() + analysis.running.earlier_failures(),
        offers: analysis.unanswered_offers().len() as u64,
        errors: errors.map(|(_, warning)| warning.tally.count).sum(),
        unread: logs.unread.clone(),
        silence,
        findings: judged,
        remarks: remarks.into_iter().chain(notes).collect(),
    }
}
