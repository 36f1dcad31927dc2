//! Which pool an address is in.

use std::collections::BTreeMap;

/// Ranges of numbers that do not overlap, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    ranges: Vec<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    first: u128,
    last: u128,
    pool: usize,
}

impl Index {
    /// Of these ranges, each with its first and last number and its pool; one that overlaps with a kept one of a pool with a
    /// lower number is left out. Those left out are returned, each with a pool that it overlaps with.
    pub(super) fn new(ranges: impl Iterator<Item = (u128, u128, usize)>) -> (Self, Vec<(usize, usize)>) {
        let mut entries: Vec<Entry> = ranges.map(|(first, last, pool)| Entry { first, last, pool }).collect();
        entries.sort_by_key(|entry| entry.pool);
        let (mut kept, mut left_out): (BTreeMap<u128, Entry>, _) = (BTreeMap::new(), Vec::new());
        for entry in entries {
            let before = kept.range(..=entry.last).next_back().map(|(_, before)| *before);
            match before.filter(|before| before.last >= entry.first) {
                Some(other) => left_out.push((entry.pool, other.pool)),
                None => drop(kept.insert(entry.first, entry)),
            }
        }
        (Self { ranges: kept.into_values().collect() }, left_out)
    }

    /// The pool with this number in it.
    pub(super) fn find(&self, number: u128) -> Option<usize> {
        let after = self.ranges.partition_point(|entry| entry.first <= number);
        let entry = self.ranges.get(after.checked_sub(1)?)?;
        (number <= entry.last).then_some(entry.pool)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_in_the_range_that_holds_it() {
        let (index, left_out) = Index::new([(10, 19, 0), (30, 30, 1), (5, 9, 2)].into_iter());
        assert_eq!([4, 5, 9, 10, 19, 20, 30, 31].map(|number| index.find(number)), {
            [None, Some(2), Some(2), Some(0), Some(0), None, Some(1), None]
        });
        assert!(left_out.is_empty());
    }

    #[test]
    fn of_ranges_that_overlap_the_first_pool_stays() {
        let (index, left_out) = Index::new([(10, 19, 0), (15, 25, 1), (5, 50, 2), (26, 30, 3)].into_iter());
        assert_eq!(left_out, [(1, 0), (2, 0)]);
        assert_eq!((index.find(12), index.find(22), index.find(27)), (Some(0), None, Some(3)));
        // What is left out leaves out nothing.
        let (index, left_out) = Index::new([(50, 60, 0), (0, 100, 1), (10, 20, 2)].into_iter());
        assert_eq!((left_out, index.find(15), index.find(55)), (vec![(1, 0)], Some(2), Some(0)));
    }

    proptest! {
        #[test]
        fn whatever_stays_does_not_overlap(ranges: Vec<(u8, u8)>) {
            let ranges = ranges.iter().enumerate().map(|(pool, (a, b))| {
                (u128::from(*a.min(b)), u128::from(*a.max(b)), pool)
            });
            let (index, left_out) = Index::new(ranges.clone());
            for pair in index.ranges.windows(2) {
                prop_assert!(pair[0].last < pair[1].first);
            }
            prop_assert_eq!(index.ranges.len() + left_out.len(), ranges.clone().count());
            for (pool, other) in left_out {
                let (one, two) = (ranges.clone().nth(pool).unwrap(), ranges.clone().nth(other).unwrap());
                prop_assert!(other < pool && one.0 <= two.1 && two.0 <= one.1);
                prop_assert_eq!(index.find(two.0), Some(other));
            }
        }
    }
}
