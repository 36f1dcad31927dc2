//! Names of logs: rotated siblings, and the files that a configuration names.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::config::{self, Daemon, Document};
use crate::error::Error;
use crate::fs::access::is_absent;
use crate::fs::path::is_same_file;

/// What a compressed file has at its end.
const COMPRESSED: [&str; 3] = ["gz", "xz", "zst"];

/// The name of a log without what rotation and compression added: of `kea.log.2.gz` it is `kea.log`.
pub(crate) fn base(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    if path.extension().is_some_and(|last| COMPRESSED.iter().any(|known| last == *known)) {
        path.set_extension("");
    }
    let is_number = |last: &std::ffi::OsStr| !last.is_empty() && last.as_encoded_bytes().iter().all(u8::is_ascii_digit);
    if path.extension().is_some_and(is_number) {
        path.set_extension("");
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if let Some(Date { place, .. }) = date(&name) {
        path.set_file_name(format!("{}{}", &name[..place.start], &name[place.end..]));
    } else if let Some((before, seconds)) = name.rsplit_once('-')
        && seconds.len() >= 8
        && seconds.bytes().all(|byte| byte.is_ascii_digit())
    {
        path.set_file_name(before);
    }
    path
}

/// The date that rotation put into a name.
struct Date {
    place: Range<usize>,
    /// A number that grows with time.
    age: i64,
}

/// The date in a name, with what is before it and a time or number after it: of `kea.log-20261129`,
/// `kea-2026-11-29.log` or `kea.log.20261129-083000`.
fn date(name: &str) -> Option<Date> {
    let mut starts = name.bytes().enumerate().skip(1).filter(|(_, byte)| is_joint(Some(byte))).map(|(at, _)| at);
    starts.find_map(|at| date_at(name, at))
}

/// The same at a place, where the character before the date is.
fn date_at(name: &str, start: usize) -> Option<Date> {
    let digits = |at: usize, length: usize| {
        let text = name.get(at..at + length).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        text.and_then(|text| text.parse::<i64>().ok())
    };
    let is_dash = |at: usize| usize::from(name.as_bytes().get(at) == Some(&b'-'));
    let year = digits(start + 1, 4).filter(|year| (1990..2100).contains(year))?;
    let month = start + 5 + is_dash(start + 5);
    let day = month + 2 + is_dash(month + 2);
    let mut end = day + 2;
    let date = year * 10_000 + digits(month, 2).filter(|month| (1..=12).contains(month))? * 100;
    let date = date + digits(day, 2).filter(|day| (1..=31).contains(day))?;
    let more = end + usize::from(is_joint(name.as_bytes().get(end)));
    let length = name.bytes().skip(more).take_while(u8::is_ascii_digit).count().min(MOST_DIGITS);
    let number = digits(more, length).unwrap_or(0);
    if length > 0 {
        end = more + length;
    }
    let ends = name.as_bytes().get(end).is_none_or(|next| *next == b'.');
    ends.then(|| Date { place: start..end, age: date * 10_000_000_000 + number })
}

/// So many digits has a number of seconds since 1970.
const MOST_DIGITS: usize = 10;

/// What joins a date to a name.
fn is_joint(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b'-' | b'_' | b'.'))
}

/// Whether it is the empty file with which Kea locks a log, which `kea-dhcp4.log*` names too.
pub(super) fn is_lock(path: &Path) -> bool {
    path.extension().is_some_and(|last| last == "lock") && fs::metadata(path).is_ok_and(|it| it.len() == 0)
}

/// Sorts the siblings of a log by age, the oldest first: Kea's own numbers and those of logrotate are the highest for the
/// oldest, dates the lowest. The log itself is the last.
pub(super) fn age(path: &Path) -> i64 {
    let own = base(path);
    let length = own.file_name().map_or(0, OsStr::len);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if let Some(date) = date(&name) {
        return date.age;
    }
    let rest = name.get(length..).unwrap_or_default();
    let number = rest.split(['.', '-']).find_map(|part| part.parse::<i64>().ok());
    number.map_or(i64::MAX, |number| if number > 10_000_000 { number } else { -number })
}

/// The number that rotation gave a file, 0 for the log itself; `None` of one with a date.
pub(super) fn number(path: &Path) -> Option<i64> {
    match age(path) {
        i64::MAX => Some(0),
        age => Some(-age).filter(|number| *number >= 0),
    }
}

/// A log with its rotated siblings, the newest last; their folder is written as in the path of the log.
pub(crate) fn siblings(path: &Path) -> Vec<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let sibling = |entry: fs::DirEntry| path.with_file_name(entry.file_name());
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(|entry| entry.ok().map(sibling));
    let name = path.file_name();
    let is_sibling = |other: &PathBuf| other.file_name() != name && base(other).file_name() == name && other.is_file();
    let mut found: Vec<PathBuf> = entries.filter(is_sibling).collect();
    found.sort_by_key(|path| age(path));
    if path.exists() || found.is_empty() {
        found.push(path.to_owned());
    }
    found
}

