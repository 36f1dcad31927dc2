//! Entries of `loggers` in Kea's own language.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};

use crate::loggers::Composed;
use crate::text::{OneLine, terminal_safe_json};

/// The list as JSON, with Kea's usual indentation.
///
/// # Errors
/// It cannot be written as JSON.
pub fn list(composed: &Composed) -> io::Result<String> {
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, PrettyFormatter::with_indent(b"    "));
    composed.entries.serialize(&mut serializer)?;
    let text = String::from_utf8(text).map_err(io::Error::other)?;
    Ok(terminal_safe_json(&text).into_owned())
}

/// Writes the list of a daemon, ready to be pasted into its map; with a comma if it is put before other members.
///
/// # Errors
/// The stream cannot be written.
pub fn paste(composed: &Composed, place: &str, is_before_others: bool, out: &mut dyn Write) -> io::Result<()> {
    let key = composed.daemon.config_key();
    let comma = if is_before_others { "," } else { "" };
    writeln!(out, "// \"loggers\" of \"{key}\"{}", OneLine(place))?;
    writeln!(out, "\"loggers\": {}{comma}", list(composed)?)
}
