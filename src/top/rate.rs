//! How fast counters grow.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::stats::scope::Scope;
use crate::stats::snapshot::Statistics;

/// An hour of samples, if there is one every two seconds.
const MOST: usize = 1800;

/// A counter, and how fast it has grown.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    last: Option<(Duration, f64)>,
    rates: VecDeque<(Duration, f32)>,
}

impl Meter {
    /// Its value at a moment. A smaller one than before is that of a server that has begun to count anew.
    #[expect(clippy::cast_possible_truncation, reason = "a rate is for people")]
    fn take(&mut self, at: Duration, value: f64) {
        if let Some((before, old)) = self.last
            && at > before
        {
            let grown = if value >= old { value - old } else { value };
            self.rates.push_back((at, (grown / at.saturating_sub(before).as_secs_f64()) as f32));
            if self.rates.len() > MOST {
                self.rates.pop_front();
            }
        }
        self.last = Some((at, value));
    }

    /// The last value.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        self.last.map(|(_, value)| value)
    }

    /// The last rate, per second; `None` before the second value.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        self.rates.back().map(|(_, rate)| f64::from(*rate))
    }

    /// The rates from a moment on.
    pub fn since(&self, from: Duration) -> impl Iterator<Item = (Duration, f64)> {
        let start = self.rates.partition_point(|(at, _)| *at < from);
        self.rates.range(start..).map(|(at, rate)| (*at, f64::from(*rate)))
    }
}

/// The counters of packets and failures of a daemon, by their names.
#[derive(Debug, Clone, Default)]
pub struct Meters(BTreeMap<Box<str>, Meter>);

impl Meters {
    pub(super) fn take(&mut self, at: Duration, statistics: &Statistics) {
        for (scope, name, value) in statistics.iter() {
            if scope == Scope::Global && is_counter(name) {
                match self.0.get_mut(name) {
                    Some(meter) => meter.take(at, value),
                    None => self.0.entry(name.into()).or_default().take(at, value),
                }
            }
        }
    }

    /// The counter of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Meter> {
        self.0.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Meter)> {
        self.0.iter().map(|(name, meter)| (&**name, meter))
    }

    /// The last rates of these counters together; `None` if there is none.
    #[must_use]
    pub fn rate(&self, names: &[&str]) -> Option<f64> {
        names.iter().filter_map(|name| self.get(name)?.rate()).reduce(|sum, rate| sum + rate)
    }
}

/// Whether a statistic of the server counts packets, failures or updates of the DNS.
fn is_counter(name: &str) -> bool {
    ["pkt4-", "pkt6-", "v4-", "v6-", "ncr-", "update-"].iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(values: &[(u64, f64)]) -> Meter {
        let mut meter = Meter::default();
        for (at, value) in values {
            meter.take(Duration::from_secs(*at), *value);
        }
        meter
    }

    #[test]
    fn a_rate_needs_two_values() {
        assert_eq!(seconds(&[(1, 7.0)]).rate(), None);
        assert_eq!(seconds(&[(1, 7.0), (3, 17.0)]).rate(), Some(5.0));
        assert_eq!(seconds(&[(1, 7.0), (1, 9.0)]).rate(), None, "asked for once");
    }

    #[test]
    fn a_server_that_has_started_again_counts_from_zero() {
        assert_eq!(seconds(&[(1, 1000.0), (3, 4.0)]).rate(), Some(2.0));
    }

    #[test]
    fn rates_are_kept_for_an_hour() {
        let values: Vec<_> = (0..3000).map(|at| (at, 0.0)).collect();
        let meter = seconds(&values);
        assert_eq!(meter.since(Duration::ZERO).count(), MOST);
        assert_eq!(meter.since(Duration::from_secs(2990)).count(), 10);
    }
}
