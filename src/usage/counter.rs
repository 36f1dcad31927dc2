//! Counting: leases go in, one at a time, and what comes out is how full everything is.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::mem;

use super::count::Usage;
use super::counts::Counts;
use super::evidence::Evidence;
use super::facts::LeaseFacts;
use super::layout::Layout;
use super::map::PoolMap;
use super::overlap::Excess;
use crate::lease::{Lease, LeaseStatus};

/// How many ids of other subnets are counted in a pool.
const MOST_IDS: usize = 16;
/// How many pools have a map.
const MAPPED: usize = 1000;
/// So many leases are counted together. Of many pools, each is somewhere else in memory: what is waited for together takes a
/// fraction of the time.
const BATCH: usize = 128;

/// Takes leases.
#[derive(Debug)]
pub struct Counter<'a> {
    layout: &'a Layout,
    now: i64,
    /// Leases that are not counted yet.
    waiting: Vec<LeaseFacts>,
    pools: Vec<Counts>,
    evidence: Vec<Evidence>,
    outside: Vec<u64>,
    orphans: u64,
    leases: u64,
    newest: Option<i64>,
    maps: BTreeMap<usize, PoolMap>,
    has_evidence: bool,
    excess: Option<Box<Excess>>,
    other_ids: BTreeMap<usize, BTreeMap<u32, u64>>,
}

impl<'a> Counter<'a> {
    /// A counter of leases in the pools of `layout`, as they are at `now`.
    #[must_use]
    pub fn new(layout: &'a Layout, now: i64) -> Self {
        Self {
            layout,
            now,
            waiting: Vec::with_capacity(BATCH),
            pools: Vec::new(),
            evidence: Vec::new(),
            outside: vec![0; layout.subnets.len()],
            orphans: 0,
            leases: 0,
            newest: None,
            maps: BTreeMap::new(),
            has_evidence: true,
            excess: layout.excess(),
            other_ids: BTreeMap::new(),
        }
    }

    /// The same without the evidence of reasons, which costs more than counting.
    #[must_use]
    pub fn without_evidence(self) -> Self {
        Self { has_evidence: false, ..self }
    }

    /// The same with maps of the first pools.
    #[must_use]
    pub fn with_maps(self) -> Self {
        self.with_maps_of(0..MAPPED)
    }

    /// The same with maps of these pools.
    #[must_use]
    pub fn with_maps_of(mut self, pools: impl IntoIterator<Item = usize>) -> Self {
        let pools = pools.into_iter().filter(|index| *index < self.layout.pools.len());
        self.maps = pools.map(|index| (index, PoolMap::new(self.layout, index))).collect();
        self
    }

    /// Counts a lease.
    pub fn add(&mut self, lease: &Lease<'_>) {
        self.waiting.push(LeaseFacts::new(lease, self.now, self.has_evidence));
        if self.waiting.len() == BATCH {
            self.count_waiting();
        }
    }

    /// Makes the counts of pools, only now: before its first lease a source may need much memory.
    fn prepare(&mut self) {
        let layout = self.layout;
        if self.pools.len() == layout.pools.len() {
            return;
        }
        let counts = |pool: usize| Counts {
            is_complete: layout.has_all_reservations,
            ..Counts::new(layout.pools[pool].total, layout.reserved(pool))
        };
        self.pools = (0..layout.pools.len()).map(counts).collect();
        self.evidence = vec![Evidence::default(); layout.pools.len()];
    }

    fn count_waiting(&mut self) {
        self.prepare();
        self.warm_up();
        let mut waiting = mem::take(&mut self.waiting);
        waiting.drain(..).for_each(|lease| self.count(&lease));
        self.waiting = waiting;
    }

