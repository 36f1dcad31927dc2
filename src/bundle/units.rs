//! Unit files of Kea, what changes them, and what they take from other files: variables and credentials.
//!
//! Files with variables or credentials stay where they are; what is secret in them is searched for in everything else.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::{Gathered, Request, secret_files, system};
use crate::config::Daemon;
use crate::redact;

/// Directories of unit files.
const UNITS: [&str; 3] = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

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
            system::copy(request, &file.display().to_string(), gathered);
            if let Ok(text) = request.root.regular_file(&file, LARGEST) {
                named.add(&redact::text_of(&text));
            }
        }
    }
    for path in &named.credentials {
        secret_files::learn(&request.root, path, gathered);
    }
    for path in &named.variables {
        match request.root.regular_file(path, LARGEST) {
            Ok(text) => {
                gathered.secrets.learn_text(&redact::text_of(&text));
                let why = "variables of a service may hold anything (--include adds it)";
                gathered.left_out(path.display().to_string(), why);
            }
            // A unit may name one that need not be there.
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
            Err(cause) => secret_files::unread(path, &cause, gathered),
        }
    }
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
    fn files_with_variables_and_credentials_are_known() {
        let mut named = Named::default();
        named.add(
            "[Service]\nEnvironmentFile=-/etc/kea/env\nEnvironmentFile=rel\nLoadCredential=pw:/etc/creds/pw\nX=y\n",
        );
        let set = |path: &str| BTreeSet::from([PathBuf::from(path)]);
        assert_eq!(named, Named { variables: set("/etc/kea/env"), credentials: set("/etc/creds/pw") });
    }
}
