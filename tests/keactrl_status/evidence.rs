//! What a server says of itself, and what its log, its files and its configuration show: evidence decides.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::keactrl_status::fake::{Fake, Reply};
use crate::keactrl_status::harness::{HEADER, LOG, Machine, NOW, PID, status_with};

/// A log that a server of this release wrote, as if it were the machine's.
fn recorded(name: &str) -> String {
    let path = format!("{}/tests/data/control/logs/{name}.log", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).unwrap();
    let number = text.split("[kea-dhcp4.").nth(1).and_then(|rest| rest.split(['/', '.']).nth(1)).unwrap();
    text.replace(&format!("/{number}."), &format!("/{PID}."))
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
    machine.file(LOG, lost + "2026-11-29 12:30:00.000 INFO  [kea-dhcp4.leases/77.2] DHCP4_LEASE_ALLOC x\n");
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
        let said = "it could not write the last lease; ALLOC_ENGINE_V4_ALLOC_ERROR at 2026-11-29";
        // The machine's clock is before that.
        machine.file(LOG, failing);
        let text = "it can grant no lease: it could not write the last one; ALLOC_ENGINE_V4_ALLOC_ERROR at 2026-11-29";
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
    machine.file("/var/lib/kea/kea-leases4.csv", HEADER);
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
    assert_down(&machine, "down: its hook library /usr/lib/kea/hooks/libdhcp_nosuch.so is missing");
    machine.file("/etc/kea/kea-dhcp4.conf", "{ \"Dhcp4\": { \"subnet4\": [ oops ] } }");
    assert_down(&machine, "down: its configuration does not parse: ");
    assert_down(&machine, "kea-dhcp4.conf:1:27");
}

#[test]
fn where_a_log_ends_in_a_start_the_step_that_failed_is_named() {
    let line = |what: &str| format!("2026-11-20 11:00:00.000 INFO  [kea-dhcp4.dhcpsrv/9.1] {what}\n");
    let opening = line("DHCPSRV_MYSQL_DB opening MySQL lease database: host=db1 password=geheim7 user=kea");
    let machine = ended(&opening);
    assert_down(
        &machine,
        "its log ends during a start, and the failure is on its standard output only; DHCPSRV_MYSQL_DB",
    );
    assert!(!machine.run("-s dhcp4").stdout.contains("geheim7"));
    let error = line("DATABASE_INVALID_ACCESS invalid database access string: name='a b' password=geheim7")
        .replace("INFO ", "ERROR");
    let refused = ended(&(opening.clone() + &error));
    assert_down(
        &refused,
        "down: its log ends with an error; DATABASE_INVALID_ACCESS at 2026-11-20 11:00:00.000: invalid",
    );
    assert!(!refused.run("-s dhcp4").stdout.contains("geheim7"));
    let started = ended(&(opening + &line("DHCP4_STARTED x")));
    assert!(!started.run("-s dhcp4").stdout.contains("its log ends"));
}

#[test]
fn what_is_no_lease_file_or_not_there_is_named() {
    let machine = ended("");
    machine.file("/var/lib/kea/kea-leases4.csv", "garbage\nx\n");
    assert_down(&machine, "it cannot start from its lease file /var/lib/kea/kea-leases4.csv");
    let header =
        "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n";
    machine.file("/var/lib/kea/kea-leases4.csv", header);
    assert!(!machine.run("-s dhcp4").stdout.contains("cannot start from"));
    let logger = json!([{ "name": "kea-dhcp4", "output_options": [{ "output": "/nowhere/kea.log" }] }]);
    configure(&machine, "loggers", logger);
    assert_down(&machine, "the directory of its log, /nowhere, is missing");
    machine.file("/usr/sbin/kea-dhcp4", "x --runstatedir=/opt/run y");
    assert_down(&machine, "the directory of its pid file, /opt/run/kea, is missing");
    fs::create_dir_all(machine.at("/opt/run/kea")).unwrap();
    assert!(!machine.run("-s dhcp4").stdout.contains("its pid file"));
}

