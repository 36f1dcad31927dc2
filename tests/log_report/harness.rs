//! Runs of the program in memory, and the recordings.

use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use kea_tools::cli;
use kea_tools::testing::ProgramRun;
pub(crate) use kea_tools::testing::Ran;
use serde_json::Value;

/// 2026-11-29 13:46:40 UTC, some hours after the recordings.
const NOW: i64 = 1_795_960_000;

/// Runs the program with these arguments and files.
pub(crate) fn run(arguments: &[&str], files: &[PathBuf]) -> Ran {
    let words = arguments.iter().map(OsString::from).chain(files.iter().map(OsString::from));
    let program = ProgramRun { now: NOW, variables: &[("TZ", "UTC")], ..ProgramRun::default() };
    program.run("kea-log-report", cli::log_report::run, words)
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
