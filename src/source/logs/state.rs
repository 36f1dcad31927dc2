//! How far logs were read, from one run to the next: by the file itself, whatever it is called after rotation.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How far a file was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    file: String,
    device: u64,
    inode: u64,
    offset: u64,
}

/// How far all files were read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    files: Vec<Place>,
}

/// The beginning of every state file.
const BEGINNING: &[u8] = b"{\"files\":";

impl State {
    /// The state in a text; an empty one is an empty state.
    pub(crate) fn parse(path: &Path, text: &[u8]) -> Result<Self> {
        let attempted = || format!("read state file {}", path.display());
        if text.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        if !text.starts_with(BEGINNING) {
            let why = "it is not a state file of kea-log-report";
            return Err(Error::new(attempted(), why).hint("name another file for --state"));
        }
        serde_json::from_slice(text).map_err(|cause| Error::new(attempted(), cause).hint("remove it to begin anew"))
    }

    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    pub(super) fn of(read: impl Iterator<Item = (String, (u64, u64), u64)>) -> Self {
        Self { files: read.map(|(file, (device, inode), offset)| Place { file, device, inode, offset }).collect() }
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
