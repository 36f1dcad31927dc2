//! How full everything is: what was counted of pools, added up for subnets and shared networks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::counts::{Basis, Counts, Pair};
use super::evidence::Evidence;
use super::halves::halves;
use super::holders::{Holder, Holders};
use super::layout::Layout;
use super::map::PoolMap;
use super::overlap::Excess;
use super::place::{LayoutPlace, Level, ResourceKind};

/// Of pools: the counts, the evidence, and what of them is counted twice.
pub(super) type Counted = (Vec<Counts>, Vec<Evidence>, Option<Box<Excess>>);

/// How full everything is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Usage {
    /// At this moment.
    pub at: i64,
    /// Of each pool.
    pub pools: Vec<Counts>,
    /// Of each subnet.
    pub subnets: Vec<Pair>,
    /// Of each shared network.
    pub networks: Vec<Pair>,
    /// Of all subnets.
    pub total: Pair,
    /// What the leases in each pool show.
    pub evidence: Vec<Evidence>,
    /// Active leases of each subnet that are in none of the pools.
    pub outside: Vec<u64>,
    /// Leases of subnets that are not configured.
    pub orphans: u64,
    /// All leases.
    pub leases: u64,
    /// When the newest lease was given.
    pub newest: Option<i64>,
    /// Maps of some pools, if they were wanted.
    #[serde(default)]
    pub maps: BTreeMap<usize, PoolMap>,
    /// Of pools with active or declined leases that have the id of another subnet, how many have which.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) other_ids: BTreeMap<usize, BTreeMap<u32, u64>>,
    /// What several subnets have counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    excess: Option<Box<Excess>>,
}

/// Whether "assigned" in an answer to stat-lease4-get has no declined leases in it: up to Kea 3.1.1.
#[must_use]
pub fn declined_is_apart(version: &str) -> bool {
    let mut numbers = version.split(['.', '-', ' ']).map_while(|number| number.parse::<u32>().ok());
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next(), next()) < (3, 1, 2)
}

/// What a server counts in a subnet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// The subnet's number.
    pub subnet_id: u32,
    /// Assigned addresses, without those that are declined.
    pub assigned: u64,
    /// Declined addresses.
    pub declined: u64,
    /// Assigned prefixes.
    pub assigned_prefixes: u64,
}

impl Usage {
    /// The estimate that a server's statistics allow. Totals are those of the configuration, and subnets that it does not
    /// have are left out: a server remembers them.
    #[must_use]
    pub fn of_statistics(layout: &Layout, rows: &[Statistics], at: i64) -> Self {
        let pools = layout.pools.iter().enumerate().map(|(index, pool)| Counts {
            is_complete: layout.has_all_reservations,
            basis: Basis::Configuration,
            ..Counts::new(pool.total, layout.reserved(index))
        });
        let evidence = vec![Evidence::default(); layout.pools.len()];
        let mut excess = layout.excess();
        if let Some(excess) = &mut excess {
            excess.settle();
        }
        let counted = (pools.collect(), evidence, excess);
        let mut usage = Self::from_counts(layout, counted, vec![0; layout.subnets.len()], at);
        for pair in &mut usage.subnets {
            pair.addresses.basis = Basis::Statistics;
            pair.prefixes.basis = Basis::Statistics;
        }
        for row in rows {
            let Some(index) = layout.subnet_with(row.subnet_id) else { continue };
            usage.subnets[index].addresses.estimate(row.assigned, row.declined);
            usage.subnets[index].prefixes.estimate(row.assigned_prefixes, 0);
        }
        for (index, pair) in usage.subnets.iter_mut().enumerate() {
            let most = |kind| unclassed(layout, LayoutPlace::subnet(index), kind, |pool| layout.pools[pool].total);
            pair.addresses.settle(most(ResourceKind::Addresses));
            pair.prefixes.settle(most(ResourceKind::Prefixes));
        }
        usage.sum_up(layout);
        usage
    }

