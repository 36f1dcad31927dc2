//! What a generator says about itself: while it runs, and at the end.

use super::super::report::{MessageReport, Report, ServerReport};
use super::super::slot::Lease;
use super::super::steps::Steps;
use super::super::verdict;
use super::super::waits::Waits;
use super::phases::Phase;
use super::{Generator, Latency, Leases, Own, Second};

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
    /// How many leases have been given back, once that has begun.
    pub released: Option<u64>,
}

impl Generator {
    /// How the run is going.
    #[must_use]
    pub fn now(&self) -> Now {
        let is_releasing = matches!(self.phase, Phase::Releasing { .. } | Phase::Settling);
        Now {
            second: self.clock.last(),
            rate: self.step.step.rate,
            started: self.exchanges.started,
            in_flight: self.in_flight,
            lost: self.tallies.iter().map(|(_, tally)| tally.lost.total()).sum(),
            released: is_releasing.then_some(self.leases.released),
        }
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

    /// What came of the run. `drops` is how many datagrams the socket had no room for, `cpu` the share of a processor that
    /// the run took.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a rate needs no more")]
    pub fn report(&mut self, drops: u64, cpu: f64) -> Report {
        let own = Own { drops, cpu, ..self.own.clone() };
        let left = self.slots.iter().filter(|slot| slot.lease != Lease::None).count() as u64;
        let length = match self.waits {
            // Until every client has what it wants.
            Waits::BackOff(_) => self.exchanges.last.saturating_sub(self.step.origin),
            Waits::Once(_) => self.exchanges.length,
        };
        let seconds = length.as_secs_f64();
        let found = match &self.steps {
            Steps::Search(search) => search.found(),
            _ => None,
        };
        let asked = self.results.iter().map(|result| result.step.rate).fold(self.step.step.rate, f64::max);
        Report {
            rate_asked: if matches!(self.waits, Waits::BackOff(_)) { 0.0 } else { asked },
            rate_achieved: if seconds > 0.0 { self.exchanges.completed as f64 / seconds } else { 0.0 },
            length,
            started: self.exchanges.started,
            completed: self.exchanges.completed,
            exchange_latency: self.exchanges.latency.quantiles(),
            messages: self.messages(),
            servers: self.servers(),
            seconds: self.clock.all(),
            steps: self.results.clone(),
            is_search: matches!(self.steps, Steps::Search(_)),
            found,
            leases: Leases { left, ..self.leases },
            invalid: self.invalid_because(&own),
            own,
            stop: self.stop.clone(),
        }
    }

    /// Rates of a search beyond the one that was found are too much for anything: only lost datagrams count against it.
    fn invalid_because(&self, own: &Own) -> Vec<String> {
        match &self.steps {
            Steps::Search(_) => verdict::invalid_because(&Own { drops: own.drops, ..Own::default() }),
            _ => verdict::invalid_because(own),
        }
    }

    fn messages(&self) -> Vec<MessageReport> {
        let report = |(message, tally): (super::Message, &super::super::tally::Tally)| MessageReport {
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
