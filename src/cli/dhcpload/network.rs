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
    /// Why an interface may lead to other machines, if it may.
    fn way_out(&self, interface: &str) -> Option<String>;
    /// The sockets of a server in a network namespace, by its name or path; without one those of this one, if there is a
    /// server. To be called before a link is opened.
    fn server_sockets(&self, namespace: Option<&str>, family: Family) -> Result<Option<Box<dyn ServerSockets>>>;
    /// Which signal the user ended it with.
    fn signal(&self) -> u8 {
        signals::INTERRUPT
    }
    /// Opens a link.
    fn open(&mut self, link: &LinkSpec) -> Result<Box<dyn Channel>>;
}

/// The sockets of a server.
pub trait ServerSockets {
    /// How many datagrams they have had no room for since, if that is known.
    fn drops(&self) -> Option<u64>;
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

    fn way_out(&self, interface: &str) -> Option<String> {
        net::way_out(interface)
    }

    fn server_sockets(&self, namespace: Option<&str>, family: Family) -> Result<Option<Box<dyn ServerSockets>>> {
        let port = if family == Family::V4 { 67 } else { 547 };
        let found = net::Sockets::open(namespace, family, port)?;
        Ok(found.map(|sockets| Box::new(sockets) as Box<dyn ServerSockets>))
    }

    fn signal(&self) -> u8 {
        signals::latest()
    }

    fn open(&mut self, link: &LinkSpec) -> Result<Box<dyn Channel>> {
        let interrupts = signals::interruptions().map_err(|cause| Error::io("wait for Ctrl-C", &cause))?;
        Ok(Box::new(net::open_batch(link, Some(interrupts))?))
    }
}

impl ServerSockets for net::Sockets {
    fn drops(&self) -> Option<u64> {
        Self::drops(self)
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
