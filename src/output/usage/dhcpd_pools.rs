//! What dhcpd-pools 2.29 writes, for what reads it today: its JSON; with thresholds, the two lines of its alarms.
//!
//! Its `used` is what no other client can get: leased, declined, or reserved for another. Expired leases are its `touched`.

use std::io::{self, Write};

use serde::Serialize;

use super::{All, Pools};
use crate::health::State;
use crate::health::pools::Limits;
use crate::text::terminal_safe_json;
use crate::usage::Counts;

/// Where a range is that no shared network has.
const EVERYWHERE: &str = "All networks";

#[derive(Serialize)]
struct Document {
    subnets: Vec<Part>,
    #[serde(rename = "shared-networks")]
    networks: Vec<Part>,
    summary: Part,
}

#[derive(Serialize)]
struct Part {
    location: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    defined: u128,
    used: u128,
    touched: u64,
    free: u128,
}

impl Part {
    fn new(location: &str, range: Option<String>, counts: &Counts) -> Self {
        let free = counts.available();
        let touched = counts.expired + counts.released;
        Self {
            location: location.to_owned(),
            range,
            defined: counts.total,
            used: counts.total - free.min(counts.total),
            touched,
            free,
        }
    }
}

/// The document.
pub(super) fn write(all: &All<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut sum = Counts::default();
    let (mut subnets, mut networks) = (Vec::new(), Vec::new());
    for pools in &all.families {
        let layout = pools.layout;
        for (pool, counts) in layout.pools.iter().zip(&pools.usage.pools).filter(|(pool, _)| !pool.is_of_prefixes()) {
            let range = format!("{} - {}", pool.range.first(), pool.range.last());
            subnets.push(Part::new(location(pools, pool.subnet), Some(range), counts));
        }
        for (network, pair) in layout.networks.iter().zip(&pools.usage.networks) {
            networks.push(Part::new(network.name.as_deref().unwrap_or_default(), None, &pair.addresses));
        }
        sum.add(&pools.usage.total.addresses);
    }
    let document = Document { subnets, networks, summary: Part::new(EVERYWHERE, None, &sum) };
    writeln!(out, "{}", terminal_safe_json(&serde_json::to_string_pretty(&document)?))
}

fn location<'a>(pools: &'a Pools<'_>, subnet: usize) -> &'a str {
    let network =
        pools.layout.subnets[subnet].network.and_then(|network| pools.layout.networks[network].name.as_deref());
    network.unwrap_or(EVERYWHERE)
}

/// How many ranges and shared networks are critical, a warning, or neither.
fn tallies(all: &All<'_>) -> [Tally; 2] {
    let (mut ranges, mut networks) = (Tally::default(), Tally::default());
    for pools in &all.families {
        for (_, counts) in pools.layout.pools.iter().zip(&pools.usage.pools).filter(|(pool, _)| !pool.is_of_prefixes())
        {
            ranges.add(counts, &all.limits);
        }
        for pair in &pools.usage.networks {
            networks.add(&pair.addresses, &all.limits);
        }
    }
    [ranges, networks]
}

/// The worst state of any; what could not be counted is unknown.
pub(super) fn state(all: &All<'_>) -> State {
    let is_complete = |pools: &Pools<'_>| pools.usage.total.addresses.is_complete;
    let is_whole = all.failures.is_empty() && all.families.iter().all(is_complete);
    let states = tallies(all).map(|tally| tally.state());
    states[0].max(states[1]).max(if is_whole { State::Ok } else { State::Unknown })
}

/// The two lines of its alarms.
pub(super) fn write_alarm(all: &All<'_>, out: &mut dyn Write) -> io::Result<()> {
    let [ranges, networks] = tallies(all);
    writeln!(out, "{}: dhcpd-pools: Ranges - {}", state(all).word(), ranges.text("range"))?;
    writeln!(out, "Shared nets - {}", networks.text("snet"))
}

#[derive(Default)]
struct Tally {
    critical: u64,
    warning: u64,
    ok: u64,
}

impl Tally {
    fn add(&mut self, counts: &Counts, limits: &Limits) {
        let Some(share) = counts.used_percent().filter(|_| counts.total >= limits.min_size) else {
            return self.ok += 1;
        };
        match limits.judge(share, counts.available()) {
            State::Critical => self.critical += 1,
            State::Warning => self.warning += 1,
            State::Ok | State::Unknown => self.ok += 1,
        }
    }

    fn state(&self) -> State {
        match (self.critical, self.warning) {
            (0, 0) => State::Ok,
            (0, _) => State::Warning,
            _ => State::Critical,
        }
    }

    fn text(&self, name: &str) -> String {
        let Self { critical, warning, ok } = self;
        format!(
            "crit: {critical} warn: {warning} ok: {ok}; | {name}_crit={critical} {name}_warn={warning} {name}_ok={ok}"
        )
    }
}
