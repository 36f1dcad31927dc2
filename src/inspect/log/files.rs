//! The end of a daemon's log, in one file or several, including the previous file after a rotation.

use std::ffi::OsStr;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::line;
use crate::inspect::root::Root;

/// The number of bytes that are read at the end of each file.
const TAIL: u64 = 256 << 10;

/// The end of these logs, in the order of the times of their lines; and the first of them that cannot be read.
pub(super) fn read(root: &Root, paths: &[PathBuf]) -> (Vec<u8>, Option<(PathBuf, io::Error)>) {
    let (mut texts, mut fault) = (Vec::new(), None);
    for path in paths {
        match tail(root, path) {
            Ok(text) => texts.push(text),
            Err(cause) => fault = fault.or_else(|| Some((path.clone(), cause))),
        }
    }
    (merged(texts), fault)
}

/// The end of a log. If a rotation by Kea or logrotate has just started a new file, the previous one is read too.
fn tail(root: &Root, path: &Path) -> io::Result<Vec<u8>> {
    let text = root.tail(path, TAIL);
    let length = text.as_ref().map_or(0, Vec::len) as u64;
    if length >= TAIL || text.as_ref().is_err_and(|cause| cause.kind() != io::ErrorKind::NotFound) {
        return text;
    }
    let mut rotated = path.as_os_str().to_owned();
    rotated.push(".1");
    match (root.tail(&rotated, TAIL - length), text) {
        (Ok(before), text) => Ok([before, text.unwrap_or_default()].concat()),
        (Err(_), text) => text,
    }
}

/// How far before the end of a log is looked.
const FARTHEST: u64 = 16 << 20;

/// So much of it is read at once.
const PART: u64 = 1 << 20;

/// No line that is looked for is longer: parts overlap by it.
const LINE: u64 = 4 << 10;

/// What a log has before the end that [`read`] gives, in parts, the last first.
pub(super) fn before(root: &Root, path: &Path) -> impl Iterator<Item = Vec<u8>> {
    let end = root.metadata(path).map_or(0, |found| found.len()).saturating_sub(TAIL);
    let starts = (1..=FARTHEST / PART).map(move |number| end.saturating_sub(number * PART));
    let ends = (0..).map(move |number| end.saturating_sub(number * PART));
    let spans = starts.zip(ends).take_while(|(_, end)| *end > 0);
    spans.map_while(move |(start, end)| root.part(path, start, end - start + LINE).ok())
}

/// No more rotated files are looked through.
const MOST_ROTATED: usize = 32;

/// Where rotated files of a log are: their paths, the newest first.
pub(super) fn rotated(root: &Root, path: &Path) -> Vec<PathBuf> {
    let Some((folder, name)) = path.parent().zip(path.file_name()) else { return Vec::new() };
    let below = root.directory(folder).map(|mut found| found.pick(|name| Some(OsStr::from_bytes(name).to_owned())));
    let below = below.unwrap_or_default().into_iter().map(|name| folder.join(name));
    let below = below.filter(|place| root.metadata(place).is_ok_and(|found| found.is_dir()));
    let folders = std::iter::once(folder.to_owned()).chain(below).chain(old_folders(root, folder));
    let mut found: Vec<(i64, PathBuf)> = Vec::new();
    for folder in folders {
        let Ok(mut directory) = root.directory(&folder) else { continue };
        let names =
            directory.pick(|other| is_rotated(other, name.as_bytes()).then(|| OsStr::from_bytes(other).to_owned()));
        for place in names.into_iter().map(|name| folder.join(name)).filter(|place| place != path) {
            let modified = root.modified(&place).ok();
            if let Some(modified) = modified.filter(|_| found.iter().all(|(_, other)| *other != place)) {
                found.push((modified, place));
            }
        }
    }
    found.sort_by(|one, other| other.cmp(one));
    found.into_iter().map(|(_, place)| place).take(MOST_ROTATED).collect()
}

/// Whether a file is one of a log that was moved or copied: `k.log.1`, `k.log-20261120.gz`, `k-20261120.log`.
fn is_rotated(other: &[u8], log: &[u8]) -> bool {
    let stem = log.iter().rposition(|octet| *octet == b'.').map_or(log, |dot| &log[..dot]);
    let mark = |rest: &[u8]| matches!(rest.first(), Some(b'.' | b'-' | b'_' | b'~'));
    let is_dated = |rest: &[u8]| mark(rest) && rest.iter().any(u8::is_ascii_digit);
    let is_of = other.strip_prefix(log).is_some_and(|rest| rest.is_empty() || mark(rest))
        || other.strip_prefix(stem).is_some_and(is_dated);
    is_of && !other.ends_with(b".lock")
}

/// The directories that logrotate moves files of a log's directory to (`olddir`).
fn old_folders(root: &Root, folder: &Path) -> Vec<PathBuf> {
    const LARGEST: u64 = 1 << 20;
    let settings = Path::new("/etc/logrotate.d");
    let names = root.directory(settings).map(|mut found| found.pick(|name| Some(OsStr::from_bytes(name).to_owned())));
    let files = names.unwrap_or_default().into_iter().map(|name| settings.join(name));
    let texts = files.chain([PathBuf::from("/etc/logrotate.conf")]);
    let texts = texts.filter_map(|file| root.regular_file(file, LARGEST).ok());
    let places = texts.flat_map(|text| {
        let text = String::from_utf8_lossy(&text).into_owned();
        let place =
            |line: &str| line.trim().strip_prefix("olddir").map(|rest| rest.trim().trim_matches('"').to_owned());
        text.lines().filter_map(place).collect::<Vec<_>>()
    });
    places.filter(|place| !place.is_empty()).map(|place| folder.join(place)).collect()
}

