//! How clients of a subnet reach the server, as its configuration says: over an interface or through relays.

use std::net::IpAddr;
use std::path::Path;

use super::Reader;
use super::json::{self, Value};
use super::network::{as_text, get, list, number, text};
use crate::error::{Error, Result};
use crate::lease::Family;
use crate::lease::filter::Range;

/// A subnet, and the way its clients come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The number it is known by; `None` where Kea makes one up.
    pub id: Option<u32>,
    /// Its first address and the length of its prefix.
    pub prefix: (IpAddr, u8),
    /// The shared network it is in: a client may get an address of any subnet there.
    pub shared_network: Option<String>,
    /// The interface of the server's host that it is on.
    pub interface: Option<String>,
    /// The relays its clients come through.
    pub relays: Vec<IpAddr>,
}

/// What a server serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// DHCPv4 or DHCPv6.
    pub family: Family,
    /// The interfaces it listens on: `eth0`, `eth0/192.0.2.1`, `*`.
    pub interfaces: Vec<String>,
    /// Its subnets, in the order of the configuration; those in shared networks last.
    pub subnets: Vec<Reach>,
}

/// What the servers serve that the text of the configuration file `path` configures.
pub fn reached(path: &Path, content: Vec<u8>, reader: &mut Reader<'_>) -> Result<Vec<Reached>> {
    let top = json::parse(path, content, reader)?;
    let servers = [("Dhcp4", Family::V4), ("Dhcp6", Family::V6)];
    let found = servers.into_iter().filter_map(|(name, family)| Some((family, get(&top, name)?)));
    found.map(|(family, server)| server_reached(path, family, server)).collect()
}

fn server_reached(path: &Path, family: Family, server: &Value) -> Result<Reached> {
    let key = format!("subnet{}", family.digit());
    let shared = list(server, "shared-networks").map(Some);
    let mut subnets = Vec::new();
    for shared in [None].into_iter().chain(shared) {
        for map in list(shared.unwrap_or(server), &key) {
            // One that is left out would look as if it were well.
            subnets.push(subnet(family, map, shared).ok_or_else(|| {
                let prefix = text(map, "subnet").unwrap_or_default();
                Error::new(format!("{}: {key}", path.display()), format!("\"{prefix}\" is no {family} subnet"))
            })?);
        }
    }
    let interfaces = get(server, "interfaces-config").into_iter().flat_map(|config| list(config, "interfaces"));
    Ok(Reached { family, interfaces: interfaces.filter_map(as_text).collect(), subnets })
}

/// What a subnet does not say, its shared network may.
fn subnet(family: Family, map: &Value, shared: Option<&Value>) -> Option<Reach> {
    let prefix = text(map, "subnet")?;
    let (address, length) = prefix.split_once('/')?;
    let prefix = (address.parse().ok()?, length.parse().ok()?);
    Range::of_prefix(prefix.0, prefix.1).filter(|range| range.family() == family)?;
    let relays = |map: &Value| {
        let relay = get(map, "relay");
        let one = relay.and_then(|relay| text(relay, "ip-address"));
        let all = relay.into_iter().flat_map(|relay| list(relay, "ip-addresses")).filter_map(as_text);
        one.into_iter().chain(all).filter_map(|address| address.parse().ok()).collect::<Vec<_>>()
    };
    let own = relays(map);
    Some(Reach {
        id: number(map, "id").filter(|id| *id != 0),
        prefix,
        shared_network: shared.and_then(|shared| text(shared, "name")),
        interface: text(map, "interface").or_else(|| text(shared?, "interface")),
        relays: if own.is_empty() { shared.map_or(own, relays) } else { own },
    })
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_subnet_is_reached_as_it_or_its_shared_network_says() {
        let content = r#"{"Dhcp4": {
            "interfaces-config": {"interfaces": ["eth0", "eth1/192.0.2.1"]},
            "subnet4": [{"id": 7, "subnet": "192.0.2.0/24", "interface": "eth0"}],
            "shared-networks": [{"name": "floor", "relay": {"ip-addresses": ["10.0.0.1", "10.0.0.2"]},
                "subnet4": [{"subnet": "10.0.0.0/24"},
                            {"subnet": "10.0.1.0/24", "interface": "eth1", "relay": {"ip-address": "10.0.1.1"}}]}]}}"#;
        let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
        let found = reached(Path::new("/c"), content.into(), &mut reader).unwrap();
        let [server] = &found[..] else { panic!("{found:?}") };
        assert_eq!(
            (server.family, &server.interfaces[..]),
            (Family::V4, &["eth0".into(), "eth1/192.0.2.1".into()][..])
        );
        let ways: Vec<_> = server
            .subnets
            .iter()
            .map(|reach| {
                let relays: Vec<_> = reach.relays.iter().map(ToString::to_string).collect();
                let (id, shared, interface) = (reach.id, reach.shared_network.as_deref(), reach.interface.as_deref());
                (reach.prefix.0.to_string(), id, shared, interface, relays.join(" "))
            })
            .collect();
        let expected = [
            ("192.0.2.0", Some(7), None, Some("eth0"), ""),
            ("10.0.0.0", None, Some("floor"), None, "10.0.0.1 10.0.0.2"),
            ("10.0.1.0", None, Some("floor"), Some("eth1"), "10.0.1.1"),
        ];
        assert_eq!(ways, expected.map(|(a, b, c, d, e)| (a.to_owned(), b, c, d, e.to_owned())));
    }

    #[test]
    fn a_subnet_that_is_none_is_not_passed_over() {
        for wrong in ["nonsense", "192.0.2.0/33", "2001:db8::/64", ""] {
            let content =
                format!(r#"{{"Dhcp4": {{"subnet4": [{{"subnet": "10.0.0.0/8"}}, {{"subnet": "{wrong}"}}]}}}}"#);
            let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
            let refused = reached(Path::new("/c"), content.into(), &mut reader).unwrap_err();
            assert_eq!(refused.to_string(), format!("/c: subnet4: \"{wrong}\" is no DHCPv4 subnet"));
        }
    }
}
