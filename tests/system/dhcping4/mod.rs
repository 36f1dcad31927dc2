//! dhcping against DHCPv4 servers: Kea, ISC dhcpd, dnsmasq and udhcpd, one at a time and all at once; beside Debian's
//! own dhcping where the same is promised; and against servers that answer as none should.

mod bad_answers;
mod behind_a_relay;
mod beside_the_old;
mod endings;
mod every_mode;
mod interfaces;
mod run;
mod same_host;
mod subnets;
mod together;

use std::process::Command;

use run::Run;

use crate::dhcp::{Client, Server};
use crate::program::{Outcome, run};
use crate::wait::wait_for_what;

/// dhcping at the client's place.
fn dhcping(client: &Client, arguments: &[&str]) -> Outcome {
    run(command(client).args(arguments)).in_short()
}

fn command(client: &Client) -> Command {
    client.command(env!("CARGO_BIN_EXE_dhcping"))
}

/// Fails unless there was an answer from `server`, as expected, and nothing else was said.
#[track_caller]
fn assert_answered(outcome: &Outcome, server: &Server, arguments: &[&str]) {
    let words = format!("Got answer from: {}\n", server.ip());
    let seen = (outcome.status, outcome.stdout.as_str(), outcome.stderr.as_str());
    assert_eq!(seen, (0, words.as_str(), ""), "{:?} {arguments:?}: {}", server.kind, server.log());
}

/// Fails unless the server has given nothing away that it has not got back, once it has heard of it.
#[track_caller]
fn assert_no_lease(server: &Server, arguments: &[&str]) {
    let before = server.log();
    let what = || format!("{:?} to have no lease after {arguments:?}: {before}\nthen:\n{}", server.kind, server.log());
    wait_for_what(&what, || server.leases().is_empty().then_some(()));
}
