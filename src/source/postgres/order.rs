//! Tuples put into the order of their addresses in memory.
//!
//! They are kept as they came, one behind the other, and only their addresses are sorted. Handing them out then
//! jumps across the memory; a few tuples ahead are looked at before they are needed, so that the processor fetches
//! them side by side instead of waiting for each (a third of the time otherwise).

use std::hint::black_box;

use super::Leases;
use super::copy::{Failure, fields_again};
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
    /// About how many octets there will be.
    expected: usize,
}

impl<A: Copy> Unordered<A> {
    /// For about so many octets.
    pub(super) fn new(octets: i64) -> Self {
        let expected = usize::try_from(octets).unwrap_or(0);
        Self { octets: Vec::with_capacity(expected), by_address: Vec::new(), astray: Vec::new(), expected }
    }

    pub(super) fn add(&mut self, address: Option<A>, octets: &[u8]) {
        match address {
            Some(address) => self.by_address.push((address, self.octets.len())),
            None => self.astray.push(self.octets.len()),
        }
        self.octets.extend_from_slice(octets);
    }

    pub(super) fn tell_progress(&self, visitor: &mut dyn Visitor) {
        const EVERY: usize = 1 << 12;
        if self.by_address.len().is_multiple_of(EVERY) {
            let percent = (self.octets.len() * 100 / self.expected.max(1)).min(100);
            visitor.preparing(self.by_address.len() as u64, percent as u64);
        }
    }

    pub(super) fn hand_out<const N: usize, S: Shape<N, Address = A>>(
        mut self,
        leases: &mut Leases<'_, N, S>,
    ) -> Result<Flow, Failure> {
        self.by_address.sort_unstable_by_key(|(address, _)| S::bits(*address));
        for some in self.by_address.chunks(AHEAD) {
            self.fetch(some);
            for &(address, start) in some {
                if leases.take_at(Ok(address), &fields_again(&self.octets[start..])?)? == Flow::Stop {
                    return Ok(Flow::Stop);
                }
            }
        }
        for start in self.astray {
            if leases.take(&fields_again(&self.octets[start..])?)? == Flow::Stop {
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
