//! What a server is to give, as a list of leases needs it: subnets, pools, reservations.

use super::Config;
use super::model::{AddressPool, HostReservation, Prefix, PrefixPool, ServedSubnet};
use crate::lease::subnets::{Network, Pool, Reservation, Subnet};

/// The networks of a DHCP server.
#[must_use]
pub fn network(config: &Config) -> Network {
    let server = &config.server;
    Network::new(server.subnets().map(subnet).collect(), reservations(&server.reservations))
}

fn subnet(served: ServedSubnet<'_>) -> Subnet {
    let (subnet, network) = (served.subnet, served.network);
    Subnet {
        // Newer servers do not choose numbers, so what they chose may be something else.
        id: subnet.written_id,
        range: subnet.prefix.range(),
        prefix: subnet.prefix.to_string(),
        shared_network: network.and_then(|network| network.name.clone().or_else(|| network.settings.context_name())),
        name: subnet.settings.context_name(),
        pools: subnet.pools.iter().map(pool).collect(),
        prefix_pools: subnet.pd_pools.iter().filter_map(prefix_pool).collect(),
        reservations: reservations(&subnet.reservations),
    }
}

fn pool(pool: &AddressPool) -> Pool {
    Pool { range: pool.pool.range, text: pool.pool.text.to_string() }
}

fn prefix_pool(pool: &PrefixPool) -> Option<Pool> {
    let (whole, range) = (pool.whole()?, pool.range()?);
    let delegated = pool.delegated_len.map_or_else(String::new, |length| format!(" in /{length}"));
    Some(Pool { text: format!("{whole}{delegated}"), range })
}

fn reservations(all: &[HostReservation]) -> Vec<Reservation> {
    all.iter().filter_map(reservation).collect()
}

/// A reservation as a list of leases needs it; `None` if its client is not named.
#[must_use]
pub fn reservation(host: &HostReservation) -> Option<Reservation> {
    let (kind, identifier) = host.identifier()?;
    Some(Reservation {
        identifier_type: kind.name().to_owned(),
        identifier,
        addresses: host.addresses().filter(|address| !address.is_unspecified()).collect(),
        prefixes: host.prefixes.iter().map(Prefix::range).collect(),
        hostname: host.hostname.clone().unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use super::*;
    use crate::config::Document;

    fn read(text: &str) -> Network {
        let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
        let document = Document::parse(Path::new("/c"), text.into(), &mut reader);
        let mut configs = document.configs();
        network(&configs.next().unwrap().unwrap())
    }

    #[test]
    fn subnets_stand_alone_or_in_shared_networks() {
        let network = read(
            r#"{"Dhcp4": {
                "subnet4": [{"id": 7, "subnet": "192.0.2.0/24", "user-context": {"subnet-name": "office"},
                    "pools": [{"pool": "192.0.2.10 - 192.0.2.99"}, {"pool": "192.0.2.128/26"}],
                    "reservations": [{"hw-address": "08:00:2b:01:02:03", "ip-address": "192.0.2.7", "hostname": "h"}]}],
                "shared-networks": [{"name": "floor", "subnet4": [{"id": 3, "subnet": "198.51.100.0/24"}]}]}}"#,
        );
        let [floor, office] = network.subnets() else { panic!("{network:?}") };
        assert_eq!((floor.id, floor.shared_network.as_deref()), (Some(3), Some("floor")));
        assert_eq!((office.id, office.name.as_deref(), office.pools.len()), (Some(7), Some("office"), 2));
        assert_eq!(office.pools[1].range, "192.0.2.128-192.0.2.191".parse().unwrap());
        let reserved = &office.reservations[0];
        assert_eq!((reserved.identifier.as_slice(), reserved.hostname.as_str()), (&[8, 0, 0x2b, 1, 2, 3][..], "h"));
    }

    #[test]
    fn prefixes_have_pools_and_reservations_of_their_own() {
        let network = read(
            r#"{"Dhcp6": {"subnet6": [{"id": 1, "subnet": "2001:db8:1::/64",
                "pd-pools": [{"prefix": "2001:db8:8000::", "prefix-len": 33, "delegated-len": 56}],
                "reservations": [{"duid": "00:03:00:01", "ip-addresses": ["2001:db8:1::5"], "prefixes": ["2001:db8:9::/48"]},
                                 {"flex-id": "'port-7'"}]}]}}"#,
        );
        let subnet = &network.subnets()[0];
        assert_eq!(subnet.prefix_pools[0].text, "2001:db8:8000::/33 in /56");
        assert_eq!((subnet.reservations[0].addresses.len(), subnet.reservations[0].prefixes.len()), (1, 1));
        assert_eq!(subnet.reservations[1].identifier, b"port-7");
    }

    #[test]
    fn what_is_not_as_expected_is_passed_over() {
        let network = read(
            r#"{"Dhcp4": {"subnet4": [1, {}, {"subnet": "x"}, {"id": -1, "subnet": "192.0.2.0/24", "pools": [{"pool": 1}, {"pool": "x"}],
                "reservations": {}}], "shared-networks": null}}"#,
        );
        let [subnet] = network.subnets() else { panic!("{network:?}") };
        assert_eq!((subnet.id, subnet.pools.len(), subnet.reservations.len()), (None, 0, 0));
    }
}
