//! Files that are not what they should be, and processes that come and go.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use serde_json::{Value, json};

use crate::keactrl_status::fake::Fake;
use crate::keactrl_status::harness::{HEADER, LOG, Machine, Ran, status_with};

/// A machine on which a DHCPv4 server is installed and does not run.
fn without_server() -> Machine {
    let machine = Machine::empty();
    machine.file("/etc/kea/kea-dhcp4.conf", r#"{"Dhcp4": {}}"#);
    machine.file("/usr/sbin/kea-dhcp4", "");
    machine
}

const PID_FILE: &str = "/run/kea/kea-dhcp4.kea-dhcp4.pid";

#[test]
fn malformed_pid_file_is_reported_and_prevents_start() {
    for bad in ["", "garbage\n", "4711", "99999999999999999999\n", "\u{0}\u{0}"] {
        let machine = without_server();
        machine.file(PID_FILE, bad);
        let facts = machine.facts("");
        assert_eq!(facts["verdict"], "stale-pid-file", "{bad:?}: {facts:#}");
        assert_eq!(facts["findings"][0]["id"], "pid-file-bad", "{bad:?}: {facts:#}");
        let ran = machine.run("-s dhcp4");
        assert_eq!(ran.status, 1);
        assert!(ran.stdout.starts_with("DHCPv4 server: inactive\nDHCPv4 server: CRITICAL: down, and cannot start"));
    }
}

#[test]
fn unusual_pid_file_is_parsed_as_by_kea() {
    for (text, id) in [
        ("4711\n4712\n", "pid-file-reused"),
        ("\n 4711x\n", "pid-file-reused"),
        ("4712\n4711\n", "pid-file-stale"),
        ("-4711\n", "pid-file-stale"),
        ("0\n", "pid-file-stale"),
    ] {
        let machine = without_server();
        machine.file("/proc/4711/comm", "sleep\n");
        machine.file(PID_FILE, text);
        let facts = machine.facts("");
        assert_eq!(facts["findings"][0]["id"], id, "{text:?}: {facts:#}");
    }
}

#[test]
fn dangling_pid_file_link_is_bad_unless_kea_can_create_it() {
    let machine = without_server();
    std::fs::create_dir_all(machine.at("/run/kea")).unwrap();
    symlink("nowhere/at/all", machine.at(PID_FILE)).unwrap();
    let facts = machine.facts("");
    assert_eq!(facts["pid-files"][0]["meaning"], "bad", "{facts:#}");
    assert!(facts["reason"].as_str().unwrap().contains("dangling symbolic link"), "{facts:#}");
    std::fs::create_dir_all(machine.at("/run/kea/nowhere/at")).unwrap();
    let facts = machine.facts("");
    assert_eq!((&facts["verdict"], &facts["pid-files"]), (&json!("down"), &json!([])), "{facts:#}");
}

#[test]
fn pid_file_that_is_a_fifo_is_bad_and_not_waited_for() {
    let machine = without_server();
    std::fs::create_dir_all(machine.at("/run/kea")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(machine.at(PID_FILE)).status().unwrap().success());
    let facts = machine.facts("");
    assert_eq!(facts["findings"][0]["id"], "pid-file-bad", "{facts:#}");
}

#[test]
fn a_pid_file_is_found_where_the_program_was_built_to_leave_it() {
    let machine = without_server();
    machine.file("/usr/sbin/kea-dhcp4", "\u{7f}ELF\0 '--prefix=/usr' '--runstatedir=/srv/odd'\0");
    machine.file("/srv/odd/kea/kea-dhcp4.kea-dhcp4.pid", "4711\n");
    let facts = machine.facts("");
    assert_eq!(facts["findings"][0]["id"], "pid-file-stale", "{facts:#}");
    assert_eq!(facts["pid-files"][0]["path"], "/srv/odd/kea/kea-dhcp4.kea-dhcp4.pid", "{facts:#}");
}

#[test]
fn a_server_in_a_container_is_looked_at_in_its_own_files() {
    let fake = Fake::unix(status_with(json!({ "pid": 1 })));
    let machine = Machine::behind(&fake);
    machine.file("/proc/77/status", "Name:\tkea-dhcp4\nUid:\t0\t0\t0\t0\nNSpid:\t77\t1\n");
    // What the machine itself has by those names is none of the container's.
    machine.file("/etc/kea/kea-dhcp4.conf", "{ broken");
    let inside = |path: &str| format!("/proc/77/root{path}");
    let socket = json!({ "socket-type": "unix", "socket-name": "/var/run/kea/s" });
    let log = json!([{ "name": "kea-dhcp4", "output_options": [{ "output": "/log/k.log" }] }]);
    let interfaces = json!({ "interfaces": ["eth0"] });
    let subnet = json!([{ "subnet": "192.0.2.0/24", "pools": [{ "pool": "192.0.2.0/25" }] }]);
    let server = json!({ "Dhcp4": { "control-socket": socket, "loggers": log, "interfaces-config": interfaces,
        "subnet4": subnet } });
    machine.file(&inside("/etc/kea/kea-dhcp4.conf"), server.to_string());
    machine.file(&inside("/log/k.log"), "ERROR DHCP4_SOME_ERROR x\n");
    machine.file(&inside("/run/kea/kea-dhcp4.kea-dhcp4.pid"), "1\n");
    std::fs::create_dir_all(machine.at(&inside("/var"))).unwrap();
    symlink("/run", machine.at(&inside("/var/run"))).unwrap();
    // A link out of the container would lead nowhere; another name of the socket does.
    std::fs::hard_link(fake.path(), machine.at(&inside("/run/kea/s"))).unwrap();
    std::fs::remove_file(machine.at("/run/kea/kea4-ctrl-socket")).unwrap();
    std::fs::remove_file(machine.at("/run/kea/kea-dhcp4.kea-dhcp4.pid")).unwrap();
    let facts = machine.facts("");
    assert_eq!((&facts["verdict"], &facts["state"]), (&json!("serving"), &json!("OK")), "{facts:#}");
    assert_eq!(facts["log"]["errors"][0]["id"], "DHCP4_SOME_ERROR", "{facts:#}");
    assert_eq!(facts["pid-files"][0]["meaning"], "current", "{facts:#}");
}

#[test]
fn pid_file_with_unused_pid_is_stale_and_with_used_reused() {
    let machine = without_server();
    machine.file(PID_FILE, "4711\n");
    assert_eq!(machine.facts("")["findings"][0]["id"], "pid-file-stale");
    machine.file("/proc/4711/comm", "sleep\n");
    let facts = machine.facts("");
    assert_eq!(facts["findings"][0]["id"], "pid-file-reused");
    assert!(facts["reason"].as_str().unwrap().contains("belongs to \"sleep\" now"), "{facts:#}");
}

#[test]
fn processes_that_end_during_the_scan_are_ignored() {
    let machine = without_server();
    // A name, and nothing else any more.
    machine.file("/proc/500/comm", "kea-dhcp4\n");
    // A directory, and not even a name.
    machine.file("/proc/501/x", "");
    assert_eq!(machine.facts("")["verdict"], "down");
    // A row that was cut off.
    machine.file("/proc/500/stat", "500 (kea-dh");
    assert_eq!(machine.facts("")["verdict"], "down");
}

#[test]
fn a_server_is_found_among_five_thousand_processes() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    for pid in 1000..6000 {
        machine.file(&format!("/proc/{pid}/comm"), "worker\n");
    }
    machine.assert_well();
}

