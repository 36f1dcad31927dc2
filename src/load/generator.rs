//! The generator: begins exchanges at their intended times, carries them on, and gives leases back at the end.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::clients::Clients;
use super::dialect::Dialect;
use super::expectation::Expectation;
use super::fate::Loss;
use super::hearing::Hearing;
use super::kind::{Exchange, LoadMessage};
use super::latency::Latency;
use super::message::Asking;
use super::numbering::{Numbering, Ticket};
use super::past::Past;
use super::report::{Leases, Own, Second, Stop};
use super::servers::Servers;
use super::slot::{Lease, Slot, Stage};
use super::spec::{LoadSpec, LoadTarget, Shares};
use super::stalls::Stalls;
use super::step::{Step, StepResult};
use super::steps::Steps;
use super::tally::Tallies;
use super::timeouts::Timeouts;
use super::v4::V4;
use super::v6::V6;
use super::waits::Waits;
use crate::error::{Error, Result};
use crate::family::Family;
use crate::probe::{Machine, Rejection, Rng};
use crate::wire::{Datagram, Transmit, Unreachable};

mod answers;
mod elsewhere;
mod facts;
mod linger;
mod losers;
mod phases;
mod question;
mod seconds;
mod storm;

pub use facts::{GivingBack, Now};

use elsewhere::Elsewhere;
use losers::Losers;
use phases::Phase;
use question::Question;

/// A message that leaves later than this after its intended time is late.
const LATE: Duration = Duration::from_millis(10);

/// How many clients are tried before an exchange finds none that is free.
const TRIES: u32 = 64;

/// A load on a server.
///
/// Several datagrams may be asked for before the first is reported as sent; [`Machine::handle_sent`] and
/// [`Machine::handle_unsent`] are about the oldest of them.
#[derive(Debug)]
pub struct Generator {
    family: Family,
    exchange: Exchange,
    place: LoadTarget,
    clients: Clients,
    /// So many of them take turns.
    used_clients: u32,
    waits: Waits,
    keeps_leases: bool,
    bears_loss: bool,
    dialect: Dialect,
    numbering: Numbering,
    slots: Vec<Slot>,
    /// Messages of exchanges before those of the slots.
    past: Past,
    /// The client that is tried next, for an exchange that needs no lease and for one that needs one.
    cursors: [u32; 2],
    shares: Shares,
    phase: Phase,
    steps: Steps,
    /// What a step of a search must show.
    criteria: Vec<Expectation>,
    step: StepState,
    results: Vec<StepResult>,
    /// Clients whose first answer is to be followed by a REQUEST.
    ready: VecDeque<Ticket>,
    /// What was asked for and not yet reported as sent.
    polled: VecDeque<Polled>,
    timeouts: Timeouts,
    in_flight: u64,
    tallies: Tallies,
    servers: Servers,
    exchanges: Exchanges,
    leases: Leases,
    /// The clients that got something while they waited that is no answer, and why it is none.
    unusable: BTreeMap<u32, Rejection>,
    /// What clients have besides the leases of their slots.
    elsewhere: Elsewhere,
    own: Own,
    clock: seconds::Clock,
    stop: Option<Stop>,
    /// How often the user has ended it.
    interrupts: u32,
    /// What is asked apart from the load.
    question: Option<Question>,
    /// When the last message left that is answered.
    last_asked: Duration,
    /// When the server was heard.
    hearing: Hearing,
    stalls: Stalls,
    /// How often in a row a RELEASE could not be sent.
    unsent_releases: u32,
    /// Whether the server answered after the last RELEASE.
    is_heard_after_releases: bool,
    /// The latest moment that is known.
    now: Duration,
}

/// Exchanges of the whole run.
#[derive(Debug, Default)]
struct Exchanges {
    started: u64,
    completed: u64,
    latency: Latency,
    /// When the last was completed.
    last: Duration,
    /// For how long exchanges were begun.
    length: Duration,
}

