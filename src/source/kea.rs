//! Kea's own files on this machine: its configuration and the passwords that names.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::Located;
use super::snapshot::owning_group;
use crate::config::control::Socket;
use crate::config::{self, Daemon, KeaConfig, Reached};
use crate::error::{Error, Result, io_cause};
use crate::lease::Family;
use crate::lease::network::Network;
use crate::regular;
use crate::secret::Secret;

/// More than any server takes.
const LONGEST_PASSWORD: u64 = 64 * 1024;
/// A configuration larger than this is none.
const LARGEST: u64 = 256 * 1024 * 1024;

/// The servers that the configuration file `path` configures; of a directory, what its usual files configure.
pub(super) fn configurations(path: &Path) -> Result<Vec<KeaConfig>> {
    if !path.is_dir() {
        return read(path);
    }
    let files = [Family::V4, Family::V6].map(|family| path.join(format!("kea-dhcp{}.conf", family.digit())));
    let mut configs = Vec::new();
    for file in files.iter().filter(|file| may_exist(file)) {
        configs.extend(read(file)?);
    }
    if configs.is_empty() {
        let cause = "it holds neither kea-dhcp4.conf nor kea-dhcp6.conf";
        return Err(Error::new(format!("look for Kea's configuration in {}", path.display()), cause));
    }
    Ok(configs)
}

/// The configuration of this machine's server of `family`, from the first of the usual files that there is.
pub(super) fn find(family: Family) -> Result<Option<KeaConfig>> {
    for file in config::configuration_files(family).iter().filter(|file| may_exist(file)) {
        let found = read(file)?.into_iter().find(|config| config.family == family);
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Where the usual files of `family` are, for an error that none is there.
pub(super) fn usual_files(family: Family) -> String {
    let files = config::configuration_files(family);
    files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// The password in `path`: its first line.
pub(super) fn password_in(path: &Path) -> Result<Secret> {
    let attempted = format!("read password file {}", path.display());
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST_PASSWORD).read_to_string(&mut text));
    read.map_err(|cause| Error::new(&attempted, io_cause(&cause)))?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Secret::new(line.to_owned())),
        _ => Err(Error::new(attempted, "its first line is empty")),
    }
}

/// The secret in `path`, whatever octets it is made of.
pub fn secret_key(path: &Path) -> Result<Vec<u8>> {
    const SHORTEST: usize = 16;
    let attempted = format!("read key file {}", path.display());
    let key = read_regular(path).map_err(|cause| Error::new(&attempted, io_cause(&cause)))?;
    if key.len() < SHORTEST {
        let cause = format!("{} octets can be guessed, at least {SHORTEST} are needed", key.len());
        return Err(Error::new(attempted, cause).hint("openssl rand -out FILE 32 makes a good one"));
    }
    Ok(key)
}

/// Whether there is something at `path`, as far as this user may know.
pub(super) fn may_exist(path: &Path) -> bool {
    !matches!(fs::metadata(path), Err(cause) if cause.kind() == io::ErrorKind::NotFound)
}

/// Where `daemon` takes commands, as the configuration file `path` says.
pub(super) fn control_sockets(path: &Path, daemon: Daemon) -> Result<Vec<Socket>> {
    let text = read_regular(path).map_err(|cause| unreadable(path, &cause))?;
    let mut channels = config::control::parse(path, text, &mut read_regular)?;
    channels.retain(|channels| channels.daemon == daemon);
    Ok(channels.into_iter().flat_map(|channels| channels.sockets).collect())
}

/// What the server of a place is to give, as the configuration says that told of the place; `None` if none did, or if it
/// cannot be read.
#[must_use]
pub fn network_of(place: &Located) -> Option<Network> {
    let path = place.config.as_ref()?;
    let networks = config::networks(path, read_regular(path).ok()?, &mut read_regular).ok()?;
    networks.into_iter().find(|(family, _)| *family == place.family).map(|(_, network)| network)
}

/// What the servers serve that the configuration file `path` configures.
pub fn reached(path: &Path) -> Result<Vec<Reached>> {
    let text = read_regular(path).map_err(|cause| unreadable(path, &cause))?;
    config::reached(path, text, &mut read_regular)
}

fn read(path: &Path) -> Result<Vec<KeaConfig>> {
    let text = read_regular(path).map_err(|cause| unreadable(path, &cause))?;
    config::parse(path, text, &mut read_regular)
}

/// The whole of a regular file; an include must not hang on a device or pipe.
fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    regular::read(path, LARGEST)
}

fn unreadable(path: &Path, cause: &io::Error) -> Error {
    let error = Error::new(format!("read Kea's configuration {}", path.display()), io_cause(cause));
    match (cause.kind(), owning_group(path)) {
        (io::ErrorKind::PermissionDenied, Some((place, group))) => {
            error.hint(format!("{} belongs to group \"{group}\": join it, or run as root", place.display()))
        }
        _ => error,
    }
}

/// The lease file of a server: the first of its candidates that there is, else the first.
pub(super) fn lease_file(config: &KeaConfig, var: &super::Variables<'_>) -> PathBuf {
    let files = config::lease_files(config, var);
    let present = files.iter().find(|file| super::snapshot::names(file).iter().any(|name| may_exist(name)));
    present.or(files.first()).cloned().unwrap_or_default()
}
