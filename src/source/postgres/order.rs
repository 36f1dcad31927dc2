//! Tuples put into the order of their addresses in memory.
//!
//! They are packed one behind the other as they come, and only their addresses are sorted. Handing them out then
//! jumps across the memory; a few tuples ahead are looked at before they are needed, so that the processor fetches
//! them side by side instead of waiting for each (a third of the time otherwise).

use std::hint::black_box;
use std::thread;

use super::Leases;
use super::copy::{Failure, Fields};
use super::decode::Shape;
use crate::source::{Flow, Visitor};

/// How many tuples are looked at ahead; a handful is enough to keep the memory busy.
const AHEAD: usize = 16;
/// What the processor fetches at once.
const CACHE_LINE: usize = 64;

/// Tuples in the order of their coming.
pub(super) struct Unordered<A> {
    octets: Vec<u8>,
    /// Address and place in `octets`.
    by_address: Vec<(A, usize)>,
    /// Those without a proper address, which come last and are told.
    astray: Vec<usize>,
    /// About how many there will be.
    expected: u64,
}

impl<A: Copy + Send> Unordered<A> {
    /// For about so many tuples in a table of this size.
    pub(super) fn new(tuples: u64, table_size: i64) -> Self {
        let octets = Vec::with_capacity(usize::try_from(table_size).unwrap_or(0));
        Self { octets, by_address: Vec::new(), astray: Vec::new(), expected: tuples }
    }

    pub(super) fn add<const N: usize>(&mut self, address: Option<A>, fields: &Fields<'_, N>) {
        match address {
            Some(address) => self.by_address.push((address, self.octets.len())),
            None => self.astray.push(self.octets.len()),
        }
        pack(fields, &mut self.octets);
    }

    pub(super) fn tell_progress(&self, visitor: &mut dyn Visitor) {
        const EVERY: usize = 1 << 12;
        if self.by_address.len().is_multiple_of(EVERY) {
            let rows = self.by_address.len() as u64;
            visitor.preparing(rows, (rows * 100 / self.expected.max(1)).min(100));
        }
    }

    pub(super) fn hand_out<const N: usize, S: Shape<N, Address = A>>(
        mut self,
        leases: &mut Leases<'_, N, S>,
    ) -> Result<Flow, Failure> {
        sort_by_key(&mut self.by_address, |(address, _)| S::bits(*address));
        for some in self.by_address.chunks(AHEAD) {
            self.fetch(some);
            for &(address, start) in some {
                if leases.take_at(Ok(address), &unpack(&self.octets[start..]))? == Flow::Stop {
                    return Ok(Flow::Stop);
                }
            }
        }
        for start in self.astray {
            if leases.take(&unpack(&self.octets[start..]))? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Continue)
    }

    fn fetch(&self, some: &[(A, usize)]) {
        for &(_, start) in some {
            for line in 0..4 {
                black_box(self.octets.get(start + line * CACHE_LINE).copied());
            }
        }
    }
}

/// Sorts with two processors: each half for itself, then both as one, for which the standard library's stable sort
/// needs but one merge.
fn sort_by_key<T: Send, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K + Copy + Send) {
    let (first, second) = items.split_at_mut(items.len() / 2);
    thread::scope(|scope| {
        // Where no thread is to be had, the last sort does it all.
        let _ = thread::Builder::new().spawn_scoped(scope, move || second.sort_unstable_by_key(key));
        first.sort_unstable_by_key(key);
    });
    items.sort_by_key(key);
}

/// Stands for NULL where a length would stand.
const NULL: u8 = 0xff;
/// Says that the length follows in four octets.
const LONG: u8 = 0xfe;

/// Writes the fields with lengths of one octet where that is enough: a quarter less than they came with.
fn pack<const N: usize>(fields: &Fields<'_, N>, out: &mut Vec<u8>) {
    for field in fields {
        let Some(value) = field else {
            out.push(NULL);
            continue;
        };
        match u8::try_from(value.len()) {
            Ok(len) if len < LONG => out.push(len),
            _ => {
                out.push(LONG);
                // PostgreSQL's own lengths have 31 bits.
                out.extend(u32::try_from(value.len()).unwrap_or(u32::MAX).to_be_bytes());
            }
        }
        out.extend_from_slice(value);
    }
}

/// The fields that [`pack`] wrote at the beginning of `octets`.
fn unpack<const N: usize>(octets: &[u8]) -> Fields<'_, N> {
    let mut fields = [None; N];
    let mut rest = octets;
    for field in &mut fields {
        let Some((&first, after)) = rest.split_first() else { break };
        rest = after;
        let len = match first {
            NULL => continue,
            LONG => {
                let Some((len, after)) = rest.split_first_chunk() else { break };
                rest = after;
                u32::from_be_bytes(*len) as usize
            }
            len => len.into(),
        };
        let Some((value, after)) = rest.split_at_checked(len) else { break };
        (*field, rest) = (Some(value), after);
    }
    fields
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn tuples_come_out_as_they_went_in(
            lens in proptest::array::uniform4(proptest::option::of(0usize..600)),
            before: Vec<u8>,
            behind: Vec<u8>,
        ) {
            let value: Vec<u8> = (0..=255).cycle().take(600).collect();
            let fields: Fields<'_, 4> = lens.map(|len| len.map(|len| &value[..len]));
            let mut octets = before.clone();
            pack(&fields, &mut octets);
            octets.extend(behind);
            prop_assert_eq!(unpack::<4>(&octets[before.len()..]), fields);
        }
    }
}
