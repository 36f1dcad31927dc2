//! Every step of Kea's schema, with rows that use the odd values: the dump is known octet for octet.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use kea_tools::lease::Family;

use super::columns::{Column, Fate, Row};
use super::schema::{FUTURE, MYSQL, POSTGRESQL, Schema};
use super::{Database, DatabaseKind, rows4, rows6};
use crate::program::run;

const HEADER4: &str =
    "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id";
const HEADER6: &str = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,\
     fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id";

#[test]
#[ignore = "needs PostgreSQL: run scripts/test"]
fn every_schema_of_postgresql_is_dumped_octet_for_octet() {
    for major in POSTGRESQL {
        let schema = Schema { kind: DatabaseKind::Postgresql, major };
        check(schema, Family::V4);
        check(schema, Family::V6);
    }
}

#[test]
#[ignore = "needs MariaDB: run scripts/test"]
fn every_schema_of_mysql_is_dumped_octet_for_octet() {
    for major in MYSQL {
        let schema = Schema { kind: DatabaseKind::Mysql, major };
        check(schema, Family::V4);
        check(schema, Family::V6);
    }
}

#[track_caller]
fn check(schema: Schema, family: Family) {
    let (rows, ordinary) = match family {
        Family::V4 => (rows4::rows(), rows4::ordinary()),
        Family::V6 => (rows6::rows(), rows6::ordinary()),
    };
    let rows: Vec<Row> = rows.into_iter().filter(|row| (row.holds)(schema)).collect();
    let database = Database::new(schema.kind);
    database.run(&schema.statements(family));
    fill(&database, schema, family, &rows, &ordinary);
    let expected = Expected::new(&rows, schema, family, &ordinary);

    let sorted = run(database.dump(family).args(["--sort", "address"]));
    // Line by line first: a difference in a hundred lines is hard to see.
    for (seen, expected) in sorted.stdout.lines().zip(expected.stdout.lines()) {
        assert_eq!(seen, expected, "{schema} {family}");
    }
    assert_eq!(sorted.stdout, expected.stdout, "{schema} {family}");
    assert_eq!(sorted.stderr, expected.stderr, "{schema} {family}");
    assert_eq!(sorted.status, 2, "{schema} {family}: rows were left out");

    let as_stored = run(&mut database.dump(family));
    assert_eq!(lines(&as_stored.stdout), lines(&expected.stdout), "{schema} {family}, as stored");
    assert_eq!(lines(&as_stored.stderr), lines(&expected.stderr), "{schema} {family}, as stored");
}

/// In order, so that they can be compared whatever the order of the rows.
fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

/// Puts the rows in, the last one first: the order of the dump is not the order of their coming.
pub(super) fn fill(database: &Database, schema: Schema, family: Family, rows: &[Row], ordinary: &[Column]) {
    let mut statements = String::new();
    if schema.kind == DatabaseKind::Mysql {
        statements.push_str("SET sql_mode = ''; SET NAMES utf8mb4;");
    }
    for row in rows.iter().rev() {
        let (columns, _) = row.make(schema, family, ordinary);
        let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
        let values: Vec<_> = columns.iter().map(|(_, value)| value.as_str()).collect();
        let address = stored_address(schema, family, row.address);
        let (table, names, values) = (family.table(), names.join(", "), values.join(", "));
        let _ = write!(
            statements,
            "/* {} */ INSERT INTO {table} (address, {names}) VALUES ({address}, {values});",
            row.about
        );
    }
    database.run(&statements);
}

fn stored_address(schema: Schema, family: Family, address: &str) -> String {
    match family {
        Family::V4 => u32::from(address.parse::<Ipv4Addr>().unwrap()).to_string(),
        Family::V6 if schema.has_text_addresses() || schema.kind == DatabaseKind::Postgresql => format!("'{address}'"),
        Family::V6 => format!("x'{:032x}'", address.parse::<Ipv6Addr>().unwrap().to_bits()),
    }
}

struct Expected {
    stdout: String,
    stderr: String,
}

impl Expected {
    fn new(rows: &[Row], schema: Schema, family: Family, ordinary: &[Column]) -> Self {
        let header = if family == Family::V4 { HEADER4 } else { HEADER6 };
        let (mut stdout, mut stderr) = (format!("{header}\n"), String::new());
        if schema.major == FUTURE {
            stderr.push_str(match schema.kind {
                DatabaseKind::Mysql => "kea-lease-dump: MySQL schema 99.0 is newer than 35.0",
                DatabaseKind::Postgresql => "kea-lease-dump: PostgreSQL schema 99.0 is newer than 34.0",
            });
            stderr.push_str(", the newest this program knows; columns added since are not read\n");
        }
        let mut refused = 0;
        for row in rows {
            let (_, line) = row.make(schema, family, ordinary);
            match row.fate {
                Fate::Dumped => writeln!(stdout, "{line}").unwrap(),
                Fate::LeftOut => {}
                Fate::Refused(why) => {
                    refused += 1;
                    writeln!(stderr, "{} {}: {why}", family.table(), row.address).unwrap();
                }
            }
        }
        writeln!(stderr, "kea-lease-dump: {refused} bad rows left out of standard output").unwrap();
        Self { stdout, stderr }
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn addresses_kept_as_text_are_read_however_they_are_spelled() {
    for schema in [Schema { kind: DatabaseKind::Postgresql, major: 5 }, Schema { kind: DatabaseKind::Mysql, major: 7 }]
    {
        let database = Database::new(schema.kind);
        database.run(&schema.statements(Family::V6));
        let moment =
            if schema.kind == DatabaseKind::Mysql { "FROM_UNIXTIME(1790000000)" } else { "to_timestamp(1790000000)" };
        for address in ["2001:DB8:0:0:0:0:0:A", "2001:db8:0::9", "not an address", "192.0.2.1"] {
            database.run(&format!(
                "INSERT INTO lease6 (address, duid, valid_lifetime, expire, subnet_id, pref_lifetime, lease_type, iaid) \
                 VALUES ('{address}', '0123', 3600, {moment}, 7, 1800, 0, 1)"
            ));
        }
        let outcome = run(database.dump(Family::V6).args(["--sort", "address"]));
        let lease = "30:31:32:33,3600,1790000000,7,1800,0,1,128,0,0,,,0,,,,0";
        assert_eq!(outcome.stdout, format!("{HEADER6}\n2001:db8::9,{lease}\n2001:db8::a,{lease}\n"), "{schema}");
        for address in ["not an address", "192.0.2.1"] {
            let told = format!("lease6: address: \"{address}\" is no IPv6 address\n");
            assert!(outcome.stderr.contains(&told), "{schema}: {}", outcome.stderr);
        }
        assert_eq!(outcome.status, 2, "{schema}");
    }
}
