//! When a pool is full, by what was seen of it before: a pool that filled until Kea refused.

use std::fs;

use serde_json::json;

use crate::pools::fake::{Fake, Reply};
use crate::pools::harness::{Files, json_of, recording, run, run_line};

/// A server at the moment of a recorded snapshot.
fn server(release: &str, snapshot: usize) -> Fake {
    let folder = recording(&format!("growth/{release}"));
    let config = json_of(&folder.join("config-get.json"));
    let statistics = json_of(&folder.join(format!("{snapshot:02}-stat-lease4-get.json")));
    let version = json!({"result": 0, "text": release});
    Fake::unix(move |command| match command["command"].as_str().unwrap() {
        "config-get" => Reply::Answer(config.clone()),
        "stat-lease4-get" => Reply::Answer(statistics.clone()),
        "version-get" => Reply::Answer(version.clone()),
        other => panic!("{other}"),
    })
}

#[test]
fn the_refusal_is_predicted_from_eight_looks() {
    for release in ["2.2.0", "3.0.4"] {
        let truth = json_of(&recording(&format!("growth/{release}/truth.json")));
        let refusal = truth["first_refusal"].as_f64().unwrap() - truth["start"].as_f64().unwrap();
        let files = Files::new();
        let mut last = None;
        for snapshot in 0..8 {
            let fake = server(release, snapshot);
            #[expect(clippy::cast_possible_truncation, reason = "seconds")]
            let at = truth["snapshots"][snapshot].as_f64().unwrap().round() as i64;
            let options = format!("-4 --socket {} --basis statistics --at @{at} -f ndjson --forecast", fake.address());
            last = Some((at, run_line(&format!("{options} --state {} 30", files.path("state")))));
        }
        let (at, ran) = last.unwrap();
        let row: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let at = f64::from(i32::try_from(at).unwrap());
        let seconds = row["forecast"]["full-in"].as_f64().unwrap() + at - truth["start"].as_f64().unwrap();
        assert!((seconds / refusal - 1.0).abs() < 0.1, "{release}: {seconds} s, refused after {refusal} s: {row:#}");
        assert_eq!(fs::read_to_string(files.path("state")).unwrap().lines().count(), 8);
    }
}

#[test]
fn the_journal_of_a_lease_file_is_a_history_too() {
    let folder = recording("growth/3.0.4");
    let truth = json_of(&folder.join("truth.json"));
    let files = Files::new();
    let config = json_of(&folder.join("config-get.json"));
    let config = files.write("kea-dhcp4.conf", config["arguments"].to_string());
    // The first 60 of 80 clients.
    let leases = fs::read_to_string(folder.join("kea-leases4.csv")).unwrap();
    let rows: Vec<&str> = leases.lines().take(81).collect();
    let leases = files.write("kea-leases4.csv", rows.join("\n") + "\n");
    #[expect(clippy::cast_possible_truncation, reason = "seconds")]
    let at = truth["start"].as_f64().unwrap() as i64 + 30;
    let ran = run_line(&format!("-4 -c {config} --at @{at} --forecast -f ndjson {leases} 30"));
    let row: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let seconds = row["forecast"]["full-in"].as_i64().unwrap();
    assert!((8..=13).contains(&seconds), "{row:#}");
}

#[test]
fn a_forecast_begins_anew_after_a_bad_state_file() {
    let files = Files::new();
    let subnet = r#""subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.0/28"}]}]"#;
    let state = files.write("state", "{\"at\":10,\n");
    let ran = run_line(&format!("{} --forecast --state {state}", files.server(subnet, &[])));
    assert!(ran.status == 0 && ran.stderr.contains("kept as"), "{ran:?}");
    assert!(ran.stdout.contains("no forecast: there are fewer than 3 measurements"), "{}", ran.stdout);
    assert_eq!(fs::read_to_string(files.path("state.bad")).unwrap(), "{\"at\":10,\n");
    assert_eq!(fs::read_to_string(files.path("state")).unwrap().lines().count(), 1);
}

