//! When something happened whose age a daemon reports. It says so at some time between the question and its answer, which may be
//! seconds, so that of the time only bounds are known.

/// Seconds since 1970 that follow from whole seconds of another clock differ by this.
pub(super) const ROUNDING: i64 = 2;

/// The earliest and the latest time at which it may have happened, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeSpan {
    pub(super) earliest: i64,
    pub(super) latest: i64,
}

impl TimeSpan {
    /// That of an age in seconds that was reported between these times.
    pub(super) fn ago(age: i64, asked: i64, answered: i64) -> Self {
        let at = |time: i64| time.saturating_sub(age);
        Self { earliest: at(asked).saturating_sub(ROUNDING), latest: at(answered).saturating_add(ROUNDING) }
    }

    /// Whether both may be of one event.
    fn overlaps(self, other: Self) -> bool {
        self.earliest <= other.latest && other.earliest <= self.latest
    }

    fn seconds(self) -> i64 {
        self.latest.saturating_sub(self.earliest)
    }
}

/// Whether an event is still the one of before.
pub(super) fn is_same(before: Option<TimeSpan>, now: Option<TimeSpan>) -> bool {
    match (before, now) {
        (Some(before), Some(now)) => before.overlaps(now),
        (before, now) => before.is_none() == now.is_none(),
    }
}

/// What is known of an event that is the same: the narrower bounds, and of equal ones the later, as clocks drift.
pub(super) fn known(before: Option<TimeSpan>, now: Option<TimeSpan>) -> Option<TimeSpan> {
    match (before, now) {
        (Some(before), Some(now)) if before.seconds() < now.seconds() => Some(before),
        (_, now) => now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_answer_is_no_restart_and_a_restart_is_one() {
        // Asked at the first time, answered at the second, with this age; whether it is the event of second 1000.
        for (asked, answered, age, expected) in [
            (1100, 1100, 100, true),
            (1100, 1100, 101, true),
            (1100, 1100, 98, true),
            // Answered at once after the time in a queue, or in the end.
            (1100, 1108, 100, true),
            (1100, 1108, 108, true),
            (1100, 1108, 104, true),
            (1100, 1100, 90, false),
            (1100, 1108, 20, false),
            (1100, 1108, 130, false),
            (1100, 1100, 0, false),
        ] {
            let before = Some(TimeSpan::ago(10, 1010, 1010));
            let now = Some(TimeSpan::ago(age, asked, answered));
            assert_eq!(is_same(before, now), expected, "{asked} {answered} {age}");
            assert_eq!(is_same(now, before), expected, "{asked} {answered} {age}, in the other order");
        }
        assert!(is_same(None, None) && !is_same(None, Some(TimeSpan::ago(0, 1, 1))));
    }

    #[test]
    fn a_late_answer_hides_no_later_restart() {
        let before = Some(TimeSpan::ago(10, 1010, 1010));
        let late = Some(TimeSpan::ago(100, 1100, 1130));
        assert_eq!(known(before, late), before);
        assert!(!is_same(known(before, late), Some(TimeSpan::ago(100, 1125, 1125))));
        let drifted = Some(TimeSpan::ago(100, 1101, 1101));
        assert_eq!(known(before, drifted), drifted);
    }
}
