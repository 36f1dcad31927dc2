//! What is no log, or a broken one.

use std::fs;

use crate::log_report::harness::{recordings, run};

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
fn what_is_before_a_cut_is_reported_of_every_compression() {
    // As many as xz and zstd themselves give of these files.
    for (name, least) in [("cut.log.zst", 655), ("cut.log.xz", 467)] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/compressed").join(name);
        let document = run(&["-f", "json"], &[path]).document();
        assert!(document["messages"].as_u64().unwrap() >= least, "{name}: {}", document["messages"]);
        let notes = document["notes"].to_string();
        assert!(notes.contains("damaged or cut off (what is before that is reported)"), "{name}: {notes}");
    }
}

#[test]
fn controls_of_a_terminal_do_not_reach_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.log");
    let text = "2026-11-29 08:25:28.000 ERROR [kea-dhcp4.x/1.2] DHCP4_ODD_THING \u{1b}]0;owned\u{7}\u{1b}[2J \u{202e}x\0y\n\
        2026-11-29 08:25:28.000 DEBUG [kea-dhcp4.x/1.2] DHCP4_PACKET_DROP_\u{1b}[2J x\n";
    fs::write(&path, text).unwrap();
    let views = [
        &[][..],
        &["-f", "json"],
        &["-f", "html"],
        &["-f", "nagios", "--warning", "errors=9"],
        &["--failures"],
        &["--failures", "-f", "csv"],
    ];
    for arguments in views {
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
    let silent = ask();
    assert!(silent.status == 0 && silent.stdout.contains("no message since the last run"), "{}", silent.stdout);
    fs::write(&log, line(1) + &line(2)).unwrap();
    let ran = ask();
    assert!(ran.status == 1 && ran.stdout.contains("1 error\n"), "{}", ran.stdout);
}

/// A log of one error.
fn error(folder: &std::path::Path, text: &str) -> std::path::PathBuf {
    let path = folder.join("k.log");
    fs::write(&path, format!("2026-11-29 08:25:28.000 ERROR [kea-dhcp4.x/1.2] {text}\n")).unwrap();
    path
}

#[test]
fn a_file_that_is_no_state_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let log = error(folder.path(), "DHCP4_BUFFER_RECEIVE_FAIL x");
    let state = folder.path().join("hosts");
    let argument = format!("--state={}", state.display());
    fs::write(&state, "127.0.0.1 localhost\n").unwrap();
    let ran = run(&[&argument], std::slice::from_ref(&log));
    assert!(ran.status == 2 && ran.stderr.contains("it is not a state file of kea-log-report"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(&state).unwrap(), "127.0.0.1 localhost\n");
    fs::write(&state, "{\"kea-log-report\":1,\"fil").unwrap();
    let ran = run(&[&argument], std::slice::from_ref(&log));
    assert!(ran.status == 0 && ran.stdout.contains("was broken and is now"), "{} {}", ran.stdout, ran.stderr);
}

#[test]
fn a_monitor_is_not_well_where_a_log_is_missing() {
    let calm = recordings().join("2.2.0/ha-info");
    let calm = super::harness::files(&calm, |name| name.starts_with("kea-dhcp4") || name.starts_with("alpha"));
    let ran = run(&["-f", "nagios", "/nowhere/kea.log"], &calm);
    assert_ne!(ran.status, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("/nowhere/kea.log: No such file"), "{}", ran.stdout);
    let page = run(&["/nowhere/kea.log"], &calm);
    assert!(page.status == 2 && page.stdout.contains("note: read /nowhere/kea.log"), "{}", page.stdout);
}

