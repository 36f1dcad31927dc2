//! Checking rows, which takes most of the time of reading a lease file: two blocks at once.

use std::thread;

use super::{Block, Blocks, FamilyCodec, FilePart, RowError, RowReader};
use crate::error::Result;
use crate::lease::LeaseState;

/// What the journal needs of a row.
pub(super) struct Row<A> {
    pub(super) address: A,
    pub(super) is_deletion: bool,
    /// Whether the releases that write such files read the row.
    pub(super) is_of_release: bool,
    pub(super) has_lost_hwaddr: bool,
}

/// A row, or why it is none.
pub(super) type Checked<A> = std::result::Result<Row<A>, RowError>;

/// Half of the work: a block and what was found in it.
pub(super) struct Half<A> {
    block: Block,
    reader: RowReader,
    /// Every row in order, with the number of its line.
    pub(super) rows: Vec<(u64, Checked<A>)>,
}

impl<A: Send> Half<A> {
    fn new(part: &FilePart<'_>) -> Self {
        Self { block: Block::default(), reader: RowReader::new(part.header), rows: Vec::new() }
    }

    fn check(&mut self, part: &FilePart<'_>, codec: &FamilyCodec<A>) {
        self.rows.clear();
        for line in part.rows(&self.block) {
            let row = read(&mut self.reader, line.text, codec, part.keeps_released);
            let row = row.map_err(|error| if line.is_whole { error } else { super::torn(&error) });
            self.rows.push((line.number, row));
        }
    }
}

fn read<A>(reader: &mut RowReader, text: &[u8], codec: &FamilyCodec<A>, keeps_released: bool) -> Checked<A> {
    let lease = reader.lease(text)?;
    let is_kept = keeps_released && lease.state == LeaseState::Released;
    let (address, is_deletion) = ((codec.key)(&lease), lease.valid_lifetime.is_zero() && !is_kept);
    Ok(Row { address, is_deletion, is_of_release: reader.is_of_release(), has_lost_hwaddr: reader.has_lost_hwaddr() })
}

/// Checks the rows of a part.
pub(super) struct Checker<'s, A> {
    part: &'s FilePart<'s>,
    codec: &'s FamilyCodec<A>,
    blocks: Blocks<'s>,
    halves: [Half<A>; 2],
}

impl<'s, A: Send> Checker<'s, A> {
    pub(super) fn new(part: &'s FilePart<'s>, codec: &'s FamilyCodec<A>) -> Self {
        Self { part, codec, blocks: part.blocks(), halves: [Half::new(part), Half::new(part)] }
    }

    /// The position of the next block in bytes.
    pub(super) fn position(&self) -> u64 {
        self.blocks.position()
    }

    /// Checks the next two blocks; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<&mut [Half<A>; 2]>> {
        let Self { part, codec, blocks, halves: [first, second] } = self;
        let failed = |cause: std::io::Error| part.failed(&cause);
        if !blocks.read(&mut first.block).map_err(failed)? {
            return Ok(None);
        }
        if blocks.read(&mut second.block).map_err(failed)? {
            let is_helped = thread::scope(|scope| {
                let helper = thread::Builder::new().spawn_scoped(scope, || second.check(part, codec));
                first.check(part, codec);
                helper.is_ok()
            });
            // Where no thread can be started, only time is lost.
            if !is_helped {
                second.check(part, codec);
            }
        } else {
            first.check(part, codec);
            second.rows.clear();
        }
        Ok(Some(&mut self.halves))
    }
}
