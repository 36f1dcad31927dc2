//! JSON: everything there is, in numbers; or an object for each row.

use std::collections::HashMap;
use std::io::{self, Write};
use std::ops::Range;
use std::rc::Rc;

use serde::{Serialize, Serializer};

use super::{All, Pools, delegated, name};
use crate::health::State;
use crate::health::pools::Row;
use crate::text::terminal_safe_json;
use crate::time::{self, TimeStyle};
use crate::usage::{Basis, Cause, Counts, Forecast, LayoutPlace, Level, Offer, PoolKind, ResourceKind, Usual};

#[derive(Serialize)]
struct Document<'a> {
    at: String,
    state: State,
    families: Vec<FamilyPart<'a>>,
    notes: Vec<&'a String>,
}

/// How full the pools of a family are.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::output) struct FamilyPart<'a> {
    family: u8,
    basis: &'static str,
    source: &'a str,
    newest_lease: Option<String>,
    shared_networks: Vec<NetworkPart<'a>>,
    subnets: Each<'a, SubnetPart<'a>>,
    orphans: Option<u64>,
    total: Sums,
}

#[derive(Serialize)]
struct Sums {
    addresses: Numbers,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefixes: Option<Numbers>,
}

#[derive(Serialize)]
struct NetworkPart<'a> {
    name: Option<&'a str>,
    subnets: Vec<u32>,
    #[serde(flatten)]
    sums: Sums,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct SubnetPart<'a> {
    id: u32,
    subnet: &'a str,
    name: Option<&'a str>,
    shared_network: Option<&'a str>,
    client_classes: &'a [String],
    allocator: &'a str,
    #[serde(flatten)]
    sums: Sums,
    pools: Vec<PoolPart<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pd_allocator: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pd_pools: Option<Vec<PoolPart<'a>>>,
    outside_pools: Option<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct PoolPart<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pool: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delegated_len: Option<u8>,
    pool_id: u32,
    client_class: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    client_classes: Vec<&'a str>,
    #[serde(flatten)]
    numbers: Numbers,
}

/// The counts; what depends on reservations is null if they are not known.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Numbers {
    pub(super) total: u128,
    pub(super) active: Option<u64>,
    pub(super) declined: Option<u64>,
    pub(super) declined_over: Option<u64>,
    pub(super) expired: Option<u64>,
    pub(super) released: Option<u64>,
    pub(super) reclaimed: Option<u64>,
    pub(super) free: Option<u128>,
    pub(super) reserved: Option<u64>,
    pub(super) reserved_free: Option<u64>,
    pub(super) effective_free: Option<u128>,
    /// Where the allocator may have less to give than is free.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) effective_free_min: Option<u128>,
    pub(super) effective_free_unclassed: Option<u128>,
    /// Of what the judged clients can get.
    pub(super) used_percent: Option<f64>,
    #[serde(flatten)]
    verdict: Option<Verdict>,
}

impl From<&Counts> for Numbers {
    fn from(counts: &Counts) -> Self {
        let (exact, counted) = (counts.basis == Basis::Leases, counts.basis < Basis::Configuration);
        let known = counts.is_complete;
        Self {
            total: counts.total,
            active: counted.then_some(counts.active),
            declined: counted.then_some(counts.declined),
            declined_over: exact.then_some(counts.declined_over),
            expired: exact.then_some(counts.expired),
            released: exact.then_some(counts.released),
            reclaimed: exact.then_some(counts.reclaimed),
            free: counted.then(|| counts.free()),
            reserved: known.then_some(counts.reserved),
            reserved_free: (known && exact).then(|| counts.reserved_free()),
            effective_free: counts.effective_free(),
            effective_free_min: counts.effective_free_min().filter(|least| Some(*least) != counts.effective_free()),
            effective_free_unclassed: counts.effective_free_unclassed(),
            used_percent: used_percent(&counts.offer()),
            verdict: None,
        }
    }
}

