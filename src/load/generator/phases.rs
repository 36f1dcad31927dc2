//! What a run does when: it opens, runs, waits for the last answers, gives leases back, and is done.

use std::time::Duration;

use super::super::fate::Loss;
use super::super::kind::LoadMessage;
use super::super::numbering::Ticket;
use super::super::report::Silence;
use super::super::slot::{Lease, Stage};
use super::super::step::{Limit, Step, StepResult};
use super::super::steps::Steps;
use super::super::verdict;
use super::super::waits::Waits;
use super::{Generator, Own, StepState, Stop};
use crate::family::Family;
use crate::wire::Transmit;

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Phase {
    /// The first exchange is alone until it is answered: a server that is not meant, or none, meets one message and no
    /// flood. With the moment when the others begin, once it is under way.
    Opening(Option<Duration>),
    /// Exchanges begin at their intended times.
    Running,
    /// The last answers are waited for.
    Draining,
    /// Leases are given back, at this interval; the next client, and when it is due.
    Releasing { interval: Duration, client: u32, due: Duration },
    /// The last answers to RELEASE are waited for.
    Settling,
    /// Something is asked apart from the load.
    Asking,
    /// Messages were not answered: late answers are waited for.
    Lingering,
    /// There is nothing more to do.
    Done,
}

/// What is asked apart from the load: what an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// The server has heard what was sent before.
    Releases,
    /// It answers at all.
    Life,
}

/// What is to be done now.
pub(super) enum Next {
    Send(Transmit),
    /// The phase has changed.
    Again,
    Wait,
}

/// So long the first answer is waited for before other exchanges begin.
const OPENING: Duration = Duration::from_secs(1);
/// So long after the first answer those of other servers are waited for, where not every server is meant.
const OTHERS: Duration = Duration::from_millis(100);
/// So long most messages may be lost.
const LOSING: usize = 5;
/// Leases are given back at this share of the rate of the run.
const RELEASE_SHARE: f64 = 0.5;
/// As many leases per second any server takes back.
const LEAST_RELEASES: f64 = 10.0;
/// So often in a row a RELEASE may fail to leave, and so long after each time it is tried again.
const RELEASE_TRIES: u32 = 10;
const RELEASE_PAUSE: Duration = Duration::from_secs(1);

impl Generator {
    /// What the phase wants done now.
    pub(super) fn poll_phase(&mut self, now: Duration) -> Next {
        self.clock.go_to(now);
        match self.phase {
            Phase::Opening(None) => {
                self.step.origin = now;
                self.phase = Phase::Opening(Some(now.saturating_add(OPENING)));
                self.begin(now).map_or(Next::Again, Next::Send)
            }
            Phase::Opening(Some(end)) if now >= end => {
                self.run_from(end);
                Next::Again
            }
            Phase::Running => self.poll_running(now),
            Phase::Draining if self.is_idle() => {
                self.next_step(now);
                Next::Again
            }
            Phase::Releasing { interval, client, due } => self.poll_release(now, interval, client, due),
            Phase::Settling if self.is_idle() => {
                self.settled(now);
                Next::Again
            }
            Phase::Asking => self.poll_question(now),
            Phase::Lingering if self.linger_end().is_none_or(|end| now >= end) => {
                self.phase = Phase::Done;
                Next::Wait
            }
            _ => Next::Wait,
        }
    }

    /// The first exchange was answered; the others begin soon.
    pub(super) fn opened(&mut self, at: Duration) {
        if let Phase::Opening(Some(end)) = self.phase {
            let grace = if self.place.servers.is_empty() { Duration::ZERO } else { OTHERS };
            self.phase = Phase::Opening(Some(end.min(at.saturating_add(grace))));
        }
    }

    /// The other exchanges begin from this moment on.
    fn run_from(&mut self, origin: Duration) {
        self.step.origin = origin;
        self.phase = Phase::Running;
    }

    fn poll_running(&mut self, now: Duration) -> Next {
        if self.step.begun >= self.step.total {
            self.exchanges.length += self.step.step.length;
            self.phase = Phase::Draining;
            return Next::Again;
        }
        let intended = self.step.intended(self.step.begun);
        if intended > now {
            return Next::Wait;
        }
        // In a storm a client begins when its turn comes.
        let intended = if self.waits.are_of_storm() { now } else { intended };
        self.begin(intended).map_or(Next::Again, Next::Send)
    }

    fn is_idle(&self) -> bool {
        self.in_flight == 0 && self.polled.is_empty() && self.ready.is_empty()
    }

