//! High availability: whether this server and its partner together serve every client.
//!
//! The member "in-touch" is not used: it is true as soon as any state of the partner is known, even "unavailable"
//! (measured with Kea 2.2.0). Relevant are this server's state, whether the partner answers, and which server serves which
//! scope.

use super::answer::{Partner, Relationship};
use super::facts::Instance;
use super::{Finding, Thresholds, Verdict, duration};
use crate::config::Daemon;
use crate::health::State;

/// What was heard so many seconds ago is new: a heartbeat is sent every 10 seconds, unless another delay is configured.
const FRESH: i64 = 30;

/// The state of a partner about which nothing is known.
const UNHEARD: &str = "unavailable";

/// What is wrong between this server and its partners. `is_out` is whether it serves no client, whatever its state.
pub(super) fn ha(instance: &Instance, thresholds: &Thresholds, now: i64, is_out: bool) -> Vec<Finding> {
    // The other daemons have no partners, whatever is expected of the servers.
    if !matches!(instance.daemon, Daemon::Dhcp4 | Daemon::Dhcp6) {
        return Vec::new();
    }
    // A server that is too old for the command has reported nothing either.
    let Some(status) = instance.status().filter(|status| status.pid.is_some()) else {
        return thresholds.expect_ha.as_deref().map(untold).into_iter().collect();
    };
    let relationships = &status.high_availability;
    let mut findings = Vec::new();
    let is_young = instance.uptime(now).is_some_and(|uptime| uptime < thresholds.ha_grace);
    for relationship in relationships {
        let partner = relationship.partner.as_ref();
        let state = by_state(relationship, is_young, thresholds, is_out);
        let is_told = state.as_ref().is_some_and(|finding| finding.id == "ha-partner-down");
        findings.extend(state);
        if !is_told {
            findings.extend(partner.and_then(|partner| silent_partner(relationship, partner)));
        }
        findings.extend(unserved(relationship));
        findings.extend(partner.and_then(|partner| claimed_twice(relationship, partner)));
        findings.extend(partner.and_then(|partner| clocks(partner, thresholds.clock_skew)));
    }
    findings.extend(thresholds.expect_ha.as_deref().and_then(|mode| unexpected(relationships, mode)));
    findings.extend(backup(relationships));
    findings
}

/// A backup server keeps the leases up to date and serves only when an administrator makes it serve.
fn backup(relationships: &[Relationship]) -> Option<Finding> {
    let is_backup = !relationships.is_empty() && relationships.iter().all(|it| it.state == "backup");
    let text = "high availability: it is a backup server, which keeps the leases and serves no client";
    is_backup.then(|| Finding::new("ha-backup", State::Ok, text).verdict(Verdict::Serving))
}

/// Whether its high-availability state is one in which a server disables DHCP by itself.
pub(super) fn explains_silence(relationship: &Relationship) -> bool {
    matches!(relationship.state.as_str(), "backup" | "waiting" | "syncing" | "ready" | "in-maintenance")
}

/// This server's own state.
fn by_state(relationship: &Relationship, is_young: bool, thresholds: &Thresholds, is_out: bool) -> Option<Finding> {
    let warned = |id, text: &str| Finding::new(id, State::Warning, format!("high availability: {text}"));
    let who = partner_name(relationship);
    let alone = |why: String| {
        if is_out { format!("{why}, and it serves no client either") } else { format!("it serves alone because {why}") }
    };
    Some(match relationship.state.as_str() {
        "load-balancing" | "hot-standby" | "passive-backup" | "backup" => return None,
        "waiting" | "syncing" | "ready" => not_ready(relationship, is_young),
        "communication-recovery" => {
            warned("ha-communication-recovery", &format!("{who} does not answer; it does not count as down yet"))
        }
        "partner-in-maintenance" => warned("ha-maintenance", &alone(format!("{who} is in maintenance"))),
        "in-maintenance" => {
            warned("ha-maintenance", &format!("it is in maintenance, and {who} serves")).verdict(Verdict::NotServing)
        }
        "partner-down" => {
            let text = format!("high availability: {}", alone(format!("{who} is down")));
            Finding::new("ha-partner-down", thresholds.partner_down, text)
        }
        "terminated" => Finding::new(
            "ha-terminated",
            State::Critical,
            "high availability has ended: the partners serve without synchronizing their leases; restart both"
                .to_owned(),
        ),
        "" | "unavailable" => {
            Finding::new("ha-unavailable", State::Critical, "high availability: it has no state".to_owned())
        }
        other => Finding::new("ha-unknown", State::Unknown, format!("high availability: unknown state {other}")),
    })
}