/// The step that is under way.
#[derive(Debug)]
struct StepState {
    step: Step,
    /// When its first exchange should begin.
    origin: Duration,
    begun: u64,
    /// How many exchanges it has.
    total: u64,
    completed: u64,
    sent: u64,
    lost: u64,
    late_sent: u64,
    no_client: u64,
    latency: Latency,
    losers: Losers,
}

impl StepState {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "limited to a day of a million a second"
    )]
    fn new(step: Step, origin: Duration) -> Self {
        let total = (step.rate * step.length.as_secs_f64()).round().max(1.0) as u64;
        let latency = Latency::default();
        let (begun, completed, sent, lost, late_sent, no_client) = (0, 0, 0, 0, 0, 0);
        let losers = Losers::default();
        Self { step, origin, begun, total, completed, sent, lost, late_sent, no_client, latency, losers }
    }

    /// When exchange `number` should begin.
    #[expect(clippy::cast_precision_loss, reason = "no run has so many exchanges")]
    fn intended(&self, number: u64) -> Duration {
        self.origin.saturating_add(Duration::from_secs_f64(number as f64 / self.step.rate))
    }
}

/// What was asked for.
#[derive(Debug, Clone, Copy)]
struct Polled {
    ticket: Ticket,
    message: LoadMessage,
}

impl Generator {
    /// Before the first message. `criteria` decide whether a step of a search holds.
    ///
    /// # Errors
    /// An option or a profile was mistyped, or there is no step.
    pub fn new(spec: LoadSpec, criteria: Vec<Expectation>) -> Result<Self> {
        let dialect = match spec.family {
            Family::V4 => Dialect::V4(Box::new(V4::new(&spec)?)),
            Family::V6 => Dialect::V6(Box::new(V6::new(&spec)?)),
        };
        let mut rng = Rng(spec.seed);
        let mut steps = spec.steps;
        let waits = if spec.is_storm { Waits::back_off(spec.clients.count()) } else { Waits::Once(spec.timeout) };
        let step = steps.next(None).ok_or_else(|| Error::new("", "there is no rate to begin with"))?;
        Ok(Self {
            family: spec.family,
            exchange: spec.exchange,
            place: spec.place,
            keeps_leases: spec.keeps_leases,
            bears_loss: spec.bears_loss,
            dialect,
            numbering: Numbering::new(spec.family, rng.xid()),
            slots: vec![Slot::default(); spec.clients.count() as usize],
            past: Past::new(spec.clients.count()),
            used_clients: spec.first_clients.min(spec.clients.count()),
            clients: spec.clients,
            cursors: [0; 2],
            shares: Shares::new(spec.exchange, spec.mix),
            phase: Phase::Opening(None),
            steps,
            criteria,
            step: StepState::new(step, Duration::ZERO),
            results: Vec::new(),
            ready: VecDeque::new(),
            polled: VecDeque::new(),
            timeouts: Timeouts::new(waits.lengths()),
            waits,
            in_flight: 0,
            tallies: Tallies::default(),
            servers: Servers::default(),
            exchanges: Exchanges::default(),
            leases: Leases { are_kept: spec.keeps_leases, ..Leases::default() },
            unusable: BTreeMap::new(),
            elsewhere: Elsewhere::default(),
            own: Own::default(),
            clock: seconds::Clock::default(),
            stop: None,
            interrupts: 0,
            question: None,
            last_asked: Duration::ZERO,
            hearing: Hearing::default(),
            stalls: Stalls::default(),
            unsent_releases: 0,
            is_heard_after_releases: false,
            now: Duration::ZERO,
        })
    }

    /// Begins the next exchange, which should begin at this moment; nothing if no client is free.
    fn begin(&mut self, intended: Duration) -> Option<Transmit> {
        self.step.begun += 1;
        let mut exchange = self.shares.next();
        let mut found = self.free_client(exchange.needs_lease());
        if found.is_none() && exchange.needs_lease() {
            exchange = self.exchange;
            found = self.free_client(false);
        }
        let Some(client) = found else {
            self.own.no_client += 1;
            self.step.no_client += 1;
            return None;
        };
        let slot = &mut self.slots[client as usize];
        self.past.keep(client, slot);
        slot.begin(exchange.first(), exchange.has_request(), intended, self.numbering.generations());
        if exchange == Exchange::Release {
            slot.lease = Lease::Releasing;
        } else if exchange == Exchange::Rapid {
            slot.asks();
        }
        let ticket = Ticket { slot: client, generation: slot.generation, stage: 0 };
        self.exchanges.started += 1;
        self.clock.second(intended).started += 1;
        self.in_flight += 1;
        Some(self.ask(ticket, exchange.first()))
    }

