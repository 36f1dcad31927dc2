//! Sources of leases.
//!
//! Every source pushes borrowed rows into a [`Visitor`]: memfile, PostgreSQL and MySQL all reuse one buffer per
//! row, so that memory does not grow with the number of leases.

use std::ffi::OsString;
use std::fmt;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::lease::filter::Filter;
use crate::lease::{Lease, RowError};

mod api;
mod blocks;
pub(crate) mod compressed;
pub mod database;
mod facts;
mod failure;
mod find;
mod host;
mod hosts;
mod kea;
mod locate;
mod location;
pub mod logs;
pub mod memfile;
mod mysql;
mod open;
mod options;
pub mod password;
mod pools;
mod postgres;
mod row;
mod schema;
mod snapshot;
mod sort;
mod sql;
mod vendors;

pub use api::{Api, ServerCounts, SubnetCounts, leases_in};
pub use facts::database_facts;
pub use find::is_lease_file;
pub use host::Host;
pub use hosts::reservations;
pub use kea::{configuration_of, dhcp_servers, network_of, password_in, pool_configuration_of, secret_key};
pub use location::{LeaseLocation, Location};
pub use mysql::Greeting;
pub use options::{SourceKind, SourceOptions};
pub use snapshot::companions_of;
pub use vendors::vendors;

/// Looks a variable of the environment up.
pub type Variables<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

/// Whether a visitor wants more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Continue with the next row.
    Continue,
    /// Enough.
    Stop,
}

/// In which order leases are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The order that is cheapest for the source.
    #[default]
    Stored,
    /// By address, in numeric order.
    Address,
}

/// Receives what a source finds.
pub trait Visitor {
    /// A lease; borrowed for the time of the call.
    fn lease(&mut self, lease: &Lease<'_>) -> Result<Flow>;
    /// A row that is no lease: its place (`file:line`, or table and address) and why. An error ends the visit.
    fn bad_row(&mut self, place: &dyn fmt::Display, error: &RowError) -> Result<()>;
    /// Something about the source that is worth a line on stderr.
    fn remark(&mut self, text: &str);
    /// How many rows are about to come, where that is cheap to know; for progress only.
    fn expect_rows(&mut self, _rows: u64) {}
    /// The source works without handing out rows yet: rows read so far, and how much of everything that is, in
    /// percent; for progress only.
    fn preparing(&mut self, _rows: u64, _percent: u64) {}
}

/// How a visit went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Visited {
    /// Rows read, of whatever kind.
    pub seen: u64,
    /// Of those, rows that are no leases; each was reported to [`Visitor::bad_row`].
    pub malformed: u64,
}

/// What a source is, without secrets: for messages and manifests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// `memfile`, `mysql`, `postgresql` or `api`.
    #[serde(rename = "type")]
    pub backend: &'static str,
    /// The lease file, the database and its server (`database "kea" at db.example:5432`), or where the server was
    /// asked.
    pub location: String,
    /// The version of the schema (`14.0`) or of the lease file's header (`2.1`), once known.
    pub version: Option<String>,
}

/// A place with the leases of one family.
pub trait LeaseSource {
    /// Hands every lease to `visitor`, until it has enough.
    fn visit(&mut self, order: Order, visitor: &mut dyn Visitor) -> Result<Visited>;
    /// From now on, leases that do not match the filter may be skipped; a source that cannot skip them cheaply may still
    /// return them.
    fn narrow(&mut self, _filter: &Filter) {}
    /// From now on, leases that were released and whose lifetime is 0 are leases too (Kea 3.0 on): a running server
    /// remembers them for their clients, and drops them when it reads its lease file.
    fn keep_released(&mut self) {}
    /// From now on, leases may be without what only describes them: host name, DNS flags and user context, and a DHCPv4 client
    /// identifier where the hardware address is known.
    fn omit_details(&mut self) {}
    /// Returns every row of a lease file's journal, oldest first, including rows that later rows have replaced, and rows
    /// of lifetime 0 that remove a lease.
    fn visit_history(&mut self, _visitor: &mut dyn Visitor) -> Result<Visited> {
        let cause = "only a lease file has a history; a database or server has only the current state";
        Err(Error::new(self.origin().location, cause))
    }
    /// What this source is; complete after the visit.
    fn origin(&self) -> Origin;
}
