//! The first line of a lease file: which columns its rows have, and which Kea writes them.

use std::borrow::Cow;

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
    /// How many columns a Kea known here writes, the first ones.
    pub(super) columns: usize,
    /// How many others follow.
    surplus: usize,
}

impl Header {
    /// Reads a header line (without its newline).
    ///
    /// Columns that no Kea known here writes are fine after those of Kea 2.2, which reads such a file without them; fewer than
    /// Kea's first version, or other names before, are not: no Kea would start on such a file.
    pub fn parse(line: &[u8], family: Family) -> Result<Self, RowError> {
        let least = versions(family)[0].0;
        let found = line.split(|&octet| octet == b',').count();
        let mut pairs = columns(family).iter().zip(line.split(|&octet| octet == b',')).enumerate();
        let wrong = pairs.find(|(_, (wanted, name))| wanted.as_bytes() != *name);
        if let Some((index, (wanted, name))) = wrong
            && (index < required_names(family) || name.ends_with(b"\r"))
        {
            return Err(RowError::row(header_problem(line, family, index, wanted, name)));
        }
        if found < least {
            let problem = format!("the header has {found} columns, the oldest {family} lease file has {least}");
            return Err(RowError::row(problem));
        }
        let columns = wrong.map_or_else(|| found.min(columns(family).len()), |(index, _)| index);
        Ok(Self { family, columns, surplus: found - columns })
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

    /// How many columns it has that no Kea had when this was written.
    #[must_use]
    pub fn surplus(self) -> usize {
        self.surplus
    }

    /// How many columns a row needs so that some Kea reads it below this header. Kea 2.2 does not need those that came later,
    /// whose rows it appends to a file of a newer Kea, nor the last two of DHCPv6, what it knows of the hardware address.
    pub(super) fn least_columns(self) -> usize {
        self.columns.min(match self.family {
            Family::V4 => 11,
            Family::V6 => 15,
        })
    }

    /// Kea's name for this version of the file, such as `2.1`; `newer` beyond what is known.
    #[must_use]
    pub fn version(self) -> Cow<'static, str> {
        let table = versions(self.family);
        match table.iter().find(|(columns, _)| *columns == self.columns) {
            _ if self.surplus > 0 => Cow::Borrowed("newer"),
            Some((_, name)) => Cow::Borrowed(*name),
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

/// How many columns must have their names: Kea 2.2 knows so many, and reads a file with further columns of any name.
fn required_names(family: Family) -> usize {
    match family {
        Family::V4 => 11,
        Family::V6 => 17,
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
    other_kind(line).map_or_else(|| format!("no lease file of Kea: it begins with {}", beginning(line)), str::to_owned)
}

/// What a text begins with, in quotes; after a NUL nothing is text.
fn beginning(text: &[u8]) -> String {
    let text = text.split(|octet| *octet == 0).next().unwrap_or_default();
    format!("\"{}\"", Octets(&text[..text.len().min(40)]))
}

/// What a file is that begins with this line, if it is of a kind that is known and none of Kea's.
#[must_use]
pub fn other_kind(line: &[u8]) -> Option<&'static str> {
    const TAR: &[u8] = b"ustar";
    const OF_DHCPD: [&[u8]; 5] =
        [b"lease ", b"# The format of this file is documented", b"authoring-byte-order ", b"server-duid ", b"ia-"];
    if line.starts_with(b"\xef\xbb\xbf") {
        return Some("the file begins with a byte order mark (BOM), which Kea refuses; remove its three octets");
    }
    if line.get(257..).is_some_and(|rest| rest.starts_with(TAR)) {
        return Some(
            "this is a tar archive: tar -xOf FILE unpacks what is in it, and - reads a lease file from a pipe",
        );
    }
    let is_of_dhcpd = OF_DHCPD.iter().any(|start| line.starts_with(start));
    is_of_dhcpd.then_some("this is a lease file of ISC dhcpd, which Kea does not read")
}

fn header_problem(line: &[u8], family: Family, index: usize, wanted: &str, found: &[u8]) -> String {
    if let Some(problem) = other_kind(line) {
        return problem.to_owned();
    }
    if found.strip_suffix(b"\r").is_some_and(|name| name == wanted.as_bytes()) {
        return "the header ends with CR LF, which Kea refuses; convert the file to LF".into();
    }
    match Header::family_of(line) {
        Some(other) if other != family => format!("this is the header of a {other} lease file, not of a {family} one"),
        _ => {
            format!("no {family} lease file: column {} is {}, not \"{wanted}\"", index + 1, beginning(found))
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
        let header = Header::parse(line.as_bytes(), Family::V4).expect("loads");
        assert_eq!((header.version().as_ref(), header.surplus()), ("newer", 1));
    }

    #[test]
    fn after_the_columns_of_kea_2_2_any_name_will_do() {
        for (family, known) in [(Family::V4, 11), (Family::V6, 17)] {
            let line = |known: usize| format!("{},relay_id,pool_id", columns(family)[..known].join(","));
            let header = Header::parse(line(known).as_bytes(), family).expect("Kea 2.2 loads it");
            assert_eq!((header.columns, header.surplus(), header.version().as_ref()), (known, 2, "newer"));
            assert!(Header::parse(line(known - 1).as_bytes(), family).is_err(), "Kea 2.2 does not start on it");
        }
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
        let tar = [&b"l.csv"[..], &[0; 252], b"ustar  \0"].concat();
        assert!(problem(&tar, Family::V4).contains("this is a tar archive") && no_header(&tar).contains("tar -xOf"));
        assert!(problem(b"lease 192.0.2.1 {", Family::V6).contains("a lease file of ISC dhcpd"));
        assert_eq!(no_header(b"x\0\0y"), "no lease file of Kea: it begins with \"x\"");
        assert!(problem(b"hello", Family::V4).contains("column 1 is \"hello\", not \"address\""));
    }
}
