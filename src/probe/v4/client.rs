//! The machine of every DHCPv4 exchange.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use super::judge::{judge, sender};
use super::step::{self, Accepts, Step};
use super::{ProbeModeV4, ProbePlanV4};
use crate::dhcp::v4::{BOOTREQUEST, option};
use crate::error::{Error, Result};
use crate::probe::{AnswerKind, Discard, Exchange, Identity, Machine, ProbeAnswer, Record, Rejection, Rng, Until};
use crate::wire::{Datagram, Mac, Transmit, Unreachable};

/// A client in the middle of an exchange.
///
/// Whatever ends it, what may have been leased is given back first (unless it is to be kept): after an ACK; and where
/// a REQUEST was sent and no answer seen, since the answer may be what was lost.
#[derive(Debug)]
pub struct Client {
    plan: ProbePlanV4,
    mode: ProbeModeV4,
    rng: Rng,
    /// The message that is being sent and waited for; `None` once nothing is.
    step: Option<Step>,
    /// Whether it is to be sent now.
    is_due: bool,
    /// What is still to be given back.
    owed: VecDeque<Lease>,
    /// The step has been answered enough; who has not spoken by then is not heard.
    last_call: Option<Duration>,
    /// Nothing is given back before.
    release_from: Duration,
    in_flight: InFlight,
    record: Record,
}

/// So long others that were asked by the same REQUEST are still heard when it has been answered: each may have granted
/// a lease, and one that refuses may have been the first.
const LAST_CALL: Duration = Duration::from_secs(1);

/// So long a relay waits after an ACK before it sends the RELEASE: udhcpd answers each relay from a socket that only the
/// relay's messages reach, and loses what comes before that is closed.
const RELAY_PAUSE: Duration = Duration::from_millis(50);

/// So many leases are given back; more servers there are not.
const MOST_OWED: usize = 256;

/// An address that a server has leased, or may have.
#[derive(Debug, Clone, Copy)]
struct Lease {
    address: Ipv4Addr,
    server: Ipv4Addr,
    /// Who brought the server's answer: its own interface, or a relay's, which is the way back to it.
    via: Option<Mac>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InFlight {
    Step,
    Release,
}

impl Client {
    /// An exchange that begins when it is first asked for something to send.
    #[must_use]
    pub fn new(plan: ProbePlanV4, mode: ProbeModeV4) -> Self {
        let step = Some(Step::first(&plan, mode));
        let (rng, record) = (Rng(plan.seed), Record::default());
        let (owed, in_flight) = (VecDeque::new(), InFlight::Step);
        Self {
            plan,
            mode,
            rng,
            step,
            is_due: true,
            owed,
            last_call: None,
            release_from: Duration::ZERO,
            in_flight,
            record,
        }
    }

    /// What came of it.
    #[must_use]
    pub fn into_record(self) -> Record {
        self.record
    }

    fn send_step(&mut self, now: Duration) -> Option<Transmit> {
        let step = self.step.as_mut().filter(|_| self.is_due)?;
        self.is_due = false;
        self.in_flight = InFlight::Step;
        let passed = step.pace.try_now(now, &mut self.rng);
        let payload = step.encode(&self.plan, passed);
        self.record.sent(step.name, now, step.pace.tried(), payload.len());
        if step.accepts == Accepts::Nothing {
            self.step = None;
        }
        let source = self.plan.source.map(IpAddr::V4);
        Some(Transmit { link: self.plan.link, source, destination: self.plan.to.into(), via: None, payload })
    }

    fn send_release(&mut self, now: Duration) -> Option<Transmit> {
        if now < self.release_from {
            return None;
        }
        let lease = self.owed.pop_front()?;
        self.in_flight = InFlight::Release;
        let message = step::release(&self.plan.template, self.rng.xid(), lease.address, lease.server);
        let payload = message.encode_padded(self.plan.pad);
        self.record.sent("RELEASE", now, 1, payload.len());
        self.record.released.push(Identity::Address(lease.server.into()));
        let destination = SocketAddr::V4(SocketAddrV4::new(lease.server, self.plan.to.port()));
        let source = if self.plan.releases_from_lease { Some(lease.address) } else { self.plan.source };
        Some(Transmit { link: self.plan.link, source: source.map(IpAddr::V4), destination, via: lease.via, payload })
    }

    /// An answer counts: on with the exchange, if that is enough.
    fn proceed(&mut self, at: Duration) {
        let Some(step) = &self.step else { return };
        let phase = step.phase;
        let is_enough =
            |answer: &&ProbeAnswer| answer.phase == phase && (self.mode != ProbeModeV4::Full || leads_on(answer));
        let answers: Vec<_> = self.record.answers.iter().filter(is_enough).collect();
        if phase == 0 && !self.plan.until.is_reached(&answers) {
            return;
        }
        let asks_many = self.plan.to.ip().is_broadcast() && step.message.get(option::SERVER_ID).is_none();
        if (asks_many || self.looks_for_all()) && step.accepts == Accepts::Acks {
            self.last_call.get_or_insert(at.saturating_add(LAST_CALL).min(step.pace.deadline()));
        } else {
            self.end_phase();
        }
    }

