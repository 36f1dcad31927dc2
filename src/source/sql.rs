//! A filter as SQL conditions, so that a database sends less than its whole table.
//!
//! The conditions may select more rows than the filter, never fewer: the filter itself is applied to every row too. So
//! conditions that a database would evaluate differently (letters that are not ASCII, time zones, addresses stored as
//! text) are omitted or made wider.

use std::net::IpAddr;

use crate::lease::filter::{Filter, Pattern, Range, SubnetChoice};
use crate::lease::{Family, LeaseStatus};

/// The differences between the two servers' SQL.
pub(super) trait Dialect {
    /// Whether the table has this column.
    fn has(&self, column: &str) -> bool;
    /// Whether an address lies in a range of the table's family; `None` where that cannot be asked safely.
    fn within(&self, range: &Range) -> Option<String>;
    /// Whether a column begins with these octets.
    fn begins(&self, column: &str, octets: &[u8]) -> String;
    /// The host name in lower case, as far as its letters are ASCII.
    fn lower_hostname(&self) -> String;
    /// When a lease ends, in epoch seconds.
    fn expire(&self) -> String;
    /// How far that may be off, in seconds.
    fn leeway(&self) -> i64;
}

const INFINITE: &str = "valid_lifetime = 4294967295";
const NEVER: &str = "1 = 0";

/// The conditions that all rows of `family` meet which the filter means: ` WHERE …`, or nothing.
pub(super) fn conditions(filter: &Filter, family: Family, dialect: &dyn Dialect) -> String {
    let asked = Asked { filter, family, dialect };
    let all = [
        asked.address(),
        asked.statuses(),
        asked.subnets(),
        any(&filter.ranges, |range| asked.range(range)),
        any(&filter.hwaddrs, |prefix| Some(asked.begins("hwaddr", prefix.octets()))),
        asked.client(),
        asked.lease_types(),
        any(&filter.hostnames, |pattern| asked.hostname(pattern)),
        asked.expiring(),
        asked.fresh(),
    ];
    let all: Vec<_> = all.into_iter().flatten().collect();
    if all.is_empty() { String::new() } else { format!(" WHERE {}", all.join(" AND ")) }
}

struct Asked<'a> {
    filter: &'a Filter,
    family: Family,
    dialect: &'a dyn Dialect,
}

impl Asked<'_> {
    /// A prefix that holds the address begins anywhere before it.
    fn address(&self) -> Option<String> {
        let address = self.filter.address?;
        let exactly = self.range(&Range::new(address, address)?)?;
        Some(if address.is_ipv6() { format!("({exactly} OR lease_type = 2)") } else { exactly })
    }

    fn statuses(&self) -> Option<String> {
        if !self.dialect.has("state") {
            return None;
        }
        let (expire, leeway, now) = (self.dialect.expire(), self.dialect.leeway(), self.filter.now);
        any(&self.filter.statuses, |status| {
            let state = format!("COALESCE(state, 0) = {}", status.state().number());
            Some(match status {
                LeaseStatus::Active => format!("({state} AND ({INFINITE} OR {expire} >= {}))", now - leeway),
                LeaseStatus::Expired => format!("({state} AND NOT {INFINITE} AND {expire} < {})", now + leeway),
                _ => state,
            })
        })
    }

    fn subnets(&self) -> Option<String> {
        any(&self.filter.subnets, |subnet| match subnet {
            SubnetChoice::Id(id) => Some(format!("subnet_id = {id}")),
            SubnetChoice::Prefix(range) => self.range(range),
        })
    }

    fn range(&self, range: &Range) -> Option<String> {
        if range.family() == self.family { self.dialect.within(range) } else { Some(NEVER.to_owned()) }
    }

    fn begins(&self, column: &str, octets: &[u8]) -> String {
        if self.dialect.has(column) { self.dialect.begins(column, octets) } else { NEVER.to_owned() }
    }

    fn client(&self) -> Option<String> {
        let (mine, column, other) = match self.family {
            Family::V4 => (&self.filter.client_ids, "client_id", &self.filter.duids),
            Family::V6 => (&self.filter.duids, "duid", &self.filter.client_ids),
        };
        if !other.is_empty() {
            return Some(NEVER.to_owned());
        }
        any(mine, |prefix| Some(self.begins(column, prefix.octets())))
    }

    fn lease_types(&self) -> Option<String> {
        any(&self.filter.lease_types, |kind| match self.family {
            Family::V4 => Some(NEVER.to_owned()),
            Family::V6 => Some(format!("lease_type = {}", kind.number())),
        })
    }

    /// A letter that is not ASCII is several octets to the filter and one character to a database; a backslash is an
    /// escape in some literals.
    fn hostname(&self, pattern: &Pattern) -> Option<String> {
        let text = pattern.text();
        if !text.bytes().all(|octet| matches!(octet, b' '..=b'~') && octet != b'\\') || pattern.matches(b"") {
            return None;
        }
        let mut like = String::new();
        for c in text.chars() {
            match c {
                '*' | '?' => like.push('%'),
                '%' | '_' | '!' => like.extend(['!', c]),
                '\'' => like.push_str("''"),
                other => like.push(other),
            }
        }
        let around = if pattern.is_glob() { "" } else { "%" };
        Some(format!("{} LIKE '{around}{like}{around}' ESCAPE '!'", self.dialect.lower_hostname()))
    }

    fn expiring(&self) -> Option<String> {
        let (expire, leeway, now) = (self.dialect.expire(), self.dialect.leeway(), self.filter.now);
        let last = now + i64::from(self.filter.expiring?);
        Some(format!("(NOT {INFINITE} AND {expire} BETWEEN {} AND {})", now - leeway, last + leeway))
    }

    fn fresh(&self) -> Option<String> {
        let (expire, leeway) = (self.dialect.expire(), self.dialect.leeway());
        // MySQL adds unsigned numbers, which a negative one would stop.
        let since = (self.filter.now - i64::from(self.filter.fresh?) - leeway).max(0);
        Some(format!("({INFINITE} OR {expire} >= {since} + valid_lifetime)"))
    }
}

