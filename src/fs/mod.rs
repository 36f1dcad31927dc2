//! Files under names that other users may have chosen: reading within bounds, replacing them at once, and which names are
//! the same file.

pub mod access;
pub mod atomic;
pub mod bounded;
pub mod kept;
pub mod path;
pub mod version;
mod writer_thread;
