//! How well Kea is by its logs: what was counted in them, compared with limits.

use std::str::FromStr;

use super::{Check, Metric, Report, State};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted {
    Failures,
    Offers,
    Errors,
}

impl Counted {
    const ALL: [Self; 3] = [Self::Failures, Self::Offers, Self::Errors];

    fn name(self) -> &'static str {
        match self {
            Self::Failures => "failures",
            Self::Offers => "offers",
            Self::Errors => "errors",
        }
    }

    /// So many of them.
    fn words(self, count: u64) -> String {
        let (one, many) = match self {
            Self::Failures => {
                ("failed allocation or packet of an unknown relay", "failed allocations and packets of unknown relays")
            }
            Self::Offers => ("unanswered offer", "unanswered offers"),
            Self::Errors => ("error", "errors"),
        };
        format!("{count} {}", if count == 1 { one } else { many })
    }
}

/// The limits of a warning, where none are given for a kind.
const WARNING: &[(Counted, u64)] = &[(Counted::Failures, 1), (Counted::Errors, 1)];
/// The limits of what is critical.
const CRITICAL: &[(Counted, u64)] = &[(Counted::Failures, 10)];

/// The number from which on something is too much, `failures=10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    counted: Counted,
    least: u64,
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, least) = text.split_once('=').unwrap_or((text, ""));
        let counted = Counted::ALL.into_iter().find(|counted| counted.name() == name.trim());
        let least = least.trim().parse().ok().filter(|least| *least > 0);
        counted
            .zip(least)
            .map(|(counted, least)| Self { counted, least })
            .ok_or_else(|| "expected failures=N, offers=N or errors=N, with N from 1 on".to_owned())
    }
}

/// What the logs show.
#[derive(Debug, Default)]
pub struct LogFacts {
    /// Failed allocations, and packets from unknown relays.
    pub failures: u64,
    /// Clients that were offered an address and not acknowledged.
    pub offers: u64,
    /// Messages at ERROR and FATAL.
    pub errors: u64,
    /// Why logs could not be read, or not to their end.
    pub unread: Vec<String>,
    /// What there is to say where no message is of the time in question.
    pub silence: Option<String>,
    /// What needs attention, apart from what is counted, the worst first.
    pub findings: Vec<(State, String)>,
    /// What else there is to say.
    pub remarks: Vec<String>,
}

impl LogFacts {
    fn count(&self, counted: Counted) -> u64 {
        match counted {
            Counted::Failures => self.failures,
            Counted::Offers => self.offers,
            Counted::Errors => self.errors,
        }
    }
}

/// A check for everything that is counted, one for what else needs attention, and one for what could not be read.
///
/// A kind without a limit in `warning` or `critical` has its default: `failures=1,errors=1` and `failures=10`.
#[must_use]
pub fn evaluate(facts: &LogFacts, warning: &[Limit], critical: &[Limit]) -> Report {
    let mut report = Report::default();
    if let Some(first) = facts.unread.first() {
        report.checks.push(plain("logs", State::Unknown, first.clone(), facts.unread[1..].to_vec()));
    }
    report.checks.extend(Counted::ALL.map(|counted| {
        let least = |limits: &[Limit], usual: &[(Counted, u64)]| {
            let given = limits.iter().rfind(|limit| limit.counted == counted).map(|limit| limit.least);
            given.or_else(|| usual.iter().find(|usual| usual.0 == counted).map(|usual| usual.1))
        };
        check(counted, facts.count(counted), least(warning, WARNING), least(critical, CRITICAL))
    }));
    report.checks.extend(findings(facts));
    if let Some(silence) = &facts.silence {
        report.checks.push(plain("messages", State::Unknown, silence.clone(), Vec::new()));
    }
    report.notes.clone_from(&facts.remarks);
    report
}

fn plain(name: &str, state: State, text: String, details: Vec<String>) -> Check {
    Check { name: name.to_owned(), state, text, details, metrics: Vec::new() }
}

