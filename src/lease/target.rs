//! The Kea that a lease file is made for: how many columns it knows and which leases it takes.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::context::{self, Demands};
use super::{ClientId, Duid, Family, Fault, Lease4, Lease6, LeaseState, LeaseType};

/// A release of Kea, for which lease files are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    major: u16,
    minor: u16,
    patch: u16,
}

/// How deep the values of a user context may be nested, …
const DEEPEST: usize = 100;
/// … from this release on. The limit came with 2.6.5, 3.0.3 and 3.1.5; distributions have it in what they call 2.6.3.
const DEPTH_IS_LIMITED: Target = Target::new(2, 6, 0);

/// What a lease file can do with a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// It holds it.
    Fits,
    /// It would read it as a deletion (lifetime 0): the lease is left out, and nothing is wrong.
    MeansDeletion,
    /// Kea would refuse the row.
    Refused(Fault),
}

impl Target {
    /// The newest release known.
    pub const NEWEST: Self = Self::new(3, 3, 0);

    const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }

    /// A release that writes a lease file of so many columns. (What a row may hold has changed with 2.3.8 alone.)
    pub(in crate::lease) fn of_columns(family: Family, columns: usize) -> Self {
        let newest = Self::new(3, 0, 4);
        if columns >= newest.columns(family) { newest } else { Self::new(2, 2, 0) }
    }

    /// How many columns its lease file has.
    #[must_use]
    pub fn columns(self, family: Family) -> usize {
        let steps: &[(Self, usize)] = match family {
            Family::V4 => &[(Self::new(2, 3, 8), 12), (Self::new(1, 5, 0), 11), (Self::new(1, 0, 0), 10)],
            Family::V6 => &[
                (Self::new(2, 3, 8), 18),
                (Self::new(2, 1, 2), 17),
                (Self::new(1, 5, 0), 15),
                (Self::new(1, 0, 0), 14),
                (Self::new(0, 9, 1), 13),
            ],
        };
        let oldest = if family == Family::V4 { 9 } else { 12 };
        steps.iter().find(|(since, _)| self >= *since).map_or(oldest, |(_, columns)| *columns)
    }

    /// Whether it reads `&#xHH` in text columns.
    #[must_use]
    pub fn knows_escapes(self) -> bool {
        self >= Self::new(1, 7, 6)
    }

    /// The DUID it gives a declined lease.
    #[must_use]
    pub fn empty_duid(self) -> &'static [u8] {
        if self.has_long_identifiers() { &[0, 0, 0] } else { &[0] }
    }

    fn has_long_identifiers(self) -> bool {
        self >= Self::new(2, 3, 8)
    }

    /// Whether it reads numbers of 128 bits in a user context.
    fn has_wide_numbers(self) -> bool {
        self >= Self::new(2, 3, 8)
    }

    /// Whether its lease file can hold this lease.
    #[must_use]
    pub fn check4(self, lease: &Lease4<'_>) -> Fit {
        if lease.valid_lifetime.is_zero() {
            return Fit::MeansDeletion;
        }
        let fault = if lease.hwaddr.0.is_empty() && lease.client_id.0.is_empty() && lease.state != LeaseState::Declined
        {
            Some(Fault::row("neither hardware address nor client identifier, and not declined"))
        } else if lease.hwaddr.0.len() > 20 {
            Some(too_long("hwaddr", lease.hwaddr.0, 20))
        } else {
            let user_context = if self.columns(Family::V4) > 10 { lease.user_context } else { b"" };
            self.client_id_fault(lease.client_id).or_else(|| self.text_fault(lease.hostname, user_context))
        };
        fault.map_or(Fit::Fits, Fit::Refused)
    }

    /// Whether its lease file can hold this lease.
    #[must_use]
    pub fn check6(self, lease: &Lease6<'_>) -> Fit {
        if lease.valid_lifetime.is_zero() {
            return Fit::MeansDeletion;
        }
        let fault = self
            .duid_fault(lease.duid, lease.state)
            .or_else(|| self.prefix_fault(lease))
            .or_else(|| (lease.hwaddr.0.len() > 20).then(|| too_long("hwaddr", lease.hwaddr.0, 20)))
            .or_else(|| {
                let user_context = if self.columns(Family::V6) > 14 { lease.user_context } else { b"" };
                self.text_fault(lease.hostname, user_context)
            });
        fault.map_or(Fit::Fits, Fit::Refused)
    }

    /// Whether its lease file has no column for something this lease has.
    #[must_use]
    pub fn loses4(self, lease: &Lease4<'_>) -> bool {
        let columns = self.columns(Family::V4);
        columns < 12 && lease.pool_id != 0
            || columns < 11 && !lease.user_context.is_empty()
            || columns < 10 && lease.state != LeaseState::Assigned
    }

    /// Whether its lease file has no column for something this lease has.
    #[must_use]
    pub fn loses6(self, lease: &Lease6<'_>) -> bool {
        let columns = self.columns(Family::V6);
        columns < 18 && lease.pool_id != 0
            || columns < 15 && !lease.user_context.is_empty()
            || columns < 14 && lease.state != LeaseState::Assigned
            || columns < 13 && !lease.hwaddr.0.is_empty()
    }

    /// Why it does not read a context that other releases read.
    fn context_fault(self, demands: Demands) -> Option<Fault> {
        if demands.has_wide_number && !self.has_wide_numbers() {
            return Some(Fault::new(
                "user_context",
                format!("a number beyond 64 bits, which Kea {self} does not read"),
            ));
        }
        (self >= DEPTH_IS_LIMITED && demands.depth > DEEPEST).then(|| {
            let problem = format!("values nested {} deep, Kea {self} reads {DEEPEST}", demands.depth);
            Fault::new("user_context", problem)
        })
    }

    /// Whether it reads a row with a client identifier of so many octets and such a context; the rest of the row is good
    /// for some release.
    pub(in crate::lease) fn reads4(self, client_id: usize, demands: Demands) -> bool {
        client_id <= self.longest_client_id() && self.context_fault(demands).is_none()
    }

    /// The same for a row with this DUID.
    pub(in crate::lease) fn reads6(self, duid: &[u8], state: u32, demands: Demands) -> bool {
        let is_declined = LeaseState::from(state) == LeaseState::Declined;
        self.duid_lengths().contains(&duid.len())
            && (is_declined || duid != self.empty_duid())
            && self.context_fault(demands).is_none()
    }

    fn longest_client_id(self) -> usize {
        if self.has_long_identifiers() { 255 } else { 128 }
    }

    fn duid_lengths(self) -> RangeInclusive<usize> {
        if self.has_long_identifiers() { 3..=130 } else { 1..=128 }
    }

    fn client_id_fault(self, client_id: ClientId<'_>) -> Option<Fault> {
        let most = self.longest_client_id();
        match client_id.0.len() {
            1 => Some(Fault::new("client_id", "1 octet, Kea takes at least 2")),
            length if length > most => Some(too_long("client_id", client_id.0, most)),
            _ => None,
        }
    }

    fn duid_fault(self, duid: Duid<'_>, state: LeaseState) -> Option<Fault> {
        let (least, most) = self.duid_lengths().into_inner();
        if duid.0.is_empty() {
            return Some(Fault::new("duid", "empty"));
        }
        if duid.is_empty_duid() && state == LeaseState::Declined {
            // It is written as this release has it.
            return None;
        }
        if duid.0 == self.empty_duid() {
            let problem = format!("{duid} means no client to Kea {self}, and the lease is not declined");
            return Some(Fault::new("duid", problem));
        }
        match duid.0.len() {
            length if length < least => {
                Some(Fault::new("duid", format!("{length} octets, Kea {self} takes at least {least}")))
            }
            length if length > most => Some(too_long("duid", duid.0, most)),
            _ => None,
        }
    }

    /// Kea from 3.2.0 on refuses a prefix that is no prefix; before, any address and any length will do.
    fn prefix_fault(self, lease: &Lease6<'_>) -> Option<Fault> {
        if lease.lease_type != LeaseType::Pd || self < Self::new(3, 2, 0) {
            return None;
        }
        if lease.prefix_len > 128 {
            let problem = format!("{} is above 128: no Kea from 3.2.0 on takes it; see --for", lease.prefix_len);
            return Some(Fault::new("prefix_len", problem));
        }
        let host_bits = u128::MAX.checked_shr(u32::from(lease.prefix_len)).unwrap_or(0);
        (lease.address.to_bits() & host_bits != 0).then(|| {
            let problem = format!(
                "{} has bits set beyond /{}: no Kea from 3.2.0 on takes it; see --for",
                lease.address, lease.prefix_len
            );
            Fault::new("address", problem)
        })
    }

    fn text_fault(self, hostname: &[u8], user_context: &[u8]) -> Option<Fault> {
        if !user_context.is_empty() {
            let fault = match context::check(user_context) {
                Ok(demands) => self.context_fault(demands),
                Err(cause) => Some(Fault::new("user_context", cause.to_string())),
            };
            if fault.is_some() {
                return fault;
            }
        }
        if self.knows_escapes() {
            return None;
        }
        // Before escapes existed a row could not hold these at all; the rest of what we escape today it could.
        let cannot = |text: &[u8]| text.iter().any(|octet| matches!(octet, b',' | b'\n' | b'\r' | 0));
        let column = if cannot(hostname) {
            "hostname"
        } else if cannot(user_context) {
            "user_context"
        } else {
            return None;
        };
        Some(Fault::new(column, "a comma or line break, which no lease file before Kea 1.7.6 can hold; see --for"))
    }
}

