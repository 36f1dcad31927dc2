//! A panic in a program or in one of its threads: one line, the status of an error, nothing left behind.
//!
//! The programs here are functions that panic, run by `cli` as any other program is. A process that must end is this
//! test program itself, started again for one test that only then does something.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]
#![allow(clippy::disallowed_methods, reason = "the process that panics is started with a variable")]

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread;

use kea_tools::cli::{self, Program};
use kea_tools::env::Env;
use kea_tools::env::outfile::OutFile;
use kea_tools::error::Result;
use kea_tools::exit::Exit;
use kea_tools::installation::LiveFiles;
use kea_tools::testing::ProgramRun;

/// What panics, and in which thread: set only for a process started by a test of this file.
const PART: &str = "KEA_TOOLS_TEST_PANIC";
/// Where that process begins an output file.
const FOLDER: &str = "KEA_TOOLS_TEST_FOLDER";

#[expect(clippy::unnecessary_wraps, reason = "it has the type of a program")]
fn divide_by_zero(env: &mut Env<'_>) -> Result<Exit> {
    let zero = env.args.len() - env.args.len();
    Ok(Exit::Nagios(u8::try_from(1 / zero).unwrap()))
}

#[test]
fn a_panic_is_one_line_and_status_2() {
    let ran = ProgramRun::default().run("kea-lease-dump", divide_by_zero, [""; 0]);
    let stderr = ran.stderr;
    assert_eq!((ran.status, ran.stdout.as_str(), stderr.lines().count()), (2, "", 1), "{stderr}");
    assert!(stderr.starts_with("kea-lease-dump: internal error: "), "{stderr}");
    assert!(stderr.contains("please report it with"), "{stderr}");
}

#[test]
fn a_panic_is_unknown_to_a_monitor() {
    let ran = ProgramRun::default().run("keactrl-status", divide_by_zero, ["-f", "nagios"]);
    let stdout = ran.stdout;
    assert_eq!((ran.status, ran.stderr.as_str(), stdout.lines().count()), (3, "", 1), "{stdout}");
    assert!(stdout.starts_with("keactrl-status UNKNOWN - internal error: "), "{stdout}");
}

/// The output file that a program is about to write when it panics.
fn begin_file(env: &Env<'_>) -> OutFile {
    let folder = PathBuf::from((env.var)(FOLDER).unwrap());
    let mut file = OutFile::create(&folder.join("leases.csv"), &LiveFiles::default()).unwrap();
    file.write_all(b"half of it").unwrap();
    file
}

fn in_the_program(env: &mut Env<'_>) -> Result<Exit> {
    let _file = begin_file(env);
    divide_by_zero(env)
}

fn in_a_thread(env: &mut Env<'_>) -> Result<Exit> {
    let _file = begin_file(env);
    thread::spawn(|| Vec::<u8>::new().remove(0));
    // A program that waits for its thread does not end by itself.
    loop {
        thread::park();
    }
}

/// Not a test of its own: what [`panicking`] starts.
#[test]
#[ignore = "run by the other tests of this file"]
fn a_process_that_panics() {
    let program: Program = match std::env::var(PART).as_deref() {
        Ok("program") => in_the_program,
        Ok("thread") => in_a_thread,
        _ => return,
    };
    let name = if std::env::args().any(|arg| arg == "-fnagios") { "dhcping" } else { "kea-lease-dump" };
    let status = cli::main(name, program);
    assert_eq!(status, std::process::ExitCode::from(2));
}

/// A process that has begun an output file in `folder` when `part` of it panics.
fn panicking(part: &str, folder: &tempfile::TempDir, args: &[&str]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "a_process_that_panics", "--ignored", "--nocapture", "--test-threads=1"]).args(args);
    command.env(PART, part).env(FOLDER, folder.path()).env("RUST_BACKTRACE", "1").stdin(Stdio::null());
    command.output().unwrap()
}

#[test]
fn a_panic_leaves_no_file_and_shows_no_stack_trace() {
    for part in ["program", "thread"] {
        let folder = tempfile::tempdir().unwrap();
        let output = panicking(part, &folder, &[]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(stderr.lines().count(), 1, "{part}: {stderr}");
        assert!(stderr.starts_with("kea-lease-dump: internal error: "), "{part}: {stderr}");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "{part}: a file is left");
    }
}

#[test]
fn a_panic_in_a_thread_ends_the_process_as_an_error_does() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(panicking("thread", &folder, &[]).status.code(), Some(2));
    let output = panicking("thread", &folder, &["--", "-fnagios"]);
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{stdout}");
    assert!(stdout.contains("dhcping UNKNOWN - internal error: "), "{stdout}");
}
