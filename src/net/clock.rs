//! The machine's clocks, converted to one time scale.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Time since it was made.
pub(super) struct Clock(Instant);

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "the time of packets is the kernel's, never a test's")]
    pub(super) fn new() -> Self {
        Self(Instant::now())
    }

    pub(super) fn now(&self) -> Duration {
        self.0.elapsed()
    }

    /// Unix time when it was made.
    pub(super) fn epoch(&self) -> Duration {
        Self::unix().saturating_sub(self.now())
    }

    /// The time of a kernel timestamp, which is in Unix time. Both clocks are read now, so that setting the clock does not
    /// change the times of earlier packets.
    pub(super) fn moment(&self, stamp: Option<Duration>) -> Duration {
        let age = stamp.map(|stamp| Self::unix().saturating_sub(stamp)).unwrap_or_default();
        self.now().saturating_sub(age)
    }

    #[expect(clippy::disallowed_methods, reason = "the time of packets is the kernel's, never a test's")]
    fn unix() -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }
}
