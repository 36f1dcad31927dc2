//! A lease of either family, as filters, lists and searches look at it.

use std::net::IpAddr;
use std::ops::Range;

use super::{ClientId, Duid, Family, HwAddr, Lease4, Lease6, LeaseState, LeaseType, Lifetime, Standing};

/// A lease of either family; what only one family has is `None` or empty for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnyLease<'a> {
    /// The address, or the first address of a prefix.
    pub address: IpAddr,
    /// DHCPv6: an address or a prefix.
    pub lease_type: Option<LeaseType>,
    /// The length of a prefix; the whole address otherwise.
    pub prefix_len: u8,
    /// The client's hardware address; empty if unknown.
    pub hwaddr: &'a [u8],
    /// The client identifier (DHCPv4) or DUID (DHCPv6); may be empty.
    pub client: &'a [u8],
    /// DHCPv6: the identity association's number.
    pub iaid: Option<u32>,
    /// The valid lifetime.
    pub valid_lifetime: Lifetime,
    /// DHCPv6: the preferred lifetime.
    pub preferred_lifetime: Option<Lifetime>,
    /// When the lease was last given, in epoch seconds.
    pub cltt: i64,
    /// The subnet's number.
    pub subnet_id: u32,
    /// The pool's number within the subnet, 0 if it has none.
    pub pool_id: u32,
    /// Whether Kea updates the forward record.
    pub fqdn_fwd: bool,
    /// Whether Kea updates the PTR record.
    pub fqdn_rev: bool,
    /// The host name; empty if there is none.
    pub hostname: &'a [u8],
    /// What Kea stores about it.
    pub state: LeaseState,
    /// A JSON map as text; empty if there is none.
    pub user_context: &'a [u8],
}

impl<'a> From<&Lease4<'a>> for AnyLease<'a> {
    fn from(lease: &Lease4<'a>) -> Self {
        Self {
            address: lease.address.into(),
            lease_type: None,
            prefix_len: 32,
            hwaddr: lease.hwaddr.0,
            client: lease.client_id.0,
            iaid: None,
            valid_lifetime: lease.valid_lifetime,
            preferred_lifetime: None,
            cltt: lease.cltt,
            subnet_id: lease.subnet_id,
            pool_id: lease.pool_id,
            fqdn_fwd: lease.fqdn_fwd,
            fqdn_rev: lease.fqdn_rev,
            hostname: lease.hostname,
            state: lease.state,
            user_context: lease.user_context,
        }
    }
}

impl<'a> From<&Lease6<'a>> for AnyLease<'a> {
    fn from(lease: &Lease6<'a>) -> Self {
        Self {
            address: lease.address.into(),
            lease_type: Some(lease.lease_type),
            prefix_len: lease.prefix_len,
            hwaddr: lease.hwaddr.0,
            client: lease.duid.0,
            iaid: Some(lease.iaid),
            valid_lifetime: lease.valid_lifetime,
            preferred_lifetime: Some(lease.preferred_lifetime),
            cltt: lease.cltt,
            subnet_id: lease.subnet_id,
            pool_id: lease.pool_id,
            fqdn_fwd: lease.fqdn_fwd,
            fqdn_rev: lease.fqdn_rev,
            hostname: lease.hostname,
            state: lease.state,
            user_context: lease.user_context,
        }
    }
}

