//! What came of an exchange, the same for DHCPv4 and DHCPv6.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::identity::Identity;
use super::rejection::Rejected;
use super::rules::{Discard, Remark};
use super::sighting::{Sender, Sightings};
use crate::error::Error;
use crate::wire::{Checksum, Datagram, Mac, Unreachable};

/// A machine that keeps a record of its exchange.
pub trait Exchange: super::Machine {
    /// What came of it so far.
    fn record(&self) -> &Record;
}

/// What an answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerKind {
    /// DHCPOFFER
    Offer,
    /// DHCPACK
    Ack,
    /// DHCPNAK
    Nak,
    /// A BOOTP reply without message type.
    Bootp,
    /// DHCPv6 Advertise
    Advertise,
    /// DHCPv6 Reply
    Reply,
    /// Another message type, asked for on purpose.
    Other(u8),
}

impl AnswerKind {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Offer => "OFFER",
            Self::Ack => "ACK",
            Self::Nak => "NAK",
            Self::Bootp => "BOOTP reply",
            Self::Advertise => "ADVERTISE",
            Self::Reply => "REPLY",
            Self::Other(_) => "answer",
        }
    }
}

/// An address or prefix that an answer gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leased {
    /// The address, or the prefix's first.
    pub address: IpAddr,
    /// 32, 128, or the length of a delegated prefix.
    pub prefix: u8,
    /// The valid lifetime in seconds, where the answer has it.
    pub lifetime: Option<u32>,
}

impl Leased {
    /// Whether it is a prefix for the client to use as it likes, and not an address.
    #[must_use]
    pub fn is_delegated(&self) -> bool {
        self.prefix != if self.address.is_ipv4() { 32 } else { 128 }
    }
}

impl fmt::Display for Leased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_delegated() { write!(f, "{}/{}", self.address, self.prefix) } else { self.address.fmt(f) }
    }
}

/// A message that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The message's name: `DISCOVER`, `SOLICIT`.
    pub what: &'static str,
    /// When.
    pub at: Duration,
    /// Which try of the same message, from 1.
    pub try_number: u32,
    /// Its length.
    pub octets: usize,
}

/// An answer that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeAnswer {
    /// What it says.
    pub kind: AnswerKind,
    /// 0 for an answer to the first message of the exchange, 1 to the second.
    pub phase: u8,
    /// The server's identifier, if the answer has one.
    pub server: Option<Identity>,
    /// Who sent it.
    pub source: SocketAddr,
    /// The sender's hardware address, where frames are seen.
    pub mac: Option<Mac>,
    /// The virtual network it came from.
    pub vlan: Option<u16>,
    /// Which link brought it.
    pub link: usize,
    /// The relay it came through.
    pub relay: Option<IpAddr>,
    /// When it came.
    pub at: Duration,
    /// Time since the latest try of the message that it answers.
    pub rtt: Duration,
    /// Which try that was, from 1.
    pub try_number: u32,
    /// What its UDP checksum is worth, where frames are seen.
    pub checksum: Checksum,
    /// How often it came.
    pub copies: u32,
    /// What it gives to the client.
    pub addresses: Vec<Leased>,
    /// If it says no: what it says about it, or nothing.
    pub refusal: Option<String>,
    /// What is not as it should be, though clients use it.
    pub remarks: Vec<Remark>,
    /// The UDP payload.
    pub octets: Vec<u8>,
}

impl ProbeAnswer {
    /// Whether the server calls itself so, or the answer was sent from there.
    #[must_use]
    pub fn is_from(&self, server: &Identity) -> bool {
        self.server.as_ref() == Some(server) || *server == Identity::Address(self.source.ip())
    }

    /// The server's identifier; where it says none, the address the answer came from.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.server.clone().unwrap_or(Identity::Address(self.source.ip()))
    }

    /// Whether the same server answers the same message.
    fn is_of_the_same(&self, other: &Self) -> bool {
        (self.kind, self.phase, self.link, self.source) == (other.kind, other.phase, other.link, other.source)
            && self.server == other.server
            && self.mac == other.mac
            && self.vlan == other.vlan
    }

    /// Whether an answer to a further try adds nothing to it: times that have gone on, another address.
    fn is_as_good_as(&self, other: &Self) -> bool {
        other.try_number > self.try_number && (!self.addresses.is_empty() || other.addresses.is_empty())
    }

    /// Whether it says the same, but for the seconds that DHCPv4 counts.
    fn says_the_same(&self, other: &Self) -> bool {
        let without_secs = |octets: &[u8]| {
            let mut octets = octets.to_vec();
            if let Some(secs) = octets.get_mut(8..10).filter(|_| self.source.is_ipv4()) {
                secs.fill(0);
            }
            octets
        };
        without_secs(&self.octets) == without_secs(&other.octets)
    }
}

impl From<&ProbeAnswer> for Sender {
    fn from(answer: &ProbeAnswer) -> Self {
        let ProbeAnswer { server, source, mac, link, relay, .. } = answer;
        Self { server: server.clone(), source: *source, mac: *mac, link: *link, relay: *relay }
    }
}

