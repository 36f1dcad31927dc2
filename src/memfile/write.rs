//! From a lease to a row of a lease file, byte for byte as Kea writes it.

use super::columns;
use super::version::Target;
use crate::lease::address_text::{PAIRS, colon_hex, write4, write6};
use crate::lease::{Client, Family, Lease, LeaseState};

/// Appends the header line of `target`'s lease file.
pub fn write_header(family: Family, target: Target, out: &mut Vec<u8>) {
    out.extend_from_slice(columns(family)[..target.columns(family)].join(",").as_bytes());
    out.push(b'\n');
}

/// Appends a lease; that `target` can hold it is the caller's to check ([`Target::check`]).
pub fn write_row(lease: &Lease<'_>, target: Target, out: &mut Vec<u8>) {
    match &lease.client {
        Client::V4 { address, client_id } => {
            write4(*address, out);
            out.push(b',');
            colon_hex(lease.hwaddr.0, out);
            out.push(b',');
            colon_hex(client_id.0, out);
            term(lease, out);
            names(lease, target, out);
            write_rest4(lease, target.columns(Family::V4), target, out);
        }
        Client::V6 { address, duid, iaid, lease_type, prefix_len, preferred_lifetime, .. } => {
            write6(*address, out);
            out.push(b',');
            let is_no_client = lease.state == LeaseState::Declined && duid.is_empty_duid();
            colon_hex(if is_no_client { target.empty_duid() } else { duid.0 }, out);
            term(lease, out);
            number(preferred_lifetime.as_u32(), out);
            number(lease_type.number(), out);
            number(*iaid, out);
            number(*prefix_len, out);
            names(lease, target, out);
            write_rest6(lease, target.columns(Family::V6), target, out);
        }
    }
    out.push(b'\n');
}

/// Lifetime, end and subnet.
fn term(lease: &Lease<'_>, out: &mut Vec<u8>) {
    number(lease.valid_lifetime.as_u32(), out);
    number(lease.expire(), out);
    number(lease.subnet_id, out);
}

/// The host name, and what Kea does with it.
fn names(lease: &Lease<'_>, target: Target, out: &mut Vec<u8>) {
    boolean(lease.fqdn_fwd, out);
    boolean(lease.fqdn_rev, out);
    text(lease.hostname, target, out);
}

/// The columns that later releases have appended.
fn write_rest4(lease: &Lease<'_>, columns: usize, target: Target, out: &mut Vec<u8>) {
    if columns > 9 {
        number(lease.state.number(), out);
    }
    if columns > 10 {
        text(lease.user_context, target, out);
    }
    if columns > 11 {
        number(lease.pool_id, out);
    }
}

/// The columns that later releases have appended.
fn write_rest6(lease: &Lease<'_>, columns: usize, target: Target, out: &mut Vec<u8>) {
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
        let (hwtype, source) = match lease.client {
            Client::V6 { hwtype, hwaddr_source, .. } if !lease.hwaddr.0.is_empty() => (hwtype, hwaddr_source),
            _ => (None, None),
        };
        optional(hwtype, out);
        optional(source, out);
    }
    if columns > 17 {
        number(lease.pool_id, out);
    }
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
    use crate::lease::{ClientId, HwAddr, sample};
    use crate::memfile::{Header, RowReader};
    use proptest::prelude::*;

    fn reader(family: Family) -> RowReader {
        let mut line = Vec::new();
        write_header(family, Target::NEWEST, &mut line);
        RowReader::new(Header::parse(line.trim_ascii_end(), family).expect("our own header"))
    }

    #[test]
    fn a_target_gets_its_own_columns_and_empty_duid() {
        let declined = Lease { state: LeaseState::Declined, hwaddr: HwAddr(b""), hostname: b"", ..sample::V6 };
        let lease = Lease { client: declined.client.with_identifier(&[0]), ..declined };
        let row = |version: &str| {
            let mut out = Vec::new();
            write_row(&lease, version.parse().expect("a version"), &mut out);
            String::from_utf8(out).expect("text")
        };
        assert_eq!(row("2.2"), "2001:db8::1,00,3600,13600,7,1800,0,7,128,0,0,,,1,,,\n");
        assert_eq!(row("3.3"), "2001:db8::1,00:00:00,3600,13600,7,1800,0,7,128,0,0,,,1,,,,0\n");
    }

    proptest! {
        #[test]
        fn a_row_is_read_back_as_its_lease(
            octets in any::<[u8; 4]>(),
            hwaddr in proptest::collection::vec(any::<u8>(), 1..=20),
            client_id in proptest::collection::vec(any::<u8>(), 2..=255),
            hostname in proptest::collection::vec(any::<u8>(), 0..60),
            (lifetime, cltt, subnet_id) in (any::<u32>(), 0..4_000_000_000_i64, any::<u32>()),
            (state, pool_id, fqdn_fwd, fqdn_rev) in (any::<u32>(), any::<u32>(), any::<bool>(), any::<bool>()),
        ) {
            let lease = Lease {
                client: Client::V4 { address: octets.into(), client_id: ClientId(&client_id) },
                hwaddr: HwAddr(&hwaddr),
                valid_lifetime: lifetime.into(),
                cltt, subnet_id, pool_id, fqdn_fwd, fqdn_rev,
                hostname: &hostname,
                state: state.into(),
                user_context: br#"{ "a": "&#x41, \u00ff" }"#,
            };
            let mut row = Vec::new();
            write_row(&lease, Target::NEWEST, &mut row);
            prop_assert!(row.iter().all(|octet| matches!(octet, b' '..=b'~' | b'\n')));
            let mut reader = reader(Family::V4);
            prop_assert_eq!(reader.lease(&row[..row.len() - 1]).expect("our own row"), lease);
        }
    }
}
