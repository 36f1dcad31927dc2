//! Somebody without rights who calls himself Kea, and waits for root to look.

use std::process::{Child, Command};

use kea_tools::config::Daemon;

use super::machine::Machine;
use crate::namespace::is_root;
use crate::program::run;
use crate::wait::wait_for;

/// Calls itself kea-dhcp4, and keeps what is sent to port 9999.
const SCRIPT: &str = r#"
import socket
open("/proc/self/comm", "w").write("kea-dhcp4")
listener = socket.create_server(("127.0.0.1", 9999))
open("/run/evil/ready", "w").close()
while True:
    caller = listener.accept()[0]
    open("/run/evil/got", "ab").write(caller.recv(65536))
"#;

/// Its configuration: root's file is its password.
const CONFIGURATION: &str = r#"{ "Dhcp4": { "control-sockets": [ { "socket-type": "http", "socket-address": "127.0.0.1",
    "socket-port": 9999, "authentication": { "type": "basic", "clients": [ { "user": "x",
    "password-file": "/run/secret" } ] } } ] } }"#;

struct UntrustedProcess(Child);

impl Drop for UntrustedProcess {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The untrusted process on this machine, which runs as nobody.
fn untrusted_process(machine: &Machine) -> UntrustedProcess {
    assert!(is_root(), "only root can become nobody: run the tests as root");
    machine.shell("mkdir -m 777 /run/evil && echo of-root-alone >/run/secret && chmod 600 /run/secret");
    machine.shell(&format!("cat >/run/evil/e.conf <<'X'\n{CONFIGURATION}\nX\nchown 65534 /run/evil/e.conf"));
    let mut command: Command = machine.command("setpriv");
    command.args([
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "python3",
        "-c",
        SCRIPT,
        "-c",
        "/run/evil/e.conf",
    ]);
    let child = command.spawn().unwrap();
    wait_for("the untrusted process to listen", || {
        (run(machine.command("test").args(["-e", "/run/evil/ready"])).status == 0).then_some(())
    });
    UntrustedProcess(child)
}

#[test]
#[ignore = "needs namespaces, root and python3"]
fn untrusted_process_gets_no_secret_and_is_not_the_server() {
    let machine = Machine::new();
    machine.configure(Daemon::Dhcp4);
    machine.shell("echo 'admin:of-the-administrator' >/run/auth && chmod 600 /run/auth");
    let _untrusted = untrusted_process(&machine);
    for arguments in ["-s dhcp4", "-s dhcp4 --auth-file /run/auth", "-s dhcp4 -f json --with-config -v"] {
        let outcome = machine.status(arguments);
        assert_eq!(outcome.status, 1, "{outcome:?}");
        assert!(outcome.stdout.contains("not counted as the server that should run"), "{outcome:?}");
        assert!(outcome.stdout.contains("down"), "{outcome:?}");
    }
    assert_eq!(machine.shell("cat /run/evil/got 2>/dev/null || true"), "", "something was sent");
}

#[test]
#[ignore = "needs the daemons of Kea, namespaces, root and python3"]
fn untrusted_process_does_not_change_the_servers_verdict() {
    let machine = Machine::new();
    let _running = machine.start(Daemon::Dhcp4);
    let _untrusted = untrusted_process(&machine);
    let outcome = machine.status("-s dhcp4");
    assert_eq!(outcome.status, 0, "{outcome:?}");
    assert!(outcome.stdout.contains(": WARNING: e: process "), "{outcome:?}");
    assert!(!outcome.stdout.contains("CRITICAL"), "{outcome:?}");
}
