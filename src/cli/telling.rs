//! Whom and when: the parts of the world that a work in progress needs to say how it goes.

use std::io::Write;

use crate::env::Clock;
use crate::text::OneLine;

/// Says things on stderr, one line each.
pub(super) struct Telling<'a> {
    stderr: &'a mut dyn Write,
    /// Whether a person is watching.
    pub is_watched: bool,
    /// What time it is.
    pub clock: &'a dyn Clock,
}

impl<'a> Telling<'a> {
    pub(super) fn of(stderr: &'a mut dyn Write, is_watched: bool, clock: &'a dyn Clock) -> Self {
        Self { stderr, is_watched, clock }
    }

    /// Says `text`, made harmless. Nobody is left to be told if stderr is gone.
    pub(super) fn line(&mut self, text: &str) {
        let _ = writeln!(self.stderr, "{}", OneLine(text));
    }
}
