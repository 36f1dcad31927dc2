//! A reservation that is not in a configuration: in a database, or as a running server says it.

use std::net::IpAddr;

use crate::config::model::Prefix;
use crate::lease::subnets::Reservation;

/// A reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The subnet's number; 0 is a global reservation.
    pub subnet_id: u32,
    /// The client, and what is kept for it.
    pub reservation: Reservation,
}

/// Rows of the tables `hosts` and `ipv6_reservations`, both in one.
#[derive(Debug, Default)]
pub(super) struct HostRow {
    /// The subnet's number.
    pub(super) subnet_id: i64,
    /// What the client is known by, as Kea numbers it.
    pub(super) identifier_type: i64,
    /// That.
    pub(super) identifier: Vec<u8>,
    /// The host name.
    pub(super) hostname: Option<String>,
    /// The address, or the first of a prefix; a host may have a name alone.
    pub(super) address: Option<String>,
    /// 2 is a prefix, anything else an address.
    pub(super) kind: i64,
    /// The length of a prefix.
    pub(super) prefix_len: i64,
}

impl HostRow {
    /// The reservation; `None` of a row that Kea would not understand either.
    pub(super) fn host(self) -> Option<Host> {
        const TYPES: [&str; 5] = ["hw-address", "duid", "circuit-id", "client-id", "flex-id"];
        let address = match self.address {
            Some(text) => Some(text.parse::<IpAddr>().ok()?),
            None => None,
        };
        let is_prefix = self.kind == 2;
        let prefix = address.filter(|_| is_prefix).map(|address| {
            let length = u8::try_from(self.prefix_len).ok()?;
            Some(Prefix::new(address, length)?.range())
        });
        let prefixes = match prefix {
            Some(prefix) => vec![prefix?],
            None => Vec::new(),
        };
        Some(Host {
            subnet_id: u32::try_from(self.subnet_id).ok()?,
            reservation: Reservation {
                identifier_type: TYPES.get(usize::try_from(self.identifier_type).ok()?).copied()?.to_owned(),
                identifier: self.identifier,
                addresses: address.filter(|address| !is_prefix && !address.is_unspecified()).into_iter().collect(),
                prefixes,
                hostname: self.hostname.unwrap_or_default(),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_an_address_a_prefix_or_a_name_alone() {
        let host = |address: Option<&str>, kind, prefix_len| {
            let address = address.map(str::to_owned);
            HostRow { subnet_id: 7, identifier: vec![1, 2], address, kind, prefix_len, ..HostRow::default() }.host()
        };
        let address = host(Some("192.0.2.5"), 0, 32).unwrap();
        assert_eq!((address.subnet_id, address.reservation.addresses.len()), (7, 1));
        let prefix = host(Some("2001:db8:9::"), 2, 48).unwrap().reservation;
        assert_eq!((prefix.addresses, prefix.prefixes), (Vec::new(), vec!["2001:db8:9::/48".parse().unwrap()]));
        assert!(host(None, 0, 32).unwrap().reservation.addresses.is_empty());
        assert_eq!((host(Some("x"), 0, 32), host(Some("2001:db8::"), 2, 129)), (None, None));
        assert_eq!(HostRow { identifier_type: 9, ..HostRow::default() }.host(), None);
    }
}
