//! Runs of the program in a network in memory.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use kea_tools::cli;
use kea_tools::dhcp::v4::{BOOTREPLY, Message, MessageType, Packet, option};
use kea_tools::testing::ProgramRun;
pub(crate) use kea_tools::testing::network::Answer;
use kea_tools::testing::network::{FakeNetwork, interface};
use kea_tools::wire::{Checksum, LinkSpec};

/// This host's own hardware address.
pub(crate) const OWN: &str = "02:00:5e:00:53:50";
pub(crate) const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
pub(crate) const ROGUE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 66);

/// What is said when no server has an offer, however long it is waited for.
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

/// A network, and this host in it.
pub(crate) struct Net(FakeNetwork);

impl Net {
    pub(crate) fn new(answer: impl FnMut(&Packet) -> Vec<Answer> + 'static) -> Self {
        Self(FakeNetwork::new(answer))
    }

    /// No server answers.
    pub(crate) fn silent() -> Self {
        Self::new(|_| Vec::new())
    }

    /// A server at 192.0.2.1 that gives 192.0.2.100 to each client within 1.5 ms.
    pub(crate) fn with_server() -> Self {
        Self::new(|question| answers(question, SERVER))
    }

    pub(crate) fn interrupted_after(mut self, time: Duration) -> Self {
        self.0.interrupt = Some(time);
        self
    }

    pub(crate) fn with_wrong_checksums(mut self) -> Self {
        self.0.checksum = Checksum::Bad;
        self
    }

    /// From then on there is no route.
    pub(crate) fn stuck_after(mut self, time: Duration) -> Self {
        self.0.stuck = Some(time);
        self
    }

    /// The interface of the second link goes down then.
    pub(crate) fn second_fails_after(mut self, time: Duration) -> Self {
        self.0.fails = Some((time, 1));
        self
    }

    /// The same on a host with a second interface, in 198.51.100.0/24.
    pub(crate) fn with_second_interface(mut self) -> Self {
        self.0.interfaces.push(interface("eth1", 3, Ipv4Addr::new(198, 51, 100, 50)));
        self
    }

    /// The same with a second address, in 198.51.100.0/24, on the first interface.
    pub(crate) fn with_second_address(mut self) -> Self {
        let second = interface("eth0", 2, Ipv4Addr::new(198, 51, 100, 50)).addresses[0];
        self.0.interfaces[0].addresses.push(second);
        self
    }

    /// Runs dhcping with the arguments in `line`, split at blanks.
    pub(crate) fn run(self, line: &str) -> Ran {
        self.run_words(&line.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs dhcping with these arguments.
    pub(crate) fn run_words(self, words: &[&str]) -> Ran {
        let mut network = self.0;
        let program = ProgramRun { now: 1_795_248_000, network: Some(&mut network), ..ProgramRun::default() };
        let ran = program.run("dhcping", cli::dhcping::run, words);
        let sent = network.sent.take();
        let sent = sent.iter().map(|sent| (sent.destination, Packet::parse(&sent.payload))).collect();
        let (plans, took) = (network.opened, network.now.get());
        Ran { status: ran.status, stdout: ran.stdout, stderr: ran.stderr, sent, plans, took }
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
    message.giaddr = question.giaddr().unwrap();
    message.yiaddr = Ipv4Addr::new(192, 0, 2, 100);
    message
        .with(option::SERVER_ID, server.octets())
        .with(option::LEASE_TIME, 3600_u32.to_be_bytes())
        .with(option::ROUTERS, [192, 0, 2, 254])
}