/// It does not serve yet. As long as its partner does, every client has a server.
fn not_ready(relationship: &Relationship, is_young: bool) -> Finding {
    let partner = partner_state(relationship);
    // A server that has just started has not reached its partner yet.
    let may_be_served = is_young && partner == UNHEARD;
    let state = if is_unserved(relationship) && !may_be_served { State::Critical } else { State::Warning };
    let since = if is_young { "" } else { ", for too long" };
    let text = format!(
        "high availability: it serves no client in state {}{since}; {} is {partner}",
        relationship.state,
        partner_name(relationship)
    );
    Finding::new("ha-not-ready", state, text).verdict(Verdict::NotServing)
}

/// Whether neither server serves a scope, as far as this one knows.
fn is_unserved(relationship: &Relationship) -> bool {
    relationship.scopes.is_empty() && relationship.partner.as_ref().is_none_or(|it| it.last_scopes.is_empty())
}

/// A pair that should serve, but neither server has a scope.
fn unserved(relationship: &Relationship) -> Option<Finding> {
    let should = matches!(
        relationship.state.as_str(),
        "load-balancing" | "hot-standby" | "communication-recovery" | "partner-down" | "partner-in-maintenance"
    );
    if !should || !is_unserved(relationship) {
        return None;
    }
    // Once a partner is ready, this server gives its scopes back; that the partner serves them comes with the next heartbeat.
    let is_taking_over = |it: &Partner| it.last_state == "ready" && it.age.is_some_and(|age| age <= FRESH);
    if relationship.partner.as_ref().is_some_and(is_taking_over) {
        let text =
            format!("high availability: {} is ready, and has just been given its scopes", partner_name(relationship));
        return Some(Finding::new("ha-partner-ready", State::Warning, text));
    }
    Some({
        let text = format!(
            "high availability: no client is served in state {}: neither it nor {} serves a scope",
            relationship.state,
            partner_name(relationship)
        );
        Finding::new("ha-no-server-serves", State::Critical, text).verdict(Verdict::NotServing)
    })
}

fn partner_name(relationship: &Relationship) -> String {
    let partner = relationship.partner.as_ref();
    match partner.and_then(|partner| partner.name.as_deref()) {
        Some(name) => format!("partner {name}"),
        None => "its partner".to_owned(),
    }
}

fn partner_state(relationship: &Relationship) -> &str {
    let state = relationship.partner.as_ref().map_or("", |partner| partner.last_state.as_str());
    if state.is_empty() { UNHEARD } else { state }
}

/// The partner does not answer, but the state has not changed yet.
fn silent_partner(relationship: &Relationship, partner: &Partner) -> Option<Finding> {
    if !partner.communication_interrupted || relationship.state == "communication-recovery" {
        return None;
    }
    let ago = partner.age.map_or_else(String::new, |age| format!(", last answer {} ago", duration(age)));
    let unacked = match (partner.unacked_clients, partner.unacked_clients_left) {
        (Some(unacked), Some(left)) if left > 0 => {
            format!("; {unacked} clients not served by it, {left} more until it counts as down")
        }
        _ => String::new(),
    };
    let text = format!("high availability: {} does not answer{ago}{unacked}", partner_name(relationship));
    Some(Finding::new("ha-communication-interrupted", State::Warning, text))
}

/// Both servers report that they serve the same clients.
fn claimed_twice(relationship: &Relationship, partner: &Partner) -> Option<Finding> {
    // The last report of a partner that no longer answers or is in maintenance does not count.
    let is_maintained = relationship.state == "partner-in-maintenance";
    if partner.communication_interrupted || is_maintained {
        return None;
    }
    let twice: Vec<&str> =
        relationship.scopes.iter().filter(|it| partner.last_scopes.contains(it)).map(String::as_str).collect();
    if twice.is_empty() {
        return None;
    }
    let text = format!("high availability: both servers serve scope {}", twice.join(", "));
    Some(Finding::new("ha-split-brain", State::Critical, text))
}

fn clocks(partner: &Partner, most: f64) -> Option<Finding> {
    /// Kea ends the partnership here.
    const END: f64 = 60.0;
    let skew = partner.clock_skew?;
    if skew.abs() < most {
        return None;
    }
    let state = if skew.abs() >= END { State::Critical } else { State::Warning };
    let text = format!("high availability: the partners' clocks differ by {skew} s; at {END} s it ends");
    Some(Finding::new("ha-clock-skew", state, text))
}

/// The mode is expected, but the server has not reported its mode.
fn untold(mode: &str) -> Finding {
    let text = format!("high availability: {mode} is expected, but its mode is unknown");
    Finding::new("ha-unexpected", State::Unknown, text)
}

fn unexpected(relationships: &[Relationship], mode: &str) -> Option<Finding> {
    let others: Vec<&str> = relationships.iter().map(|it| it.mode.as_str()).filter(|other| *other != mode).collect();
    let text = match (relationships.len(), &others[..]) {
        (0, _) => format!("high availability: {mode} is expected, but it is not configured"),
        (_, []) => return None,
        (_, others) => format!("high availability: {mode} is expected, not {}", others.join(", ")),
    };
    Some(Finding::new("ha-unexpected", State::Critical, text))
}
