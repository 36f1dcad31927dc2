//! Whether a DHCP server has anything to give to a client that asks: pools and reservations.

use std::collections::BTreeMap;

use super::Daemon;
use super::json::Value;
use super::network::{get, list, text};

/// What a server has to give, by its configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Supply {
    /// How many subnets there are; those of a shared network stand in for each other and count once.
    pub subnets: usize,
    /// Subnets, or shared networks, without a pool and without a reservation: their prefixes or names.
    pub bare: Vec<String>,
    /// Whether something may come from elsewhere: from a database, another server or by command.
    pub may_be_elsewhere: bool,
    /// Whether clients may ask it for options alone (RFC 8415, stateless DHCPv6).
    pub gives_options: bool,
}

/// Hook libraries that bring subnets, pools or reservations.
const SUPPLIERS: [&str; 4] = ["subnet_cmds", "host_cmds", "radius", "host_cache"];

impl Supply {
    /// Of a server's section; `None` for the other daemons.
    pub(super) fn read(daemon: Daemon, server: &Value) -> Option<Self> {
        let key = match daemon {
            Daemon::Dhcp4 => "subnet4",
            Daemon::Dhcp6 => "subnet6",
            _ => return None,
        };
        let is_v6 = daemon == Daemon::Dhcp6;
        let mut supply = Self { may_be_elsewhere: may_be_elsewhere(server), ..Self::default() };
        let has_options = |map: &Value| list(map, "option-data").next().is_some();
        supply.gives_options = is_v6 && has_options(server);
        let mut groups: BTreeMap<String, bool> = BTreeMap::new();
        let alone = list(server, key).map(|subnet| (text(subnet, "subnet"), subnet));
        let shared = list(server, "shared-networks")
            .flat_map(|network| list(network, key).map(move |subnet| (text(network, "name"), subnet)));
        for (name, subnet) in alone.chain(shared) {
            supply.gives_options |= is_v6 && has_options(subnet);
            *groups.entry(name.unwrap_or_default()).or_default() |= gives(subnet);
        }
        supply.subnets = groups.len();
        if !has_items(server, "reservations") {
            supply.bare = groups.into_iter().filter(|(_, gives)| !gives).map(|(name, _)| name).collect();
        }
        Some(supply)
    }

    /// Whether no client can get a lease.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.subnets == self.bare.len()
    }
}

fn gives(subnet: &Value) -> bool {
    ["pools", "pd-pools", "reservations"].iter().any(|key| has_items(subnet, key))
}

fn has_items(map: &Value, key: &str) -> bool {
    list(map, key).next().is_some()
}

fn may_be_elsewhere(server: &Value) -> bool {
    let control = get(server, "config-control").is_some_and(|map| has_items(map, "config-databases"));
    let hosts = has_items(server, "hosts-databases") || get(server, "hosts-database").is_some();
    let is_supplier = |library: String| SUPPLIERS.iter().any(|name| library.contains(&format!("libdhcp_{name}")));
    control || hosts || list(server, "hooks-libraries").filter_map(|hook| text(hook, "library")).any(is_supplier)
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use super::*;
    use crate::config::json;

    fn of(daemon: Daemon, members: &str) -> Supply {
        let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
        let server = json::parse(Path::new("/c"), format!("{{{members}}}").into(), &mut reader).unwrap();
        Supply::read(daemon, &server).unwrap()
    }

    #[test]
    fn subnets_without_pools_and_reservations_are_bare() {
        let found = of(
            Daemon::Dhcp4,
            r#""subnet4": [{"subnet": "192.0.2.0/24"}, {"subnet": "198.51.100.0/24", "reservations": [{}]}],
               "shared-networks": [{"name": "a", "subnet4": [{"subnet": "10.0.0.0/8"}, {"pools": [{}]}]},
                                   {"name": "b", "subnet4": [{"subnet": "10.1.0.0/16", "pools": []}]}]"#,
        );
        assert_eq!((found.subnets, found.bare), (4, vec!["192.0.2.0/24".to_owned(), "b".to_owned()]));
        assert!(of(Daemon::Dhcp4, r#""subnet4": [{"subnet": "x"}], "reservations": [{}]"#).bare.is_empty());
    }

    #[test]
    fn what_comes_from_elsewhere_is_not_known() {
        assert!(of(Daemon::Dhcp4, r#""hosts-database": {"type": "mysql"}"#).may_be_elsewhere);
        assert!(of(Daemon::Dhcp4, r#""hooks-libraries": [{"library": "/x/libdhcp_radius.so"}]"#).may_be_elsewhere);
        assert!(!of(Daemon::Dhcp4, r#""hooks-libraries": [{"library": "libdhcp_ha.so"}]"#).may_be_elsewhere);
        assert!(of(Daemon::Dhcp6, r#""subnet6": [{"option-data": [{}]}]"#).gives_options);
    }
}
