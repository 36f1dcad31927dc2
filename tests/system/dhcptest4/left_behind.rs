//! What was leased is given back, wherever it was asked for from and whoever reads along.

use super::{command, dhcptest, document};
use crate::dhcp::{Client, Kind, Lan, Server};
use crate::program::{Outcome, run};

/// An exchange that took a lease, of which nothing is left.
#[track_caller]
fn expect_given_back(server: &Server, client: &Client, arguments: &[&str]) {
    let seen = document(client, &[&["--dora", "--timeout", "10"], arguments].concat());
    let received = seen["received"].as_array().unwrap();
    let acks = received.iter().filter(|packet| packet["message-type"] == "ack").count();
    assert_eq!((&seen["success"], acks), (&true.into(), 1), "{:?} {arguments:?}: {seen} {}", server.kind, server.log());
    assert_eq!(seen["sent"].as_array().unwrap().last().unwrap()["message-type"], "release");
    server.expect_no_leases();
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn without_an_address_no_lease_remains_at_any_server() {
    for (kind, rp_filter) in Kind::ALL.into_iter().zip([0, 1, 2, 2]) {
        let lan = Lan::new();
        let server = lan.server(kind);
        let client = lan.client_without_address(rp_filter);
        for arguments in [&[][..], &["--raw", "--iface", "eth0"], &["--mac", &client.mac()], &["--profile", "macos"]] {
            expect_given_back(&server, &client, arguments);
        }
    }
}

#[test]
#[ignore = "needs dnsmasq: run scripts/test"]
fn what_is_committed_at_once_is_given_back() {
    let lan = Lan::new();
    let server = lan.server(Kind::Dnsmasq);
    for client in [lan.client(), lan.client_without_address(2)] {
        let seen = document(&client, &["--dora", "--option", "80=present", "--expect", "type = ack"]);
        let kinds = |place: &str| {
            let packets = seen[place].as_array().unwrap().iter();
            packets.map(|packet| packet["message-type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!((kinds("sent"), kinds("received")), (vec!["discover".into(), "release".into()], vec!["ack".into()]));
        server.expect_no_leases();
        drop(client);
    }
}

/// dhcptest with its output into another program.
fn piped(client: &Client, reader: &str) -> Outcome {
    let program = env!("CARGO_BIN_EXE_dhcptest");
    let script = format!("set -o pipefail; {program} --dora --timeout 10 | {reader}");
    run(client.command("bash").args(["-c", &script]))
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn a_reader_who_leaves_leaves_no_lease() {
    for kind in Kind::ALL {
        let lan = Lan::new();
        let (server, client) = (lan.server(kind), lan.client());
        for reader in ["true", "head -n 1", "grep -q -m 1 offer"] {
            let outcome = piped(&client, reader);
            assert_eq!(outcome.status, 0, "{kind:?} {reader}: {outcome:?}");
            server.expect_no_leases();
        }
    }
}

#[test]
#[ignore = "needs dhcpd: run scripts/test"]
fn an_expectation_of_a_lease_does_not_hold_of_an_offer() {
    let lan = Lan::new();
    let (server, client) = (lan.server(Kind::Dhcpd), lan.client());
    let arguments = ["--dora", "-q", "--timeout", "1", "--expect", "lease-time >= 600"];
    assert_eq!(dhcptest(&client, &arguments).status, 0, "{}", server.log());
    server.pause();
    let silent = dhcptest(&client, &arguments);
    let said = "dhcptest: \"lease-time >= 600\" does not hold: there is no answer\n";
    assert_eq!((silent.status, silent.stderr.as_str()), (1, said));
    server.resume();
    server.expect_no_leases();
    assert!(run(command(&client).args(["--dora", "-q"])).stdout.contains(": ack"), "{}", server.log());
    server.expect_no_leases();
}
