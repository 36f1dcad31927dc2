//! How long late answers are waited for at the end, so that they are not taken for silence.

use std::time::Duration;

use super::super::fate::Loss;
use super::super::waits::Waits;
use super::{Generator, Stop};

/// So long after the last timeout, and twice as long as the latest answer took, but not longer than the second time.
const LINGERS: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(10)];

impl Generator {
    /// Until when late answers are waited for; `None` if none may come, or the run was ended.
    pub(super) fn linger_end(&self) -> Option<Duration> {
        // Clients of a storm have waited for minutes.
        let Waits::Once(timeout) = self.waits else { return None };
        let is_over = !matches!(self.stop, None | Some(Stop::Loss | Stop::Silence));
        let is_silent = self.tallies.iter().any(|(_, tally)| tally.lost.of(Loss::Silence) > 0);
        if is_over || !is_silent {
            return None;
        }
        let lateness = self.tallies.iter().filter_map(|(_, tally)| tally.lateness.as_ref());
        let longest = lateness.map(|lateness| lateness.quantiles().max).max().unwrap_or_default();
        let [least, most] = LINGERS;
        let after_timeout = longest.saturating_mul(2).saturating_sub(timeout).clamp(least, most);
        Some(self.last_asked.saturating_add(timeout).saturating_add(after_timeout))
    }
}
