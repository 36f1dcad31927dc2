//! Files next to a log that may belong to it and are not read: compressed in another way, no regular files, other copies.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::super::Gathered;
use crate::inspect::Root;
use crate::source::logs::{base, siblings};

/// Ways to compress, and what reads them.
const OTHER_WAYS: [(&str, &str); 8] = [
    ("bz2", "bzcat"),
    ("lzma", "xzcat"),
    ("lz4", "lz4cat"),
    ("lz", "lzip -dc"),
    ("lzo", "lzop -dc"),
    ("br", "brotli -dc"),
    ("Z", "zcat"),
    ("zip", "unzip -p"),
];

/// Lists them as missing.
pub(super) fn report(root: &Root, log: &Path, gathered: &mut Gathered) {
    let Some(own) = log.file_name().map(|name| name.to_string_lossy().into_owned()) else { return };
    let folder = log.parent().unwrap_or(Path::new("/"));
    let Ok(mut directory) = root.directory(folder) else { return };
    let read: BTreeSet<OsString> =
        siblings(&root.at(folder).join(&own)).iter().filter_map(|path| path.file_name().map(OsString::from)).collect();
    let mut names = directory.pick(|name| {
        let name = String::from_utf8_lossy(name).into_owned();
        (name.starts_with(&own) && name != own && !read.contains(OsString::from(&name).as_os_str())).then_some(name)
    });
    names.sort();
    for name in names {
        of_name(root, &own, &folder.join(name), gathered);
    }
}

fn of_name(root: &Root, own: &str, path: &Path, gathered: &mut Gathered) {
    let shown = path.display().to_string();
    let is_rotated = |path: &Path| base(path).file_name().is_some_and(|name| name == own);
    let is_regular = root.metadata(path).is_ok_and(|found| found.is_file());
    let rest = &path.file_name().unwrap_or_default().to_string_lossy()[own.len()..];
    match way(path) {
        // Another log may begin with the same name.
        _ if !rest.starts_with(['.', '-', '_', '~']) || rest == ".lock" => {}
        Some((plain, tool)) if is_regular && is_rotated(&plain) => {
            gathered.missing(shown, format!("it is compressed; {tool} reads it"));
        }
        _ if is_rotated(path) && !is_regular => gathered.missing(shown, "not a regular file"),
        _ => gathered.left_out(shown, "it is not named as a rotated log (--include adds it)"),
    }
}

/// The name without what a way to compress adds, and what reads it.
fn way(path: &Path) -> Option<(PathBuf, &'static str)> {
    let end = path.extension()?;
    let (_, tool) = OTHER_WAYS.iter().find(|(known, _)| end == *known)?;
    Some((path.with_extension(""), tool))
}
