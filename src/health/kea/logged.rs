//! Facts from the end of a daemon's log.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::file_problem::FileProblem;
use super::storage::Space;
use crate::time;

/// The end of a log.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Log {
    /// Where it is.
    #[serde(serialize_with = "super::fields::path")]
    pub path: PathBuf,
    /// The last messages of severity FATAL and ERROR since the daemon started, oldest first.
    pub errors: Vec<LogLine>,
    /// The last command that enabled or disabled the DHCP service since the daemon started.
    pub service_command: Option<LogLine>,
    /// Where nothing that can be read of it shows whether DHCP is disabled: its first line.
    #[serde(skip)]
    pub service_unseen: Option<LogLine>,
    /// Whether the last attempt to load a configuration failed, by the log.
    pub reload_failed: Option<LogLine>,
    /// The database whose connection is lost and not restored; of several, the most important one.
    pub database_lost: Option<LostDatabase>,
    /// The last lease that could not be written into the lease file or database, where no other was written since.
    pub write_failed: Option<LogLine>,
    /// Whether that may be so for one client only, whose host name or other value is refused.
    #[serde(skip)]
    pub fails_for_one: bool,
    /// When the file's configuration was last loaded.
    #[serde(skip)]
    pub loaded: Option<LogLine>,
    /// The last command to write the configuration into its file since one was loaded.
    pub written: Option<LogLine>,
    /// The configuration that came with a command, if the last that was loaded is not the file's.
    pub configuration_set: Option<SetConfiguration>,
    /// Packets that were rejected since the last answered one.
    pub refused: Option<Refused>,
    /// How a daemon that is down ended.
    pub ended: Option<End>,
    /// The last line, if it is an error or a step of a start that may fail.
    pub last_step: Option<LogLine>,
    /// Whether it has no lines of severity INFO, so that it does not show when a problem is solved.
    pub only_troubles: bool,
    /// Whether there is no line in it.
    #[serde(skip)]
    pub is_empty: bool,
    /// By how many seconds its times are before this machine's, of a daemon in another time zone.
    #[serde(skip)]
    pub offset: i64,
    /// The room on its file system, where it is a file.
    pub space: Option<Space>,
    /// Why it could not be read.
    pub fault: Option<FileProblem>,
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LogLine {
    /// Its date and time, unparsed, if it has them.
    pub time: String,
    /// `FATAL`, `ERROR` …
    pub severity: String,
    /// The message's identifier, or the command's name.
    pub id: String,
    /// Its text.
    pub text: String,
}

impl LogLine {
    /// Whether it reports an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        matches!(&self.severity[..], "ERROR" | "FATAL")
    }
}

/// A configuration that came with a command (`config-set`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SetConfiguration {
    /// When it was loaded.
    #[serde(flatten)]
    pub line: LogLine,
    /// Whether it has no subnet.
    pub has_no_subnet: bool,
}

/// Packets of clients that were refused one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Refused {
    /// How many.
    pub count: u64,
    /// The last of them.
    #[serde(flatten)]
    pub line: LogLine,
}

/// A connection that is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct LostDatabase {
    /// The contents of the database.
    pub database: Database,
    /// When it was lost.
    #[serde(flatten)]
    pub line: LogLine,
    /// The last line about it.
    #[serde(skip)]
    pub last: LogLine,
}

/// What a database holds, the most important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Database {
    /// Leases.
    Leases,
    /// Not known from the log.
    Unknown,
    /// Reservations.
    Hosts,
    /// Configuration.
    Configuration,
    /// The legal log.
    LegalLog,
}

/// How a daemon ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "how")]
pub enum End {
    /// It was stopped by a signal or command.
    Stopped(LogLine),
    /// It failed, for this reason.
    Failed(LogLine),
    /// A process that started after the last one had ended, or was stopped, got no further than this.
    StartFailed(FailedStart),
}

/// A start whose log ends without an error: until a daemon has opened its databases, Kea takes a failure for one of the
/// configuration, and writes it to standard output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct FailedStart {
    /// The number of the process.
    pub pid: i64,
    /// When it wrote its first line.
    pub started: String,
    /// Its last line.
    #[serde(flatten)]
    pub line: LogLine,
}

/// When a line was logged, if it has a time.
pub(super) fn at(line: &LogLine) -> String {
    if line.time.is_empty() { String::new() } else { format!(" at {}", line.time) }
}

/// Whether a line of a log is of these minutes; one that does not say when it was logged may be.
pub(super) fn is_recent(log: &Log, line: &LogLine, now: i64) -> bool {
    const RECENT: i64 = 300;
    log.moment(line).is_none_or(|moment| now - moment <= RECENT)
}

impl Log {
    /// When a line was logged, seconds since 1970; `None` if it does not say.
    #[must_use]
    pub fn moment(&self, line: &LogLine) -> Option<i64> {
        time::read_local(&line.time).map(|moment| moment + self.offset)
    }
}