    /// The fullest pools, so many of them.
    #[must_use]
    pub fn fullest_pools(&self, count: usize) -> Vec<usize> {
        let share = |pool: usize| self.pools[pool].used_percent().unwrap_or(-1.0);
        let mut pools: Vec<usize> = (0..self.pools.len()).collect();
        pools.sort_by(|one, other| share(*other).total_cmp(&share(*one)));
        pools.truncate(count);
        pools
    }

    /// Whether it may be of this layout: as many places, and no number that cannot be. For what was written to a file.
    #[must_use]
    pub fn fits(&self, layout: &Layout) -> bool {
        let lengths =
            [self.pools.len(), self.evidence.len(), self.subnets.len(), self.outside.len(), self.networks.len()];
        let expected =
            [layout.pools.len(), layout.pools.len(), layout.subnets.len(), layout.subnets.len(), layout.networks.len()];
        let pairs = self.subnets.iter().chain(&self.networks).chain([&self.total]);
        let counts = pairs.flat_map(|pair| [&pair.addresses, &pair.prefixes]).chain(&self.pools);
        let has_maps = self.maps.iter().all(|(pool, map)| *pool < layout.pools.len() && map.may_be());
        let is_like = |excess: &Excess| excess.networks.len() == layout.networks.len();
        let has_excess = self.excess.as_deref().is_none_or(is_like);
        has_maps && has_excess && lengths == expected && counts.clone().all(Counts::may_be)
    }

    /// Sums up the counts of pools.
    pub(super) fn from_counts(layout: &Layout, counted: Counted, outside: Vec<u64>, at: i64) -> Self {
        let (mut pools, evidence, excess) = counted;
        for (index, counts) in pools.iter_mut().enumerate() {
            counts.unclassed = if layout.guard(index).is_open { counts.available() } else { 0 };
        }
        let sum = |place: LayoutPlace, kind: ResourceKind| {
            let mut sum = Counts { is_complete: layout.has_all_reservations, ..Counts::default() };
            layout.pools_of(place, kind).for_each(|pool| sum.add(&pools[pool]));
            sum.unclassed = unclassed(layout, place, kind, |pool| pools[pool].available());
            sum
        };
        let pair = |place| Pair {
            addresses: sum(place, ResourceKind::Addresses),
            prefixes: sum(place, ResourceKind::Prefixes),
        };
        let subnets: Vec<Pair> = (0..layout.subnets.len()).map(LayoutPlace::subnet).map(pair).collect();
        let (networks, total) = (Vec::new(), Pair::default());
        let mut usage = Self {
            at,
            pools,
            subnets,
            networks,
            total,
            evidence,
            outside,
            orphans: 0,
            leases: 0,
            newest: None,
            maps: BTreeMap::new(),
            other_ids: BTreeMap::new(),
            excess,
        };
        usage.sum_up(layout);
        usage
    }

    /// Adds up subnets.
    fn sum_up(&mut self, layout: &Layout) {
        let network = |(index, network): (usize, &super::Network)| {
            let mut sum = Pair::default();
            network.subnets.iter().for_each(|subnet| sum.add(&self.subnets[*subnet]));
            if let Some(excess) = &self.excess {
                sum.subtract(&excess.networks[index]);
            }
            self.unite_halves(layout, LayoutPlace::network(index), ResourceKind::Addresses, &mut sum.addresses);
            self.unite_halves(layout, LayoutPlace::network(index), ResourceKind::Prefixes, &mut sum.prefixes);
            sum
        };
        self.networks = layout.networks.iter().enumerate().map(network).collect();
        let alone = self.subnets.iter().zip(&layout.subnets).filter(|(_, subnet)| subnet.network.is_none());
        let mut total = Pair::default();
        alone.map(|(pair, _)| pair).chain(&self.networks).for_each(|pair| total.add(pair));
        if let Some(excess) = &self.excess {
            total.subtract(&excess.across);
        }
        self.total = total;
    }

