//! Files that are named on the command line.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use crate::error::{Error, Result};
use crate::fs::atomic::create_private;
use crate::installation::LiveFiles;

/// The file called `path`; `-` is standard input.
pub fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    if path.as_os_str() == "-" { Ok(Box::new(io::stdin())) } else { Ok(Box::new(File::open(path)?)) }
}

/// A new file called `path` that only this user may read and that is written as it grows. A file that is there is not replaced.
pub fn create_new(path: &Path, live: &LiveFiles) -> Result<Box<dyn Write>> {
    live.refuse(path)?;
    let attempted = || format!("create {}", path.display());
    let file = create_private(path).map_err(|cause| {
        let error = Error::io(attempted(), &cause);
        if cause.kind() == io::ErrorKind::AlreadyExists {
            error.hint("it is not replaced: another name")
        } else {
            error
        }
    })?;
    Ok(Box::new(file))
}

/// Waits until no other run of these programs changes files in the folder of `path`, and keeps others waiting as long as the result lives;
/// nothing where the folder cannot be locked.
#[must_use]
pub fn lock_folder_of(path: &Path) -> Option<File> {
    let target = crate::fs::path::destination(path).ok()?;
    let folder = File::open(crate::fs::path::folder_of(&target)).ok()?;
    rustix::fs::flock(&folder, rustix::fs::FlockOperation::LockExclusive).ok()?;
    Some(folder)
}

/// Gives the file called `path` the name `other`.
pub fn rename(path: &Path, other: &Path) -> io::Result<()> {
    fs::rename(path, other)
}
