//! Work on several files at once.

use std::sync::{Mutex, PoisonError};
use std::{panic, thread};

/// What `work` makes of each item, in the order of the items. Two are worked on at a time: the machine has other work.
pub(super) fn each<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let queue = Mutex::new(items.into_iter().enumerate());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let rest = || {
        let mut done = Vec::new();
        while let Some((at, item)) = next() {
            done.push((at, work(item)));
        }
        done
    };
    let mut done = thread::scope(|scope| {
        let other = thread::Builder::new().spawn_scoped(scope, rest);
        let mut done = rest();
        // Where no thread can be started, only time is lost.
        if let Ok(other) = other {
            done.extend(other.join().unwrap_or_else(|fault| panic::resume_unwind(fault)));
        }
        done
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..100).collect();
        assert_eq!(each(items, |item| item * 2), (0..100).map(|item| item * 2).collect::<Vec<_>>());
        assert!(each(Vec::<u64>::new(), |item| item).is_empty());
    }
}
