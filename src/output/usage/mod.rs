//! How full pools are: a table, and every format for programs.

use std::io::{self, Write};

use clap::ValueEnum;

use crate::family::Family;
use crate::health::pools::{Limits, Row};
use crate::health::{State, pools};
use crate::time::Zone;
use crate::usage::{Basis, Layout, LayoutPlace, Level, PoolKind, ResourceKind, Subnet, Usage};

mod csv;
mod dhcpd_pools;
mod html;
pub(super) mod json;
mod nagios;
pub(super) mod number;
pub(super) mod table;

/// How pools are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UsageFormat {
    /// For people.
    Table,
    /// A line for each row of the table.
    Csv,
    /// One document.
    Json,
    /// An object for each row of the table.
    Ndjson,
    /// For a monitor.
    Nagios,
    /// A page with bars and maps.
    Html,
    /// As dhcpd-pools does: JSON; with thresholds its alarms.
    DhcpdPools,
}

/// A family's pools.
#[derive(Debug)]
pub struct Pools<'a> {
    /// The family.
    pub family: Family,
    /// What there is to give.
    pub layout: &'a Layout,
    /// How much of it is used.
    pub usage: &'a Usage,
    /// What is judged and shown.
    pub rows: Vec<Row>,
    /// What was chosen; everything if nothing was.
    pub chosen: Option<Vec<LayoutPlace>>,
    /// Where the leases are from.
    pub origin: String,
}

/// Everything to write.
#[derive(Debug)]
pub struct All<'a> {
    /// The moment that everything is judged at, in epoch seconds.
    pub at: i64,
    /// Each family.
    pub families: Vec<Pools<'a>>,
    /// What a user should know, one sentence each.
    pub notes: &'a [String],
    /// Why something could not be found out.
    pub failures: Vec<String>,
    /// What it is judged by.
    pub limits: Limits,
    /// Whether thresholds were given, and dhcpd-pools would write its alarms.
    pub is_alarm: bool,
}

impl Pools<'_> {
    /// What the counts are of.
    fn basis(&self) -> Basis {
        self.usage.total.addresses.basis.max(self.usage.total.prefixes.basis)
    }
}

impl All<'_> {
    /// The worst state; unknown if nothing is judged.
    #[must_use]
    pub fn state(&self) -> State {
        let unknown = (!self.failures.is_empty()).then_some(State::Unknown);
        let judged = self.families.iter().filter_map(|pools| pools::state(&pools.rows));
        judged.chain(unknown).max().unwrap_or(State::Unknown)
    }

    /// What the alarms of dhcpd-pools say.
    #[must_use]
    pub fn alarm_state(&self) -> State {
        dhcpd_pools::state(self)
    }

    /// Whether some places were named.
    fn is_chosen(&self) -> bool {
        self.families.iter().any(|pools| pools.chosen.is_some())
    }
}

/// How a table looks.
#[derive(Debug, Clone, Copy)]
pub struct UsageTableOptions {
    /// How many columns the terminal has.
    pub width: usize,
    /// Whether colours are used.
    pub color: bool,
    /// Whether only ASCII is used.
    pub ascii: bool,
    /// Whether reasons and remedies are shown.
    pub why: bool,
    /// The zone of times.
    pub zone: Zone,
}

/// Writes everything in a format.
pub fn write(format: UsageFormat, all: &All<'_>, look: UsageTableOptions, out: &mut dyn Write) -> io::Result<()> {
    match format {
        UsageFormat::Table => table::write(all, look, out),
        UsageFormat::Csv => csv::write(all, out),
        UsageFormat::Json => json::write(all, out),
        UsageFormat::Ndjson => json::write_rows(all, out),
        UsageFormat::Nagios => nagios::write(all, out),
        UsageFormat::Html => html::write(all, look, out),
        UsageFormat::DhcpdPools if all.is_alarm => dhcpd_pools::write_alarm(all, out),
        UsageFormat::DhcpdPools => dhcpd_pools::write(all, out),
    }
}

/// `campus`, `10.59.0.0/24`, `10.59.0.10 - 10.59.0.13`.
fn name(layout: &Layout, row: &Row) -> String {
    layout.name(row.place).to_owned()
}

/// The length of the prefixes that a row counts; `None` if they have several, or of addresses.
fn delegated(layout: &Layout, row: &Row) -> Option<u8> {
    let mut lengths = layout.pools_of(row.place, row.kind).filter_map(|pool| match layout.pools[pool].kind {
        PoolKind::Prefixes(length) if row.kind == ResourceKind::Prefixes => Some(length),
        _ => None,
    });
    let first = lengths.next()?;
    lengths.all(|length| length == first).then_some(first)
}

/// The subnet that a row is, or is in.
fn subnet_of<'a>(layout: &'a Layout, row: &Row) -> Option<&'a Subnet> {
    match row.place.level {
        Level::Network => None,
        Level::Subnet => Some(&layout.subnets[row.place.index]),
        Level::Pool => Some(&layout.subnets[layout.pools[row.place.index].subnet]),
    }
}

/// The name of a level.
fn level(level: Level) -> &'static str {
    match level {
        Level::Network => "shared-network",
        Level::Subnet => "subnet",
        Level::Pool => "pool",
    }
}
