//! A reservation in a database.

use std::net::IpAddr;

/// A reserved address or prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Host {
    /// The subnet's number; 0 is a global reservation.
    pub subnet_id: u32,
    /// The address, or the first of the prefix.
    pub address: IpAddr,
    /// The length of a prefix; `None` of an address.
    pub prefix_len: Option<u8>,
}

/// A host of a row; the types of DHCPv6 reservations are 0, an address, and 2, a prefix.
pub(super) fn host(subnet_id: i64, address: IpAddr, kind: i64, prefix_len: i64) -> Option<Host> {
    let prefix_len = u8::try_from(prefix_len).ok()?;
    Some(Host { subnet_id: u32::try_from(subnet_id).ok()?, address, prefix_len: (kind == 2).then_some(prefix_len) })
}
