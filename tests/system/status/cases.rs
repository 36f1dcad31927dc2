//! One case after another in which `keactrl status` says less than the truth.

use kea_tools::config::Daemon;
use serde_json::{Value, json};

use super::machine::{Machine, usual};
use crate::program::must;
use crate::wait::wait_for;

const NEEDED: [Daemon; 4] = [Daemon::Dhcp4, Daemon::Dhcp6, Daemon::Ddns, Daemon::CtrlAgent];

/// The lines of `daemon` in the classic format.
fn lines(machine: &Machine, daemon: Daemon) -> Vec<String> {
    let outcome = machine.status(&format!("-s {} -t 3", daemon.name()));
    assert_eq!(outcome.stderr, "");
    let beginning = format!("{daemon}: ");
    outcome.stdout.lines().filter_map(|line| line.strip_prefix(&beginning)).map(str::to_owned).collect()
}

/// Asserts what is said of `daemon`: keactrl's word, the verdict, a part of the reason, the exit status.
#[track_caller]
fn assert_said(machine: &Machine, daemon: Daemon, word: &str, verdict: &str, reason: &str, status: i32) {
    let said = lines(machine, daemon);
    assert_eq!(said[0], word, "{said:?}");
    let facts = machine.facts(daemon);
    assert_eq!(facts["verdict"], verdict, "{facts:#}");
    assert!(facts["reason"].as_str().unwrap().contains(reason), "{facts:#}");
    assert_eq!(machine.status(&format!("-q -s {} -t 3", daemon.name())).status, status);
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn four_daemons_that_serve_are_four_lines_of_keactrl() {
    let machine = Machine::new();
    let running: Vec<_> = NEEDED.map(|daemon| machine.start(daemon)).into();
    let outcome = machine.status("");
    outcome.expect_quiet_success();
    let expected = "DHCPv4 server: active\nDHCPv6 server: active\nDHCP DDNS: active\nControl Agent: active\n\
        Kea DHCPv4 configuration file: /etc/kea/kea-dhcp4.conf\n\
        Kea DHCPv6 configuration file: /etc/kea/kea-dhcp6.conf\n\
        Kea DHCP DDNS configuration file: /etc/kea/kea-dhcp-ddns.conf\n\
        Kea Control Agent configuration file: /etc/kea/kea-ctrl-agent.conf\n";
    assert_eq!(outcome.stdout, expected);
    for (daemon, process) in NEEDED.into_iter().zip(&running) {
        let facts = machine.facts(daemon);
        assert_eq!(
            (&facts["verdict"], &facts["serves"], &facts["state"]),
            (&json!("serving"), &json!(true), &json!("OK"))
        );
        assert_eq!((&facts["process"]["pid"], &facts["control"]["version"]), (&json!(process.pid), &json!("2.2.0")));
        assert_eq!(facts["pid-files"][0]["meaning"], "current");
        // The agent was heard over HTTP.
        let listens = facts["sockets"]["service"].as_array().is_some_and(|sockets| !sockets.is_empty());
        assert!(listens || daemon == Daemon::CtrlAgent, "{facts:#}");
    }
    let nagios = machine.status("-f nagios");
    assert!(nagios.stdout.starts_with("KEA OK - 4 checks well: dhcp4, dhcp6, dhcp_ddns, ctrl_agent | 'dhcp4_uptime'="));
    assert_eq!(nagios.status, 0);
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn ended_daemon_is_down_and_killed_one_left_its_pid_file() {
    let machine = Machine::new();
    for daemon in NEEDED {
        let mut running = machine.start(daemon);
        running.end("TERM");
        assert_said(&machine, daemon, "inactive", "down", "down", 1);
        let mut running = machine.start(daemon);
        running.end("KILL");
        assert_said(&machine, daemon, "inactive", "stale-pid-file", "it was killed", 1);
    }
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn pid_reused_by_another_process_prevents_the_start() {
    let machine = Machine::new();
    machine.start(Daemon::Dhcp4).end("KILL");
    let mut sleeper = machine.command("sleep").arg("60").spawn().unwrap();
    let pid = wait_for("the sleeper", || machine.shell("pidof sleep || true").trim().parse::<u32>().ok());
    machine.shell(&format!("echo {pid} >/run/kea/kea-dhcp4.kea-dhcp4.pid"));
    let reason = format!("holds {pid}, which belongs to \"sleep\" now");
    assert_said(&machine, Daemon::Dhcp4, "inactive", "stale-pid-file", &reason, 1);
    // Kea itself is of the same opinion.
    let refused = crate::program::run(machine.command("kea-dhcp4").args(["-c", "/etc/kea/kea-dhcp4.conf"]));
    assert!(refused.stdout.contains("DHCP4_ALREADY_RUNNING"), "{refused:?}");
    machine.shell(&format!("kill {pid}"));
    sleeper.wait().unwrap();
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_stopped_daemon_is_not_one_that_runs() {
    let machine = Machine::new();
    let running = machine.start(Daemon::Dhcp4);
    running.signal("STOP");
    assert_said(&machine, Daemon::Dhcp4, "active", "stopped", "is stopped (SIGSTOP)", 1);
    running.signal("CONT");
    assert_said(&machine, Daemon::Dhcp4, "active", "serving", "serving", 0);
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_zombie_is_not_active() {
    let machine = Machine::new();
    machine.configure(Daemon::Dhcp4);
    // A parent that never asks how its child ended.
    let script = "kea-dhcp4 -c /etc/kea/kea-dhcp4.conf & exec sleep 60";
    let mut parent = machine.command("sh").args(["-c", script]).stdout(std::process::Stdio::null()).spawn().unwrap();
    let pid_file = "/run/kea/kea-dhcp4.kea-dhcp4.pid";
    let pid = wait_for("the pid file", || machine.shell(&format!("cat {pid_file} || true")).trim().parse::<u32>().ok());
    machine.shell(&format!("kill -s KILL {pid}"));
    wait_for("the zombie", || machine.shell(&format!("cat /proc/{pid}/stat")).contains(") Z ").then_some(()));
    assert_said(&machine, Daemon::Dhcp4, "inactive", "stopped", "is a zombie", 1);
    machine.shell("kill $(pidof sleep)");
    parent.wait().unwrap();
}

/// Reloads the configuration and waits for `id` in the log.
fn reload(machine: &Machine, running: &super::machine::Running<'_>, configuration: &str, id: &str) {
    std::fs::write(machine.etc("kea-dhcp4.conf"), configuration).unwrap();
    running.signal("HUP");
    let log = machine.etc("kea-dhcp4.log");
    wait_for(id, || std::fs::read_to_string(&log).unwrap().contains(id).then_some(()));
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_failed_reload_that_closed_the_sockets_is_critical() {
    let machine = Machine::new();
    let running = machine.start(Daemon::Dhcp4);
    let mut configuration = usual(Daemon::Dhcp4);
    configuration["subnet4"][0]["pools"][0]["pool"] = json!("192.0.2.1 - 192.0.2.9");
    let text = json!({ "Dhcp4": configuration }).to_string();
    reload(&machine, &running, &text, "DHCP4_DYNAMIC_RECONFIGURATION_FAIL");
    // This is what makes it hard to see.
    let facts = machine.facts(Daemon::Dhcp4);
    assert_eq!(facts["control"]["status"]["sockets"], "ready");
    assert_said(&machine, Daemon::Dhcp4, "active", "reload-failed", "has closed its DHCP sockets", 1);
    assert!(facts["reason"].as_str().unwrap().contains("192.0.2.1"), "{facts:#}");
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn failed_reload_keeps_the_older_configuration() {
    let machine = Machine::new();
    let running = machine.start(Daemon::Dhcp4);
    reload(&machine, &running, "{ \"Dhcp4\": oops }", "DHCP4_DYNAMIC_RECONFIGURATION_FAIL");
    assert_said(&machine, Daemon::Dhcp4, "active", "reload-failed", "it runs with an older configuration", 0);
    assert_eq!(machine.status("-f nagios -s dhcp4").status, 1);
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_file_that_was_changed_and_not_loaded_is_a_warning() {
    let machine = Machine::new();
    let _running = machine.start(Daemon::Dhcp4);
    // As if the server had loaded it a minute ago.
    must(machine.command("touch").args(["-d", "+60 seconds", "/etc/kea/kea-dhcp4.conf"]));
    assert_said(&machine, Daemon::Dhcp4, "active", "serving", "not loaded since", 0);
    std::fs::write(machine.etc("kea-dhcp4.conf"), "{ \"Dhcp4\": { \"x\": [ }").unwrap();
    assert_said(&machine, Daemon::Dhcp4, "active", "serving", "does not parse", 0);
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_server_with_dhcp_disabled_serves_no_client() {
    let machine = Machine::new();
    let _running = machine.start(Daemon::Dhcp4);
    let socket = machine.control("kea4-ctrl-socket");
    socket.command("dhcp-disable", None);
    // Kea 2.2.0 does not say so itself.
    assert!(machine.facts(Daemon::Dhcp4)["control"]["status"]["dhcp-state"].is_null());
    assert_said(&machine, Daemon::Dhcp4, "active", "not-serving", "DHCP was disabled", 1);
    socket.command("dhcp-enable", None);
    assert_said(&machine, Daemon::Dhcp4, "active", "serving", "serving", 0);
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn an_interface_that_is_down_serves_no_client() {
    let machine = Machine::new();
    let _four = machine.start(Daemon::Dhcp4);
    let _six = machine.start(Daemon::Dhcp6);
    machine.shell("ip link set server down");
    assert_said(&machine, Daemon::Dhcp4, "active", "not-serving", "server is down (ip link set server up)", 1);
    assert_said(&machine, Daemon::Dhcp6, "active", "not-serving", "is down", 1);
    machine.shell("ip link set server up && ip addr add fe80::1/64 dev server nodad");
    assert_said(&machine, Daemon::Dhcp4, "active", "serving", "serving", 0);
    assert_said(&machine, Daemon::Dhcp6, "active", "serving", "serving", 0);
    // Duplicates of the address are searched for as long as the test runs.
    machine.shell(
        "echo 100 > /proc/sys/net/ipv6/conf/server/dad_transmits && ip link set server down && ip link set server up &&
        ip addr replace fe80::1/64 dev server",
    );
    let text = "the link-local address of interface server is being checked for duplicates";
    assert_said(&machine, Daemon::Dhcp6, "active", "serving", text, 0);
    machine.shell("ip link set client down");
    assert_said(&machine, Daemon::Dhcp6, "active", "not-serving", "interface server has no link", 1);
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_server_without_an_interface_serves_no_client() {
    let machine = Machine::new();
    let mut configuration = usual(Daemon::Dhcp4);
    configuration["interfaces-config"]["interfaces"] = json!([]);
    machine.configure_as("kea-dhcp4.conf", Daemon::Dhcp4, &configuration);
    let _running = machine.start_as("kea-dhcp4.conf", Daemon::Dhcp4);
    assert_said(&machine, Daemon::Dhcp4, "active", "not-serving", "names no interface", 1);
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn another_configuration_name_and_a_second_instance_are_found() {
    let machine = Machine::new();
    machine.configure(Daemon::Dhcp4);
    let mut second = usual(Daemon::Dhcp4);
    second["interfaces-config"]["interfaces"] = json!(["client"]);
    second["control-socket"]["socket-name"] = json!("/run/kea/second");
    second["lease-database"]["name"] = json!("/var/lib/kea/second.csv");
    second["loggers"][0]["output_options"][0]["output"] = json!("/etc/kea/second.log");
    machine.configure_as("second.conf", Daemon::Dhcp4, &second);
    let _second = machine.start_as("second.conf", Daemon::Dhcp4);
    assert_said(&machine, Daemon::Dhcp4, "active", "serving", "serving", 0);
    let _first = machine.start_as("kea-dhcp4.conf", Daemon::Dhcp4);
    let said = lines(&machine, Daemon::Dhcp4);
    assert_eq!(said[0], "active");
    assert!(said[1].starts_with("OK: kea-dhcp4: serving") || said[2].starts_with("OK: kea-dhcp4: serving"), "{said:?}");
    let document = machine.status("-f json -s dhcp4").stdout;
    let document: Value = serde_json::from_str(&document).unwrap();
    let labels: Vec<&str> =
        document["daemons"].as_array().unwrap().iter().map(|it| it["label"].as_str().unwrap()).collect();
    assert_eq!(labels.len(), 2);
    assert!(labels.contains(&"dhcp4 second") && labels.contains(&"dhcp4 kea-dhcp4"), "{labels:?}");
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_keactrl_conf_says_what_is_expected() {
    let machine = Machine::new();
    machine.configure(Daemon::Dhcp6);
    let _running = machine.start(Daemon::Dhcp4);
    assert_eq!(machine.status("-q").status, 0, "the other never ran");
    machine.shell("touch /var/lib/kea/kea-leases6.csv");
    assert_eq!(machine.status("-q").status, 1, "both are installed with a configuration and have run");
    let keactrl = "prefix=/usr\ndhcp4_srv=${prefix}/sbin/kea-dhcp4\nkea_dhcp4_config_file=/etc/kea/kea-dhcp4.conf\n\
        kea_dhcp6_config_file=/etc/kea/kea-dhcp6.conf\ndhcp4=yes\ndhcp6=no\ndhcp_ddns=no\nif true; then echo; fi\n";
    std::fs::write(machine.etc("keactrl.conf"), keactrl).unwrap();
    let outcome = machine.status("");
    assert_eq!(outcome.status, 0, "{outcome:?}");
    let tail = "keactrl configuration file: /etc/kea/keactrl.conf\n\
        keactrl configuration file: WARNING: line 8 is not understood: if true; then echo; fi\n";
    assert!(outcome.stdout.ends_with(tail), "{}", outcome.stdout);
    assert_eq!(machine.status("-q -s dhcp6").status, 1, "named is expected");
}

/// systemctl as the program calls it, for a unit that failed again and again; `before` is done first.
fn systemctl(before: &str) -> String {
    format!(
        "#!/bin/sh\n{before}\nshift 3\nfor name; do\n case $name in\n kea-dhcp4-server.service) state='LoadState=loaded\n\
        ActiveState=failed\nSubState=failed\nMainPID=0\nNRestarts=5\nResult=core-dump\nUnitFileState=enabled';;\n \
        *) state=LoadState=not-found;;\n esac\n printf 'Id=%s\\n%s\\n\\n' \"$name\" \"$state\"\ndone\n"
    )
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn systemd_units_say_what_is_expected_and_how_it_ended() {
    let machine = Machine::new();
    machine.configure(Daemon::Dhcp4);
    machine.configure(Daemon::Dhcp6);
    machine.shell("mkdir -p /run/systemd/system /run/bin");
    let install = |text: &str| {
        std::fs::write(machine.etc("systemctl"), text).unwrap();
        machine.shell("install -m 755 /etc/kea/systemctl /run/bin/systemctl");
    };
    install(&systemctl(""));
    let document: Value = serde_json::from_str(&machine.status("-f json").stdout).unwrap();
    let daemons = document["daemons"].as_array().unwrap();
    assert_eq!(daemons.len(), 1, "the unit of the other is not enabled: {document:#}");
    assert_eq!((&daemons[0]["expected"], &daemons[0]["unit"]["restarts"]), (&json!("unit"), &json!(5)), "{document:#}");
    assert_eq!(daemons[0]["reason"], "down: kea-dhcp4-server.service failed (core-dump)");
    install(&systemctl("sleep 60; touch /run/waited"));
    let late = machine.status("-t 1 -q");
    assert_eq!(late.status, 2, "what systemd does not tell is not known: {late:?}");
    assert_eq!(machine.shell("ls /run/waited 2>/dev/null || true"), "", "it was waited for");
    machine.shell("kill $(pidof sleep) || true");
}
