//! Servers that are there, whatever what they send is worth: where only some may answer, any sign of another one counts.

use std::net::{IpAddr, SocketAddr};

use super::identity::Identity;
use super::rules::Discard;
use crate::wire::{Datagram, Mac};

/// Who sent a server's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The server's identifier, if the message has one.
    pub server: Option<Identity>,
    /// The address that it was sent from.
    pub source: SocketAddr,
    /// The sender's hardware address, where frames are seen.
    pub mac: Option<Mac>,
    /// Which link brought it.
    pub link: usize,
    /// The relay it came through.
    pub relay: Option<IpAddr>,
}

impl Sender {
    /// The sender of `datagram`, which has this identifier and came through this relay.
    pub(super) fn of(datagram: &Datagram<'_>, server: Option<Identity>, relay: Option<IpAddr>) -> Self {
        let Datagram { source, mac, link, .. } = *datagram;
        Self { server, source, mac, link, relay }
    }

    /// The server's identifier; where there is none, the address that it sent from.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.server.clone().unwrap_or(Identity::Address(self.source.ip()))
    }

    /// Whether both sent from one interface.
    #[must_use]
    pub fn shares_interface(&self, other: &Self) -> bool {
        match (self.mac, other.mac) {
            (Some(one), Some(other)) => one == other,
            _ => self.source.ip() == other.source.ip(),
        }
    }
}

/// A server that was heard by a message that is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Who sent it.
    pub sender: Sender,
    /// Why it is no answer.
    pub why: Discard,
}

/// The servers that were heard by what is no answer.
#[derive(Debug, Default)]
pub struct Sightings(Vec<Sighting>);

/// More of them are not kept.
const MOST: usize = 256;

impl Sightings {
    /// One more, unless the same was heard before.
    pub(super) fn add(&mut self, sender: Sender, why: Discard) {
        if self.0.len() < MOST && !self.0.iter().any(|known| known.sender == sender) {
            self.0.push(Sighting { sender, why });
        }
    }

    /// Each of them, in the order in which they were heard.
    pub fn iter(&self) -> impl Iterator<Item = &Sighting> {
        self.0.iter()
    }
}
