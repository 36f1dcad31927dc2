//! One run of each program under valgrind: nothing is read that was not written, nothing beyond what is there.

use std::process::Command;

use crate::namespace::Namespace;
use crate::program::{Outcome, must, run};

/// Runs `program` under valgrind in a network of its own; its faults would end it with status 99.
fn watched(program: &str, arguments: &str) -> Outcome {
    let network = Namespace::new(None);
    must(network.command("ip").args(["link", "set", "lo", "up"]));
    let mut command: Command = network.command("valgrind");
    command.args(["--quiet", "--error-exitcode=99"]);
    command.arg(program).args(arguments.split_whitespace()).env("TZ", "UTC");
    let outcome = run(&mut command);
    assert_ne!(outcome.status, 99, "{program} {arguments}: {}", outcome.stderr);
    outcome
}

#[test]
#[ignore = "needs valgrind"]
fn lease_files_are_read_and_written_without_a_fault() {
    let dump = env!("CARGO_BIN_EXE_kea-lease-dump");
    for arguments in [
        "-t memfile -n tests/data/memfile/kea-leases4.csv",
        "-t memfile -n tests/data/memfile/kea-leases6.csv -f json --sort address",
        "-t memfile -n tests/data/small/kea-leases4.csv -f csv --anonymize --anonymize-addresses",
    ] {
        let outcome = watched(dump, arguments);
        assert_eq!((outcome.status, outcome.stdout.is_empty()), (0, false), "{outcome:?}");
    }
    let list = watched(
        env!("CARGO_BIN_EXE_kea-list-leases"),
        "-c tests/data/office/kea-dhcp4.conf -t memfile -n tests/data/office/kea-leases4.csv --all --vendors tests/data/office/manuf",
    );
    assert_eq!((list.status, list.stdout.is_empty()), (0, false), "{list:?}");
}

#[test]
#[ignore = "needs valgrind"]
fn a_machine_is_looked_at_without_a_fault() {
    let outcome = watched(env!("CARGO_BIN_EXE_keactrl-status"), "--root tests/data/machine -f json");
    assert_eq!((outcome.status, outcome.stdout.is_empty()), (1, false), "{outcome:?}");
}

#[test]
#[ignore = "needs valgrind"]
fn packets_are_sent_and_waited_for_without_a_fault() {
    let client = "-c 127.0.0.1 -s 127.0.0.1 -h 02:00:5e:00:53:01";
    let outcome = watched(env!("CARGO_BIN_EXE_dhcping"), &format!("-i {client} -t 0.2"));
    assert!(
        outcome.status == 1 && outcome.stderr.starts_with("no answer (ICMP port unreachable from 127.0.0.1)\n"),
        "{outcome:?}"
    );
    let outcome = watched(env!("CARGO_BIN_EXE_dhcptest"), "--query --bind 127.0.0.1 --target 127.0.0.1 --timeout 0.2");
    assert_eq!(outcome.status, 1, "{outcome:?}");
    let listening = watched(env!("CARGO_BIN_EXE_dhcptest"), "--listen --iface lo --timeout 0.2");
    assert_eq!(listening.status, 1, "{listening:?}");
}
