//! Kea's configuration: the dialect it is written in, the parts the programs read, and where Kea keeps its files.
//!
//! Pure: text comes in, and a way to read what the text includes; no file is opened here.

use std::io;
use std::path::Path;

pub mod build;
pub mod control;
mod daemon;
pub mod databases;
mod files;
pub mod json;
pub mod keactrl;
mod locate;
mod model;
mod network;
pub mod overview;
mod reach;
mod rescue;
mod section;
mod shell;
pub mod supply;
mod token;

pub use daemon::Daemon;
pub use files::{FileUse, Named, NamedFile, named};
pub use locate::{
    KEACTRL_FILES, PID_DIRECTORIES, configuration_directories, configuration_files, configuration_names, daemon_files,
    lease_files, pid_file_name, pid_files, usual_lease_files,
};
pub use model::{Backend, KeaConfig, LeaseDatabase, parse};
pub use network::networks;
pub use reach::{Reach, Reached, reached};

/// How an included file is read. Whether only regular files are read, and how large ones, is the caller's affair.
pub type Reader<'a> = dyn FnMut(&Path) -> io::Result<Vec<u8>> + 'a;
