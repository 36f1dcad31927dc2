//! Unit files of Kea, what changes them, and what they take from other files: variables and credentials.
//!
//! Files with variables or credentials stay where they are; what is secret in them is searched for in everything else.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::unit_names::Named;
use super::{Gathered, Request, secret_files, system, unit_files, variables};
use crate::fs::access::is_absent;
use crate::redact;

/// Files with variables that packages of Kea, scripts of init and logins read.
const USUAL: [&str; 8] = [
    "/etc/default/kea*",
    "/etc/default/isc-kea*",
    "/etc/sysconfig/kea*",
    "/etc/sysconfig/isc-kea*",
    "/etc/conf.d/kea*",
    "/etc/rc.conf.d/kea*",
    "/etc/environment",
    "/etc/environment.d/*.conf",
];

/// Gathers them.
pub(super) fn gather(request: &Request, gathered: &mut Gathered) {
    let root = &request.root;
    // /lib is often another name of /usr/lib.
    let mut known = BTreeSet::new();
    let mut named = Named::default();
    for file in unit_files::files(root) {
        let Ok(found) = root.metadata(&file) else { continue };
        if known.insert((found.dev(), found.ino())) {
            named.add(&copy(request, &file, gathered));
        }
    }
    for file in unit_files::OF_ALL.iter().flat_map(|pattern| unit_files::matching(root, pattern)) {
        match root.regular_file(&file, unit_files::LARGEST) {
            Ok(octets) => learn(&redact::text_of(&octets), gathered),
            Err(cause) if is_absent(&cause) => {}
            Err(cause) => secret_files::unread(&file, &cause, gathered),
        }
    }
    named.variables.extend(USUAL.map(str::to_owned));
    let is_file = |path: &PathBuf| !root.metadata(path).is_ok_and(|found| !found.is_file());
    let is_there = |path: &PathBuf| !root.metadata(path).is_err_and(|cause| is_absent(&cause));
    let each = |patterns: BTreeSet<String>| {
        let files = patterns.into_iter().flat_map(|pattern| unit_files::matching(root, &pattern));
        // A unit may name one that need not be there.
        files.filter(|path| is_there(path) && is_file(path)).collect::<BTreeSet<_>>()
    };
    for path in each(named.credentials) {
        secret_files::learn(root, &path, gathered);
    }
    for path in each(named.variables) {
        of_variables(request, &path, gathered);
    }
}

/// Learns the values of a file with variables, which stays where it is.
fn of_variables(request: &Request, path: &Path, gathered: &mut Gathered) {
    match request.root.regular_file(path, unit_files::LARGEST) {
        Ok(octets) => {
            let text = redact::text_of(&octets);
            gathered.secrets.learn_text(&text);
            for (name, value) in variables::of_file(&text) {
                variables::learn(&name, &value, gathered);
            }
            let whole_lines = text.replace("\r\n", "\n").replace("\\\n", "");
            for (name, value) in whole_lines.lines().filter_map(|line| line.split_once('=')) {
                let name = name.trim_start_matches(['#', ' ', '\t']).trim_start_matches("export ").trim();
                variables::learn(name, value.trim().trim_matches(['"', '\'']), gathered);
            }
            let why = "variables of a service may hold anything (--include adds it)";
            gathered.left_out(path.display().to_string(), why);
            gathered.never_copied.insert(path.display().to_string());
        }
        Err(cause) => secret_files::unread(path, &cause, gathered),
    }
}

/// Adds a unit file without the values of variables in it; its text.
fn copy(request: &Request, file: &Path, gathered: &mut Gathered) -> String {
    let shown = file.display().to_string();
    let text = match request.root.regular_file(file, unit_files::LARGEST) {
        Ok(octets) => redact::text_of(&octets),
        Err(cause) => {
            secret_files::unread(file, &cause, gathered);
            return String::new();
        }
    };
    learn(&text, gathered);
    let clean = without_values(&text, &mut |_, _| {});
    gathered.text(&system::name_of(&shown), &shown, &clean);
    text
}

/// Learns what a unit sets: variables and credentials.
fn learn(text: &str, gathered: &mut Gathered) {
    gathered.secrets.learn_text(text);
    without_values(text, &mut |name, value| {
        variables::learn(name, value, gathered);
        // A specifier is written with one, and its sign with two.
        variables::learn(name, &value.replace("%%", "%"), gathered);
    });
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
    matches!(name.trim_matches([' ', '\t', '#', ';']), "Environment" | "DefaultEnvironment" | "ManagerEnvironment")
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
}
