//! Which processes are trusted to be Kea. A process chooses its own name, and names its own configuration.
//!
//! A configuration is followed with the permissions of the calling user: password files are read, and the passwords sent
//! to the address configured with them. So an unprivileged user who starts a process named `kea-dhcp4` must not direct
//! root to files and addresses of his choice, and the process must not count as the server that should run.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::root::Root;
use crate::fs::access::name_in;
use crate::health::kea::facts::Process;

/// The users that packages make for Kea.
const USERS: [&str; 3] = ["_kea", "kea", "keadhcp"];

/// Whether `process` is untrusted: its user may have given it the name; `None` if the owner of its configuration is not
/// known.
pub(super) fn is_untrusted(root: &Root, process: &Process) -> Option<bool> {
    let own = rustix::process::geteuid().as_raw();
    // A process with an unknown user is hidden, and cannot be examined either.
    let is_somebody = process.uid != 0 && process.uid != own && process.uid != u32::MAX;
    if !is_somebody || is_for_kea(root, process.uid) {
        return Some(false);
    }
    is_written_by_root_or(own, root, process).map(|is_written| !is_written)
}

/// Whether only root, or the user of this program, has written its configuration.
fn is_written_by_root_or(own: u32, root: &Root, process: &Process) -> Option<bool> {
    const OTHERS: u32 = 0o022;
    let Some(file) = process.config.as_deref() else { return Some(false) };
    let place = process.directory.as_deref().unwrap_or(Path::new("/")).join(file);
    let home = if process.inner_pid.is_some() { root.of_process(process.pid) } else { root.clone() };
    match home.metadata(place) {
        Ok(found) => Some([0, own].contains(&found.uid()) && found.mode() & OTHERS == 0),
        Err(cause) if cause.kind() == io::ErrorKind::PermissionDenied => None,
        Err(_) => Some(false),
    }
}

fn is_for_kea(root: &Root, uid: u32) -> bool {
    let users = root.regular_file("/etc/passwd", 16 << 20).unwrap_or_default();
    name_in(&String::from_utf8_lossy(&users), uid).is_some_and(|name| USERS.contains(&name.as_str()))
}
