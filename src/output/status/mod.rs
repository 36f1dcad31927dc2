//! The state of Kea's daemons as text.

use std::io::{self, Write};

use super::nagios;
use crate::health::kea::facts::Host;
use crate::health::kea::{self, Judgement};

mod classic;
mod json;
mod notes;
mod prometheus;
pub(super) use prometheus::HA_STATES;
mod screen;
mod table;

pub use notes::notes;

/// The formats of keactrl-status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum StatusFormat {
    /// the lines of keactrl status, and the findings
    #[default]
    Classic,
    /// one row per daemon, and the findings
    Table,
    /// all facts and findings
    Json,
    /// for Nagios, Icinga and other monitors
    Nagios,
    /// metrics for the textfile collector
    Prometheus,
}

/// The result to print.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a> {
    /// The facts.
    pub machine: &'a Host,
    /// The verdicts, one for each instance.
    pub judgements: &'a [Judgement],
    /// When, seconds since 1970.
    pub now: i64,
}

/// The layout on a screen.
#[derive(Debug, Clone, Copy, Default)]
pub struct StatusOptions {
    /// Whether states have colours.
    pub color: bool,
    /// Characters in a line; `None` is as many as needed.
    pub width: Option<usize>,
}

/// Writes it.
pub fn write(
    format: StatusFormat,
    findings: &Findings<'_>,
    look: StatusOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        StatusFormat::Classic => classic::write(findings, look, out),
        StatusFormat::Table => table::write(findings, look, out),
        StatusFormat::Json => json::write(findings, out),
        StatusFormat::Nagios => {
            nagios::write("KEA", &kea::report(findings.machine, findings.judgements, findings.now), out)
        }
        StatusFormat::Prometheus => prometheus::write(findings, out),
    }
}
