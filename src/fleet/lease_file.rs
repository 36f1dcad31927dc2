//! The lease file of a server on this host, counted in a thread of its own: a file that cannot be read in time keeps no answer
//! waiting.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use super::tally::Tally;
use crate::control::Stopwatch;
use crate::lease::Family;
use crate::source::{LeaseSource as _, Order, memfile};
use crate::usage::{Counter, Layout, Usage};

/// A larger file is not read: it would take too much memory.
const LARGEST: u64 = 4 << 30;

/// What is to be counted.
#[derive(Debug)]
pub(super) struct LeaseCountRequest {
    pub(super) file: PathBuf,
    pub(super) family: Family,
    pub(super) layout: Arc<Layout>,
    pub(super) now: i64,
    /// Pools that have maps.
    pub(super) mapped: Vec<usize>,
}

/// What a file holds.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) usage: Usage,
    /// How many leases are assigned in Kea's sense.
    pub(super) held: u32,
    pub(super) took: Duration,
}

/// The counts, or why there are none.
type Outcome = Result<Found, &'static str>;

/// Counts one file at a time.
#[derive(Debug, Default)]
pub(super) struct FileCounter {
    under_way: Option<UnderWay>,
}

#[derive(Debug)]
struct UnderWay {
    outcome: Receiver<Outcome>,
    /// Whether it counts what is no longer configured.
    is_stale: bool,
}

impl FileCounter {
    pub(super) fn is_busy(&self) -> bool {
        self.under_way.is_some()
    }

    /// What is being counted is of no use any more.
    pub(super) fn forget(&mut self) {
        if let Some(under_way) = &mut self.under_way {
            under_way.is_stale = true;
        }
    }

    /// Starts to count.
    pub(super) fn start(&mut self, job: LeaseCountRequest) -> Result<(), &'static str> {
        let (sender, outcome) = sync_channel(1);
        // Where nothing waits for it any more, it is dropped.
        let work = move || drop(sender.send(job.count()));
        thread::Builder::new().name("lease file".into()).spawn(work).map_err(|_| "unreadable")?;
        self.under_way = Some(UnderWay { outcome, is_stale: false });
        Ok(())
    }

    /// What was counted, if that is known before `patience` has passed.
    pub(super) fn wait(&mut self, patience: Duration) -> Option<Outcome> {
        let outcome = match self.under_way.as_ref()?.outcome.recv_timeout(patience) {
            Err(RecvTimeoutError::Timeout) => return None,
            Err(RecvTimeoutError::Disconnected) => Err("unreadable"),
            Ok(outcome) => outcome,
        };
        let ended = self.under_way.take()?;
        (!ended.is_stale).then_some(outcome)
    }
}

impl LeaseCountRequest {
    fn count(self) -> Outcome {
        let watch = Stopwatch::start();
        let unreadable = |_| "unreadable";
        let found = fs::metadata(&self.file).map_err(|_| "unreadable")?;
        if !found.is_file() {
            return Err("unreadable");
        }
        if found.len() > LARGEST {
            return Err("too_large");
        }
        let mut tally = Tally::new(Counter::new(&self.layout, self.now).with_maps_of(self.mapped));
        let mut file = memfile::open(&self.file, self.family).map_err(unreadable)?;
        file.visit(Order::Stored, &mut tally).map_err(unreadable)?;
        // A file without a header was emptied, and its leases are not known.
        if file.origin().version.is_none() {
            return Err("unreadable");
        }
        Ok(Found { held: tally.held, usage: tally.counter.finish(), took: watch.time() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_is_not_done_is_not_waited_for() {
        let (sender, outcome) = sync_channel(1);
        let mut counter = FileCounter { under_way: Some(UnderWay { outcome, is_stale: false }) };
        assert!(counter.wait(Duration::ZERO).is_none() && counter.is_busy());
        counter.forget();
        sender.send(Err("unreadable")).unwrap();
        assert!(counter.wait(Duration::ZERO).is_none(), "it is of another configuration");
        assert!(!counter.is_busy());
    }
}
