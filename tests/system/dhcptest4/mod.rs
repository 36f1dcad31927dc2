//! dhcptest against DHCPv4 servers: Kea, ISC dhcpd, dnsmasq and udhcpd, and what tshark makes of the same packets.

mod every_server;
mod least;
mod left_behind;
mod listening;
mod on_the_wire;
mod terminal;
mod witness;

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::dhcp::Client;
use crate::program::{Outcome, must, run};

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

/// These fields of each packet of a capture that `filter` lets through, as tshark reads them.
pub(crate) fn tshark(pcap: &Path, filter: &str, fields: &[&str]) -> Vec<Vec<String>> {
    let mut tshark = Command::new("tshark");
    tshark.arg("-r").arg(pcap).args(["-Y", filter, "-T", "fields", "-E", "separator=;"]);
    for field in fields {
        tshark.args(["-e", field]);
    }
    let text = must(tshark.env("HOME", "/nonexistent").stderr(Stdio::null()));
    text.lines().map(|line| line.split(';').map(str::to_owned).collect()).collect()
}
