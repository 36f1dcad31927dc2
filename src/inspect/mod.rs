//! Collects the facts about Kea's daemons on this machine, without judging them.
//!
//! First the machine is examined (keactrl.conf, process table, pid files, units), to find the daemons that exist or
//! should; then each of them. Everything is read below one root directory, so that a test can provide a machine and a
//! container can examine its host. The only programs executed are systemctl and journalctl.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::config::keactrl::Keactrl;
use crate::config::{self, Daemon, KEACTRL_FILES, build};
use crate::control::Credentials;
use crate::error::{Error, Result, io_cause};
use crate::fs::bounded;
use crate::health::kea::facts::{FileProblem, Host, Installed, InstancePlace, KeactrlFile, Process};
use crate::redact;
use crate::secret::Secret;

mod ask;
mod assemble;
pub(crate) mod command;
mod configuration;
pub(crate) mod cores;
mod daemon;
mod descriptors;
mod examine;
mod interfaces;
mod journal;
mod kept;
mod leases;
mod log;
pub mod logging;
mod net;
mod parsed;
mod pidfile;
mod place;
mod process;
mod replaced;
mod rights;
mod root;
mod task;
mod traces;
mod trust;
mod unit;
mod zombie;

pub use ask::Questions;
pub use examine::examine;
pub use kept::recall;
pub use parsed::Parsed;
pub(crate) use rights::hidden;
pub use root::Root;

use assemble::Evidence;
use place::Asked;

/// More than any keactrl.conf.
const LARGEST_KEACTRL: u64 = 1 << 20;

/// More than any program of Kea, also with debugging symbols.
const LARGEST_PROGRAM: u64 = 64 << 20;

/// Directories of Kea's programs.
const PROGRAM_DIRECTORIES: [&str; 5] = ["/usr/sbin", "/usr/local/sbin", "/opt/kea/sbin", "/usr/bin", "/sbin"];

/// What to examine.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The machine.
    pub root: Root,
    /// The daemons asked about; none is all.
    pub named: Vec<Daemon>,
    /// A keactrl.conf other than the usual ones.
    pub keactrl: Option<PathBuf>,
    /// Variables of our own environment: [`VARIABLES`].
    pub variables: HashMap<&'static str, OsString>,
    /// How long systemd may take to tell about its units.
    pub patience: Duration,
    /// Whether the names of users are wanted.
    pub details: bool,
    /// Configurations that were parsed for another look.
    pub parsed: Parsed,
}

impl Scope {
    /// All daemons of this host, without details. `variable` is that of our own environment.
    #[must_use]
    pub fn of_this_host(variable: &dyn Fn(&str) -> Option<OsString>, patience: Duration) -> Self {
        let set = |name| Some((name, variable(name).filter(|value| !value.is_empty())?));
        Self {
            root: Root::new("/"),
            named: Vec::new(),
            keactrl: None,
            variables: VARIABLES.into_iter().filter_map(set).collect(),
            patience,
            details: false,
            parsed: Parsed::default(),
        }
    }

    /// Checks that a named keactrl.conf can be read, and is one.
    ///
    /// # Errors
    /// It cannot be read, or is a configuration of Kea.
    pub fn check_keactrl(&self) -> Result<()> {
        let Some(path) = &self.keactrl else { return Ok(()) };
        let attempted = format!("read {}", path.display());
        let text = match self.root.regular_file(path, LARGEST_KEACTRL) {
            Ok(text) => text,
            Err(cause) if cause.kind() == std::io::ErrorKind::PermissionDenied => {
                return Err(Error::io(attempted, &cause).hint(rights::remedy(&self.root, path)));
            }
            Err(cause) => return Err(Error::io(attempted, &cause).hint("-c names a keactrl.conf")),
        };
        let text = String::from_utf8_lossy(&text);
        let is_json = text.trim_start().starts_with('{') || Daemon::ALL.iter().any(|it| names_section(&text, *it));
        if is_json {
            let cause = "this is a configuration of Kea, not a keactrl.conf";
            return Err(Error::new(attempted, cause).hint("-s names a daemon to check"));
        }
        Ok(())
    }
}

