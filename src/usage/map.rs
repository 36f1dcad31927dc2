//! Which addresses of a pool are used: a cell for each address, or for each group of them.

use serde::{Deserialize, Serialize};

use super::layout::Pool;
use crate::lease::LeaseStatus;

/// How many cells a pool has at the most.
const CELLS: u128 = 256;

/// The cells of a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolMap {
    /// How many addresses each cell is of; the last may have fewer.
    pub group: u128,
    /// What each cell has.
    pub cells: Vec<Cell>,
}

/// Some addresses next to each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Leased.
    pub active: u64,
    /// Declined.
    pub declined: u64,
    /// Expired, released or reclaimed.
    pub over: u64,
    /// Reserved, whether leased or not.
    pub reserved: u64,
}

impl PoolMap {
    pub(super) fn new(pool: &Pool) -> Self {
        let group = pool.total.div_ceil(CELLS).max(1);
        let count = usize::try_from(pool.total.div_ceil(group)).unwrap_or(0);
        let mut map = Self { group, cells: vec![Cell::default(); count] };
        for unit in pool.reserved_units() {
            if let Some(cell) = map.cell(unit) {
                cell.reserved += 1;
            }
        }
        map
    }

    pub(super) fn add(&mut self, unit: u128, status: LeaseStatus) {
        let Some(cell) = self.cell(unit) else { return };
        match status {
            LeaseStatus::Active => cell.active += 1,
            LeaseStatus::Declined => cell.declined += 1,
            LeaseStatus::Expired | LeaseStatus::Released | LeaseStatus::Reclaimed => cell.over += 1,
            LeaseStatus::Registered | LeaseStatus::Removed | LeaseStatus::Other(_) => {}
        }
    }

    fn cell(&mut self, unit: u128) -> Option<&mut Cell> {
        self.cells.get_mut(usize::try_from(unit / self.group).ok()?)
    }
}
