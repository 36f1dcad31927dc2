//! A network of the test's own: what is sent is answered by a function, and time passes only while somebody waits.

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use kea_tools::cli::dhcping::{Network, run_with};
use kea_tools::dhcp::v4::{BOOTREPLY, Message, MessageType, Packet, option};
use kea_tools::env::screen::NoKeyboard;
use kea_tools::env::{Clock, Env};
use kea_tools::error::{Error, Result};
use kea_tools::lease::Family;
use kea_tools::net::{Event, Transport};
use kea_tools::probe::plan::Host;
use kea_tools::wire::interface::{Address, AddressState, Interface};
use kea_tools::wire::{Checksum, Datagram, LinkSpec, Mac, Transmit};

/// An answer: how long after the question, from whom, which octets.
pub(crate) type Answer = (Duration, Ipv4Addr, Vec<u8>);

/// This host's own hardware address.
pub(crate) const OWN: &str = "02:00:5e:00:53:50";
pub(crate) const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
pub(crate) const ROGUE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 66);

/// What is said when nobody has an offer, however long it is waited for.
pub(crate) const SILENCE: &str = "no server is running there, or it has no subnet or no free address for this client, or a \
    firewall drops UDP ports 67 and 68 (see the server's log)";

/// What a run said, sent and asked for.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) sent: Vec<(SocketAddr, Packet)>,
    pub(crate) plans: Vec<LinkSpec>,
    /// How long it took.
    pub(crate) took: Duration,
}

impl Ran {
    /// Fails unless it ended like this; what the answers gave is looked at only if `stdout` has it.
    #[track_caller]
    pub(crate) fn expect(&self, status: u8, stdout: &str, stderr: &str) {
        let seen = if stdout.contains("\n  ") { self.stdout.clone() } else { self.verdicts() };
        assert_eq!((self.status, seen.as_str(), self.stderr.as_str()), (status, stdout, stderr));
    }

    /// What was printed, without the indented lines: what each answer gave.
    pub(crate) fn verdicts(&self) -> String {
        self.stdout.split_inclusive('\n').filter(|line| !line.starts_with("  ")).collect()
    }

    /// The types of what was sent.
    pub(crate) fn types(&self) -> Vec<&'static str> {
        let types = self.sent.iter().map(|(_, packet)| packet.message_type().and_then(MessageType::name));
        types.map(|name| name.unwrap_or("bootp")).collect()
    }
}

/// What answers a question.
type Answering = Box<dyn FnMut(&Packet) -> Vec<Answer>>;

/// A network in which `answer` says what comes back.
pub(crate) struct Net {
    answer: Answering,
    /// When the user presses Ctrl-C.
    interrupt: Option<Duration>,
    /// From when on nothing can be sent.
    stuck: Option<Duration>,
    checksum: Checksum,
    /// When which link fails.
    fails: Option<(Duration, usize)>,
    interfaces: Vec<Interface>,
}

impl Net {
    pub(crate) fn new(answer: impl FnMut(&Packet) -> Vec<Answer> + 'static) -> Self {
        let eth0 = interface("eth0", 2, Ipv4Addr::new(192, 0, 2, 50));
        Self {
            answer: Box::new(answer),
            interrupt: None,
            stuck: None,
            checksum: Checksum::Good,
            fails: None,
            interfaces: vec![eth0],
        }
    }

    /// Nobody answers.
    pub(crate) fn silent() -> Self {
        Self::new(|_| Vec::new())
    }

    /// A server at 192.0.2.1 that gives 192.0.2.100 to everybody within 1.5 ms.
    pub(crate) fn with_server() -> Self {
        Self::new(|question| answers(question, SERVER))
    }

    pub(crate) fn interrupted_after(mut self, time: Duration) -> Self {
        self.interrupt = Some(time);
        self
    }

    pub(crate) fn with_wrong_checksums(mut self) -> Self {
        self.checksum = Checksum::Bad;
        self
    }

    /// From then on there is no route.
    pub(crate) fn stuck_after(mut self, time: Duration) -> Self {
        self.stuck = Some(time);
        self
    }

    /// The interface of the second link goes down then.
    pub(crate) fn second_fails_after(mut self, time: Duration) -> Self {
        self.fails = Some((time, 1));
        self
    }

    /// The same on a host with a second interface, in 198.51.100.0/24.
    pub(crate) fn with_second_interface(mut self) -> Self {
        self.interfaces.push(interface("eth1", 3, Ipv4Addr::new(198, 51, 100, 50)));
        self
    }

