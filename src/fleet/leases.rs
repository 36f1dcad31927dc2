//! The leases of a server, counted by pool, within a budget.
//!
//! The lease file of this host costs the server nothing; it is read rarely, and in at most half a percent of the time. Pages of leases
//! cost the server 10 ms and more each, so they are read only of servers with few leases, and rarely.

use std::ffi::{OsStr, OsString};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::asked::{Asked, modified};
use super::budget::Budget;
use super::follow::Follower;
use super::{Leases, Wanted};
use crate::config::Config;
use crate::config::model::Backend;
use crate::control::Stopwatch;
use crate::error::Result;
use crate::lease::{Family, Lease, LeaseState, OwnedLease, RowError};
use crate::source::{Flow, LeaseSource as _, Order, Visitor, leases_in, memfile};
use crate::stats::reading::Files;
use crate::usage::{Counter, Layout, Usage};

/// A server with more leases is not asked for them.
const MOST_LEASES: f64 = 50_000.0;
/// The size of a page.
const PAGE: usize = 1000;
/// Of the first pages, leases that were given in the last seconds are kept; of later ones, those since then.
const BEFORE: i64 = 300;
/// The clocks of this host and the server may differ by some seconds.
const OVERLAP: i64 = 5;
/// More leases are not kept of a look.
const MOST_GIVEN: usize = 2000;
/// So many pools have a map, the fullest of the look before.
const MAPPED: usize = 200;
/// Reading pages is given up after this time.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the leases of a server add up to.
#[derive(Debug)]
pub(super) struct Counted {
    /// The lease file, where it may be, if the server is on this host.
    files: Vec<PathBuf>,
    file: Budget,
    pages: Budget,
    refuses_pages: bool,
    usage: Option<Arc<Usage>>,
    /// Whether pools have maps.
    has_maps: bool,
    follower: Follower,
    /// When pages were read last.
    looked: Option<i64>,
    /// What they had since the time before.
    given: Vec<Arc<OwnedLease>>,
    /// Why there is none.
    reason: &'static str,
}

impl Counted {
    pub(super) fn new() -> Self {
        Self {
            files: Vec::new(),
            file: Budget::new(200, Duration::ZERO),
            pages: Budget::new(20, Duration::ZERO),
            refuses_pages: false,
            usage: None,
            has_maps: false,
            follower: Follower::default(),
            looked: None,
            given: Vec::new(),
            reason: "",
        }
    }

    /// The server has another configuration, or has started again.
    pub(super) fn configure(&mut self, config: &Config, is_local: bool) {
        let database = &config.server.lease_database;
        let has_file = is_local && database.backend == Backend::Memfile && database.persist;
        self.files = if has_file { crate::config::lease_files(config, &|_| None) } else { Vec::new() };
        self.usage = None;
        self.refuses_pages = false;
        self.file.reset();
        self.pages.reset();
    }

    /// Leases that were given since the last call: the rows at the end of the lease file on this host; else those that are new in
    /// the pages, whenever they are read.
    pub(super) fn given(&mut self, family: Family) -> Vec<Arc<OwnedLease>> {
        let mut given = self.follower.follow(&self.files, family);
        given.append(&mut self.given);
        given
    }

    /// What the lease file on this host shows. Cleaning it up leaves a file with the suffix `.2`.
    pub(super) fn files(&self) -> Files {
        let found = self.files.iter().find_map(|file| Some((file, std::fs::metadata(file).ok()?)));
        let Some((file, found)) = found else { return Files::default() };
        let cleaned = PathBuf::from([file.as_os_str(), OsStr::new(".2")].into_iter().collect::<OsString>());
        Files { lease_file_size: Some(found.len()), lease_file_cleaned: modified(&cleaned), ..Files::default() }
    }

