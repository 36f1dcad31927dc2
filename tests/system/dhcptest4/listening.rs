//! `--listen`: what passes is shown, until the time is over or the user ends it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Stdio};

use serde_json::Value;

use super::{command, dhcptest};
use crate::dhcp::{Client, Lan, ServerKind};
use crate::program::signal;
use crate::wait::wait_for;

/// A dhcptest that listens.
struct Listener {
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl Listener {
    fn start(client: &Client, arguments: &[&str]) -> Self {
        let mut command = command(client);
        command.args(["--listen", "--iface", "eth0", "--format", "json"]).args(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        assert_eq!(line, "Listening for DHCP and DHCPv6 packets.\n");
        Self { child, stderr }
    }

    /// The types of the messages it has shown, each with the client's hardware address in DHCPv4, and its status; after
    /// Ctrl-C, unless it ends by itself.
    fn end(mut self, signalled: Option<&str>) -> (Vec<String>, Option<i32>) {
        if let Some(name) = signalled {
            signal(self.child.id(), name);
        }
        let status = wait_for("dhcptest to end", || self.child.try_wait().unwrap());
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        self.stderr.read_to_string(&mut stderr).unwrap();
        let document: Value = serde_json::from_str(&stdout).unwrap_or_else(|cause| panic!("{cause}: {stdout}{stderr}"));
        assert_eq!(
            (&document["sent"], &document["success"]),
            (&Value::Array(vec![]), &(status.code() == Some(0)).into())
        );
        let words = |packet: &Value| {
            let chaddr = packet["chaddr"].as_str().map_or(String::new(), |chaddr| format!(" {chaddr}"));
            packet["message-type"].as_str().unwrap().to_owned() + &chaddr
        };
        (document["received"].as_array().unwrap().iter().map(words).collect(), status.code())
    }
}

const ONE: &str = "02:00:5e:00:53:98";
const OTHER: &str = "02:00:5e:00:53:99";

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn listener_filters_both_families_by_mac_and_message_type() {
    let lan = Lan::new();
    let (server, server6, client) = (lan.server(ServerKind::Kea), lan.server6(ServerKind::Dhcpd), lan.client());
    let all = Listener::start(&client, &["--timeout", "0"]);
    let one = Listener::start(&client, &["--timeout", "0", "--only-mac", ONE]);
    let offers = Listener::start(&client, &["--timeout", "0", "--only-type", "offer"]);
    // A DISCOVER and a Solicit.
    let first = Listener::start(&client, &["--timeout", "0", "--only-type", "1"]);
    for arguments in [&["--dora", "--mac", ONE][..], &["--dora", "--mac", OTHER], &["--sarr", "--mac", ONE]] {
        let outcome = dhcptest(&client, &[arguments, &["-q", "--timeout", "5", "--iface", "eth0"]].concat());
        assert_eq!(outcome.status, 0, "{outcome:?} {} {}", server.log(), server6.log());
    }
    let dora = |mac: &str| ["discover", "offer", "request", "ack", "release"].map(|kind| format!("{kind} {mac}"));
    let sarr = ["solicit", "advertise", "request", "reply", "release", "reply"].map(str::to_owned);
    assert_eq!(all.end(Some("INT")), ([&dora(ONE)[..], &dora(OTHER), &sarr].concat(), Some(0)));
    assert_eq!(one.end(Some("TERM")), ([&dora(ONE)[..], &sarr].concat(), Some(0)));
    assert_eq!(offers.end(Some("HUP")), ([ONE, OTHER].map(|mac| format!("offer {mac}")).to_vec(), Some(0)));
    let firsts = [format!("discover {ONE}"), format!("discover {OTHER}"), "solicit".to_owned()].to_vec();
    assert_eq!(first.end(Some("INT")), (firsts, Some(0)));
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn listener_ends_at_timeout_with_status_by_packets_seen() {
    let lan = Lan::new();
    let (_server, client) = (lan.server(ServerKind::Kea), lan.client());
    assert_eq!(Listener::start(&client, &["--timeout", "0.2"]).end(None), (vec![], Some(1)));
    assert_eq!(Listener::start(&client, &["--timeout", "0"]).end(Some("INT")), (vec![], Some(130)));
    let listener = Listener::start(&client, &["--timeout", "2", "--only-type", "nak", "--only-type", "offer"]);
    assert_eq!(dhcptest(&client, &["--query", "--mac", ONE]).status, 0);
    assert_eq!(listener.end(None), (vec![format!("offer {ONE}")], Some(0)));
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn a_relayed_message_is_of_its_own_type_and_of_its_envelopes() {
    let lan = Lan::new();
    let (_server, client) = (lan.server6(ServerKind::Kea), lan.client());
    let solicits = Listener::start(&client, &["--timeout", "0", "--only-type", "solicit", "--only-mac", ONE]);
    let envelopes = Listener::start(&client, &["--timeout", "0", "--only-type", "relay-reply"]);
    let relay = ["-6", "--relay", "2001:db8::50", "--bind", "2001:db8::50", "--iface", "eth0", "--mac", ONE];
    assert_eq!(dhcptest(&client, &relay).status, 0);
    assert_eq!(solicits.end(Some("INT")), (vec!["relay-forw".to_owned()], Some(0)));
    assert_eq!(envelopes.end(Some("INT")), (vec!["relay-repl".to_owned()], Some(0)));
}
