//! DHCPv6 leases as Kea, other programs and accidents leave them in a table, in the order of their addresses.

use kea_tools::lease::Family;

use super::columns::Stored::{Flag, Moment, Null, Number, Octets, Text};
use super::columns::{Column, EXPIRE, Row, Stored, colon_hex, column, is_mysql, is_postgresql, row};
use super::rows4::{HOSTILE, HOSTILE_SHOWN};

const DUID: [u8; 10] = [0, 3, 0, 1, 2, 0, 0, 0, 0, 1];

/// The lease that every other one is a variation of; in the order of the lease file.
pub(crate) fn ordinary() -> Vec<Column> {
    vec![
        ("duid", Octets(DUID.to_vec()), colon_hex(&DUID)),
        column("valid_lifetime", Number(3600), "3600"),
        column("expire", Moment(EXPIRE), "1790000000"),
        column("subnet_id", Number(7), "7"),
        column("pref_lifetime", Number(1800), "1800"),
        column("lease_type", Number(0), "0"),
        column("iaid", Number(1), "1"),
        column("prefix_len", Number(128), "128"),
        column("fqdn_fwd", Flag(false), "0"),
        column("fqdn_rev", Flag(false), "0"),
        column("hostname", Text(""), ""),
        column("hwaddr", Null, ""),
        column("state", Number(0), "0"),
        column("user_context", Null, ""),
        column("hwtype", Null, ""),
        column("hwaddr_source", Null, ""),
        column("pool_id", Number(0), "0"),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table, a row each")]
pub(crate) fn rows() -> Vec<Row> {
    let duid = |octets: &[u8]| vec![("duid", Octets(octets.to_vec()), colon_hex(octets))];
    let hardware = |address: Stored, kind: Stored, source: Stored, shown: [&str; 3]| {
        vec![
            column("hwaddr", address, shown[0]),
            column("hwtype", kind, shown[1]),
            column("hwaddr_source", source, shown[2]),
        ]
    };
    let address = vec![2, 0, 0, 0, 0, 1];
    let all_ones: Vec<u8> = (1..=130).collect();
    vec![
        row("an address that ends like an IPv4 address", "::ffff:192.0.2.1", vec![]),
        row(
            "every flag and name",
            "2001:db8::1",
            vec![
                column("fqdn_fwd", Flag(true), "1"),
                column("fqdn_rev", Flag(true), "1"),
                column("hostname", Text("printer.example.org"), "printer.example.org"),
                column("user_context", Text("{ \"a\": [ 1, true ] }"), "{ \"a\": [ 1&#x2c true ] }"),
                column("pool_id", Number(12), "12"),
            ],
        ),
        row(
            "NULL where that says nothing",
            "2001:db8::2",
            vec![
                column("fqdn_fwd", Null, "0"),
                column("fqdn_rev", Null, "0"),
                column("hostname", Null, ""),
                column("state", Null, "0"),
                column("prefix_len", Null, "128"),
            ],
        ),
        row(
            "a hardware address",
            "2001:db8::3",
            hardware(Octets(address.clone()), Number(1), Number(2), ["02:00:00:00:00:01", "1", "2"]),
        ),
        row(
            "a hardware address of unknown kind",
            "2001:db8::4",
            hardware(Octets(address), Null, Null, ["02:00:00:00:00:01", "", ""]),
        ),
        row(
            "no hardware address, as PostgreSQL has it",
            "2001:db8::5",
            hardware(Octets(vec![]), Number(0), Number(0), ["", "", ""]),
        ),
        row("no end", "2001:db8::6", vec![column("expire", Null, "")]).refused("expire: is NULL"),
        row("no preferred lifetime", "2001:db8::7", vec![column("pref_lifetime", Null, "")])
            .refused("pref_lifetime: is NULL"),
        row("no type", "2001:db8::8", vec![column("lease_type", Null, "")]).refused("lease_type: is NULL"),
        row("the number before ten", "2001:db8::9", vec![]),
        row("a type of the future", "2001:db8::a", vec![column("lease_type", Number(7), "7")]),
        row("a temporary address", "2001:db8::b", vec![column("lease_type", Number(1), "1")]),
        row("the highest iaid in PostgreSQL", "2001:db8::c", vec![column("iaid", Number(-1), "4294967295")])
            .only(is_postgresql),
        row("the highest iaid in MySQL", "2001:db8::d", vec![column("iaid", Number(0xffff_ffff), "4294967295")])
            .only(is_mysql),
        row("no iaid", "2001:db8::e", vec![column("iaid", Null, "")]).refused("iaid: is NULL"),
        row("an address with a prefix's length", "2001:db8::f", vec![column("prefix_len", Number(64), "128")]),
        row("ten, which text would put before nine", "2001:db8::10", vec![]),
        row(
            "infinite, as Kea stores it",
            "2001:db8::11",
            vec![
                column("valid_lifetime", Number(0xffff_ffff), "4294967295"),
                column("pref_lifetime", Number(0xffff_ffff), "4294967295"),
                column("expire", Moment(EXPIRE), "6084967295"),
            ],
        ),
        row(
            "declined by Kea up to 2.3.7",
            "2001:db8::12",
            vec![column("duid", Octets(vec![0]), "00:00:00"), column("state", Number(1), "1")],
        )
        .only(|schema| schema.has(Family::V6, "state")),
        row(
            "declined by Kea from 2.3.8 on",
            "2001:db8::13",
            vec![column("duid", Octets(vec![0, 0, 0]), "00:00:00"), column("state", Number(1), "1")],
        )
        .only(|schema| schema.has(Family::V6, "state")),
        row("nobody's", "2001:db8::14", duid(&[0, 0, 0]))
            .refused("duid: 00:00:00 means no client to Kea 3.3.0, and the lease is not declined"),
        row("no DUID", "2001:db8::15", vec![column("duid", Null, "")]).refused("duid: empty"),
        row("a DUID too short", "2001:db8::16", duid(&[1, 2])).refused("duid: 2 octets, Kea 3.3.0 takes at least 3"),
        row("the longest DUID", "2001:db8::17", duid(&all_ones))
            .only(|schema| schema.widest_client_id() >= 255 && schema.major >= 18),
        row("hostile text", "2001:db8::18", vec![column("hostname", Text(HOSTILE), HOSTILE_SHOWN)]),
        row("a context that is no map", "2001:db8::19", vec![column("user_context", Text("null"), "")])
            .refused("user_context: not a JSON map that Kea reads: a map expected at octet 0")
            .only(|schema| schema.has(Family::V6, "user_context")),
        row(
            "released and remembered",
            "2001:db8::1a",
            vec![column("state", Number(3), "3"), column("valid_lifetime", Number(0), "0")],
        )
        .left_out(),
        row("registered", "2001:db8::1b", vec![column("state", Number(4), "4")]),
        row(
            "a delegated prefix",
            "2001:db8:1::",
            vec![column("lease_type", Number(2), "2"), column("prefix_len", Number(48), "48")],
        ),
        row(
            "a prefix of unknown length",
            "2001:db8:2::",
            vec![column("lease_type", Number(2), "2"), column("prefix_len", Null, "")],
        )
        .refused("prefix_len: is NULL"),
        row(
            "a prefix with bits beyond its length",
            "2001:db8:3::1",
            vec![column("lease_type", Number(2), "2"), column("prefix_len", Number(48), "")],
        )
        .refused("address: 2001:db8:3::1 has bits set beyond /48: no Kea from 3.2.0 on takes it; see --for"),
        row("the highest address", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", vec![]),
    ]
}
