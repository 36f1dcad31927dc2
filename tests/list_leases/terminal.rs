//! The watched list on a real terminal, which script(1) makes: one without a size, as on a serial line.

use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use crate::list_leases::harness::{Files, row4};

const PROGRAM: &str = env!("CARGO_BIN_EXE_kea-list-leases");
/// To the alternate screen without a cursor, with lines that end at its edge, and back.
const ENTER: &str = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l";
const LEAVE: &str = "\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l";
/// What stands before the last line of every drawing.
const DRAWN: &str = "\u{1b}[J";

/// Watches a list until it is drawn and `end` was done with the process and the terminal's keys; gives everything that
/// was shown, the status below.
fn watch(end: impl FnOnce(&str, &mut dyn Write)) -> String {
    let files = Files::new();
    let source = files.leases4(&[row4(1, 600_000_000, &"a".repeat(200), 0)]);
    let at = |name: &str| files.path(name).display().to_string();
    let (pid, before, after) = (at("pid"), at("before"), at("after"));
    let session = format!(
        "trap : INT
        stty -g >{before}
        sh -c 'echo $$ >{pid}; exec {PROGRAM} {source} --vendors /dev/null --watch 3600 --color never'
        echo \"status $?\"
        stty -g >{after}"
    );
    let session = files.write("session", session);
    // Whoever started this may have signals ignored; then the list would, too.
    let mut script = Command::new("env");
    script.args([
        "--default-signal=HUP,INT,QUIT,TERM",
        "script",
        "--quiet",
        "--return",
        "--command",
        &format!("sh {session}"),
        "/dev/null",
    ]);
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut keys, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (mut shown, mut octet) = (Vec::new(), [0]);
    while !String::from_utf8_lossy(&shown).contains(DRAWN) {
        assert_eq!(screen.read(&mut octet).unwrap(), 1, "no drawing in {}", String::from_utf8_lossy(&shown));
        shown.push(octet[0]);
    }
    end(fs::read_to_string(pid).unwrap().trim(), &mut keys);
    screen.read_to_end(&mut shown).unwrap();
    drop(keys);
    child.wait().unwrap();
    assert_eq!(fs::read_to_string(before).unwrap(), fs::read_to_string(after).unwrap(), "the terminal's settings");
    String::from_utf8(shown).unwrap()
}

/// Fails unless the alternate screen was entered once and left, and nothing but the status stands behind it.
#[track_caller]
fn expect_left(shown: &str, status: u8) {
    let drawn = shown.strip_prefix(ENTER).unwrap_or_else(|| panic!("not entered: {shown:?}"));
    let (_, behind) = drawn.split_once(LEAVE).unwrap_or_else(|| panic!("not left: {shown:?}"));
    assert_eq!(behind.trim(), format!("status {status}"), "{shown:?}");
}

#[test]
fn q_ends_a_watched_list_and_the_terminal_is_what_it_was() {
    expect_left(&watch(|_, keys| keys.write_all(b"q").unwrap()), 0);
}

#[test]
fn a_signal_leaves_the_terminal_as_it_was() {
    for (name, status) in [("TERM", 143), ("INT", 130), ("HUP", 129), ("QUIT", 131)] {
        let kill = |pid: &str, _: &mut dyn Write| {
            let killed = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, pid]).status().unwrap();
            assert!(killed.success());
        };
        expect_left(&watch(kill), status);
    }
}

#[test]
fn control_c_leaves_the_terminal_as_it_was() {
    expect_left(&watch(|_, keys| keys.write_all(b"\x03").unwrap()), 130);
}

#[test]
fn a_terminal_that_does_not_know_its_size_has_80_columns() {
    let shown = watch(|_, keys| keys.write_all(b"q").unwrap());
    let mut drawn = shown.split_once(LEAVE).unwrap().0.replace(ENTER, "");
    for sign in ["\u{1b}[H", "\u{1b}[K", DRAWN] {
        drawn = drawn.replace(sign, "");
    }
    let widest = drawn.lines().map(|line| line.trim_end().chars().count()).max().unwrap();
    assert!((70..=80).contains(&widest), "{widest}: {drawn}");
}
