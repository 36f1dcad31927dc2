//! Offers that were never acknowledged.
//!
//! An attempt of a DHCPv4 client has one xid, whatever it is offered and however often it asks; some clients take another
//! one for the REQUEST, so that the address belongs to the attempt too. A DHCPv6 client takes another xid for its Request,
//! so that its associations are what belongs together.

use hashbrown::HashMap;

use super::client::Client;
use super::stamp::{Micros, SECOND};
use super::text::Lease;

/// How many attempts of a client may still be acknowledged.
const MOST_ATTEMPTS: usize = 8;
/// A client asks for what it was offered within this time.
const MOST_THOUGHT: Micros = 5 * SECOND;
/// So long after an offer an acknowledgement of its address is one of the offer, whatever its xid.
const SOON: Micros = 60 * SECOND;
/// How many addresses are kept of a client whose attempts came to nothing.
const MOST_ADDRESSES: usize = 32;

/// What a client was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attempt {
    xid: u32,
    pub(crate) leases: Vec<Lease>,
    pub(crate) first: Option<Micros>,
    pub(crate) last: Option<Micros>,
    pub(crate) count: u64,
    /// The daemon that made the last offer.
    instance: usize,
}

impl Attempt {
    fn add(&mut self, lease: Lease) {
        if !self.leases.contains(&lease) && self.leases.len() < MOST_ADDRESSES {
            self.leases.push(lease);
        }
    }
}

/// Attempts that have not led to a lease.
#[derive(Debug, Default)]
pub(crate) struct Offers {
    attempts: HashMap<Client, Vec<Attempt>>,
}

impl Offers {
    /// A client was offered leases.
    pub(crate) fn offered(
        &mut self,
        client: Client,
        xid: u32,
        leases: &[Lease],
        time: Option<Micros>,
        instance: usize,
    ) {
        let attempts = self.attempts.entry(client).or_default();
        let at = attempts.iter().position(|attempt| attempt.xid == xid).unwrap_or_else(|| {
            if attempts.len() >= MOST_ATTEMPTS {
                merge(attempts);
            }
            attempts.push(Attempt { xid, leases: Vec::new(), first: time, last: time, count: 0, instance });
            attempts.len() - 1
        });
        let attempt = &mut attempts[at];
        for lease in leases {
            attempt.add(*lease);
        }
        (attempt.last, attempt.count, attempt.instance) = (time, attempt.count + 1, instance);
    }

    /// A DHCPv4 client was given a lease: in the attempt with this xid, or in that which had just offered it.
    pub(crate) fn acknowledged(&mut self, client: Client, xid: u32, lease: Option<Lease>, time: Option<Micros>) {
        let is_soon = |attempt: &Attempt| {
            time.zip(attempt.last).is_some_and(|(now, offered)| (0..=SOON).contains(&(now - offered)))
        };
        let is_offered = |attempt: &Attempt| lease.is_some_and(|lease| attempt.leases.contains(&lease));
        self.retain(client, |attempt| attempt.xid != xid && !(is_offered(attempt) && is_soon(attempt)));
    }

    /// A DHCPv6 client was given these leases.
    pub(crate) fn replied(&mut self, client: Client, leases: &[Lease]) {
        let is_same =
            |one: &Lease, other: &Lease| one.iaid == other.iaid && (one.length == 128) == (other.length == 128);
        self.retain(client, |attempt| {
            !attempt.leases.iter().any(|offered| leases.iter().any(|got| is_same(offered, got)))
        });
    }

    fn retain(&mut self, client: Client, is_open: impl Fn(&Attempt) -> bool) {
        if let Some(attempts) = self.attempts.get_mut(&client) {
            attempts.retain(is_open);
            if attempts.is_empty() {
                self.attempts.remove(&client);
            }
        }
    }

    /// The log ends: the client of an offer that was just made may still ask for it, unless the daemon is down.
    pub(crate) fn end(&mut self, now: Option<Micros>, is_down: impl Fn(usize) -> bool) {
        let is_recent = |attempt: &Attempt| now.zip(attempt.last).is_some_and(|(now, last)| now - last <= MOST_THOUGHT);
        self.attempts.retain(|_, attempts| {
            attempts.retain(|attempt| !is_recent(attempt) || is_down(attempt.instance));
            !attempts.is_empty()
        });
    }

