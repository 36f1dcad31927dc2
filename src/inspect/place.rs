//! Whether a running daemon is one of those to check.
//!
//! A container's server has the name of this machine's server but does not replace it; neither does one with another
//! configuration, if `-c` selects the daemons of one keactrl.conf.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::daemon::has_own_files;
use super::net;
use super::root::Root;
use crate::health::kea::facts::{InstancePlace, Process};

/// Which instances of a daemon to check.
pub(super) enum Asked {
    /// Every one; this configuration is the default.
    Any(Option<PathBuf>),
    /// The one with this configuration file.
    Only(PathBuf),
    /// None.
    Nothing,
}

/// The place of a process relative to the daemons to check.
pub(super) fn of(root: &Root, asked: &Asked, process: &Process) -> InstancePlace {
    let file = match asked {
        Asked::Nothing => return InstancePlace::Apart,
        Asked::Any(file) => file.as_deref(),
        Asked::Only(file) => Some(file.as_path()),
    };
    let has_file = file.and_then(|file| has_configuration(root, file, process));
    // What systemd starts is this machine's, in whatever namespaces.
    let is_of_unit = process.unit.is_some();
    let has_own_numbers = process.inner_pid.is_some() && !is_of_unit;
    let has_own_network = !is_of_unit && has_file != Some(true) && net::is_elsewhere(root, process);
    let is_elsewhere = has_own_numbers || has_own_network || is_of_our_own_root(root, process);
    match asked {
        Asked::Only(_) if has_file == Some(false) || is_elsewhere => InstancePlace::Apart,
        _ if is_elsewhere => InstancePlace::Elsewhere,
        _ => InstancePlace::Here,
    }
}

/// Whether a process was started on this configuration file, by whatever name; `None` if that is not known.
pub(super) fn has_configuration(root: &Root, file: &Path, process: &Process) -> Option<bool> {
    let own = process.config.as_deref()?;
    let own = process.directory.as_deref().map_or_else(|| own.to_owned(), |directory| directory.join(own));
    if own.is_relative() {
        return None;
    }
    if root.is_own() && own == file && !has_own_files(root, process.pid) {
        return Some(true);
    }
    let identity = |root: &Root, path: &Path| root.metadata(path).map(|found| (found.dev(), found.ino())).ok();
    let named = identity(root, file);
    let its = identity(&root.of_process(process.pid), &own);
    Some(if named.is_some() && its.is_some() { named == its } else { own == file })
}

/// Whether another machine is looked at (`--root`), and the process is one of ours, as its `/proc` is ours.
fn is_of_our_own_root(root: &Root, process: &Process) -> bool {
    if root.is_own() {
        return false;
    }
    let identity = |root: &Root| root.metadata("/").map(|found| (found.dev(), found.ino())).ok();
    let own = identity(&Root::new("/"));
    own.is_some() && identity(root) != own && identity(&root.of_process(process.pid)) == own
}
