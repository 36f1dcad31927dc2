//! How often a command may be sent, by how long it takes.

use std::time::Duration;

/// A command that is sent as rarely as its duration demands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    /// So many times its duration passes until it is sent again.
    factor: u32,
    /// But at least this time.
    least: Duration,
    /// When it was last sent, and how long it took.
    last: Option<(Duration, Duration)>,
}

impl Budget {
    pub(super) const fn new(factor: u32, least: Duration) -> Self {
        Self { factor, least, last: None }
    }

    /// Whether it may be sent at this moment.
    pub(super) fn allows(&self, monotonic: Duration) -> bool {
        self.last.is_none_or(|(at, took)| monotonic >= at + self.least.max(took.saturating_mul(self.factor)))
    }

    /// The same with another least time.
    pub(super) const fn at_least(self, least: Duration) -> Self {
        Self { least, ..self }
    }

    /// The same with a larger share of the time.
    pub(super) const fn with_factor(self, factor: u32) -> Self {
        Self { factor, ..self }
    }

    /// It was sent at this moment, and took so long.
    pub(super) fn spend(&mut self, monotonic: Duration, took: Duration) {
        self.last = Some((monotonic, took));
    }

    /// Whether it was sent in the round of another one or later.
    pub(super) fn is_as_late_as(&self, other: &Self) -> bool {
        self.last.zip(other.last).is_some_and(|((at, _), (other, _))| at >= other)
    }

    /// How long it took the last time.
    pub(super) fn took(&self) -> Option<Duration> {
        self.last.map(|(_, took)| took)
    }

    /// As if it was never sent.
    pub(super) fn reset(&mut self) {
        self.last = None;
    }
}

/// When a daemon that does not answer is asked again.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct BackOff {
    failures: u32,
    until: Duration,
}

impl BackOff {
    /// Whether it may be asked at this moment.
    pub(super) fn allows(&self, monotonic: Duration) -> bool {
        monotonic >= self.until
    }

    /// It did not answer: 1 s, 2 s, 4 s … `longest`.
    pub(super) fn fail(&mut self, monotonic: Duration, longest: Duration) {
        let wait = Duration::from_secs(1_u64.checked_shl(self.failures).unwrap_or(u64::MAX)).min(longest);
        self.failures = self.failures.saturating_add(1);
        self.until = monotonic + wait;
    }

    pub(super) fn succeed(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_takes_long_is_sent_rarely() {
        let mut budget = Budget::new(100, Duration::ZERO);
        assert!(budget.allows(SECOND));
        budget.spend(SECOND, Duration::from_millis(20));
        assert!(!budget.allows(SECOND * 2) && budget.allows(SECOND * 3));
        let mut leases = Budget::new(50, SECOND * 60);
        leases.spend(SECOND, SECOND / 10);
        assert!(!leases.allows(SECOND * 60) && leases.allows(SECOND * 61));
    }

    #[test]
    fn what_does_not_answer_is_asked_less_and_less() {
        let mut back_off = BackOff::default();
        let mut moment = SECOND;
        let mut waited = Vec::new();
        for _ in 0..40 {
            back_off.fail(moment, SECOND * 30);
            waited.push(back_off.until.saturating_sub(moment).as_secs());
            moment = back_off.until;
            assert!(back_off.allows(moment));
        }
        assert_eq!(waited[..7], [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(waited.last(), Some(&30));
        back_off.succeed();
        assert!(back_off.allows(Duration::ZERO));
    }
}
