//! Lease files that a user or the machine offers, without a configuration that names them.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Located, Location, memfile, snapshot};
use crate::lease::Family;

/// How the names of lease files end: Kea's, its companions', those of copies; and of what may be taken for one.
const ENDINGS: [&str; 17] = [
    "csv",
    "leases",
    "1",
    "2",
    "completed",
    "gz",
    "xz",
    "zst",
    "bz2",
    "bak",
    "old",
    "txt",
    "json",
    "conf",
    "zip",
    "tar",
    "tgz",
];

/// Whether a word that may be the name of something else is a lease file: there is one, or it can be nothing else.
#[must_use]
pub fn is_lease_file(word: &OsStr) -> bool {
    let path = Path::new(word);
    let is_path = word.as_encoded_bytes().contains(&b'/');
    let has_ending = path.extension().is_some_and(|end| ENDINGS.iter().any(|known| end == *known));
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => is_path,
        Ok(_) => is_path || has_ending || memfile::is_one(path),
        Err(_) => is_path || path.extension().is_some_and(|end| end == "csv" || end == "leases"),
    }
}

/// Whether no piece of the lease file `path` is there; not so if that cannot be known, or if a link leads nowhere.
pub(super) fn is_absent(path: &Path) -> bool {
    let is_gone = |cause: io::Error| cause.kind() == io::ErrorKind::NotFound;
    snapshot::names(path).iter().all(|name| fs::symlink_metadata(name).is_err_and(is_gone))
}

/// The first of these lease files of `family` that is there, for want of a configuration.
pub(super) fn usual(family: Family, files: Vec<PathBuf>) -> Option<Located> {
    let file = files.into_iter().find(|file| !is_absent(file))?;
    let remark = format!(
        "no configuration of Kea's {family} server was found; read {}, where one usually has its leases",
        file.display()
    );
    let location = Location::Memfile(file);
    Some(Located { family, location, config: None, server: None, remarks: vec![remark], stream: None })
}

/// Of several places those whose lease file is not there are left out, with a remark, unless that is so of all: a server
/// that is configured and was never started has none.
pub(super) fn leave_absent_out<E>(places: Vec<Result<Located, E>>) -> Vec<Result<Located, E>> {
    let absent = |place: &Result<Located, E>| match place {
        Ok(Located { location: Location::Memfile(file), .. }) => is_absent(file),
        _ => false,
    };
    let (absent, mut present): (Vec<_>, Vec<_>) = places.into_iter().partition(absent);
    let Some(first) = present.iter_mut().find_map(|place| place.as_mut().ok()) else {
        present.extend(absent);
        return present;
    };
    for place in absent.into_iter().flatten() {
        let Location::Memfile(file) = &place.location else { continue };
        let of = place.config.as_ref().map_or(String::new(), |config| format!(" of {}", config.display()));
        first.remarks.extend(place.remarks);
        first.remarks.push(format!(
            "no {family} leases: the lease file{of}, {}, is not there (-{} asks for it)",
            file.display(),
            place.family.digit(),
            family = place.family,
        ));
    }
    present
}
