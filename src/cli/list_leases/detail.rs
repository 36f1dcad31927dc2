//! One address: what is known of it, and whose it was.

use std::fmt;
use std::io::Write;

use super::{Job, write_failed};
use crate::cli::telling::Telling;
use crate::error::Result;
use crate::exit::Exit;
use crate::lease::filter::Filter;
use crate::lease::{AnyLease, Fault, Lease4, Lease6, OwnedLease, Standing};
use crate::output::list::{Column, ListStyle, Mark, Row, list_writer, write_lease, write_place};
use crate::source::{Flow, Location, Order, Visitor};

/// Tells all that is known of the address that the job's filter asks for.
pub(super) fn run(job: &Job<'_>, out: &mut dyn Write, telling: &mut Telling<'_>) -> Result<Exit> {
    let mut seen = Seen::default();
    for place in &job.places {
        let mut source = job.open(place, telling)?;
        let filter = job.filter.with_network(job.lore.network(place.family));
        source.narrow(&filter);
        let mut found = Finder { filter: &filter, telling, leases: Vec::new(), is_history: false, malformed: 0 };
        source.visit(Order::Address, &mut found)?;
        let leases = std::mem::take(&mut found.leases);
        seen.malformed += found.malformed;
        let origin = source.origin();
        let told = origin.version.as_ref().map_or(String::new(), |version| format!(" (version {version})"));
        for (lease, standing) in &leases {
            let row = Row { lease: lease.lease(), standing: *standing, mark: Mark::None };
            write_lease(&job.style, &job.lore, &row, &format!("{}{told}", origin.location), out)
                .map_err(|cause| write_failed(&cause))?;
        }
        seen.leases += leases.len();
        if matches!(place.location, Location::Memfile(_)) && origin.backend == "memfile" {
            let mut past = Finder { filter: &filter, telling, leases: Vec::new(), is_history: true, malformed: 0 };
            source.visit_history(&mut past)?;
            seen.history.append(&mut past.leases);
        }
    }
    if let Some(address) = job.filter.address.filter(|_| seen.leases == 0) {
        write_place(&job.lore, address, out).map_err(|cause| write_failed(&cause))?;
    }
    write_history(job, &seen.history, out)?;
    Ok(if seen.malformed > 0 {
        Exit::Unknown
    } else if seen.leases == 0 && job.args.how.fail_if_empty() {
        Exit::No
    } else {
        Exit::Done
    })
}

/// What was found.
#[derive(Default)]
struct Seen {
    leases: usize,
    malformed: u64,
    history: Vec<(OwnedLease, Standing)>,
}

/// Writes the rows of the journal below a line of their own.
fn write_history(job: &Job<'_>, history: &[(OwnedLease, Standing)], out: &mut dyn Write) -> Result<()> {
    if history.is_empty() {
        return out.flush().map_err(|cause| write_failed(&cause));
    }
    let columns =
        vec![Column::Started, Column::State, Column::HwAddr, Column::Client, Column::Hostname, Column::Lifetime];
    let style = ListStyle { columns: Some(columns), is_history: true, ..job.style.clone() };
    let write = |out: &mut dyn Write| {
        writeln!(out, "\nwhat the lease file says of it, oldest first:")?;
        let mut writer = list_writer(style, &job.lore, out);
        for (index, (lease, standing)) in history.iter().enumerate() {
            if index == 0 {
                writer.begin(lease.lease().family())?;
            }
            writer.row(&Row { lease: lease.lease(), standing: *standing, mark: Mark::None })?;
        }
        writer.finish()
    };
    write(out).map_err(|cause| write_failed(&cause))
}

/// Keeps the leases that the filter means.
struct Finder<'a, 't> {
    filter: &'a Filter,
    telling: &'a mut Telling<'t>,
    leases: Vec<(OwnedLease, Standing)>,
    is_history: bool,
    malformed: u64,
}

impl Finder<'_, '_> {
    fn lease(&mut self, lease: &AnyLease<'_>) -> Flow {
        let of_history = || super::lister::of_history(lease);
        let standing = if self.is_history { of_history() } else { lease.standing(self.filter.now) };
        if self.filter.accepts_as(lease, standing) {
            self.leases.push((lease.into(), standing));
        }
        Flow::Continue
    }
}

impl Visitor for Finder<'_, '_> {
    fn lease4(&mut self, lease: &Lease4<'_>) -> Result<Flow> {
        Ok(self.lease(&lease.into()))
    }

    fn lease6(&mut self, lease: &Lease6<'_>) -> Result<Flow> {
        Ok(self.lease(&lease.into()))
    }

    /// A bad row may have been about the address; once is enough to hear of it.
    fn bad_row(&mut self, place: &dyn fmt::Display, fault: &Fault) -> Result<()> {
        self.malformed += 1;
        if !self.is_history && self.malformed <= super::lister::NAMED {
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
