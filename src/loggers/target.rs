//! Where an output of a logger leads.

use std::fmt;
use std::path::{Path, PathBuf};

use super::surroundings::Surroundings;
use crate::config::model::LogOutput;

/// Where an output leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// The system log, with the name of a facility if one is written.
    Syslog(Option<String>),
    /// A file of this whole path.
    File(PathBuf),
    /// A file of this name in a directory that is not known.
    Relative(PathBuf),
    /// Nothing is written.
    Missing,
}

impl Target {
    /// Where an output leads, as the release takes it.
    #[must_use]
    pub fn new(output: &LogOutput, around: &Surroundings) -> Self {
        let Some(path) = &output.output else { return Self::Missing };
        let name = path.to_string_lossy();
        match &*name {
            "stdout" => return Self::Stdout,
            "stderr" => return Self::Stderr,
            "syslog" => return Self::Syslog(None),
            _ => {}
        }
        let facility = name.strip_prefix("syslog:").filter(|_| !around.rules.takes_facility_for_file());
        match facility {
            Some("") => Self::Syslog(None),
            Some(facility) => Self::Syslog(Some(facility.to_owned())),
            None => Self::of_file(path, around),
        }
    }

    fn of_file(path: &Path, around: &Surroundings) -> Self {
        if path.is_absolute() {
            return Self::File(path.to_owned());
        }
        let directory = around.rules.has_log_directory().then_some(&around.log_directory);
        match directory.or(around.working_directory.as_ref()) {
            Some(directory) => Self::File(directory.join(path)),
            None => Self::Relative(path.to_owned()),
        }
    }

    /// The whole path of a file.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            _ => None,
        }
    }

    /// Whether this is a stream of the process under the name of a file, as containers have it.
    pub(super) fn is_own_stream(&self) -> bool {
        self.file().is_some_and(|path| {
            path == "/dev/stdout"
                || path == "/dev/stderr"
                || path.starts_with("/dev/fd")
                || path.starts_with("/proc/self/fd")
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => f.pad("stdout"),
            Self::Stderr => f.pad("stderr"),
            Self::Syslog(None) => f.pad("syslog"),
            Self::Syslog(Some(facility)) => f.pad(&format!("syslog:{facility}")),
            Self::File(path) | Self::Relative(path) => f.pad(&path.to_string_lossy()),
            Self::Missing => f.pad("-"),
        }
    }
}
