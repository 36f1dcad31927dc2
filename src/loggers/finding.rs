//! What is wrong with the logging of a daemon: each fault with its place, what happens, and the remedy.

mod files;
mod form;
mod level;
mod name;
mod output;
mod whole;

use super::entry::Entry;
use super::site::Site;

pub use whole::shared_files;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Something is not as it is written.
    Warning,
    /// Messages are lost, or the daemon does not start or hangs.
    Critical,
}

impl Grade {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub grade: Grade,
    /// Its kind, the same in every run: `wildcard`, `duplicate` …
    pub kind: &'static str,
    /// Where it is written: `file:line:column`.
    pub place: String,
    /// The logger that it is about, as it is written.
    pub logger: String,
    /// What is wrong.
    pub what: String,
    /// What happens.
    pub effect: String,
    /// What helps.
    pub remedy: String,
}

/// A kind of finding, with what is always the same about it.
#[derive(Debug, Clone, Copy)]
struct FindingKind(Grade, &'static str);

impl Finding {
    /// Whether it is only that something could not be looked at.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.kind == UNSEEN.1
    }
}

impl FindingKind {
    fn at(self, entry: &Entry<'_>, what: String, effect: impl Into<String>, remedy: impl Into<String>) -> Finding {
        let place = entry.place().to_string();
        self.found(place, entry.written_name(), what, effect, remedy)
    }

    fn found(
        self,
        place: String,
        logger: &str,
        what: String,
        effect: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Finding {
        let (effect, remedy) = (effect.into(), remedy.into());
        Finding { grade: self.0, kind: self.1, place, logger: logger.to_owned(), what, effect, remedy }
    }
}

/// What this user cannot look at: neither good nor bad.
const UNSEEN: FindingKind = FindingKind(Grade::Warning, "not-examined");

/// What `-t` says of a fault that it does not see.
const UNSEEN_BY_T: &str = "the daemon does not start, although -t finds nothing";

/// Findings that something is not written.
const MISSING: [&str; 6] =
    ["no-root-logger", "no-name", "no-severity", "debug-without-level", "no-outputs", "no-output"];

/// What is wrong with a daemon's logging; the order is that of the configuration.
#[must_use]
pub fn findings(site: &Site) -> Vec<Finding> {
    let entries = Entry::all(site);
    let mut all = form::findings(site);
    all.extend(whole::findings(site, &entries));
    for entry in &entries {
        all.extend(form::of_entry(entry));
        all.extend(name::finding(entry));
        all.extend(level::findings(entry));
        all.extend(output::of_entry(entry));
        for output in entry.outputs() {
            all.extend(output::findings(entry, output));
            all.extend(files::finding(entry, output));
        }
    }
    all.extend(whole::lock_directory(site));
    if site.config.syntax_error.is_some() {
        // What is missing may follow the error.
        all.retain(|finding| !MISSING.contains(&finding.kind));
    }
    all
}

#[cfg(test)]
mod tests;
