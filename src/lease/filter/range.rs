//! Ranges of addresses, and subnets by number or prefix.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::lease::{Family, Lease};

/// Addresses from the first to the last, both of them included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Range {
    first: IpAddr,
    last: IpAddr,
}

/// How a range is typed.
const FORMS: &str = "a range is 192.0.2.0/24, 192.0.2.10-192.0.2.99, 2001:db8::/32 or a single address";

impl Range {
    /// From `first` to `last`; `None` if they are of two families, or the wrong way round.
    #[must_use]
    pub fn new(first: IpAddr, last: IpAddr) -> Option<Self> {
        (first.is_ipv4() == last.is_ipv4() && first <= last).then_some(Self { first, last })
    }

    /// The prefix of this length that `address` lies in; `None` if no prefix is so long.
    #[must_use]
    pub fn of_prefix(address: IpAddr, length: u8) -> Option<Self> {
        match address {
            IpAddr::V4(address) => {
                let host = host_bits(length, 32)?;
                let host = u32::try_from(host).ok()?;
                let bits = address.to_bits();
                let ends = [bits & !host, bits | host].map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)));
                Self::new(ends[0], ends[1])
            }
            IpAddr::V6(address) => {
                let host = host_bits(length, 128)?;
                let bits = address.to_bits();
                let ends = [bits & !host, bits | host].map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits)));
                Self::new(ends[0], ends[1])
            }
        }
    }

    /// From `address` to the end of the prefix of this length that it lies in: what Kea takes as a pool where a prefix is
    /// written with host bits, of addresses and of prefixes. `None` if no prefix is so long.
    #[must_use]
    pub fn to_end_of_prefix(address: IpAddr, length: u8) -> Option<Self> {
        Self::new(address, Self::of_prefix(address, length)?.last)
    }

    /// The first address.
    #[must_use]
    pub fn first(&self) -> IpAddr {
        self.first
    }

    /// The last address.
    #[must_use]
    pub fn last(&self) -> IpAddr {
        self.last
    }

    /// Its addresses' family.
    #[must_use]
    pub fn family(&self) -> Family {
        if self.first.is_ipv4() { Family::V4 } else { Family::V6 }
    }

    /// The address and the length of the prefix that it is; `None` if it is none.
    #[must_use]
    pub fn as_prefix(&self) -> Option<(IpAddr, u32)> {
        let (first, last, width) = match (self.first, self.last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => (first.to_bits().into(), last.to_bits().into(), 32),
            (IpAddr::V6(first), IpAddr::V6(last)) => (first.to_bits(), last.to_bits(), 128),
            _ => return None,
        };
        let host: u128 = last - first;
        let is_prefix = host & host.wrapping_add(1) == 0 && first & host == 0;
        is_prefix.then(|| (self.first, width - (128 - host.leading_zeros())))
    }

    /// Whether `address` is one of them.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.first.is_ipv4() && self.first <= address && address <= self.last
    }
}

/// The bits of a host in a prefix of `length` out of `width`.
fn host_bits(length: u8, width: u8) -> Option<u128> {
    let host = width.checked_sub(length)?;
    Some(if host == 128 { u128::MAX } else { (1 << host) - 1 })
}

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let address = |text: &str| text.trim().parse::<IpAddr>().ok();
        let range = if let Some((prefix, length)) = text.split_once('/') {
            address(prefix).zip(length.parse().ok()).and_then(|(prefix, length)| Self::of_prefix(prefix, length))
        } else if let Some((first, last)) = text.split_once('-') {
            let ends = address(first).zip(address(last));
            if let Some((first, last)) = ends.filter(|(first, last)| first.is_ipv4() == last.is_ipv4() && first > last)
            {
                return Err(format!("{last} is below {first}: the lower address comes first"));
            }
            ends.and_then(|(first, last)| Self::new(first, last))
        } else {
            address(text).and_then(|only| Self::new(only, only))
        };
        range.ok_or_else(|| FORMS.to_owned())
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

/// A subnet as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubnetChoice {
    /// By its number in Kea's configuration.
    Id(u32),
    /// By its prefix, of which no number is known: whatever lies in it.
    Prefix(Range),
}

impl SubnetChoice {
    /// The prefix, if it was given by that.
    #[must_use]
    pub fn prefix(&self) -> Option<&Range> {
        match self {
            Self::Id(_) => None,
            Self::Prefix(range) => Some(range),
        }
    }

    /// Whether a lease belongs to it.
    #[must_use]
    pub fn contains(&self, lease: &Lease<'_>) -> bool {
        match self {
            Self::Id(id) => lease.subnet_id == *id,
            Self::Prefix(range) => range.contains(lease.address()),
        }
    }
}

impl FromStr for SubnetChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        let prefix = text.contains('/').then(|| text.parse().ok()).flatten();
        prefix
            .map(Self::Prefix)
            .ok_or_else(|| "a subnet is its number, up to 4294967295, or its prefix such as 192.0.2.0/24".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_a_prefix_two_ends_or_one_address() {
        let ends = |text: &str| text.parse::<Range>().map(|range| range.to_string());
        assert_eq!(ends("192.0.2.77/24").unwrap(), "192.0.2.0-192.0.2.255");
        assert_eq!(ends("0.0.0.0/0").unwrap(), "0.0.0.0-255.255.255.255");
        assert_eq!(ends("::/0").unwrap(), "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
        assert_eq!(ends("2001:db8::/127").unwrap(), "2001:db8::-2001:db8::1");
        assert_eq!(ends("192.0.2.9 - 192.0.2.10").unwrap(), "192.0.2.9-192.0.2.10");
        assert_eq!(ends("192.0.2.9/32"), ends("192.0.2.9"));
        for wrong in ["", "192.0.2.0/33", "::/129", "192.0.2.1-::1", "192.0.2", "x/8", "1-2"] {
            assert!(ends(wrong).unwrap_err().contains("192.0.2.0/24"), "{wrong}");
        }
        let turned = ends("192.0.2.9-192.0.2.1").unwrap_err();
        assert_eq!(turned, "192.0.2.1 is below 192.0.2.9: the lower address comes first");
    }

    #[test]
    fn a_subnet_is_a_number_or_a_prefix() {
        assert_eq!("7".parse(), Ok(SubnetChoice::Id(7)));
        assert!(matches!("192.0.2.0/24".parse(), Ok(SubnetChoice::Prefix(_))));
        for wrong in ["", "-1", "4294967296", "192.0.2.0", "lan"] {
            assert!(wrong.parse::<SubnetChoice>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn addresses_of_the_other_family_are_outside() {
        let all = Range::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V4(Ipv4Addr::BROADCAST)).unwrap();
        assert!(!all.contains(IpAddr::V6(Ipv6Addr::LOCALHOST)));
    }
}
