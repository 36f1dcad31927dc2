//! A file of the bundle.

use std::fs::File;

/// A file of the bundle.
#[derive(Debug)]
pub struct Member {
    /// Its path in the bundle.
    pub path: String,
    /// Where it comes from.
    pub source: String,
    /// What is in it.
    pub content: Content,
    /// Whether it has only the end of its source.
    pub is_cut: bool,
    /// How many secrets were replaced in it.
    pub redacted: usize,
}

/// What is in a file of the bundle.
#[derive(Debug)]
pub enum Content {
    /// A text.
    Text(Vec<u8>),
    /// A file without a name, which is larger than what is kept in memory.
    Spool(File),
}
