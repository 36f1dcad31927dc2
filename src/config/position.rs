//! Where things are written: a file, a line, a column.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Deserializer};

use crate::error::Error;

/// Where something is written. [`Files`] knows the name of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    /// The index of the file.
    pub(super) file: u32,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl Position {
    /// The position as one number, for serde.
    pub(super) fn packed(self) -> u128 {
        u128::from(self.file) << 64 | u128::from(self.line) << 32 | u128::from(self.column)
    }
}

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let packed = u128::deserialize(deserializer)?;
        let part = |shift: u32| u32::try_from(packed >> shift & u128::from(u32::MAX)).unwrap_or(u32::MAX);
        Ok(Self { file: part(64), line: part(32), column: part(0) })
    }
}

/// The files of a configuration: the one that was opened, and those it includes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Files(Vec<Arc<Path>>);

impl Files {
    /// Adds a file; positions in it have this index.
    pub(super) fn add(&mut self, path: Arc<Path>) -> u32 {
        self.0.push(path);
        u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX)
    }

    /// The place at a position, for a message.
    #[must_use]
    pub fn place(&self, position: Position) -> FilePosition {
        let file = self.0.get(usize::try_from(position.file).unwrap_or(usize::MAX));
        let file = file.map_or_else(|| Arc::from(Path::new("")), Arc::clone);
        FilePosition { file, line: position.line, column: position.column }
    }

    /// A failure because of what is written at a position: `file:line:column: cause`.
    #[must_use]
    pub fn error(&self, position: Position, cause: impl fmt::Display) -> Error {
        Error::new(self.place(position).to_string(), cause)
    }

    /// The files that were read, the outermost first.
    pub fn iter(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(AsRef::as_ref)
    }
}

/// A position with the name of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePosition {
    /// The file, as it was opened.
    pub file: Arc<Path>,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for FilePosition {
    /// `file:line:column`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}
