//! Tuples put into the order of their addresses in memory.

use super::Leases;
use super::copy::{Failure, Fields};
use super::decode::RowLayout;
use crate::source::sort::RowSorter;
use crate::source::{Flow, Visitor};

/// Tuples in the order in which they came.
pub(super) struct Unordered<A> {
    tuples: RowSorter<A>,
    /// Packed tuples without a proper address, which come last and are reported.
    misplaced: Vec<Vec<u8>>,
    /// About how many there will be.
    expected: u64,
}

impl<A: Copy + Send> Unordered<A> {
    /// For about so many tuples in a table of this size.
    pub(super) fn new(tuples: u64, table_size: i64) -> Self {
        let bytes = usize::try_from(table_size).unwrap_or(0);
        Self { tuples: RowSorter::with_capacity(0, bytes), misplaced: Vec::new(), expected: tuples }
    }

    pub(super) fn add<const N: usize>(&mut self, address: Option<A>, fields: &Fields<'_, N>) {
        let Some(address) = address else {
            let mut packed = Vec::new();
            pack(fields, &mut packed);
            self.misplaced.push(packed);
            return;
        };
        self.tuples.add(address, |out| pack(fields, out));
    }

    pub(super) fn show_progress(&self, visitor: &mut dyn Visitor) {
        const EVERY: usize = 1 << 12;
        if self.tuples.len().is_multiple_of(EVERY) {
            let rows = self.tuples.len() as u64;
            visitor.preparing(rows, (rows * 100 / self.expected.max(1)).min(100));
        }
    }

    pub(super) fn hand_out<const N: usize, L: RowLayout<N, Address = A>>(
        self,
        leases: &mut Leases<'_, N, L>,
    ) -> Result<Flow, Failure> {
        let take = |address, packed: &[u8]| leases.take_at(Ok(address), &unpack(packed));
        if self.tuples.each(L::bits, take)? == Flow::Stop {
            return Ok(Flow::Stop);
        }
        for packed in &self.misplaced {
            if leases.take(&unpack(packed))? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Continue)
    }
}

/// NULL, in place of a length.
const NULL: u8 = 0xff;
/// The length follows in four bytes.
const LONG: u8 = 0xfe;

/// Writes the fields with lengths of one byte where that is enough: a quarter less than they came with.
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
            after: Vec<u8>,
        ) {
            let value: Vec<u8> = (0..=255).cycle().take(600).collect();
            let fields: Fields<'_, 4> = lens.map(|len| len.map(|len| &value[..len]));
            let mut octets = before.clone();
            pack(&fields, &mut octets);
            octets.extend(after);
            prop_assert_eq!(unpack::<4>(&octets[before.len()..]), fields);
        }
    }
}