    /// Whether a lease is asked for with the first message.
    fn is_rapid(&self) -> bool {
        self.exchange == Exchange::Rapid
    }

    /// The next client without an exchange under way; with a lease, if it needs one.
    fn free_client(&mut self, needs_lease: bool) -> Option<u32> {
        let count = self.used_clients;
        let cursor = &mut self.cursors[usize::from(needs_lease)];
        for _ in 0..TRIES.min(count) {
            let client = *cursor;
            *cursor = (client + 1) % count;
            let slot = &self.slots[client as usize];
            if !slot.is_busy() && (!needs_lease || slot.lease == Lease::Held) {
                return Some(client);
            }
        }
        None
    }

    /// The ticket whose number is that of the message: a REQUEST of DHCPv4 has that of its OFFER (RFC 2131, 4.4.1), one of
    /// DHCPv6 its own.
    fn of_transaction(&self, ticket: Ticket) -> Ticket {
        if self.family == Family::V4 { Ticket { stage: 0, ..ticket } } else { ticket }
    }

    /// The datagram with a message of a client.
    fn ask(&mut self, ticket: Ticket, message: LoadMessage) -> Transmit {
        self.polled.push_back(Polled { ticket, message });
        let slot = &self.slots[ticket.slot as usize];
        let as_release = self.is_about_releases(ticket);
        let is_for_one =
            as_release || !matches!(message, LoadMessage::Discover | LoadMessage::Solicit | LoadMessage::Inform);
        let server = self.servers.get(slot.server).filter(|_| is_for_one);
        self.dialect.compose(&Asking {
            message,
            xid: self.numbering.number(self.of_transaction(ticket)),
            hardware: self.clients.hardware(ticket.slot),
            address: slot.address(self.family),
            server,
            via: self.servers.hardware(slot.server).filter(|_| is_for_one),
            relay: self.place.relays.of(ticket.slot),
            as_release,
        })
    }

    /// The wait for an answer is over: the message is sent again, or it is lost.
    fn time_out(&mut self, ticket: Ticket, now: Duration) {
        if self.slots[ticket.slot as usize].stages[usize::from(ticket.stage)] == Stage::Pausing {
            self.begin_again(ticket, now);
        } else if self.stop.is_none() && self.waits.tries_again(ticket.slot) {
            self.slots[ticket.slot as usize].stages[usize::from(ticket.stage)] = Stage::Queued;
            self.ready.push_back(ticket);
        } else {
            self.lose(ticket, Loss::Silence, now);
        }
    }

    /// A message of an exchange is lost.
    fn lose(&mut self, ticket: Ticket, loss: Loss, at: Duration) {
        let slot = &mut self.slots[ticket.slot as usize];
        let is_silent = loss == Loss::Silence;
        let unusable = self.unusable.remove(&ticket.slot).filter(|_| is_silent);
        let loss = unusable.map_or(loss, Loss::from);
        slot.stages[usize::from(ticket.stage)] = if is_silent { Stage::TimedOut } else { Stage::Lost };
        let message = slot.message(ticket.stage);
        if message == LoadMessage::Release && slot.lease == Lease::Releasing {
            let is_last = matches!(self.phase, Phase::Releasing { .. } | Phase::Settling);
            slot.lease = if is_last { Lease::Unreleased } else { Lease::Perhaps };
        }
        if loss == Loss::Silence {
            self.hearing.lost(slot.sent());
        }
        self.step.losers.lost(ticket.stage, slot, loss);
        self.tallies.of(message).lost.add(loss);
        self.step.lost += 1;
        self.in_flight = self.in_flight.saturating_sub(1);
        self.clock.second(at).lost += 1;
    }
}

