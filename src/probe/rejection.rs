//! What was heard and does not count.

use std::net::SocketAddr;

use crate::packet::Datagram;

/// Why a datagram is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// It has no octets.
    Empty,
    /// It ends within its header or within an option.
    Truncated,
    /// It is not of the protocol: no magic cookie, no such message.
    NotDhcp,
    /// A client's or a relay's message (op 1).
    NotAnAnswer,
    /// Another transaction number.
    OtherTransaction,
    /// Another client's hardware address or identifier.
    OtherClient,
    /// An answer of a type that is not waited for.
    OtherType,
    /// Not from the server that was asked.
    OtherServer,
    /// Something else in it cannot be.
    Malformed,
}

impl Rejection {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::Empty,
        Self::Truncated,
        Self::NotDhcp,
        Self::NotAnAnswer,
        Self::OtherTransaction,
        Self::OtherClient,
        Self::OtherType,
        Self::OtherServer,
        Self::Malformed,
    ];

    /// Its name in machine formats; never changes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Truncated => "truncated",
            Self::NotDhcp => "not-dhcp",
            Self::NotAnAnswer => "not-an-answer",
            Self::OtherTransaction => "other-transaction",
            Self::OtherClient => "other-client",
            Self::OtherType => "other-type",
            Self::OtherServer => "other-server",
            Self::Malformed => "malformed",
        }
    }

    /// What is wrong with such a datagram, for a sentence: `2 datagrams with …`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Empty => "without an octet",
            Self::Truncated => "that end too early",
            Self::NotDhcp => "that are no DHCP packets",
            Self::NotAnAnswer => "that are requests, not answers",
            Self::OtherTransaction => "of other transactions",
            Self::OtherClient => "for other clients",
            Self::OtherType => "of a type that was not asked for",
            Self::OtherServer => "from other servers",
            Self::Malformed => "that are malformed",
        }
    }
}

/// How many datagrams did not count, by reason. Its size does not depend on what is received.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rejected {
    counts: [u64; Rejection::ALL.len()],
    first: [Option<SocketAddr>; Rejection::ALL.len()],
}

impl Rejected {
    /// One more that does not count.
    pub fn add(&mut self, reason: Rejection, datagram: &Datagram<'_>) {
        let place = reason as usize;
        self.counts[place] += 1;
        self.first[place].get_or_insert(datagram.source);
    }

    /// All that `other` counted, too.
    pub fn merge(&mut self, other: &Self) {
        for (place, count) in other.counts.iter().enumerate() {
            self.counts[place] += count;
            self.first[place] = self.first[place].or(other.first[place]);
        }
    }

    /// Each reason that occurred: how often, and who was the first.
    pub fn each(&self) -> impl Iterator<Item = (Rejection, u64, SocketAddr)> + '_ {
        Rejection::ALL.into_iter().filter_map(|reason| {
            let place = reason as usize;
            Some((reason, self.counts[place], self.first[place]?))
        })
    }

    /// How many in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}