/// The used share with two digits.
pub(super) fn used_percent(offer: &Offer) -> Option<f64> {
    offer.used_percent().map(|share| (share * 100.0).round() / 100.0)
}

/// How well a row is, and which clients that is for.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Verdict {
    /// Null of a part that is shown only for what it is part of.
    state: Option<State>,
    clients: String,
    clients_total: u128,
    clients_free: Option<u128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clients_free_min: Option<u128>,
    causes: Vec<CausePart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast: Option<ForecastPart>,
}

impl Verdict {
    fn new(row: &Row) -> Self {
        let left = row.offer.left();
        Self {
            state: row.state,
            clients: row.offer.clients.to_string(),
            clients_total: row.offer.counts.total,
            clients_free: left.map(|(_, most)| most),
            clients_free_min: left.filter(|(least, most)| least < most).map(|(least, _)| least),
            causes: row.causes.iter().map(CausePart::from).collect(),
            forecast: row.forecast.map(ForecastPart::from),
        }
    }
}

pub(super) fn write(all: &All<'_>, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        at: time::show(all.at, TimeStyle::Utc),
        state: all.state(),
        families: all.families.iter().map(|pools| family(pools, Estimates::Shown)).collect(),
        notes: all.failures.iter().chain(all.notes).collect(),
    };
    let mut safe = TerminalSafe { out, text: Vec::with_capacity(2 * BLOCK) };
    serde_json::to_writer_pretty(&mut safe, &document)?;
    safe.flush()?;
    writeln!(out)
}

/// So many bytes of JSON are made safe at a time: serde writes most of it in pieces of a few bytes.
const BLOCK: usize = 1 << 14;

/// Writes JSON without characters that are unsafe on a terminal; each piece is whole characters.
struct TerminalSafe<'a> {
    out: &'a mut dyn Write,
    text: Vec<u8>,
}

impl Write for TerminalSafe<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(piece);
        if self.text.len() >= BLOCK {
            self.flush()?;
        }
        Ok(piece.len())
    }

    fn write_all(&mut self, piece: &[u8]) -> io::Result<()> {
        self.write(piece).map(drop)
    }

    fn flush(&mut self) -> io::Result<()> {
        match std::str::from_utf8(&self.text) {
            Ok(text) => self.out.write_all(terminal_safe_json(text).as_bytes())?,
            Err(_) => self.out.write_all(&self.text)?,
        }
        self.text.clear();
        Ok(())
    }
}

/// Whether what is free for new clients is shown where it is an estimate, or null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::output) enum Estimates {
    Shown,
    Null,
}

impl Estimates {
    fn numbers(self, counts: &Counts) -> Numbers {
        let mut numbers = Numbers::from(counts);
        if self == Self::Null && counts.basis > Basis::Leases {
            (numbers.effective_free, numbers.effective_free_min) = (None, None);
            numbers.effective_free_unclassed = None;
        }
        numbers
    }
}

/// How full the pools of a family are.
pub(in crate::output) fn family<'a>(pools: &'a Pools<'a>, estimates: Estimates) -> FamilyPart<'a> {
    let rows = pools.rows.iter().map(|row| ((row.place, row.kind), row)).collect();
    let is_v6 = pools.family == crate::family::Family::V6;
    let shown = Rc::new(Shown { pools, rows, estimates, is_v6, is_exact: pools.basis() == Basis::Leases });
    let usage = pools.usage;
    let networks = (0..pools.layout.networks.len()).filter(|index| pools.shows(LayoutPlace::network(*index)));
    FamilyPart {
        family: if is_v6 { 6 } else { 4 },
        basis: basis(pools),
        source: &pools.origin,
        newest_lease: usage.newest.map(|newest| time::show(newest, TimeStyle::Utc)),
        shared_networks: networks.map(|index| shown.network(index)).collect(),
        orphans: shown.is_exact.then_some(usage.orphans),
        total: Sums {
            addresses: estimates.numbers(&usage.total.addresses),
            prefixes: is_v6.then(|| estimates.numbers(&usage.total.prefixes)),
        },
        subnets: Each(Box::new(move || {
            let shown = Rc::clone(&shown);
            let subnets = (0..pools.layout.subnets.len()).filter(|index| pools.shows(LayoutPlace::subnet(*index)));
            Box::new(subnets.map(move |index| shown.subnet(index)))
        })),
    }
}

