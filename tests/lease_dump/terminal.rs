//! What a person at a terminal sees while a dump takes its time.

use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::lease_dump::harness::{Files, HEADER4};

const PROGRAM: &str = env!("CARGO_BIN_EXE_kea-lease-dump");

/// Longer than the program waits before it shows anything.
const A_WHILE: Duration = Duration::from_millis(1300);

/// Dumps enough leases to fill every buffer into a pipe whose reader takes its time, with stderr on a terminal or not;
/// gives what was shown and how many lines arrived.
fn slow_dump(on_terminal: bool) -> (String, usize) {
    let files = Files::new();
    let row = |n: u32| {
        format!("10.{}.{}.{},02:00:00:00:00:01,,3600,1795179600,1,0,0,host,0,,0\n", n >> 16, n >> 8 & 255, n & 255)
    };
    let source = files.write("l.csv", format!("{HEADER4}\n{}", (0..30_000).map(row).collect::<String>()));
    let pipe = files.path("pipe").display().to_string();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let line = format!("{PROGRAM} -t memfile -n {source} -o {pipe}");
    let mut command = if on_terminal {
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
        script
    } else {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{line} 2>&1")]);
        shell
    };
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut reader = File::open(&pipe).unwrap();
    let mut text = vec![0; 1];
    reader.read_exact(&mut text).unwrap();
    thread::sleep(A_WHILE);
    reader.read_to_end(&mut text).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let lines = String::from_utf8_lossy(&text).lines().count();
    (String::from_utf8_lossy(&output.stdout).into_owned(), lines)
}

#[test]
fn a_long_dump_shows_its_progress_on_a_terminal() {
    let (shown, lines) = slow_dump(true);
    assert!(shown.contains(" rows written, ") && shown.contains(" rows/s"), "{shown}");
    assert_eq!(lines, 30_001);
}

#[test]
fn nothing_is_shown_where_nobody_watches() {
    let (shown, lines) = slow_dump(false);
    assert_eq!((shown.as_str(), lines), ("", 30_001));
}
