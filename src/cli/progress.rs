//! The progress of long work, on a terminal.

use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shorter work shows no progress.
const PATIENCE: Duration = Duration::from_secs(1);

/// Rows, their rate, and the share where the total is known.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    started: Duration,
    rows: u64,
    expected: u64,
}

impl Progress {
    /// Progress from `now` on; nothing is shown unless stderr is a terminal (`watching`).
    pub(super) fn new(watching: bool, now: Duration) -> Self {
        let bar = watching.then(|| ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()));
        Self { bar, started: now, rows: 0, expected: 0 }
    }

    /// Whether progress is shown at all.
    pub(super) fn is_watched(&self) -> bool {
        self.bar.is_some()
    }

    /// Sets the number of rows to be written.
    pub(super) fn expect(&mut self, rows: u64) {
        self.expected = rows;
    }

    /// Counts a row; true when it is time to [`Progress::show`].
    pub(super) fn row(&mut self) -> bool {
        self.rows += 1;
        self.bar.is_some() && self.rows.is_multiple_of(1 << 12)
    }

    /// Shows the rows written.
    pub(super) fn show(&self, now: Duration) {
        let percent = (self.expected > 0).then(|| (self.rows * 100 / self.expected).min(100));
        self.draw(now, "written", self.rows, percent);
    }

    /// Shows rows that were read before any can be written.
    pub(super) fn show_reading(&self, now: Duration, rows: u64, percent: u64) {
        self.draw(now, "read", rows, Some(percent));
    }

    fn draw(&self, now: Duration, what: &str, rows: u64, percent: Option<u64>) {
        let (Some(bar), Some(elapsed)) = (&self.bar, now.checked_sub(self.started)) else { return };
        if elapsed < PATIENCE {
            return;
        }
        if bar.is_hidden() {
            bar.set_style(ProgressStyle::with_template("{spinner} {msg}").unwrap_or(ProgressStyle::default_spinner()));
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(5));
        }
        let rate = u128::from(rows) * 1000 / elapsed.as_millis().max(1);
        let share = percent.map_or(String::new(), |percent| format!(", {percent} %"));
        let rate = HumanCount(u64::try_from(rate).unwrap_or(u64::MAX));
        bar.set_message(format!("{} rows {what}{share}, {rate} rows/s", HumanCount(rows)));
        bar.tick();
    }

    /// Runs `print` with the display suspended.
    pub(super) fn aside(&self, print: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Removes the display.
    pub(super) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
