//! The first line of a lease file: which columns its rows have, and which Kea writes them.

use std::borrow::Cow;

use super::version::Target;
use crate::lease::{Family, RowError};
use crate::text::Octets;

/// The columns of a DHCPv4 lease file, newest version.
pub const COLUMNS4: [&str; 12] = [
    "address",
    "hwaddr",
    "client_id",
    "valid_lifetime",
    "expire",
    "subnet_id",
    "fqdn_fwd",
    "fqdn_rev",
    "hostname",
    "state",
    "user_context",
    "pool_id",
];

/// The columns of a DHCPv6 lease file, newest version.
pub const COLUMNS6: [&str; 18] = [
    "address",
    "duid",
    "valid_lifetime",
    "expire",
    "subnet_id",
    "pref_lifetime",
    "lease_type",
    "iaid",
    "prefix_len",
    "fqdn_fwd",
    "fqdn_rev",
    "hostname",
    "hwaddr",
    "state",
    "user_context",
    "hwtype",
    "hwaddr_source",
    "pool_id",
];

/// Kea's name for a DHCPv4 header with this many columns.
const VERSIONS4: [(usize, &str); 4] = [(9, "1.0"), (10, "2.0"), (11, "2.1"), (12, "3.0")];
/// Kea's name for a DHCPv6 header with this many columns.
const VERSIONS6: [(usize, &str); 6] = [(12, "1.0"), (13, "2.0"), (14, "3.0"), (15, "3.1"), (17, "4.0"), (18, "5.0")];

/// The header of a lease file that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub(super) family: Family,
    pub(super) columns: usize,
}

impl Header {
    /// Reads a header line (without its newline).
    ///
    /// More columns than this program knows are fine (a newer Kea appended them); fewer than Kea's first version, or
    /// other names, are not: no Kea would start on such a file.
    pub fn parse(line: &[u8], family: Family) -> Result<Self, RowError> {
        let names = columns(family);
        let least = versions(family)[0].0;
        let found = line.split(|&octet| octet == b',').count();
        for (index, (wanted, name)) in names.iter().zip(line.split(|&octet| octet == b',')).enumerate() {
            if wanted.as_bytes() != name {
                return Err(RowError::row(header_problem(line, family, index, wanted, name)));
            }
        }
        if found < least {
            let problem = format!("the header has {found} columns, the oldest {family} lease file has {least}");
            return Err(RowError::row(problem));
        }
        Ok(Self { family, columns: found })
    }

    /// The family of a header line, detected by its second column.
    #[must_use]
    pub fn family_of(line: &[u8]) -> Option<Family> {
        let mut names = line.split(|&octet| octet == b',');
        match (names.next(), names.next()) {
            (Some(b"address"), Some(b"hwaddr")) => Some(Family::V4),
            (Some(b"address"), Some(b"duid")) => Some(Family::V6),
            _ => None,
        }
    }

    /// A release that writes such files.
    pub(super) fn release(self) -> Target {
        Target::of_columns(self.family, self.columns)
    }

    /// How many columns it has that no Kea had when this was written.
    #[must_use]
    pub fn surplus(self) -> usize {
        self.columns.saturating_sub(columns(self.family).len())
    }

    /// Kea's name for this version of the file, such as `2.1`; `newer` beyond what is known.
    #[must_use]
    pub fn version(self) -> Cow<'static, str> {
        let table = versions(self.family);
        let newest = table[table.len() - 1].0;
        match table.iter().find(|(columns, _)| *columns == self.columns) {
            Some((_, name)) => Cow::Borrowed(*name),
            None if self.columns > newest => Cow::Borrowed("newer"),
            None => Cow::Owned(format!("{} columns", self.columns)),
        }
    }
}

/// The columns of the newest version.
#[must_use]
pub fn columns(family: Family) -> &'static [&'static str] {
    match family {
        Family::V4 => &COLUMNS4,
        Family::V6 => &COLUMNS6,
    }
}

fn versions(family: Family) -> &'static [(usize, &'static str)] {
    match family {
        Family::V4 => &VERSIONS4,
        Family::V6 => &VERSIONS6,
    }
}

/// Why a line is the header of no lease file, whatever the family.
#[must_use]
pub fn no_header(line: &[u8]) -> String {
    let beginning = line.split(|octet| *octet == 0).next().unwrap_or_default();
    let beginning = &beginning[..beginning.len().min(40)];
    byte_order_mark(line).unwrap_or_else(|| format!("no lease file of Kea: it begins with \"{}\"", Octets(beginning)))
}

fn byte_order_mark(line: &[u8]) -> Option<String> {
    let problem = "the file begins with a byte order mark (BOM), which Kea refuses; remove its three octets";
    line.starts_with(b"\xef\xbb\xbf").then(|| problem.to_owned())
}

fn header_problem(line: &[u8], family: Family, index: usize, wanted: &str, found: &[u8]) -> String {
    if let Some(problem) = byte_order_mark(line) {
        return problem;
    }
    if found.strip_suffix(b"\r").is_some_and(|name| name == wanted.as_bytes()) {
        return "the header ends with CR LF, which Kea refuses; convert the file to LF".into();
    }
    match Header::family_of(line) {
        Some(other) if other != family => format!("this is the header of a {other} lease file, not of a {family} one"),
        _ => {
            let found = &found[..found.len().min(40)];
            format!("no {family} lease file: column {} is \"{}\", not \"{wanted}\"", index + 1, Octets(found))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_of_the_header_is_known_by_its_columns() {
        for family in [Family::V4, Family::V6] {
            for &(count, name) in versions(family) {
                let line = columns(family)[..count].join(",");
                let header = Header::parse(line.as_bytes(), family).expect("a header Kea wrote");
                assert_eq!(header.version(), name);
            }
        }
    }

    #[test]
    fn columns_of_a_newer_kea_are_no_error() {
        let line = format!("{},shiny", COLUMNS4.join(","));
        assert_eq!(Header::parse(line.as_bytes(), Family::V4).expect("loads").version(), "newer");
    }

    #[test]
    fn a_wrong_header_is_reported_by_its_cause() {
        let problem = |line: &[u8], family| Header::parse(line, family).expect_err("refused").to_string();
        let good = COLUMNS4.join(",");
        assert!(problem(&[b"\xef\xbb\xbf", good.as_bytes()].concat(), Family::V4).contains("BOM"));
        assert!(problem(format!("{good}\r").as_bytes(), Family::V4).contains("CR LF"));
        assert!(problem(b"address,hwaddr\r", Family::V4).contains("CR LF"));
        assert!(problem(good.as_bytes(), Family::V6).contains("DHCPv4 lease file, not of a DHCPv6"));
        assert!(problem(b"address,hwaddr", Family::V4).contains("2 columns"));
        assert!(problem(b"hello", Family::V4).contains("column 1 is \"hello\", not \"address\""));
    }
}
