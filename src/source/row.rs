//! From the columns of a database row to a lease: what is missing, what can be mended, what cannot.
//!
//! Every column but the address may be NULL. Where Kea itself leaves a column NULL or empty, the neutral value is
//! certain; where it never does, there is no safe value and the row is a fault.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::lease::{
    ClientId, Duid, Family, Fault, HwAddr, Lease4, Lease6, LeaseState, LeaseType, Lifetime, cltt_from_database,
};

/// Where a database row stands, for a person: `lease4 192.0.2.1`; the table alone if the address is what is wrong.
pub(super) struct Place {
    pub(super) family: Family,
    pub(super) address: Option<IpAddr>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.family.table())?;
        self.address.map_or(Ok(()), |address| write!(f, " {address}"))
    }
}

/// The columns both families have; `None` is NULL, or a column this schema does not have.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Common<'a> {
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
}

/// A row of `lease4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row4<'a> {
    pub(super) address: Ipv4Addr,
    pub(super) client_id: Option<&'a [u8]>,
    pub(super) common: Common<'a>,
}

/// A row of `lease6`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row6<'a> {
    pub(super) address: Ipv6Addr,
    pub(super) duid: Option<&'a [u8]>,
    pub(super) pref_lifetime: Option<i64>,
    pub(super) lease_type: Option<i64>,
    /// 32 bits, which PostgreSQL shows as a signed number.
    pub(super) iaid: Option<i64>,
    pub(super) prefix_len: Option<i64>,
    pub(super) hwtype: Option<i64>,
    pub(super) hwaddr_source: Option<i64>,
    pub(super) common: Common<'a>,
}

impl<'a> Row4<'a> {
    pub(super) fn lease(&self) -> Result<Lease4<'a>, Fault> {
        let common = &self.common;
        let valid_lifetime = lifetime("valid_lifetime", common.valid_lifetime)?;
        Ok(Lease4 {
            address: self.address,
            hwaddr: HwAddr(common.hwaddr.unwrap_or_default()),
            client_id: ClientId(self.client_id.unwrap_or_default()),
            valid_lifetime,
            cltt: cltt_from_database(present("expire", common.expire)?, valid_lifetime),
            subnet_id: number("subnet_id", present("subnet_id", common.subnet_id)?)?,
            pool_id: number("pool_id", common.pool_id.unwrap_or(0))?,
            fqdn_fwd: common.fqdn_fwd.unwrap_or(false),
            fqdn_rev: common.fqdn_rev.unwrap_or(false),
            hostname: common.hostname.unwrap_or_default(),
            state: LeaseState::from(number::<u32>("state", common.state.unwrap_or(0))?),
            user_context: common.user_context.unwrap_or_default(),
        })
    }
}

impl<'a> Row6<'a> {
    pub(super) fn lease(&self) -> Result<Lease6<'a>, Fault> {
        let common = &self.common;
        let valid_lifetime = lifetime("valid_lifetime", common.valid_lifetime)?;
        let lease_type = lease_type(present("lease_type", self.lease_type)?)?;
        let (hwtype, hwaddr_source) = self.hwaddr_kind()?;
        Ok(Lease6 {
            address: self.address,
            duid: Duid(self.duid.unwrap_or_default()),
            valid_lifetime,
            preferred_lifetime: lifetime("pref_lifetime", self.pref_lifetime)?,
            cltt: cltt_from_database(present("expire", common.expire)?, valid_lifetime),
            subnet_id: number("subnet_id", present("subnet_id", common.subnet_id)?)?,
            pool_id: number("pool_id", common.pool_id.unwrap_or(0))?,
            lease_type,
            iaid: iaid(present("iaid", self.iaid)?)?,
            prefix_len: prefix_len(lease_type, self.prefix_len)?,
            fqdn_fwd: common.fqdn_fwd.unwrap_or(false),
            fqdn_rev: common.fqdn_rev.unwrap_or(false),
            hostname: common.hostname.unwrap_or_default(),
            hwaddr: HwAddr(common.hwaddr.unwrap_or_default()),
            hwtype,
            hwaddr_source,
            state: LeaseState::from(number::<u32>("state", common.state.unwrap_or(0))?),
            user_context: common.user_context.unwrap_or_default(),
        })
    }

    /// Kea fills the two columns with zeros in PostgreSQL and with NULL in MySQL if there is no hardware address.
    fn hwaddr_kind(&self) -> Result<(Option<u16>, Option<u32>), Fault> {
        let absent = self.common.hwaddr.unwrap_or_default().is_empty();
        if absent && self.hwtype.unwrap_or(0) == 0 && self.hwaddr_source.unwrap_or(0) == 0 {
            return Ok((None, None));
        }
        let hwtype = self.hwtype.map(|value| number("hwtype", value)).transpose()?;
        let source = self.hwaddr_source.map(|value| number("hwaddr_source", value)).transpose()?;
        Ok((hwtype, source))
    }
}

fn present<T>(column: &'static str, value: Option<T>) -> Result<T, Fault> {
    value.ok_or_else(|| Fault::new(column, "is NULL"))
}