    /// Every client with what it was offered in vain, the first one first.
    pub(crate) fn unanswered(&self) -> Vec<(Client, Attempt)> {
        let mut all: Vec<_> =
            self.attempts.iter().filter_map(|(client, attempts)| Some((*client, together(attempts)?))).collect();
        all.sort_by_key(|(client, attempt)| (attempt.first, *client));
        all
    }
}

/// The two oldest attempts become one, which nothing acknowledges any more.
fn merge(attempts: &mut Vec<Attempt>) {
    let oldest = attempts.remove(0);
    let next = &mut attempts[0];
    oldest.leases.into_iter().for_each(|lease| next.add(lease));
    next.first = oldest.first.min(next.first).or(next.first);
    next.count += oldest.count;
}

fn together(attempts: &[Attempt]) -> Option<Attempt> {
    let (first, rest) = attempts.split_first()?;
    let mut all = first.clone();
    for attempt in rest {
        attempt.leases.iter().for_each(|lease| all.add(*lease));
        (all.last, all.count) = (attempt.last, all.count + attempt.count);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::client::Clients;

    fn lease(text: &str, iaid: Option<u32>) -> Lease {
        let address: std::net::IpAddr = text.parse().unwrap();
        Lease { address, length: if address.is_ipv4() { 32 } else { 128 }, iaid }
    }

    #[test]
    fn one_acknowledgement_is_enough_for_an_attempt() {
        let (mut clients, mut offers) = (Clients::default(), Offers::default());
        let client = clients.of(b"[hwtype=1 02:aa], cid=[no info]");
        for address in ["10.0.0.1", "10.0.0.2", "10.0.0.3"] {
            offers.offered(client, 7, &[lease(address, None)], Some(1), 0);
        }
        offers.offered(client, 8, &[lease("10.0.0.4", None)], Some(2), 0);
        offers.acknowledged(client, 7, None, Some(3));
        let all = offers.unanswered();
        assert_eq!((all.len(), all[0].1.leases.len(), all[0].1.count), (1, 1, 1));
    }

    #[test]
    fn a_client_may_ask_with_another_xid_for_what_it_was_offered() {
        let client = Clients::default().of(b"[hwtype=1 02:aa], cid=[no info]");
        let offered = lease("10.0.0.1", None);
        for (second, other, left) in [(2, lease("10.0.0.2", None), 1), (90, offered, 1), (2, offered, 0)] {
            let mut offers = Offers::default();
            offers.offered(client, 7, &[offered], Some(SECOND), 0);
            offers.acknowledged(client, 8, Some(other), Some(second * SECOND));
            assert_eq!(offers.unanswered().len(), left, "{second} {other:?}");
        }
    }

    #[test]
    fn associations_of_dhcpv6_belong_together() {
        let (mut clients, mut offers) = (Clients::default(), Offers::default());
        let client = clients.of(b"duid=[00:03]");
        offers.offered(client, 7, &[lease("fd00::1", Some(1))], Some(1), 0);
        offers.replied(client, &[lease("fd00::1", Some(2))]);
        assert_eq!(offers.unanswered().len(), 1);
        offers.replied(client, &[lease("fd00::9", Some(1))]);
        assert_eq!(offers.unanswered(), []);
    }

    #[test]
    fn endless_attempts_take_bounded_memory() {
        let (mut clients, mut offers) = (Clients::default(), Offers::default());
        let client = clients.of(b"duid=[00:03]");
        for xid in 0..10_000u32 {
            offers.offered(
                client,
                xid,
                &[lease(&format!("10.0.{}.{}", xid >> 8 & 255, xid & 255), None)],
                Some(xid.into()),
                0,
            );
        }
        let all = offers.unanswered();
        assert_eq!((all[0].1.count, all[0].1.leases.len()), (10_000, MOST_ADDRESSES));
    }
}
