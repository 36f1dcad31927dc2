//! What was leased is given back, wherever it was asked for from and whoever reads along.

use std::io::{PipeReader, Write as _};
use std::process::{Child, Stdio};

use super::{command, dhcptest, document};
use crate::dhcp::{Client, Lan, Server, ServerKind};
use crate::program::run;
use crate::wait::wait_for;

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
    for (kind, rp_filter) in ServerKind::ALL.into_iter().zip([0, 1, 2, 2]) {
        let lan = Lan::new();
        let server = lan.server(kind);
        let client = lan.client_without_address(rp_filter);
        for arguments in [&[][..], &["--raw", "--iface", "eth0"], &["--profile", "macos"]] {
            expect_given_back(&server, &client, arguments);
        }
        let own = document(&client, &["--dora", "--timeout", "10", "--mac", &client.mac()]);
        let sent: Vec<_> = own["sent"].as_array().unwrap().iter().map(|packet| &packet["message-type"]).collect();
        assert_eq!(sent, ["discover", "request"], "what this host may live on is kept: {kind:?}");
    }
}

#[test]
#[ignore = "needs dnsmasq: run scripts/test"]
fn what_is_committed_at_once_is_given_back() {
    let lan = Lan::new();
    let server = lan.server(ServerKind::Dnsmasq);
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

/// dhcptest at work, with a pipe for its output that takes an offer with its octets but no second packet.
fn with_a_narrow_pipe(client: &Client) -> (Child, PipeReader) {
    const CAPACITY: usize = 64 << 10;
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(&vec![b'.'; CAPACITY - 3000]).unwrap();
    let mut command = command(client);
    command.args(["--dora", "--hexdump", "-q", "--timeout", "10"]).stdout(writer).stderr(Stdio::piped());
    (command.spawn().unwrap(), reader)
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn a_reader_who_leaves_leaves_no_lease() {
    for kind in ServerKind::ALL {
        let lan = Lan::new();
        let (server, client) = (lan.server(kind), lan.client());
        let (child, reader) = with_a_narrow_pipe(&client);
        // What grants it cannot be printed yet.
        wait_for("the lease", || (server.leases().len() == 1).then_some(()));
        drop(reader);
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), &output.stderr[..]), (Some(0), &b""[..]), "{kind:?}");
        server.expect_no_leases();
        let program = env!("CARGO_BIN_EXE_dhcptest");
        let script = format!("set -o pipefail; {program} --dora --timeout 10 | true");
        let outcome = run(client.command("bash").args(["-c", &script]));
        assert_eq!(outcome.status, 0, "{kind:?}: {outcome:?}");
        server.expect_no_leases();
    }
}

#[test]
#[ignore = "needs dhcpd: run scripts/test"]
fn an_expectation_of_a_lease_does_not_hold_of_an_offer() {
    let lan = Lan::new();
    let (server, client) = (lan.server(ServerKind::Dhcpd), lan.client());
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
