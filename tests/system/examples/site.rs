//! A machine as Debian sets one up: Kea's servers run as their units start them, and the programs are where packages put them.

use std::process::Child;

use kea_tools::config::Daemon;
use serde_json::{Value, json};

use crate::kea::Kea;
use crate::namespace::is_root;
use crate::program::{Outcome, run};
use crate::recipes::list::User;
use crate::status::callers::{prepare, start};
use crate::status::machine::{Machine, usual};

/// Where packages put each program.
const PROGRAMS: [(&str, &str); 10] = [
    (env!("CARGO_BIN_EXE_kea-list-leases"), "/usr/bin"),
    (env!("CARGO_BIN_EXE_dhcptest"), "/usr/bin"),
    (env!("CARGO_BIN_EXE_kea-log-report"), "/usr/bin"),
    (env!("CARGO_BIN_EXE_kea-loggers"), "/usr/bin"),
    (env!("CARGO_BIN_EXE_kea-support-bundle"), "/usr/bin"),
    (env!("CARGO_BIN_EXE_kea-metrics"), "/usr/bin"),
    (env!("CARGO_BIN_EXE_kea-pools"), "/usr/bin"),
    (env!("CARGO_BIN_EXE_kea-lease-dump"), "/usr/bin"),
    (env!("CARGO_BIN_EXE_dhcping"), "/usr/bin"),
    (env!("CARGO_BIN_EXE_keactrl-status"), "/usr/bin"),
];

/// What an ordinary user of Debian has, with what README says of the programs.
const PATH_OF_USERS: &str = "/run/bin:/usr/local/bin:/usr/bin:/bin";

