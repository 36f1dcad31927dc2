//! One address: what is known of it, and which clients had it.

use std::fmt;
use std::io::{self, Write};

use super::list::LeaseList;
use super::lister::status_in_history;
use super::lister::write_failed;
use super::observer::{BadRows, Observer};
use crate::error::Result;
use crate::lease::filter::Filter;
use crate::lease::{Lease, LeaseStatus, OwnedLease, RowError};
use crate::output::lease::{Column, Row, Style, lease_writer, write_lease, write_place};
use crate::source::{Flow, Location, Order, Visitor};

/// What was found of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AddressFound {
    /// Its leases.
    pub leases: usize,
    /// Rows that are no leases; each may have been about the address.
    pub malformed: u64,
}

impl LeaseList<'_> {
    /// Writes everything known about the address that the filter asks for.
    pub fn write_address(&self, out: &mut dyn Write, observer: &mut dyn Observer) -> Result<AddressFound> {
        let mut found = AddressFound::default();
        let mut history = Vec::new();
        for place in &self.places {
            let mut source = self.open(place, observer)?;
            let filter = self.filter.with_network(self.context.network(place.family));
            source.narrow(&filter);
            let mut present = Finder::new(&filter, false, observer);
            source.visit(Order::Address, &mut present)?;
            let (leases, malformed) = (present.leases, present.bad_rows.count);
            let origin = source.origin();
            let version = origin.version.as_ref().map_or(String::new(), |version| format!(" (version {version})"));
            for (lease, status) in &leases {
                let origin = format!("{}{version}", origin.location);
                write_lease(&self.style, &self.context, &Row::new(&lease.lease(), *status), &origin, out)
                    .map_err(|cause| write_failed(&cause))?;
            }
            found.leases += leases.len();
            found.malformed += malformed;
            if matches!(place.location, Location::Memfile(_)) && origin.backend == "memfile" {
                let mut past = Finder::new(&filter, true, observer);
                source.visit_history(&mut past)?;
                history.append(&mut past.leases);
            }
        }
        if let Some(address) = self.filter.address.filter(|_| found.leases == 0) {
            write_place(&self.context, address, out).map_err(|cause| write_failed(&cause))?;
        }
        self.write_history(&history, out).map_err(|cause| write_failed(&cause))?;
        Ok(found)
    }

    /// Writes the rows of the journal below a line of their own.
    fn write_history(&self, history: &[(OwnedLease, LeaseStatus)], out: &mut dyn Write) -> io::Result<()> {
        let Some((first, _)) = history.first() else { return out.flush() };
        let columns =
            vec![Column::Started, Column::State, Column::HwAddr, Column::Client, Column::Hostname, Column::Lifetime];
        let style = Style { columns: Some(columns), may_drop: true, is_history: true, ..self.style.clone() };
        writeln!(out, "\nwhat the lease file says of it, oldest first:")?;
        let mut writer = lease_writer(style, &self.context, out);
        writer.begin(first.lease().family())?;
        for (lease, status) in history {
            writer.row(&Row::new(&lease.lease(), *status))?;
        }
        writer.finish()
    }
}

/// Keeps the leases that the filter means.
struct Finder<'a> {
    filter: &'a Filter,
    is_history: bool,
    observer: &'a mut dyn Observer,
    leases: Vec<(OwnedLease, LeaseStatus)>,
    bad_rows: BadRows,
}

impl<'a> Finder<'a> {
    fn new(filter: &'a Filter, is_history: bool, observer: &'a mut dyn Observer) -> Self {
        Self { filter, is_history, observer, leases: Vec::new(), bad_rows: BadRows::default() }
    }
}

impl Visitor for Finder<'_> {
    fn lease(&mut self, lease: &Lease<'_>) -> Result<Flow> {
        let status = if self.is_history { status_in_history(lease) } else { lease.status(self.filter.now) };
        if self.filter.accepts_as(lease, status) {
            self.leases.push((lease.into(), status));
        }
        Ok(Flow::Continue)
    }

    /// A bad row may have been about the address; the reading of the history does not report it again.
    fn bad_row(&mut self, place: &dyn fmt::Display, error: &RowError) -> Result<()> {
        if !self.is_history {
            self.bad_rows.add(place, error, self.observer);
        }
        Ok(())
    }

    fn remark(&mut self, text: &str) {
        self.observer.remark(text);
    }
}
