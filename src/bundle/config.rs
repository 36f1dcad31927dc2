//! Configurations on disk: those that the daemons have, what they include, and what is next to them.
//!
//! Files that only hold a secret (passwords, keys) are never copied; their names and sizes are listed, and what is in them
//! is searched for in everything else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Gathered, Request, secret_files};
use crate::anonymize;
use crate::config::{Daemon, Document, configuration_directories};
use crate::error::io_cause;
use crate::fs::access::is_absent;
use crate::inspect::Root;
use crate::inspect::logging::{self, Found, Scope};
use crate::redact;

/// More than any configuration that is looked into.
const LARGEST: u64 = 16 << 20;
/// Deeper than configurations are.
const DEEPEST: usize = 4;
/// No directory of configurations has more files.
const MOST: usize = 5000;

/// Gathers configurations; what the daemons are by them.
pub(super) fn gather(request: &Request, gathered: &mut Gathered) -> Found {
    let scope = Scope {
        root: request.root.clone(),
        files: request.configurations.clone(),
        release: None,
        variable: &request.variable(),
    };
    let mut found = logging::examine(&scope);
    // DHCP servers first; of several with the same program always the same one is the second.
    let rank = |daemon: Daemon| Daemon::ALL.iter().position(|other| *other == daemon);
    found.sites.sort_by_cached_key(|site| (rank(site.config.daemon), site.config.file.clone()));
    for error in &found.unread {
        gathered.missing("configuration", error.to_string());
    }
    let mut files: BTreeSet<PathBuf> = found.sites.iter().map(|site| site.config.file.clone()).collect();
    files.extend(found.sites.iter().flat_map(|site| site.config.files().map(Path::to_owned)));
    // One that has an error may have no daemon in it.
    files.extend(request.configurations.iter().cloned());
    files.extend(beside(request, &files, gathered));
    for file in &files {
        copy(&request.root, file, gathered);
    }
    secret_files::of_clients(&request.root, &request.files_of_clients(), gathered);
    if found.sites.is_empty() && found.unread.is_empty() {
        gathered.missing(
            "configuration",
            "no daemon of Kea runs, and there is none in a usual place (name one with -c FILE)",
        );
    }
    for site in &found.sites {
        if let Some(error) = &site.config.syntax_error {
            gathered.missing("the whole configuration", error.to_string());
        }
    }
    found
}

/// Lists the files in the directories of configurations; those that are configurations too, or copies of one.
fn beside(request: &Request, files: &BTreeSet<PathBuf>, gathered: &mut Gathered) -> BTreeSet<PathBuf> {
    let mut folders: BTreeSet<PathBuf> = files.iter().filter_map(|file| Some(file.parent()?.to_owned())).collect();
    let is_usual = request.configurations.is_empty();
    if is_usual {
        folders.extend(configuration_directories().into_iter().filter(|folder| folder != Path::new("/run/kea")));
    }
    let (mut listing, mut found, mut secrets) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut hidden = BTreeSet::new();
    for folder in &folders {
        if let Err(cause) = request.root.directory(folder)
            && cause.kind() == std::io::ErrorKind::PermissionDenied
        {
            gathered.missing(format!("files in {}", folder.display()), io_cause(&cause));
        }
        let depth = if is_usual { 0 } else { DEEPEST };
        list(&request.root, folder, depth, &mut hidden, &mut |path, size| {
            if listing.len() < MOST {
                listing.insert((path.to_owned(), size));
            }
            if is_usual && is_configuration(path) {
                found.insert(path.to_owned());
            } else if secret_files::is_one(path) {
                secrets.insert(path.to_owned());
            }
        });
    }
    for folder in hidden.difference(&folders) {
        gathered.missing(folder.display().to_string(), "permission denied; its files are not listed (run as root)");
    }
    for path in secrets {
        secret_files::learn(&request.root, &path, gathered);
    }
    let line = |(path, size): &(PathBuf, u64)| format!("{size:>12}  {}\n", path.display());
    let lines = listing.iter().map(line).collect::<Vec<_>>().concat();
    if !lines.is_empty() {
        gathered.own("config/files.txt", "names and sizes in the directories of configurations", lines.as_bytes());
    }
    found
}

/// Whether a name is that of a configuration or a copy of one that an editor or package left.
fn is_configuration(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let copies =
        ["~", ".bak", ".orig", ".old", ".save", ".swp", ".dpkg-old", ".dpkg-dist", ".dpkg-new", ".rpmsave", ".rpmnew"];
    let name = copies.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    let end = Path::new(name).extension();
    end.is_some_and(|end| end == "conf" || end == "json") && !secret_files::is_one(Path::new(name))
}

/// Calls `each` with every regular file below a directory, in order; `hidden` are directories that may not be read.
fn list(root: &Root, folder: &Path, depth: usize, hidden: &mut BTreeSet<PathBuf>, each: &mut dyn FnMut(&Path, u64)) {
    let mut directory = match root.directory(folder) {
        Ok(directory) => directory,
        Err(cause) => {
            let is_denied = cause.kind() == std::io::ErrorKind::PermissionDenied;
            hidden.extend(is_denied.then(|| folder.to_owned()));
            return;
        }
    };
    let mut names = directory.pick(|name| Some(String::from_utf8_lossy(name).into_owned()));
    names.sort();
    for path in names.into_iter().map(|name| folder.join(name)) {
        let Ok(found) = std::fs::symlink_metadata(root.at(folder).join(path.file_name().unwrap_or_default())) else {
            continue;
        };
        match () {
            () if found.is_file() => each(&path, found.len()),
            () if found.is_dir() && depth < DEEPEST => list(root, &path, depth + 1, hidden, each),
            () => {}
        }
    }
}

