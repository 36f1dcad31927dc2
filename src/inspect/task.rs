//! All daemons, looked at one after the other, and within a limit of time.
//!
//! A daemon that is well answers within a millisecond, so one thread does for all of these, and threads are most of
//! what a look costs. Whoever keeps a thread waiting has it for himself: the others get a new one.

use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use super::ask::Around;
use super::cores::Kept;
use super::daemon::{self, Variables};
use super::root::Root;
use super::{Questions, Scope, survey};
use crate::control::Deadline;
use crate::health::kea::facts::{Instance, Machine};

/// What is the same for all daemons.
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
}

/// Looks the machine over, and then at every daemon. `None` if not even the first is done by the deadline; daemons that
/// take longer stay as they were.
#[must_use]
pub fn examine(scope: Scope, questions: Questions, deadline: Deadline) -> Option<Machine> {
    let work = Arc::new(Work::default());
    let first = {
        let work = Arc::clone(&work);
        move || {
            let machine = survey(&scope);
            let task = Arc::new(Task::new(scope, questions, &machine, deadline));
            work.begin(machine, Arc::clone(&task));
            work.go_on(&task);
        }
    };
    thread::Builder::new().spawn(first).ok()?;
    work.wait(deadline);
    work.state().machine.take()
}

/// What threads do together.
#[derive(Default)]
struct Work {
    state: Mutex<State>,
    /// All is done.
    done: Condvar,
}

#[derive(Default)]
struct State {
    /// What is known; nothing before it was looked over, and nothing when nobody waits any more.
    machine: Option<Machine>,
    task: Option<Arc<Task>>,
    /// How many of its daemons somebody looks at, or has.
    begun: usize,
    /// How many of them nobody has to look at any more.
    finished: usize,
}

impl State {
    fn count(&self) -> usize {
        self.machine.as_ref().map_or(0, |machine| machine.instances.len())
    }

    fn is_done(&self) -> bool {
        self.machine.is_some() && self.finished == self.count()
    }
}

impl Work {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, machine: Machine, task: Arc<Task>) {
        let mut state = self.state();
        (state.machine, state.task) = (Some(machine), Some(task));
        if state.is_done() {
            self.done.notify_all();
        }
    }

    /// The next daemon that nobody looks at yet, with its place.
    fn next(&self) -> Option<(usize, Instance)> {
        let mut state = self.state();
        let index = state.begun;
        let instance = state.machine.as_ref()?.instances.get(index)?.clone();
        state.begun += 1;
        Some((index, instance))
    }

    /// Looks at one daemon after the other.
    fn go_on(&self, task: &Task) {
        while let Some((index, mut instance)) = self.next() {
            daemon::look(task, &mut instance);
            let mut state = self.state();
            let Some(machine) = &mut state.machine else { return };
            machine.instances[index] = instance;
            state.finished += 1;
            if state.is_done() {
                self.done.notify_all();
            }
        }
    }

    /// Waits until all is done, or for the deadline. A thread that has got no further for a while is stuck: then another
    /// goes on with the rest.
    fn wait(self: &Arc<Self>, deadline: Deadline) {
        let mut before = 0;
        let mut state = self.state();
        while let Some(left) = deadline.left().filter(|_| !state.is_done()) {
            let limit = patience(&state, left);
            let (next, waited) = self.done.wait_timeout(state, limit).unwrap_or_else(PoisonError::into_inner);
            state = next;
            let is_stuck = waited.timed_out() && state.finished == before && state.begun < state.count();
            before = state.finished;
            if is_stuck && self.add_thread(&state).is_break() {
                return;
            }
        }
    }

    fn add_thread(self: &Arc<Self>, state: &State) -> ControlFlow<()> {
        let Some(task) = state.task.clone() else { return ControlFlow::Continue(()) };
        let work = Arc::clone(self);
        match thread::Builder::new().spawn(move || work.go_on(&task)) {
            Ok(_) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

/// How long a thread may get no further.
fn patience(state: &State, left: Duration) -> Duration {
    const PATIENCE: Duration = Duration::from_millis(30);
    if state.machine.is_some() && state.begun == state.count() {
        return left;
    }
    // Even if all of them hang, the last is asked in time.
    let count = u32::try_from(state.count().max(1)).unwrap_or(u32::MAX);
    PATIENCE.min(left / 20 / count).max(Duration::from_millis(1))
}

impl Task {
    fn new(scope: Scope, mut questions: Questions, machine: &Machine, deadline: Deadline) -> Self {
        // What comes after the answers takes little; who hangs must not take the time to say so.
        questions.time = deadline.left().unwrap_or_default() * 4 / 5;
        let processes = || machine.instances.iter().filter_map(|it| Some((it.daemon, it.process.as_ref()?)));
        let around = Around {
            pids: processes().map(|(_, process)| process.pid).collect(),
            processes: processes().map(|(daemon, process)| (daemon, process.pid, process.uid)).collect(),
            is_hidden: machine.hidden.is_some(),
            units_are_unknown: machine.units_are_unknown,
        };
        Self {
            root: scope.root,
            questions,
            variables: scope.variables,
            around,
            details: scope.details,
            deadline,
            cores: OnceLock::new(),
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
