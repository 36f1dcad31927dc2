//! Leases that could not be written, according to a log: by the disk, or by a database that answers and takes no changes.

use super::database;
use crate::health::kea::facts::LogLine;

/// What Kea says of a lease file that it cannot write.
const UNWRITTEN: &str = "failed to write CSV row";

/// What databases say that refuse every change, and not the values of one client.
const REFUSALS: [&str; 6] =
    ["read-only", "read only", "disk full", "no space left", "permission denied", "command denied"];

/// The leases that could not be written, in the order of the log.
#[derive(Debug, Default)]
pub(super) struct Unwritten(Vec<Failure>);

#[derive(Debug)]
struct Failure {
    /// The place of the line.
    at: usize,
    line: LogLine,
    /// Whether no other client would do better.
    is_of_all: bool,
}

impl Unwritten {
    /// Processes the line at this place.
    pub(super) fn read(&mut self, line: &LogLine, at: usize) {
        let is_of_file = line.is_error() && line.text.contains(UNWRITTEN);
        if is_of_file || (is_of_allocation(line) && !database::is_without_leases(line)) {
            self.0.push(Failure { at, line: line.clone(), is_of_all: is_of_file || is_refused_to_all(&line.text) });
        }
    }

    /// The last one.
    pub(super) fn last(&self) -> Option<&LogLine> {
        self.0.last().map(|failure| &failure.line)
    }

    /// The last one after the place `written`, where a lease was written; and whether it may be so for one client only.
    pub(super) fn since(mut self, written: Option<usize>, shows_written: bool) -> Option<(LogLine, bool)> {
        self.0.retain(|failure| written.is_none_or(|written| failure.at > written));
        let client = self.0.first().map(|first| client(&first.line.text).to_owned());
        let is_other = |failure: &Failure| Some(client_of(failure)) != client.as_deref();
        let is_for_all = self.0.iter().any(|it| it.is_of_all || (shows_written && is_other(it)));
        self.0.pop().map(|last| (last.line, !is_for_all))
    }
}

fn client_of(failure: &Failure) -> &str {
    client(&failure.line.text)
}

/// What identifies the client in `[hwtype=1 02:00:00:00:00:01], cid=[no info], tid=0x1: error during …`.
fn client(text: &str) -> &str {
    text.split(", tid=").next().unwrap_or_default()
}

/// What is logged of a lease that could not be granted or extended because of an error.
fn is_of_allocation(line: &LogLine) -> bool {
    let is_of_engine = line.id.starts_with("ALLOC_ENGINE_V4_") || line.id.starts_with("ALLOC_ENGINE_V6_");
    line.is_error() && is_of_engine && (line.id.ends_with("_ALLOC_ERROR") || line.id.ends_with("_EXTEND_ERROR"))
}

fn is_refused_to_all(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    // MySQL says of a full disk that the table is full.
    REFUSALS.iter().any(|what| text.contains(what)) || (text.contains("the table ") && text.contains(" is full"))
}
