//! Every caller in front of a server that serves: what he may not see is no fault of the server.

use std::process::Child;

use kea_tools::config::Daemon;
use serde_json::Value;

use super::machine::{Machine, usual};
use crate::kea::Kea;
use crate::namespace::is_root;
use crate::program::run;
use crate::wait::wait_for;

/// Who asks, by setpriv, and whether the server's socket may be closed to him: then UNKNOWN is right, with the advice.
const CALLERS: [(&str, &[&str], bool); 6] = [
    ("root", &[], false),
    ("root without CAP_SYS_PTRACE", &["--bounding-set=-sys_ptrace", "--inh-caps=-all"], false),
    ("root without CAP_DAC_OVERRIDE", &["--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"], true),
    ("the user of Kea", &["--reuid=_kea", "--regid=_kea", "--clear-groups"], false),
    ("a member of Kea's group", &["--reuid=65534", "--regid=65534", "--groups=_kea"], true),
    ("nobody", &["--reuid=65534", "--regid=65534", "--clear-groups"], true),
];

/// As Debian's units start the daemons: by their capabilities, which closes their processes to their own user.
pub(crate) const AS_UNITS: &[&str] = &[
    "--reuid=_kea",
    "--regid=_kea",
    "--clear-groups",
    "--inh-caps=-all,+net_bind_service,+net_raw,+sys_chroot",
    "--ambient-caps=-all,+net_bind_service,+net_raw,+sys_chroot",
];

/// Makes the other release's programs usable with this machine's directories.
const BIND: &str = "for place in dev proc run etc/kea var/lib/kea; do
    mkdir -p \"$0/$place\"; mount --rbind \"/$place\" \"$0/$place\"; done";

/// Gives Kea's directories to its user, as packages and units do, and makes those of the machine known to another release.
pub(crate) fn prepare(machine: &Machine, kea: &Kea) {
    machine.shell("chown _kea: /etc/kea /run/kea /run/lock/kea /var/lib/kea && chmod 750 /run/kea /var/lib/kea");
    if let Some(root) = kea.root() {
        machine.shell(&format!("sh -ec '{BIND}' {}", root.display()));
    }
}

/// Starts a daemon of `kea` as a unit does, and waits until it has started.
pub(crate) fn start(machine: &Machine, kea: &Kea, daemon: Daemon, configuration: &Value) -> Child {
    let name = daemon.process_name();
    machine.configure_as(&format!("{name}.conf"), daemon, configuration);
    machine.shell(&format!("chgrp _kea /etc/kea/{name}.conf && chmod 640 /etc/kea/{name}.conf"));
    let mut command = machine.command("setpriv");
    command.args(AS_UNITS);
    if let Some(root) = kea.root() {
        command.arg("chroot").arg(root);
    }
    command.arg(format!("/usr/sbin/{name}")).args(["-c", &format!("/etc/kea/{name}.conf")]);
    command.env("KEA_PIDFILE_DIR", "/run/kea").env("KEA_CONTROL_SOCKET_DIR", "/run/kea");
    command.env("KEA_LOG_FILE_DIR", "/etc/kea").env("KEA_DHCP_DATA_DIR", "/var/lib/kea");
    command.env("KEA_LOCKFILE_DIR", "/run/lock/kea");
    let output = std::fs::File::create(machine.etc(&format!("{name}.out"))).unwrap();
    let child = command.stdout(output.try_clone().unwrap()).stderr(output).spawn().unwrap();
    wait_for("the daemon to have started", || {
        let read = |end: &str| std::fs::read_to_string(machine.etc(&format!("{name}.{end}"))).unwrap_or_default();
        let said = read("out") + &read("log");
        assert!(!said.contains("FATAL"), "{said}");
        let done = ["_STARTED", "DCTL_CONFIG_COMPLETE", "CTRL_AGENT_HTTP_SERVICE_STARTED"];
        done.iter().any(|id| said.contains(id)).then_some(())
    });
    child
}

/// What a caller finds out about `daemon`.
fn found(machine: &Machine, caller: &[&str], daemon: Daemon) -> Value {
    let mut command = machine.command("setpriv");
    command.args(caller).arg(env!("CARGO_BIN_EXE_keactrl-status"));
    let outcome = run(command.args(["-f", "json", "-s", daemon.name()]));
    let mut document: Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome:?}"));
    document["daemons"][0].take()
}

/// No caller is told that a healthy daemon of `kea` is ill, and each is told what would help him.
pub(super) fn assert_no_false_alarm(kea: &Kea, daemons: &[Daemon]) {
    assert!(is_root(), "only root can become another user: run the tests as root");
    let machine = Machine::new();
    prepare(&machine, kea);
    let start = |daemon: &Daemon| start(&machine, kea, *daemon, &usual(*daemon));
    let mut children: Vec<Child> = daemons.iter().map(start).collect();
    for daemon in daemons {
        for (caller, arguments, may_be_unknown) in CALLERS {
            let facts = found(&machine, arguments, *daemon);
            let seen = format!("{caller}, {} of Kea {}: {facts:#}", daemon.name(), kea.version);
            match facts["state"].as_str() {
                Some("OK") => assert!(facts["verdict"] == "serving", "{seen}"),
                Some("UNKNOWN") => assert!(may_be_unknown && has_advice(&facts), "{seen}"),
                _ => panic!("{seen}"),
            }
            // Whatever may not be asked: the sockets of DHCP are there for all to see.
            let serves_dhcp = matches!(daemon, Daemon::Dhcp4 | Daemon::Dhcp6);
            assert!(!serves_dhcp || facts["sockets"]["service"][0].is_object(), "{seen}");
        }
    }
    drop(machine);
    for child in &mut children {
        child.wait().unwrap();
    }
}

/// Kea's own user and root may ask, as the table shows.
fn has_advice(facts: &Value) -> bool {
    let reason = facts["reason"].as_str().unwrap_or_default();
    reason.contains("(run as _kea, or as root)")
        || reason.contains("(run as _kea, or with the capability CAP_DAC_OVERRIDE)")
}

#[test]
#[ignore = "needs the daemons of Kea, namespaces and root"]
fn a_healthy_daemon_is_healthy_for_every_caller() {
    assert_no_false_alarm(&Kea::debian12(), &[Daemon::Dhcp4, Daemon::Dhcp6, Daemon::Ddns, Daemon::CtrlAgent]);
}
