//! Which pools an address is in.

use std::collections::BTreeMap;

/// Ranges of numbers, in layers: in each of them none overlap. There is one layer unless subnets share addresses.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    layers: Vec<Layer>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    first: u128,
    last: u128,
    pool: u32,
    group: u32,
}

/// Ranges that do not overlap; numbers of IPv4 addresses take a quarter of the memory.
#[derive(Debug, Clone)]
enum Layer {
    Short(Table<u32>),
    Long(Table<u128>),
}

/// Ranges in their order, each with its first and last number and its pool.
#[derive(Debug, Clone)]
struct Table<N> {
    ranges: Vec<(N, N, u32)>,
    /// All numbers from the first to the last are cut into about as many stretches as there are ranges, of 2^`shift` numbers
    /// each. Of each stretch: how many ranges begin before it.
    before: Vec<u32>,
    shift: u32,
}

/// What overlaps, each a pool with another that has a lower number.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// In one group: the pool is left out.
    pub(super) left_out: Vec<(usize, usize)>,
    /// The first that are in two groups.
    pub(super) across: Option<(usize, usize)>,
    /// How many are in two groups.
    pub(super) across_count: usize,
}

impl Index {
    /// Of these ranges, each with its first and last number, its pool and a group. One that overlaps with a kept one of the same
    /// group is left out.
    pub(super) fn new(ranges: impl Iterator<Item = (u128, u128, usize, usize)>) -> (Self, Found) {
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let entry = |(first, last, pool, group)| Entry { first, last, pool: small(pool), group: small(group) };
        let mut entries: Vec<Entry> = ranges.map(entry).collect();
        entries.shrink_to_fit();
        entries.sort_by_key(|entry| entry.first);
        if entries.windows(2).all(|pair| pair[0].last < pair[1].first) {
            return (Self { layers: Layer::new(&entries).into_iter().collect() }, Found::default());
        }
        entries.sort_by_key(|entry| entry.pool);
        let (mut layers, mut found): (Vec<BTreeMap<u128, Entry>>, _) = (Vec::new(), Found::default());
        for entry in entries {
            let of_layer = |layer: &BTreeMap<u128, Entry>| -> Vec<Entry> {
                let before = layer.range(..=entry.last).rev().map(|(_, before)| *before);
                before.take_while(|before| before.last >= entry.first).collect()
            };
            let others: Vec<Vec<Entry>> = layers.iter().map(of_layer).collect();
            let pair = |other: &Entry| (entry.pool as usize, other.pool as usize);
            if let Some(other) = others.iter().flatten().find(|other| other.group == entry.group) {
                found.left_out.push(pair(other));
                continue;
            }
            found.across = found.across.or(others.iter().flatten().map(pair).next());
            found.across_count += others.iter().map(Vec::len).sum::<usize>();
            let room = others.iter().position(Vec::is_empty).unwrap_or_else(|| {
                layers.push(BTreeMap::new());
                layers.len() - 1
            });
            layers[room].insert(entry.first, entry);
        }
        let layers = layers.into_iter().filter_map(|layer| Layer::new(&layer.into_values().collect::<Vec<_>>()));
        (Self { layers: layers.collect() }, found)
    }

    /// The pools with this number in them.
    pub(super) fn find(&self, number: u128) -> impl Iterator<Item = usize> {
        self.layers.iter().filter_map(move |layer| match layer {
            Layer::Short(table) => table.find(number),
            Layer::Long(table) => table.find(number),
        })
    }
}

impl Layer {
    /// Of entries in their order; `None` if there are none.
    fn new(entries: &[Entry]) -> Option<Self> {
        let last = entries.last()?.last;
        Some(if u32::try_from(last).is_ok() {
            Self::Short(Table::new(entries, |number| u32::try_from(number).unwrap_or(u32::MAX)))
        } else {
            Self::Long(Table::new(entries, |number| number))
        })
    }
}

