//! Real servers: what clients saw is what the server has, and nothing is left.

use std::process::{Command, Stdio};

use serde_json::Value;

use super::lab::ended;
use crate::dhcp::{Client, Lan, ServerKind};
use crate::program::{Outcome, run, signal};
use crate::recipes::list;
use crate::wait::wait_for;

fn dhcpload(client: &Client, arguments: &str) -> Command {
    let mut command = client.command(env!("CARGO_BIN_EXE_dhcpload"));
    command.args(["-I", "eth0", "-R", "15", "-t", "3s"]).args(arguments.split_whitespace());
    command
}

fn json(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:?}"))
}

/// Kea's are the rates that facts are known of; dhcpd and dnsmasq are slower.
const SERVERS: [(ServerKind, &str); 3] =
    [(ServerKind::Kea, "100"), (ServerKind::Dhcpd, "20"), (ServerKind::Dnsmasq, "20")];

#[test]
#[ignore = "needs root, Kea, dhcpd and dnsmasq: run scripts/test"]
fn each_lease_is_at_the_server_and_is_given_back() {
    for (kind, rate) in SERVERS {
        let lan = Lan::new();
        let (server, client) = (lan.server(kind), lan.client());
        let arguments = format!("-s {} -r {rate} -d 1s --broadcast -f json", server.ip());
        let kept = run(dhcpload(&client, &arguments).arg("--keep-leases"));
        assert!(ended(&kept, 0), "{kind:?} {kept:?} {}", server.log());
        let report = json(&kept);
        assert_eq!(report["leases-left"].as_u64(), Some(15), "{kind:?} {report}");
        wait_for("the leases to be in the server's file", || (server.leases().len() == 15).then_some(()));
        let done = run(&mut dhcpload(&client, &arguments));
        assert!(ended(&done, 0), "{kind:?} {done:?} {}", server.log());
        assert_eq!(json(&done)["messages"]["release"]["sent"].as_u64(), Some(15), "{kind:?} {done:?}");
        server.expect_no_leases();
    }
}

#[test]
#[ignore = "needs root and Kea: run scripts/test"]
fn renewals_go_to_the_server_and_their_answers_are_seen() {
    let lan = Lan::new();
    let (server, client) = (lan.server(ServerKind::Kea), lan.client_without_address(1));
    let outcome = run(&mut dhcpload(&client, &format!("-s {} -r 50 -d 2s --mix new=1,renew=1 -f json", server.ip())));
    let report = json(&outcome);
    let renew = &report["messages"]["renew"];
    assert_eq!(renew["sent"], renew["answered"], "{report}");
    assert!(renew["sent"].as_u64().unwrap() >= 40 && ended(&outcome, 0), "{report}");
    server.expect_no_leases();
}

#[test]
#[ignore = "needs root and Kea: run scripts/test"]
fn dhcpv6_leases_are_given_back_too() {
    let lan = Lan::new();
    let (server, client) = (lan.server6(ServerKind::Kea), lan.client());
    for arguments in ["-6 -s all", "-6 -s fe80::1", "-6 -s all --exchange rapid"] {
        let outcome = run(&mut dhcpload(&client, &format!("{arguments} -r 50 -d 1s -f json")));
        let report = json(&outcome);
        assert!(ended(&outcome, 0), "{arguments} {outcome:?} {}", server.log());
        assert_eq!(report["exchanges"]["completed"].as_u64(), Some(50), "{arguments} {report}");
        assert_eq!(report["messages"]["release"]["answered"].as_u64(), Some(15), "{arguments} {report}");
        server.expect_no_leases();
    }
}

#[test]
#[ignore = "needs root and Kea: run scripts/test"]
fn a_signal_ends_it_with_a_report_and_without_leases() {
    for (name, status) in [("INT", 130), ("TERM", 143)] {
        let lan = Lan::new();
        let (server, client) = (lan.server(ServerKind::Kea), lan.client());
        let mut command = dhcpload(&client, &format!("-s {} -r 50 -d 60s", server.ip()));
        let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        wait_for("the leases of all clients", || (server.leases().len() == 15).then_some(()));
        signal(process.id(), name);
        let outcome = Outcome::from(process.wait_with_output().unwrap());
        assert!(ended(&outcome, status), "{outcome:?}");
        assert!(outcome.stdout.contains("stopped: interrupted"), "{outcome:?}");
        let said = outcome.stdout.replace("\n  ", " ");
        assert!(said.contains(" 15 released, 0 may be left"), "{outcome:?}");
        server.expect_no_leases();
    }
}

#[test]
#[ignore = "needs root and Kea: run scripts/test"]
fn those_of_dhcpload_leave_no_lease() {
    let lan = Lan::new();
    let (server, client) = (lan.server(ServerKind::Kea), lan.client());
    let server6 = server.and_for_v6();
    for (recipe, _) in list::of(list::DHCPLOAD) {
        // Smaller than on the page, where there is a pool for it.
        let smaller = recipe.text.replace("veth0", "eth0").replace("-d 60s -R 5000", "");
        let line = smaller.replacen("dhcpload", env!("CARGO_BIN_EXE_dhcpload"), 1) + " -R 15 -d 1s -t 3s";
        let outcome = run(client.command("sh").args(["-c", &line]));
        assert!(ended(&outcome, 0), "{line} {outcome:?} {} {}", server.log(), server6.log());
    }
    server.expect_no_leases();
    server6.expect_no_leases();
}