    /// A server that has granted something is to get it back, whether it was asked or not.
    fn owe_the_granted(&mut self, answer: &ProbeAnswer) {
        if answer.kind == AnswerKind::Ack
            && self.may_hold_a_lease()
            && let (Some(address), Some(server)) = (leased(answer), server_address(answer))
        {
            self.owe(Lease { address, server, via: answer.mac });
        }
    }

    /// No more answers to this message: the next message, or the end.
    fn end_phase(&mut self) {
        let Some(step) = self.step.take() else { return };
        let was_committed = self.record.answers.iter().any(|answer| answer.kind == AnswerKind::Ack);
        if step.phase == 0 && self.mode == ProbeModeV4::Full && !was_committed {
            let is_preferred = |offer: &&ProbeAnswer| self.plan.prefers.iter().any(|server| offer.is_from(server));
            let offers = || self.record.answers.iter().filter(|answer| leads_on(answer));
            let offer = offers().find(is_preferred).or_else(|| offers().next());
            if let (Some(address), Some(server)) = (offer.and_then(leased), offer.and_then(server_address)) {
                self.step = Some(Step::select(&self.plan, address, server));
                self.is_due = true;
                return;
            }
        }
        self.owe_the_unanswered(&step);
    }

    /// Nothing more is asked; what is owed is still given back.
    fn give_up(&mut self) {
        self.is_due = false;
        if let Some(step) = self.step.take() {
            self.owe_the_unanswered(&step);
        }
    }

    /// A REQUEST went out and nothing came back from the server that was asked: the answer may have been lost, the lease not.
    fn owe_the_unanswered(&mut self, step: &Step) {
        let was_requested = step.accepts == Accepts::Acks && step.pace.tried() > 0;
        let is_from_asked =
            |answer: &ProbeAnswer| step.server.is_none_or(|it| answer.is_from(&Identity::Address(it.into())));
        let was_answered = self.record.answers.iter().any(|it| it.phase == step.phase && is_from_asked(it));
        if !was_requested || was_answered || !self.may_hold_a_lease() {
            return;
        }
        let address = address_in(step.message.get(option::REQUESTED_ADDRESS)).unwrap_or(step.message.ciaddr);
        let asked = Some(*self.plan.to.ip()).filter(|to| !to.is_broadcast());
        let server = address_in(step.message.get(option::SERVER_ID)).or(self.plan.server).or(asked);
        if let Some(server) = server.filter(|_| !address.is_unspecified()) {
            let heard = self.record.answers.iter().find(|answer| server_address(answer) == Some(server));
            let via = heard.and_then(|answer| answer.mac);
            self.owe(Lease { address, server, via });
        }
    }

    fn owe(&mut self, lease: Lease) {
        let is_it = |owed: &Lease| (owed.address, owed.server) == (lease.address, lease.server);
        if !self.owed.iter().any(is_it) && self.owed.len() < MOST_OWED {
            self.owed.push_back(lease);
        }
    }

    fn may_hold_a_lease(&self) -> bool {
        let is_rapid = self.is_rapid() && self.mode == ProbeModeV4::Discover;
        !self.plan.keep && (self.mode.takes_a_lease() || is_rapid)
    }

    fn is_rapid(&self) -> bool {
        self.plan.template.get(option::RAPID_COMMIT).is_some()
    }
}

impl Machine for Client {
    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        if self.step.is_some() {
            return self.send_step(now);
        }
        self.send_release(now)
    }

    fn handle_sent(&mut self, at: Duration) {
        self.record.left(at);
        if let (InFlight::Step, Some(step)) = (self.in_flight, &mut self.step) {
            step.pace.left(at);
        }
    }

    fn handle_unsent(&mut self, _now: Duration, error: Error) {
        self.record.sent.pop();
        self.record.unsent.get_or_insert(error);
        match self.in_flight {
            InFlight::Release => {
                self.record.released.pop();
            }
            InFlight::Step => {
                // An earlier try may have arrived.
                let earlier = self.step.take().filter(|step| step.pace.tried() > 1);
                if let Some(step) = earlier {
                    self.owe_the_unanswered(&step);
                }
            }
        }
    }

    fn handle_unreachable(&mut self, unreachable: &Unreachable) {
        if (unreachable.link, unreachable.destination.ip()) == (self.plan.link, IpAddr::V4(*self.plan.to.ip())) {
            self.record.unreachable.get_or_insert_with(|| unreachable.clone());
        }
    }

