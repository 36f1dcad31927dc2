//! How far logs were read, from one run to the next: by the file itself, whatever it is called after rotation.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::fs::kept::{self, Unreadable};

/// How far a file was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    file: String,
    device: u64,
    inode: u64,
    offset: u64,
}

/// How far all files were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct State {
    /// Identifies the file and its version.
    kea_log_report: u32,
    files: Vec<Place>,
}

/// The version of the file.
const VERSION: u32 = 1;

/// The beginning of every state file.
const BEGINNING: &[u8] = b"{\"kea-log-report\":";

impl Default for State {
    fn default() -> Self {
        Self { kea_log_report: VERSION, files: Vec::new() }
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

    pub(super) fn of(read: impl Iterator<Item = (String, (u64, u64), u64)>) -> Self {
        let files = read.map(|(file, (device, inode), offset)| Place { file, device, inode, offset }).collect();
        Self { files, ..Self::default() }
    }

    /// The positions in the files that had this name.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = (String, (u64, u64), u64)> {
        let own = self.files.iter().filter(move |place| place.file == name);
        own.map(|place| (place.file.clone(), (place.device, place.inode), place.offset))
    }

    /// Where to go on in a file. A rotated one that is not known was read under another number, or long ago.
    pub(super) fn position(&self, path: &Path, (device, inode): (u64, u64)) -> Option<u64> {
        let known = self.files.iter().find(|place| (place.device, place.inode) == (device, inode));
        let is_rotated = super::names::base(path) != path;
        let is_log_known =
            || self.files.iter().any(|place| super::names::base(Path::new(&place.file)) == super::names::base(path));
        match known {
            Some(place) => Some(place.offset),
            None if is_rotated && is_log_known() => Some(super::feed::WHOLE),
            None => None,
        }
    }
}