/// How many different answers a record holds; more are only counted.
const MOST_ANSWERS: usize = 256;

/// What came of an exchange.
#[derive(Debug, Default)]
pub struct Record {
    /// What was sent, in order.
    pub sent: Vec<Sent>,
    /// What counts, in order; an answer that comes again only raises its `copies`, what a server answers to a further
    /// try not even those.
    pub answers: Vec<ProbeAnswer>,
    /// Of each answer the latest try that the same server answered.
    latest_tries: Vec<u32>,
    /// Answers for which there was no more room.
    pub left_out: u64,
    /// What does not count.
    pub rejected: Rejected,
    /// Servers that were heard by something that does not count, where all servers are to be found.
    pub sightings: Sightings,
    /// Why something could not be sent.
    pub unsent: Option<Error>,
    /// What ICMP says of something that was sent.
    pub unreachable: Option<Unreachable>,
    /// The servers that were sent a RELEASE.
    pub released: Vec<Identity>,
    /// Whether the user ended it.
    pub interrupted: bool,
}

impl Record {
    /// Of an exchange that cannot even be begun.
    #[must_use]
    pub fn of_nothing(why: Error) -> Self {
        Self { unsent: Some(why), ..Self::default() }
    }

    /// An answer that counts; whether it is the first of its kind.
    pub fn answered(&mut self, answer: ProbeAnswer) -> bool {
        if let Some(at) =
            self.answers.iter().position(|known| known.is_of_the_same(&answer) && known.says_the_same(&answer))
        {
            self.came_again(at, answer.try_number);
            return false;
        }
        if self.answers.iter().any(|known| known.is_of_the_same(&answer) && known.is_as_good_as(&answer)) {
            return false;
        }
        if self.answers.len() == MOST_ANSWERS {
            self.left_out += 1;
            return false;
        }
        self.latest_tries.push(answer.try_number);
        self.answers.push(answer);
        true
    }

    /// A copy, unless a further try has been answered by it.
    fn came_again(&mut self, at: usize, try_number: u32) {
        if try_number > self.latest_tries[at] {
            self.latest_tries[at] = try_number;
        } else {
            self.answers[at].copies = self.answers[at].copies.saturating_add(1);
        }
    }

    /// A datagram that does not count.
    pub fn reject(&mut self, why: impl Into<Discard>, datagram: &Datagram<'_>) {
        self.rejected.add(why.into(), datagram);
    }

    /// A message leaves.
    pub fn sent(&mut self, what: &'static str, at: Duration, try_number: u32, octets: usize) {
        self.sent.push(Sent { what, at, try_number, octets });
    }

    /// The message that was noted last really left at this moment.
    pub fn left(&mut self, at: Duration) {
        if let Some(sent) = self.sent.last_mut() {
            sent.at = at;
        }
    }

    /// What came instead of an answer.
    #[must_use]
    pub fn came_instead(&self) -> Option<String> {
        came_instead(&self.rejected, self.unreachable.as_ref())
    }

    /// The first answer to the first message.
    #[must_use]
    pub fn first_answer(&self) -> Option<&ProbeAnswer> {
        self.answers.first()
    }

    /// How long the servers took in all: of each message that was answered, its first answer.
    #[must_use]
    pub fn took(&self) -> Option<Duration> {
        let last = self.answers.iter().map(|answer| answer.phase).max()?;
        let first = |phase| self.answers.iter().find(|answer| answer.phase == phase);
        Some((0..=last).filter_map(first).map(|answer| answer.rtt).sum())
    }

    /// The first answer to the last message that was answered; one that grants outranks one that refuses.
    #[must_use]
    pub fn final_answer(&self) -> Option<&ProbeAnswer> {
        let phase = self.answers.iter().map(|answer| answer.phase).max()?;
        self.answers.iter().filter(|answer| answer.phase == phase).min_by_key(|answer| answer.refusal.is_some())
    }
}

/// What came instead of an answer, if anything did: `1 datagram ignored: …`, `ICMP port unreachable from 192.0.2.1`.
pub(super) fn came_instead(rejected: &Rejected, unreachable: Option<&Unreachable>) -> Option<String> {
    let ignored = (rejected.total() > 0).then(|| rejected.to_string());
    let parts: Vec<_> = unreachable.map(ToString::to_string).into_iter().chain(ignored).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// When a message has been answered enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Until {
    /// With the first answer.
    First,
    /// When each of these servers has answered.
    Servers(Vec<Identity>),
    /// When the last wait is over, however many answers there are.
    End,
}

impl Until {
    /// Whether these answers are enough.
    #[must_use]
    pub fn is_reached(&self, answers: &[&ProbeAnswer]) -> bool {
        match self {
            Self::First => !answers.is_empty(),
            Self::Servers(servers) => servers.iter().all(|server| answers.iter().any(|answer| answer.is_from(server))),
            Self::End => false,
        }
    }
}
