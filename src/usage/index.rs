//! Which pool an address is in.

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
    /// Of these ranges, each with its first and last number and its pool; of two that overlap, the pool with the higher
    /// number is left out. Those left out are returned, each with the pool that it overlaps with.
    pub(super) fn new(ranges: impl Iterator<Item = (u128, u128, usize)>) -> (Self, Vec<(usize, usize)>) {
        let mut sorted: Vec<Entry> = ranges.map(|(first, last, pool)| Entry { first, last, pool }).collect();
        sorted.sort_by_key(|entry| (entry.first, entry.pool));
        let (mut kept, mut left_out): (Vec<Entry>, _) = (Vec::with_capacity(sorted.len()), Vec::new());
        for entry in sorted {
            let mut is_kept = true;
            while let Some(before) = kept.last().filter(|before| before.last >= entry.first) {
                if before.pool < entry.pool {
                    left_out.push((entry.pool, before.pool));
                    is_kept = false;
                    break;
                }
                left_out.push((before.pool, entry.pool));
                kept.pop();
            }
            if is_kept {
                kept.push(entry);
            }
        }
        left_out.sort_unstable();
        (Self { ranges: kept }, left_out)
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
            prop_assert_eq!(index.ranges.len() + left_out.len(), ranges.count());
        }
    }
}
