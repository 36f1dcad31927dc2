//! Whether a run says something about the server or about the generator, how it ended, and what may help.

use std::time::Duration;

use super::expectation::Missed;
use super::fate::Loss;
use super::kind::LoadMessage;
use super::report::{MessageReport, Own, Report, Silence, Stop};
use super::search::SearchEnd;
use super::stalls::Stall;
use super::step::Limit;
use crate::text::{count, milliseconds};

/// More late messages than this share make the 99th percentile the generator's, not the server's.
const LATE_SHARE: u64 = 100;
/// Fewer are chance, of however few messages.
const LATE_LEAST: u64 = 10;

/// Why the figures of a run do not count; empty if they do.
#[must_use]
pub fn invalid_because(own: &Own) -> Vec<String> {
    let mut reasons: Vec<String> = own.link.clone().into_iter().collect();
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
            "{} not begun, since every client was still waiting: give more clients with -R",
            count(own.no_client, "exchange"),
        ));
    }
    // Where the interface failed, that is the reason.
    if own.unsent > 0 && own.link.is_none() {
        let why = own.unsent_because.as_deref().unwrap_or("no reason is known");
        reasons.push(format!("{} not sent: {why}", count(own.unsent, "message")));
    }
    reasons
}

/// Why a search says too little about the server, if messages left late.
pub(super) fn late_search(end: &SearchEnd) -> Option<String> {
    match end {
        SearchEnd::Late { lowest } => {
            Some(format!("this machine: messages left late in each try, down to {lowest:.1} exchanges/s"))
        }
        SearchEnd::Found { rate, limit: Limit::Generator } => {
            Some(format!("this machine: messages left late in each try beyond {rate:.1} exchanges/s"))
        }
        _ => None,
    }
}

/// Why a ramp says nothing of the rates from this one on.
pub(super) fn late_step(rate: f64) -> String {
    format!("this machine: messages left late at {rate:.1} exchanges/s")
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Everything is as it should be.
    Good,
    /// It is not.
    Bad,
    /// The figures do not count.
    NotValid,
    /// The user ended it.
    Interrupted,
}

/// How a run ended, and why. Where the user `expects` something, that decides about losses.
#[must_use]
pub fn ending(report: &Report, missed: &[Missed], expects: bool) -> (Ending, Vec<String>) {
    let faults = faults(report, missed, expects);
    match () {
        () if report.stop == Some(Stop::Interrupted) => (Ending::Interrupted, vec!["interrupted".to_owned()]),
        () if !report.invalid.is_empty() => (Ending::NotValid, vec!["the run is not valid".to_owned()]),
        () if !faults.is_empty() => (Ending::Bad, faults),
        () => (Ending::Good, vec![good(report, expects)]),
    }
}

fn good(report: &Report, expects: bool) -> String {
    let answers = match &report.search {
        Some(_) => "a rate was found",
        None if expects => "all expectations are met",
        None if report.rate_asked.is_none() => "every client was served",
        None => "every message was answered",
    };
    let leases = if report.leases.are_kept { "leases are kept" } else { "no lease is left" };
    format!("{answers}, {leases}")
}

fn faults(report: &Report, missed: &[Missed], expects: bool) -> Vec<String> {
    let mut faults = Vec::new();
    if !missed.is_empty() {
        faults.push(format!("{} not met", count(missed.len() as u64, "expectation")));
    }
    let decides = !expects || !missed.is_empty();
    match &report.search {
        _ if report.silence.is_some() && decides => faults.extend(report.silence.map(silence)),
        Some(SearchEnd::Found { .. }) => {}
        Some(_) => faults.push("no rate was found".to_owned()),
        None if report.stop == Some(Stop::Loss) => faults.push("stopped because of loss".to_owned()),
        None if expects => {}
        // In a storm clients begin again until they have what they want.
        None if report.rate_asked.is_none() => {
            let without = report.started.saturating_sub(report.completed);
            faults.extend((without > 0).then(|| format!("{} got no lease", count(without, "client"))));
        }
        None if report.has_loss() => {
            faults.push(format!("{} of {} lost", report.lost(), count(report.sent(), "message")));
        }
        None => {}
    }
    if report.leases.left > 0 && !report.leases.are_kept {
        faults.push(format!("{} may be left", count(report.leases.left, "lease")));
    }
    faults
}

