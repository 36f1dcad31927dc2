//! The meaning of a positional argument: an address, a range of addresses, or text to search for.

use std::net::IpAddr;
use std::str::FromStr;

use super::{Range, Search, gives};
use crate::lease::{Family, Lease};

/// What one word asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseSelector {
    /// The lease of this address.
    Address(IpAddr),
    /// Leases in this prefix or range.
    Range(Range),
    /// A part of a name, hardware address, identifier or address.
    Text(Search),
}

impl LeaseSelector {
    /// Whether the lease is meant.
    #[must_use]
    pub fn matches(&self, lease: &Lease<'_>) -> bool {
        match self {
            Self::Address(address) => gives(lease, *address),
            Self::Range(range) => range.contains(lease.address()),
            Self::Text(search) => search.matches(lease),
        }
    }

    /// The family of the leases that it can mean, if it is only one.
    #[must_use]
    pub fn family(&self) -> Option<Family> {
        match self {
            Self::Address(address) => Some(if address.is_ipv4() { Family::V4 } else { Family::V6 }),
            Self::Range(range) => Some(range.family()),
            Self::Text(_) => None,
        }
    }
}

impl FromStr for LeaseSelector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(address) = text.trim().parse() {
            return Ok(Self::Address(address));
        }
        let looks_like_a_range = || {
            let address = text.split(['/', '-']).next().unwrap_or_default();
            address.parse::<IpAddr>().is_ok()
        };
        match text.parse() {
            Ok(range) => Ok(Self::Range(range)),
            Err(why) if looks_like_a_range() => Err(why),
            Err(_) if looks_like_an_address(text) => {
                Err("not an address; examples: 192.0.2.23, 2001:db8::17".to_owned())
            }
            Err(_) => text.parse().map(Self::Text),
        }
    }
}

/// Whether the text is four numbers with dots between.
fn looks_like_an_address(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|octet| octet.is_ascii_digit());
    text.split('.').count() == 4 && text.split('.').all(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_what_it_looks_like() {
        let kind = |text: &str| match text.parse().unwrap() {
            LeaseSelector::Address(_) => "address",
            LeaseSelector::Range(_) => "range",
            LeaseSelector::Text(_) => "text",
        };
        for text in ["192.0.2.1", "2001:db8::1", "::"] {
            assert_eq!(kind(text), "address", "{text}");
        }
        for text in ["192.0.2.0/24", "192.0.2.1-192.0.2.9", "2001:db8::/56"] {
            assert_eq!(kind(text), "range", "{text}");
        }
        for text in [
            "printer",
            "printer.example.org",
            "08:00:2b:02:3f:4e",
            "0800.2b02.3f4e",
            "192.0.2",
            "192.0.2.*",
            "a-b",
            "00:01:00:01:2a",
        ] {
            assert_eq!(kind(text), "text", "{text}");
        }
        for wrong in ["192.0.2.0/33", "192.0.2.9-192.0.2.1", "192.0.2.300", ""] {
            assert!(wrong.parse::<LeaseSelector>().is_err(), "{wrong}");
        }
    }
}