impl<'a> AnyLease<'a> {
    /// The DHCPv4 lease that it is.
    #[must_use]
    pub fn lease4(&self) -> Option<Lease4<'a>> {
        let IpAddr::V4(address) = self.address else { return None };
        Some(Lease4 {
            address,
            hwaddr: HwAddr(self.hwaddr),
            client_id: ClientId(self.client),
            valid_lifetime: self.valid_lifetime,
            cltt: self.cltt,
            subnet_id: self.subnet_id,
            pool_id: self.pool_id,
            fqdn_fwd: self.fqdn_fwd,
            fqdn_rev: self.fqdn_rev,
            hostname: self.hostname,
            state: self.state,
            user_context: self.user_context,
        })
    }

    /// The DHCPv6 lease that it is, but for where its hardware address comes from.
    #[must_use]
    pub fn lease6(&self) -> Option<Lease6<'a>> {
        let IpAddr::V6(address) = self.address else { return None };
        Some(Lease6 {
            address,
            duid: Duid(self.client),
            valid_lifetime: self.valid_lifetime,
            preferred_lifetime: self.preferred_lifetime?,
            cltt: self.cltt,
            subnet_id: self.subnet_id,
            pool_id: self.pool_id,
            lease_type: self.lease_type?,
            iaid: self.iaid?,
            prefix_len: self.prefix_len,
            fqdn_fwd: self.fqdn_fwd,
            fqdn_rev: self.fqdn_rev,
            hostname: self.hostname,
            hwaddr: HwAddr(self.hwaddr),
            hwtype: None,
            hwaddr_source: None,
            state: self.state,
            user_context: self.user_context,
        })
    }

    /// The family.
    #[must_use]
    pub fn family(&self) -> Family {
        if self.address.is_ipv4() { Family::V4 } else { Family::V6 }
    }

    /// Whether it is a delegated prefix.
    #[must_use]
    pub fn is_prefix(&self) -> bool {
        self.lease_type == Some(LeaseType::Pd)
    }

    /// When it ends, in epoch seconds; `None` if never.
    #[must_use]
    pub fn end(&self) -> Option<i64> {
        match self.valid_lifetime {
            Lifetime::Seconds(seconds) => Some(self.cltt.saturating_add(seconds.into())),
            Lifetime::Infinite => None,
        }
    }

    /// What it is at `now`.
    #[must_use]
    pub fn standing(&self, now: i64) -> Standing {
        Standing::of(self.state, self.valid_lifetime, self.end().unwrap_or(i64::MAX), now)
    }
}

/// A lease that is kept.
#[derive(Debug, Clone)]
pub struct OwnedLease {
    /// Everything but the octets.
    fixed: AnyLease<'static>,
    octets: Box<[u8]>,
    /// Where the hardware address ends in `octets`, then the client, then the host name.
    ends: [u32; 3],
}

impl OwnedLease {
    /// The lease.
    #[must_use]
    pub fn lease(&self) -> AnyLease<'_> {
        let [hwaddr, client, hostname] = self.ends.map(|end| end as usize);
        let part = |range: Range<usize>| &self.octets[range];
        AnyLease {
            hwaddr: part(0..hwaddr),
            client: part(hwaddr..client),
            hostname: part(client..hostname),
            user_context: part(hostname..self.octets.len()),
            ..self.fixed
        }
    }
}

impl From<&AnyLease<'_>> for OwnedLease {
    fn from(lease: &AnyLease<'_>) -> Self {
        let parts = [lease.hwaddr, lease.client, lease.hostname, lease.user_context];
        let mut octets = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
        let mut ends = [0; 4];
        for (part, end) in parts.iter().zip(&mut ends) {
            octets.extend_from_slice(part);
            // No row of any source is longer than 16 MiB.
            *end = u32::try_from(octets.len()).unwrap_or(u32::MAX);
        }
        let [hwaddr, client, hostname, _] = ends;
        let fixed = AnyLease { hwaddr: b"", client: b"", hostname: b"", user_context: b"", ..*lease };
        Self { fixed, octets: octets.into(), ends: [hwaddr, client, hostname] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_lease_is_the_lease() {
        let lease = Lease4 {
            address: [192, 0, 2, 1].into(),
            hwaddr: HwAddr(&[2, 0, 0, 0, 0, 1]),
            client_id: ClientId(b"client"),
            valid_lifetime: Lifetime::Seconds(60),
            cltt: 1000,
            subnet_id: 7,
            pool_id: 1,
            fqdn_fwd: true,
            fqdn_rev: false,
            hostname: b"anna",
            state: LeaseState::Assigned,
            user_context: b"{}",
        };
        let lease = AnyLease::from(&lease);
        let kept = OwnedLease::from(&lease);
        assert_eq!(kept.lease(), lease);
        assert_eq!((lease.end(), lease.standing(1061), lease.family()), (Some(1060), Standing::Expired, Family::V4));
    }
}
