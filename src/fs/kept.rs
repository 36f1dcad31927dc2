//! The file of a program that keeps what it knew at the end of its last run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::bounded;
use crate::error::{Error, Result};

/// More than the size of any such file.
const LARGEST: u64 = 16 << 20;

/// Why a text is not a state of this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// It is another file.
    Foreign,
    /// It is a broken state, for this reason.
    Broken(String),
}

/// Reads the state of `program` in `path`, with a remark. A broken state file is renamed, a foreign file is left alone.
///
/// # Errors
/// The file is not a state file of this program, or it cannot be read.
pub fn recall<T: Default>(
    path: &Path,
    program: &str,
    parse: impl FnOnce(&[u8]) -> Result<T, Unreadable>,
) -> Result<(T, Option<String>)> {
    let attempted = || format!("read the state of the last run in {}", path.display());
    let text = match bounded::read(path, LARGEST) {
        Ok(text) => text,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok((T::default(), None)),
        Err(cause) => return Err(Error::io(attempted(), &cause)),
    };
    match parse(&text) {
        Ok(state) => Ok((state, None)),
        Err(Unreadable::Foreign) => Err(Error::new(attempted(), format!("it is not a state file of {program}"))
            .hint("name another file for --state")),
        Err(Unreadable::Broken(why)) => Ok((T::default(), Some(set_aside(path, &why)))),
    }
}

/// Renames a broken file, and returns the remark.
fn set_aside(path: &Path, why: &str) -> String {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".broken");
    let aside = PathBuf::from(aside);
    let shown = path.display();
    match fs::rename(path, &aside) {
        Ok(()) => format!("{shown} was broken and is now {}: {why}", aside.display()),
        Err(_) => format!("{shown} is broken and was ignored: {why}"),
    }
}
