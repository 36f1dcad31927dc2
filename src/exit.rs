//! What a program says with its exit status.

/// The exit status of a program, after the rules every program of the toolkit follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Did what was asked.
    Done,
    /// Worked, and the answer is no.
    No,
    /// Could not find out, or not all of it: usage, permission, connection, bad data.
    Unknown,
    /// The status of a monitoring plugin: 0 OK, 1 warning, 2 critical, 3 unknown.
    Nagios(u8),
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
            Self::Signal(number) => 128u8.saturating_add(number),
        }
    }
}
