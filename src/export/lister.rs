//! One list: from a source through the filter to a writer, with everything counted.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io;

use super::observer::{BadRows, Observer};
use super::options::ListOptions;
use crate::error::{Error, Result};
use crate::lease::filter::Filter;
use crate::lease::sort::SortBuffer;
use crate::lease::{Lease, LeaseStatus, Lifetime, RowError};
use crate::output::lease::{LeaseWriter, Row, Written};
use crate::source::{Flow, Visitor};
use crate::text::count;
use crate::usage::{Counter, Layout, Usage};

pub(super) fn write_failed(cause: &io::Error) -> Error {
    Error::io("write standard output", cause)
}

/// What a list came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ListCounts {
    /// Leases that the filter means, by status.
    statuses: BTreeMap<LeaseStatus, u64>,
    /// Leases that the source has given, if there was a choice among them.
    chosen_from: Option<u64>,
    /// Leases shown.
    pub(super) shown: u64,
    /// Whether a limit left some out.
    is_limited: bool,
    /// Rows that are no leases; each was reported.
    pub(super) malformed: u64,
}

impl ListCounts {
    /// Of a source that gives only some leases it is not known how many it has.
    pub(super) fn forget_total(&mut self) {
        self.chosen_from = self.chosen_from.map(|_| 0);
    }

    /// `6 active, 2 declined, 1 expired of 9`
    pub(super) fn summary(&self) -> String {
        let total: u64 = self.statuses.values().sum();
        let name = |status: &LeaseStatus| match status {
            LeaseStatus::Active => "active".to_owned(),
            LeaseStatus::Other(number) => format!("of state {number}"),
            other => other.to_string(),
        };
        let mut parts: Vec<_> = self.statuses.iter().map(|(status, n)| format!("{n} {}", name(status))).collect();
        if parts.is_empty() {
            parts.push(match self.chosen_from {
                None => "no leases".to_owned(),
                Some(0) => "no lease matches".to_owned(),
                Some(1) => "the only lease does not match".to_owned(),
                Some(all) => format!("none of {all} leases matches"),
            });
        }
        let mut text = parts.join(", ");
        if self.statuses.len() > 1 {
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
pub(super) struct Lister<'a> {
    filter: &'a Filter,
    shows_all: bool,
    options: &'a ListOptions,
    writer: &'a mut dyn LeaseWriter,
    observer: &'a mut dyn Observer,
    /// Where the source's order is not the one wanted.
    waiting: Option<SortBuffer<LeaseStatus>>,
    counts: ListCounts,
    /// How full the pools are, if that is of interest.
    fill: Option<Counter<'a>>,
    bad_rows: BadRows,
    is_unwritten: bool,
}

impl<'a> Lister<'a> {
    pub(super) fn new(
        filter: &'a Filter,
        options: &'a ListOptions,
        writer: &'a mut dyn LeaseWriter,
        observer: &'a mut dyn Observer,
    ) -> Self {
        let (_, is_whole_order) = options.source_order();
        // Only rows that are written count, and some formats leave some out.
        let limit = options.limit.filter(|_| !options.format.leaves_leases_out());
        let sorted = || SortBuffer::new(options.sort_key(), options.is_reversed, limit);
        Self {
            filter,
            shows_all: options.shows_all(filter),
            options,
            writer,
            observer,
            waiting: (!is_whole_order).then(sorted),
            counts: ListCounts { chosen_from: (!filter.is_empty()).then_some(0), ..ListCounts::default() },
            fill: None,
            bad_rows: BadRows::default(),
            is_unwritten: false,
        }
    }

    /// The same that also counts how full the pools are.
    pub(super) fn filling(self, layout: Option<&'a Layout>) -> Self {
        let now = self.filter.now;
        Self { fill: layout.map(|layout| Counter::new(layout, now).without_evidence()), ..self }
    }

    /// Whether an error of the visit is one of writing, and not the source's.
    pub(super) fn is_unwritten(&self) -> bool {
        self.is_unwritten
    }

    /// Writes what waited for its order. What comes of it, and how full the pools are.
    pub(super) fn finish(mut self) -> Result<(ListCounts, Option<Usage>)> {
        for (lease, status) in self.waiting.take().map(SortBuffer::finish).unwrap_or_default() {
            self.write(&Row::new(&lease.lease(), status))?;
        }
        self.observer.end_rows();
        self.bad_rows.finish(self.observer);
        let usage = self.fill.map(Counter::finish);
        Ok((ListCounts { malformed: self.bad_rows.count, ..self.counts }, usage))
    }

    fn write(&mut self, row: &Row<'_>) -> Result<()> {
        if self.options.limit.is_some_and(|limit| self.counts.shown >= limit) {
            self.counts.is_limited = true;
            return Ok(());
        }
        let written = self.writer.row(row);
        self.is_unwritten |= written.is_err();
        match written.map_err(|cause| write_failed(&cause))? {
            Written::Row => self.counts.shown += 1,
            Written::LeftOut => {}
            Written::Refused(error) => self.bad_row(&row.lease.address(), &error)?,
        }
        Ok(())
    }
}

/// What a row of a journal said when it was written.
pub(super) fn status_in_history(lease: &Lease<'_>) -> LeaseStatus {
    if lease.valid_lifetime.is_zero() {
        return LeaseStatus::Removed;
    }
    LeaseStatus::new(lease.state, Lifetime::Infinite, 0, 0)
}

impl Visitor for Lister<'_> {
    fn lease(&mut self, lease: &Lease<'_>) -> Result<Flow> {
        self.observer.row();
        if let Some(fill) = &mut self.fill {
            fill.add(lease);
        }
        let is_history = self.options.is_history;
        let status = if is_history { status_in_history(lease) } else { lease.status(self.filter.now) };
        if let Some(number) = &mut self.counts.chosen_from {
            *number += 1;
        }
        if !self.filter.accepts_as(lease, status) {
            return Ok(Flow::Continue);
        }
        *self.counts.statuses.entry(status).or_default() += 1;
        if self.shows_all || status == LeaseStatus::Active {
            match &mut self.waiting {
                Some(waiting) => self.counts.is_limited |= waiting.add(lease, status),
                None => self.write(&Row::new(lease, status))?,
            }
        }
        Ok(Flow::Continue)
    }

    fn bad_row(&mut self, place: &dyn fmt::Display, error: &RowError) -> Result<()> {
        self.bad_rows.add(place, error, self.observer);
        Ok(())
    }

    fn remark(&mut self, text: &str) {
        self.observer.remark(text);
    }

    fn expect_rows(&mut self, rows: u64) {
        self.observer.expect_rows(rows);
    }

    fn preparing(&mut self, rows: u64, percent: u64) {
        self.observer.preparing(rows, percent);
    }
}
