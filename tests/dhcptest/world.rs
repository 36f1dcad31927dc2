//! A network of the test's own: what is sent is answered by a function, and time passes only while somebody waits.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use kea_tools::cli;
use kea_tools::cli::dhcptest::run_with;
use kea_tools::dhcp::v4::{BOOTREPLY, Message, MessageType, Packet, option};
use kea_tools::env::screen::NoKeyboard;
use kea_tools::env::typed::Typed;
use kea_tools::env::{Clock, Env};
use kea_tools::error::{Error, Kind, Result};
use kea_tools::net::{Event, Transport};
use kea_tools::session::Network;
use kea_tools::wire::{Checksum, Datagram, LinkSpec, Mac, Transmit};

/// 2026-11-21 08:00 UTC.
const EPOCH: Duration = Duration::from_secs(1_795_248_000);

/// An answer: how long after the question, from whom, which octets.
pub(crate) type Answer = (Duration, Ipv4Addr, Vec<u8>);

/// What answers a question.
type Answering = Box<dyn FnMut(&Packet) -> Vec<Answer>>;

/// What a run said, sent and asked for.
pub(crate) struct Ran {
    pub(crate) status: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) sent: Vec<Packet>,
    /// The same with where they went and came from.
    pub(crate) transmits: Vec<Transmit>,
    pub(crate) plans: Vec<LinkSpec>,
}

/// A network in which `answer` says what comes back.
pub(crate) struct Net {
    answer: Answering,
    typed: VecDeque<&'static str>,
    /// When the user presses Ctrl-C.
    interrupt: Option<Duration>,
    /// Whether nobody reads what is printed.
    is_unread: bool,
    has_address: bool,
    /// Whether nothing can be sent.
    is_cut_off: bool,
}

impl Net {
    pub(crate) fn new(answer: impl FnMut(&Packet) -> Vec<Answer> + 'static) -> Self {
        Self {
            answer: Box::new(answer),
            typed: VecDeque::new(),
            interrupt: None,
            is_unread: false,
            has_address: true,
            is_cut_off: false,
        }
    }

    /// Nobody answers.
    pub(crate) fn silent() -> Self {
        Self::new(|_| Vec::new())
    }

    /// A server at 192.0.2.1 that gives 192.0.2.100 to everybody.
    pub(crate) fn with_server() -> Self {
        Self::new(|question| vec![(ms(1), server(), reply(question).encode())])
    }

