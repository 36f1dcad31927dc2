//! The packet engine, as it shows in dhcping: every position in a network, every obstacle, every burden.

mod answers6;
mod burdens;
mod harness;
mod obstacles;
mod positions;
mod privileges;

use std::process::Command;

use super::Client;
use crate::program::{Outcome, run};

/// The program that is tested.
const DHCPING: &str = env!("CARGO_BIN_EXE_dhcping");

/// dhcping at a client's place.
fn dhcping(client: &Client, arguments: &[&str]) -> Command {
    let mut command = client.command(DHCPING);
    command.args(arguments);
    command
}

/// Runs dhcping at a client's place.
fn probe(client: &Client, arguments: &[&str]) -> Outcome {
    run(&mut dhcping(client, arguments)).in_short()
}

/// Fails the test unless exactly these servers answered.
#[track_caller]
fn expect_answers_from(outcome: &Outcome, servers: &[&str]) {
    let mut answered: Vec<_> =
        outcome.stdout.lines().filter_map(|line| line.strip_prefix("Got answer from: ")).collect();
    answered.sort_unstable();
    assert_eq!((outcome.status, &answered[..]), (0, servers), "{outcome:?}");
}
