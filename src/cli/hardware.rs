//! Hardware addresses and DUIDs as they are typed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::dhcp::v6::duid;
use crate::wire::parse_hardware;

/// A hardware address of 1 to 16 octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hardware(pub(super) Vec<u8>);

impl FromStr for Hardware {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse_hardware(text).map(Self)
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
