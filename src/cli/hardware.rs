//! Hardware addresses and DUIDs as they are typed.

use std::str::FromStr;

use crate::dhcp::v6::duid;
use crate::packet::Mac;

/// A hardware address of 1 to 16 octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hardware(pub(super) Vec<u8>);

impl FromStr for Hardware {
    type Err = String;

    /// Hexadecimal octets with `:` or `-` between them; a leading 0 may be missing.
    fn from_str(text: &str) -> Result<Self, String> {
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

impl Hardware {
    /// As an Ethernet address, if it is as long as one.
    pub(super) fn mac(&self) -> Option<Mac> {
        self.0.as_slice().try_into().ok().map(Mac)
    }
}
