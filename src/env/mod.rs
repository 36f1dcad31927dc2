//! The outside world as an argument: arguments, streams, variables, clock, prompt, randomness and network.
//!
//! A test runs a whole program in-process with its own [`Env`]: other arguments, streams in memory, a fixed clock.

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _, Write};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub mod files;
pub mod host;
pub mod network;
pub mod outfile;
mod restore;
pub mod screen;
pub mod signals;
mod terminal;
pub mod typed;

use self::network::{Network, ThisHost};
use self::screen::{Keyboard, Size};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::time::Zone;

/// The world of one run of a program.
pub struct Env<'a> {
    /// The arguments, the program's name first.
    pub args: Vec<OsString>,
    /// Standard output, for data.
    pub stdout: &'a mut dyn Write,
    /// Standard error, for everything else.
    pub stderr: &'a mut dyn Write,
    /// Whether stderr is a terminal.
    pub stderr_is_terminal: bool,
    /// The size of the terminal on stdout; `None` if stdout is not a terminal.
    pub screen: &'a dyn Fn() -> Option<Size>,
    /// The keys of that terminal.
    pub keyboard: &'a mut dyn Keyboard,
    /// A variable of the environment.
    pub var: &'a dyn Fn(&str) -> Option<OsString>,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// Prompts for a secret, without echo.
    pub prompt: &'a mut dyn FnMut(&str) -> io::Result<String>,
    /// Fills a buffer with unpredictable bytes.
    pub random: &'a mut dyn FnMut(&mut [u8]) -> io::Result<()>,
    /// The network.
    pub network: &'a mut dyn Network,
}

impl Env<'_> {
    /// A number that cannot be guessed.
    pub fn random_number(&mut self) -> Result<u64> {
        let mut number = [0; 8];
        (self.random)(&mut number).map_err(|cause| Error::io("make a random number", &cause))?;
        Ok(u64::from_be_bytes(number))
    }

    /// Whether the locale's characters are those of UTF-8.
    #[must_use]
    pub fn has_utf8(&self) -> bool {
        let set = |name| (self.var)(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
        locale.is_some_and(|locale| {
            let locale = locale.to_string_lossy().to_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
    }

    /// What local time is: what `TZ` names, else this machine's zone.
    #[must_use]
    pub fn zone(&self) -> Zone {
        let name = (self.var)("TZ");
        Zone::from_variable(name.as_ref().and_then(|name| name.to_str()))
    }
}

/// A source of time.
pub trait Clock {
    /// Seconds since 1970.
    fn now(&self) -> i64;
    /// Time since some fixed moment; never goes backwards.
    fn monotonic(&self) -> Duration;
}

/// The machine's own clocks.
struct SystemClock(Instant);

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the clock of real runs")]
    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Writes formatted text with one call, so that lines of several processes do not mix.
struct InOneGo<W>(W);

impl<W: Write> Write for InOneGo<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.write(octets)
    }

    fn write_fmt(&mut self, text: fmt::Arguments<'_>) -> io::Result<()> {
        self.0.write_all(text.to_string().as_bytes())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Runs `program` in the real world.
#[expect(clippy::disallowed_methods, reason = "the one place where the real world is taken")]
pub fn with_real_world<T>(program: impl FnOnce(&mut Env<'_>) -> T) -> T {
    let mut env = Env {
        args: std::env::args_os().collect(),
        stdout: &mut io::stdout().lock(),
        stderr: &mut InOneGo(io::stderr()),
        stderr_is_terminal: io::stderr().is_terminal(),
        screen: &screen::size,
        keyboard: &mut screen::Terminal,
        var: &|name| std::env::var_os(name),
        clock: &SystemClock(Instant::now()),
        prompt: &mut terminal::ask,
        random: &mut |buffer| File::open("/dev/urandom")?.read_exact(buffer),
        network: &mut ThisHost::default(),
    };
    program(&mut env)
}

/// From now on no core file of this process is written, and no other process of its user may read its memory.
pub fn forbid_cores() {
    // Without it everything else is as before.
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// Ends the process from a thread that cannot continue. Buffers and locks of the main thread are bypassed; registered
/// files are removed and the terminal is restored, as after a signal.
pub fn end(stdout: &[u8], stderr: &[u8], status: Exit) -> ! {
    // A stream that is gone leaves the exit status.
    let _ = rustix::io::write(io::stdout(), stdout);
    let _ = rustix::io::write(io::stderr(), stderr);
    signals::end(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_written_in_one_piece() {
        struct Pieces(Vec<Vec<u8>>);
        impl Write for Pieces {
            fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
                self.0.push(octets.to_vec());
                Ok(octets.len())
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut stream = InOneGo(Pieces(Vec::new()));
        let stderr: &mut dyn Write = &mut stream;
        writeln!(stderr, "dhcping: {}", crate::text::OneLine("no\nanswer")).unwrap();
        assert_eq!(stream.0.0, [b"dhcping: no\\nanswer\n"]);
    }
}
