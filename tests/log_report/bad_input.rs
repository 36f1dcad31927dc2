//! What is no log, or a broken one.

use std::fs;

use crate::world::{recordings, run};

#[test]
fn what_is_no_log_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases.log");
    fs::write(&path, "address,hwaddr\n10.0.0.1,02:aa\n").unwrap();
    let ran = run(&[], std::slice::from_ref(&path));
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("no message of Kea in them"), "{}", ran.stderr);
    let missing = run(&["/nowhere/kea.log"], &[]);
    assert_eq!((missing.status, missing.stdout.as_str()), (2, ""));
    assert_eq!(missing.stderr.lines().count(), 1, "{}", missing.stderr);
}

#[test]
fn what_is_before_a_cut_is_reported() {
    let whole = fs::read(recordings().join("3.0.4/main-info/kea-dhcp4.log.gz")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.log.gz");
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let ran = run(&["--leases"], &[path]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("10.77.9.9"), "{}", ran.stdout);
    assert!(ran.stderr.contains("damaged or cut off (what is before that is reported)"), "{}", ran.stderr);
}

#[test]
fn controls_of_a_terminal_do_not_reach_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.log");
    let text =
        "2026-11-29 08:25:28.000 ERROR [kea-dhcp4.x/1.2] DHCP4_ODD_THING \u{1b}]0;owned\u{7}\u{1b}[2J \u{202e}x\0y\n";
    fs::write(&path, text).unwrap();
    for arguments in [&[][..], &["-f", "json"], &["-f", "html"], &["--failures"]] {
        let ran = run(arguments, std::slice::from_ref(&path));
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        let is_bad = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!ran.stdout.contains(is_bad), "{arguments:?}: {:?}", ran.stdout);
    }
}

#[test]
fn the_state_of_the_last_run_is_gone_on_from() {
    let folder = tempfile::tempdir().unwrap();
    let (log, state) = (folder.path().join("k.log"), folder.path().join("state"));
    let line =
        |second: u32| format!("2026-11-29 08:25:{second:02}.000 ERROR [kea-dhcp4.x/1.2] DHCP4_BUFFER_RECEIVE_FAIL x\n");
    fs::write(&log, line(1)).unwrap();
    let state_argument = format!("--state={}", state.display());
    let arguments = [state_argument.as_str(), "-f", "nagios"];
    let ask = || run(&arguments, std::slice::from_ref(&log));
    assert_eq!(ask().status, 1);
    assert_eq!(ask().status, 0);
    fs::write(&log, line(1) + &line(2)).unwrap();
    let ran = ask();
    assert!(ran.status == 1 && ran.stdout.contains("1 errors"), "{}", ran.stdout);
}

#[test]
fn mistakes_on_the_command_line_are_said() {
    for (arguments, expected) in [
        (&["--tz", "Mars/Base"][..], "no such time zone"),
        (&["--since", "soonish"], "expected a date and time"),
        (&["-f", "csv"], "not for this view"),
        (&["--exchanges", "--leases"], "cannot be used with"),
    ] {
        let ran = run(arguments, &[recordings().join("3.0.4/main-info/kea-dhcp4.log.gz")]);
        assert!(ran.status == 2 && ran.stderr.contains(expected), "{arguments:?}: {}", ran.stderr);
    }
}
