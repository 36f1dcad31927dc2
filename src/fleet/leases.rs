//! The leases of a server, counted by pool, within a budget.
//!
//! The lease file of this host costs the server nothing; it is read rarely, and in at most half a percent of the time. Pages of leases
//! cost the server 10 ms and more each, so they are read only of servers with few leases, and rarely.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::asked::{Asked, modified};
use super::budget::Budget;
use super::follow::Follower;
use super::lease_file::{FileCounter, LeaseCountRequest};
use super::tally::Tally;
use super::{Leases, Moment, PollOptions};
use crate::config::Config;
use crate::config::model::Backend;
use crate::control::Stopwatch;
use crate::lease::{Family, OwnedLease};
use crate::source::leases_in;
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
/// So many pools have a map, the fullest of the look before.
const MAPPED: usize = 200;
/// A count of the lease file that lasts longer is not waited for with the counts of the time before.
const LONGEST_COUNT: Duration = Duration::from_secs(60);
/// Where leases could not be read, those of the last time are good enough for so long.
const LONGEST_KEPT: Duration = Duration::from_secs(300);
/// Reading pages is given up after this time.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the leases of a server add up to.
#[derive(Debug)]
pub(super) struct Counted {
    /// The lease file, where it may be, if the server is on this host.
    files: Vec<PathBuf>,
    file: Budget,
    reader: FileCounter,
    /// When the count of the file began.
    began: Moment,
    /// Why the file is of no use; empty if it is not known to be.
    no_file: &'static str,
    pages: Budget,
    refuses_pages: bool,
    usage: Option<Arc<Usage>>,
    /// When that was counted.
    at: Moment,
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
            reader: FileCounter::default(),
            began: Moment::default(),
            no_file: "",
            pages: Budget::new(20, Duration::ZERO),
            refuses_pages: false,
            usage: None,
            at: Moment::default(),
            has_maps: false,
            follower: Follower::default(),
            looked: None,
            given: Vec::new(),
            reason: "",
        }
    }

    /// Forgets what was counted: the pools may be others now.
    pub(super) fn clear(&mut self) {
        self.usage = None;
    }

    /// The server has another configuration, or has started again.
    pub(super) fn configure(&mut self, config: &Config, is_local: bool) {
        let database = &config.server.lease_database;
        let has_file = is_local && database.backend == Backend::Memfile && database.persist;
        self.files = if has_file { crate::config::lease_files(config, &|_| None) } else { Vec::new() };
        self.usage = None;
        self.refuses_pages = false;
        self.no_file = "";
        self.reader.forget();
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

    /// When the leases were counted, in seconds since 1970.
    pub(super) fn counted(&self) -> Option<i64> {
        self.usage.as_ref().map(|_| self.at.now)
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
        layout: &Arc<Layout>,
        known: Option<f64>,
        wanted: PollOptions,
    ) -> Result<Arc<Usage>, &'static str> {
        if wanted.leases == Leases::Never {
            return Err("never");
        }
        self.file = self.file.at_least(wanted.file_pause);
        self.has_maps = wanted.follow;
        let is_always = wanted.leases == Leases::Always;
        let file = self.files.iter().find(|file| file.exists()).cloned();
        if let Some(file) = file {
            let is_due = !self.reader.is_busy() && (is_always || self.file.allows(asked.moment.monotonic));
            let job = || LeaseCountRequest {
                file,
                family,
                layout: Arc::clone(layout),
                now: asked.moment.now,
                mapped: self.mapped(),
            };
            let job = is_due.then(job);
            self.no_file = self.read_file(asked, job, known).err().unwrap_or_default();
            if self.no_file.is_empty() {
                return self.usage.clone().ok_or(self.reason);
            }
        }
        self.read_pages(asked, family, layout, known, is_always);
        let reason = if self.no_file.is_empty() { self.reason } else { self.no_file };
        self.usage.clone().ok_or(reason)
    }

    /// The pools that have maps.
    fn mapped(&self) -> Vec<usize> {
        match &self.usage {
            _ if !self.has_maps => Vec::new(),
            Some(before) => before.fullest_pools(MAPPED),
            None => (0..MAPPED).collect(),
        }
    }

    /// Reads the lease file, if there is a `job` for that; waits for what is being read. The error is why this file is of no use.
    fn read_file(
        &mut self,
        asked: &Asked<'_>,
        job: Option<LeaseCountRequest>,
        known: Option<f64>,
    ) -> Result<(), &'static str> {
        let now = asked.moment.monotonic;
        let mut patience = Duration::ZERO;
        if let Some(job) = job {
            self.reader.start(job)?;
            (self.began, patience) = (asked.moment, asked.deadline.left().unwrap_or_default() / 4 * 3);
        } else if !self.reader.is_busy() {
            return if self.no_file.is_empty() { Ok(()) } else { Err(self.no_file) };
        }
        let Some(outcome) = self.reader.wait(patience) else {
            // For a while the counts of the time before are good enough.
            let is_usable =
                self.no_file.is_empty() && self.usage.is_some() && now < self.began.monotonic + LONGEST_COUNT;
            return if is_usable { Ok(()) } else { Err("slow") };
        };
        self.file.spend(now, outcome.as_ref().map_or(Duration::ZERO, |found| found.took));
        let found = outcome?;
        if known.is_some_and(|known| !is_near(known, found.held)) {
            return Err("other_file");
        }
        (self.usage, self.at) = (Some(Arc::new(found.usage)), self.began);
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
        let mut tally = Tally {
            since: Some(since),
            ..Tally::new(Counter::new(layout, asked.moment.now).with_maps_of(self.mapped()))
        };
        let read = pages.each(&mut tally);
        (self.looked, self.given) = (Some(asked.moment.now), std::mem::take(&mut tally.given));
        self.pages.spend(asked.moment.monotonic, watch.time());
        match read {
            Ok(()) => {
                (self.usage, self.at) = (Some(Arc::new(tally.counter.finish())), asked.moment);
            }
            Err("refused") => (self.usage, self.reason, self.refuses_pages) = (None, "refused", true),
            // The next time they may be read.
            Err(_) if self.usage.is_some() && asked.moment.monotonic < self.at.monotonic + LONGEST_KEPT => {}
            Err(reason) => (self.usage, self.reason) = (None, reason),
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
    fn each(&self, tally: &mut Tally<'_>) -> Result<(), &'static str> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lease_file_of_another_server_is_detected_by_lease_count() {
        assert!(is_near(0.0, 50) && is_near(1000.0, 1149) && is_near(100_000.0, 95_000));
        assert!(!is_near(0.0, 100) && !is_near(10_000.0, 0) && !is_near(1000.0, 2000));
    }
}
