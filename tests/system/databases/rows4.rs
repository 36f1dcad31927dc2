//! DHCPv4 leases as Kea, other programs and accidents leave them in a table, in the order of their addresses.

use kea_tools::lease::Family;

use super::columns::Stored::{Flag, Moment, Null, Number, Octets, Sql, Text};
use super::columns::{Column, EXPIRE, Row, colon_hex, column, is_mysql, is_postgresql, row};

/// Text that a lease file, SQL or a shell could trip over, and how Kea's newest lease files have it.
pub(crate) const HOSTILE: &str = "a,b&#x41;'\"\\ \n\t\u{7f}ü😀";
pub(crate) const HOSTILE_SHOWN: &str = "a&#x2cb&#x26#x41;'\"\\ &#x0a&#x09&#x7f&#xc3&#xbc&#xf0&#x9f&#x98&#x80";

/// The lease that every other one is a variation of; in the order of the lease file.
pub(crate) fn ordinary() -> Vec<Column> {
    vec![
        column("hwaddr", Octets(vec![2, 0, 0, 0, 0, 1]), "02:00:00:00:00:01"),
        column("client_id", Null, ""),
        column("valid_lifetime", Number(3600), "3600"),
        column("expire", Moment(EXPIRE), "1790000000"),
        column("subnet_id", Number(7), "7"),
        column("fqdn_fwd", Flag(false), "0"),
        column("fqdn_rev", Flag(false), "0"),
        column("hostname", Text(""), ""),
        column("state", Number(0), "0"),
        column("user_context", Null, ""),
        column("pool_id", Number(0), "0"),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table, a row each")]
pub(crate) fn rows() -> Vec<Row> {
    let client_id = |len: u8| {
        let octets: Vec<u8> = (1..=len).collect();
        let shown = colon_hex(&octets);
        vec![("client_id", Octets(octets), shown)]
    };
    vec![
        row("the lowest address", "0.0.0.0", vec![]),
        row(
            "every flag and name",
            "192.0.2.1",
            vec![
                column("client_id", Octets(vec![1, 2, 0, 0, 0, 0, 1]), "01:02:00:00:00:00:01"),
                column("fqdn_fwd", Flag(true), "1"),
                column("fqdn_rev", Flag(true), "1"),
                column("hostname", Text("printer.example.org"), "printer.example.org"),
                column("user_context", Text("{ \"a\": [ 1, true ] }"), "{ \"a\": [ 1&#x2c true ] }"),
                column("pool_id", Number(12), "12"),
            ],
        ),
        row(
            "NULL where that says nothing",
            "192.0.2.2",
            vec![
                column("fqdn_fwd", Null, "0"),
                column("fqdn_rev", Null, "0"),
                column("hostname", Null, ""),
                column("state", Null, "0"),
                column("user_context", Null, ""),
            ],
        ),
        row(
            "empty instead of NULL",
            "192.0.2.3",
            vec![column("client_id", Octets(vec![]), ""), column("user_context", Text(""), "")],
        ),
        row("no end", "192.0.2.4", vec![column("expire", Null, "")]).refused("expire: is NULL"),
        row("no lifetime", "192.0.2.5", vec![column("valid_lifetime", Null, "")]).refused("valid_lifetime: is NULL"),
        row("no subnet", "192.0.2.6", vec![column("subnet_id", Null, "")]).refused("subnet_id: is NULL"),
        row(
            "infinite, as Kea stores it: the end is the beginning",
            "192.0.2.7",
            vec![
                column("valid_lifetime", Number(0xffff_ffff), "4294967295"),
                column("expire", Moment(EXPIRE), "6084967295"),
            ],
        ),
        row(
            "infinite, as kea-admin lease-upload stores it",
            "192.0.2.8",
            vec![
                column("valid_lifetime", Number(0xffff_ffff), "4294967295"),
                column("expire", Moment(EXPIRE + 0xffff_ffff), "6084967295"),
            ],
        )
        .only(is_postgresql),
        row("the last moment MySQL knows", "192.0.2.9", vec![column("expire", Moment(0x7fff_ffff), "2147483647")]),
        row("half a second", "192.0.2.10", vec![column("expire", Sql("to_timestamp(1790000000.5)"), "1790000001")])
            .only(is_postgresql),
        row("no moment", "192.0.2.11", vec![column("expire", Sql("'infinity'"), "")])
            .refused("expire: is no moment but infinity")
            .only(is_postgresql),
        row("no date", "192.0.2.12", vec![column("expire", Sql("'0000-00-00 00:00:00'"), "")])
            .refused("expire: is no date")
            .only(is_mysql),
        row(
            "hostile text",
            "192.0.2.13",
            vec![
                column("hostname", Text(HOSTILE), HOSTILE_SHOWN),
                column(
                    "user_context",
                    Text("{ \"a\\\"b\": \"\\\\, &#x41 ü\" }"),
                    "{ \"a\\\"b\": \"\\\\&#x2c &#x26#x41 &#xc3&#xbc\" }",
                ),
            ],
        ),
        row("a context cut off", "192.0.2.14", vec![column("user_context", Text("{ \"a\": \"b"), "")])
            .refused("user_context: not a JSON map that Kea reads: the end of a string expected at octet 9")
            .only(|schema| schema.has(Family::V4, "user_context")),
        row("a context that is no map", "192.0.2.15", vec![column("user_context", Text("[ 1 ]"), "")])
            .refused("user_context: not a JSON map that Kea reads: a map expected at octet 0")
            .only(|schema| schema.has(Family::V4, "user_context")),
        row("the longest client identifier of old", "192.0.2.16", client_id(128)),
        row("the longest client identifier", "192.0.2.17", client_id(255))
            .only(|schema| schema.widest_client_id() >= 255),
        row("a client identifier too short", "192.0.2.18", client_id(1))
            .refused("client_id: 1 octet, Kea takes at least 2"),
        row(
            "the longest hardware address",
            "192.0.2.19",
            vec![column("hwaddr", Octets(vec![0xab; 20]), &colon_hex(&[0xab; 20]))],
        ),
        row("a hardware address too long", "192.0.2.20", vec![column("hwaddr", Octets(vec![0xab; 21]), "")])
            .refused("hwaddr: 21 octets, the lease file takes at most 20")
            .only(is_postgresql),
        row("declined", "192.0.2.21", vec![column("hwaddr", Octets(vec![]), ""), column("state", Number(1), "1")])
            .only(|schema| schema.has(Family::V4, "state")),
        row("nobody's", "192.0.2.22", vec![column("hwaddr", Null, "")])
            .refused("neither hardware address nor client identifier, and not declined"),
        row("expired and taken back", "192.0.2.23", vec![column("state", Number(2), "2")]),
        row(
            "released and remembered",
            "192.0.2.24",
            vec![column("state", Number(3), "3"), column("valid_lifetime", Number(0), "0")],
        )
        .left_out(),
        row("a state of the future", "192.0.2.25", vec![column("state", Number(9), "9")]),
        row("a subnet beyond Kea's numbers", "192.0.2.26", vec![column("subnet_id", Number(1 << 32), "")])
            .refused("subnet_id: 4294967296 is out of range")
            .only(is_postgresql),
        row("the highest address", "255.255.255.255", vec![]),
    ]
}
