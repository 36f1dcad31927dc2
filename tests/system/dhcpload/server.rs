//! A DHCP server for loads: it answers thousands of clients in a second, with faults that can be counted.
//!
//! It has an address for each hardware address, 10.X.X.X or `2001:db8:5::X`, of which it keeps no record.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::time::Duration;

use kea_tools::dhcp::v4::{BOOTREPLY, Message, MessageType, Packet, option};
use kea_tools::dhcp::v6;
use kea_tools::error::Error;
use kea_tools::probe::Machine;
use kea_tools::wire::{Datagram, Transmit};

/// What such a server does.
#[derive(Debug, Clone, Default)]
pub(crate) struct Behaviour {
    /// Each answer takes so long.
    pub(crate) delay: Duration,
    /// So long after the first request answers wait until the end of the second time.
    pub(crate) stall: Option<(Duration, Duration)>,
    /// No more requests than these are answered in a second.
    pub(crate) most: Option<u64>,
    /// What is wrong with which answers.
    pub(crate) faults: Vec<AnswerFault>,
    /// The lease time in seconds; 0 is an hour.
    pub(crate) lease_time: u32,
    /// So many clients have room.
    pub(crate) pool: Option<usize>,
    /// So long after the first request it hears no more.
    pub(crate) dies: Option<Duration>,
    /// Each answer takes so long, one after the other.
    pub(crate) each: Duration,
}

/// What is wrong with every n-th answer to messages of a type.
#[derive(Debug, Clone)]
pub(crate) struct AnswerFault {
    /// `discover`, `request`, `solicit` …
    pub(crate) message: String,
    /// Which: every answer, every second …
    pub(crate) every: u64,
    /// What.
    pub(crate) what: What,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum What {
    Drop,
    Nak,
    /// Again after so long.
    Twice(Duration),
    WrongTransaction,
    OtherServer,
    /// Without the server's identifier.
    NoServer,
    Late(Duration),
    NoAddress,
    /// To so many octets.
    Cut(Option<usize>),
    /// Something by which no client can use it.
    Unusable(String),
}

impl Behaviour {
    /// `delay=1ms request/10=nak discover/50=late:200ms stall=1000ms:1500ms most=3000 lease=1 pool=20 dies=2000ms each=400ms`
    pub(crate) fn parse(text: &str) -> Self {
        let mut behaviour = Self::default();
        for part in text.split_whitespace() {
            let (name, value) = part.split_once('=').unwrap();
            match name {
                "delay" => behaviour.delay = time(value),
                "stall" => {
                    let (at, length) = value.split_once(':').unwrap();
                    behaviour.stall = Some((time(at), time(length)));
                }
                "most" => behaviour.most = Some(value.parse().unwrap()),
                "lease" => behaviour.lease_time = value.parse().unwrap(),
                "pool" => behaviour.pool = Some(value.parse().unwrap()),
                "each" => behaviour.each = time(value),
                "dies" => behaviour.dies = Some(time(value)),
                _ => behaviour.faults.push(fault(name, value)),
            }
        }
        behaviour
    }
}

fn fault(name: &str, value: &str) -> AnswerFault {
    let (message, every) = name.split_once('/').unwrap();
    let (what, more) = value.split_once(':').unwrap_or((value, ""));
    let what = match what {
        "drop" => What::Drop,
        "nak" => What::Nak,
        "twice" => What::Twice(if more.is_empty() { Duration::ZERO } else { time(more) }),
        "wrong-transaction" => What::WrongTransaction,
        "other-server" => What::OtherServer,
        "no-server" => What::NoServer,
        "late" => What::Late(time(more)),
        "no-address" => What::NoAddress,
        "cut" => What::Cut(more.parse().ok()),
        "unusable" => What::Unusable(more.to_owned()),
        other => panic!("{other}"),
    };
    AnswerFault { message: message.to_owned(), every: every.parse().unwrap(), what }
}

fn time(text: &str) -> Duration {
    Duration::from_millis(text.strip_suffix("ms").unwrap().parse().unwrap())
}

/// The server.
pub(crate) struct LoadServer {
    behaviour: Behaviour,
    /// Where it is.
    address: IpAddr,
    /// How many messages of each type came.
    counts: BTreeMap<String, u64>,
    /// What is to be sent, by time.
    due: BTreeMap<(Duration, u64), Transmit>,
    number: u64,
    first: Option<Duration>,
    /// Until when it works at answers one after the other.
    busy: Duration,
    /// The current second, and how many requests it has had.
    second: (u64, u64),
    now: Duration,
    /// The clients that have a lease, where that matters.
    holders: BTreeSet<Vec<u8>>,
}

impl LoadServer {
    /// A server at this address, which is also its identifier.
    pub(crate) fn new(behaviour: Behaviour, address: IpAddr) -> Self {
        let (counts, due, number, first) = (BTreeMap::new(), BTreeMap::new(), 0, None);
        let holders = BTreeSet::new();
        let (busy, now) = (Duration::ZERO, Duration::ZERO);
        Self { behaviour, address, counts, due, number, first, busy, second: (0, 0), now, holders }
    }

