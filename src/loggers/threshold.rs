//! From which severity on a logger logs, and how much of DEBUG.

use std::fmt;

use crate::log::message::Severity;

/// The highest debug level.
pub(super) const HIGHEST_LEVEL: u8 = 99;

/// From which severity on there is a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    /// `None`: nothing is logged.
    least: Option<Severity>,
    /// How much of DEBUG.
    level: u8,
}

impl Threshold {
    /// What applies where nothing is configured.
    pub const INFO: Self = Self { least: Some(Severity::Info), level: 0 };

    /// Of a severity in any case, as Kea reads it; `None` where Kea knows none of this name.
    #[must_use]
    pub fn read(severity: &str, level: u8) -> Option<Self> {
        let name = severity.to_ascii_uppercase();
        let all = [Severity::Debug, Severity::Info, Severity::Warn, Severity::Error, Severity::Fatal];
        let least = match &*name {
            "NONE" => None,
            _ => Some(all.into_iter().find(|known| known.name() == name)?),
        };
        Some(Self { least, level: if least == Some(Severity::Debug) { level } else { 0 } })
    }

    /// Whether a message of this severity, with this level if it is DEBUG, is logged.
    pub(super) fn shows(self, severity: Severity, level: u8) -> bool {
        match self.least {
            None => false,
            Some(Severity::Debug) if severity == Severity::Debug => level <= self.level,
            Some(least) => severity >= least,
        }
    }

    /// The severity's name.
    #[must_use]
    pub fn severity(self) -> &'static str {
        self.least.map_or("NONE", Severity::name)
    }

    /// How much of DEBUG.
    #[must_use]
    pub fn level(self) -> u8 {
        self.level
    }

    /// Whether it is DEBUG.
    #[must_use]
    pub fn is_debug(self) -> bool {
        self.least == Some(Severity::Debug)
    }

    /// Whether nothing is logged.
    #[must_use]
    pub fn is_silent(self) -> bool {
        self.least.is_none()
    }
}

impl fmt::Display for Threshold {
    /// `INFO`, `DEBUG 55`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_debug() { f.pad(&format!("DEBUG {}", self.level)) } else { f.pad(self.severity()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_counts_only_with_debug() {
        let debug = Threshold::read("debug", 55).unwrap();
        assert!(
            debug.shows(Severity::Debug, 55) && !debug.shows(Severity::Debug, 56) && debug.shows(Severity::Info, 0)
        );
        let info = Threshold::read("INFO", 99).unwrap();
        assert!(!info.shows(Severity::Debug, 0) && info.shows(Severity::Info, 0));
        assert_eq!((debug.to_string(), info.to_string()), ("DEBUG 55".into(), "INFO".into()));
    }

    #[test]
    fn none_is_silent_and_an_unknown_word_is_none_of_them() {
        assert!(!Threshold::read("None", 0).unwrap().shows(Severity::Fatal, 0));
        assert_eq!(Threshold::read("WARNING", 0), None);
        assert_eq!(Threshold::read("", 0), None);
    }
}
