//! Two namespaces with a pair of virtual interfaces between them: dhcpload in one, a server in the other.

use std::env;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, Ipv6Addr, UdpSocket};
use std::process::{Child, Command, Stdio};

use kea_tools::lease::Family;
use kea_tools::net::{iface, open_batch};
use kea_tools::wire::{LinkMode, LinkSpec};
use serde_json::Value;

use super::server::{Behaviour, LoadServer};
use crate::dhcp::{Capture, Holder};
use crate::namespace::Namespace;
use crate::program::{Outcome, must, run};
use crate::wait::wait_for;

/// The place of a load.
pub(super) struct Lab {
    pub(super) server: Namespace,
    pub(super) client: Namespace,
}

impl Lab {
    /// Server: 192.0.2.9 and `2001:db8::9`; client: 192.0.2.50 and `2001:db8::50`; both with link-local addresses of the
    /// same endings.
    pub(super) fn new() -> Self {
        let server = Namespace::new(None);
        let client = Namespace::new(Some(&server));
        let peer = client.process().to_string();
        let cable = ["link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", &peer];
        must(server.command("ip").args(cable));
        for (namespace, host) in [(&server, "9"), (&client, "50")] {
            let script = "set -e
                ip link set lo up
                ip link set eth0 addrgenmode none
                ip addr add \"192.0.2.$1/24\" brd + dev eth0
                ip addr add \"2001:db8::$1/64\" dev eth0 nodad
                ip addr add \"fe80::$1/64\" dev eth0 nodad
                ip link set eth0 up";
            must(namespace.command("sh").args(["-c", script, "sh", host]));
        }
        // The clients' addresses are there, whatever reverse path filters are on.
        must(server.command("ip").args(["route", "add", "10.0.0.0/8", "dev", "eth0"]));
        for namespace in [&server, &client] {
            wait_until_up(namespace, "eth0");
        }
        Self { server, client }
    }

    /// A server that behaves as `behaviour` says.
    pub(super) fn fake(&self, family: Family, behaviour: &str) -> Fake {
        let program = env::current_exe().unwrap();
        let mut command = self.server.command(program.to_str().unwrap());
        command.args(["dhcpload::lab::serves", "--exact", "--ignored", "--nocapture"]);
        command.env(VARIABLE, format!("{} {behaviour}", family.digit()));
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready = lines.map_while(Result::ok).any(|line| line == "ready");
        assert!(ready, "the server does not start");
        Fake(process)
    }

    /// A program at the server's place that has the servers' port and reads nothing.
    pub(super) fn deaf(&self) -> Holder {
        Holder::start(&self.server, 67)
    }

    /// tcpdump at the server's interface.
    pub(super) fn listen(&self) -> Capture {
        Capture::start(self.server.command("tcpdump"), self.client.command("bash"))
    }

    /// dhcpload at the client's place, without a broadcast of progress.
    pub(super) fn dhcpload(&self, arguments: &str) -> Command {
        let mut command = self.client.command(env!("CARGO_BIN_EXE_dhcpload"));
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
        command.args(arguments.split_whitespace());
        command
    }

    /// What it reports, and its exit status.
    pub(super) fn load(&self, arguments: &str) -> Loaded {
        Loaded::from(run(self.dhcpload(arguments).args(["-f", "json"])))
    }
}

/// Waits until the kernel has found that a cable is plugged in.
pub(super) fn wait_until_up(namespace: &Namespace, interface: &str) {
    wait_for("the link to be up", || {
        must(namespace.command("ip").args(["link", "show", interface])).contains("state UP").then_some(())
    });
}

/// Whether it ended so; or the machine was too busy for the figures to count, which is no fault of what is tested.
pub(super) fn ended(outcome: &Outcome, status: i32) -> bool {
    let is_busy = |line: &str| line.starts_with("dhcpload: the run is not valid: ") && line.contains(" ms late ");
    let said = outcome.stderr.lines().collect::<Vec<_>>();
    match said[..] {
        [] => outcome.status == status,
        [only] => is_busy(only) && (outcome.status == 2 || outcome.status == status),
        _ => false,
    }
}

/// What a load reported.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) outcome: Outcome,
    pub(super) report: Value,
}

impl From<Outcome> for Loaded {
    fn from(outcome: Outcome) -> Self {
        let report = serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:?}"));
        Self { outcome, report }
    }
}

impl Loaded {
    /// See [`ended`].
    pub(super) fn ended(&self, status: i32) -> bool {
        ended(&self.outcome, status)
    }

    /// A number of the report, such as `messages.request.lost.nak`.
    #[track_caller]
    pub(super) fn number(&self, path: &str) -> u64 {
        self.at(path).as_u64().unwrap_or_else(|| panic!("{path}: {}", self.report))
    }

    /// A number of milliseconds of the report.
    #[track_caller]
    pub(super) fn ms(&self, path: &str) -> f64 {
        self.at(path).as_f64().unwrap_or_else(|| panic!("{path}: {}", self.report))
    }

    pub(super) fn at(&self, path: &str) -> &Value {
        path.split('.').fold(&self.report, |value, name| &value[name])
    }
}

/// A server in another process; it ends when dropped.
pub(super) struct Fake(Child);

impl Drop for Fake {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

const VARIABLE: &str = "KEA_TOOLS_LOAD_SERVER";

/// No test by itself: a server, if a test has started it as one.
#[test]
#[ignore = "needs another test that starts it"]
fn serves() {
    let Ok(text) = env::var(VARIABLE) else { return };
    let (family, behaviour) = text.split_once(' ').unwrap();
    let interface = Some("eth0".into());
    let (link, address) = if family == "4" {
        let link = LinkSpec { interface, port: 67, mode: LinkMode::Udp, ..LinkSpec::v4() };
        (link, Ipv4Addr::new(192, 0, 2, 9).into())
    } else {
        let link = LinkSpec { interface, port: 547, mode: LinkMode::Udp, ..LinkSpec::v6() };
        (link, "2001:db8::9".parse::<Ipv6Addr>().unwrap().into())
    };
    let index = iface::by_name("eth0").unwrap().index;
    let mut batch = open_batch(&link, None).unwrap().at_once();
    // The group is the interface's, whichever socket joins it.
    let member = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).unwrap();
    member.join_multicast_v6(&"ff02::1:2".parse().unwrap(), index).unwrap();
    println!("\nready");
    batch.drive(&mut LoadServer::new(Behaviour::parse(behaviour), address)).unwrap();
}