/// Whether a text has the member that the configuration of a daemon begins with.
fn names_section(text: &str, daemon: Daemon) -> bool {
    text.contains(&format!("\"{}\"", daemon.config_key()))
}

/// The variables that move Kea's files.
pub const VARIABLES: [&str; 3] = ["KEA_PIDFILE_DIR", "KEA_CONTROL_SOCKET_DIR", "KEA_DHCP_DATA_DIR"];

/// Examines the machine.
fn survey(scope: &Scope) -> Host {
    let root = &scope.root;
    let (keactrl_file, keactrl) = keactrl(scope);
    let mut table = process::table(root, scope.details);
    let from_variable = scope.variables.get("KEA_PIDFILE_DIR").map(PathBuf::from);
    let named = from_variable.into_iter().chain(keactrl.pid_directories());
    let pid_files = pidfile::find(root, &named.collect::<Vec<_>>(), &table.daemons);
    let zombies = zombie::set_apart(root, &mut table.daemons, &pid_files.files);
    let (units, untold) = match unit::units(root, &table.daemons, scope.patience) {
        Ok(units) => (units, None),
        Err(why) => (Vec::new(), Some(format!("units of systemd: {why}"))),
    };
    let programs_there: Vec<Daemon> =
        Daemon::ALL.into_iter().filter(|daemon| has_program(root, &keactrl, *daemon)).collect();
    let lacking = traces::lacking(root, &keactrl);
    let has_run = |daemon: &Daemon| programs_there.contains(daemon) && traces::are_there(scope, *daemon);
    let evidence = Evidence {
        named: scope.named.clone(),
        traces: lacking.iter().map(|(daemon, _)| *daemon).filter(has_run).collect(),
        lacking,
        programs: programs_there,
        places: places(scope, keactrl_file.as_ref(), &keactrl, &table.daemons),
        on_others: on_others(root, &keactrl, &table.daemons),
        configurations: Daemon::ALL
            .into_iter()
            .filter(|daemon| keactrl.config_file(*daemon).is_none())
            .filter_map(|daemon| configuration(root, daemon))
            .collect(),
        keactrl,
        units,
        running: table.daemons,
        zombies,
        pid_files: pid_files.files,
    };
    let wanted: Vec<Daemon> =
        Daemon::ALL.into_iter().filter(|daemon| scope.named.is_empty() || scope.named.contains(daemon)).collect();
    let mut instances: Vec<_> = wanted.iter().flat_map(|daemon| evidence.instances(*daemon)).collect();
    for instance in instances.iter_mut().filter(|it| it.process.is_none() && it.expected.is_some()) {
        if instance.pid_files.is_empty()
            && let Some(program) = programs(&evidence.keactrl, instance.daemon).find(|it| root.metadata(it).is_ok())
        {
            let directories = root.head(program, LARGEST_PROGRAM).map(|(text, _)| build::pid_directories(&text));
            let directories = directories.unwrap_or_default();
            instance.pid_files = pidfile::left_by(root, instance, &directories);
            // systemd makes it when it starts the unit.
            let is_moved =
                scope.variables.contains_key("KEA_PIDFILE_DIR") || root.metadata("/run/systemd/system").is_ok();
            let is_missing = directories.iter().all(|it| root.metadata(it).is_err_and(|cause| is_not_found(&cause)));
            instance.missing_pid_directory = directories.first().filter(|_| is_missing && !is_moved).cloned();
        }
    }
    let mut machine = Host {
        keactrl: keactrl_file,
        instances,
        installed: wanted.iter().filter_map(|daemon| installed(&evidence, *daemon)).collect(),
        hidden: table.hidden,
        units_are_unknown: untold.is_some(),
        unseen: pid_files.unseen.into_iter().chain(closed(scope, &wanted)).chain(untold).collect(),
        searched: Vec::new(),
        skipped_units: wanted.iter().flat_map(|daemon| evidence.skipped(*daemon)).collect(),
    };
    if machine.is_idle() {
        machine.searched = searched(scope, &wanted, &evidence.keactrl);
    }
    machine
}

fn is_not_found(cause: &std::io::Error) -> bool {
    cause.kind() == std::io::ErrorKind::NotFound
}