/// Directories of the machine's own where the host's would be written to otherwise, and a home for each user.
const LAYOUT: &str = "set -e
    for place in /srv /var/backups /var/lib /var/log /etc/cron.d /var/spool; do mount -t tmpfs tmpfs $place; done
    chmod 755 /srv /var/lib /var/log /etc/cron.d
    mkdir -p /srv/kea /var/lib/kea /var/lib/prometheus/node-exporter /run/bin /run/home /run/over
    mount -t tmpfs tmpfs /run/over
    for place in bin sbin; do
        mkdir /run/over/$place /run/over/$place.work
        mount -t overlay overlay -o lowerdir=/usr/$place,upperdir=/run/over/$place,workdir=/run/over/$place.work /usr/$place
    done
    for user in root member ordinary; do mkdir /run/home/$user; done
    chown 65534:65534 /run/home/ordinary /run/home/member
    chmod 700 /run/home/*";

/// The machine with its servers.
pub(super) struct Site {
    pub(super) machine: Machine,
    pub(super) kea: Kea,
    servers: Vec<Child>,
}

impl Site {
    /// Servers of both families of `kea`, each with leases.
    pub(super) fn new(kea: &Kea) -> Self {
        let mut site = Self::without_servers(kea);
        for daemon in [Daemon::Dhcp4, Daemon::Dhcp6] {
            site.start(daemon, &configuration(kea, daemon));
        }
        for lease in leases4() {
            site.machine.control("kea4-ctrl-socket").command("lease4-add", Some(&lease));
        }
        for lease in leases6() {
            site.machine.control("kea6-ctrl-socket").command("lease6-add", Some(&lease));
        }
        site
    }

    /// The same without any server.
    pub(super) fn without_servers(kea: &Kea) -> Self {
        assert!(is_root(), "only root can become another user: run the tests as root");
        let machine = Machine::new();
        machine.shell(LAYOUT);
        for (program, folder) in PROGRAMS {
            machine.shell(&format!("ln -sf {program} {folder}/"));
        }
        prepare(&machine, kea);
        // As systemd makes StateDirectory and RuntimeDirectory; newer packages close them.
        if kea.root().is_none() {
            machine.shell("chmod 755 /var/lib/kea /run/kea");
        }
        Self { machine, kea: kea.clone(), servers: Vec::new() }
    }

    /// Starts a server as its unit does. Everybody may read its configuration, as Debian 12 has it.
    pub(super) fn start(&mut self, daemon: Daemon, configuration: &Value) {
        self.servers.push(start(&self.machine, &self.kea, daemon, configuration));
        self.machine.shell(&format!("chmod 644 /etc/kea/{}.conf", daemon.process_name()));
    }

    /// Closes Kea's files to everybody but Kea's group, as newer releases do it.
    pub(super) fn close(&self) {
        self.machine.shell(
            "chmod 750 /var/lib/kea && chmod 640 /var/lib/kea/*.csv && chgrp _kea /etc/kea/*.conf && chmod 640 /etc/kea/*.conf",
        );
    }

    /// What a line of shell does that `user` types at home.
    pub(super) fn run_as(&self, user: User, line: &str) -> Outcome {
        let (home, identity): (_, &[&str]) = match user {
            User::Root => ("root", &[]),
            User::Member | User::Monitor => ("member", &["--reuid=65534", "--regid=65534", "--groups=_kea"]),
            User::Ordinary | User::Prober => ("ordinary", &["--reuid=65534", "--regid=65534", "--clear-groups"]),
        };
        let mut command = self.machine.command("timeout");
        command.args(["60", "setpriv"]).args(identity).args(["sh", "-c", &format!("cd /run/home/{home} && {line}")]);
        command.env("HOME", format!("/run/home/{home}")).env("LC_ALL", "C.UTF-8").env("TERM", "xterm");
        if user != User::Root {
            command.env("PATH", PATH_OF_USERS);
        }
        run(&mut command)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.machine.shell("kill -KILL $(cat /run/kea/*.pid 2>/dev/null) 2>/dev/null || true");
        for server in &mut self.servers {
            server.wait().ok();
        }
    }
}

/// The usual configuration of a server, with subnets of the examples and the commands for leases.
pub(super) fn configuration(kea: &Kea, daemon: Daemon) -> Value {
    let mut configuration = usual(daemon);
    configuration["hooks-libraries"] = json!([{ "library": kea.hook("libdhcp_lease_cmds.so") }]);
    if daemon == Daemon::Dhcp4 {
        configuration["subnet4"] = json!([
            { "id": 1, "subnet": "192.0.2.0/24", "pools": [{ "pool": "192.0.2.100 - 192.0.2.199" }],
              "reservations": [{ "hw-address": "08:00:2b:02:3f:4e", "ip-address": "192.0.2.10" }] },
            { "id": 2, "subnet": "198.51.100.0/24", "pools": [{ "pool": "198.51.100.100 - 198.51.100.199" }] },
        ]);
    } else {
        configuration["subnet6"] = json!([{ "id": 1, "subnet": "2001:db8::/64", "interface": "server",
            "pools": [{ "pool": "2001:db8::100 - 2001:db8::1ff" }],
            "pd-pools": [{ "prefix": "2001:db8:8000::", "prefix-len": 48, "delegated-len": 56 }] }]);
    }
    configuration
}

/// The leases of the examples; each ends within the hour.
pub(super) fn leases4() -> Vec<Value> {
    let lease = |address: &str, hwaddr: &str, hostname: &str, state: u8| {
        json!({ "ip-address": address, "hw-address": hwaddr, "hostname": hostname, "valid-lft": 3000, "state": state,
            "subnet-id": if address.starts_with("192.") { 1 } else { 2 } })
    };
    vec![
        lease("192.0.2.10", "08:00:2b:02:3f:4e", "printer.example.org", 0),
        lease("192.0.2.12", "08:00:2b:02:3f:12", "scanner.example.org", 0),
        lease("192.0.2.102", "da:a1:19:5e:10:07", "annas-phone", 0),
        lease("192.0.2.103", "02:00:5e:00:53:03", "", 1),
        lease("198.51.100.9", "00:1d:aa:01:02:03", "door", 0),
    ]
}

fn leases6() -> [Value; 2] {
    [
        json!({ "ip-address": "2001:db8::110", "duid": "00:03:00:01:08:00:2b:02:3f:4e", "iaid": 1, "valid-lft": 3000,
            "hostname": "printer.example.org", "subnet-id": 1, "type": "IA_NA" }),
        json!({ "ip-address": "2001:db8:8000:100::", "prefix-len": 56, "duid": "00:03:00:01:00:1d:aa:01:02:03", "iaid": 1,
            "valid-lft": 3000, "subnet-id": 1, "type": "IA_PD" }),
    ]
}
