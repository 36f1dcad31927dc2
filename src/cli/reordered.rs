//! Leases with replaced addresses, in the order of the replacements: the order they came in would tell the addresses.

use std::fmt::Display;
use std::net::IpAddr;

use crate::lease::{AnyLease, Lease4, Lease6, OwnedLease};

/// Leases that wait until all are there.
#[derive(Default)]
pub(super) struct Reordered(Vec<Kept>);

struct Kept {
    lease: OwnedLease,
    /// The address it had, for messages.
    address: IpAddr,
    hwtype: Option<u16>,
    hwaddr_source: Option<u32>,
}

/// One of them, as it is to be written.
pub(super) enum Lease<'a> {
    V4(Lease4<'a>),
    V6(Lease6<'a>),
}

impl Reordered {
    /// Keeps a lease that once had `address`.
    pub(super) fn add4(&mut self, lease: &Lease4<'_>, address: IpAddr) {
        self.add(&lease.into(), address, None, None);
    }

    /// The same.
    pub(super) fn add6(&mut self, lease: &Lease6<'_>, address: IpAddr) {
        self.add(&lease.into(), address, lease.hwtype, lease.hwaddr_source);
    }

    fn add(&mut self, lease: &AnyLease<'_>, address: IpAddr, hwtype: Option<u16>, hwaddr_source: Option<u32>) {
        self.0.push(Kept { lease: lease.into(), address, hwtype, hwaddr_source });
    }

    /// Hands over each lease with the address it had, by its replaced address.
    pub(super) fn each<E>(mut self, mut take: impl FnMut(Lease<'_>, &dyn Display) -> Result<(), E>) -> Result<(), E> {
        self.0.sort_unstable_by_key(|kept| (kept.lease.lease().address, kept.lease.lease().prefix_len));
        for Kept { lease, address, hwtype, hwaddr_source } in &self.0 {
            let lease = lease.lease();
            let v6 = || lease.lease6().map(|v6| Lease6 { hwtype: *hwtype, hwaddr_source: *hwaddr_source, ..v6 });
            if let Some(lease) = lease.lease4().map(Lease::V4).or_else(|| v6().map(Lease::V6)) {
                take(lease, address)?;
            }
        }
        Ok(())
    }
}
