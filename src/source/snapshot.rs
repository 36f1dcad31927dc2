//! A consistent set of the files that make up a lease file.
//!
//! Kea keeps a lease file X in up to four pieces. At start it reads X.completed and X if X.completed exists, else
//! X.2, X.1 and X; what comes later overrides. While a server runs, its cleanup renames and removes them at any
//! time, so opening them one after another may give a set that never existed. A set of open descriptors is consistent
//! if all names still belong to them afterwards.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileExt, FileTypeExt as _, MetadataExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::error::{Error, Result, io_cause};
use crate::fs::{bounded, path};

/// More than the number of cleanups that can run while four files are opened.
const ATTEMPTS: usize = 1000;
/// How often to wait for a server to finish a row that it has begun.
const TAIL_LOOKS: usize = 50;
/// How often to look for the header of a file that was just made.
const EMPTY_LOOKS: usize = 4;
/// How long to wait each time.
const TAIL_PAUSE: Duration = Duration::from_millis(20);

/// One file of the set, open.
#[derive(Debug)]
pub(super) struct Piece {
    /// Its name.
    pub path: PathBuf,
    /// The file, whatever its name is now.
    pub file: File,
    /// How much of it belongs to the snapshot, in bytes.
    pub length: u64,
}

/// Opens the pieces of lease file `path` in the order in which Kea reads them.
pub(super) fn take(path: &Path) -> Result<Vec<Piece>> {
    let names = names(path);
    for _ in 0..ATTEMPTS {
        let [completed, second, first, current] = names.each_ref().map(|name| open(name, path));
        let files = [completed?, second?, first?, current?];
        if unchanged(&names, &files)? {
            return pieces(path, &names, files);
        }
    }
    Err(Error::new(path.display().to_string(), "its companion files keep changing while they are opened")
        .hint("check whether lease file cleanup is running again and again"))
}

