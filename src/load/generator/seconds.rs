//! What happens in each second of a run.

use std::time::Duration;

use super::super::latency::Latency;
use super::Second;

/// The seconds of a run, and the times of the answers of the latest.
#[derive(Debug, Default)]
pub(super) struct Clock {
    seconds: Vec<Second>,
    /// Which second `latency` is of.
    current: usize,
    latency: Latency,
}

/// A run of a day, and its end.
const MOST: usize = 100_000;

impl Clock {
    /// The second of a moment.
    pub(super) fn second(&mut self, at: Duration) -> &mut Second {
        let place = usize::try_from(at.as_secs()).unwrap_or(MOST).min(MOST);
        if place >= self.seconds.len() {
            self.seconds.resize(place + 1, Second::default());
        }
        &mut self.seconds[place]
    }

    /// An answer came at this moment after so long.
    pub(super) fn answered(&mut self, at: Duration, after: Duration) {
        self.go_to(at);
        self.second(at).answered += 1;
        self.latency.add(after);
    }

    /// The moment has come: seconds before it are complete.
    pub(super) fn go_to(&mut self, now: Duration) {
        let place = usize::try_from(now.as_secs()).unwrap_or(MOST).min(MOST);
        if place <= self.current {
            return;
        }
        self.settle();
        self.latency.clear();
        self.current = place;
    }

    /// The quantiles of the current second are written down.
    fn settle(&mut self) {
        if self.latency.count() > 0 {
            let (p50, p99) = (self.latency.quantile(0.5), self.latency.quantile(0.99));
            let at = Duration::from_secs(self.current as u64);
            let second = self.second(at);
            (second.p50, second.p99) = (p50, p99);
        }
    }

    /// The last second that is complete.
    pub(super) fn last(&self) -> Second {
        let before = self.current.checked_sub(1);
        before.and_then(|place| self.seconds.get(place)).copied().unwrap_or_default()
    }

    /// Whether in each of the last `count` complete seconds with messages more than half of them were lost.
    pub(super) fn loses_most(&self, count: usize) -> bool {
        let complete = &self.seconds[..self.current.min(self.seconds.len())];
        let known = |second: &&Second| second.answered + second.lost > 0;
        let mut latest = complete.iter().rev().filter(known).take(count).peekable();
        let enough = complete.iter().filter(known).count() >= count;
        enough && latest.all(|second| second.lost > second.answered)
    }

    /// All of them, complete.
    pub(super) fn all(&mut self) -> Vec<Second> {
        self.settle();
        self.seconds.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_second_has_its_own_quantiles() {
        let mut clock = Clock::default();
        let ms = Duration::from_millis;
        clock.answered(ms(100), ms(5));
        clock.answered(ms(2100), ms(50));
        assert_eq!(clock.last(), Second::default());
        clock.go_to(ms(3000));
        assert!(clock.last().p50.abs_diff(ms(50)) < ms(1));
        let all = clock.all();
        assert_eq!(all.iter().map(|second| second.answered).collect::<Vec<_>>(), [1, 0, 1]);
        assert!(all[0].p99.abs_diff(ms(5)) < ms(1));
    }

    #[test]
    fn most_is_lost_where_it_is_in_each_of_the_last_seconds() {
        let mut clock = Clock::default();
        for second in 0..7 {
            clock.second(Duration::from_secs(second)).lost = 2;
            clock.second(Duration::from_secs(second)).answered = if second == 1 { 3 } else { 1 };
            clock.go_to(Duration::from_secs(second + 1));
            assert_eq!(clock.loses_most(5), second == 6, "{second}");
        }
    }
}
