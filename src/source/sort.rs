//! Rows put into the order of their addresses in memory.
//!
//! They are packed one after the other as they come, and only their addresses are sorted. Handing them out then
//! jumps across the memory; a few rows ahead are looked at before they are needed, so that the processor fetches
//! them in parallel instead of waiting for each (a third of the time otherwise).

use std::hint::black_box;
use std::thread;

use super::Flow;

/// How many rows are looked at ahead; a handful is enough to keep the memory busy.
const AHEAD: usize = 16;
/// What the processor fetches at once.
const CACHE_LINE: usize = 64;

/// Rows in the order in which they came.
pub(super) struct RowSorter<A> {
    bytes: Vec<u8>,
    /// The address of each row, and where the row begins in `bytes`.
    rows: Vec<(A, usize)>,
}

impl<A: Copy + Send> RowSorter<A> {
    /// For about so many rows that take so many bytes.
    pub(super) fn with_capacity(rows: usize, bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), rows: Vec::with_capacity(rows) }
    }

    /// Adds a row, which `write` appends in a form that says where it ends.
    pub(super) fn add(&mut self, address: A, write: impl FnOnce(&mut Vec<u8>)) {
        self.rows.push((address, self.bytes.len()));
        write(&mut self.bytes);
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Hands out the rows in the order that `key` gives addresses, until `take` has enough. A row comes with all that
    /// follows it in memory.
    pub(super) fn each<K: Ord, E>(
        mut self,
        key: impl Fn(A) -> K + Copy + Send + Sync,
        mut take: impl FnMut(A, &[u8]) -> Result<Flow, E>,
    ) -> Result<Flow, E> {
        sort_by_key(&mut self.rows, |(address, _)| key(*address));
        for some in self.rows.chunks(AHEAD) {
            self.fetch(some);
            for &(address, start) in some {
                if take(address, &self.bytes[start..])? == Flow::Stop {
                    return Ok(Flow::Stop);
                }
            }
        }
        Ok(Flow::Continue)
    }

    fn fetch(&self, some: &[(A, usize)]) {
        for &(_, start) in some {
            for line in 0..4 {
                black_box(self.bytes.get(start + line * CACHE_LINE).copied());
            }
        }
    }
}

/// Sorts with two processors: each half by itself, then both as one, for which the standard library's stable sort
/// needs but one merge.
fn sort_by_key<T: Send, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K + Copy + Send) {
    let (first, second) = items.split_at_mut(items.len() / 2);
    thread::scope(|scope| {
        // Where no thread can be started, the last sort does it all.
        let _ = thread::Builder::new().spawn_scoped(scope, move || second.sort_unstable_by_key(key));
        first.sort_unstable_by_key(key);
    });
    items.sort_by_key(key);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(most: usize) -> Vec<(u32, u8)> {
        let mut rows = RowSorter::with_capacity(3, 3);
        for (address, text) in [(30, b'c'), (10, b'a'), (20, b'b')] {
            rows.add(address, |out| out.push(text));
        }
        assert_eq!(rows.len(), 3);
        let mut seen = Vec::new();
        let take = |address, text: &[u8]| {
            seen.push((address, text[0]));
            Ok::<_, ()>(if seen.len() == most { Flow::Stop } else { Flow::Continue })
        };
        rows.each(|address| address, take).expect("nothing fails");
        seen
    }

    #[test]
    fn rows_come_by_address_until_there_are_enough() {
        assert_eq!(sorted(9), [(10, b'a'), (20, b'b'), (30, b'c')]);
        assert_eq!(sorted(2), [(10, b'a'), (20, b'b')]);
    }
}
