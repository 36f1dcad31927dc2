//! When a message is sent again, and for how long an answer is waited for.

use std::time::Duration;

/// The waits of one message: the first, and what becomes of it with each try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// The wait after the first try; each later one is twice as long.
    pub first: Duration,
    /// No wait is longer.
    pub most: Duration,
    /// How often the message is sent; 0 is without end.
    pub tries: u32,
    /// How far waits are spread, so that clients do not speak all at once.
    pub spread: Spread,
}

/// How far a wait may be from its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// Not at all.
    None,
    /// A second longer or shorter, a quarter at most (RFC 2131 section 4.1).
    Second,
    /// A tenth longer or shorter (RFC 8415 section 15).
    Tenth,
}

/// No wait grows beyond this (RFC 2131 section 4.1).
const MOST: Duration = Duration::from_secs(64);

impl Schedule {
    /// `tries` tries (0: without end), the first with this wait.
    #[must_use]
    pub fn tries(tries: u32, first: Duration) -> Self {
        Self { first, most: MOST.max(first), tries, spread: Spread::Second }
    }

    /// As RFC 2131 section 4.1 has it: 4, 8, 16, 32, 64 seconds.
    #[must_use]
    pub fn rfc2131(tries: u32) -> Self {
        Self::tries(tries, Duration::from_secs(4))
    }

    /// As RFC 8415 section 15 has it, from IRT, MRT (0: none) and MRC (0: without end).
    #[must_use]
    pub fn rfc8415(irt: Duration, mrt: Duration, mrc: u32) -> Self {
        let most = if mrt.is_zero() { Duration::MAX } else { mrt };
        Self { first: irt, most, tries: mrc, spread: Spread::Tenth }
    }

    /// How long to wait after this try, the first being 1. The last wait is exact: it is what the user asked for.
    #[must_use]
    pub fn wait(&self, try_number: u32, rng: &mut Rng) -> Duration {
        let doublings = try_number.saturating_sub(1).min(30);
        let wait = self.first.saturating_mul(1 << doublings).min(self.most);
        if try_number == self.tries {
            return wait;
        }
        let reach = match self.spread {
            Spread::None => return wait,
            Spread::Second => Duration::from_secs(1).min(wait / 4),
            Spread::Tenth => wait / 10,
        };
        wait.saturating_sub(reach).saturating_add(rng.below(reach.saturating_mul(2)))
    }
}

/// Numbers that look random, the same for the same seed; nothing secret depends on them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rng(pub u64);

impl Rng {
    /// The next number (splitmix64).
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The next transaction number.
    pub fn xid(&mut self) -> u32 {
        let [a, b, c, d, ..] = self.next_u64().to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }

    fn below(&mut self, limit: Duration) -> Duration {
        let nanos = u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(self.next_u64().checked_rem(nanos).unwrap_or(0))
    }
}

/// The tries of one message so far.
#[derive(Debug, Clone)]
pub struct Pace {
    schedule: Schedule,
    tried: u32,
    began: Duration,
    latest: Duration,
    wait: Duration,
}

impl Pace {
    /// Before the first try.
    #[must_use]
    pub fn new(schedule: Schedule) -> Self {
        Self { schedule, tried: 0, began: Duration::ZERO, latest: Duration::ZERO, wait: Duration::ZERO }
    }

    /// A try is made now; gives the time since the first.
    pub fn try_now(&mut self, now: Duration, rng: &mut Rng) -> Duration {
        if self.tried == 0 {
            self.began = now;
        }
        self.tried = self.tried.saturating_add(1);
        self.latest = now;
        self.wait = self.schedule.wait(self.tried, rng);
        now.saturating_sub(self.began)
    }

    /// The latest try really left at this moment.
    pub fn left(&mut self, at: Duration) {
        self.latest = at;
    }

    /// How many tries were made.
    #[must_use]
    pub fn tried(&self) -> u32 {
        self.tried
    }

    /// When the latest try left.
    #[must_use]
    pub fn latest(&self) -> Duration {
        self.latest
    }

    /// When the wait for an answer to the latest try is over.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        self.latest.saturating_add(self.wait)
    }

    /// Whether there is another try after the latest.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.schedule.tries == 0 || self.tried < self.schedule.tries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(waits: impl IntoIterator<Item = Duration>) -> Vec<f64> {
        waits.into_iter().map(|wait| wait.as_secs_f64()).collect()
    }

    #[test]
    fn waits_double_up_to_64_seconds_within_a_second() {
        let schedule = Schedule::rfc2131(0);
        for seed in 0..200 {
            let mut rng = Rng(seed);
            let waits = seconds((1..=7).map(|number| schedule.wait(number, &mut rng)));
            for (wait, middle) in waits.iter().zip([4.0, 8.0, 16.0, 32.0, 64.0, 64.0, 64.0]) {
                assert!((wait - middle).abs() <= 1.0, "{waits:?}");
            }
        }
        assert_ne!(schedule.wait(1, &mut Rng(1)), schedule.wait(1, &mut Rng(2)));
    }

    #[test]
    fn the_last_wait_is_as_long_as_was_asked_for() {
        let schedule = Schedule::tries(2, Duration::from_secs(5));
        assert_eq!(schedule.wait(2, &mut Rng(1)), Duration::from_secs(10));
        assert_eq!(Schedule::tries(1, Duration::from_secs(90)).wait(1, &mut Rng(9)), Duration::from_secs(90));
    }

    #[test]
    fn dhcpv6_waits_are_spread_by_a_tenth_up_to_their_limit() {
        let schedule = Schedule::rfc8415(Duration::from_secs(1), Duration::from_secs(120), 0);
        let mut rng = Rng(3);
        let waits = seconds((1..=10).map(|number| schedule.wait(number, &mut rng)));
        for (wait, middle) in waits.iter().zip([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 120.0, 120.0, 120.0]) {
            assert!((wait / middle - 1.0).abs() <= 0.1, "{waits:?}");
        }
    }

    #[test]
    fn a_wait_for_ever_does_not_overflow() {
        let schedule = Schedule { tries: 0, ..Schedule::tries(0, Duration::MAX) };
        assert_eq!(schedule.wait(u32::MAX, &mut Rng(1)).as_secs() >> 32, Duration::MAX.as_secs() >> 32);
    }
}
