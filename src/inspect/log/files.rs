//! The end of a daemon's log, in one file or several, including the previous file after a rotation.

use std::io;
use std::path::{Path, PathBuf};

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
