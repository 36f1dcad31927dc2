//! What a daemon leaves behind when it has run, at the usual places: they are looked at where its configuration, which would
//! name them, is not there.

use std::path::{Path, PathBuf};

use super::{Root, Scope, configuration};
use crate::config::keactrl::Keactrl;
use crate::config::{self, Daemon};

/// Where packages, and Kea's own build, let a daemon log.
const LOG_DIRECTORIES: [&str; 3] = ["/var/log/kea", "/var/log", "/usr/local/var/log"];

/// Where a daemon has its control socket.
const SOCKET_DIRECTORIES: [&str; 3] = ["/run/kea", "/var/run/kea", "/usr/local/var/run/kea"];

/// The daemons that keactrl.conf names no configuration of and that have none at the usual places, with the place where
/// theirs should be: in the first usual directory that is there.
pub(super) fn lacking(root: &Root, keactrl: &Keactrl) -> Vec<(Daemon, PathBuf)> {
    let is_lacking = |daemon: &Daemon| keactrl.config_file(*daemon).is_none() && configuration(root, *daemon).is_none();
    let has_folder = |file: &PathBuf| file.parent().is_some_and(|folder| root.metadata(folder).is_ok());
    let place = |daemon: Daemon| {
        let place = config::daemon_files(daemon).find(has_folder).or_else(|| config::daemon_files(daemon).next());
        place.map(|place| (daemon, place))
    };
    Daemon::ALL.into_iter().filter(is_lacking).filter_map(place).collect()
}

/// Whether a daemon has left a lease file, a log that is not empty, or a control socket.
pub(super) fn are_there(scope: &Scope, daemon: Daemon) -> bool {
    let root = &scope.root;
    let variable = |name: &str| scope.variables.get(name).cloned();
    let leases = daemon.family().map(|family| config::usual_lease_files(family, &variable)).unwrap_or_default();
    let log = format!("{}.log", daemon.process_name());
    let has_size = |path: &Path| root.metadata(path).is_ok_and(|found| found.is_file() && found.len() > 0);
    let mut logs = LOG_DIRECTORIES.iter().map(|folder| Path::new(folder).join(&log));
    let socket = config::control::usual_socket(daemon);
    let mut sockets = SOCKET_DIRECTORIES.iter().filter_map(|folder| Some(Path::new(folder).join(socket?)));
    leases.iter().any(|path| root.metadata(path).is_ok())
        || logs.any(|path| has_size(&path))
        || sockets.any(|path| root.metadata(path).is_ok())
}
