//! What is wanted.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::anonymize::Anonymizer;
use crate::inspect::Root;
use crate::time::Zone;

/// How much of the leases is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leases {
    /// Nothing.
    None,
    /// Counts, and the last ones.
    Summary,
    /// Every lease.
    All,
}

/// What is wanted.
#[derive(Clone)]
pub struct Request {
    /// The machine.
    pub root: Root,
    /// The configurations; none is those of the daemons that run, else the usual ones.
    pub configurations: Vec<PathBuf>,
    /// Further files.
    pub include: Vec<PathBuf>,
    /// Whether logs are wanted.
    pub logs: bool,
    /// How many bytes of a log.
    pub log_size: u64,
    /// The first moment that is of interest in logs, seconds since 1970.
    pub since: Option<i64>,
    /// How much of the leases is wanted.
    pub leases: Leases,
    /// What the user wants to say.
    pub note: Option<String>,
    /// How long all of it may take.
    pub time: Duration,
    /// When it is, seconds since 1970.
    pub now: i64,
    /// The zone of times without one.
    pub zone: Zone,
    /// The environment.
    pub variables: Variables,
    /// What replaces the names of clients.
    pub anonymizer: Option<Arc<Anonymizer>>,
    /// The interface for a capture of one exchange, and what its random numbers begin with.
    pub capture: Option<(String, u64)>,
    /// Where large files are kept meanwhile, without names.
    pub spool: PathBuf,
}

impl Request {
    /// A file without a name, which is gone with this process.
    pub(super) fn spool(&self) -> io::Result<File> {
        spool_in(&self.spool)
    }

    /// Files with passwords of databases that variables name, on this machine.
    pub(super) fn files_of_clients(&self) -> Vec<PathBuf> {
        let variable = self.variable();
        let below = |name: &str, files: &[&str]| -> Vec<PathBuf> {
            let folder = variable(name).map(PathBuf::from);
            folder.iter().flat_map(|folder| files.iter().map(|file| folder.join(file))).collect()
        };
        let homes = below("HOME", &[".pgpass", ".my.cnf", ".netrc", ".pg_service.conf"]);
        let others = below("MYSQL_HOME", &["my.cnf"]).into_iter().chain(variable("PGPASSFILE").map(PathBuf::from));
        if self.root.is_own() { homes.into_iter().chain(others).collect() } else { Vec::new() }
    }

    /// Looks a variable of the environment up.
    pub(super) fn variable(&self) -> impl Fn(&str) -> Option<OsString> + '_ {
        |name| self.variables.0.get(name).cloned()
    }
}

/// A file without a name in a directory, or where such files usually are.
pub(super) fn spool_in(folder: &Path) -> io::Result<File> {
    // Files in the directory of devices are in memory.
    let is_usual = folder.is_absolute() && !["/dev", "/proc"].iter().any(|special| folder.starts_with(special));
    let file = is_usual.then(|| tempfile::tempfile_in(folder).ok()).flatten();
    file.map_or_else(tempfile::tempfile, Ok)
}

/// The variables of the environment that say where something is.
#[derive(Clone, Default)]
pub struct Variables(Arc<BTreeMap<&'static str, OsString>>);

impl Variables {
    /// Those that are looked at.
    const NAMES: [&'static str; 17] = [
        "CREDENTIALS_DIRECTORY",
        "HOME",
        "KEA_ADMIN_DB_PASSWORD",
        "KEA_CONTROL_SOCKET_DIR",
        "KEA_DHCP_DATA_DIR",
        "KEA_LOCKFILE_DIR",
        "KEA_LOG_FILE_DIR",
        "KEA_PIDFILE_DIR",
        "MYSQL_HOME",
        "MYSQL_PWD",
        "MYSQL_TCP_PORT",
        "MYSQL_UNIX_PORT",
        "PGPASSFILE",
        "PGPASSWORD",
        "TZ",
        "USER",
        "LOGNAME",
    ];

    /// As `variable` looks them up.
    #[must_use]
    pub fn read(variable: &dyn Fn(&str) -> Option<OsString>) -> Self {
        Self(Arc::new(Self::NAMES.into_iter().filter_map(|name| Some((name, variable(name)?))).collect()))
    }

    /// One of them.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|value| value.to_string_lossy().into_owned())
    }

    /// The passwords in them.
    pub(super) fn passwords(&self) -> impl Iterator<Item = String> + '_ {
        let names = ["KEA_ADMIN_DB_PASSWORD", "MYSQL_PWD", "PGPASSWORD"];
        names.into_iter().filter_map(|name| Some(self.0.get(name)?.to_string_lossy().into_owned()))
    }
}
