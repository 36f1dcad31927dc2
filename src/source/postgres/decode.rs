//! PostgreSQL's binary fields as columns of a lease.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::copy::Fields;
use crate::error::Result;
use crate::lease::{Family, RowError};
use crate::source::row::{Columns6, DatabaseRow};
use crate::text::Octets;

/// A column and what it is read as.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) read_as: Type,
    /// Whether every schema has it.
    pub(super) base: bool,
}

/// The types the columns of a lease table have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// Of 2, 4 or 8 octets.
    Integer,
    Boolean,
    Octets,
    Text,
    Moment,
    /// `inet`, or text before schema 18.0.
    Address,
}

impl Type {
    /// The types of PostgreSQL that come over as this one; what has another type is cast to the first.
    pub(super) fn stored_as(self) -> &'static [&'static str] {
        match self {
            Self::Integer => &["bigint", "integer", "smallint"],
            Self::Boolean => &["boolean"],
            Self::Octets => &["bytea"],
            Self::Text => &["text", "character varying"],
            Self::Moment => &["timestamp with time zone"],
            Self::Address => &["text", "inet", "character varying"],
        }
    }
}

impl Column {
    const fn base(name: &'static str, read_as: Type) -> Self {
        Self { name, read_as, base: true }
    }

    const fn later(name: &'static str, read_as: Type) -> Self {
        Self { name, read_as, base: false }
    }
}

/// How the rows of a family come over: as `N` fields.
pub(super) trait RowLayout<const N: usize> {
    const FAMILY: Family;
    /// What is read, in this order.
    const COLUMNS: [Column; N];

    type Address: Copy + Send + Into<IpAddr>;

    /// The address as a number, to order by.
    fn bits(address: Self::Address) -> u128;

    /// The row's address.
    fn address(fields: &Fields<'_, N>) -> Result<Self::Address, RowError>;

    /// The row of `address` in `fields`.
    fn row<'a>(address: Self::Address, fields: &Fields<'a, N>) -> Result<DatabaseRow<'a>, RowError>;
}

/// The rows of `lease4`.
pub(super) struct RowLayout4;

impl RowLayout<12> for RowLayout4 {
    const FAMILY: Family = Family::V4;
    const COLUMNS: [Column; 12] = [
        Column::base("address", Type::Integer),
        Column::base("hwaddr", Type::Octets),
        Column::base("client_id", Type::Octets),
        Column::base("valid_lifetime", Type::Integer),
        Column::base("expire", Type::Moment),
        Column::base("subnet_id", Type::Integer),
        Column::base("fqdn_fwd", Type::Boolean),
        Column::base("fqdn_rev", Type::Boolean),
        Column::base("hostname", Type::Text),
        Column::later("state", Type::Integer),
        Column::later("user_context", Type::Text),
        Column::later("pool_id", Type::Integer),
    ];

    type Address = Ipv4Addr;

    fn bits(address: Ipv4Addr) -> u128 {
        address.to_bits().into()
    }

    fn address(fields: &Fields<'_, 12>) -> Result<Ipv4Addr, RowError> {
        address4(fields[0])
    }

    fn row<'a>(address: Ipv4Addr, fields: &Fields<'a, 12>) -> Result<DatabaseRow<'a>, RowError> {
        let [_, hwaddr, identifier, valid, expire, subnet, fwd, rev, hostname, state, user_context, pool] = *fields;
        Ok(DatabaseRow {
            address: address.into(),
            identifier,
            hwaddr,
            valid_lifetime: integer(valid)?,
            expire: timestamp(expire)?,
            subnet_id: integer(subnet)?,
            fqdn_fwd: boolean(fwd)?,
            fqdn_rev: boolean(rev)?,
            hostname,
            state: integer(state)?,
            user_context,
            pool_id: integer(pool)?,
            v6: Columns6::default(),
        })
    }
}

/// The rows of `lease6`.
pub(super) struct RowLayout6;

impl RowLayout<18> for RowLayout6 {
    const FAMILY: Family = Family::V6;
    const COLUMNS: [Column; 18] = [
        Column::base("address", Type::Address),
        Column::base("duid", Type::Octets),
        Column::base("valid_lifetime", Type::Integer),
        Column::base("expire", Type::Moment),
        Column::base("subnet_id", Type::Integer),
        Column::base("pref_lifetime", Type::Integer),
        Column::base("lease_type", Type::Integer),
        Column::base("iaid", Type::Integer),
        Column::base("prefix_len", Type::Integer),
        Column::base("fqdn_fwd", Type::Boolean),
        Column::base("fqdn_rev", Type::Boolean),
        Column::base("hostname", Type::Text),
        Column::later("hwaddr", Type::Octets),
        Column::later("hwtype", Type::Integer),
        Column::later("hwaddr_source", Type::Integer),
        Column::later("state", Type::Integer),
        Column::later("user_context", Type::Text),
        Column::later("pool_id", Type::Integer),
    ];

    type Address = Ipv6Addr;

    fn bits(address: Ipv6Addr) -> u128 {
        address.to_bits()
    }

    fn address(fields: &Fields<'_, 18>) -> Result<Ipv6Addr, RowError> {
        address6(fields[0])
    }