    /// Looks at the pools of all waiting leases for nothing but the time: what is counted next finds its memory in the cache.
    fn warm_up(&self) {
        let layout = self.layout;
        let pools = self.waiting.iter().flat_map(|lease| layout.pools_with(lease.number, lease.is_prefix));
        let looked_at = pools.map(|pool| {
            let subnet = layout.pools[pool].subnet;
            self.pools[pool].active ^ u64::from(self.evidence[pool].sample() ^ layout.subnets[subnet].id)
        });
        black_box(looked_at.fold(0, |sum, number| sum ^ number));
    }

    fn count(&mut self, lease: &LeaseFacts) {
        let layout = self.layout;
        self.leases += 1;
        self.newest = self.newest.max(Some(lease.cltt));
        let (mut count, mut has_subnet) = (0, false);
        for pool in layout.pools_with(lease.number, lease.is_prefix) {
            count += 1;
            has_subnet |= self.count_in(pool, lease);
        }
        let subnet = if has_subnet { None } else { layout.subnet_with(lease.subnet_id) };
        self.orphans += u64::from(!has_subnet && subnet.is_none());
        match &mut self.excess {
            _ if count == 0 => {
                if let Some(subnet) = subnet.filter(|_| lease.status == LeaseStatus::Active) {
                    self.outside[subnet] += 1;
                }
            }
            Some(excess) if count > 1 => excess.take(layout, lease),
            _ => {}
        }
    }

    /// Counts a lease in a pool; whether the lease has the number of the pool's subnet.
    fn count_in(&mut self, index: usize, lease: &LeaseFacts) -> bool {
        let (layout, pool, status) = (self.layout, &self.layout.pools[index], lease.status_in_pool());
        let subnet = &layout.subnets[pool.subnet];
        let is_elsewhere = lease.subnet_id != subnet.id;
        let (counts, is_reserved) = (&mut self.pools[index], layout.is_reserved(index, lease.number));
        let is_held = counts.take(status, lease.is_over, is_reserved);
        if is_reserved {
            counts.reserved_held += u64::from(is_held);
        } else if pool.is_queued && matches!(status, LeaseStatus::Expired | LeaseStatus::Released) {
            counts.queued += 1;
        }
        if let (Some(map), Some(unit)) = (self.maps.get_mut(&index), pool.unit(lease.number)) {
            map.add(unit, status);
        }
        if self.has_evidence {
            let unit = pool.unit(lease.number).unwrap_or(0);
            self.evidence[index].add(lease, unit, is_elsewhere, &subnet.timers);
            if is_elsewhere && is_held {
                let ids = self.other_ids.entry(index).or_default();
                if ids.len() < MOST_IDS || ids.contains_key(&lease.subnet_id) {
                    *ids.entry(lease.subnet_id).or_default() += 1;
                }
            }
        }
        !is_elsewhere
    }

    /// The result.
    #[must_use]
    pub fn finish(mut self) -> Usage {
        self.count_waiting();
        let counted = (self.pools, self.evidence, self.excess);
        Usage::from_counts(self.layout, counted, self.outside, self.now).with(|usage| {
            (usage.orphans, usage.leases, usage.newest) = (self.orphans, self.leases, self.newest);
            (usage.maps, usage.other_ids) = (self.maps, self.other_ids);
        })
    }
}

impl Counts {
    /// Counts a lease; whether its address is in use.
    pub(super) fn take(&mut self, status: LeaseStatus, is_over: bool, is_reserved: bool) -> bool {
        match status {
            LeaseStatus::Active => self.active += 1,
            LeaseStatus::Declined => {
                self.declined += 1;
                self.declined_over += u64::from(is_over);
                self.lapsed += u64::from(is_over && !is_reserved);
            }
            LeaseStatus::Expired => self.expired += 1,
            LeaseStatus::Released => self.released += 1,
            LeaseStatus::Reclaimed => self.reclaimed += 1,
            LeaseStatus::Registered | LeaseStatus::Removed | LeaseStatus::Other(_) => {}
        }
        matches!(status, LeaseStatus::Active | LeaseStatus::Declined)
    }
}
