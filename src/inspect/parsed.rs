//! Configurations that were parsed before: a program that looks again and again parses a file only when it, or a file that it
//! includes, has changed.

use std::collections::HashMap;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::root::Root;
use crate::config::{Config, Daemon};
use crate::health::kea::facts::Configuration;

/// No host has more daemons.
const MOST: usize = 64;

/// A file that was changed so many seconds ago, or less, may have been changed once more without a trace in its times.
const RECENT: i64 = 2;

/// What is known of each configuration file.
#[derive(Debug, Clone, Default)]
pub struct Parsed(Arc<Mutex<HashMap<Key, Known>>>);

/// A file on a machine, and the daemon that it is read for.
type Key = (Root, PathBuf, Daemon);

/// What a configuration file says, as long as the files that it was read from do not change.
#[derive(Debug, Clone)]
pub(super) struct Known {
    files: Arc<[(PathBuf, Stamp)]>,
    pub(super) found: Configuration,
    /// Without its subnets; `None` if something is wrong with it.
    pub(super) config: Option<Arc<Config>>,
}

/// What tells a file from others, and from itself after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stamp {
    Missing,
    File { device: u64, inode: u64, size: u64, modified: (i64, i64), changed: (i64, i64) },
}

impl Stamp {
    /// Of a file, or of one that is not there; `None` if that is not known.
    fn of(found: Result<&Metadata, &io::Error>) -> Option<Self> {
        match found {
            Ok(found) => Some(Self::File {
                device: found.dev(),
                inode: found.ino(),
                size: found.size(),
                modified: (found.mtime(), found.mtime_nsec()),
                changed: (found.ctime(), found.ctime_nsec()),
            }),
            Err(cause) => (cause.kind() == io::ErrorKind::NotFound).then_some(Self::Missing),
        }
    }

    fn is_older_than(self, moment: i64) -> bool {
        match self {
            Self::Missing => true,
            Self::File { changed, .. } => changed.0 < moment,
        }
    }
}

/// The files that a configuration is read from.
#[derive(Default)]
pub(super) struct Files {
    all: Vec<(PathBuf, Stamp)>,
    /// Whether one could not be read although it may be there.
    is_unclear: bool,
}

impl Files {
    /// Notes what came of opening a file.
    pub(super) fn note(&mut self, path: &Path, found: Result<&Metadata, &io::Error>) {
        match Stamp::of(found) {
            Some(stamp) => self.all.push((path.to_owned(), stamp)),
            None => self.is_unclear = true,
        }
    }
}

impl Parsed {
    /// What is known of a file, if nothing has changed.
    pub(super) fn recall(&self, root: &Root, path: &Path, daemon: Daemon) -> Option<Known> {
        let key = (root.clone(), path.to_owned(), daemon);
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key)?.clone();
        let stamp = |path: &PathBuf| Stamp::of(root.metadata(path).as_ref());
        known.files.iter().all(|(path, before)| stamp(path) == Some(*before)).then_some(known)
    }

    /// Keeps what a file says; `now` is before it was read.
    pub(super) fn keep(
        &self,
        root: &Root,
        files: Files,
        found: &Configuration,
        config: Option<&Arc<Config>>,
        (daemon, now): (Daemon, i64),
    ) {
        if files.is_unclear || !files.all.iter().all(|(_, stamp)| stamp.is_older_than(now - RECENT)) {
            return;
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        let known = Known { files: files.all.into(), found: found.clone(), config: config.cloned() };
        all.insert((root.clone(), found.path.clone(), daemon), known);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::configuration::parse;
    use super::*;

    const DAEMON: Daemon = Daemon::Dhcp4;

    /// A machine with a configuration that includes another file.
    struct Machine {
        folder: tempfile::TempDir,
        root: Root,
        parsed: Parsed,
    }

    impl Machine {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let (root, parsed) = (Root::new(folder.path()), Parsed::default());
            let machine = Self { folder, root, parsed };
            machine.write("c.conf", "{ \"Dhcp4\": { <?include \"/i.conf\"?> } }");
            machine.write("i.conf", "\"valid-lifetime\": 60");
            machine
        }

        fn write(&self, name: &str, text: &str) {
            fs::write(self.folder.path().join(name), text).unwrap();
        }

        /// Parses it so many seconds after it was written.
        fn parse(&self, age: i64) {
            let mut found = Configuration { path: "/c.conf".into(), ..Configuration::default() };
            let mut files = Files::default();
            let config = parse(&self.root, &mut found, DAEMON, &mut files);
            let now = fs::metadata(self.folder.path().join("i.conf")).map_or(0, |found| found.ctime()) + age;
            self.parsed.keep(&self.root, files, &found, config.as_ref(), (DAEMON, now));
        }

        fn lifetime(&self) -> Option<u32> {
            let known = self.parsed.recall(&self.root, Path::new("/c.conf"), DAEMON)?;
            known.config?.server.settings.valid_lifetime
        }
    }

    #[test]
    fn a_changed_include_file_is_read_again() {
        let machine = Machine::new();
        assert_eq!(machine.lifetime(), None);
        machine.parse(10);
        assert_eq!(machine.lifetime(), Some(60));
        machine.write("i.conf", "\"valid-lifetime\": 7200");
        assert_eq!(machine.lifetime(), None);
        machine.parse(10);
        assert_eq!(machine.lifetime(), Some(7200));
        fs::remove_file(machine.folder.path().join("i.conf")).unwrap();
        assert_eq!(machine.lifetime(), None);
    }

    #[test]
    fn what_was_written_just_now_is_read_again() {
        let machine = Machine::new();
        machine.parse(1);
        assert_eq!(machine.lifetime(), None);
    }

    #[test]
    fn an_include_that_was_missing_is_looked_for_again() {
        let machine = Machine::new();
        fs::remove_file(machine.folder.path().join("i.conf")).unwrap();
        machine.parse(i64::MAX);
        let is_known = || machine.parsed.recall(&machine.root, Path::new("/c.conf"), DAEMON).is_some();
        assert!(is_known());
        machine.write("i.conf", "\"valid-lifetime\": 60");
        assert!(!is_known());
    }
}
