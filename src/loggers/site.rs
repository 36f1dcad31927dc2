//! The facts about one daemon's logging, as they are collected from a machine.

use std::path::{Path, PathBuf};

use super::surroundings::Surroundings;
use super::target::Target;
use crate::config::json::{Data, Value};
use crate::config::model::{LogOutput, Logger};
use crate::config::{Config, Document};

/// A daemon's configuration and where it applies.
#[derive(Debug, Clone)]
pub struct Site {
    /// What the configuration says of the daemon.
    pub config: Config,
    /// Its list of loggers as it is written.
    pub written: Option<Value>,
    /// Whether the loggers of all daemons are in a map of their own, as before Kea 1.6.
    pub has_logging_map: bool,
    /// Whether anything is written in the daemon's map.
    pub has_members: bool,
    /// What is around it.
    pub surroundings: Surroundings,
}

impl Site {
    /// Of a daemon in a parsed configuration.
    #[must_use]
    pub fn new(document: &Document, config: Config, surroundings: Surroundings) -> Self {
        let top = document.value();
        let server = top.get(config.daemon.config_key());
        let own = server.and_then(|server| server.get("loggers"));
        let has_members = server.is_some_and(|it| matches!(&it.data, Data::Map(map) if map.iter().next().is_some()));
        let apart = top.get("Logging").and_then(|logging| logging.get("loggers"));
        let written = own.or(apart).cloned();
        Self { has_logging_map: top.get("Logging").is_some(), has_members, config, written, surroundings }
    }

    /// Whether there is a configuration, and not only what a daemon could have.
    #[must_use]
    pub fn has_configuration(&self) -> bool {
        !self.config.file.as_os_str().is_empty()
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
        Target::new(output, &self.surroundings)
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
