//! The state file of the last run.

use std::path::Path;

use crate::error::Result;
use crate::fs::kept;
use crate::health::kea::{Memory, Unreadable};

/// Reads the state in `path`, with a remark. A broken state file is renamed.
///
/// # Errors
/// The file is not a state file, or it cannot be read.
pub fn recall(path: &Path) -> Result<(Memory, Option<String>)> {
    kept::recall(path, "keactrl-status", |text| {
        Memory::parse(text).map_err(|why| match why {
            Unreadable::Foreign => kept::Unreadable::Foreign,
            Unreadable::Broken(why) => kept::Unreadable::Broken(why),
        })
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

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
