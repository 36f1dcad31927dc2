//! Everything that is known of the logs as one document.

use serde_json::{Value, json};

use super::{Moments, rows};
use crate::log::analysis::Analysis;
use crate::log::exchange::Cause;
use crate::log::family::{FamilyActivity, Tally, Visible};
use crate::log::finding;
use crate::log::line::Server;
use crate::log::tenancy::State;

/// The document.
pub(crate) fn document(analysis: &Analysis, notes: &[String], moments: &mut Moments) -> Value {
    let family = |is_v6, moments: &mut Moments| match analysis.family(is_v6) {
        family if family.visible.is_seen => family_document(analysis, is_v6, family, moments),
        _ => Value::Null,
    };
    json!({
        "period": {"from": rows::moment(moments, analysis.first), "until": rows::moment(moments, analysis.last)},
        "messages": analysis.messages,
        "clients": analysis.clients.len(),
        "notes": notes,
        "visible": {"dhcp4": visible(&analysis.v4), "dhcp6": visible(&analysis.v6)},
        "servers": servers(analysis),
        "dhcp4": family(false, moments),
        "dhcp6": family(true, moments),
        "commands": commands(analysis),
        "signals-or-commands": unsure(analysis),
        "commands-unreadable": analysis.commands.unreadable,
        "requests-refused": analysis.shows_requests.then_some(analysis.commands.refused),
        "ha": transitions(analysis, moments),
        "starts": starts(analysis, moments),
        "stops": stops(analysis, moments),
        "disabled": disabled(analysis, moments),
        "reloads": reloads(analysis, moments),
        "database": losses(analysis, moments),
        "ddns": ddns(analysis),
        "callouts": rows::hooks(analysis),
        "errors": errors(analysis, moments),
        "findings": findings(analysis, moments),
    })
}

fn visible(family: &FamilyActivity) -> Value {
    let Visible { is_seen, packets, answers, leases, expiry, decisions, drops, names, callouts } = family.visible;
    if !is_seen {
        return Value::Null;
    }
    json!({
        "requests": packets,
        "answers": answers,
        "naks": answers,
        "durations": family.service.count() > 0,
        "leases": leases,
        "expiry": expiry,
        "decisions": decisions,
        "drops": drops,
        "names": names,
        "callouts": callouts,
        "partial": partial(family),
    })
}

/// What the log shows for a part of the time only.
fn partial(family: &FamilyActivity) -> Vec<&'static str> {
    let of_packets = ["requests", "answers", "naks", "durations"].into_iter().filter(|_| family.has_some_packets());
    let of_decisions = ["decisions", "callouts"].into_iter().filter(|_| family.has_some_decisions());
    of_packets.chain(of_decisions).collect()
}

fn servers(analysis: &Analysis) -> Vec<Value> {
    let all = analysis.instances.iter().filter(|instance| instance.server != Server::Unknown);
    all.map(|instance| {
        json!({
            "server": instance.name(),
            "daemon": instance.server.name(),
            "host": instance.host.name(),
            "release": instance.release.map(|release| release.to_string()),
            "messages": instance.messages,
        })
    })
    .collect()
}

