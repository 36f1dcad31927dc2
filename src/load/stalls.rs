//! Moments at which a server that had stood still went on: the answers of that time come together, and the first clients have
//! waited longest. Where a server takes one after the other, clients wait longer and longer instead.

use std::time::Duration;

/// A time in which the server answered nothing, and after it what it had been asked meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stall {
    /// When it answered last before.
    pub from: Duration,
    /// When it went on.
    pub until: Duration,
    /// Answers that came too late to messages that were sent meanwhile.
    pub late: u64,
}

impl Stall {
    /// How long it stood still.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.until.saturating_sub(self.from)
    }
}

/// The stalls of a run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stalls {
    /// When the server was heard last.
    heard: Option<Duration>,
    /// The latest silence, however short.
    latest: Stall,
    /// The stall with the most late answers of those before.
    most: Stall,
    /// The late answers of all that were stalls.
    late: u64,
    /// All late answers.
    all: u64,
}

/// Fewer answers come together by chance.
const LEAST: u64 = 3;

impl Stalls {
    /// The server sent something.
    pub(super) fn heard(&mut self, at: Duration) {
        let last = self.heard.replace(at);
        if let Some(from) = last.filter(|_| at > self.end()) {
            self.settle();
            self.latest = Stall { from, until: at, late: 0 };
        }
    }

    /// The answer to a message that was sent at this moment came too late.
    pub(super) fn came_late(&mut self, sent: Duration, at: Duration) {
        self.all += 1;
        if sent >= self.latest.from && at <= self.end() {
            self.latest.late += 1;
        }
    }

    /// The stall with the most late answers, if most late answers came after stalls.
    pub(super) fn most(mut self) -> Option<Stall> {
        self.settle();
        (self.late * 2 > self.all).then_some(self.most)
    }

    /// Until when answers of the latest silence come together.
    fn end(&self) -> Duration {
        self.latest.until.saturating_add(self.latest.length() / 2)
    }

    fn settle(&mut self) {
        if self.latest.late >= LEAST {
            self.late += self.latest.late;
            self.most = if self.latest.late > self.most.late { self.latest } else { self.most };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(time: u64) -> Duration {
        Duration::from_millis(time)
    }

    #[test]
    fn a_stall_is_where_late_answers_come_together_after_a_silence() {
        let mut stalls = Stalls::default();
        (0..30).for_each(|at| stalls.heard(ms(at * 100)));
        for sent in 30..80 {
            stalls.heard(ms(9000 + sent));
            stalls.came_late(ms(sent * 100), ms(9000 + sent));
        }
        let expected = Stall { from: ms(2900), until: ms(9030), late: 50 };
        assert_eq!(stalls.most(), Some(expected));
    }

    #[test]
    fn a_server_that_takes_one_after_the_other_does_not_stand_still() {
        for (each, before) in [(400, 100), (3000, 50), (100, 100)] {
            let mut stalls = Stalls::default();
            for number in 1..30 {
                stalls.heard(ms(number * each + 1500));
                stalls.came_late(ms(number * before), ms(number * each + 1500));
            }
            assert_eq!(stalls.most(), None, "{each}");
        }
    }
}
