//! Files that are named on the command line.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The file called `path`; `-` is standard input.
pub fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    if path.as_os_str() == "-" { Ok(Box::new(io::stdin())) } else { Ok(Box::new(File::open(path)?)) }
}

/// Gives the file called `path` the name `other`.
pub fn rename(path: &Path, other: &Path) -> io::Result<()> {
    fs::rename(path, other)
}
