//! Steps with time limits: what hangs, such as a file server that is gone, takes its part away and nothing else.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::{Gathered, Request, withheld};
use crate::control::Deadline;
use crate::panics::{self, PanicLocation};

/// Why something is missing that was not begun, or not waited for.
pub(super) const NO_TIME: &str = "its share of the time is over (--timeout gives more)";

/// Why something is not known.
const GIVEN_UP: &str = "the step that reads them was given up";

/// What comes after the steps takes no longer, unless the machine is slow.
const LONGEST_REST: Duration = Duration::from_secs(30);

/// A step that has begun.
pub(super) struct Begun<T> {
    what: &'static str,
    /// `None` if it could not begin.
    done: Option<Receiver<Result<(Gathered, T), PanicLocation>>>,
}

/// The steps of one bundle.
pub(super) struct Steps {
    request: Arc<Request>,
    pub(super) gathered: Gathered,
    deadline: Deadline,
    /// The end of all of it.
    end: Deadline,
}

impl Steps {
    /// Of what is asked. A quarter of the time is for what comes after them, or less.
    pub(super) fn new(request: Request) -> Self {
        let deadline = Deadline::after(request.time.saturating_sub((request.time / 4).min(LONGEST_REST)));
        let end = Deadline::after(request.time);
        let mut gathered = Gathered { spool: request.spool.clone(), ..Gathered::default() };
        request.variables.passwords().for_each(|password| gathered.secrets.learn(&password));
        let account = ["USER", "LOGNAME"].map(|name| request.variables.text(name));
        account.into_iter().flatten().chain(request.root.host_name()).for_each(|name| gathered.secrets.keep(&name));
        if let Some(note) = &request.note {
            gathered.text("note.txt", "--note", note);
        }
        Self { request: Arc::new(request), gathered, deadline, end }
    }

    pub(super) fn request(&self) -> &Request {
        &self.request
    }

    /// Runs a step in a thread of its own, which is left to itself if it takes longer than half of the time that is left.
    pub(super) fn take<T: Send + 'static>(
        &mut self,
        what: &'static str,
        work: impl FnOnce(&Request, &mut Gathered, Deadline) -> T + Send + 'static,
    ) -> Option<T> {
        let begun = self.begin(what, work);
        self.end(begun)
    }

    /// Runs a step that learns secrets. Where it is given up, nothing is copied that may have them.
    pub(super) fn learn<T: Send + 'static>(
        &mut self,
        what: &'static str,
        work: impl FnOnce(&Request, &mut Gathered, Deadline) -> T + Send + 'static,
    ) -> Option<T> {
        let result = self.take(what, work);
        if result.is_none() {
            self.gathered.unlearned.secrets(what, GIVEN_UP);
        }
        result
    }

    /// The same of names of clients.
    pub(super) fn learn_names(
        &mut self,
        what: &'static str,
        work: impl FnOnce(&Request, &mut Gathered, Deadline) + Send + 'static,
    ) {
        if self.take(what, work).is_none() {
            self.gathered.unlearned.names(what, GIVEN_UP);
        }
    }

    /// Begins a step, which others may run next to.
    pub(super) fn begin<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce(&Request, &mut Gathered, Deadline) -> T + Send + 'static,
    ) -> Begun<T> {
        let deadline = Deadline::after(self.limit() * 9 / 10);
        let request = Arc::clone(&self.request);
        let (sender, receiver) = mpsc::channel();
        let whole = move || {
            let done = panics::catch(|| {
                let mut gathered = Gathered::default();
                let result = work(&request, &mut gathered, deadline);
                (gathered, result)
            });
            // The receiver may be gone.
            let _ = sender.send(done);
        };
        let is_begun = thread::Builder::new().spawn(whole).is_ok();
        Begun { what, done: is_begun.then_some(receiver) }
    }

    /// Waits for a step for half of the time that is left, and takes over what it has gathered.
    pub(super) fn end<T>(&mut self, Begun { what, done }: Begun<T>) -> Option<T> {
        let limit = self.limit();
        let Some(done) = done else {
            self.gathered.missing(what, "no thread can be started");
            return None;
        };
        match done.recv_timeout(limit) {
            Ok(Ok((gathered, result))) => {
                self.gathered.merge(gathered);
                return Some(result);
            }
            Ok(Err(place)) => self.gathered.missing(what, fault(&place)),
            Err(RecvTimeoutError::Timeout) => self.gathered.missing(what, late(limit)),
            Err(RecvTimeoutError::Disconnected) => self.gathered.missing(what, "a fault of this program"),
        }
        None
    }

    /// Runs a step in this thread: one that keeps to its time, with what other threads cannot have.
    pub(super) fn here(&mut self, what: &'static str, work: impl FnOnce(&Request, &mut Gathered, Deadline)) {
        let deadline = Deadline::after(self.limit() * 9 / 10);
        if let Err(place) = panics::catch(|| work(&self.request, &mut self.gathered, deadline)) {
            self.gathered.missing(what, fault(&place));
        }
    }

    fn limit(&self) -> Duration {
        self.deadline.left().unwrap_or_default() / 2
    }

    /// The same of a step without a result.
    pub(super) fn run(
        &mut self,
        what: &'static str,
        work: impl FnOnce(&Request, &mut Gathered, Deadline) + Send + 'static,
    ) {
        let _ = self.take(what, work);
    }

    pub(super) fn finish(mut self) -> Gathered {
        self.gathered.remove_never_copied();
        withheld::leave_out(&mut self.gathered, self.request.anonymizer.is_some());
        // The rest is for packing.
        self.gathered.until = Some(Deadline::after(self.end.left().unwrap_or_default() * 3 / 4));
        self.gathered
    }
}

/// Why something is missing where a step or a part of it has panicked.
pub(super) fn fault(place: &str) -> String {
    format!("a fault of this program at {place}")
}

fn late(limit: Duration) -> String {
    format!("not done within {:.1} s (--timeout gives more)", limit.as_secs_f64())
}
