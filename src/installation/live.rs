//! The files that Kea's daemons use, and the decision whether a program may write a file.
//!
//! If a file of a running server is replaced, the server goes on writing into the old file, which has no name any more and
//! is lost. So no program writes a lease file or its companions, a log, a configuration, a pid file or a socket of any
//! known configuration, under whatever name, from whatever source its data comes.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{FileExt as _, FileTypeExt as _};
use std::path::{Path, PathBuf};

use super::neighbours::configurations_in;
use super::running::{Running, running};
use crate::config::keactrl::Keactrl;
use crate::config::{self, Daemon, Document, FileUse, KEACTRL_FILES};
use crate::error::{Error, Result};
use crate::family::Family;
use crate::fs::atomic::names_a_descriptor;
use crate::fs::bounded;
use crate::fs::path::{Identity, destination};

/// A larger file is not a configuration.
const LARGEST: u64 = 64 << 20;

/// The companions of a lease file: what cleanup makes and is about to make, and its pid file.
const COMPANIONS: [&str; 7] = ["", ".1", ".2", ".completed", ".output", ".pid", ".pid.lock"];

/// What helps after a lease file was emptied or damaged.
#[must_use]
pub fn rescue(family: Option<Family>) -> String {
    let family = family.map_or_else(String::new, |family| format!(" -{}", family.digit()));
    format!(
        "a server that still runs has its leases in memory: kea-lease-dump{family} -t api -o FILE writes them, before it is \
         stopped; else restore a copy"
    )
}

/// Looks up an environment variable.
type Variables<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

/// The files that no program writes.
#[derive(Debug, Default)]
pub struct LiveFiles {
    files: Vec<Live>,
    /// The configurations and directories that were read: each of them is read once.
    read: Vec<Read>,
    /// Device and number of files that processes have open, and of which process.
    open: Vec<((u64, u64), String)>,
    /// Of which families it is known where the leases are.
    families: Vec<Family>,
    /// The lease files of each family if that is not known.
    usual: Vec<(Family, PathBuf)>,
}

#[derive(Debug)]
struct Live {
    file: Identity,
    /// What it is: `the lease file of the DHCPv4 server of /etc/kea/kea-dhcp4.conf`.
    what: String,
    /// Of a log, names with a number after them are its own too.
    used_as: FileUse,
    /// Whose leases they are, if that is known.
    family: Option<Family>,
}

/// A configuration or directory that was read, and all else that decides which files it names.
#[derive(Debug, PartialEq, Eq)]
struct Read {
    file: Identity,
    /// Pid files have their names from its name.
    name: Option<OsString>,
    /// The root directory of its machine.
    root: PathBuf,
    variables: [Option<OsString>; config::PATH_VARIABLES.len()],
}

/// Why a file must not be written, and what would help.
struct Objection {
    cause: String,
    remedy: &'static str,
    /// What helps if it was emptied.
    rescue: Option<String>,
}

/// Whether the shell has redirected standard output into a file.
#[must_use]
pub fn is_stdout_a_file() -> bool {
    Path::new("/dev/stdout").is_file()
}

impl LiveFiles {
    /// Those of this host: of the configurations in the usual directories, of `keactrl.conf`, of daemons that run.
    #[must_use]
    pub fn of_this_host(variables: &Variables<'_>) -> Self {
        let mut live = Self::default();
        live.add_this_host(variables);
        live
    }

    /// The same in addition to others.
    pub fn add_this_host(&mut self, variables: &Variables<'_>) {
        for family in [Family::V4, Family::V6] {
            let files = config::usual_lease_files(family, variables);
            self.usual.extend(files.into_iter().map(|file| (family, file)));
        }
        for directory in config::configuration_directories() {
            self.add_directory(&directory, variables);
        }
        for file in KEACTRL_FILES {
            self.add_keactrl(Path::new(file), &Path::to_owned, variables);
        }
        for daemon in running() {
            self.add_running(&daemon, variables);
        }
    }

