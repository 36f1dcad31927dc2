//! Why a file is not usable.

use serde::Serialize;

/// Why a file is not usable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "text")]
pub enum FileProblem {
    /// There is none.
    Missing(String),
    /// It may not be read by this user.
    Denied(String),
    /// It could not be read.
    Unreadable(String),
    /// It is not what Kea would load: file, line, column and why.
    Invalid(String),
}

impl FileProblem {
    /// The reason in words.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Missing(text) | Self::Denied(text) | Self::Unreadable(text) | Self::Invalid(text) => text,
        }
    }
}
