//! Requests and answers of a DHCP server, from its counters and its log.
//!
//! A server whose subnets do not match its clients' networks reports no problem itself, but answers none of them.

use super::facts::Instance;
use super::{Finding, logged};
use crate::health::State;
use crate::time::{self, TimeStyle};

/// Fewer unanswered packets are normal, for example from clients that its classes exclude.
const MANY: u64 = 10;

/// Clients send requests and get no answer.
pub(super) fn traffic(instance: &Instance, now: i64) -> Option<Finding> {
    let may_be_silent = instance.status().is_some_and(|status| status.high_availability.iter().any(leaves_to_partner));
    if may_be_silent {
        return None;
    }
    let text = refused(instance, now).or_else(|| unanswered(instance)).or_else(|| ungranted(instance))?;
    Some(Finding::new("unanswered", State::Warning, text))
}

/// Whether the partner in this relationship serves some or all clients instead of this server.
fn leaves_to_partner(relationship: &super::answer::Relationship) -> bool {
    let least = if relationship.mode == "load-balancing" { 2 } else { 1 };
    relationship.scopes.len() < least
}

/// According to its log.
fn refused(instance: &Instance, now: i64) -> Option<String> {
    let log = instance.log.as_ref().filter(|log| !log.only_troubles)?;
    let refused = log.refused.as_ref().filter(|it| it.count >= MANY && logged::is_recent(log, &it.line, now))?;
    let (count, line) = (refused.count, &refused.line);
    let (why, remedy) = if line.id.ends_with("_NAK_0001") {
        ("it has no subnet for their network", "a subnet must have their network, interface or relay")
    } else {
        ("it had no free address for them", "check its pools, their classes and their leases")
    };
    let said = format!("{}{}: {}", line.id, logged::at(line), line.text.trim_end());
    Some(format!("it did not answer the last {count} packets of clients because {why} ({remedy}); {said}"))
}

/// According to its counters.
fn unanswered(instance: &Instance) -> Option<String> {
    let traffic = instance.traffic.as_ref()?;
    let before = traffic.before?;
    let asked = traffic.now.asked.checked_sub(before.counters.asked)?;
    let answered = traffic.now.answered.checked_sub(before.counters.answered)?;
    let since = time::show(before.time, TimeStyle::Local);
    (asked >= MANY && answered == 0).then(|| {
        format!(
            "it received {asked} packets from clients that request a lease since {since} and answered none (a subnet must have \
             their network or relay, and a pool their classes)"
        )
    })
}

/// It offers leases and then refuses them, by its counters. A NAK alone may be for a client of another network, and a client
/// that does not come back may have chosen another server.
fn ungranted(instance: &Instance) -> Option<String> {
    let traffic = instance.traffic.as_ref()?;
    let (now, before) = traffic.grants.zip(traffic.grants_before)?;
    let offered = now.offered.checked_sub(before.grants.offered)?;
    let refused = now.refused.checked_sub(before.grants.refused)?;
    let is_so = offered >= MANY && refused >= MANY && now.granted == before.grants.granted;
    let since = time::show(before.time, TimeStyle::Local);
    is_so.then(|| {
        format!(
            "it offered {offered} leases since {since}, refused {refused} requests and granted none (it may be unable to store \
             leases: see its log)"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::answer::{Relationship, Status};
    use super::super::counters::{Counters, Earlier, EarlierGrants, Grants, Traffic};
    use super::super::facts::{Control, Log, LogLine, Refused};
    use super::*;
    use crate::config::Daemon;

    fn at(asked: u64, answered: u64) -> Counters {
        Counters { asked, answered }
    }

    fn counted(now: Counters, before: Option<Counters>) -> Instance {
        let before = before.map(|counters| Earlier { time: 0, counters });
        let traffic = Some(Traffic { now, before, ..Traffic::default() });
        Instance { traffic, ..Instance::new(Daemon::Dhcp4, "x") }
    }

    fn is_found(instance: &Instance) -> bool {
        traffic(instance, 1_000_000).is_some()
    }

    #[test]
    fn ten_clients_without_an_answer_are_a_warning() {
        assert!(is_found(&counted(at(30, 5), Some(at(20, 5)))));
        assert!(!is_found(&counted(at(29, 5), Some(at(20, 5)))));
        assert!(!is_found(&counted(at(300, 6), Some(at(20, 5)))));
        assert!(!is_found(&counted(at(300, 0), None)));
        // The counters were set back.
        assert!(!is_found(&counted(at(19, 0), Some(at(20, 0)))) && !is_found(&counted(at(90, 0), Some(at(20, 5)))));
    }

    #[test]
    fn offers_that_are_all_refused_are_a_warning() {
        let grown = |offered: u64, granted: u64, refused: u64| {
            let mut instance = counted(at(100, 50), None);
            let traffic = instance.traffic.as_mut().unwrap();
            let grants = Grants { offered: 7, granted: 7, refused: 7 };
            traffic.grants_before = Some(EarlierGrants { time: 0, grants });
            traffic.grants = Some(Grants { offered: 7 + offered, granted: 7 + granted, refused: 7 + refused });
            is_found(&instance)
        };
        assert!(grown(10, 0, 10) && grown(30, 0, 12));
        assert!(!grown(10, 1, 10), "one client got a lease");
        assert!(!grown(10, 0, 9) && !grown(30, 0, 0), "the clients chose another server");
        assert!(!grown(0, 0, 30), "the clients are of another network");
    }

    #[test]
    fn a_server_that_leaves_clients_to_its_partner_may_be_silent() {
        let with = |mode: &str, scopes: &[&str]| {
            let scopes = scopes.iter().map(ToString::to_string).collect();
            let relationship = Relationship { mode: mode.into(), scopes, ..Relationship::default() };
            let status = Status { high_availability: vec![relationship], ..Status::default() };
            let (address, version, configuration) = ("/s".into(), None, None);
            let control = Control::Answered { address, status: Box::new(status), version, configuration };
            Instance { control, ..counted(at(300, 0), Some(at(20, 0))) }
        };
        assert!(!is_found(&with("hot-standby", &[])) && !is_found(&with("load-balancing", &["a"])));
        assert!(is_found(&with("hot-standby", &["a"])) && is_found(&with("load-balancing", &["a", "b"])));
        assert!(!is_found(&with("passive-backup", &[])));
    }

    #[test]
    fn refusals_in_the_log_count_for_some_minutes() {
        let with = |count: u64, ago: i64, id: &str| {
            let time = time::show(1_000_000 - ago, TimeStyle::Local).replace('T', " ");
            let line = LogLine { time, id: id.into(), ..LogLine::default() };
            let log = Log { refused: Some(Refused { count, line }), ..Log::default() };
            Instance { log: Some(log), ..Instance::new(Daemon::Dhcp4, "x") }
        };
        let nak = "DHCP4_PACKET_NAK_0001";
        let text = |instance: &Instance| traffic(instance, 1_000_000).unwrap().text;
        assert!(text(&with(12, 9, nak)).contains("the last 12 packets of clients because it has no subnet"));
        assert!(text(&with(12, 9, "ALLOC_ENGINE_V4_ALLOC_FAIL")).contains("it had no free address for them"));
        assert!(!is_found(&with(9, 9, nak)) && !is_found(&with(12, 900, nak)));
        let mut quiet = with(12, 9, nak);
        quiet.log.as_mut().unwrap().only_troubles = true;
        assert!(!is_found(&quiet));
    }
}