/// A check of what needs attention; it is as bad as the worst of it.
fn findings(facts: &LogFacts) -> Option<Check> {
    let ((state, first), further) = facts.findings.split_first()?;
    let further = further.iter().map(|(_, text)| text.clone()).collect();
    Some(plain("findings", *state, first.clone(), further))
}

fn check(counted: Counted, count: u64, warning: Option<u64>, critical: Option<u64>) -> Check {
    let is_beyond = |least: Option<u64>| least.is_some_and(|least| count >= least);
    let state = match () {
        () if is_beyond(critical) => State::Critical,
        () if is_beyond(warning) => State::Warning,
        () => State::Ok,
    };
    // A monitor's range ends with the last number that is well.
    let range = |least: Option<u64>| least.map_or(String::new(), |least| (least - 1).to_string());
    #[expect(clippy::cast_precision_loss, reason = "no log has 2^52 errors")]
    let metric = Metric::new(counted.name(), count as f64).min(0.0).warning(range(warning)).critical(range(critical));
    Check {
        name: counted.name().to_owned(),
        state,
        text: counted.words(count),
        details: Vec::new(),
        metrics: vec![metric],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(text: &str) -> Vec<Limit> {
        text.split(',').map(|limit| limit.parse().unwrap()).collect()
    }

    #[test]
    fn a_count_is_compared_with_its_own_limits() {
        let facts = LogFacts { failures: 3, offers: 9, ..LogFacts::default() };
        let state = |warning, critical| evaluate(&facts, &limits(warning), &limits(critical)).state();
        assert_eq!(state("failures=4", "failures=10"), State::Ok);
        assert_eq!(state("failures=3", "failures=10"), State::Warning);
        assert_eq!(state("failures=3", "offers=9"), State::Critical);
    }

    #[test]
    fn what_could_not_be_read_is_never_well() {
        let facts = LogFacts { unread: vec!["read k.log: permission denied".to_owned()], ..LogFacts::default() };
        assert_eq!(evaluate(&facts, &[], &[]).state(), State::Unknown);
        let facts = LogFacts { errors: 1, ..facts };
        assert_eq!(evaluate(&facts, &limits("errors=1"), &[]).state(), State::Warning);
        let silent = LogFacts { silence: Some("no message".to_owned()), ..LogFacts::default() };
        assert_eq!(evaluate(&silent, &[], &[]).state(), State::Unknown);
    }

    #[test]
    fn what_is_counted_is_named_in_its_number() {
        let texts = |facts: &LogFacts| {
            evaluate(facts, &[], &[]).checks.into_iter().map(|check| check.text).collect::<Vec<_>>().join(", ")
        };
        let one = texts(&LogFacts { failures: 1, offers: 1, errors: 1, ..LogFacts::default() });
        assert_eq!(one, "1 failed allocation or packet of an unknown relay, 1 unanswered offer, 1 error");
        let none = texts(&LogFacts::default());
        assert_eq!(none, "0 failed allocations and packets of unknown relays, 0 unanswered offers, 0 errors");
    }

    #[test]
    fn a_kind_without_a_limit_keeps_its_default() {
        let facts = LogFacts { failures: 12, ..LogFacts::default() };
        assert_eq!(evaluate(&facts, &limits("offers=1"), &limits("errors=9")).state(), State::Critical);
        assert_eq!(evaluate(&facts, &limits("failures=20"), &limits("failures=30")).state(), State::Ok);
    }

    #[test]
    fn a_critical_finding_is_critical() {
        let found = |state| LogFacts { findings: vec![(state, "down".to_owned())], ..LogFacts::default() };
        assert_eq!(evaluate(&found(State::Critical), &[], &[]).state(), State::Critical);
        assert_eq!(evaluate(&found(State::Warning), &[], &[]).state(), State::Warning);
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        for text in ["failure=1", "errors=x", "offers", "errors=0", "errors=-1", "=1", ""] {
            assert!(text.parse::<Limit>().is_err(), "{text}");
        }
    }
}
