//! A filter means the same whether a database applies it or the program does.

use std::time::{SystemTime, UNIX_EPOCH};

use kea_tools::lease::Family;

use super::columns::Stored::{Moment, Number, Text};
use super::columns::{Row, column, row};
use super::every_schema::fill;
use super::schema::Schema;
use super::{Database, DatabaseKind, rows4, rows6};
use crate::program::{kea_lease_dump, run};

/// What both families can be asked for; `{since}` is what lies between now and the end of the ordinary leases.
const BOTH_FAMILIES: [&str; 19] = [
    "--state assigned",
    "--state expired",
    "--state declined,released",
    "--state registered --state 9",
    "--subnet 7",
    "--subnet 7,4294967295",
    "--mac 02:00",
    "--mac 020000000001",
    "--hostname printer",
    "--hostname PRINTER.*.org",
    "--hostname *",
    "--hostname ?,%,_,!",
    "--hostname a,ü",
    "--hostname '",
    "--hostname \\",
    "--expiring 1h",
    "--expiring 60w",
    "--new {since}s --hostname host",
    "--search printer",
];
const DHCPV4: [&str; 5] = [
    "--range 192.0.2.0/29",
    "--range 0.0.0.0,192.0.2.7-192.0.2.9",
    "--subnet 192.0.2.0/28",
    "--client-id 01",
    "--range 255.0.0.0/8",
];
const DHCPV6: [&str; 6] = [
    "--range 2001:db8::/64",
    "--range ::-2001:db8::5",
    "--duid 0001",
    "--duid 00",
    "--lease-type pd",
    "-t na --state assigned,expired",
];

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

/// Leases that end in half an hour, in two, and in a year; and one that is another client's.
fn still_to_come(family: Family) -> Vec<Row> {
    let addresses = match family {
        Family::V4 => ["198.51.100.1", "198.51.100.2", "198.51.100.3"],
        Family::V6 => ["2001:db8:99::1", "2001:db8:99::2", "2001:db8:99::3"],
    };
    let ends = [1800, 7200, 365 * 86_400].map(|seconds| now() + seconds);
    let make = |(address, end): (&'static str, i64)| {
        let columns = vec![
            column("expire", Moment(end), &end.to_string()),
            column("hostname", Text("Host-50%_!"), "Host-50%_!"),
            column("subnet_id", Number(11), "11"),
        ];
        row("still to come", address, columns)
    };
    addresses.into_iter().zip(ends).map(make).collect()
}

/// The lines of a dump, in order.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

fn check(schema: Schema, family: Family) {
    let (mut rows, ordinary, own) = match family {
        Family::V4 => (rows4::rows(), rows4::ordinary(), &DHCPV4[..]),
        Family::V6 => (rows6::rows(), rows6::ordinary(), &DHCPV6[..]),
    };
    rows.retain(|row| (row.holds)(schema));
    rows.extend(still_to_come(family));
    let database = Database::new(schema.kind);
    database.run(&schema.statements(family));
    fill(&database, schema, family, &rows, &ordinary);
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.csv");
    let everything = run(database.dump(family).arg("-o").arg(&whole));
    assert_eq!(everything.status, 2, "some rows are bad: {}", everything.stderr);

    let mut found = 0;
    for filter in BOTH_FAMILIES.iter().chain(own) {
        let filter = filter.replace("{since}", &(now() - 1_790_000_000 + 3_000).to_string());
        let words: Vec<&str> = filter.split(' ').collect();
        let by_database = run(database.dump(family).args(&words));
        let mut in_memory = kea_lease_dump();
        let by_us =
            run(in_memory.arg(format!("-{}", family.digit())).args(["-t", "memfile", "-n"]).arg(&whole).args(&words));
        assert_eq!(by_us.status, 0, "{filter}: {}", by_us.stderr);
        assert_eq!(lines(&by_database.stdout), lines(&by_us.stdout), "{schema} {family} {filter}");
        found += by_us.stdout.lines().count() - 1;
    }
    assert!(found > 40, "{schema} {family}: the filters find hardly anything: {found}");
}

#[test]
#[ignore = "needs PostgreSQL: run scripts/test"]
fn postgresql_applies_every_filter_as_the_program_does() {
    for major in [1, 17, 34] {
        let schema = Schema { kind: DatabaseKind::Postgresql, major };
        check(schema, Family::V4);
        check(schema, Family::V6);
    }
}

#[test]
#[ignore = "needs MariaDB: run scripts/test"]
fn mariadb_applies_every_filter_as_the_program_does() {
    for major in [1, 18, 35] {
        let schema = Schema { kind: DatabaseKind::Mysql, major };
        check(schema, Family::V4);
        check(schema, Family::V6);
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn a_database_sends_only_what_is_meant() {
    for database in super::BOTH.map(Database::with_a_lease) {
        for (filter, rows) in [
            ("--mac 02:00", 1),
            ("--mac 02:01", 0),
            ("--range 192.0.2.0/24", 1),
            ("--range 192.0.3.0/24", 0),
            ("--subnet 7", 1),
            ("--subnet 8", 0),
            ("--state declined", 0),
            ("--expiring 1h", 0),
            ("--hostname x", 0),
            ("--client-id 01", 0),
        ] {
            let outcome = run(database.dump(Family::V4).arg("-v").args(filter.split(' ')));
            let rows = kea_tools::text::count(rows, "row");
            assert!(outcome.stderr.contains(&format!(": {rows} read")), "{filter}: {}", outcome.stderr);
        }
    }
}
