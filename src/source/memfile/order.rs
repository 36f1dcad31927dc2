//! The winning rows in the order of their addresses.
//!
//! Their places are sorted. Where the rows fit into [`BUDGET`] they are kept in memory, as they come by in the second
//! reading anyway; to read a million of them one by one again takes twice the time of all the rest. Larger files are
//! read again.

use std::hint::black_box;
use std::os::unix::fs::FileExt as _;

use super::{Flow, RowReader, RowSet, Sheet, Visitor, Ways, changed, each_winner, failed};
use crate::error::Result;

/// Octets of rows kept in memory at most; about a hundred for each lease.
const BUDGET: u64 = 256 << 20;

/// How many rows are looked at ahead, so that the processor fetches them side by side.
const AHEAD: usize = 16;

/// Where a row is: its address, which sheet it stands in, where it begins and how long it is.
#[derive(Clone, Copy)]
struct Place<A> {
    address: A,
    sheet: u8,
    length: u32,
    /// In the kept rows, or in the file.
    start: u64,
}

/// Hands out the winning rows by address; the sheets have so many `rows`.
pub(super) fn by_address<A: Ord + Copy>(
    sheets: &[Sheet<'_>],
    winning: &RowSet,
    ways: &Ways<A>,
    rows: u64,
    visitor: &mut dyn Visitor,
) -> Result<()> {
    let total: u64 = sheets.iter().map(|sheet| sheet.piece.length).sum();
    let expected = (total / rows.max(1)).saturating_mul(winning.count());
    let mut kept = (expected <= BUDGET).then(Vec::new);
    let mut places: Vec<Place<A>> = Vec::with_capacity(usize::try_from(winning.count()).unwrap_or(0));
    each_winner(sheets, winning, |sheet, line, _| {
        let address = (ways.address)(line.text).ok_or_else(|| changed(&sheet.piece.path))?;
        let start = match &mut kept {
            Some(kept) => {
                kept.extend_from_slice(line.text);
                (kept.len() - line.text.len()) as u64
            }
            None => line.offset,
        };
        let index = sheets.iter().position(|other| std::ptr::eq(other, sheet)).unwrap_or(0);
        // There are four sheets at most, and no line is longer than 16 MiB.
        let (sheet, length) = (u8::try_from(index).unwrap_or(0), u32::try_from(line.text.len()).unwrap_or(u32::MAX));
        places.push(Place { address, sheet, length, start });
        Ok(Flow::Continue)
    })?;
    places.sort_unstable_by_key(|place| place.address);
    let mut rows = Rows { sheets, kept, text: Vec::new() };
    let mut readers: Vec<_> = sheets.iter().map(|sheet| RowReader::new(sheet.header)).collect();
    for some in places.chunks(AHEAD) {
        rows.fetch(some);
        for place in some {
            let sheet = usize::from(place.sheet);
            let flow = (ways.hand_out)(rows.read(place)?, &mut readers[sheet], visitor)?;
            if flow.map_err(|_| changed(&sheets[sheet].piece.path))? == Flow::Stop {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Rows by their places.
struct Rows<'s> {
    sheets: &'s [Sheet<'s>],
    kept: Option<Vec<u8>>,
    text: Vec<u8>,
}

impl Rows<'_> {
    fn fetch<A>(&self, places: &[Place<A>]) {
        for place in places {
            let start = usize::try_from(place.start).unwrap_or(usize::MAX);
            black_box(self.kept.as_ref().and_then(|kept| kept.get(start).copied()));
        }
    }

    fn read<A>(&mut self, place: &Place<A>) -> Result<&[u8]> {
        let length = place.length as usize;
        let start = usize::try_from(place.start).unwrap_or(usize::MAX);
        if let Some(kept) = &self.kept {
            return Ok(kept.get(start..start + length).unwrap_or_default());
        }
        let piece = self.sheets[usize::from(place.sheet)].piece;
        self.text.resize(length, 0);
        piece.file.read_exact_at(&mut self.text, place.start).map_err(|cause| failed(&piece.path, &cause))?;
        Ok(&self.text)
    }
}
