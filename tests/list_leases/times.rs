//! Times: local ones, what remains, and a zone whose clocks change.

use crate::list_leases::harness::{Files, ListLeasesRun, NOON, every_state, row4, run};

/// 2026-10-25 01:00 UTC: in Zurich, clocks go back from 03:00 to 02:00.
const CLOCKS_GO_BACK: i64 = 1_792_890_000;

#[test]
fn ends_are_reported_in_local_time_with_what_remains() {
    let files = Files::new();
    let source = files.leases4(&every_state());
    let ran = ListLeasesRun { zone: Some("Europe/Zurich"), ..ListLeasesRun::default() }
        .run(&format!("{source} --all --columns address,expires,remaining,lifetime --no-header -q"));
    let expected = "\
192.0.2.9    2026-11-20T13:01:00+01:00      1m       1h
192.0.2.20   2026-11-20T12:59:00+01:00     -1m       1h
192.0.2.30   2026-11-21T12:53:20+01:00  23h53m       1d
192.0.2.40   2026-11-20T11:00:00+01:00     -2h       1h
192.0.2.50   2026-11-20T13:10:00+01:00     10m       1h
192.0.2.60   never                           -  forever
192.0.2.100  2026-11-20T13:30:00+01:00     30m       1h
";
    assert_eq!(ran.stdout, expected);
}

#[test]
fn the_hour_that_comes_twice_is_shown_with_its_offset() {
    let files = Files::new();
    let before = CLOCKS_GO_BACK - NOON - 1800;
    let source = files.leases4(&[row4(1, before, "", 0), row4(2, before + 3600, "", 0), row4(3, before + 7200, "", 0)]);
    let ran = ListLeasesRun { zone: Some("Europe/Zurich"), later: before - 60, ..ListLeasesRun::default() }
        .run(&format!("{source} --columns address,expires,remaining --no-header -q"));
    let expected = "\
192.0.2.1  2026-10-25T02:30:00+02:00    1m
192.0.2.2  2026-10-25T02:30:00+01:00  1h1m
192.0.2.3  2026-10-25T03:30:00+01:00  2h1m
";
    assert_eq!(ran.stdout, expected);
}

#[test]
fn other_clocks_are_to_be_had() {
    let files = Files::new();
    let source = files.leases4(&[row4(9, 60, "", 0)]);
    let told = |arguments: &str| run(&format!("{source} --columns expires --no-header -q {arguments}")).stdout;
    assert_eq!(told("--utc"), "2026-11-20T12:01:00Z\n");
    assert_eq!(told("--epoch"), format!("{}\n", NOON + 60));
}

#[test]
fn json_tells_when_a_lease_ends_and_how_long_that_is() {
    let files = Files::new();
    let source = files.leases4(&every_state());
    let told = |arguments: &str| {
        let json: serde_json::Value =
            serde_json::from_str(&run(&format!("{source} -f json {arguments}")).stdout).unwrap();
        let lease = |lease: &serde_json::Value| {
            format!("{} {} {}", lease["state-name"].as_str().unwrap(), lease["expires"], lease["remaining"])
        };
        json.as_array().unwrap().iter().map(lease).collect::<Vec<_>>()
    };
    assert_eq!(told("--range 192.0.2.9 --utc"), ["assigned \"2026-11-20T12:01:00Z\" 60"]);
    assert_eq!(told("--range 192.0.2.20 --all --epoch"), [format!("expired {} -60", NOON - 60)]);
    assert_eq!(told("--range 192.0.2.60"), ["assigned null null"]);
}
