//! The daemons of this host, by Kea's configuration.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;

use super::{ConfigurationFault, ServerEndpoint};
use crate::config::control::{Socket, usual_socket};
use crate::config::{self, Config, Daemon, Document, Reader};
use crate::control::{Address, Web};
use crate::error::{Error, Result, io_cause};
use crate::fs::{access, bounded};
use crate::installation::running;
use crate::stats::reading::BAD_CONFIGURATION;

/// A configuration larger than this is none.
const LARGEST: u64 = 256 << 20;

type Variables<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

/// The daemons that the configuration file `path` configures.
pub fn configured(path: &Path, var: &Variables<'_>) -> Result<Vec<ServerEndpoint>> {
    let servers = servers(path).map_err(|unread| unread.error)?;
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
            let (found, error) = of_file(daemon, &file, var);
            places.extend(found.into_iter().filter(|place| !places.contains(place)).collect::<Vec<_>>());
            errors.extend(error);
        }
    }
    spare_used_sockets(&mut places);
    (places, errors)
}

/// The configurations of this host that would be read.
#[must_use]
pub fn files_of_this_host() -> Vec<PathBuf> {
    [Daemon::Dhcp4, Daemon::Dhcp6, Daemon::Ddns, Daemon::CtrlAgent].into_iter().flat_map(files).collect()
}

/// Leaves out, of those whose own socket is not known, the sockets of others.
fn spare_used_sockets(places: &mut [ServerEndpoint]) {
    let sound = places.iter().filter(|place| place.fault.is_none());
    let used: Vec<Address> = sound.flat_map(|place| place.addresses.clone()).collect();
    for place in places.iter_mut().filter(|place| place.fault.is_some()) {
        place.addresses.retain(|address| !used.contains(address));
    }
}

/// Where the daemon takes commands whose configuration file this is. If that cannot be used, the daemon may still run with what it
/// was before, and is asked at its usual socket.
fn of_file(daemon: Daemon, file: &Path, var: &Variables<'_>) -> (Vec<ServerEndpoint>, Option<Error>) {
    let unread = match servers(file) {
        Ok(servers) if !servers.is_empty() => {
            let of_daemon = servers.iter().filter(|server| server.daemon == daemon);
            return (of_daemon.filter_map(|server| place(file, server, var)).collect(), None);
        }
        Ok(_) => {
            let attempted = format!("read Kea's configuration {}", file.display());
            let hint = format!("add \"{}\" to it", daemon.config_key());
            Unread::wrong(Error::new(attempted, "it configures no daemon of Kea").hint(hint))
        }
        Err(unread) => unread,
    };
    let usual = usual_socket(daemon).map(|name| Socket::Unix(name.into()));
    let paths = usual.map(|socket| socket.paths(var)).unwrap_or_default();
    let place = ServerEndpoint {
        daemon: Some(daemon),
        addresses: paths.into_iter().map(Address::Unix).collect(),
        fault: Some(ConfigurationFault { reason: unread.reason, cause: unread.error.to_string() }),
        ..endpoint(file)
    };
    (vec![place], Some(unread.error))
}

/// Why a configuration cannot be used.
#[derive(Debug)]
pub(super) struct Unread {
    /// In one word for a label.
    reason: &'static str,
    error: Error,
}

