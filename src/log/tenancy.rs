//! Tenancies: who had which address from when to when.
//!
//! A lease begins with its allocation and ends with its time, unless something ended it before. Its expiry is
//! computed: no release logs it where anyone looks. The end of a log is not the end of a lease.

use std::net::{IpAddr, Ipv4Addr};

use hashbrown::HashMap;

use super::client::Client;
use super::stamp::{Micros, SECOND};
use super::text::{Lease, Lifetime};

/// How a lease stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Active,
    Expired,
    Released,
    Declined,
    /// Another client got the address.
    Replaced,
    /// A command removed it.
    Deleted,
}

impl State {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Released => "released",
            Self::Declined => "declined",
            Self::Replaced => "replaced",
            Self::Deleted => "deleted",
        }
    }

    /// What ended a lease that stands like this.
    pub(crate) fn ended_by(self) -> Option<&'static str> {
        match self {
            Self::Active => None,
            Self::Expired => Some("expiry"),
            Self::Released => Some("release"),
            Self::Declined => Some("decline"),
            Self::Replaced => Some("replacement"),
            Self::Deleted => Some("command"),
        }
    }
}

/// A lease as long as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tenancy {
    client: Client,
    /// Microseconds; `i64::MIN` where the log has no times.
    from: Micros,
    renewed: Micros,
    /// Seconds from the last renewal; `NEVER` and `UNKNOWN` are none.
    seconds: u32,
    ended: Option<State>,
}

const NEVER: u32 = u32::MAX;
const UNKNOWN: u32 = u32::MAX - 1;
const NO_TIME: Micros = Micros::MIN;

/// A lease with its beginning and its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stay {
    pub(crate) address: IpAddr,
    pub(crate) length: u8,
    pub(crate) client: Client,
    pub(crate) from: Option<Micros>,
    pub(crate) until: Option<Micros>,
    /// Whether it lasts until something ends it.
    pub(crate) is_endless: bool,
    pub(crate) state: State,
}

/// What every address is used for.
#[derive(Debug, Default)]
pub(crate) struct Tenancies {
    v4: HashMap<u32, Tenancy>,
    v6: HashMap<(u128, u8), Tenancy>,
}

impl Tenancies {
    fn get(&mut self, address: IpAddr, length: u8) -> Option<&mut Tenancy> {
        match address {
            IpAddr::V4(address) => self.v4.get_mut(&u32::from(address)),
            IpAddr::V6(address) => self.v6.get_mut(&(u128::from(address), length)),
        }
    }

    fn put(&mut self, lease: &Lease, tenancy: Tenancy) {
        match lease.address {
            IpAddr::V4(address) => self.v4.insert(u32::from(address), tenancy),
            IpAddr::V6(address) => self.v6.insert((u128::from(address), lease.length), tenancy),
        };
    }

    /// A client has a lease from now on; the stay that this ended, if any. A message without a time is not before
    /// `earliest`.
    pub(crate) fn given(
        &mut self,
        lease: &Lease,
        client: Client,
        lifetime: Option<Lifetime>,
        time: Option<Micros>,
        earliest: Option<Micros>,
    ) -> Option<Stay> {
        let now = time.or(earliest).unwrap_or(NO_TIME);
        let seconds = lifetime.map(|lifetime| match lifetime {
            Lifetime::Seconds(u32::MAX) | Lifetime::Infinite => NEVER,
            Lifetime::Seconds(seconds) => seconds.min(UNKNOWN - 1),
        });
        if let Some(known) = self.get(lease.address, lease.length)
            && known.client == client
            && known.ended.is_none()
            && !known.is_over(now)
        {
            known.renewed = now;
            known.seconds = seconds.unwrap_or(known.seconds);
            return None;
        }
        let ended =
            self.get(lease.address, lease.length).map(|known| known.stay(lease.address, lease.length, now, true));
        let tenancy = Tenancy {
            client,
            from: time.unwrap_or(NO_TIME),
            renewed: now,
            seconds: seconds.unwrap_or(UNKNOWN),
            ended: None,
        };
        self.put(lease, tenancy);
        ended
    }

