//! Panics: a bug in this program or in a library becomes a value or a one-line error, never a stack trace.
//!
//! A panic unwinds only its own thread. Within [`catch`] it becomes a value. Elsewhere the function given to [`install`]
//! ends the process from the panicking thread, since other threads would wait for that thread without end.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, Location};

/// Where a panic happened: `src/lease/mod.rs:12`, `mysql_common-0.37.3/src/scramble.rs:171`.
pub type PanicLocation = String;

thread_local! {
    /// The number of nested calls of [`catch`] in this thread.
    static CATCHING: Cell<u32> = const { Cell::new(0) };
    /// Where the latest panic in them happened.
    static LATEST: RefCell<Option<PanicLocation>> = const { RefCell::new(None) };
}

/// Runs `work`; a panic in it becomes the place where it happened, which is empty if [`install`] was not called before.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, PanicLocation> {
    CATCHING.with(|depth| depth.set(depth.get() + 1));
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    CATCHING.with(|depth| depth.set(depth.get() - 1));
    done.map_err(|_| LATEST.take().unwrap_or_default())
}

/// From now on a panic is not reported by Rust. Outside of [`catch`], `end` is called with the place.
///
/// Where the developer `wants_report`, Rust's report comes in addition.
pub fn install(wants_report: bool, end: impl Fn(&str) + Send + Sync + 'static) {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |found| {
        if wants_report {
            usual(found);
        }
        let place = found.location().map(place).unwrap_or_default();
        if CATCHING.get() == 0 {
            end(&place);
        } else {
            LATEST.set(Some(place));
        }
    }));
}

/// Without the directories of the machine that the program was built on.
fn place(location: &Location<'_>) -> PanicLocation {
    let file = location.file();
    let in_crate = file.split_once("/registry/src/").and_then(|(_, rest)| rest.split_once('/')).map(|(_, rest)| rest);
    let in_library = file.rsplit_once("/library/").map(|(_, rest)| rest);
    format!("{}:{}", in_crate.or(in_library).unwrap_or(file), location.line())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_value_and_what_works_stays() {
        assert_eq!(catch(|| 7), Ok(7));
        assert!(catch(|| panic!("a test")).is_err());
        assert_eq!(CATCHING.get(), 0);
    }
}
