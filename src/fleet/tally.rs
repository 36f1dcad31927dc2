//! Counts the leases of a server as they are read.

use std::net::IpAddr;
use std::sync::Arc;

use crate::error::Result;
use crate::lease::{Lease, LeaseState, OwnedLease, RowError};
use crate::source::{Flow, Visitor};
use crate::usage::Counter;

/// More leases are not kept of a look.
const MOST_GIVEN: usize = 2000;

/// Counts leases.
pub(super) struct Tally<'a> {
    pub(super) counter: Counter<'a>,
    /// How many of them are assigned in Kea's sense.
    pub(super) held: u32,
    /// The address of the last one.
    pub(super) last: Option<IpAddr>,
    /// Leases that were given since this moment are kept.
    pub(super) since: Option<i64>,
    pub(super) given: Vec<Arc<OwnedLease>>,
}

impl<'a> Tally<'a> {
    pub(super) fn new(counter: Counter<'a>) -> Self {
        Self { counter, held: 0, last: None, since: None, given: Vec::new() }
    }
}

impl Visitor for Tally<'_> {
    fn lease(&mut self, lease: &Lease<'_>) -> Result<Flow> {
        self.counter.add(lease);
        let is_held = matches!(lease.state, LeaseState::Assigned | LeaseState::Declined);
        self.held = self.held.saturating_add(u32::from(is_held));
        self.last = Some(lease.address());
        if self.since.is_some_and(|since| lease.cltt >= since) && self.given.len() < MOST_GIVEN {
            self.given.push(Arc::new(lease.into()));
        }
        Ok(Flow::Continue)
    }

    fn bad_row(&mut self, _: &dyn std::fmt::Display, _: &RowError) -> Result<()> {
        Ok(())
    }

    fn remark(&mut self, _: &str) {}
}
