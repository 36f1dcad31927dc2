//! Why a row is no lease, or a lease no row.

use std::borrow::Cow;
use std::fmt;

/// What is wrong with which column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The column, by Kea's name; empty if the row as a whole is wrong.
    pub column: &'static str,
    /// What is wrong with it, with the offending value where that helps.
    pub problem: Cow<'static, str>,
}

impl RowError {
    /// `problem` in `column`.
    pub fn new(column: &'static str, problem: impl Into<Cow<'static, str>>) -> Self {
        Self { column, problem: problem.into() }
    }

    /// `problem` of the row as a whole.
    pub fn row(problem: impl Into<Cow<'static, str>>) -> Self {
        Self::new("", problem)
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.column.is_empty() {
            write!(f, "{}: ", self.column)?;
        }
        f.write_str(&self.problem)
    }
}
