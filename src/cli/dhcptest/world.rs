//! What dhcptest asks of the world: the real one, or a test's.

use std::sync::mpsc::Receiver;

use crate::env::signals;
use crate::env::typed::{Typed, typed};
use crate::error::{Error, Result};
use crate::net::{self, Plan, Transport};

/// What dhcptest asks of the world.
pub trait World {
    /// Opens the links; an interrupt wakes them.
    fn open(&mut self, plans: &[Plan]) -> Result<Box<dyn Transport>>;
    /// Opens the links; each thing that is typed wakes them as an interrupt does, and can then be asked for.
    fn open_with_commands(&mut self, plans: &[Plan]) -> Result<Box<dyn Transport>>;
    /// What was typed, after it woke the links.
    fn command(&mut self) -> Typed;
}

/// The network and the terminal of this host.
#[derive(Default)]
pub(super) struct Real {
    commands: Option<Receiver<Typed>>,
}

impl World for Real {
    fn open(&mut self, plans: &[Plan]) -> Result<Box<dyn Transport>> {
        let interrupts = signals::interruptions().map_err(|cause| Error::io("wait for Ctrl-C", &cause))?;
        Ok(Box::new(net::open(plans, Some(interrupts))?))
    }

    fn open_with_commands(&mut self, plans: &[Plan]) -> Result<Box<dyn Transport>> {
        let (wakes, commands) = typed().map_err(|cause| Error::io("read commands", &cause))?;
        self.commands = Some(commands);
        Ok(Box::new(net::open(plans, Some(wakes))?))
    }

    fn command(&mut self) -> Typed {
        self.commands.as_ref().and_then(|commands| commands.recv().ok()).unwrap_or(Typed::End)
    }
}
