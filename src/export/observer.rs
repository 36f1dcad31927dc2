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

/// How many bad rows are named before they are only counted.
const NAMED: u64 = 20;

/// Rows that are no leases, or leases that a format cannot hold: the first are named, the others counted.
#[derive(Default)]
pub(super) struct BadRows {
    pub(super) count: u64,
}

impl BadRows {
    pub(super) fn add(&mut self, place: &dyn Display, error: &RowError, observer: &mut dyn Observer) {
        self.count += 1;
        if self.count <= NAMED {
            observer.plain_line(&format!("{place}: {error}"));
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
