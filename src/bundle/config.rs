//! Configurations on disk: those that the daemons have, what they include, and what is next to them.
//!
//! Files that only hold a secret (passwords, keys) are never copied; their names and sizes are listed, and what is in them
//! is searched for in everything else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Gathered, Request};
use crate::config::json::{Data, Value};
use crate::config::{Document, configuration_directories};
use crate::error::io_cause;
use crate::inspect::Root;
use crate::inspect::logging::{self, Found, Scope};

/// More than any configuration that is looked into.
const LARGEST: u64 = 16 << 20;
/// More than any file with a secret.
const LARGEST_SECRET: u64 = 64 << 10;
/// Deeper than configurations are.
const DEEPEST: usize = 4;

/// Members that name a file with a secret.
const SECRET_FILES: [&str; 6] =
    ["password-file", "basic-auth-password-file", "secret-file", "key-file", "client-keytab", "credentials-cache"];

/// Gathers configurations; what the daemons are by them.
pub(super) fn gather(request: &Request<'_>, gathered: &mut Gathered) -> Found {
    let scope = Scope {
        root: request.root.clone(),
        files: request.configurations.clone(),
        release: None,
        variable: request.variable,
    };
    let found = logging::examine(&scope);
    for error in &found.unread {
        gathered.missing("configuration", error.to_string());
    }
    let mut files: BTreeSet<PathBuf> = found.sites.iter().map(|site| site.config.file.clone()).collect();
    files.extend(found.sites.iter().flat_map(|site| site.config.files().map(Path::to_owned)));
    let mut folders: BTreeSet<PathBuf> = files.iter().filter_map(|file| Some(file.parent()?.to_owned())).collect();
    if request.configurations.is_empty() {
        folders.extend(configuration_directories().into_iter().filter(|folder| folder != Path::new("/run/kea")));
    }
    let mut listing = Vec::new();
    for folder in &folders {
        let is_usual = request.configurations.is_empty();
        list(&request.root, folder, if is_usual { 0 } else { DEEPEST }, &mut |path, size| {
            listing.push(format!("{size:>12}  {}\n", path.display()));
            if is_usual && is_configuration(path) {
                files.insert(path.to_owned());
            }
        });
    }
    for file in &files {
        copy(&request.root, file, gathered);
    }
    if !listing.is_empty() {
        gathered.own(
            "config/files.txt",
            "names and sizes in the directories of configurations",
            listing.concat().into_bytes(),
        );
    }
    found
}

/// Whether a name is that of a configuration or a copy of one that an editor or package left.
fn is_configuration(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let copies = ["~", ".bak", ".orig", ".old", ".save", ".dpkg-old", ".dpkg-dist", ".dpkg-new", ".rpmsave", ".rpmnew"];
    let name = copies.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    let end = Path::new(name).extension();
    end.is_some_and(|end| end == "conf" || end == "json")
}

/// Calls `each` with every regular file below a directory, in order.
fn list(root: &Root, folder: &Path, depth: usize, each: &mut dyn FnMut(&Path, u64)) {
    let Ok(mut directory) = root.directory(folder) else { return };
    let mut names = directory.pick(|name| Some(String::from_utf8_lossy(name).into_owned()));
    names.sort();
    for path in names.into_iter().map(|name| folder.join(name)) {
        let Ok(found) = std::fs::symlink_metadata(root.at(&path)) else { continue };
        match () {
            () if found.is_file() => each(&path, found.len()),
            () if found.is_dir() && depth < DEEPEST => list(root, &path, depth + 1, each),
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
        Err(cause) => return gathered.missing(shown, io_cause(&cause)),
    };
    let text = String::from_utf8_lossy(&octets).into_owned();
    let mut reader = |path: &Path| root.regular_file(std::path::absolute(path)?, LARGEST);
    let document = Document::parse(file, octets, &mut reader);
    if let Ok(value) = serde_json::to_value(document.value()) {
        gathered.secrets.learn_json(&value);
    }
    learn_files(root, document.value(), Path::new("/etc/kea"), gathered);
    let name = format!("config/{}", absolute.display().to_string().trim_start_matches('/'));
    gathered.text(&name, &shown, &text);
}

/// Learns what is in the files with secrets that a configuration names; names without a directory are in `folder`.
fn learn_files(root: &Root, value: &Value, folder: &Path, gathered: &mut Gathered) {
    let text = |value: &Value| match &value.data {
        Data::Text(octets) => Some(PathBuf::from(String::from_utf8_lossy(octets).trim_start_matches("FILE:"))),
        _ => None,
    };
    match &value.data {
        Data::List(items) => items.iter().for_each(|item| learn_files(root, item, folder, gathered)),
        Data::Map(members) => {
            let own = members.get("directory").and_then(text);
            let folder = own.as_deref().unwrap_or(folder);
            for (name, value) in members.iter() {
                let is_file = SECRET_FILES.iter().any(|known| known.as_bytes() == name);
                match text(value).filter(|_| is_file) {
                    Some(path) => learn_file(root, &folder.join(path), gathered),
                    None => learn_files(root, value, folder, gathered),
                }
            }
        }
        _ => {}
    }
}

/// Learns the lines of a file with a secret, of a pair also each half.
fn learn_file(root: &Root, path: &Path, gathered: &mut Gathered) {
    gathered.left_out(path.display().to_string(), "it holds a secret");
    let Ok(octets) = root.regular_file(path, LARGEST_SECRET) else { return };
    for line in String::from_utf8_lossy(&octets).lines().map(str::trim) {
        let is_label = line.starts_with("-----") || line.is_empty();
        if is_label {
            continue;
        }
        gathered.secrets.learn(line);
        if let Some((user, password)) = line.split_once(':') {
            gathered.secrets.keep(user);
            gathered.secrets.learn(password);
        }
    }
}
