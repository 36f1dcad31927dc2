//! PostgreSQL's binary fields as columns of a lease.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::copy::Fields;
use crate::error::Result;
use crate::lease::{Family, Fault};
use crate::source::row::{Common, Row4, Row6};
use crate::source::{Flow, Visitor};
use crate::text::Octets;

/// A column and the type it is read as.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) read_as: &'static str,
    /// Whether every schema has it.
    pub(super) base: bool,
}

impl Column {
    const fn base(name: &'static str, read_as: &'static str) -> Self {
        Self { name, read_as, base: true }
    }

    const fn later(name: &'static str, read_as: &'static str) -> Self {
        Self { name, read_as, base: false }
    }
}

/// How the rows of a family come over: as `N` fields.
pub(super) trait Shape<const N: usize> {
    const FAMILY: Family;
    /// What is read, in this order.
    const COLUMNS: [Column; N];

    /// The address alone.
    fn address(fields: &Fields<'_, N>) -> Result<IpAddr, Fault>;

    /// Hands the lease in `fields` to `visitor`.
    fn hand_over(fields: &Fields<'_, N>, visitor: &mut dyn Visitor) -> Result<Result<Flow>, Fault>;
}

/// The rows of `lease4`.
pub(super) struct Shape4;

impl Shape<12> for Shape4 {
    const FAMILY: Family = Family::V4;
    const COLUMNS: [Column; 12] = [
        Column::base("address", "int8"),
        Column::base("hwaddr", "bytea"),
        Column::base("client_id", "bytea"),
        Column::base("valid_lifetime", "int8"),
        Column::base("expire", "timestamptz"),
        Column::base("subnet_id", "int8"),
        Column::base("fqdn_fwd", "bool"),
        Column::base("fqdn_rev", "bool"),
        Column::base("hostname", "text"),
        Column::later("state", "int8"),
        Column::later("user_context", "text"),
        Column::later("pool_id", "int8"),
    ];

    fn address(fields: &Fields<'_, 12>) -> Result<IpAddr, Fault> {
        address4(fields[0]).map(IpAddr::from)
    }

    fn hand_over(fields: &Fields<'_, 12>, visitor: &mut dyn Visitor) -> Result<Result<Flow>, Fault> {
        Ok(visitor.lease4(&row4(fields)?.lease()?))
    }
}

/// The rows of `lease6`.
pub(super) struct Shape6;

impl Shape<18> for Shape6 {
    const FAMILY: Family = Family::V6;
    const COLUMNS: [Column; 18] = [
        // Text before schema 18.0, and read as such.
        Column::base("address", "inet"),
        Column::base("duid", "bytea"),
        Column::base("valid_lifetime", "int8"),
        Column::base("expire", "timestamptz"),
        Column::base("subnet_id", "int8"),
        Column::base("pref_lifetime", "int8"),
        Column::base("lease_type", "int8"),
        Column::base("iaid", "int8"),
        Column::base("prefix_len", "int8"),
        Column::base("fqdn_fwd", "bool"),
        Column::base("fqdn_rev", "bool"),
        Column::base("hostname", "text"),
        Column::later("hwaddr", "bytea"),
        Column::later("hwtype", "int8"),
        Column::later("hwaddr_source", "int8"),
        Column::later("state", "int8"),
        Column::later("user_context", "text"),
        Column::later("pool_id", "int8"),
    ];

    fn address(fields: &Fields<'_, 18>) -> Result<IpAddr, Fault> {
        address6(fields[0]).map(IpAddr::from)
    }

    fn hand_over(fields: &Fields<'_, 18>, visitor: &mut dyn Visitor) -> Result<Result<Flow>, Fault> {
        Ok(visitor.lease6(&row6(fields)?.lease()?))
    }
}

fn row4<'a>(fields: &Fields<'a, 12>) -> Result<Row4<'a>, Fault> {
    let [address, hwaddr, client_id, valid, expire, subnet, fwd, rev, hostname, state, context, pool] = *fields;
    Ok(Row4 {
        address: address4(address)?,
        client_id,
        common: Common {
            hwaddr,
            valid_lifetime: int8(valid)?,
            expire: timestamp(expire)?,
            subnet_id: int8(subnet)?,
            fqdn_fwd: boolean(fwd)?,
            fqdn_rev: boolean(rev)?,
            hostname,
            state: int8(state)?,
            user_context: context,
            pool_id: int8(pool)?,
        },
    })
}

