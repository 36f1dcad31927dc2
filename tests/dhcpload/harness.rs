//! A network of the test's own: a server in the same process, and a time that passes only while both wait.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use kea_tools::cli;
use kea_tools::dhcp::v4::{MessageType, Packet};
use kea_tools::env::network::Network;
use kea_tools::error::{Error, Result};
use kea_tools::family::Family;
use kea_tools::net::{Channel, ServerSockets, Transport};
use kea_tools::probe::Machine;
use kea_tools::probe::plan::Host;
use kea_tools::testing;
use kea_tools::wire::interface::{Address, AddressState, Interface};
use kea_tools::wire::{Checksum, Datagram, LinkSpec, Transmit};

use super::server::{Behaviour, LoadServer};

/// Clients, and the servers that got a RELEASE of theirs.
pub(crate) type Releases = BTreeSet<(Vec<u8>, Ipv4Addr)>;

/// What a run said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// How many datagrams were sent.
    pub(crate) sent: u64,
    /// How long it took.
    pub(crate) took: Duration,
    /// The client and the server of each RELEASE of DHCPv4.
    pub(crate) releases: Releases,
}

/// How the conditions of a run differ from the usual one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunConditions {
    /// When the user presses Ctrl-C.
    pub(crate) interrupt: Option<Duration>,
    /// When the user presses it again.
    pub(crate) second_interrupt: Option<Duration>,
    /// What the interface leads to.
    pub(crate) way_out: Option<&'static str>,
    pub(crate) has_utf8: bool,
    pub(crate) columns: Option<&'static str>,
    /// When the interface goes down, and for how long.
    pub(crate) down: Option<(Duration, Duration)>,
    /// From when on messages leave late, for how long, and how late.
    pub(crate) late: Option<(Duration, Duration, Duration)>,
    /// Whether the user may not send frames.
    pub(crate) has_no_rights: bool,
    /// Whether a server is on this host.
    pub(crate) has_server: bool,
    /// What the server's sockets lose, if it is known.
    pub(crate) server_drops: Option<u64>,
    /// How a further server behaves that answers whatever the first does, at 192.0.2.10.
    pub(crate) further: Option<&'static str>,
}

pub(crate) const USUAL: RunConditions = RunConditions {
    interrupt: None,
    second_interrupt: None,
    way_out: None,
    has_utf8: true,
    columns: None,
    down: None,
    late: None,
    has_no_rights: false,
    has_server: false,
    server_drops: None,
    further: None,
};

impl RunConditions {
    fn is_down(&self, now: Duration) -> bool {
        self.down.is_some_and(|(begin, length)| (begin..begin.saturating_add(length)).contains(&now))
    }

    /// How late a message leaves.
    fn delay(&self, now: Duration) -> Duration {
        let late = self.late.filter(|(begin, length, _)| (*begin..begin.saturating_add(*length)).contains(&now));
        late.map_or(Duration::ZERO, |(.., delay)| delay)
    }
}

/// Runs dhcpload against a server that behaves so.
pub(crate) fn run(behaviour: &str, line: &str) -> Ran {
    run_in(USUAL, behaviour, line)
}

pub(crate) fn run_in(conditions: RunConditions, behaviour: &str, line: &str) -> Ran {
    let (sent, took) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(Duration::ZERO)));
    let releases = Rc::new(RefCell::new(BTreeSet::new()));
    let behaviour = Behaviour::parse(behaviour);
    let (sent_too, took_too, releases_too) = (Rc::clone(&sent), Rc::clone(&took), Rc::clone(&releases));
    let mut network = Fake { behaviour, conditions, sent: sent_too, took: took_too, releases: releases_too };
    let locale = if conditions.has_utf8 { "C.UTF-8" } else { "C" };
    let variables = &[("LC_ALL", locale), ("COLUMNS", conditions.columns.unwrap_or_default())];
    let env = testing::ProgramRun { variables, network: Some(&mut network), ..testing::ProgramRun::default() };
    let ran = env.run("dhcpload", cli::dhcpload::run, line.split_whitespace());
    Ran {
        status: ran.status,
        stdout: ran.stdout,
        stderr: ran.stderr,
        sent: sent.get(),
        took: took.get(),
        releases: releases.take(),
    }
}

struct Fake {
    behaviour: Behaviour,
    conditions: RunConditions,
    sent: Rc<Cell<u64>>,
    took: Rc<Cell<Duration>>,
    releases: Rc<RefCell<Releases>>,
}

impl ServerSockets for RunConditions {
    fn drops(&self) -> Option<u64> {
        self.server_drops
    }
}

impl Host for Fake {
    fn interfaces(&self) -> Result<Vec<Interface>> {
        let address = |ip: &str| Address { ip: ip.parse().unwrap(), prefix: 24, state: AddressState::Usable };
        let first = Interface {
            name: "eth0".into(),
            index: 2,
            mac: Some("02:00:5e:00:53:50".parse().unwrap()),
            up: !self.conditions.is_down(self.took.get()),
            running: true,
            loopback: false,
            addresses: vec![address("192.0.2.50"), address("2001:db8::50")],
        };
        let other = Interface {
            name: "eth2".into(),
            index: 3,
            mac: None,
            addresses: vec![address("198.51.100.50")],
            ..first.clone()
        };
        Ok(vec![first, other])
    }

    fn resolve(&self, name: &str, _: Family) -> Result<IpAddr> {
        name.parse().map_err(|_| Error::new(format!("server \"{name}\""), "no such host"))
    }

    fn source_towards(&self, _: IpAddr) -> Result<IpAddr> {
        Ok(self.interfaces()?[0].addresses[0].ip)
    }

    fn host_identifier(&self) -> Option<String> {
        None
    }
}

