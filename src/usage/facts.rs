//! What of a lease is counted.

use super::number;
use crate::lease::{Client, Lease, LeaseState, LeaseStatus, Lifetime};

/// A lease, as far as it is counted.
#[derive(Debug)]
pub(super) struct LeaseFacts {
    /// Its address.
    pub(super) number: u128,
    pub(super) is_prefix: bool,
    pub(super) subnet_id: u32,
    pub(super) status: LeaseStatus,
    pub(super) cltt: i64,
    /// The seconds since it was given or renewed.
    pub(super) age: i64,
    pub(super) valid_lifetime: Lifetime,
    /// `None` if it has no end.
    pub(super) end: Option<i64>,
    /// Whether its end is past.
    pub(super) is_over: bool,
    /// A short hash of what is the same in all leases of the client, if that is known.
    pub(super) client: Option<u32>,
    /// Whether the client seems to have chosen its hardware address.
    pub(super) is_randomised: bool,
}

impl LeaseFacts {
    /// Of a lease, as it is at `now`; what is known of the client only if that is wanted.
    pub(super) fn new(lease: &Lease<'_>, now: i64, has_client: bool) -> Self {
        let end = lease.end();
        Self {
            number: number(lease.address()),
            is_prefix: lease.is_prefix(),
            subnet_id: lease.subnet_id,
            status: status_of(lease, now),
            cltt: lease.cltt,
            age: now.saturating_sub(lease.cltt),
            valid_lifetime: lease.valid_lifetime,
            end,
            is_over: end.is_some_and(|end| end < now),
            client: if has_client { client_of(lease) } else { None },
            is_randomised: has_client && is_randomised(lease.hwaddr.0),
        }
    }
}

impl LeaseFacts {
    /// What it is to a pool. Of addresses that clients registered, and of states that later releases may have, Kea gives none
    /// before their time is over.
    pub(super) fn status_in_pool(&self) -> LeaseStatus {
        match self.status {
            LeaseStatus::Registered | LeaseStatus::Other(_) if self.is_over => LeaseStatus::Expired,
            LeaseStatus::Registered | LeaseStatus::Other(_) => LeaseStatus::Active,
            status => status,
        }
    }
}

/// What a lease is: one without any lifetime was released (Kea 2.5 to 2.7).
fn status_of(lease: &Lease<'_>, now: i64) -> LeaseStatus {
    if lease.state == LeaseState::Assigned && lease.valid_lifetime.is_zero() {
        return LeaseStatus::Released;
    }
    lease.status(now)
}

/// The client of a lease: its DUID, or its hardware address, since one machine may send several client ids. Zeros are no client.
fn client_of(lease: &Lease<'_>) -> Option<u32> {
    let client = match lease.client {
        Client::V4 { .. } if !lease.hwaddr.0.is_empty() => lease.hwaddr.0,
        Client::V4 { .. } | Client::V6 { .. } => lease.client.identifier(),
    };
    client.iter().any(|octet| *octet != 0).then(|| short_hash(client))
}

/// FNV-1a, for identifiers of a few bytes.
#[expect(clippy::cast_possible_truncation, reason = "a part of a hash is one too")]
fn short_hash(octets: &[u8]) -> u32 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = octets.iter().fold(0xcbf2_9ce4_8422_2325, step);
    (hash ^ (hash >> 32)) as u32
}

/// How the addresses of virtual machines and containers begin, which have no manufacturer and are not random either: of QEMU
/// and libvirt, of `OpenStack`, of Docker.
const VIRTUAL: [&[u8]; 3] = [&[0x52, 0x54, 0x00], &[0xfa, 0x16, 0x3e], &[0x02, 0x42]];

/// Whether a client seems to have chosen this hardware address.
fn is_randomised(address: &[u8]) -> bool {
    // The bit of an address that was not given by a manufacturer.
    let is_local = address.len() == 6 && address[0] & 2 != 0;
    is_local && !VIRTUAL.iter().any(|start| address.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn virtual_machines_have_not_chosen_their_addresses() {
        assert!(is_randomised(&[0xda, 0xa1, 0x19, 1, 2, 3]) && is_randomised(&[0x52, 0x55, 0, 1, 2, 3]));
        for known in [[0x52, 0x54, 0, 1, 2, 3], [0x02, 0x42, 0xac, 0x11, 0, 2], [0x00, 0x0c, 0x29, 1, 2, 3]] {
            assert!(!is_randomised(&known), "{known:x?}");
        }
        assert!(!is_randomised(&[]) && !is_randomised(&[2, 0, 0, 0, 0, 0, 0, 1]));
    }
}
