//! What Stork's agent and kea-exporter call the statistics.
//!
//! Both name nearly everything `_total`. The type of a family here is what it is: a counter where Kea only counts upwards (it begins
//! again when the server starts, that of a subnet also when the configuration is loaded), a gauge otherwise. No query depends on it.

mod ddns;
mod dhcp4;
mod dhcp6;

use super::scope::Scope;
use crate::config::Daemon;

/// A family of series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricDescriptor {
    /// Its name.
    pub name: &'static str,
    /// Whether it only grows.
    pub is_counter: bool,
    /// What it is, in a sentence without its full stop.
    pub help: &'static str,
    /// Which programs have it.
    pub peers: Peers,
    /// What each of its series is about.
    pub level: Level,
    /// Its statistics.
    pub members: &'static [Member],
}

/// A statistic in a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Its name without the scope.
    pub statistic: &'static str,
    /// The label that distinguishes it from the others, and its value.
    pub label: Option<(&'static str, &'static str)>,
}

/// Which programs have a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peers {
    /// Stork's agent and kea-exporter.
    Both,
    /// Stork's agent.
    Stork,
    /// kea-exporter, or its fork by marcinpsk.
    Exporter,
}

/// What a series is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The whole server.
    Global,
    /// A subnet.
    Subnet(Pools),
    /// The address pools of one number in a subnet.
    Pool,
    /// The prefix pools of one number in a subnet.
    PrefixPool,
    /// A TSIG key.
    Key,
}

/// What kea-exporter has of the pools of a subnet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pools {
    /// Nothing.
    None,
    /// An empty label `pool`.
    Label,
    /// Series of each pool.
    Each,
}

/// The names that are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NamingScheme {
    /// Those of Stork's agent and of kea-exporter, with Stork's labels.
    #[default]
    Both,
    /// Those of kea-exporter with its labels, also of pools.
    Exporter,
    /// Those of Stork's agent.
    Stork,
    /// None of them.
    Own,
}

impl NamingScheme {
    /// Whether a family of these programs is wanted.
    #[must_use]
    pub fn has(self, peers: Peers) -> bool {
        match self {
            Self::Both => true,
            Self::Exporter => peers != Peers::Stork,
            Self::Stork => peers != Peers::Exporter,
            Self::Own => false,
        }
    }
}

/// The families of a daemon.
#[must_use]
pub fn families(daemon: Daemon) -> &'static [MetricDescriptor] {
    match daemon {
        Daemon::Dhcp4 => dhcp4::FAMILIES,
        Daemon::Dhcp6 => dhcp6::FAMILIES,
        Daemon::Ddns => ddns::FAMILIES,
        Daemon::CtrlAgent | Daemon::Netconf => &[],
    }
}

/// Whether a statistic of a daemon is in one of its families, whichever names are wanted.
#[must_use]
pub fn is_known(daemon: Daemon, scope: Scope<'_>, statistic: &str) -> bool {
    families(daemon).iter().any(|family| {
        let fits = matches!(
            (family.level, scope),
            (Level::Global, Scope::Global)
                | (Level::Subnet(_), Scope::Subnet(_))
                | (Level::Pool, Scope::Pool { .. })
                | (Level::PrefixPool, Scope::PrefixPool { .. })
                | (Level::Key, Scope::Key(_))
        );
        fits && family.members.iter().any(|member| member.statistic == statistic)
    })
}

/// The statistics of the whole server that are asked for by name where asking for all takes too long.
#[must_use]
pub fn few(daemon: Daemon) -> &'static [&'static str] {
    match daemon {
        Daemon::Dhcp4 => dhcp4::FEW,
        Daemon::Dhcp6 => dhcp6::FEW,
        Daemon::Ddns => ddns::FEW,
        Daemon::CtrlAgent | Daemon::Netconf => &[],
    }
}

/// A statistic that every daemon of a kind has, from its start.
#[must_use]
pub fn sign_of(daemon: Daemon) -> Option<&'static str> {
    match daemon {
        Daemon::Dhcp4 => Some("pkt4-received"),
        Daemon::Dhcp6 => Some("pkt6-received"),
        Daemon::Ddns => Some("ncr-received"),
        Daemon::CtrlAgent | Daemon::Netconf => None,
    }
}

/// A statistic without a label of its own.
const fn plain(statistic: &'static str) -> Member {
    Member { statistic, label: None }
}

/// A statistic with the label `operation`.
const fn operation(statistic: &'static str, value: &'static str) -> Member {
    Member { statistic, label: Some(("operation", value)) }
}

/// A statistic with the label `context`.
const fn context(statistic: &'static str, value: &'static str) -> Member {
    Member { statistic, label: Some(("context", value)) }
}

/// A family that only grows.
const fn counter(
    name: &'static str,
    peers: Peers,
    level: Level,
    help: &'static str,
    members: &'static [Member],
) -> MetricDescriptor {
    MetricDescriptor { name, is_counter: true, help, peers, level, members }
}

/// Any other family.
const fn gauge(
    name: &'static str,
    peers: Peers,
    level: Level,
    help: &'static str,
    members: &'static [Member],
) -> MetricDescriptor {
    MetricDescriptor { name, is_counter: false, help, peers, level, members }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const WITH_STATISTICS: [Daemon; 3] = [Daemon::Dhcp4, Daemon::Dhcp6, Daemon::Ddns];

    #[test]
    fn every_family_has_a_name_of_its_own() {
        let mut seen = HashSet::new();
        for family in WITH_STATISTICS.into_iter().flat_map(families) {
            assert!(seen.insert(family.name), "{}", family.name);
            let mut labels = HashSet::new();
            assert!(family.members.iter().all(|member| labels.insert(member.label)), "{}", family.name);
        }
    }

    #[test]
    fn a_counter_ends_in_total() {
        for family in WITH_STATISTICS.into_iter().flat_map(families) {
            assert!(!family.is_counter || family.name.ends_with("_total"), "{}", family.name);
            let is_odd = |c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            assert!(family.name.starts_with("kea_") && !family.name.contains(is_odd), "{}", family.name);
        }
    }

    #[test]
    fn what_is_asked_for_by_name_is_in_a_family() {
        for daemon in WITH_STATISTICS {
            assert!(few(daemon).iter().all(|name| is_known(daemon, Scope::Global, name)), "{daemon}");
        }
    }
}
