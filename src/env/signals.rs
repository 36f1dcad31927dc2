//! Ctrl-C, SIGTERM and SIGHUP: temporary files are removed before the process ends.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, OnceLock, PoisonError};
use std::thread;

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use signal_hook::low_level::{emulate_default_handler, pipe};

use super::restore;
use crate::exit::Exit;

/// The files to remove if a signal ends the process.
static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// What is printed on stderr if a signal ends the process before its files have their names.
static LAST_LINE: OnceLock<String> = OnceLock::new();

/// From now on a signal that removes registered files prints this line.
pub fn say_at_end(line: impl Into<String>) {
    // The first one stays.
    let _ = LAST_LINE.set(line.into());
}

/// From now on SIGHUP, SIGINT and SIGTERM remove the registered files and end the process with 128 plus the signal.
///
/// A thread waits for them, so that a signal also ends a connection that never answers. It starts when the first file is
/// registered; before that, and if no thread can be started, signals have their default effect.
pub fn watch() {
    WATCHED.call_once(start);
}

/// From now on the terminal is restored while the process is stopped (Ctrl-Z), and the full screen entered again when it continues;
/// SIGQUIT ends the process as the other signals do.
pub(super) fn watch_stops() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let Ok(mut signals) = Signals::new([SIGTSTP, SIGCONT, SIGQUIT]) else { return };
        let wait = move || {
            for signal in signals.forever() {
                match signal {
                    SIGCONT => restore::enter(),
                    SIGQUIT => end(Exit::Signal(QUIT)),
                    _ => {
                        restore::leave();
                        let _ = emulate_default_handler(SIGTSTP);
                    }
                }
            }
        };
        let _ = thread::Builder::new().name("stops".into()).spawn(wait);
    });
}

/// Leaves signals to a program that handles them itself.
pub fn leave() {
    WATCHED.call_once(|| ());
}

/// From now on SIGHUP does not end the process: for a service, which init scripts send it to.
pub fn ignore_hangup() {
    // Where it cannot be ignored, it has its default effect.
    let _ = flag::register(SIGHUP, Arc::default());
}

/// Whether signals are handled.
static WATCHED: Once = Once::new();

fn start() {
    let Ok(mut signals) = Signals::new(wanted()) else { return };
    let wait = move || {
        if let Some(signal) = signals.forever().next() {
            // Held until the end, so that no thread renames a file that is being removed.
            let files = registered();
            give_back(&files);
            if let Some(line) = LAST_LINE.get().filter(|_| !files.is_empty()) {
                // A stream that is gone leaves the exit status.
                let _ = writeln!(io::stderr(), "{line}");
            }
            let code = Exit::Signal(u8::try_from(signal).unwrap_or(u8::MAX)).code();
            #[expect(clippy::disallowed_methods, reason = "the end of a real process")]
            std::process::exit(code.into());
        }
    };
    let _ = thread::Builder::new().name("signals".into()).spawn(wait);
}

/// Ends the process with this status after the registered files are removed, as a signal does. For a thread that cannot
/// continue; if that thread holds the list itself, files stay.
pub(super) fn end(status: Exit) -> ! {
    give_back(&TEMPORARY.try_lock().map(|files| files.clone()).unwrap_or_default());
    #[expect(clippy::disallowed_methods, reason = "the end of a real process")]
    std::process::exit(status.code().into())
}

fn give_back(files: &[PathBuf]) {
    for file in files {
        let _ = fs::remove_file(file);
    }
    restore::terminal();
}

/// From now on SIGHUP, SIGINT and SIGTERM do not end the process: one byte can be read for each, so that a waiting
/// program can finish in order. For programs without temporary files.
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

/// The last signal since [`interruptions`]; SIGINT, if there was none.
pub fn latest() -> u8 {
    let number = LATEST.get().map_or(0, |latest| latest.load(Ordering::Relaxed));
    u8::try_from(number).ok().filter(|number| *number != 0).unwrap_or(INTERRUPT)
}

/// The number of SIGQUIT.
const QUIT: u8 = 3;

/// The number of SIGINT.
pub const INTERRUPT: u8 = 2;

/// The last signal received.
static LATEST: OnceLock<Arc<AtomicUsize>> = OnceLock::new();

/// SIGHUP, SIGINT and SIGTERM, except those that the parent process set to be ignored, as nohup does, and shells for
/// background jobs.
fn wanted() -> impl Iterator<Item = i32> {
    let mut status = Vec::with_capacity(4096);
    // Without a readable mask, no signal counts as ignored.
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

/// Runs `act`, which renames or removes the files `settled`, with signals blocked.
pub(super) fn settle<T>(settled: &[PathBuf], act: impl FnOnce() -> T) -> T {
    let mut files = registered();
    files.retain(|file| !settled.contains(file));
    act()
}

fn registered() -> MutexGuard<'static, Vec<PathBuf>> {
    TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner)
}
