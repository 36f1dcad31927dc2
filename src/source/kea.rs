//! Kea's own files on this host: its configuration, and the passwords that it names.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::snapshot::{MAY_READ, helping_group};
use super::{LeaseLocation, Location, api};
use crate::config::control::Socket;
use crate::config::{self, Config, Daemon, Document};
use crate::error::{Error, Result, io_cause};
use crate::fs::access::may_exist;
use crate::fs::bounded;
use crate::fs::path;
use crate::installation::running;
use crate::lease::Family;
use crate::lease::subnets::Network;
use crate::secret::Secret;

/// More than any server takes.
const LONGEST_PASSWORD: u64 = 64 * 1024;
/// A configuration larger than this is none.
const LARGEST: u64 = 256 * 1024 * 1024;

/// The DHCP servers that the configuration file `path` configures; of a directory, what its usual files configure, or why
/// a file does not say it.
pub(super) fn configurations(path: &Path) -> Result<Vec<(Family, Result<Config>)>> {
    let with_family = |config: Config| Some((config.family()?, Ok(config)));
    if !path.is_dir() {
        return Ok(read(path)?.into_iter().filter_map(with_family).collect());
    }
    let mut configs = Vec::new();
    for family in [Family::V4, Family::V6] {
        let names = config::configuration_names(family).into_iter().map(|name| path.join(name));
        let Some(file) = names.into_iter().find(|file| may_exist(file)) else { continue };
        match read(&file) {
            Ok(mut found) => {
                // A file that both families share may be found twice.
                found.retain(|config| configs.iter().all(|(family, _)| Some(*family) != config.family()));
                configs.extend(found.into_iter().filter_map(with_family));
            }
            Err(error) => configs.push((family, Err(error))),
        }
    }
    if configs.is_empty() {
        let cause = "it contains neither kea-dhcp4.conf nor kea-dhcp6.conf, nor one of their other usual names";
        return Err(Error::new(format!("look for Kea's configuration in {}", path.display()), cause));
    }
    Ok(configs)
}

/// The configuration of this host's server of `family`: of the usual files the one that a server was started with, or
/// the first that there is; where there is none, the file that a server was started with.
pub(super) fn find(family: Family) -> Result<Option<Config>> {
    let mut files = config::configuration_files(family);
    files.retain(|file| may_exist(file));
    if files.len() != 1 {
        let in_use = in_use(Daemon::of_family(family));
        if files.is_empty() {
            files = in_use;
        } else {
            files.sort_by_key(|file| !in_use.contains(file));
        }
    }
    for file in &files {
        let found = read(file)?.into_iter().find(|config| config.family() == Some(family));
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The files that servers on this host were started with, as far as they can be found.
fn in_use(daemon: Daemon) -> Vec<PathBuf> {
    let servers = running().into_iter().filter(|server| server.daemon == daemon && server.is_here());
    servers.filter_map(|server| server.config).filter(|file| file.is_absolute() && may_exist(file)).collect()
}

/// What a user should know of the configuration that `find` found: that a running server was started with another, or
/// that it lies in no usual place.
pub(super) fn remark_on_use(family: Family, found: &Config) -> Option<String> {
    let file = found.file.as_path();
    let in_use = in_use(Daemon::of_family(family));
    let other = in_use.first()?;
    let shown = file.display();
    let is_usual = config::configuration_files(family).iter().any(|usual| usual == file);
    if in_use.iter().all(|used| !path::is_same_file(used, file)) {
        let other = other.display();
        Some(format!(
            "a running {family} server was started with {other}, not with {shown}, which is read (-c {other})"
        ))
    } else if is_usual {
        None
    } else {
        Some(format!("no configuration is in a usual place; reading {shown}, with which a running server was started"))
    }
}

/// The password in `path`: its first line.
pub fn password_in(path: &Path) -> Result<Secret> {
    let attempted = format!("read password file {}", path.display());
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST_PASSWORD).read_to_string(&mut text));
    read.map_err(|cause| Error::new(&attempted, io_cause(&cause)))?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Secret::new(line.to_owned())),
        _ => Err(Error::new(attempted, "its first line is empty")),
    }
}

/// The secret in `path`, which may have any bytes.
pub fn secret_key(path: &Path) -> Result<Vec<u8>> {
    const SHORTEST: usize = 16;
    let attempted = format!("read key file {}", path.display());
    let key = read_regular(path).map_err(|cause| Error::new(&attempted, io_cause(&cause)))?;
    if key.len() < SHORTEST {
        let cause = format!("a key of {} bytes can be guessed; at least {SHORTEST} are needed", key.len());
        return Err(Error::new(attempted, cause).hint("openssl rand -out FILE 32 makes a good one"));
    }
    Ok(key)
}

