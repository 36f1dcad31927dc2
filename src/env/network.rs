//! The network of this host: its interfaces, names and routes, and links for packets.

use std::cell::OnceCell;
use std::net::IpAddr;
use std::os::fd::OwnedFd;
use std::sync::mpsc::Receiver;

use super::typed::{Typed, typed};
use super::{host, signals};
use crate::error::{Error, Result};
use crate::family::Family;
use crate::net::{self, Channel, ServerSockets, Transport, iface};
use crate::probe::plan::Host;
use crate::wire::LinkSpec;
use crate::wire::interface::Interface;

/// The network that a program uses.
pub trait Network: Host {
    /// Opens the links; an interrupt wakes them.
    fn open(&mut self, links: &[LinkSpec]) -> Result<Box<dyn Transport>>;
    /// The same where some of the links will do.
    ///
    /// # Errors
    /// None of them can be opened.
    fn open_any(&mut self, links: &[LinkSpec]) -> Result<Box<dyn Transport>> {
        self.open(links)
    }
    /// The same where lines that are typed wake the links as an interrupt does: [`Network::command`] returns them.
    fn open_with_commands(&mut self, links: &[LinkSpec]) -> Result<Box<dyn Transport>> {
        self.open(links)
    }
    /// Opens one link for many packets.
    fn open_channel(&mut self, link: &LinkSpec) -> Result<Box<dyn Channel>>;
    /// The interface by which packets to a server leave.
    fn interface_towards(&self, server: IpAddr) -> Result<Interface>;
    /// Why an interface may lead to other machines, if it may.
    fn way_out(&self, _interface: &str) -> Option<String> {
        None
    }
    /// The sockets of a server in a network namespace, by its name or path; without one those of this one, if there is a
    /// server. To be called before a link is opened.
    fn server_sockets(&self, _namespace: Option<&str>, _: Family) -> Result<Option<Box<dyn ServerSockets>>> {
        Ok(None)
    }
    /// What was typed, after it woke the links.
    fn command(&mut self) -> Typed {
        Typed::End
    }
    /// The signal with which the user ended the program.
    fn signal(&self) -> u8 {
        signals::INTERRUPT
    }
}

/// The network this host is in.
#[derive(Default)]
pub(super) struct ThisHost {
    interfaces: OnceCell<Vec<Interface>>,
    commands: Option<Receiver<Typed>>,
}

impl ThisHost {
    /// The interfaces at the first look.
    fn known_interfaces(&self) -> Result<&[Interface]> {
        match self.interfaces.get() {
            Some(known) => Ok(known),
            None => iface::list().map(|listed| &self.interfaces.get_or_init(|| listed)[..]),
        }
    }
}

fn interruptions() -> Result<OwnedFd> {
    signals::interruptions().map_err(|cause| Error::io("wait for Ctrl-C", &cause))
}

impl Host for ThisHost {
    fn interfaces(&self) -> Result<Vec<Interface>> {
        let listed = iface::list()?;
        self.interfaces.get_or_init(|| listed.clone());
        Ok(listed)
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
}

impl Network for ThisHost {
    fn open(&mut self, links: &[LinkSpec]) -> Result<Box<dyn Transport>> {
        Ok(Box::new(net::open_on(self.known_interfaces()?, links, Some(interruptions()?))?))
    }

    fn open_any(&mut self, links: &[LinkSpec]) -> Result<Box<dyn Transport>> {
        Ok(Box::new(net::open_any(self.known_interfaces()?, links, Some(interruptions()?))?))
    }

    fn open_with_commands(&mut self, links: &[LinkSpec]) -> Result<Box<dyn Transport>> {
        let (wakes, commands) = typed().map_err(|cause| Error::io("read commands", &cause))?;
        self.commands = Some(commands);
        Ok(Box::new(net::open_on(self.known_interfaces()?, links, Some(wakes))?))
    }

    fn open_channel(&mut self, link: &LinkSpec) -> Result<Box<dyn Channel>> {
        Ok(Box::new(net::open_batch(link, Some(interruptions()?))?))
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

    fn command(&mut self) -> Typed {
        self.commands.as_ref().and_then(|commands| commands.recv().ok()).unwrap_or(Typed::End)
    }

    fn signal(&self) -> u8 {
        signals::latest()
    }
}
