//! A lease as the API writes it.

use std::borrow::Cow;
use std::net::IpAddr;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::super::row::RowPlace;
use super::super::{Flow, Visited, Visitor};
use crate::control::octets;
use crate::error::Result;
use crate::lease::{Client, ClientId, Duid, Family, HwAddr, Lease, LeaseState, LeaseType, Lifetime, RowError};

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

    /// Gives `lease` to `visitor`, or reports what is wrong with it.
    pub(super) fn hand_out(
        &mut self,
        lease: &RawValue,
        visitor: &mut dyn Visitor,
        visited: &mut Visited,
    ) -> Result<Flow> {
        visited.seen += 1;
        let written = Written::read(lease.get());
        let handed_out = match &written {
            Ok(written) => written.lease(self.family).map(|lease| visitor.lease(&lease)),
            Err(error) => Err(error.clone()),
        };
        handed_out.unwrap_or_else(|error| {
            visited.malformed += 1;
            visitor.bad_row(&RowPlace { family: self.family, address: address(lease) }, &error)?;
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
    fn read(text: &'a str) -> Result<Self, RowError> {
        let (common, own) = (serde_json::from_str::<Common<'_>>(text), serde_json::from_str::<Own<'_>>(text));
        let common = common.map_err(row_error)?;
        let hostname = octets(&common.hostname);
        Ok(Self { own: own.map_err(row_error)?, common, hostname })
    }

    fn lease(&self, family: Family) -> Result<Lease<'_>, RowError> {
        let common = &self.common;
        Ok(Lease {
            client: self.client(family)?,
            hwaddr: HwAddr(&common.hw_address),
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

    fn client(&self, family: Family) -> Result<Client<'_>, RowError> {
        let own = &self.own;
        match (family, own.ip_address) {
            (Family::V4, IpAddr::V4(address)) => Ok(Client::V4 { address, client_id: ClientId(&own.client_id) }),
            (Family::V4, IpAddr::V6(_)) => Err(RowError::new("ip-address", "is no IPv4 address")),
            (Family::V6, IpAddr::V4(_)) => Err(RowError::new("ip-address", "is no IPv6 address")),
            (Family::V6, IpAddr::V6(address)) => {
                let lease_type = lease_type(&own.lease_type)?;
                Ok(Client::V6 {
                    address,
                    duid: Duid(&own.duid),
                    iaid: present("iaid", own.iaid)?,
                    lease_type,
                    prefix_len: prefix_len(lease_type, own.prefix_len)?,
                    preferred_lifetime: Lifetime::from(present("preferred-lft", own.preferred_lft)?),
                    hwtype: None,
                    hwaddr_source: None,
                })
            }
        }
    }

    /// Kea writes a context in an answer as it does everywhere else.
    fn user_context(&self) -> &[u8] {
        self.own.user_context.map_or(b"", |context| context.get().as_bytes())
    }
}

/// What the library says of a lease, without its place in a text that the user does not see.
#[expect(clippy::needless_pass_by_value, reason = "it is handed over by map_err")]
fn row_error(cause: serde_json::Error) -> RowError {
    let text = cause.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    RowError::row(text[..end].to_owned())
}

fn present<T>(name: &'static str, value: Option<T>) -> Result<T, RowError> {
    value.ok_or_else(|| RowError::new(name, "is missing"))
}

fn lease_type(name: &str) -> Result<LeaseType, RowError> {
    LeaseType::from_name(name).ok_or_else(|| RowError::new("type", format!("\"{name}\" is no lease type")))
}

fn prefix_len(lease_type: LeaseType, value: Option<u8>) -> Result<u8, RowError> {
    match (lease_type, value) {
        (LeaseType::Pd, Some(len)) => Ok(len),
        (LeaseType::Pd, None) => Err(RowError::new("prefix-len", "is missing")),
        _ => Ok(128),
    }
}

/// An address; the zone that a lease file may give it is ignored.
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

    fn error(text: &str, family: Family) -> String {
        let read = Written::read(text);
        let error = match &read {
            Err(error) => error.clone(),
            Ok(written) => written.lease(family).unwrap_err(),
        };
        error.to_string()
    }

    #[test]
    fn a_dhcpv4_lease_is_read_whole() {
        let written = Written::read(FOUR).unwrap();
        let client_id = ClientId(&[1, 2, 0x18, 0, 0, 0, 1]);
        let expected = Lease {
            client: Client::V4 { address: [192, 0, 2, 7].into(), client_id },
            hwaddr: HwAddr(&[2, 0x18, 0, 0, 0, 1]),
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
        assert_eq!(written.lease(Family::V4).unwrap(), expected);
    }

    #[test]
    fn a_prefix_is_read_with_its_length() {
        let written = Written::read(SIX).unwrap();
        let lease = written.lease(Family::V6).unwrap();
        let expected = Client::V6 {
            address: "2001:db8::".parse().unwrap(),
            duid: Duid(&[0, 1, 2]),
            iaid: u32::MAX,
            lease_type: LeaseType::Pd,
            prefix_len: 56,
            preferred_lifetime: Lifetime::Seconds(500),
            hwtype: None,
            hwaddr_source: None,
        };
        assert_eq!((lease.client, lease.pool_id), (expected, 3));
        let address = SIX.replace("IA_PD", "IA_NA");
        assert_eq!(Written::read(&address).unwrap().lease(Family::V6).unwrap().prefix_len(), 128);
    }

    #[test]
    fn what_is_wrong_with_a_lease_is_reported() {
        let four = |from, to| error(&FOUR.replace(from, to), Family::V4);
        let six = |from, to| error(&SIX.replace(from, to), Family::V6);
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
