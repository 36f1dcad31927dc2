//! Which databases a DHCP server works with, and what it does without them.

use super::section::Section;
use crate::error::Result;

/// The databases of a DHCP server.
#[allow(clippy::struct_excessive_bools, reason = "they are independent of each other")]
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
    /// Those of a server's section.
    pub(super) fn read(section: &Section<'_>) -> Result<Self> {
        let one = |key: &str| section.get(key).map(|value| Section::new(&format!("\"{key}\""), value)).transpose();
        let mut hosts = section.maps("hosts-databases")?;
        hosts.extend(one("hosts-database")?);
        let stops = |database: &Section<'_>| -> Result<bool> {
            Ok(database.text("on-fail")?.is_none_or(|what| !what.starts_with("serve")))
        };
        let control = one("config-control")?;
        Ok(Self {
            holds_leases: one("lease-database")?
                .map(|map| map.text("type"))
                .transpose()?
                .flatten()
                .is_some_and(|kind| kind != "memfile"),
            holds_hosts: !hosts.is_empty(),
            holds_configuration: control
                .map(|map| map.maps("config-databases"))
                .transpose()?
                .is_some_and(|it| !it.is_empty()),
            stops_without_hosts: hosts.iter().map(stops).collect::<Result<Vec<_>>>()?.contains(&true),
        })
    }
}
