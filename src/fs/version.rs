//! Whether a file has changed.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// A file as it is at a moment: another one after it was written or replaced, or has other rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileVersion {
    device: u64,
    inode: u64,
    size: u64,
    changed: (i64, i64),
}

impl FileVersion {
    /// The one of a file now; `None` if it is not accessible.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        let changed = (found.ctime(), found.ctime_nsec());
        Some(Self { device: found.dev(), inode: found.ino(), size: found.size(), changed })
    }
}
