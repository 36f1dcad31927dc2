//! Kea's control channel against a server that answers whatever a test wants.

pub(crate) mod fake;
mod unix;
mod web;

use std::time::Duration;

use kea_tools::control::{Answer, Channel, Command, Failure, Limits, Trouble};

use crate::control::fake::Fake;

/// More time than any answer takes that comes at all, however busy the machine is.
const PATIENT: Limits = Limits { time: Duration::from_secs(120), octets: 1 << 20 };

/// Little to wait for an answer that never comes.
const HASTY: Limits = Limits { time: Duration::from_millis(300), octets: 1 << 20 };

/// Asks `address` for its status.
fn ask(address: &str) -> Result<Answer, Failure> {
    ask_within(address, PATIENT)
}

fn ask_within(address: &str, limits: Limits) -> Result<Answer, Failure> {
    let channel = Channel::new(address.parse().unwrap(), limits).unwrap();
    channel.send(&Command::new("status-get").service("dhcp4"))
}

/// Why `fake` gives no answer.
fn trouble_with(fake: &Fake) -> Trouble {
    ask(fake.address()).unwrap_err().trouble
}

/// Why `fake`, which never ends its answer, gives none. One whose answer had no time to begin is given more.
fn trouble_with_late(fake: &Fake) -> Trouble {
    let mut limits = HASTY;
    loop {
        match ask_within(fake.address(), limits).unwrap_err().trouble {
            Trouble::NoAnswer if limits.time < PATIENT.time => limits.time *= 2,
            trouble => return trouble,
        }
    }
}

/// An answer with this many octets of text.
fn answer_of(octets: usize) -> serde_json::Value {
    serde_json::json!({ "result": 0, "text": "x".repeat(octets) })
}
