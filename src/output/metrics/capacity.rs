//! How full pools, subnets and shared networks are, by their addresses.
//!
//! A size follows from the configuration, everything else from the leases; without them it is not there.

use std::io;
use std::ops::Range;

use super::{Labels, Options, Page, of_server, with};
use crate::config::Daemon;
use crate::output::prometheus::{LabelText, MetricKind};
use crate::stats::reading::{Answers, Reading, as_float};
use crate::usage::{Counts, Guard, Layout, LayoutPlace, Pair, PoolKind, Usage};

/// What is only there where clients of no class are served.
const FOR_ALL: &str = "effective_free_unclassed";

/// The names of what is counted at each level, and what it is.
const COUNTED: [(&str, [&str; 3], &str); 7] = [
    ("size", ["kea_shared_network_size", "kea_subnet_size", "kea_pool_size"], "Addresses or prefixes in pools"),
    (
        "active",
        ["kea_shared_network_active", "kea_subnet_active", "kea_pool_active"],
        "Leased addresses or prefixes in pools",
    ),
    (
        "declined",
        ["kea_shared_network_declined", "kea_subnet_declined", "kea_pool_declined"],
        "Declined addresses in pools",
    ),
    (
        "expired",
        ["kea_shared_network_expired", "kea_subnet_expired", "kea_pool_expired"],
        "Expired addresses or prefixes in pools that are not reclaimed",
    ),
    (
        "reserved_free",
        ["kea_shared_network_reserved_free", "kea_subnet_reserved_free", "kea_pool_reserved_free"],
        "Reserved addresses or prefixes in pools that their hosts do not hold",
    ),
    (
        "effective_free",
        ["kea_shared_network_effective_free", "kea_subnet_effective_free", "kea_pool_effective_free"],
        "Addresses or prefixes in pools that are free for new clients",
    ),
    (
        FOR_ALL,
        [
            "kea_shared_network_effective_free_unclassed",
            "kea_subnet_effective_free_unclassed",
            "kea_pool_effective_free_unclassed",
        ],
        "Addresses or prefixes in pools that are free for new clients of no class",
    ),
];

fn value(what: &str, counts: &Counts) -> Option<f64> {
    Some(match what {
        "active" => as_float(counts.active.into()),
        "declined" => as_float(counts.declined.into()),
        "expired" => as_float(counts.expired.into()),
        // Some reservations are not known: less would be wrong.
        "reserved_free" if !counts.is_complete => return None,
        "reserved_free" => as_float(counts.reserved_free().into()),
        "effective_free" => as_float(counts.effective_free()?),
        FOR_ALL => as_float(counts.effective_free_unclassed()?),
        _ => as_float(counts.total),
    })
}

#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a method with a lifetime of its own is no such function"
)]
pub(super) fn write(page: &mut Page<'_>, options: &Options) -> io::Result<()> {
    let networks = parts(page, true, networks);
    let subnets = parts(page, options.subnets, subnets);
    let pools = parts(page, options.pools, pools);
    for (what, [network, subnet, pool], help) in COUNTED {
        each(page, network, help, what, &networks, |it, part| it.network(part))?;
        if options.subnets {
            each(page, subnet, help, what, &subnets, |it, part| it.subnet(part))?;
        }
        if options.pools {
            each(page, pool, help, what, &pools, |it, part| it.pool(part))?;
        }
    }
    Ok(())
}

/// The addresses or prefixes of a shared network, a subnet or a pool.
struct Part {
    labels: LabelText,
    index: usize,
    is_of_prefixes: bool,
    /// Whether clients of no class are served there.
    is_for_all: bool,
}

/// The parts of each daemon, if they are wanted. Their labels are the same in all families, and are written once.
fn parts(page: &Page<'_>, is_wanted: bool, of_layout: fn(&Layout, &Labels<'_>) -> Vec<Part>) -> Vec<Vec<Part>> {
    let layout = |reading: &Reading| reading.answers.as_ref()?.layout.clone().filter(|_| is_wanted);
    let parts = |reading| layout(reading).map_or_else(Vec::new, |layout| of_layout(&layout, &of_family(reading)));
    page.readings.iter().map(parts).collect()
}

/// Where counts come from; without usage they have a size alone.
struct Source<'a> {
    answers: &'a Answers,
    layout: &'a Layout,
}

fn each(
    page: &mut Page<'_>,
    name: &'static str,
    help: &'static str,
    what: &'static str,
    parts: &[Vec<Part>],
    counts: fn(&Source<'_>, &Part) -> Counts,
) -> io::Result<()> {
    let mut parts = parts.iter();
    page.each(name, MetricKind::Gauge, help, |family, reading| {
        let parts = parts.next().map_or(&[][..], |parts| &parts[..]);
        let Some(answers) = reading.answers.as_deref() else { return };
        let Some(layout) = answers.layout.as_deref() else { return };
        if what == "size" || answers.usage.is_some() {
            let source = Source { answers, layout };
            for part in parts.iter().filter(|part| part.is_for_all || what != FOR_ALL) {
                if let Some(value) = value(what, &counts(&source, part)) {
                    family.sample_of(&part.labels, None, value);
                }
            }
        }
    })
}

fn of_family(reading: &Reading) -> Labels<'_> {
    with(of_server(reading), [("family", if reading.daemon == Some(Daemon::Dhcp6) { "6" } else { "4" })])
}

