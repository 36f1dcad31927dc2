//! Ctrl-C and SIGTERM: nothing half-done stays behind.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, OnceLock, PoisonError};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use signal_hook::low_level::pipe;

use super::terminal;
use crate::exit::Exit;

/// The files to remove if the process is told to end.
static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// From now on SIGHUP, SIGINT and SIGTERM remove what is registered and end the process with 128 plus the signal.
///
/// A thread waits for them, so that even a connection that never answers can be ended. It is there from the first time
/// that something is to be given back; until then, and where no thread is to be had, signals have their usual effect.
pub(super) fn watch() {
    WATCHED.call_once(start);
}

/// Leaves signals to a program that ends in order by itself, whatever it has to give back.
pub fn leave() {
    WATCHED.call_once(|| ());
}

/// Whether somebody looks after signals.
static WATCHED: Once = Once::new();

fn start() {
    let Ok(mut signals) = Signals::new(wanted()) else { return };
    let wait = move || {
        if let Some(signal) = signals.forever().next() {
            // Held until the end: nobody renames a file that is about to go.
            let files = registered();
            give_back(&files);
            let code = Exit::Signal(u8::try_from(signal).unwrap_or(u8::MAX)).code();
            #[allow(clippy::disallowed_methods)]
            std::process::exit(code.into());
        }
    };
    let _ = thread::Builder::new().name("signals".into()).spawn(wait);
}

/// Ends the process with this status after what is registered was given back, as a signal does. For a thread that cannot
/// go on; it may itself hold the list, and then files stay.
pub(super) fn end(status: Exit) -> ! {
    give_back(&TEMPORARY.try_lock().map(|files| files.clone()).unwrap_or_default());
    #[allow(clippy::disallowed_methods)]
    std::process::exit(status.code().into())
}

fn give_back(files: &[PathBuf]) {
    for file in files {
        let _ = fs::remove_file(file);
    }
    terminal::restore();
}

/// From now on SIGHUP, SIGINT and SIGTERM end nothing: one octet can be read for each, so that a program that waits can
/// finish in order. For programs that never have a file half-written.
pub fn interruptions() -> io::Result<OwnedFd> {
    let (ours, theirs) = UnixStream::pair()?;
    let latest = LATEST.get_or_init(Arc::default);
    for signal in wanted() {
        flag::register_usize(signal, Arc::clone(latest), usize::try_from(signal).unwrap_or_default())?;
        pipe::register(signal, theirs.try_clone()?)?;
    }
    ours.set_nonblocking(true)?;
    Ok(ours.into())
}

/// Which signal has come last since [`interruptions`]; SIGINT, if none has.
pub fn latest() -> u8 {
    let number = LATEST.get().map_or(0, |latest| latest.load(Ordering::Relaxed));
    u8::try_from(number).ok().filter(|number| *number != 0).unwrap_or(INTERRUPT)
}

/// The number of SIGINT.
pub const INTERRUPT: u8 = 2;

/// The signal that has come last.
static LATEST: OnceLock<Arc<AtomicUsize>> = OnceLock::new();

/// Those of SIGHUP, SIGINT and SIGTERM that whoever started us does not want ignored, as nohup does, and shells for jobs
/// in the background.
fn wanted() -> impl Iterator<Item = i32> {
    let mut status = Vec::with_capacity(4096);
    // What cannot be read says nothing.
    let _ = File::open("/proc/self/status").and_then(|mut file| file.read_to_end(&mut status));
    let mask = status.split(|octet| *octet == b'\n').find_map(|line| line.strip_prefix(b"SigIgn:"));
    let mask = mask.and_then(|mask| std::str::from_utf8(mask.trim_ascii()).ok());
    let ignored = mask.and_then(|mask| u64::from_str_radix(mask, 16).ok()).unwrap_or(0);
    [SIGHUP, SIGINT, SIGTERM].into_iter().filter(move |signal| ignored & (1 << (signal - 1)) == 0)
}

/// Has `file` removed if a signal ends the process.
pub(super) fn register(file: &Path) {
    watch();
    registered().push(file.to_owned());
}

/// Does `act`, which gives `settled` their names for good or removes them, with signals held off.
pub(super) fn settle<T>(settled: &[PathBuf], act: impl FnOnce() -> T) -> T {
    let mut files = registered();
    files.retain(|file| !settled.contains(file));
    act()
}

fn registered() -> MutexGuard<'static, Vec<PathBuf>> {
    TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner)
}
