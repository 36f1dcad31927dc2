//! A daemon's files on disk: its lease file, the free space there, core files.

use std::path::PathBuf;

use serde::Serialize;

use super::file_problem::FileProblem;

/// A lease file and the files of its cleanup.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct LeaseFile {
    /// Where it is.
    #[serde(serialize_with = "super::fields::path")]
    pub path: PathBuf,
    /// Its size in octets; `None` if there is none.
    pub size: Option<u64>,
    /// Seconds between cleanups, as configured; 0 is never.
    pub lfc_interval: u64,
    /// `.1`: the piece being cleaned up, when it was last written.
    pub previous: Option<i64>,
    /// `.2`: what the last cleanup made, and when.
    pub cleaned: Option<i64>,
    /// The process number in the cleanup's pid file.
    pub cleanup_pid: Option<u32>,
    /// Whether that process is a cleanup.
    pub cleanup_runs: bool,
    /// The name of the process that has the number now, if it is no cleanup. No cleanup starts while that lives.
    pub cleanup_blocked_by: Option<String>,
    /// The room on its file system.
    pub space: Option<Space>,
    /// Whether the server writes into a file that was deleted, renamed or replaced since.
    pub is_replaced: bool,
    /// The file that the server writes into instead, where that was renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written_to: Option<PathBuf>,
    /// Whether a file system was mounted over it while the server has it open.
    #[serde(skip_serializing_if = "super::fields::is_false")]
    pub is_covered: bool,
    /// Why Kea cannot start from it: its first line is no header. An empty file is a new one for Kea.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_fault: Option<String>,
    /// Why this could not be read.
    pub fault: Option<FileProblem>,
}

/// The room on a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Space {
    /// Bytes that the daemon's user may still write.
    pub available: u64,
    /// Bytes in all.
    pub total: u64,
    /// Files that may still be made; `None` where the file system does not count them.
    pub available_files: Option<u64>,
    /// Whether it is mounted read-only.
    pub is_read_only: bool,
}

/// A core file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Core {
    /// Where it is.
    #[serde(serialize_with = "super::fields::path")]
    pub path: PathBuf,
    /// When it was written, seconds since 1970.
    pub modified: i64,
}
