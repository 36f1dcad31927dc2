//! Lease files that the user names or that exist in the usual places, without a configuration that names them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::{LeaseLocation, Location, Variables, memfile, snapshot};
use crate::config::{self, Config};
use crate::error::{Error, Result};
use crate::lease::Family;

/// Suffixes of lease files: Kea's, those of companions and copies; and of files that may be mistaken for one.
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

/// Whether a word names a lease file: the file exists, or the word can have no other meaning.
#[must_use]
pub fn is_lease_file(word: &OsStr) -> bool {
    let path = Path::new(word);
    let is_path = word.as_encoded_bytes().contains(&b'/');
    let has_ending = path.extension().is_some_and(|end| ENDINGS.iter().any(|known| end == *known));
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => is_path,
        Ok(_) => is_path || has_ending || memfile::is_one(path),
        Err(_) => is_path || is_name_of_one(word),
    }
}

/// Whether the name of an absent file is that of a lease file, of a companion or copy of one, or such a name mistyped.
fn is_name_of_one(word: &OsStr) -> bool {
    let name = word.to_string_lossy();
    [".csv", ".leases", ".cvs", ".scv"].iter().any(|ending| name.ends_with(ending)) || name.contains(".csv.")
}

/// The lease file with this name. A bare name is one in the working directory: one that only Kea's own directory has is
/// an error, so that the leases of the running server are not taken for those of a copy.
pub(super) fn named(name: &OsStr, config: &Config, var: &Variables<'_>) -> Result<PathBuf> {
    let file = PathBuf::from(name);
    let is_bare = !name.as_encoded_bytes().contains(&b'/');
    let Some(text) = name.to_str().filter(|name| is_bare && *name != "-" && snapshot::is_absent(&file)) else {
        return Ok(file);
    };
    let mut place = Config::empty(config.daemon);
    place.file.clone_from(&config.file);
    place.server.data_directory.clone_from(&config.server.data_directory);
    place.server.lease_database.name = Some(text.to_owned());
    match config::lease_files(&place, var).into_iter().find(|file| !snapshot::is_absent(file)) {
        Some(of_kea) => Err(Error::new(format!("read lease file {text}"), "this directory has no such file")
            .hint(format!("{} is Kea's own: give its whole path to read it", of_kea.display()))),
        None => Ok(file),
    }
}

/// The first existing one of these lease files of `family`, if there is no configuration.
pub(super) fn usual(family: Family, files: Vec<PathBuf>) -> Option<LeaseLocation> {
    let file = files.into_iter().find(|file| !snapshot::is_absent(file))?;
    let remark = format!(
        "no configuration of Kea's {family} server was found; read {}, where one usually has its leases",
        file.display()
    );
    let location = Location::Memfile(file);
    Some(LeaseLocation {
        family,
        location,
        config: None,
        server: None,
        remarks: vec![remark],
        stream: None,
        is_configured: false,
        is_in_memory: false,
        patience: None,
    })
}

/// Of several places those without a lease file are skipped, with a remark, unless none has one: a configured server that
/// was never started has none.
pub(super) fn leave_absent_out(places: Vec<Result<LeaseLocation>>) -> Vec<Result<LeaseLocation>> {
    let absent = |place: &Result<LeaseLocation>| match place {
        Ok(LeaseLocation { location: Location::Memfile(file), is_in_memory: false, .. }) => snapshot::is_absent(file),
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
            "{} is left out: the lease file{of}, {}, does not exist: the server was never started, or the file was moved",
            place.family,
            file.display(),
        ));
    }
    present
}
