//! One list: from a source through the filter to a writer, with everything counted.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io;

use crate::cli::telling::Telling;
use crate::error::{Error, Result};
use crate::lease::filter::Filter;
use crate::lease::{AnyLease, Fault, Lease4, Lease6, Standing};
use crate::output::list::{ListWriter, Row};
use crate::source::{Flow, Visitor};
use crate::text::count;

/// How many bad rows are named before they are only counted.
const NAMED: u64 = 20;

/// What a list came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Counts {
    /// Leases that the filter means, by standing.
    standings: BTreeMap<Standing, u64>,
    /// Leases shown.
    pub(super) shown: u64,
    /// Rows that are no leases; each was told.
    pub(super) malformed: u64,
}

impl Counts {
    /// `6 active, 2 declined, 1 expired of 9`
    pub(super) fn summary(&self) -> String {
        let total: u64 = self.standings.values().sum();
        let name = |standing: &Standing| match standing {
            Standing::Active => "active".to_owned(),
            Standing::Other(number) => format!("of state {number}"),
            other => other.to_string(),
        };
        let mut parts: Vec<_> = self.standings.iter().map(|(standing, n)| format!("{n} {}", name(standing))).collect();
        if parts.is_empty() {
            parts.push("no leases".to_owned());
        }
        let mut text = parts.join(", ");
        if self.standings.len() > 1 {
            let _ = write!(text, " of {total}");
        }
        if self.malformed > 0 {
            let _ = write!(text, "; {} left out", count(self.malformed, "bad row"));
        }
        text
    }
}

/// Shows what a source has.
pub(super) struct Lister<'a, 't> {
    filter: &'a Filter,
    /// Whether leases that are not active are shown.
    shows_all: bool,
    writer: &'a mut dyn ListWriter,
    telling: &'a mut Telling<'t>,
    counts: Counts,
}

impl<'a, 't> Lister<'a, 't> {
    pub(super) fn new(
        filter: &'a Filter,
        shows_all: bool,
        writer: &'a mut dyn ListWriter,
        telling: &'a mut Telling<'t>,
    ) -> Self {
        Self { filter, shows_all, writer, telling, counts: Counts::default() }
    }

    pub(super) fn finish(self) -> Counts {
        self.counts
    }

    fn lease(&mut self, lease: AnyLease<'_>) -> Result<Flow> {
        if !self.filter.accepts(&lease) {
            return Ok(Flow::Continue);
        }
        let standing = lease.standing(self.filter.now);
        *self.counts.standings.entry(standing).or_default() += 1;
        if self.shows_all || standing == Standing::Active {
            self.counts.shown += 1;
            self.writer.row(&Row { lease, standing }).map_err(|cause| write_failed(&cause))?;
        }
        Ok(Flow::Continue)
    }
}

/// The error of a list that could not be written.
pub(super) fn write_failed(cause: &io::Error) -> Error {
    Error::io("write standard output", cause)
}

impl Visitor for Lister<'_, '_> {
    fn lease4(&mut self, lease: &Lease4<'_>) -> Result<Flow> {
        self.lease(lease.into())
    }

    fn lease6(&mut self, lease: &Lease6<'_>) -> Result<Flow> {
        self.lease(lease.into())
    }

    fn bad_row(&mut self, place: &dyn fmt::Display, fault: &Fault) -> Result<()> {
        self.counts.malformed += 1;
        if self.counts.malformed <= NAMED {
            self.telling.fault(&format!("{place}: {fault}"));
        }
        Ok(())
    }

    fn remark(&mut self, text: &str) {
        self.telling.remark(text);
    }

    fn expect_rows(&mut self, _rows: u64) {}

    fn preparing(&mut self, _rows: u64, _percent: u64) {}
}
