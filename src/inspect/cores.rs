//! Core files of crashed daemons, in the directories of the kernel and of systemd.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::root::Root;
use crate::config::Daemon;
use crate::health::kea::facts::{Core, Process};

/// Directories of core files, in addition to that of `core_pattern`.
const DIRECTORIES: [&str; 3] = ["/var/lib/systemd/coredump", "/var/crash", "/var/lib/kea"];

/// The contents of the directories of core files, each read once for all daemons.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// The contents of the usual directories and of that of `core_pattern`.
    usual: Vec<PathBuf>,
    /// Whether the kernel writes them into the process's working directory.
    are_beside: bool,
    /// What is in these.
    beside: Mutex<HashMap<PathBuf, Vec<PathBuf>>>,
}

impl Kept {
    /// Reads the directories of core files.
    pub(crate) fn list(root: &Root) -> Self {
        let pattern = root.small_file("/proc/sys/kernel/core_pattern").unwrap_or_default();
        let pattern = String::from_utf8_lossy(&pattern).trim().to_owned();
        let by_pattern = Path::new(&pattern).parent().filter(|folder| folder.is_absolute());
        let mut directories: Vec<&Path> = DIRECTORIES.iter().map(Path::new).collect();
        directories.extend(by_pattern.filter(|it| !DIRECTORIES.iter().any(|other| Path::new(other) == *it)));
        let usual = directories.iter().flat_map(|directory| files(root, directory)).collect();
        Self { usual, are_beside: !pattern.starts_with(['/', '|']), beside: Mutex::default() }
    }

    /// The core files with the daemon's name, newest first; if names are not in use, those in its working directory.
    pub(crate) fn of(&self, root: &Root, daemon: Daemon, process: Option<&Process>) -> Vec<Core> {
        let own = process.filter(|process| self.are_beside && process.inner_pid.is_none());
        let own = own.map(|process| self.beside(root, process.pid)).unwrap_or_default();
        let named = self.usual.iter().filter(|path| is_core_of(&name(path), daemon, false));
        let own = own.iter().filter(|path| !self.usual.contains(path) && is_core_of(&name(path), daemon, true));
        let dated = |path: &PathBuf| Some(Core { path: path.clone(), modified: root.modified(path).ok()? });
        let mut cores: Vec<Core> = named.chain(own).filter_map(dated).collect();
        cores.sort_by_key(|core| std::cmp::Reverse(core.modified));
        cores
    }

    /// Possible core files in a process's working directory.
    fn beside(&self, root: &Root, pid: u32) -> Vec<PathBuf> {
        let Ok(directory) = root.link(format!("/proc/{pid}/cwd")) else { return Vec::new() };
        let mut known = self.beside.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(directory).or_insert_with_key(|directory| files(root, directory)).clone()
    }
}

/// The files of a directory whose names could be those of core files.
fn files(root: &Root, path: &Path) -> Vec<PathBuf> {
    let Ok(mut directory) = root.directory(path) else { return Vec::new() };
    let is_meant = |name: &[u8]| memchr::memmem::find(name, b"core").is_some() || name.ends_with(b".crash");
    let mut files = directory.pick(|name| is_meant(name).then(|| path.join(OsStr::from_bytes(name))));
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// `core.kea-dhcp4.…`, `kea-dhcp4.1234.core`, `_usr_sbin_kea-dhcp4.0.crash`; `core` and `core.1234` too if any may be.
fn is_core_of(name: &str, daemon: Daemon, is_anonymous: bool) -> bool {
    let process = daemon.process_name();
    let is_named = name.split_once(process).is_some_and(|(before, after)| {
        let is_whole = !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
        let is_core = before.contains("core") || after.contains("core") || after.contains(".crash");
        is_whole && is_core
    });
    let number = name.strip_prefix("core.").is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()));
    is_named || is_anonymous && (name == "core" || number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_is_known_by_the_daemons_name() {
        for name in
            ["core.kea-dhcp4.107.abc.zst", "kea-dhcp4.1234.core", "core-kea-dhcp4", "_usr_sbin_kea-dhcp4.0.crash"]
        {
            assert!(is_core_of(name, Daemon::Dhcp4, false), "{name}");
        }
        for name in ["core", "core.12", "core.kea-dhcp6", "kea-dhcp4.conf", "core.kea-dhcp4x"] {
            assert!(!is_core_of(name, Daemon::Dhcp4, false), "{name}");
        }
        assert!(!is_core_of("core.kea-dhcp-ddns", Daemon::Dhcp4, false));
        assert!(is_core_of("core", Daemon::Dhcp4, true) && is_core_of("core.12", Daemon::Dhcp4, true));
    }
}
