//! kea-loggers as its user meets it.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

use std::fs;
use std::path::{Path, PathBuf};

use kea_tools::cli;
use kea_tools::testing::{ProgramRun, Ran};

mod bad_input;
mod entries;
mod views;

/// The kinds of all findings.
fn kinds(ran: &Ran) -> Vec<String> {
    let document = ran.document();
    let daemons = document["daemons"].as_array().unwrap();
    let findings = daemons.iter().flat_map(|daemon| daemon["findings"].as_array().unwrap());
    findings.map(|finding| finding["kind"].as_str().unwrap().to_owned()).collect()
}

fn run(arguments: &[&str]) -> Ran {
    ProgramRun::default().run("kea-loggers", cli::loggers::run, arguments)
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
