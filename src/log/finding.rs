//! Findings: what in the logs needs a person, with what it means and what helps.

use super::analysis::Analysis;
use super::exchange::{Cause, Scope};
use super::family::{Family, Tally};
use super::hook;
use super::instance::Start;
use super::line::Server;
use super::stamp::SECOND;

/// How urgent a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grade {
    /// Clients are not served.
    Critical,
    Warning,
    Notice,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) grade: Grade,
    /// What the log shows.
    pub(crate) what: String,
    /// What it means and what to do.
    pub(crate) advice: String,
    /// When it was seen.
    pub(crate) tally: Option<Tally>,
}

/// So many packets of a client in a minute are a storm.
const STORM: u32 = 60;
/// So many offers without an acknowledgement are a loop.
const LOOP: u32 = 5;
/// Callouts are slow from here on, in microseconds.
const SLOW: u64 = 100_000;

/// Everything that needs a person, the worst first.
pub(crate) fn findings(analysis: &Analysis) -> Vec<Finding> {
    let mut all = Findings { analysis, found: Vec::new() };
    all.life();
    all.reloads();
    all.database();
    all.high_availability();
    for is_v6 in [false, true] {
        let family = analysis.family(is_v6);
        all.failures(is_v6, family);
        all.relays(family);
        all.declined(is_v6, family);
    }
    all.offers();
    all.clients();
    all.names();
    all.hooks();
    all.access();
    all.found.sort_by_key(|finding| finding.grade);
    all.found
}

struct Findings<'a> {
    analysis: &'a Analysis,
    found: Vec<Finding>,
}

