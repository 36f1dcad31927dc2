//! What a load needs of a link and of a server on this host, as a test can be in their place.

use std::time::Duration;

use super::{Batch, Sockets};
use crate::error::Result;
use crate::probe::Machine;

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
    fn epoch(&self) -> Duration;
    /// The share of a processor that the run has taken.
    fn cpu(&self) -> f64;
}

impl ServerSockets for Sockets {
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

    fn epoch(&self) -> Duration {
        Self::epoch(self)
    }

    fn cpu(&self) -> f64 {
        Self::cpu(self)
    }
}
