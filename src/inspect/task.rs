//! All daemons, looked at one after the other, and within a limit of time.
//!
//! A daemon that is well answers within a millisecond, so one thread does for all of these, and threads are most of
//! what a look costs. Whoever keeps a thread waiting has it for himself: the others get a new one.

use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use super::ask::Around;
use super::cores::Kept;
use super::daemon::{self, Variables};
use super::root::Root;
use super::{Questions, Scope, survey};
use crate::control::Deadline;
use crate::health::kea::facts::{Instance, Machine};

/// What there is to do, and what is the same for all daemons.
pub(super) struct Task {
    /// The machine.
    pub root: Root,
    /// What to ask.
    pub questions: Questions,
    /// Variables of our own environment.
    pub variables: Variables,
    /// Who is there.
    pub around: Around,
    /// Whether everything is to be told, so that it is worth to look for what is not in a file.
    pub details: bool,
    deadline: Deadline,
    cores: OnceLock<Kept>,
    /// The daemons that nobody looks at yet, with their places.
    queue: Mutex<VecDeque<(usize, Instance)>>,
}

/// A daemon that was looked at, with its place.
type Done = (usize, Instance);

/// Looks the machine over, and then at every daemon. `None` if not even the first is done by the deadline; daemons that
/// take longer stay as they were.
#[must_use]
pub fn examine(scope: Scope, questions: Questions, deadline: Deadline) -> Option<Machine> {
    let (surveyed, survey_done) = mpsc::channel();
    let (done, results) = mpsc::channel();
    let sender = done.clone();
    let first = move || {
        let machine = survey(&scope);
        let task = Arc::new(Task::new(scope, questions, &machine, deadline));
        // Nobody may be waiting any more.
        if surveyed.send((machine, Arc::clone(&task))).is_ok() {
            task.work(&sender);
        }
    };
    thread::Builder::new().spawn(first).ok()?;
    let (mut machine, task) = survey_done.recv_timeout(deadline.left()?).ok()?;
    collect(&mut machine, &task, &done, &results);
    Some(machine)
}

/// Waits for the results, and gets the queue another thread whenever one is stuck.
fn collect(machine: &mut Machine, task: &Arc<Task>, done: &Sender<Done>, results: &Receiver<Done>) {
    const PATIENCE: Duration = Duration::from_millis(30);
    let left = || task.deadline.left().unwrap_or_default();
    let count = machine.instances.len();
    // Even if all of them hang, the last is asked in time.
    let patience = PATIENCE.min(left() / 20 / u32::try_from(count.max(1)).unwrap_or(u32::MAX));
    let mut open = count;
    while open > 0 {
        let is_queue_empty = task.queue.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
        let limit = if is_queue_empty { left() } else { left().min(patience) };
        match results.recv_timeout(limit) {
            Ok((index, instance)) => {
                machine.instances[index] = instance;
                open -= 1;
            }
            Err(_) if is_queue_empty || left().is_zero() || !Task::start(task, done) => break,
            Err(_) => {}
        }
    }
}

impl Task {
    fn new(scope: Scope, mut questions: Questions, machine: &Machine, deadline: Deadline) -> Self {
        // What comes after the answers takes little; who hangs must not take the time to say so.
        questions.time = deadline.left().unwrap_or_default() * 4 / 5;
        let processes = machine.instances.iter().filter_map(|instance| instance.process.as_ref());
        let pids = processes.map(|process| process.pid).collect();
        Self {
            root: scope.root,
            questions,
            variables: scope.variables,
            around: Around { pids, is_hidden: machine.hidden.is_some() },
            details: scope.details,
            deadline,
            cores: OnceLock::new(),
            queue: Mutex::new(machine.instances.iter().cloned().enumerate().collect()),
        }
    }

    /// Starts a thread that looks at one daemon of the queue after the other.
    fn start(task: &Arc<Self>, done: &Sender<Done>) -> bool {
        let (task, done) = (Arc::clone(task), done.clone());
        thread::Builder::new().spawn(move || task.work(&done)).is_ok()
    }

    fn work(&self, done: &Sender<Done>) {
        let next = || self.queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        while let Some((index, mut instance)) = next() {
            daemon::look(self, &mut instance);
            // Nobody may be waiting any more.
            let _ = done.send((index, instance));
        }
    }

    /// Core files, read once for all daemons.
    pub(super) fn cores(&self) -> &Kept {
        self.cores.get_or_init(|| Kept::list(&self.root))
    }

    /// How long another program may take at this moment, so that what is known already can still be told.
    pub(super) fn rest(&self) -> Duration {
        self.deadline.left().unwrap_or_default() * 3 / 4
    }
}