    /// The counts, read again if they may be, or why there are none. `known` is how many leases the server counts.
    pub(super) fn count(
        &mut self,
        asked: &Asked<'_>,
        family: Family,
        layout: &Layout,
        known: Option<f64>,
        wanted: Wanted,
    ) -> std::result::Result<Arc<Usage>, &'static str> {
        if wanted.leases == Leases::Never {
            return Err("never");
        }
        self.file = self.file.at_least(wanted.file_pause);
        self.has_maps = wanted.follow;
        let is_always = wanted.leases == Leases::Always;
        let file = self.files.iter().find(|file| file.exists()).cloned();
        let mut why = "";
        if let Some(file) = file {
            match self.read_file(asked, family, layout, known, &file, is_always) {
                Ok(()) => return self.usage.clone().ok_or(self.reason),
                Err(reason) => why = reason,
            }
        }
        self.read_pages(asked, family, layout, known, is_always);
        let reason = if self.reason == "no_command" && !why.is_empty() { why } else { self.reason };
        self.usage.clone().ok_or(reason)
    }

    fn counter<'a>(&self, layout: &'a Layout, now: i64) -> Counter<'a> {
        let counter = Counter::new(layout, now);
        match &self.usage {
            _ if !self.has_maps => counter,
            Some(before) => counter.with_maps_of(before.fullest_pools(MAPPED)),
            None => counter.with_maps_of(0..MAPPED),
        }
    }

    /// Reads the lease file, if it may be read by now. The error is why this file is of no use.
    fn read_file(
        &mut self,
        asked: &Asked<'_>,
        family: Family,
        layout: &Layout,
        known: Option<f64>,
        file: &std::path::Path,
        is_always: bool,
    ) -> std::result::Result<(), &'static str> {
        if !is_always && !self.file.allows(asked.moment.monotonic) {
            return Ok(());
        }
        let watch = Stopwatch::start();
        let mut tally = Tally::new(self.counter(layout, asked.moment.now));
        let read = memfile::open(file, family).and_then(|mut file| file.visit(Order::Stored, &mut tally));
        self.file.spend(asked.moment.monotonic, watch.time());
        if read.is_err() {
            return Err("unreadable");
        }
        if known.is_some_and(|known| !is_near(known, tally.held)) {
            return Err("other_file");
        }
        self.usage = Some(Arc::new(tally.counter.finish()));
        Ok(())
    }

    /// Reads pages of leases, if they may be read by now.
    fn read_pages(&mut self, asked: &Asked<'_>, family: Family, layout: &Layout, known: Option<f64>, is_always: bool) {
        let reason = match known {
            _ if self.refuses_pages => Some("refused"),
            _ if !asked.has(&page_command(family)) => Some("no_command"),
            _ if is_always => None,
            None => Some("unknown_number"),
            Some(known) if known > MOST_LEASES => Some("too_many"),
            Some(_) => None,
        };
        if let Some(reason) = reason {
            (self.usage, self.reason) = (None, reason);
            return;
        }
        if !is_always && !self.pages.allows(asked.moment.monotonic) {
            return;
        }
        let watch = Stopwatch::start();
        let pages = Pages { asked, family, watch, patience: if is_always { Duration::MAX } else { PATIENCE } };
        let since = self.looked.unwrap_or(asked.moment.now - BEFORE) - OVERLAP;
        let mut tally = Tally { since: Some(since), ..Tally::new(self.counter(layout, asked.moment.now)) };
        let read = pages.each(&mut tally);
        (self.looked, self.given) = (Some(asked.moment.now), std::mem::take(&mut tally.given));
        self.pages.spend(asked.moment.monotonic, watch.time());
        match read {
            Ok(()) => self.usage = Some(Arc::new(tally.counter.finish())),
            Err(reason) => {
                (self.usage, self.reason) = (None, reason);
                self.refuses_pages = reason == "refused";
            }
        }
    }
}

/// Whether a lease file may be that of a server that counts so many leases: they differ by what has happened in between.
fn is_near(known: f64, held: u32) -> bool {
    let held = f64::from(held);
    (known - held).abs() <= 50.0 + 0.1 * known.max(held)
}

fn page_command(family: Family) -> String {
    format!("lease{}-get-page", family.digit())
}

/// Pages of leases of a server.
struct Pages<'a> {
    asked: &'a Asked<'a>,
    family: Family,
    watch: Stopwatch,
    patience: Duration,
}

impl Pages<'_> {
    /// Counts all leases; or why they could not be counted.
    fn each(&self, tally: &mut Tally<'_>) -> std::result::Result<(), &'static str> {
        let name = page_command(self.family);
        loop {
            if self.watch.time() > self.patience {
                return Err("slow");
            }
            let from = tally.last.map_or_else(|| "start".to_owned(), |address| address.to_string());
            let answer = self
                .asked
                .send(&name, Some(json!({ "from": from, "limit": PAGE })))
                .map_err(|refusal| refusal.reason())?;
            let before = tally.last;
            let seen = leases_in(&answer, self.family, tally).map_err(|_| "unreadable")?.seen;
            if seen == 0 {
                return Ok(());
            }
            // Pages that do not go on would never end.
            if tally.last == before {
                return Err("unreadable");
            }
            if seen < PAGE as u64 {
                return Ok(());
            }
        }
    }
}

/// Counts leases.
struct Tally<'a> {
    counter: Counter<'a>,
    /// How many of them are assigned in Kea's sense.
    held: u32,
    /// The address of the last one.
    last: Option<IpAddr>,
    /// Leases that were given since this moment are kept.
    since: Option<i64>,
    given: Vec<Arc<OwnedLease>>,
}

impl<'a> Tally<'a> {
    fn new(counter: Counter<'a>) -> Self {
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

    fn expect_rows(&mut self, _: u64) {}

    fn preparing(&mut self, _: u64, _: u64) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_another_server_is_recognised_by_its_number_of_leases() {
        assert!(is_near(0.0, 50) && is_near(1000.0, 1149) && is_near(100_000.0, 95_000));
        assert!(!is_near(0.0, 100) && !is_near(10_000.0, 0) && !is_near(1000.0, 2000));
    }
}
