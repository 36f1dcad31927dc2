//! What was heard and does not count.

use std::fmt;
use std::net::SocketAddr;

use super::rules::{Discard, Rejection};
use crate::text::count;
use crate::wire::Datagram;

/// How many datagrams did not count, by reason. Its size does not depend on what is received.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rejected {
    counts: [u64; Rejection::COUNT],
    first: [Option<First>; Rejection::COUNT],
}

/// The first datagram that was rejected for a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
struct First {
    source: SocketAddr,
    found: Option<String>,
}

impl Rejected {
    /// One more that does not count.
    pub fn add(&mut self, discard: Discard, datagram: &Datagram<'_>) {
        let place = discard.reason as usize;
        self.counts[place] += 1;
        if self.first[place].is_none() {
            self.first[place] = Some(First { source: datagram.source, found: discard.found });
        }
    }

    /// All that `other` counted, too.
    pub fn merge(&mut self, other: &Self) {
        for (place, count) in other.counts.iter().enumerate() {
            self.counts[place] += count;
            if self.first[place].is_none() {
                self.first[place].clone_from(&other.first[place]);
            }
        }
    }

    /// Each reason that occurred: how often, and who was the first.
    #[must_use]
    pub fn each(&self) -> impl DoubleEndedIterator<Item = (Rejection, u64, SocketAddr)> + '_ {
        Rejection::all().filter_map(|reason| {
            let place = reason as usize;
            Some((reason, self.counts[place], self.first[place].as_ref()?.source))
        })
    }

    /// What was wrong with those of this reason, as in the first of them, and where that is written.
    #[must_use]
    pub fn words(&self, reason: Rejection) -> String {
        let found = self.first[reason as usize].as_ref().and_then(|first| first.found.clone());
        Discard { reason, found }.to_string()
    }

    /// Whether one of them is a reply to this client that it cannot use; all others are foreign.
    #[must_use]
    pub fn has_a_reply(&self) -> bool {
        self.counts[Rejection::OtherClient as usize + 1..].iter().any(|count| *count > 0)
    }

    /// How many in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// `2 datagrams ignored: wrong IP or UDP checksum (RFC …), from 192.0.2.9`: the most telling reason first, which is that
/// of the datagram that came closest to an answer.
impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ignored: ", count(self.total(), "datagram"))?;
        let several = self.each().count() > 1;
        for (place, (reason, times, source)) in self.each().rev().enumerate() {
            let before = if place > 0 { "; " } else { "" };
            let number = if several { format!("{times} ") } else { String::new() };
            let first = if times > 1 { "first from" } else { "from" };
            write!(f, "{before}{number}{}, {first} {}", self.words(reason), source.ip())?;
        }
        Ok(())
    }
}