/// That no server answers, in words.
#[must_use]
pub fn silence(silence: Silence) -> String {
    match silence {
        Silence::Never => "no server answered".to_owned(),
        Silence::Since(last) => format!("the server stopped answering after {:.1} s", last.as_secs_f64()),
    }
}

/// What a user may do about what a report shows.
#[must_use]
pub fn hints(report: &Report) -> Vec<String> {
    let mut hints = if report.silence == Some(Silence::Never) { report.if_silent.clone() } else { Vec::new() };
    let most_are_late = report.answerable().find(|message| message.late.count > message.answered);
    match (report.stall, most_are_late, report.timeout) {
        (Some(stall), ..) => hints.push(stood_still(stall)),
        (None, Some(message), Some(timeout)) => hints.push(late(message, timeout)),
        _ => {}
    }
    if report.is_pool_exhausted {
        let clients = report.leases.taken.saturating_sub(report.leases.refused);
        hints.push(format!(
            "only clients without a lease got no answer, after {clients} had one: the pool may be exhausted; \
             give -R {clients} to use no further ones"
        ));
    }
    hints.extend(renewals(report));
    // A server of DHCPv6 hears what is sent on its own interface.
    let is_v4 = report.answerable().any(|it| matches!(it.message, LoadMessage::Discover | LoadMessage::Inform));
    if hints.is_empty()
        && is_v4
        && report.own.link.is_none()
        && report.servers.is_empty()
        && report.sent() > 0
        && report.stop.is_none()
    {
        let text = "no server answered: a server does not receive messages of clients on its own host; send from another \
                    host, or from another network namespace";
        hints.push(text.to_owned());
    }
    hints
}

/// What helps where a server of DHCPv4 answers clients without an address, but not those with one.
fn renewals(report: &Report) -> Option<String> {
    let is_v4 = report.answerable().any(|it| it.message == LoadMessage::Discover && it.answered > 0);
    let is_silent = |it: &MessageReport| it.sent > 0 && it.lost.of(Loss::Silence) == it.sent;
    let is_renewal = |it: &&MessageReport| matches!(it.message, LoadMessage::Renew | LoadMessage::Rebind);
    let renewals = report.answerable().filter(is_renewal).find(|it| is_silent(it))?;
    (is_v4 && !report.is_relayed).then(|| {
        format!(
            "no answer to {} came: ISC dhcpd answers to the leased address and asks for it by ARP, to which no host replies \
             here; --relay measures its renewals",
            renewals.message.name(),
        )
    })
}

/// Late answers that came together.
fn stood_still(stall: Stall) -> String {
    let [length, from] = [stall.length(), stall.from].map(|time| time.as_secs_f64());
    let late = count(stall.late, "late answer");
    format!("the server paused for {length:.1} s, after {from:.1} s: {late} came together when it continued")
}

/// What helps where most answers to a message are late: a longer wait, unless answers wait for each other.
fn late(message: &MessageReport, timeout: Duration) -> String {
    let (p50, p90) = (message.late.p50, message.late.p90);
    let name = message.message.name();
    let most = format!("most answers to {name} came later than -t {} (p90 {})", seconds(timeout), milliseconds(p90));
    let is_steady = p90 <= p50.mul_f64(1.0 + STEADY);
    match message.message {
        _ if is_steady => {
            format!("{most}: increase -t to {} to count them", seconds(Duration::from_secs(p90.as_secs() + 1)))
        }
        LoadMessage::Discover => format!(
            "{most}, each later than the one before: the server takes one after the other at less than this rate (-r). dnsmasq does \
             so while it pings an address before it offers it, for 3 s each; start it with --no-ping"
        ),
        _ => format!("{most}, each later than the one before: the server does not keep up with this rate (-r)"),
    }
}

/// How much longer than half of the late answers the slowest of them take, where all take the same.
const STEADY: f64 = 0.25;

/// `1s`, `0.5s`.
fn seconds(time: Duration) -> String {
    format!("{}s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
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
