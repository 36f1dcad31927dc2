//! Whether a run says something about the server, or about the generator.

use super::report::Own;
use crate::text::{count, milliseconds};

/// More late messages than this share make the 99th percentile the generator's, not the server's.
const LATE_SHARE: u64 = 100;
/// Fewer are chance, of however few messages.
const LATE_LEAST: u64 = 10;

/// Why the figures of a run do not count; empty if they do.
#[must_use]
pub fn invalid_because(own: &Own) -> Vec<String> {
    let mut reasons = Vec::new();
    if own.late_sent >= LATE_LEAST && own.late_sent * LATE_SHARE > own.sent {
        let latest = milliseconds(own.latest);
        reasons.push(format!(
            "{} of {} left more than 10 ms late (up to {latest}): this machine was too busy or too slow",
            own.late_sent,
            count(own.sent, "message"),
        ));
    }
    if own.drops > 0 {
        reasons
            .push(format!("{} lost in the receive buffer of this program's own socket", count(own.drops, "datagram")));
    }
    if own.no_client > 0 {
        reasons.push(format!(
            "{} not begun, since every client was still waiting: more clients (-R) are needed",
            count(own.no_client, "exchange"),
        ));
    }
    if own.unsent > 0 {
        let why = own.unsent_because.as_deref().unwrap_or("no reason is known");
        reasons.push(format!("{} not sent: {why}", count(own.unsent, "message")));
    }
    reasons
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_run_counts_unless_the_generator_failed_it() {
        let own = Own { sent: 10_000, late_sent: 100, ..Own::default() };
        assert!(invalid_because(&own).is_empty());
        assert!(invalid_because(&Own { sent: 50, late_sent: 9, ..Own::default() }).is_empty());
        let failed =
            Own { late_sent: 101, latest: Duration::from_millis(1500), drops: 1, no_client: 2, unsent: 3, ..own };
        let reasons = invalid_because(&failed).join("\n");
        for part in
            ["101 of 10000 messages", "1500.000 ms", "1 datagram lost", "2 exchanges not begun", "3 messages not"]
        {
            assert!(reasons.contains(part), "{reasons}");
        }
    }
}
