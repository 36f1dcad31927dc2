//! Interfaces that lose their link, go away, or come back, here and in other network namespaces.

use std::process::Stdio;

use kea_tools::config::Daemon;
use serde_json::json;

use super::machine::Machine;
use crate::program::run;
use crate::wait::wait_for;

/// A DHCPv4 server in a network of its own, whose cable leads to `far`.
const ELSEWHERE: &str = "ip link set lo up
    ip link add server type veth peer name far
    ip link set far up
    ip link set server up
    ip addr add 10.77.0.1/16 dev server
    exec kea-dhcp4 -c /etc/kea/kea-dhcp4.conf";

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_lost_carrier_in_another_network_namespace_is_seen() {
    let machine = Machine::new();
    machine.configure(Daemon::Dhcp4);
    let mut command = machine.command("unshare");
    let mut kea = command.args(["--net", "sh", "-ec", ELSEWHERE]).stdout(Stdio::null()).spawn().unwrap();
    wait_for("the server", || (machine.facts(Daemon::Dhcp4)["verdict"] == "serving").then_some(()));
    machine.shell("nsenter -t $(pidof kea-dhcp4) -n ip link set far down");
    let facts = machine.facts(Daemon::Dhcp4);
    let expected = (
        &json!("not-serving"),
        &json!("it serves no client: interface server has no link (check the cable at both ends)"),
    );
    assert_eq!((&facts["verdict"], &facts["reason"]), expected, "{facts:#}");
    // Without the right to look there, neither "up" nor "down" is said.
    let mut blind = machine.command("setpriv");
    blind.args(["--bounding-set=-sys_admin,-sys_ptrace", "--inh-caps=-all", env!("CARGO_BIN_EXE_keactrl-status")]);
    let outcome = run(blind.args(["-s", "dhcp4"]));
    assert_eq!(outcome.status, 2, "{outcome:?}");
    assert!(outcome.stdout.contains("UNKNOWN: it is not known whether its interfaces are up"), "{outcome:?}");
    machine.shell("kill -s KILL $(pidof kea-dhcp4)");
    kea.wait().unwrap();
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_removed_interface_is_named_and_gone() {
    let machine = Machine::new();
    let _running = [Daemon::Dhcp4, Daemon::Dhcp6].map(|daemon| machine.start(daemon));
    let assert_cut_off = |text: &str| {
        for daemon in [Daemon::Dhcp4, Daemon::Dhcp6] {
            let facts = machine.facts(daemon);
            assert_eq!(facts["verdict"], "not-serving", "{facts:#}");
            assert!(facts["reason"].as_str().unwrap().contains(text), "{facts:#}");
        }
    };
    machine.shell("ip link del server");
    assert_cut_off("it serves no client: interface server is gone");
    // One of the same name and addresses is another interface: no socket is on it.
    machine.shell(
        "ip link add server type veth peer name client && ip link set client up && ip link set server up &&
        ip addr add 10.77.0.1/16 dev server && ip addr replace fe80::1/64 dev server nodad",
    );
    assert_cut_off("it serves no client: interface server was removed");
}