    fn handle_failed(&mut self, link: usize, error: &Error) -> Result<()> {
        if link == self.plan.link && !self.is_done() {
            self.record.unsent.get_or_insert_with(|| error.clone());
            self.give_up();
        }
        Ok(())
    }

    fn poll_timeout(&self) -> Option<Duration> {
        match &self.step {
            Some(step) => Some(self.last_call.unwrap_or(step.pace.deadline())),
            None => (!self.owed.is_empty()).then_some(self.release_from),
        }
    }

    fn handle_timeout(&mut self, now: Duration) {
        match &self.step {
            Some(step) if self.last_call.unwrap_or(step.pace.deadline()) > now => {}
            Some(step) if self.last_call.is_none() && step.pace.goes_on() => self.is_due = true,
            _ => self.end_phase(),
        }
    }

    fn knows(&self, datagram: &Datagram<'_>) -> bool {
        datagram.link == self.plan.link && datagram.payload.get(4..8) == Some(&self.plan.xid.to_be_bytes())
    }

    fn handle_datagram(&mut self, datagram: &Datagram<'_>) {
        let Some(step) = self.step.as_ref().filter(|_| datagram.link == self.plan.link) else { return };
        if self.is_own_broadcast(datagram.payload) {
            return;
        }
        let asked = step.server.map(|server| Identity::Address(server.into()));
        let asks_one = step.message.get(option::SERVER_ID).is_some();
        // A client binds to the ACK of any server, unless the user wants one server only.
        let takes_any_ack = step.phase == 1 && self.plan.server.is_none();
        let answer = match judge(step, datagram) {
            Err(why) => return self.reject(why, datagram),
            Ok(answer) => answer,
        };
        self.owe_the_granted(&answer);
        if !self.plan.template.giaddr.is_unspecified() {
            self.release_from = datagram.at.saturating_add(RELAY_PAUSE);
        }
        let is_taken = takes_any_ack && answer.kind == AnswerKind::Ack;
        let is_of_another =
            |asked: Identity| !answer.is_from(&asked) || (asks_one && is_refusal_of_another(&answer, &asked));
        if !is_taken && asked.is_some_and(is_of_another) {
            self.reject(Rejection::OtherServer.into(), datagram);
        } else if self.record.answered(answer) {
            self.proceed(datagram.at);
        }
    }

    fn handle_interrupt(&mut self, _now: Duration) {
        self.record.interrupted = true;
        self.give_up();
    }

    fn is_done(&self) -> bool {
        self.step.is_none() && self.owed.is_empty()
    }
}

impl Client {
    /// Whether every server is to be found, and not only one that answers.
    fn looks_for_all(&self) -> bool {
        self.plan.until == Until::End
    }

    /// It does not count; a server may have sent it nevertheless.
    fn reject(&mut self, why: Discard, datagram: &Datagram<'_>) {
        if let Some(sender) = sender(datagram).filter(|_| self.looks_for_all()) {
            self.record.sightings.add(sender, why.clone());
        }
        self.record.reject(why, datagram);
    }

    /// Whether this is what it sent: a relay agent listens at the port that it broadcasts to.
    fn is_own_broadcast(&self, payload: &[u8]) -> bool {
        let giaddr = self.plan.template.giaddr;
        let is_request =
            payload.first() == Some(&BOOTREQUEST) && self.record.sent.iter().any(|it| it.octets == payload.len());
        is_request && !giaddr.is_unspecified() && payload.get(24..28) == Some(&giaddr.octets())
    }
}

impl Exchange for Client {
    fn record(&self) -> &Record {
        &self.record
    }
}

/// Whether a server says no that was not asked, though its answer comes by the same way (from a relay's address): each client
/// waits for the one that it has chosen.
fn is_refusal_of_another(answer: &ProbeAnswer, asked: &Identity) -> bool {
    answer.kind == AnswerKind::Nak && answer.server.as_ref().is_some_and(|server| server != asked)
}

/// Whether an exchange can go on with it: a server of boot files offers no address.
fn leads_on(answer: &ProbeAnswer) -> bool {
    answer.kind != AnswerKind::Offer || leased(answer).is_some()
}

fn leased(answer: &ProbeAnswer) -> Option<Ipv4Addr> {
    as_v4(answer.addresses.first()?.address)
}

/// The server's identifier, else where its answer came from.
fn server_address(answer: &ProbeAnswer) -> Option<Ipv4Addr> {
    match answer.identity() {
        Identity::Address(address) => as_v4(address),
        Identity::Duid(_) => None,
    }
}

fn as_v4(address: IpAddr) -> Option<Ipv4Addr> {
    match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    }
}

fn address_in(octets: Option<&[u8]>) -> Option<Ipv4Addr> {
    octets.and_then(|octets| octets.first_chunk::<4>()).map(|octets| Ipv4Addr::from(*octets))
}
