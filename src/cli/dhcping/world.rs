//! What dhcping asks of the network: the real one, or a test's.

use std::cell::OnceCell;
use std::net::IpAddr;

use sha2::{Digest as _, Sha256};

use crate::env::{host, signals};
use crate::error::{Error, Result};
use crate::lease::Family;
use crate::net::iface::{self, Interface};
use crate::net::{self, Plan, Transport};
use crate::packet::Mac;

/// What dhcping asks of the network.
pub trait World {
    /// The interfaces of this host.
    fn interfaces(&self) -> Result<Vec<Interface>>;
    /// The address of a server's name.
    fn resolve(&self, name: &str, family: Family) -> Result<IpAddr>;
    /// The address that packets to `server` are sent from.
    fn source_towards(&self, server: IpAddr) -> Result<IpAddr>;
    /// Something that stays the same on this host and is another on every other.
    fn host_identifier(&self) -> Option<String>;
    /// Which signal the user ended it with.
    fn signal(&self) -> u8 {
        signals::INTERRUPT
    }
    /// Opens the links; one that cannot be had does not keep the others from it.
    fn open(&mut self, plans: &[Plan]) -> Result<Box<dyn Transport>>;
}

/// The network this host is in.
#[derive(Default)]
pub(super) struct Real {
    interfaces: OnceCell<Vec<Interface>>,
}

impl World for Real {
    fn interfaces(&self) -> Result<Vec<Interface>> {
        let interfaces = iface::list()?;
        Ok(self.interfaces.get_or_init(|| interfaces).clone())
    }

    fn resolve(&self, name: &str, family: Family) -> Result<IpAddr> {
        net::resolve(name, family)
    }

    fn source_towards(&self, server: IpAddr) -> Result<IpAddr> {
        net::source_towards(server)
    }

    fn host_identifier(&self) -> Option<String> {
        host::identifier()
    }

    fn signal(&self) -> u8 {
        signals::latest()
    }

    fn open(&mut self, plans: &[Plan]) -> Result<Box<dyn Transport>> {
        let interrupts = signals::interruptions().map_err(|cause| Error::io("wait for Ctrl-C", &cause))?;
        let interfaces = match self.interfaces.get() {
            Some(interfaces) => interfaces,
            None => &iface::list()?,
        };
        Ok(Box::new(net::open_any(interfaces, plans, Some(interrupts))?))
    }
}

/// How all hardware addresses that this program makes up begin; locally administered (IEEE 802).
const OURS: [u8; 3] = [0x02, 0x6b, 0x65];

/// The hardware address that probes from this host have: the same every time, so that a server keeps offering the same
/// address and whoever finds it in a log can tell where it comes from.
pub(super) fn hardware_address(host: &str) -> Mac {
    // Not the identifier as it is: machine-id(5) wants it kept, and from a digest nobody can tell it.
    let digest = Sha256::digest(format!("kea-tools dhcping hardware address\n{host}"));
    let mut address = [0; 6];
    address[..3].copy_from_slice(&OURS);
    address[3..].copy_from_slice(&digest[..3]);
    Mac(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_one_address_of_its_own_making() {
        let address = hardware_address("3d1219c7c4c5404aaa1f6d2a48adfda4");
        assert_eq!(address.to_string(), "02:6b:65:b3:02:6b");
        assert_ne!(address, hardware_address("3d1219c7c4c5404aaa1f6d2a48adfda5"));
    }
}
