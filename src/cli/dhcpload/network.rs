//! The network that dhcpload loads: the real one, or a test's.

use std::net::IpAddr;

use crate::env::signals;
use crate::error::{Error, Result};
use crate::family::Family;
use crate::net::{self, Batch, iface};
use crate::probe::Machine;
use crate::wire::LinkSpec;
use crate::wire::interface::Interface;

/// The network that dhcpload loads.
pub trait Network {
    /// The interfaces of this host.
    fn interfaces(&self) -> Result<Vec<Interface>>;
    /// The address of a server.
    fn resolve(&self, name: &str, family: Family) -> Result<IpAddr>;
    /// The interface by which packets to a server leave.
    fn interface_towards(&self, server: IpAddr) -> Result<Interface>;
    /// The name of an interface's driver, if it is known.
    fn driver(&self, interface: &str) -> Option<String>;
    /// Which signal the user ended it with.
    fn signal(&self) -> u8 {
        signals::INTERRUPT
    }
    /// Opens a link.
    fn open(&mut self, link: &LinkSpec) -> Result<Box<dyn Channel>>;
}

/// An open link.
pub trait Channel {
    /// Sends and receives packets for a machine until it is done.
    fn drive(&mut self, machine: &mut dyn Machine) -> Result<()>;
    /// How many datagrams its socket had no room for.
    fn drops(&self) -> u64;
    /// Unix time at the beginning of the link's.
    fn epoch(&self) -> std::time::Duration;
    /// The share of a processor that the run has taken.
    fn cpu(&self) -> f64;
}

/// The network this host is in.
pub(super) struct Real;

impl Network for Real {
    fn interfaces(&self) -> Result<Vec<Interface>> {
        iface::list()
    }

    fn resolve(&self, name: &str, family: Family) -> Result<IpAddr> {
        net::resolve(name, family)
    }

    fn interface_towards(&self, server: IpAddr) -> Result<Interface> {
        net::interface_towards(server)
    }

    fn driver(&self, interface: &str) -> Option<String> {
        net::driver(interface)
    }

    fn signal(&self) -> u8 {
        signals::latest()
    }

    fn open(&mut self, link: &LinkSpec) -> Result<Box<dyn Channel>> {
        let interrupts = signals::interruptions().map_err(|cause| Error::io("wait for Ctrl-C", &cause))?;
        Ok(Box::new(net::open_batch(link, Some(interrupts))?))
    }
}

impl Channel for Batch {
    fn drive(&mut self, machine: &mut dyn Machine) -> Result<()> {
        Self::drive(self, machine)
    }

    fn drops(&self) -> u64 {
        Self::drops(self)
    }

    fn epoch(&self) -> std::time::Duration {
        Self::epoch(self)
    }

    fn cpu(&self) -> f64 {
        Self::cpu(self)
    }
}
