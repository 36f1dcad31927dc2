//! The network and the terminal that a session uses: the real ones, or a test's.

use std::os::fd::OwnedFd;
use std::sync::mpsc::Receiver;

use crate::env::signals;
use crate::env::typed::{Typed, typed};
use crate::error::{Error, Result};
use crate::net::{self, Transport};
use crate::wire::{LinkSpec, Mac};

/// The network and the terminal that a session uses.
pub trait Network {
    /// Opens the links; an interrupt wakes them.
    fn open(&mut self, links: &[LinkSpec]) -> Result<Box<dyn Transport>>;
    /// Opens the links; each thing that is typed wakes them as an interrupt does, and can then be asked for.
    fn open_with_commands(&mut self, links: &[LinkSpec]) -> Result<Box<dyn Transport>>;
    /// The hardware address of the interface of the first link, once it is open.
    fn hardware(&self) -> Option<Mac>;
    /// Whether that interface has an IPv4 address.
    fn has_address(&self) -> bool;
    /// Which signal the user ended it with.
    fn signal(&self) -> u8 {
        signals::INTERRUPT
    }
    /// What was typed, after it woke the links.
    fn command(&mut self) -> Typed;
}

/// The network and the terminal of this host.
#[derive(Default)]
pub struct Real {
    commands: Option<Receiver<Typed>>,
    hardware: Option<Mac>,
    has_address: bool,
}

impl Real {
    fn open_links(&mut self, links: &[LinkSpec], wakes: OwnedFd) -> Result<Box<dyn Transport>> {
        let links = net::open(links, Some(wakes))?;
        let interface = links.link(0).map(net::Link::interface);
        self.hardware = interface.and_then(|interface| interface.mac);
        self.has_address = interface.is_some_and(|interface| interface.ipv4().next().is_some());
        Ok(Box::new(links))
    }
}

impl Network for Real {
    fn open(&mut self, links: &[LinkSpec]) -> Result<Box<dyn Transport>> {
        let interrupts = signals::interruptions().map_err(|cause| Error::io("wait for Ctrl-C", &cause))?;
        self.open_links(links, interrupts)
    }

    fn open_with_commands(&mut self, links: &[LinkSpec]) -> Result<Box<dyn Transport>> {
        let (wakes, commands) = typed().map_err(|cause| Error::io("read commands", &cause))?;
        self.commands = Some(commands);
        self.open_links(links, wakes)
    }

    fn hardware(&self) -> Option<Mac> {
        self.hardware
    }

    fn has_address(&self) -> bool {
        self.has_address
    }

    fn signal(&self) -> u8 {
        signals::latest()
    }

    fn command(&mut self) -> Typed {
        self.commands.as_ref().and_then(|commands| commands.recv().ok()).unwrap_or(Typed::End)
    }
}