impl Findings<'_> {
    fn add(&mut self, grade: Grade, what: impl Into<String>, advice: impl Into<String>, tally: Option<Tally>) {
        self.found.push(Finding { grade, what: what.into(), advice: advice.into(), tally });
    }

    fn name(&self, instance: usize) -> &str {
        self.analysis.name(instance).unwrap_or("a daemon")
    }

    fn life(&mut self) {
        let starts = &self.analysis.life.starts;
        for (at, start) in starts.iter().enumerate().filter(|(_, start)| !start.is_started) {
            let is_up_later = starts[at + 1..].iter().any(|later| later.instance == start.instance && later.is_started);
            let reason = start.reason.as_deref().map_or(String::new(), |reason| format!(": {reason}"));
            let what = format!("{} did not come up{reason}", self.name(start.instance));
            let grade = if is_up_later { Grade::Warning } else { Grade::Critical };
            let advice = "Until a later start succeeds nothing is served. Check the file with the daemon's -t.";
            self.add(grade, what, advice, Some(once(start)));
        }
        for start in starts.iter().filter(|start| start.is_after_death) {
            let what = format!("{} ended without a word before this start", self.name(start.instance));
            let advice = "It crashed or was killed. Look for a core, the OOM killer, and systemd's log of the unit.";
            self.add(Grade::Warning, what, advice, Some(once(start)));
        }
        let sockets = self.analysis.side.sockets_failed;
        if sockets.count > 0 {
            let advice = "The server is deaf there: an address that was missing, or another program on the port.";
            self.add(
                Grade::Critical,
                format!("sockets could not be opened ({} lines)", sockets.count),
                advice,
                Some(sockets),
            );
        }
        let queue = self.analysis.side.queue_full;
        if queue.count > 0 {
            let advice =
                "Packets come faster than they are handled, and some are lost. Look at slow hooks and the database.";
            self.add(Grade::Warning, format!("the packet queue was full {} times", queue.count), advice, Some(queue));
        }
    }

    fn reloads(&mut self) {
        let failed = self.analysis.life.reloads.iter().filter(|reload| reload.is_ok == Some(false));
        for reload in failed {
            let reason = reload.reason.as_deref().map_or(String::new(), |reason| format!(": {reason}"));
            let what = format!("{} did not take its configuration{reason}", self.name(reload.instance));
            let mut tally = Tally::default();
            tally.add(reload.time);
            let is_outage = reload.outcome() == "failed-outage";
            let (grade, advice) = if is_outage {
                (Grade::Critical, "It served no client after that. Mend the file and restart; test it with -t first.")
            } else {
                (
                    Grade::Warning,
                    "It goes on with the old one, whatever FATAL says. Mend the file; test it with -t first.",
                )
            };
            self.add(grade, what, advice, Some(tally));
        }
    }

    fn database(&mut self) {
        for loss in &self.analysis.side.losses {
            let mut tally = Tally::default();
            tally.add(loss.lost);
            tally.last = loss.back.or(tally.last);
            let name = self.name(loss.instance);
            if loss.is_over {
                let took = loss.lost.zip(loss.back).map(|(lost, back)| (back - lost).max(0) / SECOND);
                let took = took.map_or(String::new(), |seconds| format!(" for {seconds} s"));
                let what = format!("{name} was without its lease database{took}");
                self.add(
                    Grade::Warning,
                    what,
                    "No client was served meanwhile. Look at the database's own log.",
                    Some(tally),
                );
            } else {
                let what = format!("{name} lost its lease database, and the log does not show it back");
                self.add(
                    Grade::Critical,
                    what,
                    "No client is served. Start the database; Kea tries again as configured.",
                    Some(tally),
                );
            }
        }
    }

    fn high_availability(&mut self) {
        let side = &self.analysis.side;
        if side.updates_failed.count > 0 {
            let what = format!("{} leases could not be sent to the partner", side.updates_failed.count);
            let advice = "Those clients waited or got no answer. Check the partner and the way to it.";
            self.add(Grade::Warning, what, advice, Some(side.updates_failed));
        }
        if side.ha_ended.count > 0 {
            let advice = "Clocks differ too much, or the pair gave up. Set the time on both, then restart both.";
            self.add(Grade::Critical, "high availability stopped or is about to", advice, Some(side.ha_ended));
        }
        let mut last = std::collections::BTreeMap::new();
        for change in &side.transitions {
            last.insert(change.instance, change);
        }
        for change in
            last.into_values().filter(|change| matches!(change.to.as_str(), "partner-down" | "terminated" | "waiting"))
        {
            let name = change.name.as_deref().unwrap_or_else(|| self.name(change.instance)).to_owned();
            let mut tally = Tally::default();
            tally.add(change.time);
            let what = format!("{name} is in state {} at the end of the log", change.to);
            self.add(
                Grade::Warning,
                what,
                "The pair is not a pair. See --ha states in kea's status-get; start the partner.",
                Some(tally),
            );
        }
    }

    fn failures(&mut self, is_v6: bool, family: &Family) {
        for cause in [Cause::NoFreeAddress, Cause::NoPools, Cause::DatabaseError] {
            let mut of_cause: Vec<_> = family.failures.iter().filter(|((_, other), _)| *other == cause).collect();
            if of_cause.is_empty() {
                continue;
            }
            of_cause.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.count));
            let mut all = Tally { count: 0, first: of_cause[0].1.first, last: None };
            for (_, tally) in &of_cause {
                all.count += tally.count;
                all.first = all.first.min(tally.first);
                all.last = all.last.max(tally.last);
            }
            let places =
                of_cause.iter().take(5).map(|((scope, _), tally)| format!("{} {}x", place(scope, is_v6), tally.count));
            let places: Vec<_> = places.collect();
            let more = if of_cause.len() > 5 { ", and others" } else { "" };
            let (word, advice) = match cause {
                Cause::NoPools => (
                    "no pool for the client",
                    "There is none, or its client classes keep these clients out. Check pools and client-class.",
                ),
                Cause::DatabaseError => {
                    ("the lease database failed", "These clients got nothing. The database's own log says why.")
                }
                _ => (
                    "no free address",
                    "The pool is used up: enlarge it, shorten valid-lifetime, or find clients with many leases.",
                ),
            };
            let what = format!("{word}, {}: {}{more}", crate::text::count(all.count, "time"), places.join(", "));
            self.add(Grade::Critical, what, advice, Some(all));
        }
    }

    fn relays(&mut self, family: &Family) {
        for (relay, tally) in &family.relays {
            let times = crate::text::count(tally.count, "packet");
            let what = format!("{times} from {relay} match no subnet");
            let advice = "The relay is not configured: give its subnet a relay address, or mend the relay's own.";
            self.add(Grade::Critical, what, advice, Some(*tally));
        }
    }

    fn declined(&mut self, is_v6: bool, family: &Family) {
        if family.declined.is_empty() {
            return;
        }
        let mut tally = Tally::default();
        family.declined.iter().for_each(|declined| tally.add(declined.time));
        let addresses: Vec<_> = family.declined.iter().take(4).map(|declined| declined.address.to_string()).collect();
        let what = format!("{} declined: {}", declined_addresses(tally.count, is_v6), addresses.join(", "));
        let advice =
            "Something else uses them, or the client is wrong. They stay unused until probation ends; ping them.";
        self.add(Grade::Warning, what, advice, Some(tally));
    }

    fn offers(&mut self) {
        let all = self.analysis.offers.unanswered();
        if all.is_empty() {
            return;
        }
        let mut tally = Tally { count: all.len() as u64, first: all[0].1.first, last: None };
        tally.last = all.iter().filter_map(|(_, attempt)| attempt.last).max();
        let what = format!("{} offered an address and never acknowledged", crate::text::count(tally.count, "client"));
        let advice = "Another server was faster, or answers are lost on the way back. See --unanswered-offers.";
        self.add(Grade::Notice, what, advice, Some(tally));
    }

    fn clients(&mut self) {
        let clients = &self.analysis.clients;
        let mut storms: Vec<_> = clients.records().filter(|(_, record)| record.most_in_minute >= STORM).collect();
        storms.sort_by_key(|(_, record)| std::cmp::Reverse(record.most_in_minute));
        for (client, record) in storms.iter().take(3) {
            let what =
                format!("{} sent {} packets in one minute", clients.identity(*client).name(), record.most_in_minute);
            self.add(Grade::Warning, what, "A storm: look at the device, or limit it with the limits hook.", None);
        }
        let is_loop =
            |record: &super::client::Record| record.offers >= LOOP && record.acknowledged == 0 || record.naks >= 3;
        let mut loops: Vec<_> = clients.records().filter(|(_, record)| is_loop(record)).collect();
        loops.sort_by_key(|(_, record)| std::cmp::Reverse(record.offers + record.naks));
        for (client, record) in loops.iter().take(5) {
            let name = clients.identity(*client).name().to_owned();
            let what = format!(
                "{name} asks again and again: {} offers, {} NAKs, {} acknowledged",
                record.offers, record.naks, record.acknowledged
            );
            self.add(Grade::Warning, what, format!("Follow it: kea-log-report {name}"), None);
        }
    }

    fn names(&mut self) {
        let ddns = &self.analysis.side.ddns;
        let failed = ddns.add_failed + ddns.remove_failed;
        if failed > 0 {
            let names: Vec<_> = ddns.names.keys().take(3).map(String::as_str).collect();
            let what = format!("{failed} DNS updates failed: {}", names.join(", "));
            let advice = match (ddns.timeouts, ddns.refused) {
                (0, _) => "The DNS server refused them: check its keys, update policy and the zone.",
                (_, 0) => "The DNS server did not answer: check its address, port and a firewall.",
                _ => "The DNS server refused some and did not answer others: check keys, policy and the way to it.",
            };
            self.add(Grade::Warning, what, advice, None);
        }
        if !ddns.no_zone.is_empty() {
            let names: Vec<_> = ddns.no_zone.keys().take(3).map(String::as_str).collect();
            let what = format!("{} names have no DNS zone: {}", ddns.no_zone.len(), names.join(", "));
            self.add(
                Grade::Notice,
                what,
                "Add the zone to forward-ddns or reverse-ddns, or turn updates off there.",
                None,
            );
        }
    }

    fn hooks(&mut self) {
        for (place, callouts) in &self.analysis.hooks.places {
            let library = place.library.as_deref().map_or_else(|| format!("library {}", place.index), short);
            if callouts.failures > 0 {
                let what = format!("{library} failed {} times at {}", callouts.failures, place.hook);
                self.add(
                    Grade::Warning,
                    what,
                    "The packet may have got no answer. The error is among the messages below.",
                    None,
                );
            }
            let slow = callouts.durations.percentile(99);
            if slow >= SLOW && !hook::is_command(&place.hook) {
                let what = format!("{library} takes up to {} ms at {}", slow / 1000, place.hook);
                self.add(Grade::Warning, what, "Every packet waits for it. See --hooks.", None);
            }
        }
    }

    fn access(&mut self) {
        let commands = &self.analysis.commands;
        if commands.refused > 0 {
            let (first, last) = commands.refused_times.unwrap_or_default();
            let what = format!("{} API requests were refused", commands.refused);
            let advice =
                "Wrong or no password. The log says neither who nor from where: look at the proxy or a capture.";
            self.add(Grade::Notice, what, advice, Some(Tally { count: commands.refused, first, last }));
        }
        let seen = |server| self.analysis.instances.iter().any(|instance| instance.server == server);
        let v4 = self.analysis.v4.visible;
        if seen(Server::Dhcp4) && v4.answers && !v4.leases && self.analysis.v4.answers.contains_key("ACK") {
            let advice = "A logger keeps them out: give kea-dhcp4.leases severity INFO and an output.";
            self.add(Grade::Notice, "the log has packets and no leases", advice, None);
        }
    }
}

fn once(start: &Start) -> Tally {
    let mut tally = Tally::default();
    tally.add(start.time);
    tally
}

fn declined_addresses(count: u64, is_v6: bool) -> String {
    let family = if is_v6 { 6 } else { 4 };
    if count == 1 { format!("1 DHCPv{family} address") } else { format!("{count} DHCPv{family} addresses") }
}

/// The file name of a library.
fn short(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

/// A subnet or shared network in words.
pub(crate) fn place(scope: &Scope, is_v6: bool) -> String {
    match (scope.subnet_id, &scope.subnet, &scope.network) {
        (Some(id), Some(subnet), _) => format!("subnet {id} ({subnet})"),
        (Some(id), None, _) => format!("subnet {id}"),
        (None, _, Some(network)) => format!("shared network {network}"),
        (None, _, None) => if is_v6 { "DHCPv6" } else { "DHCPv4" }.to_owned(),
    }
}
