//! One dump: from a source through a writer, with every error on the way reported and counted.

use std::fmt::Display;
use std::io::{self, Write};
use std::net::IpAddr;

use super::observer::{BadRows, Observer};
use crate::anonymize::Anonymizer;
use crate::error::{Error, Result};
use crate::lease::filter::Filter;
use crate::lease::sort::{SortBuffer, SortKey};
use crate::lease::{Family, Lease, LeaseStatus, RowError};
use crate::output::lease::{LeaseWriter, ListContext, Row, Style, Written, lease_writer};
use crate::source::{Flow, LeaseSource, Order, Visitor};

/// What a dump came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct DumpCounts {
    /// Rows read from the source.
    pub(super) read: u64,
    /// Leases written.
    pub(super) rows: u64,
    /// Rows that are no leases, or leases the format cannot hold; each was reported.
    pub(super) malformed: u64,
    /// Leases of lifetime 0, which a lease file cannot hold.
    pub(super) released_left_out: u64,
}

/// What is asked of a dump.
pub(super) struct DumpRequest<'a> {
    pub(super) family: Family,
    pub(super) style: Style,
    /// The leases meant, unless all are.
    pub(super) filter: Option<&'a Filter>,
    pub(super) order: Order,
    /// Whether a bad row is an error.
    pub(super) is_strict: bool,
    pub(super) anonymizer: Option<&'a Anonymizer>,
}

/// Writes every lease of `source` to `out`, which is named `shown` in errors.
pub(super) fn dump(
    source: &mut dyn LeaseSource,
    request: &DumpRequest<'_>,
    out: &mut dyn Write,
    shown: &str,
    observer: &mut dyn Observer,
) -> Result<DumpCounts> {
    observer.begin_rows(true);
    let context = ListContext::default();
    let is_reordered = request.anonymizer.is_some_and(Anonymizer::replaces_addresses);
    let mut dumper = Dumper {
        writer: lease_writer(request.style.clone(), &context, out),
        request,
        shown,
        observer,
        counts: DumpCounts::default(),
        bad_rows: BadRows::default(),
        waiting: is_reordered.then(|| SortBuffer::new(SortKey::Address, false, None)),
    };
    let begun = dumper.writer.begin(request.family);
    begun.map_err(|cause| dumper.write_failed(&cause))?;
    let visited = source.visit(request.order, &mut dumper).and_then(|visited| dumper.write_waiting().map(|()| visited));
    dumper.observer.end_rows();
    let visited = visited?;
    let finished = dumper.writer.finish();
    finished.map_err(|cause| dumper.write_failed(&cause))?;
    dumper.bad_rows.finish(dumper.observer);
    dumper.writer.remarks().iter().for_each(|remark| dumper.observer.line(remark));
    Ok(DumpCounts { read: visited.seen, malformed: dumper.bad_rows.count, ..dumper.counts })
}

struct Dumper<'a> {
    writer: Box<dyn LeaseWriter + 'a>,
    request: &'a DumpRequest<'a>,
    shown: &'a str,
    observer: &'a mut dyn Observer,
    counts: DumpCounts,
    bad_rows: BadRows,
    /// Leases with replaced addresses, in whose order they are written: the order they come in would reveal the
    /// addresses. Each has the address it had, for messages.
    waiting: Option<SortBuffer<IpAddr>>,
}

impl Dumper<'_> {
    fn write_failed(&self, cause: &io::Error) -> Error {
        Error::io(format!("write {}", self.shown), cause)
    }

    /// Counts what became of the lease that had this address.
    fn note(&mut self, written: io::Result<Written>, address: IpAddr) -> Result<Flow> {
        match written.map_err(|cause| self.write_failed(&cause))? {
            Written::Row => self.counts.rows += 1,
            Written::LeftOut => self.counts.released_left_out += 1,
            Written::Refused(error) => {
                let table = self.request.family.table();
                self.bad_row(&format_args!("{table} {address}"), &error)?;
            }
        }
        self.observer.row();
        Ok(Flow::Continue)
    }

    fn write_waiting(&mut self) -> Result<()> {
        let Some(waiting) = self.waiting.take() else { return Ok(()) };
        for (lease, address) in waiting.finish() {
            let written = write(self.writer.as_mut(), &lease.lease());
            self.note(written, address)?;
        }
        Ok(())
    }
}

/// What is written is what is stored, whatever the lease is at the moment.
fn write(writer: &mut dyn LeaseWriter, lease: &Lease<'_>) -> io::Result<Written> {
    writer.row(&Row::new(lease, LeaseStatus::Active))
}

impl Visitor for Dumper<'_> {
    fn lease(&mut self, lease: &Lease<'_>) -> Result<Flow> {
        if self.request.filter.is_some_and(|filter| !filter.accepts(lease)) {
            return Ok(Flow::Continue);
        }
        let writer = self.writer.as_mut();
        let written = match (self.request.anonymizer, &mut self.waiting) {
            (None, _) => write(writer, lease),
            (Some(anonymizer), None) => anonymizer.lease(lease, |replaced| write(writer, replaced)),
            (Some(anonymizer), Some(waiting)) => {
                anonymizer.lease(lease, |replaced| waiting.add(replaced, lease.address()));
                return Ok(Flow::Continue);
            }
        };
        self.note(written, lease.address())
    }

    fn bad_row(&mut self, place: &dyn Display, error: &RowError) -> Result<()> {
        if self.request.is_strict {
            return Err(Error::new(place.to_string(), error).hint("--strict stops here"));
        }
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
