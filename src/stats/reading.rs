//! What a daemon has answered at one moment.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::scope::Scope;
use super::snapshot::Statistics;
use crate::config::Daemon;
use crate::health::kea::answer::Status;
use crate::usage::{Counts, Layout, Usage};

/// What is known of a daemon.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The name of its server, where there are several.
    pub server: Option<String>,
    /// Which daemon it is; `None` if it has never answered and its address does not say.
    pub daemon: Option<Daemon>,
    /// How long it took to ask.
    pub took: Duration,
    /// Why it does not answer, in one word for a label.
    pub trouble: Option<&'static str>,
    /// Its answers; `None` if it does not answer.
    pub answers: Option<Box<Answers>>,
}

/// What a daemon has answered.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// When it was asked, in seconds since 1970.
    pub at: i64,
    /// Its status.
    pub status: Status,
    /// Its version.
    pub version: Option<String>,
    /// Its statistics.
    pub statistics: Arc<Statistics>,
    /// Its subnets and pools; `None` if its configuration is not known.
    pub layout: Option<Arc<Layout>>,
    /// What its leases add up to, in the places of `layout`.
    pub usage: Option<Arc<Usage>>,
    /// What its files on this host show.
    pub files: Files,
    /// What was not asked for, and why.
    pub skipped: Vec<Skipped>,
}

/// What the files of a daemon on this host show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Files {
    /// When its configuration was last written, in seconds since 1970.
    pub config_modified: Option<i64>,
    /// The size of its lease file.
    pub lease_file_size: Option<u64>,
    /// When its lease file was last cleaned up, in seconds since 1970.
    pub lease_file_cleaned: Option<i64>,
}

/// What was not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skipped {
    /// What.
    pub what: Subject,
    /// Why, in one word for a label.
    pub reason: &'static str,
}

/// What may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The leases, and with them what pools have.
    Leases,
    /// All statistics.
    Statistics,
    /// The configuration.
    Configuration,
}

/// A subnet of a daemon.
#[derive(Debug, Clone, Copy)]
pub struct SubnetRef<'a> {
    /// Its number.
    pub id: u32,
    /// Its prefix; nothing if the configuration is not known.
    pub prefix: Option<&'a str>,
    /// The name of its shared network.
    pub network: Option<&'a str>,
    /// Its place in the layout.
    pub place: Option<usize>,
}

impl Answers {
    /// The subnets that are configured; if that is not known, those that have statistics.
    #[must_use]
    pub fn subnets(&self) -> Vec<SubnetRef<'_>> {
        let Some(layout) = self.layout.as_deref() else {
            let bare = |id| SubnetRef { id, prefix: None, network: None, place: None };
            return self.statistics.subnets().into_iter().map(bare).collect();
        };
        let configured = layout.subnets.iter().enumerate().map(|(place, subnet)| SubnetRef {
            id: subnet.id,
            prefix: Some(&subnet.prefix),
            network: subnet.network.and_then(|network| layout.networks[network].name.as_deref()),
            place: Some(place),
        });
        configured.collect()
    }

    /// A statistic of a subnet. A size that the server does not report, or has lost, follows from the configuration.
    #[must_use]
    pub fn of_subnet(&self, subnet: &SubnetRef<'_>, statistic: &str) -> Option<f64> {
        let counted = self.statistics.get(&Scope::Subnet(subnet.id), statistic);
        let pools = |pick: fn(&crate::usage::Subnet) -> &Range<usize>| {
            let layout = self.layout.as_deref()?;
            Some(sum(layout.pools[pick(&layout.subnets[subnet.place?]).clone()].iter().map(|pool| pool.total)))
        };
        match statistic {
            "total-addresses" | "total-nas" => counted.filter(|size| *size > 0.0).or_else(|| pools(|it| &it.pools)),
            "total-pds" => counted.filter(|size| *size > 0.0).or_else(|| pools(|it| &it.prefix_pools)),
            _ => counted,
        }
    }

    /// A statistic of the pools of one number in a subnet; `places` are theirs in the layout.
    ///
    /// The server's own counts of what is assigned are wrong after it has started or loaded its configuration (with a lease file, up
    /// to Kea 3.0 at least), so they follow from the leases, or are not there.
    #[must_use]
    pub fn of_pools(&self, scope: &Scope, places: &[usize], statistic: &str) -> Option<f64> {
        let counts = |pick: fn(&Counts) -> u64| {
            let usage = self.usage.as_deref()?;
            Some(sum(places.iter().map(|place| pick(&usage.pools[*place]).into())))
        };
        match statistic {
            "total-addresses" | "total-nas" | "total-pds" => {
                let layout = self.layout.as_deref()?;
                Some(sum(places.iter().map(|place| layout.pools[*place].total)))
            }
            "assigned-addresses" | "assigned-nas" | "assigned-pds" => {
                counts(|counts| counts.active + counts.declined + counts.expired)
            }
            "declined-addresses" => counts(|counts| counts.declined),
            _ => self.statistics.get(scope, statistic),
        }
    }
}

fn sum(counts: impl Iterator<Item = u128>) -> f64 {
    as_float(counts.fold(0, u128::saturating_add))
}

/// A count as Prometheus has it.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "Prometheus has no other numbers")]
pub fn as_float(count: u128) -> f64 {
    count as f64
}

/// The pools of a subnet, by their number; `pools` are its pools of addresses or of prefixes.
#[must_use]
pub fn by_number(layout: &Layout, pools: &Range<usize>) -> BTreeMap<u32, Vec<usize>> {
    let mut groups: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for place in pools.clone() {
        groups.entry(layout.pools[place].pool_id).or_default().push(place);
    }
    groups
}
