//! The daemons of Kea that run on this host. Their names and arguments are public; the rest is visible to their own user
//! and to root.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::config::Daemon;

/// A daemon that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// The number of its process.
    pub pid: u32,
    /// Which daemon.
    pub daemon: Daemon,
    /// Its configuration file, as the daemon calls it, from its own root directory.
    pub config: Option<PathBuf>,
}

/// The daemons that run.
#[must_use]
pub fn running() -> Vec<Running> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter_map(daemon).collect()
}

fn daemon(pid: u32) -> Option<Running> {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    let daemon = Daemon::from_process_name(name.trim_end())?;
    let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let config = configuration(&arguments).map(|file| {
        let directory = fs::read_link(format!("/proc/{pid}/cwd")).ok();
        directory.map_or_else(|| file.clone(), |directory| directory.join(&file))
    });
    Some(Running { pid, daemon, config })
}

/// The value of `-c FILE` or `-cFILE`; the last one counts.
fn configuration(arguments: &[u8]) -> Option<PathBuf> {
    let mut found = None;
    let mut rest = arguments.split(|octet| *octet == 0).skip(1);
    while let Some(argument) = rest.next() {
        if let Some(value) = argument.strip_prefix(b"-c") {
            found = if value.is_empty() { rest.next() } else { Some(value) };
        }
    }
    found.filter(|value| !value.is_empty()).map(|value| OsStr::from_bytes(value).into())
}

impl Running {
    /// Whether its paths are valid here: its root directory is ours, as far as this user can see.
    #[must_use]
    pub fn is_here(&self) -> bool {
        let number = |path: &str| fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
        let root = number(&format!("/proc/{}/root/", self.pid));
        root.is_none() || root == number("/")
    }

    /// The path here of a file of the daemon.
    #[must_use]
    pub fn at(&self, path: &Path) -> PathBuf {
        let path = path.strip_prefix("/").unwrap_or(path);
        if self.is_here() {
            Path::new("/").join(path)
        } else {
            Path::new(&format!("/proc/{}/root", self.pid)).join(path)
        }
    }

    /// A variable of its environment.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<OsString> {
        let text = fs::read(format!("/proc/{}/environ", self.pid)).ok()?;
        let mut values = text.split(|octet| *octet == 0);
        let value = values.find_map(|line| line.strip_prefix(name.as_bytes())?.strip_prefix(b"="))?;
        Some(OsStr::from_bytes(value).to_owned()).filter(|value| !value.is_empty())
    }

    /// Device and number of each regular file that it has open.
    #[must_use]
    pub fn open_files(&self) -> Vec<(u64, u64)> {
        let Ok(entries) = fs::read_dir(format!("/proc/{}/fd", self.pid)) else { return Vec::new() };
        let files = entries.filter_map(|entry| fs::metadata(entry.ok()?.path()).ok());
        files.filter(fs::Metadata::is_file).map(|file| (file.dev(), file.ino())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_found_however_it_was_given() {
        let of = |line: &str| configuration(line.replace(' ', "\0").as_bytes());
        assert_eq!(of("kea-dhcp4 -d -c /c "), Some("/c".into()));
        assert_eq!(of("kea-dhcp4 -c/c -p 67"), Some("/c".into()));
        assert_eq!(of("kea-dhcp4 -d"), None);
    }
}
