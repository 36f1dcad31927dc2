//! Leases as lists: for people at a terminal, for spreadsheets, for other programs' files.
//!
//! A list is of one family or of both, one after the other. Everything streams; a table looks at its first rows to
//! find the widths of its columns.

use std::io::{self, Write};

use super::Written;
use super::json::Json;
use crate::lease::network::Network;
use crate::lease::vendor::Vendors;
use crate::lease::{AnyLease, Family, Standing};
use crate::time::{TimeStyle, Zone};

mod cells;
mod classic;
mod column;
mod csv;
mod detail;
mod fit;
mod inventory;
mod json;
mod metrics;
mod names;
mod table;

pub use column::Column;
pub use detail::{write_lease, write_place};

/// The formats of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ListFormat {
    /// columns for people
    #[default]
    Table,
    /// RFC 4180, safe for spreadsheets
    Csv,
    /// one document: an array of objects with the field names of Kea's API, and more
    Json,
    /// one such object a line
    Ndjson,
    /// the columns of older scripts, between bars
    Classic,
    /// lines for /etc/hosts
    Hosts,
    /// lines for /etc/ethers
    Ethers,
    /// an inventory for Ansible
    Ansible,
    /// how many leases of each subnet are what, for the textfile collector
    Prometheus,
}

impl ListFormat {
    /// The name typed for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Classic => "classic",
            Self::Hosts => "hosts",
            Self::Ethers => "ethers",
            Self::Ansible => "ansible",
            Self::Prometheus => "prometheus",
        }
    }
}

/// What is known beyond the leases.
#[derive(Debug, Default)]
pub struct Lore {
    /// Makers of devices.
    pub vendors: Vendors,
    /// What the servers are to give, DHCPv4 and DHCPv6.
    pub networks: [Option<Network>; 2],
}

impl Lore {
    /// What the server of this family is to give, as far as that is known.
    #[must_use]
    pub fn network(&self, family: Family) -> Option<&Network> {
        self.networks[usize::from(family == Family::V6)].as_ref()
    }
}

/// How a list is to look.
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Clone)]
pub struct ListStyle {
    /// The format.
    pub format: ListFormat,
    /// The columns of a table or CSV; `None` is those usual for the format.
    pub columns: Option<Vec<Column>>,
    /// Whether columns get headings.
    pub header: bool,
    /// Whether leases of any standing may come, so that a table must tell it.
    pub shows_state: bool,
    /// Whether rows tell what they said when they were written, not what is true now.
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

/// A lease in a list.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The lease.
    pub lease: AnyLease<'a>,
    /// What it is at the moment of the list.
    pub standing: Standing,
    /// How it differs from the list before, if there was one.
    pub mark: Mark,
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

/// Writes a list.
pub trait ListWriter {
    /// From here on come leases of this family.
    fn begin(&mut self, family: Family) -> io::Result<()>;
    /// A lease.
    fn row(&mut self, row: &Row<'_>) -> io::Result<Written>;
    /// The leases of the family that began last were not read to their end.
    fn break_off(&mut self) {}
    /// Writes what belongs at the end and flushes.
    fn finish(&mut self) -> io::Result<()>;
    /// What a user should know of the leases that were written or left out, a line each.
    fn remarks(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A writer to `out`.
#[must_use]
pub fn list_writer<'a>(style: ListStyle, lore: &'a Lore, out: &'a mut dyn Write) -> Box<dyn ListWriter + 'a> {
    match style.format {
        ListFormat::Table => Box::new(table::Table::new(style, lore, out)),
        ListFormat::Csv => Box::new(csv::Csv::new(style, lore, out)),
        ListFormat::Json => Box::new(json::ListJson::new(&style, lore, Json::document(out))),
        ListFormat::Ndjson => Box::new(json::ListJson::new(&style, lore, Json::lines(out))),
        ListFormat::Classic => Box::new(classic::Classic::new(&style, lore, out)),
        ListFormat::Hosts => Box::new(names::Hosts::new(out)),
        ListFormat::Ethers => Box::new(names::Ethers::new(out)),
        ListFormat::Ansible => Box::new(inventory::Inventory::new(out)),
        ListFormat::Prometheus => Box::new(metrics::Metrics::new(lore, out)),
    }
}
