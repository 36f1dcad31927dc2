//! Which clients are not answered: a pool that is exhausted shows in that.

use std::time::Duration;

use super::super::fate::Loss;
use super::super::slot::Slot;

/// Which clients are not answered in a step.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Losers {
    /// First messages of clients without a lease to which nothing came, or no address.
    without_lease: u64,
    /// Other messages that were lost, and answers that came late.
    others: u64,
    /// Whether a server said that it has no address.
    pub(super) said_so: bool,
    /// When the first of `without_lease` should have left.
    first_lost: Option<Duration>,
    /// When the last message should have left by which a client without a lease was offered an address.
    last_served: Option<Duration>,
}

/// Fewer messages are lost by chance.
const LEAST: u64 = 5;
/// The status code `NoAddrsAvail` of DHCPv6.
const NO_ADDRESSES: u16 = 2;

impl Losers {
    /// A message of a client is lost.
    pub(super) fn lost(&mut self, stage: u8, slot: &Slot, loss: Loss) {
        let says_so = matches!(loss, Loss::NoAddress | Loss::Refused(NO_ADDRESSES));
        if stage != 0 || slot.lease.is_owed() || !(says_so || loss == Loss::Silence) {
            self.others += 1;
            return;
        }
        self.without_lease += 1;
        self.said_so |= says_so;
        let intended = slot.intended();
        self.first_lost = Some(self.first_lost.map_or(intended, |first| first.min(intended)));
    }

    /// A message of a client is answered with an address.
    pub(super) fn served(&mut self, stage: u8, slot: &Slot) {
        if stage == 0 && !slot.lease.is_owed() {
            self.last_served = self.last_served.max(Some(slot.intended()));
        }
    }

    /// The answer to a message that was given up came.
    pub(super) fn came_late(&mut self) {
        self.others += 1;
    }

    /// Whether from some moment on no client without a lease got an offer, while all others were answered.
    pub(super) fn look_exhausted(&self) -> bool {
        self.without_lease >= LEAST && self.others == 0 && self.first_lost > self.last_served
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::kind::LoadMessage;
    use super::super::super::slot::Lease;
    use super::*;

    fn slot(at: u64, lease: Lease) -> Slot {
        let mut slot = Slot::default();
        slot.lease = lease;
        slot.begin(LoadMessage::Discover, true, Duration::from_secs(at), 7);
        slot
    }

    #[test]
    fn a_pool_looks_exhausted_from_some_moment_on() {
        let mut losers = Losers::default();
        (0..3).for_each(|at| losers.served(0, &slot(at, Lease::None)));
        (4..8).for_each(|at| losers.lost(0, &slot(at, Lease::None), Loss::Silence));
        assert!(!losers.look_exhausted(), "it may be chance");
        losers.lost(0, &slot(9, Lease::Released), Loss::Refused(NO_ADDRESSES));
        assert!(losers.look_exhausted() && losers.said_so);
        let mut later = losers;
        later.served(0, &slot(10, Lease::None));
        assert!(!later.look_exhausted(), "another client is served later");
        losers.lost(0, &slot(10, Lease::Held), Loss::Silence);
        assert!(!losers.look_exhausted(), "a client that has one is not answered either");
    }
}