/// Whether the names still belong to the files.
///
/// A cleanup creates X.completed, removes X.2, then X.1, and renames X.completed to X.2. The names are checked in an
/// order that detects each of these steps: an X.1 that was created and removed in between has left another X.2.
fn unchanged(names: &[PathBuf; 4], files: &[Option<File>; 4]) -> Result<bool> {
    const CURRENT_1_COMPLETED_2: [usize; 4] = [3, 2, 0, 1];
    for index in CURRENT_1_COMPLETED_2 {
        if !still_named(&names[index], files[index].as_ref())? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Any other stream, such as a pipe, copied to where it can be read twice.
pub(super) fn copy_of(path: &Path, mut stream: File) -> Result<Piece> {
    let failed = |cause: &io::Error| Error::io(format!("copy {} to a temporary file", path.display()), cause);
    let mut file = tempfile::tempfile().map_err(|cause| failed(&cause))?;
    let length = io::copy(&mut stream, &mut file).map_err(|cause| failed(&cause))?;
    Ok(Piece { path: path.to_owned(), file, length })
}

/// The names a lease file's pieces may have, in the order in which Kea reads them.
pub(super) fn names(path: &Path) -> [PathBuf; 4] {
    [companion(path, "completed"), companion(path, "2"), companion(path, "1"), path.to_owned()]
}

/// The name of a lease file whose companions are read, and a remark about companions of its other names.
///
/// A server that is configured with a symbolic link has them in the directory of the link. A link that a user has made to a
/// server's lease file has none; then those in the directory of the file are read.
pub(super) fn name_with_companions(path: &Path) -> (PathBuf, Option<String>) {
    let (Ok(linked), Some(name)) = (fs::canonicalize(path), path.file_name()) else { return (path.to_owned(), None) };
    let here = companions_of(path);
    let is_link = fs::canonicalize(path::folder_of(path)).is_ok_and(|folder| folder.join(name) != linked);
    if !is_link {
        let is_alone = here.is_empty() && is_mounted(&linked);
        return (path.to_owned(), is_alone.then(|| mounted(path)));
    }
    let there = companions_of(&linked);
    match (here.as_slice(), there.as_slice()) {
        ([], []) if is_mounted(&linked) => (linked.clone(), Some(mounted(&linked))),
        ([], _) => (linked, None),
        (_, []) => (path.to_owned(), None),
        ([first, ..], [other, ..]) => {
            let text = format!(
                "{} is a link with {} in its own directory, where Kea has it: files in the directory of {}, such as {}, are \
                 not read",
                path.display(),
                first.display(),
                linked.display(),
                other.display()
            );
            (path.to_owned(), Some(text))
        }
    }
}

fn mounted(path: &Path) -> String {
    let text = "is mounted as a single file: its companions in the original directory are not visible here";
    format!("{} {text}", path.display())
}

/// Whether something is mounted on this very file, as containers have single files of their host.
fn is_mounted(path: &Path) -> bool {
    let table = fs::read("/proc/self/mountinfo").unwrap_or_default();
    table.split(|octet| *octet == b'\n').any(|line| {
        let place = line.split(|octet| *octet == b' ').nth(4);
        place.is_some_and(|place| unescaped(place) == path.as_os_str().as_bytes())
    })
}

/// A path of the table of mounts, where some octets are three octal digits after a backslash.
fn unescaped(place: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(place.len());
    let mut rest = place;
    while let Some((&octet, tail)) = rest.split_first() {
        let digits = tail.get(..3).filter(|_| octet == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(escaped) = digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            out.push(escaped);
            rest = &tail[3..];
        } else {
            out.push(octet);
            rest = tail;
        }
    }
    out
}

/// The companions of `path` that Kea would read together with it, if it were a server's lease file.
#[must_use]
pub fn companions_of(path: &Path) -> Vec<PathBuf> {
    let [completed, second, first, _] = names(path);
    [completed, second, first].into_iter().filter(|name| fs::symlink_metadata(name).is_ok()).collect()
}

fn companion(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

fn pieces(path: &Path, names: &[PathBuf; 4], files: [Option<File>; 4]) -> Result<Vec<Piece>> {
    let completed = files[0].is_some();
    let mut pieces = Vec::new();
    for (index, (name, file)) in names.iter().zip(files).enumerate() {
        let replaced = completed && (index == 1 || index == 2);
        if let Some(file) = file.filter(|_| !replaced) {
            let length = metadata(name, &file)?.len();
            let length = if index == 3 { whole_rows(name, &file, length)? } else { length };
            pieces.push(Piece { path: name.clone(), file, length });
        }
    }
    if pieces.is_empty() {
        const ENOENT: i32 = 2;
        return Err(unreadable(path, &io::Error::from_raw_os_error(ENOENT)));
    }
    Ok(pieces)
}

/// The length of a file that is being written, up to the end of a row. A row of more than 8 KiB is written in two
/// steps: an unfinished row is waited for; if it stays unfinished, it is reported later.
fn whole_rows(name: &Path, file: &File, mut length: u64) -> Result<u64> {
    let begun = length;
    for _ in 0..TAIL_LOOKS {
        let mut last = [0u8];
        if length == 0 || file.read_at(&mut last, length - 1).is_ok_and(|read| read == 0 || last == [b'\n']) {
            return Ok(length);
        }
        thread::sleep(TAIL_PAUSE);
        length = metadata(name, file)?.len();
    }
    Ok(begun)
}

/// Opens a piece of `lease_file`, if there is such a piece.
fn open(piece: &Path, lease_file: &Path) -> Result<Option<File>> {
    match bounded::open(piece) {
        Ok(file) => Ok(Some(file)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        // Without permission for the directory, the pieces are not known.
        Err(cause) if fs::symlink_metadata(piece).is_err() => Err(unreadable(lease_file, &cause)),
        Err(cause) => Err(unreadable(piece, &cause)),
    }
}

fn metadata(path: &Path, file: &File) -> Result<Metadata> {
    file.metadata().map_err(|cause| unreadable(path, &cause))
}

/// Whether `path` names `file`, or nothing if there is no file.
fn still_named(path: &Path, file: Option<&File>) -> Result<bool> {
    let named = match fs::metadata(path) {
        Ok(named) => Some(named),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => None,
        Err(cause) => return Err(unreadable(path, &cause)),
    };
    Ok(match (named, file) {
        (None, None) => true,
        (Some(named), Some(file)) => {
            let open = metadata(path, file)?;
            (open.dev(), open.ino()) == (named.dev(), named.ino())
        }
        _ => false,
    })
}

/// A lease file that cannot be read, with the group whose members could.
pub(super) fn unreadable(path: &Path, cause: &io::Error) -> Error {
    let attempted = format!("read lease file {}", path.display());
    if fs::metadata(path).is_ok_and(|found| found.file_type().is_socket()) {
        let remedy = format!("ask the server there with --socket {}", path.display());
        return Error::new(attempted, "it is a socket").hint(remedy);
    }
    let error = Error::new(attempted, io_cause(cause));
    match cause.kind() {
        io::ErrorKind::NotFound => error.hint("check the name; -c FILE reads the lease file of a configuration"),
        io::ErrorKind::PermissionDenied => match helping_group(path, MAY_READ) {
            Some((place, group)) => {
                error.hint(format!("{} belongs to group \"{group}\": join it, or run as root", place.display()))
            }
            None => error.hint("run as root"),
        },
        _ => error,
    }
}

/// The mode bit that lets a group read a file.
pub(super) const MAY_READ: u32 = 0o040;
/// The mode bit that lets it pass a directory.
const MAY_SEARCH: u32 = 0o010;

/// The group whose members have access that this user has not: that of `path` if its mode has `wanted`, or that of the
/// directory above it that this user cannot pass. `None` if the group has no access either.
pub(super) fn helping_group(path: &Path, wanted: u32) -> Option<(PathBuf, String)> {
    let seen = path.ancestors().find_map(|place| Some((place, fs::metadata(place).ok()?)));
    let (place, found) = seen?;
    let needed = if place == path { wanted } else { MAY_SEARCH };
    (found.mode() & needed != 0).then(|| (place.to_owned(), group_name(found.gid())))
}

fn group_name(number: u32) -> String {
    let groups = fs::read_to_string("/etc/group").unwrap_or_default();
    let named = groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(number)).then(|| name.to_owned())
    });
    named.unwrap_or_else(|| number.to_string())
}

/// Whether no piece of the lease file `path` exists; false if that is not known, or if it is a dangling link.
pub(super) fn is_absent(path: &Path) -> bool {
    let is_gone = |cause: io::Error| cause.kind() == io::ErrorKind::NotFound;
    names(path).iter().all(|name| fs::symlink_metadata(name).is_err_and(is_gone))
}

/// Whether the lease file `path` is there and has nothing in it, not even the header that a server writes at once.
pub(super) fn is_empty(path: &Path) -> bool {
    let is_empty = || fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() == 0);
    (0..EMPTY_LOOKS).all(|look| {
        if look > 0 {
            thread::sleep(TAIL_PAUSE);
        }
        is_empty()
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_group_is_named_only_if_its_members_may_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let helps = |mode| {
            fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
            helping_group(file.path(), MAY_READ).is_some()
        };
        assert_eq!([0o640, 0o600, 0o620, 0o604].map(helps), [true, false, false, false]);
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        assert!(unreadable(file.path(), &denied).to_string().ends_with("(run as root)"));
    }
}
