//! Loggers and where they write.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::super::json::Map;
use super::super::position::Position;
use super::read::{list, path};

/// A logger.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Logger {
    /// Where it is.
    #[serde(rename = "$position")]
    pub position: Position,
    /// What it logs: a daemon (`kea-dhcp4`), or a part of one (`kea-dhcp4.leases`).
    pub name: Option<String>,
    /// From which severity on: `DEBUG`, `INFO`, `WARN`, `ERROR`, `FATAL`, `NONE`.
    pub severity: Option<String>,
    /// How much of `DEBUG`, from 0 to 99.
    pub debuglevel: Option<i64>,
    #[serde(rename = "output_options", deserialize_with = "list")]
    old_outputs: Vec<LogOutput>,
    #[serde(rename = "output-options", deserialize_with = "list")]
    new_outputs: Vec<LogOutput>,
    /// What else it has.
    #[serde(rename = "$rest")]
    pub rest: Map,
}

/// Where a logger writes.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct LogOutput {
    /// Where it is written in the configuration.
    #[serde(rename = "$position")]
    pub position: Position,
    /// `stdout`, `stderr`, `syslog`, `syslog:NAME`, or a file.
    #[serde(deserialize_with = "path")]
    pub output: Option<PathBuf>,
    /// Whether each message is written at once; true if it is not written here.
    pub flush: Option<bool>,
    /// From how many bytes on a file is rotated; 10,240,000 if it is not written here, and never from 0 to 204,799.
    pub maxsize: Option<u64>,
    /// How many rotated files are kept; 1 if it is not written here.
    pub maxver: Option<u64>,
    /// The form of a line, as log4cplus has it.
    pub pattern: Option<String>,
    /// What else it has.
    #[serde(rename = "$rest")]
    pub rest: Map,
}

impl Logger {
    /// Where it writes, in the spellings of all releases.
    pub fn outputs(&self) -> impl Iterator<Item = &LogOutput> {
        self.new_outputs.iter().chain(&self.old_outputs)
    }
}

impl LogOutput {
    /// The file that it is; `None` for the terminal and for syslog.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        let output = self.output.as_deref()?;
        let name = output.to_string_lossy();
        let is_file = !matches!(&*name, "stdout" | "stderr" | "syslog") && !name.starts_with("syslog:");
        is_file.then_some(output)
    }
}
