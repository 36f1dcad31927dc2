//! Kea's control channel against a server that answers whatever a test wants.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod fake;
mod unix;
mod web;

use std::time::Duration;

use kea_tools::control::{Answer, Channel, Command, Failure, Limits};

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

/// An answer with this many octets of text.
fn answer_of(octets: usize) -> serde_json::Value {
    serde_json::json!({ "result": 0, "text": "x".repeat(octets) })
}
