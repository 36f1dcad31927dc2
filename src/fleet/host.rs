//! The daemons of this host as the host sees them: processes, sockets, interfaces, files.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::Duration;

use super::Moment;
use super::address::canonical;
use super::budget::Budget;
use crate::config::Daemon;
use crate::control::{Deadline, Stopwatch};
use crate::error::{Error, Result};
use crate::health::kea::answer::Status;
use crate::health::kea::facts::{Host, Instance};
use crate::inspect::{self, Questions, Scope};
use crate::stats::reading::Load;

/// A look takes at most one part of so many of the time: a large configuration takes a while to read. A usual look takes some
/// milliseconds, also on a busy host, and is to be as often as the answers.
const SHARE: u32 = 10;
/// But the next one is no later.
const LONGEST: Duration = Duration::from_secs(10);

/// What this host shows.
#[derive(Debug)]
pub struct HostFacts {
    /// When it was looked at.
    pub moment: Moment,
    /// Its daemons.
    pub host: Host,
    /// The configuration file of each of them by its canonical name.
    pub files: Vec<Option<PathBuf>>,
    /// How busy it is.
    pub load: Load,
}

/// A worker that looks at this host; it ends when this is dropped.
#[derive(Debug)]
pub struct HostWorker {
    bell: SyncSender<(Moment, Vec<(Daemon, Status)>)>,
    facts: Receiver<HostFacts>,
}

impl HostWorker {
    /// Starts it; nothing is looked at yet. `patience` is the time for one look.
    pub fn start(scope: Scope, patience: Duration) -> Result<Self> {
        let (bell, moments) = sync_channel(0);
        let (sender, facts) = channel();
        let work = move || run(&scope, patience, &moments, &sender);
        let started = thread::Builder::new().name("host".into()).spawn(work);
        started.map_err(|cause| Error::io("start a thread", &cause))?;
        Ok(Self { bell, facts })
    }

    /// Has the host looked at, unless that is being done, and returns whether it was free. Daemons whose status is known are not asked
    /// again.
    #[must_use]
    pub fn ring(&self, moment: Moment, known: Vec<(Daemon, Status)>) -> bool {
        self.bell.try_send((moment, known)).is_ok()
    }

    /// The same, and waits at most so long for what is seen.
    #[must_use]
    pub fn ring_and_wait(&self, moment: Moment, known: Vec<(Daemon, Status)>, limit: Duration) -> Option<HostFacts> {
        // One that is gone has nothing to show.
        self.bell.send((moment, known)).ok()?;
        self.facts.recv_timeout(limit).ok()
    }

    /// What was seen since the last call, if anything was.
    #[must_use]
    pub fn next(&self) -> Option<HostFacts> {
        self.facts.try_recv().ok()
    }
}

fn run(
    scope: &Scope,
    patience: Duration,
    moments: &Receiver<(Moment, Vec<(Daemon, Status)>)>,
    facts: &Sender<HostFacts>,
) {
    let mut budget = Budget::new(SHARE, Duration::ZERO);
    while let Ok((moment, known)) = moments.recv() {
        if !budget.allows(moment.monotonic) {
            continue;
        }
        let watch = Stopwatch::start();
        let questions = Questions {
            version: false,
            configuration: false,
            traffic: false,
            time: patience,
            credentials: None,
            known,
            now: moment.now,
        };
        let host = inspect::examine(scope.clone(), questions, Deadline::after(patience));
        budget.spend(moment.monotonic, watch.time().min(LONGEST / SHARE));
        let Some(host) = host else { continue };
        let file = |instance: &Instance| instance.configuration.as_ref().map(|file| canonical(&file.path));
        let files = host.instances.iter().map(file).collect();
        if facts.send(HostFacts { moment, host, files, load: load() }).is_err() {
            return;
        }
    }
}

/// How busy this host is, as far as proc(5) says.
fn load() -> Load {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let memory = read("/proc/meminfo");
    let size = |name: &str| {
        let line = memory.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().split(' ').next()?.parse::<u64>().ok()
    };
    Load {
        one_minute: read("/proc/loadavg").split(' ').next().and_then(|text| text.parse().ok()),
        memory: size("MemTotal:").zip(size("MemAvailable:")).map(|(total, left)| (total - left.min(total), total)),
    }
}
