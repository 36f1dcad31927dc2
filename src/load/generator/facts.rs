//! What a generator says about itself: while it runs, and at the end.

use std::time::Duration;

use super::super::report::{MessageReport, Report, ServerReport, Silence, Surroundings};
use super::super::slot::Lease;
use super::super::steps::Steps;
use super::super::verdict;
use super::super::waits::Waits;
use super::phases::Phase;
use super::{Generator, Latency, Leases, Own, Second, Stop};

/// How a run is going.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Now {
    /// The last complete second.
    pub second: Second,
    /// Exchanges per second that are asked for at present.
    pub rate: f64,
    /// Exchanges begun.
    pub started: u64,
    /// Exchanges under way.
    pub in_flight: u64,
    /// Messages lost so far.
    pub lost: u64,
    /// The leases that are given back, once that has begun.
    pub giving_back: Option<GivingBack>,
}

/// How far leases are given back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GivingBack {
    /// How many were.
    pub released: u64,
    /// How many are to be.
    pub owed: u64,
    /// How long that takes.
    pub remaining: Duration,
    /// Whether one more interrupt leaves them.
    pub is_interrupted: bool,
}

impl Generator {
    /// How the run is going.
    #[must_use]
    pub fn now(&self) -> Now {
        let is_releasing = matches!(self.phase, Phase::Releasing { .. } | Phase::Settling | Phase::Asking);
        Now {
            second: self.clock.last(),
            rate: self.step.step.rate,
            started: self.exchanges.started,
            in_flight: self.in_flight,
            lost: self.tallies.iter().map(|(_, tally)| tally.lost.total()).sum(),
            giving_back: is_releasing.then(|| self.giving_back()),
        }
    }

    fn giving_back(&self) -> GivingBack {
        let owed = self.slots.iter().filter(|slot| slot.lease.is_owed()).count() as u64 + self.elsewhere.count();
        let interval = match self.phase {
            Phase::Releasing { interval, .. } => interval,
            _ => Duration::ZERO,
        };
        let remaining = interval.saturating_mul(u32::try_from(owed).unwrap_or(u32::MAX));
        GivingBack { released: self.leases.released, owed, remaining, is_interrupted: self.interrupts > 0 }
    }

    /// The times of the answers to each kind of message, from the intended times, and those of whole exchanges.
    pub fn histograms(&self) -> impl Iterator<Item = (&'static str, &Latency)> {
        let messages = self.tallies.iter().filter(|(_, tally)| tally.answered > 0);
        let messages = messages.map(|(message, tally)| (message.name(), &tally.from_intended));
        messages.chain([("exchange", &self.exchanges.latency)])
    }

