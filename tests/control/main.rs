//! Kea's control channel against a server that answers whatever a test wants.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod fake;
mod unix;
mod web;

use std::time::{Duration, Instant};

use kea_tools::control::{Answer, Channel, Command, Failure, Limits, Trouble};

use crate::fake::Fake;

/// Enough for a server that answers at once, and little to wait for one that does not.
const LIMITS: Limits = Limits { time: Duration::from_millis(300), octets: 1 << 20 };

/// Asks `address` for its status.
fn ask(address: &str) -> Result<Answer, Failure> {
    ask_within(address, LIMITS)
}

fn ask_within(address: &str, limits: Limits) -> Result<Answer, Failure> {
    let channel = Channel::new(address.parse().unwrap(), limits).unwrap();
    channel.send(&Command::new("status-get").service("dhcp4"))
}

/// Why `fake` gives no answer; it must not take much longer than the limit.
#[allow(clippy::disallowed_methods, reason = "the time itself is what is tested")]
fn trouble_with(fake: &Fake) -> Trouble {
    let begun = Instant::now();
    let trouble = ask(fake.address()).unwrap_err().trouble;
    assert!(begun.elapsed() < LIMITS.time + Duration::from_secs(2), "the limit of time is not kept");
    trouble
}

/// An answer with this many octets of text.
fn answer_of(octets: usize) -> serde_json::Value {
    serde_json::json!({ "result": 0, "text": "x".repeat(octets) })
}
