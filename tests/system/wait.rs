//! Waiting for a condition instead of sleeping.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// Asks `condition` until it gives something; fails the test if that takes longer than half a minute.
pub(crate) fn wait_for<T>(what: &str, condition: impl FnMut() -> Option<T>) -> T {
    wait_for_what(&|| what.to_owned(), condition)
}

/// The same; `what` is made when it was in vain, and can tell how things stand then.
pub(crate) fn wait_for_what<T>(what: &dyn Fn() -> String, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {}", what());
        sleep(Duration::from_millis(10));
    }
}
