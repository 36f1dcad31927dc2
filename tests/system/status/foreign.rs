//! Servers of others while the one that was asked about is dead.

use std::process::Stdio;

use kea_tools::config::Daemon;
use serde_json::json;

use super::machine::{Machine, usual};
use crate::wait::wait_for;

/// The configuration `name` of a second server.
fn configure_other(machine: &Machine, name: &str, interface: &str) {
    let mut other = usual(Daemon::Dhcp4);
    other["interfaces-config"]["interfaces"] = json!([interface]);
    other["control-socket"]["socket-name"] = json!("/run/kea/other");
    other["lease-database"]["name"] = json!("/var/lib/kea/other.csv");
    other["loggers"][0]["output_options"][0]["output"] =
        json!(format!("/etc/kea/{}.log", name.trim_end_matches(".conf")));
    machine.configure_as(name, Daemon::Dhcp4, &other);
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_server_that_keactrl_conf_does_not_name_is_listed_apart() {
    let machine = Machine::new();
    machine.configure(Daemon::Dhcp4);
    configure_other(&machine, "other.conf", "client");
    let _other = machine.start_as("other.conf", Daemon::Dhcp4);
    let keactrl = "kea_dhcp4_config_file=/etc/kea/kea-dhcp4.conf\ndhcp4=yes\ndhcp6=no\ndhcp_ddns=no\n";
    std::fs::write(machine.etc("mine.conf"), keactrl).unwrap();
    let outcome = machine.status("-c /etc/kea/mine.conf");
    assert_eq!(outcome.status, 1, "{outcome:?}");
    assert!(outcome.stdout.starts_with("DHCPv4 server: inactive\n"), "{outcome:?}");
    assert!(outcome.stdout.contains("\nDHCPv4 server: CRITICAL: down"), "{outcome:?}");
    assert!(outcome.stdout.contains("\nDHCPv4 server: OK: not asked about: other: serving"), "{outcome:?}");
    let nagios = machine.status("-c /etc/kea/mine.conf -f nagios");
    assert!(nagios.status == 2 && nagios.stdout.starts_with("KEA CRITICAL - dhcp4: down"), "{nagios:?}");
    assert!(nagios.stdout.contains("\nnot asked about: dhcp4 other: OK - serving"), "{nagios:?}");
    // Once the named one serves, the other changes nothing.
    let _named = machine.start_as("kea-dhcp4.conf", Daemon::Dhcp4);
    let both = machine.status("-c /etc/kea/mine.conf -f nagios");
    assert!(both.stdout.starts_with("KEA OK - dhcp4: serving") && !both.stdout.contains("'dhcp4_other"), "{both:?}");
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_server_in_a_container_does_not_replace_a_dead_one() {
    let machine = Machine::new();
    machine.configure(Daemon::Dhcp4);
    configure_other(&machine, "inside.conf", "server");
    let script = "ip link set lo up && ip link add server type veth peer name far && ip link set far up &&
        ip link set server up && ip addr add 10.77.0.1/16 dev server && exec kea-dhcp4 -c /etc/kea/inside.conf";
    let mut command = machine.command("unshare");
    command.args(["--pid", "--fork", "--kill-child", "--net", "--mount", "--mount-proc", "sh", "-ec", script]);
    let mut container = command.stdout(Stdio::null()).spawn().unwrap();
    let outcome = wait_for("the server in the container", || {
        let outcome = machine.status("-s dhcp4");
        outcome.stdout.contains("OK: inside: serving").then_some(outcome)
    });
    assert_eq!(outcome.status, 1, "{outcome:?}");
    assert!(outcome.stdout.starts_with("DHCPv4 server: inactive\n"), "{outcome:?}");
    assert!(outcome.stdout.contains("CRITICAL: kea-dhcp4: down"), "{outcome:?}");
    let _own = machine.start_as("kea-dhcp4.conf", Daemon::Dhcp4);
    let both = machine.status("-s dhcp4");
    assert!(both.status == 0 && both.stdout.starts_with("DHCPv4 server: active\n"), "{both:?}");
    machine.shell("kill -s KILL $(pidof kea-dhcp4)");
    container.wait().unwrap();
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_check_next_to_a_server_is_no_server() {
    let machine = Machine::new();
    let _running = machine.start(Daemon::Dhcp4);
    let labels = |text: &str| text.split_once(" | ").unwrap().1.split('=').next().unwrap().to_owned();
    let before = machine.status("-f nagios -s dhcp4");
    // A pipe without a writer keeps the check at work.
    machine.shell("mkfifo /etc/kea/endless");
    let text = "{ \"Dhcp4\": { <?include \"/etc/kea/endless\"?> } }";
    std::fs::write(machine.etc("checked.conf"), text).unwrap();
    let mut command = machine.command("kea-dhcp4");
    let mut check = command.args(["-t", "/etc/kea/checked.conf"]).stdout(Stdio::null()).spawn().unwrap();
    wait_for("the check", || (machine.shell("pidof kea-dhcp4").split_whitespace().count() == 2).then_some(()));
    let during = machine.status("-f nagios -s dhcp4");
    assert!(check.try_wait().unwrap().is_none(), "the check has ended too early");
    assert_eq!((during.status, labels(&during.stdout)), (0, labels(&before.stdout)), "{during:?}");
    assert!(during.stdout.starts_with("KEA OK - dhcp4: serving"), "{during:?}");
    machine.shell("kill -s KILL $(pgrep -nx kea-dhcp4)");
    check.wait().unwrap();
}
