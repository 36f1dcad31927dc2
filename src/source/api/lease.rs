//! A lease as the API writes it.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::super::row::Place;
use super::super::{Flow, Visited, Visitor};
use crate::control::octets;
use crate::error::Result;
use crate::lease::{ClientId, Duid, Family, Fault, HwAddr, Lease4, Lease6, LeaseState, LeaseType, Lifetime};

/// What leases of both families have.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Common<'a> {
    subnet_id: u32,
    #[serde(default)]
    pool_id: u32,
    #[serde(default, deserialize_with = "colon_hex")]
    hw_address: Vec<u8>,
    cltt: i64,
    valid_lft: u32,
    fqdn_fwd: bool,
    fqdn_rev: bool,
    #[serde(borrow, default)]
    hostname: Cow<'a, str>,
    #[serde(default, deserialize_with = "state")]
    state: u32,
}

/// What only some leases have. (`RawValue` cannot be read through `flatten`, so `Common` is read from the same text.)
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Own<'a> {
    #[serde(deserialize_with = "without_zone")]
    ip_address: IpAddr,
    #[serde(default, deserialize_with = "colon_hex")]
    client_id: Vec<u8>,
    #[serde(default, deserialize_with = "colon_hex")]
    duid: Vec<u8>,
    #[serde(rename = "type", borrow, default)]
    lease_type: Cow<'a, str>,
    prefix_len: Option<u8>,
    iaid: Option<u32>,
    preferred_lft: Option<u32>,
    #[serde(borrow)]
    user_context: Option<&'a RawValue>,
}

/// Makes leases of what the API wrote.
pub(super) struct Reader {
    family: Family,
}

impl Reader {
    pub(super) fn new(family: Family) -> Self {
        Self { family }
    }

    /// Gives `lease` to `visitor`, or tells what is wrong with it.
    pub(super) fn hand_out(
        &mut self,
        lease: &RawValue,
        visitor: &mut dyn Visitor,
        visited: &mut Visited,
    ) -> Result<Flow> {
        visited.seen += 1;
        let written = Written::read(lease.get());
        let handed_out = match (&written, self.family) {
            (Ok(written), Family::V4) => written.lease4().map(|lease| visitor.lease4(&lease)),
            (Ok(written), Family::V6) => written.lease6().map(|lease| visitor.lease6(&lease)),
            (Err(fault), _) => Err(fault.clone()),
        };
        handed_out.unwrap_or_else(|fault| {
            visited.malformed += 1;
            visitor.bad_row(&Place { family: self.family, address: address(lease) }, &fault)?;
            Ok(Flow::Continue)
        })
    }
}

/// The address of a lease, whatever else is wrong with it.
pub(super) fn address(lease: &RawValue) -> Option<IpAddr> {
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct Addressed {
        #[serde(deserialize_with = "without_zone")]
        ip_address: IpAddr,
    }
    serde_json::from_str::<Addressed>(lease.get()).ok().map(|lease| lease.ip_address)
}

/// A lease as it is written.
struct Written<'a> {
    common: Common<'a>,
    own: Own<'a>,
    hostname: Vec<u8>,
}

impl<'a> Written<'a> {
    fn read(text: &'a str) -> Result<Self, Fault> {
        let (common, own) = (serde_json::from_str::<Common<'_>>(text), serde_json::from_str::<Own<'_>>(text));
        let common = common.map_err(fault)?;
        let hostname = octets(&common.hostname);
        Ok(Self { own: own.map_err(fault)?, common, hostname })
    }

