//! What leases show of the reasons why a pool is full.

use serde::{Deserialize, Serialize};

use super::holders::Holders;
use crate::lease::{Lease, LeaseStatus, Lifetime};

/// Ages of leases, in seconds, each with its name.
pub const AGES: [(u32, &str); 6] = [
    (600, "10 minutes"),
    (3600, "1 hour"),
    (4 * 3600, "4 hours"),
    (12 * 3600, "12 hours"),
    (86_400, "1 day"),
    (7 * 86_400, "7 days"),
];

/// The end of a lease that has none.
pub(super) const NEVER: u32 = u32::MAX;

/// What the leases in a pool show. A server may have many thousands of pools: the numbers are small ones, since no pool has
/// four billion leases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Active leases that were not renewed although the time for it (T1) has passed.
    pub unrenewed: u32,
    /// Of those, the leases that are older than each of [`AGES`].
    pub older: [u32; AGES.len()],
    /// Active leases by the time since they were given or renewed: up to each of [`AGES`], and older.
    #[serde(default)]
    pub aged: [u32; AGES.len() + 1],
    /// Active leases that never end.
    pub endless: u32,
    /// Active leases of clients whose hardware addresses they chose themselves.
    pub randomised: u32,
    /// Of those, the leases that were not renewed.
    pub randomised_unrenewed: u32,
    /// The clients with the most active leases.
    pub(super) holders: Holders<u32>,
    /// Active leases that were only offered.
    pub offered: u32,
    /// Active and declined leases with another subnet's number.
    pub misnumbered: u32,
    /// The shortest valid lifetime of active leases.
    pub lifetime: Option<u32>,
    /// When the probation of the last declined address ends.
    pub probation: Option<u32>,
}

/// A lease, and what is to be known of it.
pub(super) struct Seen<'a> {
    pub(super) lease: &'a Lease<'a>,
    pub(super) status: LeaseStatus,
    pub(super) now: i64,
    /// Its place in the pool.
    pub(super) unit: u128,
    /// Whether it has another subnet's number.
    pub(super) is_elsewhere: bool,
}

impl Evidence {
    /// Adds a lease, whose clients renew after `renew_timer` seconds or half of its lifetime.
    pub(super) fn add(&mut self, seen: &Seen<'_>, timers: &Timers) {
        match seen.status {
            LeaseStatus::Active => self.active(seen, timers),
            LeaseStatus::Declined => {
                let end =
                    seen.lease.end().map_or(NEVER, |end| u32::try_from(end.clamp(0, (NEVER - 1).into())).unwrap_or(0));
                self.probation = self.probation.max(Some(end));
            }
            _ => return,
        }
        increase(&mut self.misnumbered, seen.is_elsewhere);
    }

    fn active(&mut self, seen: &Seen<'_>, timers: &Timers) {
        let lease = seen.lease;
        let is_randomised = is_randomised(lease.hwaddr.0);
        increase(&mut self.randomised, is_randomised);
        self.holders.add(lease, seen.unit);
        let age = seen.now.saturating_sub(lease.cltt);
        let group = AGES.iter().position(|(most, _)| age <= (*most).into()).unwrap_or(AGES.len());
        increase(&mut self.aged[group], true);
        let Lifetime::Seconds(lifetime) = lease.valid_lifetime else {
            increase(&mut self.endless, true);
            return;
        };
        increase(&mut self.offered, timers.offer == Some(lifetime) && timers.valid != Some(lifetime));
        self.lifetime = Some(self.lifetime.map_or(lifetime, |least| least.min(lifetime)));
        let renewal = timers.renew.filter(|renew| *renew < lifetime).unwrap_or(lifetime / 2);
        if age <= renewal.into() {
            return;
        }
        increase(&mut self.unrenewed, true);
        increase(&mut self.randomised_unrenewed, is_randomised);
        for (older, (least, _)) in self.older.iter_mut().zip(AGES) {
            increase(older, age > least.into());
        }
    }

    /// Adds the evidence of another pool, but for the clients with the most leases.
    pub(crate) fn merge(&mut self, other: &Self) {
        let numbers = [
            (&mut self.unrenewed, other.unrenewed),
            (&mut self.endless, other.endless),
            (&mut self.randomised, other.randomised),
            (&mut self.randomised_unrenewed, other.randomised_unrenewed),
            (&mut self.offered, other.offered),
            (&mut self.misnumbered, other.misnumbered),
        ];
        let by_age = self.older.iter_mut().zip(other.older).chain(self.aged.iter_mut().zip(other.aged));
        let numbers = numbers.into_iter().chain(by_age);
        numbers.for_each(|(mine, theirs)| *mine = mine.saturating_add(theirs));
        self.lifetime = [self.lifetime, other.lifetime].into_iter().flatten().min();
        self.probation = self.probation.max(other.probation);
    }
}

fn increase(number: &mut u32, is_one_more: bool) {
    *number = number.saturating_add(u32::from(is_one_more));
}

/// How the addresses of virtual machines and containers begin, which have no manufacturer and are not random either: of QEMU
/// and libvirt, of `OpenStack`, of Docker.
const VIRTUAL: [&[u8]; 3] = [&[0x52, 0x54, 0x00], &[0xfa, 0x16, 0x3e], &[0x02, 0x42]];

/// Whether a client seems to have chosen this hardware address.
fn is_randomised(address: &[u8]) -> bool {
    // The bit of an address that was not given by a manufacturer.
    let is_local = address.len() == 6 && address[0] & 2 != 0;
    is_local && !VIRTUAL.iter().any(|start| address.starts_with(start))
}

/// The times that a subnet's clients are given, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Timers {
    /// The lifetime of leases.
    pub(super) valid: Option<u32>,
    /// When they are renewed.
    pub(super) renew: Option<u32>,
    /// How long an offered address is kept.
    pub(super) offer: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn virtual_machines_have_not_chosen_their_addresses() {
        assert!(is_randomised(&[0xda, 0xa1, 0x19, 1, 2, 3]) && is_randomised(&[0x52, 0x55, 0, 1, 2, 3]));
        for known in [[0x52, 0x54, 0, 1, 2, 3], [0x02, 0x42, 0xac, 0x11, 0, 2], [0x00, 0x0c, 0x29, 1, 2, 3]] {
            assert!(!is_randomised(&known), "{known:x?}");
        }
        assert!(!is_randomised(&[]) && !is_randomised(&[2, 0, 0, 0, 0, 0, 0, 1]));
    }
}
