//! The one definition of every filter for leases.
//!
//! A database applies the conditions that `source::sql` can express, but every lease is checked here too, so that a filter
//! means the same for every source. A lease must match one value of each criterion.

use std::net::IpAddr;

use super::subnets::Network;
use super::{Family, Lease, LeaseStatus, LeaseType};

mod octets;
mod pattern;
mod range;
mod selector;

pub use octets::OctetPrefix;
pub use pattern::{Pattern, Search};
pub use range::{Range, SubnetChoice};
pub use selector::LeaseSelector;

/// The criteria for leases; an empty criterion matches every lease.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The moment at which leases are judged, in epoch seconds.
    pub now: i64,
    /// The address it must give, by itself or in its prefix.
    pub address: Option<IpAddr>,
    /// Its state at that time.
    pub statuses: Vec<LeaseStatus>,
    /// The subnets.
    pub subnets: Vec<SubnetChoice>,
    /// The ranges of its address; of a prefix, its first address.
    pub ranges: Vec<Range>,
    /// The beginnings of its hardware address.
    pub hwaddrs: Vec<OctetPrefix>,
    /// How its client identifier must begin; no DHCPv6 lease has one.
    pub client_ids: Vec<OctetPrefix>,
    /// How its DUID must begin; no DHCPv4 lease has one.
    pub duids: Vec<OctetPrefix>,
    /// Patterns of its host name.
    pub hostnames: Vec<Pattern>,
    /// What a DHCPv6 lease must give; no DHCPv4 lease has a type.
    pub lease_types: Vec<LeaseType>,
    /// It must end within so many seconds.
    pub expiring: Option<u32>,
    /// It must have been given or renewed within so many seconds.
    pub fresh: Option<u32>,
    /// Texts that must be found in one of its fields.
    pub searches: Vec<Search>,
    /// What must be asked for by one of these words.
    pub wanted: Vec<LeaseSelector>,
}

impl Filter {
    /// Whether it matches every lease.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self { now: self.now, ..Self::default() }
    }

    /// Whether a lease matches.
    #[must_use]
    pub fn accepts(&self, lease: &Lease<'_>) -> bool {
        self.accepts_as(lease, lease.status(self.now))
    }

    /// Whether a lease is meant that counts as `status`: a row of a history as what it said when it was written.
    #[must_use]
    pub fn accepts_as(&self, lease: &Lease<'_>, status: LeaseStatus) -> bool {
        self.address.is_none_or(|address| gives(lease, address))
            && any(&self.statuses, |wanted| status == *wanted)
            && any(&self.subnets, |subnet| subnet.contains(lease))
            && any(&self.ranges, |range| range.contains(lease.address()))
            && any(&self.hwaddrs, |prefix| prefix.begins(lease.hwaddr.0))
            && any(&self.client_ids, |prefix| lease.family() == Family::V4 && prefix.begins(lease.identifier()))
            && any(&self.duids, |prefix| lease.family() == Family::V6 && prefix.begins(lease.identifier()))
            && any(&self.lease_types, |wanted| lease.lease_type() == Some(*wanted))
            && self.expiring.is_none_or(|seconds| self.ends_within(lease, seconds))
            && self.fresh.is_none_or(|seconds| lease.cltt >= self.now - i64::from(seconds))
            && any(&self.hostnames, |pattern| pattern.matches(lease.hostname))
            && self.searches.iter().all(|search| search.matches(lease))
            && any(&self.wanted, |wanted| wanted.matches(lease))
    }

    fn ends_within(&self, lease: &Lease<'_>, seconds: u32) -> bool {
        lease.end().is_some_and(|end| (self.now..=self.now + i64::from(seconds)).contains(&end))
    }

    /// The same with every prefix that is a subnet's in `network` taken for that subnet, whose leases need not lie in
    /// the prefix (delegated prefixes seldom do).
    #[must_use]
    pub fn with_network(&self, network: Option<&Network>) -> Self {
        let resolved = |subnet: &SubnetChoice| {
            let id = subnet.prefix().zip(network).and_then(|(prefix, network)| network.id_of(prefix));
            id.map_or(*subnet, SubnetChoice::Id)
        };
        Self { subnets: self.subnets.iter().map(resolved).collect(), ..self.clone() }
    }

    /// The only family whose leases it can mean, `None` if it can mean both; the names of two criteria that exclude
    /// each other otherwise.
    pub fn family(&self) -> Result<Option<Family>, [&'static str; 2]> {
        let mut only: Option<(Family, &'static str)> = None;
        let of_ranges = |ranges: &mut dyn Iterator<Item = &Range>| {
            let mut families = ranges.map(Range::family);
            let first = families.next()?;
            families.all(|family| family == first).then_some(first)
        };
        let words = || {
            let mut families = self.wanted.iter().map(LeaseSelector::family);
            let first = families.next()??;
            families.all(|family| family == Some(first)).then_some(first)
        };
        let prefixes = self.subnets.iter().all(|subnet| subnet.prefix().is_some());
        let criteria = [
            ("the address", self.address.map(|address| if address.is_ipv4() { Family::V4 } else { Family::V6 })),
            ("what is asked for by name", words()),
            ("--range", of_ranges(&mut self.ranges.iter())),
            ("--subnet", of_ranges(&mut self.subnets.iter().filter_map(SubnetChoice::prefix)).filter(|_| prefixes)),
            ("--client-id", (!self.client_ids.is_empty()).then_some(Family::V4)),
            ("--duid", (!self.duids.is_empty()).then_some(Family::V6)),
            ("--lease-type", (!self.lease_types.is_empty()).then_some(Family::V6)),
        ];
        for (name, family) in criteria {
            match (only, family) {
                (Some((first, other)), Some(family)) if first != family => return Err([other, name]),
                (None, Some(family)) => only = Some((family, name)),
                _ => {}
            }
        }
        Ok(only.map(|(family, _)| family))
    }
}

