//! What came of a run: facts for a verdict and for renderers.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::fate::Losses;
use super::kind::LoadMessage;
use super::latency::Quantiles;
use super::search::SearchEnd;
use super::stalls::Stall;
use super::step::StepResult;
use crate::probe::Identity;

/// What came of a run.
#[derive(Debug, Clone)]
pub struct Report {
    /// How many clients there are.
    pub clients: u32,
    /// The servers that are meant; empty if whichever answers is.
    pub meant: Vec<IpAddr>,
    /// Exchanges per second that were asked for; of several steps the highest; nothing if all were at once.
    pub rate_asked: Option<f64>,
    /// Exchanges completed per second, while exchanges were begun; nothing if there was no time.
    pub rate_achieved: Option<f64>,
    /// How long an answer was waited for; nothing where clients go on waiting.
    pub timeout: Option<Duration>,
    /// For how long exchanges were begun.
    pub length: Duration,
    /// Exchanges begun.
    pub started: u64,
    /// Exchanges that ended with what was wanted.
    pub completed: u64,
    /// How long they took, from their intended beginnings.
    pub exchange_latency: Quantiles,
    /// Each message that was sent.
    pub messages: Vec<MessageReport>,
    /// Each server that answered.
    pub servers: Vec<ServerReport>,
    /// Each second of the run, up to the end of the last exchange.
    pub seconds: Vec<Second>,
    /// Each step of a ramp or a search; one otherwise.
    pub steps: Vec<StepReport>,
    /// How the search for the highest rate ended, if there was one.
    pub search: Option<SearchEnd>,
    /// Whether rates went from one to another.
    pub is_ramp: bool,
    /// The rate up to which they held.
    pub held: Option<f64>,
    /// What became of leases.
    pub leases: Leases,
    /// Whether only clients without a lease were not answered, while no further one got a lease.
    pub is_pool_exhausted: bool,
    /// Whether no server answers, or none any more.
    pub silence: Option<Silence>,
    /// Where the server stood still, if most late answers came after such a time.
    pub stall: Option<Stall>,
    /// What may help where no server answers.
    pub if_silent: Vec<String>,
    /// Whether messages take the way of a relay agent.
    pub is_relayed: bool,
    /// Datagrams that the sockets of the server had no room for, where that is known.
    pub server_drops: Option<u64>,
    /// What the generator did wrong or lost itself.
    pub own: Own,
    /// Why the run ended early.
    pub stop: Option<Stop>,
    /// Why the run is not valid; empty if it is.
    pub invalid: Vec<String>,
}

/// What became of the messages of one kind.
#[derive(Debug, Clone)]
pub struct MessageReport {
    /// Which.
    pub message: LoadMessage,
    /// Whether servers answer it.
    pub is_answered: bool,
    /// How many were sent, or should have been.
    pub sent: u64,
    /// How often one was sent again.
    pub again: u64,
    /// How many were answered with what was wanted.
    pub answered: u64,
    /// How many were not.
    pub lost: Losses,
    /// How often an answer came again.
    pub duplicates: u64,
    /// How often a further server answered.
    pub others: u64,
    /// From the intended time to the answer.
    pub from_intended: Quantiles,
    /// From the sending to the answer.
    pub from_sending: Quantiles,
    /// From the sending to answers that came after the timeout.
    pub late: Quantiles,
}

/// A server that answered.
#[derive(Debug, Clone)]
pub struct ServerReport {
    /// Who it says it is.
    pub identity: Identity,
    /// Where it sent from.
    pub source: SocketAddr,
    /// How many answers counted.
    pub answers: u64,
    /// How many of its answers said no.
    pub refusals: u64,
    /// From the sending to its answers.
    pub latency: Quantiles,
}

/// A second of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Second {
    /// Exchanges begun.
    pub started: u32,
    /// Exchanges completed.
    pub completed: u32,
    /// Messages answered.
    pub answered: u32,
    /// Messages lost, at the time when that was known.
    pub lost: u32,
    /// The median of answers' times.
    pub p50: Duration,
    /// The time that 99 of 100 answers are not above.
    pub p99: Duration,
}

