//! A world in memory: tests run whole programs in their own process, at a time of their choice.

use std::ffi::OsString;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cli::{self, Program};
use crate::env::network::Network;
use crate::env::screen::{Keyboard, NoKeyboard, Size};
use crate::env::{Clock, Env};

pub mod network;

use self::network::FakeNetwork;

/// A run of a program, with what a test chooses of its surroundings. By default there is no variable, no terminal and no password.
#[derive(Default)]
pub struct ProgramRun<'a> {
    /// The time, seconds since 1970.
    pub now: i64,
    /// Another clock than one that always shows that time.
    pub clock: Option<&'a dyn Clock>,
    /// Variables of the environment.
    pub variables: &'a [(&'a str, &'a str)],
    /// The size of the terminal.
    pub screen: Option<Size>,
    /// Its keys.
    pub keyboard: Option<&'a mut dyn Keyboard>,
    /// What is typed as password.
    pub password: Option<&'a str>,
    /// Whether the reader of stdout is gone.
    pub is_unread: bool,
    /// Another network than one without servers.
    pub network: Option<&'a mut dyn Network>,
}

impl ProgramRun<'_> {
    /// Runs the program called `name`.
    #[expect(clippy::disallowed_methods, reason = "programs measure what passes in a run")]
    pub fn run<A: Into<OsString>>(self, name: &str, program: Program, args: impl IntoIterator<Item = A>) -> Ran {
        let mut stdout = Stdout { bytes: Vec::new(), is_closed: self.is_unread };
        let (mut stderr, mut no_keyboard) = (Vec::new(), NoKeyboard);
        let mut no_server = FakeNetwork::new(|_| Vec::new());
        let still = Still(self.now, Instant::now());
        let mut env = Env {
            args: std::iter::once(name.into()).chain(args.into_iter().map(Into::into)).collect(),
            stdout: &mut stdout,
            stderr: &mut stderr,
            stderr_is_terminal: false,
            screen: &|| self.screen,
            keyboard: match self.keyboard {
                Some(keyboard) => keyboard,
                None => &mut no_keyboard,
            },
            var: &|name| self.variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into()),
            clock: self.clock.unwrap_or(&still),
            prompt: &mut |_| self.password.map(str::to_owned).ok_or_else(|| io::Error::other("no password is known")),
            random: &mut |buffer| {
                buffer.fill(7);
                Ok(())
            },
            network: match self.network {
                Some(network) => network,
                None => &mut no_server,
            },
        };
        let status = cli::run(name, program, &mut env).code();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { status, stdout: text(&stdout.bytes), stderr: text(&stderr), bytes: stdout.bytes }
    }
}

/// What a run has said.
#[derive(Debug)]
pub struct Ran {
    /// The exit status.
    pub status: u8,
    /// Standard output as text.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Standard output.
    pub bytes: Vec<u8>,
}

#[expect(clippy::must_use_candidate, reason = "a test fails where it is not as expected")]
impl Ran {
    /// Fails unless it ended with this status and said this on stderr.
    #[track_caller]
    pub fn expect(&self, status: u8, stderr: &str) -> &Self {
        assert_eq!((self.status, self.stderr.as_str()), (status, stderr), "{}", self.stdout);
        self
    }

    /// Standard output.
    pub fn text(&self) -> &str {
        &self.stdout
    }

    /// The lines after the first.
    pub fn rows(&self) -> Vec<&str> {
        self.stdout.lines().skip(1).collect()
    }

    /// The first word of every line.
    pub fn first_words(&self) -> Vec<&str> {
        self.stdout.lines().map(|line| line.split_whitespace().next().unwrap_or_default()).collect()
    }

    /// The document of JSON.
    #[track_caller]
    pub fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|cause| panic!("{cause}: {self:?}"))
    }

    /// The documents of JSON, one a line.
    #[track_caller]
    pub fn records(&self) -> Vec<Value> {
        let read = |line| serde_json::from_str(line).unwrap_or_else(|cause| panic!("{cause}: {line}"));
        self.stdout.lines().map(read).collect()
    }
}

/// A clock that always shows the same time, though time passes.
struct Still(i64, Instant);

impl Clock for Still {
    fn now(&self) -> i64 {
        self.0
    }

    fn monotonic(&self) -> Duration {
        self.1.elapsed()
    }
}

/// What a program prints into.
struct Stdout {
    bytes: Vec<u8>,
    is_closed: bool,
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_closed { Err(io::ErrorKind::BrokenPipe.into()) } else { self.bytes.write(bytes) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
