//! What the logging of this machine's daemons depends on: their configurations, releases, users and log files.
//!
//! Nothing is opened for writing, and no log is opened at all.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf, absolute};

use super::daemon::has_own_files;
use super::descriptors::Descriptors;
use super::process;
use super::root::Root;
use super::{LARGEST_PROGRAM, programs, rights};
use crate::config::keactrl::Keactrl;
use crate::config::{self, Config, Daemon, Document, build};
use crate::error::{Error, Result};
use crate::health::kea::facts::Process;
use crate::loggers::{FileState, Rules, Site, Surroundings};
use crate::release::Release;

mod file;
mod service;

use service::Service;

/// Larger than any configuration of Kea.
const LARGEST: u64 = 256 << 20;

/// Where logs are, unless a daemon says otherwise.
const LOG_DIRECTORY: &str = "/var/log/kea";

/// What to examine.
pub struct Scope<'a> {
    /// The machine.
    pub root: Root,
    /// The configurations; none is those of the daemons that run, else the usual ones.
    pub files: Vec<PathBuf>,
    /// The release whose rules hold, if it is not to be found.
    pub release: Option<Release>,
    /// Looks into the environment.
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The daemons with their surroundings.
    pub sites: Vec<Site>,
    /// Why configurations could not be read.
    pub unread: Vec<Error>,
}

/// A configuration, and the process that was started with it.
struct Candidate {
    file: PathBuf,
    process: Option<Process>,
}

/// Examines the machine.
#[must_use]
pub fn examine(scope: &Scope<'_>) -> Found {
    let running = process::table(&scope.root, true).daemons;
    let mut found = Found::default();
    for candidate in candidates(scope, &running) {
        match document(&scope.root, &candidate) {
            Ok(document) => found.add(scope, &document, &candidate, &running),
            Err(error) => found.unread.push(error),
        }
    }
    found
}

/// The text of a configuration.
///
/// # Errors
/// It cannot be read.
pub fn text(root: &Root, file: &Path) -> Result<Vec<u8>> {
    read(root, file).map_err(|cause| unreadable(root, file, &cause))
}

/// The daemon as it would be on this machine without any configuration.
#[must_use]
pub fn without_configuration(scope: &Scope<'_>, daemon: Daemon) -> Site {
    let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
    let document = Document::parse(Path::new(""), b"{}".to_vec(), &mut reader);
    let surroundings = surroundings(scope, daemon, (Path::new(""), None), &scope.root);
    Site::new(&document, Config::empty(daemon), surroundings)
}

/// A daemon with another list of loggers, which is JSON.
#[must_use]
pub fn with_list(scope: &Scope<'_>, site: &Site, loggers: &str) -> Site {
    let daemon = site.config.daemon;
    let text = format!("{{ \"{}\": {{ \"loggers\": {loggers} }} }}", daemon.config_key());
    let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
    let document = Document::parse(&site.config.file, text.into_bytes(), &mut reader);
    let mut config = document.config(daemon).unwrap_or_else(|_| Config::empty(daemon));
    config.server.hooks.clone_from(&site.config.server.hooks);
    let mut site = Site::new(&document, config, site.surroundings.clone());
    add_files(&mut site, None, &scope.root);
    site
}

impl Found {
    fn add(&mut self, scope: &Scope<'_>, document: &Document, candidate: &Candidate, running: &[(Daemon, Process)]) {
        let before = self.sites.len();
        for config in document.configs() {
            match config {
                Ok(config)
                    if self
                        .sites
                        .iter()
                        .any(|site| site.config.daemon == config.daemon && site.config.file == config.file) => {}
                Ok(config) => self.sites.push(site(scope, document, config, candidate, running)),
                Err(error) => self.unread.push(error),
            }
        }
        if self.sites.len() == before {
            let nothing = || Error::new(format!("read {}", candidate.file.display()), "it configures no daemon of Kea");
            self.unread.push(document.syntax_error().cloned().unwrap_or_else(nothing));
        }
    }
}

fn site(
    scope: &Scope<'_>,
    document: &Document,
    config: Config,
    candidate: &Candidate,
    running: &[(Daemon, Process)],
) -> Site {
    let daemon = config.daemon;
    let its_own = candidate.process.as_ref();
    let is_its = |process: &Process| {
        configuration_of(process).is_some_and(|file| absolute(&config.file).is_ok_and(|it| it == file))
    };
    let named =
        || running.iter().find(|(other, process)| *other == daemon && is_its(process)).map(|(_, process)| process);
    let process = its_own.or_else(named);
    let home = home(&scope.root, its_own);
    let surroundings = surroundings(scope, daemon, (&config.file, process), &home);
    let mut site = Site::new(document, config, surroundings);
    add_files(&mut site, process, &home);
    site
}

fn add_files(site: &mut Site, process: Option<&Process>, home: &Root) {
    let user = user_number(site, process, home);
    let facts = |path: PathBuf| {
        let facts = file::facts(home, &path, user);
        (path, facts)
    };
    site.surroundings.files = site.paths().map(facts).collect();
    note_moved(site, process, home);
}

/// Notes which logs a process goes on writing under other names, as far as this user may see its open files.
fn note_moved(site: &mut Site, process: Option<&Process>, home: &Root) {
    let open = process.filter(|_| home.is_own()).and_then(|process| Descriptors::from_process(home, process.pid));
    let Some(open) = open else { return };
    let paths: Vec<PathBuf> = site.surroundings.files.keys().cloned().collect();
    for (path, facts) in &mut site.surroundings.files {
        let moved = open.moved(path, &paths).map(|file| file.path.clone());
        if matches!(facts.state, FileState::Writable | FileState::New | FileState::Unlockable) {
            facts.state = moved.map_or_else(|| facts.state.clone(), FileState::Moved);
        }
    }
}