/// The control channels of the daemon in its configuration.
pub(super) fn control_sockets(config: &Config) -> Result<Vec<Socket>> {
    if let Some(error) = &config.syntax_error {
        return Err(error.clone());
    }
    config.check(&["control-socket", "control-sockets", "authentication"])?;
    Ok(config.sockets())
}

/// Where the Control Agent takes commands that the configuration file `path` configures; none if it cannot be read.
pub(super) fn agent_sockets(path: &Path) -> Vec<Socket> {
    let config = document(path).and_then(|document| document.config(Daemon::CtrlAgent));
    config.and_then(|config| control_sockets(&config)).unwrap_or_default()
}

/// What the server at a location has to give, as its configuration says; `None` if there is none, or if it cannot be read.
#[must_use]
pub fn network_of(place: &LeaseLocation) -> Option<Network> {
    let read = || {
        let document = document(place.config.as_ref()?).ok()?;
        document.config(Daemon::of_family(place.family)).ok()
    };
    let network = |config: &Config| config.syntax_error.is_none().then(|| config::network(config));
    place.server.as_deref().map_or_else(|| read().as_ref().and_then(network), network)
}

/// The configuration of the server at a location: what a running server says, else what its file does; `None` if no file
/// is known. It has a fault wherever something in it is wrong, but it is read to its end.
pub fn configuration_of(place: &LeaseLocation) -> Result<Option<Arc<Config>>> {
    configuration(place, api::Extent::Whole)
}

/// The same; of a running server only what pools depend on.
pub fn pool_configuration_of(place: &LeaseLocation) -> Result<Option<Arc<Config>>> {
    configuration(place, api::Extent::Pools)
}

fn configuration(place: &LeaseLocation, extent: api::Extent) -> Result<Option<Arc<Config>>> {
    let daemon = Daemon::of_family(place.family);
    let config = match (&place.location, &place.server, &place.config) {
        (Location::Api(api), ..) => Arc::new(api::configuration(api, place.family, extent)?),
        (_, Some(config), _) => Arc::clone(config),
        (_, None, Some(path)) => Arc::new(document(path)?.config(daemon)?),
        (_, None, None) => return Ok(None),
    };
    match &config.syntax_error {
        Some(error) => Err(error.clone()),
        None => Ok(Some(config)),
    }
}

/// What the configuration file `path` says of the DHCP servers that it configures; it must be correct in these parts.
pub fn dhcp_servers(path: &Path, parts: &[&str]) -> Result<Vec<Config>> {
    let document = document(path)?;
    if let Some(error) = document.syntax_error() {
        return Err(error.clone());
    }
    let servers = document.configs().filter(|config| config.as_ref().map_or(true, |it| it.family().is_some()));
    servers.map(|config| config.and_then(|config| config.check(parts).map(|()| config))).collect()
}

fn read(path: &Path) -> Result<Vec<Config>> {
    document(path)?.dhcp_servers()
}

fn document(path: &Path) -> Result<Document> {
    let text = read_regular(path).map_err(|cause| unreadable(path, &cause))?;
    Ok(Document::parse(path, text, &mut read_regular))
}

/// The whole of a regular file; an include must not hang on a device or pipe.
fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    bounded::read(path, LARGEST)
}

fn unreadable(path: &Path, cause: &io::Error) -> Error {
    let error = Error::new(format!("read Kea's configuration {}", path.display()), io_cause(cause));
    match (cause.kind(), helping_group(path, MAY_READ)) {
        (io::ErrorKind::PermissionDenied, Some((place, group))) => {
            error.hint(format!("{} belongs to group \"{group}\": join it, or run as root", place.display()))
        }
        (io::ErrorKind::PermissionDenied, None) => error.hint("run as root"),
        (io::ErrorKind::NotFound, _) => error.hint("check the name, or leave -c out to read the usual one"),
        _ => error,
    }
}

/// The lease file of a server: the first of its candidates that there is, else the first.
pub(super) fn lease_file(family: Family, config: &Config, var: &super::Variables<'_>) -> PathBuf {
    let is_configured = config.file != Path::new("");
    let files = if is_configured { config::lease_files(config, var) } else { config::usual_lease_files(family, var) };
    let present = files.iter().find(|file| super::snapshot::names(file).iter().any(|name| may_exist(name)));
    present.or(files.first()).cloned().unwrap_or_default()
}
