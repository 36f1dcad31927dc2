//! A record of what was dumped: enough to check a file later, nothing that must stay secret.

use std::io::{self, Write};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::dump::DumpCounts;
use crate::source::Origin;
use crate::text::{hex, terminal_safe_json};

/// The manifest of one run.
#[derive(Debug, Serialize)]
pub(super) struct Manifest {
    /// The program and its version.
    pub(super) tool: String,
    /// One entry a file written.
    pub(super) dumps: Vec<Entry>,
}

impl Manifest {
    /// Writes it as JSON.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        out.write_all(format!("{}\n", terminal_safe_json(&text)).as_bytes())
    }
}

/// The manifest of one output.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Entry {
    /// `4` or `6`.
    pub(super) family: char,
    /// Where the leases came from.
    pub(super) source: Origin,
    /// The file written, `-` for stdout.
    pub(super) output: String,
    /// The format's name.
    pub(super) format: &'static str,
    /// The Kea release a lease file was made for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) made_for: Option<String>,
    /// Whether values were replaced.
    pub(super) anonymized: bool,
    /// What was read, written and left out.
    #[serde(flatten)]
    pub(super) counts: DumpCounts,
    /// SHA-256 of the output, in hex.
    pub(super) sha256: String,
    /// When reading began and writing ended, UTC.
    pub(super) started: String,
    /// See `started`.
    pub(super) finished: String,
}

/// A stream that adds up what passes through it.
pub(super) struct Hashing<'a> {
    out: &'a mut dyn Write,
    hash: Sha256,
}

impl<'a> Hashing<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self { out, hash: Sha256::new() }
    }

    /// The hash of everything written, in hex.
    pub(super) fn finish(self) -> String {
        hex(&self.hash.finalize())
    }
}

impl Write for Hashing<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let written = self.out.write(text)?;
        self.hash.update(&text[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
