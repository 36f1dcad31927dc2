//! How long answers took.

use std::fmt;
use std::time::Duration;

use hdrhistogram::Histogram;

/// A histogram of times in microseconds, with three digits; a time beyond ten minutes counts as ten minutes.
#[derive(Clone)]
pub struct Latency(Histogram<u32>);

const LONGEST: u64 = 600_000_000;

/// Quantiles of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quantiles {
    /// How many times there are.
    pub count: u64,
    /// The median.
    pub p50: Duration,
    /// Nine of ten are not above.
    pub p90: Duration,
    /// 99 of 100 are not above.
    pub p99: Duration,
    /// 999 of 1000 are not above.
    pub p999: Duration,
    /// The longest.
    pub max: Duration,
}

impl Default for Latency {
    fn default() -> Self {
        // With these bounds it cannot fail.
        Self(Histogram::new_with_bounds(1, LONGEST, 3).unwrap_or_else(|_| unreachable!("the bounds are right")))
    }
}

impl fmt::Debug for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.quantiles().fmt(f)
    }
}

impl Latency {
    /// One more.
    pub fn add(&mut self, time: Duration) {
        self.0.saturating_record(u64::try_from(time.as_micros()).unwrap_or(LONGEST).max(1));
    }

    /// Back to nothing.
    pub fn clear(&mut self) {
        self.0.reset();
    }

    /// How many times it holds.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// A quantile, such as 0.99; zero if there are no times.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> Duration {
        Duration::from_micros(self.0.value_at_quantile(quantile))
    }

    /// The usual quantiles.
    #[must_use]
    pub fn quantiles(&self) -> Quantiles {
        let [p50, p90, p99, p999] = [0.5, 0.9, 0.99, 0.999].map(|quantile| self.quantile(quantile));
        let max = if self.0.is_empty() { 0 } else { self.0.max() };
        Quantiles { count: self.0.len(), p50, p90, p99, p999, max: Duration::from_micros(max) }
    }

    /// The histogram, for its standard file format.
    #[must_use]
    pub fn histogram(&self) -> &Histogram<u32> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_a_thousandth() {
        let mut latency = Latency::default();
        assert_eq!(latency.quantiles(), Quantiles::default());
        (1..=1000).for_each(|n| latency.add(Duration::from_millis(n)));
        let found = latency.quantiles();
        for (time, expected) in [(found.p50, 500.0), (found.p99, 990.0), (found.max, 1000.0)] {
            assert!((time.as_secs_f64() * 1000.0 / expected - 1.0).abs() < 0.001, "{found:?}");
        }
        latency.add(Duration::MAX);
        assert!(latency.quantiles().max >= Duration::from_secs(599));
    }
}
