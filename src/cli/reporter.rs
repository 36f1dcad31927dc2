//! Lines on stderr while a program works, and how far it has got.

use std::io::Write;

use super::progress::Progress;
use crate::env::Clock;
use crate::export::Observer;
use crate::text::OneLine;

/// Writes to stderr, one line each.
pub(super) struct Reporter<'a> {
    program: &'static str,
    stderr: &'a mut dyn Write,
    /// Whether a person is watching.
    is_watched: bool,
    clock: &'a dyn Clock,
    remarks: Vec<String>,
    progress: Progress,
}

impl<'a> Reporter<'a> {
    /// A reporter of `program`; progress is shown only to a person who watches.
    pub(super) fn new(
        program: &'static str,
        stderr: &'a mut dyn Write,
        is_watched: bool,
        clock: &'a dyn Clock,
    ) -> Self {
        let progress = Progress::new(false, clock.monotonic());
        Self { program, stderr, is_watched, clock, remarks: Vec::new(), progress }
    }
}

// A stderr that is gone takes no line, and that is no error.
impl Observer for Reporter<'_> {
    fn line(&mut self, text: &str) {
        let Self { program, stderr, progress, .. } = self;
        progress.aside(|| drop(writeln!(stderr, "{program}: {}", OneLine(text))));
    }

    fn remark(&mut self, text: &str) {
        if !self.remarks.iter().any(|known| known == text) {
            self.remarks.push(text.to_owned());
            self.line(text);
        }
    }

    fn plain_line(&mut self, text: &str) {
        let Self { stderr, progress, .. } = self;
        progress.aside(|| drop(writeln!(stderr, "{}", OneLine(text))));
    }

    fn begin_rows(&mut self, shows_progress: bool) {
        self.progress = Progress::new(self.is_watched && shows_progress, self.clock.monotonic());
    }

    fn row(&mut self) {
        if self.progress.row() {
            self.progress.show(self.clock.monotonic());
        }
    }

    fn expect_rows(&mut self, rows: u64) {
        self.progress.expect(rows);
    }

    fn preparing(&mut self, rows: u64, percent: u64) {
        if self.progress.is_watched() {
            self.progress.show_reading(self.clock.monotonic(), rows, percent);
        }
    }

    fn end_rows(&mut self) {
        self.progress.clear();
    }
}
