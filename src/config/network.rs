//! What a server is to give, as its configuration says: subnets, pools, reservations.
//!
//! A list of leases is better with it and does well without: what is not as expected is passed over, since Kea itself
//! is the one to complain.

use std::net::IpAddr;
use std::path::Path;

use super::Reader;
use super::json::{self, Data, Map, Value};
use crate::error::Result;
use crate::lease::Family;
use crate::lease::filter::{OctetPrefix, Range};
use crate::lease::network::{Network, Pool, Reservation, Subnet};

/// The networks of the DHCP servers that the text of the configuration file `path` configures.
pub fn networks(path: &Path, text: Vec<u8>, reader: &mut Reader<'_>) -> Result<Vec<(Family, Network)>> {
    let top = json::parse(path, text, reader)?;
    let servers = [("Dhcp4", Family::V4), ("Dhcp6", Family::V6)];
    let found = servers.into_iter().filter_map(|(name, family)| Some((family, network(family, get(&top, name)?))));
    Ok(found.collect())
}

fn network(family: Family, server: &Value) -> Network {
    let key = format!("subnet{}", family.digit());
    let mut subnets: Vec<Subnet> = list(server, &key).filter_map(|map| subnet(map, None)).collect();
    for shared in list(server, "shared-networks") {
        let name = text(shared, "name").or_else(|| name(shared));
        subnets.extend(list(shared, &key).filter_map(|map| subnet(map, name.as_deref())));
    }
    Network::new(subnets, reservations(server))
}

fn subnet(map: &Value, shared_network: Option<&str>) -> Option<Subnet> {
    let prefix = text(map, "subnet")?;
    Some(Subnet {
        // Kea numbers those with 0 or nothing by itself.
        id: number(map, "id").filter(|id| *id != 0),
        range: prefix.parse().ok()?,
        prefix,
        shared_network: shared_network.map(str::to_owned),
        name: name(map),
        pools: list(map, "pools").filter_map(pool).collect(),
        prefix_pools: list(map, "pd-pools").filter_map(prefix_pool).collect(),
        reservations: reservations(map),
    })
}

/// The name an administrator gave something in its user context; Stork shows the first of these.
fn name(map: &Value) -> Option<String> {
    let context = get(map, "user-context")?;
    ["subnet-name", "name", "comment"].into_iter().find_map(|key| text(context, key))
}

fn pool(map: &Value) -> Option<Pool> {
    let text = text(map, "pool")?;
    Some(Pool { range: text.parse().ok()?, text })
}

fn prefix_pool(map: &Value) -> Option<Pool> {
    let prefix: IpAddr = text(map, "prefix")?.parse().ok()?;
    let length = u8::try_from(number(map, "prefix-len")?).ok()?;
    let delegated = number(map, "delegated-len").map_or_else(String::new, |length| format!(" in /{length}"));
    Some(Pool { text: format!("{prefix}/{length}{delegated}"), range: Range::of_prefix(prefix, length)? })
}

fn reservations(map: &Value) -> Vec<Reservation> {
    list(map, "reservations").filter_map(reservation).collect()
}

fn reservation(map: &Value) -> Option<Reservation> {
    let types = ["hw-address", "duid", "client-id", "circuit-id", "flex-id"];
    let (kind, identifier) = types.into_iter().find_map(|kind| Some((kind, text(map, kind)?)))?;
    let one = text(map, "ip-address").into_iter();
    let all = one.chain(list(map, "ip-addresses").filter_map(as_text)).chain(list(map, "prefixes").filter_map(as_text));
    Some(Reservation {
        identifier_type: kind.to_owned(),
        identifier: octets(&identifier),
        addresses: all.filter_map(|address| address.parse().ok()).collect(),
        hostname: text(map, "hostname").unwrap_or_default(),
    })
}

/// Hex in any of Kea's spellings; text stands between apostrophes.
fn octets(identifier: &str) -> Vec<u8> {
    match OctetPrefix::identifier(identifier) {
        Ok(prefix) => prefix.octets().to_vec(),
        Err(_) => identifier.trim_matches('\'').as_bytes().to_vec(),
    }
}

