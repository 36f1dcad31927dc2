//! A file of the bundle.

use std::fs::File;

use crate::redact::Counts;

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
    /// Whether what identifies clients was replaced where it comes from.
    pub is_anonymized: bool,
    /// What was replaced in it.
    pub redactions: Counts,
}

/// What is in a file of the bundle.
#[derive(Debug)]
pub enum Content {
    /// A text.
    Text(Vec<u8>),
    /// A file without a name, which is larger than what is kept in memory.
    Spool(File),
}
