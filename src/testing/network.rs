//! A network in memory: what is sent is answered by a function, and time passes only while a program waits.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use crate::dhcp::v4::Packet;
use crate::env::network::Network;
use crate::env::typed::Typed;
use crate::error::{Error, Result};
use crate::family::Family;
use crate::net::{Channel, Event, Transport};
use crate::probe::plan::Host;
use crate::wire::interface::{Address, AddressState, Interface};
use crate::wire::{Checksum, Datagram, LinkSpec, Mac, Transmit};

/// An answer: how long after the question, from which server, which octets.
pub type Answer = (Duration, Ipv4Addr, Vec<u8>);

/// What answers a question.
type Answering = Box<dyn FnMut(&Packet) -> Vec<Answer>>;

/// 2026-11-21 08:00 UTC: Unix time at the beginning.
const EPOCH: Duration = Duration::from_secs(1_795_248_000);

/// A network of DHCPv4 servers, and this host in it.
pub struct FakeNetwork {
    /// The interfaces of this host: eth0 with 192.0.2.50.
    pub interfaces: Vec<Interface>,
    /// Lines that are typed once nothing is on its way.
    pub typed: VecDeque<&'static str>,
    /// When the user presses Ctrl-C.
    pub interrupt: Option<Duration>,
    /// From when on nothing can be sent.
    pub stuck: Option<Duration>,
    /// When which link fails.
    pub fails: Option<(Duration, usize)>,
    /// What the checksums of answers are worth.
    pub checksum: Checksum,
    /// The links that were opened.
    pub opened: Vec<LinkSpec>,
    /// What was sent.
    pub sent: Rc<RefCell<Vec<Transmit>>>,
    /// The time.
    pub now: Rc<Cell<Duration>>,
    answer: Option<Answering>,
}

impl FakeNetwork {
    /// A network in which `answer` says what comes back.
    #[must_use]
    pub fn new(answer: impl FnMut(&Packet) -> Vec<Answer> + 'static) -> Self {
        Self {
            interfaces: vec![interface("eth0", 2, Ipv4Addr::new(192, 0, 2, 50))],
            typed: VecDeque::new(),
            interrupt: None,
            stuck: None,
            fails: None,
            checksum: Checksum::Good,
            opened: Vec::new(),
            sent: Rc::default(),
            now: Rc::default(),
            answer: Some(Box::new(answer)),
        }
    }
}

/// An interface with an address in a network of 24 bits.
#[must_use]
pub fn interface(name: &str, index: u8, ip: Ipv4Addr) -> Interface {
    Interface {
        name: name.into(),
        index: index.into(),
        mac: Some(Mac([2, 0, 0x5e, 0, 0x53, 0x4e + index])),
        up: true,
        running: true,
        loopback: false,
        addresses: vec![Address { ip: ip.into(), prefix: 24, state: AddressState::Usable }],
    }
}

impl Host for FakeNetwork {
    fn interfaces(&self) -> Result<Vec<Interface>> {
        Ok(self.interfaces.clone())
    }

    fn resolve(&self, name: &str, _: Family) -> Result<IpAddr> {
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

impl Network for FakeNetwork {
    fn open(&mut self, links: &[LinkSpec]) -> Result<Box<dyn Transport>> {
        self.opened = links.to_vec();
        Ok(Box::new(Link {
            answer: self.answer.take().unwrap_or(Box::new(|_| Vec::new())),
            interface: self.interfaces.first().cloned(),
            interrupt: self.interrupt,
            stuck: self.stuck,
            fails: self.fails,
            failed: None,
            checksum: self.checksum,
            coming: Vec::new(),
            current: None,
            sent: Rc::clone(&self.sent),
            now: Rc::clone(&self.now),
        }))
    }

    fn open_channel(&mut self, _: &LinkSpec) -> Result<Box<dyn Channel>> {
        Err(Error::new("opening a link", "this network bears no load"))
    }

    fn interface_towards(&self, _: IpAddr) -> Result<Interface> {
        Ok(self.interfaces[0].clone())
    }

    fn command(&mut self) -> Typed {
        self.typed.pop_front().map_or(Typed::End, |line| Typed::Line(line.to_owned()))
    }
}

struct Link {
    answer: Answering,
    interface: Option<Interface>,
    interrupt: Option<Duration>,
    stuck: Option<Duration>,
    fails: Option<(Duration, usize)>,
    failed: Option<usize>,
    checksum: Checksum,
    /// What is on its way: by which link, and when it arrives.
    coming: Vec<(usize, Answer)>,
    current: Option<Answer>,
    sent: Rc<RefCell<Vec<Transmit>>>,
    now: Rc<Cell<Duration>>,
}

impl Link {
    fn pass(&self, until: Duration) {
        self.now.set(self.now.get().max(until));
    }
}

fn down() -> Error {
    Error::new("interface \"eth1\"", "it is down")
}

impl Transport for Link {
    fn now(&self) -> Duration {
        self.now.get()
    }

    fn interface(&self, _: usize) -> Option<&Interface> {
        self.interface.as_ref()
    }

    fn epoch(&self) -> Duration {
        EPOCH
    }

    fn send(&mut self, transmit: &Transmit) -> Result<Duration> {
        let now = self.now.get();
        if self.failed == Some(transmit.link) {
            return Err(down());
        }
        if self.stuck.is_some_and(|moment| now >= moment) {
            return Err(Error::new("sending", "no route leads there"));
        }
        self.sent.borrow_mut().push(transmit.clone());
        for (after, from, octets) in (self.answer)(&Packet::parse(&transmit.payload)) {
            self.coming.push((transmit.link, (now + after, from, octets)));
        }
        self.coming.sort_by_key(|(_, (at, ..))| *at);
        Ok(now)
    }

    fn receive(&mut self, until: Option<Duration>) -> Result<Event<'_>> {
        let next = self.coming.first().map(|(_, (at, ..))| *at).into_iter().chain(until).min();
        let is_next = |moment: &mut Duration| next.is_none_or(|next| *moment <= next);
        if let Some(moment) = self.interrupt.take_if(is_next) {
            self.pass(moment);
            return Ok(Event::Interrupted);
        }
        if let Some((moment, link)) = self.fails.take_if(|(moment, _)| is_next(moment)) {
            self.pass(moment);
            self.failed = Some(link);
            return Ok(Event::Failed { link, error: down() });
        }
        if self.coming.first().is_none_or(|(_, (at, ..))| until.is_some_and(|until| *at > until)) {
            // A wait without end ends with what is typed.
            let Some(until) = until else { return Ok(Event::Interrupted) };
            self.pass(until);
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
            checksum: self.checksum,
            in_fragments: false,
            is_for_other_host: false,
            is_in_other_vlan: false,
            frame: None,
            payload,
        }))
    }
}
