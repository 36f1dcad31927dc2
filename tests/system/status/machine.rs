//! A machine of a test's own: process table, file systems and network of which nothing outside is to be seen.
//!
//! Tests of keactrl-status ask what runs on this machine; other tests run Kea at the same time. So each has its own
//! pid, mount and network namespaces, with empty directories where Kea keeps its things, and one interface, `server`.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use kea_tools::config::Daemon;
use serde_json::{Value, json};

use crate::kea::ControlSocket;
use crate::namespace::is_root;
use crate::program::{Outcome, must, run, signal};
use crate::wait::wait_for;

/// The machine; everything on it ends with it.
pub(crate) struct Machine {
    keeper: Child,
    /// Its process 1, by its number outside.
    init: u32,
    dir: tempfile::TempDir,
}

/// What process 1 prepares. Only directories that are there can be covered; /run holds Kea's own.
const SETUP: &str = "set -e
    dir=$1
    mount --bind \"$dir/kea\" /etc/kea
    mount -t tmpfs tmpfs /run
    mkdir -p /run/kea /run/lock/kea
    chmod 755 /run/kea
    mount --bind \"$dir/lib\" /var/lib/kea
    ip link set lo up
    ip link add server type veth peer name client
    for name in server client; do ip link set $name addrgenmode none; ip link set $name up; done
    ip addr add 10.77.0.1/16 dev server
    ip addr add fe80::1/64 dev server nodad
    ip addr add fd00:77::1/64 dev server nodad
    ip addr add 10.78.0.1/16 dev client
    echo ready
    exec cat";

impl Machine {
    pub(crate) fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("kea-machine.").tempdir().unwrap();
        for name in ["kea", "lib"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        make_directory("/var/lib/kea");
        must(Command::new("chmod").arg("755").arg(dir.path()));
        let mut command = Command::new("unshare");
        if !is_root() {
            command.args(["--user", "--map-root-user"]);
        }
        command.args(["--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "--net", "sh", "-c", SETUP, "sh"]);
        command.arg(dir.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "no machine of one's own is to be had here: {command:?}");
        let children = format!("/proc/{0}/task/{0}/children", keeper.id());
        let init = fs::read_to_string(children).unwrap().trim().parse().unwrap();
        Self { keeper, init, dir }
    }

    /// `program` on this machine.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--target={}", self.init)).args(["--pid", "--mount", "--net"]);
        if !is_root() {
            command.args(["--user", "--preserve-credentials"]);
        }
        command.arg("--").arg(program).env_clear().env("PATH", "/run/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        command.env("KEA_LOCKFILE_DIR", "/run/lock/kea").env("TZ", "UTC").stdin(Stdio::null());
        command
    }

    /// Runs a line of shell, which must succeed, and gives its output.
    #[track_caller]
    pub(crate) fn shell(&self, script: &str) -> String {
        must(self.command("sh").args(["-c", script]))
    }

    /// keactrl-status with these arguments, split at blanks.
    pub(crate) fn status(&self, arguments: &str) -> Outcome {
        let mut command = self.command(env!("CARGO_BIN_EXE_keactrl-status"));
        command.args(arguments.split_whitespace()).env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
        run(&mut command)
    }

    /// The facts and verdict on the only instance of `daemon`.
    pub(crate) fn facts(&self, daemon: Daemon) -> Value {
        let outcome = self.status(&format!("-f json -s {} -t 3", daemon.name()));
        let mut document: Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome:?}"));
        document["daemons"][0].take()
    }

    /// A control socket in `/run/kea`.
    pub(crate) fn control(&self, name: &str) -> ControlSocket {
        ControlSocket(format!("/proc/{}/root/run/kea/{name}", self.init).into())
    }

    /// A file on this machine in `/etc/kea`, by its path outside.
    pub(crate) fn etc(&self, name: &str) -> PathBuf {
        self.dir.path().join("kea").join(name)
    }

    /// Writes the configuration of `daemon` as `name`.
    pub(crate) fn configure_as(&self, name: &str, daemon: Daemon, configuration: &Value) {
        let text = json!({ daemon.config_key(): configuration }).to_string();
        fs::write(self.etc(name), text).unwrap();
    }

    /// Writes the usual configuration of `daemon`.
    pub(crate) fn configure(&self, daemon: Daemon) {
        self.configure_as(&format!("{}.conf", daemon.process_name()), daemon, &usual(daemon));
    }

    /// Starts `daemon` with the configuration `name`, and waits until it has loaded it.
    pub(crate) fn start_as(&self, name: &str, daemon: Daemon) -> Running<'_> {
        let stem = name.trim_end_matches(".conf");
        let pid_file = format!("/run/kea/{stem}.{}.pid", daemon.process_name());
        self.shell(&format!("rm -f {pid_file}"));
        let log = fs::File::create(self.dir.path().join(format!("{stem}.out"))).unwrap();
        let mut command = self.command(daemon.process_name());
        command.args(["-c", &format!("/etc/kea/{name}")]).stdout(log.try_clone().unwrap()).stderr(log);
        let process = command.spawn().unwrap();
        let pid = wait_for("the pid file", || {
            let text = run(self.command("cat").arg(&pid_file)).stdout;
            text.trim().parse::<u32>().ok()
        });
        let running = Running { machine: self, process, pid };
        wait_for("the daemon to have loaded its configuration", || {
            let said = fs::read_to_string(self.dir.path().join(format!("{stem}.out"))).unwrap_or_default();
            let log = fs::read_to_string(self.etc(&format!("{stem}.log"))).unwrap_or_default();
            let done = ["_STARTED", "DCTL_CONFIG_COMPLETE", "CTRL_AGENT_HTTP_SERVICE_STARTED"];
            assert!(!said.contains("FATAL"), "{said}");
            done.iter().any(|id| said.contains(id) || log.contains(id)).then_some(())
        });
        running
    }

