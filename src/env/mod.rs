//! The outside world as an argument: what a program gets instead of reaching for it.
//!
//! A test runs a whole program in-process with an [`Env`] of its own: other arguments, streams into memory, a clock
//! that stands still.

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _, Write};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

mod behind;
pub mod files;
pub mod host;
pub mod outfile;
pub mod screen;
pub mod signals;
mod terminal;
pub mod typed;

use self::screen::{Keyboard, Size};
use crate::exit::Exit;
use crate::time::Zone;

/// The world of one run of a program.
pub struct Env<'a> {
    /// The arguments, the program's name first.
    pub args: Vec<OsString>,
    /// Where data goes.
    pub stdout: &'a mut dyn Write,
    /// Where everything else goes.
    pub stderr: &'a mut dyn Write,
    /// Whether a person sees stderr on a terminal.
    pub stderr_is_terminal: bool,
    /// How large the terminal is that stdout goes to; `None` where it goes to none.
    pub screen: &'a dyn Fn() -> Option<Size>,
    /// The keys of that terminal.
    pub keyboard: &'a mut dyn Keyboard,
    /// A variable of the environment.
    pub var: &'a dyn Fn(&str) -> Option<OsString>,
    /// What time it is.
    pub clock: &'a dyn Clock,
    /// Asks for a secret, with this question, without echo.
    pub prompt: &'a mut dyn FnMut(&str) -> io::Result<String>,
    /// Fills a buffer with octets nobody can guess.
    pub random: &'a mut dyn FnMut(&mut [u8]) -> io::Result<()>,
}

impl Env<'_> {
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
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Writes what is formatted in one piece, so that lines of several processes do not mix.
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
#[allow(clippy::disallowed_methods)]
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
    };
    program(&mut env)
}

/// Ends the process from a thread that cannot go on. What the thread of the program holds, its streams above all, is
/// passed by; what is registered is given back as if a signal had come.
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