/// Whether `address` is the lease's, or one of its prefix.
fn gives(lease: &Lease<'_>, address: IpAddr) -> bool {
    let of_prefix = || Range::of_prefix(lease.address(), lease.prefix_len());
    lease.address() == address || (lease.is_prefix() && of_prefix().is_some_and(|range| range.contains(address)))
}

/// Whether any of the values matches, or there are none.
fn any<T>(values: &[T], agrees: impl Fn(&T) -> bool) -> bool {
    values.is_empty() || values.iter().any(agrees)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::Lifetime;
    use crate::lease::sample::V4 as LEASE;

    fn at(now: i64) -> Filter {
        Filter { now, ..Filter::default() }
    }

    #[test]
    fn what_asks_nothing_means_every_lease() {
        assert!(at(99_999_999).is_empty() && at(99_999_999).accepts(&LEASE));
    }

    #[test]
    fn all_criteria_must_agree_and_one_value_of_each_suffices() {
        let filter = Filter {
            subnets: vec![SubnetChoice::Id(3), SubnetChoice::Id(7)],
            hostnames: vec!["printer".parse().unwrap()],
            ..at(10_000)
        };
        assert!(filter.accepts(&LEASE));
        assert!(!Filter { subnets: vec![SubnetChoice::Id(3)], ..filter.clone() }.accepts(&LEASE));
        assert!(!Filter { duids: vec![OctetPrefix::identifier("01").unwrap()], ..filter }.accepts(&LEASE));
    }

    #[test]
    fn expiring_filter_excludes_past_later_and_infinite_leases() {
        let expiring = |now| Filter { expiring: Some(600), ..at(now) };
        let seen: Vec<_> = [12_999, 13_000, 13_600, 13_601].map(|now| expiring(now).accepts(&LEASE)).into();
        assert_eq!(seen, [false, true, true, false]);
        assert!(!expiring(13_000).accepts(&Lease { valid_lifetime: Lifetime::Infinite, ..LEASE }));
    }

    #[test]
    fn new_lease_filter_accepts_recently_allocated_leases() {
        let fresh = |now| Filter { fresh: Some(60), ..at(now) }.accepts(&LEASE);
        assert_eq!([fresh(10_000), fresh(10_060), fresh(10_061)], [true, true, false]);
    }

    #[test]
    fn filter_criteria_imply_family_and_conflicts_are_named() {
        let range = |text: &str| vec![text.parse::<Range>().unwrap()];
        assert_eq!(at(0).family(), Ok(None));
        assert_eq!(Filter { ranges: range("192.0.2.0/24"), ..at(0) }.family(), Ok(Some(Family::V4)));
        let mixed = [range("192.0.2.0/24"), range("2001:db8::/32")].concat();
        assert_eq!(Filter { ranges: mixed, ..at(0) }.family(), Ok(None));
        let both = Filter { ranges: range("192.0.2.0/24"), lease_types: vec![LeaseType::Pd], ..at(0) };
        assert_eq!(both.family(), Err(["--range", "--lease-type"]));
    }
}
