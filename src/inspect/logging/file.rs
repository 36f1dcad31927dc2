//! Log files: whether a daemon's user can write them, without trying it.

use std::fs::FileType;
use std::io;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use crate::error::io_cause;
use crate::fs::path::names_a_directory;
use crate::inspect::leases::space;
use crate::inspect::rights::may_write;
use crate::inspect::root::Root;
use crate::loggers::{FileFacts, FileState, Folder};

/// As many symbolic links as the kernel follows.
const MOST_LINKS: u32 = 40;

/// What there is to know of a log.
pub(super) fn facts(root: &Root, path: &Path, user: u32) -> FileFacts {
    let found = root.metadata(path);
    let state = match &found {
        Ok(found) => of_type(found.file_type()).unwrap_or_else(|| writable(root, path, user)),
        Err(_) if names_a_directory(path) => FileState::Directory,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            in_folder(root, &led_to(root, path), user, FileState::New)
        }
        Err(cause) if cause.kind() == io::ErrorKind::NotADirectory => {
            FileState::Folder(folder_of(path).to_owned(), Folder::NoDirectory)
        }
        Err(cause) => FileState::Unseen(io_cause(cause)),
    };
    let is_good = matches!(state, FileState::Writable | FileState::New);
    let state = if is_good && !is_lockable(root, path, user) { FileState::Unlockable } else { state };
    FileFacts {
        state,
        size: found.ok().filter(std::fs::Metadata::is_file).map(|found| found.len()),
        rotated: rotated(root, path),
        space: space(root, path, None).map(|space| space.available),
    }
}

fn of_type(kind: FileType) -> Option<FileState> {
    Some(match () {
        () if kind.is_dir() => FileState::Directory,
        () if kind.is_fifo() => FileState::Pipe,
        () if kind.is_char_device() || kind.is_block_device() || kind.is_socket() => FileState::Device,
        () => return None,
    })
}

fn writable(root: &Root, path: &Path, user: u32) -> FileState {
    if space(root, path, None).is_some_and(|space| space.is_read_only) {
        return FileState::Folder(folder_of(path).to_owned(), Folder::ReadOnly);
    }
    if may_write(root, path, user) { FileState::Writable } else { FileState::Closed }
}

/// Whether the file that Kea locks while it writes a log can be made or written; what cannot be examined is taken as good.
fn is_lockable(root: &Root, path: &Path, user: u32) -> bool {
    let mut lock = path.as_os_str().to_owned();
    lock.push(".lock");
    let lock = Path::new(&lock);
    match root.metadata(lock) {
        Ok(found) => found.is_file() && may_write(root, lock, user),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            matches!(folder(root, folder_of(lock), user), Folder::Usable | Folder::Unseen(_))
        }
        Err(_) => true,
    }
}

/// A file that there is not yet: what can be made, if its directory lets it.
fn in_folder(root: &Root, path: &Path, user: u32, state: FileState) -> FileState {
    let parent = folder_of(path);
    match folder(root, parent, user) {
        Folder::Usable => state,
        folder => FileState::Folder(parent.to_owned(), folder),
    }
}

/// Whether a user can make files in a directory.
pub(super) fn folder(root: &Root, path: &Path, user: u32) -> Folder {
    match root.metadata(path) {
        Ok(found) if !found.is_dir() => Folder::NoDirectory,
        Ok(_) if space(root, path, None).is_some_and(|space| space.is_read_only) => Folder::ReadOnly,
        Ok(_) if may_write(root, path, user) => Folder::Usable,
        Ok(_) => Folder::Closed,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Folder::Missing,
        Err(cause) if cause.kind() == io::ErrorKind::NotADirectory => Folder::NoDirectory,
        Err(cause) => Folder::Unseen(io_cause(&cause)),
    }
}

/// The path that a symbolic link to a file that there is not leads to: the file is made there.
fn led_to(root: &Root, path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(target) = root.link(&path) else { break };
        path = folder_of(&path).join(target);
    }
    path
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

/// How many rotated files there are: the name with a dot and a number; `None` if the directory cannot be listed.
fn rotated(root: &Root, path: &Path) -> Option<usize> {
    let mut folder = match root.directory(folder_of(path)) {
        Ok(folder) => folder,
        Err(cause) => return (cause.kind() == io::ErrorKind::NotFound).then_some(0),
    };
    let name = path.file_name()?.as_encoded_bytes();
    let is_rotated = |other: &[u8]| {
        let number = other.strip_prefix(name)?.strip_prefix(b".")?;
        (!number.is_empty() && number.iter().all(u8::is_ascii_digit)).then_some(())
    };
    Some(folder.pick(is_rotated).len())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    const NOBODY: u32 = 65534;

    fn state(name: &str, user: u32) -> FileState {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(at("log"), "x").unwrap();
        fs::set_permissions(at("log"), fs::Permissions::from_mode(0o644)).unwrap();
        fs::create_dir(at("folder")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, at("pipe"), rustix::fs::Mode::RUSR).unwrap();
        std::os::unix::fs::symlink("none/log", at("astray")).unwrap();
        std::os::unix::fs::symlink("folder/new", at("there")).unwrap();
        std::os::unix::fs::symlink("there", at("twice")).unwrap();
        for name in ["open", "locked", "locked.lock"] {
            fs::write(at(name), "").unwrap();
            fs::set_permissions(at(name), fs::Permissions::from_mode(0o666)).unwrap();
        }
        fs::create_dir(at("stuck.lock")).unwrap();
        let root = Root::new(folder.path());
        facts(&root, Path::new(name), user).state
    }

    #[test]
    fn each_kind_of_file_is_told_apart() {
        assert_eq!(state("/log", 0), FileState::Writable);
        assert_eq!(state("/new", 0), FileState::New);
        assert_eq!(state("/folder", 0), FileState::Directory);
        assert_eq!(state("/new/", 0), FileState::Directory);
        assert_eq!(state("/pipe", 0), FileState::Pipe);
        assert_eq!(state("/none/log", 0), FileState::Folder("/none".into(), Folder::Missing));
        assert_eq!(state("/log/log", 0), FileState::Folder("/log".into(), Folder::NoDirectory));
    }

    #[test]
    fn a_log_needs_its_lock_file() {
        // Seen with Kea 2.2.0: its own file in a directory that is not its own stays empty.
        assert_eq!((state("/open", NOBODY), state("/locked", NOBODY)), (FileState::Unlockable, FileState::Writable));
        assert_eq!(state("/stuck", 0), FileState::Unlockable);
    }

    #[test]
    fn a_link_makes_the_file_where_it_leads() {
        assert_eq!(state("/astray", 0), FileState::Folder("/none".into(), Folder::Missing));
        assert_eq!((state("/there", 0), state("/twice", 0)), (FileState::New, FileState::New));
    }

    #[test]
    fn another_user_may_not_write() {
        assert_eq!(state("/log", NOBODY), FileState::Closed);
        assert_eq!(state("/new", NOBODY), FileState::Folder("/".into(), Folder::Closed));
    }
}
