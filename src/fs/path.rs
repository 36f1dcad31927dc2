//! Where a path leads, whether or not there is a file.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The canonical path of the file that `path` leads to, whether or not it exists: without links, `.` and `..`.
///
/// # Errors
/// Its directory does not exist or cannot be read; or the name can only be that of a directory, which does not exist.
pub fn destination(path: &Path) -> io::Result<PathBuf> {
    match (fs::canonicalize(path), fs::read_link(path), path.file_name()) {
        (Err(cause), ..) if cause.kind() == io::ErrorKind::NotFound && names_a_directory(path) => {
            Err(io::Error::new(io::ErrorKind::NotFound, "there is no such directory"))
        }
        (Err(cause), Ok(next), _) if cause.kind() == io::ErrorKind::NotFound => {
            destination(&folder_of(path).join(next))
        }
        (Err(cause), _, Some(name)) if cause.kind() == io::ErrorKind::NotFound => {
            Ok(fs::canonicalize(folder_of(path))?.join(name))
        }
        (found, ..) => found,
    }
}

/// Whether the name can only be that of a directory: `x/`, `x/.`.
#[must_use]
pub fn names_a_directory(path: &Path) -> bool {
    let name = path.as_os_str().as_bytes();
    name.ends_with(b"/") || name.ends_with(b"/.")
}

/// What distinguishes a file from all others, whether or not it exists yet: links, bind mounts and other spellings of its name
/// make no difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Device and inode number of an existing file.
    file: Option<(u64, u64)>,
    /// Device and inode number of the directory, and the name in it.
    place: Option<((u64, u64), OsString)>,
}

impl Identity {
    /// The identity of the file that `path` leads to.
    #[must_use]
    pub fn from_path(path: &Path) -> Self {
        let number = |path: &Path| fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
        let place = destination(path).ok().and_then(|file| Some((number(folder_of(&file))?, file.file_name()?.into())));
        Self { file: number(path), place }
    }

    /// Whether the two lead to one file.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        (self.file.is_some() && self.file == other.file) || (self.place.is_some() && self.place == other.place)
    }

    /// Whether the file has this device and inode number.
    #[must_use]
    pub fn is_file(&self, number: (u64, u64)) -> bool {
        self.file == Some(number)
    }

    /// Whether this is `other` with a dot and a number after its name, as logs are called that were rotated, or with a date
    /// and `.txt`, as those for legal purposes are.
    #[must_use]
    pub fn is_rotated(&self, other: &Self) -> bool {
        let (Some((folder, name)), Some((other_folder, other_name))) = (&self.place, &other.place) else {
            return false;
        };
        let rest = name.as_bytes().strip_prefix(other_name.as_bytes()).and_then(|rest| rest.strip_prefix(b"."));
        let number = rest.map(|rest| rest.strip_suffix(b".txt").unwrap_or(rest));
        folder == other_folder && number.is_some_and(|rest| !rest.is_empty() && rest.iter().all(u8::is_ascii_digit))
    }
}

/// Whether two paths lead to the same file, whether or not it exists.
#[must_use]
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    one == other || Identity::from_path(one).is_same(&Identity::from_path(other))
}

/// The directory that `path` is in.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_is_not_there_yet_is_one_file_under_all_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("real")).unwrap();
        symlink("real", at("linked")).unwrap();
        symlink("real/x", at("dangling")).unwrap();
        symlink("dangling", at("chain")).unwrap();
        symlink("circle", at("circle")).unwrap();
        for name in ["real/x", "linked/x", "./real/../real/x", "dangling", "chain"] {
            assert!(is_same_file(&at("real/x"), &at(name)), "{name}");
            assert_eq!(destination(&at(name)).unwrap(), fs::canonicalize(at("real")).unwrap().join("x"), "{name}");
        }
        for name in ["real/y", "x", "circle", "missing/x"] {
            assert!(!is_same_file(&at("real/x"), &at(name)), "{name}");
        }
        assert!(destination(&at("circle")).is_err() && destination(&at("missing/x")).is_err());
        assert_eq!(
            destination(Path::new("no-such-file")).unwrap(),
            std::env::current_dir().unwrap().join("no-such-file")
        );
    }

    #[test]
    fn a_name_that_ends_in_a_slash_is_a_directory() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["new/", "new/.", "new//"] {
            let refused = destination(&folder.path().join(name)).unwrap_err();
            assert_eq!(refused.to_string(), "there is no such directory", "{name}");
        }
        fs::write(folder.path().join("file"), "").unwrap();
        assert!(destination(&folder.path().join("file/")).is_err());
    }

    #[test]
    fn a_rotated_log_has_a_number_after_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| Identity::from_path(&folder.path().join(name));
        assert!(at("kea-legal.20261129.txt").is_rotated(&at("kea-legal")));
        assert!(at("kea.log.1").is_rotated(&at("kea.log")) && at("./kea.log.12").is_rotated(&at("kea.log")));
        assert!(
            !["kea.log", "kea.log.", "kea.log.old", "kea.log.txt", "other.1"]
                .iter()
                .any(|name| at(name).is_rotated(&at("kea.log")))
        );
    }

    #[test]
    fn one_file_under_two_names_is_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
        fs::write(&one, "").unwrap();
        fs::hard_link(&one, &other).unwrap();
        assert!(is_same_file(&one, &other));
    }
}
