//! Where a path leads, be there a file or not.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The file that `path` leads to, whether or not it is there, named without links and without `.` and `..`.
///
/// # Errors
/// There is no directory for it, or that cannot be looked at.
pub fn destination(path: &Path) -> io::Result<PathBuf> {
    match (fs::canonicalize(path), fs::read_link(path), path.file_name()) {
        (Err(cause), Ok(next), _) if cause.kind() == io::ErrorKind::NotFound => {
            destination(&folder_of(path).join(next))
        }
        (Err(cause), _, Some(name)) if cause.kind() == io::ErrorKind::NotFound => {
            Ok(fs::canonicalize(folder_of(path))?.join(name))
        }
        (found, ..) => found,
    }
}

/// Whether two paths lead to one file, be it there already or not.
#[must_use]
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    let identity = |path: &Path| fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
    let same_name = || matches!((destination(one), destination(other)), (Ok(one), Ok(other)) if one == other);
    one == other || identity(one).is_some_and(|found| Some(found) == identity(other)) || same_name()
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
    fn one_file_under_two_names_is_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
        fs::write(&one, "").unwrap();
        fs::hard_link(&one, &other).unwrap();
        assert!(is_same_file(&one, &other));
    }
}