impl Network for Fake {
    fn open(&mut self, _: &[LinkSpec]) -> Result<Box<dyn Transport>> {
        unreachable!("a load has a channel")
    }

    fn interface_towards(&self, _: IpAddr) -> Result<Interface> {
        Ok(self.interfaces()?.remove(0))
    }

    fn way_out(&self, _: &str) -> Option<String> {
        self.conditions.way_out.map(str::to_owned)
    }

    fn server_sockets(&self, _: Option<&str>, _: Family) -> Result<Option<Box<dyn ServerSockets>>> {
        let is_known = self.conditions.has_server || self.conditions.server_drops.is_some();
        Ok(is_known.then(|| Box::new(self.conditions) as Box<dyn ServerSockets>))
    }

    fn open_channel(&mut self, link: &LinkSpec) -> Result<Box<dyn Channel>> {
        if self.conditions.has_no_rights {
            return Err(Error::new("sending frames", "permission denied"));
        }
        let address: IpAddr =
            if link.family == Family::V4 { Ipv4Addr::new(192, 0, 2, 9).into() } else { "2001:db8::9".parse().unwrap() };
        let mut servers = vec![(address, LoadServer::new(self.behaviour.clone(), address))];
        if let Some(behaviour) = self.conditions.further {
            let address = Ipv4Addr::new(192, 0, 2, 10).into();
            servers.push((address, LoadServer::new(Behaviour::parse(behaviour), address)));
        }
        let (sent, took, releases) = (Rc::clone(&self.sent), Rc::clone(&self.took), Rc::clone(&self.releases));
        let transactions = BTreeMap::new();
        Ok(Box::new(Wire { servers, conditions: self.conditions, sent, took, releases, transactions }))
    }
}

/// A cable between both.
struct Wire {
    servers: Vec<(IpAddr, LoadServer)>,
    conditions: RunConditions,
    sent: Rc<Cell<u64>>,
    took: Rc<Cell<Duration>>,
    releases: Rc<RefCell<Releases>>,
    /// The transaction of each client's last DISCOVER.
    transactions: BTreeMap<Vec<u8>, u32>,
}

impl Wire {
    /// A REQUEST for what was offered has the transaction of the OFFER (RFC 2131, 4.4.1).
    fn check_transaction(&mut self, payload: &[u8]) {
        let packet = Packet::without_values(payload);
        let Some((xid, client)) = packet.xid().zip(packet.hardware()) else { return };
        match packet.message_type() {
            Some(MessageType::DISCOVER) => {
                self.transactions.insert(client.to_vec(), xid);
            }
            Some(MessageType::REQUEST) if packet.server_id().is_some() => {
                assert_eq!(self.transactions.get(client), Some(&xid), "{client:?}");
            }
            _ => {}
        }
    }
}

impl Channel for Wire {
    fn drive(&mut self, client: &mut dyn Machine) -> Result<()> {
        let mut now = Duration::ZERO;
        loop {
            self.took.set(now);
            while let Some(transmit) = client.poll_transmit(now) {
                if self.conditions.is_down(now) {
                    client.handle_unsent(now, Error::new("sending", "the interface is down"));
                    continue;
                }
                client.handle_sent(now + self.conditions.delay(now));
                self.sent.set(self.sent.get() + 1);
                self.check_transaction(&transmit.payload);
                self.releases.borrow_mut().extend(release(&transmit.payload));
                let datagram = datagram(&transmit, "[fe80::50]:546".parse().unwrap(), now);
                self.servers.iter_mut().for_each(|(_, server)| server.handle_datagram(&datagram));
            }
            for (address, server) in &mut self.servers {
                while let Some(transmit) = server.poll_transmit(now) {
                    client.handle_datagram(&datagram(&transmit, SocketAddr::new(*address, 67), now));
                }
            }
            if client.is_done() {
                return Ok(());
            }
            let interrupt = self.conditions.interrupt.filter(|at| *at > now);
            let down = self.conditions.down.map(|(begin, _)| begin).filter(|at| *at > now);
            let answer = self.servers.iter().filter_map(|(_, server)| server.poll_timeout()).min();
            let next = [client.poll_timeout(), answer, interrupt, down];
            let next = next.into_iter().flatten().min().expect("neither waits for anything");
            now = now.max(next);
            if self.conditions.interrupt == Some(now) {
                self.conditions.interrupt = self.conditions.second_interrupt.take();
                client.handle_interrupt(now);
            }
            if self.conditions.down.is_some_and(|(begin, _)| begin == now) {
                client.handle_failed(0, &Error::new("interface \"eth0\"", "it is down or gone"))?;
                self.took.set(now);
            }
            if client.poll_timeout().is_some_and(|at| at <= now) {
                client.handle_timeout(now);
            }
        }
    }

    fn drops(&self) -> u64 {
        0
    }

    fn epoch(&self) -> Duration {
        Duration::ZERO
    }

    fn cpu(&self) -> f64 {
        0.0
    }
}

/// The client and the server of a RELEASE of DHCPv4.
fn release(payload: &[u8]) -> Option<(Vec<u8>, Ipv4Addr)> {
    let packet = Packet::without_values(payload);
    let is_one = packet.message_type() == Some(MessageType::RELEASE);
    is_one.then_some(())?;
    Some((packet.hardware()?.to_vec(), packet.server_id()?))
}

fn datagram(transmit: &Transmit, source: SocketAddr, at: Duration) -> Datagram<'_> {
    Datagram {
        link: 0,
        at,
        source,
        destination: Some(transmit.destination),
        mac: None,
        vlan: None,
        interface: 2,
        checksum: Checksum::Good,
        in_fragments: false,
        is_for_other_host: false,
        is_in_other_vlan: false,
        frame: None,
        payload: &transmit.payload,
    }
}
