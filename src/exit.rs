//! Exit statuses.

/// The exit status of a program; every program of the toolkit follows these rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// The program worked, and the result is negative.
    No,
    /// The result, or a part of it, is unknown: usage, permission, connection, bad data.
    Unknown,
    /// The status of a monitoring plugin: 0 OK, 1 warning, 2 critical, 3 unknown.
    Nagios(u8),
    /// The work was not done, since its result would have had a secret in it.
    Withheld,
    /// Ended by this signal.
    Signal(u8),
}

impl Exit {
    /// The number handed to the system: 0, 1, 2, of a monitoring plugin also 3, or 128 plus the signal.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Unknown => 2,
            Self::Nagios(code) => code.min(3),
            Self::Withheld => 3,
            Self::Signal(number) => 128u8.saturating_add(number),
        }
    }
}
