//! A machine that a test makes up, below a root directory of its own.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use kea_tools::cli;
use kea_tools::env::screen::Size;
use kea_tools::testing::ProgramRun;
pub(crate) use kea_tools::testing::Ran;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::keactrl_status::fake::{Fake, Reply};

/// 2026-11-20 12:00 UTC.
pub(crate) const NOW: u64 = 1_795_176_000;
/// When every daemon has started, every file was last changed, and every configuration was last loaded: so long ago.
const STARTED: u64 = 5000;
const CHANGED: u64 = 4000;
const LOADED: u64 = 3000;

/// The number of the DHCPv4 server's process.
pub(crate) const PID: u32 = 77;
/// Where its configuration says that it takes commands.
const SOCKET: &str = "/run/kea/kea4-ctrl-socket";

/// Where it logs.
pub(crate) const LOG: &str = "/var/log/kea/kea-dhcp4.log";

/// The header of a DHCPv4 lease file.
pub(crate) const HEADER: &str =
    "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n";

/// More time than any answer takes that comes at all, however busy the machine is.
const PATIENT: &str = "-t 120";

/// A made-up machine.
pub(crate) struct Machine(TempDir);

impl Machine {
    /// One without any Kea.
    pub(crate) fn empty() -> Self {
        let machine = Self(tempfile::Builder::new().prefix("kea-root.").tempdir().unwrap());
        machine.file("/proc/stat", format!("cpu 1 2 3\nbtime {}\n", NOW - 10_000));
        machine.file("/proc/1/comm", "init\n");
        machine.file("/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
        machine
    }

    /// One with a DHCPv4 server that listens on an interface and takes commands at `channels`
    /// (`control-socket`, `control-sockets`).
    pub(crate) fn with_dhcp4(channels: &Value) -> Self {
        let machine = Self::empty();
        let log = json!([{ "name": "kea-dhcp4", "output_options": [{ "output": LOG }] }]);
        let subnet = json!([{ "id": 1, "subnet": "192.0.2.0/24", "pools": [{ "pool": "192.0.2.10 - 192.0.2.99" }] }]);
        let mut server = json!({ "interfaces-config": { "interfaces": ["eth0"] }, "subnet4": subnet, "loggers": log });
        server.as_object_mut().unwrap().extend(channels.as_object().unwrap().clone());
        machine.file("/etc/kea/kea-dhcp4.conf", json!({ "Dhcp4": server }).to_string());
        machine.file("/usr/sbin/kea-dhcp4", "");
        machine.file(LOG, "2026-11-20 10:36:40.000 INFO  [kea-dhcp4.dhcp4/77.1] DHCP4_STARTED x\n");
        machine.file("/run/kea/kea-dhcp4.kea-dhcp4.pid", format!("{PID}\n"));
        machine.process();
        machine
    }

    /// The same, with a unix socket at which `fake` answers.
    pub(crate) fn behind(fake: &Fake) -> Self {
        let machine = Self::with_dhcp4(&json!({
            "control-socket": { "socket-type": "unix", "socket-name": SOCKET }
        }));
        fs::hard_link(fake.path(), machine.at(SOCKET)).unwrap();
        machine
    }

    /// The DHCPv4 server's process.
    fn process(&self) {
        let of = |name: &str| format!("/proc/{PID}/{name}");
        let ticks = (10_000 - STARTED) * 100;
        self.file(&of("comm"), "kea-dhcp4\n");
        self.file(&of("cmdline"), "/usr/sbin/kea-dhcp4\0-c\0/etc/kea/kea-dhcp4.conf\0");
        self.file(
            &of("stat"),
            format!("{PID} (kea-dhcp4) S 1 {PID} {PID} 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 {ticks} 1 2\n"),
        );
        self.file(&of("status"), format!("Name:\tkea-dhcp4\nUid:\t0\t0\t0\t0\nNSpid:\t{PID}\n"));
        self.file(&of("cgroup"), "0::/system.slice/kea-dhcp4-server.service\n");
        self.file(&of("net/packet"), "sk RefCnt Type Proto Iface R Rmem User Inode\nf 3 3 0003 2 1 0 0 111\n");
        self.file(&of("net/dev"), "Inter-| Receive\n face |bytes\n  eth0: 0 0\n");
        self.file("/sys/class/net/eth0/ifindex", "2\n");
        self.file("/sys/class/net/eth0/operstate", "up\n");
        self.file(&of("net/igmp"), "Idx\tDevice    : Count Querier\tReporter\n2\teth0      :     1      V3\n");
        let udp = "sl local rem st tx:rx tr:tm retr uid timeout inode\n1: 0100000A:0043 00000000:0000 07 0:0 0:0 0 0 0 112 2\n";
        self.file(&of("net/udp"), udp);
        self.file(&of("net/udp6"), "");
    }

    /// A file, with the directories above it.
    pub(crate) fn file(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW - CHANGED);
        File::options().write(true).open(&path).unwrap().set_modified(changed).unwrap();
    }