impl Unread {
    fn wrong(error: Error) -> Self {
        Self { reason: BAD_CONFIGURATION, error }
    }
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

/// The configurations in a file, and how many files were read: it may include others.
pub(super) fn read_files(path: &Path) -> std::result::Result<(Vec<Config>, usize), Unread> {
    let (mut files, mut is_denied) = (0, false);
    let read = configs_in(path, &mut |path| {
        files += 1;
        let text = bounded::read(path, LARGEST);
        is_denied |= text.as_ref().is_err_and(|cause| cause.kind() == io::ErrorKind::PermissionDenied);
        text
    });
    let reason = if is_denied { "permission_denied" } else { BAD_CONFIGURATION };
    read.map(|configs| (configs, files)).map_err(|error| Unread { reason, error })
}

fn configs_in(path: &Path, reader: &mut Reader<'_>) -> Result<Vec<Config>> {
    let text = reader(path).map_err(|cause| {
        let error = Error::new(format!("read Kea's configuration {}", path.display()), io_cause(&cause));
        if cause.kind() == io::ErrorKind::PermissionDenied {
            error.hint(format!("{}; --server names a socket or URL", access::remedy(path)))
        } else {
            error
        }
    })?;
    let document = Document::parse(path, text, reader);
    document.syntax_error().map_or_else(|| document.configs().collect(), |error| Err(error.clone()))
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
fn servers(path: &Path) -> std::result::Result<Vec<Server>, Unread> {
    let server = |config: &Config| {
        config.check(&["control-socket", "control-sockets"]).map_err(Unread::wrong)?;
        Ok(Server { daemon: config.daemon, sockets: config.sockets() })
    };
    let work = || read_files(path)?.0.iter().map(server).collect();
    let failed = || Error::new(format!("read Kea's configuration {}", path.display()), "the thread has failed");
    thread::scope(|scope| scope.spawn(work).join()).unwrap_or_else(|_| Err(Unread::wrong(failed())))
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
    (!addresses.is_empty()).then(|| ServerEndpoint { addresses, daemon: Some(server.daemon), ..endpoint(file) })
}

/// The daemon of a configuration file.
fn endpoint(file: &Path) -> ServerEndpoint {
    ServerEndpoint {
        server: None,
        addresses: Vec::new(),
        daemon: None,
        services: Vec::new(),
        config: Some(file.to_owned()),
        fault: None,
        pair: None,
        timeout: None,
        is_optional: false,
        login: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daemon_with_a_bad_configuration_is_asked_at_its_usual_socket() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kea-dhcp4.conf");
        for (text, expected) in [
            ("{\"Dhcp4\": {", "end of the file"),
            ("", "end of the file"),
            ("{}", "configures no daemon"),
            ("{\"Dhcp4\": {<?include \"/nowhere/x.json\"?>}}", "/nowhere/x.json"),
            ("{\"Dhcp4\": 1}", "Dhcp4"),
            ("{\"Dhcp4\": {\"control-socket\": \"/x/s\"}}", "control-socket"),
        ] {
            std::fs::write(&file, text).unwrap();
            check(&of_file(Daemon::Dhcp4, &file, &|_| None), expected);
        }
        std::fs::remove_file(&file).unwrap();
        check(&of_file(Daemon::Dhcp4, &file, &|_| None), "No such file");
        check(&of_file(Daemon::Dhcp4, folder.path(), &|_| None), "not a regular file");
        let (agent, _) = of_file(Daemon::CtrlAgent, &file, &|_| None);
        assert!(agent[0].addresses.is_empty() && agent[0].fault.is_some(), "{agent:?}");
    }

    fn check((places, error): &(Vec<ServerEndpoint>, Option<Error>), expected: &str) {
        let [place] = &places[..] else { panic!("{places:?}") };
        assert_eq!(place.addresses[0], "/run/kea/kea4-ctrl-socket".parse().unwrap());
        let fault = place.fault.as_ref().unwrap();
        assert!(fault.reason == BAD_CONFIGURATION && fault.cause.contains(expected), "{expected}: {fault:?}");
        assert_eq!(error.as_ref().map(ToString::to_string).as_ref(), Some(&fault.cause));
    }

    #[test]
    fn a_good_configuration_has_its_own_sockets_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kea-dhcp4.conf");
        std::fs::write(&file, r#"{"Dhcp4": {"control-socket": {"socket-type": "unix", "socket-name": "/x/s"}}}"#)
            .unwrap();
        let (places, error) = of_file(Daemon::Dhcp4, &file, &|_| None);
        assert_eq!((&places[0].addresses, &places[0].fault), (&vec!["/x/s".parse().unwrap()], &None));
        assert!(error.is_none(), "{error:?}");
        std::fs::write(&file, r#"{"Dhcp4": {}}"#).unwrap();
        let (places, error) = of_file(Daemon::Dhcp4, &file, &|_| None);
        assert!(places.is_empty() && error.is_none(), "{places:?} {error:?}");
    }
}