fn members(value: &Value) -> Option<&Map> {
    match &value.data {
        Data::Map(map) => Some(map),
        _ => None,
    }
}

pub(super) fn get<'a>(map: &'a Value, key: &str) -> Option<&'a Value> {
    members(map)?.get(key.as_bytes())
}

pub(super) fn list<'a>(map: &'a Value, key: &str) -> std::slice::Iter<'a, Value> {
    let items = get(map, key).map_or(&[][..], |value| match &value.data {
        Data::List(items) => items,
        _ => &[],
    });
    items.iter()
}

pub(super) fn text(map: &Value, key: &str) -> Option<String> {
    get(map, key).and_then(as_text)
}

pub(super) fn as_text(value: &Value) -> Option<String> {
    match &value.data {
        Data::Text(octets) => String::from_utf8(octets.clone()).ok().filter(|text| !text.is_empty()),
        _ => None,
    }
}

pub(super) fn number(map: &Value, key: &str) -> Option<u32> {
    match get(map, key)?.data {
        Data::Int(number) => u32::try_from(number).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn read(text: &str) -> Vec<(Family, Network)> {
        let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
        networks(Path::new("/c"), text.into(), &mut reader).unwrap()
    }

    #[test]
    fn subnets_stand_alone_or_in_shared_networks() {
        let found = read(
            r#"{"Dhcp4": {
                "subnet4": [{"id": 7, "subnet": "192.0.2.0/24", "user-context": {"subnet-name": "office"},
                    "pools": [{"pool": "192.0.2.10 - 192.0.2.99"}, {"pool": "192.0.2.128/26"}],
                    "reservations": [{"hw-address": "08:00:2b:01:02:03", "ip-address": "192.0.2.7", "hostname": "h"}]}],
                "shared-networks": [{"name": "floor", "subnet4": [{"id": 3, "subnet": "198.51.100.0/24"}]}]}}"#,
        );
        let [(Family::V4, network)] = &found[..] else { panic!("{found:?}") };
        let [floor, office] = network.subnets() else { panic!("{network:?}") };
        assert_eq!((floor.id, floor.shared_network.as_deref()), (Some(3), Some("floor")));
        assert_eq!((office.id, office.name.as_deref(), office.pools.len()), (Some(7), Some("office"), 2));
        assert_eq!(office.pools[1].range, "192.0.2.128-192.0.2.191".parse().unwrap());
        let reserved = &office.reservations[0];
        assert_eq!((reserved.identifier.as_slice(), reserved.hostname.as_str()), (&[8, 0, 0x2b, 1, 2, 3][..], "h"));
    }

    #[test]
    fn prefixes_have_pools_and_reservations_of_their_own() {
        let found = read(
            r#"{"Dhcp6": {"subnet6": [{"id": 1, "subnet": "2001:db8:1::/64",
                "pd-pools": [{"prefix": "2001:db8:8000::", "prefix-len": 33, "delegated-len": 56}],
                "reservations": [{"duid": "00:03:00:01", "ip-addresses": ["2001:db8:1::5"], "prefixes": ["2001:db8:9::/48"]},
                                 {"flex-id": "'port-7'"}]}]}}"#,
        );
        let subnet = &found[0].1.subnets()[0];
        assert_eq!(subnet.prefix_pools[0].text, "2001:db8:8000::/33 in /56");
        assert_eq!(subnet.reservations[0].addresses.len(), 2);
        assert_eq!(subnet.reservations[1].identifier, b"port-7");
    }

    #[test]
    fn what_is_not_as_expected_is_passed_over() {
        let found = read(
            r#"{"Dhcp4": {"subnet4": [1, {}, {"subnet": "x"}, {"id": -1, "subnet": "192.0.2.0/24", "pools": [{"pool": 1}, {"pool": "x"}],
                "reservations": {}}], "shared-networks": null}}"#,
        );
        let [subnet] = found[0].1.subnets() else { panic!("{found:?}") };
        assert_eq!((subnet.id, subnet.pools.len(), subnet.reservations.len()), (None, 0, 0));
        assert_eq!(read("[]"), []);
    }
}
