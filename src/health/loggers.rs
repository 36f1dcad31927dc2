//! Whether the daemons' logging is as it should be.

use super::{Check, Metric, Report, State};
use crate::loggers::{Finding, Grade, Site};

/// A daemon with what is wrong with its logging.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The daemon and its surroundings.
    pub site: Site,
    /// What is wrong; the order is that of the configuration.
    pub findings: Vec<Finding>,
}

/// What is wrong with each of these daemons.
#[must_use]
pub fn judge(sites: Vec<Site>) -> Vec<Judged> {
    let mut shared = crate::loggers::shared_files(&sites);
    let judged = sites.into_iter().map(|site| {
        let root = site.config.daemon.process_name();
        let mut findings = crate::loggers::findings(&site);
        // Of several daemons of a kind the first one has it.
        let (own, others) = std::mem::take(&mut shared).into_iter().partition(|finding| finding.logger == root);
        shared = others;
        findings.extend::<Vec<_>>(own);
        Judged { site, findings }
    });
    judged.collect()
}

/// Whether anything is wrong.
#[must_use]
pub fn is_any_wrong(judged: &[Judged]) -> bool {
    judged.iter().flat_map(|one| &one.findings).any(|finding| finding.grade > Grade::Note)
}

/// The verdict for a monitor: a check for each daemon, and one for configurations that cannot be read.
#[must_use]
pub fn report(judged: &[Judged], unread: &[String]) -> Report {
    let checks = judged.iter().map(|one| check(one, &name(one, judged)));
    let mut report = Report { checks: checks.collect(), ..Report::default() };
    report.checks.extend(unread.iter().map(|why| Check {
        name: "configuration".to_owned(),
        state: State::Unknown,
        text: why.clone(),
        details: Vec::new(),
        metrics: Vec::new(),
    }));
    report
}

/// The name of a daemon; of several of a kind, with the configuration.
fn name(one: &Judged, all: &[Judged]) -> String {
    let config = &one.site.config;
    let name = config.daemon.process_name();
    match all.iter().filter(|other| other.site.config.daemon == config.daemon).count() {
        1 => name.to_owned(),
        _ => format!("{name} ({})", config.file.display()),
    }
}

fn check(judged: &Judged, name: &str) -> Check {
    let wrong: Vec<_> = judged.findings.iter().filter(|finding| finding.grade > Grade::Note).collect();
    let worst = wrong.iter().max_by_key(|finding| state(finding));
    let state = worst.map_or(State::Ok, |finding| state(finding));
    let count = crate::text::count(wrong.len() as u64, "finding");
    let text = match worst {
        None => "its loggers are as they should be".to_owned(),
        Some(finding) if wrong.len() == 1 => sentence(finding),
        Some(finding) => format!("{count}, the worst: {}", sentence(finding)),
    };
    #[expect(clippy::cast_precision_loss, reason = "no configuration has 2^52 faults")]
    let metric = Metric::new(format!("{name}_findings"), wrong.len() as f64).warning("0").min(0.0);
    let details = wrong.iter().map(|finding| format!("{}: {}; {}", finding.place, sentence(finding), finding.remedy));
    Check { name: name.to_owned(), state, text, details: details.collect(), metrics: vec![metric] }
}

fn state(finding: &Finding) -> State {
    match finding.grade {
        _ if finding.is_unknown() => State::Unknown,
        Grade::Critical => State::Critical,
        Grade::Warning | Grade::Note => State::Warning,
    }
}

fn sentence(finding: &Finding) -> String {
    format!("{}: {}", finding.what, finding.effect)
}
