//! First pass: every row checked, the journal folded, everything wrong told.

use std::hash::Hash;
use std::path::Path;

use super::check::Checker;
use super::{Row, RowOrFault, RowReader, Sheet, Visited, Visitor};
use crate::error::{Error, Result};
use crate::lease::csv::Trouble;
use crate::lease::latest::Latest;
use crate::text::count;

/// The journal so far.
pub(super) struct Fold<A> {
    latest: Latest<A>,
    malformed: u64,
    row: u32,
    /// Rows that went without their hardware address, and where the first of them stands.
    dropped: Option<(u64, String)>,
}

impl<A: Hash + Eq + Copy + Ord + Send> Fold<A> {
    pub(super) fn new() -> Self {
        Self { latest: Latest::new(), malformed: 0, row: 0, dropped: None }
    }

    /// Folds all rows of all sheets, in order.
    pub(super) fn run(
        &mut self,
        sheets: &[Sheet<'_>],
        read: fn(&mut RowReader, &[u8]) -> RowOrFault<A>,
        visitor: &mut dyn Visitor,
    ) -> Result<()> {
        let total: u64 = sheets.iter().map(|sheet| sheet.piece.length).sum();
        let mut before = 0;
        for sheet in sheets {
            let mut checker = Checker::new(sheet, read);
            while let Some(halves) = checker.next()? {
                for half in halves {
                    self.latest
                        .warm_up(half.rows.iter().filter_map(|(_, row)| row.as_ref().ok().map(|row| row.address)));
                    for (line, row) in half.rows.drain(..) {
                        self.take(&sheet.piece.path, line, row, visitor)?;
                    }
                }
                visitor.preparing(self.row.into(), (before + checker.position()) * 100 / total);
            }
            before += sheet.piece.length;
        }
        Ok(())
    }

    fn take(&mut self, path: &Path, line: u64, row: RowOrFault<A>, visitor: &mut dyn Visitor) -> Result<()> {
        let place = || format!("{}:{line}", path.display());
        match row {
            Ok(Row { is_deletion: true, is_of_release: false, .. }) => {}
            Ok(Row { address, is_deletion: true, .. }) => self.latest.take(address),
            Ok(Row { address, trouble, is_of_release, .. }) => {
                if is_of_release {
                    self.latest.give(address, self.row);
                } else {
                    self.latest.offer(address, self.row);
                }
                if trouble == Trouble::HwAddrDropped {
                    self.dropped.get_or_insert_with(|| (0, place())).0 += 1;
                }
            }
            Err(fault) => {
                self.malformed += 1;
                visitor.bad_row(&place(), &fault)?;
            }
        }
        self.row = self.row.checked_add(1).ok_or_else(|| Error::new(place(), "more than 4294967295 rows"))?;
        Ok(())
    }

    /// The leases of today, and how it went.
    pub(super) fn finish(self, visitor: &mut dyn Visitor) -> (Latest<A>, Visited) {
        if let Some((rows, first)) = self.dropped {
            let rows = count(rows, "row");
            visitor.remark(&format!("{first}: unreadable hardware address, left out as Kea does ({rows} so)"));
        }
        (self.latest, Visited { seen: self.row.into(), malformed: self.malformed })
    }
}
