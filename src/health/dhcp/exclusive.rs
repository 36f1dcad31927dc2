//! Whether only the servers answer that may.

use crate::probe::plan::Target;
use crate::probe::{Identity, ProbeAnswer};

/// What is wrong if a server answers that is not given with `--server`.
pub(super) fn uninvited(answer: &ProbeAnswer, answers: &[ProbeAnswer], target: &Target) -> Option<String> {
    if is_named(answer, target) {
        return None;
    }
    let identity = answer.identity();
    // If the server that has this address as its identifier answers too, the other is not that server.
    let has_own = answers.iter().any(|other| other.identity() == source(answer));
    if target.required.contains(&source(answer)) && !has_own {
        let mac = answer.mac.map_or_else(String::new, |mac| format!(" ({mac})"));
        let what = format!("{}{mac} answers with the identifier {identity}", answer.source.ip());
        return Some(format!("{what}: give -s {identity} as well if that is your server"));
    }
    Some(format!("another server answers: {identity} (from {})", sender(answer)))
}

/// Whether `--server` names the server: by its identifier. By the address that it sends from only where that is all there is
/// to go by: in DHCPv6, where the identifier is a DUID; and through a relay, which is named then.
fn is_named(answer: &ProbeAnswer, target: &Target) -> bool {
    let identity = answer.identity();
    let by_source = matches!(identity, Identity::Duid(_)) || answer.relay.is_some();
    target.required.iter().any(|server| *server == identity || (by_source && answer.is_from(server)))
}

/// Servers with the identifier of another. A server may answer one message by several relays, which have hardware addresses of
/// their own; the direct answers are all from one, or from interfaces of which each address is given with `--server`.
pub(super) fn under_one_name(answers: &[ProbeAnswer], target: &Target) -> Vec<String> {
    let is_direct = |answer: &&ProbeAnswer| answer.source.is_ipv4() && answer.relay.is_none();
    let direct: Vec<_> = answers.iter().filter(is_direct).collect();
    let mut faults = Vec::new();
    for (place, answer) in direct.iter().enumerate() {
        let before: Vec<_> = direct[..place].iter().filter(|other| has_one_name(other, answer)).collect();
        let is_known = before.iter().any(|other| is_one(other, answer));
        let other = before.into_iter().find(|other| !are_interfaces(other, answer, target));
        faults.extend(other.filter(|_| !is_known).map(|other| both(other, answer)));
    }
    faults
}

fn has_one_name(a: &ProbeAnswer, b: &ProbeAnswer) -> bool {
    (a.phase, a.link, a.identity()) == (b.phase, b.link, b.identity())
}

/// Whether both are from one interface.
fn is_one(a: &ProbeAnswer, b: &ProbeAnswer) -> bool {
    match (a.mac, b.mac) {
        (Some(one), Some(other)) => one == other,
        _ => a.source.ip() == b.source.ip(),
    }
}

/// Whether both may answer, each by its own address.
fn are_interfaces(a: &ProbeAnswer, b: &ProbeAnswer, target: &Target) -> bool {
    source(a) != source(b) && [a, b].iter().all(|answer| target.required.contains(&source(answer)))
}

/// What is said of two that have one identifier.
fn both(a: &ProbeAnswer, b: &ProbeAnswer) -> String {
    let kind = if a.mac.is_some() && b.mac.is_some() { "hardware addresses" } else { "addresses" };
    let hint = if source(a) == source(b) { "" } else { " (-s for each address accepts it)" };
    let senders = format!("{} and {}", sender(a), sender(b));
    format!("answers as {} come from two {kind} ({senders}): two servers, or two interfaces of one{hint}", a.identity())
}

fn source(answer: &ProbeAnswer) -> Identity {
    Identity::Address(answer.source.ip())
}

/// `192.0.2.1, 02:00:5e:00:53:01`.
fn sender(answer: &ProbeAnswer) -> String {
    let mac = answer.mac.map_or_else(String::new, |mac| format!(", {mac}"));
    format!("{}{mac}", answer.source.ip())
}