/// Adds a configuration, and learns what is secret in it.
fn copy(root: &Root, file: &Path, gathered: &mut Gathered) {
    let shown = file.display().to_string();
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let octets = match root.regular_file(&absolute, LARGEST) {
        Ok(octets) => octets,
        // A pipe or device has no configuration that a daemon could read twice.
        Err(cause) if !is_absent(&cause) && !root.metadata(&absolute).is_ok_and(|found| !found.is_file()) => {
            return secret_files::unread(&absolute, &cause, gathered);
        }
        // It may be reported already, with a remedy.
        Err(_) if gathered.missing.iter().any(|missing| missing.why.contains(&shown)) => return,
        Err(cause) => return gathered.missing(shown, io_cause(&cause)),
    };
    let text = redact::text_of(&octets);
    // Of what is no JSON for Kea, as a copy in UTF-16, the secrets are wanted nevertheless.
    let octets = if octets.contains(&0) { text.clone().into_bytes() } else { octets };
    let mut reader = |path: &Path| root.regular_file(std::path::absolute(path)?, LARGEST);
    let document = Document::parse(file, octets, &mut reader);
    if let Ok(value) = serde_json::to_value(document.value()) {
        gathered.secrets.learn_json(&value);
        scripts(root, &value, gathered);
        clients(&value, false, &mut gathered.names);
    }
    secret_files::named(root, document.value(), Path::new("/etc/kea"), gathered);
    let name = format!("config/{}", absolute.display().to_string().trim_start_matches('/'));
    gathered.text(&name, &shown, &text);
}

/// Learns from the scripts that hooks run, which stay where they are.
fn scripts(root: &Root, value: &serde_json::Value, gathered: &mut Gathered) {
    match value {
        serde_json::Value::Object(members) => {
            let is_script =
                members.get("library").and_then(|it| it.as_str()).is_some_and(|it| it.contains("run_script"));
            let name =
                members.get("parameters").and_then(|parameters| parameters.get("name")).and_then(|name| name.as_str());
            match name.filter(|_| is_script).map(|name| (name, root.regular_file(name, 1 << 20))) {
                Some((name, Ok(text))) => {
                    gathered.secrets.learn_text(&redact::text_of(&text));
                    gathered.left_out(name, "a script may hold anything (--include adds it)");
                }
                Some((name, Err(cause))) => secret_files::unread(Path::new(name), &cause, gathered),
                None => {}
            }
            members.values().for_each(|value| scripts(root, value, gathered));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| scripts(root, item, gathered)),
        _ => {}
    }
}

/// The names of clients with reservations, and what else is said of them.
fn clients(value: &serde_json::Value, is_of_client: bool, names: &mut BTreeSet<String>) {
    const IDENTIFIERS: [&str; 6] = ["hw-address", "duid", "client-id", "circuit-id", "flex-id", "remote-id"];
    /// Options with the name of a client.
    const OPTIONS: [&str; 4] = ["host-name", "fqdn", "client-fqdn", "bootp-host-name"];
    const CODES: [u64; 3] = [12, 39, 81];
    match value {
        serde_json::Value::Object(members) => {
            let is_client = is_of_client || IDENTIFIERS.iter().any(|name| members.contains_key(*name));
            let has_name = members.get("name").and_then(|name| name.as_str()).is_some_and(|it| OPTIONS.contains(&it));
            let is_name = has_name
                || members.get("code").and_then(serde_json::Value::as_u64).is_some_and(|it| CODES.contains(&it));
            for (name, value) in members {
                if name == "test" {
                    devices(value, names);
                }
                let is_wanted = match name.as_str() {
                    "hostname" | "user-context" | "comment" => is_client,
                    "data" => is_client && is_name,
                    name => IDENTIFIERS.contains(&name),
                };
                if is_wanted { strings(value, names) } else { clients(value, is_client, names) }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| clients(item, is_of_client, names)),
        _ => {}
    }
}

/// The hardware addresses in the expression of a class, which may be those of clients.
fn devices(test: &serde_json::Value, names: &mut BTreeSet<String>) {
    const ADDRESS: usize = 12;
    let words = test.as_str().unwrap_or_default().split(|c: char| !c.is_ascii_alphanumeric());
    names.extend(words.filter(|word| word.len() == ADDRESS).filter_map(anonymize::device_of));
}

fn strings(value: &serde_json::Value, all: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(members) => members.values().for_each(|value| strings(value, all)),
        serde_json::Value::Array(items) => items.iter().for_each(|item| strings(item, all)),
        // Octets are known by their place and shape; only hardware addresses are written in other ways too.
        serde_json::Value::String(text) if anonymize::is_octets(text) => all.extend(anonymize::device_of(text)),
        serde_json::Value::String(text) => {
            all.insert(text.trim_matches('\'').to_owned());
        }
        _ => {}
    }
}