/// What helps a user who has no right to a configuration or a log.
const MAY_READ: &str = "run as a member of the group of Kea's files, or as root";

/// What configurations say of logs.
#[derive(Debug, Default)]
pub(crate) struct Configured {
    pub(crate) logs: Vec<PathBuf>,
    /// The hook libraries of each daemon, in order.
    pub(crate) libraries: Vec<(Daemon, Vec<String>)>,
    /// What could not be read and may name a log, and why.
    pub(crate) unread: Vec<Error>,
}

impl Configured {
    fn cannot_read(&mut self, attempted: &str, path: &Path, cause: &io::Error) {
        let error = Error::io(format!("{attempted} {}", path.display()), cause);
        let is_denied = cause.kind() == io::ErrorKind::PermissionDenied;
        self.unread.push(if is_denied { error.hint(MAY_READ) } else { error });
    }

    /// Whether a file is one of these logs or a rotated sibling.
    pub(crate) fn has(&self, path: &Path) -> bool {
        self.logs.iter().any(|log| siblings(log).iter().any(|known| is_same_file(known, path)))
    }
}

/// The logs of these daemons, as their configurations name them.
pub(crate) fn configured(
    daemons: &[Daemon],
    given: Option<&Path>,
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> io::Result<Configured> {
    let mut found = Configured::default();
    let files = given.map_or_else(|| usual_files(daemons, &mut found), |path| vec![path.to_owned()]);
    for path in files {
        let content = match crate::fs::bounded::read(&path, 64 << 20) {
            Ok(content) => content,
            Err(cause) if given.is_some() => return Err(cause),
            Err(cause) => {
                found.cannot_read("read configuration", &path, &cause);
                continue;
            }
        };
        let mut reader = |path: &Path| crate::fs::bounded::read(path, 64 << 20);
        let document = Document::parse(&path, content, &mut reader);
        found.unread.extend(document.syntax_error().cloned());
        for config in document.configs() {
            let config = match config {
                Ok(config) => config,
                Err(error) => {
                    found.unread.push(error);
                    continue;
                }
            };
            if !daemons.contains(&config.daemon) {
                continue;
            }
            for log in config.log_files(variable) {
                if found.logs.contains(&log) {
                    continue;
                }
                if siblings(&log).iter().any(|path| path.is_file()) {
                    found.logs.push(log);
                } else if let Some(cause) = hidden(&log) {
                    found.cannot_read("read", &log, &cause);
                }
            }
            let libraries = config.server.hooks.iter().filter_map(|hook| hook.library.as_ref());
            let libraries = libraries.map(|library| library.display().to_string()).collect();
            found.libraries.push((config.daemon, libraries));
        }
    }
    Ok(found)
}

/// Why it is not known whether a log is there.
fn hidden(log: &Path) -> Option<io::Error> {
    let cause = fs::metadata(log).err()?;
    (!is_absent(&cause)).then_some(cause)
}

/// The usual configurations of these daemons; one that may be there but cannot be looked at is noted.
fn usual_files(daemons: &[Daemon], configured: &mut Configured) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for daemon in daemons {
        for path in config::daemon_files(*daemon) {
            match fs::metadata(&path) {
                Ok(it) if it.is_file() => {
                    found.push(path);
                    break;
                }
                Err(cause) if !is_absent(&cause) => {
                    configured.cannot_read("read configuration", &path, &cause);
                    break;
                }
                _ => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotation_and_compression_are_no_part_of_a_name() {
        for name in [
            "k.log",
            "k.log.1",
            "k.log.12.gz",
            "k.log.gz",
            "k.log-20261129",
            "k.log-20261129.xz",
            "k.log-2026112908",
            "k.log-20261129-1795940726.gz",
            "k.log-1795940726",
            "k_20261129.log",
            "k-20261129.log.gz",
            "k-2026-11-29_083000.log",
            "k.20261129.log.1",
            "k.log.2026-11-29",
            "k.log.20261129",
        ] {
            assert_eq!(base(Path::new(name)), Path::new("k.log"), "{name}");
        }
        for name in ["/x/kea-dhcp4.log", "kea-10.77.20261129x.log", "20261129.log", "kea-2026-13-29.log"] {
            assert_eq!(base(Path::new(name)), Path::new(name));
        }
    }

    #[test]
    fn dates_of_every_form_sort_by_time() {
        let mut names = ["k-20261129.log", "k-20261128.log.gz", "k-2026112812.log", "k.log", "k-2025-12-31.log"];
        names.sort_by_key(|name| age(Path::new(name)));
        assert_eq!(names, ["k-2025-12-31.log", "k-20261128.log.gz", "k-2026112812.log", "k-20261129.log", "k.log"]);
    }

    #[test]
    fn siblings_come_in_the_order_of_time() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["k.log", "k.log.1", "k.log.10.gz", "k.log.2", "k.log.lock", "other.log.1"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let names: Vec<_> =
            siblings(&folder.path().join("k.log")).iter().map(|path| path.file_name().unwrap().to_owned()).collect();
        assert_eq!(names, ["k.log.10.gz", "k.log.2", "k.log.1", "k.log"]);
    }
}
