//! How some fields of the facts are written.

use std::path::{Path, PathBuf};

use serde::Serializer;

/// A path as text.
pub(super) fn path<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands the field over like this")]
pub(super) fn is_false(value: &bool) -> bool {
    !value
}

#[expect(clippy::ref_option, reason = "serde hands the field over like this")]
pub(super) fn optional_path<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    match path {
        Some(path) => serializer.collect_str(&path.display()),
        None => serializer.serialize_none(),
    }
}
