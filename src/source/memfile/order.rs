//! The winning rows in the order of their addresses.
//!
//! Where the rows fit into [`BUDGET`] they are kept in memory, as the second reading passes them anyway; to read a
//! million of them one by one again takes twice the time of all the rest. Of larger files only the places of the rows
//! are kept, and the rows are read again.

use std::os::unix::fs::FileExt as _;

use super::{FamilyCodec, FilePart, Flow, RowReader, RowSet, Visitor, changed, each_winner, failed, hand_out};
use crate::error::Result;
use crate::source::sort::RowSorter;

/// Bytes of rows kept in memory at most; about a hundred for each lease.
const BUDGET: u64 = 256 << 20;

/// A packed row: the number of its part, its length, then its text or its place in the file.
const LENGTH_AT: usize = 1;
const TEXT_AT: usize = LENGTH_AT + size_of::<u32>();
const PLACE_SIZE: usize = size_of::<u64>();

/// Hands out the winning rows by address; the parts have so many `rows`.
pub(super) fn by_address<A: Ord + Copy + Send>(
    parts: &[FilePart<'_>],
    winning: &RowSet,
    codec: &FamilyCodec<A>,
    rows: u64,
    visitor: &mut dyn Visitor,
) -> Result<()> {
    let total: u64 = parts.iter().map(|part| part.piece.length).sum();
    let expected = (total / rows.max(1)).saturating_mul(winning.count());
    let are_kept = expected <= BUDGET;
    let mut sorter = RowSorter::with_capacity(usize::try_from(winning.count()).unwrap_or(0), 0);
    each_winner(parts, winning, false, |part, line, _| {
        let address = (codec.address)(line.text).ok_or_else(|| changed(&part.piece.path))?;
        let index = parts.iter().position(|other| std::ptr::eq(other, part)).unwrap_or(0);
        sorter.add(address, |out| {
            // There are four parts at most, and no line is longer than 16 MiB.
            out.push(u8::try_from(index).unwrap_or(0));
            out.extend(u32::try_from(line.text.len()).unwrap_or(u32::MAX).to_ne_bytes());
            if are_kept {
                out.extend_from_slice(line.text);
            } else {
                out.extend(line.offset.to_ne_bytes());
            }
        });
        Ok(Flow::Continue)
    })?;
    let mut readers: Vec<_> = parts.iter().map(|part| RowReader::new(part.header)).collect();
    let mut buffer = Vec::new();
    let take = |_, packed: &[u8]| {
        let (index, length, rest) = unpack(packed);
        let part = &parts[index];
        let text = if are_kept { &rest[..length] } else { read_again(part, rest, length, &mut buffer)? };
        hand_out(text, &mut readers[index], visitor)?.map_err(|_| changed(&part.piece.path))
    };
    sorter.each(|address| address, take).map(drop)
}

/// The number of the part, the length of the row, and what follows.
fn unpack(packed: &[u8]) -> (usize, usize, &[u8]) {
    let length = packed[LENGTH_AT..TEXT_AT].try_into().map_or(0, u32::from_ne_bytes);
    (packed[0].into(), length as usize, &packed[TEXT_AT..])
}

/// The row whose place in the file is what `packed` begins with.
fn read_again<'b>(part: &FilePart<'_>, packed: &[u8], length: usize, buffer: &'b mut Vec<u8>) -> Result<&'b [u8]> {
    let offset = packed[..PLACE_SIZE].try_into().map_or(0, u64::from_ne_bytes);
    buffer.resize(length, 0);
    let read = part.piece.file.read_exact_at(buffer, offset);
    read.map_err(|cause| failed(&part.piece.path, &cause))?;
    Ok(buffer)
}
