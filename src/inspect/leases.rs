//! The lease file, and the files of its cleanup (LFC) in the same directory.

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::StatVfsMountFlags;

use super::descriptors::OpenFile;
use super::root::Root;
use super::{fault, process};
use crate::config::{self, Config};
use crate::family::Family;
use crate::health::kea::facts::{FileProblem, LeaseFile, Process, Space};
use crate::memfile::Header;

/// The name of the cleanup process.
const CLEANUP: &str = "kea-lfc";

/// Examines the lease file of a server with this configuration; `reported` is its name in the server's own answer, `process`
/// the server where it runs, with what it has open if this user may know. `host` is the machine, whose paths these are.
pub(super) fn look(
    host: &Root,
    root: &Root,
    config: &Config,
    reported: Option<&str>,
    process: Option<(&Process, &[OpenFile])>,
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> LeaseFile {
    let candidates = match reported {
        Some(path) => vec![PathBuf::from(path)],
        None => config::lease_files(config, variable),
    };
    let present = candidates.iter().find(|path| may_exist(root, path));
    let path = present.or(candidates.first()).cloned().unwrap_or_default();
    let (cleanup_pid, cleanup_runs, cleanup_blocked_by) = cleanup(root, &beside(&path, ".pid"));
    let found = root.metadata(&path);
    let renamed = process.and_then(|(process, files)| renamed([host, root], process, files, &path));
    let is_covered = process.is_some_and(|(process, files)| is_covered(host, process, files, &path));
    LeaseFile {
        size: found.as_ref().ok().map(std::fs::Metadata::len),
        lfc_interval: config.server.lease_database.lfc_interval.as_secs(),
        previous: root.modified(beside(&path, ".1")).ok(),
        cleaned: root.modified(beside(&path, ".2")).ok(),
        cleanup_pid,
        cleanup_runs,
        cleanup_blocked_by,
        space: space(root, &path, process.map(|(process, _)| process)),
        is_replaced: process.is_some_and(|(_, files)| is_replaced(files, &path)) || renamed.is_some() || is_covered,
        written_to: renamed,
        is_covered,
        header_fault: config.family().and_then(|family| header_fault(root, &path, family)),
        fault: found
            .err()
            .map(|cause| fault(root, &path, &cause))
            .filter(|fault| !matches!(fault, FileProblem::Missing(_))),
        path,
    }
}

/// The room on the file system of a file, or of its directory where there is none; as the daemon itself sees it, whose
/// mounts may be others.
pub(super) fn space(root: &Root, path: &Path, process: Option<&Process>) -> Option<Space> {
    let of = |root: &Root| {
        let places = [path, path.parent()?];
        places.into_iter().find_map(|place| rustix::fs::statvfs(root.at(place)).ok())
    };
    let found = process.and_then(|process| of(&root.of_process(process.pid))).or_else(|| of(root))?;
    // Only root may use the blocks reserved for root.
    let blocks = if process.is_some_and(|process| process.uid == 0) { found.f_bfree } else { found.f_bavail };
    Some(Space {
        available: blocks.saturating_mul(found.f_frsize),
        total: found.f_blocks.saturating_mul(found.f_frsize),
        available_files: (found.f_files > 0).then_some(found.f_favail),
        is_read_only: found.f_flag.contains(StatVfsMountFlags::RDONLY),
    })
}

/// What is wrong with the first line of a lease file, so that Kea does not start from it.
fn header_fault(root: &Root, path: &Path, family: Family) -> Option<String> {
    const LONGEST: u64 = 4096;
    if root.metadata(path).is_ok_and(|found| found.is_dir()) {
        return Some("it is a directory".to_owned());
    }
    let (text, _) = root.head(path, LONGEST).ok()?;
    let line = text.split(|octet| *octet == b'\n').next().filter(|_| !text.is_empty())?;
    Header::parse(line.trim_ascii_end(), family).err().map(|cause| cause.to_string())
}

/// Whether a process has this lease file open, or had it until it was deleted.
pub(super) fn has_open(files: &[OpenFile], path: &Path) -> bool {
    files.iter().any(|file| file.path == path) || is_replaced(files, path)
}

/// Whether a process has a lease file open that had this name, or got another in the same directory, and is deleted.
fn is_replaced(files: &[OpenFile], path: &Path) -> bool {
    files.iter().map(|it| &it.path).any(|file| is_deleted(file) && file.parent() == path.parent() && may_be(file, path))
}

/// Whether a file may be the lease file `path` under another name: cleanups, and what other programs call a copy, keep the
/// beginning or the end.
fn may_be(file: &Path, path: &Path) -> bool {
    let name = |path: &Path| path.file_name().unwrap_or_default().as_encoded_bytes().to_owned();
    let other = name(file);
    other.starts_with(&name(path)) || memchr::memmem::find(&other, b".csv").is_some()
}

/// The lease file that a process has open, where `path` is not it: it was renamed, and another may be in its place.
fn renamed([host, root]: [&Root; 2], process: &Process, files: &[OpenFile], path: &Path) -> Option<PathBuf> {
    if files.iter().any(|file| file.path == path) {
        return None;
    }
    let its = host.of_process(process.pid);
    let identity = |root: &Root, path: &Path| root.metadata(path).ok().map(|found| (found.dev(), found.ino()));
    let here = identity(&its, path).or_else(|| identity(root, path));
    // The kernel shows names of files in other mount namespaces that lead to other files from here, or to none. The
    // descriptor is the file itself; but a cleanup (LFC) may have opened a new one since they were listed.
    let is_it = |file: &OpenFile| file.identity(host, process.pid) == here;
    let is_by_name = |file: &OpenFile| [&its, host].iter().any(|root| identity(root, &file.path) == here);
    if here.is_some() && (files.iter().any(is_it) || files.iter().any(is_by_name)) {
        return None;
    }
    files.iter().map(|it| &it.path).find(|file| may_be(file, path) && !is_deleted(file)).cloned()
}

/// Whether a file system was mounted over the lease file that a process has open: the name that the kernel knows leads to
/// another file, or to none, in the process's own view.
fn is_covered(host: &Root, process: &Process, files: &[OpenFile], path: &Path) -> bool {
    let its = host.of_process(process.pid);
    let leads_elsewhere = |file: &OpenFile| {
        let Some(open) = file.identity(host, process.pid) else { return false };
        let named = its.metadata(path).map(|found| (found.dev(), found.ino()));
        let differs = match named {
            Ok(named) => named != open,
            Err(cause) => cause.kind() == io::ErrorKind::NotFound,
        };
        differs && file.has_its_name(host, process.pid)
    };
    // A cleanup (LFC) may come between two looks, but not again in the next.
    let is_one = || files.iter().filter(|file| file.path == path).any(leads_elsewhere);
    is_one() && is_one()
}

fn is_deleted(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().ends_with(b" (deleted)")
}

fn may_exist(root: &Root, path: &Path) -> bool {
    !matches!(root.metadata(path), Err(cause) if cause.kind() == io::ErrorKind::NotFound)
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// The process that has the number in the cleanup's pid file.
fn cleanup(root: &Root, file: &Path) -> (Option<u32>, bool, Option<String>) {
    let text = root.regular_file(file, 4096).unwrap_or_default();
    let Some(pid) = String::from_utf8_lossy(&text).trim().parse().ok() else { return (None, false, None) };
    match process::name(root, pid) {
        Ok(name) if name == CLEANUP => (Some(pid), true, None),
        Ok(name) => (Some(pid), false, Some(name)),
        Err(_) => (Some(pid), false, None),
    }
}