fn row6<'a>(fields: &Fields<'a, 18>) -> Result<Row6<'a>, Fault> {
    let [address, duid, valid, expire, subnet, preferred, lease_type, iaid, prefix_len, fwd, rev, hostname, ..] =
        *fields;
    let [.., hwaddr, hwtype, hwaddr_source, state, context, pool] = *fields;
    Ok(Row6 {
        address: address6(address)?,
        duid,
        pref_lifetime: int8(preferred)?,
        lease_type: int8(lease_type)?,
        iaid: int8(iaid)?,
        prefix_len: int8(prefix_len)?,
        hwtype: int8(hwtype)?,
        hwaddr_source: int8(hwaddr_source)?,
        common: Common {
            hwaddr,
            valid_lifetime: int8(valid)?,
            expire: timestamp(expire)?,
            subnet_id: int8(subnet)?,
            fqdn_fwd: boolean(fwd)?,
            fqdn_rev: boolean(rev)?,
            hostname,
            state: int8(state)?,
            user_context: context,
            pool_id: int8(pool)?,
        },
    })
}

fn address4(field: Option<&[u8]>) -> Result<Ipv4Addr, Fault> {
    let number = int8(field)?.ok_or_else(|| Fault::new("address", "is NULL"))?;
    match u32::try_from(number) {
        Ok(number) => Ok(Ipv4Addr::from(number)),
        Err(_) => Err(Fault::new("address", format!("{number} is no IPv4 address"))),
    }
}

/// The address of a `lease6` row, from text or `inet` (address family 3, prefix length, a flag, the octets).
fn address6(field: Option<&[u8]>) -> Result<Ipv6Addr, Fault> {
    match field {
        None => Err(Fault::new("address", "is NULL")),
        Some([3, _, _, 16, octets @ ..]) if octets.len() == 16 => {
            Ok(Ipv6Addr::from(<[u8; 16]>::try_from(octets).unwrap_or_default()))
        }
        Some([2, _, _, 4, ..]) => Err(Fault::new("address", "is no IPv6 address")),
        Some(text) => {
            let address = str::from_utf8(text).ok().and_then(|text| text.parse().ok());
            address.ok_or_else(|| Fault::new("address", format!("\"{}\" is no IPv6 address", Octets(text))))
        }
    }
}

fn int8(field: Option<&[u8]>) -> Result<Option<i64>, Fault> {
    field.map(|octets| Ok(i64::from_be_bytes(octets.try_into().map_err(|_| unexpected())?))).transpose()
}

fn boolean(field: Option<&[u8]>) -> Result<Option<bool>, Fault> {
    match field {
        None => Ok(None),
        Some([value]) => Ok(Some(*value != 0)),
        Some(_) => Err(unexpected()),
    }
}

/// Microseconds since 2000-01-01 as epoch seconds, rounded as Kea's `extract(epoch from expire)::bigint` does.
fn timestamp(field: Option<&[u8]>) -> Result<Option<i64>, Fault> {
    const EPOCH_OF_POSTGRES: i64 = 946_684_800;
    let Some(micros) = int8(field)? else { return Ok(None) };
    if micros == i64::MAX || micros == i64::MIN {
        return Err(Fault::new("expire", "is no moment but infinity"));
    }
    Ok(Some(micros.saturating_add(500_000).div_euclid(1_000_000) + EPOCH_OF_POSTGRES))
}

fn unexpected() -> Fault {
    Fault::row("a column has not the form this program asked for")
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
    fn an_ipv4_address_is_a_number_of_32_bits() {
        assert_eq!(address4(Some(&0xc000_0201i64.to_be_bytes())), Ok(Ipv4Addr::new(192, 0, 2, 1)));
        assert_eq!(address4(Some(&(-1i64).to_be_bytes())).unwrap_err().to_string(), "address: -1 is no IPv4 address");
    }
}
