//! The file of earlier looks: what may be set aside, what is refused, and several runs at once.

use std::fs;

use crate::pools::harness::{Files, NOW, Ran, row, run_line};

const SUBNET: &str =
    r#""subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.1 - 192.0.2.4"}]}]"#;

/// A server whose pool is full.
fn full(files: &Files) -> String {
    files.server(SUBNET, &(1..=4).map(|last| row(&format!("192.0.2.{last}"), 1, 1000, 0)).collect::<Vec<_>>())
}

fn looks(path: &str) -> usize {
    fs::read_to_string(path).unwrap().lines().count()
}

#[test]
fn files_that_are_no_state_files_stay() {
    let files = Files::new();
    let server = full(&files);
    let other = files.write("other.csv", "address,hwaddr,client_id\n");
    let foreign = files.write("notes", "{\"Dhcp4\": {}}");
    for (path, said) in [
        (files.path("kea-leases4.csv"), "this is "),
        (files.path("kea-dhcp4.conf"), "this is the configuration of the DHCPv4 server"),
        (other, "this is another kind of file"),
        (foreign, "this is another kind of file"),
    ] {
        let before = fs::read(&path).unwrap();
        for format in ["table", "nagios"] {
            let ran = run_line(&format!("{server} -f {format} --state {path}"));
            let said_it = ran.stderr.contains(said) || ran.stdout.contains(said);
            assert!(ran.status == if format == "nagios" { 3 } else { 2 } && said_it, "{path}: {ran:?}");
        }
        assert_eq!(fs::read(&path).unwrap(), before, "{path}");
        assert!(fs::metadata(format!("{path}.bad")).is_err(), "{path}");
    }
    // Nor does an output replace what is read.
    let ran = run_line(&format!("{server} -o {}", files.path("kea-dhcp4.conf")));
    assert!(ran.status == 2 && ran.stderr.contains("this is the configuration"), "{ran:?}");
}

#[test]
fn only_a_state_file_is_set_aside() {
    let files = Files::new();
    let server = full(&files);
    let bad = files.write("state", "{\"at\":10,\"free\":{}}\nx\n");
    let ran = run_line(&format!("{server} --state {bad}"));
    assert!(
        ran.status == 1 && ran.stderr.contains("state:2: this is not a line of a state file; the file is kept as "),
        "{ran:?}"
    );
    assert_eq!((looks(&bad), looks(&format!("{bad}.bad"))), (1, 2));
    // What has the name for it is no state file: both stay.
    fs::write(&bad, "{\"at\":}").unwrap();
    fs::write(format!("{bad}.bad"), "precious").unwrap();
    let ran = run_line(&format!("{server} --state {bad}"));
    assert!(ran.status == 2 && ran.stderr.contains("another kind of file"), "{ran:?}");
    assert_eq!(fs::read_to_string(format!("{bad}.bad")).unwrap(), "precious");
    let empty = files.write("empty", "");
    assert_eq!((run_line(&format!("{server} --state {empty}")).status, looks(&empty)), (1, 1));
}

#[test]
fn a_state_file_that_fails_leaves_the_verdict() {
    let files = Files::new();
    let server = full(&files);
    fs::create_dir(files.path("folder")).unwrap();
    for path in [files.path("folder"), files.path("no/such/state")] {
        let ran = run_line(&format!("{server} -f nagios --state {path}"));
        assert!(ran.status == 2 && ran.stdout.starts_with("POOLS CRITICAL - "), "{path}: {ran:?}");
        assert!(ran.stdout.contains(&path), "{path}: {ran:?}");
        let ran = run_line(&format!("{server} --state {path}"));
        assert!(ran.status == 2 && ran.stderr.contains(&path), "{path}: {ran:?}");
    }
}

#[test]
fn looks_of_the_future_are_forgotten_with_a_remark() {
    let files = Files::new();
    let server = full(&files);
    let look = |at: i64| format!("{{\"at\":{at},\"free\":{{\"4 subnet 1 addresses\":[1,4]}}}}\n");
    let state = files.write("state", [NOW - 900, NOW - 600, NOW + 500].map(look).concat());
    let ran = run_line(&format!("{server} --at @{} --state {state}", NOW - 800));
    assert!(ran.stderr.contains("1 measurement with a time later than now removed"), "{ran:?}");
    let kept: Vec<String> = fs::read_to_string(&state).unwrap().lines().map(|line| line[6..16].to_owned()).collect();
    assert_eq!(kept, [NOW - 900, NOW - 800, NOW - 600].map(|at| at.to_string()));
}

#[test]
fn runs_at_the_same_time_lose_no_look() {
    let files = Files::new();
    let server = full(&files);
    let state = files.path("state");
    let ran: Vec<Ran> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..8)
            .map(|index| {
                let line = format!("{server} --at @{} --state {state}", NOW - 60 * index);
                scope.spawn(move || run_line(&line))
            })
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert!(ran.iter().all(|ran| ran.status == 1 && ran.stderr.is_empty()), "{ran:?}");
    assert_eq!(looks(&state), 8);
}

#[test]
fn a_surge_is_critical_before_the_days_show_it() {
    let files = Files::new();
    let subnet = r#""subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.1 - 192.0.2.250"}]}]"#;
    let rows: Vec<String> = (1..=220).map(|last| row(&format!("192.0.2.{last}"), 1, 10, 0)).collect();
    let server = files.server(subnet, &rows);
    // Three quiet days, and an hour in which each minute takes two.
    let look = |minute: i64| {
        let free = 150 - 2 * (60 - minute).clamp(0, 60);
        format!("{{\"at\":{},\"free\":{{\"4 subnet 1 addresses\":[{free},250]}}}}\n", NOW - 60 * minute)
    };
    let state = files.write("state", (1..=864).rev().map(|step| look(step * 5)).collect::<String>());
    let line = format!("{server} --forecast --state {state} --warning 95 --critical 99");
    let ran = run_line(&line);
    assert!(ran.status == 0 && ran.stdout.contains("as use grows now; by earlier measurements "), "{ran:?}");
    let ran = run_line(&format!("{line} -f nagios --critical-time 1h"));
    assert!(ran.status == 2 && ran.stdout.contains("full in about 15 min"), "{ran:?}");
}
