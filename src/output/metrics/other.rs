//! Statistics that are in no family: of newer releases of Kea, and those that no program has names for.

use std::io;

use super::{Options, Page, of_daemon, with};
use crate::output::prometheus::MetricKind;
use crate::stats::names::{self, NamingScheme};
use crate::stats::scope::Scope;
use crate::usage::{Layout, LayoutPlace, ResourceKind};

pub(super) fn write(page: &mut Page<'_>, options: &Options) -> io::Result<()> {
    let help = "A statistic of Kea that has no other name here, by Kea's own name";
    page.answers("kea_statistic", MetricKind::Untyped, help, |family, reading, answers| {
        let Some(daemon) = reading.daemon else { return };
        for (scope, name, value) in answers.statistics.iter() {
            let is_named = options.names != NamingScheme::Own && names::is_known(daemon, scope, name);
            let is_wanted = match scope {
                Scope::Global | Scope::Key(_) => true,
                Scope::Subnet(_) => options.subnets,
                Scope::Pool { .. } | Scope::PrefixPool { .. } => options.pools,
            };
            let is_there = answers.layout.as_deref().is_none_or(|layout| is_configured(layout, scope));
            let is_right = is_there && !is_faulty(scope, name);
            if is_named || !is_wanted || !is_right {
                continue;
            }
            let (subnet, pool) = (scope.subnet().map(|id| id.to_string()), pool_of(scope));
            let labels = with(of_daemon(reading), [("name", name)]);
            let labels = with(labels, subnet.as_deref().map(|id| ("subnet_id", id)));
            let labels = with(labels, pool.as_ref().map(|(label, number)| (*label, number.as_str())));
            family.sample(&labels, value);
        }
    })
}

/// Whether a subnet or pool with these numbers is configured: Kea keeps some statistics of those that are removed.
fn is_configured(layout: &Layout, scope: Scope<'_>) -> bool {
    let subnet = scope.subnet().and_then(|id| layout.subnet_with(id));
    let has_pool = |kind, number| {
        let pools = subnet.into_iter().flat_map(|subnet| layout.pools_of(LayoutPlace::subnet(subnet), kind));
        pools.into_iter().any(|pool| layout.pools[pool].pool_id == number)
    };
    match scope {
        Scope::Pool { pool, .. } => has_pool(ResourceKind::Addresses, pool),
        Scope::PrefixPool { pool, .. } => has_pool(ResourceKind::Prefixes, pool),
        Scope::Subnet(_) => subnet.is_some(),
        Scope::Global | Scope::Key(_) => true,
    }
}

/// Whether Kea counts it wrongly: leases of pools are counted on wrong pools after a reload.
fn is_faulty(scope: Scope<'_>, name: &str) -> bool {
    matches!(scope, Scope::Pool { .. } | Scope::PrefixPool { .. }) && name.starts_with("assigned-")
}

/// The label that distinguishes a pool or key.
fn pool_of(scope: Scope<'_>) -> Option<(&'static str, String)> {
    match scope {
        Scope::Pool { pool, .. } => Some(("pool_id", pool.to_string())),
        Scope::PrefixPool { pool, .. } => Some(("pd_pool_id", pool.to_string())),
        Scope::Key(key) => Some(("key", key.to_string())),
        Scope::Global | Scope::Subnet(_) => None,
    }
}
