//! One list: from a source through the filter to a writer, with everything counted.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use super::how::HowArgs;
use super::order::Waiting;
use super::write_failed;
use crate::cli::progress::Progress;
use crate::cli::telling::Telling;
use crate::error::Result;
use crate::lease::filter::Filter;
use crate::lease::{AnyLease, Fault, Lease4, Lease6, Lifetime, Standing};
use crate::output::Written;
use crate::output::list::{ListFormat, ListWriter, Mark, Row};
use crate::source::{Flow, Visitor};
use crate::text::count;

/// How many bad rows are named before they are only counted.
pub(super) const NAMED: u64 = 20;

/// What a list came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Counts {
    /// Leases that the filter means, by standing.
    standings: BTreeMap<Standing, u64>,
    /// Leases shown.
    pub(super) shown: u64,
    /// Whether a limit kept some back.
    is_limited: bool,
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
        if self.is_limited {
            let _ = write!(text, "; {} shown", self.shown);
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
    shows_all: bool,
    how: &'a HowArgs,
    writer: &'a mut dyn ListWriter,
    telling: &'a mut Telling<'t>,
    progress: Progress,
    /// Where the source's order is not the one wanted.
    waiting: Option<Waiting>,
    counts: Counts,
    is_unwritten: bool,
}

impl<'a, 't> Lister<'a, 't> {
    pub(super) fn new(
        filter: &'a Filter,
        shows_all: bool,
        how: &'a HowArgs,
        width: Option<usize>,
        writer: &'a mut dyn ListWriter,
        telling: &'a mut Telling<'t>,
    ) -> Self {
        let (key, is_reversed) = (how.sort_key(), how.is_reversed());
        let (_, is_enough) = key.of_source(is_reversed);
        // Only rows that are written count, and these formats leave some out.
        let leaves_out = matches!(how.format(), ListFormat::Hosts | ListFormat::Ethers | ListFormat::Ansible);
        let limit = how.limit().filter(|_| !leaves_out);
        let waiting = (!is_enough).then(|| Waiting::new(key, is_reversed, limit));
        // Rows on the same terminal show by themselves that something happens.
        let progress = Progress::new(telling.is_watched && width.is_none(), telling.clock.monotonic());
        Self {
            filter,
            shows_all,
            how,
            writer,
            telling,
            progress,
            waiting,
            counts: Counts::default(),
            is_unwritten: false,
        }
    }

    /// Whether an error of the visit is one of writing, and not the source's.
    pub(super) fn is_unwritten(&self) -> bool {
        self.is_unwritten
    }

    /// Writes what waited for its order.
    pub(super) fn finish(mut self) -> Result<Counts> {
        for (lease, standing) in self.waiting.take().map(Waiting::finish).unwrap_or_default() {
            self.write(&Row { lease: lease.lease(), standing, mark: Mark::None })?;
        }
        self.progress.clear();
        if self.counts.malformed > NAMED {
            let rest = count(self.counts.malformed - NAMED, "more bad row");
            self.telling.fault(&format!("… and {rest}"));
        }
        Ok(self.counts)
    }

    fn lease(&mut self, lease: AnyLease<'_>) -> Result<Flow> {
        if self.progress.row() {
            self.progress.show(self.telling.clock.monotonic());
        }
        let standing = if self.how.is_history() { of_history(&lease) } else { lease.standing(self.filter.now) };
        if !self.filter.accepts_as(&lease, standing) {
            return Ok(Flow::Continue);
        }
        *self.counts.standings.entry(standing).or_default() += 1;
        if self.shows_all || standing == Standing::Active {
            let row = Row { lease, standing, mark: Mark::None };
            match &mut self.waiting {
                Some(waiting) => {
                    self.counts.is_limited |= waiting.add(&row.lease, row.standing);
                }
                None => self.write(&row)?,
            }
        }
        Ok(Flow::Continue)
    }

    fn write(&mut self, row: &Row<'_>) -> Result<()> {
        if self.how.limit().is_some_and(|limit| self.counts.shown >= limit) {
            self.counts.is_limited = true;
            return Ok(());
        }
        let written = self.writer.row(row);
        self.is_unwritten |= written.is_err();
        match written.map_err(|cause| write_failed(&cause))? {
            Written::Row => self.counts.shown += 1,
            Written::LeftOut => {}
            Written::Refused(fault) => self.bad_row(&row.lease.address, &fault)?,
        }
        Ok(())
    }
}

/// What a row of a journal said when it was written.
pub(super) fn of_history(lease: &AnyLease<'_>) -> Standing {
    if lease.valid_lifetime.is_zero() {
        return Standing::Removed;
    }
    Standing::of(lease.state, Lifetime::Infinite, 0, 0)
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
            let line = format!("{place}: {fault}");
            let telling = &mut *self.telling;
            self.progress.aside(|| telling.fault(&line));
        }
        Ok(())
    }

    fn remark(&mut self, text: &str) {
        let telling = &mut *self.telling;
        self.progress.aside(|| telling.remark(text));
    }

    fn expect_rows(&mut self, rows: u64) {
        self.progress.expect(rows);
    }

    fn preparing(&mut self, rows: u64, percent: u64) {
        if self.progress.is_watched() {
            self.progress.show_reading(self.telling.clock.monotonic(), rows, percent);
        }
    }
}
