//! Pid files: where they may be, what they contain, and which processes have their numbers now.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::root::Root;
use super::{of, process, rights};
use crate::config::{Daemon, PID_DIRECTORIES, pid_file_name as name_for};
use crate::error::io_cause;
use crate::health::kea::facts::{Instance, Meaning, PidFile, Process};

/// A pid file is a number and a line end.
const LARGEST: u64 = 4096;

/// The variable with their directory.
const VARIABLE: &str = "KEA_PIDFILE_DIR";

/// The pid files found, and the directories that this user may not read.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Pid files with the daemons that their names tell.
    pub files: Vec<(Daemon, PidFile)>,
    /// Why directories could not be read.
    pub unseen: Vec<String>,
    /// The directories that were read: /var/run is usually a link to /run.
    seen: Vec<(u64, u64)>,
}

/// Directories of pid files, in addition to those of variables.
pub(super) fn directories() -> impl Iterator<Item = PathBuf> {
    PID_DIRECTORIES.iter().map(PathBuf::from)
}

/// Looks for the pid files of all daemons in `directories`, in the usual ones, and where those say that run and have
/// none there.
#[must_use]
pub(super) fn find(root: &Root, directories: &[PathBuf], running: &[(Daemon, Process)]) -> Found {
    let mut found = Found::default();
    for directory in directories.iter().map(PathBuf::as_path).chain(PID_DIRECTORIES.map(Path::new)) {
        found.look_into(root, directory, running);
    }
    for (daemon, process) in running {
        let is_its = |file: &PidFile| file.meaning == Meaning::Current && file.pid == Some(process.pid.into());
        // A path of a container is another directory.
        let is_known = process.inner_pid.is_some() || of(&found.files, *daemon).any(is_its);
        if let Some(directory) = (!is_known).then(|| process::variable(root, process.pid, VARIABLE)).flatten() {
            found.look_into(root, &directory, running);
        }
    }
    found
}

impl Found {
    fn look_into(&mut self, root: &Root, path: &Path, running: &[(Daemon, Process)]) {
        let mut directory = match root.directory(path) {
            Ok(directory) => directory,
            Err(cause) if cause.kind() == io::ErrorKind::PermissionDenied => {
                let remedy = rights::remedy(root, path);
                let text = format!("{}: {} ({remedy})", path.display(), io_cause(&cause));
                if !self.unseen.contains(&text) {
                    self.unseen.push(text);
                }
                return;
            }
            Err(_) => return,
        };
        let identity = directory.identity();
        if identity.is_some_and(|identity| self.seen.contains(&identity)) {
            return;
        }
        self.seen.extend(identity);
        let mut names = directory.pick(|name| Some((daemon_of(name)?, OsStr::from_bytes(name).to_owned())));
        names.sort();
        let files = names
            .into_iter()
            .filter_map(|(daemon, name)| Some((daemon, read(root, &path.join(name), daemon, running)?)));
        self.files.extend(files);
    }
}

/// The pid files that a daemon that does not run has left in `directories`.
pub(super) fn left_by(root: &Root, instance: &Instance, directories: &[PathBuf]) -> Vec<PidFile> {
    let name = format!("{}.{}.pid", instance.name, instance.daemon.process_name());
    let places = directories.iter().map(|directory| directory.join(&name));
    places.filter_map(|place| read(root, &place, instance.daemon, &[])).collect()
}

/// The pid files of a daemon in a container, below its own root directory: their numbers are those of its namespace.
pub(super) fn inside(root: &Root, home: &Root, daemon: Daemon, process: &Process) -> Vec<PidFile> {
    let Some(name) = process.config.as_ref().map(|file| name_for(daemon, file)) else { return Vec::new() };
    let own = process::variable(root, process.pid, VARIABLE);
    let directories = own.into_iter().chain(PID_DIRECTORIES.map(PathBuf::from));
    let mut seen = Vec::new();
    let files = directories.filter_map(|directory| {
        let path = directory.join(&name);
        let place = home.at(&path);
        let (text, _) = home.head(&path, LARGEST).ok().filter(|_| !seen.contains(&place))?;
        seen.push(place);
        let (pid, meaning) = match number(&text) {
            Err(why) => (None, Meaning::Bad(why)),
            Ok(pid) if Some(pid) == process.inner() => (Some(pid), Meaning::Current),
            Ok(pid) => (Some(pid), Meaning::Stale),
        };
        Some(PidFile { modified: home.modified(&path).ok(), path, pid, meaning })
    });
    files.collect()
}

/// The daemon of a pid file's name: `kea-dhcp4.conf` and `kea-dhcp4` make `kea-dhcp4.kea-dhcp4.pid`.
fn daemon_of(name: &[u8]) -> Option<Daemon> {
    let stem = std::str::from_utf8(name.strip_suffix(b".pid")?).ok()?;
    Daemon::from_process_name(stem.rsplit_once('.')?.1)
}

/// The configuration's name in a pid file's name.
#[must_use]
pub(super) fn configuration_name(file: &Path, daemon: Daemon) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.strip_suffix(&format!(".{}.pid", daemon.process_name())).unwrap_or(&name).to_owned()
}

