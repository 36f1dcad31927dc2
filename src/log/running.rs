//! What keeps clients from being served and goes on until a message shows that it is over: allocations that fail, relays
//! without a subnet, sockets that are not open, a database that was given up, a partner that is not reached.
//!
//! What is within the wanted time has findings of its own; here is also what began before it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::assemble::Message;
use super::client::Client;
use super::command;
use super::exchange::{Cause, Scope};
use super::family::Tally;
use super::message::LogMessageKind;
use super::stamp::{Micros, SECOND};
use super::text::{self, Lease};

/// What goes on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ongoing {
    /// Clients of DHCPv4 or DHCPv6 (true) get no lease here.
    Failure(bool, Scope, Cause),
    UnknownRelay(IpAddr),
    /// Sockets could not be opened, or no interface is configured.
    SocketsFailed,
    NoSockets,
    DatabaseGivenUp,
    PartnerLost,
}

/// How often it occurred, and to which clients.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Episode {
    pub(crate) tally: Tally,
    pub(crate) clients: BTreeSet<Client>,
    /// Whether it occurred in the wanted time too.
    is_within: bool,
}

/// So many episodes, and clients of one, are kept.
const MOST: usize = 1000;
/// A failure after which no client came at all is over after this time.
const LONGEST_SILENCE: Micros = 24 * 3600 * SECOND;

/// Everything that goes on, by daemon.
#[derive(Debug, Default)]
pub(crate) struct Running {
    episodes: BTreeMap<(usize, Ongoing), Episode>,
}

impl Running {
    /// It occurs; `client` if it is about one.
    pub(crate) fn add(&mut self, at: usize, what: Ongoing, client: Option<Client>, tally: &Tally) {
        let key = (at, what);
        if self.episodes.len() >= MOST && !self.episodes.contains_key(&key) {
            return;
        }
        let episode = self.episodes.entry(key).or_default();
        episode.tally.join(tally);
        episode.is_within = true;
        if episode.clients.len() < MOST {
            episode.clients.extend(client);
        }
    }

