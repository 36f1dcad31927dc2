//! MySQL's values as columns of a lease.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use mysql::{Row, Value};

use super::zone::WallClock;
use crate::lease::{Family, RowError};
use crate::source::row::{Columns6, DatabaseRow};
use crate::text::Octets;

/// The row of `COLUMNS4`.
pub(super) fn row4(row: &Row, clock: WallClock) -> Result<DatabaseRow<'_>, RowError> {
    Ok(DatabaseRow {
        address: address4(row)?.into(),
        identifier: octets(row, 2),
        hwaddr: octets(row, 1),
        valid_lifetime: number(row, 3)?,
        expire: expire(row, 4, clock)?,
        subnet_id: number(row, 5)?,
        fqdn_fwd: boolean(row, 6)?,
        fqdn_rev: boolean(row, 7)?,
        hostname: octets(row, 8),
        state: number(row, 9)?,
        user_context: octets(row, 10),
        pool_id: number(row, 11)?,
        v6: Columns6::default(),
    })
}

/// The row of `COLUMNS6`.
pub(super) fn row6(row: &Row, clock: WallClock) -> Result<DatabaseRow<'_>, RowError> {
    Ok(DatabaseRow {
        address: address6(row)?.into(),
        identifier: octets(row, 1),
        hwaddr: octets(row, 12),
        valid_lifetime: number(row, 2)?,
        expire: expire(row, 3, clock)?,
        subnet_id: number(row, 4)?,
        fqdn_fwd: boolean(row, 9)?,
        fqdn_rev: boolean(row, 10)?,
        hostname: octets(row, 11),
        state: number(row, 13)?,
        user_context: octets(row, 14),
        pool_id: number(row, 17)?,
        v6: Columns6 {
            pref_lifetime: number(row, 5)?,
            lease_type: number(row, 6)?,
            iaid: number(row, 7)?,
            prefix_len: number(row, 8)?,
            hwtype: number(row, 15)?,
            hwaddr_source: number(row, 16)?,
        },
    })
}

/// The address of a row, if it has a proper one.
pub(super) fn address(family: Family, row: &Row) -> Option<IpAddr> {
    match family {
        Family::V4 => address4(row).ok().map(IpAddr::from),
        Family::V6 => address6(row).ok().map(IpAddr::from),
    }
}

fn address4(row: &Row) -> Result<Ipv4Addr, RowError> {
    let number = number(row, 0)?.ok_or_else(|| RowError::new("address", "is NULL"))?;
    match u32::try_from(number) {
        Ok(number) => Ok(Ipv4Addr::from(number)),
        Err(_) => Err(RowError::new("address", format!("{number} is no IPv4 address"))),
    }
}

/// 16 octets from schema 19.0 on, text before that.
fn address6(row: &Row) -> Result<Ipv6Addr, RowError> {
    let octets = octets(row, 0).ok_or_else(|| RowError::new("address", "is NULL"))?;
    let is_text = row.columns_ref().first().is_some_and(|column| column.character_set() != BINARY);
    let address = if is_text {
        str::from_utf8(octets).ok().and_then(|text| text.parse().ok())
    } else {
        <[u8; 16]>::try_from(octets).ok().map(Ipv6Addr::from)
    };
    address.ok_or_else(|| RowError::new("address", format!("\"{}\" is no IPv6 address", Octets(octets))))
}

/// The character set of what is no text.
const BINARY: u16 = 63;

fn octets(row: &Row, index: usize) -> Option<&[u8]> {
    match row.as_ref(index) {
        Some(Value::Bytes(octets)) => Some(octets),
        _ => None,
    }
}

fn number(row: &Row, index: usize) -> Result<Option<i64>, RowError> {
    match row.as_ref(index) {
        None | Some(Value::NULL) => Ok(None),
        Some(Value::Int(number)) => Ok(Some(*number)),
        Some(Value::UInt(number)) => Ok(Some(i64::try_from(*number).map_err(|_| unexpected())?)),
        Some(_) => Err(unexpected()),
    }
}

fn boolean(row: &Row, index: usize) -> Result<Option<bool>, RowError> {
    Ok(number(row, index)?.map(|number| number != 0))
}

fn expire(row: &Row, index: usize, clock: WallClock) -> Result<Option<i64>, RowError> {
    let epoch = match row.as_ref(index) {
        Some(Value::Date(year, month, day, hour, minute, second, _)) => {
            clock.epoch(*year, [*month, *day, *hour, *minute, *second])
        }
        // What UNIX_TIMESTAMP makes of a zero date.
        Some(Value::Int(0) | Value::UInt(0)) => None,
        _ => return number(row, index),
    };
    epoch.map(Some).ok_or_else(|| RowError::new("expire", "is no date"))
}

fn unexpected() -> RowError {
    RowError::row("a column does not have the requested type")
}
