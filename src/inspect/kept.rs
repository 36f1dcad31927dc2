//! The state file of the last run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::fs::bounded;
use crate::health::kea::{Memory, Unreadable};

/// More than the size of any state file.
const LARGEST: u64 = 1 << 20;

/// Reads the state in `path`, with a remark. A broken state file is renamed.
///
/// # Errors
/// The file is not a state file, or it cannot be read.
pub fn recall(path: &Path) -> Result<(Memory, Option<String>)> {
    let attempted = || format!("read the state of the last run in {}", path.display());
    let text = match bounded::read(path, LARGEST) {
        Ok(text) => text,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok((Memory::default(), None)),
        Err(cause) => return Err(Error::io(attempted(), &cause)),
    };
    match Memory::parse(&text) {
        Ok(memory) => Ok((memory, None)),
        Err(Unreadable::Foreign) => {
            Err(Error::new(attempted(), "it is not a state file of keactrl-status")
                .hint("name another file for --state"))
        }
        Err(Unreadable::Broken(why)) => Ok((Memory::default(), Some(set_aside(path, &why)))),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_file_is_set_aside_and_a_foreign_one_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state");
        assert_eq!(recall(&file).unwrap(), (Memory::default(), None));
        fs::write(&file, "{\"keactrl-status\":1,").unwrap();
        let (memory, said) = recall(&file).unwrap();
        assert!(memory == Memory::default() && said.unwrap().contains("was broken and is now"));
        assert!(!file.exists() && folder.path().join("state.broken").exists());
        fs::write(&file, "root:x:0:0\n").unwrap();
        let error = recall(&file).unwrap_err().to_string();
        assert!(error.ends_with("it is not a state file of keactrl-status (name another file for --state)"), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "root:x:0:0\n");
    }
}