/// The usual directories of configurations that this user may not look into, each with what would help.
fn closed(scope: &Scope, wanted: &[Daemon]) -> Vec<String> {
    let root = &scope.root;
    let usual = KEACTRL_FILES.iter().map(PathBuf::from).filter(|_| scope.keactrl.is_none());
    let mut unseen: Vec<String> = Vec::new();
    let mut folders: Vec<PathBuf> = Vec::new();
    // All daemons have theirs in the same directories, and one that a file cannot be looked up in is closed for all.
    for file in usual.chain(wanted.first().into_iter().flat_map(|daemon| config::daemon_files(*daemon))) {
        let Some(folder) = file.parent().filter(|folder| !folders.iter().any(|seen| seen == folder)) else { continue };
        folders.push(folder.to_owned());
        let cause = root.metadata(&file).err().filter(|cause| cause.kind() == std::io::ErrorKind::PermissionDenied);
        let Some(cause) = cause else { continue };
        let text = format!("{}: {} ({})", folder.display(), io_cause(&cause), rights::remedy(root, &file));
        if !unseen.contains(&text) {
            unseen.push(text);
        }
    }
    unseen
}

/// What is looked for, and where.
fn searched(scope: &Scope, wanted: &[Daemon], keactrl: &Keactrl) -> Vec<String> {
    let listed = |paths: &mut dyn Iterator<Item = PathBuf>| {
        let mut shown: Vec<String> = Vec::new();
        for path in paths.map(|path| path.display().to_string()) {
            if !shown.contains(&path) {
                shown.push(path);
            }
        }
        shown.join(", ")
    };
    let folder = |file: PathBuf| file.parent().map(Path::to_owned);
    let names: Vec<&str> = wanted.iter().map(|daemon| daemon.process_name()).collect();
    let keactrl_files = scope.keactrl.clone().map_or_else(|| KEACTRL_FILES.map(PathBuf::from).to_vec(), |it| vec![it]);
    let configurations = wanted.iter().flat_map(|daemon| {
        let own_file = keactrl.config_file(*daemon).map(|file| vec![file]);
        own_file.unwrap_or_else(|| config::daemon_files(*daemon).filter_map(folder).collect())
    });
    let programs = wanted.iter().flat_map(|daemon| programs(keactrl, *daemon)).filter_map(folder);
    let below = if scope.root.is_own() { String::new() } else { format!(" below {}", scope.root.at("/").display()) };
    vec![
        format!("processes {} in /proc{below}", names.join(", ")),
        format!("pid files in {}{below}", listed(&mut pidfile::directories())),
        format!("{}{below}", listed(&mut keactrl_files.into_iter())),
        format!("configurations in {}{below}", listed(&mut configurations.into_iter())),
        format!("programs in {}{below}", listed(&mut programs.into_iter())),
    ]
}

/// Which of the daemons that run are not those of this machine, or not those that were asked about.
fn places(
    scope: &Scope,
    file: Option<&KeactrlFile>,
    keactrl: &Keactrl,
    running: &[(Daemon, Process)],
) -> Vec<(u32, InstancePlace)> {
    // A file that could not be read names nothing.
    let is_named = scope.keactrl.is_some() && file.is_some_and(|file| file.fault.is_none());
    let is_clear = file.is_some_and(|file| file.not_understood.is_empty());
    let place = |(daemon, process): &(Daemon, Process)| {
        let usual = configuration(&scope.root, *daemon).map(|(_, file)| file);
        let named = keactrl.config_file(*daemon);
        let asked = match named {
            named if !is_named => Asked::Any(named.or(usual)),
            Some(file) => Asked::Only(file),
            None if is_clear => Asked::Nothing,
            None => Asked::Any(usual),
        };
        (process.pid, place::of(&scope.root, &asked, process))
    };
    running.iter().map(place).collect()
}

/// Which of the daemons that run have another configuration than the one of this machine's server.
fn on_others(root: &Root, keactrl: &Keactrl, running: &[(Daemon, Process)]) -> Vec<u32> {
    let usual = |daemon| configuration(root, daemon).map(|(_, file)| file);
    let is_other = |(daemon, process): &&(Daemon, Process)| {
        let file = keactrl.config_file(*daemon).or_else(|| usual(*daemon));
        process.unit.is_none() && file.and_then(|file| place::has_configuration(root, &file, process)) == Some(false)
    };
    running.iter().filter(is_other).map(|(_, process)| process.pid).collect()
}