fn number<T: TryFrom<i64>>(column: &'static str, value: i64) -> Result<T, Fault> {
    T::try_from(value).map_err(|_| Fault::new(column, format!("{value} is out of range")))
}

fn lifetime(column: &'static str, value: Option<i64>) -> Result<Lifetime, Fault> {
    Ok(Lifetime::from(number::<u32>(column, present(column, value)?)?))
}

fn iaid(value: i64) -> Result<u32, Fault> {
    match i32::try_from(value) {
        Ok(signed) => Ok(signed.cast_unsigned()),
        Err(_) => number("iaid", value),
    }
}

fn lease_type(value: i64) -> Result<LeaseType, Fault> {
    number("lease_type", value).map(|number: i32| LeaseType::from(number))
}

/// Kea writes what it was given into an address's row, and reads 128 from 2.4.0 on, whatever stands there.
fn prefix_len(lease_type: LeaseType, value: Option<i64>) -> Result<u8, Fault> {
    if lease_type != LeaseType::Pd {
        return Ok(128);
    }
    number("prefix_len", present("prefix_len", value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Common<'static> = Common {
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
    };

    fn row4(common: Common<'_>) -> Row4<'_> {
        Row4 { address: Ipv4Addr::new(192, 0, 2, 1), client_id: None, common }
    }

    fn row6(common: Common<'_>) -> Row6<'_> {
        Row6 {
            address: Ipv6Addr::LOCALHOST,
            duid: Some(&[0]),
            pref_lifetime: Some(1800),
            lease_type: Some(0),
            iaid: Some(-1),
            prefix_len: Some(64),
            hwtype: Some(0),
            hwaddr_source: Some(0),
            common,
        }
    }

    #[test]
    fn what_kea_leaves_empty_is_neutral() {
        let lease =
            row4(Common { hostname: None, state: None, fqdn_fwd: None, pool_id: None, ..FULL }).lease().unwrap();
        assert_eq!((lease.hostname, lease.state, lease.fqdn_fwd), (&b""[..], LeaseState::Assigned, false));
        assert_eq!(lease.cltt, 1_700_000_000);
    }

    #[test]
    fn a_lease_without_end_or_lifetime_is_a_fault() {
        let fault = row4(Common { expire: None, ..FULL }).lease().unwrap_err();
        assert_eq!(fault.to_string(), "expire: is NULL");
        let fault = row6(Common { valid_lifetime: None, ..FULL }).lease().unwrap_err();
        assert_eq!(fault.to_string(), "valid_lifetime: is NULL");
    }

    #[test]
    fn an_infinite_lease_ends_where_kea_stored_its_beginning() {
        let lease = row4(Common { valid_lifetime: Some(0xffff_ffff), ..FULL }).lease().unwrap();
        assert_eq!((lease.cltt, lease.expire()), (1_700_003_600, 1_700_003_600 + 0xffff_ffff));
    }

    #[test]
    fn a_number_beyond_its_column_in_kea_is_a_fault() {
        let fault = row4(Common { subnet_id: Some(1 << 32), ..FULL }).lease().unwrap_err();
        assert_eq!(fault.to_string(), "subnet_id: 4294967296 is out of range");
        let fault = row4(Common { state: Some(-1), ..FULL }).lease().unwrap_err();
        assert_eq!(fault.to_string(), "state: -1 is out of range");
    }

    #[test]
    fn an_address_has_prefix_length_128_whatever_is_stored() {
        assert_eq!(row6(FULL).lease().unwrap().prefix_len, 128);
        assert_eq!(Row6 { lease_type: Some(2), ..row6(FULL) }.lease().unwrap().prefix_len, 64);
        assert_eq!(Row6 { lease_type: Some(2), prefix_len: Some(129), ..row6(FULL) }.lease().unwrap().prefix_len, 129);
        let fault = Row6 { lease_type: Some(2), prefix_len: Some(256), ..row6(FULL) }.lease().unwrap_err();
        assert_eq!(fault.to_string(), "prefix_len: 256 is out of range");
    }

    #[test]
    fn an_iaid_that_postgresql_shows_as_negative_is_the_number_the_client_sent() {
        assert_eq!(row6(FULL).lease().unwrap().iaid, 0xffff_ffff);
        assert_eq!(Row6 { iaid: Some(0xffff_fffe), ..row6(FULL) }.lease().unwrap().iaid, 0xffff_fffe);
        assert!(Row6 { iaid: Some(1 << 32), ..row6(FULL) }.lease().is_err());
    }

    #[test]
    fn zeros_beside_no_hardware_address_mean_none() {
        let lease = row6(FULL).lease().unwrap();
        assert_eq!((lease.hwtype, lease.hwaddr_source), (None, None));
        let known = Row6 { hwtype: Some(1), ..row6(Common { hwaddr: Some(&[2, 4]), ..FULL }) }.lease().unwrap();
        assert_eq!((known.hwtype, known.hwaddr_source), (Some(1), Some(0)));
    }
}
