//! What is said while leases come.

use std::fmt::Display;

use crate::lease::RowError;
use crate::text::count;

/// Hears what a user should know of a work in progress.
pub trait Observer {
    /// A line in the name of the program.
    fn line(&mut self, text: &str);
    /// The same, but only once.
    fn remark(&mut self, text: &str);
    /// A line that is not in the name of the program.
    fn plain_line(&mut self, text: &str);
    /// From here on leases come; `shows_progress` is false where the leases themselves show it.
    fn begin_rows(&mut self, shows_progress: bool);
    /// A lease was handled.
    fn row(&mut self);
    /// How many leases are about to come.
    fn expect_rows(&mut self, rows: u64);
    /// The source works without handing out leases yet: rows read so far, and their share of all in percent.
    fn preparing(&mut self, rows: u64, percent: u64);
    /// No more leases come.
    fn end_rows(&mut self);
}

/// Keeps remarks, so that they are in every format.
pub(super) struct Noting<'a> {
    pub(super) observer: &'a mut dyn Observer,
    pub(super) remarks: &'a mut Vec<String>,
}

impl Observer for Noting<'_> {
    fn remark(&mut self, text: &str) {
        if !self.remarks.iter().any(|known| known == text) {
            self.remarks.push(text.to_owned());
        }
        self.observer.remark(text);
    }

    fn line(&mut self, text: &str) {
        self.observer.line(text);
    }

    fn plain_line(&mut self, text: &str) {
        self.observer.plain_line(text);
    }

    fn begin_rows(&mut self, shows_progress: bool) {
        self.observer.begin_rows(shows_progress);
    }

    fn row(&mut self) {
        self.observer.row();
    }

    fn expect_rows(&mut self, rows: u64) {
        self.observer.expect_rows(rows);
    }

    fn preparing(&mut self, rows: u64, percent: u64) {
        self.observer.preparing(rows, percent);
    }

    fn end_rows(&mut self) {
        self.observer.end_rows();
    }
}

/// How many bad rows are named before they are only counted.
const NAMED: u64 = 20;

/// Rows that are no leases, or leases that a format cannot hold: the first are named, the others counted.
#[derive(Default)]
pub(super) struct BadRows {
    pub(super) count: u64,
    /// The first of them.
    pub(super) first: Option<String>,
}

impl BadRows {
    pub(super) fn add(&mut self, place: &dyn Display, error: &RowError, observer: &mut dyn Observer) {
        self.count += 1;
        if self.count <= NAMED {
            let line = format!("{place}: {error}");
            observer.plain_line(&line);
            self.first.get_or_insert(line);
        }
    }

    /// Says how many were not named.
    pub(super) fn finish(&self, observer: &mut dyn Observer) {
        if self.count > NAMED {
            let rest = count(self.count - NAMED, "more bad row");
            observer.plain_line(&format!("… and {rest}"));
        }
    }
}
