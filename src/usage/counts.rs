//! The counts of a pool, a subnet or a shared network.

use serde::{Deserialize, Serialize};

use super::place::ResourceKind;

/// What counts come from, and so what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Basis {
    /// Every lease: exact.
    Leases,
    /// The statistics of a server: an estimate, without what is expired or released.
    Statistics,
    /// Nothing but the configuration.
    Configuration,
}

/// More leases than any server has.
pub(super) const MOST: u64 = 1 << 48;

/// How many addresses or prefixes there are, and what they are used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// All that the pools hold.
    pub total: u128,
    /// Leased.
    pub active: u64,
    /// Declined: a client found them in use.
    pub declined: u64,
    /// Of the declined, those whose probation is over.
    pub declined_over: u64,
    /// Expired, and not reclaimed yet.
    pub expired: u64,
    /// Released by their clients.
    pub released: u64,
    /// Expired and reclaimed.
    pub reclaimed: u64,
    /// Withheld by the server for the hosts that they are reserved for.
    pub reserved: u64,
    /// Of the reserved, those that are leased or declined.
    pub reserved_held: u64,
    /// Expired and released ones that an allocator with a free lease queue may not give before they are reclaimed.
    pub queued: u64,
    /// Of the declined, those whose probation is over, if they are not reserved: Kea gives them again, some releases only after
    /// they are reclaimed.
    #[serde(default)]
    pub lapsed: u64,
    /// Free for a client of no class.
    pub unclassed: u128,
    /// Whether all reservations are known. Without them nothing can be said of what is free for new clients.
    pub is_complete: bool,
    /// What it comes from.
    pub basis: Basis,
}

impl Default for Counts {
    fn default() -> Self {
        Self::new(0, 0)
    }
}

impl Counts {
    /// Of so many addresses, with so many reserved.
    #[must_use]
    pub fn new(total: u128, reserved: u64) -> Self {
        Self {
            total,
            active: 0,
            declined: 0,
            declined_over: 0,
            expired: 0,
            released: 0,
            reclaimed: 0,
            reserved,
            reserved_held: 0,
            queued: 0,
            lapsed: 0,
            unclassed: 0,
            is_complete: true,
            basis: Basis::Leases,
        }
    }

    /// Whether no number is beyond what any server has.
    pub(super) fn may_be(&self) -> bool {
        let counts = [self.active, self.declined, self.declined_over, self.expired, self.released, self.reclaimed];
        let others = [self.reserved, self.reserved_held, self.queued, self.lapsed];
        counts.iter().chain(&others).all(|count| *count < MOST)
    }

    /// Neither leased nor declined.
    #[must_use]
    pub fn free(&self) -> u128 {
        self.total.saturating_sub(self.active.into()).saturating_sub(self.declined.into())
    }

    /// Reserved, and held by no client.
    #[must_use]
    pub fn reserved_free(&self) -> u64 {
        self.reserved.saturating_sub(self.reserved_held)
    }

    /// How many new clients can be served, if all reservations are known.
    #[must_use]
    pub fn effective_free(&self) -> Option<u128> {
        (self.is_complete && self.basis < Basis::Configuration).then(|| self.available())
    }

    /// The same if the server gives nothing that is not reclaimed.
    #[must_use]
    pub fn effective_free_min(&self) -> Option<u128> {
        self.effective_free().map(|_| self.available_min())
    }

    /// How many clients of no class can be served, if all reservations are known.
    #[must_use]
    pub fn effective_free_unclassed(&self) -> Option<u128> {
        (self.is_complete && self.basis < Basis::Configuration).then_some(self.unclassed)
    }

    /// What the known reservations leave for new clients.
    #[must_use]
    pub fn available(&self) -> u128 {
        self.free().saturating_sub(self.reserved_free().into())
    }

    /// The same without what is not reclaimed.
    #[must_use]
    pub(super) fn available_min(&self) -> u128 {
        self.available().saturating_sub(self.queued.into())
    }

    /// The same with declined addresses whose probation is over: Kea may give them before they are reclaimed.
    #[must_use]
    pub(super) fn available_max(&self) -> u128 {
        self.available().saturating_add(self.lapsed.into())
    }

    /// What there is to give to clients without a reservation.
    #[must_use]
    pub fn to_give(&self) -> u128 {
        self.total.saturating_sub(self.reserved_free().into())
    }

