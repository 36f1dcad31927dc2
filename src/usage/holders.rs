//! The clients with the most leases of a pool, in bounded memory.

use serde::{Deserialize, Serialize};

use std::hash::{DefaultHasher, Hash, Hasher as _};

use crate::lease::{Client, Lease};

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
    pub(super) fn add(&mut self, lease: &Lease<'_>, unit: u128) {
        let client = client_of(lease);
        // Zeros are no client: a lease whose client is not known.
        if client.iter().all(|octet| *octet == 0) {
            return;
        }
        let mut hasher = DefaultHasher::new();
        client.hash(&mut hasher);
        #[expect(clippy::cast_possible_truncation, reason = "a part of a hash is one too")]
        let client = hasher.finish() as u32;
        self.take(Holder { example: u32::try_from(unit).unwrap_or(u32::MAX), client, leases: 1 });
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
        self.0.iter_mut().for_each(|holder| holder.leases -= lost);
        new.leases -= lost;
        if let Some(room) = self.0.iter_mut().find(|holder| holder.leases == 0).filter(|_| new.leases > 0) {
            *room = new;
        }
    }
}

/// What is the same in all leases of a client: a DUID, or a hardware address, since one machine may send several client ids.
fn client_of<'a>(lease: &Lease<'a>) -> &'a [u8] {
    match lease.client {
        Client::V4 { .. } if !lease.hwaddr.0.is_empty() => lease.hwaddr.0,
        Client::V4 { .. } | Client::V6 { .. } => lease.client.identifier(),
    }
}
