//! A server that answers as no server should.
//!
//! It is this test program once more, started in the server's namespace: see [`serves`].

mod reply;

use std::env;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use kea_tools::lease::Family;
use kea_tools::net::{self, Event, Transport};
use kea_tools::wire::{LinkMode, LinkSpec, Transmit};
use socket2::{Domain, Protocol, Socket, Type};

use super::lan::Station;
use crate::namespace::Namespace;

/// What a fake server does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fake {
    /// Nothing; but the port is there.
    Silent,
    /// A good answer.
    Offer,
    /// A good answer to a DISCOVER or Solicit, nothing to anything else.
    OnlyOffers,
    /// A good answer, a tenth of a second later.
    Late,
    /// A good answer, twice.
    Twice,
    /// A refusal.
    Nak,
    /// A refusal with a text that would like to have a terminal.
    NakText,
    /// No octet at all.
    Empty,
    /// Four octets.
    FourOctets,
    /// A good answer that ends in its fixed fields.
    Truncated,
    /// A good answer whose last option says that it is longer than it is.
    CutOption,
    /// A hardware address of 17 octets (DHCPv4).
    Hlen17,
    /// A request, as if from another client (DHCPv4); of an unknown kind (DHCPv6).
    Op1,
    /// An answer to somebody else's transaction.
    WrongXid,
    /// An answer to somebody else's hardware address or DUID.
    WrongChaddr,
    /// No magic cookie (DHCPv4); no server identifier (DHCPv6).
    NoMagic,
    /// A search list (119) whose names point at each other; names of the same kind in DHCPv6.
    LoopingSearch,
    /// As many options as a datagram holds.
    ManyOptions,
    /// Associations within associations, as deep as 56 KB hold (DHCPv6); sub-options likewise (DHCPv4).
    NestedIa,
    /// A good answer with a server identifier that is not the sender's address.
    WrongServer,
    /// A good answer of 4000 octets, which comes in fragments.
    Fragmented,
    /// 10,000 answers a second that are meant for others, and a good one in their midst a second later.
    Flood,
    /// The same without the good one.
    FloodOnly,
    /// A good answer within this virtual network, to requests there.
    Vlan(u16),
}

impl Fake {
    /// What must never be taken for an answer.
    pub(crate) const NO_ANSWER: [Self; 8] = [
        Self::Empty,
        Self::FourOctets,
        Self::Truncated,
        Self::Hlen17,
        Self::Op1,
        Self::WrongXid,
        Self::WrongChaddr,
        Self::NoMagic,
    ];

    /// Those that a variable can name.
    const NAMED: [Self; 23] = [
        Self::Silent,
        Self::Offer,
        Self::OnlyOffers,
        Self::Late,
        Self::Twice,
        Self::Nak,
        Self::NakText,
        Self::Empty,
        Self::FourOctets,
        Self::Truncated,
        Self::CutOption,
        Self::Hlen17,
        Self::Op1,
        Self::WrongXid,
        Self::WrongChaddr,
        Self::NoMagic,
        Self::LoopingSearch,
        Self::ManyOptions,
        Self::NestedIa,
        Self::WrongServer,
        Self::Fragmented,
        Self::Flood,
        Self::FloodOnly,
    ];

    fn by_name(name: &str) -> Self {
        match name.strip_prefix("Vlan(").and_then(|rest| rest.strip_suffix(')')) {
            Some(id) => Self::Vlan(id.parse().unwrap()),
            None => Self::NAMED.into_iter().find(|fake| format!("{fake:?}") == name).unwrap(),
        }
    }
}

/// A running fake server; it ends when dropped.
pub(crate) struct FakeServer {
    _process: Process,
    station: Station,
}

/// A program that has a port and shares it with nobody; it ends when dropped.
pub(crate) struct Holder {
    _process: Process,
}

/// This program once more, as something else.
struct Process(Child);

/// What tells this program that it is to be a fake server, and which.
const VARIABLE: &str = "KEA_TOOLS_FAKE_SERVER";

impl FakeServer {
    pub(crate) fn start(fake: Fake, station: Station) -> Self {
        Self { _process: Process::start(&station.namespace, &format!("{fake:?}")), station }
    }
}

impl FakeServer {
    /// `program` at its place.
    pub(crate) fn command(&self, program: &str) -> Command {
        self.station.namespace.command(program)
    }
}

impl Holder {
    pub(crate) fn start(namespace: &Namespace, port: u16) -> Self {
        Self { _process: Process::start(namespace, &port.to_string()) }
    }
}

