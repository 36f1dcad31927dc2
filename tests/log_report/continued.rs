//! Logs of which a part is missing, was read before, or was written at another level.

use std::fs;
use std::path::{Path, PathBuf};

use crate::log_report::harness::{files, recordings, run};

fn line(second: u32, id: &str, text: &str) -> String {
    format!("2026-11-29 08:25:{second:02}.001 INFO  [kea-dhcp4.x/7.9] {id} {text}\n")
}

fn written(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("kea-dhcp4.log");
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_rotated_file_that_is_missing_is_no_crash() {
    let folder = recordings().join("2.2.0/main-99");
    let all = |name: &str| name.starts_with("kea-dhcp4.log");
    let whole = run(&[], &files(&folder, all)).stdout;
    assert!(!whole.contains("missing"), "{whole}");
    let ran = run(&[], &files(&folder, |name| all(name) && !name.ends_with(".log.1.gz"))).stdout;
    let words = ran.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("kea-dhcp4.log.1 is missing between the files that are read"), "{ran}");
    assert!(words.contains("the end of a process of kea-dhcp4 is not in these logs"), "{ran}");
    assert!(!words.contains("crashed"), "{ran}");
}

#[test]
fn a_monitor_hears_of_what_lasts_until_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let option = format!("--state={}", folder.path().join("state").display());
    let status = |text: &str| {
        let ran = run(&["-f", "nagios", &option], &[written(folder.path(), text)]);
        (ran.status, ran.stdout)
    };
    let started = |release| line(1, "DHCP4_STARTED", &format!("Kea DHCPv4 server version {release} started"));
    let command = |second, name: &str| line(second, "COMMAND_RECEIVED", &format!("Received command '{name}'"));
    let reload = line(3, "DHCP4_DYNAMIC_RECONFIGURATION", "initiate server reconfiguration")
        + &line(3, "DHCP4_DYNAMIC_RECONFIGURATION_FAIL", "failed");
    let label = "[hwtype=1 02:aa:00:00:01:02], cid=[no info], tid=0x1";
    let served = line(9, "DHCP4_LEASE_ALLOC", &format!("{label}: lease 10.0.0.1 has been allocated for 60 seconds"));
    let again = line(9, "DHCP4_STARTED", "Kea DHCPv4 server version 2.2.0 started").replace("/7.9", "/8.9");
    for (begin, end) in [
        (started("2.2.0") + &line(3, "DHCP4_SHUTDOWN", "server shutdown"), &again),
        (started("2.2.0") + &reload, &again),
        (started("3.0.4") + &command(3, "dhcp-disable"), &served),
        (started("3.0.4") + &line(3, "DHCP4_DB_RECONNECT_LOST_CONNECTION", "lost"), &again),
    ] {
        for run in 1..=3 {
            let (status, text) = status(&begin);
            assert_eq!(status, 2, "{run}: {begin}{text}");
        }
        let later = begin + end;
        status(&later);
        let (status, text) = status(&later);
        assert_eq!(status, 0, "{later}{text}");
        fs::remove_file(folder.path().join("state")).unwrap();
    }
}

/// Exchanges at DEBUG, then at INFO.
fn two_levels() -> String {
    let label = |xid| format!("[hwtype=1 02:aa:00:00:01:02], cid=[no info], tid=0x{xid}");
    let came = format!("{}: DHCPREQUEST (type 3) received from 0.0.0.0 to 10.0.0.9 on interface eth0", label(1));
    let given = |xid| format!("{}: lease 10.0.0.1 has been allocated for 60 seconds", label(xid));
    let sent = format!(
        "{}: trying to send packet DHCPACK (type 5) from 10.0.0.9:67 to 10.0.0.1:68 on interface eth0",
        label(1)
    );
    line(1, "DHCP4_PACKET_RECEIVED", &came)
        + &line(1, "DHCP4_LEASE_ALLOC", &given(1))
        + &line(1, "DHCP4_PACKET_SEND", &sent)
        + &line(5, "DHCP4_LEASE_ALLOC", &given(2))
}

#[test]
fn a_level_that_changes_hides_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let log = written(folder.path(), &two_levels());
    let page = run(&[], std::slice::from_ref(&log)).stdout;
    for words in ["some requests  REQUEST 1", "ACK 2", "for a part of the time"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let document = run(&["-f", "json"], std::slice::from_ref(&log)).document();
    assert_eq!(document["visible"]["dhcp4"]["partial"][0], "requests");
    let isc = run(&["--isc"], std::slice::from_ref(&log)).stdout;
    assert_eq!(isc.matches("DHCPACK on 10.0.0.1 to 02:aa:00:00:01:02").count(), 2, "{isc}");
    let client = run(&["02:aa:00:00:01:02"], std::slice::from_ref(&log)).stdout;
    assert!(client.contains("packets and answers, for a part of the time"), "{client}");
    let rates = run(&["--rates=1s", "-f", "ndjson"], &[log]).records();
    assert_eq!((&rates[0]["packets"], &rates[4]["packets"]), (&1.into(), &serde_json::Value::Null));
}

#[test]
fn what_the_server_does_is_not_in_a_clients_history() {
    let folder = tempfile::tempdir().unwrap();
    let label = "[hwtype=1 02:aa:00:00:01:02], cid=[no info], tid=0x1";
    let debug = |id: &str, text: &str| line(2, id, text).replace("INFO ", "DEBUG");
    let text =
        debug("DHCP4_BUFFER_RECEIVED", "received buffer from 0.0.0.0:68 to 255.255.255.255:67 over interface eth0")
            + &debug(
                "DHCP4_PACKET_RECEIVED",
                &format!("{label}: DHCPREQUEST (type 3) received from 0.0.0.0 to 255.255.255.255 on interface eth0"),
            )
            + &line(
                2,
                "DHCP4_INIT_REBOOT",
                &format!("{label}: client is in INIT-REBOOT state and requests address 10.99.0.7"),
            )
            + &debug(
                "DHCP4_NO_LEASE_INIT_REBOOT",
                &format!("{label}: no lease for address 10.99.0.7 requested by INIT-REBOOT client"),
            )
            + &line(4, "DHCP4_SHUTDOWN", "server shutdown")
            + &line(4, "HOOKS_LIBRARY_CLOSED", "hooks library x.so successfully closed");
    let log = written(folder.path(), &text);
    let ran = run(&["02:aa:00:00:01:02"], std::slice::from_ref(&log)).stdout;
    assert!(ran.contains("no lease of 10.99.0.7: the server does not answer"), "{ran}");
    assert!(!ran.contains("SHUTDOWN") && !ran.contains("HOOKS"), "{ran}");
    let failed = run(&["--failures", "-f", "ndjson"], &[log]).records();
    assert_eq!((&failed[0]["cause"], &failed[0]["clients"][0]), (&"no-lease".into(), &"02:aa:00:00:01:02".into()));
}

#[test]
fn a_rotated_log_that_is_not_there_is_no_client() {
    let ran = run(&["/nowhere/kea-dhcp4.log.9"], &[]);
    assert!(ran.status == 2 && ran.stderr.contains("No such file"), "{}", ran.stderr);
    let ran = run(&["kea-dhcp4.log.9"], &[]);
    assert!(ran.status == 2 && ran.stderr.contains("read kea-dhcp4.log.9"), "{}", ran.stderr);
}
