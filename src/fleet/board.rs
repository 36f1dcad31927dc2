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