/// The contents of a pid file; `None` if it is gone, or a link to a file that Kea has yet to create.
fn read(root: &Root, path: &Path, daemon: Daemon, running: &[(Daemon, Process)]) -> Option<PidFile> {
    let mut modified = None;
    let (pid, meaning) = match root.head(path, LARGEST) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            let leads_nowhere = leads_to(root, path)?.parent().is_some_and(|folder| root.metadata(folder).is_err());
            let why = "it is a dangling symbolic link".to_owned();
            (None, leads_nowhere.then_some(Meaning::Bad(why))?)
        }
        Err(cause) if cause.kind() == io::ErrorKind::PermissionDenied => (None, Meaning::Unreadable(io_cause(&cause))),
        Err(cause) => (None, Meaning::Bad(io_cause(&cause))),
        Ok((text, found)) => {
            modified = Some(found.mtime());
            match number(&text) {
                Err(why) => (None, Meaning::Bad(why)),
                Ok(pid) => (Some(pid), meaning(root, path, pid, daemon, running, &found)),
            }
        }
    };
    Some(PidFile { path: path.to_owned(), modified, pid, meaning })
}

/// Where a symbolic link leads.
fn leads_to(root: &Root, path: &Path) -> Option<PathBuf> {
    Some(path.parent()?.join(root.link(path).ok()?))
}

/// The number in a pid file, as Kea reads it: white space, a number, and at least one more character. Kea ignores the rest
/// (measured with 2.2.0), and does not start if it cannot read the file.
fn number(text: &[u8]) -> Result<i64, String> {
    let is_space = |c: &u8| c.is_ascii_whitespace() || *c == 0x0b;
    let text = &text[text.iter().take_while(|c| is_space(c)).count()..];
    let sign = usize::from(text.first().is_some_and(|c| matches!(c, b'+' | b'-')));
    let end = sign + text[sign..].iter().take_while(|c| c.is_ascii_digit()).count();
    let word = String::from_utf8_lossy(&text[..text.iter().take_while(|c| !is_space(c)).count()]);
    match word.get(..end).and_then(|number| number.parse::<i32>().ok()) {
        Some(_) if text.len() == end => Err("its number is not followed by the end of a line".to_owned()),
        Some(number) => Ok(number.into()),
        None if text.is_empty() => Err("it is empty".to_owned()),
        None => Err(format!("\"{}\" is no process number", word.chars().take(20).collect::<String>())),
    }
}

fn meaning(
    root: &Root,
    path: &Path,
    number: i64,
    daemon: Daemon,
    running: &[(Daemon, Process)],
    found: &Metadata,
) -> Meaning {
    // A number below 1 is not a pid, for Kea too.
    let Some(pid) = u32::try_from(number).ok().filter(|pid| *pid > 0) else { return Meaning::Stale };
    let owner = running.iter().find(|(other, process)| *other == daemon && names(path, pid, daemon, process));
    if let Some((_, process)) = owner {
        let is_its_own = process.config.as_ref().is_some_and(|file| path.ends_with(name_for(daemon, file)));
        // The clock may have been set since, so the time decides only where the name does not.
        if is_its_own || found.mtime() + 1 >= process.started {
            return Meaning::Current;
        }
    }
    match process::name(root, pid) {
        _ if !is_in_the_way(root, found.uid(), pid) => Meaning::Stale,
        Ok(name) => Meaning::Reused(name),
        Err(_) if process::exists(root, pid) => Meaning::Reused("unknown".to_owned()),
        Err(_) => Meaning::Stale,
    }
}

/// Whether Kea, run by the user `kea` as before, would find the process: it does not see those that it may not signal.
fn is_in_the_way(root: &Root, kea: u32, pid: u32) -> bool {
    kea == 0 || root.metadata(format!("/proc/{pid}")).is_ok_and(|process| process.uid() == kea)
}

/// Whether a pid file's number is the process's; in a container that is the inner one.
fn names(path: &Path, pid: u32, daemon: Daemon, process: &Process) -> bool {
    let is_inner = process.inner_pid == Some(pid)
        && process.config.as_ref().is_some_and(|file| path.ends_with(name_for(daemon, file)));
    process.pid == pid || is_inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_daemon_and_configuration() {
        let name = name_for(Daemon::Dhcp4, Path::new("/etc/kea/tt-kea-dhcp4-dev1.conf"));
        assert_eq!(name, Path::new("tt-kea-dhcp4-dev1.kea-dhcp4.pid"));
        assert_eq!(daemon_of(name.as_os_str().as_bytes()), Some(Daemon::Dhcp4));
        assert_eq!(configuration_name(&name, Daemon::Dhcp4), "tt-kea-dhcp4-dev1");
        for other in ["kea-dhcp4.pid", "sshd.pid", "kea-dhcp4.kea-dhcp4.pid.lock", "x.kea-dhcp9.pid"] {
            assert_eq!(daemon_of(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn a_number_is_read_as_kea_reads_it() {
        for (text, read) in [
            ("4711\n", 4711),
            ("12\n13\n", 12),
            ("\n\u{b} 12abc\n", 12),
            ("+12 ", 12),
            ("0\n", 0),
            ("-5\n", -5),
            ("0x10\n", 0),
        ] {
            assert_eq!(number(text.as_bytes()), Ok(read), "{text:?}");
        }
        for bad in ["", "\n", "4711", "-", "99999999999999999999\n", "4294967295\n", "x\n", "\u{0}\u{0}", "ä1\n"] {
            assert!(number(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }
}