impl Source<'_> {
    fn pool(&self, part: &Part) -> Counts {
        let pool = part.index;
        self.answers.usage.as_deref().map_or_else(|| Counts::new(self.layout.pools[pool].total, 0), |it| it.pools[pool])
    }

    fn subnet(&self, part: &Part) -> Counts {
        let usage = self.answers.usage.as_deref();
        let of_usage = |usage: &Usage| part.of(&usage.subnets[part.index]);
        usage.map_or_else(|| self.size(&self.layout.subnets[part.index], part), of_usage)
    }

    fn size(&self, subnet: &crate::usage::Subnet, part: &Part) -> Counts {
        let pools = if part.is_of_prefixes { &subnet.prefix_pools } else { &subnet.pools };
        let pools = self.layout.pools[pools.clone()].iter();
        Counts::new(pools.fold(0, |sum: u128, pool| sum.saturating_add(pool.total)), 0)
    }

    fn network(&self, part: &Part) -> Counts {
        if let Some(usage) = self.answers.usage.as_deref() {
            return part.of(&usage.networks[part.index]);
        }
        let subnets = self.layout.networks[part.index].subnets.iter();
        let sizes = subnets.map(|subnet| self.size(&self.layout.subnets[*subnet], part).total);
        Counts { total: sizes.fold(0, u128::saturating_add), ..Counts::default() }
    }
}

impl Part {
    fn of(&self, pair: &Pair) -> Counts {
        if self.is_of_prefixes { pair.prefixes } else { pair.addresses }
    }
}

/// Both kinds, prefixes only where there are pools of them.
fn pair(index: usize, pools: [&[Range<usize>]; 2], layout: &Layout, labels: &Labels<'_>) -> impl Iterator<Item = Part> {
    let part = |is_of_prefixes: bool| {
        let pools = pools[usize::from(is_of_prefixes)];
        let kind = if is_of_prefixes { "prefix" } else { "address" };
        let is_there = !is_of_prefixes || pools.iter().any(|pools| !pools.is_empty());
        is_there.then(|| Part {
            labels: LabelText::new(&with(labels.clone(), [("kind", kind)])),
            index,
            is_of_prefixes,
            is_for_all: pools.iter().any(|pools| pools.clone().any(|pool| is_for_all(layout.guard(pool)))),
        })
    };
    [part(false), part(true)].into_iter().flatten()
}

/// Whether clients of no class are served from it, if need be by one server of a load-balancing pair.
fn is_for_all(guard: &Guard) -> bool {
    guard.is_open || guard.scope.is_some()
}

fn networks(layout: &Layout, labels: &Labels<'_>) -> Vec<Part> {
    let mut parts = Vec::new();
    for (index, network) in layout.networks.iter().enumerate() {
        let labels = with(labels.clone(), [("shared_network", network.name.as_deref().unwrap_or(""))]);
        let subnets = network.subnets.iter().map(|subnet| &layout.subnets[*subnet]);
        let (addresses, prefixes): (Vec<_>, Vec<_>) =
            subnets.map(|subnet| (subnet.pools.clone(), subnet.prefix_pools.clone())).unzip();
        parts.extend(pair(index, [&addresses, &prefixes], layout, &labels));
    }
    parts
}

fn subnets(layout: &Layout, labels: &Labels<'_>) -> Vec<Part> {
    let mut parts = Vec::with_capacity(layout.subnets.len());
    for (index, subnet) in layout.subnets.iter().enumerate() {
        let id = subnet.id.to_string();
        let labels = of_subnet(layout, subnet, &id, labels);
        let pools = [std::slice::from_ref(&subnet.pools), std::slice::from_ref(&subnet.prefix_pools)];
        parts.extend(pair(index, pools, layout, &labels));
    }
    parts
}

fn of_subnet<'a>(layout: &'a Layout, subnet: &'a crate::usage::Subnet, id: &'a str, labels: &Labels<'a>) -> Labels<'a> {
    let network = subnet.network.and_then(|network| layout.networks[network].name.as_deref()).unwrap_or("");
    with(labels.clone(), [("subnet_id", id), ("subnet", &subnet.prefix), ("shared_network", network)])
}

fn pools(layout: &Layout, labels: &Labels<'_>) -> Vec<Part> {
    let mut parts = Vec::with_capacity(layout.pools.len());
    for subnet in &layout.subnets {
        let id = subnet.id.to_string();
        let labels = of_subnet(layout, subnet, &id, labels);
        for index in subnet.pools.clone().chain(subnet.prefix_pools.clone()) {
            let pool = &layout.pools[index];
            let (text, kind) = match pool.kind {
                PoolKind::Addresses => (pool.range.to_string(), "address"),
                PoolKind::Prefixes(length) => (format!("{}-{length}", layout.name(LayoutPlace::pool(index))), "prefix"),
            };
            let guard = layout.guard(index);
            let classes = guard.classes.iter().chain(&subnet.classes).map(String::as_str).collect::<Vec<_>>().join(",");
            let class = (!classes.is_empty()).then_some(("client_class", classes.as_str()));
            let labels = with(labels.clone(), [("kind", kind), ("pool", text.as_str())].into_iter().chain(class));
            parts.push(Part {
                labels: LabelText::new(&labels),
                index,
                is_of_prefixes: pool.is_of_prefixes(),
                is_for_all: is_for_all(guard),
            });
        }
    }
    parts
}