fn family_document(analysis: &Analysis, is_v6: bool, family: &FamilyActivity, moments: &mut Moments) -> Value {
    let visible = family.visible;
    // Whether a REPLY gave a lease shows in the lines about leases alone.
    let has_acknowledged = if is_v6 { visible.leases } else { visible.answers || visible.leases };
    let has_answers = visible.answers || visible.leases;
    let offers = analysis.unanswered_offers();
    let is_own = |address: &std::net::IpAddr| address.is_ipv6() == is_v6;
    let offers =
        offers.iter().filter(|(_, attempt)| attempt.leases.first().is_some_and(|lease| is_own(&lease.address)));
    let stays = analysis.stays_at_end();
    let stays_in = |state| stays.iter().filter(|stay| is_own(&stay.address) && stay.state == state).count();
    let times = (family.service.count() > 0).then(|| {
        let percentile = |percent| rows::millis(family.service.percentile(percent));
        json!({"p50": percentile(50), "p99": percentile(99), "max": rows::millis(family.service.most())})
    });
    let mut document = json!({
        "requests": visible.packets.then_some(&family.requests),
        "answers": has_answers.then_some(&family.answers),
        "acknowledged": has_acknowledged.then_some(family.acknowledged),
        "unanswered-offers": has_answers.then(|| offers.count()),
        "leases-active": analysis.knows_leases(is_v6).then(|| stays_in(State::Active)),
        "leases-declined": analysis.knows_leases(is_v6).then(|| stays_in(State::Declined)),
        "service-time-ms": times,
        "allocation-failures": failures(family),
        "unknown-relays": if is_v6 { Value::Null } else { relays(family) },
        "declined": declined(analysis, family, moments),
        "dropped": visible.drops.then(|| counts(&family.drops)),
        "unreadable-packets": family.bad_packets,
    });
    if !is_v6 {
        let naks: u64 = family.naks.values().map(|tally| tally.count).sum();
        document["naks-sent"] = visible.answers.then_some(naks).into();
        document["naks"] = if visible.answers { causes(&family.naks_by_cause()) } else { Value::Null };
    }
    document
}

fn causes(counted: &std::collections::BTreeMap<Option<Cause>, Tally>) -> Value {
    let all = counted.iter().map(|(cause, tally)| json!({"cause": cause.map(Cause::word), "count": tally.count}));
    all.collect::<Vec<_>>().into()
}

fn counts(counted: &std::collections::BTreeMap<String, Tally>) -> Value {
    counted.iter().map(|(name, tally)| json!({"id": name, "count": tally.count})).collect::<Vec<_>>().into()
}

fn failures(family: &FamilyActivity) -> Vec<Value> {
    let all = family.failures.iter().map(|((scope, cause), tally)| {
        json!({
            "subnet-id": scope.subnet_id,
            "subnet": scope.subnet,
            "shared-network": scope.network,
            "cause": cause.word(),
            "count": tally.count,
        })
    });
    all.collect()
}

fn relays(family: &FamilyActivity) -> Value {
    let all =
        family.relays.iter().map(|(address, tally)| json!({"address": address.to_string(), "count": tally.count}));
    all.collect::<Vec<_>>().into()
}

fn declined(analysis: &Analysis, family: &FamilyActivity, moments: &mut Moments) -> Vec<Value> {
    let all = family.declined.iter().map(|declined| {
        json!({
            "address": declined.address.to_string(),
            "client": rows::client(&analysis.clients, declined.client),
            "time": rows::moment(moments, declined.time),
            "seconds": declined.seconds,
            "recovered": declined.is_recovered,
        })
    });
    all.collect()
}

fn commands(analysis: &Analysis) -> Vec<Value> {
    let own = analysis.commands.counts.iter().map(|((instance, command, user), count)| {
        json!({"server": analysis.name(*instance), "command": command, "user": user, "count": count})
    });
    // What the agent passed on to a daemon whose own log is not here.
    let is_here = |server: &Server| analysis.instances.iter().any(|instance| instance.server == *server);
    let passed = analysis.commands.forwarded.iter().filter(|((server, ..), _)| !is_here(server));
    let passed = passed.map(|((server, command, user), count)| {
        json!({"server": server.name(), "command": command, "user": user, "count": count})
    });
    own.chain(passed).collect()
}

fn unsure(analysis: &Analysis) -> Vec<Value> {
    let all = analysis.commands.unsure.iter().map(
        |((instance, command), count)| json!({"server": analysis.name(*instance), "command": command, "count": count}),
    );
    all.collect()
}

fn transitions(analysis: &Analysis, moments: &mut Moments) -> Vec<Value> {
    let all = analysis.side.transitions.iter().map(|change| {
        let server = change.name.as_deref().or_else(|| analysis.name(change.instance));
        json!({"server": server, "time": rows::moment(moments, change.time), "from": change.from, "to": change.to})
    });
    all.collect()
}

