//! One entry of a list of loggers.

use super::names;
use super::site::Site;
use super::threshold::Threshold;
use crate::config::FilePosition;
use crate::config::model::{LogOutput, Logger};

/// An entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) site: &'a Site,
    pub(super) logger: &'a Logger,
}

impl<'a> Entry<'a> {
    /// Every entry of a daemon, in order.
    pub(super) fn all(site: &'a Site) -> Vec<Self> {
        site.loggers().map(|logger| Self { site, logger }).collect()
    }

    /// The name as it is written.
    pub(super) fn written_name(&self) -> &'a str {
        self.logger.name.as_deref().unwrap_or_default()
    }

    /// The name that Kea makes of it.
    pub(super) fn name(&self) -> String {
        names::expand(self.site.config.daemon, self.written_name())
    }

    /// The name without that of the daemon; empty of the daemon's own logger.
    pub(super) fn child(&self) -> String {
        let name = self.name();
        let root = names::root(self.site.config.daemon);
        name.strip_prefix(root).map_or_else(String::new, |rest| rest.trim_start_matches('.').to_owned())
    }

    pub(super) fn is_root(&self) -> bool {
        self.name() == names::root(self.site.config.daemon)
    }

    /// The debug level that counts.
    pub(super) fn level(&self) -> u8 {
        let level = self.logger.debuglevel.unwrap_or(0).clamp(0, super::threshold::HIGHEST_LEVEL.into());
        u8::try_from(level).unwrap_or(0)
    }

    /// From which severity on it logs; an unknown severity is INFO to Kea.
    pub(super) fn threshold(&self) -> Threshold {
        let severity = self.logger.severity.as_deref().unwrap_or("INFO");
        Threshold::read(severity, self.level()).unwrap_or(Threshold::INFO)
    }

    pub(super) fn outputs(&self) -> Vec<&'a LogOutput> {
        self.logger.outputs().collect()
    }

    pub(super) fn place(&self) -> FilePosition {
        self.site.config.place(self.logger.position)
    }
}
