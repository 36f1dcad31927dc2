//! From a lease to a row of a lease file, octet for octet as Kea writes it.

use super::columns;
use crate::lease::spelling::{PAIRS, colon_hex, write4, write6};
use crate::lease::target::Target;
use crate::lease::{Family, Lease4, Lease6, LeaseState};

/// Appends the header line of `target`'s lease file.
pub fn write_header(family: Family, target: Target, out: &mut Vec<u8>) {
    out.extend_from_slice(columns(family)[..target.columns(family)].join(",").as_bytes());
    out.push(b'\n');
}

/// Appends a DHCPv4 lease; that `target` can hold it is the caller's to check ([`Target::check4`]).
pub fn write_row4(lease: &Lease4<'_>, target: Target, out: &mut Vec<u8>) {
    write4(lease.address, out);
    out.push(b',');
    colon_hex(lease.hwaddr.0, out);
    out.push(b',');
    colon_hex(lease.client_id.0, out);
    number(lease.valid_lifetime.as_u32(), out);
    number(lease.expire(), out);
    number(lease.subnet_id, out);
    boolean(lease.fqdn_fwd, out);
    boolean(lease.fqdn_rev, out);
    text(lease.hostname, target, out);
    let columns = target.columns(Family::V4);
    if columns > 9 {
        number(lease.state.number(), out);
    }
    if columns > 10 {
        text(lease.user_context, target, out);
    }
    if columns > 11 {
        number(lease.pool_id, out);
    }
    out.push(b'\n');
}

/// Appends a DHCPv6 lease; that `target` can hold it is the caller's to check ([`Target::check6`]).
pub fn write_row6(lease: &Lease6<'_>, target: Target, out: &mut Vec<u8>) {
    write6(lease.address, out);
    out.push(b',');
    let nobody = lease.state == LeaseState::Declined && lease.duid.is_empty_duid();
    colon_hex(if nobody { target.empty_duid() } else { lease.duid.0 }, out);
    number(lease.valid_lifetime.as_u32(), out);
    number(lease.expire(), out);
    number(lease.subnet_id, out);
    number(lease.preferred_lifetime.as_u32(), out);
    number(lease.lease_type.number(), out);
    number(lease.iaid, out);
    number(lease.prefix_len, out);
    boolean(lease.fqdn_fwd, out);
    boolean(lease.fqdn_rev, out);
    text(lease.hostname, target, out);
    let columns = target.columns(Family::V6);
    if columns > 12 {
        out.push(b',');
        colon_hex(lease.hwaddr.0, out);
    }
    if columns > 13 {
        number(lease.state.number(), out);
    }
    if columns > 14 {
        text(lease.user_context, target, out);
    }
    if columns > 16 {
        // Without an address Kea leaves its type and source empty, whatever a database says of them.
        let known = !lease.hwaddr.0.is_empty();
        optional(lease.hwtype.filter(|_| known), out);
        optional(lease.hwaddr_source.filter(|_| known), out);
    }
    if columns > 17 {
        number(lease.pool_id, out);
    }
    out.push(b'\n');
}

fn number<N: itoa::Integer>(value: N, out: &mut Vec<u8>) {
    out.push(b',');
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

fn optional<N: itoa::Integer>(value: Option<N>, out: &mut Vec<u8>) {
    match value {
        Some(value) => number(value, out),
        None => out.push(b','),
    }
}

fn boolean(value: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if value { b",1" } else { b",0" });
}

/// A text column after a comma. Kea before 3.3.0 escapes less but reads all of it; before 1.7.6 it knows no escapes.
fn text(octets: &[u8], target: Target, out: &mut Vec<u8>) {
    out.push(b',');
    if !target.knows_escapes() {
        out.extend_from_slice(octets);
        return;
    }
    let mut rest = octets;
    while let Some(at) = rest.iter().position(|octet| ESCAPED[usize::from(*octet)]) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(b"&#x");
        out.extend_from_slice(&PAIRS[usize::from(rest[at])]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// Whether a lease file row cannot hold an octet as it is: control characters, separators, what is not ASCII.
const ESCAPED: [bool; 256] = {
    let mut table = [true; 256];
    let mut octet = b' ';
    while octet < 0x7f {
        table[octet as usize] = matches!(octet, b',' | b'&');
        octet += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::csv::{Header, RowReader};
    use crate::lease::{ClientId, Duid, HwAddr, LeaseType, Lifetime};
    use proptest::prelude::*;

    fn reader(family: Family) -> RowReader {
        let mut line = Vec::new();
        write_header(family, Target::NEWEST, &mut line);
        RowReader::new(Header::parse(line.trim_ascii_end(), family).expect("our own header"))
    }

    #[test]
    fn a_target_gets_its_own_columns_and_nobody_its_own_duid() {
        let lease = Lease6 {
            address: "2001:db8::1".parse().expect("an address"),
            duid: Duid(&[0]),
            valid_lifetime: Lifetime::Seconds(86400),
            preferred_lifetime: Lifetime::Seconds(0),
            cltt: 1_000_000_000,
            subnet_id: 2,
            pool_id: 0,
            lease_type: LeaseType::Na,
            iaid: 1,
            prefix_len: 128,
            fqdn_fwd: false,
            fqdn_rev: false,
            hostname: b"",
            hwaddr: HwAddr(b""),
            hwtype: Some(0),
            hwaddr_source: Some(0),
            state: LeaseState::Declined,
            user_context: b"",
        };
        let row = |version: &str| {
            let mut out = Vec::new();
            write_row6(&lease, version.parse().expect("a version"), &mut out);
            String::from_utf8(out).expect("text")
        };
        assert_eq!(row("2.2"), "2001:db8::1,00,86400,1000086400,2,0,0,1,128,0,0,,,1,,,\n");
        assert_eq!(row("3.3"), "2001:db8::1,00:00:00,86400,1000086400,2,0,0,1,128,0,0,,,1,,,,0\n");
    }

    proptest! {
        #[test]
        fn a_row_is_read_back_as_the_lease_it_was_made_of(
            octets in any::<[u8; 4]>(),
            hwaddr in proptest::collection::vec(any::<u8>(), 1..=20),
            client_id in proptest::collection::vec(any::<u8>(), 2..=255),
            hostname in proptest::collection::vec(any::<u8>(), 0..60),
            (lifetime, cltt, subnet_id) in (any::<u32>(), 0..4_000_000_000_i64, any::<u32>()),
            (state, pool_id, fqdn_fwd, fqdn_rev) in (any::<u32>(), any::<u32>(), any::<bool>(), any::<bool>()),
        ) {
            let lease = Lease4 {
                address: octets.into(),
                hwaddr: HwAddr(&hwaddr),
                client_id: ClientId(&client_id),
                valid_lifetime: lifetime.into(),
                cltt, subnet_id, pool_id, fqdn_fwd, fqdn_rev,
                hostname: &hostname,
                state: state.into(),
                user_context: br#"{ "a": "&#x41, \u00ff" }"#,
            };
            let mut row = Vec::new();
            write_row4(&lease, Target::NEWEST, &mut row);
            prop_assert!(row.iter().all(|octet| matches!(octet, b' '..=b'~' | b'\n')));
            let mut reader = reader(Family::V4);
            prop_assert_eq!(reader.lease4(&row[..row.len() - 1]).expect("our own row"), lease);
        }
    }
}