    fn lease4(&self) -> Result<Lease4<'_>, Fault> {
        let (common, own) = (&self.common, &self.own);
        Ok(Lease4 {
            address: address4(own.ip_address)?,
            hwaddr: HwAddr(&common.hw_address),
            client_id: ClientId(&own.client_id),
            valid_lifetime: Lifetime::from(common.valid_lft),
            cltt: common.cltt,
            subnet_id: common.subnet_id,
            pool_id: common.pool_id,
            fqdn_fwd: common.fqdn_fwd,
            fqdn_rev: common.fqdn_rev,
            hostname: &self.hostname,
            state: LeaseState::from(common.state),
            user_context: self.user_context(),
        })
    }

    fn lease6(&self) -> Result<Lease6<'_>, Fault> {
        let (common, own) = (&self.common, &self.own);
        let lease_type = lease_type(&own.lease_type)?;
        Ok(Lease6 {
            address: address6(own.ip_address)?,
            duid: Duid(&own.duid),
            valid_lifetime: Lifetime::from(common.valid_lft),
            preferred_lifetime: Lifetime::from(present("preferred-lft", own.preferred_lft)?),
            cltt: common.cltt,
            subnet_id: common.subnet_id,
            pool_id: common.pool_id,
            lease_type,
            iaid: present("iaid", own.iaid)?,
            prefix_len: prefix_len(lease_type, own.prefix_len)?,
            fqdn_fwd: common.fqdn_fwd,
            fqdn_rev: common.fqdn_rev,
            hostname: &self.hostname,
            hwaddr: HwAddr(&common.hw_address),
            hwtype: None,
            hwaddr_source: None,
            state: LeaseState::from(common.state),
            user_context: self.user_context(),
        })
    }

    /// Kea writes a context in an answer as it does everywhere else.
    fn user_context(&self) -> &[u8] {
        self.own.user_context.map_or(b"", |context| context.get().as_bytes())
    }
}

/// What the library says of a lease, without its place in a text that nobody sees.
#[allow(clippy::needless_pass_by_value, reason = "it is handed over by map_err")]
fn fault(cause: serde_json::Error) -> Fault {
    let text = cause.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    Fault::row(text[..end].to_owned())
}

fn present<T>(name: &'static str, value: Option<T>) -> Result<T, Fault> {
    value.ok_or_else(|| Fault::new(name, "is missing"))
}

fn address4(address: IpAddr) -> Result<Ipv4Addr, Fault> {
    match address {
        IpAddr::V4(address) => Ok(address),
        IpAddr::V6(_) => Err(Fault::new("ip-address", "is no IPv4 address")),
    }
}

fn address6(address: IpAddr) -> Result<Ipv6Addr, Fault> {
    match address {
        IpAddr::V6(address) => Ok(address),
        IpAddr::V4(_) => Err(Fault::new("ip-address", "is no IPv6 address")),
    }
}

fn lease_type(name: &str) -> Result<LeaseType, Fault> {
    LeaseType::from_name(name).ok_or_else(|| Fault::new("type", format!("\"{name}\" is no lease type")))
}

fn prefix_len(lease_type: LeaseType, value: Option<u8>) -> Result<u8, Fault> {
    match (lease_type, value) {
        (LeaseType::Pd, Some(len)) => Ok(len),
        (LeaseType::Pd, None) => Err(Fault::new("prefix-len", "is missing")),
        _ => Ok(128),
    }
}

/// An address; the zone that a lease file may give it is of no account.
fn without_zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<IpAddr, D::Error> {
    use serde::de::Error as _;
    let text = Cow::<'de, str>::deserialize(deserializer)?;
    let address = text.split('%').next().unwrap_or_default();
    address.parse().map_err(|_| D::Error::custom(format_args!("\"{text}\" is no address")))
}

/// Kea writes a state from 2^31 on as a negative number.
fn state<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    use serde::de::Error as _;
    let number = i64::deserialize(deserializer)?;
    let negative = i32::try_from(number).ok().map(i32::cast_unsigned);
    let state = negative.or_else(|| u32::try_from(number).ok());
    state.ok_or_else(|| D::Error::custom(format_args!("{number} is no state")))
}

