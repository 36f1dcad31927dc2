//! Whom and when: the parts of the world that a work in progress needs to say how it goes.

use std::io::Write;

use crate::env::Clock;
use crate::text::OneLine;

/// Says things on stderr, one line each.
pub(super) struct Telling<'a> {
    program: &'static str,
    stderr: &'a mut dyn Write,
    /// Whether a person is watching.
    pub is_watched: bool,
    /// What time it is.
    pub clock: &'a dyn Clock,
    remarks: Vec<String>,
}

impl<'a> Telling<'a> {
    /// What `program` says in the world of `env`.
    pub(super) fn of(program: &'static str, stderr: &'a mut dyn Write, is_watched: bool, clock: &'a dyn Clock) -> Self {
        Self { program, stderr, is_watched, clock, remarks: Vec::new() }
    }

    /// Says `text` in the name of the program, made harmless. Nobody is left to be told if stderr is gone.
    pub(super) fn line(&mut self, text: &str) {
        let _ = writeln!(self.stderr, "{}: {}", self.program, OneLine(text));
    }

    /// Says `text` as [`Telling::line`] does, but only once.
    pub(super) fn remark(&mut self, text: &str) {
        if !self.remarks.iter().any(|told| told == text) {
            self.remarks.push(text.to_owned());
            self.line(text);
        }
    }

    /// Says what is wrong at a place, which comes first, as editors and people look for it: `file:line: cause`.
    pub(super) fn fault(&mut self, text: &str) {
        let _ = writeln!(self.stderr, "{}", OneLine(text));
    }
}