#[test]
fn secrets_in_a_log_are_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let text = "DHCP4_PARSER_FAIL failed to create or run parser for configuration element lease-database: \
                mysql://kea:Geheim-4711@db1/kea {\"password\": \"Geheim-4711\", \"name\": \"kea\"} client \
                [hwtype=1 02:aa:00:00:01:02], cid=[no info], tid=0x1: password=Geheim-4711";
    let log = error(folder.path(), text);
    let client = "02:aa:00:00:01:02";
    for arguments in [
        &[][..],
        &["-f", "json"],
        &["-f", "html"],
        &["-f", "nagios"],
        &[client],
        &[client, "-v"],
        &[client, "-f", "json"],
        &[client, "-f", "csv"],
    ] {
        let ran = run(arguments, std::slice::from_ref(&log));
        assert!(!ran.stdout.contains("Geheim"), "{arguments:?}: {}", ran.stdout);
        assert!(ran.stdout.len() > 40, "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn mistakes_on_the_command_line_are_said() {
    for (arguments, expected) in [
        (&["--state", "/nowhere/state", "-"][..], "have no position to continue from"),
        (&["--tz", "Mars/Base"], "no such time zone"),
        (&["--since", "soonish"], "expected a date and time"),
        (&["-f", "csv"], "not for this view"),
        (&["--exchanges", "--leases"], "cannot be used with"),
        (&["--warning", "errors=1"], "--warning: it is only for -f nagios (add -f nagios)"),
        (&["--critical", "errors=1", "-f", "json"], "--critical: it is only for -f nagios"),
        (&["-v"], "--verbose: it is only for the messages of a client (name a client)"),
        (&["--rates", "5s"], "--rates: not for a client (write --rates=5s for steps of 5s)"),
    ] {
        let ran = run(arguments, &[recordings().join("3.0.4/main-info/kea-dhcp4.log.gz")]);
        assert!(ran.status == 2 && ran.stderr.contains(expected), "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn numbers_of_unknown_kinds_are_refused() {
    for text in ["foo=1", "failures", "failures=", "failures=-1", "failures=0", "failures=1,bogus=2", ""] {
        for option in ["--warning", "--critical"] {
            let ran = run(&["-f", "nagios", option, text], &[log("3.0.4/main-info/kea-dhcp4.log.gz")]);
            let shown = format!("{option} {text}: {ran:?}");
            assert!(ran.status == 3 && ran.stdout.starts_with("kea-log-report UNKNOWN - "), "{shown}");
            assert!(ran.stdout.contains("expected failures=N, offers=N or errors=N"), "{shown}");
        }
    }
}

#[test]
fn where_nothing_could_be_read_nothing_else_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (empty, output) = (folder.path().join("empty.log"), folder.path().join("page"));
    fs::write(&empty, "").unwrap();
    let monitor = run(&["-f", "nagios"], std::slice::from_ref(&empty));
    assert_eq!(monitor.status, 3);
    assert!(monitor.stdout.starts_with("kea-log-report UNKNOWN - read logs: no message of Kea"), "{monitor:?}");
    for arguments in [&[][..], &["-f", "json"], &["--leases"]] {
        let ran = run(arguments, std::slice::from_ref(&empty));
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
        assert!(ran.stderr.contains("empty.log: no line of Kea in it (it is empty)"), "{ran:?}");
    }
    let option = format!("--output={}", output.display());
    assert_eq!(run(&[&option], std::slice::from_ref(&empty)).status, 2);
    assert!(!output.exists());
    let others = run(&["-6"], &[log("3.0.4/main-info/kea-dhcp4.log.gz")]);
    assert!(others.stderr.contains("no message of the daemons that were chosen"), "{others:?}");
}

#[test]
fn a_time_without_messages_is_no_error() {
    let logs = [log("3.0.4/main-info/kea-dhcp4.log.gz")];
    let monitor = run(&["-f", "nagios", "--since", "10m"], &logs);
    let is_down = monitor.stdout.contains("kea-dhcp4 was shut down and did not start again");
    assert!(monitor.status == 2 && is_down, "{monitor:?}");
    let page = run(&["--since", "10m"], &logs);
    assert!(page.status == 0 && page.stdout.contains("no message of the chosen time"), "{page:?}");
}

#[test]
fn no_log_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (folder.path().join("k.log"), folder.path().join("link"));
    let text = "2026-11-29 08:25:01.000 ERROR [kea-dhcp4.x/1.2] DHCP4_BUFFER_RECEIVE_FAIL x\n";
    fs::write(&path, text).unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    for output in [&path, &link] {
        let option = format!("--output={}", output.display());
        let ran = run(&[&option], std::slice::from_ref(&path));
        assert!(ran.status == 2 && ran.stderr.contains("it is one of the logs to read"), "{ran:?}");
    }
    let option = format!("--state={}", path.display());
    let ran = run(&[&option], std::slice::from_ref(&path));
    assert!(ran.status == 2 && ran.stderr.contains("it is not a state file of kea-log-report"), "{ran:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_state_that_cannot_be_kept_is_reported_first() {
    let option = "--state=/nowhere/state";
    let ran = run(&["-f", "nagios", option], &[log("3.0.4/main-info/kea-dhcp4.log.gz")]);
    assert!(ran.status == 3 && ran.stdout.starts_with("kea-log-report UNKNOWN - write /nowhere/state"), "{ran:?}");
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    fs::write(&state, "").unwrap();
    let option = format!("--state={}", state.display());
    let ran = run(&["-f", "nagios", &option], &[log("3.0.4/main-info/kea-dhcp4.log.gz")]);
    assert_eq!(ran.status, 2, "an empty state is an empty one: {ran:?}");
}

#[test]
fn a_client_goes_into_a_file_and_without_views() {
    let logs = [log("3.0.4/main-info/kea-dhcp4.log.gz")];
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("client");
    let client = "02:aa:00:00:01:2d";
    let option = format!("--output={}", output.display());
    let written = run(&[&option, client], &logs);
    assert_eq!((written.status, written.stdout.as_str()), (0, ""));
    assert_eq!(fs::read_to_string(&output).unwrap(), run(&[client], &logs).stdout);
    for option in ["--failures", "--isc", "--rates", "--state=state"] {
        let ran = run(&[option, client], &logs);
        assert!(ran.status == 2 && ran.stderr.contains("not for a client"), "{option}: {ran:?}");
    }
}

#[test]
fn the_time_of_a_log_that_goes_back_is_its_whole_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.log");
    let line = |minute| format!("2026-11-29 08:{minute}:01.000 ERROR [kea-dhcp4.x/1.2] DHCP4_BUFFER_RECEIVE_FAIL x\n");
    fs::write(&path, line(25) + &line(20) + &line(30) + &line(22)).unwrap();
    let ran = run(&[], std::slice::from_ref(&path));
    assert!(ran.stdout.starts_with("Kea logs 2026-11-29 08:20:01 to 08:30:01 (10m)"), "{ran:?}");
    assert!(ran.stdout.contains("[08:20:01 to 08:30:01]"), "{ran:?}");
}

/// A recorded log.
fn log(name: &str) -> std::path::PathBuf {
    recordings().join(name)
}

#[test]
fn a_crash_loop_is_one_finding() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.log");
    let start = |at: u32| {
        let head = format!("2026-11-29 {:02}:{:02}:{:02}.000", at / 3600, at / 60 % 60, at % 60);
        format!(
            "{head} INFO  [kea-dhcp4.dhcp4/{at}.1] DHCP4_STARTING Kea DHCPv4 server version 3.0.4 starting\n\
             {head} ERROR [kea-dhcp4.dhcp4/{at}.1] DHCP4_INIT_FAIL failed to initialize Kea server: no such file\n"
        )
    };
    fs::write(&path, (1..20_001).map(start).collect::<String>()).unwrap();
    let ran = run(&[], std::slice::from_ref(&path));
    assert!(ran.stdout.contains("kea-dhcp4 did not start 10000 times: "), "{ran:?}");
    assert!(ran.stdout.contains("10000 messages with more names, addresses or starts than are kept"), "{ran:?}");
}