    /// Those of the configuration `path`, a file or a directory, and of those in the same directory.
    pub fn add_configuration(&mut self, path: &Path, variables: &Variables<'_>) {
        if path.is_dir() {
            self.add_directory(path, variables);
        } else {
            self.add_file(path, path, &Path::to_owned, variables);
            self.add_directory(crate::fs::path::folder_of(path), variables);
        }
    }

    /// Those of a machine whose root directory is elsewhere; `at` says where a file of it is.
    pub fn add_machine(&mut self, at: &dyn Fn(&Path) -> PathBuf) {
        for directory in config::configuration_directories() {
            for file in configurations_in(&at(&directory)) {
                let name = directory.join(file.file_name().unwrap_or_default());
                self.add_file(&name, &file, at, &|_| None);
            }
        }
        for file in KEACTRL_FILES {
            self.add_keactrl(Path::new(file), at, &|_| None);
        }
    }

    /// Those of a `keactrl.conf`, and of the configurations it names; `at` says where a file is.
    pub fn add_keactrl(&mut self, path: &Path, at: &dyn Fn(&Path) -> PathBuf, variables: &Variables<'_>) {
        let Ok(text) = bounded::read(&at(path), LARGEST) else { return };
        self.add(&at(path), "the configuration of keactrl".to_owned());
        let keactrl = Keactrl::parse(&text);
        for file in Daemon::ALL.into_iter().filter_map(|daemon| keactrl.config_file(daemon)) {
            self.add_file(&file, &at(&file), at, variables);
        }
    }

    /// Those of a configuration that a running server gave, which is called `name`.
    pub fn add_text(&mut self, name: &str, text: Vec<u8>, variables: &Variables<'_>) {
        self.add_named(Path::new(name), text, &Path::to_owned, variables);
    }

    /// A lease file with its companions, because it is `what`.
    pub fn add_lease_file(&mut self, path: &Path, what: &str, family: Option<Family>) {
        // Of a link, Kea has the companions in the directory of the link, and its administrator may have some with the file.
        for file in [Some(path.to_owned()), destination(path).ok()].into_iter().flatten() {
            for companion in COMPANIONS {
                let mut name = file.clone().into_os_string();
                name.push(companion);
                self.add_as(FileUse::Leases, Path::new(&name), what.to_owned(), family);
            }
        }
    }

    fn add(&mut self, path: &Path, what: String) {
        self.add_as(FileUse::Other, path, what, None);
    }

    fn add_as(&mut self, used_as: FileUse, path: &Path, what: String, family: Option<Family>) {
        self.files.push(Live { file: Identity::from_path(path), what, used_as, family });
    }

    fn add_directory(&mut self, directory: &Path, variables: &Variables<'_>) {
        if !self.is_first(directory, directory, &Path::to_owned, variables) {
            return;
        }
        for file in configurations_in(directory) {
            self.add_file(&file, &file, &Path::to_owned, variables);
        }
    }

    /// Whether this has not been read before, which it is now.
    fn is_first(
        &mut self,
        name: &Path,
        place: &Path,
        at: &dyn Fn(&Path) -> PathBuf,
        variables: &Variables<'_>,
    ) -> bool {
        let read = Read {
            file: Identity::from_path(place),
            name: name.file_name().map(OsString::from),
            root: at(Path::new("/")),
            variables: config::PATH_VARIABLES.map(variables),
        };
        let is_first = !self.read.contains(&read);
        if is_first {
            self.read.push(read);
        }
        is_first
    }

    fn add_running(&mut self, daemon: &Running, variables: &Variables<'_>) {
        let what = format!("process {} ({})", daemon.pid, daemon.daemon.process_name());
        self.open.extend(daemon.open_files().into_iter().map(|number| (number, what.clone())));
        let Some(config) = &daemon.config else { return };
        let variable = |name: &str| daemon.variable(name).or_else(|| variables(name));
        self.add_file(config, &daemon.at(config), &|path| daemon.at(path), &variable);
    }

    /// Those of the configuration file that is called `name` and found at `place`.
    fn add_file(&mut self, name: &Path, place: &Path, at: &dyn Fn(&Path) -> PathBuf, variables: &Variables<'_>) {
        if !self.is_first(name, place, at, variables) {
            return;
        }
        let Ok(text) = bounded::read(place, LARGEST) else { return };
        let daemons = self.add_named(name, text, at, variables);
        for daemon in daemons {
            self.add(place, format!("the configuration of the {daemon}"));
            for file in config::pid_files(daemon, name, variables) {
                self.add(&at(&file), format!("the pid file of the {daemon} of {}", name.display()));
            }
        }
    }

