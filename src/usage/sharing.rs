//! What sums have too much of: reservations and leases of addresses that several subnets have.

use std::collections::{BTreeMap, BTreeSet};

use super::counts::Counts;
use super::facts::LeaseFacts;
use super::layout::Layout;
use super::overlap::Excess;
use super::place::ResourceKind;
use crate::lease::LeaseStatus;

/// The pools of a shared network that have an address, or the networks that have it.
#[derive(Debug, Clone, Copy, Default)]
struct Sharing {
    all: u64,
    /// Those that withhold it for the host that it is reserved for there.
    withholding: u64,
    /// Whether no other client gets it. A pool that does not withhold it gives it, unless the first subnet of the shared
    /// network, which Kea selects for its clients, has it reserved: Kea then offers it and refuses each request.
    is_withheld: bool,
}

impl Sharing {
    /// How many of those that withhold it sums have too many of.
    fn surplus(self) -> u64 {
        self.withholding - u64::from(self.is_withheld)
    }
}

impl Layout {
    /// What sums have too much of before a lease is counted; nothing if nothing overlaps.
    pub(super) fn excess(&self) -> Option<Box<Excess>> {
        let mut excess = self.overlaps.excess()?;
        let numbers = |(pool, numbers): (&usize, &BTreeSet<u128>)| {
            let is_prefix = self.pools[*pool].is_of_prefixes();
            numbers.iter().map(|number| (is_prefix, *number)).collect::<Vec<_>>()
        };
        let reserved: BTreeSet<(bool, u128)> = self.reserved.iter().flat_map(numbers).collect();
        for (is_prefix, number) in reserved {
            excess.each(self, number, is_prefix, |counts, sharing| counts.reserved += sharing.surplus());
        }
        Some(excess)
    }
}

impl Excess {
    /// Takes a lease that several pools have counted.
    pub(super) fn take(&mut self, layout: &Layout, lease: &LeaseFacts) {
        self.each(layout, lease.number, lease.is_prefix, |counts, sharing| {
            let is_held = (1..sharing.all).fold(false, |_, _| counts.take(lease.status, lease.is_over, true));
            counts.reserved_held += if is_held { sharing.surplus() } else { 0 };
            if lease.status == LeaseStatus::Declined && lease.is_over {
                counts.lapsed += sharing.all - sharing.withholding - u64::from(!sharing.is_withheld);
            }
        });
    }

    /// As a server's statistics allow: whether reserved addresses are held is not known.
    pub(super) fn settle(&mut self) {
        for pair in self.networks.iter_mut().chain([&mut self.across]) {
            for counts in [&mut pair.addresses, &mut pair.prefixes] {
                (counts.reserved_held, counts.queued) = (counts.reserved, counts.reserved);
            }
        }
    }

    /// Changes what each shared network with an address, and everything, has too much of.
    fn each(&mut self, layout: &Layout, number: u128, is_prefix: bool, change: impl Fn(&mut Counts, Sharing)) {
        let kind = if is_prefix { ResourceKind::Prefixes } else { ResourceKind::Addresses };
        let mut groups: BTreeMap<(Option<usize>, usize), Sharing> = BTreeMap::new();
        for pool in layout.pools_with(number, is_prefix) {
            let (subnet, is_reserved) = (layout.pools[pool].subnet, layout.is_reserved(pool, number));
            let network = layout.subnets[subnet].network;
            let group = groups.entry((network, if network.is_some() { 0 } else { subnet })).or_default();
            group.all += 1;
            group.withholding += u64::from(is_reserved);
            group.is_withheld |= is_reserved && network.is_some_and(|it| layout.overlaps.firsts[it] == subnet);
        }
        for ((network, _), sharing) in &mut groups {
            sharing.is_withheld |= sharing.withholding == sharing.all;
            if let Some(pair) = network.and_then(|network| self.networks.get_mut(network)) {
                change(pair.of_mut(kind), *sharing);
            }
        }
        let (all, withholding) = (groups.len(), groups.values().filter(|sharing| sharing.is_withheld).count());
        let is_withheld = withholding == all;
        change(self.across.of_mut(kind), Sharing { all: all as u64, withholding: withholding as u64, is_withheld });
    }
}
