//! The files of a directory that may be configurations. Others may be of any size, such as earlier outputs: of these only the beginning
//! is read.

use std::fs;
use std::io::{self, BufReader, Read as _};
use std::path::{Path, PathBuf};

use crate::config;
use crate::fs::bounded;

/// The maximum number of files of a directory that are read.
const MOST_FILES: usize = 100;

/// So much of a file is read at once.
const PIECE: usize = 64 << 10;

/// The files in `directory` that may be configurations.
pub(super) fn configurations_in(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let may_be = |file: &PathBuf| file.extension().is_some_and(|end| end == "conf" || end == "json");
    files.filter(may_be).filter(|file| begins_like_one(file)).take(MOST_FILES).collect()
}

/// Whether a file begins like a configuration. It may be anything of any size, such as an earlier output.
fn begins_like_one(file: &Path) -> bool {
    let octets = |file| BufReader::with_capacity(PIECE, file).bytes().map_while(io::Result::ok);
    bounded::open(file).is_ok_and(|file| config::may_configure(octets(file)))
}