    /// The step is over: what came of it, and the next.
    fn next_step(&mut self, now: Duration) {
        let result = self.step_result();
        self.results.push(result);
        let losers = self.step.losers;
        let is_exhausted = losers.look_exhausted() && losers.said_so && self.stop.is_none();
        if let (Steps::Search(search), true) = (&mut self.steps, is_exhausted) {
            search.pool_is_exhausted();
        } else if self.is_life_in_doubt() {
            if self.ask_about(Subject::Life, now) {
                return;
            }
            if self.hearing.silence(true) == Some(Silence::Never) {
                self.learn_of_life(false, false);
            }
        }
        self.go_to_next_step(now);
    }

    /// Whether the server may have stopped, or only serve clients that have a lease, and that is to be found out.
    fn is_life_in_doubt(&self) -> bool {
        let is_over = !matches!(self.stop, None | Some(Stop::Loss));
        let has_many_steps = matches!(self.steps, Steps::Search(_) | Steps::Ramp(_));
        // Where no server has ever answered, that matters for further steps alone.
        let matters = has_many_steps || self.hearing.silence(false) != Some(Silence::Never);
        let looks_exhausted = matches!(self.steps, Steps::Search(_)) && self.step.losers.look_exhausted();
        !is_over && (looks_exhausted || matters && self.hearing.is_doubtful())
    }

    pub(super) fn go_to_next_step(&mut self, now: Duration) {
        let result = self.results.last().copied();
        if let (Some(result), None, Steps::Search(_)) = (result, &self.stop, &self.steps)
            && result.lacks_clients()
            && self.use_more_clients()
        {
            return self.go_on_with(result.step, now);
        }
        match self.steps.next(result.as_ref()).filter(|_| self.stop.is_none()) {
            Some(step) => self.go_on_with(step, now),
            None => self.release_from(now),
        }
    }

    /// Twice as many clients, up to all there are; whether there were more.
    fn use_more_clients(&mut self) -> bool {
        let before = self.used_clients;
        self.used_clients = before.saturating_mul(2).min(self.clients.count());
        self.used_clients > before
    }

    fn go_on_with(&mut self, step: Step, now: Duration) {
        self.step = StepState::new(step, now);
        self.phase = Phase::Running;
    }

    #[expect(clippy::cast_precision_loss, reason = "a percentage needs no more")]
    fn step_result(&self) -> StepResult {
        let StepState { step, begun, completed, sent, lost, late_sent, no_client, ref latency, .. } = self.step;
        let latency = latency.quantiles();
        let own = Own { late_sent, sent, ..Own::default() };
        let percent = lost as f64 * 100.0 / sent.max(1) as f64;
        let is_late = !verdict::invalid_because(&own).is_empty();
        let is_valid = !is_late && no_client == 0;
        let is_served = completed > 0 && self.criteria.iter().all(|it| it.holds_for(percent, &latency));
        let holds = is_valid && is_served;
        let limit = match () {
            // What is lost, or late, may be so because of that.
            () if is_late => Limit::Generator,
            () if !is_served => Limit::Server,
            () => Limit::Clients,
        };
        StepResult { step, started: begun - no_client, completed, sent, lost, latency, is_valid, holds, limit }
    }

    /// The run ends now: nothing new is begun, and what is owed to servers is still sent.
    pub(super) fn end_early(&mut self, stop: Stop, now: Duration) {
        self.stop.get_or_insert(stop);
        let is_running = matches!(self.phase, Phase::Opening(_) | Phase::Running);
        if is_running {
            self.exchanges.length += now.saturating_sub(self.step.origin);
            self.phase = Phase::Draining;
        }
        let ready: Vec<Ticket> = self.ready.drain(..).collect();
        for ticket in ready {
            self.slots[ticket.slot as usize].stages[usize::from(ticket.stage)] = Stage::Unsent;
            self.in_flight = self.in_flight.saturating_sub(1);
        }
        self.end_question(now);
        // Clients of a storm would wait for a minute.
        if self.waits.are_of_storm() {
            self.give_up(now);
        }
    }

    /// Ends the run where most messages have been lost for too long.
    pub(super) fn watch_loss(&mut self, now: Duration) {
        self.clock.go_to(now);
        if self.phase == Phase::Running && !self.bears_loss && self.clock.loses_most(LOSING) {
            self.end_early(Stop::Loss, now);
        }
    }

    /// Leases are given back from now on.
    pub(super) fn release_from(&mut self, now: Duration) {
        if self.keeps_leases {
            self.phase = Phase::Lingering;
            return;
        }
        let interval = Duration::from_secs_f64(1.0 / self.release_rate());
        self.phase = Phase::Releasing { interval, client: 0, due: now };
    }

