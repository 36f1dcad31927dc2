//! One line for a monitor, and what was measured. The worst comes first, with its main reason. Monitors read 4 KiB: what
//! does not fit is left out whole, never cut.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::number::short;
use super::{All, Pools, name, subnet_of};
use crate::health::pools::{Limits, Row};
use crate::health::{Metric, State};
use crate::output::nagios::{harmless, measured as measured_as, performance, short as shortened};
use crate::usage::{Basis, Clients, Forecast, Level, Offer, ResourceKind};

/// How many bytes there may be in all, and how many of them for the reasons.
const LONGEST: usize = 4096;
const LONGEST_REASONS: usize = 2000;
/// How many rows are shown where none was named.
const ROWS: usize = 10;
/// How many characters of a name, and of the evidence of a reason, are shown.
const LONGEST_NAME: usize = 80;
const LONGEST_EVIDENCE: usize = 300;
/// How many characters a whole item has.
const LONGEST_ITEM: usize = 1000;

/// The whole result.
pub(super) fn write(all: &All<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut rows: Vec<(&Pools<'_>, &Row)> =
        all.families.iter().flat_map(|pools| pools.rows.iter().map(move |row| (pools, row))).collect();
    rows.retain(|(_, row)| row.state.is_some());
    // What is full comes before what is nearly so.
    let share = |row: &Row| row.offer.used_percent().unwrap_or(0.0);
    rows.sort_by(|(_, one), (_, other)| other.state.cmp(&one.state).then(share(other).total_cmp(&share(one))));
    let first = first_line(all, &rows);
    let mut left = LONGEST.saturating_sub(first.len() + 1);
    writeln!(out, "{first}")?;
    for line in details(&rows).chain(all.notes.iter().map(|note| harmless(note))) {
        if line.len() < left {
            left -= line.len() + 1;
            writeln!(out, "{line}")?;
        }
    }
    out.flush()
}

fn first_line(all: &All<'_>, rows: &[(&Pools<'_>, &Row)]) -> String {
    let state = all.state();
    let unknown = |failure: &String| whole_item(&format!("UNKNOWN {failure}"));
    let mut items: Vec<String> = all.failures.iter().map(unknown).collect();
    let bad = rows.iter().filter(|(_, row)| row.state != Some(State::Ok));
    items.splice(0..0, bad.map(|(pools, row)| item(pools, row, state)));
    let most = if all.is_chosen() { items.len() } else { ROWS };
    let mut text = format!("POOLS {} - ", state.word());
    let mut shown = 0;
    for item in items.iter().take(most) {
        if text.len() + item.len() > LONGEST_REASONS && shown > 0 {
            break;
        }
        text.push_str(if shown > 0 { "; " } else { "" });
        text.push_str(item);
        shown += 1;
    }
    let (more, fine) =
        (items.len() - shown, rows.len() - rows.iter().filter(|(_, row)| row.state != Some(State::Ok)).count());
    if more > 0 {
        // Writing to a String cannot fail.
        let _ = write!(text, "; {more} more are not OK");
    }
    if items.is_empty() {
        text.push_str(&well(rows));
    } else if fine > 0 {
        let _ = write!(text, "; {fine} OK");
    }
    if all.families.iter().any(|pools| pools.basis() != Basis::Leases) {
        text.push_str("; estimated by statistics");
    }
    text.push_str(&measured(all, rows, LONGEST.saturating_sub(text.len() + 1)));
    text
}

