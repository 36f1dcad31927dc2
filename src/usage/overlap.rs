//! Addresses that several subnets have: each of their pools counts them, sums do so once.

use serde::{Deserialize, Serialize};

use super::counts::{Counts, Pair};

/// How many addresses and prefixes sums would have too many of.
#[derive(Debug, Clone, Default)]
pub(super) struct Overlaps {
    /// Of each shared network; empty if nothing overlaps.
    pub(super) networks: Vec<[u128; 2]>,
    /// The first subnet of each shared network, of which Kea goes by the ids.
    pub(super) firsts: Vec<usize>,
    /// Of everything, besides what networks have too many of.
    pub(super) across: [u128; 2],
}

/// What sums have too much of.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Excess {
    pub(super) networks: Vec<Pair>,
    pub(super) across: Pair,
}

impl Overlaps {
    /// What sums have too much of without leases and reservations; nothing if nothing overlaps.
    pub(super) fn excess(&self) -> Option<Box<Excess>> {
        if self.networks.iter().chain([&self.across]).all(|excess| *excess == [0, 0]) {
            return None;
        }
        let pair =
            |excess: &[u128; 2]| Pair { addresses: Counts::new(excess[0], 0), prefixes: Counts::new(excess[1], 0) };
        Some(Box::new(Excess { networks: self.networks.iter().map(pair).collect(), across: pair(&self.across) }))
    }
}

/// How much these ranges have together, where a range of its own has this much.
pub(super) fn length(mut ranges: Vec<(u128, u128)>, of: impl Fn(u128, u128) -> u128) -> u128 {
    ranges.sort_unstable();
    let (mut sum, mut end) = (0_u128, None);
    for (first, last) in ranges {
        let first = end.map_or(first, |end: u128| first.max(end.saturating_add(1)));
        if first <= last && end.is_none_or(|end| last > end) {
            (sum, end) = (sum.saturating_add(of(first, last)), Some(last));
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ranges_share_is_there_once() {
        let addresses = |first: u128, last: u128| (last - first).saturating_add(1);
        assert_eq!(length(vec![(10, 19), (15, 24), (0, 4), (16, 17)], addresses), 20);
        assert_eq!(length(vec![(0, u128::MAX), (5, 6)], addresses), u128::MAX);
        let prefixes = |first: u128, last: u128| ((last - first) >> 64) + 1;
        assert_eq!(length(vec![(0, (1 << 80) - 1), (0, (1 << 72) - 1)], prefixes), 1 << 16);
    }
}
