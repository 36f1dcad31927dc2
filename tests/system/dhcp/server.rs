//! A running DHCP server of some kind.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use kea_tools::lease::Family;
use tempfile::TempDir;

use super::lan::Station;
use super::{Client, Lease, config, leases};
use crate::program::signal;
use crate::wait::{wait_for, wait_for_what};

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ServerKind {
    Kea,
    Dhcpd,
    Dnsmasq,
    Udhcpd,
}

impl ServerKind {
    /// Those that speak DHCPv4.
    pub(crate) const ALL: [Self; 4] = [Self::Kea, Self::Dhcpd, Self::Dnsmasq, Self::Udhcpd];
    /// Those that speak DHCPv6.
    pub(crate) const ALL6: [Self; 3] = [Self::Kea, Self::Dhcpd, Self::Dnsmasq];

    /// What its addresses end in.
    pub(crate) fn host(self) -> u8 {
        match self {
            Self::Kea => 1,
            Self::Dhcpd => 2,
            Self::Dnsmasq => 3,
            Self::Udhcpd => 4,
        }
    }
}

/// How soon a server answers a client that it has not seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// At once.
    Quick,
    /// After it has looked whether somebody has the address, as it does unless told not to.
    Slow,
}

/// A running DHCP server; it ends when dropped.
pub(crate) struct Server {
    pub(crate) kind: ServerKind,
    pub(crate) family: Family,
    station: Arc<Station>,
    dir: TempDir,
    process: Child,
}

impl Server {
    /// Starts it and waits until it listens.
    pub(crate) fn start(kind: ServerKind, family: Family, pace: Pace, station: Arc<Station>) -> Self {
        let dir = tempfile::Builder::new().prefix("kea-dhcp.").tempdir().unwrap();
        let mut command = config::command(kind, family, pace, &station, dir.path());
        let console = fs::File::create(dir.path().join("console")).unwrap();
        command.stdin(Stdio::null()).stdout(console.try_clone().unwrap()).stderr(console);
        let process = command.spawn().unwrap_or_else(|cause| panic!("{command:?}: {cause}"));
        let mut server = Self { kind, family, station, dir, process };
        wait_for("the server to listen", || {
            if let Some(status) = server.process.try_wait().unwrap() {
                panic!("{kind:?} does not start ({status}): {}", server.log());
            }
            server.listens().then_some(())
        });
        server
    }

    /// The same host's server for DHCPv6, of the same kind.
    pub(crate) fn and_for_v6(&self) -> Self {
        Self::start(self.kind, Family::V6, Pace::Quick, Arc::clone(&self.station))
    }

    fn listens(&self) -> bool {
        let (table, port) = if self.family == Family::V4 { ("udp", ":0043 ") } else { ("udp6", ":0223 ") };
        let sockets = fs::read_to_string(format!("/proc/{}/net/{table}", self.process.id())).unwrap_or_default();
        let is_server =
            |line: &str| line.split_ascii_whitespace().nth(1).is_some_and(|local| format!("{local} ").ends_with(port));
        let own_namespace = fs::read_link(format!("/proc/{}/ns/net", self.process.id())).ok();
        let inside = own_namespace != fs::read_link("/proc/self/ns/net").ok();
        inside && sockets.lines().any(is_server) && self.says_it_is_ready()
    }

    /// Those that have packet sockets open them, or empty them, after the port that shows.
    fn says_it_is_ready(&self) -> bool {
        let words = match self.kind {
            ServerKind::Kea => "_STARTED ",
            ServerKind::Dhcpd => "Server starting service.",
            ServerKind::Dnsmasq | ServerKind::Udhcpd => "",
        };
        self.log().contains(words)
    }

    /// Waits until the log has these words: what a server was sent, it handles when its turn comes.
    pub(crate) fn expect_in_log(&self, words: &str) {
        wait_for_what(&|| format!("{words:?} in {}", self.log()), || self.log().contains(words).then_some(()));
    }

    /// Its IPv4 address.
    pub(crate) fn ip(&self) -> Ipv4Addr {
        Ipv4Addr::new(192, 0, 2, self.kind.host())
    }

    /// Its IPv6 address.
    pub(crate) fn ip6(&self) -> Ipv6Addr {
        format!("2001:db8::{}", self.kind.host()).parse().unwrap()
    }

    /// The hardware address of its interface.
    pub(crate) fn mac(&self) -> String {
        format!("02:00:5e:00:53:{:02}", self.station.host)
    }

    /// Whether it may give `address` to anybody.
    pub(crate) fn pool_contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(ip) => {
                let first = config::first_of_pool(self.kind);
                ip.octets()[..3] == [192, 0, 2] && (first..first + 20).contains(&ip.octets()[3])
            }
            IpAddr::V6(ip) => ip.to_string().starts_with(&format!("2001:db8::{}:1", self.kind.host())),
        }
    }

    /// What it has given away and not taken back, as its own file says.
    pub(crate) fn leases(&self) -> Vec<Lease> {
        if self.kind == ServerKind::Udhcpd {
            // It keeps its leases to itself until asked.
            let file = self.dir.path().join("leases");
            fs::remove_file(&file).ok();
            signal(self.process.id(), "USR1");
            wait_for("udhcpd to write its leases", || {
                let is_begun = fs::metadata(&file).is_ok_and(|file| file.len() >= 8);
                (is_begun && !self.has_open(&file)).then_some(())
            });
        }
        leases::read(self.kind, self.family, self.dir.path())
    }

    /// `program` on the server's own host.
    pub(crate) fn command(&self, program: &str) -> Command {
        self.station.namespace.command(program)
    }

    /// Its host, as the place of a client.
    pub(crate) fn host(&self) -> Client {
        Client { station: Arc::clone(&self.station) }
    }

    /// The file it was configured with.
    pub(crate) fn configuration(&self) -> PathBuf {
        self.dir.path().join("conf")
    }

    fn has_open(&self, file: &Path) -> bool {
        let open = fs::read_dir(format!("/proc/{}/fd", self.process.id())).unwrap();
        open.flatten().any(|entry| fs::read_link(entry.path()).is_ok_and(|target| target == file))
    }

    /// Waits until it holds no lease: a RELEASE is not answered, and takes effect when it takes effect.
    #[track_caller]
    pub(crate) fn expect_no_leases(&self) {
        let what = format!("{:?} to hold no lease: {}", self.kind, self.log());
        wait_for(&what, || self.leases().is_empty().then_some(()));
    }

    /// What it has said.
    pub(crate) fn log(&self) -> String {
        let text = fs::read(self.dir.path().join("console")).unwrap_or_default();
        String::from_utf8_lossy(&text).into_owned()
    }

    /// It is there and hears, but says nothing until [`resume`](Self::resume).
    pub(crate) fn pause(&self) {
        signal(self.process.id(), "STOP");
    }

    pub(crate) fn resume(&self) {
        signal(self.process.id(), "CONT");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
