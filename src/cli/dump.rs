//! One dump: from a source through a writer, with everything that is wrong on the way told and counted.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};

use super::progress::Progress;
use super::reordered::{Lease, Reordered};
use super::telling::Telling;
use crate::error::{Error, Result};
use crate::lease::anonymise::Anonymiser;
use crate::lease::filter::Filter;
use crate::lease::{Family, Fault, Lease4, Lease6};
use crate::output::{self, LeaseWriter, Style, Written};
use crate::source::{Flow, LeaseSource, Order, Visitor};
use crate::text::count;

/// How many bad rows are named before they are only counted.
const NAMED: u64 = 20;

/// What a dump came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Counts {
    /// Rows read from the source.
    pub read: u64,
    /// Leases written.
    pub rows: u64,
    /// Rows that are no leases, or leases the format cannot hold; each was told.
    pub malformed: u64,
    /// Leases of lifetime 0, which a lease file cannot hold.
    pub released_left_out: u64,
}

impl Counts {
    /// Whether everything that was found was written.
    pub(super) fn is_complete(self) -> bool {
        self.malformed == 0
    }
}

/// What is asked of a dump.
pub(super) struct Request<'a> {
    pub family: Family,
    pub style: Style,
    /// The leases meant, unless all are.
    pub filter: Option<&'a Filter>,
    pub order: Order,
    pub strict: bool,
    pub anonymiser: Option<&'a Anonymiser>,
}

/// Writes every lease of `source` to `out`, which is named `shown` in errors.
pub(super) fn run(
    source: &mut dyn LeaseSource,
    request: &Request<'_>,
    out: &mut dyn Write,
    shown: &str,
    telling: &mut Telling<'_>,
) -> Result<Counts> {
    let progress = Progress::new(telling.is_watched, telling.clock.monotonic());
    let mut dumper = Dumper {
        writer: output::writer(request.style, request.family, out),
        request,
        shown,
        telling,
        progress,
        counts: Counts::default(),
        waiting: request.anonymiser.filter(|anonymiser| anonymiser.replaces_addresses()).map(|_| Reordered::default()),
    };
    let visited = source.visit(request.order, &mut dumper).and_then(|visited| dumper.write_waiting().map(|()| visited));
    dumper.progress.clear();
    let visited = visited?;
    let finished = dumper.writer.finish();
    finished.map_err(|cause| dumper.write_failed(&cause))?;
    dumper.tell_the_rest();
    if let Some(remark) = dumper.writer.remark() {
        dumper.telling.line(&remark);
    }
    Ok(Counts { read: visited.seen, ..dumper.counts })
}

struct Dumper<'a, 't> {
    writer: Box<dyn LeaseWriter + 'a>,
    request: &'a Request<'a>,
    shown: &'a str,
    telling: &'a mut Telling<'t>,
    progress: Progress,
    counts: Counts,
    /// What must not be written in the order it comes in.
    waiting: Option<Reordered>,
}

impl Dumper<'_, '_> {
    fn write_failed(&self, cause: &io::Error) -> Error {
        Error::io(format!("write {}", self.shown), cause)
    }

    fn note(&mut self, written: io::Result<Written>, address: &dyn Display) -> Result<Flow> {
        match written.map_err(|cause| self.write_failed(&cause))? {
            Written::Row => self.counts.rows += 1,
            Written::LeftOut => self.counts.released_left_out += 1,
            Written::Refused(fault) => {
                let table = self.request.family.table();
                self.bad_row(&format_args!("{table} {address}"), &fault)?;
            }
        }
        if self.progress.row() {
            self.progress.show(self.telling.clock.monotonic());
        }
        Ok(Flow::Continue)
    }

    fn write_waiting(&mut self) -> Result<()> {
        let Some(waiting) = self.waiting.take() else { return Ok(()) };
        waiting.each(|lease, address| {
            let written = match lease {
                Lease::V4(lease) => self.writer.lease4(&lease),
                Lease::V6(lease) => self.writer.lease6(&lease),
            };
            self.note(written, address).map(drop)
        })
    }

    fn tell_the_rest(&mut self) {
        if self.counts.malformed > NAMED {
            let rest = count(self.counts.malformed - NAMED, "more bad row");
            self.telling.fault(&format!("… and {rest}"));
        }
    }
}

impl Visitor for Dumper<'_, '_> {
    fn lease4(&mut self, lease: &Lease4<'_>) -> Result<Flow> {
        if self.request.filter.is_some_and(|filter| !filter.accepts4(lease)) {
            return Ok(Flow::Continue);
        }
        let written = match (self.request.anonymiser, &mut self.waiting) {
            (None, _) => self.writer.lease4(lease),
            (Some(anonymiser), None) => anonymiser.lease4(lease, |lease| self.writer.lease4(lease)),
            (Some(anonymiser), Some(waiting)) => {
                anonymiser.lease4(lease, |replaced| waiting.add4(replaced, lease.address.into()));
                return Ok(Flow::Continue);
            }
        };
        self.note(written, &lease.address)
    }

    fn lease6(&mut self, lease: &Lease6<'_>) -> Result<Flow> {
        if self.request.filter.is_some_and(|filter| !filter.accepts6(lease)) {
            return Ok(Flow::Continue);
        }
        let written = match (self.request.anonymiser, &mut self.waiting) {
            (None, _) => self.writer.lease6(lease),
            (Some(anonymiser), None) => anonymiser.lease6(lease, |lease| self.writer.lease6(lease)),
            (Some(anonymiser), Some(waiting)) => {
                anonymiser.lease6(lease, |replaced| waiting.add6(replaced, lease.address.into()));
                return Ok(Flow::Continue);
            }
        };
        self.note(written, &lease.address)
    }

    fn bad_row(&mut self, place: &dyn fmt::Display, fault: &Fault) -> Result<()> {
        if self.request.strict {
            return Err(Error::new(place.to_string(), fault).hint("--strict stops here"));
        }
        self.counts.malformed += 1;
        if self.counts.malformed <= NAMED {
            let mut line = String::new();
            let _ = write!(line, "{place}: {fault}");
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
