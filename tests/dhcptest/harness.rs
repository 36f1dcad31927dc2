//! Runs of the program in a network in memory.

use std::net::Ipv4Addr;
use std::time::Duration;

use kea_tools::cli;
use kea_tools::dhcp::v4::{BOOTREPLY, Message, MessageType, Packet, option};
use kea_tools::testing::ProgramRun;
use kea_tools::testing::network::{Answer, FakeNetwork};
use kea_tools::wire::{LinkSpec, Transmit};

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

/// A network, and what is typed.
pub(crate) struct Net {
    network: FakeNetwork,
    /// Whether the reader of stdout is gone.
    is_unread: bool,
}

impl Net {
    pub(crate) fn new(answer: impl FnMut(&Packet) -> Vec<Answer> + 'static) -> Self {
        Self { network: FakeNetwork::new(answer), is_unread: false }
    }

    /// No server answers.
    pub(crate) fn silent() -> Self {
        Self::new(|_| Vec::new())
    }

    /// A server at 192.0.2.1 that gives 192.0.2.100 to each client.
    pub(crate) fn with_server() -> Self {
        Self::new(|question| vec![(ms(1), server(), reply(question).encode())])
    }

    pub(crate) fn typing(mut self, lines: &[&'static str]) -> Self {
        self.network.typed.extend(lines);
        self
    }

    /// The reader of stdout is gone.
    pub(crate) fn unread(self) -> Self {
        Self { is_unread: true, ..self }
    }

    /// Nothing can be sent.
    pub(crate) fn cut_off(mut self) -> Self {
        self.network.stuck = Some(Duration::ZERO);
        self
    }

    /// The interface has no address.
    pub(crate) fn without_address(mut self) -> Self {
        self.network.interfaces[0].addresses.clear();
        self
    }

    pub(crate) fn interrupted_after(mut self, time: Duration) -> Self {
        self.network.interrupt = Some(time);
        self
    }

    /// Runs dhcptest with these arguments.
    pub(crate) fn run(self, arguments: &[&str]) -> Ran {
        let mut network = self.network;
        let (now, is_unread) = (1_795_248_000, self.is_unread);
        let program = ProgramRun { now, is_unread, network: Some(&mut network), ..ProgramRun::default() };
        let ran = program.run("dhcptest", cli::dhcptest::run, arguments);
        let transmits = network.sent.take();
        let sent = transmits.iter().map(|transmit| Packet::parse(&transmit.payload)).collect();
        let plans = network.opened;
        Ran { status: ran.status, stdout: ran.stdout, stderr: ran.stderr, sent, transmits, plans }
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

/// Whether every program is there that the tests run.
#[test]
fn the_program_is_one_of_the_toolkits() {
    assert!(cli::commands().iter().any(|command| command.get_name() == "dhcptest"));
}
