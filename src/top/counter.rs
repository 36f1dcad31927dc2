//! Counters of messages, the same of all servers together.

use std::collections::BTreeMap;

use super::model::Model;
use super::rate::Meter;
use super::rows::has;

/// A counter of one or more servers.
#[derive(Debug, Clone)]
pub struct Counter<'a> {
    /// Its name.
    pub name: &'a str,
    /// What each server has counted.
    pub meters: Vec<&'a Meter>,
    /// The same of those that answer.
    current: Vec<&'a Meter>,
}

/// Messages in the order of an exchange; others follow by name.
const ORDER: [&str; 12] = [
    "discover",
    "solicit",
    "offer",
    "advertise",
    "request",
    "ack",
    "reply",
    "nak",
    "renew",
    "rebind",
    "release",
    "decline",
];

impl<'a> Counter<'a> {
    fn new(name: &'a str) -> Self {
        Self { name, meters: Vec::new(), current: Vec::new() }
    }
}

impl Counter<'_> {
    /// `DHCPv4 DISCOVER`, `DHCPv4 parse-failed`, `allocation-fail-subnet (DHCPv4)`.
    #[must_use]
    pub fn title(&self) -> String {
        let (version, rest) = self.parts();
        let base = rest.trim_end_matches("-received").trim_end_matches("-sent");
        let word = if self.is_message() { base.to_uppercase() } else { base.to_owned() };
        if word == "received" || word == "sent" {
            return format!("DHCPv{version} all");
        }
        if version == 0 { word } else { format!("DHCPv{version} {word}") }
    }

    /// `received`, `sent` or nothing.
    #[must_use]
    pub fn direction(&self) -> &'static str {
        match () {
            () if self.name.ends_with("-sent") => "sent",
            () if self.name.ends_with("-received") => "received",
            () => "",
        }
    }

    /// Whether it counts what clients did not get.
    #[must_use]
    pub fn is_drop(&self) -> bool {
        let (_, rest) = self.parts();
        // The sum of the others, and what is counted again by its place.
        let is_sum = matches!(rest, "receive-drop" | "allocation-fail" | "allocation-fail-classes");
        let is_lost = [
            "-fail",
            "-failed",
            "-full",
            "-duplicate",
            "-violation",
            "-exceeded",
            "-filtered",
            "not-for-us",
            "-disabled",
        ];
        rest == "parse-failed"
            || rest == "unknown-received"
            || rest == "nak-sent"
            || rest == "receive-drop"
            || !is_sum && (rest.contains("allocation-fail-") || is_lost.iter().any(|end| rest.ends_with(end)))
    }

    /// Whether it counts messages that a server has to do with: what clients send, and its answers.
    fn is_usual(&self) -> bool {
        let (_, rest) = self.parts();
        let is_answer = ["offer", "ack", "nak", "advertise", "reply"].iter().any(|word| rest.starts_with(word));
        self.is_message() && is_answer == (self.direction() == "sent")
    }

    /// Whether it counts messages of a type.
    fn is_message(&self) -> bool {
        let (_, rest) = self.parts();
        let base = rest.trim_end_matches("-received").trim_end_matches("-sent");
        ORDER.contains(&base) || matches!(base, "inform" | "infrequest" | "confirm" | "leasequery")
    }

    /// The version of DHCP, 0 for none, and the rest of the name.
    fn parts(&self) -> (u8, &str) {
        for (start, version) in [("pkt4-", 4), ("pkt6-", 6), ("v4-", 4), ("v6-", 6)] {
            if let Some(rest) = self.name.strip_prefix(start) {
                return (version, rest);
            }
        }
        (0, self.name)
    }

    /// All that was counted.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.meters.iter().filter_map(|meter| meter.value()).sum()
    }

    /// The last rate, per second, of the servers that answer.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        self.current.iter().filter_map(|meter| meter.rate()).reduce(|sum, rate| sum + rate)
    }

    /// Where it is in the list: messages of DHCPv4, of DHCPv6, the others.
    fn rank(&self) -> (bool, u8, usize) {
        let (version, rest) = self.parts();
        let base = rest.trim_end_matches("-received").trim_end_matches("-sent");
        (!self.is_message(), version, ORDER.iter().position(|word| *word == base).unwrap_or(ORDER.len()))
    }
}

impl Model {
    /// The counters of all servers; with a filter those that have it in their title or in the name of their server.
    #[must_use]
    pub fn counters(&self, filter: &str) -> Vec<Counter<'_>> {
        let mut all: BTreeMap<&str, Counter<'_>> = BTreeMap::new();
        for (index, server) in self.servers.iter().enumerate() {
            for daemon in server.daemons() {
                let is_answering = self.is_answering(daemon);
                for (name, meter) in daemon.meters.iter() {
                    if has(&self.shown_name(index), filter) || has(&Counter::new(name).title(), filter) {
                        let counter = all.entry(name).or_insert_with(|| Counter::new(name));
                        counter.meters.push(meter);
                        counter.current.extend(is_answering.then_some(meter));
                    }
                }
            }
        }
        let mut counters: Vec<Counter<'_>> = all.into_values().collect();
        counters.retain(|counter| counter.value() > 0.0 || counter.is_usual());
        counters.sort_by_key(Counter::rank);
        counters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_called_as_the_message_it_counts() {
        let title = |name| Counter::new(name).title();
        assert_eq!(title("pkt4-discover-received"), "DHCPv4 DISCOVER");
        assert_eq!(title("pkt6-reply-sent"), "DHCPv6 REPLY");
        assert_eq!(title("v4-allocation-fail-subnet"), "DHCPv4 allocation-fail-subnet");
        assert_eq!(title("ncr-received"), "ncr");
        assert_eq!(title("pkt4-something-new"), "DHCPv4 something-new");
    }

    #[test]
    fn drops_are_counted_once() {
        let is_drop = |name| Counter::new(name).is_drop();
        assert!(is_drop("pkt4-receive-drop") && is_drop("v4-allocation-fail-subnet") && is_drop("pkt4-queue-full"));
        assert!(!is_drop("v4-allocation-fail") && !is_drop("pkt4-ack-sent") && !is_drop("v4-allocation-fail-classes"));
    }
}
