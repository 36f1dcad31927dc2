//! Clients, as they are named and found.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::log_report::harness::run;

/// A log of leases: time, label and the rest.
fn log(lines: &[(&str, &str, &str)]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.log");
    let line = |(time, label, rest): &(&str, &str, &str)| {
        let (id, text) = rest.split_once(' ').unwrap();
        format!("2026-11-29 {time}.000 INFO  [kea-dhcp4.leases/1.1] {id} {label}, tid=0x1: {text}\n")
    };
    fs::write(&path, lines.iter().map(line).collect::<String>()).unwrap();
    (folder, path)
}

const GIVEN: &str = "DHCP4_LEASE_ALLOC lease 10.0.0.1 has been allocated for 3600 seconds";
const GIVEN6: &str = "DHCP6_LEASE_ALLOC lease for address 2001:db8::9 and iaid=1 has been allocated for 60 seconds";

#[test]
fn an_identifier_is_found_in_every_view() {
    for (label, names) in [
        ("[hwtype=6 02:aa:00:00:00:07], cid=[no info]", &["02:aa:00:00:00:07", "6:02:aa:00:00:00:07"][..]),
        ("[hwtype=27 00:11:22:33:44:55:66:77], cid=[no info]", &["00:11:22:33:44:55:66:77"]),
        ("[hwtype=1 02:aa:00:00:00:01], cid=[00:70:72:69:6e:74:65:72]", &["00:70:72:69:6e:74:65:72", "70:72:69"]),
        ("[hwtype=32 ], cid=[ff:00:00:00:01:00:01:2c]", &["ff:00:00:00:01:00:01:2c"]),
        ("[hwtype=1 00:0c:29:00:00:01], cid=[no info]", &["00:0c:29", "00-0c-29-00-00-01"]),
    ] {
        let (_folder, path) = log(&[("08:00:00", label, GIVEN)]);
        for name in names {
            for view in [&["--leases"][..], &["--exchanges"], &[]] {
                let ran = run(&[view, &[name]].concat(), std::slice::from_ref(&path));
                assert!(ran.status == 0 && ran.stdout.contains("10.0.0.1"), "{name} {view:?}: {ran:?}");
            }
        }
        let ran = run(&["--leases", "2001:db8::1"], &[path]);
        assert_eq!(ran.status, 1, "{ran:?}");
    }
}

#[test]
fn lines_of_a_part_of_an_identifier_name_their_clients() {
    let (_folder, path) = log(&[
        ("08:00:00", "[hwtype=1 00:0c:29:00:00:01], cid=[no info]", GIVEN),
        ("08:00:01", "[hwtype=1 00:0c:29:00:00:02], cid=[no info]", GIVEN),
    ]);
    let lines = run(&["00:0c:29", "--width=300"], std::slice::from_ref(&path)).stdout;
    for client in ["00:0c:29:00:00:01", "00:0c:29:00:00:02"] {
        assert_eq!(lines.matches(client).count(), 1, "{lines}");
    }
    let whole = run(&["00:0c:29:00:00:01", "--width=300"], &[path]).stdout;
    assert!(!whole.contains("00:0c:29:00:00:01"), "{whole}");
    let (_folder, path) = log(&[
        ("08:00:00", "[hwtype=1 00:01:00:01:2c:11], cid=[no info]", GIVEN),
        ("08:00:01", "duid=[00:01:00:01:2c:11:22:33:02:aa:00:00:00:01], [no hwaddr info]", GIVEN6),
    ]);
    let lines = run(&["00:01:00:01:2c:11", "--width=300"], &[path]).stdout;
    assert!(lines.contains("00:01:00:01:2c:11:22:33:02:aa:00:00:00:01  "), "{lines}");
}

#[test]
fn leases_that_were_over_before_the_chosen_time_are_not_listed() {
    let client = |number: u8| format!("[hwtype=1 02:aa:00:00:00:0{number}], cid=[no info]");
    let given = |address: u8, seconds: u32| {
        format!("DHCP4_LEASE_ALLOC lease 10.0.0.{address} has been allocated for {seconds} seconds")
    };
    let released = "DHCP4_RELEASE address 10.0.0.1 was released properly.";
    let declined =
        "DHCP4_DECLINE_LEASE address 10.0.0.5 was declined. The lease will be unavailable for 86400 seconds.";
    let (_folder, path) = log(&[
        ("06:00:00", &client(1), &given(1, 3600)),
        ("06:05:00", &client(1), released),
        ("06:10:00", &client(2), &given(2, 600)),
        ("06:12:00", &client(3), &given(3, 36_000)),
        ("06:13:00", &client(5), &given(5, 36_000)),
        ("06:14:00", &client(5), declined),
        ("08:30:00", &client(4), &given(4, 600)),
        ("08:40:00", &client(6), &given(2, 600)),
    ]);
    let path = [path];
    let stays = run(&["--leases", "--since", "2026-11-29 08:00", "-f", "ndjson"], &path).records();
    let mut found: Vec<_> = stays.iter().map(|stay| stay["address"].as_str().unwrap().to_owned()).collect();
    found.sort();
    assert_eq!(found, ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"], "{stays:?}");
    let page = run(&["--since", "2026-11-29 08:00"], &path).stdout;
    assert!(page.contains("leases at end") && !page.contains("released"), "{page}");
    assert_eq!(run(&["--leases", "-f", "ndjson"], &path).records().len(), 6);
}
