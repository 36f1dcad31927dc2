//! Kea's files on this host: which of them a server uses, so that no program overwrites one.

mod live;
mod neighbours;
mod running;

pub use live::{LiveFiles, is_stdout_a_file, rescue};
pub use running::{Running, running};
