//! The clients with the most leases of a pool, in bounded memory.

use serde::{Deserialize, Serialize};

/// How many clients are kept. One with more than an eighth of the leases is always among them.
const KEPT: usize = 7;

/// A client and its leases. An example is one of its addresses: in a pool by its place, which is small.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Holder<E> {
    pub(super) example: E,
    client: u32,
    /// It has at least so many leases.
    pub(super) leases: u32,
}

/// The clients with the most leases, by the algorithm of Misra and Gries: where there is no room for another client, each
/// one loses a lease.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Holders<E>([Holder<E>; KEPT]);

impl Holders<u32> {
    /// Counts a lease with this place in its pool; one that is too far off is no example that would be needed.
    pub(super) fn add(&mut self, client: u32, unit: u128) {
        self.take(Holder { example: u32::try_from(unit).unwrap_or(u32::MAX), client, leases: 1 });
    }

    /// A number from the middle of it in memory.
    pub(super) fn sample(&self) -> u32 {
        self.0[KEPT / 2].leases
    }
}

impl Holders<u128> {
    /// Adds those of a pool, in which a place has this address.
    pub(super) fn merge(&mut self, pool: &Holders<u32>, address: impl Fn(u128) -> u128) {
        for holder in pool.0.iter().filter(|holder| holder.leases > 0) {
            self.take(Holder { example: address(holder.example.into()), client: holder.client, leases: holder.leases });
        }
    }

    /// The client with the most leases.
    pub(super) fn first(&self) -> Option<Holder<u128>> {
        self.0.iter().copied().max_by_key(|holder| holder.leases).filter(|holder| holder.leases > 0)
    }
}

impl<E: Copy> Holders<E> {
    fn take(&mut self, mut new: Holder<E>) {
        let is_same = |holder: &&mut Holder<E>| holder.leases > 0 && holder.client == new.client;
        if let Some(known) = self.0.iter_mut().find(is_same) {
            known.leases = known.leases.saturating_add(new.leases);
            return;
        }
        let lost = self.0.iter().map(|holder| holder.leases).fold(new.leases, u32::min);
        if lost > 0 {
            self.0.iter_mut().for_each(|holder| holder.leases -= lost);
            new.leases -= lost;
        }
        if let Some(room) = self.0.iter_mut().find(|holder| holder.leases == 0).filter(|_| new.leases > 0) {
            *room = new;
        }
    }
}
