//! Unit files of Kea, what changes them, and what they take from other files: variables and credentials.
//!
//! Files with variables or credentials stay where they are; what is secret in them is searched for in everything else.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::{Gathered, Request, secret_files, system, variables};
use crate::config::Daemon;
use crate::error::io_cause;
use crate::fs::access::is_absent;
use crate::redact;

/// Directories of unit files.
const UNITS: [&str; 3] = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

/// Files with variables that packages of Kea and scripts of init read.
const USUAL: [&str; 3] = ["/etc/default/kea", "/etc/default/kea-dhcp4-server", "/etc/sysconfig/kea"];

/// More than any file of variables.
const LARGEST: u64 = 256 << 10;

/// Gathers them.
pub(super) fn gather(request: &Request, gathered: &mut Gathered) {
    // /lib is often another name of /usr/lib.
    let mut known = BTreeSet::new();
    let mut named = Named::default();
    for file in files(request) {
        let Ok(found) = request.root.metadata(&file) else { continue };
        if known.insert((found.dev(), found.ino())) {
            named.add(&copy(request, &file, gathered));
        }
    }
    named.variables.extend(USUAL.iter().map(PathBuf::from));
    for path in &named.credentials {
        secret_files::learn(&request.root, path, gathered);
    }
    for path in &named.variables {
        match request.root.regular_file(path, LARGEST) {
            Ok(text) => {
                gathered.secrets.learn_text(&redact::text_of(&text));
                let why = "variables of a service may hold anything (--include adds it)";
                gathered.left_out(path.display().to_string(), why);
                gathered.never_copied.insert(path.display().to_string());
            }
            // A unit may name one that need not be there.
            Err(cause) if is_absent(&cause) => {}
            Err(cause) => secret_files::unread(path, &cause, gathered),
        }
    }
}

/// Adds a unit file without the values of variables in it; its text.
fn copy(request: &Request, file: &Path, gathered: &mut Gathered) -> String {
    let shown = file.display().to_string();
    let text = match request.root.regular_file(file, LARGEST) {
        Ok(octets) => redact::text_of(&octets),
        Err(cause) => {
            gathered.missing(shown, io_cause(&cause));
            return String::new();
        }
    };
    gathered.secrets.learn_text(&text);
    let clean = without_values(&text, &mut |name, value| variables::learn(name, value, gathered));
    gathered.text(&system::name_of(&shown), &shown, &clean);
    text
}

/// A unit with the names of the variables that it sets, and values only of those that are shown; `hidden` gets the others.
fn without_values(unit: &str, hidden: &mut dyn FnMut(&str, &str)) -> String {
    let mut shown = |text: &str| {
        let inner = text.trim_matches(['"', '\'']);
        let Some((name, value)) = inner.split_once('=') else {
            hidden("", inner);
            return redact::REDACTED.to_owned();
        };
        if redact::is_shown_variable(name) {
            return text.to_owned();
        }
        hidden(name, value.trim_matches(['"', '\'']));
        format!("{name}={}", redact::REDACTED)
    };
    let mut out = String::new();
    let mut lines = unit.split_inclusive('\n');
    while let Some(line) = lines.next() {
        let Some((name, values)) = line.split_once('=').filter(|(name, _)| sets_variables(name)) else {
            out += line;
            continue;
        };
        let values = joined(values, &mut lines);
        let values: Vec<String> = assignments(&values).into_iter().map(&mut shown).collect();
        out.extend([name, "=", &values.join(" "), "\n"]);
    }
    out
}

/// Whether a setting has variables, also in a comment.
fn sets_variables(name: &str) -> bool {
    name.trim_matches([' ', '\t', '#', ';']) == "Environment"
}

/// The rest of a setting in one line; comments between its lines are no part of it.
fn joined<'a>(first: &str, lines: &mut impl Iterator<Item = &'a str>) -> String {
    let mut all = first.trim().to_owned();
    while all.ends_with('\\') {
        all.truncate(all.len() - 1);
        let is_comment = |line: &&str| line.trim_start().starts_with(['#', ';']);
        let Some(next) = lines.find(|line| !is_comment(line)) else { break };
        all = format!("{all} {}", next.trim());
    }
    all
}

