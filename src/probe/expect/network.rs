//! Networks: which addresses are in one.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A network: an address and how many of its bits are the same for all in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    length: u8,
}

impl Network {
    /// Whether `address` is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differs = network.to_bits() ^ address.to_bits();
                differs.leading_zeros() >= u32::from(self.length)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differs = network.to_bits() ^ address.to_bits();
                differs.leading_zeros() >= u32::from(self.length)
            }
            _ => false,
        }
    }

    /// Whether it is one of IPv4.
    #[must_use]
    pub fn is_ipv4(&self) -> bool {
        self.address.is_ipv4()
    }

    /// The network of this address and length, if there is such a length.
    #[must_use]
    pub fn new(address: IpAddr, length: u8) -> Option<Self> {
        let most = if address.is_ipv4() { 32 } else { 128 };
        (length <= most).then_some(Self { address, length })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

impl FromStr for Network {
    type Err = String;

    /// `192.0.2.0/24`; an address alone is a network of one.
    fn from_str(text: &str) -> Result<Self, String> {
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let network = address.parse::<IpAddr>().ok().and_then(|address| {
            let whole = if address.is_ipv4() { 32 } else { 128 };
            Self::new(address, length.map_or(Some(whole), |length| length.parse().ok())?)
        });
        network.ok_or_else(|| "expected a network such as 192.0.2.0/24 or 2001:db8::/64".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_its_addresses_and_no_others() {
        let network: Network = "192.0.2.0/25".parse().unwrap();
        for (address, is_in) in [("192.0.2.127", true), ("192.0.2.128", false), ("::1", false)] {
            assert_eq!(network.contains(address.parse().unwrap()), is_in, "{address}");
        }
        let everything: Network = "::/0".parse().unwrap();
        assert!(everything.contains("ffff::".parse().unwrap()));
        assert!("192.0.2.1".parse::<Network>().unwrap().contains("192.0.2.1".parse().unwrap()));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["192.0.2.0/33", "192.0.2/24", "::/129", "x", "192.0.2.0/", ""] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
