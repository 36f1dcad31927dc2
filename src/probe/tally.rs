//! What came of many exchanges with the same aim.

use std::net::SocketAddr;
use std::time::Duration;

use super::record::came_instead;
use super::{Identity, ProbeAnswer, Record, Rejected};
use crate::wire::{Mac, Unreachable};

/// Least, mean and greatest of many times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    count: u32,
    sum: Duration,
    min: Duration,
    max: Duration,
}

impl Times {
    /// One more.
    pub fn add(&mut self, time: Duration) {
        self.min = if self.count == 0 { time } else { self.min.min(time) };
        self.max = self.max.max(time);
        self.sum = self.sum.saturating_add(time);
        self.count = self.count.saturating_add(1);
    }

    /// Least, mean, greatest; `None` if there are none.
    #[must_use]
    pub fn summary(&self) -> Option<(Duration, Duration, Duration)> {
        Some((self.min, self.sum.checked_div(self.count)?, self.max))
    }
}

/// A server that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// Who it says it is.
    pub server: Identity,
    /// Where it sent from.
    pub source: SocketAddr,
    /// Its hardware address, where frames are seen.
    pub mac: Option<Mac>,
    /// How many probes it answered.
    pub answers: u64,
    /// How many of its answers said no.
    pub refusals: u64,
    /// How many of its answers gave what was asked for.
    pub grants: u64,
    /// How often it said the same twice.
    pub copies: u64,
    /// How long it took.
    pub times: Times,
}

impl Served {
    /// Whether it calls itself so, or sends from there.
    #[must_use]
    pub fn is(&self, server: &Identity) -> bool {
        self.server == *server || *server == Identity::Address(self.source.ip())
    }
}

/// How many servers are counted apart.
const MOST_SERVERS: usize = 256;

/// What came of all probes of one target so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Probes made; one that could not be sent, or was cut short before an answer, is none.
    pub probes: u64,
    /// Those that were answered as was wanted: by each server that must, to the last message.
    pub answered: u64,
    /// How long the first answers to those took.
    pub times: Times,
    /// Who answered, in the order of their first answers.
    pub servers: Vec<Served>,
    /// How many answers said no: NAK, or a status such as `NoAddrsAvail`.
    pub refusals: u64,
    /// What did not count.
    pub rejected: Rejected,
    /// What ICMP said first of something that was sent.
    pub unreachable: Option<Unreachable>,
}

impl Tally {
    /// One more probe; `is_answered` if all that was wanted came.
    pub fn add(&mut self, record: &Record, is_answered: bool) {
        self.rejected.merge(&record.rejected);
        self.unreachable = self.unreachable.take().or_else(|| record.unreachable.clone());
        let is_cut_short = record.interrupted || record.unsent.is_some();
        if record.sent.is_empty() || (is_cut_short && record.answers.is_empty()) {
            return;
        }
        self.probes += 1;
        if let Some(time) = record.took().filter(|_| is_answered) {
            self.answered += 1;
            self.times.add(time);
        }
        for answer in &record.answers {
            self.serve(answer);
        }
    }

    fn serve(&mut self, answer: &ProbeAnswer) {
        let (server, source, mac) = (answer.identity(), answer.source, answer.mac);
        let (refusals, grants) = if answer.refusal.is_some() { (1, 0) } else { (0, 1) };
        self.refusals += refusals;
        let is_it = |known: &Served| (&known.server, known.source, known.mac) == (&server, source, mac);
        let place = self.servers.iter().position(is_it).unwrap_or(self.servers.len());
        if place == MOST_SERVERS {
            return;
        }
        if place == self.servers.len() {
            let (answers, copies, times) = (0, 0, Times::default());
            self.servers.push(Served { server, source, mac, answers, refusals: 0, grants: 0, copies, times });
        }
        let entry = &mut self.servers[place];
        entry.refusals += refusals;
        entry.grants += grants;
        if answer.phase == 0 {
            entry.answers += 1;
            entry.times.add(answer.rtt);
        }
        entry.copies += u64::from(answer.copies - 1);
    }

    /// What came instead of an answer, if anything did.
    #[must_use]
    pub fn came_instead(&self) -> Option<String> {
        came_instead(&self.rejected, self.unreachable.as_ref())
    }

    /// How long this server takes, by the mean of its answers.
    #[must_use]
    pub fn mean_of(&self, server: &Identity) -> Option<Duration> {
        let its = self.servers.iter().filter(|served| served.is(server));
        its.filter_map(|served| Some(served.times.summary()?.1)).max()
    }

    /// The percentage of probes without an answer; `None` without probes.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a percentage needs no more")]
    pub fn loss(&self) -> Option<f64> {
        let lost = self.probes.checked_sub(self.answered).filter(|_| self.probes > 0)?;
        Some(lost as f64 * 100.0 / self.probes as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_least_a_mean_and_a_greatest() {
        let mut times = Times::default();
        assert_eq!(times.summary(), None);
        [3, 1, 2].map(Duration::from_millis).into_iter().for_each(|time| times.add(time));
        assert_eq!(times.summary(), Some([1, 2, 3].map(Duration::from_millis).into()));
    }

    #[test]
    fn loss_is_what_was_sent_and_not_answered() {
        let tally = Tally { probes: 8, answered: 6, ..Tally::default() };
        assert_eq!(tally.loss(), Some(25.0));
        assert_eq!(Tally::default().loss(), None);
    }
}
