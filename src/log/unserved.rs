//! Servers that serve no client any more: the packets in turn that came to nothing, and whose they were.
//!
//! Some packets come to nothing on every server: of clients that a class drops, or that another server serves. Therefore only
//! a time counts in which no client gets a lease, with many clients, or with clients that had a lease before. A server that
//! answers an INFORMATION-REQUEST serves, and may have no leases to give.

use std::collections::BTreeSet;

use super::client::Client;
use super::exchange::{Cause, Exchange};
use super::family::Tally;
use super::stamp::Micros;

/// So many clients without a lease, and none with one, are not chance.
const MANY: usize = 20;
/// The same of clients that had a lease before.
const MANY_KNOWN: usize = 5;

/// What became of a packet of a client that wants a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Served,
    NoAnswer,
    /// It was offered a lease, which is none.
    Offered,
    Nak,
    /// It was answered without a lease.
    NoLease,
}

impl Fate {
    /// The fate of an exchange; `None` where the log does not show it, or a finding of its own has the cause.
    pub(super) fn of(exchange: &Exchange, shows_leases: bool) -> Option<Self> {
        match exchange.answer {
            Some("OFFER") => return Some(Self::Offered),
            Some("ADVERTISE") if exchange.lease.is_some() => return Some(Self::Offered),
            Some("NAK") | None => {}
            Some(_) if exchange.lease.is_some() => return Some(Self::Served),
            Some(_) => {}
        }
        if (exchange.request, exchange.answer) == (Some("INFORMATION-REQUEST"), Some("REPLY")) {
            return Some(Self::Served);
        }
        let wants = ["DISCOVER", "REQUEST", "SOLICIT", "RENEW", "REBIND"];
        if exchange.request.is_some_and(|request| !wants.contains(&request)) {
            return None;
        }
        match exchange.answer {
            Some("NAK") => Some(Self::Nak),
            Some("ADVERTISE") => Some(Self::NoLease),
            Some("REPLY") => exchange.request.map(|_| if shows_leases { Self::NoLease } else { Self::Served }),
            Some(_) => Some(Self::Served),
            None => (exchange.is_answer_known && Self::is_open(exchange)).then_some(Self::NoAnswer),
        }
    }

    /// Whether nothing says why there is no answer. A client that asks for an address of another server, as after it was
    /// restarted, gets none (RFC 2131, 4.3.2).
    fn is_open(exchange: &Exchange) -> bool {
        exchange.has_packet
            && !exchange.is_init_reboot
            && matches!(exchange.cause, None | Some(Cause::NoLease | Cause::NotGranted | Cause::WrongAddress))
    }
}

/// What has come to nothing since a client was served.
#[derive(Debug, Default)]
pub(crate) struct Unserved {
    /// Whether a client was served before.
    pub(crate) has_served: bool,
    pub(crate) tally: Tally,
    pub(crate) clients: BTreeSet<Client>,
    pub(crate) known: BTreeSet<Client>,
    pub(crate) no_answer: u64,
    pub(crate) offered: u64,
    pub(crate) naks: u64,
}

impl Unserved {
    pub(super) fn serves(&mut self) {
        if self.tally.count > 0 {
            *self = Self::default();
        }
        self.has_served = true;
    }

    /// A packet came to nothing; `is_known` of a client that was served before.
    pub(super) fn fails(&mut self, fate: Fate, client: Client, is_known: bool, time: Option<Micros>) {
        self.tally.add(time);
        self.clients.insert(client);
        if is_known {
            self.known.insert(client);
        }
        self.no_answer += u64::from(fate == Fate::NoAnswer);
        self.offered += u64::from(fate == Fate::Offered);
        self.naks += u64::from(fate == Fate::Nak);
    }

    /// Whether clients are not served that should be: they had a lease before, or most packets of many clients are refused.
    pub(crate) fn is_outage(&self) -> bool {
        // What another server serves has no answer here, or an offer that is not taken.
        let is_refused = (self.no_answer + self.offered) * 2 <= self.tally.count;
        self.known.len() >= MANY_KNOWN || (self.clients.len() >= MANY && is_refused)
    }

    /// Whether that may be so: many clients get no answer or no more than offers, and none is known to be served. They may be another server's.
    pub(crate) fn may_be_outage(&self) -> bool {
        self.clients.len() >= MANY && !self.has_served
    }

    /// How many were answered without a lease.
    pub(crate) fn without_lease(&self) -> u64 {
        self.tally.count - self.no_answer - self.offered - self.naks
    }
}
