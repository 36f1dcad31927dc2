//! Examines all daemons in turn, within a time limit.
//!
//! A healthy daemon answers within a millisecond, so one thread examines all of them; starting threads is most of the
//! cost. If a daemon blocks its thread, a new thread continues with the others.

use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::task::Task;
use super::{Questions, Scope, daemon, replaced, survey};
use crate::control::Deadline;
use crate::health::kea::facts::{Host, Instance};

/// Examines the machine, and then every daemon. `None` if not even the machine is done by the deadline; daemons that take
/// longer stay incomplete.
#[must_use]
pub fn examine(scope: Scope, questions: Questions, deadline: Deadline) -> Option<Host> {
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
    let machine = work.state().machine.take();
    machine.map(replaced::without)
}

/// The state shared by the threads.
#[derive(Default)]
struct Work {
    state: Mutex<State>,
    /// All is done.
    done: Condvar,
}

#[derive(Default)]
struct State {
    /// The facts; `None` before the machine is examined, and after the deadline.
    machine: Option<Host>,
    task: Option<Arc<Task>>,
    /// How many daemons were started.
    begun: usize,
    /// How many of them are done.
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

    fn begin(&self, machine: Host, task: Arc<Task>) {
        let mut state = self.state();
        (state.machine, state.task) = (Some(machine), Some(task));
        if state.is_done() {
            self.done.notify_all();
        }
    }

    /// The next daemon that no thread has started, with its index.
    fn next(&self) -> Option<(usize, Instance)> {
        let mut state = self.state();
        let index = state.begun;
        let instance = state.machine.as_ref()?.instances.get(index)?.clone();
        state.begun += 1;
        Some((index, instance))
    }

    /// Examines one daemon after the other.
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

    /// Waits until all are done, or for the deadline. If no daemon was completed for a while, the thread is stuck, and
    /// another one continues with the rest.
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
    // Even if all of them hang, the last is queried in time.
    let count = u32::try_from(state.count().max(1)).unwrap_or(u32::MAX);
    PATIENCE.min(left / 20 / count).max(Duration::from_millis(1))
}