/// The end of a rotated file, also of one that gzip has compressed.
pub(super) fn rotated_end(root: &Root, path: &Path) -> io::Result<Vec<u8>> {
    const GZIP: &[u8] = b"\x1f\x8b";
    let text = root.tail(path, FARTHEST)?;
    let is_compressed = root.part(path, 0, 2)?.starts_with(GZIP);
    if !is_compressed {
        return Ok(text);
    }
    let (file, _) = root.open_regular(path)?;
    let mut lines = MultiGzDecoder::new(file).take(MOST_PLAIN);
    let (mut text, mut more) = (Vec::new(), vec![0; 1 << 16]);
    let limit = usize::try_from(FARTHEST).unwrap_or(usize::MAX);
    loop {
        let read = lines.read(&mut more)?;
        if read == 0 {
            return Ok(text);
        }
        text.extend_from_slice(&more[..read]);
        if text.len() > 2 * limit {
            text.drain(..text.len() - limit);
        }
    }
}

/// So much of a compressed file is read.
const MOST_PLAIN: u64 = 1 << 30;

/// The lines of several logs in one.
fn merged(mut texts: Vec<Vec<u8>>) -> Vec<u8> {
    if texts.len() <= 1 {
        return texts.pop().unwrap_or_default();
    }
    let mut lines: Vec<(&[u8], &[u8])> = Vec::new();
    for text in &texts {
        // A line without a time continues the one before.
        let mut time: &[u8] = b"";
        for line in text.split(|octet| *octet == b'\n').filter(|line| !line.is_empty()) {
            time = line::moment(line).unwrap_or(time);
            lines.push((time, line));
        }
    }
    lines.sort_by_key(|(time, _)| *time);
    lines.iter().flat_map(|(_, line)| [*line, b"\n"]).flatten().copied().collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A directory as a machine, with these files.
    fn machine(files: &[(&str, &str)]) -> (tempfile::TempDir, Root) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let root = Root::new(folder.path());
        (folder, root)
    }

    fn text(files: &[(&str, &str)], names: &[&str]) -> String {
        let (_folder, root) = machine(files);
        let paths: Vec<PathBuf> = names.iter().map(|name| Path::new("/").join(name)).collect();
        String::from_utf8(read(&root, &paths).0).unwrap()
    }

    #[test]
    fn what_was_rotated_away_comes_before() {
        assert_eq!(text(&[("l", "new\n"), ("l.1", "old\n")], &["l"]), "old\nnew\n");
        assert_eq!(text(&[("l.1", "old\n")], &["l"]), "old\n");
        let long = "x".repeat(300 << 10);
        assert_eq!(text(&[("l", &long), ("l.1", "old\n")], &["l"]).len(), 256 << 10);
    }

    #[test]
    fn what_is_before_the_end_is_given_in_parts() {
        let lines = (0..300_000).map(|number| format!("{number}\n")).collect::<Vec<_>>().concat();
        let (_folder, root) = machine(&[("l", &lines), ("short", "x\n")]);
        let parts: Vec<Vec<u8>> = before(&root, Path::new("/l")).collect();
        assert_eq!(parts.len(), (lines.len() - (256 << 10)).div_ceil(1 << 20));
        assert!(parts.last().unwrap().starts_with(b"0\n1\n"));
        let has = |line: &[u8]| parts.iter().any(|part| memchr::memmem::find(part, line).is_some());
        assert!((0..260_000).step_by(100).all(|number| has(format!("\n{}\n", number + 1).as_bytes())));
        assert_eq!(before(&root, Path::new("/short")).count(), 0);
    }

    #[test]
    fn rotated_files_are_found_by_their_names() {
        for (name, is_its) in [
            ("k.log.1", true),
            ("k.log-20261120.gz", true),
            ("k.log.2026-11-20", true),
            ("k-20261120.log", true),
            ("k.log", true),
            ("k.log.lock", false),
            ("k.logger", false),
            ("k-other.log", false),
            ("other.log.1", false),
        ] {
            assert_eq!(is_rotated(name.as_bytes(), b"k.log"), is_its, "{name}");
        }
    }

    #[test]
    fn lines_of_several_logs_are_in_the_order_of_their_times() {
        let one = "2026-11-20 10:00:00.1 a\n  goes on\n2026-11-20 10:00:02.1 c\n";
        let two = "2026-11-20 10:00:01.1 b";
        let all = "2026-11-20 10:00:00.1 a\n  goes on\n2026-11-20 10:00:01.1 b\n2026-11-20 10:00:02.1 c\n";
        assert_eq!(text(&[("one", one), ("two", two)], &["one", "two"]), all);
        assert_eq!(text(&[("one", "x\n"), ("two", "y\n")], &["one", "two"]), "x\ny\n");
    }

    #[test]
    fn a_log_that_is_not_there_is_a_fault() {
        let (_folder, root) = machine(&[("one", "x\n")]);
        let (text, fault) = read(&root, &["/one".into(), "/two".into()]);
        assert_eq!((text.as_slice(), fault.unwrap().0), (&b"x\n"[..], PathBuf::from("/two")));
    }
}
