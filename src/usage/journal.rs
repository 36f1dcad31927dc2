//! What was free earlier, as the journal of a lease file shows: when each address was given first.

use hashbrown::HashMap;

use super::count::Usage;
use super::forecast::Point;
use super::layout::Layout;
use super::number;
use super::place::{LayoutPlace, ResourceKind};
use crate::lease::{Lease, LeaseState};

/// How many points a history has.
const POINTS: i64 = 24;
/// Rows are in the order of time, but for so many seconds; what is not was written by a cleanup.
const SLACK: i64 = 60;

/// Takes the rows of a journal, in their order.
#[derive(Debug)]
pub struct Journal {
    /// The addresses that clients have, and when their time ends.
    known: HashMap<(bool, u128), i64>,
    clock: i64,
    /// Of each pool, the moment, and whether an address was given or taken.
    events: HashMap<usize, Vec<(i64, bool)>>,
}

impl Default for Journal {
    fn default() -> Self {
        Self { known: HashMap::new(), clock: i64::MIN, events: HashMap::new() }
    }
}

impl Journal {
    /// The next row.
    pub fn add(&mut self, layout: &Layout, row: &Lease<'_>) {
        let number = number(row.address());
        let is_prefix = row.is_prefix();
        let is_given = !row.valid_lifetime.is_zero() && !is_given_back(row.state);
        let end = row.end().unwrap_or(i64::MAX);
        if is_given && row.cltt < self.clock.saturating_sub(SLACK) {
            // Leases as a cleanup left them: when they were given first is not known.
            self.events.clear();
        }
        if is_given {
            self.clock = self.clock.max(row.cltt);
        }
        let key = (is_prefix, number);
        let is_change =
            if is_given { self.known.insert(key, end).is_none() } else { self.known.remove(&key).is_some() };
        // A lease is reclaimed some time after its end, also while nothing is given.
        let is_reclaimed = row.state == LeaseState::ExpiredReclaimed && !row.valid_lifetime.is_zero();
        let at = if is_reclaimed { self.clock.max(end) } else { self.clock };
        if is_change {
            self.note(layout, key, at, is_given);
        }
    }

    fn note(&mut self, layout: &Layout, (is_prefix, number): (bool, u128), at: i64, is_given: bool) {
        for pool in layout.pools_with(number, is_prefix) {
            self.events.entry(pool).or_default().push((at, is_given));
        }
    }

    /// Notes what is over before `at`, the moment that is judged: no row says so before it is reclaimed.
    #[must_use]
    pub fn until(mut self, layout: &Layout, at: i64) -> Self {
        for (key, end) in std::mem::take(&mut self.known) {
            if end < at {
                self.note(layout, key, end, false);
            }
        }
        self
    }

    /// What was free in a place, from the first event on; nothing if there was none.
    #[must_use]
    pub fn points(&self, layout: &Layout, usage: &Usage, place: LayoutPlace, kind: ResourceKind) -> Vec<Point> {
        let offer = usage.offer(layout, place, kind);
        let (most, total) = (offer.most, offer.counts.total);
        let pools = offer.pools.unwrap_or_else(|| layout.pools_of(place, kind).collect());
        let mut events: Vec<(i64, bool)> =
            pools.iter().filter_map(|pool| self.events.get(pool)).flatten().copied().collect();
        events.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let Some((first, _)) = events.last().copied() else { return Vec::new() };
        let (mut free, mut later, mut points) = (most, events.into_iter().peekable(), Vec::new());
        for step in 0..=POINTS {
            // Written so that no product of moments can be too large.
            let length = usage.at.saturating_sub(first);
            let at = usage.at.saturating_sub(length / POINTS * step + length % POINTS * step / POINTS);
            while let Some((_, given)) = later.next_if(|(moment, _)| *moment > at) {
                free = if given { free.saturating_add(1) } else { free.saturating_sub(1) };
            }
            points.push(Point { at, free: free.min(total), total });
        }
        points.reverse();
        points.dedup_by_key(|point| point.at);
        points
    }
}

/// Whether a lease in this state is one that its client no longer has.
fn is_given_back(state: LeaseState) -> bool {
    matches!(state, LeaseState::ExpiredReclaimed | LeaseState::Released)
}
