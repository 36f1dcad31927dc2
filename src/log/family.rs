//! What is counted of DHCPv4 and of DHCPv6.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::client::Client;
use super::exchange::{Cause, Exchange, Scope};
use super::histogram::Histogram;
use super::stamp::{self, Micros};

/// How often something occurred, first and last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    pub(crate) first: Option<Micros>,
    pub(crate) last: Option<Micros>,
}

impl Tally {
    pub(crate) fn add(&mut self, time: Option<Micros>) {
        self.count += 1;
        self.first = stamp::earlier(self.first, time);
        self.last = self.last.max(time);
    }

    /// Once, at this time.
    pub(crate) fn once(time: Option<Micros>) -> Self {
        Self { count: 1, first: time, last: time }
    }

    pub(crate) fn join(&mut self, other: &Self) {
        self.count += other.count;
        self.first = stamp::earlier(self.first, other.first);
        self.last = self.last.max(other.last);
    }
}

/// A declined address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declined {
    pub(crate) address: IpAddr,
    pub(crate) client: Client,
    pub(crate) time: Option<Micros>,
    /// For how long it is not given out, in seconds.
    pub(crate) seconds: Option<u32>,
    pub(crate) is_recovered: bool,
}

/// Which lines there are, and so what this log can answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each kind of line is logged or not on its own")]
pub(crate) struct Visible {
    pub(crate) is_seen: bool,
    /// Packets that came and answers that were sent.
    pub(crate) packets: bool,
    pub(crate) answers: bool,
    pub(crate) leases: bool,
    /// Expiry and reclamation.
    pub(crate) expiry: bool,
    /// How the server decided: subnets, classes, reservations.
    pub(crate) decisions: bool,
    pub(crate) drops: bool,
    pub(crate) names: bool,
    pub(crate) callouts: bool,
}

/// What clients have in common whose packets came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trouble {
    Allocation(Scope, Cause),
    UnknownRelay(IpAddr),
    Nak(Option<Cause>, Option<IpAddr>),
    NoAnswer(Option<Cause>),
}

/// How many places of failures, relays and declined addresses are kept.
const MOST: usize = 4096;

/// One family.
#[derive(Debug, Default)]
pub(crate) struct FamilyActivity {
    pub(crate) visible: Visible,
    pub(crate) requests: BTreeMap<&'static str, u64>,
    pub(crate) answers: BTreeMap<&'static str, u64>,
    /// Exchanges without an answer, by cause.
    pub(crate) unanswered: BTreeMap<Option<Cause>, Tally>,
    /// Exchanges that came to no lease, of which the log does not show whether they were answered, by cause.
    pub(crate) unknown: BTreeMap<Option<Cause>, Tally>,
    /// By cause and relay.
    pub(crate) naks: BTreeMap<(Option<Cause>, Option<IpAddr>), Tally>,
    pub(crate) service: Histogram,
    pub(crate) failures: BTreeMap<(Scope, Cause), Tally>,
    /// Packets that got a prefix and no address.
    pub(crate) without_address: Tally,
    pub(crate) relays: BTreeMap<IpAddr, Tally>,
    /// Whose packets came to nothing.
    pub(crate) clients: BTreeMap<Trouble, BTreeSet<Client>>,
    pub(crate) drops: BTreeMap<String, Tally>,
    pub(crate) declined: Vec<Declined>,
    pub(crate) given: u64,
    /// Answers that gave a lease or extended it.
    pub(crate) acknowledged: u64,
    /// Answers that follow from leases, as the log did not show packets then.
    pub(crate) inferred: u64,
    /// Leases of which the log does not show how the server decided.
    pub(crate) undecided: u64,
    pub(crate) bad_packets: u64,
    /// How many packets and addresses were from relays, or declined, beyond what is kept.
    pub(crate) omitted: u64,
}

impl FamilyActivity {
    /// Whether no packet of a client left a line.
    pub(crate) fn is_silent(&self) -> bool {
        let counted = [self.requests.len(), self.answers.len(), self.unanswered.len(), self.unknown.len()];
        counted.iter().all(|count| *count == 0) && !self.visible.leases && self.relays.is_empty()
    }

