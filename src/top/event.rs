//! What has happened to servers while they were watched.

use std::collections::VecDeque;

use crate::health::State;

/// More events than this are forgotten, the oldest first.
const MOST: usize = 1000;

/// How bad an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Should be looked at.
    Warning,
    /// Clients may not be served.
    Error,
}

impl Severity {
    /// `info`, `warning` or `error`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl From<State> for Severity {
    fn from(state: State) -> Self {
        match state {
            State::Ok => Self::Info,
            State::Unknown | State::Warning => Self::Warning,
            State::Critical => Self::Error,
        }
    }
}

/// Something that has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When it was noticed, in seconds since 1970.
    pub at: i64,
    /// How bad it is.
    pub severity: Severity,
    /// The server.
    pub server: usize,
    /// What has happened.
    pub text: String,
}

/// The events, in the order of time.
#[derive(Debug, Clone, Default)]
pub struct Events(VecDeque<Event>);

impl Events {
    pub(super) fn add(&mut self, event: Event) {
        self.0.push_back(event);
        if self.0.len() > MOST {
            self.0.pop_front();
        }
    }

    /// The events, the newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Event> {
        self.0.iter().rev()
    }

    /// The last event of a server.
    #[must_use]
    pub fn last_of(&self, server: usize) -> Option<&Event> {
        self.newest().find(|event| event.server == server)
    }
}