    /// The same with a second address, in 198.51.100.0/24, on the first interface.
    pub(crate) fn with_second_address(mut self) -> Self {
        let second = interface("eth0", 2, Ipv4Addr::new(198, 51, 100, 50)).addresses[0];
        self.interfaces[0].addresses.push(second);
        self
    }

    /// Runs dhcping with the arguments in `line`, split at blanks.
    pub(crate) fn run(self, line: &str) -> Ran {
        self.run_words(&line.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs dhcping with these arguments.
    pub(crate) fn run_words(self, words: &[&str]) -> Ran {
        let sent = Rc::new(RefCell::new(Vec::new()));
        let passed = Rc::new(RefCell::new(Duration::ZERO));
        let interfaces = self.interfaces.clone();
        let mut world =
            Fake { net: Some(self), interfaces, plans: Vec::new(), sent: Rc::clone(&sent), passed: Rc::clone(&passed) };
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut env = Env {
            args: std::iter::once(&"dhcping").chain(words).map(Into::into).collect(),
            stdout: &mut stdout,
            stderr: &mut stderr,
            stderr_is_terminal: false,
            screen: &|| None,
            keyboard: &mut NoKeyboard,
            var: &|_| None,
            clock: &Still,
            prompt: &mut |_| unreachable!(),
            random: &mut |buffer| {
                buffer.fill(7);
                Ok(())
            },
        };
        let status = match run_with(&mut env, &mut world) {
            Ok(exit) => exit.code(),
            Err(error) => {
                writeln!(env.stderr, "dhcping: {error}").unwrap();
                2
            }
        };
        let sent = sent.borrow().iter().map(|(to, octets): &(_, Vec<u8>)| (*to, Packet::parse(octets))).collect();
        let [stdout, stderr] = [stdout, stderr].map(|octets| String::from_utf8(octets).unwrap());
        let took = *passed.borrow();
        Ran { status, stdout, stderr, sent, plans: world.plans, took }
    }
}

fn interface(name: &str, index: u32, ip: Ipv4Addr) -> Interface {
    Interface {
        name: name.into(),
        index,
        mac: Some(OWN.parse().unwrap()).filter(|_| index == 2).or(Some(Mac([2, 0, 0x5e, 0, 0x53, 0x51]))),
        up: true,
        running: true,
        loopback: false,
        addresses: vec![Address { ip: ip.into(), prefix: 24, state: AddressState::Usable }],
    }
}

/// What a server at `server` answers.
pub(crate) fn answers(question: &Packet, server: Ipv4Addr) -> Vec<Answer> {
    let kind = match question.message_type() {
        Some(MessageType::DISCOVER) => MessageType::OFFER,
        Some(MessageType::REQUEST | MessageType::INFORM) => MessageType::ACK,
        _ => return Vec::new(),
    };
    let mut message = reply(question, kind, server);
    let asked = question.address(option::REQUESTED_ADDRESS).or(question.ciaddr());
    if let Some(address) =
        asked.filter(|address| question.message_type() == Some(MessageType::REQUEST) && !address.is_unspecified())
    {
        message.yiaddr = address;
    }
    vec![(Duration::from_micros(1500), server, message.encode())]
}

pub(crate) fn reply(question: &Packet, kind: MessageType, server: Ipv4Addr) -> Message {
    let mut message = Message::of_type(kind, question.xid().unwrap(), question.hardware().unwrap());
    message.op = BOOTREPLY;
    message.yiaddr = Ipv4Addr::new(192, 0, 2, 100);
    message
        .with(option::SERVER_ID, server.octets())
        .with(option::LEASE_TIME, 3600_u32.to_be_bytes())
        .with(option::ROUTERS, [192, 0, 2, 254])
}

pub(crate) struct Still;

impl Clock for Still {
    fn now(&self) -> i64 {
        1_795_248_000
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

type SentPackets = Rc<RefCell<Vec<(SocketAddr, Vec<u8>)>>>;

struct Fake {
    net: Option<Net>,
    interfaces: Vec<Interface>,
    plans: Vec<LinkSpec>,
    sent: SentPackets,
    passed: Rc<RefCell<Duration>>,
}

impl Host for Fake {
    fn interfaces(&self) -> Result<Vec<Interface>> {
        Ok(self.interfaces.clone())
    }

    fn resolve(&self, name: &str, _family: Family) -> Result<IpAddr> {
        name.parse().map_err(|_| Error::new(format!("server \"{name}\""), "no such host"))
    }

    fn source_towards(&self, server: IpAddr) -> Result<IpAddr> {
        if server == IpAddr::V4(Ipv4Addr::new(198, 18, 0, 1)) {
            return Err(Error::new(format!("sending to {server}"), "no route leads there"));
        }
        let near = self.interfaces.iter().find(|interface| interface.reaches(server)).unwrap_or(&self.interfaces[0]);
        let is_near = |address: &&Address| match (address.ip, server) {
            (IpAddr::V4(own), IpAddr::V4(server)) => own.octets()[..3] == server.octets()[..3],
            _ => false,
        };
        Ok(near.addresses.iter().find(is_near).unwrap_or(&near.addresses[0]).ip)
    }

    fn host_identifier(&self) -> Option<String> {
        Some("a host".into())
    }
}

impl Network for Fake {
    fn open(&mut self, plans: &[LinkSpec]) -> Result<Box<dyn Transport>> {
        self.plans = plans.to_vec();
        let net = self.net.take().unwrap();
        let (sent, passed) = (Rc::clone(&self.sent), Rc::clone(&self.passed));
        Ok(Box::new(Link { net, coming: Vec::new(), current: None, failed: None, sent, passed }))
    }
}

struct Link {
    net: Net,
    /// What is on its way: by which link, and when it arrives.
    coming: Vec<(usize, Answer)>,
    current: Option<Answer>,
    failed: Option<usize>,
    sent: SentPackets,
    /// The time.
    passed: Rc<RefCell<Duration>>,
}

impl Link {
    fn pass(&self, until: Duration) {
        let mut now = self.passed.borrow_mut();
        *now = (*now).max(until);
    }
}

fn down() -> Error {
    Error::new("interface \"eth1\"", "it is down")
}

impl Transport for Link {
    fn now(&self) -> Duration {
        *self.passed.borrow()
    }

    fn epoch(&self) -> Duration {
        Duration::from_secs(1_795_248_000)
    }

    fn send(&mut self, transmit: &Transmit) -> Result<Duration> {
        if self.failed == Some(transmit.link) {
            return Err(down());
        }
        if self.net.stuck.is_some_and(|moment| self.now() >= moment) {
            return Err(Error::new("sending", "no route leads there"));
        }
        self.sent.borrow_mut().push((transmit.destination, transmit.payload.clone()));
        let now = self.now();
        for (after, from, octets) in (self.net.answer)(&Packet::parse(&transmit.payload)) {
            self.coming.push((transmit.link, (now + after, from, octets)));
        }
        self.coming.sort_by_key(|(_, (at, ..))| *at);
        Ok(now)
    }

    fn receive(&mut self, until: Option<Duration>) -> Result<Event<'_>> {
        let next = self.coming.first().map(|(_, (at, ..))| *at).into_iter().chain(until).min();
        if self.net.interrupt.is_some_and(|moment| next.is_none_or(|next| moment <= next)) {
            let moment = self.net.interrupt.take().unwrap();
            self.pass(moment);
            return Ok(Event::Interrupted);
        }
        if self.net.fails.is_some_and(|(moment, _)| next.is_none_or(|next| moment <= next)) {
            let (moment, link) = self.net.fails.take().unwrap();
            self.pass(moment);
            self.failed = Some(link);
            return Ok(Event::Failed { link, error: down() });
        }
        let is_due = self.coming.first().is_some_and(|(_, (at, ..))| until.is_none_or(|until| *at <= until));
        if !is_due {
            self.pass(until.unwrap());
            return Ok(Event::Timeout);
        }
        let (link, answer) = self.coming.remove(0);
        self.pass(answer.0);
        let (at, from, payload) = self.current.insert(answer);
        Ok(Event::Datagram(Datagram {
            link,
            at: *at,
            source: SocketAddr::from((*from, 67)),
            destination: Some(SocketAddr::from((Ipv4Addr::BROADCAST, 68))),
            mac: Some(Mac([2, 0, 0x5e, 0, 0x53, from.octets()[3]])),
            vlan: None,
            interface: 2,
            checksum: self.net.checksum,
            in_fragments: false,
            is_for_other_host: false,
            frame: None,
            payload,
        }))
    }
}
