//! What clients are given, as it is given.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use crate::lease::{Lease, LeaseState, OwnedLease};

/// More rows than this are forgotten, the oldest first.
const MOST: usize = 2000;
/// More addresses than this are not remembered.
const KNOWN: usize = 100_000;

/// What has become of a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Given; whether for the first time is not known before a client comes again.
    Leased,
    /// Given again to the client that had it.
    Renewed,
    /// Given back by the client.
    Released,
    /// Found in use by the client.
    Declined,
    /// Taken back by the server.
    Expired,
    /// Registered by the client.
    Registered,
}

impl Deed {
    /// Whether the client has the lease then.
    fn gives(self) -> bool {
        matches!(self, Self::Leased | Self::Renewed)
    }

    /// `leased`, `renewed` …
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Leased => "leased",
            Self::Renewed => "renewed",
            Self::Released => "released",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Registered => "registered",
        }
    }
}

/// A lease that was given, or has ended.
#[derive(Debug, Clone)]
pub struct Given {
    /// When it was noticed, in seconds since 1970.
    pub noticed: i64,
    /// The server.
    pub server: usize,
    /// What has become of it.
    pub deed: Deed,
    /// The lease.
    pub lease: Arc<OwnedLease>,
}

impl Given {
    /// When that was: when the lease was given, else when it was noticed.
    #[must_use]
    pub fn at(&self) -> i64 {
        match self.deed {
            Deed::Leased | Deed::Renewed | Deed::Registered => self.lease.lease().cltt.min(self.noticed),
            Deed::Released | Deed::Declined | Deed::Expired => self.noticed,
        }
    }
}

/// The leases of all servers in the order of time, the newest last.
#[derive(Debug, Clone, Default)]
pub struct Clients {
    rows: VecDeque<Given>,
    /// Since when all of them were seen; `None` before the first answer.
    since: Option<i64>,
    /// What was last seen of an address: a digest of the client, when it was given, and what became of it.
    known: HashMap<(usize, IpAddr), (u64, i64, Deed)>,
}

impl Clients {
    /// Takes rows of a server, in their order.
    pub(super) fn add(&mut self, server: usize, now: i64, leases: &[Arc<OwnedLease>]) {
        let is_first = self.since.is_none();
        self.since = self.since.or(Some(now));
        for owned in leases {
            let lease = owned.lease();
            let key = (server, lease.address());
            let before = self.known.get(&key).copied();
            let seen = (digest(&lease), lease.cltt, deed(&lease, before));
            // What overlaps with an earlier look, or renews a lease that is known to be renewed, is nothing new.
            let is_same = |(client, cltt, deed): (u64, i64, Deed)| {
                (client, cltt) == (seen.0, seen.1) && (deed == seen.2 || deed.gives() && seen.2.gives())
            };
            if before.is_some_and(is_same) {
                continue;
            }
            if self.known.len() >= KNOWN {
                self.known.clear();
            }
            self.known.insert(key, seen);
            let deed = seen.2;
            let given = Given { noticed: now, server, deed, lease: Arc::clone(owned) };
            if is_first {
                // The end of a lease file reaches back.
                self.since = self.since.min(Some(given.at()));
            }
            // Servers are read one after the other, and a lease file reaches back.
            let at = self.rows.partition_point(|before| before.at() <= given.at());
            self.rows.insert(at, given);
            if self.rows.len() > MOST {
                self.since = self.since.max(self.rows.pop_front().map(|given| given.at()));
            }
        }
    }

    /// Since when everything that happened is among the rows, in seconds since 1970; `None` if nothing was read yet.
    #[must_use]
    pub fn since(&self) -> Option<i64> {
        self.since
    }

    /// The rows, the newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Given> {
        self.rows.iter().rev()
    }
}

fn deed(lease: &Lease<'_>, before: Option<(u64, i64, Deed)>) -> Deed {
    let is_again = |(client, _, deed): (u64, i64, Deed)| deed.gives() && client == digest(lease);
    match lease.state {
        LeaseState::Declined => Deed::Declined,
        LeaseState::ExpiredReclaimed => Deed::Expired,
        LeaseState::Released => Deed::Released,
        LeaseState::Registered => Deed::Registered,
        _ if lease.valid_lifetime.is_zero() => Deed::Released,
        _ if before.is_some_and(is_again) => Deed::Renewed,
        _ => Deed::Leased,
    }
}

/// A number for a client.
fn digest(lease: &Lease<'_>) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    (lease.hwaddr.0, lease.identifier()).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::{Lifetime, sample};

    fn owned(lease: &Lease<'_>) -> Arc<OwnedLease> {
        Arc::new(OwnedLease::from(lease))
    }

    #[test]
    fn a_client_that_comes_again_renews() {
        let first = sample::V4;
        let again = Lease { cltt: first.cltt + 60, ..first };
        let later = Lease { cltt: first.cltt + 90, ..first };
        let released = Lease { valid_lifetime: Lifetime::from(0), ..again };
        let mut clients = Clients::default();
        let seen_released = first.cltt + 75;
        for lease in [first, first, again, again, released, released, later] {
            clients.add(0, seen_released, &[owned(&lease)]);
        }
        let deeds: Vec<_> = clients.rows.iter().map(|given| given.deed).collect();
        assert_eq!(
            deeds,
            [Deed::Leased, Deed::Renewed, Deed::Released, Deed::Leased],
            "a row that is read twice is one"
        );
    }

    #[test]
    fn the_newest_is_the_first_whichever_server_was_read_first() {
        let mut clients = Clients::default();
        let lease = |cltt| owned(&Lease { cltt, ..sample::V4 });
        clients.add(0, 100, &[lease(10), lease(30)]);
        clients.add(1, 100, &[lease(5), lease(20), lease(40)]);
        let times: Vec<i64> = clients.newest().map(Given::at).collect();
        assert_eq!(times, [40, 30, 20, 10, 5]);
    }

    #[test]
    fn memory_is_bounded() {
        let mut clients = Clients::default();
        for cltt in 0..5000 {
            clients.add(0, cltt, &[owned(&Lease { cltt, ..sample::V4 })]);
        }
        assert_eq!(clients.rows.len(), MOST);
        assert_eq!(clients.since(), Some(2999), "what was forgotten is not seen any more");
    }

    #[test]
    fn what_a_lease_file_has_from_before_counts() {
        let mut clients = Clients::default();
        assert_eq!(clients.since(), None);
        let lease = |cltt| owned(&Lease { cltt, ..sample::V4 });
        clients.add(0, 5000, &[lease(4000), lease(4900)]);
        clients.add(0, 5010, &[lease(3000)]);
        assert_eq!(clients.since(), Some(4000));
    }
}
