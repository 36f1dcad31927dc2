//! How far logs were read, from one run to the next: by what the file begins with, whatever it is called after rotation
//! and whether it is compressed by then.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::names::base;
use crate::error::Result;
use crate::fs::kept::{self, Unreadable};
use crate::log::hash::hash;
use crate::log::lasting::Lasting;
use crate::log::memory::Memory;
use crate::log::stamp;
use crate::source::compressed;

/// By how many of its first octets a log is known.
const BEGINNING_LENGTH: usize = 1024;
/// How much of a compressed file is read for them.
const COMPRESSED_LENGTH: usize = 256 * 1024;

/// What a file is known by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) inode: (u64, u64),
    /// When it was last written, in nanoseconds since 1970.
    modified: i64,
    /// Its first octets, decompressed.
    beginning: Vec<u8>,
}

impl Identity {
    /// What a regular file is known by; the position of another one means nothing in the next run.
    pub(super) fn from_file(file: &File) -> io::Result<Option<Self>> {
        let found = file.metadata()?;
        let modified = found.mtime().saturating_mul(1_000_000_000).saturating_add(found.mtime_nsec());
        let identity = || Self { inode: (found.dev(), found.ino()), modified, beginning: beginning(file) };
        Ok(found.is_file().then(identity))
    }

    /// Whether a file that is opened again begins as it did; it may have more by now.
    pub(super) fn is_begun_by(&self, again: &Self) -> bool {
        again.beginning.starts_with(&self.beginning)
    }

    /// Where to go on in a file that is shorter than what was read of it. Where its first line has a time, the same line is
    /// that of the same log, which was cut; else a log that was emptied may begin again in the same way.
    pub(super) fn shortened(&self, length: u64) -> u64 {
        let first = self.beginning.split(|byte| *byte == b'\n').next().unwrap_or_default();
        if stamp::iso(first).is_some() { length } else { 0 }
    }
}

/// The first octets of a log; none if they cannot be read.
fn beginning(file: &File) -> Vec<u8> {
    let first = |length: usize| {
        let mut raw = vec![0; length];
        let read = file.read_at(&mut raw, 0).unwrap_or(0);
        raw.truncate(read);
        raw
    };
    let raw = first(BEGINNING_LENGTH);
    if !compressed::is_compressed(&raw) {
        return raw;
    }
    let mut found = Vec::new();
    if let Ok(stream) = compressed::stream(&raw, Box::new(io::Cursor::new(first(COMPRESSED_LENGTH)))) {
        // What comes before an error, as at the end of a file that is cut off, is enough.
        let _ = stream.take(BEGINNING_LENGTH as u64).read_to_end(&mut found);
    }
    found
}

/// What a file begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Start {
    length: usize,
    hash: u64,
}

/// How far a file was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LogPosition {
    file: String,
    device: u64,
    inode: u64,
    /// In what is decompressed.
    offset: u64,
    #[serde(default)]
    modified: i64,
    #[serde(default)]
    start: Option<Start>,
}

impl LogPosition {
    pub(super) fn new(file: &str, identity: &Identity, offset: u64) -> Self {
        let (device, inode) = identity.inode;
        let length = identity.beginning.len();
        let start = (length > 0).then(|| Start { length, hash: hash(&identity.beginning) });
        Self { file: file.to_owned(), device, inode, offset, modified: identity.modified, start }
    }

    /// Whether it is of a file, under whatever name of the same log.
    fn is_of(&self, path: &Path, identity: &Identity) -> bool {
        let is_inode = (self.device, self.inode) == identity.inode;
        let Some(start) = self.start else { return is_inode };
        let has_start = identity.beginning.get(..start.length).is_some_and(|begin| hash(begin) == start.hash);
        has_start && (is_inode || self.is_of_log(path))
    }

    fn is_of_log(&self, path: &Path) -> bool {
        absolute(&base(Path::new(&self.file))) == absolute(&base(path))
    }
}

/// One way to write a path, so that `m.log` and `./m.log` are one log.
pub(super) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Where to go on in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    /// It is not known.
    Beginning,
    After(u64),
    /// It was rotated away before the last run.
    Old,
}

/// How far all files were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct State {
    /// Identifies the file and its version.
    kea_log_report: u32,
    files: Vec<LogPosition>,
    /// What lasts by what was read.
    #[serde(default)]
    pub(crate) lasting: Vec<Lasting>,
    #[serde(default)]
    pub(crate) clients: Memory,
}

/// The version of the file.
const VERSION: u32 = 1;

/// The beginning of every state file.
const BEGINNING: &[u8] = b"{\"kea-log-report\":";

impl Default for State {
    fn default() -> Self {
        Self { kea_log_report: VERSION, files: Vec::new(), lasting: Vec::new(), clients: Memory::default() }
    }
}

impl State {
    /// What the last run kept, with a remark.
    pub(crate) fn recall(path: &Path) -> Result<(Self, Option<String>)> {
        kept::recall(path, "kea-log-report", Self::parse)
    }

    /// The state in a text; an empty text is an empty state.
    fn parse(text: &[u8]) -> Result<Self, Unreadable> {
        if text.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        if !text.starts_with(BEGINNING) {
            return Err(Unreadable::Foreign);
        }
        let state: Self = serde_json::from_slice(text).map_err(|cause| Unreadable::Broken(cause.to_string()))?;
        match state.kea_log_report {
            VERSION => Ok(state),
            other => Err(Unreadable::Broken(format!("its version is {other}"))),
        }
    }

    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    pub(super) fn from_files(files: impl Iterator<Item = LogPosition>) -> Self {
        Self { files: files.collect(), ..Self::default() }
    }

    /// The positions in the files that had this name.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = LogPosition> {
        self.files.iter().filter(move |place| absolute(Path::new(&place.file)) == absolute(Path::new(name))).cloned()
    }

    /// Whether a log or one of its rotated files was read before.
    pub(super) fn knows(&self, path: &Path) -> bool {
        self.files.iter().any(|place| place.is_of_log(path))
    }

    /// Where to go on in a file. A rotated one that is not known is new if it was written after what is known of the log.
    pub(super) fn position(&self, path: &Path, identity: &Identity) -> Position {
        let known = self.files.iter().filter(|place| place.is_of(path, identity));
        let by_inode = |place: &&LogPosition| ((place.device, place.inode) == identity.inode, place.offset);
        if let Some(place) = known.max_by_key(by_inode) {
            return Position::After(place.offset);
        }
        let of_log = self.files.iter().filter(|place| place.is_of_log(path));
        match of_log.map(|place| place.modified).max() {
            Some(last) if base(path) != path && identity.modified <= last => Position::Old,
            _ => Position::Beginning,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_known_however_its_path_is_written() {
        let own = Identity { inode: (1, 2), modified: 9, beginning: vec![7; 64] };
        let rotated = Identity { inode: (1, 3), modified: 8, beginning: vec![8; 64] };
        let copy = Identity { inode: (1, 4), ..own.clone() };
        let here = std::env::current_dir().unwrap().join("m.log");
        for written in [Path::new("m.log"), Path::new("./m.log"), &here] {
            let state = State::from_files([LogPosition::new(&written.display().to_string(), &own, 640)].into_iter());
            for folder in [Path::new(""), Path::new("."), here.parent().unwrap()] {
                assert!(state.knows(&folder.join("m.log")));
                assert_eq!(state.position(&folder.join("m.log.1.gz"), &copy), Position::After(640));
                assert_eq!(state.position(&folder.join("m.log.2"), &rotated), Position::Old);
            }
            assert!(!state.knows(Path::new("x/m.log")));
        }
    }
}
