//! Converts the columns of a database row to a lease: missing values, repairable values, errors.
//!
//! Every column but the address may be NULL. Where Kea itself leaves a column NULL or empty, the neutral value is
//! certain; where it never does, there is no safe value and the row is an error.

use std::fmt;
use std::net::IpAddr;

use crate::lease::{
    Client, ClientId, Duid, Family, HwAddr, Lease, LeaseState, LeaseType, Lifetime, RowError, cltt_from_database,
};

/// The place of a database row in messages: `lease4 192.0.2.1`; the table alone if the address is what is wrong.
pub(super) struct RowPlace {
    pub(super) family: Family,
    pub(super) address: Option<IpAddr>,
}

impl fmt::Display for RowPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.family.table())?;
        self.address.map_or(Ok(()), |address| write!(f, " {address}"))
    }
}

/// Columns that only describe a lease.
pub(super) const DETAILS: [&str; 4] = ["fqdn_fwd", "fqdn_rev", "hostname", "user_context"];

/// A row of `lease4` or `lease6`; `None` is NULL, or a column this schema does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DatabaseRow<'a> {
    /// Its family says which table it is a row of.
    pub(super) address: IpAddr,
    /// `client_id` or `duid`.
    pub(super) identifier: Option<&'a [u8]>,
    pub(super) hwaddr: Option<&'a [u8]>,
    pub(super) valid_lifetime: Option<i64>,
    /// Epoch seconds.
    pub(super) expire: Option<i64>,
    pub(super) subnet_id: Option<i64>,
    pub(super) fqdn_fwd: Option<bool>,
    pub(super) fqdn_rev: Option<bool>,
    pub(super) hostname: Option<&'a [u8]>,
    pub(super) state: Option<i64>,
    pub(super) user_context: Option<&'a [u8]>,
    pub(super) pool_id: Option<i64>,
    /// What only `lease6` has.
    pub(super) v6: Columns6,
}

/// The columns of numbers that only `lease6` has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Columns6 {
    pub(super) pref_lifetime: Option<i64>,
    pub(super) lease_type: Option<i64>,
    /// 32 bits, which PostgreSQL shows as a signed number.
    pub(super) iaid: Option<i64>,
    pub(super) prefix_len: Option<i64>,
    pub(super) hwtype: Option<i64>,
    pub(super) hwaddr_source: Option<i64>,
}

impl<'a> DatabaseRow<'a> {
    pub(super) fn lease(&self) -> Result<Lease<'a>, RowError> {
        let valid_lifetime = lifetime("valid_lifetime", self.valid_lifetime)?;
        Ok(Lease {
            client: self.client()?,
            hwaddr: HwAddr(self.hwaddr.unwrap_or_default()),
            valid_lifetime,
            cltt: cltt_from_database(present("expire", self.expire)?, valid_lifetime),
            subnet_id: number("subnet_id", present("subnet_id", self.subnet_id)?)?,
            pool_id: number("pool_id", self.pool_id.unwrap_or(0))?,
            fqdn_fwd: self.fqdn_fwd.unwrap_or(false),
            fqdn_rev: self.fqdn_rev.unwrap_or(false),
            hostname: self.hostname.unwrap_or_default(),
            state: LeaseState::from(number::<u32>("state", self.state.unwrap_or(0))?),
            user_context: self.user_context.unwrap_or_default(),
        })
    }

    fn client(&self) -> Result<Client<'a>, RowError> {
        let identifier = self.identifier.unwrap_or_default();
        let address = match self.address {
            IpAddr::V4(address) => return Ok(Client::V4 { address, client_id: ClientId(identifier) }),
            IpAddr::V6(address) => address,
        };
        let lease_type = lease_type(present("lease_type", self.v6.lease_type)?)?;
        let (hwtype, hwaddr_source) = self.hwaddr_kind()?;
        Ok(Client::V6 {
            address,
            duid: Duid(identifier),
            iaid: iaid(present("iaid", self.v6.iaid)?)?,
            lease_type,
            prefix_len: prefix_len(lease_type, self.v6.prefix_len)?,
            preferred_lifetime: lifetime("pref_lifetime", self.v6.pref_lifetime)?,
            hwtype,
            hwaddr_source,
        })
    }

    /// Kea fills the two columns with zeros in PostgreSQL and with NULL in MySQL if there is no hardware address.
    fn hwaddr_kind(&self) -> Result<(Option<u16>, Option<u32>), RowError> {
        let Columns6 { hwtype, hwaddr_source, .. } = self.v6;
        let is_absent = self.hwaddr.unwrap_or_default().is_empty();
        if is_absent && hwtype.unwrap_or(0) == 0 && hwaddr_source.unwrap_or(0) == 0 {
            return Ok((None, None));
        }
        let hwtype = hwtype.map(|value| number("hwtype", value)).transpose()?;
        let source = hwaddr_source.map(|value| number("hwaddr_source", value)).transpose()?;
        Ok((hwtype, source))
    }
}

fn present<T>(column: &'static str, value: Option<T>) -> Result<T, RowError> {
    value.ok_or_else(|| RowError::new(column, "is NULL"))
}

fn number<T: TryFrom<i64>>(column: &'static str, value: i64) -> Result<T, RowError> {
    T::try_from(value).map_err(|_| RowError::new(column, format!("{value} is out of range")))
}