#[test]
fn times_of_a_log_in_another_zone_are_of_the_same_moment() {
    let fake = content();
    let machine = Machine::behind(&fake);
    // The machine's files were last changed at 10:53:20, an hour and six minutes ago: in the log of a daemon two hours to
    // the east that is 12:53:20.
    let failed =
        "2026-11-20 12:53:20.000 ERROR [kea-dhcp4.x/77.1] ALLOC_ENGINE_V4_ALLOC_ERROR failed to write CSV row\n";
    machine.file(LOG, "2026-11-20 12:30:00.000 INFO  [kea-dhcp4.x/77.1] SOME_THING x\n".to_owned() + failed);
    machine.assert_said("serving", "WARNING", "lease-not-written", "it could not write the last lease");
}

#[test]
fn a_server_without_a_subnet_or_pool_is_a_warning() {
    let fake = content();
    let machine = Machine::behind(&fake);
    configure(&machine, "subnet4", json!([]));
    let text = "no lease is available because its configuration has no subnet";
    machine.assert_said("not-serving", "WARNING", "no-subnet", text);
    configure(&machine, "subnet4", json!([{ "subnet": "192.0.2.0/24" }]));
    machine.assert_said(
        "not-serving",
        "WARNING",
        "no-pool",
        "no subnet of its configuration has a pool or a reserved address",
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
    let line = |time: &str, what: &str| format!("2026-11-20 {time}.000 INFO  [kea-dhcp4.x/77.2] {what}\n");
    let off = line("11:00:00", "COMMAND_RECEIVED Received command 'dhcp-disable'");
    machine.file(LOG, &off);
    machine.assert_said("not-serving", "CRITICAL", "dhcp-disabled", "DHCP was disabled at 2026-11-20 11:00:00.000");
    // One that was on its way is answered yet.
    machine.file(LOG, off.clone() + &line("11:00:01", "DHCP4_LEASE_ALLOC x"));
    machine.assert_said("not-serving", "CRITICAL", "dhcp-disabled", "DHCP was disabled");
    machine.file(LOG, off + &line("11:02:00", "DHCP4_LEASE_ALLOC x"));
    machine.assert_well();
}

/// The server's answer is the same, and that it has counted a packet at this time, or none.
fn counting(time: Option<&'static str>) -> Fake {
    let status = status_with(json!({}));
    Fake::unix(move |command| match command["command"].as_str() {
        Some("statistic-get") => {
            let samples =
                time.map_or_else(|| json!([[0, "2026-11-20 10:36:40.0"]]), |time| json!([[3, time], [2, time]]));
            Reply::Answer(json!({ "result": 0, "arguments": { "pkt4-received": samples } }))
        }
        _ => status(command),
    })
}

#[test]
fn a_limit_of_time_that_has_run_out_shows_in_what_is_counted() {
    let disabled =
        "2026-11-20 11:00:00.000 INFO  [kea-dhcp4.commands/77.1] COMMAND_RECEIVED Received command 'dhcp-disable'\n";
    let machine = |fake: &Fake| {
        let machine = Machine::behind(fake);
        machine.file(LOG, disabled);
        machine
    };
    for time in [None, Some("2026-11-20 10:59:59.9"), Some("2026-11-20 11:00:01.0")] {
        let fake = counting(time);
        machine(&fake).assert_said(
            "not-serving",
            "CRITICAL",
            "dhcp-disabled",
            "and not enabled again, according to its log",
        );
    }
    let fake = counting(Some("2026-11-20 11:05:00.0"));
    let running = machine(&fake);
    running.assert_well();
    // One command more than usual, and only then.
    running.file(LOG, "2026-11-20 10:36:40.000 INFO  [kea-dhcp4.dhcp4/77.1] DHCP4_STARTED x\n");
    let before = fake.asked().len();
    running.run("-s dhcp4 -f nagios");
    assert_eq!(fake.asked().len(), before + 1);
}

#[test]
fn a_log_that_was_rotated_away_counts() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    let disabled =
        "2026-11-20 11:00:00.000 INFO  [kea-dhcp4.commands/77.1] COMMAND_RECEIVED Received command 'dhcp-disable'\n";
    machine.file(&format!("{LOG}.1"), disabled);
    machine.file(LOG, "2026-11-20 11:30:00.000 INFO  [kea-dhcp4.x/77.1] SOME_THING x\n");
    machine.assert_said("not-serving", "CRITICAL", "dhcp-disabled", "DHCP was disabled");
    fs::remove_file(machine.at(LOG)).unwrap();
    machine.assert_said("not-serving", "CRITICAL", "dhcp-disabled", "DHCP was disabled");
}