#[test]
fn a_keactrl_conf_that_is_a_program_is_read_and_not_run() {
    let machine = without_server();
    let text = "touch /tmp/kea-tools-must-not-be\nif [ -f /x ]; then\n dhcp4=yes\nfi\ndhcp6=no\nx=$(date)\n";
    machine.file("/etc/kea/keactrl.conf", text);
    let ran = machine.run("");
    let named: Vec<&str> = ran.stdout.lines().filter(|line| line.contains("is not understood")).collect();
    assert_eq!(named.len(), 5, "{ran:?}");
    assert!(named[0].ends_with("WARNING: line 1 is not understood: touch /tmp/kea-tools-must-not-be"), "{named:?}");
}

#[test]
fn a_monitor_gets_unknown_lines_and_what_was_not_seen() {
    let machine = without_server();
    machine.file("/etc/kea/keactrl.conf", "dhcp4=no\n. /etc/default/kea\n");
    let said = machine.run("-f nagios").stdout;
    let told = "keactrl configuration file: line 2 is not understood: . /etc/default/kea\n";
    assert!(said.starts_with(&format!("KEA UNKNOWN - nothing to check\n{told}")), "{said}");
}

#[test]
fn a_missing_or_broken_configuration_is_reported() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    machine.file("/etc/kea/kea-dhcp4.conf", "{ \"Dhcp4\": { ");
    machine.assert_said("serving", "WARNING", "configuration-invalid", "does not parse");
    machine.file("/etc/kea/kea-dhcp4.conf", "{ \"Dhcp6\": { } }");
    machine.assert_said("serving", "WARNING", "configuration-invalid", "expected \"Dhcp4\"");
    std::fs::remove_file(machine.at("/etc/kea/kea-dhcp4.conf")).unwrap();
    machine.assert_said("serving", "WARNING", "configuration-missing", "No such file or directory");
}

