//! Pid files: where they may be, what they hold, and whom the numbers belong to now.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::process;
use super::root::Root;
use crate::config::Daemon;
use crate::error::io_cause;
use crate::health::kea::facts::{Meaning, PidFile, Process};

/// Where distributions, source builds and containers have their pid files.
const DIRECTORIES: [&str; 8] = [
    "/run/kea",
    "/var/run/kea",
    "/run",
    "/var/run",
    "/usr/local/var/run/kea",
    "/usr/local/var/kea",
    "/opt/kea/var/run/kea",
    "/kea",
];

/// A pid file is a number and the end of a line.
const LARGEST: u64 = 4096;

/// The pid files found, and the directories that this user may not look into.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Pid files with the daemons that their names tell.
    pub files: Vec<(Daemon, PidFile)>,
    /// Why directories could not be looked into.
    pub unseen: Vec<String>,
}

/// Looks for the pid files of all daemons in `directories` and in the usual directories.
#[must_use]
pub(super) fn find(root: &Root, directories: &[PathBuf], running: &[(Daemon, Process)]) -> Found {
    let mut found = Found::default();
    let mut seen: Vec<(u64, u64)> = Vec::new();
    let usual = DIRECTORIES.map(PathBuf::from);
    for directory in directories.iter().chain(&usual) {
        // /var/run mostly leads to /run.
        if let Ok(found) = root.metadata(directory) {
            let identity = (found.dev(), found.ino());
            if seen.contains(&identity) {
                continue;
            }
            seen.push(identity);
        }
        match root.names(directory) {
            Ok(names) => found.files.extend(names.iter().filter_map(|name| {
                let daemon = daemon_of(name)?;
                Some((daemon, read(root, &directory.join(name), daemon, running)))
            })),
            Err(cause) if cause.kind() == io::ErrorKind::PermissionDenied => {
                found.unseen.push(format!("{}: {}", directory.display(), io_cause(&cause)));
            }
            Err(_) => {}
        }
    }
    found
}

/// The daemon of a pid file's name: `kea-dhcp4.conf` and `kea-dhcp4` make `kea-dhcp4.kea-dhcp4.pid`.
fn daemon_of(name: &Path) -> Option<Daemon> {
    let stem = name.to_str()?.strip_suffix(".pid")?;
    Daemon::from_process_name(stem.rsplit_once('.')?.1)
}

/// The name of the pid file of a daemon with this configuration file: the latter's without its last extension.
#[must_use]
pub(super) fn name_for(daemon: Daemon, configuration: &Path) -> PathBuf {
    let stem = configuration.file_stem().unwrap_or_default().to_string_lossy();
    format!("{stem}.{}.pid", daemon.process_name()).into()
}

/// The configuration's name in a pid file's name.
#[must_use]
pub(super) fn configuration_name(file: &Path, daemon: Daemon) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.strip_suffix(&format!(".{}.pid", daemon.process_name())).unwrap_or(&name).to_owned()
}

fn read(root: &Root, path: &Path, daemon: Daemon, running: &[(Daemon, Process)]) -> PidFile {
    let modified = root.modified(path).ok();
    let (pid, meaning) = match root.regular_file(path, LARGEST) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            (None, Meaning::Bad("it is a symbolic link into nowhere".to_owned()))
        }
        Err(cause) => (None, Meaning::Unreadable(io_cause(&cause))),
        Ok(text) => match number(&text) {
            Err(why) => (None, Meaning::Bad(why)),
            Ok(pid) => (Some(pid), meaning(root, path, pid, daemon, running, modified)),
        },
    };
    PidFile { path: path.to_owned(), modified, pid, meaning }
}

/// The number a pid file holds; Kea reads it in the same way, from the first word.
fn number(text: &[u8]) -> Result<u32, String> {
    let text = String::from_utf8_lossy(text);
    let mut words = text.split_whitespace();
    match (words.next(), words.next()) {
        (None, _) => Err("it is empty".to_owned()),
        (Some(_), Some(_)) => Err("it holds more than one word".to_owned()),
        (Some(word), None) => match word.parse::<u32>() {
            Ok(pid) if pid > 0 && i32::try_from(pid).is_ok() => Ok(pid),
            _ => Err(format!("\"{}\" is no process number", word.chars().take(20).collect::<String>())),
        },
    }
}

fn meaning(
    root: &Root,
    path: &Path,
    pid: u32,
    daemon: Daemon,
    running: &[(Daemon, Process)],
    modified: Option<i64>,
) -> Meaning {
    let owner = running.iter().find(|(other, process)| *other == daemon && names(path, pid, daemon, process));
    if let Some((_, process)) = owner {
        let is_its_own = process.config.as_ref().is_some_and(|file| path.ends_with(name_for(daemon, file)));
        // The clock may have been set since, so the time decides only where the name does not.
        if is_its_own || modified.is_none_or(|modified| modified + 1 >= process.started) {
            return Meaning::Current;
        }
    }
    match process::name(root, pid) {
        Ok(name) => Meaning::Reused(name),
        Err(_) if process::exists(root, pid) => Meaning::Reused("unknown".to_owned()),
        Err(_) => Meaning::Stale,
    }
}

/// Whether a pid file's number is the process's; in a container that is the inner one.
fn names(path: &Path, pid: u32, daemon: Daemon, process: &Process) -> bool {
    let is_inner = process.inner_pid == Some(pid)
        && process.config.as_ref().is_some_and(|file| path.ends_with(name_for(daemon, file)));
    process.pid == pid || is_inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_daemon_and_configuration() {
        let name = name_for(Daemon::Dhcp4, Path::new("/etc/kea/tt-kea-dhcp4-dev1.conf"));
        assert_eq!(name, Path::new("tt-kea-dhcp4-dev1.kea-dhcp4.pid"));
        assert_eq!(daemon_of(&name), Some(Daemon::Dhcp4));
        assert_eq!(configuration_name(&name, Daemon::Dhcp4), "tt-kea-dhcp4-dev1");
        for other in ["kea-dhcp4.pid", "sshd.pid", "kea-dhcp4.kea-dhcp4.pid.lock", "x.kea-dhcp9.pid"] {
            assert_eq!(daemon_of(Path::new(other)), None, "{other}");
        }
    }

    #[test]
    fn only_a_single_number_is_a_process_number() {
        assert_eq!(number(b"4711\n"), Ok(4711));
        for bad in ["", "\n", "0", "-1", "12\n13", "99999999999999999999", "4294967295", "x", "1x", "\u{0}\u{0}"] {
            assert!(number(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }
}