    /// Adds the counts of another part.
    pub fn add(&mut self, other: &Self) {
        self.total = self.total.saturating_add(other.total);
        self.active = self.active.saturating_add(other.active);
        self.declined = self.declined.saturating_add(other.declined);
        self.declined_over = self.declined_over.saturating_add(other.declined_over);
        self.expired = self.expired.saturating_add(other.expired);
        self.released = self.released.saturating_add(other.released);
        self.reclaimed = self.reclaimed.saturating_add(other.reclaimed);
        self.reserved = self.reserved.saturating_add(other.reserved);
        self.reserved_held = self.reserved_held.saturating_add(other.reserved_held);
        self.queued = self.queued.saturating_add(other.queued);
        self.lapsed = self.lapsed.saturating_add(other.lapsed);
        self.unclassed = self.unclassed.saturating_add(other.unclassed);
        self.is_complete &= other.is_complete;
        self.basis = self.basis.max(other.basis);
    }

    /// Takes away what was counted twice.
    fn subtract(&mut self, twice: &Self) {
        self.unclassed = self.unclassed.saturating_sub(twice.available());
        self.total = self.total.saturating_sub(twice.total);
        self.active = self.active.saturating_sub(twice.active);
        self.declined = self.declined.saturating_sub(twice.declined);
        self.declined_over = self.declined_over.saturating_sub(twice.declined_over);
        self.expired = self.expired.saturating_sub(twice.expired);
        self.released = self.released.saturating_sub(twice.released);
        self.reclaimed = self.reclaimed.saturating_sub(twice.reclaimed);
        self.reserved = self.reserved.saturating_sub(twice.reserved);
        self.reserved_held = self.reserved_held.saturating_sub(twice.reserved_held);
        self.queued = self.queued.saturating_sub(twice.queued);
        self.lapsed = self.lapsed.saturating_sub(twice.lapsed);
    }
}

/// The counts of addresses and of prefixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pair {
    /// Addresses.
    pub addresses: Counts,
    /// Delegated prefixes.
    pub prefixes: Counts,
}

impl Pair {
    /// Adds the counts of another part.
    pub(crate) fn add(&mut self, other: &Self) {
        self.addresses.add(&other.addresses);
        self.prefixes.add(&other.prefixes);
    }

    /// Takes away what was counted twice.
    pub(super) fn subtract(&mut self, twice: &Self) {
        self.addresses.subtract(&twice.addresses);
        self.prefixes.subtract(&twice.prefixes);
    }

    /// Those of this kind.
    pub(super) fn of_mut(&mut self, kind: ResourceKind) -> &mut Counts {
        match kind {
            ResourceKind::Addresses => &mut self.addresses,
            ResourceKind::Prefixes => &mut self.prefixes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declined_addresses_are_used_and_reserved_are_not_free() {
        let counts = Counts { active: 3, declined: 1, reserved_held: 1, ..Counts::new(10, 3) };
        assert_eq!((counts.free(), counts.reserved_free(), counts.effective_free()), (6, 2, Some(4)));
        assert_eq!(counts.used_percent(), Some(50.0));
        assert_eq!(Counts::new(2, 2).used_percent(), None);
    }

    #[test]
    fn a_share_of_whole_percents_is_exactly_that() {
        for used in 1..=100 {
            let counts = Counts { active: used, ..Counts::new(100, 0) };
            assert_eq!(counts.used_percent().map(|share| share.to_string()), Some(used.to_string()));
        }
    }

    #[test]
    fn a_probation_that_is_over_may_have_given_addresses_back() {
        let counts = Counts { active: 3, declined: 4, declined_over: 3, lapsed: 3, ..Counts::new(10, 0) };
        assert_eq!((counts.free(), counts.effective_free_min(), counts.effective_free()), (3, Some(3), Some(3)));
        assert_eq!((counts.offer().least, counts.offer().most), (3, 6));
    }

    #[test]
    fn with_unknown_reservations_nothing_is_called_free() {
        let counts = Counts { is_complete: false, ..Counts::new(10, 0) };
        assert_eq!((counts.effective_free(), counts.effective_free_unclassed()), (None, None));
        let mut sum = Counts::new(5, 0);
        sum.add(&counts);
        assert_eq!((sum.total, sum.effective_free()), (15, None));
    }

    #[test]
    fn sums_beyond_128_bits_stay_at_the_largest_number() {
        let mut sum = Counts::new(u128::MAX, 0);
        sum.add(&Counts::new(u128::MAX, 0));
        assert_eq!(sum.effective_free(), Some(u128::MAX));
        let mut sum = Counts { active: u64::MAX, ..Counts::new(1, 0) };
        sum.add(&sum.clone());
        assert_eq!((sum.active, sum.used_percent()), (u64::MAX, Some(100.0)));
    }
}
