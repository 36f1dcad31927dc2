//! The pools of servers, and how full their leases make them.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use super::observer::{BadRows, Observer};
use super::open::open_or_ask;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::family::Family;
use crate::lease::{Lease, RowError};
use crate::source::{self, Flow, LeaseLocation, Location, Order, Origin, Variables, Visitor};
use crate::usage::{Counter, Layout, PoolKind, Usage};

/// What was found, and what was not.
#[derive(Debug, Default)]
pub struct Survey {
    /// Each family that was counted.
    pub families: Vec<Surveyed>,
    /// Why others were not.
    pub failures: Vec<Error>,
}

/// A family's server.
#[derive(Debug)]
pub struct Surveyed {
    /// The family.
    pub family: Family,
    /// What it has to give.
    pub layout: Layout,
    /// How much of it is used.
    pub usage: Usage,
    /// Where its leases are from.
    pub origin: Origin,
    /// What a user should know, one sentence each.
    pub notes: Vec<String>,
    /// Rows that are no leases; each was reported.
    pub malformed: u64,
}

/// Counts the leases of each place as they are at `at`. A place that cannot be counted does not hide another.
pub fn survey(found: Vec<Result<LeaseLocation>>, at: i64, var: &Variables<'_>, observer: &mut dyn Observer) -> Survey {
    let mut survey = Survey::default();
    for place in found {
        match place.and_then(|place| one(place, at, var, observer)) {
            Ok(surveyed) => survey.families.push(surveyed),
            Err(error) => survey.failures.push(error),
        }
    }
    survey
}

fn one(mut place: LeaseLocation, at: i64, var: &Variables<'_>, observer: &mut dyn Observer) -> Result<Surveyed> {
    place.remarks.iter().for_each(|remark| observer.remark(remark));
    let Some(config) = source::configuration_of(&place)? else {
        return Err(without_pools(&place, at, var, observer));
    };
    let layout = Layout::new(&config);
    let mut notes = layout.faults.clone();
    notes.extend(difference(&place, &config));
    drop(config);
    place.forget_configuration();
    let mut source = open_or_ask(&place, var, observer)?;
    source.keep_released();
    observer.begin_rows(true);
    let mut counting = Counting { counter: Counter::new(&layout, at), observer, bad_rows: BadRows::default() };
    let visited = source.visit(Order::Stored, &mut counting);
    let Counting { counter, observer, bad_rows } = counting;
    observer.end_rows();
    bad_rows.finish(observer);
    visited?;
    let usage = counter.finish();
    Ok(Surveyed { family: place.family, usage, origin: source.origin(), notes, malformed: bad_rows.count, layout })
}

/// What can be said where no configuration is known: how many leases there are.
fn without_pools(place: &LeaseLocation, at: i64, var: &Variables<'_>, observer: &mut dyn Observer) -> Error {
    let attempted = format!("find the pools of the {} server", place.family);
    let leases = open_or_ask(place, var, observer).and_then(|mut source| {
        let mut active = Active { at, count: 0 };
        source.visit(Order::Stored, &mut active)?;
        Ok((active.count, source.origin().location))
    });
    match leases {
        Ok((count, location)) => {
            let leases = crate::text::count(count, "active lease");
            Error::new(attempted, format!("no configuration is known, only {leases} in {location}"))
                .hint("-c FILE names the configuration")
        }
        Err(error) => Error::new(attempted, format!("no configuration is known, and {error}")),
    }
}

/// Whether a running server has other pools than its file.
fn difference(place: &LeaseLocation, running: &Config) -> Option<String> {
    let Location::Api(_) = place.location else { return None };
    let file = place.file_configuration()?;
    (shape(running) != shape(file)).then(|| {
        let file = file.file.display();
        format!("the running server has other subnets or pools than {file}; those of the server are shown")
    })
}

/// Every subnet and pool with its addresses.
fn shape(config: &Config) -> BTreeSet<(u32, IpAddr, IpAddr, Option<PoolKind>)> {
    let layout = Layout::new(config);
    let subnets = layout.subnets.iter().map(|subnet| (subnet.id, subnet.range.first(), subnet.range.last(), None));
    let pools = layout
        .pools
        .iter()
        .map(|pool| (layout.subnets[pool.subnet].id, pool.range.first(), pool.range.last(), Some(pool.kind)));
    subnets.chain(pools).collect()
}

/// Counts leases.
struct Counting<'a> {
    counter: Counter<'a>,
    observer: &'a mut dyn Observer,
    bad_rows: BadRows,
}

impl Visitor for Counting<'_> {
    fn lease(&mut self, lease: &Lease<'_>) -> Result<Flow> {
        self.observer.row();
        self.counter.add(lease);
        Ok(Flow::Continue)
    }

    fn bad_row(&mut self, place: &dyn fmt::Display, error: &RowError) -> Result<()> {
        self.bad_rows.add(place, error, self.observer);
        Ok(())
    }

    fn remark(&mut self, text: &str) {
        self.observer.remark(text);
    }

    fn expect_rows(&mut self, rows: u64) {
        self.observer.expect_rows(rows);
    }

    fn preparing(&mut self, rows: u64, percent: u64) {
        self.observer.preparing(rows, percent);
    }
}

/// Counts active leases.
struct Active {
    at: i64,
    count: u64,
}

impl Visitor for Active {
    fn lease(&mut self, lease: &Lease<'_>) -> Result<Flow> {
        self.count += u64::from(lease.status(self.at) == crate::lease::LeaseStatus::Active);
        Ok(Flow::Continue)
    }

    fn bad_row(&mut self, _place: &dyn fmt::Display, _error: &RowError) -> Result<()> {
        Ok(())
    }

    fn remark(&mut self, _text: &str) {}
    fn expect_rows(&mut self, _rows: u64) {}
    fn preparing(&mut self, _rows: u64, _percent: u64) {}
}
