//! Hardware addresses and DUIDs as they are typed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::dhcp::v6::duid;

/// A hardware address of 1 to 16 octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hardware(pub(super) Vec<u8>);

impl FromStr for Hardware {
    type Err = String;

    /// Hexadecimal octets with `:` or `-` between them, where a leading 0 may be missing; an Ethernet address also as
    /// `0200.5e00.5301` and as 12 digits. Blanks around it are ignored.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let is_digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|it| it.is_ascii_hexdigit());
        let groups: Vec<_> = text.split('.').collect();
        if is_digits(text, 12) || (groups.len() == 3 && groups.iter().all(|group| is_digits(group, 4))) {
            let number = u64::from_str_radix(&groups.concat(), 16).unwrap_or_default();
            return Ok(Self(number.to_be_bytes()[2..].to_vec()));
        }
        let octet = |part: &str| match part.len() {
            1 | 2 => u8::from_str_radix(part, 16).ok().filter(|_| !part.starts_with('+')),
            _ => None,
        };
        let octets = text.split([':', '-']).map(octet).collect::<Option<Vec<u8>>>();
        let octets = octets.filter(|octets| octets.len() <= 16);
        octets.map(Self).ok_or_else(|| "expected 1 to 16 hexadecimal octets such as 02:00:5e:00:53:01".into())
    }
}

/// A DUID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Duid(pub(super) Vec<u8>);

impl FromStr for Duid {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        duid::parse(text).map(Self)
    }
}

/// An IP address as it is typed, with or without blanks around it.
pub(super) fn address(text: &str) -> Result<IpAddr, String> {
    text.trim()
        .parse()
        .map_err(|_| "expected an IP address such as 192.0.2.50 (no leading zeros) or 2001:db8::5".into())
}

/// An IPv4 address as it is typed.
pub(super) fn address4(text: &str) -> Result<Ipv4Addr, String> {
    text.trim().parse().map_err(|_| "expected an IPv4 address such as 192.0.2.50 (no leading zeros)".into())
}

/// An IPv6 address as it is typed.
pub(super) fn address6(text: &str) -> Result<Ipv6Addr, String> {
    text.trim().parse().map_err(|_| "expected an IPv6 address such as 2001:db8::5".into())
}
