//! Who answered.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::latency::Latency;
use crate::probe::Identity;
use crate::wire::Mac;

/// A server that answered.
#[derive(Debug)]
pub(super) struct Server {
    /// Who it says it is.
    pub(super) identity: Identity,
    /// Where its answers come from.
    pub(super) source: SocketAddr,
    /// How many answers counted.
    pub(super) answers: u64,
    /// How many of its answers said no.
    pub(super) refusals: u64,
    /// How long it took from the times of sending.
    pub(super) latency: Latency,
}

/// The servers that answered, in the order of their first answers. No more than 64 are distinguished: the last place is
/// that of all others.
#[derive(Debug, Default)]
pub(super) struct Servers {
    all: Vec<Server>,
    /// Their hardware addresses, where frames are seen.
    hardware: Vec<Option<Mac>>,
}

const MOST: usize = 64;

impl Servers {
    /// The place of a server.
    pub(super) fn place(&mut self, identity: &Identity, source: SocketAddr, mac: Option<Mac>) -> u8 {
        let is_it = |server: &Server| server.identity == *identity;
        let known = self.all.iter().position(is_it).or_else(|| self.named(identity, source));
        let place = known.unwrap_or_else(|| {
            if self.all.len() < MOST {
                let (identity, latency) = (identity.clone(), Latency::default());
                self.all.push(Server { identity, source, answers: 0, refusals: 0, latency });
                self.hardware.push(mac);
            }
            self.all.len() - 1
        });
        u8::try_from(place).unwrap_or_default()
    }

    /// A server of DHCPv6 that had not said who it is, and does now.
    fn named(&mut self, identity: &Identity, source: SocketAddr) -> Option<usize> {
        let is_it = |server: &Server| server.identity == Identity::Address(source.ip());
        let place = self.all.iter().position(is_it).filter(|_| matches!(identity, Identity::Duid(_)))?;
        self.all[place].identity = identity.clone();
        Some(place)
    }

    /// The place of a server that sends from this address: `first`, or another one.
    pub(super) fn at(&self, source: IpAddr, first: u8) -> Option<u8> {
        let is_it = |server: &Server| server.source.ip() == source;
        if self.get(first).is_some_and(is_it) {
            return Some(first);
        }
        self.all.iter().position(is_it).and_then(|place| u8::try_from(place).ok())
    }

    /// The server at a place.
    pub(super) fn get(&self, place: u8) -> Option<&Server> {
        self.all.get(usize::from(place))
    }

    /// The hardware address of the server at a place.
    pub(super) fn hardware(&self, place: u8) -> Option<Mac> {
        self.hardware.get(usize::from(place)).copied().flatten()
    }

    /// It answered with what was wanted, after so long.
    pub(super) fn answered(&mut self, place: u8, after: Duration) {
        if let Some(server) = self.all.get_mut(usize::from(place)) {
            server.answers += 1;
            server.latency.add(after);
        }
    }

    /// It said no.
    pub(super) fn refused(&mut self, place: u8) {
        if let Some(server) = self.all.get_mut(usize::from(place)) {
            server.refusals += 1;
        }
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Server> {
        self.all.iter()
    }
}