/// The octets of `01:ab:…`.
fn colon_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    use serde::de::Error as _;
    let text = Cow::<'de, str>::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let octet = |hex: &str| (hex.len() <= 2).then(|| u8::from_str_radix(hex, 16).ok()).flatten();
    let octets: Option<Vec<u8>> = text.split(':').map(octet).collect();
    octets.ok_or_else(|| D::Error::custom(format_args!("\"{text}\" is not made of octets in hex with colons between")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUR: &str = r#"{ "client-id": "01:02:18:00:00:00:01", "cltt": 1700000000, "fqdn-fwd": false, "fqdn-rev": true,
        "hostname": "Z\u00c3\u00bcrich", "hw-address": "02:18:00:00:00:01", "ip-address": "192.0.2.7", "state": 1,
        "subnet-id": 7, "user-context": { "a": "\u00c3\u00bc" }, "valid-lft": 4294967295, "new-in-kea-9": [] }"#;
    const SIX: &str = r#"{ "cltt": 1700000000, "duid": "00:01:02", "fqdn-fwd": false, "fqdn-rev": false, "hostname": "",
        "iaid": 4294967295, "ip-address": "2001:db8::", "preferred-lft": 500, "pool-id": 3, "prefix-len": 56, "state": 0,
        "subnet-id": 7, "type": "IA_PD", "valid-lft": 700 }"#;

    fn fault(text: &str, family: Family) -> String {
        let read = Written::read(text);
        let fault = match (&read, family) {
            (Err(fault), _) => fault.clone(),
            (Ok(written), Family::V4) => written.lease4().unwrap_err(),
            (Ok(written), Family::V6) => written.lease6().unwrap_err(),
        };
        fault.to_string()
    }

    #[test]
    fn a_dhcpv4_lease_is_read_whole() {
        let written = Written::read(FOUR).unwrap();
        let expected = Lease4 {
            address: Ipv4Addr::new(192, 0, 2, 7),
            hwaddr: HwAddr(&[2, 0x18, 0, 0, 0, 1]),
            client_id: ClientId(&[1, 2, 0x18, 0, 0, 0, 1]),
            valid_lifetime: Lifetime::Infinite,
            cltt: 1_700_000_000,
            subnet_id: 7,
            pool_id: 0,
            fqdn_fwd: false,
            fqdn_rev: true,
            hostname: "Zürich".as_bytes(),
            state: LeaseState::Declined,
            user_context: br#"{ "a": "\u00c3\u00bc" }"#,
        };
        assert_eq!(written.lease4().unwrap(), expected);
    }

    #[test]
    fn a_prefix_is_read_whole_and_the_length_of_an_address_is_128() {
        let written = Written::read(SIX).unwrap();
        let lease = written.lease6().unwrap();
        assert_eq!((lease.lease_type, lease.prefix_len, lease.iaid, lease.pool_id), (LeaseType::Pd, 56, u32::MAX, 3));
        assert_eq!((lease.duid.0, lease.hwtype, lease.hwaddr_source), (&[0, 1, 2][..], None, None));
        assert_eq!(lease.preferred_lifetime, Lifetime::Seconds(500));
        let address = SIX.replace("IA_PD", "IA_NA");
        assert_eq!(Written::read(&address).unwrap().lease6().unwrap().prefix_len, 128);
    }

    #[test]
    fn what_is_wrong_with_a_lease_is_told() {
        let four = |from, to| fault(&FOUR.replace(from, to), Family::V4);
        let six = |from, to| fault(&SIX.replace(from, to), Family::V6);
        assert!(four(r#""cltt": 1700000000, "#, "").starts_with("missing field `cltt`"));
        assert!(four("02:18:00:00:00:01\",", "02:zz\",").starts_with("\"02:zz\" is not made of octets in hex"));
        assert!(four("4294967295", "4294967296").contains("expected u32"));
        assert_eq!(four("192.0.2.7", "2001:db8::1"), "ip-address: is no IPv4 address");
        assert_eq!(six("2001:db8::", "192.0.2.7"), "ip-address: is no IPv6 address");
        assert_eq!(six("IA_PD", "IA_XY"), "type: \"IA_XY\" is no lease type");
        assert_eq!(six("\"prefix-len\": 56, ", ""), "prefix-len: is missing");
        assert!(six("\"prefix-len\": 56", "\"prefix-len\": 256").starts_with("invalid value"));
        assert_eq!(six("\"iaid\": 4294967295, ", ""), "iaid: is missing");
    }
}