    /// A lease ended before its time.
    pub(crate) fn ended(&mut self, address: IpAddr, length: u8, state: State, time: Option<Micros>) {
        let now = time.unwrap_or(NO_TIME);
        let Some(known) = self.get(address, length).filter(|known| known.ended.is_none()) else { return };
        if !(known.is_over(now) && matches!(state, State::Released | State::Expired)) {
            known.ended = Some(state);
            known.seconds = UNKNOWN;
            known.renewed = now;
        }
    }

    /// A client declined an address or released it.
    pub(crate) fn given_up(&mut self, lease: &Lease, client: Client, state: State, time: Option<Micros>) {
        let now = time.unwrap_or(NO_TIME);
        if self.get(lease.address, lease.length).is_none_or(|known| known.client != client) {
            // It was allocated before the log begins.
            let tenancy = Tenancy { client, from: NO_TIME, renewed: now, seconds: UNKNOWN, ended: None };
            self.put(lease, tenancy);
        }
        self.ended(lease.address, lease.length, state, time);
    }

    /// An address that was declined can be given out again; the stay that is over.
    pub(crate) fn recovered(&mut self, address: IpAddr) -> Option<Stay> {
        let length = if address.is_ipv4() { 32 } else { 128 };
        let known = self.get(address, length).filter(|known| known.ended == Some(State::Declined))?;
        let stay = known.stay(address, length, NO_TIME, false);
        match address {
            IpAddr::V4(address) => self.v4.remove(&u32::from(address)),
            IpAddr::V6(address) => self.v6.remove(&(u128::from(address), length)),
        };
        Some(stay)
    }

    /// Takes the leases of a family from others. Of those of one address that counts which was renewed last.
    pub(crate) fn take(&mut self, others: &mut Self, is_v6: bool) {
        if is_v6 {
            join(&mut self.v6, &mut others.v6);
        } else {
            join(&mut self.v4, &mut others.v4);
        }
    }

    /// Every address with its last stay, at this time, in order of addresses.
    pub(crate) fn at(&self, now: Option<Micros>) -> Vec<Stay> {
        let now = now.unwrap_or(NO_TIME);
        let mut v4: Vec<_> = self.v4.iter().collect();
        v4.sort_unstable_by_key(|(address, _)| **address);
        let v4 = v4.into_iter().map(|(address, known)| known.stay(Ipv4Addr::from(*address).into(), 32, now, false));
        let mut v6: Vec<_> = self.v6.iter().collect();
        v6.sort_unstable_by_key(|(address, _)| **address);
        let v6 = v6
            .into_iter()
            .map(|((address, length), known)| known.stay(IpAddr::V6((*address).into()), *length, now, false));
        v4.chain(v6).collect()
    }
}

fn join<K: Eq + std::hash::Hash>(all: &mut HashMap<K, Tenancy>, others: &mut HashMap<K, Tenancy>) {
    for (address, other) in others.drain() {
        let known = all.entry(address).or_insert(other);
        if known.renewed < other.renewed {
            *known = other;
        }
    }
}

impl Tenancy {
    fn until(&self) -> Option<Micros> {
        if self.ended.is_some() {
            return Some(self.renewed).filter(|time| *time != NO_TIME);
        }
        let is_known = self.seconds != NEVER && self.seconds != UNKNOWN && self.renewed != NO_TIME;
        is_known.then(|| self.renewed + Micros::from(self.seconds) * SECOND)
    }

    fn is_over(&self, now: Micros) -> bool {
        self.ended.is_some() || self.until().is_some_and(|until| until <= now)
    }

    /// The stay as it is at this time; `is_replaced` if another one begins now.
    fn stay(&self, address: IpAddr, length: u8, now: Micros, is_replaced: bool) -> Stay {
        let state = match self.ended {
            Some(state) => state,
            None if self.until().is_some_and(|until| until <= now) => State::Expired,
            None if is_replaced => State::Replaced,
            None => State::Active,
        };
        let until = if state == State::Replaced { Some(now).filter(|now| *now != NO_TIME) } else { self.until() };
        let from = Some(self.from).filter(|from| *from != NO_TIME);
        // Without a time of its own the lease ends at one that is only estimated.
        let until = until.filter(|_| from.is_some() || self.ended.is_some());
        let is_endless = self.seconds == NEVER && until.is_none();
        Stay { address, length, client: self.client, from, until, is_endless, state }
    }
}

#[cfg(test)]
mod tests;