fn lifetime(column: &'static str, value: Option<i64>) -> Result<Lifetime, RowError> {
    Ok(Lifetime::from(number::<u32>(column, present(column, value)?)?))
}

fn iaid(value: i64) -> Result<u32, RowError> {
    match i32::try_from(value) {
        Ok(signed) => Ok(signed.cast_unsigned()),
        Err(_) => number("iaid", value),
    }
}

fn lease_type(value: i64) -> Result<LeaseType, RowError> {
    number("lease_type", value).map(|number: i32| LeaseType::from(number))
}

/// Kea writes any given length into an address's row, but from 2.4.0 on reads 128, whatever the stored length.
fn prefix_len(lease_type: LeaseType, value: Option<i64>) -> Result<u8, RowError> {
    if lease_type != LeaseType::Pd {
        return Ok(128);
    }
    number("prefix_len", present("prefix_len", value)?)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    const ROW4: DatabaseRow<'static> = DatabaseRow {
        address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
        identifier: None,
        hwaddr: Some(b""),
        valid_lifetime: Some(3600),
        expire: Some(1_700_003_600),
        subnet_id: Some(7),
        fqdn_fwd: Some(true),
        fqdn_rev: Some(false),
        hostname: Some(b"h"),
        state: Some(0),
        user_context: Some(b""),
        pool_id: Some(0),
        v6: Columns6 {
            pref_lifetime: None,
            lease_type: None,
            iaid: None,
            prefix_len: None,
            hwtype: None,
            hwaddr_source: None,
        },
    };

    const COLUMNS: Columns6 = Columns6 {
        pref_lifetime: Some(1800),
        lease_type: Some(0),
        iaid: Some(-1),
        prefix_len: Some(64),
        hwtype: Some(0),
        hwaddr_source: Some(0),
    };

    fn row6(v6: Columns6) -> DatabaseRow<'static> {
        DatabaseRow { address: IpAddr::V6(Ipv6Addr::LOCALHOST), identifier: Some(&[0]), v6, ..ROW4 }
    }

    fn error(row: &DatabaseRow<'_>) -> String {
        row.lease().unwrap_err().to_string()
    }

    #[test]
    fn what_kea_leaves_empty_is_neutral() {
        let row = DatabaseRow { hostname: None, state: None, fqdn_fwd: None, pool_id: None, ..ROW4 };
        let lease = row.lease().unwrap();
        assert_eq!((lease.hostname, lease.state, lease.fqdn_fwd), (&b""[..], LeaseState::Assigned, false));
        assert_eq!(lease.cltt, 1_700_000_000);
    }

    #[test]
    fn a_lease_without_end_or_lifetime_is_an_error() {
        assert_eq!(error(&DatabaseRow { expire: None, ..ROW4 }), "expire: is NULL");
        assert_eq!(error(&DatabaseRow { valid_lifetime: None, ..row6(COLUMNS) }), "valid_lifetime: is NULL");
    }

    #[test]
    fn an_infinite_lease_ends_where_kea_stored_its_beginning() {
        let lease = DatabaseRow { valid_lifetime: Some(0xffff_ffff), ..ROW4 }.lease().unwrap();
        assert_eq!((lease.cltt, lease.expire()), (1_700_003_600, 1_700_003_600 + 0xffff_ffff));
    }

    #[test]
    fn a_number_beyond_its_column_in_kea_is_an_error() {
        let row = DatabaseRow { subnet_id: Some(1 << 32), ..ROW4 };
        assert_eq!(error(&row), "subnet_id: 4294967296 is out of range");
        assert_eq!(error(&DatabaseRow { state: Some(-1), ..ROW4 }), "state: -1 is out of range");
    }

    #[test]
    fn an_address_has_prefix_length_128_whatever_is_stored() {
        let prefix = |length| row6(Columns6 { lease_type: Some(2), prefix_len: Some(length), ..COLUMNS });
        assert_eq!(row6(COLUMNS).lease().unwrap().prefix_len(), 128);
        assert_eq!([64, 129].map(|length| prefix(length).lease().unwrap().prefix_len()), [64, 129]);
        assert_eq!(error(&prefix(256)), "prefix_len: 256 is out of range");
    }

    #[test]
    fn a_negative_iaid_of_postgresql_is_the_clients_number() {
        let iaid = |number| row6(Columns6 { iaid: Some(number), ..COLUMNS }).lease().map(|lease| lease.iaid());
        assert_eq!([-1, 0xffff_fffe].map(iaid), [Ok(Some(0xffff_ffff)), Ok(Some(0xffff_fffe))]);
        assert!(iaid(1 << 32).is_err());
    }

    #[test]
    fn zeros_without_a_hardware_address_mean_none() {
        let kind = |row: &DatabaseRow<'_>| match row.lease().unwrap().client {
            Client::V6 { hwtype, hwaddr_source, .. } => (hwtype, hwaddr_source),
            Client::V4 { .. } => unreachable!("the row is of lease6"),
        };
        assert_eq!(kind(&row6(COLUMNS)), (None, None));
        let known = row6(Columns6 { hwtype: Some(1), ..COLUMNS });
        assert_eq!(kind(&DatabaseRow { hwaddr: Some(&[2, 4]), ..known }), (Some(1), Some(0)));
    }
}