/// The configuration that a process was started with.
fn configuration_of(process: &Process) -> Option<PathBuf> {
    let file = process.config.as_ref()?;
    Some(process.directory.as_ref().map_or_else(|| file.clone(), |directory| directory.join(file)))
}

/// Where a process has its files.
fn home(root: &Root, process: Option<&Process>) -> Root {
    let apart = process.filter(|process| process.inner_pid.is_some() || has_own_files(root, process.pid));
    apart.map_or_else(|| root.clone(), |process| root.of_process(process.pid))
}

fn user_number(site: &Site, process: Option<&Process>, home: &Root) -> u32 {
    let named = || rights::number(home, site.surroundings.user.as_deref()?);
    process.map(|process| process.uid).or_else(named).unwrap_or(0)
}

fn candidates(scope: &Scope<'_>, running: &[(Daemon, Process)]) -> Vec<Candidate> {
    if !scope.files.is_empty() {
        return scope.files.iter().map(|file| Candidate { file: file.clone(), process: None }).collect();
    }
    let mut found: Vec<Candidate> = Vec::new();
    for (_, process) in running.iter().filter(|(_, process)| !process.is_untrusted) {
        let Some(file) = configuration_of(process) else { continue };
        if found.iter().all(|other| other.file != file) {
            found.push(Candidate { file, process: Some(process.clone()) });
        }
    }
    for daemon in Daemon::ALL.into_iter().filter(|daemon| running.iter().all(|(other, _)| other != daemon)) {
        let file = usual(&scope.root, daemon).filter(|file| found.iter().all(|other| other.file != *file));
        found.extend(file.map(|file| Candidate { file, process: None }));
    }
    found
}

/// The first of a daemon's usual configurations that there is, as far as this user may know.
fn usual(root: &Root, daemon: Daemon) -> Option<PathBuf> {
    let common = daemon.family().map(config::configuration_files).unwrap_or_default();
    let mut files = config::daemon_files(daemon).chain(common);
    files.find(|file| !matches!(root.metadata(file), Err(cause) if cause.kind() == io::ErrorKind::NotFound))
}

fn document(root: &Root, candidate: &Candidate) -> Result<Document> {
    let home = home(root, candidate.process.as_ref());
    let text = read(&home, &candidate.file).map_err(|cause| unreadable(&home, &candidate.file, &cause))?;
    Ok(Document::parse(&candidate.file, text, &mut |path: &Path| read(&home, path)))
}

fn read(root: &Root, file: &Path) -> io::Result<Vec<u8>> {
    root.regular_file(absolute(file)?, LARGEST)
}

fn unreadable(root: &Root, file: &Path, cause: &io::Error) -> Error {
    let error = Error::io(format!("read {}", file.display()), cause);
    match cause.kind() {
        io::ErrorKind::PermissionDenied => error.hint(rights::remedy(root, file)),
        _ => error,
    }
}

/// What a daemon's logging depends on, but for its files.
fn surroundings(
    scope: &Scope<'_>,
    daemon: Daemon,
    (config, process): (&Path, Option<&Process>),
    home: &Root,
) -> Surroundings {
    let root = &scope.root;
    let program = program(root, daemon, process);
    let service = Service::find(root, daemon).with(config);
    let own = |name: &str| (scope.variable)(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let environment = process.and_then(|process| process::environment(root, process.pid));
    let variable = |name: &str| match &environment {
        // What the unit sets is in it, or the daemon was not started by its unit.
        Some(text) => process::variable_of(text, name).or_else(|| own(name)),
        None => own(name).or_else(|| service.variable(name)),
    };
    let release = scope.release.or_else(|| Release::of_program(&program));
    let log_directory = variable("KEA_LOG_FILE_DIR").or_else(|| build::log_directory(&program));
    let working_directory = process.and_then(|process| root.link(format!("/proc/{}/cwd", process.pid)).ok());
    let user = process.and_then(|process| process.user.clone()).or_else(|| service.user.clone());
    let number = process.map(|process| process.uid).or_else(|| rights::number(home, user.as_deref()?)).unwrap_or(0);
    // A service makes its directories when it starts.
    let locks = process.map_or_else(|| own("KEA_LOCKFILE_DIR"), |_| variable("KEA_LOCKFILE_DIR"));
    let locks = locks.filter(|path| path.is_absolute());
    Surroundings {
        rules: Rules::new(release.unwrap_or(Release::NEWEST)),
        is_release_known: release.is_some(),
        user,
        is_environment_hidden: process.is_some() && environment.is_none(),
        log_directory: log_directory.unwrap_or_else(|| LOG_DIRECTORY.into()),
        working_directory,
        lock_directory: locks.map(|path| (path.clone(), file::folder(home, &path, number))),
        files: BTreeMap::new(),
    }
}

/// The octets of a daemon's program; none if it cannot be read.
fn program(root: &Root, daemon: Daemon, process: Option<&Process>) -> Vec<u8> {
    let head = |path: PathBuf| root.head(path, LARGEST_PROGRAM).ok().map(|(text, _)| text);
    let running = process.and_then(|process| head(format!("/proc/{}/exe", process.pid).into()));
    let found = || programs(&Keactrl::default(), daemon).find_map(head);
    running.or_else(found).unwrap_or_default()
}
