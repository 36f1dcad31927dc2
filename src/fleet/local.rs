//! The daemons of this host, by Kea's configuration.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;

use super::ServerEndpoint;
use crate::config::control::Socket;
use crate::config::{self, Config, Daemon, Document};
use crate::control::{Address, Web};
use crate::error::{Error, Result, io_cause};
use crate::fs::{access, bounded};
use crate::installation::running;

/// A configuration larger than this is none.
const LARGEST: u64 = 256 << 20;

type Variables<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

/// The daemons that the configuration file `path` configures.
pub fn configured(path: &Path, var: &Variables<'_>) -> Result<Vec<ServerEndpoint>> {
    let servers = servers(path)?;
    let places: Vec<ServerEndpoint> = servers.iter().filter_map(|server| place(path, server, var)).collect();
    if places.is_empty() {
        let cause = if servers.is_empty() { "it configures no daemon of Kea" } else { "it names no control socket" };
        return Err(Error::new(format!("ask the servers of {}", path.display()), cause)
            .hint("\"control-socket\" in Kea's configuration names one; --server names a socket or URL"));
    }
    Ok(places)
}

/// The daemons that this host has a configuration for, in the usual places or in use, and what could not be read.
#[must_use]
pub fn of_this_host(var: &Variables<'_>) -> (Vec<ServerEndpoint>, Vec<Error>) {
    let (mut places, mut errors): (Vec<ServerEndpoint>, Vec<Error>) = Default::default();
    for daemon in [Daemon::Dhcp4, Daemon::Dhcp6, Daemon::Ddns, Daemon::CtrlAgent] {
        for file in files(daemon) {
            match servers(&file) {
                Ok(servers) => {
                    let of_daemon = servers.iter().filter(|server| server.daemon == daemon);
                    let new = of_daemon.filter_map(|server| place(&file, server, var));
                    places.extend(new.filter(|place| !places.contains(place)).collect::<Vec<_>>());
                }
                Err(error) => errors.push(error),
            }
        }
    }
    (places, errors)
}

/// The configurations that daemons of this kind were started with, else the first usual one that there is.
fn files(daemon: Daemon) -> Vec<PathBuf> {
    let runs = running().into_iter().filter(|process| process.daemon == daemon && process.is_here());
    let mut used: Vec<PathBuf> = runs.filter_map(|process| process.config).filter(|file| file.is_absolute()).collect();
    used.sort();
    used.dedup();
    if used.is_empty() {
        used.extend(config::daemon_files(daemon).find(|file| access::may_exist(file)));
    }
    used
}

pub(super) fn read(path: &Path) -> Result<Vec<Config>> {
    read_files(path).map(|(configs, _)| configs)
}

/// The configurations in a file, and how many files were read: it may include others.
pub(super) fn read_files(path: &Path) -> Result<(Vec<Config>, usize)> {
    let mut files = 0;
    let mut reader = |path: &Path| {
        files += 1;
        bounded::read(path, LARGEST)
    };
    let text = reader(path).map_err(|cause| {
        let error = Error::new(format!("read Kea's configuration {}", path.display()), io_cause(&cause));
        if cause.kind() == io::ErrorKind::PermissionDenied {
            error.hint(format!("{}; --server names a socket or URL", access::remedy(path)))
        } else {
            error
        }
    })?;
    let document = Document::parse(path, text, &mut reader);
    let configs = document.syntax_error().map_or_else(|| document.configs().collect(), |error| Err(error.clone()));
    Ok((configs?, files))
}

/// What is needed of the configuration of a daemon.
struct Server {
    daemon: Daemon,
    sockets: Vec<Socket>,
}

/// The daemons of a configuration file.
///
/// It is read in a thread of its own: memory for large configurations is kept by the thread that has used it, and the next thread,
/// which needs as much, takes it over.
fn servers(path: &Path) -> Result<Vec<Server>> {
    let server = |config: &Config| Server { daemon: config.daemon, sockets: config.sockets() };
    let work = || Ok(read(path)?.iter().map(server).collect());
    let failed = || Error::new(format!("read Kea's configuration {}", path.display()), "the thread has failed");
    thread::scope(|scope| scope.spawn(work).join()).unwrap_or_else(|_| Err(failed()))
}

/// Where a daemon takes commands; `None` if it takes none.
fn place(file: &Path, server: &Server, var: &Variables<'_>) -> Option<ServerEndpoint> {
    let mut addresses = Vec::new();
    for socket in &server.sockets {
        match socket {
            Socket::Unix(_) => addresses.extend(socket.paths(var).into_iter().map(Address::Unix)),
            Socket::Web(web) => addresses.push(Address::Web(Box::new(Web::configured(web, &Path::to_owned)))),
        }
    }
    let place = ServerEndpoint {
        server: None,
        addresses,
        daemon: Some(server.daemon),
        services: Vec::new(),
        config: Some(file.to_owned()),
        pair: None,
        timeout: None,
        is_optional: false,
        login: None,
    };
    (!place.addresses.is_empty()).then_some(place)
}
