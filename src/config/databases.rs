//! Which databases a DHCP server works with, and what it does without them.

use super::model::{Backend, DatabaseAccess, Server};

/// The databases of a DHCP server.
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Databases {
    /// Whether leases are in a database server.
    pub holds_leases: bool,
    /// Whether reservations are.
    pub holds_hosts: bool,
    /// Whether a part of the configuration is.
    pub holds_configuration: bool,
    /// Whether it stops serving when it has lost its reservations (`on-fail`).
    pub stops_without_hosts: bool,
}

impl Databases {
    /// Those of a server.
    #[must_use]
    pub fn new(server: &Server) -> Self {
        let stops = |database: &DatabaseAccess| !database.on_fail.as_ref().is_some_and(|it| it.starts_with("serve"));
        Self {
            holds_leases: server.lease_database.backend != Backend::Memfile,
            holds_hosts: server.hosts_databases().next().is_some(),
            holds_configuration: !server.config_control.config_databases.is_empty(),
            stops_without_hosts: server.hosts_databases().any(stops),
        }
    }
}
