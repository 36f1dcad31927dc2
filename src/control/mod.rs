//! Kea's control channel: one command out, one answer back.
//!
//! A server is asked over its unix socket or over HTTP and HTTPS (the Control Agent; servers themselves from Kea 2.7.2
//! on). Every command has a connection of its own, a limit for all its time and one for the answer's size, so that no
//! server, however broken, holds a program up or fills its memory. What can go wrong is told apart as data
//! ([`Trouble`]): a socket without a server, one that must not be used and a server that hangs mean different things.
//!
//! Framing (measured with Kea 2.2.0): a map of JSON there, a map back and the end of the stream; over HTTP the answer
//! is a list of one map, but a map alone where the request was refused.

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

/// How much a command may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the connection to the last octet of the answer.
    pub time: Duration,
    /// The size of an answer, in octets.
    pub octets: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(5), octets: 16 << 20 }
    }
}

/// A way to a server.
#[derive(Debug)]
pub struct Channel {
    address: Address,
    limits: Limits,
    agent: Option<web::Agent>,
}

impl Channel {
    /// The way to `address`; nothing is connected yet. Certificates are read.
    pub fn new(address: Address, limits: Limits) -> crate::error::Result<Self> {
        let agent = match &address {
            Address::Unix(_) => None,
            Address::Web(web) => Some(web::Agent::new(web, limits)?),
        };
        Ok(Self { address, limits, agent })
    }

    /// Where it leads.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The answer to `command`, whatever it says.
    pub fn send(&self, command: &Command<'_>) -> Result<Answer, Failure> {
        self.send_within(command, self.limits.time)
    }

    /// The same within another limit of time.
    pub fn send_within(&self, command: &Command<'_>, time: Duration) -> Result<Answer, Failure> {
        let limits = Limits { time, ..self.limits };
        let exchanged = match (&self.address, &self.agent) {
            (Address::Unix(path), _) => unix::exchange(path, command, limits),
            (Address::Web(_), Some(agent)) => agent.exchange(command, time),
            (Address::Web(_), None) => Err(Trouble::Unusable("its settings are incomplete".to_owned())),
        };
        let answer = exchanged.and_then(|octets| Answer::parse(&octets));
        answer.map_err(|trouble| Failure { address: self.address.clone(), limits, trouble })
    }
}

/// A moment by which everything is over.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// When `time` has passed from now on.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "waiting for a server is I/O, and no decision depends on the moment")]
    pub fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// The time that is left, if any.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "as above")]
    pub fn left(self) -> Option<Duration> {
        self.0.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }
}
