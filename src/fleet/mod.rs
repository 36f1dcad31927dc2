//! Servers that are asked again and again: where they are, and what they have answered.
//!
//! A server of Kea does one thing at a time: while it answers a long question, no client gets an address. So the cheap commands are
//! sent each time, and the others as rarely as their own, measured durations allow (`budget`). One command is under way to a daemon,
//! and one that does not answer is asked more and more rarely.

mod address;
mod asked;
mod board;
mod budget;
mod configuration;
mod daemon;
mod expected;
mod follow;
mod host;
mod identify;
mod lease_file;
mod leases;
mod local;
mod login;
mod poller;
mod servers;
mod span;
mod tally;
mod workers;

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

pub use address::{ConfigurationFault, ServerEndpoint, distinct, named, named_if_alike};
pub use board::{Awaited, Board};
pub use expected::mark_optional;
pub use host::{HostFacts, HostWorker};
pub use local::{configured, files_of_this_host, of_this_host};
pub use login::Login;
pub use servers::ServersFile;
pub use workers::{Round, Workers};

use crate::control::Deadline;
pub use crate::stats::reading::Moment;
use crate::stats::reading::Reading;
use poller::Poller;

/// How much is asked.
#[derive(Debug, Clone, Copy)]
pub struct PollOptions {
    /// Whether subnets and pools are wanted, and so the configuration.
    pub subnets: bool,
    /// Whether pools are wanted, and so the leases.
    pub leases: Leases,
    /// Counts are not asked for again before this time has passed.
    pub pause: Duration,
    /// A daemon that does not answer is asked more and more rarely, but again after this time.
    pub longest_wait: Duration,
    /// The lease file of this host is not read again before this time has passed.
    pub file_pause: Duration,
    /// Whether leases are followed as they are given, and the fullest pools have maps.
    pub follow: bool,
    /// Whether configurations are kept, without their secrets.
    pub keep_configuration: bool,
}

/// When leases are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Leases {
    /// Within a budget.
    #[default]
    Auto,
    /// Each time.
    Always,
    /// Never.
    Never,
}

/// Servers, and what is known of them.
#[derive(Debug)]
pub struct Fleet {
    pollers: Vec<Mutex<Poller>>,
    wanted: PollOptions,
}

/// More servers than this are asked one after the other.
const MOST_THREADS: usize = 32;

impl Fleet {
    /// Of these places; nothing is asked yet.
    #[must_use]
    pub fn new(places: Vec<ServerEndpoint>, wanted: PollOptions) -> Self {
        let pollers = places.into_iter().map(|place| Mutex::new(Poller::new(place)));
        Self { pollers: pollers.collect(), wanted }
    }

    /// Asks all of them, until the deadline.
    #[must_use]
    pub fn poll_each(&self, moment: Moment, deadline: Deadline) -> Vec<Vec<Reading>> {
        let ask = |poller: &Mutex<Poller>| {
            poller.lock().unwrap_or_else(PoisonError::into_inner).poll(moment, deadline, self.wanted)
        };
        if let [only] = &self.pollers[..] {
            return vec![ask(only)];
        }
        let share = self.pollers.len().div_ceil(MOST_THREADS).max(1);
        thread::scope(|scope| {
            let ask = &ask;
            let workers: Vec<_> = self
                .pollers
                .chunks(share)
                .map(|chunk| scope.spawn(move || chunk.iter().map(ask).collect::<Vec<_>>()))
                .collect();
            // A worker that panics has ended the program.
            workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
        })
    }
}