    fn send(&mut self, transmit: Transmit, at: Duration, what: Option<&What>) {
        let first = *self.first.get_or_insert(at);
        let mut due = at + self.behaviour.delay;
        if !self.behaviour.each.is_zero() {
            self.busy = self.busy.max(at) + self.behaviour.each;
            due = self.busy;
        }
        if let Some(What::Late(delay)) = what {
            due = at + *delay;
        }
        if let Some((begin, length)) = self.behaviour.stall
            && (first + begin..first + begin + length).contains(&due)
        {
            due = first + begin + length;
        }
        self.number += 1;
        self.due.insert((due, self.number), transmit.clone());
        if let Some(What::Twice(later)) = what {
            self.number += 1;
            self.due.insert((due + *later, self.number), transmit);
        }
    }

    /// What is wrong with the answer to this message.
    fn fault(&mut self, message: &str) -> Option<What> {
        let count = self.counts.entry(message.to_owned()).or_default();
        *count += 1;
        let wrong = |fault: &&AnswerFault| fault.message == message && count.is_multiple_of(fault.every);
        self.behaviour.faults.iter().find(wrong).map(|fault| fault.what.clone())
    }

    /// Whether there is an address for a client; one that `takes` it has it from now on.
    fn has_room(&mut self, client: &[u8], takes: bool) -> bool {
        let Some(pool) = self.behaviour.pool else { return true };
        let has_room = self.holders.contains(client) || self.holders.len() < pool;
        if has_room && takes {
            self.holders.insert(client.to_vec());
        }
        has_room
    }

    fn is_too_much(&mut self, at: Duration) -> bool {
        let Some(most) = self.behaviour.most else { return false };
        // Tenths of a second, so that a short measurement sees the limit.
        let tenth = u64::try_from(at.as_millis() / 100).unwrap();
        if self.second.0 != tenth {
            self.second = (tenth, 0);
        }
        self.second.1 += 1;
        self.second.1 > most / 10
    }

    fn answer4(&mut self, datagram: &Datagram<'_>) -> Option<()> {
        let request = Packet::without_values(datagram.payload);
        let asked = request.message_type()?;
        let (name, kind) = match asked {
            MessageType::DISCOVER => ("discover", MessageType::OFFER),
            MessageType::REQUEST => ("request", MessageType::ACK),
            MessageType::INFORM => ("inform", MessageType::ACK),
            MessageType::RELEASE => {
                if request.server_id().is_some_and(|server| self.address == server) {
                    self.holders.remove(request.hardware()?);
                }
                return None;
            }
            _ => return None,
        };
        if self.is_too_much(datagram.at) {
            return None;
        }
        let is_renewal = asked == MessageType::REQUEST && request.server_id().is_none();
        let what = self.fault(if is_renewal { "renew" } else { name });
        let hardware = request.hardware()?.to_vec();
        if !self.has_room(&hardware, asked == MessageType::REQUEST) {
            return None;
        }
        let kind = if what == Some(What::Nak) { MessageType::NAK } else { kind };
        let mut answer = Message::of_type(kind, request.xid()?, &hardware);
        answer.op = BOOTREPLY;
        answer.giaddr = request.giaddr()?;
        let IpAddr::V4(own) = self.address else { return None };
        let identifier = if what == Some(What::OtherServer) { Ipv4Addr::new(192, 0, 2, 222) } else { own };
        if what != Some(What::NoServer) {
            answer.set(option::SERVER_ID, identifier.octets());
        }
        if !matches!(what, Some(What::Nak | What::NoAddress)) && asked != MessageType::INFORM {
            answer.yiaddr = Ipv4Addr::new(10, *hardware.get(3)?, *hardware.get(4)?, *hardware.get(5)?);
            let time = if self.behaviour.lease_time == 0 { 3600 } else { self.behaviour.lease_time };
            answer.set(option::LEASE_TIME, time.to_be_bytes());
        }
        match &what {
            Some(What::Drop) => return None,
            Some(What::WrongTransaction) => answer.xid ^= 0x5555_5555,
            Some(What::Unusable(how)) => spoil4(&mut answer, how, own),
            _ => {}
        }
        let mut payload = answer.encode();
        if let Some(What::Cut(length)) = what {
            payload.truncate(length.unwrap_or(250));
        }
        let to = if answer.giaddr.is_unspecified() { (Ipv4Addr::BROADCAST, 68) } else { (answer.giaddr, 67) };
        let destination = SocketAddrV4::new(to.0, to.1).into();
        self.send(Transmit { link: 0, source: None, destination, via: None, payload }, datagram.at, what.as_ref());
        Some(())
    }

