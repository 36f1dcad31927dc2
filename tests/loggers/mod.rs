//! kea-loggers as its user meets it.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kea_tools::cli;
use kea_tools::env::screen::NoKeyboard;
use kea_tools::env::{Clock, Env};
use serde_json::Value;

mod bad_input;
mod entries;
mod views;

struct Fixed(Instant);

impl Clock for Fixed {
    fn now(&self) -> i64 {
        0
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

#[derive(Debug)]
struct Ran {
    status: u8,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|cause| panic!("{cause}: {self:?}"))
    }

    /// The kinds of all findings.
    fn kinds(&self) -> Vec<String> {
        let document = self.document();
        let daemons = document["daemons"].as_array().unwrap();
        let findings = daemons.iter().flat_map(|daemon| daemon["findings"].as_array().unwrap());
        findings.map(|finding| finding["kind"].as_str().unwrap().to_owned()).collect()
    }
}

#[allow(clippy::disallowed_methods, reason = "the program measures what passes in a run")]
fn run(arguments: &[&str]) -> Ran {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut env = Env {
        args: std::iter::once("kea-loggers".into()).chain(arguments.iter().map(OsString::from)).collect(),
        stdout: &mut stdout,
        stderr: &mut stderr,
        stderr_is_terminal: false,
        screen: &|| None,
        keyboard: &mut NoKeyboard,
        var: &|_| None,
        clock: &Fixed(Instant::now()),
        prompt: &mut |_| unreachable!("no password is needed"),
        random: &mut |_| unreachable!("nothing is random"),
    };
    let status = cli::run("kea-loggers", cli::loggers::run, &mut env).code();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { status, stdout: text(stdout), stderr: text(stderr) }
}

/// A folder with configurations and logs.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a configuration, in which `DIR` is this folder.
    fn configuration(&self, name: &str, text: &str) -> String {
        let path = self.at(name);
        fs::write(&path, text.replace("DIR", &self.0.path().display().to_string())).unwrap();
        path.display().to_string()
    }

    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }
}

/// A configuration of a daemon with this list of loggers.
fn with(daemon: &str, loggers: &str) -> String {
    format!("{{ \"{daemon}\": {{ \"loggers\": [ {loggers} ] }} }}")
}

const GOOD: &str =
    r#"{ "name": "kea-dhcp4", "severity": "INFO", "output_options": [ { "output": "DIR/k.log", "maxver": 4 } ] }"#;

fn shown(path: &Path) -> String {
    path.display().to_string()
}
