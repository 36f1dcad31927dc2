//! Two hosts and the cable between them: a server that is wrong in one way, and the clients that ask it one after the other.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{Outcome, server};
use crate::namespace::Namespace;
use crate::program::{must, run};
use crate::wait::wait_for;

/// The network of one scenario.
pub(super) struct Lab {
    client: Namespace,
    /// The fake server; it ends with the lab.
    server: Child,
    dir: TempDir,
}

/// What the clients run when something happens to them: it looks whether the address that they got can be used.
const SCRIPT: &str = r#"#!/bin/sh
reaches() {
    for _ in 1 2 3; do busybox ping -c 1 -W 1 -I "$1" 192.0.2.9 && return 0; done
    return 1
}
use4() {
    ip addr add "$1/$2" dev eth0 && ip route replace 192.0.2.9 dev eth0 && reaches "$1"
    found=$?
    ip addr flush dev eth0 scope global
    ip addr flush dev eth0 to "$1"
}
use6() {
    ip -6 addr add "$1" dev eth0 valid_lft "$2" preferred_lft "$3" nodad
    found=$?
    ip -6 addr del "$1" dev eth0
}
use_prefix() {
    ip -6 route add unreachable "$1"
    found=$?
    ip -6 route del unreachable "$1"
}
case "${reason:-$1}" in
    bound) use4 "$ip" "${mask:-24}" ;;
    BOUND) use4 "$new_ip_address" "${new_subnet_mask:-24}" ;;
    BOUND6) if [ -n "$new_ip6_prefix" ]; then
                use_prefix "$new_ip6_prefix"
            else
                use6 "$new_ip6_address/$new_ip6_prefixlen" "$new_max_life" "$new_preferred_life"
            fi ;;
    *) exit 0 ;;
esac >/dev/null 2>&1
# The next client may start as soon as this is there.
if [ "$found" = 0 ]; then echo usable; else echo useless; fi >"$RESULT"
"#;

/// dhclient gives up after so long; a second lies between its messages.
const CONFIGURATION: &str =
    "timeout 3;\nretry 60;\nselect-timeout 0;\ninitial-interval 1;\nbackoff-cutoff 1;\nreboot 0;\n";

/// Several times what a client takes that gets a lease.
const PATIENCE: Duration = Duration::from_secs(15);

impl Lab {
    /// The network of the scenario in that place of its family's table.
    pub(super) fn new(family: char, place: usize) -> Self {
        let host = Namespace::new(None);
        let client = Namespace::new(Some(&host));
        let peer = client.process().to_string();
        must(host.command("ip").args(["link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", &peer]));
        set_up(&host, "09", "ip addr add 192.0.2.9/24 brd + dev eth0; ip addr add 2001:db8::9/64 dev eth0 nodad");
        must(host.command("ip").args(["route", "add", "default", "dev", "eth0"]));
        set_up(&client, "50", "");
        for end in [&host, &client] {
            let is_up = || must(end.command("ip").args(["link", "show", "eth0"])).contains("state UP").then_some(());
            wait_for("the link to be up", is_up);
        }
        let dir = tempfile::Builder::new().prefix("kea-clients.").tempdir().unwrap();
        fs::write(dir.path().join("conf"), CONFIGURATION).unwrap();
        let script = dir.path().join("script");
        fs::write(&script, SCRIPT).unwrap();
        must(Command::new("chmod").arg("755").arg(&script));
        let mut server = server::command(&host, family, place).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line == "ready"), "the fake server does not start");
        Self { client, server, dir }
    }

    pub(super) fn play4(self) -> Outcome {
        let clients = vec![("udhcpc", self.udhcpc()), ("dhclient", self.dhclient("-4", &[]))];
        let offer = self.dhcping(&["-I", "eth0", "--discover"]);
        Outcome { clients, offer, lease: self.dhcping(&["-I", "eth0", "--full", "-f", "nagios"]) }
    }

    pub(super) fn play6(self, asks_for_prefix: bool) -> Outcome {
        let (theirs, ours) = if asks_for_prefix { (&["-P"][..], &["--prefix"][..]) } else { (&[][..], &[][..]) };
        let clients = vec![("dhclient -6", self.dhclient("-6", theirs))];
        let offer = self.dhcping(&[&["-6", "-I", "eth0", "--solicit"], ours].concat());
        Outcome {
            clients,
            offer,
            lease: self.dhcping(&[&["-6", "-I", "eth0", "--full", "-f", "nagios"], ours].concat()),
        }
    }

    /// Whether dhcping is content, and what it says.
    pub(super) fn dhcping(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = self.client.command(env!("CARGO_BIN_EXE_dhcping"));
        let outcome = run(command.args(arguments).args(["-t", "1"]).stdin(Stdio::null()));
        assert!((0..=2).contains(&outcome.status), "{arguments:?}: {outcome:?}");
        (outcome.status == 0, format!("{}{}", outcome.stdout, outcome.stderr).trim().to_owned())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.client.command(program);
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn udhcpc(&self) -> String {
        let result = self.dir.path().join("udhcpc");
        let mut command = self.command("timeout");
        command.args(["20", "busybox", "udhcpc", "-i", "eth0", "-f", "-n", "-q", "-t", "2", "-T", "1", "-s"]);
        Self::lease(command.arg(self.dir.path().join("script")), &result)
    }

    fn dhclient(&self, family: &str, more: &[&str]) -> String {
        let file = |name: &str| self.dir.path().join(format!("{name}{family}"));
        let result = file("dhclient");
        let mut command = self.command("dhclient");
        command.args([family, "-1", "-d"]).args(more).arg("-cf").arg(self.dir.path().join("conf"));
        command
            .arg("-lf")
            .arg(file("leases"))
            .arg("-pf")
            .arg(file("pid"))
            .arg("-sf")
            .arg(self.dir.path().join("script"));
        if family == "-6" {
            command.args(["-D", "LL"]);
        }
        Self::lease(command.arg("-e").arg(format!("RESULT={}", result.display())).arg("eth0"), &result)
    }

    /// What lease a client gets: it runs until its script has said whether the lease can be used, or it has given up; some
    /// begin anew without end where they are refused.
    fn lease(command: &mut Command, result: &Path) -> String {
        let mut client = command.env("RESULT", result).spawn().unwrap();
        let begun = Instant::now();
        let said = || fs::read_to_string(result).ok().filter(|text| text.ends_with('\n'));
        let text = wait_for("a DHCP client to come to an end", || {
            let has_ended = client.try_wait().unwrap().is_some();
            let is_over = has_ended || begun.elapsed() > PATIENCE;
            said().or_else(|| is_over.then(|| said().unwrap_or_default()))
        });
        client.kill().ok();
        client.wait().unwrap();
        if text.is_empty() { "none".to_owned() } else { text.trim().to_owned() }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
    }
}

/// Addresses that are good at once, and the interface up.
fn set_up(namespace: &Namespace, number: &str, addresses: &str) {
    let script = format!(
        "set -e
        ip link set lo up
        ip link set eth0 addrgenmode none address 02:00:5e:00:53:{number}
        ip addr add fe80::{number}/64 dev eth0 nodad
        {addresses}
        ip link set eth0 up"
    );
    must(namespace.command("sh").args(["-c", &script]));
}
