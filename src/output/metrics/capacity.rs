//! How full pools, subnets and shared networks are, by their addresses.
//!
//! A size follows from the configuration, everything else from the leases; without them it is not there.

use std::io;
use std::ops::Range;

use super::{Labels, Options, Page, of_server, with};
use crate::config::Daemon;
use crate::output::prometheus::{Family, MetricKind};
use crate::stats::reading::{Answers, Reading, as_float};
use crate::usage::{Counts, Guard, Layout, LayoutPlace, Pair, PoolKind};

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

pub(super) fn write(page: &mut Page<'_>, options: &Options) -> io::Result<()> {
    for (what, [network, subnet, pool], help) in COUNTED {
        each(page, network, help, what, networks)?;
        if options.subnets {
            each(page, subnet, help, what, subnets)?;
        }
        if options.pools {
            each(page, pool, help, what, pools)?;
        }
    }
    Ok(())
}

/// What a level adds to a family: for each of its parts, labels and counts; without usage, counts with a size alone.
type Parts = fn(&Layout, &Source<'_>, &Labels<'_>, &mut Add<'_>);

/// Takes labels and counts of a part, and whether clients of no class are served there.
type Add<'a> = dyn FnMut(&Labels<'_>, &Counts, bool) + 'a;

/// Where counts come from.
struct Source<'a> {
    answers: &'a Answers,
    layout: &'a Layout,
}

fn each(
    page: &mut Page<'_>,
    name: &'static str,
    help: &'static str,
    what: &'static str,
    parts: Parts,
) -> io::Result<()> {
    page.answers(name, MetricKind::Gauge, help, |family, reading, answers| {
        let Some(layout) = answers.layout.as_deref() else { return };
        if what == "size" || answers.usage.is_some() {
            let source = Source { answers, layout };
            parts(layout, &source, &of_family(reading), &mut |labels, counts, is_for_all| {
                if is_for_all || what != FOR_ALL {
                    add(family, labels, value(what, counts));
                }
            });
        }
    })
}

fn add(family: &mut Family, labels: &Labels<'_>, value: Option<f64>) {
    if let Some(value) = value {
        family.sample(labels, value);
    }
}

fn of_family(reading: &Reading) -> Labels<'_> {
    with(of_server(reading), [("family", if reading.daemon == Some(Daemon::Dhcp6) { "6" } else { "4" })])
}

impl Source<'_> {
    fn pool(&self, pool: usize) -> Counts {
        self.answers.usage.as_deref().map_or_else(|| Counts::new(self.layout.pools[pool].total, 0), |it| it.pools[pool])
    }

    fn subnet(&self, subnet: usize) -> Pair {
        let usage = self.answers.usage.as_deref();
        usage.map_or_else(|| self.sizes(&self.layout.subnets[subnet]), |usage| usage.subnets[subnet])
    }

    fn sizes(&self, subnet: &crate::usage::Subnet) -> Pair {
        let size = |pools: &Range<usize>| {
            let pools = &self.layout.pools[pools.clone()];
            Counts::new(pools.iter().fold(0, |sum: u128, pool| sum.saturating_add(pool.total)), 0)
        };
        Pair { addresses: size(&subnet.pools), prefixes: size(&subnet.prefix_pools) }
    }

    fn network(&self, network: usize) -> Pair {
        if let Some(usage) = self.answers.usage.as_deref() {
            return usage.networks[network];
        }
        let mut sum = Pair::default();
        for subnet in &self.layout.networks[network].subnets {
            let sizes = self.sizes(&self.layout.subnets[*subnet]);
            sum.addresses.total = sum.addresses.total.saturating_add(sizes.addresses.total);
            sum.prefixes.total = sum.prefixes.total.saturating_add(sizes.prefixes.total);
        }
        sum
    }
}

/// Both kinds, prefixes only where there are pools of them.
fn pair(
    pair: &Pair,
    [addresses, prefixes]: [&[Range<usize>]; 2],
    layout: &Layout,
    labels: &Labels<'_>,
    add: &mut Add<'_>,
) {
    let are_for_all =
        |pools: &[Range<usize>]| pools.iter().any(|pools| pools.clone().any(|pool| is_for_all(layout.guard(pool))));
    add(&with(labels.clone(), [("kind", "address")]), &pair.addresses, are_for_all(addresses));
    if prefixes.iter().any(|pools| !pools.is_empty()) {
        add(&with(labels.clone(), [("kind", "prefix")]), &pair.prefixes, are_for_all(prefixes));
    }
}

/// Whether clients of no class are served from it, if need be by one server of a load-balancing pair.
fn is_for_all(guard: &Guard) -> bool {
    guard.is_open || guard.scope.is_some()
}

fn networks(layout: &Layout, source: &Source<'_>, labels: &Labels<'_>, add: &mut Add<'_>) {
    for (index, network) in layout.networks.iter().enumerate() {
        let labels = with(labels.clone(), [("shared_network", network.name.as_deref().unwrap_or(""))]);
        let subnets = network.subnets.iter().map(|subnet| &layout.subnets[*subnet]);
        let (addresses, prefixes): (Vec<_>, Vec<_>) =
            subnets.map(|subnet| (subnet.pools.clone(), subnet.prefix_pools.clone())).unzip();
        pair(&source.network(index), [&addresses, &prefixes], layout, &labels, add);
    }
}

fn subnets(layout: &Layout, source: &Source<'_>, labels: &Labels<'_>, add: &mut Add<'_>) {
    for (index, subnet) in layout.subnets.iter().enumerate() {
        let id = subnet.id.to_string();
        let labels = of_subnet(layout, subnet, &id, labels);
        let pools = [std::slice::from_ref(&subnet.pools), std::slice::from_ref(&subnet.prefix_pools)];
        pair(&source.subnet(index), pools, layout, &labels, add);
    }
}

fn of_subnet<'a>(layout: &'a Layout, subnet: &'a crate::usage::Subnet, id: &'a str, labels: &Labels<'a>) -> Labels<'a> {
    let network = subnet.network.and_then(|network| layout.networks[network].name.as_deref()).unwrap_or("");
    with(labels.clone(), [("subnet_id", id), ("subnet", &subnet.prefix), ("shared_network", network)])
}

fn pools(layout: &Layout, source: &Source<'_>, labels: &Labels<'_>, add: &mut Add<'_>) {
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
            add(&labels, &source.pool(index), is_for_all(guard));
        }
    }
}
