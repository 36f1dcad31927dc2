//! What leases show of the reasons why a pool is full.

use serde::{Deserialize, Serialize};

use super::counts::MOST;
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

/// Later than any moment of a lease: the end of one that has none.
pub(super) const NEVER: i64 = 1 << 40;

/// What the leases in a pool show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Active leases that were not renewed although the time for it (T1) has passed.
    pub unrenewed: u64,
    /// Of those, the leases that are older than each of [`AGES`].
    pub older: [u64; AGES.len()],
    /// Active leases by the time since they were given or renewed: up to each of [`AGES`], and older.
    #[serde(default)]
    pub aged: [u32; AGES.len() + 1],
    /// Active leases that never end.
    pub endless: u64,
    /// Active leases of clients whose hardware addresses they chose themselves.
    pub randomised: u64,
    /// Of those, the leases that were not renewed.
    pub randomised_unrenewed: u64,
    /// The clients with the most active leases.
    pub(super) holders: Holders,
    /// Active leases that were only offered.
    pub offered: u64,
    /// Active and declined leases with another subnet's number.
    pub misnumbered: u64,
    /// The shortest valid lifetime of active leases.
    pub lifetime: Option<u32>,
    /// When the probation of the first declined address ends, and of the last.
    pub probation: Option<(i64, i64)>,
}

impl Evidence {
    /// Whether no number is beyond what any server has.
    pub(super) fn may_be(&self) -> bool {
        let counts =
            [self.unrenewed, self.endless, self.randomised, self.randomised_unrenewed, self.offered, self.misnumbered];
        let is_time = |(first, last): (i64, i64)| (0..=NEVER).contains(&first) && (0..=NEVER).contains(&last);
        counts.iter().chain(&self.older).all(|count| *count < MOST) && self.probation.is_none_or(is_time)
    }

    /// Adds a lease, whose clients renew after `renew_timer` seconds or half of its lifetime.
    pub(super) fn add(
        &mut self,
        lease: &Lease<'_>,
        status: LeaseStatus,
        now: i64,
        timers: &Timers,
        is_elsewhere: bool,
    ) {
        match status {
            LeaseStatus::Active => self.active(lease, now, timers),
            LeaseStatus::Declined => {
                let end = lease.end().map_or(NEVER, |end| end.clamp(0, NEVER - 1));
                let (first, last) = self.probation.unwrap_or((end, end));
                self.probation = Some((first.min(end), last.max(end)));
            }
            _ => return,
        }
        self.misnumbered += u64::from(is_elsewhere);
    }

    fn active(&mut self, lease: &Lease<'_>, now: i64, timers: &Timers) {
        let is_randomised = is_randomised(lease.hwaddr.0);
        self.randomised += u64::from(is_randomised);
        self.holders.add(lease);
        let age = now.saturating_sub(lease.cltt);
        let group = AGES.iter().position(|(most, _)| age <= (*most).into()).unwrap_or(AGES.len());
        self.aged[group] = self.aged[group].saturating_add(1);
        let Lifetime::Seconds(lifetime) = lease.valid_lifetime else {
            self.endless += 1;
            return;
        };
        self.offered += u64::from(timers.offer == Some(lifetime) && timers.valid != Some(lifetime));
        self.lifetime = Some(self.lifetime.map_or(lifetime, |least| least.min(lifetime)));
        let renewal = timers.renew.filter(|renew| *renew < lifetime).unwrap_or(lifetime / 2);
        if age <= renewal.into() {
            return;
        }
        self.unrenewed += 1;
        self.randomised_unrenewed += u64::from(is_randomised);
        for (older, (least, _)) in self.older.iter_mut().zip(AGES) {
            *older += u64::from(age > least.into());
        }
    }

    /// Adds the evidence of another pool.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.unrenewed += other.unrenewed;
        for (mine, theirs) in self.older.iter_mut().zip(other.older) {
            *mine += theirs;
        }
        for (mine, theirs) in self.aged.iter_mut().zip(other.aged) {
            *mine = mine.saturating_add(theirs);
        }
        self.endless += other.endless;
        self.randomised += other.randomised;
        self.randomised_unrenewed += other.randomised_unrenewed;
        self.holders.merge(&other.holders);
        self.offered += other.offered;
        self.misnumbered += other.misnumbered;
        self.lifetime = [self.lifetime, other.lifetime].into_iter().flatten().min();
        let both = self.probation.zip(other.probation);
        let widest = both.map(|(mine, theirs)| (mine.0.min(theirs.0), mine.1.max(theirs.1)));
        self.probation = widest.or(self.probation).or(other.probation);
    }
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
