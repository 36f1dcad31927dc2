//! What those see who are not root.

use std::process::Command;

use kea_tools::config::Daemon;

use super::machine::Machine;
use crate::namespace::is_root;
use crate::program::{Outcome, run};

/// keactrl-status as nobody, who is in no group.
fn as_nobody(machine: &Machine, arguments: &str) -> Outcome {
    assert!(is_root(), "only root can become nobody: run the tests as root");
    let mut command: Command = machine.command("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    command.arg(env!("CARGO_BIN_EXE_keactrl-status")).args(arguments.split_whitespace());
    run(&mut command)
}

#[test]
#[ignore = "needs the daemons of Kea, namespaces and root"]
fn unprivileged_user_sees_the_sockets_but_no_answer() {
    let machine = Machine::new();
    let _running = machine.start(Daemon::Dhcp4);
    machine.shell("chgrp adm /run/kea && chmod 750 /run/kea");
    let outcome = as_nobody(&machine, "-s dhcp4");
    assert_eq!(outcome.status, 2, "{outcome:?}");
    let mut lines = outcome.stdout.lines();
    assert_eq!(lines.next(), Some("DHCPv4 server: active"));
    assert!(lines.next().unwrap().contains("UNKNOWN: it is not known whether it answers: /run/kea/"), "{outcome:?}");
    let remedy = "not seen: /run/kea: Permission denied (join the group adm, or run as root)";
    assert!(outcome.stderr.contains(remedy), "{outcome:?}");
    // Whether the group may use the socket is not to be seen from outside.
    assert!(outcome.stdout.contains("kea4-ctrl-socket: permission denied (run as root)"), "{outcome:?}");
    assert_eq!(as_nobody(&machine, "-f nagios -s dhcp4").status, 3);
}

#[test]
#[ignore = "needs the daemons of Kea, namespaces and root"]
fn nobody_sees_that_a_server_has_lost_its_interface() {
    let machine = Machine::new();
    let _running = machine.start(Daemon::Dhcp4);
    machine.shell("ip link set server down");
    let outcome = as_nobody(&machine, "-s dhcp4");
    assert_eq!(outcome.status, 1, "{outcome:?}");
    assert!(outcome.stdout.contains("CRITICAL: it serves no client: interface"), "{outcome:?}");
}

#[test]
#[ignore = "needs the daemons of Kea, namespaces and root"]
fn where_processes_are_hidden_nobody_calls_a_daemon_down() {
    let machine = Machine::new();
    let _running = machine.start(Daemon::Dhcp4);
    machine.shell("mount -o remount,hidepid=2 /proc");
    let outcome = as_nobody(&machine, "-s dhcp4");
    assert_eq!(outcome.status, 2, "{outcome:?}");
    assert!(outcome.stdout.starts_with("DHCPv4 server: unknown\n"), "{outcome:?}");
    assert!(outcome.stdout.contains("/proc is mounted with hidepid"), "{outcome:?}");
    assert_eq!(machine.status("-s dhcp4").status, 0, "root sees it");
}