#[test]
fn a_log_of_commands_apart_from_the_rest_counts() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    let logger = |name: &str, file: &str| json!({ "name": name, "output_options": [{ "output": file }] });
    let apart = "/var/log/kea/commands.log";
    configure(&machine, "loggers", json!([logger("kea-dhcp4.commands", apart), logger("kea-dhcp4", LOG)]));
    let disabled =
        "2026-11-20 11:00:00.000 INFO  [kea-dhcp4.commands/77.1] COMMAND_RECEIVED Received command 'dhcp-disable'\n";
    machine.file(apart, disabled);
    machine.assert_said("not-serving", "CRITICAL", "dhcp-disabled", "DHCP was disabled");
    let lease = "2026-11-20 11:30:00.000 INFO  [kea-dhcp4.leases/77.1] DHCP4_LEASE_ALLOC x\n";
    machine.file(LOG, lease);
    machine.assert_well();
}

#[test]
fn a_log_that_does_not_tell_is_named() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    machine.file(LOG, "2026-11-20 11:30:00.000 WARN  [kea-dhcp4.x/77.1] SOME_THING x\n");
    let said = machine.run("-s dhcp4").stderr;
    assert!(said.contains("not seen: whether DHCP was disabled: its log /var/log/kea/kea-dhcp4.log has no"), "{said}");
    fs::remove_file(machine.at(LOG)).unwrap();
    let said = machine.run("-s dhcp4").stderr;
    assert!(said.contains("not seen: its log: /var/log/kea/kea-dhcp4.log is not there"), "{said}");
    // Newer servers say it themselves.
    let newer = content();
    let machine = Machine::behind(&newer);
    machine.file(LOG, "2026-11-20 11:30:00.000 WARN  [kea-dhcp4.x/77.1] SOME_THING x\n");
    assert_eq!(machine.run("-s dhcp4").stderr, "");
}

#[test]
fn failed_start_of_another_server_in_the_log_is_ignored() {
    let fake = content();
    let machine = Machine::behind(&fake);
    let other = |id: &str| format!("2026-11-20 11:30:00.000 ERROR [kea-dhcp4.dhcp4/99.1] {id} x\n");
    machine.file(LOG, other("DHCP4_PARSER_FAIL") + &other("DHCP4_CONFIG_LOAD_FAIL") + &other("DHCP4_INIT_FAIL"));
    machine.assert_well();
    // Where the pattern does not say which process it was, one that runs has not failed to start.
    machine.file(LOG, "ERROR DHCP4_CONFIG_LOAD_FAIL x\nERROR DHCP4_INIT_FAIL x\nINFO  SOME_THING y\n");
    machine.assert_well();
}

#[test]
fn config_set_without_a_subnet_is_not_serving() {
    let fake = content();
    let machine = Machine::behind(&fake);
    let line = |what: &str| format!("2026-11-20 11:30:00.000 INFO  [kea-dhcp4.x/77.1] {what}\n");
    let set = line("COMMAND_RECEIVED Received command 'config-set'");
    let none =
        line("DHCP4_CONFIG_COMPLETE DHCPv4 server has completed configuration: no IPv4 subnets!; DDNS: disabled");
    machine.file(LOG, set + &none);
    let text = "the configuration that was set by command at 2026-11-20 11:30:00.000 has no subnet (config-set)";
    machine.assert_said("not-serving", "WARNING", "no-subnet", text);
}

#[test]
fn the_running_configuration_counts_where_it_is_asked_for() {
    let status = status_with(json!({}));
    let fake = Fake::unix(move |command| match command["command"].as_str() {
        Some("config-get") => Reply::Answer(json!({ "result": 0, "arguments": { "Dhcp4": { "subnet4": [] } } })),
        _ => status(command),
    });
    let machine = Machine::behind(&fake);
    machine.assert_well();
    let facts = machine.facts("--with-config");
    assert_eq!((&facts["verdict"], &facts["findings"][0]["id"]), (&json!("not-serving"), &json!("no-subnet")));
}

