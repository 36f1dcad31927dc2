//! Servers of which some callers see little: files of their own, users of their own, two of one user.

use std::process::Stdio;

use kea_tools::config::Daemon;
use serde_json::json;

use super::machine::{Machine, usual};
use crate::program::{Outcome, run};
use crate::wait::wait_for;

/// keactrl-status as root without this capability.
fn without(machine: &Machine, capability: &str, arguments: &str) -> Outcome {
    let mut command = machine.command("setpriv");
    command.arg(format!("--bounding-set=-{capability}")).arg("--inh-caps=-all");
    run(command.arg(env!("CARGO_BIN_EXE_keactrl-status")).args(arguments.split_whitespace()))
}

#[test]
#[ignore = "needs the daemons of Kea, namespaces and root"]
fn a_server_with_files_of_its_own_is_seen_with_them() {
    let machine = Machine::new();
    machine.configure(Daemon::Dhcp4);
    let script = "mount -t tmpfs tmpfs /run && mkdir -p /run/kea /run/lock/kea && mkdir /run/etc &&
        mv /etc/kea/kea-dhcp4.conf /run/etc/own.conf && exec kea-dhcp4 -c /run/etc/own.conf";
    let mut command = machine.command("unshare");
    let mut kea = command.args(["--mount", "sh", "-ec", script]).stdout(Stdio::null()).spawn().unwrap();
    let facts = wait_for("the server", || {
        let facts = machine.facts(Daemon::Dhcp4);
        (facts["control"]["outcome"] == "answered").then_some(facts)
    });
    assert_eq!((&facts["state"], &facts["findings"]), (&json!("OK"), &json!([])), "{facts:#}");
    // A caller who may not look into it does not know what is there, and says so.
    let outcome = wait_for("the server to be no longer new", || {
        let outcome = without(&machine, "sys_ptrace", "-s dhcp4");
        (!outcome.stdout.contains("it has just started")).then_some(outcome)
    });
    assert!(
        outcome.status == 2 && outcome.stdout.contains("(run as root with the capability CAP_SYS_PTRACE)"),
        "{outcome:?}"
    );
    assert!(!outcome.stdout.contains("WARNING") && !outcome.stdout.contains("CRITICAL"), "{outcome:?}");
    machine.shell("kill -s KILL $(pidof kea-dhcp4)");
    kea.wait().unwrap();
}

#[test]
#[ignore = "needs the daemons of Kea, namespaces and root"]
fn sockets_of_one_server_are_not_taken_for_another_server() {
    let machine = Machine::new();
    let _first = machine.start(Daemon::Dhcp4);
    let mut second = usual(Daemon::Dhcp4);
    second["interfaces-config"]["interfaces"] = json!([]);
    second["control-socket"]["socket-name"] = json!("/run/kea/second");
    second["lease-database"]["name"] = json!("/var/lib/kea/second.csv");
    second["loggers"][0]["output_options"][0]["output"] = json!("/etc/kea/second.log");
    machine.configure_as("second.conf", Daemon::Dhcp4, &second);
    let _second = machine.start_as("second.conf", Daemon::Dhcp4);
    for outcome in [machine.status("-s dhcp4"), without(&machine, "sys_ptrace", "-s dhcp4")] {
        assert_eq!(outcome.status, 1, "{outcome:?}");
        assert!(outcome.stdout.contains("OK: kea-dhcp4: serving"), "{outcome:?}");
        assert!(outcome.stdout.contains("CRITICAL: second: it serves no client"), "{outcome:?}");
    }
}

#[test]
#[ignore = "needs the daemons of Kea, namespaces and root"]
fn server_of_an_unknown_user_is_not_untrusted_unseen() {
    let machine = Machine::new();
    machine.configure(Daemon::Dhcp4);
    machine.shell("chown 4242 /run/kea /run/lock/kea /var/lib/kea && chmod 777 /etc/kea");
    let mut command = machine.command("setpriv");
    command.args(["--reuid=4242", "--regid=4242", "--clear-groups"]);
    command.args(["--inh-caps=+net_bind_service,+net_raw", "--ambient-caps=+net_bind_service,+net_raw"]);
    let mut kea = command.args(["kea-dhcp4", "-c", "/etc/kea/kea-dhcp4.conf"]).stdout(Stdio::null()).spawn().unwrap();
    wait_for("the server", || (machine.facts(Daemon::Dhcp4)["verdict"] == "serving").then_some(()));
    machine.shell("chmod 700 /etc/kea");
    let mut nobody = machine.command("setpriv");
    nobody.args(["--reuid=65534", "--regid=65534", "--clear-groups", env!("CARGO_BIN_EXE_keactrl-status")]);
    let outcome = run(nobody.args(["-s", "dhcp4"]));
    assert_eq!(outcome.status, 2, "{outcome:?}");
    assert!(outcome.stdout.contains("UNKNOWN: it is not known whether process "), "{outcome:?}");
    assert!(!outcome.stdout.contains("CRITICAL") && !outcome.stdout.contains("remove the file"), "{outcome:?}");
    machine.shell("kill -s KILL $(pidof kea-dhcp4)");
    kea.wait().unwrap();
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn an_interface_that_is_down_is_no_fault_where_all_are_served() {
    let machine = Machine::new();
    let mut configuration = usual(Daemon::Dhcp4);
    configuration["interfaces-config"]["interfaces"] = json!(["*"]);
    machine.configure_as("kea-dhcp4.conf", Daemon::Dhcp4, &configuration);
    machine.shell("ip link add idle type veth peer name other");
    let _running = machine.start_as("kea-dhcp4.conf", Daemon::Dhcp4);
    let facts = machine.facts(Daemon::Dhcp4);
    assert_eq!(facts["control"]["status"]["sockets"], "failed", "the server itself says so: {facts:#}");
    assert_eq!((&facts["verdict"], &facts["state"]), (&json!("serving"), &json!("OK")), "{facts:#}");
    // Once it is up, its clients get nothing.
    machine.shell("ip link set idle up && ip link set other up");
    let facts = machine.facts(Daemon::Dhcp4);
    assert_eq!(
        (&facts["state"], &facts["findings"][0]["id"]),
        (&json!("WARNING"), &json!("sockets-failed")),
        "{facts:#}"
    );
}
