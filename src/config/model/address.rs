//! Prefixes and ranges of addresses as they are written.

use std::fmt;
use std::net::IpAddr;

use serde::de::{Deserialize, Deserializer, Error};

use crate::family::Family;
use crate::lease::filter::Range;

/// A prefix: `192.0.2.0/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    /// The address, as it is written.
    pub address: IpAddr,
    /// How many bits of it are the prefix.
    pub length: u8,
    range: Range,
}

impl Prefix {
    /// `None` if no address of its family has so many bits.
    #[must_use]
    pub fn new(address: IpAddr, length: u8) -> Option<Self> {
        Some(Self { address, length, range: Range::of_prefix(address, length)? })
    }

    /// The addresses that it covers.
    #[must_use]
    pub fn range(&self) -> Range {
        self.range
    }

    /// DHCPv4 or DHCPv6.
    #[must_use]
    pub fn family(&self) -> Family {
        self.range.family()
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

impl<'de> Deserialize<'de> for Prefix {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let parts = text
            .split_once('/')
            .and_then(|(address, length)| Self::new(address.trim().parse().ok()?, length.trim().parse().ok()?));
        parts.ok_or_else(|| D::Error::custom(format!("\"{text}\" is no prefix")))
    }
}

/// The addresses of a pool: `192.0.2.10 - 192.0.2.99` or `192.0.2.128/25`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolRange {
    /// As it is written.
    pub text: Box<str>,
    /// The addresses.
    pub range: Range,
}

impl<'de> Deserialize<'de> for PoolRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // Kea drops spaces and tabs wherever they are.
        match range_of_pool(&text.replace([' ', '\t'], "")) {
            Some(range) => Ok(Self { text: text.into(), range }),
            None => Err(D::Error::custom(format!("\"{text}\" is no range of addresses"))),
        }
    }
}

fn range_of_pool(text: &str) -> Option<Range> {
    match text.split_once('/') {
        Some((address, length)) => Range::to_end_of_prefix(address.parse().ok()?, length.parse().ok()?),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use serde::de::IntoDeserializer as _;
    use serde::de::value;

    use super::*;

    fn pool(text: &str) -> Result<PoolRange, value::Error> {
        PoolRange::deserialize(text.into_deserializer())
    }

    #[test]
    fn a_pool_is_a_range_or_a_prefix_with_any_spaces() {
        for text in ["192.0.2.16-192.0.2.31", " 192.0.2.16\t- 192.0.2.31 ", "192.0.2.16/28", "192.0.2.16 / 28"] {
            let read = pool(text).unwrap();
            assert_eq!((&*read.text, read.range.to_string().as_str()), (text, "192.0.2.16-192.0.2.31"));
        }
        assert_eq!(pool("192.0.2.21/28").unwrap().range.to_string(), "192.0.2.21-192.0.2.31", "with host bits");
        for text in ["", "-", "192.0.2.16/33", "192.0.2.31-192.0.2.16", "192.0.2.16-2001:db8::1"] {
            assert!(pool(text).is_err(), "{text}");
        }
    }
}
