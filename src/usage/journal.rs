//! What was free earlier, as the journal of a lease file shows: when each address was given first.

use hashbrown::{HashMap, HashSet};

use super::count::Usage;
use super::forecast::Point;
use super::layout::Layout;
use super::number;
use super::place::{LayoutPlace, ResourceKind};
use crate::lease::Lease;

/// How many points a history has.
const POINTS: i64 = 24;
/// Rows are in the order of time, but for so many seconds; what is not was written by a cleanup.
const SLACK: i64 = 60;

/// Takes the rows of a journal, in their order.
#[derive(Debug)]
pub struct Journal {
    known: HashSet<(bool, u128)>,
    clock: i64,
    /// Of each pool, the moment, and whether an address was given or taken.
    events: HashMap<usize, Vec<(i64, bool)>>,
}

impl Default for Journal {
    fn default() -> Self {
        Self { known: HashSet::new(), clock: i64::MIN, events: HashMap::new() }
    }
}

impl Journal {
    /// The next row.
    pub fn add(&mut self, layout: &Layout, row: &Lease<'_>) {
        let number = number(row.address());
        let is_prefix = row.is_prefix();
        let is_given = !row.valid_lifetime.is_zero();
        if is_given && row.cltt < self.clock.saturating_sub(SLACK) {
            // Leases as a cleanup left them: when they were given first is not known.
            self.events.clear();
        }
        if is_given {
            self.clock = self.clock.max(row.cltt);
        }
        let key = (is_prefix, number);
        let is_change = if is_given { self.known.insert(key) } else { self.known.remove(&key) };
        for pool in layout.pools_with(number, is_prefix).filter(|_| is_change) {
            self.events.entry(pool).or_default().push((self.clock, is_given));
        }
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