    /// The files that the text of a configuration names; returns the daemons that it configures.
    fn add_named(
        &mut self,
        name: &Path,
        text: Vec<u8>,
        at: &dyn Fn(&Path) -> PathBuf,
        variables: &Variables<'_>,
    ) -> Vec<Daemon> {
        let mut included = Vec::new();
        let mut reader = |path: &Path| {
            included.push(at(path));
            bounded::read(&at(path), LARGEST)
        };
        let named = Document::parse(name, text, &mut reader).named(variables);
        for file in included.iter().filter(|_| !named.daemons.is_empty()) {
            self.add(file, format!("a part of the configuration {}", name.display()));
        }
        self.families.extend(named.families);
        // A server that writes to /dev/stdout means its own.
        for file in named.files.into_iter().filter(|file| !names_a_descriptor(&file.path)) {
            let (place, daemon) = (at(&file.path), file.daemon);
            let shown = name.display();
            match file.used_as {
                FileUse::Leases => {
                    let what = format!("the lease file of the {daemon} of {shown}");
                    self.add_lease_file(&place, &what, daemon.family());
                }
                FileUse::Log => self.add_as(FileUse::Log, &place, format!("the log of the {daemon} of {shown}"), None),
                FileUse::Other => self.add(&place, format!("a file of the {daemon} of {shown}")),
            }
        }
        named.daemons
    }

    /// Refuses to write `target` if Kea uses it.
    ///
    /// # Errors
    /// It is the file of a server, or may be.
    pub fn refuse(&self, target: &Path) -> Result<()> {
        let attempted = format!("write {}", target.display());
        if let Some(objection) = self.objection(target) {
            return Err(Error::new(attempted, objection.cause).hint(objection.remedy));
        }
        let identity = Identity::from_path(target);
        let Some((_, process)) = self.open.iter().find(|(number, _)| identity.is_file(*number)) else { return Ok(()) };
        let cause = format!("{process} has this file open and would lose it");
        Err(Error::new(attempted, cause).hint("choose another name"))
    }

    /// Refuses to write standard output if the shell has redirected it to such a file. Files that processes have open are
    /// not compared: a daemon may legitimately have the same standard output.
    ///
    /// # Errors
    /// It is the file of a server, or may be.
    pub fn refuse_stdout(&self) -> Result<()> {
        let stdout = Path::new("/dev/stdout");
        let Some(Objection { cause, remedy, rescue }) = self.objection(stdout) else { return Ok(()) };
        let is_empty = fs::metadata(stdout).is_ok_and(|found| found.len() == 0);
        let lost = if is_empty { ", and the shell has emptied it" } else { "" };
        let error = Error::new("write standard output", format!("{cause}{lost}")).of_stdout();
        Err(error.hint(rescue.filter(|_| is_empty).unwrap_or_else(|| remedy.to_owned())))
    }

    /// Why `target` is not written, whatever processes have open.
    fn objection(&self, target: &Path) -> Option<Objection> {
        if fs::metadata(target).is_ok_and(|found| is_no_file(&found)) {
            return None;
        }
        let identity = Identity::from_path(target);
        let is_it = |live: &&Live| {
            identity.is_same(&live.file) || (live.used_as == FileUse::Log && identity.is_rotated(&live.file))
        };
        if let Some(live) = self.files.iter().find(is_it) {
            let cause = format!("this is {}; a running server would lose it", live.what);
            let rescue = (live.used_as == FileUse::Leases).then(|| rescue(live.family));
            return Some(Objection { cause, remedy: "choose another name", rescue });
        }
        if is_program(target) {
            let cause = "this is a program or a library".to_owned();
            return Some(Objection { cause, remedy: "choose another name", rescue: None });
        }
        self.usual_of(&identity).map(|family| Objection {
            cause: format!("{family} servers keep their leases there, and no configuration says that none does"),
            remedy: "choose another name, or remove the file if no server uses it",
            rescue: Some(rescue(Some(family))),
        })
    }

