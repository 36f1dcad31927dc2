//! What the logs say to a monitor.

use std::io::{self, Write};

use super::args::ShownArgs;
use crate::exit::Exit;
use crate::health::{Check, Metric, Report, State};
use crate::log::analysis::Analysis;
use crate::log::finding;
use crate::log::message::Severity;
use crate::output::nagios;

/// What is counted, by the name of its threshold.
const KINDS: [(&str, &str); 3] =
    [("failures", "failed allocations and unknown relays"), ("offers", "unanswered offers"), ("errors", "errors")];

pub(super) fn write(analysis: &Analysis, notes: &[String], shown: &ShownArgs, out: &mut dyn Write) -> io::Result<Exit> {
    let report = report(analysis, notes, shown);
    nagios::write("KEA LOG", &report, out)?;
    Ok(Exit::Nagios(report.state().nagios_code()))
}

fn report(analysis: &Analysis, notes: &[String], shown: &ShownArgs) -> Report {
    let mut report = Report::default();
    for (kind, words) in KINDS {
        let count = count(analysis, kind);
        let (warning, critical) = (least(&shown.warning, kind), least(&shown.critical, kind));
        let is_beyond = |least: Option<u64>| least.is_some_and(|least| count >= least);
        let state = match () {
            () if is_beyond(critical) => State::Critical,
            () if is_beyond(warning) => State::Warning,
            () => State::Ok,
        };
        let range = |least: Option<u64>| least.map_or(String::new(), |least| least.saturating_sub(1).to_string());
        #[expect(clippy::cast_precision_loss, reason = "no log has 2^52 errors")]
        let metric = Metric::new(kind, count as f64).min(0.0).warning(range(warning)).critical(range(critical));
        report.checks.push(Check {
            name: kind.to_owned(),
            state,
            text: format!("{count} {words}"),
            details: Vec::new(),
            metrics: vec![metric],
        });
    }
    report.notes = finding::findings(analysis).iter().take(10).map(|finding| finding.what.clone()).collect();
    report.notes.extend(notes.iter().cloned());
    report
}

fn count(analysis: &Analysis, kind: &str) -> u64 {
    match kind {
        "failures" => [&analysis.v4, &analysis.v6]
            .iter()
            .map(|family| {
                let failures: u64 = family.failures.values().map(|tally| tally.count).sum();
                failures + family.relays.values().map(|tally| tally.count).sum::<u64>()
            })
            .sum(),
        "offers" => analysis.offers.unanswered().len() as u64,
        _ => {
            let errors = analysis.complaints.values().filter(|complaint| complaint.severity >= Severity::Error);
            errors.map(|complaint| complaint.tally.count).sum()
        }
    }
}

/// From which number of a kind on there is something to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Threshold {
    kind: &'static str,
    least: u64,
}

/// The threshold in `failures=10`.
pub(super) fn threshold(text: &str) -> Result<Threshold, String> {
    let number = |text: &str| text.trim().parse().ok().filter(|least| *least > 0);
    let found = text.split_once('=').and_then(|(name, rest)| {
        let (kind, _) = KINDS.into_iter().find(|(kind, _)| *kind == name.trim())?;
        Some(Threshold { kind, least: number(rest)? })
    });
    found.ok_or_else(|| "expected failures=N, offers=N or errors=N, where N is 1 or more".to_owned())
}

/// The number from which on a kind is to be reported.
fn least(all: &[Threshold], kind: &str) -> Option<u64> {
    all.iter().find(|one| one.kind == kind).map(|one| one.least)
}
