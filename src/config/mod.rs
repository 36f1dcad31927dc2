//! Kea's configuration: the dialect it is written in, the parts the programs read, and where Kea keeps its files.
//!
//! Pure: text comes in, and a way to read what the text includes; no file is opened here.

use std::io;
use std::path::Path;

pub mod build;
pub mod control;
mod daemon;
pub mod databases;
mod de;
mod document;
mod files;
pub mod json;
pub mod keactrl;
mod locate;
pub mod model;
mod network;
mod opening;
mod position;
mod raw;
mod rescue;
mod shell;
mod slim;
pub mod supply;
mod token;

pub use daemon::Daemon;
pub use de::ConfigProblem;
pub use document::{Config, Document};
pub use files::{FileUse, Named, NamedFile, PATH_VARIABLES};
pub use locate::{
    KEACTRL_FILES, PID_DIRECTORIES, configuration_directories, configuration_files, configuration_names, daemon_files,
    lease_files, pid_file_name, pid_files, usual_lease_files,
};
pub use network::{network, reservation};
pub use opening::may_configure;
pub use position::{FilePosition, Files, Position};
pub use slim::Sieve;

/// Reads an included file. The caller decides whether only regular files are read, and how large ones.
pub type Reader<'a> = dyn FnMut(&Path) -> io::Result<Vec<u8>> + 'a;