    /// The family whose leases are usually in this file or a companion, if they are not known to be elsewhere.
    fn usual_of(&self, identity: &Identity) -> Option<Family> {
        let unknown = self.usual.iter().filter(|(family, _)| !self.families.contains(family));
        let mut present = unknown.filter(|(_, file)| fs::symlink_metadata(file).is_ok());
        present.find_map(|(family, file)| {
            let mut one = Self::default();
            one.add_lease_file(file, "", None);
            one.files.iter().any(|live| live.file.is_same(identity)).then_some(*family)
        })
    }
}

/// Devices and pipes are written to and never replaced.
fn is_no_file(found: &fs::Metadata) -> bool {
    let kind = found.file_type();
    kind.is_char_device() || kind.is_block_device() || kind.is_fifo()
}

/// Whether it begins like a program, library or script; no output of these programs does.
fn is_program(path: &Path) -> bool {
    let mut start = [0; 4];
    let read = fs::File::open(path).and_then(|file| file.read_at(&mut start, 0));
    read.is_ok() && (start == *b"\x7fELF" || start.starts_with(b"#!"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A directory with a configuration of its own.
    fn installed(text: &str) -> (tempfile::TempDir, LiveFiles) {
        let folder = tempfile::tempdir().unwrap();
        let shown = folder.path().display().to_string();
        fs::write(folder.path().join("kea-dhcp4.conf"), text.replace("DIR", &shown)).unwrap();
        fs::write(folder.path().join("l.csv"), "").unwrap();
        let mut live = LiveFiles::default();
        live.add_configuration(&folder.path().join("kea-dhcp4.conf"), &|_| None);
        (folder, live)
    }

    const MEMFILE: &str = r#"{"Dhcp4": {"lease-database": {"type": "memfile", "name": "DIR/l.csv"},
        "control-socket": {"socket-type": "unix", "socket-name": "DIR/s"},
        "loggers": [{"name": "kea-dhcp4", "output_options": [{"output": "DIR/kea.log"}, {"output": "/dev/null"}]}]}}"#;

    #[test]
    fn whatever_a_configuration_names_is_refused_by_any_spelling() {
        let (folder, live) = installed(MEMFILE);
        let at = |name: &str| folder.path().join(name);
        symlink("l.csv.completed", at("dangling")).unwrap();
        symlink(".", at("linked")).unwrap();
        fs::hard_link(at("l.csv"), at("other.csv")).unwrap();
        for name in [
            "l.csv",
            "l.csv.1",
            "l.csv.2",
            "l.csv.output",
            "l.csv.pid",
            "dangling",
            "linked/l.csv.2",
            "other.csv",
            "./linked/l.csv",
            "s",
            "kea.log",
            "kea.log.7",
            "kea-dhcp4.conf",
        ] {
            let refused = live.refuse(&at(name)).unwrap_err().to_string();
            assert!(
                refused.starts_with(&format!("write {}: this is the ", at(name).display())) || name == "s",
                "{refused}"
            );
            assert!(refused.ends_with("a running server would lose it (choose another name)"), "{refused}");
        }
        for name in ["new.csv", "l.csv.bak", "linked/x", "kea.log.old", "l.csv.11"] {
            assert!(live.refuse(&at(name)).is_ok(), "{name}");
        }
        assert!(live.refuse(Path::new("/dev/null")).is_ok());
    }

    #[test]
    fn the_other_family_and_what_keactrl_names_are_known_too() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let text = |family: char, file: &str| {
            let name = at(file).display().to_string();
            format!("{{\"Dhcp{family}\": {{\"lease-database\": {{\"type\": \"memfile\", \"name\": \"{name}\"}}}}}}")
        };
        fs::write(at("kea-dhcp4.conf"), text('4', "four.csv")).unwrap();
        fs::write(at("kea-dhcp6.conf"), text('6', "six.csv")).unwrap();
        fs::create_dir(at("sub")).unwrap();
        fs::write(at("sub/third"), text('4', "third.csv")).unwrap();
        fs::write(at("keactrl"), format!("kea_dhcp4_config_file={}\n", at("sub/third").display())).unwrap();
        let mut live = LiveFiles::default();
        live.add_configuration(&at("kea-dhcp4.conf"), &|_| None);
        live.add_keactrl(&at("keactrl"), &Path::to_owned, &|_| None);
        for name in ["four.csv", "six.csv.2", "third.csv", "keactrl", "sub/third", "kea-dhcp6.conf"] {
            assert!(live.refuse(&at(name)).is_err(), "{name}");
        }
        assert!(live.refuse(&at("fifth.csv")).is_ok());
    }

    #[test]
    fn a_configuration_is_read_once_whatever_it_is_called() {
        let (folder, mut live) = installed(MEMFILE);
        let at = |name: &str| folder.path().join(name);
        let known = live.files.len();
        symlink(".", at("linked")).unwrap();
        for name in ["kea-dhcp4.conf", "./kea-dhcp4.conf", "linked/kea-dhcp4.conf", "", "linked"] {
            live.add_configuration(&at(name), &|_| None);
            assert_eq!(live.files.len(), known, "{name}");
        }
        // With other variables or another name it has other files.
        live.add_configuration(&at("kea-dhcp4.conf"), &|name| (name == "KEA_PIDFILE_DIR").then(|| at("").into()));
        assert!(live.refuse(&at("kea-dhcp4.kea-dhcp4.pid")).is_err());
        fs::hard_link(at("kea-dhcp4.conf"), at("other.conf")).unwrap();
        let known = live.files.len();
        live.add_configuration(&at("other.conf"), &|_| None);
        assert!(live.files.len() > known);
    }

    #[test]
    fn of_a_neighbour_that_is_none_only_the_beginning_is_read() {
        let (folder, mut live) = installed(MEMFILE);
        let known = live.files.len();
        for name in ["report.json", "report.conf"] {
            let mut text = br#"{"at": 1, "Dhcp4": {"lease-database": {"type": "memfile", "name": "/x.csv"}}}"#.to_vec();
            text.resize(1 << 17, b' ');
            fs::write(folder.path().join(name), text).unwrap();
        }
        live.add_configuration(folder.path(), &|_| None);
        assert_eq!(live.files.len(), known);
        assert!(live.refuse(&folder.path().join("report.json")).is_ok());
    }

    #[test]
    fn a_usual_lease_file_without_configuration_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kea-leases4.csv");
        fs::write(&file, "").unwrap();
        let mut live = LiveFiles { usual: vec![(Family::V4, file.clone())], ..LiveFiles::default() };
        assert!(live.refuse(&file).unwrap_err().to_string().contains("no configuration says that none does"));
        live.add_text("x", br#"{"Dhcp6": {"lease-database": {"type": "mysql"}}}"#.to_vec(), &|_| None);
        assert!(live.refuse(&file).is_err());
        live.add_text("x", br#"{"Dhcp4": {"lease-database": {"type": "mysql"}}}"#.to_vec(), &|_| None);
        assert!(live.refuse(&file).is_ok());
    }

    #[test]
    fn what_a_process_has_open_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kea.log");
        fs::write(&file, "").unwrap();
        let opened = fs::File::open(&file).unwrap();
        let this = Running { pid: std::process::id(), daemon: Daemon::Dhcp4, config: None };
        let mut live = LiveFiles::default();
        live.add_running(&this, &|_| None);
        assert!(live.refuse(&file).unwrap_err().to_string().contains("has this file open"));
        drop(opened);
    }

    #[test]
    fn a_program_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("kea-status");
        fs::write(&script, "#!/bin/sh\nkeactrl-status\n").unwrap();
        let live = LiveFiles::default();
        for program in [std::env::current_exe().unwrap(), script] {
            let refusal = live.refuse(&program).unwrap_err().to_string();
            assert!(refusal.contains("this is a program or a library"), "{refusal}");
        }
        let leases = folder.path().join("leases.csv");
        fs::write(&leases, "address,hwaddr\n").unwrap();
        assert!(live.refuse(&leases).is_ok());
    }
}
