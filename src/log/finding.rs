//! Findings: what in the logs needs a person, with what it means and what helps.

use std::collections::BTreeMap;

use super::analysis::Analysis;
use super::client::Record;
use super::exchange::{Cause, Scope};
use super::family::{FamilyActivity, Tally};
use super::hook;
use super::line::Server;
use super::stamp::{Micros, SECOND};
use crate::text::count;

mod life;
mod running;
mod unserved;

/// How urgent a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grade {
    /// Clients are not served.
    Critical,
    Warning,
    Notice,
}

impl Grade {
    /// The stable word for programs.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
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
    /// Whether a monitor has limits for how often it occurs.
    pub(crate) is_counted: bool,
}

/// So many packets of a client in a minute are a storm.
const STORM: u32 = 60;
/// Callouts are slow from here on, in microseconds.
const SLOW: u64 = 100_000;

/// Everything that needs a person, the worst first.
pub(crate) fn findings(analysis: &Analysis) -> Vec<Finding> {
    let mut all = Findings { analysis, found: Vec::new() };
    all.life();
    all.unserved();
    all.running();
    all.reloads();
    all.disabled();
    all.database();
    all.high_availability();
    for is_v6 in [false, true] {
        let family = analysis.family(is_v6);
        all.failures(is_v6, family);
        all.relays(family);
        all.without_address(family);
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
        let (what, advice) = (what.into(), advice.into());
        self.found.push(Finding { grade, what, advice, tally, is_counted: false });
    }

    /// A finding whose number has limits of its own.
    fn count(&mut self, grade: Grade, what: String, advice: &str, tally: Tally) {
        let advice = advice.to_owned();
        self.found.push(Finding { grade, what, advice, tally: Some(tally), is_counted: true });
    }

    fn name(&self, instance: usize) -> String {
        self.analysis.name_on_host(instance).unwrap_or_else(|| "a daemon".to_owned())
    }

    fn sockets(&mut self) {
        let side = &self.analysis.side;
        let (failed, none) = (side.sockets_failed, side.no_sockets);
        if failed.count > 0 {
            let advice = "The server receives nothing there: the address was missing, or another program has the port.";
            let lines = count(failed.count + none.count, "line");
            self.add(Grade::Critical, format!("sockets could not be opened ({lines})"), advice, Some(failed));
        } else if none.count > 0 {
            let advice = "The server receives nothing: name its interfaces in interfaces-config.";
            self.add(Grade::Critical, "no interface is configured", advice, Some(none));
        }
        let queue = self.analysis.side.queue_full;
        if queue.count > 0 {
            let advice =
                "Packets arrive faster than they are processed, and some are lost. Check slow hooks and the database.";
            let times = count(queue.count, "time");
            self.add(Grade::Warning, format!("the packet queue was full {times}"), advice, Some(queue));
        }
    }

    fn database(&mut self) {
        let mut over: BTreeMap<usize, (Tally, Micros)> = BTreeMap::new();
        for loss in &self.analysis.side.losses {
            let (tally, without) = over.entry(loss.instance).or_default();
            tally.add(loss.lost);
            tally.last = loss.back.or(tally.last);
            *without += loss.lost.zip(loss.back).map_or(0, |(lost, back)| (back - lost).max(0));
        }
        for (instance, (tally, without)) in over {
            let name = self.name(instance);
            let mut losses = self.analysis.side.losses.iter().rev();
            if losses.find(|loss| loss.instance == instance).is_some_and(|loss| loss.is_over) {
                let took = if without == 0 { String::new() } else { format!(" for {} s", without / SECOND) };
                let what = format!("{name} was without its lease database{took}{}", often(tally.count));
                let advice = "No client was served meanwhile. Check the database's own log.";
                self.add(Grade::Warning, what, advice, Some(tally));
            } else {
                let what = format!("{name} lost its lease database, and the log does not show a reconnection");
                let advice = "No client is served. Start the database; Kea retries as configured.";
                self.add(Grade::Critical, what, advice, Some(tally));
            }
        }
        let given_up = self.analysis.side.database_given_up;
        if given_up.count > 0 {
            let advice = "It does not retry. Start the database, then restart the daemon.";
            self.add(Grade::Critical, "reconnecting to a database was given up", advice, Some(given_up));
        }
    }

    fn high_availability(&mut self) {
        let side = &self.analysis.side;
        if side.updates_failed.count > 0 {
            let updates = count(side.updates_failed.count, "lease update");
            let what = format!("{updates} to the partner failed");
            let advice =
                "Those clients waited or got no answer. Check the partner and the network between the servers.";
            self.add(Grade::Warning, what, advice, Some(side.updates_failed));
        }
        if side.interrupted.count > 0 {
            let what = format!("communication with the partner was interrupted{}", often(side.interrupted.count));
            let advice = "Check the partner, the network between the servers, and firewalls for the HA port.";
            self.add(Grade::Warning, what, advice, Some(side.interrupted));
        }
        if side.syncs_failed.count > 0 {
            let what = format!("leases could not be synchronized with the partner{}", often(side.syncs_failed.count));
            let advice = "The partner's leases are unknown here until a synchronization succeeds. Check its log.";
            self.add(Grade::Warning, what, advice, Some(side.syncs_failed));
        }
        if side.ha_ended.count > 0 {
            let advice =
                "Clocks differ too much, or the partner refused too many updates. Set both clocks, restart both.";
            self.add(
                Grade::Critical,
                "high availability was terminated or is about to be",
                advice,
                Some(side.ha_ended),
            );
        }
        self.states();
    }

    /// Servers of a pair that work without their partner at the end.
    fn states(&mut self) {
        for change in self.analysis.side.last_transitions().filter(|change| change.is_alone()) {
            let name = change.name.clone().unwrap_or_else(|| self.name(change.instance));
            let mut tally = Tally::default();
            tally.add(change.time);
            let what = format!("{name} is in state {} at the end of the log", change.to);
            let advice = match change.to.as_str() {
                "partner-down" => "It serves alone. Start the partner, and check both with keactrl-status.",
                "in-maintenance" => "It serves no client: the partner does, and this server can be shut down.",
                "partner-in-maintenance" => "It serves alone until the maintenance of its partner is over.",
                "communication-recovery" => {
                    "It does not reach its partner, and keeps lease updates. Check the partner."
                }
                "waiting" => "It waits for its partner and serves no client. Check the partner with keactrl-status.",
                _ => "It serves without high availability until both are restarted.",
            };
            self.add(Grade::Warning, what, advice, Some(tally));
        }
    }

    fn failures(&mut self, is_v6: bool, family: &FamilyActivity) {
        for cause in Cause::OF_ALLOCATION {
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
                    "There is none, or its client classes exclude these clients. Check pools and client-class.",
                ),
                Cause::DatabaseError => {
                    ("the lease database failed", "These clients got no lease. The log of the database has the reason.")
                }
                _ => (
                    "no free address",
                    "The pool is used up: enlarge it, shorten valid-lifetime, or find clients with many leases.",
                ),
            };
            let what = format!("{word}, {}: {}{more}", count(all.count, "time"), places.join(", "));
            self.count(Grade::Critical, what, advice, all);
        }
    }

    fn relays(&mut self, family: &FamilyActivity) {
        for (relay, tally) in &family.relays {
            let times = count(tally.count, "packet");
            let what = format!("{times} from {relay} match no subnet");
            let advice =
                "The relay is not configured: give its subnet a relay address, or correct the address of the relay.";
            self.count(Grade::Critical, what, advice, *tally);
        }
    }

    fn without_address(&mut self, family: &FamilyActivity) {
        let tally = family.without_address;
        if tally.count > 0 {
            let what = format!("a prefix was given and no address, {}", count(tally.count, "time"));
            let advice = "These clients are served. If they are to get addresses too, check pools and client-class.";
            self.add(Grade::Notice, what, advice, Some(tally));
        }
    }

    fn declined(&mut self, is_v6: bool, family: &FamilyActivity) {
        if family.declined.is_empty() {
            return;
        }
        let mut tally = Tally::default();
        family.declined.iter().for_each(|declined| tally.add(declined.time));
        let mut addresses: Vec<_> = family.declined.iter().map(|declined| declined.address).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let shown: Vec<_> = addresses.iter().take(4).map(ToString::to_string).collect();
        let number = if is_v6 { 6 } else { 4 };
        let noun = format!("DHCPv{number} address{}", if addresses.len() == 1 { "" } else { "es" });
        let what = format!(
            "{} {noun} declined{}: {}",
            addresses.len(),
            repeated(tally.count, addresses.len()),
            shown.join(", ")
        );
        let advice = "Another device answers for them, or the client is faulty. They stay unused until the probation period ends; ping them.";
        self.add(Grade::Warning, what, advice, Some(tally));
    }

    fn offers(&mut self) {
        let all = self.analysis.unanswered_offers();
        if all.is_empty() {
            return;
        }
        let mut tally = Tally { count: all.len() as u64, first: all[0].1.first, last: None };
        tally.last = all.iter().filter_map(|(_, attempt)| attempt.last).max();
        let what = format!("{} got an offer and no acknowledgement", count(tally.count, "client"));
        let advice = "Another server was faster, or answers do not reach the client. See --unanswered-offers.";
        self.count(Grade::Notice, what, advice, tally);
    }

    fn clients(&mut self) {
        let clients = &self.analysis.clients;
        let mut storms: Vec<_> = clients.records().filter(|(_, record)| record.most_in_minute >= STORM).collect();
        storms.sort_by_key(|(_, record)| std::cmp::Reverse(record.most_in_minute));
        for (client, record) in storms.iter().take(3) {
            let what =
                format!("{} sent {} packets in one minute", clients.identity(*client).name(), record.most_in_minute);
            self.add(Grade::Warning, what, "Check the device, or limit its rate with the limits hook.", None);
        }
        let mut loops = self.analysis.loops();
        loops.sort_by_key(|(_, record)| std::cmp::Reverse(record.offers.count + record.naks.count));
        let Some((first, _)) = loops.first() else { return };
        let names: Vec<_> =
            loops.iter().take(3).map(|(client, _)| clients.identity(*client).name().to_owned()).collect();
        let more = if loops.len() > names.len() { ", and others" } else { "" };
        let total = |of: fn(&Record) -> u32| loops.iter().map(|(_, record)| u64::from(of(record))).sum::<u64>();
        let (offers, naks) = (total(|record| record.offers.count), total(|record| record.naks.count));
        let tried = [(offers, "offer"), (naks, "NAK")].into_iter().filter(|(number, _)| *number > 0);
        let tried: Vec<_> = tried.map(|(number, what)| count(number, what)).collect();
        let what = format!(
            "{} asked again and again and got no acknowledgement: {}{more} ({})",
            count(loops.len() as u64, "client"),
            names.join(", "),
            tried.join(", ")
        );
        let advice = format!(
            "An offer is no lease: they are not served, unless another server does. Follow one: kea-log-report {}",
            clients.identity(*first).name()
        );
        self.add(Grade::Warning, what, advice, None);
    }

    fn names(&mut self) {
        let ddns = &self.analysis.side.ddns;
        let failed = ddns.add_failed + ddns.remove_failed;
        if failed > 0 {
            let names: Vec<_> = ddns.names.keys().take(3).map(String::as_str).collect();
            let what = format!("{} failed: {}", count(failed, "DNS update"), names.join(", "));
            let advice = match (ddns.timeouts, ddns.refused) {
                (0, _) => "The DNS server refused them: check its keys, update policy and the zone.",
                (_, 0) => "The DNS server did not answer: check its address, port and a firewall.",
                _ => {
                    "The DNS server refused some and did not answer others: check keys, policy and the network between them."
                }
            };
            self.add(Grade::Warning, what, advice, together(ddns.names.values()));
        }
        if !ddns.no_zone.is_empty() {
            let names: Vec<_> = ddns.no_zone.keys().take(3).map(String::as_str).collect();
            let what = format!("{} without a DNS zone: {}", count(ddns.no_zone.len() as u64, "name"), names.join(", "));
            self.add(
                Grade::Notice,
                what,
                "Add the zone to forward-ddns or reverse-ddns, or turn updates off there.",
                together(ddns.no_zone.values()),
            );
        }
    }

    fn hooks(&mut self) {
        let mut all: Vec<_> = self.analysis.hooks.places.iter().collect();
        all.sort_unstable_by_key(|(place, _)| *place);
        for (place, callouts) in all {
            let library = place.library.as_deref().map_or_else(|| format!("library {}", place.index), short);
            if callouts.failed.count > 0 {
                let times = count(callouts.failed.count, "time");
                let what = format!("{library} failed {times} at {}", place.hook);
                self.add(
                    Grade::Warning,
                    what,
                    "The packet may have got no answer. The error is in the list below.",
                    Some(callouts.failed),
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
            let what = format!("{} refused", count(commands.refused, "API request"));
            let advice = "The password was wrong or missing. The log has neither user nor address: check the proxy or a capture.";
            self.add(Grade::Notice, what, advice, Some(Tally { count: commands.refused, first, last }));
        }
        let seen = |server| self.analysis.instances.iter().any(|instance| instance.server == server);
        let v4 = self.analysis.v4.visible;
        if seen(Server::Dhcp4) && v4.answers && !v4.leases && self.analysis.v4.answers.contains_key("ACK") {
            let advice = "A logger setting hides them: give kea-dhcp4.leases severity INFO and an output.";
            self.add(Grade::Notice, "the log has packets but no leases", advice, None);
        }
    }
}

/// All of these.
fn together<'a>(all: impl Iterator<Item = &'a Tally>) -> Option<Tally> {
    all.copied().reduce(|one, other| Tally {
        count: one.count + other.count,
        first: super::stamp::earlier(one.first, other.first),
        last: one.last.max(other.last),
    })
}

/// How often, if more than once.
fn often(count: u64) -> String {
    if count > 1 { format!(" {count} times") } else { String::new() }
}

/// How often, if that is more than there are things.
fn repeated(count: u64, things: usize) -> String {
    if count > things as u64 { often(count) } else { String::new() }
}

fn because(reason: Option<&str>) -> String {
    reason.map_or(String::new(), |reason| format!(": {reason}"))
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