/// A step of the run.
pub type StepReport = StepResult;

/// What became of leases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Leases {
    /// How often a server gave a lease, also to a client that had it already.
    pub given: u64,
    /// How often a client without a lease got one.
    pub taken: u64,
    /// How many were ended by a DHCPNAK.
    pub refused: u64,
    /// How many were given back, also those that were only asked for.
    pub released: u64,
    /// How many of these were only asked for.
    pub only_asked: u64,
    /// How many were given back without a sign that the server heard it: they may be left, too.
    pub unconfirmed: u64,
    /// Whether the run was interrupted before a server could confirm them.
    pub is_interrupted: bool,
    /// Clients that may still have one.
    pub left: u64,
    /// Whether they were to stay.
    pub are_kept: bool,
    /// The shortest lease time, in seconds.
    pub shortest: Option<u32>,
}

/// What the generator did wrong or lost itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Own {
    /// Messages sent more than 10 ms after their intended times.
    pub late_sent: u64,
    /// Messages sent.
    pub sent: u64,
    /// The longest delay.
    pub latest: Duration,
    /// Datagrams that its socket had no room for.
    pub drops: u64,
    /// Exchanges that were not begun, since every client was still waiting.
    pub no_client: u64,
    /// Messages that could not be sent.
    pub unsent: u64,
    /// Why the first could not.
    pub unsent_because: Option<String>,
    /// Answers of no transaction of these clients.
    pub unknown: u64,
    /// Answers to an earlier exchange of the same client.
    pub stale: u64,
    /// Datagrams with a wrong checksum or length.
    pub damaged: u64,
    /// Messages for other clients.
    pub foreign: u64,
    /// Messages that did not arrive, as ICMP says.
    pub unreachable: u64,
    /// What it said first.
    pub unreachable_because: Option<String>,
    /// What happened to the interface.
    pub link: Option<String>,
    /// Processor time, as a share of one processor.
    pub cpu: f64,
}

/// What only the driver of a generator knows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Surroundings {
    /// Datagrams that the generator's socket had no room for.
    pub drops: u64,
    /// Processor time, as a share of one processor.
    pub cpu: f64,
    /// What happened to the interface, if it is not as it was.
    pub link: Option<String>,
    /// Datagrams that the sockets of the server had no room for, where that is known.
    pub server_drops: Option<u64>,
    /// What may help where no server answers.
    pub if_silent: Vec<String>,
}

/// That no server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// None has.
    Never,
    /// None has since this moment.
    Since(Duration),
}

/// Why a run ended before its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// A server answered that is not listed.
    UnlistedServer {
        /// Who it says it is.
        identity: Identity,
        /// Where it sent from.
        source: SocketAddr,
    },
    /// More than half of the messages were lost for five seconds.
    Loss,
    /// The server does not answer any more.
    Silence,
    /// The interface is down or gone.
    LinkFailed,
    /// The user ended it.
    Interrupted,
}

impl Stop {
    /// Its name in documents.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::UnlistedServer { .. } => "unlisted-server",
            Self::Loss => "loss",
            Self::Silence => "silence",
            Self::LinkFailed => "interface",
            Self::Interrupted => "interrupted",
        }
    }
}

impl Report {
    /// Messages that were sent and should have been answered.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.answerable().map(|message| message.sent).sum()
    }

    /// Those of them that were lost.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.answerable().map(|message| message.lost.total()).sum()
    }

    /// The messages that servers answer.
    pub fn answerable(&self) -> impl Iterator<Item = &MessageReport> {
        self.messages.iter().filter(|message| message.is_answered)
    }

    /// Whether messages were lost, or could not be sent.
    #[must_use]
    pub fn has_loss(&self) -> bool {
        self.messages.iter().any(|message| message.lost.total() > 0)
    }

    /// The percentage of messages that were lost; 0 without messages.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a percentage needs no more")]
    pub fn loss_percent(&self) -> f64 {
        let sent = self.sent();
        if sent == 0 { 0.0 } else { self.lost() as f64 * 100.0 / sent as f64 }
    }
}
