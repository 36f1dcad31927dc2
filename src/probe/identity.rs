//! Who a server is.

use std::fmt;
use std::net::IpAddr;

use crate::dhcp::v6::duid::DuidKind;

/// Who a server is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Identity {
    /// An address: in DHCPv4 the server identifier, option 54.
    Address(IpAddr),
    /// A DUID: in DHCPv6 the server identifier, option 2.
    Duid(Vec<u8>),
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Duid(octets) => DuidKind::Other(octets).fmt(f),
        }
    }
}