    pub(crate) fn typing(mut self, lines: &[&'static str]) -> Self {
        self.typed.extend(lines);
        self
    }

    /// Whoever reads along is gone.
    pub(crate) fn unread(self) -> Self {
        Self { is_unread: true, ..self }
    }

    /// Nothing can be sent.
    pub(crate) fn cut_off(self) -> Self {
        Self { is_cut_off: true, ..self }
    }

    /// The interface has no address.
    pub(crate) fn without_address(self) -> Self {
        Self { has_address: false, ..self }
    }

    pub(crate) fn interrupted_after(mut self, time: Duration) -> Self {
        self.interrupt = Some(time);
        self
    }

    /// Runs dhcptest with these arguments.
    pub(crate) fn run(self, arguments: &[&str]) -> Ran {
        let sent = Rc::new(RefCell::new(Vec::new()));
        let has_address = self.has_address;
        let mut stdout = Stdout { octets: Vec::new(), is_closed: self.is_unread };
        let (typed, plans) = (VecDeque::new(), Vec::new());
        let mut world = Fake { net: Some(self), typed, plans, sent: Rc::clone(&sent), has_address };
        let mut stderr = Vec::new();
        let mut random = 0_u8;
        let status = {
            let mut env = Env {
                args: [&["dhcptest"], arguments].concat().into_iter().map(Into::into).collect(),
                stdout: &mut stdout,
                stderr: &mut stderr,
                stderr_is_terminal: false,
                screen: &|| None,
                keyboard: &mut NoKeyboard,
                var: &|_| None,
                clock: &Still,
                prompt: &mut |_| unreachable!(),
                random: &mut |buffer| {
                    random += 1;
                    buffer.fill(random);
                    Ok(())
                },
            };
            match run_with(&mut env, &mut world) {
                Ok(exit) => exit.code(),
                Err(error) if error.kind() == Kind::ClosedPipe => 0,
                Err(error) => {
                    writeln!(env.stderr, "dhcptest: {error}").unwrap();
                    2
                }
            }
        };
        let transmits = sent.borrow().clone();
        let sent = transmits.iter().map(|transmit: &Transmit| Packet::parse(&transmit.payload)).collect();
        let [stdout, stderr] = [stdout.octets, stderr].map(|octets| String::from_utf8(octets).unwrap());
        Ran { status, stdout, stderr, sent, transmits, plans: world.plans }
    }
}

/// Milliseconds.
pub(crate) fn ms(number: u64) -> Duration {
    Duration::from_millis(number)
}

/// The server's address.
pub(crate) fn server() -> Ipv4Addr {
    Ipv4Addr::new(192, 0, 2, 1)
}

/// What the server answers to `question`.
pub(crate) fn reply(question: &Packet) -> Message {
    let kind = match question.message_type() {
        Some(MessageType::DISCOVER) => MessageType::OFFER,
        _ => MessageType::ACK,
    };
    let mut message = Message::of_type(kind, question.xid().unwrap_or(0), question.hardware().unwrap_or_default());
    message.op = BOOTREPLY;
    message.flags = question.flags().unwrap_or(0);
    message.yiaddr = Ipv4Addr::new(192, 0, 2, 100);
    message
        .with(option::SERVER_ID, server().octets())
        .with(option::LEASE_TIME, 3600_u32.to_be_bytes())
        .with(option::DNS_SERVERS, [192, 0, 2, 53, 192, 0, 2, 54])
}

struct Still;

impl Clock for Still {
    fn now(&self) -> i64 {
        1_795_248_000
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

struct Fake {
    net: Option<Net>,
    typed: VecDeque<&'static str>,
    plans: Vec<LinkSpec>,
    sent: Rc<RefCell<Vec<Transmit>>>,
    has_address: bool,
}

/// What a program prints into.
struct Stdout {
    octets: Vec<u8>,
    is_closed: bool,
}

impl Write for Stdout {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if self.is_closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.octets.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Network for Fake {
    fn open(&mut self, plans: &[LinkSpec]) -> Result<Box<dyn Transport>> {
        self.plans = plans.to_vec();
        let net = self.net.take().unwrap();
        let link = Link { now: Duration::ZERO, net, coming: Vec::new(), current: None, sent: Rc::clone(&self.sent) };
        Ok(Box::new(link))
    }

    fn open_with_commands(&mut self, plans: &[LinkSpec]) -> Result<Box<dyn Transport>> {
        self.typed = self.net.as_ref().unwrap().typed.clone();
        self.open(plans)
    }

    fn hardware(&self) -> Option<Mac> {
        Some(Mac([2, 0, 0x5e, 0, 0x53, 0x50]))
    }

    fn has_address(&self) -> bool {
        self.has_address
    }

    fn command(&mut self) -> Typed {
        self.typed.pop_front().map_or(Typed::End, |line| Typed::Line(line.to_owned()))
    }
}

struct Link {
    now: Duration,
    net: Net,
    /// What is on its way, and when it arrives.
    coming: Vec<Answer>,
    current: Option<Answer>,
    sent: Rc<RefCell<Vec<Transmit>>>,
}

impl Transport for Link {
    fn now(&self) -> Duration {
        self.now
    }

    fn epoch(&self) -> Duration {
        EPOCH
    }

    fn send(&mut self, transmit: &Transmit) -> Result<Duration> {
        if self.net.is_cut_off {
            return Err(Error::new("sending", "no route leads there"));
        }
        self.sent.borrow_mut().push(transmit.clone());
        let answers = (self.net.answer)(&Packet::parse(&transmit.payload));
        self.coming.extend(answers.into_iter().map(|(after, from, octets)| (self.now + after, from, octets)));
        self.coming.sort_by_key(|(at, ..)| *at);
        Ok(self.now)
    }

    fn receive(&mut self, until: Option<Duration>) -> Result<Event<'_>> {
        let next = self.coming.first().map(|(at, ..)| *at).into_iter().chain(until).min();
        if self.net.interrupt.is_some_and(|moment| next.is_none_or(|next| moment <= next)) {
            self.now = self.now.max(self.net.interrupt.take().unwrap());
            return Ok(Event::Interrupted);
        }
        let is_due = self.coming.first().is_some_and(|(at, ..)| until.is_none_or(|until| *at <= until));
        if !is_due {
            // Whoever waits for ever is woken by what is typed.
            let Some(until) = until else { return Ok(Event::Interrupted) };
            self.now = until;
            return Ok(Event::Timeout);
        }
        let answer = self.coming.remove(0);
        self.now = self.now.max(answer.0);
        let (_, from, payload) = self.current.insert(answer);
        Ok(Event::Datagram(Datagram {
            link: 0,
            at: self.now,
            source: SocketAddr::from((*from, 67)),
            destination: Some(SocketAddr::from((Ipv4Addr::BROADCAST, 68))),
            mac: Some(Mac([2, 0, 0x5e, 0, 0x53, from.octets()[3]])),
            vlan: None,
            interface: 2,
            checksum: Checksum::Good,
            in_fragments: false,
            is_for_other_host: false,
            frame: None,
            payload,
        }))
    }
}

/// Whether every program is there that the tests run.
#[test]
fn the_program_is_one_of_the_toolkits() {
    assert!(cli::commands().iter().any(|command| command.get_name() == "dhcptest"));
}