/// Any of the conditions for these values; nothing is asked if one of them cannot be asked for.
fn any<T>(values: &[T], condition: impl Fn(&T) -> Option<String>) -> Option<String> {
    if values.is_empty() {
        return None;
    }
    let all: Option<Vec<_>> = values.iter().map(condition).collect();
    all.map(|all| format!("({})", all.join(" OR ")))
}

/// `x'0102'`-like hex of octets.
pub(super) fn hex(octets: &[u8]) -> String {
    crate::text::hex(octets)
}

/// The octets of an address.
pub(super) fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::LeaseType;
    use crate::lease::filter::OctetPrefix;

    struct Plain;

    impl Dialect for Plain {
        fn has(&self, column: &str) -> bool {
            column != "pool_id"
        }

        fn within(&self, range: &Range) -> Option<String> {
            Some(format!("address IN {range}"))
        }

        fn begins(&self, column: &str, octets: &[u8]) -> String {
            format!("{column} ~ {}", hex(octets))
        }

        fn lower_hostname(&self) -> String {
            "name".into()
        }

        fn expire(&self) -> String {
            "expire".into()
        }

        fn leeway(&self) -> i64 {
            0
        }
    }

    fn asked(filter: &Filter, family: Family) -> String {
        conditions(&Filter { now: 1000, ..filter.clone() }, family, &Plain)
    }

    #[test]
    fn nothing_is_asked_where_nothing_is_meant() {
        assert_eq!(asked(&Filter::default(), Family::V4), "");
    }

    #[test]
    fn every_criterion_becomes_a_condition() {
        let filter = Filter {
            statuses: vec![LeaseStatus::Active, LeaseStatus::Declined],
            subnets: vec!["7".parse().unwrap(), "192.0.2.0/24".parse().unwrap()],
            hwaddrs: vec![OctetPrefix::hwaddr("08:00").unwrap()],
            hostnames: vec!["It's_*".parse().unwrap(), "50%".parse().unwrap()],
            expiring: Some(60),
            ..Filter::default()
        };
        let expected = " WHERE ((COALESCE(state, 0) = 0 AND (valid_lifetime = 4294967295 OR expire >= 1000)) OR \
             COALESCE(state, 0) = 1) AND (subnet_id = 7 OR address IN 192.0.2.0-192.0.2.255) AND (hwaddr ~ 0800) AND \
             (name LIKE 'it''s!_%' ESCAPE '!' OR name LIKE '%50!%%' ESCAPE '!') AND \
             (NOT valid_lifetime = 4294967295 AND expire BETWEEN 1000 AND 1060)";
        assert_eq!(asked(&filter, Family::V4), expected);
    }

    #[test]
    fn no_time_before_all_times_is_asked_for() {
        let filter = Filter { fresh: Some(3600), ..Filter::default() };
        let expected = " WHERE (valid_lifetime = 4294967295 OR expire >= 0 + valid_lifetime)";
        assert_eq!(asked(&filter, Family::V4), expected);
    }

    #[test]
    fn what_the_family_cannot_have_matches_nothing() {
        let filter = Filter { lease_types: vec![LeaseType::Pd], ..Filter::default() };
        assert_eq!(asked(&filter, Family::V4), " WHERE (1 = 0)");
        assert_eq!(asked(&filter, Family::V6), " WHERE (lease_type = 2)");
        let filter = Filter { ranges: vec!["2001:db8::/32".parse().unwrap()], ..Filter::default() };
        assert_eq!(asked(&filter, Family::V4), " WHERE (1 = 0)");
    }

    #[test]
    fn what_a_database_may_see_differently_is_not_asked() {
        for text in ["zürich", "a\\b", "*", "a\u{7f}"] {
            let filter = Filter { hostnames: vec![text.parse().unwrap()], ..Filter::default() };
            assert_eq!(asked(&filter, Family::V4), "", "{text}");
        }
    }
}
