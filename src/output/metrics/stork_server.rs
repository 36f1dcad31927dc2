//! The series of Stork's server, for the panels of its dashboards that read them.

use std::collections::BTreeMap;
use std::io;

use super::{Labels, Options, Page, of_server, with};
use crate::config::Daemon;
use crate::output::prometheus::MetricKind;
use crate::stats::names::Peers;
use crate::stats::reading::{Answers, Reading};

/// The statistics of addresses or prefixes.
#[derive(Clone, Copy)]
struct Counted {
    total: &'static str,
    assigned: &'static str,
}

const V4: Counted = Counted { total: "total-addresses", assigned: "assigned-addresses" };
const V6: Counted = Counted { total: "total-nas", assigned: "assigned-nas" };
const PREFIXES: Counted = Counted { total: "total-pds", assigned: "assigned-pds" };

/// How many there are, and how many are assigned.
type Sum = (f64, f64);

pub(super) fn write(page: &mut Page<'_>, options: &Options) -> io::Result<()> {
    if !options.names.has(Peers::Stork) {
        return Ok(());
    }
    if options.subnets {
        subnets(
            page,
            "storkserver_subnet_address_utilization",
            "The assigned share of the addresses of the subnet",
            false,
        )?;
        subnets(page, "storkserver_subnet_pd_utilization", "The assigned share of the prefixes of the subnet", true)?;
    }
    let share = |(total, assigned): Sum| (total > 0.0).then(|| assigned / total);
    for (name, help, has_prefixes, value) in [
        (
            "storkserver_shared_network_address_utilization",
            "The assigned share of the addresses of the shared network",
            false,
            share as fn(Sum) -> Option<f64>,
        ),
        ("storkserver_shared_network_total_na", "Addresses in the pools of the shared network", false, |sum| {
            Some(sum.0)
        }),
        ("storkserver_shared_network_assigned_na", "Assigned addresses of the shared network", false, |sum| {
            Some(sum.1)
        }),
        (
            "storkserver_shared_network_pd_utilization",
            "The assigned share of the prefixes of the shared network",
            true,
            share,
        ),
        ("storkserver_shared_network_total_pd", "Prefixes in the pools of the shared network", true, |sum| Some(sum.0)),
        ("storkserver_shared_network_assigned_pd", "Assigned prefixes of the shared network", true, |sum| Some(sum.1)),
    ] {
        networks(page, name, help, has_prefixes, value)?;
    }
    Ok(())
}

/// What a daemon counts.
fn counted(reading: &Reading, is_of_prefixes: bool) -> Option<Counted> {
    match reading.daemon {
        Some(Daemon::Dhcp4) if !is_of_prefixes => Some(V4),
        Some(Daemon::Dhcp6) => Some(if is_of_prefixes { PREFIXES } else { V6 }),
        _ => None,
    }
}

fn subnets(page: &mut Page<'_>, name: &'static str, help: &'static str, is_of_prefixes: bool) -> io::Result<()> {
    page.answers(name, MetricKind::Gauge, help, |family, reading, answers| {
        let Some(counted) = counted(reading, is_of_prefixes) else { return };
        let (total, assigned) = (answers.of_subnets(counted.total), answers.of_subnets(counted.assigned));
        for subnet in answers.subnets() {
            if let (Some(total), Some(assigned)) = (total(&subnet).filter(|total| *total > 0.0), assigned(&subnet)) {
                let id = subnet.id.to_string();
                family.sample(&with(of_server(reading), [("subnet", subnet.prefix.unwrap_or(&id))]), assigned / total);
            }
        }
    })
}

fn networks(
    page: &mut Page<'_>,
    name: &'static str,
    help: &'static str,
    is_of_prefixes: bool,
    value: fn(Sum) -> Option<f64>,
) -> io::Result<()> {
    page.answers(name, MetricKind::Gauge, help, |out, reading, answers| {
        let Some(counted) = counted(reading, is_of_prefixes) else { return };
        let family = if reading.daemon == Some(Daemon::Dhcp6) { "6" } else { "4" };
        for (network, sum) in sums(answers, counted) {
            let labels: Labels<'_> = with(of_server(reading), [("name", network)]);
            let labels = with(labels, (!is_of_prefixes).then_some(("family", family)));
            if let Some(value) = value(sum) {
                out.sample(&labels, value);
            }
        }
    })
}

/// The sums of each shared network whose subnets are all counted.
fn sums(answers: &Answers, counted: Counted) -> BTreeMap<&str, Sum> {
    let mut sums: BTreeMap<&str, Option<Sum>> = BTreeMap::new();
    let (total, assigned) = (answers.of_subnets(counted.total), answers.of_subnets(counted.assigned));
    for subnet in answers.subnets() {
        let Some(network) = subnet.network else { continue };
        let own = total(&subnet).zip(assigned(&subnet));
        let sum = sums.entry(network).or_insert(Some((0.0, 0.0)));
        *sum = sum.zip(own).map(|(sum, own)| (sum.0 + own.0, sum.1 + own.1));
    }
    sums.into_iter().filter_map(|(network, sum)| Some((network, sum?))).collect()
}
