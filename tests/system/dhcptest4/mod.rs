//! dhcptest against DHCPv4 servers: Kea, ISC dhcpd, dnsmasq and udhcpd, and what tshark makes of the same packets.

mod every_server;
mod terminal;
mod witness;

use std::process::Command;

use serde_json::Value;

use crate::dhcp::Client;
use crate::program::{Outcome, run};

/// dhcptest at the client's place.
fn dhcptest(client: &Client, arguments: &[&str]) -> Outcome {
    run(command(client).args(arguments))
}

fn command(client: &Client) -> Command {
    client.command(env!("CARGO_BIN_EXE_dhcptest"))
}

/// The one document that dhcptest prints.
fn document(client: &Client, arguments: &[&str]) -> Value {
    let outcome = dhcptest(client, &[&["-q", "--format", "json"], arguments].concat());
    let parsed = serde_json::from_str(&outcome.stdout);
    parsed.unwrap_or_else(|cause| panic!("{arguments:?}: {cause}: {outcome:?}"))
}

/// The value of an option of a packet.
fn option(packet: &Value, code: u64) -> &Value {
    let mut options = packet["options"].as_array().unwrap().iter();
    options.find(|option| option["code"] == code).map_or(&Value::Null, |option| &option["value"])
}
