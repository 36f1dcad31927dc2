//! What came of a load: text for people, one JSON document, or rows of seconds.

mod csv;
mod json;
mod plot;
mod text;

pub use self::csv::write as csv;
pub use self::json::write as json;
pub use self::text::{Style, write as text};

use clap::ValueEnum;

use crate::load::Missed;

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LoadFormat {
    /// Tables and plots
    Text,
    /// One JSON document
    Json,
    /// A row for each second
    Csv,
}

/// How the program ends.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'a> {
    /// The exit status.
    pub status: u8,
    /// Why it is that.
    pub because: &'a [String],
    /// What was expected and does not hold.
    pub missed: &'a [Missed],
}

/// What a report is about, in the words of its first line.
#[derive(Debug, Clone)]
pub struct Heading {
    /// The exchange, or the mixture of exchanges.
    pub exchange: String,
    /// Where it went: servers and interface.
    pub target: String,
}