impl<N: Copy + Into<u128>> Table<N> {
    fn new(entries: &[Entry], number: impl Fn(u128) -> N) -> Self {
        let ranges: Vec<_> =
            entries.iter().map(|entry| (number(entry.first), number(entry.last), entry.pool)).collect();
        let (base, last) = (entries[0].first, entries[entries.len() - 1].last);
        let is_enough = |shift: &u32| (last - base) >> shift <= entries.len() as u128;
        let shift = (0..u128::BITS).find(is_enough).unwrap_or(u128::BITS - 1);
        let mut before = Vec::with_capacity(entries.len() + 2);
        for (index, entry) in (0..).zip(entries) {
            let stretch = usize::try_from((entry.first - base) >> shift).unwrap_or(usize::MAX);
            while before.len() <= stretch {
                before.push(index);
            }
        }
        Self { ranges, before, shift }
    }

    /// The pool of the range that holds this number.
    fn find(&self, number: u128) -> Option<usize> {
        let base = self.ranges.first()?.0.into();
        let stretch = usize::try_from(number.checked_sub(base)? >> self.shift).unwrap_or(usize::MAX);
        let start = |stretch: usize| self.before.get(stretch).map_or(self.ranges.len(), |start| *start as usize);
        let (start, end) = (start(stretch), start(stretch.saturating_add(1)));
        // The last range that begins before the stretch may extend into it.
        let after = start + self.ranges[start..end].partition_point(|(first, ..)| (*first).into() <= number);
        let (_, last, pool) = self.ranges[after.checked_sub(1)?];
        (number <= last.into()).then_some(pool as usize)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn index(ranges: &[(u128, u128, usize)]) -> (Index, Found) {
        Index::new(ranges.iter().enumerate().map(|(pool, (first, last, group))| (*first, *last, pool, *group)))
    }

    fn found(index: &Index, number: u128) -> Vec<usize> {
        index.find(number).collect()
    }

    #[test]
    fn a_number_is_in_the_range_that_holds_it() {
        let (index, others) = index(&[(10, 19, 0), (30, 30, 0), (5, 9, 1)]);
        let expected = [&[][..], &[2], &[2], &[0], &[0], &[], &[1], &[]];
        assert_eq!([4, 5, 9, 10, 19, 20, 30, 31].map(|number| found(&index, number)), expected);
        assert_eq!(others, Found::default());
    }

    #[test]
    fn of_ranges_of_a_group_that_overlap_the_first_stays() {
        let (of_group, others) = index(&[(10, 19, 0), (15, 25, 0), (5, 50, 0), (26, 30, 0)]);
        assert_eq!(others, Found { left_out: vec![(1, 0), (2, 0)], ..Found::default() });
        assert_eq!([12, 22, 27].map(|number| found(&of_group, number)), [&[0][..], &[], &[3]]);
        // What is left out leaves out nothing.
        let (of_group, others) = index(&[(50, 60, 0), (0, 100, 0), (10, 20, 0)]);
        assert_eq!((others.left_out, found(&of_group, 15), found(&of_group, 55)), (vec![(1, 0)], vec![2], vec![0]));
    }

    #[test]
    fn ranges_of_several_groups_are_all_found() {
        let (all, others) = index(&[(0, 99, 0), (10, 19, 1), (15, 30, 2), (15, 16, 1)]);
        assert_eq!(others, Found { left_out: vec![(3, 1)], across: Some((1, 0)), across_count: 3 });
        assert_eq!([5, 12, 17, 25].map(|number| found(&all, number)), [&[0][..], &[0, 1], &[0, 1, 2], &[0, 2]]);
    }

    proptest! {
        #[test]
        fn each_range_is_found_or_left_out(ranges: Vec<(u8, u8, u8)>) {
            let ranges: Vec<(u128, u128, usize)> =
                ranges.iter().map(|(a, b, group)| ((*a.min(b)).into(), (*a.max(b)).into(), (group % 3).into())).collect();
            let (index, others) = index(&ranges);
            let left_out: Vec<usize> = others.left_out.iter().map(|(pool, _)| *pool).collect();
            for (pool, (first, last, _)) in ranges.iter().enumerate() {
                for number in [first, last] {
                    prop_assert_eq!(found(&index, *number).contains(&pool), !left_out.contains(&pool));
                }
            }
            for (pool, other) in others.left_out {
                prop_assert!(other < pool && ranges[pool].2 == ranges[other].2 && !left_out.contains(&other));
                prop_assert!(ranges[pool].0 <= ranges[other].1 && ranges[other].0 <= ranges[pool].1);
            }
        }
    }
}