    /// The halves of a pair may be in several subnets of a shared network: what its clients get is not the sum of what they
    /// get in each subnet.
    fn unite_halves(&self, layout: &Layout, network: LayoutPlace, kind: ResourceKind, sum: &mut Counts) {
        if layout.pools_of(network, kind).all(|pool| layout.guard(pool).scope.is_none()) {
            return;
        }
        let is_exact = sum.basis == Basis::Leases;
        let of_pool = |pool: usize| if is_exact { self.pools[pool].available() } else { layout.pools[pool].total };
        sum.unclassed = unclassed(layout, network, kind, of_pool).min(sum.available());
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The counts of a place.
    #[must_use]
    pub fn counts(&self, place: LayoutPlace, kind: ResourceKind) -> Counts {
        let pair = match place.level {
            Level::Network => &self.networks[place.index],
            Level::Subnet => &self.subnets[place.index],
            Level::Pool => return self.pools[place.index],
        };
        match kind {
            ResourceKind::Addresses => pair.addresses,
            ResourceKind::Prefixes => pair.prefixes,
        }
    }

    /// What the leases of a place show.
    #[must_use]
    pub fn evidence(&self, layout: &Layout, place: LayoutPlace, kind: ResourceKind) -> Evidence {
        let mut sum = Evidence::default();
        layout.pools_of(place, kind).for_each(|pool| sum.merge(&self.evidence[pool]));
        sum
    }
}

impl Usage {
    /// The client with the most leases of a place.
    pub(super) fn most_leases(&self, layout: &Layout, place: LayoutPlace, kind: ResourceKind) -> Option<Holder<u128>> {
        let mut all = Holders::default();
        for index in layout.pools_of(place, kind) {
            all.merge(&self.evidence[index].holders, |unit| layout.pools[index].first_of(unit));
        }
        all.first()
    }
}

impl Layout {
    /// Whether a client of a place can get something of its pools alone: not if it is a part of a shared network or subnet.
    pub(super) fn is_whole(&self, place: LayoutPlace) -> bool {
        match place.level {
            Level::Network => true,
            Level::Subnet => self.subnets[place.index].network.is_none(),
            Level::Pool => false,
        }
    }

    /// The pools of a place.
    pub fn pools_of(&self, place: LayoutPlace, kind: ResourceKind) -> impl Iterator<Item = usize> {
        let of_subnet = move |subnet: usize| {
            let subnet = &self.subnets[subnet];
            match kind {
                ResourceKind::Addresses => subnet.pools.clone(),
                ResourceKind::Prefixes => subnet.prefix_pools.clone(),
            }
        };
        let (subnets, one) = match place.level {
            Level::Network => (self.networks[place.index].subnets.clone(), 0..0),
            Level::Subnet => (vec![place.index], 0..0),
            Level::Pool => (Vec::new(), place.index..place.index + 1),
        };
        subnets.into_iter().flat_map(of_subnet).chain(one)
    }
}

impl Counts {
    /// Takes what a server counts.
    fn estimate(&mut self, assigned: u64, declined: u64) {
        (self.active, self.declined) = (assigned, declined);
    }

    /// Whether reserved addresses are held is not known: at best all are, at worst none. A client of no class has `most` of
    /// the pools at the most.
    fn settle(&mut self, most: u128) {
        (self.reserved_held, self.queued) = (self.reserved, self.reserved);
        self.unclassed = self.available().min(most);
    }
}

/// What a place has for a client of no class, if each pool has so much. Of the servers of a load-balancing pair only the fuller
/// one counts: a client cannot choose its server, and gets nothing of a half that no server serves.
fn unclassed(layout: &Layout, place: LayoutPlace, kind: ResourceKind, of_pool: impl Fn(usize) -> u128) -> u128 {
    let pools: Vec<usize> = layout.pools_of(place, kind).collect();
    let open = pools.iter().filter(|pool| layout.guard(**pool).is_open);
    let open = open.fold(0_u128, |sum, pool| sum.saturating_add(of_pool(*pool)));
    let halves = halves(layout, &pools, layout.is_whole(place));
    let least = halves.iter().map(|half| if half.is_served { half.sum(&of_pool) } else { 0 }).min();
    open.saturating_add(least.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_says_what_assigned_means() {
        for (version, is_apart) in [("2.2.0", true), ("3.1.1-git", true), ("3.1.2", false), ("3.2", false), ("", true)]
        {
            assert_eq!(declined_is_apart(version), is_apart, "{version}");
        }
    }
}
