//! The open descriptors of a process, which its own user and root can read.
//!
//! They are reliable where the configuration file is not, since that may have been changed after the daemon read it.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::root::Root;

/// The open descriptors of a process.
#[derive(Debug, Clone, Default)]
pub(super) struct Descriptors {
    /// The inodes of its sockets.
    pub sockets: Vec<u64>,
    /// The files.
    pub files: Vec<OpenFile>,
}

/// An open file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OpenFile {
    /// Its name, as the kernel shows it to this program.
    pub path: PathBuf,
    /// The number of the descriptor, of which the kernel knows the file whatever its name is.
    number: Vec<u8>,
}

impl OpenFile {
    /// The device and inode of this file of process `pid`, if it is still open.
    pub(super) fn identity(&self, root: &Root, pid: u32) -> Option<(u64, u64)> {
        root.metadata(self.place(pid)).ok().map(|found| (found.dev(), found.ino()))
    }

    /// Whether it is still open and has the same name.
    pub(super) fn has_its_name(&self, root: &Root, pid: u32) -> bool {
        root.link(self.place(pid)).is_ok_and(|path| path == self.path)
    }

    /// A path to it that has nothing to do with its name.
    pub(super) fn place(&self, pid: u32) -> PathBuf {
        Path::new("/proc").join(pid.to_string()).join("fd").join(OsStr::from_bytes(&self.number))
    }
}

/// The number in `socket:[NUMBER]`, without the prefix.
fn inode(rest: &[u8]) -> Option<u64> {
    std::str::from_utf8(rest.strip_suffix(b"]")?).ok()?.parse().ok()
}

/// The flag of a listening unix socket, `__SO_ACCEPTCON`, in their table.
const LISTENS: &str = "00010000";

/// The listening unix sockets in the network namespace of a process: their inodes, and the paths that they were opened
/// with, whether or not these still exist.
pub(super) fn listening(root: &Root, pid: u32) -> Vec<(u64, PathBuf)> {
    let table = root.proc_file(format!("/proc/{pid}/net/unix")).unwrap_or_default();
    let table = String::from_utf8_lossy(&table);
    let sockets = table.lines().filter_map(|line| {
        let mut fields = line.split_whitespace();
        let (flags, inode) = (fields.nth(3)?, fields.nth(2)?);
        let path = Path::new(fields.next()?);
        let inode = inode.parse().ok()?;
        (flags == LISTENS && path.is_absolute()).then(|| (inode, path.to_owned()))
    });
    sockets.collect()
}

impl Descriptors {
    /// Those of process `pid`; `None` if this user may not read them. The user of a process with capabilities, and root
    /// without `CAP_SYS_PTRACE`, may list descriptors but not see their targets.
    pub(super) fn from_process(root: &Root, pid: u32) -> Option<Self> {
        let mut directory = root.directory(format!("/proc/{pid}/fd")).ok()?;
        let mut found = Self::default();
        let mut buffer = Vec::with_capacity(256);
        for name in directory.pick(|name| Some(name.to_vec())) {
            let target = match directory.link(&name, std::mem::take(&mut buffer)) {
                Ok(target) => target,
                Err(cause) if cause.kind() == io::ErrorKind::PermissionDenied => return None,
                Err(_) => continue,
            };
            match target.strip_prefix(b"socket:[") {
                Some(rest) => found.sockets.extend(inode(rest)),
                None if target.starts_with(b"/") && !target.starts_with(b"/dev/") => {
                    let path = PathBuf::from(OsStr::from_bytes(&target));
                    found.files.push(OpenFile { path, number: name });
                }
                None => {}
            }
            buffer = target;
        }
        found.files.sort();
        Some(found)
    }

    /// The paths of the unix sockets it listens on.
    pub(super) fn unix_sockets(&self, root: &Root, pid: u32) -> Vec<PathBuf> {
        let own = listening(root, pid).into_iter().filter(|(inode, _)| self.sockets.contains(inode));
        own.map(|(_, path)| path).collect()
    }

    /// The file that it still writes as its log, where that was renamed or deleted and its name `path` is another file's or none's.
    pub(super) fn moved(&self, path: &Path, named: &[PathBuf]) -> Option<&OpenFile> {
        let name = path.file_name()?.as_encoded_bytes();
        let may_be = |file: &&OpenFile| {
            let its = file.path.file_name().unwrap_or_default().as_encoded_bytes();
            file.path.parent() == path.parent() && its.starts_with(name) && !its.ends_with(b".lock")
        };
        let is_named = |file: &OpenFile| named.contains(&file.path);
        let is_open = self.files.iter().any(|file| file.path == path);
        if is_open { None } else { self.files.iter().find(|file| may_be(file) && !is_named(file)) }
    }

    /// The file that is most likely its log.
    pub(super) fn log(&self) -> Option<PathBuf> {
        let is_log = |path: &&PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let folder = path.parent().unwrap_or(Path::new("/"));
            let is_kept_with_logs = folder.components().any(|part| part.as_os_str() == "log");
            (name.ends_with(".log") || is_kept_with_logs) && !name.ends_with(".lock") && !name.ends_with(".csv")
        };
        self.files.iter().map(|file| &file.path).find(is_log).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_was_renamed_or_deleted_is_found_by_its_name() {
        let moved = |open: &str, named: &[&str]| {
            let file = |path: &str| OpenFile { path: path.into(), number: b"9".to_vec() };
            let found = Descriptors { files: open.split(' ').map(file).collect(), ..Descriptors::default() };
            let named: Vec<PathBuf> = named.iter().map(PathBuf::from).collect();
            found.moved(&named[0], &named).map(|file| file.path.display().to_string())
        };
        assert_eq!(moved("/v/kea.log-2026 /v/x", &["/v/kea.log"]).unwrap(), "/v/kea.log-2026");
        assert_eq!(moved("/v/kea.log.1.gz", &["/v/kea.log"]).unwrap(), "/v/kea.log.1.gz");
        assert_eq!(moved("/v/kea.log /v/kea.log.1", &["/v/kea.log"]), None);
        assert_eq!(moved("/v/kea.log2", &["/v/kea.log", "/v/kea.log2"]), None);
        assert_eq!(moved("/w/kea.log.1 /v/kea.log.lock /v/other", &["/v/kea.log"]), None);
    }
}
