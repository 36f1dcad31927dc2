//! Checking rows, which is what takes the time of reading a lease file: two blocks at once.

use std::thread;

use super::{Block, Blocks, RowOrFault, RowReader, Sheet};
use crate::error::Result;

/// Half of the work: a block and what was found in it.
pub(super) struct Half<A> {
    block: Block,
    reader: RowReader,
    /// Every row in order, with the number of its line.
    pub rows: Vec<(u64, RowOrFault<A>)>,
}

impl<A: Send> Half<A> {
    fn new(sheet: &Sheet<'_>) -> Self {
        Self { block: Block::default(), reader: RowReader::new(sheet.header), rows: Vec::new() }
    }

    fn check(&mut self, sheet: &Sheet<'_>, read: fn(&mut RowReader, &[u8]) -> RowOrFault<A>) {
        self.rows.clear();
        for line in sheet.rows(&self.block) {
            let row = read(&mut self.reader, line.text);
            let row = row.map_err(|fault| if line.is_whole { fault } else { super::torn(&fault) });
            self.rows.push((line.number, row));
        }
    }
}

/// Checks the rows of a sheet.
pub(super) struct Checker<'s, A> {
    sheet: &'s Sheet<'s>,
    read: fn(&mut RowReader, &[u8]) -> RowOrFault<A>,
    blocks: Blocks<'s>,
    halves: [Half<A>; 2],
}

impl<'s, A: Send> Checker<'s, A> {
    pub(super) fn new(sheet: &'s Sheet<'s>, read: fn(&mut RowReader, &[u8]) -> RowOrFault<A>) -> Self {
        Self { sheet, read, blocks: sheet.blocks(), halves: [Half::new(sheet), Half::new(sheet)] }
    }

    /// Where reading has got to, in octets.
    pub(super) fn position(&self) -> u64 {
        self.blocks.position()
    }

    /// Checks the next two blocks; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<&mut [Half<A>; 2]>> {
        let Self { sheet, read, blocks, halves: [first, second] } = self;
        let failed = |cause: std::io::Error| sheet.failed(&cause);
        if !blocks.read(&mut first.block).map_err(failed)? {
            return Ok(None);
        }
        if blocks.read(&mut second.block).map_err(failed)? {
            let is_helped = thread::scope(|scope| {
                let helper = thread::Builder::new().spawn_scoped(scope, || second.check(sheet, *read));
                first.check(sheet, *read);
                helper.is_ok()
            });
            // Where no thread is to be had, the time is all that is lost.
            if !is_helped {
                second.check(sheet, *read);
            }
        } else {
            first.check(sheet, *read);
            second.rows.clear();
        }
        Ok(Some(&mut self.halves))
    }
}