    fn answer6(&mut self, datagram: &Datagram<'_>) -> Option<()> {
        let packet = v6::Packet::parse(datagram.payload);
        let request = packet.innermost();
        let (asked, xid) = (request.kind()?, request.xid()?);
        let is_rapid = request.option(v6::code::RAPID_COMMIT).is_some();
        let kind = match asked {
            v6::MessageType::SOLICIT if !is_rapid => v6::MessageType::ADVERTISE,
            _ => v6::MessageType::REPLY,
        };
        if self.is_too_much(datagram.at) {
            return None;
        }
        let mut what = self.fault(&asked.name()?.to_lowercase());
        let client = request.client()?;
        if asked == v6::MessageType::RELEASE {
            self.holders.remove(client);
        } else if !self.has_room(client, kind == v6::MessageType::REPLY) {
            what = Some(What::NoAddress);
        }
        let xid = if what == Some(What::WrongTransaction) { xid ^ 0x55_5555 } else { xid };
        let server = if what == Some(What::OtherServer) { [0, 3, 0, 1, 2, 0, 0x5e, 0, 0x53, 0x99] } else { DUID };
        let mut answer = v6::Message::new(kind, xid)
            .with(v6::Opt::new(v6::code::CLIENTID, client))
            .with(v6::Opt::new(v6::code::SERVERID, server));
        if is_rapid {
            answer.options.push(v6::Opt::new(v6::code::RAPID_COMMIT, []));
        }
        if what == Some(What::NoAddress) {
            answer.options.push(v6::Opt::new(v6::code::STATUS_CODE, [0, 2]));
        } else if request.option(v6::code::IA_NA).is_some() && asked != v6::MessageType::RELEASE {
            let number = client.iter().rev().take(3).rev().fold(0_u16, |number, octet| number << 8 | u16::from(*octet));
            let address = Ipv6Addr::new(0x2001, 0xdb8, 5, 0, 0, 0, 0, number);
            let mut association = v6::Association::new(v6::AssociationKind::Addresses, 1);
            association.items.push(v6::Item { address, prefix_length: 128, preferred: 1800, valid: 3600 });
            if let Some(What::Unusable(how)) = &what {
                spoil6(&mut association, how);
            }
            answer.options.push(association.to_option());
        }
        if what == Some(What::Drop) {
            return None;
        }
        let mut payload = answer.encode();
        if let Some(What::Cut(length)) = what {
            payload.truncate(length.unwrap_or(payload.len() - 3));
        }
        let mut port = 546;
        if let v6::Header::Relay { hops, link, peer, .. } = packet.header {
            let kind = v6::MessageType::RELAY_REPL;
            let is_for_other = what == Some(What::Unusable("relay".to_owned()));
            let peer = if is_for_other { Ipv6Addr::LOCALHOST } else { peer };
            payload = v6::Relay { kind, hops, link, peer, options: Vec::new() }.encode(&payload);
            port = 547;
        }
        let SocketAddr::V6(from) = datagram.source else { return None };
        let destination = SocketAddrV6::new(*from.ip(), port, 0, from.scope_id()).into();
        self.send(Transmit { link: 0, source: None, destination, via: None, payload }, datagram.at, what.as_ref());
        Some(())
    }
}

/// Makes an answer one that no client uses.
fn spoil4(answer: &mut Message, how: &str, server: Ipv4Addr) {
    match how {
        "lease-time" => answer.options.retain(|(code, _)| *code != option::LEASE_TIME),
        "client-id" => answer.set(option::CLIENT_ID, [1, 2, 0, 0, 0, 0, 9]),
        "address" => answer.yiaddr = server,
        "relay" => answer.giaddr = Ipv4Addr::new(192, 0, 2, 77),
        other => panic!("{other}"),
    }
}

/// The same of what an answer of DHCPv6 gives.
fn spoil6(association: &mut v6::Association, how: &str) {
    match how {
        "times" => (association.t1, association.t2) = (3000, 1000),
        "lifetimes" => association.items[0].preferred = 7200,
        "address" => association.items[0].address = Ipv6Addr::LOCALHOST,
        "relay" => {}
        other => panic!("{other}"),
    }
}

/// DUID-LL of the server.
const DUID: [u8; 10] = [0, 3, 0, 1, 2, 0, 0x5e, 0, 0x53, 9];

impl Machine for LoadServer {
    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        self.now = now;
        let (due, _) = *self.due.first_key_value()?.0;
        if due > now { None } else { self.due.pop_first().map(|(_, transmit)| transmit) }
    }

    fn handle_unsent(&mut self, _: Duration, error: Error) {
        panic!("{error}");
    }

    fn poll_timeout(&self) -> Option<Duration> {
        self.due.first_key_value().map(|((due, _), _)| *due)
    }

    fn handle_timeout(&mut self, _: Duration) {}

    fn handle_datagram(&mut self, datagram: &Datagram<'_>) {
        let lived = datagram.at.saturating_sub(self.first.unwrap_or(datagram.at));
        if self.behaviour.dies.is_some_and(|dies| lived >= dies) {
            return;
        }
        if self.address.is_ipv4() {
            self.answer4(datagram)
        } else {
            self.answer6(datagram)
        };
    }

    fn handle_interrupt(&mut self, _: Duration) {}

    fn is_done(&self) -> bool {
        false
    }
}
