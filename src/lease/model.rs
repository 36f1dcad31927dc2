//! The lease.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{ClientId, Duid, Family, HwAddr, LeaseState, LeaseStatus, LeaseType, Lifetime};

/// A lease of either family, with everything that a source has of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease<'a> {
    /// What is leased to which client, as its family has it.
    pub client: Client<'a>,
    /// The client's hardware address; empty if unknown or declined.
    pub hwaddr: HwAddr<'a>,
    /// The valid lifetime.
    pub valid_lifetime: Lifetime,
    /// Client last transmission time: when the lease was last given, in epoch seconds.
    pub cltt: i64,
    /// The subnet's number in Kea's configuration.
    pub subnet_id: u32,
    /// The pool's number within the subnet, 0 if it has none.
    pub pool_id: u32,
    /// Whether Kea updates the name's A or AAAA record.
    pub fqdn_fwd: bool,
    /// Whether Kea updates the address's PTR record.
    pub fqdn_rev: bool,
    /// The host name; empty if there is none.
    pub hostname: &'a [u8],
    /// The state that Kea stores.
    pub state: LeaseState,
    /// A JSON map as text, in Kea's dialect; empty if there is none.
    pub user_context: &'a [u8],
}

/// What only leases of one family have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client<'a> {
    /// DHCPv4.
    V4 {
        /// The address.
        address: Ipv4Addr,
        /// The client identifier (option 61); empty if the client sent none.
        client_id: ClientId<'a>,
    },
    /// DHCPv6: an address or a delegated prefix.
    V6 {
        /// The address, or the first address of the prefix.
        address: Ipv6Addr,
        /// The client's DUID; `00` or `00:00:00` in a declined lease.
        duid: Duid<'a>,
        /// The identity association's number.
        iaid: u32,
        /// An address or a prefix.
        lease_type: LeaseType,
        /// The length of the prefix, which Kea may have beyond 128; 128 for addresses.
        prefix_len: u8,
        /// The preferred lifetime.
        preferred_lifetime: Lifetime,
        /// The ARP hardware type of the hardware address (1 is Ethernet); `None` where the source holds none.
        hwtype: Option<u16>,
        /// Where Kea learnt the hardware address (a bit of `HWADDR_SOURCE_*`); `None` where the source holds none.
        hwaddr_source: Option<u32>,
    },
}

impl<'a> Client<'a> {
    /// The client identifier or DUID.
    #[must_use]
    pub fn identifier(&self) -> &'a [u8] {
        match self {
            Self::V4 { client_id, .. } => client_id.0,
            Self::V6 { duid, .. } => duid.0,
        }
    }

    /// The same with another client identifier or DUID.
    #[must_use]
    pub fn with_identifier<'b>(&self, identifier: &'b [u8]) -> Client<'b> {
        match *self {
            Self::V4 { address, client_id: _ } => Client::V4 { address, client_id: ClientId(identifier) },
            Self::V6 { address, duid: _, iaid, lease_type, prefix_len, preferred_lifetime, hwtype, hwaddr_source } => {
                Client::V6 {
                    address,
                    duid: Duid(identifier),
                    iaid,
                    lease_type,
                    prefix_len,
                    preferred_lifetime,
                    hwtype,
                    hwaddr_source,
                }
            }
        }
    }
}

impl<'a> Lease<'a> {
    /// The family.
    #[must_use]
    pub fn family(&self) -> Family {
        match self.client {
            Client::V4 { .. } => Family::V4,
            Client::V6 { .. } => Family::V6,
        }
    }

    /// The address, or the first address of a prefix.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        match self.client {
            Client::V4 { address, .. } => IpAddr::V4(address),
            Client::V6 { address, .. } => IpAddr::V6(address),
        }
    }

    /// The client identifier (DHCPv4) or DUID (DHCPv6); may be empty.
    #[must_use]
    pub fn identifier(&self) -> &'a [u8] {
        self.client.identifier()
    }

    /// DHCPv6: an address or a prefix.
    #[must_use]
    pub fn lease_type(&self) -> Option<LeaseType> {
        match self.client {
            Client::V4 { .. } => None,
            Client::V6 { lease_type, .. } => Some(lease_type),
        }
    }

    /// DHCPv6: the identity association's number.
    #[must_use]
    pub fn iaid(&self) -> Option<u32> {
        match self.client {
            Client::V4 { .. } => None,
            Client::V6 { iaid, .. } => Some(iaid),
        }
    }

    /// DHCPv6: the preferred lifetime.
    #[must_use]
    pub fn preferred_lifetime(&self) -> Option<Lifetime> {
        match self.client {
            Client::V4 { .. } => None,
            Client::V6 { preferred_lifetime, .. } => Some(preferred_lifetime),
        }
    }

    /// The length of a prefix; the whole address otherwise.
    #[must_use]
    pub fn prefix_len(&self) -> u8 {
        match self.client {
            Client::V4 { .. } => 32,
            Client::V6 { prefix_len, .. } => prefix_len,
        }
    }

    /// Whether it is a delegated prefix.
    #[must_use]
    pub fn is_prefix(&self) -> bool {
        self.lease_type() == Some(LeaseType::Pd)
    }

    /// When the lease ends, in epoch seconds as a lease file has it: `cltt` plus the lifetime, also if infinite.
    #[must_use]
    pub fn expire(&self) -> i64 {
        // Kea takes any 64 bits for a moment, and counts around their end.
        self.cltt.wrapping_add(self.valid_lifetime.as_u32().into())
    }

    /// When the lease ends, in epoch seconds; `None` if never.
    #[must_use]
    pub fn end(&self) -> Option<i64> {
        match self.valid_lifetime {
            Lifetime::Seconds(seconds) => Some(self.cltt.saturating_add(seconds.into())),
            Lifetime::Infinite => None,
        }
    }

    /// What the lease is at `now`.
    #[must_use]
    pub fn status(&self, now: i64) -> LeaseStatus {
        LeaseStatus::new(self.state, self.valid_lifetime, self.end().unwrap_or(i64::MAX), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::sample;

    #[test]
    fn a_lease_says_its_family_and_end() {
        assert_eq!((sample::V4.family(), sample::V6.family()), (Family::V4, Family::V6));
        assert_eq!((sample::V4.end(), sample::V4.expire()), (Some(13_600), 13_600));
        assert_eq!(sample::V4.status(13_601), LeaseStatus::Expired);
        let infinite = Lease { valid_lifetime: Lifetime::Infinite, ..sample::V4 };
        assert_eq!((infinite.end(), infinite.expire()), (None, 10_000 + i64::from(u32::MAX)));
    }
}
