//! Orders that no source has: leases are kept until all are there.

use std::cmp::Ordering;
use std::str::FromStr;

use super::{Lease, Lifetime, OwnedLease};

/// What leases are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// Nothing: as they come.
    None,
    /// The address.
    Address,
    /// The host name, those without one last.
    Hostname,
    /// The hardware address, those without one last.
    HwAddr,
    /// The subnet's number.
    Subnet,
    /// The stored state.
    State,
    /// When they were given.
    Started,
    /// When they end.
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
    /// The names typed for them, each once.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(_, name)| *name)
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
            let names: Vec<_> = Self::names().collect();
            format!("the orders are {}", names.join(", "))
        })
    }
}

/// Leases that wait for their order, each with what is known of it.
#[derive(Debug)]
pub struct SortBuffer<T> {
    key: SortKey,
    is_reversed: bool,
    /// No more than so many are wanted in the end.
    limit: usize,
    leases: Vec<(OwnedLease, T)>,
    added: usize,
}

impl<T> SortBuffer<T> {
    /// A buffer for leases in this order, of which no more than `limit` are wanted in the end.
    #[must_use]
    pub fn new(key: SortKey, is_reversed: bool, limit: Option<u64>) -> Self {
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        Self { key, is_reversed, limit, leases: Vec::new(), added: 0 }
    }

    /// Keeps a lease. Those that cannot be among the wanted any more are dropped from time to time.
    /// Returns whether there are more than wanted.
    pub fn add(&mut self, lease: &Lease<'_>, known: T) -> bool {
        self.added += 1;
        self.leases.push((lease.into(), known));
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
    #[must_use]
    pub fn finish(mut self) -> Vec<(OwnedLease, T)> {
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
fn compare(key: SortKey, one: &Lease<'_>, other: &Lease<'_>) -> Ordering {
    let end = |lease: &Lease<'_>| lease.end().unwrap_or(i64::MAX);
    let by_key = match key {
        SortKey::None | SortKey::Address => Ordering::Equal,
        SortKey::Hostname => {
            let is_absent = |lease: &Lease<'_>| lease.hostname.is_empty();
            let lower = |lease: &Lease<'_>| lease.hostname.to_ascii_lowercase();
            is_absent(one).cmp(&is_absent(other)).then_with(|| lower(one).cmp(&lower(other)))
        }
        SortKey::HwAddr => {
            let (one, other) = (one.hwaddr.0, other.hwaddr.0);
            (one.is_empty(), one).cmp(&(other.is_empty(), other))
        }
        SortKey::Subnet => one.subnet_id.cmp(&other.subnet_id),
        SortKey::State => one.state.number().cmp(&other.state.number()),
        SortKey::Started => one.cltt.cmp(&other.cltt),
        SortKey::Expires => {
            let never = |lease: &Lease<'_>| lease.valid_lifetime == Lifetime::Infinite;
            never(one).cmp(&never(other)).then_with(|| end(one).cmp(&end(other)))
        }
    };
    let place = |lease: &Lease<'_>| (lease.address(), lease.prefix_len());
    by_key.then_with(|| place(one).cmp(&place(other)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::sample;

    fn lease(last: u8, hostname: &'static [u8], valid_lifetime: Lifetime) -> Lease<'static> {
        let cltt = 1000 - i64::from(last);
        Lease { valid_lifetime, cltt, hostname, ..sample::at(&format!("192.0.2.{last}")) }
    }

    fn sorted(key: &str, is_reversed: bool, limit: Option<u64>) -> Vec<u8> {
        let mut buffer = SortBuffer::new(key.parse().unwrap(), is_reversed, limit);
        for (last, hostname, lifetime) in [
            (9, &b"Anna"[..], Lifetime::Infinite),
            (100, b"", Lifetime::Seconds(60)),
            (20, b"berta", Lifetime::Seconds(60)),
        ] {
            buffer.add(&lease(last, hostname, lifetime), last);
        }
        buffer.finish().into_iter().map(|(_, last)| last).collect()
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
        let mut buffer = SortBuffer::new(SortKey::Started, true, Some(2));
        for last in 0..=255 {
            for _ in 0..10 {
                buffer.add(&lease(last, b"", Lifetime::Infinite), ());
            }
            assert!(buffer.leases.len() < 1004);
        }
        let ends: Vec<_> = buffer.finish().iter().map(|(lease, ())| lease.lease().cltt).collect();
        assert_eq!(ends, [1000, 1000]);
    }
}