    /// Half of the rate at which the server completed exchanges. Where it completed few, of the rate that was asked for, up
    /// to 10 leases per second: giving back is not to take longer than the run for that.
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more")]
    fn release_rate(&self) -> f64 {
        let served = self.results.iter().filter(|result| result.completed > 0).map(|result| {
            let share = result.completed as f64 / result.started.max(1) as f64;
            result.step.rate * share
        });
        let served = served.fold(0.0, f64::max);
        let storm = self.exchanges.completed as f64
            / self.exchanges.last.saturating_sub(self.step.origin).as_secs_f64().max(1.0);
        let rate = match self.waits {
            Waits::BackOff(_) => storm,
            Waits::Once(_) if served > 0.0 => served,
            Waits::Once(_) => self.step.step.rate,
        };
        let asked = self.results.iter().map(|result| result.step.rate).fold(self.step.step.rate, f64::max);
        let least = if self.waits.are_of_storm() { LEAST_RELEASES } else { LEAST_RELEASES.min(asked * RELEASE_SHARE) };
        (rate * RELEASE_SHARE).max(least).max(1.0)
    }

    fn poll_release(&mut self, now: Duration, interval: Duration, client: u32, due: Duration) -> Next {
        let next = (client..self.clients.count()).find(|at| self.slots[*at as usize].lease.is_due());
        let Some(client) = next else {
            self.phase = Phase::Settling;
            return Next::Again;
        };
        if due > now {
            self.phase = Phase::Releasing { interval, client, due };
            return Next::Wait;
        }
        // After a delay of its own it does not catch up: the server is not to be flooded with what is not measured.
        let due = (due + interval).max(now);
        self.phase = Phase::Releasing { interval, client: client + 1, due };
        self.waits.go_on(client);
        let slot = &mut self.slots[client as usize];
        self.past.keep(client, slot);
        slot.begin(LoadMessage::Release, false, now, self.numbering.generations());
        self.leases.only_asked += u64::from(slot.lease == Lease::Perhaps);
        slot.lease = Lease::Releasing;
        let ticket = Ticket { slot: client, generation: slot.generation, stage: 0 };
        self.in_flight += 1;
        Next::Send(self.ask(ticket, LoadMessage::Release))
    }

    /// A RELEASE could not be sent, as where the interface is down: it is tried again later; whether it is.
    pub(super) fn releases_again(&mut self, ticket: Ticket, now: Duration) -> bool {
        let Phase::Releasing { interval, client, .. } = self.phase else { return false };
        self.unsent_releases += 1;
        if self.unsent_releases > RELEASE_TRIES {
            self.phase = Phase::Settling;
            return false;
        }
        self.slots[ticket.slot as usize].stages[0] = Stage::Unsent;
        self.in_flight = self.in_flight.saturating_sub(1);
        let (client, due) = (client.min(ticket.slot), now.saturating_add(RELEASE_PAUSE));
        self.phase = Phase::Releasing { interval, client, due };
        true
    }

    /// A RELEASE that is not answered left, or its answer came.
    pub(super) fn released(&mut self, ticket: Ticket, at: Duration) {
        let slot = &mut self.slots[ticket.slot as usize];
        slot.lease = if self.family == Family::V4 { Lease::Released } else { Lease::None };
        slot.stages[usize::from(ticket.stage)] = Stage::Answered;
        self.leases.released += 1;
        self.in_flight = self.in_flight.saturating_sub(1);
        if !matches!(self.phase, Phase::Releasing { .. } | Phase::Settling) {
            self.complete(ticket.slot, at);
        }
    }

    /// Leases are given back. In DHCPv4 a living server is the only sign that it heard so.
    fn settled(&mut self, now: Duration) {
        if self.has_more_to_release(now) {
            return;
        }
        let is_asked = self.family == Family::V4 && self.ask_about(Subject::Releases, now);
        if !is_asked {
            self.phase = Phase::Lingering;
        }
    }

    /// An exchange ended with what was wanted.
    pub(super) fn complete(&mut self, client: u32, at: Duration) {
        let took = at.saturating_sub(self.slots[client as usize].began());
        self.exchanges.completed += 1;
        self.exchanges.latency.add(took);
        self.exchanges.last = at;
        self.step.completed += 1;
        self.clock.second(at).completed += 1;
    }

    /// When the phase wants to go on.
    pub(super) fn phase_timeout(&self) -> Option<Duration> {
        match self.phase {
            Phase::Opening(end) => Some(end.unwrap_or_default()),
            Phase::Running => Some(self.step.intended(self.step.begun)),
            Phase::Draining | Phase::Settling if self.is_idle() => Some(Duration::ZERO),
            Phase::Releasing { due, .. } => Some(due),
            Phase::Asking => self.question_timeout(),
            Phase::Lingering => Some(self.linger_end().unwrap_or_default()),
            _ => None,
        }
    }

    /// An answer came after its timeout was over, but before that was noticed.
    pub(super) fn lose_late(&mut self, ticket: Ticket, at: Duration, after: Duration) {
        self.lose(ticket, Loss::Silence, at);
        let message = self.slots[ticket.slot as usize].message(ticket.stage);
        self.tallies.of(message).came_late(after);
        self.step.losers.came_late();
    }
}
