//! Connections that have not sent a request yet: where there are too many, the oldest makes room.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;

/// Them, the oldest first, each with its number.
#[derive(Debug, Default)]
pub(super) struct Idle(Mutex<VecDeque<(u64, AbortHandle)>>);

impl Idle {
    fn list(&self) -> MutexGuard<'_, VecDeque<(u64, AbortHandle)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, number: u64, task: AbortHandle) {
        self.list().push_back((number, task));
    }

    /// It has sent a request, or has ended.
    pub(super) fn remove(&self, number: u64) {
        self.list().retain(|(other, _)| *other != number);
    }

    pub(super) fn end_oldest(&self) {
        if let Some((_, task)) = self.list().pop_front() {
            task.abort();
        }
    }
}
