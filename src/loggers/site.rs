//! The facts about one daemon's logging, as they are collected from a machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::rules::Rules;
use super::target::Target;
use crate::config::json::{Data, Value};
use crate::config::model::{LogOutput, Logger};
use crate::config::{Config, Document};
use crate::release::Release;

/// A daemon's configuration and where it applies.
#[derive(Debug, Clone)]
pub struct Site {
    /// What the configuration says of the daemon.
    pub config: Config,
    /// Its list of loggers as it is written.
    pub written: Option<Value>,
    /// Whether the loggers of all daemons are in a map of their own, as before Kea 1.6.
    pub has_logging_map: bool,
    /// What is around it.
    pub surroundings: Surroundings,
}

/// What a daemon's logging depends on besides its configuration.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The release whose rules hold.
    pub rules: Rules,
    /// Whether that release was found or named, rather than assumed.
    pub is_release_known: bool,
    /// The name of the user that the daemon runs as, if it is known.
    pub user: Option<String>,
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
    /// How many rotated files there are.
    pub rotated: usize,
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
    /// Its directory is not usable: its path, and how it is.
    Folder(PathBuf, Folder),
    /// It is a directory.
    Directory,
    /// It is a pipe: whoever opens it waits until another process reads.
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
            rules: Rules::of(release),
            is_release_known: true,
            user: None,
            log_directory: "/var/log/kea".into(),
            working_directory: None,
            lock_directory: None,
            files: BTreeMap::new(),
        }
    }
}

impl Site {
    /// Of a daemon in a parsed configuration.
    #[must_use]
    pub fn new(document: &Document, config: Config, surroundings: Surroundings) -> Self {
        let top = document.value();
        let own = top.get(config.daemon.config_key()).and_then(|server| server.get("loggers"));
        let apart = top.get("Logging").and_then(|logging| logging.get("loggers"));
        let written = own.or(apart).cloned();
        Self { has_logging_map: top.get("Logging").is_some(), config, written, surroundings }
    }

    /// The loggers that are meant for this daemon.
    pub(super) fn loggers(&self) -> impl Iterator<Item = &Logger> {
        let daemon = self.config.daemon;
        let is_meant = move |logger: &&Logger| {
            let split = logger.name.as_deref().and_then(super::names::split);
            !self.has_logging_map || split.is_none_or(|(other, _)| other == daemon)
        };
        self.config.server.loggers.iter().filter(is_meant)
    }

    /// The item of the written list that a logger was read from.
    pub(super) fn written_of(&self, logger: &Logger) -> Option<&Value> {
        let Data::List(items) = &self.written.as_ref()?.data else { return None };
        items.iter().find(|item| item.position == logger.position)
    }

    /// Where an output leads.
    #[must_use]
    pub fn target(&self, output: &LogOutput) -> Target {
        Target::of(output, &self.surroundings)
    }

    /// The whole paths of all files that it logs into, whether or not they can be examined.
    pub fn paths(&self) -> impl Iterator<Item = PathBuf> {
        let outputs = self.loggers().flat_map(Logger::outputs);
        outputs.filter_map(|output| self.target(output).file().map(Path::to_owned))
    }
}

/// Whether a path can only be that of a directory.
pub(super) fn names_directory(path: &Path) -> bool {
    let name = path.as_os_str().as_encoded_bytes();
    name.ends_with(b"/") || name.ends_with(b"/.")
}
