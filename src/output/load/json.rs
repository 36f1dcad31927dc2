//! One JSON document with all of a report.

use serde_json::{Map, Value, json};

use super::{Heading, Outcome};
use crate::dhcp::v6::StatusCode;
use crate::load::{Leases, Limit, Loss, MessageReport, Own, Quantiles, Report, SearchEnd, Stop, hints, silence};
use crate::text::terminal_safe_json;

/// The document; times are in milliseconds.
#[must_use]
pub fn write(heading: &Heading, report: &Report, outcome: &Outcome<'_>) -> String {
    let parts = [asked(heading, report, outcome), came(report), own(&report.own), leases(&report.leases)];
    let mut document: Map<_, _> = parts.into_iter().flatten().collect();
    document.insert("steps".into(), steps(report).into());
    document.insert("seconds".into(), seconds(report).into());
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{}\n", terminal_safe_json(&text))
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn asked(heading: &Heading, report: &Report, outcome: &Outcome<'_>) -> Map<String, Value> {
    let missed = outcome.missed.iter().map(|it| json!({"expected": it.expected, "found": it.found}));
    members(json!({
        "exchange": heading.exchange,
        "clients": report.clients,
        "target": heading.target,
        "valid": report.invalid.is_empty(),
        "invalid-because": report.invalid,
        "exit-status": outcome.status,
        "exit-because": outcome.because,
        "stopped-because": report.stop.as_ref().map(Stop::name),
        "no-answer": report.silence.map(silence),
        "unlisted-server": report.stop.as_ref().and_then(unlisted),
        "expectations-missed": missed.collect::<Vec<_>>(),
        "hints": hints(report),
    }))
}

fn came(report: &Report) -> Map<String, Value> {
    let messages: Map<_, _> = report.messages.iter().map(|one| (one.message.name().to_owned(), message(one))).collect();
    members(json!({
        "rate-asked": report.rate_asked,
        "rate-achieved": report.rate_achieved.map(rounded),
        "rate-found": report.search.as_ref().and_then(found),
        "limited": report.search.as_ref().map(is_limited),
        "search": report.search.as_ref().map(search),
        "rate-held": report.held,
        "duration-s": rounded(report.length.as_secs_f64()),
        "exchanges": {
            "started": report.started,
            "completed": report.completed,
            "latency-ms": quantiles(&report.exchange_latency),
        },
        "messages": messages,
        "servers": servers(report),
        "server-drops": report.server_drops,
    }))
}

fn own(own: &Own) -> Map<String, Value> {
    members(json!({
        "late-sent": own.late_sent,
        "longest-delay-ms": (own.sent > 0).then(|| milliseconds(own.latest)),
        "own-drops": own.drops,
        "no-free-client": own.no_client,
        "not-sent": own.unsent,
        "unknown-transaction": own.unknown,
        "earlier-exchange": own.stale,
        "damaged": own.damaged,
        "unreachable": own.unreachable,
        "unreachable-because": own.unreachable_because,
        "cpu-share": rounded(own.cpu),
    }))
}

fn leases(leases: &Leases) -> Map<String, Value> {
    members(json!({
        "leases-given": leases.given,
        "leases-taken": leases.taken,
        "leases-refused": leases.refused,
        "leases-released": leases.released,
        "leases-only-asked": leases.only_asked,
        "leases-unconfirmed": leases.unconfirmed,
        "leases-left": leases.left,
        "leases-kept": leases.are_kept,
        "shortest-lease-time-s": leases.shortest,
    }))
}

fn message(one: &MessageReport) -> Value {
    let mut document = json!({
        "sent": one.sent,
        "lost": lost(one),
    });
    if let (true, Some(members)) = (one.is_answered, document.as_object_mut()) {
        members.insert("answered".into(), one.answered.into());
        members.insert("sent-again".into(), one.again.into());
        members.insert("duplicates".into(), one.duplicates.into());
        members.insert("from-other-servers".into(), one.others.into());
        members.insert("latency-ms".into(), quantiles(&one.from_intended));
        members.insert("latency-since-sending-ms".into(), quantiles(&one.from_sending));
        if one.late.count > 0 {
            members.insert("late-after-ms".into(), quantiles(&one.late));
        }
    }
    document
}

fn lost(one: &MessageReport) -> Value {
    let mut causes = Map::new();
    for loss in Loss::ALL {
        causes.insert(loss.name().into(), one.lost.of(loss).into());
    }
    let refused: Map<_, _> =
        one.lost.refused().map(|(code, count)| (StatusCode(code).to_string(), count.into())).collect();
    causes.insert("refused".into(), refused.into());
    let unusable: Map<_, _> = one.lost.unusable().map(|(why, count)| (why.name().to_owned(), count.into())).collect();
    causes.insert("unusable".into(), unusable.into());
    causes.into()
}

fn servers(report: &Report) -> Vec<Value> {
    let server = |it: &crate::load::ServerReport| {
        json!({
            "server": it.identity.to_string(),
            "source": it.source.ip().to_string(),
            "answers": it.answers,
            "refusals": it.refusals,
            "latency-since-sending-ms": quantiles(&it.latency),
        })
    };
    report.servers.iter().map(server).collect()
}

fn steps(report: &Report) -> Vec<Value> {
    let step = |it: &crate::load::StepReport| {
        json!({
            "rate": it.step.rate,
            "duration-s": it.step.length.as_secs_f64(),
            "started": it.started,
            "completed": it.completed,
            "sent": it.sent,
            "lost": it.lost,
            "valid": it.is_valid,
            "holds": it.holds,
            "latency-ms": quantiles(&it.latency),
        })
    };
    report.steps.iter().map(step).collect()
}

fn seconds(report: &Report) -> Vec<Value> {
    let second = |it: &crate::load::Second| {
        json!({
            "started": it.started,
            "completed": it.completed,
            "answered": it.answered,
            "lost": it.lost,
            "p50-ms": (it.answered > 0).then(|| milliseconds(it.p50)),
            "p99-ms": (it.answered > 0).then(|| milliseconds(it.p99)),
        })
    };
    report.seconds.iter().map(second).collect()
}

fn unlisted(stop: &Stop) -> Option<Value> {
    match stop {
        Stop::UnlistedServer { identity, source } => {
            Some(json!({"server": identity.to_string(), "source": source.ip().to_string()}))
        }
        _ => None,
    }
}

fn found(end: &SearchEnd) -> Option<f64> {
    match end {
        SearchEnd::Found { rate, .. } => Some(*rate),
        _ => None,
    }
}

/// Whether the server may bear more than the rate that was found.
fn is_limited(end: &SearchEnd) -> bool {
    matches!(
        end,
        SearchEnd::Found { limit: Limit::Rate | Limit::Clients | Limit::Generator, .. } | SearchEnd::Late { .. }
    )
}

/// How a search ended; a rate that was found with what keeps it from being higher.
fn search(end: &SearchEnd) -> &'static str {
    match end {
        SearchEnd::Found { limit: Limit::Server, .. } => "server",
        SearchEnd::Found { limit: Limit::Rate, .. } => "limit-rate",
        SearchEnd::Found { limit: Limit::Clients, .. } => "clients",
        SearchEnd::Found { limit: Limit::Generator, .. } | SearchEnd::Late { .. } => "this-machine",
        SearchEnd::Nothing { .. } => "nothing-holds",
        SearchEnd::Unstable { .. } => "unstable",
        SearchEnd::PoolExhausted { .. } => "pool-exhausted",
        SearchEnd::NoAnswer { .. } => "no-answer",
        SearchEnd::Stopped => "stopped",
    }
}

fn quantiles(it: &Quantiles) -> Value {
    if it.count == 0 {
        return Value::Null;
    }
    let [p50, p90, p99, p999, max] = [it.p50, it.p90, it.p99, it.p999, it.max].map(milliseconds);
    json!({"p50": p50, "p90": p90, "p99": p99, "p999": p999, "max": max})
}

fn milliseconds(time: std::time::Duration) -> f64 {
    rounded(time.as_secs_f64() * 1000.0)
}

/// Three digits after the point are as many as are known.
fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}