    fn row<'a>(address: Ipv6Addr, fields: &Fields<'a, 18>) -> Result<DatabaseRow<'a>, RowError> {
        let [_, identifier, valid, expire, subnet, preferred, lease_type, iaid, prefix_len, ..] = *fields;
        let [.., fwd, rev, hostname, hwaddr, hwtype, hwaddr_source, state, user_context, pool] = *fields;
        Ok(DatabaseRow {
            address: address.into(),
            identifier,
            hwaddr,
            valid_lifetime: integer(valid)?,
            expire: timestamp(expire)?,
            subnet_id: integer(subnet)?,
            fqdn_fwd: boolean(fwd)?,
            fqdn_rev: boolean(rev)?,
            hostname,
            state: integer(state)?,
            user_context,
            pool_id: integer(pool)?,
            v6: Columns6 {
                pref_lifetime: integer(preferred)?,
                lease_type: integer(lease_type)?,
                iaid: integer(iaid)?,
                prefix_len: integer(prefix_len)?,
                hwtype: integer(hwtype)?,
                hwaddr_source: integer(hwaddr_source)?,
            },
        })
    }
}

fn address4(field: Option<&[u8]>) -> Result<Ipv4Addr, RowError> {
    let number = integer(field)?.ok_or_else(|| RowError::new("address", "is NULL"))?;
    match u32::try_from(number) {
        Ok(number) => Ok(Ipv4Addr::from(number)),
        Err(_) => Err(RowError::new("address", format!("{number} is no IPv4 address"))),
    }
}

/// The address of a `lease6` row, from text or `inet` (address family 3, prefix length, a flag, the octets).
fn address6(field: Option<&[u8]>) -> Result<Ipv6Addr, RowError> {
    match field {
        None => Err(RowError::new("address", "is NULL")),
        Some([3, _, _, 16, octets @ ..]) if octets.len() == 16 => {
            Ok(Ipv6Addr::from(<[u8; 16]>::try_from(octets).unwrap_or_default()))
        }
        Some([2, _, _, 4, ..]) => Err(RowError::new("address", "is no IPv6 address")),
        Some(text) => {
            let address = str::from_utf8(text).ok().and_then(|text| text.parse().ok());
            address.ok_or_else(|| RowError::new("address", format!("\"{}\" is no IPv6 address", Octets(text))))
        }
    }
}

fn integer(field: Option<&[u8]>) -> Result<Option<i64>, RowError> {
    let Some(octets) = field else { return Ok(None) };
    if let Ok(octets) = octets.try_into() {
        return Ok(Some(i64::from_be_bytes(octets)));
    }
    if let Ok(octets) = octets.try_into() {
        return Ok(Some(i32::from_be_bytes(octets).into()));
    }
    let octets = octets.try_into().map_err(|_| unexpected())?;
    Ok(Some(i16::from_be_bytes(octets).into()))
}

fn boolean(field: Option<&[u8]>) -> Result<Option<bool>, RowError> {
    match field {
        None => Ok(None),
        Some([value]) => Ok(Some(*value != 0)),
        Some(_) => Err(unexpected()),
    }
}

/// Microseconds since 2000-01-01 as epoch seconds, rounded as Kea's `extract(epoch from expire)::bigint` does.
fn timestamp(field: Option<&[u8]>) -> Result<Option<i64>, RowError> {
    const EPOCH_OF_POSTGRES: i64 = 946_684_800;
    let Some(micros) = integer(field)? else { return Ok(None) };
    if micros == i64::MAX || micros == i64::MIN {
        return Err(RowError::new("expire", "is no moment but infinity"));
    }
    Ok(Some(micros.saturating_add(500_000).div_euclid(1_000_000) + EPOCH_OF_POSTGRES))
}

fn unexpected() -> RowError {
    RowError::row("a column does not have the requested type")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_rounded_to_the_nearest_second() {
        let at = |micros: i64| timestamp(Some(&micros.to_be_bytes())).unwrap();
        assert_eq!(at(0), Some(946_684_800));
        assert_eq!(at(1_499_999), Some(946_684_801));
        assert_eq!(at(1_500_000), Some(946_684_802));
        assert_eq!(at(-1_000_000), Some(946_684_799));
        assert!(timestamp(Some(&i64::MAX.to_be_bytes())).is_err());
    }

    #[test]
    fn an_ipv6_address_is_read_from_inet_and_from_text() {
        let inet = [&[3, 128, 0, 16][..], &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]].concat();
        let expected: Ipv6Addr = "2001:db8::1".parse().unwrap();
        assert_eq!(address6(Some(&inet)), Ok(expected));
        assert_eq!(address6(Some(b"2001:db8:0:0::1")), Ok(expected));
        assert_eq!(
            address6(Some(b"2001:db8::x")).unwrap_err().to_string(),
            "address: \"2001:db8::x\" is no IPv6 address"
        );
        assert!(address6(Some(&[2, 32, 0, 4, 192, 0, 2, 1])).is_err());
    }

    #[test]
    fn integers_come_in_three_sizes() {
        assert_eq!(integer(Some(&(-2i16).to_be_bytes())), Ok(Some(-2)));
        assert_eq!(integer(Some(&(-2i32).to_be_bytes())), Ok(Some(-2)));
        assert_eq!(integer(Some(&(-2i64).to_be_bytes())), Ok(Some(-2)));
        assert_eq!(integer(None), Ok(None));
        assert!(integer(Some(&[0; 3])).is_err());
    }

    #[test]
    fn an_ipv4_address_is_a_number_of_32_bits() {
        assert_eq!(address4(Some(&0xc000_0201i64.to_be_bytes())), Ok(Ipv4Addr::new(192, 0, 2, 1)));
        assert_eq!(address4(Some(&(-1i64).to_be_bytes())).unwrap_err().to_string(), "address: -1 is no IPv4 address");
    }
}
