//! MySQL's times, where Kea, the database and this machine do not live in one time zone.
//!
//! The private server without TLS has the zone +01:00. What Kea does, the tests do: Kea writes the wall clock of its
//! own zone, and the server takes it for that of the session.

use std::process::Command;

use kea_tools::lease::Family;

use super::DatabaseKind;
use super::schema::{Schema, newest};
use crate::kea::database::{fresh_name, given};
use crate::program::{Outcome, kea_lease_dump, must, run};

/// A database on the server in +01:00, with one lease that Kea ended at this time by its own clock.
fn with_wall_clock(wall: &str) -> String {
    let name = fresh_name();
    let table = Schema { kind: DatabaseKind::Mysql, major: newest(DatabaseKind::Mysql) }.statements(Family::V4);
    plain_mariadb(&format!(
        "CREATE DATABASE {name}; USE {name}; {table} \
         INSERT INTO lease4 (address, hwaddr, valid_lifetime, expire, subnet_id) \
         VALUES (3221225985, x'020000000001', 3600, '{wall}', 7)"
    ));
    name
}

fn plain_mariadb(statements: &str) {
    let mut command = Command::new("mariadb");
    command.arg("--no-defaults").arg(format!("--socket={}", given("KEA_TOOLS_MYSQL_PLAIN_SOCKET")));
    command.args(["--user", &given("KEA_TOOLS_DB_ADMIN"), "-e", statements]);
    must(command.env("MYSQL_PWD", given("KEA_TOOLS_DB_PASSWORD")));
}

/// The dump on a machine in `zone`.
fn dump(name: &str, zone: &str, options: &[&str]) -> Outcome {
    let mut command = kea_lease_dump();
    command.args(["-4", "-t", "mysql", "-n", name, "-h", &given("KEA_TOOLS_MYSQL_PLAIN_SOCKET")]);
    command.args(["-u", &given("KEA_TOOLS_DB_ADMIN")]).args(options).env("TZ", zone);
    run(command.env("KEA_ADMIN_DB_PASSWORD", given("KEA_TOOLS_DB_PASSWORD")))
}

/// The `expire` of the one lease.
#[track_caller]
fn expire(outcome: &Outcome) -> i64 {
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    outcome.stdout.lines().nth(1).unwrap().split(',').nth(4).unwrap().parse().unwrap()
}

/// 2026-07-15 12:00 UTC.
const NOON_UTC: i64 = 1_784_116_800;
const HOUR: i64 = 3600;

#[test]
#[ignore = "needs MariaDB: run scripts/test"]
fn time_zone_difference_is_reported_once_database_counts() {
    let name = with_wall_clock("2026-07-15 12:00:00");
    let outcome = dump(&name, "America/New_York", &[]);
    assert_eq!(expire(&outcome), NOON_UTC - HOUR);
    assert_eq!(outcome.stderr.lines().count(), 1, "{}", outcome.stderr);
    for part in ["UTC+01:00 there", "UTC-05:00 here", "--time-zone"] {
        assert!(outcome.stderr.contains(part), "{part:?} in {}", outcome.stderr);
    }
}

#[test]
#[ignore = "needs MariaDB: run scripts/test"]
fn zones_that_differ_in_summer_alone_are_reported_too() {
    let name = with_wall_clock("2026-01-15 12:00:00");
    let outcome = dump(&name, "Europe/Berlin", &[]);
    assert!(outcome.stderr.contains("UTC+01:00 there, UTC+02:00 here"), "{}", outcome.stderr);
}

#[test]
#[ignore = "needs MariaDB: run scripts/test"]
fn equal_zones_are_no_matter() {
    let name = with_wall_clock("2026-07-15 12:00:00");
    let outcome = dump(&name, "Africa/Lagos", &[]);
    assert_eq!((expire(&outcome), outcome.stderr.as_str()), (NOON_UTC - HOUR, ""));
}

#[test]
#[ignore = "needs MariaDB: run scripts/test"]
fn the_time_zone_option_decides() {
    let name = with_wall_clock("2026-07-15 12:00:00");
    for (zone, expected) in [
        ("database", NOON_UTC - HOUR),
        ("local", NOON_UTC + 4 * HOUR),
        ("UTC", NOON_UTC),
        ("Europe/Zurich", NOON_UTC - 2 * HOUR),
        ("Asia/Kolkata", NOON_UTC - 5 * HOUR - HOUR / 2),
    ] {
        let outcome = dump(&name, "America/New_York", &["--time-zone", zone]);
        assert_eq!((expire(&outcome), outcome.stderr.as_str()), (expected, ""), "{zone}");
    }
}

#[test]
#[ignore = "needs MariaDB: run scripts/test"]
fn a_zone_that_does_not_exist_is_a_usage_error() {
    let outcome = dump("x", "UTC", &["--time-zone", "Europe/Atlantis"]);
    assert_eq!(outcome.status, 2);
    assert!(outcome.stderr.contains("Europe/Atlantis"), "{}", outcome.stderr);
}
