//! What a daemon has answered at one moment.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::scope::Scope;
use super::snapshot::Statistics;
use crate::config::Daemon;
use crate::config::model::Backend;
use crate::family::Family;
use crate::health::kea::answer::Status;
use crate::lease::OwnedLease;
use crate::usage::{self, Counts, Layout, Usage};

/// When something is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since 1970.
    pub now: i64,
    /// The time since some fixed moment.
    pub monotonic: Duration,
}

/// How busy a host is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// Processes that run or wait for it, on average over a minute.
    pub one_minute: Option<f64>,
    /// Memory in use and all of it, in KiB.
    pub memory: Option<(u64, u64)>,
}

/// Why there is no answer of a daemon for which too little time of a round of questions was left: nothing is known of it.
pub const NO_TIME: &str = "no_time";

/// Why there is no answer of a daemon whose configuration is wrong, so that its socket is not known.
pub const BAD_CONFIGURATION: &str = "bad_configuration";

/// Why there is no answer of a daemon that is asked through a Control Agent which does not answer: nothing is known of it.
pub const NO_AGENT: &str = "no_agent";

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
    /// The same in a sentence, with what would help.
    pub cause: Option<String>,
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
    /// When its statistics were asked for, on a clock of its own.
    pub counted: Duration,
    /// Its statistics.
    pub statistics: Arc<Statistics>,
    /// Its subnets and pools; `None` if its configuration is not known.
    pub layout: Option<Arc<Layout>>,
    /// What its leases add up to, in the places of `layout`.
    pub usage: Option<Arc<Usage>>,
    /// When these were counted, in seconds since 1970.
    pub leases_counted: Option<i64>,
    /// Where its leases are, if its configuration is known.
    pub backend: Option<Backend>,
    /// Leases that were given, renewed or released since the last answer, if they are followed.
    pub given: Vec<Arc<OwnedLease>>,
    /// Its configuration without its secrets, if it is kept.
    pub config: Option<Arc<str>>,
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
    /// Why its configuration cannot be used, in one word for a label.
    pub config_fault: Option<&'static str>,
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

    /// How full pools are: by leases, else the estimate that the counts of subnets allow; `None` without either.
    #[must_use]
    pub fn filled(&self, family: Family) -> Option<Arc<Usage>> {
        if let Some(usage) = &self.usage {
            return Some(Arc::clone(usage));
        }
        let layout = self.layout.as_deref()?;
        let rows: Vec<usage::Statistics> =
            layout.subnets.iter().filter_map(|subnet| self.counts_of(subnet.id, family)).collect();
        (!rows.is_empty()).then(|| Arc::new(Usage::of_statistics(layout, &rows, self.at)))
    }

    /// What the server counts in a subnet.
    fn counts_of(&self, subnet_id: u32, family: Family) -> Option<usage::Statistics> {
        let count = |name| self.statistics.get(Scope::Subnet(subnet_id), name).map(as_count);
        let declined = count("declined-addresses").unwrap_or(0);
        let (assigned, prefixes) = match family {
            Family::V4 => (count("assigned-addresses")?, None),
            Family::V6 => (count("assigned-nas")?, count("assigned-pds")),
        };
        Some(usage::Statistics {
            subnet_id,
            assigned: assigned.saturating_sub(declined),
            declined,
            assigned_prefixes: prefixes.unwrap_or(0),
        })
    }

    /// A statistic of each of some subnets. A size that the server does not report, or has lost, follows from the configuration.
    pub fn of_subnets<'a>(&'a self, statistic: &'a str) -> impl Fn(&SubnetRef<'_>) -> Option<f64> + 'a {
        let column = self.statistics.column(statistic);
        move |subnet| self.size_or(subnet, statistic, column.of_subnet(subnet.id))
    }

    fn size_or(&self, subnet: &SubnetRef<'_>, statistic: &str, counted: Option<f64>) -> Option<f64> {
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
    pub fn of_pools(&self, scope: Scope<'_>, places: &[usize], statistic: &str) -> Option<f64> {
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

/// A count as Kea has it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of leases is far from 2^53")]
fn as_count(value: f64) -> u64 {
    value as u64
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