fn too_long(column: &'static str, octets: &[u8], most: usize) -> Fault {
    Fault::new(column, format!("{} octets, the lease file takes at most {most}", octets.len()))
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Target {
    type Err = String;

    /// Reads `2.2`, `2.2.0` or `3`; what is not said is 0. What newer releases hold in a lease file is not known. A
    /// leading `v` means nothing, and neither does what a package adds after three numbers, as in `2.2.0-6`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("not a release of Kea that is known here: {}", known());
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let release = without_revision(text)?;
        let mut parts = [0u16; 3];
        for (index, part) in release.split('.').enumerate() {
            let slot = parts.get_mut(index).ok_or_else(wrong)?;
            if part.is_empty() || !part.bytes().all(|octet| octet.is_ascii_digit()) {
                return Err(wrong());
            }
            *slot = part.parse().map_err(|_| wrong())?;
        }
        let target = Self::new(parts[0], parts[1], parts[2]);
        let is_known = SERIES.iter().any(|(major, minors)| *major == target.major && minors.contains(&target.minor));
        if is_known { Ok(target) } else { Err(wrong()) }
    }
}

/// The release in the version of a package, such as `2.2.0-6`, `2.6.3-1+deb13u1`, `2.4.1-isc20231123184533` or `2.2.0-r1`:
/// what distributions and ISC add begins with a number, alone or after their letters.
fn without_revision(text: &str) -> Result<&str, String> {
    let Some((release, revision)) = text.split_once('-') else { return Ok(text) };
    let number = ["isc", "r", ""].into_iter().find_map(|letters| revision.strip_prefix(letters)).unwrap_or_default();
    if !number.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(format!("not a release of Kea that is known here: {}", known()));
    }
    if release.split('.').count() != 3 {
        return Err(format!(
            "the revision \"{revision}\" of a package follows a release of three numbers, as in 2.2.0-6"
        ));
    }
    Ok(release)
}

