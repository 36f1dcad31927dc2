//! Kea's lease file dialect: comma-separated, never quoted, one row per event.
//!
//! There is no version field: the header's last column identifies the version, and each version only appended columns.
//! Splitting is on every comma; in `hostname` and `user_context` a comma, an `&` and (from Kea 3.3.0 on) every byte
//! that is not printable ASCII are written as `&#xHH`, without semicolon. Every Kea from 1.7.6 on reads that form.

mod field;
mod header;
pub mod journal;
mod read;
mod split;
pub mod version;
mod write;

pub use header::{COLUMNS4, COLUMNS6, Header, columns, no_header, other_kind};
pub use read::{RowReader, address4, address6};
pub use write::{write_header, write_row};
