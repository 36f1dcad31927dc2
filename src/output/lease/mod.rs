//! Leases as text: one writer for each format, for dumps and for lists.
//!
//! A list is of one family or of both, one after the other. Everything streams; a table looks at its first rows to
//! find the widths of its columns.

use std::io::{self, Write};

use crate::lease::subnets::Network;
use crate::lease::vendor::Vendors;
use crate::lease::{Family, Lease, LeaseStatus, RowError};
use crate::memfile::version::Target;
use crate::time::{TimeStyle, Zone};

mod buffer;
mod cells;
mod classic;
mod column;
mod csv;
mod detail;
mod fit;
mod format;
mod inventory;
mod json;
mod memfile;
mod metrics;
mod names;
mod reserved;
mod table;

use self::buffer::Buffer;
pub use column::Column;
pub use detail::{write_lease, write_place};
pub use format::LeaseFormat;
pub use reserved::{Holder, Reserved, summary, write_reserved};

/// What is known beyond the leases.
#[derive(Debug, Default)]
pub struct ListContext {
    /// Makers of devices.
    pub vendors: Vendors,
    /// What the servers are to give, DHCPv4 and DHCPv6.
    pub networks: [Option<Network>; 2],
}

impl ListContext {
    /// What the server of this family is to give, as far as that is known.
    #[must_use]
    pub fn network(&self, family: Family) -> Option<&Network> {
        self.networks[usize::from(family == Family::V6)].as_ref()
    }
}

/// Which facts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// What the source stores, all of it and nothing else.
    Stored,
    /// What is true at a moment, together with what is known beyond the leases.
    Present,
}

/// How leases are to be written.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Clone)]
pub struct Style {
    /// The format.
    pub format: LeaseFormat,
    /// Which facts.
    pub view: View,
    /// The Kea that a [`LeaseFormat::Memfile`] is made for.
    pub target: Target,
    /// The columns of a table or CSV; `None` is those usual for the format.
    pub columns: Option<Vec<Column>>,
    /// Whether a table may do without some of them where they do not fit.
    pub may_drop: bool,
    /// Whether columns get headings.
    pub header: bool,
    /// Whether leases of any status may come, so that a table must show it.
    pub shows_state: bool,
    /// Whether rows show what they said when they were written, not what is true now.
    pub is_history: bool,
    /// Whether a table has marks before its rows.
    pub has_marks: bool,
    /// How wide a line may be; `None` is any width.
    pub width: Option<usize>,
    /// Whether colours and bold letters are wanted.
    pub color: bool,
    /// How moments are shown.
    pub time: TimeStyle,
    /// What local time is.
    pub zone: Zone,
    /// The moment at which leases are judged.
    pub now: i64,
}

impl Style {
    /// Everything that is stored, for a file.
    #[must_use]
    pub fn stored(format: LeaseFormat, target: Target, time: TimeStyle, zone: Zone) -> Self {
        Self {
            format,
            view: View::Stored,
            target,
            columns: None,
            may_drop: false,
            header: true,
            shows_state: true,
            is_history: false,
            has_marks: false,
            width: None,
            color: false,
            time,
            zone,
            now: 0,
        }
    }
}

/// A lease to write.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The lease.
    pub lease: &'a Lease<'a>,
    /// What it is at the moment of the list.
    pub status: LeaseStatus,
    /// How it differs from the list before, if there was one.
    pub mark: Mark,
}

impl<'a> Row<'a> {
    /// A lease without a mark.
    #[must_use]
    pub fn new(lease: &'a Lease<'a>, status: LeaseStatus) -> Self {
        Self { lease, status, mark: Mark::None }
    }
}

/// How a lease differs from the list before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mark {
    /// Not at all.
    #[default]
    None,
    /// It was not there.
    New,
    /// It was renewed, or is another client's.
    Changed,
    /// It is not there any more.
    Gone,
}

/// What became of a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It was written.
    Row,
    /// The format has no place for such a lease, and nothing is wrong.
    LeftOut,
    /// The format cannot hold it, for this reason.
    Refused(RowError),
}

/// Writes leases, one by one.
pub trait LeaseWriter {
    /// From here on come leases of this family.
    fn begin(&mut self, family: Family) -> io::Result<()>;
    /// A lease.
    fn row(&mut self, row: &Row<'_>) -> io::Result<Written>;
    /// The leases of the family that began last were not read to their end.
    fn break_off(&mut self) {}
    /// Writes what belongs at the end and flushes, so that a full disk is noticed.
    fn finish(&mut self) -> io::Result<()>;
    /// What a user should know of the leases that were written or left out, a line each.
    fn remarks(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A writer to `out`.
#[must_use]
pub fn lease_writer<'a>(style: Style, context: &'a ListContext, out: &'a mut dyn Write) -> Box<dyn LeaseWriter + 'a> {
    match style.format {
        LeaseFormat::Memfile => Box::new(memfile::Memfile::new(style.target, out)),
        LeaseFormat::Table => Box::new(table::Table::new(style, context, out)),
        LeaseFormat::Csv => Box::new(csv::Csv::new(style, context, out)),
        LeaseFormat::Json | LeaseFormat::Ndjson => Box::new(json::Json::new(&style, context, out)),
        LeaseFormat::Classic => Box::new(classic::Classic::new(&style, context, out)),
        LeaseFormat::Hosts => Box::new(names::Hosts::new(out)),
        LeaseFormat::Ethers => Box::new(names::Ethers::new(out)),
        LeaseFormat::Ansible => Box::new(inventory::Inventory::new(out)),
        LeaseFormat::Prometheus => Box::new(metrics::Metrics::new(context, out)),
    }
}