/// A list whose items are made while they are written: a server may have many thousands.
struct Each<'a, T>(Box<dyn Fn() -> Items<'a, T> + 'a>);

type Items<'a, T> = Box<dyn Iterator<Item = T> + 'a>;

impl<T: Serialize> Serialize for Each<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// What is shown of a family.
struct Shown<'a> {
    pools: &'a Pools<'a>,
    rows: HashMap<(LayoutPlace, ResourceKind), &'a Row>,
    estimates: Estimates,
    is_v6: bool,
    is_exact: bool,
}

impl<'a> Shown<'a> {
    fn numbers(&self, place: LayoutPlace, kind: ResourceKind) -> Numbers {
        let usage = self.pools.usage;
        let mut numbers = self.estimates.numbers(&usage.counts(place, kind));
        if let Some(row) = self.rows.get(&(place, kind)) {
            (numbers.used_percent, numbers.verdict) = (used_percent(&row.offer), Some(Verdict::new(row)));
        } else {
            numbers.used_percent = used_percent(&usage.offer(self.pools.layout, place, kind));
        }
        numbers
    }

    fn sums(&self, place: LayoutPlace) -> Sums {
        Sums {
            addresses: self.numbers(place, ResourceKind::Addresses),
            prefixes: self.is_v6.then(|| self.numbers(place, ResourceKind::Prefixes)),
        }
    }

    fn network(&self, index: usize) -> NetworkPart<'a> {
        let layout = self.pools.layout;
        let network = &layout.networks[index];
        NetworkPart {
            name: network.name.as_deref(),
            subnets: network.subnets.iter().map(|subnet| layout.subnets[*subnet].id).collect(),
            sums: self.sums(LayoutPlace::network(index)),
        }
    }

    fn subnet(&self, index: usize) -> SubnetPart<'a> {
        let layout = self.pools.layout;
        let subnet = &layout.subnets[index];
        let pools = |pools: &Range<usize>| pools.clone().map(|pool| self.pool(pool)).collect();
        SubnetPart {
            id: subnet.id,
            subnet: &subnet.prefix,
            name: subnet.name.as_deref(),
            shared_network: subnet.network.and_then(|network| layout.networks[network].name.as_deref()),
            client_classes: &subnet.classes,
            allocator: &subnet.allocator,
            sums: self.sums(LayoutPlace::subnet(index)),
            pools: pools(&subnet.pools),
            pd_allocator: self.is_v6.then_some(&subnet.pd_allocator),
            pd_pools: self.is_v6.then(|| pools(&subnet.prefix_pools)),
            outside_pools: self.is_exact.then_some(self.pools.usage.outside[index]),
        }
    }

    fn pool(&self, index: usize) -> PoolPart<'a> {
        let pool = &self.pools.layout.pools[index];
        let text = Some(self.pools.layout.name(LayoutPlace::pool(index)));
        let classes = &self.pools.layout.guard(index).classes;
        let (kind, delegated_len) = match pool.kind {
            PoolKind::Addresses => (ResourceKind::Addresses, None),
            PoolKind::Prefixes(length) => (ResourceKind::Prefixes, Some(length)),
        };
        PoolPart {
            pool: text.filter(|_| kind == ResourceKind::Addresses),
            prefix: text.filter(|_| kind == ResourceKind::Prefixes),
            delegated_len,
            pool_id: pool.pool_id,
            client_class: classes.first().map(String::as_str),
            client_classes: if classes.len() > 1 { classes.iter().map(String::as_str).collect() } else { Vec::new() },
            numbers: self.numbers(LayoutPlace::pool(index), kind),
        }
    }
}