/// The host of a daemon, where its lines name it.
fn host(analysis: &Analysis, instance: usize) -> Option<String> {
    analysis.instances.get(instance)?.host.name()
}

fn starts(analysis: &Analysis, moments: &mut Moments) -> Vec<Value> {
    let all = analysis.life.starts.iter().map(|start| {
        json!({
            "server": analysis.name(start.instance),
            "host": host(analysis, start.instance),
            "time": rows::moment(moments, start.time),
            "pid": start.pid,
            "outcome": start.outcome.word(),
            "release": start.release.map(|release| release.to_string()),
            "after-death": start.is_after_death,
            "reason": start.reason,
        })
    });
    all.collect()
}

fn stops(analysis: &Analysis, moments: &mut Moments) -> Vec<Value> {
    let all = analysis.life.stops.iter().map(|stop| {
        json!({
            "server": analysis.name(stop.instance),
            "host": host(analysis, stop.instance),
            "time": rows::moment(moments, stop.time),
            "outcome": match stop {
                _ if stop.is_in_gap => "unknown",
                _ if stop.is_death => "died",
                _ => "shut-down",
            },
            "started-again": rows::moment(moments, stop.again),
        })
    });
    all.collect()
}

fn disabled(analysis: &Analysis, moments: &mut Moments) -> Vec<Value> {
    let all = analysis.commands.disabled.iter().map(|off| {
        json!({
            "server": analysis.name(off.instance),
            "from": rows::moment(moments, off.from),
            "until": rows::moment(moments, off.until),
        })
    });
    all.collect()
}

fn reloads(analysis: &Analysis, moments: &mut Moments) -> Vec<Value> {
    let all = analysis.life.reloads.iter().map(|reload| {
        json!({
            "server": analysis.name(reload.instance),
            "host": host(analysis, reload.instance),
            "time": rows::moment(moments, reload.time),
            "outcome": reload.outcome(),
            "outage-until": rows::moment(moments, reload.ended()),
            "reason": reload.reason,
        })
    });
    all.collect()
}

fn losses(analysis: &Analysis, moments: &mut Moments) -> Vec<Value> {
    let all = analysis.side.losses.iter().map(|loss| {
        json!({
            "server": analysis.name(loss.instance),
            "lost": rows::moment(moments, loss.lost),
            "back": rows::moment(moments, loss.back),
        })
    });
    all.collect()
}

fn ddns(analysis: &Analysis) -> Value {
    let ddns = &analysis.side.ddns;
    if !analysis.instances.iter().any(|instance| instance.server == Server::Ddns) {
        return Value::Null;
    }
    json!({
        "added": analysis.shows_updates.then_some(ddns.added),
        "removed": analysis.shows_updates.then_some(ddns.removed),
        "additions-failed": ddns.add_failed,
        "removals-failed": ddns.remove_failed,
        "timeouts": ddns.timeouts,
        "refused": ddns.refused,
        "failed-names": counts(&ddns.names),
        "names-without-zone": counts(&ddns.no_zone),
    })
}

fn errors(analysis: &Analysis, moments: &mut Moments) -> Vec<Value> {
    let all = analysis.warnings.iter().map(|(id, warning)| {
        json!({
            "id": id,
            "severity": warning.severity.name(),
            "count": warning.tally.count,
            "first": rows::moment(moments, warning.tally.first),
            "last": rows::moment(moments, warning.tally.last),
            "text": warning.sample,
        })
    });
    all.collect()
}

fn findings(analysis: &Analysis, moments: &mut Moments) -> Vec<Value> {
    let all = finding::findings(analysis).into_iter().map(|finding| {
        let tally = finding.tally.unwrap_or_default();
        json!({
            "grade": finding.grade.word(),
            "what": finding.what,
            "advice": finding.advice,
            "first": rows::moment(moments, tally.first),
            "last": rows::moment(moments, tally.last),
        })
    });
    all.collect()
}