/// What to say when all is well.
fn well(rows: &[(&Pools<'_>, &Row)]) -> String {
    match rows.first() {
        Some((pools, row)) if rows.len() == 1 => item(pools, row, State::Ok),
        Some((pools, row)) => {
            format!("{} networks and subnets are OK, the fullest: {}", rows.len(), item(pools, row, State::Ok))
        }
        None => "nothing to judge".to_owned(),
    }
}

/// `WARNING subnet 10.25.0.0/24 "wlan": 1 of 12 free for new clients (2 reserved): 9 of 12 are leased`
fn item(pools: &Pools<'_>, row: &Row, worst: State) -> String {
    let state = row.state.filter(|state| *state != worst).map_or(String::new(), |state| format!("{} ", state.word()));
    let cause = row.causes.first().filter(|_| row.state != Some(State::Ok));
    let cause = cause.map_or(String::new(), |cause| format!(", {}", shortened(&cause.evidence, LONGEST_EVIDENCE)));
    let forecast = match row.forecast {
        Some(forecast @ Forecast::Full { latest: 1.., .. }) => format!(", {forecast}"),
        _ => String::new(),
    };
    whole_item(&format!("{state}{}: {}{cause}{forecast}", label(pools, row), available(&row.offer, row.kind)))
}

/// An item that is harmless, and leaves room for others whatever names it has.
fn whole_item(text: &str) -> String {
    shortened(&harmless(text), LONGEST_ITEM).into_owned()
}

/// `1 of 12 free for new clients of server1 (2 reserved)`
fn available(offer: &Offer, kind: ResourceKind) -> String {
    let counts = &offer.counts;
    let reserved = match counts.reserved_free() {
        0 => String::new(),
        reserved => format!(" ({reserved} reserved)"),
    };
    let (total, clients) = (short(counts.total), &offer.clients);
    match offer.left() {
        _ if *clients == Clients::None => format!("{total} {} for {clients}", kind.plural()),
        _ if counts.total == 0 => format!("no {} to give to {clients}", kind.plural()),
        _ if counts.basis == Basis::Configuration => {
            format!("{total} {}, which statistics do not count", kind.plural())
        }
        Some((least, most)) if least < most => {
            format!("{} to {} of {total} free for new {clients}{reserved}", short(least), short(most))
        }
        Some((_, free)) => format!("{} of {total} free for new {clients}{reserved}", short(free)),
        None => format!("at most {} of {total} free, reservations are not known", short(offer.most)),
    }
}

/// `subnet 10.25.0.0/24 "wlan"`, `shared network campus, prefixes`
fn label(pools: &Pools<'_>, row: &Row) -> String {
    let name = name(pools.layout, row);
    let kind = if row.kind == ResourceKind::Prefixes { ", prefixes" } else { "" };
    let given = subnet_of(pools.layout, row).and_then(|subnet| subnet.name.as_ref());
    let given = given.map_or(String::new(), |given| format!(" \"{}\"", shortened(given, LONGEST_NAME)));
    let name = shortened(&name, LONGEST_NAME);
    match row.place.level {
        Level::Network => format!("shared network {name}{kind}"),
        Level::Subnet => format!("subnet {name}{given}{kind}"),
        Level::Pool => format!("pool {name}{kind}"),
    }
}

/// The performance data that fit in so many bytes: of the worst rows, and of everything.
fn measured(all: &All<'_>, rows: &[(&Pools<'_>, &Row)], room: usize) -> String {
    let most = if all.is_chosen() { rows.len() } else { ROWS };
    let mut text = String::new();
    let totals = all.families.iter().flat_map(|pools| total(pools, &all.limits));
    let of_rows =
        rows.iter().take(most).flat_map(|(pools, row)| metrics(&metric_name(all, pools, row), &row.offer, &all.limits));
    let mut labels = HashSet::new();
    // Where something is configured twice, the first of it is measured.
    for (_, item) in totals.chain(of_rows).filter(|(name, _)| labels.insert(name.clone())) {
        if text.len() + item.len() + 3 > room {
            break;
        }
        text.push_str(if text.is_empty() { " | " } else { " " });
        text.push_str(&item);
    }
    text
}

/// The label of a row; of shared networks with one name in both families, with the family.
fn metric_name(all: &All<'_>, pools: &Pools<'_>, row: &Row) -> String {
    let name = name(pools.layout, row);
    let is_named = |other: &Pools<'_>| {
        let mut networks = other.layout.networks.iter().filter_map(|network| network.name.as_deref());
        other.family != pools.family && networks.any(|other| other == name)
    };
    let is_of_both = row.place.level == Level::Network && all.families.iter().any(is_named);
    match row.kind {
        ResourceKind::Prefixes => format!("{name} prefixes"),
        ResourceKind::Addresses if is_of_both => format!("{name} addresses{}", pools.family.digit()),
        ResourceKind::Addresses => name,
    }
}

fn total(pools: &Pools<'_>, limits: &Limits) -> Vec<(String, String)> {
    let digit = pools.family.digit();
    let pair = &pools.usage.total;
    let limits = Limits { warning_free: None, critical_free: None, ..limits.clone() };
    let mut all = Vec::new();
    for (name, counts) in [("addresses", &pair.addresses), ("prefixes", &pair.prefixes)] {
        if counts.total > 0 {
            all.extend(metrics(&format!("total {name}{digit}"), &counts.offer(), &limits));
        }
    }
    all
}

/// The used share, and what is free, each with its name. Numbers are exact whatever their size.
fn metrics(name: &str, offer: &Offer, limits: &Limits) -> Vec<(String, String)> {
    let Some(share) = offer.used_percent() else { return Vec::new() };
    let used = Metric::new(name, (share * 100.0).round() / 100.0).unit("%").min(0.0).max(100.0);
    let used = used.warning(limits.warning.to_string()).critical(limits.critical.to_string());
    let least = |least: Option<u128>| least.map_or(String::new(), |least| format!("{least}:"));
    let free = offer.left().map_or("U".to_owned(), |(_, most)| most.to_string());
    let (warning, critical) = (least(limits.warning_free), least(limits.critical_free));
    let label = format!("{name} free");
    let free = measured_as(&label, &free, [&warning, &critical, "0", &offer.counts.total.to_string()]);
    vec![(name.to_owned(), performance(&used)), (label, free)]
}

/// A line for each further reason, and what helps.
fn details(rows: &[(&Pools<'_>, &Row)]) -> impl Iterator<Item = String> {
    let bad = rows.iter().filter(|(_, row)| row.state != Some(State::Ok)).take(ROWS);
    bad.flat_map(|(pools, row)| {
        let label = label(pools, row);
        row.causes.iter().map(move |cause| {
            harmless(&format!("{label}: {}: {} ({})", cause.reason.name(), cause.evidence, cause.remedy))
        })
    })
}