/// Whether something is waited for with this ticket: the answer to its message, or the end of a pause.
fn is_waiting(slots: &[Slot], ticket: Ticket) -> bool {
    let slot = &slots[ticket.slot as usize];
    let stage = slot.stages[usize::from(ticket.stage)];
    slot.generation == ticket.generation && matches!(stage, Stage::Waiting | Stage::Pausing)
}

impl Machine for Generator {
    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        self.now = now;
        loop {
            if let Some(ticket) = self.ready.pop_front() {
                let message = self.slots[ticket.slot as usize].message(ticket.stage);
                return Some(self.ask(ticket, message));
            }
            match self.poll_phase(now) {
                phases::Next::Send(transmit) => return Some(transmit),
                phases::Next::Again => {}
                phases::Next::Wait => return None,
            }
        }
    }

    fn handle_sent(&mut self, at: Duration) {
        let Some(Polled { ticket, message }) = self.polled.pop_front() else { return };
        if self.is_question(ticket) {
            return;
        }
        self.unsent_releases = 0;
        let slot = &mut self.slots[ticket.slot as usize];
        slot.left(ticket.stage, at);
        let delay = at.saturating_sub(slot.intended());
        self.own.sent += 1;
        if self.waits.is_again(ticket.slot) {
            self.tallies.of(message).again += 1;
        } else {
            self.tallies.of(message).sent += 1;
            self.own.latest = self.own.latest.max(delay);
            self.own.late_sent += u64::from(delay > LATE);
            self.step.late_sent += u64::from(delay > LATE);
        }
        if message == LoadMessage::Request {
            slot.asks();
        }
        if message.is_answered(self.family) {
            self.step.sent += u64::from(!self.waits.is_again(ticket.slot));
            self.last_asked = at;
            let (length, wait) = self.waits.of(ticket);
            self.timeouts.push(length, at.saturating_add(wait), ticket);
        } else {
            self.released(ticket, at);
        }
    }

    fn handle_unsent(&mut self, now: Duration, error: Error) {
        let Some(Polled { ticket, message }) = self.polled.pop_front() else { return };
        if self.is_question(ticket) || message == LoadMessage::Release && self.releases_again(ticket, now) {
            return;
        }
        self.own.unsent += 1;
        self.own.unsent_because.get_or_insert_with(|| error.to_string());
        self.tallies.of(message).sent += u64::from(!self.waits.is_again(ticket.slot));
        self.lose(ticket, Loss::SendError, now);
    }

    fn handle_unreachable(&mut self, unreachable: &Unreachable) {
        self.own.unreachable += 1;
        self.own.unreachable_because.get_or_insert_with(|| unreachable.to_string());
    }

    fn handle_failed(&mut self, _: usize, error: &Error) -> Result<()> {
        self.own.link.get_or_insert_with(|| error.to_string());
        self.end_early(Stop::LinkFailed, self.now);
        // It may be up again in time for what is owed to the server.
        self.give_up(self.now);
        Ok(())
    }

    fn poll_timeout(&self) -> Option<Duration> {
        if !self.ready.is_empty() {
            return Some(Duration::ZERO);
        }
        let phase = self.phase_timeout();
        [phase, self.timeouts.next()].into_iter().flatten().min()
    }

    fn handle_timeout(&mut self, now: Duration) {
        self.now = now;
        while let Some(ticket) = self.timeouts.pop(now) {
            if is_waiting(&self.slots, ticket) {
                self.time_out(ticket, now);
            }
        }
        self.watch_loss(now);
    }

    fn handle_datagram(&mut self, datagram: &Datagram<'_>) {
        self.hear(datagram);
        // Without this the driver would wake up once for each message that has long been answered.
        self.timeouts.trim(|ticket| is_waiting(&self.slots, ticket));
    }

    fn handle_interrupt(&mut self, now: Duration) {
        self.interrupts += 1;
        self.end_early(Stop::Interrupted, now);
    }

    fn is_done(&self) -> bool {
        self.phase == Phase::Done || self.interrupts > 1
    }
}
