//! Leases as lists: for people at a terminal, for spreadsheets, for other programs' files.
//!
//! A list is of one family or of both, one after the other. Everything streams; a table looks at its first rows to
//! find the widths of its columns.

use std::io::{self, Write};

use crate::lease::network::Network;
use crate::lease::vendor::Vendors;
use crate::lease::{AnyLease, Family, Standing};
use crate::time::{TimeStyle, Zone};

mod cells;
mod column;
mod fit;
mod table;

pub use column::Column;

/// The formats of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ListFormat {
    /// Columns for people
    #[default]
    Table,
}

impl ListFormat {
    /// The name typed for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
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
}

/// Writes a list.
pub trait ListWriter {
    /// From here on come leases of this family.
    fn begin(&mut self, family: Family) -> io::Result<()>;
    /// A lease.
    fn row(&mut self, row: &Row<'_>) -> io::Result<()>;
    /// Writes what belongs at the end and flushes.
    fn finish(&mut self) -> io::Result<()>;
}

/// A writer to `out`.
#[must_use]
pub fn list_writer<'a>(style: ListStyle, lore: &'a Lore, out: &'a mut dyn Write) -> Box<dyn ListWriter + 'a> {
    match style.format {
        ListFormat::Table => Box::new(table::Table::new(style, lore, out)),
    }
}
