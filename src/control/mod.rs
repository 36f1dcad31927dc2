//! Kea's control channel: one command, one answer.
//!
//! A command is sent over the server's unix socket, or over HTTP or HTTPS (to the Control Agent, or from Kea 2.7.2 on to
//! the server itself). Every command has its own connection, with limits for the total time and for the size of the
//! answer, so that no broken server blocks a program or fills its memory. Failures are distinguished as data
//! ([`Trouble`]): a socket without a server, a socket without permission and a hung server mean different things.
//!
//! Framing (measured with Kea 2.2.0): the client sends a JSON map; the server sends a JSON map and closes the stream. Over
//! HTTP the answer is a list of one map, but a single map if the request was rejected.

mod address;
mod answer;
mod configured;
mod connector;
mod failure;
mod unix;
mod web;

use std::time::{Duration, Instant};

pub use address::{Address, Credentials, Web};
pub use answer::{Answer, Code, Command, octets};
pub use failure::{Failure, Trouble};

/// The limits of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The time from the connection to the last byte of the answer.
    pub time: Duration,
    /// The size of an answer, in bytes.
    pub octets: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(5), octets: 16 << 20 }
    }
}

/// A client of one server.
#[derive(Debug)]
pub struct Channel {
    address: Address,
    limits: Limits,
    agent: Option<web::Agent>,
}

impl Channel {
    /// A client of `address`, not connected yet. Certificates are read.
    pub fn new(address: Address, limits: Limits) -> crate::error::Result<Self> {
        let agent = match &address {
            Address::Unix(_) => None,
            Address::Web(web) => Some(web::Agent::new(web, limits)?),
        };
        Ok(Self { address, limits, agent })
    }

    /// The server's address.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The usual time limit.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.limits.time
    }

    /// Sends `command` and returns the answer, whatever its result code.
    pub fn send(&self, command: &Command<'_>) -> Result<Answer, Failure> {
        self.send_within(command, self.limits.time)
    }

    /// The same with another time limit.
    pub fn send_within(&self, command: &Command<'_>, time: Duration) -> Result<Answer, Failure> {
        self.send_through(command, time, &mut |octets, kept| append(kept, octets))
    }

    /// The same, where `filter` takes the octets of the answer, in pieces as they are received, and appends what is to be kept.
    pub fn send_through(
        &self,
        command: &Command<'_>,
        time: Duration,
        filter: &mut Filter<'_>,
    ) -> Result<Answer, Failure> {
        let limits = Limits { time, ..self.limits };
        let exchanged = match (&self.address, &self.agent) {
            (Address::Unix(path), _) => unix::exchange(path, command, limits, filter),
            (Address::Web(_), Some(agent)) => agent.exchange(command, time, filter),
            (Address::Web(_), None) => Err(Trouble::Unusable("its settings are incomplete".to_owned())),
        };
        let answer = exchanged.and_then(Answer::take);
        answer.map_err(|trouble| Failure { address: self.address.clone(), limits, trouble })
    }
}

/// Takes octets of an answer, and appends what is to be kept of them.
pub type Filter<'a> = dyn FnMut(&[u8], &mut Vec<u8>) + 'a;

/// Appends octets; what is left in memory of a buffer that is too small is wiped, as it may hold secrets.
pub(crate) fn append(answer: &mut Vec<u8>, piece: &[u8]) {
    let length = answer.len() + piece.len();
    if length > answer.capacity() {
        let mut larger = Vec::with_capacity(length.max(answer.capacity() * 2));
        larger.extend_from_slice(answer);
        answer::wipe(answer);
        *answer = larger;
    }
    answer.extend_from_slice(piece);
}

/// A deadline.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// When `time` has passed from now on.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "waiting for a server is I/O, and no decision depends on the moment")]
    pub fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// The time that is left, if any.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "as above")]
    pub fn left(self) -> Option<Duration> {
        self.0.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }
}

impl Deadline {
    /// The same, but no later than in `time`.
    #[must_use]
    pub fn within(self, time: Duration) -> Self {
        Self(self.0.min(Self::after(time).0))
    }

    /// The end of the first of `parts` equal parts of the time that is left.
    #[must_use]
    pub fn share(self, parts: usize) -> Self {
        let parts = u32::try_from(parts.max(1)).unwrap_or(u32::MAX);
        Self::after(self.left().unwrap_or_default() / parts)
    }
}

/// Measures how long something takes.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// From now on.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "as above")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    #[must_use]
    pub fn time(self) -> Duration {
        self.0.elapsed()
    }
}