#[test]
fn a_configuration_whose_directory_cannot_be_known_is_not_gone() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    machine.file("/proc/77/cmdline", "/usr/sbin/kea-dhcp4\0-c\0kea-dhcp4.conf\0");
    let facts = machine.facts("");
    assert_eq!(facts["configuration"]["fault"]["kind"], "denied", "{facts:#}");
    assert_eq!((&facts["verdict"], &facts["findings"]), (&json!("serving"), &json!([])), "{facts:#}");
    let told = facts["unseen"].to_string();
    assert!(told.contains("kea-dhcp4.conf: its working directory is not readable"), "{told}");
    symlink("/etc/kea", machine.at("/proc/77/cwd")).unwrap();
    assert_eq!(machine.facts("")["configuration"]["path"], "/etc/kea/kea-dhcp4.conf");
    machine.assert_well();
}

#[test]
fn two_servers_of_one_name_are_two_series_and_two_labels() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    for (pid, file) in [(88, "/srv/kea-dhcp4.conf"), (99, "/etc/kea/kea-dhcp4.conf")] {
        machine.file(&format!("/proc/{pid}/comm"), "kea-dhcp4\n");
        machine.file(&format!("/proc/{pid}/cmdline"), format!("kea-dhcp4\0-c\0{file}\0"));
        let stat = format!("{pid} (kea-dhcp4) S 1 1 1 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 70000 1 2");
        machine.file(&format!("/proc/{pid}/stat"), stat);
    }
    let text = machine.run("-s dhcp4 -f prometheus").stdout;
    let up: Vec<&str> = text.lines().filter(|line| line.starts_with("kea_up{")).collect();
    let of = |config: &str| format!("kea_up{{daemon=\"dhcp4\",config=\"{config}\"}} 1");
    let expected = ["/etc/kea/kea-dhcp4.conf", "/srv/kea-dhcp4.conf", "/etc/kea/kea-dhcp4.conf (2)"].map(of);
    assert_eq!(up, expected, "{text}");
    let document: Value = serde_json::from_str(&machine.run("-f json").stdout).unwrap();
    let labels: Vec<&Value> = document["daemons"].as_array().unwrap().iter().map(|it| &it["label"]).collect();
    assert_eq!(labels, ["dhcp4 kea-dhcp4 1", "dhcp4 /srv/kea-dhcp4.conf", "dhcp4 kea-dhcp4 3"]);
}

/// Changes a member of the server's configuration.
fn configure(machine: &Machine, member: &str, value: Value) {
    let path = "/etc/kea/kea-dhcp4.conf";
    let mut configuration: Value = serde_json::from_slice(&std::fs::read(machine.at(path)).unwrap()).unwrap();
    configuration["Dhcp4"][member] = value;
    machine.file(path, configuration.to_string());
}

#[test]
fn a_lease_file_whose_cleanup_does_not_come_is_reported() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    configure(&machine, "lease-database", json!({ "type": "memfile", "lfc-interval": 1100 }));
    let leases = "/var/lib/kea/kea-leases4.csv";
    machine.file(leases, HEADER);
    machine.assert_said("serving", "WARNING", "lfc", "there was none, though one is due every 1100 s");
    machine.file(&format!("{leases}.2"), HEADER);
    machine.assert_said("serving", "WARNING", "lfc", "the last one was 1 h 6 min ago");
    machine.file(&format!("{leases}.1"), HEADER);
    machine.assert_said("serving", "WARNING", "lfc", "kea-leases4.csv.1 is left from");
    machine.file(&format!("{leases}.pid"), "800\n");
    machine.file("/proc/800/comm", "kea-lfc\n");
    machine.assert_well();
    machine.file("/proc/800/comm", "sleep\n");
    machine.assert_said("serving", "WARNING", "lfc", "belongs to \"sleep\" now");
}

#[test]
fn a_log_of_any_octets_does_no_harm() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    let mut text = "\u{1b}[2J ERROR \u{0} FATAL\nINFO  DHCP4_STARTED x\n".to_owned();
    for number in 0..1000 {
        let _ = writeln!(text, "2026-11-20 12:00:00.0 ERROR [kea-dhcp4.x/77.2] SOME_ERROR_{number} \u{1b}[31m{number}");
    }
    machine.file(LOG, text);
    machine.assert_well();
    assert_eq!(machine.facts("")["log"]["errors"].as_array().unwrap().len(), 5);
    assert!(!machine.run("-v -s dhcp4").stderr.contains('\u{1b}'));
}

