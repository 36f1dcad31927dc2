//! Loggers, where messages go, and new entries: as tables, JSON and text to paste.

mod entries;
mod json;
mod route;
mod size;
mod table;

pub use entries::{list, paste};
pub use json::{entries_json, routes_json, tree_json};
pub use route::routes;
pub use table::write;

/// A format of kea-loggers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LoggersFormat {
    /// For people
    Table,
    /// One document
    Json,
    /// For a monitor
    Nagios,
}
