//! Rows of pools. A server may have many thousands: of each only that is kept which a table shows.

use crate::family::Family;
use crate::health::State;
use crate::health::pools::Row;
use crate::usage::{Basis, Counts, LayoutPlace, Level, Offer, ResourceKind};

/// What a table shows of a [`Row`].
#[derive(Debug, Clone, Copy)]
pub struct PoolRow {
    index: u32,
    level: Level,
    kind: ResourceKind,
    state: Option<State>,
    depth: u8,
    active: u64,
    own: Part,
    offered: Part,
    most: u128,
    least: u128,
}

/// A number of addresses.
#[derive(Debug, Clone, Copy)]
struct Part {
    basis: Basis,
    is_complete: bool,
    reserved_free: u64,
    total: u128,
}

impl Part {
    fn new(counts: &Counts) -> Self {
        Self {
            basis: counts.basis,
            is_complete: counts.is_complete,
            reserved_free: counts.reserved_free(),
            total: counts.total,
        }
    }

    fn counts(self) -> Counts {
        let Self { basis, is_complete, reserved_free, total } = self;
        Counts { is_complete, basis, ..Counts::new(total, reserved_free) }
    }
}

impl PoolRow {
    pub(super) fn new(row: &Row) -> Self {
        Self {
            index: u32::try_from(row.place.index).unwrap_or(u32::MAX),
            level: row.place.level,
            kind: row.kind,
            state: row.state,
            depth: u8::try_from(row.depth).unwrap_or(u8::MAX),
            active: row.counts.active,
            own: Part::new(&row.counts),
            offered: Part::new(&row.offer.counts),
            most: row.offer.most,
            least: row.offer.least,
        }
    }

    /// What it is.
    #[must_use]
    pub fn place(&self) -> LayoutPlace {
        LayoutPlace { level: self.level, index: self.index as usize }
    }

    /// Its addresses or its prefixes.
    #[must_use]
    pub fn kind(&self) -> ResourceKind {
        self.kind
    }

    /// How well it is.
    #[must_use]
    pub fn state(&self) -> Option<State> {
        self.state
    }

    /// Whether it is shown under what it is part of.
    #[must_use]
    pub fn is_part(&self) -> bool {
        self.depth > 0
    }

    /// Whether there is anything to give, free or not.
    #[must_use]
    pub fn has_pool(&self) -> bool {
        self.own.total > 0
    }

    /// What is left for new clients at the most.
    #[must_use]
    pub fn most(&self) -> u128 {
        self.most
    }

    /// How many addresses there are, of all and of those that clients can get.
    pub(super) fn totals(&self) -> (u128, u128) {
        (self.own.total, self.offered.total)
    }

    /// What its counts come from.
    pub(super) fn basis(&self) -> Basis {
        self.own.basis
    }

    /// The used share of what there is to give, in percent.
    #[must_use]
    pub fn used_percent(&self) -> Option<f64> {
        self.offer().used_percent()
    }

    fn offer(&self) -> Offer {
        let mut offer = self.offered.counts().offer();
        (offer.most, offer.least) = (self.most, self.least);
        offer
    }

    /// The row, as far as a table shows it.
    pub(super) fn row(&self, family: Family) -> Row {
        Row {
            family,
            place: self.place(),
            kind: self.kind,
            counts: Counts { active: self.active, ..self.own.counts() },
            offer: self.offer(),
            state: self.state,
            causes: Vec::new(),
            forecast: None,
            depth: self.depth.into(),
        }
    }
}
