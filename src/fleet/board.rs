//! The latest answers of each place, for clients that ask at the same time and do not wait equally long.
//!
//! Each place has a worker, which asks it at most once at a time. A client waits for the answers until its own deadline; a place that
//! has not answered by then is down for it, whatever others wait for.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::asked::modified;
use super::poller::Poller;
use super::{Moment, PollOptions, ServerEndpoint};
use crate::control::{Deadline, Stopwatch};
use crate::error::{Error, Result};
use crate::fs::access::may_exist;
use crate::stats::reading::{Answers, Reading};

/// The workers; they end when this is dropped and they have finished what they do.
#[derive(Debug)]
pub struct Board {
    desks: Vec<Desk>,
    wanted: PollOptions,
}

/// A place and its worker.
#[derive(Debug)]
struct Desk {
    place: ServerEndpoint,
    /// When its configuration was written.
    written: Option<i64>,
    bell: Sender<(Moment, Deadline)>,
    latest: Arc<Latest>,
}

/// What a place has answered last.
#[derive(Debug)]
struct Latest {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    is_busy: bool,
    /// When the answers were complete, on the clock of the moments.
    at: Option<Duration>,
    readings: Vec<Reading>,
}

/// Answers that a client waits for.
#[derive(Debug)]
pub struct Awaited {
    latest: Vec<Arc<Latest>>,
    /// Older answers are not good enough.
    since: Duration,
}

impl Board {
    /// Of these places; nothing is asked yet.
    pub fn new(places: Vec<ServerEndpoint>, wanted: PollOptions) -> Result<Self> {
        let mut board = Self { desks: Vec::new(), wanted };
        board.replace(places)?;
        Ok(board)
    }

    /// Has these places instead. What is known of those that stay is kept.
    pub fn replace(&mut self, places: Vec<ServerEndpoint>) -> Result<()> {
        let mut old = std::mem::take(&mut self.desks);
        for place in places {
            let known = old.iter().position(|desk| desk.place == place).map(|index| old.swap_remove(index));
            let mut desk = known.map_or_else(|| Desk::start(place, self.wanted), Ok)?;
            desk.written = desk.when_written();
            self.desks.push(desk);
        }
        Ok(())
    }

    /// Whether the daemons of this host may be elsewhere by now: one is down, or its configuration was written.
    #[must_use]
    pub fn may_have_moved(&self) -> bool {
        let is_down = |desk: &Desk| desk.latest.lock().readings.iter().any(|reading| reading.answers.is_none());
        self.desks.iter().any(|desk| is_down(desk) || desk.when_written() != desk.written)
    }

    /// Keeps what is known of daemons of this host whose configuration can no longer be used: where they take commands, and that
    /// they should be there.
    pub fn keep(&self, places: &mut Vec<ServerEndpoint>) {
        for place in places.iter_mut().filter(|place| place.fault.is_some()) {
            let is_it = |desk: &&Desk| desk.place.daemon == place.daemon && desk.place.file() == place.file();
            if let Some(desk) = self.desks.iter().find(is_it) {
                place.addresses.clone_from(&desk.place.addresses);
            }
        }
        let lost = |desk: &&Desk| {
            let is_removed = desk.place.config.as_deref().is_some_and(|file| !may_exist(file));
            is_removed && desk.is_expected() && places.iter().all(|place| place.daemon != desk.place.daemon)
        };
        let removed: Vec<_> = self.desks.iter().filter(lost).map(|desk| desk.place.clone().without_file()).collect();
        places.extend(removed);
    }

    /// Has daemons run that were expected to before, wherever they take commands now.
    pub fn expect(&self, places: &mut [ServerEndpoint]) {
        for place in places.iter_mut().filter(|place| place.is_optional) {
            let is_it = |desk: &Desk| desk.place.daemon == place.daemon && desk.place.file() == place.file();
            place.is_optional = !self.desks.iter().any(|desk| is_it(desk) && desk.is_expected());
        }
    }

    /// Marks places that are known as they were marked; whether all are known.
    #[must_use]
    pub fn recall(&self, places: &mut [ServerEndpoint]) -> bool {
        let mut are_known = true;
        for place in places {
            let is_it =
                |desk: &&Desk| ServerEndpoint { is_optional: place.is_optional, ..desk.place.clone() } == *place;
            match self.desks.iter().find(is_it) {
                Some(desk) => place.is_optional = desk.place.is_optional,
                None => are_known = false,
            }
        }
        are_known
    }

    /// Has each place asked whose answers are older than `age`, unless it is being asked. It has until the deadline.
    #[must_use]
    pub fn ask(&self, moment: Moment, deadline: Deadline, age: Duration) -> Awaited {
        let since = moment.monotonic.saturating_sub(age);
        for desk in &self.desks {
            let mut state = desk.latest.lock();
            if !state.is_busy && !state.is_fresh(since) {
                // A worker that is gone has ended the program.
                state.is_busy = desk.bell.send((moment, deadline)).is_ok();
            }
        }
        Awaited { latest: self.desks.iter().map(|desk| Arc::clone(&desk.latest)).collect(), since }
    }
}

impl Awaited {
    /// The answers of each place. One that does not answer before the deadline is down.
    #[must_use]
    pub fn wait(&self, deadline: Deadline) -> Vec<Reading> {
        self.latest.iter().flat_map(|latest| latest.wait(self.since, deadline)).collect()
    }
}

impl Latest {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, since: Duration, deadline: Deadline) -> Vec<Reading> {
        let mut state = self.lock();
        while !state.is_fresh(since) {
            let Some(left) = deadline.left() else { return state.readings.iter().map(late).collect() };
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.readings.clone()
    }
}