#[test]
fn a_core_file_of_today_is_reported() {
    let fake = Fake::unix(status_with(json!({})));
    let running = Machine::behind(&fake);
    let core = "/var/lib/systemd/coredump/core.kea-dhcp4.107.x.zst";
    running.file(core, "");
    running.assert_said("serving", "WARNING", "core-file", "it crashed 1 h 6 min ago and left /var/lib/systemd");
    let down = without_server();
    down.file(core, "");
    let facts = down.facts("");
    let ids: Vec<&Value> = facts["findings"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!((&facts["verdict"], ids), (&json!("down"), vec![&json!("down"), &json!("core-file")]), "{facts:#}");
}

#[test]
fn syslog_logger_of_an_old_release_is_reported_not_seen() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    configure(&machine, "loggers", json!([{ "name": "kea-dhcp4", "output_options": [{ "output": "syslog" }] }]));
    let ran = machine.run("-s dhcp4");
    assert_eq!((ran.status, ran.stderr.as_str()), (0, "keactrl-status: dhcp4: not seen: its log: it has no file\n"));
    // A newer one tells itself what an older one has only logged.
    let fake = Fake::unix(status_with(json!({ "dhcp-state": { "globally-disabled": false } })));
    let machine = Machine::behind(&fake);
    configure(&machine, "loggers", json!([]));
    machine.assert_well();
}

#[test]
fn lost_database_is_found_in_the_log_of_an_old_release() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    machine.file(LOG, "2026-11-20 11:00:00.000 ERROR DHCP4_DB_RECONNECT_LOST_CONNECTION database connection lost.\n");
    machine.assert_said("not-serving", "CRITICAL", "database-lost", "was lost at 2026-11-20 11:00:00.000");
    configure(&machine, "lease-database", json!({ "type": "mysql", "on-fail": "serve-retry-exit" }));
    machine.assert_said("not-serving", "CRITICAL", "database-lost", "the connection to its lease database was lost");
}

#[test]
fn a_machine_without_any_kea_is_not_known_to_serve() {
    let ran = Machine::empty().run("");
    assert_eq!(ran.status, 2);
    let expected = "DHCPv4 server: inactive\nDHCPv6 server: inactive\nDHCP DDNS: inactive\n\
        Kea DHCPv4 configuration file: /etc/kea/kea-dhcp4.conf\n\
        Kea DHCPv6 configuration file: /etc/kea/kea-dhcp6.conf\n\
        Kea DHCP DDNS configuration file: /etc/kea/kea-dhcp-ddns.conf\n";
    assert_eq!(ran.stdout, expected);
    assert!(Machine::empty().run("-f nagios").stdout.starts_with("KEA UNKNOWN - nothing to check\n"));
}

#[test]
fn hanging_daemons_share_one_timeout() {
    let machine = Machine::empty();
    let fakes: Vec<Fake> = (0..12).map(|_| Fake::unix(|_| crate::keactrl_status::fake::Reply::Hang)).collect();
    for (number, fake) in fakes.iter().enumerate() {
        let pid = 100 + number;
        let configuration = format!("/etc/kea/n{number}.conf");
        let socket = json!({ "socket-type": "unix", "socket-name": format!("/run/kea/n{number}") });
        machine.file(&configuration, json!({ "Dhcp4": { "control-socket": socket } }).to_string());
        machine.file(&format!("/run/kea/{number}.keep"), "");
        std::fs::hard_link(fake.path(), machine.at(&format!("/run/kea/n{number}"))).unwrap();
        machine.file(&format!("/proc/{pid}/comm"), "kea-dhcp4\n");
        machine.file(&format!("/proc/{pid}/cmdline"), format!("kea-dhcp4\0-c\0{configuration}\0"));
        let stat = format!("{pid} (kea-dhcp4) S 1 1 1 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 70000 1 2");
        machine.file(&format!("/proc/{pid}/stat"), stat);
    }
    // Asked one after the other, most would not be asked before the time is over.
    let are_hung = |ran: &Ran| {
        let document: Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
        let daemons = document["daemons"].as_array().map_or(&[][..], Vec::as_slice);
        daemons.len() == 12 && daemons.iter().all(|daemon| daemon["verdict"] == "hung")
    };
    machine.run_until(are_hung, "-f json");
}

#[test]
fn files_are_named_from_where_the_user_is() {
    let here = tempfile::tempdir().unwrap();
    fs::write(here.path().join("keactrl.conf"), "dhcp4=no\n").unwrap();
    fs::write(here.path().join("auth"), "user:password\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_keactrl-status"));
    command.args(["-s", "dhcp4", "-c", "keactrl.conf", "--auth-file", "auth", "-f", "json"]);
    let ran = command.current_dir(here.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ran.stderr), "");
    let told: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let path = here.path().canonicalize().unwrap().join("keactrl.conf");
    assert_eq!((&told["keactrl"]["path"], &told["keactrl"]["fault"]), (&json!(path), &Value::Null));
}
