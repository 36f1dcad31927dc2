//! Runs of the program in memory, and the recordings.

use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kea_tools::cli;
use kea_tools::env::screen::NoKeyboard;
use kea_tools::env::{Clock, Env};
use serde_json::Value;

/// 2026-11-29 13:46:40 UTC, some hours after the recordings.
const NOW: i64 = 1_795_960_000;

struct Fixed(Instant);

impl Clock for Fixed {
    fn now(&self) -> i64 {
        NOW
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

/// What a run said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The records of ndjson.
    pub(crate) fn records(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// Runs the program with these arguments and files.
#[allow(clippy::disallowed_methods, reason = "the program measures what passes in a run")]
pub(crate) fn run(arguments: &[&str], files: &[PathBuf]) -> Ran {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let arguments = arguments.iter().map(OsString::from);
    let mut env = Env {
        args: std::iter::once("kea-log-report".into())
            .chain(arguments)
            .chain(files.iter().map(OsString::from))
            .collect(),
        stdout: &mut stdout,
        stderr: &mut stderr,
        stderr_is_terminal: false,
        screen: &|| None,
        keyboard: &mut NoKeyboard,
        var: &|name| (name == "TZ").then(|| "UTC".into()),
        clock: &Fixed(Instant::now()),
        prompt: &mut |_| unreachable!("no password is needed"),
        random: &mut |_| unreachable!("nothing is random"),
    };
    let status = cli::run("kea-log-report", cli::log_report::run, &mut env).code();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { status, stdout: text(stdout), stderr: text(stderr) }
}

/// The directory of the recordings.
pub(crate) fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/logs")
}

/// Files of a directory whose names this holds for, in order.
pub(crate) fn files(folder: &Path, is_wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = names.filter(|path| is_wanted(&path.file_name().unwrap().to_string_lossy())).collect();
    found.sort();
    found
}

/// What the clients of a recording saw.
pub(crate) fn truth(folder: &Path) -> Value {
    let file = fs::read(folder.join("truth.json")).ok();
    let text = file.unwrap_or_else(|| {
        let packed = fs::File::open(folder.join("truth.json.gz")).unwrap();
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(packed).read_to_end(&mut text).unwrap();
        text
    });
    serde_json::from_slice(&text).unwrap()
}
