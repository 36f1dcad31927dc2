//! Accidents of which a server says nothing, or which end it.

use kea_tools::config::Daemon;
use serde_json::{Value, json};

use super::machine::{Machine, usual};
use crate::kea::Kea;
use crate::kea::database::{self, Database};
use crate::program::{must, run};
use crate::wait::wait_for;

/// Waits until the DHCPv4 server is judged like this, and gives the reason.
#[track_caller]
fn reason_when(machine: &Machine, state: &str, verdict: &str) -> String {
    let judged = || {
        let facts = machine.facts(Daemon::Dhcp4);
        let is_it = facts["state"] == state && facts["verdict"] == verdict;
        is_it.then(|| facts["reason"].as_str().unwrap().to_owned())
    };
    wait_for(&format!("{verdict}, {state}"), judged)
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_full_disk_under_the_lease_file_is_critical() {
    let machine = Machine::new();
    machine.shell("mount -t tmpfs -o size=64k tmpfs /var/lib/kea");
    let _running = machine.start(Daemon::Dhcp4);
    assert!(reason_when(&machine, "OK", "serving").starts_with("serving"));
    machine.shell("cat /dev/zero >/var/lib/kea/fill 2>/dev/null || true");
    let reason = reason_when(&machine, "CRITICAL", "not-serving");
    assert!(reason.starts_with("it can grant no lease: the file system of /var/lib/kea/"), "{reason}");
    assert!(reason.contains("is full"), "{reason}");
    machine.shell("rm /var/lib/kea/fill");
    reason_when(&machine, "OK", "serving");
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_lease_file_that_was_deleted_under_the_server_is_a_warning() {
    let machine = Machine::new();
    let _running = machine.start(Daemon::Dhcp4);
    for (what, words) in [
        ("mv /var/lib/kea/kea-leases4.csv /var/lib/kea/old.csv", "it writes into /var/lib/kea/old.csv, not into"),
        ("rm /var/lib/kea/old.csv", "deleted or replaced"),
    ] {
        machine.shell(what);
        let reason = reason_when(&machine, "WARNING", "serving");
        assert!(reason.contains(words), "{reason}");
    }
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn why_a_server_could_not_start_is_in_the_first_line() {
    let machine = Machine::new();
    let with = |key: &str, value: Value| {
        let mut configuration = usual(Daemon::Dhcp4);
        configuration[key] = value;
        machine.configure_as("kea-dhcp4.conf", Daemon::Dhcp4, &configuration);
        let ended = run(machine.command("timeout").args(["10", "kea-dhcp4", "-c", "/etc/kea/kea-dhcp4.conf"]));
        assert_eq!(ended.status, 1, "{ended:?}");
        machine.status("-s dhcp4 -f nagios").stdout
    };
    for (key, value, reason) in [
        ("interfaces-config", json!({ "interfaces": ["nosuch"] }), "interface 'nosuch' doesn't exist in the system"),
        ("hooks-libraries", json!([{ "library": "/nowhere/x.so" }]), "/nowhere/x.so"),
        ("lease-database", json!({ "type": "memfile", "name": "/nowhere/l.csv" }), "/nowhere, is missing"),
    ] {
        std::fs::remove_file(machine.etc("kea-dhcp4.log")).ok();
        let said = with(key, value);
        let first = said.lines().next().unwrap_or_default();
        assert!(first.starts_with("KEA CRITICAL - dhcp4: down: ") && first.contains(reason), "{reason}: {said}");
    }
}

/// Gives the server this configuration by command.
fn set_configuration(machine: &Machine, configuration: &Value) {
    machine.control("kea4-ctrl-socket").command("config-set", Some(&json!({ "Dhcp4": configuration })));
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_configuration_set_by_command_is_what_counts() {
    let machine = Machine::new();
    let _running = machine.start(Daemon::Dhcp4);
    let with = |key: &str, value: Value| {
        let mut configuration = usual(Daemon::Dhcp4);
        configuration[key] = value;
        configuration
    };
    set_configuration(&machine, &with("subnet4", json!([])));
    let reason = reason_when(&machine, "WARNING", "not-serving");
    assert!(reason.contains("the configuration that was set by command at ") && reason.contains("has no subnet"));
    let asked = machine.status("-f json -s dhcp4 --with-config");
    assert!(asked.stdout.contains("\"id\": \"no-subnet\""), "{asked:?}");
    let nowhere = with("interfaces-config", json!({ "interfaces": [] }));
    set_configuration(&machine, &nowhere);
    let reason = reason_when(&machine, "CRITICAL", "not-serving");
    assert!(reason.contains("no DHCP socket open; its configuration was set by command at "), "{reason}");
    set_configuration(&machine, &with("control-socket", json!({ "socket-type": "unix", "socket-name": "/run/kea/x" })));
    reason_when(&machine, "OK", "serving");
    assert_eq!(machine.facts(Daemon::Dhcp4)["control"]["address"], "/run/kea/x");
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_second_server_that_fails_to_start_changes_nothing() {
    let machine = Machine::new();
    let running = machine.start(Daemon::Dhcp4);
    machine.control("kea4-ctrl-socket").command("dhcp-disable", None);
    let mut second = usual(Daemon::Dhcp4);
    second["interfaces-config"] = json!({ "interfaces": ["nosuch"] });
    machine.configure_as("second.conf", Daemon::Dhcp4, &second);
    let ended = run(machine.command("timeout").args(["10", "kea-dhcp4", "-c", "/etc/kea/second.conf"]));
    assert_eq!(ended.status, 1, "{ended:?}");
    let log = std::fs::read_to_string(machine.etc("kea-dhcp4.log")).unwrap();
    assert!(log.contains("DHCP4_PARSER_FAIL"), "{log}");
    let facts = machine.facts(Daemon::Dhcp4);
    let found: Vec<&Value> = facts["findings"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!((found, &facts["process"]["pid"]), (vec![&json!("dhcp-disabled")], &json!(running.pid)), "{facts:#}");
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn the_end_of_a_limit_of_time_is_seen_with_the_next_packet() {
    let machine = Machine::new();
    let _running = machine.start(Daemon::Dhcp4);
    machine.control("kea4-ctrl-socket").command("dhcp-disable", Some(&json!({ "max-period": 4 })));
    reason_when(&machine, "CRITICAL", "not-serving");
    // A packet that no subnet is for, so that nothing else shows that DHCP is on.
    let ask = || run(machine.command("timeout").args(["5", "perfdhcp", "-4", "-l", "client", "-n", "1", "-R", "1"]));
    wait_for("the end of the limit", || {
        ask();
        (machine.facts(Daemon::Dhcp4)["verdict"] == "serving").then_some(())
    });
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn clients_that_no_subnet_is_for_show_between_two_looks() {
    let machine = Machine::new();
    let mut configuration = usual(Daemon::Dhcp4);
    configuration["subnet4"] =
        json!([{ "id": 1, "subnet": "10.99.0.0/16", "pools": [{ "pool": "10.99.1.0 - 10.99.1.99" }] }]);
    machine.configure_as("kea-dhcp4.conf", Daemon::Dhcp4, &configuration);
    let _running = machine.start_as("kea-dhcp4.conf", Daemon::Dhcp4);
    let look = || machine.status("-f nagios -s dhcp4 --state /run/state");
    assert_eq!(look().status, 0);
    // Clients on the server's own network ask, and Kea 2.2 logs nothing of it.
    let client = machine
        .command("udhcpc")
        .args(["-i", "client", "-n", "-q", "-t", "12", "-T", "1", "-s", "/bin/true"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(!client.success(), "the client got a lease");
    let said = look();
    assert!(said.status == 1 && said.stdout.contains(" packets from clients that request a lease since "), "{said:?}");
    assert!(!std::fs::read_to_string(machine.etc("kea-dhcp4.log")).unwrap().contains("NAK"));
    machine.configure(Daemon::Dhcp4);
    set_configuration(&machine, &usual(Daemon::Dhcp4));
    must(machine.command("udhcpc").args(["-i", "client", "-n", "-q", "-t", "9", "-T", "1", "-s", "/bin/true"]));
    assert_eq!(look().status, 0);
    assert_eq!(machine.shell("stat -c %a /run/state"), "600\n");
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_control_socket_that_was_removed_is_named_with_the_remedy() {
    let machine = Machine::new();
    let _running = machine.start(Daemon::Dhcp4);
    machine.shell("rm /run/kea/kea4-ctrl-socket");
    let reason = reason_when(&machine, "WARNING", "serving");
    let text = "its control socket /run/kea/kea4-ctrl-socket was removed or replaced while it runs (only a restart";
    assert!(reason.contains(text), "{reason}");
}

/// Takes the connection to a database away, or gives it back.
fn allow(name: &str, is_allowed: bool) {
    must(database::psql("postgres").args(["-c", &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {is_allowed}")]));
    if !is_allowed {
        let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        must(database::psql("postgres").args(["-c", &end]));
    }
}

#[test]
#[ignore = "needs the daemons of Kea, namespaces and databases: run scripts/test"]
fn a_lost_lease_database_is_critical_until_it_is_found_again() {
    let machine = Machine::new();
    let database = Database::postgresql(&Kea::debian12());
    let mut configuration = usual(Daemon::Dhcp4);
    let mut kept = database.configuration();
    let more = json!({ "on-fail": "serve-retry-continue", "max-reconnect-tries": 1000, "reconnect-wait-time": 200 });
    kept.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    configuration["lease-database"] = kept;
    // The server notices when it asks for something.
    configuration["expired-leases-processing"] = json!({ "reclaim-timer-wait-time": 1 });
    machine.configure_as("kea-dhcp4.conf", Daemon::Dhcp4, &configuration);
    let _running = machine.start_as("kea-dhcp4.conf", Daemon::Dhcp4);
    reason_when(&machine, "OK", "serving");
    allow(database.name(), false);
    let reason = reason_when(&machine, "CRITICAL", "not-serving");
    assert!(reason.starts_with("it serves no client: the connection to its lease database was lost at "), "{reason}");
    allow(database.name(), true);
    reason_when(&machine, "OK", "serving");
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_log_that_was_renamed_or_deleted_is_read_on() {
    let machine = Machine::new();
    let _running = machine.start(Daemon::Dhcp4);
    machine.shell("mv /etc/kea/kea-dhcp4.log /etc/kea/kea-dhcp4.log-2026 && touch /etc/kea/kea-dhcp4.log");
    assert_eq!(machine.facts(Daemon::Dhcp4)["state"], "OK");
    machine.control("kea4-ctrl-socket").command("dhcp-disable", None);
    let is_disabled = || {
        let facts = machine.facts(Daemon::Dhcp4);
        assert_eq!(
            (&facts["state"], &facts["findings"][0]["id"]),
            (&json!("CRITICAL"), &json!("dhcp-disabled")),
            "{facts:#}"
        );
        assert_eq!(facts["log"]["path"], "/etc/kea/kea-dhcp4.log", "{facts:#}");
    };
    is_disabled();
    let loggers = run(machine.command(env!("CARGO_BIN_EXE_kea-loggers")).args(["-f", "nagios"]));
    let text = "/etc/kea/kea-dhcp4.log was renamed or deleted while the daemon runs: the daemon goes on writing into \
        /etc/kea/kea-dhcp4.log-2026";
    assert!(loggers.status == 2 && loggers.stdout.contains(text), "{loggers:?}");
    machine.shell("rm /etc/kea/kea-dhcp4.log-2026");
    is_disabled();
}
