//! Leases as text: one writer a format, all of them streaming.

use std::io::{self, Write};

use crate::lease::target::Target;
use crate::lease::{Family, Fault, Lease4, Lease6};
use crate::time::TimeStyle;

mod csv;
mod json;
pub mod list;
mod memfile;
pub mod nagios;
pub mod packet;
pub mod prometheus;
pub mod status;

/// The formats leases are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Kea's own lease file, which Kea loads
    #[default]
    Memfile,
    /// RFC 4180 with names and times for people and spreadsheets
    Csv,
    /// one document: an array of objects with the field names of Kea's API
    Json,
    /// one such object a line
    Ndjson,
}

impl Format {
    /// The name typed for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Memfile => "memfile",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
        }
    }
}

/// What became of a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It was written.
    Row,
    /// The format has no place for a lease of no lifetime, and nothing is wrong.
    LeftOut,
    /// The format cannot hold it, for this reason.
    Refused(Fault),
}

/// Writes leases of one family, one by one.
pub trait LeaseWriter {
    /// Writes a DHCPv4 lease.
    fn lease4(&mut self, lease: &Lease4<'_>) -> io::Result<Written>;
    /// Writes a DHCPv6 lease.
    fn lease6(&mut self, lease: &Lease6<'_>) -> io::Result<Written>;
    /// Writes what belongs at the end and flushes, so that a full disk is noticed.
    fn finish(&mut self) -> io::Result<()>;
    /// What a user should know of the leases written, once they are.
    fn remark(&self) -> Option<String> {
        None
    }
}

/// How leases are to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// The format.
    pub format: Format,
    /// The Kea that a [`Format::Memfile`] is made for.
    pub target: Target,
    /// How [`Format::Csv`] shows times.
    pub time: TimeStyle,
}

/// A writer to `out`. Its beginning (header, bracket) is written with the first lease or at the end.
#[must_use]
pub fn writer<'a>(style: Style, family: Family, out: &'a mut dyn Write) -> Box<dyn LeaseWriter + 'a> {
    match style.format {
        Format::Memfile => Box::new(memfile::Memfile::new(family, style.target, out)),
        Format::Csv => Box::new(csv::Csv::new(family, style.time, out)),
        Format::Json => Box::new(json::Json::document(out)),
        Format::Ndjson => Box::new(json::Json::lines(out)),
    }
}

/// A buffer in front of a stream that is written to in large pieces, with direct access for formatting.
struct Buffered<'a> {
    pub(self) text: Vec<u8>,
    out: &'a mut dyn Write,
}

impl<'a> Buffered<'a> {
    const FULL: usize = 256 * 1024;

    fn new(out: &'a mut dyn Write) -> Self {
        Self { text: Vec::with_capacity(Self::FULL + 16 * 1024), out }
    }

    fn relieve(&mut self) -> io::Result<()> {
        if self.text.len() >= Self::FULL { self.write_out() } else { Ok(()) }
    }

    fn write_out(&mut self) -> io::Result<()> {
        self.out.write_all(&self.text)?;
        self.text.clear();
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.write_out()?;
        self.out.flush()
    }
}