/// The table of unix sockets in which something listens on `path`.
fn listening(path: &str) -> String {
    format!("Num RefCount Protocol Flags Type St Inode Path\n0: 2 0 00010000 0001 01 999 {path}\n")
}

#[test]
fn a_control_socket_that_was_removed_is_named_with_what_helps() {
    let machine = Machine::with_dhcp4(&json!({
        "control-socket": { "socket-type": "unix", "socket-name": "/run/kea/kea4-ctrl-socket" }
    }));
    machine.file("/proc/77/net/unix", listening("/run/kea/kea4-ctrl-socket"));
    let text = "its control socket /run/kea/kea4-ctrl-socket was removed or replaced while it runs (only a restart";
    machine.assert_said("serving", "WARNING", "control-lost", text);
}

#[test]
fn a_control_socket_that_came_with_a_command_is_found() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::with_dhcp4(&json!({
        "control-socket": { "socket-type": "unix", "socket-name": "/run/kea/kea4-ctrl-socket" }
    }));
    fs::create_dir_all(machine.at("/run/kea")).unwrap();
    fs::hard_link(fake.path(), machine.at("/run/kea/other")).unwrap();
    machine.file("/proc/77/net/unix", listening("/run/kea/other"));
    fs::create_dir_all(machine.at("/proc/77/fd")).unwrap();
    std::os::unix::fs::symlink("socket:[999]", machine.at("/proc/77/fd/9")).unwrap();
    std::os::unix::fs::symlink("socket:[111]", machine.at("/proc/77/fd/8")).unwrap();
    // The process started after its file was last changed.
    let file = fs::File::options().write(true).open(machine.at("/etc/kea/kea-dhcp4.conf")).unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_795_170_000)).unwrap();
    let facts = machine.facts("");
    assert_eq!((&facts["control"]["address"], &facts["state"]), (&json!("/run/kea/other"), &json!("OK")), "{facts:#}");
}

/// The same, changed so many seconds ago: long after the server has loaded it.
fn change(machine: &Machine, key: &str, value: Value) {
    configure(machine, key, value);
    let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW - 10);
    let file = File::options().write(true).open(machine.at("/etc/kea/kea-dhcp4.conf")).unwrap();
    file.set_modified(changed).unwrap();
}

#[test]
fn what_is_served_is_not_judged_by_an_unloaded_configuration() {
    let fake = content();
    let open = "/var/lib/kea/kea-leases4.csv";
    let elsewhere = json!({ "type": "memfile", "name": "/nowhere/leases4.csv", "lfc-interval": 60 });
    let log = json!([{ "name": "kea-dhcp4", "output_options": [{ "output": "/nowhere/kea.log" }] }]);
    for (key, value) in [
        ("subnet4", json!([])),
        ("interfaces-config", json!({ "interfaces": ["eth7"] })),
        ("lease-database", elsewhere),
        ("loggers", log),
    ] {
        let machine = Machine::behind(&fake);
        fs::create_dir_all(machine.at(&format!("/proc/{PID}/fd"))).unwrap();
        for (number, target) in [("7", LOG), ("8", "socket:[111]"), ("9", open)] {
            symlink(target, machine.at(&format!("/proc/{PID}/fd/{number}"))).unwrap();
        }
        machine.file(open, HEADER);
        change(&machine, key, value);
        machine.assert_said("serving", "WARNING", "configuration-newer", "and not loaded since");
        assert_eq!(machine.facts("")["findings"].as_array().unwrap().len(), 1, "{key}");
        let failed =
            "2026-11-20 11:59:50.000 ERROR [kea-dhcp4.dhcp4/77.1] DHCP4_CONFIG_LOAD_FAIL unsupported parameter\n";
        machine.file(LOG, failed);
        let text = "it runs with an older configuration because its last reload failed; DHCP4_CONFIG_LOAD_FAIL";
        machine.assert_said("reload-failed", "WARNING", "reload-failed", text);
        assert_eq!(machine.facts("")["findings"].as_array().unwrap().len(), 1, "{key}");
    }
}
