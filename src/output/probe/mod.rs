//! How probes of DHCP servers and their packets look: lines for people, JSON, what monitors read.

use std::io::{self, Write};
use std::net::SocketAddr;

use clap::ValueEnum;

use crate::error::{Error, Result};
use crate::health::Report;
use crate::health::dhcp::Expectations;
use crate::probe::{Record, TargetResult};

pub mod answers;
mod document;
mod json;
mod monitor;
pub mod printer;
mod text;

/// The formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
pub enum ProbeFormat {
    /// lines for people
    #[default]
    Text,
    /// one document
    Json,
    /// a monitoring plugin's lines and exit status
    Nagios,
    /// metrics for the textfile collector
    Prometheus,
}

/// How it is to look.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Style<'a> {
    /// The format.
    pub format: ProbeFormat,
    /// The program, which begins lines on standard error.
    pub program: &'a str,
    /// Whether nothing is printed.
    pub quiet: bool,
    /// Whether what was sent and ignored is printed.
    pub verbose: bool,
    /// Whether each packet is printed.
    pub packets: bool,
    /// Whether it is in the layout of dhcping 1.2.
    pub is_classic: bool,
    /// Whether there are many probes: a line for each, then a sum.
    pub is_series: bool,
    /// Whether the only lines are the verdicts, one for each target.
    pub has_line_per_target: bool,
    /// What the user expects.
    pub expectations: &'a Expectations,
}

/// A packet that was sent or received.
#[derive(Debug, Clone, Copy)]
pub struct Passing<'a> {
    /// Whether it was sent.
    pub is_sent: bool,
    /// Where it went, or came from.
    pub address: SocketAddr,
    /// The UDP payload.
    pub octets: &'a [u8],
}

/// Shows a run as it goes.
pub trait ProbeOutput {
    /// Something to know of how it is done.
    fn remark(&mut self, _remark: &str) {}
    /// Something to know in any case.
    fn notice(&mut self, _notice: &str) {}
    /// A packet passes.
    fn packet(&mut self, _packet: Passing<'_>) {}
    /// An exchange is over.
    ///
    /// # Errors
    /// Standard output cannot be written.
    fn exchange(&mut self, number: u64, result: &TargetResult<'_>, record: &Record) -> Result<()>;
    /// All exchanges are over.
    ///
    /// # Errors
    /// Standard output cannot be written.
    fn finish(&mut self, results: &[TargetResult<'_>], report: &Report) -> Result<()>;
}

/// The output that `style` asks for.
pub fn new<'a>(style: Style<'a>, stdout: &'a mut dyn Write, stderr: &'a mut dyn Write) -> Box<dyn ProbeOutput + 'a> {
    match style.format {
        ProbeFormat::Text => Box::new(text::Text::new(style, stdout, stderr)),
        ProbeFormat::Json => Box::new(json::Json::new(style.quiet, stdout)),
        ProbeFormat::Nagios => Box::new(monitor::Nagios::new(style.quiet, stdout)),
        ProbeFormat::Prometheus => Box::new(monitor::Prometheus::new(style.quiet, stdout)),
    }
}

/// An error of writing what is shown.
fn unwritten(cause: &io::Error) -> Error {
    Error::io("write standard output", cause)
}
