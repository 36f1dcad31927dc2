//! Whom to believe that he is Kea. A process has the name that it gives itself, and names its configuration itself.
//!
//! What a configuration says is followed with the rights of whoever looks: files with passwords are read, and sent to the
//! address beside them. So somebody without rights, who calls himself `kea-dhcp4` and waits for root to look, is not to
//! lead him to files and addresses of his choice, nor to be taken for the server that should run.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::rights::name_in;
use super::root::Root;
use crate::health::kea::facts::Process;

/// The users that packages make for Kea.
const USERS: [&str; 3] = ["_kea", "kea", "keadhcp"];

/// Whether the user of `process` may have started it for himself; `None` if who has written its configuration may not be
/// seen.
pub(super) fn is_one(root: &Root, process: &Process) -> Option<bool> {
    let own = rustix::process::geteuid().as_raw();
    // Who is not known was not seen, and cannot be looked into either.
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