#[test]
fn times_of_several_days_have_their_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.log");
    let line = |day| {
        format!(
            "2026-11-{day} 08:25:01.000 INFO  [kea-dhcp4.leases/1.2] DHCP4_DECLINE_LEASE Received DHCPDECLINE for addr \
             10.0.0.1 from client [hwtype=1 02:aa:00:00:00:01], cid=[no info], tid=0x1. The lease will be unavailable \
             for 60 seconds.\n"
        )
    };
    fs::write(&path, line(28) + &line(29)).unwrap();
    let page = run(&[], std::slice::from_ref(&path)).stdout;
    let words: Vec<_> = page.split_whitespace().collect();
    assert!(words.join(" ").contains("10.0.0.1 [11-28 08:25:01 to 11-29 08:25:01]"), "{page}");
    for view in ["--exchanges", "02:aa:00:00:00:01"] {
        let shown = run(&[view], std::slice::from_ref(&path)).stdout;
        let days: Vec<_> = shown.lines().filter(|line| line.starts_with("2026-11-")).collect();
        assert_eq!(days, ["2026-11-28", "2026-11-29"], "{shown}");
    }
}

#[test]
fn the_lock_of_a_log_is_no_log() {
    let folder = tempfile::tempdir().unwrap();
    let (lock, text) =
        (folder.path().join("k.log.lock"), "2026-11-29 08:25:28.001 INFO  [kea-dhcp4.x/1.2] DHCP4_X y\n");
    fs::write(&lock, "").unwrap();
    fs::write(folder.path().join("k.log"), text).unwrap();
    let ran = run(&["--exchanges"], &[folder.path().join("k.log"), lock]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
}

#[test]
fn a_log_that_is_not_there_is_one_cause() {
    let ran = run(&[], &["/nowhere/kea-dhcp4.log".into()]);
    assert_eq!(ran.stderr, "kea-log-report: read /nowhere/kea-dhcp4.log: No such file or directory\n");
}

#[test]
fn an_empty_argument_is_no_client() {
    let ran = run(&[""], &[]);
    let expected = "kea-log-report: an argument is empty (in a script, check whether a variable has no value)\n";
    assert_eq!((ran.status, ran.stderr.as_str()), (2, expected));
}

#[test]
fn a_name_that_does_not_occur_is_explained() {
    let ran = run(&["anna"], &[log("3.0.4/main-info/kea-dhcp4.log.gz")]);
    assert!(ran.stderr.contains("Kea logs host names at DEBUG, not at INFO"), "{}", ran.stderr);
}

#[test]
fn a_shell_appends_no_report_to_a_log_that_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("kea.log");
    let line =
        "2026-11-29 08:08:45.123 INFO  [kea-dhcp4.dhcp4/1.1] DHCP4_STARTED Kea DHCPv4 server version 3.0.4 started\n";
    fs::write(&log, line).unwrap();
    for (format, status) in [("text", 2), ("nagios", 3)] {
        let mut command = std::process::Command::new("sh");
        command.args(["-c", "\"$1\" -f \"$2\" \"$3\" >> \"$3\"", "sh", env!("CARGO_BIN_EXE_kea-log-report"), format]);
        let ran = command.arg(&log).output().unwrap();
        let stderr = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.code() == Some(status) && stderr.contains("it is one of the logs to read"), "{stderr}");
        assert_eq!(fs::read_to_string(&log).unwrap(), line);
    }
}
