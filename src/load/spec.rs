//! What load there is to be.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::clients::Clients;
use super::kind::{Exchange, LoadMessage};
use super::steps::Steps;
use crate::family::Family;

/// What load there is to be.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Clone)]
pub struct LoadSpec {
    /// DHCPv4 or DHCPv6.
    pub family: Family,
    /// What new clients do.
    pub exchange: Exchange,
    /// Other exchanges besides, and their shares.
    pub mix: Option<Mix>,
    /// Where messages go, and which answers count.
    pub place: LoadTarget,
    /// Who the clients are.
    pub clients: Clients,
    /// So many of them are used, unless a step of a search needs more.
    pub first_clients: u32,
    /// How fast, and for how long.
    pub steps: Steps,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// Whether all clients begin at once, and send again as clients do until they have what they want.
    pub is_storm: bool,
    /// Whether the leases stay at the end.
    pub keeps_leases: bool,
    /// Whether the run goes on when more than half of the messages are lost.
    pub bears_loss: bool,
    /// Further options of each message as they are typed: `CODE[FORMAT]=VALUE`.
    pub options: Vec<String>,
    /// A kind of client whose options are sent (DHCPv4).
    pub profile: Option<String>,
    /// Whether servers are asked to broadcast their answers (DHCPv4).
    pub asks_for_broadcast: bool,
    /// Makes what should look random.
    pub seed: u64,
}

/// Where messages go, and which answers count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadTarget {
    /// The servers whose answers count; empty if those of any do.
    pub servers: Vec<IpAddr>,
    /// The address of first messages: that of a server, or of all.
    pub to: IpAddr,
    /// The relay agents whose part is played; none for clients.
    pub relays: Relays,
    /// The address of clients that ask with INFORM.
    pub inform_address: Option<Ipv4Addr>,
}

/// Addresses of relay agents: `giaddr`, or the link addresses of DHCPv6. A client is always served by the same one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Relays(pub Vec<IpAddr>);

impl Relays {
    /// The relay agent of a client, if there are relay agents.
    #[must_use]
    pub fn of(&self, client: u32) -> Option<IpAddr> {
        let place = (client as usize).checked_rem(self.0.len())?;
        self.0.get(place).copied()
    }
}

/// Shares of exchanges. A share that needs a lease where no client has a free one is a new client's exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mix {
    /// New clients.
    pub new: u32,
    /// Clients that renew.
    pub renew: u32,
    /// Clients that rebind.
    pub rebind: u32,
    /// Clients that release.
    pub release: u32,
}

impl Mix {
    /// The shares, with the exchange of each; `new` is what new clients do.
    fn shares(self, new: Exchange) -> [(Exchange, u32); 4] {
        [
            (new, self.new),
            (Exchange::Renew, self.renew),
            (Exchange::Rebind, self.rebind),
            (Exchange::Release, self.release),
        ]
    }
}

/// The messages of a load that servers answer: its exchanges', and those by which leases are given back.
#[must_use]
pub fn answered_messages(exchange: Exchange, mix: Option<Mix>, family: Family) -> Vec<LoadMessage> {
    let mixed = mix.unwrap_or_default();
    let is_sent = |message: &LoadMessage| match message {
        LoadMessage::Request => exchange.has_request(),
        LoadMessage::Renew => mixed.renew > 0,
        LoadMessage::Rebind => mixed.rebind > 0,
        LoadMessage::Release => exchange.takes_lease(),
        first => *first == exchange.first(),
    };
    LoadMessage::ALL.into_iter().filter(|message| message.is_answered(family)).filter(is_sent).collect()
}

/// Chooses exchanges so that after any number of them each has its share, to within one.
#[derive(Debug, Clone)]
pub(super) struct Shares {
    all: [(Exchange, u32); 4],
    given: [u64; 4],
}

impl Shares {
    pub(super) fn new(exchange: Exchange, mix: Option<Mix>) -> Self {
        let mix = mix.unwrap_or(Mix { new: 1, ..Mix::default() });
        Self { all: mix.shares(exchange), given: [0; 4] }
    }

    /// The next exchange.
    pub(super) fn next(&mut self) -> Exchange {
        // The one that is furthest behind its share: the least (given + 1) / share.
        let behind = |a: &usize, b: &usize| {
            let (first, second) =
                ((self.given[*a] + 1) * u64::from(self.all[*b].1), (self.given[*b] + 1) * u64::from(self.all[*a].1));
            first.cmp(&second)
        };
        let chosen = (0..4).filter(|at| self.all[*at].1 > 0).min_by(behind).unwrap_or(0);
        self.given[chosen] += 1;
        self.all[chosen].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exchanges_are_chosen_in_their_shares() {
        let mut shares = Shares::new(Exchange::Dora, Some(Mix { new: 70, renew: 20, rebind: 2, release: 8 }));
        let chosen: Vec<_> = (0..100).map(|_| shares.next()).collect();
        let count = |exchange| chosen.iter().filter(|it| **it == exchange).count();
        let counts = [Exchange::Dora, Exchange::Renew, Exchange::Rebind, Exchange::Release].map(count);
        assert_eq!(counts, [70, 20, 2, 8]);
        assert!(chosen[..10].contains(&Exchange::Renew));
    }

    #[test]
    fn a_client_has_always_the_same_relay() {
        let relays = Relays(vec!["192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap()]);
        assert_eq!((relays.of(0), relays.of(2)), (relays.of(4), relays.of(0)));
        assert_eq!(Relays::default().of(7), None);
    }
}
