//! Whether a DHCP server has anything to give to a client that asks: pools and reservations.

use std::collections::BTreeMap;

use super::Config;
use super::model::{HostReservation, ServedSubnet, Settings};
use crate::family::Family;

/// What a server has to give, by its configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Supply {
    /// How many subnets there are; those of a shared network replace each other and count once.
    pub subnets: usize,
    /// Subnets, or shared networks, without a pool and without a reservation of an address: their prefixes or names.
    pub bare: Vec<String>,
    /// Whether something may come from elsewhere: from a database, another server or by command.
    pub may_be_elsewhere: bool,
    /// Whether clients may ask it for options alone (RFC 8415, stateless DHCPv6).
    pub gives_options: bool,
}

/// Hook libraries that bring subnets, pools or reservations.
const SUPPLIERS: [&str; 4] = ["subnet_cmds", "host_cmds", "radius", "host_cache"];

impl Supply {
    /// Of a server; `None` for the other daemons.
    #[must_use]
    pub fn new(config: &Config) -> Option<Self> {
        let is_v6 = config.family()? == Family::V6;
        let server = &config.server;
        let has_options = |settings: &Settings| is_v6 && !settings.option_data.is_empty();
        let mut supply = Self { may_be_elsewhere: may_be_elsewhere(config), ..Self::default() };
        supply.gives_options = has_options(&server.settings);
        let reserves_globally = reserves(&server.reservations);
        let mut groups: BTreeMap<String, bool> = BTreeMap::new();
        for served in server.subnets() {
            supply.gives_options |= has_options(&served.subnet.settings);
            *groups.entry(group(served)).or_default() |= gives(served, reserves_globally);
        }
        supply.subnets = groups.len();
        supply.bare = groups.into_iter().filter(|(_, gives)| !gives).map(|(name, _)| name).collect();
        Some(supply)
    }

    /// Whether no client can get a lease.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.subnets == self.bare.len()
    }
}

/// The name of what a client gets an address from: a shared network or a subnet.
fn group(served: ServedSubnet<'_>) -> String {
    match served.network {
        Some(network) => network.name.clone().unwrap_or_default(),
        None => served.subnet.prefix.to_string(),
    }
}

/// Whether a client may get something in a subnet: from a pool, or by a reservation that the server looks for there.
fn gives(served: ServedSubnet<'_>, reserves_globally: bool) -> bool {
    let (subnet, modes) = (served.subnet, served.reservation_modes());
    let has_pools = !(subnet.pools.is_empty() && subnet.pd_pools.is_empty());
    has_pools || (modes.in_subnet && reserves(&subnet.reservations)) || (modes.global && reserves_globally)
}

/// Whether one of these reserves an address or a prefix.
fn reserves(reservations: &[HostReservation]) -> bool {
    reservations.iter().any(HostReservation::keeps_something)
}

fn may_be_elsewhere(config: &Config) -> bool {
    let server = &config.server;
    let is_supplier = |library: String| SUPPLIERS.iter().any(|name| library.contains(&format!("libdhcp_{name}")));
    !server.config_control.config_databases.is_empty()
        || server.hosts_databases().next().is_some()
        || server.hooks.iter().any(|hook| is_supplier(hook.file_name()))
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use super::*;
    use crate::config::{Daemon, Document};

    fn of(daemon: Daemon, members: &str) -> Supply {
        let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
        let text = format!("{{\"{}\": {{{members}}}}}", daemon.config_key());
        let config = Document::parse(Path::new("/c"), text.into(), &mut reader).config(daemon).unwrap();
        Supply::new(&config).unwrap()
    }

    #[test]
    fn subnets_without_pools_and_reservations_are_bare() {
        let found = of(
            Daemon::Dhcp4,
            r#""subnet4": [{"subnet": "192.0.2.0/24"}, {"subnet": "198.51.100.0/24",
                            "reservations": [{"hostname": "x"}, {"ip-address": "198.51.100.7"}]}],
               "shared-networks": [{"name": "a", "subnet4": [{"subnet": "10.0.0.0/8"},
                                        {"subnet": "10.2.0.0/16", "pools": [{"pool": "10.2.0.1-10.2.0.9"}]}]},
                                   {"name": "b", "subnet4": [{"subnet": "10.1.0.0/16", "pools": []}]}]"#,
        );
        assert_eq!((found.subnets, found.bare), (4, vec!["192.0.2.0/24".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn only_a_reservation_of_an_address_that_is_looked_for_counts() {
        let alone = |reservation: &str, more: &str| {
            let subnet = format!(r#""subnet4": [{{"subnet": "10.0.0.0/8", "reservations": [{reservation}]}}]{more}"#);
            of(Daemon::Dhcp4, &subnet).is_empty()
        };
        let (address, name) = (r#"{"ip-address": "10.0.0.7"}"#, r#"{"hostname": "x"}"#);
        assert!(!alone(address, "") && alone(name, "") && alone(r#"{"ip-address": "0.0.0.0"}"#, ""));
        assert!(alone(address, r#", "reservations-in-subnet": false"#));
        let global = |reservation: &str, mode: &str| {
            alone(name, &format!(r#", "reservations": [{reservation}], "reservations-global": {mode}"#))
        };
        assert!(!global(address, "true") && global(address, "false") && global(name, "true"));
        for (reservation, is_empty) in [
            (r#""hostname": "x""#, true),
            (r#""ip-addresses": ["2001:db8::7"]"#, false),
            (r#""prefixes": ["2001:db8:1::/48"]"#, false),
        ] {
            let subnet = format!(r#""subnet6": [{{"subnet": "2001:db8::/32", "reservations": [{{{reservation}}}]}}]"#);
            assert_eq!(of(Daemon::Dhcp6, &subnet).is_empty(), is_empty, "{reservation}");
        }
    }

    #[test]
    fn what_comes_from_elsewhere_is_not_known() {
        assert!(of(Daemon::Dhcp4, r#""hosts-database": {"type": "mysql"}"#).may_be_elsewhere);
        assert!(of(Daemon::Dhcp4, r#""hooks-libraries": [{"library": "/x/libdhcp_radius.so"}]"#).may_be_elsewhere);
        assert!(!of(Daemon::Dhcp4, r#""hooks-libraries": [{"library": "libdhcp_ha.so"}]"#).may_be_elsewhere);
        assert!(of(Daemon::Dhcp6, r#""subnet6": [{"subnet": "2001:db8::/32", "option-data": [{}]}]"#).gives_options);
    }
}
