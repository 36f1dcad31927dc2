//! Verdicts: states, checks and measured values. Pure.
//!
//! Facts are collected first (`inspect`, `probe`); this module decides what they mean; `output` formats the result.

use serde::{Deserialize, Serialize};

pub mod dhcp;
pub mod kea;
pub mod log;
pub mod loggers;
pub mod pools;
pub mod threshold;

/// A state of health, in the order in which one state outweighs another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// As it should be.
    Ok,
    /// It is not known.
    Unknown,
    /// There is a problem, but it works.
    Warning,
    /// It does not work.
    Critical,
}

impl State {
    /// `OK`, `UNKNOWN`, `WARNING` or `CRITICAL`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Unknown => "UNKNOWN",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
        }
    }

    /// The exit status of a monitoring plugin: 0, 3, 1 or 2.
    #[must_use]
    pub fn nagios_code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Critical => 2,
            Self::Unknown => 3,
        }
    }
}

/// A measured value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metric {
    /// Its name, the same in every run.
    pub name: String,
    /// The value; `None` if it is not known.
    pub value: Option<f64>,
    /// `s`, `%`, `B`, `c` (a counter) or nothing.
    pub unit: &'static str,
    /// The range beyond which it is a warning, as monitoring plugins write it (`10`, `10:20`, `@10:20`); may be empty.
    pub warning: String,
    /// The same for critical.
    pub critical: String,
    /// The least it can be.
    pub min: Option<f64>,
    /// The most it can be.
    pub max: Option<f64>,
}

impl Metric {
    /// A number of things.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<Option<f64>>) -> Self {
        let (warning, critical) = (String::new(), String::new());
        Self { name: name.into(), value: value.into(), unit: "", warning, critical, min: None, max: None }
    }

    /// The same in a unit.
    #[must_use]
    pub fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    /// The same with the range of its warning.
    #[must_use]
    pub fn warning(self, range: impl Into<String>) -> Self {
        Self { warning: range.into(), ..self }
    }

    /// The same with the range in which it is not critical.
    #[must_use]
    pub fn critical(self, range: impl Into<String>) -> Self {
        Self { critical: range.into(), ..self }
    }

    /// The same with the least it can be.
    #[must_use]
    pub fn min(self, least: f64) -> Self {
        Self { min: Some(least), ..self }
    }

    /// The same with the most it can be.
    #[must_use]
    pub fn max(self, most: f64) -> Self {
        Self { max: Some(most), ..self }
    }
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// The subject of the check.
    pub name: String,
    /// Its state.
    pub state: State,
    /// The reason, in one sentence.
    pub text: String,
    /// Further findings, one sentence each.
    pub details: Vec<String>,
    /// What was measured.
    pub metrics: Vec<Metric>,
}

/// The results of all checks.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Report {
    /// One per subject.
    pub checks: Vec<Check>,
    /// The names of those subjects that are well although they do nothing, since they need not.
    #[serde(skip)]
    pub idle: Vec<String>,
    /// Remarks that concern no single subject, one sentence each.
    pub notes: Vec<String>,
}

impl Report {
    /// The worst state of all; unknown if nothing was checked.
    #[must_use]
    pub fn state(&self) -> State {
        self.checks.iter().map(|check| check.state).max().unwrap_or(State::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(states: &[State]) -> Report {
        let check = |state: &State| Check {
            name: "x".into(),
            state: *state,
            text: String::new(),
            details: Vec::new(),
            metrics: Vec::new(),
        };
        Report { checks: states.iter().map(check).collect(), ..Report::default() }
    }

    #[test]
    fn the_worst_state_wins() {
        use State::{Critical, Ok, Unknown, Warning};
        assert_eq!(report(&[Ok, Unknown, Ok]).state(), Unknown);
        assert_eq!(report(&[Unknown, Warning]).state(), Warning);
        assert_eq!(report(&[Warning, Critical, Unknown]).state(), Critical);
    }

    #[test]
    fn nothing_checked_is_nothing_known() {
        assert_eq!(report(&[]).state(), State::Unknown);
    }
}