    /// Whether packets are logged for a part of the time only.
    pub(crate) fn has_some_packets(&self) -> bool {
        (self.visible.packets || self.visible.answers) && self.inferred > 0
    }

    /// Whether the log shows for a part of the time only how the server decided.
    pub(crate) fn has_some_decisions(&self) -> bool {
        self.visible.decisions && self.undecided > 0
    }

    /// Whether packets got no answer and the log does not say why.
    pub(crate) fn has_unexplained(&self) -> bool {
        self.unanswered.contains_key(&None) || self.unanswered.contains_key(&Some(Cause::DroppedEarly))
    }

    fn concerns(&mut self, trouble: Trouble, client: Client) {
        if self.clients.len() < MOST || self.clients.contains_key(&trouble) {
            self.clients.entry(trouble).or_default().insert(client);
        }
    }

    pub(crate) fn failed(&mut self, scope: Scope, cause: Cause, client: Client, time: Option<Micros>) {
        self.concerns(Trouble::Allocation(scope.clone(), cause), client);
        let key = (scope, cause);
        let is_kept = self.failures.len() < MOST || self.failures.contains_key(&key);
        // Beyond that the place is left out, and nothing else.
        self.failures.entry(if is_kept { key } else { (Scope::default(), cause) }).or_default().add(time);
    }

    pub(crate) fn unknown_relay(&mut self, relay: IpAddr, client: Client, time: Option<Micros>) {
        self.concerns(Trouble::UnknownRelay(relay), client);
        if self.relays.len() < MOST || self.relays.contains_key(&relay) {
            self.relays.entry(relay).or_default().add(time);
        } else {
            self.omitted += 1;
        }
    }

    pub(crate) fn dropped(&mut self, id: &[u8], time: Option<Micros>) {
        self.drops.entry(String::from_utf8_lossy(id).into_owned()).or_default().add(time);
    }

    pub(crate) fn declined(&mut self, declined: Declined) {
        if self.declined.len() < MOST {
            self.declined.push(declined);
        } else {
            self.omitted += 1;
        }
    }

    pub(crate) fn recovered(&mut self, address: IpAddr) {
        let known = self.declined.iter_mut().filter(|declined| declined.address == address);
        known.for_each(|declined| declined.is_recovered = true);
    }

    /// A NAK was sent.
    fn refused(&mut self, exchange: &Exchange) {
        let key = (exchange.cause, exchange.relay());
        self.concerns(Trouble::Nak(key.0, key.1), exchange.client);
        let is_kept = self.naks.len() < MOST || self.naks.contains_key(&key);
        // Beyond that the relay is left out, and nothing else.
        self.naks.entry(if is_kept { key } else { (exchange.cause, None) }).or_default().add(exchange.time);
    }

    /// How many NAKs were sent for each cause.
    pub(crate) fn naks_by_cause(&self) -> BTreeMap<Option<Cause>, Tally> {
        let mut all: BTreeMap<_, Tally> = BTreeMap::new();
        for ((cause, _), tally) in &self.naks {
            all.entry(*cause).or_default().join(tally);
        }
        all
    }

    /// An exchange is over.
    pub(crate) fn settled(&mut self, exchange: &Exchange) {
        self.inferred += u64::from(exchange.is_inferred);
        self.undecided += u64::from(exchange.done.is_some() && !exchange.is_decided);
        if let Some(request) = exchange.request {
            *self.requests.entry(request).or_default() += 1;
        }
        match exchange.answer {
            Some(answer) => {
                *self.answers.entry(answer).or_default() += 1;
                self.acknowledged += u64::from(exchange.is_acknowledged());
                if answer == "NAK" {
                    self.refused(exchange);
                }
            }
            // To these there is none.
            None if !exchange.is_v6 && matches!(exchange.request, Some("RELEASE" | "DECLINE")) => {}
            None if !exchange.is_answer_known => self.unknown.entry(exchange.cause).or_default().add(exchange.time),
            None => {
                self.unanswered.entry(exchange.cause).or_default().add(exchange.time);
                self.concerns(Trouble::NoAnswer(exchange.cause), exchange.client);
            }
        }
        if let Some(duration) = exchange.duration {
            self.service.add(u64::try_from(duration).unwrap_or(0));
        }
    }
}
