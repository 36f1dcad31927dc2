//! JSON: everything there is, in numbers; or an object for each row.

use std::io::{self, Write};

use serde::Serialize;

use super::{All, Pools, delegated, name};
use crate::health::State;
use crate::health::pools::Row;
use crate::text::seemly_json;
use crate::time::{self, TimeStyle};
use crate::usage::{Basis, Cause, Counts, Forecast, Kind, Level, Pair, Place, PoolKind};

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
    subnets: Vec<SubnetPart<'a>>,
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
    pub(super) used_percent: Option<f64>,
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
            used_percent: counts.used_percent().map(|share| (share * 100.0).round() / 100.0),
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
    writeln!(out, "{}", seemly_json(&serde_json::to_string_pretty(&document)?))
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
pub(in crate::output) fn family<'a>(pools: &'a Pools<'_>, estimates: Estimates) -> FamilyPart<'a> {
    let (layout, usage, is_exact) = (pools.layout, pools.usage, pools.basis() == Basis::Leases);
    let is_v6 = pools.family == crate::family::Family::V6;
    let sums = |pair: &Pair| Sums {
        addresses: estimates.numbers(&pair.addresses),
        prefixes: is_v6.then(|| estimates.numbers(&pair.prefixes)),
    };
    let networks = layout.networks.iter().zip(&usage.networks).enumerate();
    let networks = networks.filter(|(index, _)| pools.shows(Place::network(*index)));
    let subnets = layout.subnets.iter().zip(&usage.subnets).enumerate();
    let subnets = subnets.filter(|(index, _)| pools.shows(Place::subnet(*index)));
    FamilyPart {
        family: if is_v6 { 6 } else { 4 },
        basis: basis(pools),
        source: &pools.origin,
        newest_lease: usage.newest.map(|newest| time::show(newest, TimeStyle::Utc)),
        shared_networks: networks
            .map(|(_, (network, pair))| NetworkPart {
                name: network.name.as_deref(),
                subnets: network.subnets.iter().map(|subnet| layout.subnets[*subnet].id).collect(),
                sums: sums(pair),
            })
            .collect(),
        subnets: subnets
            .map(|(index, (subnet, pair))| SubnetPart {
                id: subnet.id,
                subnet: &subnet.prefix,
                name: subnet.name.as_deref(),
                shared_network: subnet.network.and_then(|network| layout.networks[network].name.as_deref()),
                client_classes: &subnet.classes,
                allocator: &subnet.allocator,
                sums: sums(pair),
                pools: subnet.pools.clone().map(|pool| pool_part(pools, pool, estimates)).collect(),
                pd_allocator: is_v6.then_some(&subnet.pd_allocator),
                pd_pools: is_v6
                    .then(|| subnet.prefix_pools.clone().map(|pool| pool_part(pools, pool, estimates)).collect()),
                outside_pools: is_exact.then_some(usage.outside[index]),
            })
            .collect(),
        orphans: is_exact.then_some(usage.orphans),
        total: sums(&usage.total),
    }
}

fn basis(pools: &Pools<'_>) -> &'static str {
    match pools.basis() {
        Basis::Leases => "leases",
        Basis::Statistics | Basis::Configuration => "statistics",
    }
}

fn pool_part<'a>(pools: &'a Pools<'_>, index: usize, estimates: Estimates) -> PoolPart<'a> {
    let pool = &pools.layout.pools[index];
    let text = Some(pool.text.as_str());
    PoolPart {
        pool: text.filter(|_| !pool.is_of_prefixes()),
        prefix: text.filter(|_| pool.is_of_prefixes()),
        delegated_len: match pool.kind {
            PoolKind::Addresses => None,
            PoolKind::Prefixes(length) => Some(length),
        },
        pool_id: pool.pool_id,
        client_class: pool.classes.first().map(String::as_str),
        client_classes: if pool.classes.len() > 1 {
            pool.classes.iter().map(String::as_str).collect()
        } else {
            Vec::new()
        },
        numbers: estimates.numbers(&pools.usage.pools[index]),
    }
}

impl Pools<'_> {
    /// Whether a place is among the rows, or around one, or part of one.
    fn shows(&self, place: Place) -> bool {
        let Some(chosen) = &self.chosen else { return true };
        let layout = self.layout;
        let subnet_of = |place: Place| match place.level {
            Level::Network => None,
            Level::Subnet => Some(place.index),
            Level::Pool => Some(layout.pools[place.index].subnet),
        };
        let network_of = |place: Place| match subnet_of(place) {
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
    state: Option<State>,
    #[serde(flatten)]
    numbers: Numbers,
    causes: Vec<CausePart<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast: Option<ForecastPart>,
}

/// When it will be full, in seconds from now; or why that is not known.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ForecastPart {
    full_in: Option<i64>,
    earliest: Option<i64>,
    latest: Option<i64>,
    text: String,
}

impl From<Forecast> for ForecastPart {
    fn from(forecast: Forecast) -> Self {
        let (full_in, earliest, latest) = match forecast {
            Forecast::Full { likely, earliest, latest } => (Some(likely), Some(earliest), Some(latest)),
            Forecast::None(_) => (None, None, None),
        };
        Self { full_in, earliest, latest, text: forecast.to_string() }
    }
}

#[derive(Serialize)]
struct CausePart<'a> {
    reason: &'static str,
    evidence: &'a str,
    remedy: &'a str,
}

impl<'a> From<&'a Cause> for CausePart<'a> {
    fn from(cause: &'a Cause) -> Self {
        Self { reason: cause.reason.name(), evidence: &cause.evidence, remedy: &cause.remedy }
    }
}

pub(super) fn write_rows(all: &All<'_>, out: &mut dyn Write) -> io::Result<()> {
    let at = time::show(all.at, TimeStyle::Utc);
    for pools in &all.families {
        for row in &pools.rows {
            writeln!(out, "{}", seemly_json(&serde_json::to_string(&row_part(pools, row, &at))?))?;
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
        kind: if row.kind == Kind::Addresses { "addresses" } else { "prefixes" },
        delegated_len: delegated(pools.layout, row),
        state: row.state,
        numbers: (&row.counts).into(),
        causes: row.causes.iter().map(CausePart::from).collect(),
        forecast: row.forecast.map(ForecastPart::from),
    }
}
