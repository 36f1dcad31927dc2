//! What leases show of the reasons why a pool is full.

use serde::{Deserialize, Serialize};

use super::facts::LeaseFacts;
use super::holders::Holders;
use crate::lease::{LeaseStatus, Lifetime};

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

impl Evidence {
    /// Adds a lease at this place in the pool, which may have another subnet's number; clients renew after `renew_timer` seconds
    /// or half of its lifetime.
    pub(super) fn add(&mut self, lease: &LeaseFacts, unit: u128, is_elsewhere: bool, timers: &Timers) {
        match lease.status {
            LeaseStatus::Active => self.active(lease, unit, timers),
            LeaseStatus::Declined => {
                let end = lease.end.map_or(NEVER, |end| u32::try_from(end.clamp(0, (NEVER - 1).into())).unwrap_or(0));
                self.probation = self.probation.max(Some(end));
            }
            _ => return,
        }
        increase(&mut self.misnumbered, is_elsewhere);
    }

    fn active(&mut self, lease: &LeaseFacts, unit: u128, timers: &Timers) {
        increase(&mut self.randomised, lease.is_randomised);
        if let Some(client) = lease.client {
            self.holders.add(client, unit);
        }
        // Without branches: which way they go is chance.
        let group = AGES.iter().map(|(most, _)| usize::from(lease.age > (*most).into())).sum::<usize>();
        increase(&mut self.aged[group], true);
        let Lifetime::Seconds(lifetime) = lease.valid_lifetime else {
            increase(&mut self.endless, true);
            return;
        };
        increase(&mut self.offered, timers.offer == Some(lifetime) && timers.valid != Some(lifetime));
        self.lifetime = Some(self.lifetime.map_or(lifetime, |least| least.min(lifetime)));
        let renewal = timers.renew.filter(|renew| *renew < lifetime).unwrap_or(lifetime / 2);
        let is_unrenewed = lease.age > renewal.into();
        increase(&mut self.unrenewed, is_unrenewed);
        increase(&mut self.randomised_unrenewed, is_unrenewed && lease.is_randomised);
        for (index, older) in self.older.iter_mut().enumerate() {
            increase(older, is_unrenewed && index < group);
        }
    }

    /// A number from each of its ends in memory.
    pub(super) fn sample(&self) -> u32 {
        self.unrenewed ^ self.misnumbered ^ self.holders.sample()
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