impl State {
    fn is_fresh(&self, since: Duration) -> bool {
        self.at.is_some_and(|at| at >= since)
    }

    /// Keeps nothing of the answers but that there were any, while the next are awaited: of a large server they take much memory.
    fn forget_answers(&mut self) {
        self.at = None;
        self.readings.iter_mut().filter_map(|it| it.answers.as_deref_mut()).for_each(|it| *it = Answers::default());
    }
}

/// What is known of a daemon that is still being asked.
fn late(known: &Reading) -> Reading {
    let (server, daemon) = (known.server.clone(), known.daemon);
    let cause = Some("no answer in time".to_owned());
    Reading { server, daemon, trouble: Some("timeout"), cause, took: Duration::ZERO, answers: None }
}

impl Desk {
    fn start(place: ServerEndpoint, wanted: PollOptions) -> Result<Self> {
        let poller = Poller::new(place.clone());
        let state = State { is_busy: false, at: None, readings: poller.before() };
        let latest = Arc::new(Latest { state: Mutex::new(state), changed: Condvar::new() });
        let (bell, calls) = channel();
        let worker = Worker { poller, wanted, latest: Arc::clone(&latest) };
        let started = thread::Builder::new().name("place".into()).spawn(move || worker.run(&calls));
        started.map_err(|cause| Error::io("start a thread", &cause))?;
        Ok(Self { place, written: None, bell, latest })
    }

    /// Whether it need run: it has answered, or was expected to from the start.
    fn is_expected(&self) -> bool {
        !self.latest.lock().readings.is_empty()
    }

    fn when_written(&self) -> Option<i64> {
        self.place.config.as_deref().and_then(modified)
    }
}

struct Worker {
    poller: Poller,
    wanted: PollOptions,
    latest: Arc<Latest>,
}

impl Worker {
    fn run(mut self, calls: &Receiver<(Moment, Deadline)>) {
        while let Ok((moment, deadline)) = calls.recv() {
            let watch = Stopwatch::start();
            self.latest.lock().forget_answers();
            let readings = self.poller.poll(moment, deadline, self.wanted);
            let at = Some(moment.monotonic + watch.time());
            *self.latest.lock() = State { is_busy: false, at, readings };
            self.latest.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::config::Daemon;
    use crate::fleet::{ConfigurationFault, Leases};
    use crate::stats::reading::BAD_CONFIGURATION;

    const WANTED: PollOptions = PollOptions {
        subnets: false,
        leases: Leases::Never,
        pause: Duration::ZERO,
        longest_wait: Duration::ZERO,
        file_pause: Duration::ZERO,
        follow: false,
        keep_configuration: false,
    };

    fn place(daemon: Daemon, file: &Path, address: &str) -> ServerEndpoint {
        let (daemon, config) = (Some(daemon), Some(file.to_owned()));
        ServerEndpoint { daemon, config, ..ServerEndpoint::at(address.parse().unwrap()) }
    }

    #[test]
    fn a_daemon_whose_configuration_is_lost_stays() {
        let folder = tempfile::tempdir().unwrap();
        let [broken, removed, optional] = ["4", "6", "d"].map(|name| folder.path().join(name));
        fs::write(&broken, "{").unwrap();
        let unused = ServerEndpoint { is_optional: true, ..place(Daemon::Ddns, &optional, "/x/d") };
        let known = [place(Daemon::Dhcp4, &broken, "/x/4"), place(Daemon::Dhcp6, &removed, "/x/6"), unused];
        let mut board = Board::new(known.to_vec(), WANTED).unwrap();
        let mut marked = known.clone().map(|place| ServerEndpoint { is_optional: true, ..place });
        board.expect(&mut marked);
        assert_eq!(marked.map(|place| place.is_optional), [false, false, true]);
        let fault = Some(ConfigurationFault { reason: BAD_CONFIGURATION, cause: "wrong".into() });
        for round in 1..=2 {
            let mut found = vec![ServerEndpoint { fault: fault.clone(), ..place(Daemon::Dhcp4, &broken, "/usual") }];
            board.keep(&mut found);
            let [four, six] = &found[..] else { panic!("round {round}: {found:?}") };
            assert_eq!((&four.addresses, &four.fault), (&known[0].addresses, &fault), "round {round}");
            assert_eq!((&six.addresses, six.daemon), (&known[1].addresses, Some(Daemon::Dhcp6)), "round {round}");
            assert!(six.fault.as_ref().unwrap().cause.ends_with("/6 was removed"), "round {round}");
            board.replace(found).unwrap();
        }
    }

    #[test]
    fn a_bad_configuration_is_why_there_is_no_answer() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kea-dhcp4.conf");
        let fault = Some(ConfigurationFault { reason: BAD_CONFIGURATION, cause: "wrong".into() });
        let usual = ServerEndpoint { fault, ..place(Daemon::Dhcp4, &file, "/nowhere/socket") };
        let without = ServerEndpoint { addresses: Vec::new(), ..usual.clone() };
        let unused = ServerEndpoint { is_optional: true, ..usual.clone() };
        for (place, expected) in [(usual, 1), (without, 1), (unused, 0)] {
            let board = Board::new(vec![place], WANTED).unwrap();
            let deadline = Deadline::after(Duration::from_secs(300));
            let readings = board.ask(Moment::default(), deadline, Duration::ZERO).wait(deadline);
            assert_eq!(readings.len(), expected);
            for reading in readings {
                assert_eq!((reading.trouble, reading.cause.as_deref()), (Some(BAD_CONFIGURATION), Some("wrong")));
                assert_eq!(reading.daemon, Some(Daemon::Dhcp4));
            }
        }
    }
}
