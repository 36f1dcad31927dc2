//! What a daemon's logging depends on besides its configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::rules::Rules;
use crate::release::Release;

/// What a daemon's logging depends on besides its configuration.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The release whose rules hold.
    pub rules: Rules,
    /// Whether that release was found or named, rather than assumed.
    pub is_release_known: bool,
    /// The name of the user that the daemon runs as, if it is known.
    pub user: Option<String>,
    /// Whether the daemon runs with an environment that this user may not read, so that the directories are assumed.
    pub is_environment_hidden: bool,
    /// The directory of logs, for releases that have one.
    pub log_directory: PathBuf,
    /// The directory that the daemon runs in, if it is known.
    pub working_directory: Option<PathBuf>,
    /// The directory of the lock file of all logs, if one is named.
    pub lock_directory: Option<(PathBuf, Folder)>,
    /// The files that it logs into, by their whole paths.
    pub files: BTreeMap<PathBuf, FileFacts>,
}

/// A log file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Whether the daemon can write it.
    pub state: FileState,
    /// Its size in bytes, if there is one and it can be examined.
    pub size: Option<u64>,
    /// How many rotated files there are, if the directory can be listed.
    pub rotated: Option<usize>,
    /// Bytes that may still be written on its file system.
    pub space: Option<u64>,
}

/// Whether a daemon can write a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState {
    /// It can.
    Writable,
    /// There is none yet, and it can be made.
    New,
    /// The daemon's user may not write this file.
    Closed,
    /// The file next to it with `.lock` at its end, which Kea locks while it writes, cannot be made or written.
    Unlockable,
    /// Its directory is not usable: its path, and how it is.
    Folder(PathBuf, Folder),
    /// A file of this name was renamed to this or deleted, and the daemon that runs goes on writing into that.
    Moved(PathBuf),
    /// It is a directory.
    Directory,
    /// It is a pipe: a process that opens it waits until another process reads.
    Pipe,
    /// It is a device or a socket.
    Device,
    /// It cannot be examined: the reason.
    Unseen(String),
}

/// Whether a file can be made in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Folder {
    /// It can.
    Usable,
    /// There is no such directory.
    Missing,
    /// It is something else.
    NoDirectory,
    /// The daemon's user may not make files there.
    Closed,
    /// Its file system is mounted read-only.
    ReadOnly,
    /// It cannot be examined: the reason.
    Unseen(String),
}

impl Surroundings {
    /// A machine that nothing is known of but the release.
    #[must_use]
    pub fn of_release(release: Release) -> Self {
        Self {
            rules: Rules::new(release),
            is_release_known: true,
            user: None,
            is_environment_hidden: false,
            log_directory: "/var/log/kea".into(),
            working_directory: None,
            lock_directory: None,
            files: BTreeMap::new(),
        }
    }
}
