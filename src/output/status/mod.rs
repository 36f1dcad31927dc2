//! What Kea's daemons do, as text.

use std::io::{self, Write};

use crate::health::kea::Judgement;
use crate::health::kea::facts::Machine;

mod classic;

/// The formats of keactrl-status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// the lines of keactrl status, and what is wrong
    #[default]
    Classic,
}

/// What is to be told.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a> {
    /// What was seen.
    pub machine: &'a Machine,
    /// What it means, one for each instance.
    pub judgements: &'a [Judgement],
    /// When, seconds since 1970.
    pub now: i64,
}

/// Writes it.
pub fn write(format: Format, findings: &Findings<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Classic => classic::write(findings, out),
    }
}
