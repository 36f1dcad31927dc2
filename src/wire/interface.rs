//! An interface of a host, and its addresses.

use std::net::IpAddr;

use super::Mac;
use crate::error::{Error, Result};

/// An interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Its number.
    pub index: u32,
    /// Its Ethernet address, if it is an Ethernet one.
    pub mac: Option<Mac>,
    /// Whether it is switched on.
    pub up: bool,
    /// Whether there is a link: a cable, and something at its other end.
    pub running: bool,
    /// Whether it leads back to this host.
    pub loopback: bool,
    /// Its addresses.
    pub addresses: Vec<Address>,
}

/// An address of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub ip: IpAddr,
    /// How many of its bits are those of its network.
    pub prefix: u8,
    /// Whether it may be used.
    pub state: AddressState,
}

/// Whether an address may be used (RFC 4862 section 5.4); IPv4 addresses always may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressState {
    /// It may.
    Usable,
    /// Not yet: another host may have it.
    Tentative,
    /// Never: another host has it.
    Duplicate,
}

impl Interface {
    /// Whether `ip` is in a network that it has an address of, so that no router is between.
    #[must_use]
    pub fn reaches(&self, ip: IpAddr) -> bool {
        self.addresses.iter().any(|address| match (address.ip, ip) {
            (IpAddr::V4(own), IpAddr::V4(ip)) => {
                (own.to_bits() ^ ip.to_bits()).leading_zeros() >= u32::from(address.prefix)
            }
            (IpAddr::V6(own), IpAddr::V6(ip)) => {
                (own.to_bits() ^ ip.to_bits()).leading_zeros() >= u32::from(address.prefix)
            }
            _ => false,
        })
    }

    /// Whether `ip` means every host of a network that it has an address of.
    #[must_use]
    pub fn has_broadcast(&self, ip: IpAddr) -> bool {
        self.addresses.iter().any(|address| match (address.ip, ip) {
            (IpAddr::V4(own), IpAddr::V4(ip)) if address.prefix < 31 => {
                own.to_bits() | (u32::MAX >> address.prefix) == ip.to_bits()
            }
            _ => false,
        })
    }

    /// Its IPv4 addresses.
    pub fn ipv4(&self) -> impl Iterator<Item = std::net::Ipv4Addr> {
        self.addresses.iter().filter_map(|address| match address.ip {
            IpAddr::V4(ip) => Some(ip),
            IpAddr::V6(_) => None,
        })
    }

    /// Its link-local IPv6 address: a usable one, if there is one.
    #[must_use]
    pub fn link_local(&self) -> Option<Address> {
        let is_link_local = |address: &&Address| matches!(address.ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
        let mut found: Vec<_> = self.addresses.iter().filter(is_link_local).copied().collect();
        found.sort_by_key(|address| address.state != AddressState::Usable);
        found.first().copied()
    }

    /// Whether it is an Ethernet one with a hardware address of its own.
    #[must_use]
    pub fn is_ethernet(&self) -> bool {
        self.mac.is_some() && !self.loopback
    }
}

/// The one of `interfaces` that is called `name`.
///
/// # Errors
/// There is none: the error lists those there are.
pub fn named<'a>(interfaces: &'a [Interface], name: &str) -> Result<&'a Interface> {
    interfaces.iter().find(|interface| interface.name == name).ok_or_else(|| {
        let names: Vec<_> = interfaces.iter().map(|interface| interface.name.as_str()).collect();
        Error::new(format!("interface \"{name}\""), "there is no such interface")
            .hint(format!("there are: {}", names.join(", ")))
    })
}