/// The user and the password in `path`: one line, with a colon between.
pub fn credentials_in(path: &Path) -> Result<Credentials> {
    const LONGEST: u64 = 64 << 10;
    let attempted = format!("read {}", path.display());
    let text = bounded::read(path, LONGEST).map_err(|cause| Error::new(&attempted, io_cause(&cause)))?;
    let text = String::from_utf8(text).map_err(|_| Error::new(&attempted, "it is not UTF-8"))?;
    let pair = text.lines().next().and_then(|line| Credentials::pair(&Secret::new(line.to_owned())));
    pair.ok_or_else(|| Error::new(attempted, "its first line is not user:password"))
}

/// The keactrl.conf that was named, or the first of the usual ones that there is.
fn keactrl(scope: &Scope) -> (Option<KeactrlFile>, Keactrl) {
    let usual = KEACTRL_FILES.iter().map(PathBuf::from).find(|file| scope.root.metadata(file).is_ok());
    let Some(path) = scope.keactrl.clone().or(usual) else { return (None, Keactrl::default()) };
    match scope.root.regular_file(&path, LARGEST_KEACTRL) {
        Ok(text) => {
            let keactrl = Keactrl::parse(&text);
            let shown = |(number, line): &(usize, String)| (*number, redact::line(line).into_owned());
            let not_understood = keactrl.not_understood.iter().map(shown).collect();
            (Some(KeactrlFile { path, fault: None, not_understood }), keactrl)
        }
        Err(cause) => {
            let fault = Some(fault(&scope.root, &path, &cause));
            (Some(KeactrlFile { path, fault, not_understood: Vec::new() }), Keactrl::default())
        }
    }
}

/// Why a file could not be read, and what would help.
fn fault(root: &Root, path: &Path, cause: &std::io::Error) -> FileProblem {
    let text = format!("{}: {}", path.display(), io_cause(cause));
    match cause.kind() {
        std::io::ErrorKind::NotFound => FileProblem::Missing(text),
        std::io::ErrorKind::PermissionDenied => FileProblem::Denied(format!("{text} ({})", rights::remedy(root, path))),
        _ => FileProblem::Unreadable(text),
    }
}

/// The program files that a daemon may have, best first.
fn programs(keactrl: &Keactrl, daemon: Daemon) -> impl Iterator<Item = PathBuf> {
    let usual = PROGRAM_DIRECTORIES.map(|directory| Path::new(directory).join(daemon.process_name()));
    keactrl.program(daemon).into_iter().chain(usual)
}

fn has_program(root: &Root, keactrl: &Keactrl, daemon: Daemon) -> bool {
    programs(keactrl, daemon).any(|file| root.metadata(file).is_ok())
}

fn configuration(root: &Root, daemon: Daemon) -> Option<(Daemon, PathBuf)> {
    let found = config::daemon_files(daemon).find(|file| root.metadata(file).is_ok());
    found.map(|file| (daemon, file))
}

/// The line of a daemon: DHCP servers and DDNS always have one, the agents where they are installed.
fn installed(evidence: &Evidence, daemon: Daemon) -> Option<Installed> {
    let is_agent = matches!(daemon, Daemon::CtrlAgent | Daemon::Netconf);
    let runs = evidence.running.iter().find(|(other, _)| *other == daemon);
    let is_there = evidence.programs.contains(&daemon) || runs.is_some() || evidence.named.contains(&daemon);
    let of_process = runs.and_then(|(_, process)| process.config.clone());
    let configuration = evidence.configuration(daemon).or(of_process);
    let configuration = configuration.or_else(|| config::daemon_files(daemon).next())?;
    (!is_agent || is_there).then_some(Installed { daemon, configuration })
}

/// Those of `all` that belong to `daemon`.
fn of<T>(all: &[(Daemon, T)], daemon: Daemon) -> impl Iterator<Item = &T> {
    all.iter().filter(move |(other, _)| *other == daemon).map(|(_, one)| one)
}