    /// Takes in what a message says of a daemon itself.
    pub(super) fn observe(&mut self, message: &Message<'_>, at: usize) {
        let mut begins = |what| self.add(at, what, None, &Tally::once(message.time));
        match message.kind {
            LogMessageKind::SocketsFailed => begins(Ongoing::SocketsFailed),
            LogMessageKind::NoInterface => begins(Ongoing::NoSockets),
            LogMessageKind::DatabaseGivenUp => begins(Ongoing::DatabaseGivenUp),
            LogMessageKind::HaInterrupted => begins(Ongoing::PartnerLost),
            LogMessageKind::DatabaseBack | LogMessageKind::Started => self.end(at, &[Ongoing::DatabaseGivenUp]),
            LogMessageKind::HaTransition | LogMessageKind::HaSynced => self.end(at, &[Ongoing::PartnerLost]),
            LogMessageKind::Reloading => self.end(at, &[Ongoing::SocketsFailed, Ongoing::NoSockets]),
            LogMessageKind::Reloaded | LogMessageKind::ConfigComplete => self.configured(at),
            LogMessageKind::CommandReceived => {
                let command = text::between(message.text, b"'", b"'").unwrap_or_default();
                match std::str::from_utf8(command).unwrap_or_default() {
                    "config-set" => self.end(at, &[Ongoing::SocketsFailed, Ongoing::NoSockets]),
                    name if command::of_partner(name) == Some("HA partner") => self.end(at, &[Ongoing::PartnerLost]),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, at: usize, over: &[Ongoing]) {
        for what in over {
            self.episodes.remove(&(at, what.clone()));
        }
    }

    /// Another configuration may know the relay.
    fn configured(&mut self, at: usize) {
        self.episodes.retain(|(of, what), _| *of != at || !matches!(what, Ongoing::UnknownRelay(_)));
    }

    /// Another process runs: what was wrong with the one before is over, except that pools are as full as before.
    pub(super) fn restarted(&mut self, at: usize) {
        self.episodes.retain(|(of, what), _| *of != at || matches!(what, Ongoing::Failure(..)));
    }

    /// A client was offered a lease or given one. That a client without a lease is offered one shows that there are some
    /// where the address is.
    pub(super) fn served(&mut self, at: usize, client: Client, lease: &Lease, is_new: bool, is_given: bool) {
        if self.episodes.is_empty() {
            return;
        }
        self.episodes.retain(|(of, what), episode| {
            if *of != at {
                return true;
            }
            let was_refused = episode.clients.remove(&client);
            match what {
                Ongoing::NoSockets => false,
                Ongoing::Failure(_, _, Cause::DatabaseError) => !is_given,
                Ongoing::Failure(is_v6, scope, _) => {
                    let is_here = *is_v6 == lease.address.is_ipv6() && has(scope, lease);
                    // A prefix that is free is no free address.
                    !(is_here && (was_refused || (is_new && lease.is_address())))
                }
                Ongoing::UnknownRelay(_) => !(was_refused && episode.clients.is_empty()),
                _ => true,
            }
        });
    }

    /// A packet from this address was answered.
    pub(super) fn answered(&mut self, at: usize, source: IpAddr) {
        if !self.episodes.is_empty() {
            self.end(at, &[Ongoing::UnknownRelay(source)]);
        }
    }

    /// The wanted time begins: what is known so far is from before it.
    pub(super) fn begin(&mut self) {
        self.episodes.values_mut().for_each(|episode| episode.is_within = false);
    }

    /// The logs are over.
    pub(super) fn finish(&mut self, now: Option<Micros>) {
        self.episodes.retain(|(_, what), episode| {
            let is_of_clients = matches!(what, Ongoing::Failure(..) | Ongoing::UnknownRelay(_));
            let silence = now.zip(episode.tally.last).map_or(0, |(now, last)| now - last);
            !is_of_clients || silence <= LONGEST_SILENCE
        });
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &Ongoing, &Episode)> {
        self.episodes.iter().map(|((at, what), episode)| (*at, what, episode))
    }

    /// What began before the wanted time, and is not in it.
    pub(crate) fn earlier(&self) -> impl Iterator<Item = (usize, &Ongoing, &Episode)> {
        self.iter().filter(|(_, _, episode)| !episode.is_within)
    }

    /// How many allocations failed, and packets came from unknown relays, where that goes on and began before.
    pub(crate) fn earlier_failures(&self) -> u64 {
        let is_failure = |what: &Ongoing| matches!(what, Ongoing::Failure(..) | Ongoing::UnknownRelay(_));
        self.earlier().filter(|(_, what, _)| is_failure(what)).map(|(_, _, episode)| episode.tally.count).sum()
    }
}

/// Whether a lease is of a place; where the addresses of the place are not known, it may be.
fn has(scope: &Scope, lease: &Lease) -> bool {
    let subnet = scope.subnet.as_deref().and_then(|text| text.split_once('/'));
    let subnet = subnet.and_then(|(base, length)| base.parse().ok().zip(length.parse::<u32>().ok()));
    let is_same = |difference: u128, rest: u32| difference.checked_shr(rest).unwrap_or(0) == 0;
    // A prefix need not be of its subnet.
    let Some(subnet) = subnet.filter(|_| lease.is_address()) else { return true };
    match (subnet, lease.address) {
        ((IpAddr::V4(base), length), IpAddr::V4(address)) => {
            is_same((u32::from(base) ^ u32::from(address)).into(), 32u32.saturating_sub(length))
        }
        ((IpAddr::V6(base), length), IpAddr::V6(address)) => {
            is_same(u128::from(base) ^ u128::from(address), 128u32.saturating_sub(length))
        }
        _ => false,
    }
}
