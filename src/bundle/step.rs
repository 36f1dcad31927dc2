//! Steps with time limits: what hangs, such as a file server that is gone, takes its part away and nothing else.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::{Gathered, Request};
use crate::control::Deadline;
use crate::panics;

/// Why something is missing that was not begun, or not waited for.
pub(super) const NO_TIME: &str = "its share of the time is over (--timeout gives more)";

/// What comes after the steps takes no longer, unless the machine is slow.
const LONGEST_REST: Duration = Duration::from_secs(30);

/// The steps of one bundle.
pub(super) struct Steps {
    request: Arc<Request>,
    gathered: Gathered,
    deadline: Deadline,
}

impl Steps {
    /// Of what is asked. A quarter of the time is for what comes after them, or less.
    pub(super) fn new(request: Request) -> Self {
        let deadline = Deadline::after(request.time.saturating_sub((request.time / 4).min(LONGEST_REST)));
        let mut gathered = Gathered::default();
        request.variables.passwords().for_each(|password| gathered.secrets.learn(&password));
        let account = ["USER", "LOGNAME"].map(|name| request.variables.text(name));
        account.into_iter().flatten().chain(request.root.host_name()).for_each(|name| gathered.secrets.keep(&name));
        if let Some(note) = &request.note {
            gathered.text("note.txt", "--note", note);
        }
        Self { request: Arc::new(request), gathered, deadline }
    }

    pub(super) fn request(&self) -> &Request {
        &self.request
    }

    /// Runs a step in a thread of its own, which is left to itself if it takes longer than half of the time that is left.
    pub(super) fn take<T: Send + 'static>(
        &mut self,
        what: &str,
        work: impl FnOnce(&Request, &mut Gathered, Deadline) -> T + Send + 'static,
    ) -> Option<T> {
        let limit = self.deadline.left().unwrap_or_default() / 2;
        let deadline = Deadline::after(limit * 9 / 10);
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
        if thread::Builder::new().spawn(whole).is_err() {
            self.gathered.missing(what, "no thread can be started");
            return None;
        }
        match receiver.recv_timeout(limit) {
            Ok(Ok((gathered, result))) => {
                self.gathered.merge(gathered);
                return Some(result);
            }
            Ok(Err(place)) => self.gathered.missing(what, format!("a fault of this program at {place}")),
            Err(RecvTimeoutError::Timeout) => self.gathered.missing(what, late(limit)),
            Err(RecvTimeoutError::Disconnected) => self.gathered.missing(what, "a fault of this program"),
        }
        None
    }

    /// The same of a step without a result.
    pub(super) fn run(&mut self, what: &str, work: impl FnOnce(&Request, &mut Gathered, Deadline) + Send + 'static) {
        let _ = self.take(what, work);
    }

    pub(super) fn finish(self) -> Gathered {
        self.gathered
    }
}

fn late(limit: Duration) -> String {
    format!("not done within {:.1} s (--timeout gives more)", limit.as_secs_f64())
}
