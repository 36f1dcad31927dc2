//! A lease of each family for unit tests.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Client, ClientId, Duid, HwAddr, Lease, LeaseState, LeaseType, Lifetime};

/// A DHCPv4 lease of an hour, from 10,000 on.
pub(crate) const V4: Lease<'static> = Lease {
    client: Client::V4 { address: Ipv4Addr::new(192, 0, 2, 10), client_id: ClientId(&[1, 0x08, 0, 0x2b, 1, 2, 3]) },
    hwaddr: HwAddr(&[0x08, 0, 0x2b, 1, 2, 3]),
    valid_lifetime: Lifetime::Seconds(3600),
    cltt: 10_000,
    subnet_id: 7,
    pool_id: 0,
    fqdn_fwd: false,
    fqdn_rev: false,
    hostname: b"Printer.example.org",
    state: LeaseState::Assigned,
    user_context: b"",
};

/// A DHCPv6 lease of an hour, from 10,000 on.
pub(crate) const V6: Lease<'static> = Lease {
    client: Client::V6 {
        address: Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1),
        duid: Duid(&[0, 1, 0, 1, 9, 9, 9, 9, 0x08, 0, 0x2b, 1, 2, 3]),
        iaid: 7,
        lease_type: LeaseType::Na,
        prefix_len: 128,
        preferred_lifetime: Lifetime::Seconds(1800),
        hwtype: Some(1),
        hwaddr_source: Some(2),
    },
    hwaddr: HwAddr(&[0x08, 0, 0x2b, 1, 2, 3]),
    ..V4
};

/// A lease of the same kind with this address.
pub(crate) fn at(address: &str) -> Lease<'static> {
    match address.parse().expect("an address") {
        std::net::IpAddr::V4(address) => Lease { client: Client::V4 { address, client_id: ClientId(b"") }, ..V4 },
        std::net::IpAddr::V6(address) => {
            let mut lease = V6;
            if let Client::V6 { address: own, .. } = &mut lease.client {
                *own = address;
            }
            lease
        }
    }
}

/// A delegated prefix.
pub(crate) fn prefix(address: &str, length: u8) -> Lease<'static> {
    let mut lease = at(address);
    if let Client::V6 { lease_type, prefix_len, .. } = &mut lease.client {
        (*lease_type, *prefix_len) = (LeaseType::Pd, length);
    }
    lease
}