    /// Starts `daemon` with its usual configuration.
    pub(crate) fn start(&self, daemon: Daemon) -> Running<'_> {
        self.configure(daemon);
        self.start_as(&format!("{}.conf", daemon.process_name()), daemon)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        self.keeper.wait().ok();
    }
}

/// A daemon that runs on a machine.
pub(crate) struct Running<'a> {
    machine: &'a Machine,
    process: Child,
    /// Its number on the machine.
    pub(crate) pid: u32,
}

impl Running<'_> {
    /// Sends it a signal (`HUP`, `STOP` …).
    pub(crate) fn signal(&self, name: &str) {
        self.machine.shell(&format!("kill -s {name} {}", self.pid));
    }

    /// Sends it a signal that ends it, and waits for the end.
    pub(crate) fn end(&mut self, name: &str) {
        self.signal(name);
        self.wake();
        wait_for("the end of the daemon", || self.process.try_wait().unwrap());
    }
}

impl Running<'_> {
    /// nsenter stops when its child is stopped, and then does not see its end.
    fn wake(&self) {
        signal(self.process.id(), "CONT");
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if let Ok(None) = self.process.try_wait() {
            self.wake();
            run(self.machine.command("sh").args(["-c", &format!("kill -s KILL {}", self.pid)]));
            self.process.wait().ok();
        }
    }
}

/// The usual configuration of a daemon, which logs beside it.
pub(crate) fn usual(daemon: Daemon) -> Value {
    let socket = |name: &str| json!({ "socket-type": "unix", "socket-name": format!("/run/kea/{name}") });
    let mut log = String::from("/etc/kea/");
    write!(log, "{}.log", daemon.process_name()).unwrap();
    let loggers = json!([{ "name": daemon.process_name(), "output_options": [{ "output": log }], "severity": "INFO" }]);
    match daemon {
        Daemon::Dhcp4 => json!({
            "interfaces-config": { "interfaces": ["server"] },
            "control-socket": socket("kea4-ctrl-socket"),
            "lease-database": { "type": "memfile" },
            "subnet4": [{ "id": 1, "subnet": "10.77.0.0/16", "pools": [{ "pool": "10.77.1.0 - 10.77.15.255" }] }],
            "loggers": loggers,
        }),
        Daemon::Dhcp6 => json!({
            "interfaces-config": { "interfaces": ["server"] },
            "control-socket": socket("kea6-ctrl-socket"),
            "lease-database": { "type": "memfile" },
            "subnet6": [{ "id": 1, "subnet": "fd00:77::/64", "interface": "server",
                "pools": [{ "pool": "fd00:77::1:0 - fd00:77::1:ffff" }] }],
            "loggers": loggers,
        }),
        Daemon::Ddns => json!({
            "ip-address": "127.0.0.1",
            "port": 53001,
            "control-socket": socket("kea-ddns-ctrl-socket"),
            "tsig-keys": [],
            "forward-ddns": {},
            "reverse-ddns": {},
            "loggers": loggers,
        }),
        Daemon::CtrlAgent => json!({
            "http-host": "127.0.0.1",
            "http-port": 8000,
            "control-sockets": { "dhcp4": socket("kea4-ctrl-socket"), "dhcp6": socket("kea6-ctrl-socket") },
            "loggers": loggers,
        }),
        Daemon::Netconf => json!({}),
    }
}

/// Something to mount over must be there; packages of Kea make it, but for some.
fn make_directory(path: &str) {
    if !Path::new(path).exists() {
        must(Command::new("mkdir").args(["-p", path]));
    }
}