impl Process {
    fn start(namespace: &Namespace, what: &str) -> Self {
        let program = env::current_exe().unwrap();
        let mut command = namespace.command(program.to_str().unwrap());
        command.args(["dhcp::fake::serves", "--exact", "--ignored", "--nocapture"]).env(VARIABLE, what);
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready = lines.map_while(Result::ok).any(|line| line == "ready");
        assert!(ready, "{what}: the fake server does not start");
        Self(process)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// No test by itself: a fake server, if a test has started it as one.
#[test]
#[ignore = "needs another test that starts it"]
fn serves() {
    let Ok(name) = env::var(VARIABLE) else { return };
    if let Ok(port) = name.parse::<u16>() {
        let _held = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).unwrap();
        println!("\nready");
        loop {
            thread::park();
        }
    }
    let fake = Fake::by_name(&name);
    if let Fake::Vlan(vlan) = fake {
        serve_in_vlan(vlan);
    }
    let v4 = socket(Domain::IPV4, (Ipv4Addr::UNSPECIFIED, 67).into());
    let v6 = socket(Domain::IPV6, (Ipv6Addr::UNSPECIFIED, 547).into());
    v4.set_broadcast(true).unwrap();
    let interface = net::iface::by_name("eth0").unwrap().index;
    v6.join_multicast_v6(&"ff02::1:2".parse().unwrap(), interface).unwrap();
    println!("\nready");
    let answers6 = move |request: &[u8]| {
        wait_if_late(fake);
        reply::v6(fake, request)
    };
    thread::spawn(move || serve(&v6, answers6, |_, from| from));
    serve_v4(fake, &v4);
}

fn socket(domain: Domain, address: SocketAddr) -> UdpSocket {
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP)).unwrap();
    if domain == Domain::IPV6 {
        socket.set_only_v6(true).unwrap();
    }
    socket.bind_device(Some(b"eth0")).unwrap();
    socket.bind(&address.into()).unwrap();
    socket.into()
}

fn serve_v4(fake: Fake, socket: &UdpSocket) {
    if matches!(fake, Fake::Flood | Fake::FloodOnly) {
        let flooding = socket.try_clone().unwrap();
        thread::spawn(move || flood(&flooding));
    }
    let answers = |request: &[u8]| {
        if fake == Fake::Flood {
            thread::sleep(Duration::from_secs(1));
        }
        wait_if_late(fake);
        reply::v4(fake, request)
    };
    serve(socket, answers, |request, _| reply::destination4(request));
}

/// So long that others ask before the answer is there.
fn wait_if_late(fake: Fake) {
    if fake == Fake::Late {
        thread::sleep(Duration::from_millis(100));
    }
}

/// Answers for ever.
fn serve(socket: &UdpSocket, answers: impl Fn(&[u8]) -> Vec<Vec<u8>>, to: impl Fn(&[u8], SocketAddr) -> SocketAddr) {
    let mut buffer = vec![0; 65_536];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).unwrap();
        let request = &buffer[..length];
        for answer in answers(request) {
            let to = match from {
                SocketAddr::V6(from) => SocketAddrV6::new(*from.ip(), 546, 0, from.scope_id()).into(),
                SocketAddr::V4(_) => to(request, from),
            };
            // To an address that nobody has.
            socket.send_to(&answer, to).ok();
        }
    }
}

/// Answers to nobody's question, 10,000 in each second, in batches of a millisecond.
fn flood(socket: &UdpSocket) {
    let everybody = SocketAddrV4::new(Ipv4Addr::BROADCAST, 68);
    let foreign = reply::v4(Fake::WrongXid, &reply::any_request()).remove(0);
    let start = Instant::now();
    let mut sent: u128 = 0;
    loop {
        while sent < start.elapsed().as_millis() * 10 {
            socket.send_to(&foreign, everybody).ok();
            sent += 1;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Answers for ever: by broadcast, or to the IPv6 address that asked.
fn serve_in_vlan(vlan: u16) {
    let v4 =
        LinkSpec { interface: Some("eth0".into()), port: 67, mode: LinkMode::Raw, vlan: Some(vlan), ..LinkSpec::v4() };
    let v6 = LinkSpec { family: Family::V6, port: 547, ..v4.clone() };
    let mut links = net::open(&[v4, v6], None).unwrap();
    println!("\nready");
    loop {
        let Event::Datagram(datagram) = links.receive(None).unwrap() else { continue };
        let (link, from) = (datagram.link, datagram.source);
        let answers =
            if link == 0 { reply::v4(Fake::Offer, datagram.payload) } else { reply::v6(Fake::Offer, datagram.payload) };
        let (source, destination) = match from {
            SocketAddr::V4(_) => {
                (Some(Ipv4Addr::new(192, 0, 2, 9).into()), SocketAddrV4::new(Ipv4Addr::BROADCAST, 68).into())
            }
            SocketAddr::V6(from) => (None, SocketAddrV6::new(*from.ip(), 546, 0, 0).into()),
        };
        for payload in answers {
            links.send(&Transmit { link, source, destination, via: None, payload }).unwrap();
        }
    }
}
