//! The series of Stork's agent and of kea-exporter.

use std::io;
use std::ops::Range;

use super::{Labels, Options, Page, of_server, with};
use crate::config::Daemon;
use crate::output::prometheus::{LabelText, MetricFamily, MetricKind};
use crate::stats::names::{self, Level, Member, NamingScheme, Pools};
use crate::stats::reading::{Answers, Reading, SubnetRef, by_number};
use crate::stats::scope::Scope;
use crate::usage::Pool;

pub(super) fn write(page: &mut Page<'_>, options: &Options) -> io::Result<()> {
    let written: Vec<Vec<Written<'_>>> = page.readings.iter().map(|reading| written(reading, options)).collect();
    for daemon in Daemon::ALL {
        for family in names::families(daemon).iter().filter(|family| options.names.has(family.peers)) {
            let kind = if family.is_counter { MetricKind::Counter } else { MetricKind::Gauge };
            let mut subnets = written.iter();
            page.each(family.name, kind, family.help, |out, reading| {
                let subnets = subnets.next().map_or(&[][..], |subnets| &subnets[..]);
                if let Some(answers) = reading.answers.as_deref().filter(|_| reading.daemon == Some(daemon)) {
                    let series = Series { options, reading, answers, subnets };
                    family.members.iter().for_each(|member| series.level(family.level, member, out));
                }
            })?;
        }
    }
    Ok(())
}

/// What the series of a statistic come from.
struct Series<'a> {
    options: &'a Options,
    reading: &'a Reading,
    answers: &'a Answers,
    subnets: &'a [Written<'a>],
}

/// A subnet, and its labels of Stork.
type Written<'a> = (SubnetRef<'a>, LabelText);

/// The subnets of a daemon, if their series are wanted with these labels.
fn written<'a>(reading: &'a Reading, options: &Options) -> Vec<Written<'a>> {
    let answers = reading.answers.as_ref().filter(|_| options.subnets && options.names != NamingScheme::Exporter);
    let subnets = answers.map_or_else(Vec::new, |answers| answers.subnets()).into_iter();
    let write = |subnet: SubnetRef<'a>| {
        let labels = LabelText::new(&labels_of(reading, &subnet, &subnet.id.to_string()));
        (subnet, labels)
    };
    subnets.map(write).collect()
}

fn labels_of<'a>(reading: &'a Reading, subnet: &SubnetRef<'a>, id: &'a str) -> Labels<'a> {
    let (name, network) = (subnet.prefix.unwrap_or(id), subnet.network.unwrap_or(""));
    let prefix = subnet.prefix.map(|prefix| ("prefix", prefix));
    let labels = with(of_server(reading), [("subnet", name), ("subnet_id", id)]);
    with(with(labels, prefix), [("shared_network", network)])
}

impl<'a> Series<'a> {
    fn level(&self, level: Level, member: &Member, out: &mut MetricFamily) {
        match level {
            Level::Global => {
                let value = self.answers.statistics.get(Scope::Global, member.statistic);
                add(out, member, of_server(self.reading), value);
            }
            Level::Key => self.keys(member, out),
            Level::Subnet(pools) if self.options.names == NamingScheme::Exporter => self.exporter(pools, member, out),
            Level::Subnet(_) if self.options.subnets => self.subnets(member, out),
            Level::Pool if self.options.pools => self.pools(member, out, |it| &it.pools, false),
            Level::PrefixPool if self.options.pools => self.pools(member, out, |it| &it.prefix_pools, true),
            Level::Subnet(_) | Level::Pool | Level::PrefixPool => {}
        }
    }

    fn keys(&self, member: &Member, out: &mut MetricFamily) {
        for (scope, name, value) in self.answers.statistics.iter() {
            if let Scope::Key(key) = scope
                && name == member.statistic
            {
                add(out, member, with(of_server(self.reading), [("key", key)]), Some(value));
            }
        }
    }

    /// With the labels of Stork.
    fn subnets(&self, member: &Member, out: &mut MetricFamily) {
        let value = self.answers.of_subnets(member.statistic);
        for (subnet, labels) in self.subnets {
            if let Some(value) = value(subnet) {
                out.sample_of(labels, member.label, value);
            }
        }
    }

    fn pools(
        &self,
        member: &Member,
        out: &mut MetricFamily,
        pick: fn(&crate::usage::Subnet) -> &Range<usize>,
        is_of_prefixes: bool,
    ) {
        let Some(layout) = self.answers.layout.as_deref() else { return };
        for subnet in self.answers.subnets() {
            let Some(place) = subnet.place else { continue };
            let id = subnet.id.to_string();
            for (number, places) in by_number(layout, pick(&layout.subnets[place])) {
                let scope = if is_of_prefixes {
                    Scope::PrefixPool { subnet: subnet.id, pool: number }
                } else {
                    Scope::Pool { subnet: subnet.id, pool: number }
                };
                let value = self.answers.of_pools(scope, &places, member.statistic);
                let number = number.to_string();
                add(out, member, with(labels_of(self.reading, &subnet, &id), [("pool_id", number.as_str())]), value);
            }
        }
    }

    /// With the labels of kea-exporter.
    fn exporter(&self, pools: Pools, member: &Member, out: &mut MetricFamily) {
        let of_subnet = self.answers.of_subnets(member.statistic);
        for subnet in self.answers.subnets() {
            let id = subnet.id.to_string();
            let name = subnet.prefix.unwrap_or(&id);
            let labels = with(of_server(self.reading), [("subnet", name), ("subnet_id", &*id)]);
            if self.options.subnets {
                let value = of_subnet(&subnet);
                let pool = (pools != Pools::None).then_some(("pool", ""));
                add(out, member, with(labels.clone(), pool), value);
            }
            if pools == Pools::Each && self.options.pools {
                self.exporter_pools(&subnet, &labels, member, out);
            }
        }
    }

    /// Each pool, by its addresses.
    fn exporter_pools(&self, subnet: &SubnetRef<'a>, labels: &Labels<'_>, member: &Member, out: &mut MetricFamily) {
        let (Some(layout), Some(place)) = (self.answers.layout.as_deref(), subnet.place) else { return };
        let pools = &layout.subnets[place].pools;
        let of_number = by_number(layout, pools);
        for index in pools.clone() {
            let pool = &layout.pools[index];
            let scope = Scope::Pool { subnet: subnet.id, pool: pool.pool_id };
            let is_own = of_number[&pool.pool_id].len() == 1;
            let value = self.answers.of_pools(scope, &[index], member.statistic);
            // What the server counts by number is this pool's only if no other has its number.
            let value = value.filter(|_| is_own || !is_counted_by_number(member.statistic));
            let text = text(pool);
            add(out, member, with(labels.clone(), [("pool", text.as_str())]), value);
        }
    }
}

fn is_counted_by_number(statistic: &str) -> bool {
    statistic.starts_with("reclaimed-") || statistic.starts_with("cumulative-")
}

/// A pool as Kea writes it, without spaces: a prefix where it is one, else a range.
fn text(pool: &Pool) -> String {
    pool.range.as_prefix().map_or_else(|| pool.range.to_string(), |(first, length)| format!("{first}/{length}"))
}

fn add(out: &mut MetricFamily, member: &Member, labels: Labels<'_>, value: Option<f64>) {
    if let Some(value) = value {
        out.sample(&with(labels, member.label), value);
    }
}