fn basis(pools: &Pools<'_>) -> &'static str {
    match pools.basis() {
        Basis::Leases => "leases",
        Basis::Statistics | Basis::Configuration => "statistics",
    }
}

impl Pools<'_> {
    /// Whether a place is among the rows, or around one, or part of one.
    fn shows(&self, place: LayoutPlace) -> bool {
        let Some(chosen) = &self.chosen else { return true };
        let layout = self.layout;
        let subnet_of = |place: LayoutPlace| match place.level {
            Level::Network => None,
            Level::Subnet => Some(place.index),
            Level::Pool => Some(layout.pools[place.index].subnet),
        };
        let network_of = |place: LayoutPlace| match subnet_of(place) {
            None => Some(place.index),
            Some(subnet) => layout.subnets[subnet].network,
        };
        chosen.iter().any(|other| match (subnet_of(*other), subnet_of(place)) {
            (Some(one), Some(two)) => one == two,
            _ => network_of(*other).is_some() && network_of(*other) == network_of(place),
        })
    }
}

/// A row as an object of its own.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct RowPart<'a> {
    at: &'a str,
    family: u8,
    basis: &'static str,
    level: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subnet_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shared_network: Option<&'a str>,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    delegated_len: Option<u8>,
    #[serde(flatten)]
    numbers: Numbers,
}

/// When it will be full, in seconds from now; or why that is not known.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ForecastPart {
    full_in: Option<i64>,
    earliest: Option<i64>,
    latest: Option<i64>,
    /// What the days before say, where use grows faster now.
    #[serde(skip_serializing_if = "Option::is_none")]
    usual: Option<i64>,
    text: String,
}

impl From<Forecast> for ForecastPart {
    fn from(forecast: Forecast) -> Self {
        let text = forecast.to_string();
        let Forecast::Full { likely, earliest, latest, usual } = forecast else {
            return Self { full_in: None, earliest: None, latest: None, usual: None, text };
        };
        let usual = if let Usual::Later(time) = usual { Some(time) } else { None };
        Self { full_in: Some(likely), earliest: Some(earliest), latest: Some(latest), usual, text }
    }
}

#[derive(Serialize)]
struct CausePart {
    reason: &'static str,
    evidence: String,
    remedy: String,
}

impl From<&Cause> for CausePart {
    fn from(cause: &Cause) -> Self {
        Self { reason: cause.reason.name(), evidence: cause.evidence.clone(), remedy: cause.remedy.clone() }
    }
}

pub(super) fn write_rows(all: &All<'_>, out: &mut dyn Write) -> io::Result<()> {
    let at = time::show(all.at, TimeStyle::Utc);
    for pools in &all.families {
        for row in &pools.rows {
            writeln!(out, "{}", terminal_safe_json(&serde_json::to_string(&row_part(pools, row, &at))?))?;
        }
    }
    Ok(())
}

fn row_part<'a>(pools: &'a Pools<'_>, row: &'a Row, at: &'a str) -> RowPart<'a> {
    let subnet = super::subnet_of(pools.layout, row);
    let network = subnet.and_then(|subnet| subnet.network);
    RowPart {
        at,
        family: if pools.family == crate::family::Family::V6 { 6 } else { 4 },
        basis: basis(pools),
        level: super::level(row.place.level),
        name: name(pools.layout, row),
        subnet_id: subnet.map(|subnet| subnet.id),
        shared_network: network.and_then(|network| pools.layout.networks[network].name.as_deref()),
        kind: if row.kind == ResourceKind::Addresses { "addresses" } else { "prefixes" },
        delegated_len: delegated(pools.layout, row),
        numbers: Numbers {
            used_percent: used_percent(&row.offer),
            verdict: Some(Verdict::new(row)),
            ..Numbers::from(&row.counts)
        },
    }
}
