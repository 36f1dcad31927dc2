//! Core files: what a daemon that crashed may have left, where the kernel and systemd put them.

use std::path::{Path, PathBuf};

use super::root::Root;
use crate::config::Daemon;
use crate::health::kea::facts::{Core, Process};

/// Where core files are kept besides where the kernel is told to.
const DIRECTORIES: [&str; 3] = ["/var/lib/systemd/coredump", "/var/crash", "/var/lib/kea"];

/// What is in the directories of core files, read once for all daemons.
#[derive(Debug, Default)]
pub(super) struct Kept(Vec<PathBuf>);

impl Kept {
    /// Looks where core files are kept, and where the kernel is told to put them.
    pub(super) fn list(root: &Root) -> Self {
        let pattern = root.proc_file("/proc/sys/kernel/core_pattern").unwrap_or_default();
        let pattern = String::from_utf8_lossy(&pattern).trim().to_owned();
        let by_pattern = Path::new(&pattern).parent().filter(|folder| folder.is_absolute());
        let mut directories: Vec<PathBuf> = DIRECTORIES.iter().map(PathBuf::from).collect();
        if let Some(directory) = by_pattern.filter(|it| !directories.iter().any(|other| other == it)) {
            directories.push(directory.to_owned());
        }
        Self(directories.iter().flat_map(|directory| files(root, directory)).collect())
    }

    /// The core files that bear the daemon's name, newest first; without a name in them those in the directory that it
    /// runs in.
    pub(super) fn of(&self, root: &Root, daemon: Daemon, process: Option<&Process>) -> Vec<Core> {
        let own = process.and_then(|process| process.directory.as_ref()).map(|directory| files(root, directory));
        let own = own.unwrap_or_default();
        let named = self.0.iter().filter(|path| is_core_of(&name(path), daemon, false));
        let own = own.iter().filter(|path| !self.0.contains(path) && is_core_of(&name(path), daemon, true));
        let dated = |path: &PathBuf| Some(Core { path: path.clone(), modified: root.modified(path).ok()? });
        let mut cores: Vec<Core> = named.chain(own).filter_map(dated).collect();
        cores.sort_by_key(|core| std::cmp::Reverse(core.modified));
        cores
    }
}

/// The files of a directory whose names could be those of core files.
fn files(root: &Root, directory: &Path) -> Vec<PathBuf> {
    let names = root.names(directory).unwrap_or_default().into_iter();
    let names =
        names.filter(|name| name.to_string_lossy().contains("core") || name.extension() == Some("crash".as_ref()));
    names.map(|name| directory.join(name)).collect()
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
