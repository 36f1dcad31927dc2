//! Which addresses of a pool are used: a cell for each address, or for each group of them.

use serde::{Deserialize, Serialize};

use super::layout::Layout;
use crate::lease::LeaseStatus;

/// How many cells a pool has at the most.
const CELLS: u128 = 256;

/// The cells of a pool. Of a pool of which nothing is used or reserved they take no memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolMap {
    /// How many addresses each cell is of; the last may have fewer.
    pub group: u128,
    /// How many cells there are.
    count: u16,
    /// What each of them has; nothing if all are free.
    cells: Vec<Cell>,
}

/// Some addresses next to each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "[u32; 4]", into = "[u32; 4]")]
pub struct Cell {
    /// Leased.
    pub active: u32,
    /// Declined.
    pub declined: u32,
    /// Expired, released or reclaimed.
    pub over: u32,
    /// Reserved, whether leased or not.
    pub reserved: u32,
}

impl From<[u32; 4]> for Cell {
    fn from([active, declined, over, reserved]: [u32; 4]) -> Self {
        Self { active, declined, over, reserved }
    }
}

impl From<Cell> for [u32; 4] {
    fn from(cell: Cell) -> Self {
        [cell.active, cell.declined, cell.over, cell.reserved]
    }
}

impl PoolMap {
    pub(super) fn new(layout: &Layout, index: usize) -> Self {
        let pool = &layout.pools[index];
        let group = pool.size().div_ceil(CELLS).max(1);
        let count = u16::try_from(pool.size().div_ceil(group)).unwrap_or(0);
        let mut map = Self { group, count, cells: Vec::new() };
        for unit in layout.reserved_units(index) {
            if let Some(cell) = map.cell(unit) {
                cell.reserved = cell.reserved.saturating_add(1);
            }
        }
        map
    }

    /// How many cells it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count.into()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// What each cell has.
    pub fn cells(&self) -> impl Iterator<Item = Cell> {
        (0..self.len()).map(|index| self.cells.get(index).copied().unwrap_or_default())
    }

    /// Whether it may be of a pool. For what was written to a file.
    pub(super) fn may_be(&self) -> bool {
        self.group > 0 && u128::from(self.count) <= CELLS && self.cells.len() <= self.len()
    }

    pub(super) fn add(&mut self, unit: u128, status: LeaseStatus) {
        let Some(cell) = self.cell(unit) else { return };
        let number = match status {
            LeaseStatus::Active => &mut cell.active,
            LeaseStatus::Declined => &mut cell.declined,
            LeaseStatus::Expired | LeaseStatus::Released | LeaseStatus::Reclaimed => &mut cell.over,
            LeaseStatus::Registered | LeaseStatus::Removed | LeaseStatus::Other(_) => return,
        };
        *number = number.saturating_add(1);
    }

    fn cell(&mut self, unit: u128) -> Option<&mut Cell> {
        let index = usize::try_from(unit / self.group).ok().filter(|index| *index < self.len())?;
        if self.cells.is_empty() {
            self.cells = vec![Cell::default(); self.len()];
        }
        self.cells.get_mut(index)
    }
}
