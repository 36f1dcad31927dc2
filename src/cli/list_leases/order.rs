//! Orders that no source has: leases are kept until all are there.

use std::cmp::Ordering;
use std::str::FromStr;

use crate::lease::{AnyLease, Lifetime, OwnedLease, Standing};
use crate::source::Order;

/// What leases are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SortKey {
    /// Nothing: as they come.
    None,
    Address,
    Hostname,
    HwAddr,
    Subnet,
    State,
    Started,
    Expires,
}

const NAMES: [(SortKey, &str); 8] = [
    (SortKey::Address, "address"),
    (SortKey::Hostname, "hostname"),
    (SortKey::HwAddr, "hwaddr"),
    (SortKey::Subnet, "subnet"),
    (SortKey::State, "state"),
    (SortKey::Started, "started"),
    (SortKey::Expires, "expires"),
    (SortKey::None, "none"),
];

impl SortKey {
    /// What a source is asked for, and whether that is all there is to do.
    pub(super) fn of_source(self, is_reversed: bool) -> (Order, bool) {
        match self {
            Self::None => (Order::Stored, !is_reversed),
            Self::Address => (if is_reversed { Order::Stored } else { Order::Address }, !is_reversed),
            _ => (Order::Stored, false),
        }
    }
}

impl FromStr for SortKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = match text {
            "mac" | "hw-address" => "hwaddr",
            "remaining" => "expires",
            other => other,
        };
        NAMES.iter().find(|(_, name)| *name == wanted).map(|(key, _)| *key).ok_or_else(|| {
            let names: Vec<_> = NAMES.iter().map(|(_, name)| *name).collect();
            format!("the orders are {}", names.join(", "))
        })
    }
}

/// Leases that wait for their order.
#[derive(Debug)]
pub(super) struct Waiting {
    key: SortKey,
    is_reversed: bool,
    /// No more than so many are wanted in the end.
    limit: usize,
    leases: Vec<(OwnedLease, Standing)>,
    added: usize,
}

impl Waiting {
    pub(super) fn new(key: SortKey, is_reversed: bool, limit: Option<u64>) -> Self {
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        Self { key, is_reversed, limit, leases: Vec::new(), added: 0 }
    }

    /// Keeps a lease. Those that cannot be among the wanted any more go from time to time.
    /// Says whether there are more than wanted.
    pub(super) fn add(&mut self, lease: &AnyLease<'_>, standing: Standing) -> bool {
        self.added += 1;
        self.leases.push((lease.into(), standing));
        let many = self.limit.saturating_mul(2).saturating_add(1000);
        if self.leases.len() >= many && self.key != SortKey::None {
            self.sort();
            self.leases.truncate(self.limit);
        }
        self.added > self.limit
    }

    fn sort(&mut self) {
        let (key, is_reversed) = (self.key, self.is_reversed);
        self.leases.sort_by(|one, other| {
            let order = compare(key, &one.0.lease(), &other.0.lease());
            if is_reversed { order.reverse() } else { order }
        });
    }

    /// All that are wanted, in order.
    pub(super) fn finish(mut self) -> Vec<(OwnedLease, Standing)> {
        if self.key != SortKey::None {
            self.sort();
        } else if self.is_reversed {
            self.leases.reverse();
        }
        self.leases.truncate(self.limit);
        self.leases
    }
}

/// By the key, then by address.
fn compare(key: SortKey, one: &AnyLease<'_>, other: &AnyLease<'_>) -> Ordering {
    let end = |lease: &AnyLease<'_>| lease.end().unwrap_or(i64::MAX);
    let by_key = match key {
        SortKey::None | SortKey::Address => Ordering::Equal,
        SortKey::Hostname => {
            let absent = |lease: &AnyLease<'_>| lease.hostname.is_empty();
            let lower = |lease: &AnyLease<'_>| lease.hostname.to_ascii_lowercase();
            absent(one).cmp(&absent(other)).then_with(|| lower(one).cmp(&lower(other)))
        }
        SortKey::HwAddr => (one.hwaddr.is_empty(), one.hwaddr).cmp(&(other.hwaddr.is_empty(), other.hwaddr)),
        SortKey::Subnet => one.subnet_id.cmp(&other.subnet_id),
        SortKey::State => one.state.number().cmp(&other.state.number()),
        SortKey::Started => one.cltt.cmp(&other.cltt),
        SortKey::Expires => {
            let never = |lease: &AnyLease<'_>| lease.valid_lifetime == Lifetime::Infinite;
            never(one).cmp(&never(other)).then_with(|| end(one).cmp(&end(other)))
        }
    };
    by_key.then_with(|| one.address.cmp(&other.address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::{LeaseState, Lifetime};

    fn lease(last: u8, hostname: &'static [u8], lifetime: Lifetime) -> AnyLease<'static> {
        AnyLease {
            address: std::net::IpAddr::from([192, 0, 2, last]),
            lease_type: None,
            prefix_len: 32,
            hwaddr: b"",
            client: b"",
            iaid: None,
            valid_lifetime: lifetime,
            preferred_lifetime: None,
            cltt: 1000 - i64::from(last),
            subnet_id: 1,
            pool_id: 0,
            fqdn_fwd: false,
            fqdn_rev: false,
            hostname,
            state: LeaseState::Assigned,
            user_context: b"",
        }
    }

    fn sorted(key: &str, is_reversed: bool, limit: Option<u64>) -> Vec<u8> {
        let mut waiting = Waiting::new(key.parse().unwrap(), is_reversed, limit);
        for lease in [
            lease(9, b"Anna", Lifetime::Infinite),
            lease(100, b"", Lifetime::Seconds(60)),
            lease(20, b"berta", Lifetime::Seconds(60)),
        ] {
            waiting.add(&lease, Standing::Active);
        }
        let last = |lease: &OwnedLease| lease.lease().address.to_string().rsplit('.').next().unwrap().parse().unwrap();
        waiting.finish().iter().map(|(lease, _)| last(lease)).collect()
    }

    #[test]
    fn leases_come_in_the_order_asked_for() {
        assert_eq!(sorted("address", false, None), [9, 20, 100]);
        assert_eq!(sorted("address", true, None), [100, 20, 9]);
        assert_eq!(sorted("hostname", false, None), [9, 20, 100]);
        assert_eq!(sorted("expires", false, None), [100, 20, 9]);
        assert_eq!(sorted("started", false, Some(1)), [100]);
        assert_eq!(sorted("none", true, None), [20, 100, 9]);
    }

    #[test]
    fn of_many_leases_only_those_wanted_are_kept() {
        let mut waiting = Waiting::new(SortKey::Started, true, Some(2));
        for last in 0..=255 {
            for _ in 0..10 {
                waiting.add(&lease(last, b"", Lifetime::Infinite), Standing::Active);
            }
            assert!(waiting.leases.len() < 1004);
        }
        let ends: Vec<_> = waiting.finish().iter().map(|(lease, _)| lease.lease().cltt).collect();
        assert_eq!(ends, [1000, 1000]);
    }
}
