//! Core files: what a daemon that crashed may have left, where the kernel and systemd put them.

use std::path::{Path, PathBuf};

use super::root::Root;
use crate::config::Daemon;
use crate::health::kea::facts::{Core, Process};

/// Where core files are kept besides where the kernel is told to.
const DIRECTORIES: [&str; 3] = ["/var/lib/systemd/coredump", "/var/crash", "/var/lib/kea"];

/// The core files that bear the daemon's name; without a name in them also those in the directory it runs in.
pub(super) fn find(root: &Root, daemon: Daemon, process: Option<&Process>) -> Vec<Core> {
    let pattern = root.proc_file("/proc/sys/kernel/core_pattern").unwrap_or_default();
    let pattern = String::from_utf8_lossy(&pattern).trim().to_owned();
    let by_pattern = Path::new(&pattern).parent().filter(|folder| folder.is_absolute() && !pattern.contains("%%"));
    let working = process.and_then(|process| process.directory.clone());
    let mut cores = Vec::new();
    let mut seen: Vec<PathBuf> = Vec::new();
    let usual = DIRECTORIES.iter().map(PathBuf::from);
    for directory in usual.chain(by_pattern.map(Path::to_owned)).chain(working.clone()) {
        if seen.contains(&directory) {
            continue;
        }
        for name in root.names(&directory).unwrap_or_default() {
            let is_anonymous = Some(&directory) == working.as_ref();
            if is_core_of(&name.to_string_lossy(), daemon, is_anonymous)
                && let Ok(modified) = root.modified(directory.join(&name))
            {
                cores.push(Core { path: directory.join(name), modified });
            }
        }
        seen.push(directory);
    }
    cores.sort_by_key(|core| std::cmp::Reverse(core.modified));
    cores
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
