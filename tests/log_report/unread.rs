//! What could not be read is never well to a monitor, and its first line names what helps.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::log_report::harness::run;

const STARTED: &str = "DHCP4_STARTED Kea DHCPv4 server version 3.0.4 started\n";
const REFUSED: &str = "ALLOC_ENGINE_V4_ALLOC_FAIL [hwtype=1 02:aa:00:00:01:02], cid=[no info], tid=0x1: failed to \
                       allocate an IPv4 address after 0 attempt(s)\n";

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
}

#[test]
fn a_configuration_that_breaks_off_may_name_a_further_log() {
    let folder = tempfile::tempdir().unwrap();
    let (config, log) = (folder.path().join("kea-dhcp4.conf"), folder.path().join("k.log"));
    write(&log, &format!("2026-11-29 13:40:00.000 INFO  [kea-dhcp4.dhcp4/1.1] {STARTED}"));
    let loggers = format!("\"loggers\": [{{\"name\": \"kea-dhcp4\", \"output_options\": [{{\"output\": {log:?}}}]}}]");
    let check = |text: &str| {
        write(&config, text);
        run(&["-f", "nagios", "-c", config.to_str().unwrap()], &[])
    };
    let whole = check(&format!("{{\"Dhcp4\": {{{loggers}}}}}"));
    assert!(whole.status == 0 && whole.stdout.starts_with("KEA LOG OK"), "{whole:?}");
    let broken = check(&format!("{{\"Dhcp4\": {{{loggers}, ]}}}}"));
    let first = broken.stdout.lines().next().unwrap();
    assert!(broken.status == 3 && first.starts_with("KEA LOG UNKNOWN") && first.contains("conf:1:"), "{broken:?}");
    let client = run(&["-c", config.to_str().unwrap(), "02:aa:00:00:01:02"], &[]);
    assert!(client.status == 2 && client.stderr.contains("conf:1:"), "{client:?}");
}

/// Runs the program with a `journalctl` that is this script.
fn with_journalctl(script: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let tool = folder.path().join("journalctl");
    write(&tool, &format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let ran = Command::new(env!("CARGO_BIN_EXE_kea-log-report")).args(arguments).env("PATH", path).output().unwrap();
    let text = |octets: Vec<u8>| String::from_utf8(octets).unwrap();
    (ran.status.code(), text(ran.stdout), text(ran.stderr))
}

#[test]
fn a_journal_that_may_not_be_read_is_the_reason() {
    let denied = "echo 'No journal files were opened due to insufficient permissions.' >&2; exit 1";
    let (status, stdout, stderr) = with_journalctl(denied, &["--journal", "-f", "nagios"]);
    let first = stdout.lines().next().unwrap_or_default();
    assert!(status == Some(3) && first.contains("insufficient permissions"), "{stdout}{stderr}");
    assert!(first.contains("group systemd-journal") && !stderr.contains("it is empty"), "{stdout}{stderr}");
    let (status, _, stderr) = with_journalctl(denied, &["--journal"]);
    assert_eq!((status, stderr.matches("insufficient permissions").count()), (Some(2), 1), "{stderr}");
}

#[test]
fn a_journal_without_kea_may_be_that_of_another_user() {
    let (status, stdout, _) = with_journalctl("exit 0", &["--journal", "-f", "nagios"]);
    let first = stdout.lines().next().unwrap_or_default();
    assert!(status == Some(3) && first.contains("only root and the group systemd-journal"), "{stdout}");
}

#[test]
fn messages_without_a_time_are_unknown_to_since() {
    let folder = tempfile::tempdir().unwrap();
    let (bare, timed) = (folder.path().join("kea-dhcp4.log"), folder.path().join("kea-dhcp6.log"));
    let check = |more: &[&str], files: &[&Path]| {
        let files: Vec<_> = files.iter().map(|path| (*path).to_owned()).collect();
        run(&[&["-f", "nagios"], more].concat(), &files)
    };
    write(&bare, &format!("INFO  {STARTED}WARN  {REFUSED}"));
    write(&timed, "2026-11-29 13:40:00.000 INFO  [kea-dhcp6.dhcp6/1.1] DHCP6_STARTED Kea DHCPv6 server started\n");
    for files in [&[&*bare][..], &[&*bare, &*timed]] {
        let ran = check(&["--since", "15m"], files);
        let first = ran.stdout.lines().next().unwrap();
        assert!(ran.status == 3 && first.starts_with("KEA LOG UNKNOWN"), "{ran:?}");
        assert!(first.contains("kea-dhcp4.log: its messages have no time") && first.contains("%D"), "{ran:?}");
        assert!(first.contains("--state"), "{ran:?}");
    }
    assert_eq!(check(&[], &[&bare]).status, 1);
    // A log that has times by now is read from a time on.
    write(&bare, &format!("INFO  {STARTED}2026-11-29 13:45:00.000 WARN  [kea-dhcp4.x/1.1] {REFUSED}"));
    assert_eq!(check(&["--since", "15m"], &[&bare]).status, 1);
}