#[test]
fn a_forecast_is_critical_only_if_a_time_is_set() {
    let files = Files::new();
    let subnet = r#""subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.0/25"}]}]"#;
    let server = files.server(subnet, &[]);
    let state = |name: &str| {
        let lines = [(0, 90), (600, 60), (1200, 30)];
        let line = |(at, free)| {
            format!(
                r#"{{"at": {}, "free": {{"4 subnet 1 addresses": [{free}, 128]}}}}"#,
                crate::pools::harness::NOW - 1800 + at
            )
        };
        files.write(name, lines.map(line).join("\n") + "\n")
    };
    let words = |line: String| run(&line.split(' ').collect::<Vec<_>>());
    // Nothing is leased now: the pool was emptied, and use does not grow.
    let ran = words(format!("{server} --forecast --critical-time 1h -f nagios --state {}", state("one")));
    assert_eq!(ran.status, 0, "{ran:?}");
    let rows: Vec<String> =
        (0..115).map(|last| crate::pools::harness::row(&format!("192.0.2.{last}"), 1, 10, 0)).collect();
    let server = files.server(subnet, &rows);
    let thresholds = "--warning 99 --critical 99 -f nagios --forecast";
    let ran = words(format!("{server} {thresholds} --state {}", state("two")));
    assert!(ran.status == 0 && ran.stdout.contains("full in about"), "{ran:?}");
    let ran = words(format!("{server} {thresholds} --critical-time 1h --state {}", state("three")));
    assert!(ran.status == 2 && ran.stdout.starts_with("POOLS CRITICAL - "), "{ran:?}");
}

#[test]
fn a_look_at_the_past_forgets_no_later_one() {
    let files = Files::new();
    let subnet = r#""subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.0/28"}]}]"#;
    let server = files.server(subnet, &[]);
    let (state, now) = (files.path("state"), crate::pools::harness::NOW);
    let looks = |options: String| {
        assert_eq!(run_line(&format!("{server} --state {state} {options}")).status, 0);
        fs::read_to_string(&state).unwrap().lines().count()
    };
    assert_eq!(looks(String::new()), 1);
    assert_eq!(looks(format!("--at @{}", now - 100)), 2);
    assert_eq!(looks(format!("--at @{}", now + 100)), 3);
    // Now is now: what is later was never.
    assert_eq!(looks(String::new()), 2);
    for extreme in [i64::MAX, i64::MIN] {
        let ran = run_line(&format!("{server} --forecast --at @{extreme}"));
        assert!(ran.stdout.contains("no forecast"), "{ran:?}");
    }
}

/// Rows of an hour's worth of clients in each of the last ten hours, half an hour each, and after each hour what `after` makes of the
/// last number of an address and the end of its lease.
fn ten_hours(lifetime: i64, after: impl Fn(u8, i64) -> Option<String>) -> Vec<String> {
    let mut rows = Vec::new();
    for hour in 0..10_u8 {
        let began = crate::pools::harness::NOW - (10 - i64::from(hour)) * 3600;
        let lasts = 1 + hour * 8..=8 + hour * 8;
        rows.extend(lasts.clone().map(|last| lease(last, lifetime, began + lifetime, 0)));
        rows.extend(lasts.filter_map(|last| after(last, began + lifetime)));
    }
    rows
}

fn lease(last: u8, lifetime: i64, expire: i64, state: u8) -> String {
    format!("192.0.2.{last},00:08:00:00:00:{last:02x},,{lifetime},{expire},1,0,0,,{state},,0")
}

#[test]
fn leases_that_are_over_do_not_raise_a_forecast() {
    let subnet = r#""subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.1 - 192.0.2.100"}]}]"#;
    let full_in = |rows: &[String]| {
        let files = Files::new();
        let ran = run_line(&format!("{} --forecast -f ndjson", files.server(subnet, rows)));
        let row: serde_json::Value = serde_json::from_str(ran.stdout.trim()).unwrap();
        row["forecast"]["full-in"].clone()
    };
    let kept = ten_hours(1_000_000, |_, _| None);
    assert!(full_in(&kept).as_i64().is_some_and(|seconds| (3600..5 * 3600).contains(&seconds)), "{}", full_in(&kept));
    for (name, rows) in [
        ("reclaimed", ten_hours(1800, |last, end| Some(lease(last, 1800, end, 2)))),
        ("released", ten_hours(1800, |last, end| Some(lease(last, 0, end, 3)))),
        ("released with its lifetime", ten_hours(1800, |last, end| Some(lease(last, 1800, end, 3)))),
        ("removed", ten_hours(1800, |last, end| Some(lease(last, 0, end, 0)))),
        ("expired", ten_hours(1800, |_, _| None)),
    ] {
        assert!(full_in(&rows).is_null(), "{name}: {}", full_in(&rows));
    }
}
