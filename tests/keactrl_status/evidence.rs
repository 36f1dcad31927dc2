//! What a server says of itself, and what its log, its files and its configuration show: evidence decides.

use std::fs;

use serde_json::{Value, json};

use crate::fake::Fake;
use crate::world::{LOG, Machine, PID, status_with};

/// A log that a server of this release wrote.
fn recorded(name: &str) -> String {
    fs::read_to_string(format!("{}/tests/data/control/logs/{name}.log", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A server that says that all is well, as Kea 2.7.1 and later do.
fn content() -> Fake {
    Fake::unix(status_with(json!({ "dhcp-state": { "globally-disabled": false, "disabled-by-user": false,
        "disabled-by-local-command": [], "disabled-by-remote-command": [], "disabled-by-db-connection": [] } })))
}

/// The same machine with one more member in the DHCPv4 server's configuration.
fn configure(machine: &Machine, key: &str, value: Value) {
    let path = "/etc/kea/kea-dhcp4.conf";
    let mut file: Value = serde_json::from_slice(&fs::read(machine.at(path)).unwrap()).unwrap();
    file["Dhcp4"][key] = value;
    machine.file(path, file.to_string());
}

/// A machine whose server keeps leases and reservations in databases that it may do without.
fn with_databases(fake: &Fake) -> Machine {
    let machine = Machine::behind(fake);
    let database = json!({ "type": "postgresql", "on-fail": "serve-retry-continue" });
    configure(&machine, "lease-database", database.clone());
    configure(&machine, "hosts-database", database.clone());
    configure(&machine, "config-control", json!({ "config-databases": [database] }));
    machine
}

/// Without what was logged when the connection was found again.
fn before_recovery(log: &str) -> &str {
    let at = log.find("DB_RECONNECT_SUCCEEDED").unwrap_or(log.len() - 1);
    &log[..=log[..at].rfind('\n').unwrap_or(at)]
}

#[test]
fn a_lost_lease_database_is_critical_though_the_server_goes_on() {
    let fake = content();
    for release in ["2.2.0", "2.6.3", "3.0.4"] {
        for kind in ["leases", "both"] {
            let machine = with_databases(&fake);
            let log = recorded(&format!("{release}.{kind}"));
            machine.file(LOG, before_recovery(&log));
            let text = "it serves no client: the connection to its lease database was lost at 2026-11-29 1";
            machine.assert_said("not-serving", "CRITICAL", "database-lost", text);
            assert_eq!(machine.facts("")["log"]["database-lost"]["database"], "leases", "{release} {kind}");
            assert_eq!(machine.run("-s dhcp4").status, 1, "{release} {kind}");
        }
    }
}

#[test]
fn a_lost_database_of_reservations_is_a_warning() {
    let fake = content();
    for release in ["2.2.0", "2.6.3", "3.0.4"] {
        let machine = with_databases(&fake);
        machine.file(LOG, before_recovery(&recorded(&format!("{release}.hosts"))));
        let text = "the connection to its database of reservations was lost";
        machine.assert_said("serving", "WARNING", "database-lost", text);
        // With the usual `on-fail` the server stops.
        configure(&machine, "hosts-database", json!({ "type": "postgresql" }));
        machine.assert_said("not-serving", "CRITICAL", "database-lost", text);
    }
    let machine = with_databases(&fake);
    machine.file(LOG, before_recovery(&recorded("3.0.4.configuration")));
    machine.assert_said("serving", "WARNING", "database-lost", "the database of its configuration was lost");
}

#[test]
fn a_database_that_was_found_again_is_no_matter() {
    let fake = content();
    for release in ["2.2.0", "2.6.3", "3.0.4"] {
        for kind in ["leases", "hosts", "both", "configuration"] {
            let path = format!("{release}.{kind}");
            // This server never found it; that release has no such database.
            if ["3.0.4.leases", "2.2.0.configuration", "2.6.3.configuration"].contains(&path.as_str()) {
                continue;
            }
            let machine = with_databases(&fake);
            machine.file(LOG, recorded(&path));
            machine.assert_well();
        }
    }
    // A client that gets a lease shows it too.
    let machine = with_databases(&fake);
    let lost = recorded("3.0.4.leases");
    machine.file(LOG, lost + "2026-11-29 12:30:00.000 INFO  [kea-dhcp4.leases/1.2] DHCP4_LEASE_ALLOC x\n");
    machine.assert_well();
}

#[test]
fn leases_that_cannot_be_written_are_critical_until_one_is() {
    let fake = content();
    for release in ["2.2.0", "2.6.3"] {
        let machine = Machine::behind(&fake);
        let log = recorded(&format!("{release}.disk"));
        // At the end the disk has room again, and clients get leases.
        machine.file(LOG, &log);
        machine.assert_well();
        let last = log.rfind("failed to write CSV row").unwrap();
        let failing = &log[..=last + log[last..].find('\n').unwrap()];
        let said = "it could not write the last lease that it had to; ALLOC_ENGINE_V4_ALLOC_ERROR at 2026-11-29";
        // The machine's clock is before that.
        machine.file(LOG, failing);
        let text =
            "it can give no lease, for it could not write the last one; ALLOC_ENGINE_V4_ALLOC_ERROR at 2026-11-29";
        machine.assert_said("not-serving", "CRITICAL", "lease-not-written", text);
        machine.file(LOG, failing.replace("2026-11-29", "2026-11-19"));
        machine.assert_said("serving", "WARNING", "lease-not-written", &said.replace("2026-11-29", "2026-11-19"));
    }
}

/// Takes the server's process away, and leaves no pid file.
fn end_process(machine: &Machine) {
    fs::remove_dir_all(machine.at(&format!("/proc/{PID}"))).unwrap();
    fs::remove_file(machine.at("/run/kea/kea-dhcp4.kea-dhcp4.pid")).unwrap();
}

/// A machine whose server is down and has left this log.
fn ended(log: &str) -> Machine {
    let socket = json!({ "socket-type": "unix", "socket-name": "/run/kea/s" });
    let machine = Machine::with_dhcp4(&json!({ "control-socket": socket }));
    machine.file(LOG, log);
    machine.file("/var/lib/kea/kea-leases4.csv", "address\n");
    end_process(&machine);
    machine
}

#[track_caller]
fn assert_down(machine: &Machine, text: &str) {
    let classic = machine.run("-s dhcp4");
    let line = classic.stdout.lines().nth(1).unwrap_or_default();
    assert!(line.starts_with("DHCPv4 server: CRITICAL: down") && line.contains(text), "{text:?}: {classic:?}");
    let nagios = machine.run("-s dhcp4 -f nagios");
    let first = nagios.stdout.lines().next().unwrap_or_default();
    assert!(first.starts_with("KEA CRITICAL - dhcp4: down") && first.contains(text), "{text:?}: {nagios:?}");
}

#[test]
fn why_a_server_is_down_is_in_the_first_line() {
    for release in ["2.2.0", "2.6.3", "3.0.4"] {
        assert_down(&ended(&recorded(&format!("{release}.ended"))), "DB_RECONNECT_ATTEMPT_FAILED at 2026-11-29");
    }
    // Kea 3.0.4 ends when it cannot write a lease.
    assert_down(&ended(&recorded("3.0.4.disk")), "failed to write CSV row '10.77.1.68");
    let started = "2026-11-20 10:00:00.000 INFO  [kea-dhcp4.dhcp4/9.1] DHCP4_STARTED x\n";
    let init = "2026-11-20 11:00:00.000 ERROR [kea-dhcp4.dhcp4/77.1] DHCP4_INIT_FAIL failed to initialize Kea server: \
        configuration error using file '/etc/kea/kea-dhcp4.conf': Failed to select interface (/etc/kea/kea-dhcp4.conf:5:5)\n";
    let text = "down: DHCP4_INIT_FAIL at 2026-11-20 11:00:00.000: configuration error using file '/etc/kea/kea-dhcp4.conf': \
        Failed to select interface (/etc/kea/kea-dhcp4.conf:5:5)";
    assert_down(&ended(&format!("{started}{init}")), text);
    let shutdown = "2026-11-20 11:00:00.000 INFO  [kea-dhcp4.dhcp4/9.1] DHCP4_SHUTDOWN server shutdown\n";
    assert_down(&ended(&format!("{started}{shutdown}")), "down: it was stopped at 2026-11-20 11:00:00.000");
    let hook = "2026-11-20 11:00:00.000 ERROR HOOKS_OPEN_ERROR failed to open hook library /x.so: undefined symbol\n\
        2026-11-20 11:00:00.000 ERROR DHCP4_CONFIG_LOAD_FAIL libraries in error are: /x.so\n";
    assert_down(&ended(hook), "undefined symbol");
    let running = "FATAL DHCP4_ALREADY_RUNNING kea-dhcp4 already running? PID: 9 exists\n";
    assert_down(&ended(&format!("{started}{shutdown}{running}")), "already running? PID: 9 exists");
}

#[test]
fn what_keeps_a_server_from_starting_is_said_without_its_log() {
    let machine = ended("");
    configure(&machine, "hooks-libraries", json!([{ "library": "/usr/lib/kea/hooks/libdhcp_nosuch.so" }]));
    assert_down(&machine, "down: its hook library /usr/lib/kea/hooks/libdhcp_nosuch.so is not there");
    machine.file("/etc/kea/kea-dhcp4.conf", "{ \"Dhcp4\": { \"subnet4\": [ oops ] } }");
    assert_down(&machine, "down: its configuration does not parse: ");
    assert_down(&machine, "kea-dhcp4.conf:1:27");
}

#[test]
fn a_server_without_a_subnet_or_pool_is_a_warning() {
    let fake = content();
    let machine = Machine::behind(&fake);
    configure(&machine, "subnet4", json!([]));
    let text = "none can get a lease, for its configuration has no subnet";
    machine.assert_said("not-serving", "WARNING", "no-subnet", text);
    configure(&machine, "subnet4", json!([{ "subnet": "192.0.2.0/24" }]));
    machine.assert_said(
        "not-serving",
        "WARNING",
        "no-pool",
        "no subnet of its configuration has a pool or a reservation",
    );
    let pool = json!([{ "pool": "198.51.100.0/25" }]);
    configure(
        &machine,
        "subnet4",
        json!([{ "subnet": "192.0.2.0/24" }, { "subnet": "198.51.100.0/24", "pools": pool }]),
    );
    machine.assert_said("serving", "WARNING", "no-pool", "no client can get a lease in 192.0.2.0/24: there is no pool");
    let reservation = json!([{ "hw-address": "02:00:00:00:00:01", "ip-address": "192.0.2.7" }]);
    configure(&machine, "subnet4", json!([{ "subnet": "192.0.2.0/24", "reservations": reservation }]));
    machine.assert_well();
    configure(&machine, "subnet4", json!([]));
    configure(&machine, "config-control", json!({ "config-databases": [{ "type": "mysql" }] }));
    machine.assert_well();
}

#[test]
fn a_client_that_got_a_lease_shows_that_dhcp_is_on() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    let line = |time: &str, what: &str| format!("2026-11-20 {time}.000 INFO  [kea-dhcp4.x/1.2] {what}\n");
    let off = line("11:00:00", "COMMAND_RECEIVED Received command 'dhcp-disable'");
    machine.file(LOG, &off);
    machine.assert_said("not-serving", "CRITICAL", "dhcp-disabled", "DHCP was switched off at 2026-11-20 11:00:00.000");
    // One that was on its way is answered yet.
    machine.file(LOG, off.clone() + &line("11:00:01", "DHCP4_LEASE_ALLOC x"));
    machine.assert_said("not-serving", "CRITICAL", "dhcp-disabled", "DHCP was switched off");
    machine.file(LOG, off + &line("11:02:00", "DHCP4_LEASE_ALLOC x"));
    machine.assert_well();
}