/// The words of a list, whose quotes may hold blanks.
fn assignments(list: &str) -> Vec<&str> {
    let mut quote = None;
    let mut is_escaped = false;
    let parts = list.split(|c: char| {
        match (quote, c) {
            _ if is_escaped => is_escaped = false,
            (_, '\\') => is_escaped = true,
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            _ => return quote.is_none() && c.is_whitespace(),
        }
        false
    });
    parts.filter(|part| !part.is_empty()).collect()
}

/// The unit files of Kea's daemons, and what is in the directories of changes to them.
fn files(request: &Request) -> BTreeSet<PathBuf> {
    let is_keas = |name: &str| Daemon::ALL.iter().any(|daemon| name.contains(daemon.process_name()));
    let mut files = BTreeSet::new();
    for folder in UNITS.iter().map(Path::new) {
        let Ok(mut directory) = request.root.directory(folder) else { continue };
        let names =
            directory.pick(|name| Some(String::from_utf8_lossy(name).into_owned()).filter(|name| is_keas(name)));
        for path in names.into_iter().map(|name| folder.join(name)) {
            let kind = path.extension().unwrap_or_default().to_owned();
            if kind == "service" {
                files.insert(path);
            } else if kind == "d"
                && let Ok(mut drop_ins) = request.root.directory(&path)
            {
                files.extend(drop_ins.pick(|name| Some(path.join(String::from_utf8_lossy(name).into_owned()))));
            }
        }
    }
    files
}

/// Files that units name.
#[derive(Debug, Default, PartialEq, Eq)]
struct Named {
    variables: BTreeSet<PathBuf>,
    credentials: BTreeSet<PathBuf>,
}

impl Named {
    fn add(&mut self, unit: &str) {
        for (name, value) in unit.lines().filter_map(|line| line.trim().split_once('=')) {
            let value = value.trim().trim_matches(['"', '\'']);
            match name.trim_end() {
                "EnvironmentFile" => self.variables.extend(absolute(value.trim_start_matches('-'))),
                "LoadCredential" | "LoadCredentialEncrypted" => {
                    self.credentials.extend(value.split_once(':').and_then(|(_, path)| absolute(path)));
                }
                _ => {}
            }
        }
    }
}

fn absolute(path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    path.is_absolute().then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_variables_in_units_the_names_are_kept() {
        for (unit, expected) in [
            ("A=one \"B=two three\" TZ=UTC\n", "A=(redacted) B=(redacted) TZ=UTC\n"),
            ("KEA_PIDFILE_DIR=/run \\\n  'C=four five'\nUser=a\n", "KEA_PIDFILE_DIR=/run C=(redacted)\nUser=a\n"),
            ("A=1 \\\n# a note\n; more\nB=hunter22\nUser=a\n", "A=(redacted) B=(redacted)\nUser=a\n"),
            ("\"A=one \\\n  two three\" B=x\nUser=a\n", "A=(redacted) B=(redacted)\nUser=a\n"),
            ("A=1 \\", "A=(redacted)\n"),
            ("KEA_TSIG=six KEA_CTRL_CREDS=ops:seven", "KEA_TSIG=(redacted) KEA_CTRL_CREDS=(redacted)\n"),
        ] {
            for name in ["Environment=", "Environment =", "#Environment=", " ; Environment ="] {
                let clean = without_values(&format!("[Service]\n{name}{unit}"), &mut |_, _| {});
                assert_eq!(clean, format!("[Service]\n{name}{expected}"));
            }
        }
    }

    #[test]
    fn files_with_variables_and_credentials_are_known() {
        let mut named = Named::default();
        named.add(
            "[Service]\nEnvironmentFile=-/etc/kea/env\nEnvironmentFile=rel\nLoadCredential=pw:/etc/creds/pw\nX=y\n",
        );
        let set = |path: &str| BTreeSet::from([PathBuf::from(path)]);
        assert_eq!(named, Named { variables: set("/etc/kea/env"), credentials: set("/etc/creds/pw") });
    }
}
