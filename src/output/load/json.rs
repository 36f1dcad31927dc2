//! One JSON document with all of a report.

use serde_json::{Map, Value, json};

use super::Heading;
use crate::dhcp::v6::StatusCode;
use crate::load::{Loss, MessageReport, Missed, Quantiles, Report, Stop};
use crate::text::seemly_json;

/// The document; times are in milliseconds.
#[must_use]
pub fn write(heading: &Heading, report: &Report, missed: &[Missed]) -> String {
    let messages: Map<_, _> = report.messages.iter().map(|one| (one.message.name().to_owned(), message(one))).collect();
    let document = json!({
        "exchange": heading.exchange,
        "clients": heading.clients,
        "target": heading.target,
        "valid": report.invalid.is_empty(),
        "invalid-because": report.invalid,
        "stopped-because": report.stop.as_ref().map(stop),
        "rate-asked": report.rate_asked,
        "rate-achieved": rounded(report.rate_achieved),
        "rate-found": report.found,
        "duration-s": rounded(report.length.as_secs_f64()),
        "exchanges": {
            "started": report.started,
            "completed": report.completed,
            "latency-ms": quantiles(&report.exchange_latency),
        },
        "messages": messages,
        "servers": servers(report),
        "late-sent": report.own.late_sent,
        "longest-delay-ms": milliseconds(report.own.latest),
        "own-drops": report.own.drops,
        "no-free-client": report.own.no_client,
        "not-sent": report.own.unsent,
        "unknown-transaction": report.own.unknown,
        "earlier-exchange": report.own.stale,
        "damaged": report.own.damaged,
        "cpu-share": rounded(report.own.cpu),
        "leases-given": report.leases.given,
        "leases-released": report.leases.released,
        "leases-left": report.leases.left,
        "leases-kept": report.leases.are_kept,
        "shortest-lease-time-s": report.leases.shortest,
        "steps": steps(report),
        "seconds": seconds(report),
        "expectations-missed":
            missed.iter().map(|it| json!({"expected": it.expected, "found": it.found})).collect::<Vec<_>>(),
    });
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{}\n", seemly_json(&text))
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
            "p50-ms": milliseconds(it.p50),
            "p99-ms": milliseconds(it.p99),
        })
    };
    report.seconds.iter().map(second).collect()
}

fn stop(stop: &Stop) -> String {
    match stop {
        Stop::UnlistedServer { .. } => "unlisted-server",
        Stop::Loss => "loss",
        Stop::Interrupted => "interrupted",
    }
    .to_owned()
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
