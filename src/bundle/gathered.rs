//! What was gathered.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use super::unlearned::Unlearned;
use super::{Content, Member};
use crate::config::Daemon;
use crate::control::Deadline;
use crate::redact::{self, Counts, Lines, Secrets};

/// What was gathered.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The files of the bundle.
    pub members: Vec<Member>,
    /// What is not in it, and why.
    pub missing: Vec<Missing>,
    /// What is known to be secret.
    pub secrets: Secrets,
    /// Names and other values of clients, for replacements.
    pub names: BTreeSet<String>,
    /// Until when names of clients are replaced in large files; what is not done then is left out.
    pub until: Option<Deadline>,
    /// Where large files are kept meanwhile, without names.
    pub spool: PathBuf,
    /// What could not be learned, by which texts would be searched.
    pub(super) unlearned: Unlearned,
    /// What is missing with a reason that another program has written.
    pub(super) quoted: BTreeSet<String>,
    /// Files that no part may copy, whatever else they are.
    pub(super) never_copied: BTreeSet<String>,
}

/// Something that is not in the bundle.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Missing {
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
    /// Whether it was left out on purpose.
    pub is_meant: bool,
}

impl Gathered {
    /// Whether nothing of Kea is there: neither a configuration nor a log nor a process.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let folders = ["config/", "logs/", "include/", "processes", "running/"];
        let is_keas = |member: &Member| folders.iter().any(|folder| member.path.starts_with(folder));
        !self.unlearned.is_any() && !self.members.iter().any(is_keas)
    }

    /// Adds a text without the secrets that are recognized in it.
    pub(super) fn text(&mut self, path: &str, source: &str, text: &str) {
        self.secrets.learn_text(text);
        let (clean, counts) = redact::counted(text);
        self.add(path, source, Content::Text(clean.into_owned().into_bytes()), counts);
    }

    /// Adds JSON, line by line, without the secrets that are recognized in it.
    pub(super) fn json(&mut self, path: &str, source: &str, value: serde_json::Value) {
        self.secrets.learn_json(&value);
        let text = serde_json::to_string_pretty(&redact::json(value)).unwrap_or_default();
        let mut counts = Counts::default();
        counts.add(redact::Rule::Name, text.matches(redact::REDACTED).count() as u64);
        self.add(path, source, Content::Text(format!("{text}\n").into_bytes()), counts);
    }

    /// Adds what our own programs print; it has the secrets of other texts only, but it is looked at too.
    pub(super) fn own(&mut self, path: &str, source: &str, text: &[u8]) {
        if !text.is_empty() {
            self.text(path, source, &String::from_utf8_lossy(text));
        }
    }

    pub(super) fn add(&mut self, path: &str, source: &str, content: Content, redactions: Counts) {
        let (path, source) = (self.free(path), source.to_owned());
        self.members.push(Member { path, source, content, is_cut: false, is_anonymized: false, redactions });
    }

    /// Adds leases that `write` writes into a file, which may be larger than memory, without their secrets.
    pub(super) fn leases(
        &mut self,
        path: &str,
        source: &str,
        spool: File,
        write: impl FnOnce(&mut dyn Write) -> crate::error::Result<()>,
    ) -> crate::error::Result<()> {
        let out = BufWriter::with_capacity(1 << 16, spool);
        let mut cleaner = Cleaner { out, line: Vec::new(), lines: Lines::default(), secrets: &mut self.secrets };
        let written = write(&mut cleaner).and_then(|()| {
            let ended = cleaner.finish();
            ended.map_err(|cause| crate::error::Error::io("keep what was read", &cause))
        });
        let Cleaner { out, lines, .. } = cleaner;
        written?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error);
        let file = file.map_err(|cause| crate::error::Error::io("keep what was read", &cause))?;
        self.add(path, source, Content::Spool(file), lines.counts);
        self.members.iter_mut().last().into_iter().for_each(|member| member.is_anonymized = true);
        Ok(())
    }

    /// A path that no other file has.
    fn free(&self, path: &str) -> String {
        let is_taken = |path: &str| self.members.iter().any(|member| member.path == path);
        let numbered = |number: u32| if number == 1 { path.to_owned() } else { format!("{path}.{number}") };
        (1..=u32::MAX).map(numbered).find(|path| !is_taken(path)).unwrap_or_default()
    }

    /// Takes over what another step has gathered.
    pub(super) fn merge(&mut self, other: Self) {
        for member in other.members {
            let path = self.free(&member.path);
            self.members.push(Member { path, ..member });
        }
        other.missing.into_iter().for_each(|missing| self.add_missing(missing));
        self.secrets.merge(other.secrets);
        self.names.extend(other.names);
        self.unlearned.merge(other.unlearned);
        self.quoted.extend(other.quoted);
        self.never_copied.extend(other.never_copied);
    }

    /// Removes copies of files that another step has found to be no files to copy; not what the user names.
    pub(super) fn remove_never_copied(&mut self) {
        self.members.retain(|it| it.path.starts_with("include/") || !self.never_copied.contains(&it.source));
    }

    pub(super) fn missing(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.add_missing(Missing { what: what.into(), why: why.into(), is_meant: false });
    }

    /// The same with a reason that another program has written, which may have secrets.
    pub(super) fn missing_as_said(&mut self, what: impl Into<String>, why: impl Into<String>) {
        let what = what.into();
        self.quoted.insert(what.clone());
        self.missing(what, why);
    }

    /// Lists something once.
    fn add_missing(&mut self, missing: Missing) {
        if !self.missing.contains(&missing) {
            self.missing.push(missing);
        }
    }

    /// Daemons that do not run and need not leave no gap.
    pub(super) fn expect_no_answers(&mut self, at_rest: &[Daemon]) {
        for daemon in at_rest {
            let what = answers_of(daemon.process_name());
            let is_it = |it: &&mut Missing| it.what == what;
            for missing in self.missing.iter_mut().filter(is_it) {
                missing.is_meant = true;
            }
        }
    }

    pub(super) fn left_out(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.add_missing(Missing { what: what.into(), why: why.into(), is_meant: true });
    }
}

/// The name of what a daemon answers.
pub(super) fn answers_of(name: &str) -> String {
    format!("answers of {name}")
}

/// Writes lines without their secrets.
struct Cleaner<'a> {
    out: BufWriter<File>,
    line: Vec<u8>,
    lines: Lines,
    secrets: &'a mut Secrets,
}

impl Cleaner<'_> {
    fn finish(&mut self) -> io::Result<()> {
        self.end()?;
        self.out.write_all(self.lines.end(self.secrets).as_bytes())
    }

    fn end(&mut self) -> io::Result<()> {
        let text = String::from_utf8_lossy(&self.line);
        self.out.write_all(self.lines.clean(&text, self.secrets).as_bytes())?;
        self.line.clear();
        Ok(())
    }
}

impl Write for Cleaner<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        for part in text.split_inclusive(|octet| *octet == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.end()?;
            }
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
