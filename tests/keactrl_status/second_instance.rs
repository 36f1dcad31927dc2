//! This machine's server is down, and another instance of the same daemon runs with a configuration of its own.

use std::fs;

use serde_json::{Value, json};

use crate::keactrl_status::harness::{HEADER, LOG, Machine, PID};

const LEASES: &str = "/var/lib/kea/kea-leases4.csv";
const PID_FILE: &str = "/run/kea/kea-dhcp4.kea-dhcp4.pid";

/// A server that runs on this configuration, with its own log and leases, and a pid file in a directory of its own.
fn second(machine: &Machine, configuration: &str, leases: &str, log: &str) {
    let server = json!({
        "interfaces-config": { "interfaces": ["eth0"] },
        "lease-database": { "type": "memfile", "name": leases },
        "subnet4": [{ "id": 1, "subnet": "192.0.2.0/24", "pools": [{ "pool": "192.0.2.10 - 192.0.2.99" }] }],
        "loggers": [{ "name": "kea-dhcp4", "output_options": [{ "output": log }] }],
    });
    machine.file(configuration, json!({ "Dhcp4": server }).to_string());
    machine.file(leases, HEADER);
    let name = configuration.rsplit('/').next().unwrap().trim_end_matches(".conf");
    machine.file(&format!("/run/second/{name}.kea-dhcp4.pid"), "88\n");
    let of = |name: &str| format!("/proc/88/{name}");
    machine.file(&of("comm"), "kea-dhcp4\n");
    machine.file(&of("cmdline"), format!("/usr/sbin/kea-dhcp4\0-c\0{configuration}\0"));
    machine.file(&of("environ"), "KEA_PIDFILE_DIR=/run/second\0");
    machine.file(&of("stat"), "88 (kea-dhcp4) S 1 88 88 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 500000 1 2\n");
    machine.file(&of("status"), "Name:\tkea-dhcp4\nUid:\t0\t0\t0\t0\nNSpid:\t88\n");
    machine.file(&of("cgroup"), "0::/user.slice\n");
    for table in ["net/packet", "net/dev", "net/igmp", "net/udp", "net/udp6"] {
        if let Ok(text) = fs::read(machine.at(&format!("/proc/{PID}/{table}"))) {
            machine.file(&of(table), text);
        }
    }
}

/// A machine whose server was killed, where another one runs on this configuration.
fn killed(configuration: &str) -> Machine {
    let machine = Machine::with_dhcp4(&json!({}));
    machine.file(LEASES, HEADER);
    second(&machine, configuration, "/srv/second/leases.csv", "/srv/second/kea.log");
    fs::remove_dir_all(machine.at(&format!("/proc/{PID}"))).unwrap();
    machine
}

fn daemons(machine: &Machine) -> Vec<(bool, String)> {
    let document: Value = serde_json::from_str(&machine.run("-f json").stdout).unwrap();
    let daemons = document["daemons"].as_array().unwrap();
    daemons.iter().map(|it| (it["process"].is_object(), it["state"].as_str().unwrap().to_owned())).collect()
}

const OTHERS: [&str; 2] = ["/etc/kea/second.conf", "/srv/second/kea-dhcp4.conf"];

#[test]
fn a_dead_server_is_missed_while_another_instance_runs() {
    for other in OTHERS {
        let with_pid_file = killed(other);
        let without = killed(other);
        fs::remove_file(without.at(PID_FILE)).unwrap();
        let only_log = killed(other);
        fs::remove_file(only_log.at(PID_FILE)).unwrap();
        fs::remove_file(only_log.at(LEASES)).unwrap();
        for (machine, words) in [(with_pid_file, "pid file"), (without, "down"), (only_log, "down")] {
            for arguments in ["", "-s dhcp4"] {
                let classic = machine.run(arguments);
                assert!(classic.status == 1 && classic.stdout.contains(words), "{other} {words}: {classic:?}");
                let nagios = machine.run(&format!("-f nagios {arguments}"));
                assert!(nagios.status == 2 && nagios.stdout.starts_with("KEA CRITICAL"), "{other}: {nagios:?}");
            }
            assert!(daemons(&machine).iter().any(|(runs, _)| *runs), "{other} {words}");
        }
    }
}

#[test]
fn a_server_with_another_configuration_is_no_second_one() {
    for other in OTHERS {
        // Its own configuration came with the package and was never used.
        let unused = killed(other);
        for path in [PID_FILE, LEASES, LOG] {
            fs::remove_file(unused.at(path)).unwrap();
        }
        // The same leases and the same log under another configuration.
        let moved = killed(other);
        second(&moved, other, LEASES, LOG);
        fs::remove_file(moved.at(PID_FILE)).unwrap();
        for machine in [unused, moved] {
            let all = daemons(&machine);
            assert_eq!(all.iter().map(|(runs, _)| *runs).collect::<Vec<_>>(), [true], "{other}: {all:?}");
        }
    }
}
