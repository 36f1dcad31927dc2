//! The Kea that a lease file is made for: how many columns it knows and which leases it takes.

use std::net::Ipv6Addr;
use std::ops::RangeInclusive;

use crate::lease::context::{self, Demands};
use crate::lease::{Client, ClientId, Duid, Family, Lease, LeaseState, LeaseType, RowError};

/// A release of Kea, for which lease files are written.
pub use crate::release::Release as Target;
pub use crate::release::known;

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
    Refused(RowError),
}

impl Target {
    /// A release that writes a lease file of so many columns. (What a row may hold has changed with 2.3.8 alone.)
    pub(super) fn of_columns(family: Family, columns: usize) -> Self {
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
    pub fn check(self, lease: &Lease<'_>) -> Fit {
        if lease.valid_lifetime.is_zero() {
            return Fit::MeansDeletion;
        }
        let hwaddr = lease.hwaddr.0;
        let long_hwaddr = || (hwaddr.len() > 20).then(|| too_long("hwaddr", hwaddr, 20));
        let error = match lease.client {
            Client::V4 { client_id, .. }
                if hwaddr.is_empty() && client_id.0.is_empty() && lease.state != LeaseState::Declined =>
            {
                Some(RowError::row("neither hardware address nor client identifier, and not declined"))
            }
            Client::V4 { client_id, .. } => {
                long_hwaddr().or_else(|| self.client_id_error(client_id)).or_else(|| self.text_error(lease))
            }
            Client::V6 { address, duid, lease_type, prefix_len, .. } => self
                .duid_error(duid, lease.state)
                .or_else(|| if lease_type == LeaseType::Pd { self.prefix_error(address, prefix_len) } else { None })
                .or_else(long_hwaddr)
                .or_else(|| self.text_error(lease)),
        };
        error.map_or(Fit::Fits, Fit::Refused)
    }

    /// Whether its lease file has no column for something this lease has.
    #[must_use]
    pub fn loses(self, lease: &Lease<'_>) -> bool {
        let columns = self.columns(lease.family());
        let [hwaddr, state, user_context, pool_id] = later_columns(lease.family());
        columns < pool_id && lease.pool_id != 0
            || columns < user_context && !lease.user_context.is_empty()
            || columns < state && lease.state != LeaseState::Assigned
            || columns < hwaddr && !lease.hwaddr.0.is_empty()
    }

    /// Why it does not read a context that other releases read.
    fn context_error(self, demands: Demands) -> Option<RowError> {
        if demands.has_wide_number && !self.has_wide_numbers() {
            return Some(RowError::new(
                "user_context",
                format!("a number beyond 64 bits, which Kea {self} does not read"),
            ));
        }
        (self >= DEPTH_IS_LIMITED && demands.depth > DEEPEST).then(|| {
            let problem = format!("values nested {} deep, Kea {self} reads {DEEPEST}", demands.depth);
            RowError::new("user_context", problem)
        })
    }

    /// Whether it reads a row with a client identifier of so many octets and such a context; the rest of the row is good
    /// for some release.
    pub(super) fn reads4(self, client_id: usize, demands: Demands) -> bool {
        client_id <= self.longest_client_id() && self.context_error(demands).is_none()
    }

    /// The same for a row with this DUID.
    pub(super) fn reads6(self, duid: &[u8], state: LeaseState, demands: Demands) -> bool {
        let is_declined = state == LeaseState::Declined;
        self.duid_lengths().contains(&duid.len())
            && (is_declined || duid != self.empty_duid())
            && self.context_error(demands).is_none()
    }

    fn longest_client_id(self) -> usize {
        if self.has_long_identifiers() { 255 } else { 128 }
    }

    fn duid_lengths(self) -> RangeInclusive<usize> {
        if self.has_long_identifiers() { 3..=130 } else { 1..=128 }
    }

    fn client_id_error(self, client_id: ClientId<'_>) -> Option<RowError> {
        let most = self.longest_client_id();
        match client_id.0.len() {
            1 => Some(RowError::new("client_id", "1 octet, Kea takes at least 2")),
            length if length > most => Some(too_long("client_id", client_id.0, most)),
            _ => None,
        }
    }

    fn duid_error(self, duid: Duid<'_>, state: LeaseState) -> Option<RowError> {
        let (least, most) = self.duid_lengths().into_inner();
        if duid.0.is_empty() {
            return Some(RowError::new("duid", "empty"));
        }
        if duid.is_empty_duid() && state == LeaseState::Declined {
            // It is written as this release has it.
            return None;
        }
        if duid.0 == self.empty_duid() {
            let problem = format!("{duid} means no client to Kea {self}, and the lease is not declined");
            return Some(RowError::new("duid", problem));
        }
        match duid.0.len() {
            length if length < least => {
                Some(RowError::new("duid", format!("{length} octets, Kea {self} takes at least {least}")))
            }
            length if length > most => Some(too_long("duid", duid.0, most)),
            _ => None,
        }
    }

    /// Kea from 3.2.0 on refuses a prefix that is no prefix; before, any address and any length will do.
    fn prefix_error(self, address: Ipv6Addr, length: u8) -> Option<RowError> {
        if self < Self::new(3, 2, 0) {
            return None;
        }
        if length > 128 {
            let problem = format!("{length} is above 128: no Kea from 3.2.0 on takes it; see --for");
            return Some(RowError::new("prefix_len", problem));
        }
        let host_bits = u128::MAX.checked_shr(u32::from(length)).unwrap_or(0);
        (address.to_bits() & host_bits != 0).then(|| {
            let problem = format!("{address} has bits set beyond /{length}: no Kea from 3.2.0 on takes it; see --for");
            RowError::new("address", problem)
        })
    }

    fn text_error(self, lease: &Lease<'_>) -> Option<RowError> {
        let [_, _, with_context, _] = later_columns(lease.family());
        let has_context = !lease.user_context.is_empty() && self.columns(lease.family()) >= with_context;
        let (hostname, user_context) = (lease.hostname, if has_context { lease.user_context } else { b"" });
        if !user_context.is_empty() {
            let error = match context::check(user_context) {
                Ok(demands) => self.context_error(demands),
                Err(cause) => Some(RowError::new("user_context", cause.to_string())),
            };
            if error.is_some() {
                return error;
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
        Some(RowError::new(column, "a comma or line break, which no lease file before Kea 1.7.6 can hold; see --for"))
    }
}

/// How many columns the lease file has that holds the hardware address, the state, the user context, the pool's number.
fn later_columns(family: Family) -> [usize; 4] {
    match family {
        Family::V4 => [2, 10, 11, 12],
        Family::V6 => [13, 14, 15, 18],
    }
}

fn too_long(column: &'static str, octets: &[u8], most: usize) -> RowError {
    RowError::new(column, format!("{} octets, the lease file takes at most {most}", octets.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::sample::{self, V4};
    use crate::lease::{HwAddr, Lifetime};

    fn target(text: &str) -> Target {
        text.parse().expect("a release")
    }

    fn with_client_id(client_id: &[u8]) -> Lease<'_> {
        Lease { client: sample::V4.client.with_identifier(client_id), ..sample::V4 }
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
    fn a_lease_without_lifetime_is_left_out() {
        let lease = Lease { valid_lifetime: Lifetime::Seconds(0), ..V4 };
        assert_eq!(Target::NEWEST.check(&lease), Fit::MeansDeletion);
    }

    #[test]
    fn what_the_target_refuses_is_refused_here() {
        let long = [7u8; 200];
        let lease = with_client_id(&long);
        assert_eq!(Target::NEWEST.check(&lease), Fit::Fits);
        assert!(matches!(target("2.2").check(&lease), Fit::Refused(error) if error.column == "client_id"));
        let lease = Lease { hostname: b"a,b", ..V4 };
        assert_eq!(target("2.2").check(&lease), Fit::Fits);
        assert!(matches!(target("1.6").check(&lease), Fit::Refused(error) if error.column == "hostname"));
        let lease = Lease { user_context: b"[]", ..V4 };
        assert!(matches!(Target::NEWEST.check(&lease), Fit::Refused(error) if error.column == "user_context"));
        let wide = Lease { user_context: b"{\"a\":18446744073709551616}", ..V4 };
        assert_eq!(target("2.4").check(&wide), Fit::Fits);
        assert!(matches!(target("2.2").check(&wide), Fit::Refused(error) if error.column == "user_context"));
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100), "]".repeat(100));
        let deep = Lease { user_context: deep.as_bytes(), ..V4 };
        assert_eq!(target("2.2").check(&deep), Fit::Fits);
        assert!(matches!(target("3.0.4").check(&deep), Fit::Refused(error) if error.column == "user_context"));
        let lease = Lease { hwaddr: HwAddr(b""), ..with_client_id(b"") };
        assert!(matches!(Target::NEWEST.check(&lease), Fit::Refused(_)));
        let declined = Lease { hwaddr: HwAddr(b""), state: LeaseState::Declined, ..V4 };
        assert_eq!(Target::NEWEST.check(&declined), Fit::Fits);
    }

    #[test]
    fn what_has_no_column_is_lost() {
        let pool = Lease { pool_id: 7, ..V4 };
        let released = Lease { state: LeaseState::Released, ..V4 };
        assert_eq!(["3.3", "2.2"].map(|release| target(release).loses(&pool)), [false, true]);
        assert_eq!(["2.2", "0.9"].map(|release| target(release).loses(&released)), [false, true]);
        assert_eq!(["0.9.1", "0.9"].map(|release| target(release).loses(&sample::V6)), [false, true]);
        assert!(!target("0.9").loses(&V4));
    }
}