    /// Whether the user has ended the run.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.interrupts > 0
    }

    /// What came of the run.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more")]
    pub fn report(&mut self, seen: Surroundings) -> Report {
        let Surroundings { drops, cpu, link, server_drops, if_silent } = seen;
        let own = Own { drops, cpu, link: self.own.link.clone().or(link), ..self.own.clone() };
        let (timeout, length) = match self.waits {
            // Until every client has what it wants.
            Waits::BackOff(_) => (None, self.exchanges.last.saturating_sub(self.step.origin)),
            Waits::Once(timeout) => (Some(timeout), self.exchanges.length),
        };
        let seconds = length.as_secs_f64();
        let search = match &self.steps {
            Steps::Search(search) => Some(search.end()),
            _ => None,
        };
        let asked = self.results.iter().map(|result| result.step.rate).fold(self.step.step.rate, f64::max);
        let silence = self.silence(&own);
        Report {
            clients: self.used_clients,
            meant: self.place.servers.clone(),
            rate_asked: timeout.map(|_| asked),
            rate_achieved: (seconds > 0.0).then(|| self.exchanges.completed as f64 / seconds),
            timeout,
            length,
            started: self.exchanges.started,
            completed: self.exchanges.completed,
            exchange_latency: self.exchanges.latency.quantiles(),
            messages: self.messages(),
            servers: self.servers(),
            seconds: self.clock.all(),
            steps: self.results.clone(),
            is_pool_exhausted: search.is_none()
                && silence.is_none()
                && self.leases.taken > 0
                && self.step.losers.look_exhausted(),
            silence,
            stall: self.stalls.most(),
            if_silent,
            is_relayed: !self.place.relays.0.is_empty(),
            search,
            is_ramp: matches!(self.steps, Steps::Ramp(_)),
            held: self.steps.held(&self.results),
            leases: self.leases(),
            server_drops,
            invalid: self.invalid_because(&own, silence),
            own,
            stop: self.stop.clone(),
        }
    }

    fn leases(&self) -> Leases {
        let count = |is_it: &dyn Fn(Lease) -> bool| self.slots.iter().filter(|slot| is_it(slot.lease)).count() as u64;
        let is_sure = self.is_heard_after_releases || self.keeps_leases;
        let unconfirmed = if is_sure { 0 } else { count(&|lease| lease == Lease::Released) + self.elsewhere.released };
        let left = count(&Lease::is_owed) + self.elsewhere.count() + unconfirmed;
        Leases { unconfirmed, is_interrupted: self.interrupts > 1, left, ..self.leases }
    }

    /// That no server answers, unless this host or another server is the reason.
    fn silence(&self, own: &Own) -> Option<Silence> {
        let is_own = own.link.is_some() || own.unsent > 0 || matches!(self.stop, Some(Stop::UnlistedServer { .. }));
        if is_own || own.sent == 0 {
            return None;
        }
        // What an interrupt ended may have been answered.
        let is_sure = |silence: &Silence| *silence == Silence::Never || self.stop != Some(Stop::Interrupted);
        self.hearing.silence(self.step.losers.look_exhausted()).filter(is_sure)
    }

    /// What of this program's own doing counts: beyond the rate that a search finds everything may be late, and where no
    /// server answers it does not matter.
    fn invalid_because(&self, own: &Own, silence: Option<Silence>) -> Vec<String> {
        let lost = || Own { drops: own.drops, link: own.link.clone(), ..Own::default() };
        let mut reasons = match &self.steps {
            Steps::Search(search) => {
                let late = verdict::late_search(&search.end());
                verdict::invalid_because(&lost()).into_iter().chain(late).collect()
            }
            _ if silence.is_some() => verdict::invalid_because(&Own { unsent: own.unsent, ..lost() }),
            _ => verdict::invalid_because(own),
        };
        let late_step = self.steps.unknown_from(&self.results).filter(|_| reasons.is_empty() && silence.is_none());
        reasons.extend(late_step.map(verdict::late_step));
        if let Some(Stop::UnlistedServer { identity, source }) = &self.stop {
            reasons.insert(0, format!("{identity} ({}) answered, which -s does not list", source.ip()));
        }
        reasons
    }

    fn messages(&self) -> Vec<MessageReport> {
        let report = |(message, tally): (super::LoadMessage, &super::super::tally::Tally)| MessageReport {
            message,
            is_answered: message.is_answered(self.family),
            sent: tally.sent,
            again: tally.again,
            answered: tally.answered,
            lost: tally.lost.clone(),
            duplicates: tally.duplicates,
            others: tally.others,
            from_intended: tally.from_intended.quantiles(),
            from_sending: tally.from_sending.quantiles(),
            late: tally.lateness.as_ref().map(Latency::quantiles).unwrap_or_default(),
        };
        self.tallies.iter().map(report).collect()
    }

    fn servers(&self) -> Vec<ServerReport> {
        let report = |server: &super::super::servers::Server| ServerReport {
            identity: server.identity.clone(),
            source: server.source,
            answers: server.answers,
            refusals: server.refusals,
            latency: server.latency.quantiles(),
        };
        self.servers.iter().map(report).collect()
    }
}
