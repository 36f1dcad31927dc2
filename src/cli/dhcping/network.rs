//! The network that dhcping asks: the real one, or a test's.

use std::cell::OnceCell;
use std::net::IpAddr;

use crate::env::{host, signals};
use crate::error::{Error, Result};
use crate::family::Family;
use crate::net::iface;
use crate::net::{self, Transport};
use crate::probe::plan::Host;
use crate::wire::LinkSpec;
use crate::wire::interface::Interface;

/// The network that dhcping asks.
pub trait Network: Host {
    /// Which signal the user ended it with.
    fn signal(&self) -> u8 {
        signals::INTERRUPT
    }
    /// Opens the links; one that cannot be opened does not keep the others from it.
    ///
    /// # Errors
    /// None of them can be opened.
    fn open(&mut self, links: &[LinkSpec]) -> Result<Box<dyn Transport>>;
}

/// The network this host is in.
#[derive(Default)]
pub(super) struct Real {
    interfaces: OnceCell<Vec<Interface>>,
}

impl Host for Real {
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
}

impl Network for Real {
    fn signal(&self) -> u8 {
        signals::latest()
    }

    fn open(&mut self, links: &[LinkSpec]) -> Result<Box<dyn Transport>> {
        let interrupts = signals::interruptions().map_err(|cause| Error::io("wait for Ctrl-C", &cause))?;
        let interfaces = match self.interfaces.get() {
            Some(interfaces) => interfaces,
            None => &iface::list()?,
        };
        Ok(Box::new(net::open_any(interfaces, links, Some(interrupts))?))
    }
}