/// The releases of Kea with a lease file: what they begin with, and the numbers after that.
const SERIES: [(u16, RangeInclusive<u16>); 4] = [(0, 9..=9), (1, 0..=9), (2, 0..=7), (3, 0..=Target::NEWEST.minor)];

fn known() -> String {
    let series = SERIES.iter().map(|(major, minors)| match (minors.start(), minors.end()) {
        (first, last) if first == last => format!("{major}.{first}"),
        (first, last) => format!("{major}.{first} to {major}.{last}"),
    });
    series.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::{HwAddr, Lifetime};

    fn target(text: &str) -> Target {
        text.parse().expect("a release")
    }

    fn lease4() -> Lease4<'static> {
        Lease4 {
            address: [192, 0, 2, 1].into(),
            hwaddr: HwAddr(&[2, 0, 0, 0, 0, 1]),
            client_id: ClientId(b""),
            valid_lifetime: Lifetime::Seconds(3600),
            cltt: 1_000_000_000,
            subnet_id: 1,
            pool_id: 0,
            fqdn_fwd: false,
            fqdn_rev: false,
            hostname: b"",
            state: LeaseState::Assigned,
            user_context: b"",
        }
    }

    #[test]
    fn each_release_has_its_columns() {
        let table = [
            ("0.9", 9, 12),
            ("0.9.1", 9, 13),
            ("1.0", 10, 14),
            ("1.5.0", 11, 15),
            ("2.0.3", 11, 15),
            ("2.2", 11, 17),
            ("2.3.7", 11, 17),
            ("2.4", 12, 18),
            ("3.3", 12, 18),
            ("3.0.99", 12, 18),
        ];
        for (release, v4, v6) in table {
            let columns = (target(release).columns(Family::V4), target(release).columns(Family::V6));
            assert_eq!(columns, (v4, v6), "{release}");
        }
    }

    #[test]
    fn what_is_no_release_is_refused() {
        for text in [
            "",
            "x",
            "2.",
            "2.2.0.1",
            "2.2-git",
            "0.8",
            "99999.0",
            "99",
            "2.99",
            "0.5",
            "4",
            "1.10",
            "v",
            "vv2.2",
            "2.2.0-",
            "2.2.0-rc1",
            "v 2.2",
            "2.8.0-1",
        ] {
            let cause = text.parse::<Target>().expect_err(text);
            let known = "0.9, 1.0 to 1.9, 2.0 to 2.7, 3.0 to 3.3";
            assert_eq!(cause, format!("not a release of Kea that is known here: {known}"), "{text}");
        }
    }

    #[test]
    fn the_version_of_a_package_or_tag_is_its_release() {
        for text in
            ["v2.2", "V2.2.0", "2.2.0-6", "v2.2.0-6", "2.2.0-1+deb12u1", "2.2.0-1~bpo11+1", "2.2.0-r1", "2.2.0-isc2022"]
        {
            assert_eq!(target(text), target("2.2"), "{text}");
        }
        let cause = "2.2-6".parse::<Target>().expect_err("it may be 2.2.6");
        assert_eq!(cause, "the revision \"6\" of a package follows a release of three numbers, as in 2.2.0-6");
    }

    #[test]
    fn a_lease_of_no_lifetime_is_left_out_without_a_fault() {
        let lease = Lease4 { valid_lifetime: Lifetime::Seconds(0), ..lease4() };
        assert_eq!(Target::NEWEST.check4(&lease), Fit::MeansDeletion);
    }

    #[test]
    fn what_the_target_refuses_is_refused_here() {
        let long = [7u8; 200];
        let lease = Lease4 { client_id: ClientId(&long), ..lease4() };
        assert_eq!(Target::NEWEST.check4(&lease), Fit::Fits);
        assert!(matches!(target("2.2").check4(&lease), Fit::Refused(fault) if fault.column == "client_id"));
        let lease = Lease4 { hostname: b"a,b", ..lease4() };
        assert_eq!(target("2.2").check4(&lease), Fit::Fits);
        assert!(matches!(target("1.6").check4(&lease), Fit::Refused(fault) if fault.column == "hostname"));
        let lease = Lease4 { user_context: b"[]", ..lease4() };
        assert!(matches!(Target::NEWEST.check4(&lease), Fit::Refused(fault) if fault.column == "user_context"));
        let wide = Lease4 { user_context: b"{\"a\":18446744073709551616}", ..lease4() };
        assert_eq!(target("2.4").check4(&wide), Fit::Fits);
        assert!(matches!(target("2.2").check4(&wide), Fit::Refused(fault) if fault.column == "user_context"));
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100), "]".repeat(100));
        let deep = Lease4 { user_context: deep.as_bytes(), ..lease4() };
        assert_eq!(target("2.2").check4(&deep), Fit::Fits);
        assert!(matches!(target("3.0.4").check4(&deep), Fit::Refused(fault) if fault.column == "user_context"));
        let lease = Lease4 { hwaddr: HwAddr(b""), ..lease4() };
        assert!(matches!(Target::NEWEST.check4(&lease), Fit::Refused(_)));
        let declined = Lease4 { hwaddr: HwAddr(b""), state: LeaseState::Declined, ..lease4() };
        assert_eq!(Target::NEWEST.check4(&declined), Fit::Fits);
    }
}
