//! First pass: every row is checked, the journal folded, every error reported.

use std::hash::Hash;
use std::path::Path;

use super::check::{Checked, Checker, Row};
use super::{FamilyCodec, FilePart, Visited, Visitor};
use crate::error::{Error, Result};
use crate::memfile::journal::Latest;
use crate::text::count;

/// The journal so far.
pub(super) struct Fold<A> {
    latest: Latest<A>,
    malformed: u64,
    row: u32,
    /// Rows that went without their hardware address, and the place of the first of them.
    dropped: Option<(u64, String)>,
}

impl<A: Hash + Eq + Copy + Ord + Send> Fold<A> {
    pub(super) fn new() -> Self {
        Self { latest: Latest::new(), malformed: 0, row: 0, dropped: None }
    }

    /// Folds all rows of all parts, in order.
    pub(super) fn run(
        &mut self,
        parts: &[FilePart<'_>],
        codec: &FamilyCodec<A>,
        visitor: &mut dyn Visitor,
    ) -> Result<()> {
        let total: u64 = parts.iter().map(|part| part.piece.length).sum();
        let mut before = 0;
        for part in parts {
            let mut checker = Checker::new(part, codec);
            while let Some(halves) = checker.next()? {
                for half in halves {
                    self.latest
                        .warm_up(half.rows.iter().filter_map(|(_, row)| row.as_ref().ok().map(|row| row.address)));
                    for (line, row) in half.rows.drain(..) {
                        self.take(&part.piece.path, line, row, visitor)?;
                    }
                }
                visitor.preparing(self.row.into(), (before + checker.position()) * 100 / total);
            }
            before += part.piece.length;
        }
        Ok(())
    }

    fn take(&mut self, path: &Path, line: u64, row: Checked<A>, visitor: &mut dyn Visitor) -> Result<()> {
        let place = || format!("{}:{line}", path.display());
        match row {
            Ok(Row { is_deletion: true, is_of_release: false, .. }) => {}
            Ok(Row { address, is_deletion: true, .. }) => self.latest.take(address),
            Ok(Row { address, has_lost_hwaddr, is_of_release, .. }) => {
                if is_of_release {
                    self.latest.give(address, self.row);
                } else {
                    self.latest.offer(address, self.row);
                }
                if has_lost_hwaddr {
                    self.dropped.get_or_insert_with(|| (0, place())).0 += 1;
                }
            }
            Err(error) => {
                self.malformed += 1;
                visitor.bad_row(&place(), &error)?;
            }
        }
        self.row = self.row.checked_add(1).ok_or_else(|| Error::new(place(), "more than 4294967295 rows"))?;
        Ok(())
    }

    /// The present leases, and how it went.
    pub(super) fn finish(self, visitor: &mut dyn Visitor) -> (Latest<A>, Visited) {
        if let Some((rows, first)) = self.dropped {
            let rows = count(rows, "row");
            visitor.remark(&format!("{first}: unreadable hardware address, left out as Kea does ({rows} so)"));
        }
        (self.latest, Visited { seen: self.row.into(), malformed: self.malformed })
    }
}