    /// Where a path of the machine is to be found.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(Path::new(path).strip_prefix("/").unwrap())
    }

    /// Runs keactrl-status with these arguments, split at blanks.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.run_on(None, &[], arguments)
    }

    /// The same for servers that never answer, with more time from run to run until all is as it should be: on a busy
    /// machine it takes a while until they are asked at all.
    #[track_caller]
    pub(crate) fn run_until(&self, is_right: impl Fn(&Ran) -> bool, arguments: &str) -> Ran {
        let mut last = None;
        for seconds in ["0.5", "2", "8", "32"] {
            let ran = self.run(&format!("-t {seconds} {arguments}"));
            if is_right(&ran) {
                return ran;
            }
            last = Some(ran);
        }
        panic!("{last:?}");
    }

    /// The same on a screen of so many columns, in an environment with these variables.
    pub(crate) fn run_on(&self, columns: Option<usize>, variables: &[(&str, &str)], arguments: &str) -> Ran {
        let root = self.0.path().to_str().unwrap();
        let patience = if arguments.contains("-t ") { "" } else { PATIENT };
        let arguments = [patience, arguments].join(" ");
        let screen = columns.map(|columns| Size { columns, rows: 24 });
        ProgramRun { now: i64::try_from(NOW).unwrap(), variables, screen, ..ProgramRun::default() }.run(
            "keactrl-status",
            cli::keactrl_status::run,
            ["--root", root].into_iter().chain(arguments.split_whitespace()),
        )
    }

    /// What is known of the DHCPv4 server.
    pub(crate) fn facts(&self, arguments: &str) -> Value {
        let ran = self.run(&format!("-f json -s dhcp4 {arguments}"));
        let mut document: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"));
        document["daemons"][0].take()
    }

    /// Asserts what is said of the DHCPv4 server, and that the other formats say it too.
    #[track_caller]
    pub(crate) fn assert_said(&self, verdict: &str, state: &str, id: &str, text: &str) {
        let facts = self.facts("");
        assert_eq!((&facts["verdict"], &facts["state"]), (&json!(verdict), &json!(state)), "{facts:#}");
        let findings = facts["findings"].as_array().unwrap();
        let found = findings.iter().find(|finding| finding["id"] == id).unwrap_or_else(|| panic!("{id}: {facts:#}"));
        assert!(found["text"].as_str().unwrap().contains(text), "{text:?} is not in {found}");
        let line = format!("DHCPv4 server: {}: ", found["state"].as_str().unwrap());
        let classic = self.run("-s dhcp4");
        assert!(classic.stdout.starts_with("DHCPv4 server: active\n"), "{classic:?}");
        assert!(classic.stdout.lines().any(|it| it.starts_with(&line) && it.contains(text)), "{classic:?}");
        let nagios = self.run("-s dhcp4 -f nagios");
        assert!(nagios.stdout.starts_with(&format!("KEA {state} - ")) && nagios.stdout.contains(text), "{nagios:?}");
    }

    /// Asserts that nothing is wrong with the DHCPv4 server.
    #[track_caller]
    pub(crate) fn assert_well(&self) {
        let facts = self.facts("");
        assert_eq!((&facts["verdict"], &facts["state"]), (&json!("serving"), &json!("OK")), "{facts:#}");
        let ran = self.run("-s dhcp4");
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{ran:?}");
    }
}

/// The server's answer to status-get, with `more` than every release says; to version-get it answers too.
pub(crate) fn status_with(more: Value) -> impl Fn(&Value) -> Reply + Send + Sync + 'static {
    move |command| {
        let mut arguments =
            json!({ "pid": PID, "uptime": STARTED, "reload": LOADED, "sockets": { "status": "ready" } });
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Reply::Answer(match command["command"].as_str().unwrap() {
            "status-get" => json!({ "result": 0, "arguments": arguments }),
            "version-get" => json!({ "result": 0, "text": "3.0.1", "arguments": { "extended": "3.0.1\nx" } }),
            other => json!({ "result": 2, "text": format!("'{other}' command not supported.") }),
        })
    }
}
