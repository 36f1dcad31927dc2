//! What lies around a daemon: pid files of all kinds, the journal, units with names of their own, containers.

use std::fs;
use std::process::Stdio;

use kea_tools::config::Daemon;
use serde_json::{Value, json};

use super::machine::{Machine, Running, usual};
use crate::program::{Outcome, run};
use crate::wait::wait_for;

const PID_FILE: &str = "/run/kea/kea-dhcp4.kea-dhcp4.pid";

/// Whether Kea starts although its pid file holds this.
fn starts(machine: &Machine, text: &str) -> bool {
    let log = machine.etc("kea-dhcp4.log");
    fs::write(&log, "").unwrap();
    machine.shell(&format!("printf -- '{text}' >{PID_FILE}"));
    let mut command = machine.command("kea-dhcp4");
    let mut kea = command.args(["-c", "/etc/kea/kea-dhcp4.conf"]).stdout(Stdio::null()).spawn().unwrap();
    let has_started = wait_for("Kea to start or to refuse", || {
        let is_over = kea.try_wait().unwrap().map(|_| false);
        is_over.or_else(|| fs::read_to_string(&log).unwrap().contains("DHCP4_STARTED").then_some(true))
    });
    if has_started {
        machine.shell("kill -s KILL $(pidof kea-dhcp4)");
    }
    kea.wait().unwrap();
    has_started
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn pid_file_prevents_the_start_exactly_as_in_kea() {
    let machine = Machine::new();
    machine.configure(Daemon::Dhcp4);
    // Process 1 is no daemon of Kea, and lives; nobody has 32000.
    for text in ["1\\n", " 1x\\n", "1\\n32000\\n", "32000\\n1\\n", "0\\n", "-1\\n", "0x1\\n", "1", "", "garbage\\n"] {
        let starts = starts(&machine, text);
        machine.shell(&format!("printf -- '{text}' >{PID_FILE}"));
        let facts = machine.facts(Daemon::Dhcp4);
        let says_so = !facts["reason"].as_str().unwrap().contains("cannot start");
        assert_eq!(says_so, starts, "{text:?}: {facts:#}");
    }
}

/// A program on the machine, in place of the one of that name.
fn install(machine: &Machine, name: &str, script: &str) {
    fs::write(machine.etc("script"), format!("#!/bin/sh\n{script}\n")).unwrap();
    machine.shell(&format!("mkdir -p /run/bin && install -m 755 /etc/kea/script /run/bin/{name}"));
}

/// keactrl-status as nobody.
fn as_nobody(machine: &Machine, arguments: &str) -> Outcome {
    let mut command = machine.command("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    run(command.arg(env!("CARGO_BIN_EXE_keactrl-status")).args(arguments.split_whitespace()))
}

/// A machine with a DHCPv4 server without a log file, and with a journal.
fn with_journal(machine: &Machine) -> Running<'_> {
    let mut server = usual(Daemon::Dhcp4);
    server.as_object_mut().unwrap().remove("loggers");
    machine.configure_as("kea-dhcp4.conf", Daemon::Dhcp4, &server);
    let running = machine.start_as("kea-dhcp4.conf", Daemon::Dhcp4);
    machine.shell("mkdir -p /run/systemd/journal");
    running
}

/// A journal with these lines, which root may read.
fn journal(machine: &Machine, script: &str) {
    install(machine, "journalctl", &format!("[ $(id -u) = 0 ] || exit 0\necho \"$@\" >>/run/asked\n{script}"));
}

const STARTED: &str = "INFO  DHCP4_STARTED x";
const DISABLED: &str = "INFO  COMMAND_RECEIVED Received command '\\''dhcp-disable'\\''";
const COMMAND: &str = "INFO  COMMAND_RECEIVED Received command '\\''status-get'\\''";

/// Asserts that every format has the same verdict on a server that serves no client.
#[track_caller]
fn assert_disabled(machine: &Machine) {
    let text = "it serves no client: DHCP was disabled";
    for (arguments, status) in [("", 1), ("-q", 1), ("-v", 1), ("-f table", 1), ("-f json", 1), ("-f nagios", 2)] {
        let ran = machine.status(&format!("-s dhcp4 {arguments}"));
        let is_said = arguments == "-q" || ran.stdout.contains(text);
        assert!(ran.status == status && is_said, "{arguments}: {ran:?}");
    }
    let metrics = machine.status("-s dhcp4 -f prometheus").stdout;
    assert!(metrics.lines().any(|line| line.starts_with("kea_serving{") && line.ends_with(" 0")), "{metrics}");
}

#[test]
#[ignore = "needs the daemons of Kea, namespaces and root"]
fn a_log_in_the_journal_is_read_for_every_format() {
    let machine = Machine::new();
    let running = with_journal(&machine);
    journal(&machine, &format!("printf '%s\\n' '{STARTED}' '{DISABLED}'"));
    assert_disabled(&machine);
    let asked = machine.shell("sort -u /run/asked");
    assert_eq!(asked.trim(), format!("-q --no-pager -o short-unix -n 2000 _PID={}", running.pid));
    let refused = "WARN  ALLOC_ENGINE_V4_ALLOC_FAIL x";
    journal(&machine, &format!("echo '{STARTED}'; i=0; while [ $i -lt 11 ]; do echo '{refused}'; i=$((i+1)); done"));
    for arguments in ["", "-v"] {
        let full = machine.status(&format!("-s dhcp4 -f nagios {arguments}"));
        assert!(full.stdout.starts_with("KEA WARNING - dhcp4: it did not answer the last 11 packets"), "{full:?}");
    }
    machine.shell("chmod 777 /run/kea /run/kea/kea4-ctrl-socket");
    let unprivileged = as_nobody(&machine, "-s dhcp4");
    assert!(unprivileged.stderr.contains("join the group systemd-journal or adm, or run as root"), "{unprivileged:?}");
    journal(&machine, "true");
    let empty = machine.status("-s dhcp4");
    let told = "keactrl-status: dhcp4: not seen: its log: it has no file, and the journal has no line of it\n";
    assert_eq!((empty.status, empty.stderr.as_str()), (0, told), "{empty:?}");
    // A journal that hangs costs its time and nothing that is known.
    install(&machine, "journalctl", "sleep 60; touch /run/waited");
    let late = machine.status("-s dhcp4 -t 1");
    assert_eq!(machine.shell("ls /run/waited 2>/dev/null || true"), "", "it was waited for");
    assert!(late.status == 0 && late.stderr.contains("journalctl: no answer within"), "{late:?}");
}

#[test]
#[ignore = "needs the daemons of Kea, namespaces and root"]
fn a_disabled_service_is_found_in_a_journal_of_many_commands() {
    let machine = Machine::new();
    let _running = with_journal(&machine);
    let last = format!("case \"$*\" in *--grep=*\\'dhcp-disable\\'*) echo '{DISABLED}'; exit 0;; esac");
    journal(&machine, &format!("{last}\nyes '{COMMAND}' | head -n 2000"));
    assert_disabled(&machine);
    // A client that was answered since shows that it serves; nothing else is looked for.
    machine.shell("rm /run/asked");
    journal(&machine, &format!("{last}\nyes '{COMMAND}' | head -n 2000; echo 'INFO  DHCP4_LEASE_ALLOC x'"));
    let served = machine.status("-s dhcp4 -f nagios");
    assert!(served.status == 0 && machine.shell("wc -l </run/asked").trim() == "1", "{served:?}");
}

#[test]
#[ignore = "needs the daemons of Kea, namespaces and root"]
fn an_empty_journal_is_no_sign_of_a_run() {
    let machine = Machine::new();
    let mut agent = usual(Daemon::CtrlAgent);
    agent.as_object_mut().unwrap().remove("loggers");
    machine.configure_as("kea-ctrl-agent.conf", Daemon::CtrlAgent, &agent);
    machine.shell("mkdir -p /run/systemd/journal");
    let _running = machine.start(Daemon::Dhcp4);
    journal(&machine, "true");
    let never = machine.status("-f nagios");
    assert!(
        never.status == 0 && never.stdout.contains("it is not enabled, and nothing shows that it ever ran"),
        "{never:?}"
    );
    journal(&machine, "echo 'INFO  CTRL_AGENT_STARTED x'");
    let missed = machine.status("-f nagios");
    assert!(missed.status == 2 && missed.stdout.contains("ctrl_agent: CRITICAL - down"), "{missed:?}");
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_unit_with_a_name_of_its_own_is_known_by_what_it_starts() {
    let machine = Machine::new();
    machine.configure_as("dev1.conf", Daemon::Dhcp4, &usual(Daemon::Dhcp4));
    machine.shell("mkdir -p /run/systemd/system");
    let block = "Id=tt-kea-four.service\nLoadState=loaded\nActiveState=failed\nSubState=failed\nMainPID=0\nNRestarts=2\n\
        Result=exit-code\nUnitFileState=enabled\n\
        ExecStart={ path=/usr/sbin/kea-dhcp4 ; argv[]=/usr/sbin/kea-dhcp4 -c /etc/kea/dev1.conf ; pid=0 }";
    install(&machine, "systemctl", &format!("cat <<'END'\n{block}\n\nId=kea-dhcp4.service\nLoadState=not-found\nEND"));
    let document: Value = serde_json::from_str(&machine.status("-f json").stdout).unwrap();
    let daemons = document["daemons"].as_array().unwrap();
    assert_eq!((daemons.len(), &daemons[0]["name"]), (1, &json!("dev1")), "{document:#}");
    assert_eq!(daemons[0]["reason"], "down: tt-kea-four.service failed (exit-code)");
    // Who does not tell is told.
    install(&machine, "systemctl", "exit 4");
    let refused = machine.status("-f nagios");
    assert!(refused.stdout.contains("\nnot seen: units of systemd: systemctl: exit status: 4\n"), "{refused:?}");
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn nothing_is_needed_of_the_search_path() {
    let machine = Machine::new();
    let _running = machine.start(Daemon::Dhcp4);
    let program = env!("CARGO_BIN_EXE_keactrl-status");
    let quiet = run(machine.command("env").args(["-i", "PATH=", program, "-s", "dhcp4"]));
    quiet.expect_quiet_success();
    machine.shell("mkdir -p /run/systemd/system");
    let told = run(machine.command("env").args(["-i", "PATH=", program, "-s", "dhcp4"]));
    assert_eq!((told.status, &told.stdout), (0, &quiet.stdout), "{told:?}");
    assert_eq!(told.stderr, "keactrl-status: not seen: units of systemd: systemctl: No such file or directory\n");
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn server_in_a_container_is_seen_with_its_own_files() {
    let machine = Machine::new();
    machine.shell("mkdir /etc/kea/inside");
    fs::write(machine.etc("inside/kea-dhcp4.conf"), json!({ "Dhcp4": usual(Daemon::Dhcp4) }).to_string()).unwrap();
    let script = "mount -t tmpfs tmpfs /run && mkdir -p /run/kea /run/lock/kea
        mount --bind /etc/kea/inside /etc/kea
        exec kea-dhcp4 -c /etc/kea/kea-dhcp4.conf";
    let mut command = machine.command("unshare");
    command.args(["--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "sh", "-c", script]);
    let mut container = command.stdout(Stdio::null()).spawn().unwrap();
    let facts = wait_for("the server in the container", || {
        let facts = machine.facts(Daemon::Dhcp4);
        (facts["verdict"] == "serving" && facts["pid-files"][0].is_object()).then_some(facts)
    });
    assert_eq!((&facts["process"]["inner-pid"], &facts["state"]), (&json!(1), &json!("OK")), "{facts:#}");
    assert_eq!(facts["pid-files"][0]["meaning"], "current", "{facts:#}");
    assert_eq!((&facts["unseen"], &facts["log"]["fault"]), (&json!([]), &Value::Null), "{facts:#}");
    machine.shell("kill -s KILL $(pidof kea-dhcp4)");
    container.wait().unwrap();
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_failed_reload_of_the_ddns_server_and_of_the_agent_is_seen() {
    let machine = Machine::new();
    for daemon in [Daemon::Ddns, Daemon::CtrlAgent] {
        let running = machine.start(daemon);
        let file = |end: &str| machine.etc(&format!("{}.{end}", daemon.process_name()));
        fs::write(file("conf"), "{ oops }").unwrap();
        running.signal("HUP");
        wait_for("the failed reload", || {
            fs::read_to_string(file("log")).unwrap().contains("DCTL_CFG_FILE_RELOAD_ERROR").then_some(())
        });
        let facts = machine.facts(daemon);
        let expected = (&json!("reload-failed"), &json!("WARNING"), &json!(true));
        assert_eq!((&facts["verdict"], &facts["state"], &facts["serves"]), expected, "{facts:#}");
        assert!(facts["reason"].as_str().unwrap().contains("DCTL_CFG_FILE_RELOAD_ERROR"), "{facts:#}");
    }
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_configuration_that_kea_has_written_is_loaded() {
    let machine = Machine::new();
    let _running = machine.start(Daemon::Dhcp4);
    machine.control("kea4-ctrl-socket").command("config-write", None);
    // As if it had been loaded long before.
    machine.shell("touch -d '+30 seconds' /etc/kea/kea-dhcp4.conf");
    assert_eq!(machine.facts(Daemon::Dhcp4)["findings"], json!([]));
    machine.shell("touch -d '+1 hour' /etc/kea/kea-dhcp4.conf");
    assert_eq!(machine.facts(Daemon::Dhcp4)["findings"][0]["id"], "configuration-newer");
}

/// The root directory of a server: the machine's own, with a directory for leases that only the server's mounts have.
const ROOT: &str = "mount --make-rprivate /
    mkdir -p /run/root /run/leases && mount -t tmpfs tmpfs /run/root
    for place in usr bin sbin lib lib64 etc run dev proc var/lib/kea var/run tmp; do
        [ -d /$place ] || continue
        mkdir -p /run/root/$place && mount --rbind /$place /run/root/$place
    done
    mount --bind /run/leases /run/root/var/lib/kea
    exec chroot /run/root kea-dhcp4 -c /etc/kea/kea-dhcp4.conf";

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_lease_file_by_a_mount_of_the_server_is_its_own() {
    let machine = Machine::new();
    machine.configure(Daemon::Dhcp4);
    let mut command = machine.command("unshare");
    let mut server = command.args(["--mount", "sh", "-ec", ROOT]).stdout(Stdio::null()).spawn().unwrap();
    let facts = wait_for("the server with mounts of its own", || {
        let facts = machine.facts(Daemon::Dhcp4);
        (facts["verdict"] == "serving").then_some(facts)
    });
    assert_eq!((&facts["findings"], &facts["state"]), (&json!([]), &json!("OK")), "{facts:#}");
    assert_eq!(facts["leases"]["is-replaced"], false, "{facts:#}");
    // Its file is moved where it writes.
    machine.shell("mv /run/leases/kea-leases4.csv /run/leases/kea-leases4.csv.old");
    let moved = machine.facts(Daemon::Dhcp4);
    assert_eq!(moved["findings"][0]["id"], "lease-file-replaced", "{moved:#}");
    machine.shell("kill -s KILL $(pidof kea-dhcp4)");
    server.wait().unwrap();
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_file_system_mounted_over_the_lease_file_is_a_warning() {
    let machine = Machine::new();
    let _running = machine.start(Daemon::Dhcp4);
    machine.shell("mount -t tmpfs tmpfs /var/lib/kea");
    let covered = machine.facts(Daemon::Dhcp4);
    let text = "a file system was mounted over its lease file /var/lib/kea/kea-leases4.csv while it runs: ";
    assert!(covered["reason"].as_str().unwrap().starts_with(text), "{covered:#}");
    machine.shell("umount /var/lib/kea");
    assert_eq!(machine.facts(Daemon::Dhcp4)["state"], "OK");
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_server_is_well_for_callers_that_do_not_see_its_process() {
    let machine = Machine::new();
    let _running = machine.start(Daemon::Dhcp4);
    let program = env!("CARGO_BIN_EXE_keactrl-status");
    for around in ["unshare --pid --fork --mount-proc", "unshare --pid --net --fork --mount-proc"] {
        let seen = machine.shell(&format!("{around} {program} -f nagios -s dhcp4"));
        assert!(seen.starts_with("KEA OK - dhcp4: serving"), "{around}: {seen}");
    }
    let script = format!("mount -t tmpfs tmpfs /proc && {program} -f nagios -s dhcp4");
    let seen = machine.shell(&format!("unshare --mount sh -c '{script}'"));
    assert!(seen.starts_with("KEA OK - dhcp4: serving"), "{seen}");
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn a_server_that_an_administrator_has_disabled_is_not_missed() {
    let machine = Machine::new();
    machine.start(Daemon::Dhcp4).end("TERM");
    let missed = machine.status("-f nagios");
    assert!(missed.stdout.starts_with("KEA CRITICAL - dhcp4: down: it was stopped"), "{missed:?}");
    machine.shell("mkdir -p /run/systemd/system");
    let unit = |active: &str| {
        let block =
            format!("Id=kea-dhcp4-server.service\nLoadState=loaded\nActiveState={active}\nUnitFileState=disabled");
        install(&machine, "systemctl", &format!("printf '{block}\\n'"));
        machine.status("-f json")
    };
    let state = |outcome: &Outcome| {
        let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
        let daemons = document["daemons"].as_array().unwrap();
        daemons.iter().find(|it| it["daemon"] == "dhcp4").map(|it| it["state"].clone())
    };
    assert_ne!(state(&unit("inactive")), Some(json!("CRITICAL")));
    assert_eq!(state(&unit("failed")), Some(json!("CRITICAL")));
}

#[test]
#[ignore = "needs the daemons of Kea and namespaces"]
fn what_its_user_may_not_open_is_why_a_server_does_not_start() {
    let machine = Machine::new();
    machine.configure(Daemon::Dhcp4);
    machine.shell("mkdir /var/lib/kea/kea-leases4.csv");
    let fails = || {
        machine.shell("kea-dhcp4 -c /etc/kea/kea-dhcp4.conf >/dev/null && exit 1 || exit 0");
        machine.facts(Daemon::Dhcp4)["reason"].as_str().unwrap().to_owned()
    };
    let reason = fails();
    let text = "down: it cannot start from its lease file /var/lib/kea/kea-leases4.csv: it is a directory; ";
    assert!(reason.starts_with(text), "{reason}");
}
