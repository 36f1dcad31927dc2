//! Dropping privileges, once the sockets are open.

use std::fs;
use std::io;

use rustix::process::{Gid, Uid, getegid, geteuid, getgid, getuid};
use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities, set_thread_res_gid, set_thread_res_uid};

use super::sys;
use crate::error::{Error, Result};

/// Drops every capability, and the effective user of a set-user-ID program.
pub(super) fn give_up() -> Result<()> {
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    let attempt = sys::become_real_user().and_then(|()| set_capabilities(None, none).map_err(io::Error::from));
    attempt.map_err(|cause| Error::io("dropping privileges", &cause))
}

/// Does something as the user who runs the program, even if a set-user-ID program is another: what that one may read is
/// not for every user.
///
/// # Errors
/// Those of `act`; or the kernel refuses to change the user.
pub fn as_real_user<T>(act: impl FnOnce() -> Result<T>) -> Result<T> {
    let (user, group) = (geteuid(), getegid());
    if (user, group) == (getuid(), getgid()) {
        return act();
    }
    become_for_now(getuid(), getgid())?;
    let done = act();
    become_for_now(user, group)?;
    done
}

/// Changes the effective user and group, reversibly, to the real or the saved ones.
fn become_for_now(user: Uid, group: Gid) -> Result<()> {
    let attempt = set_thread_res_gid(None, group, None).and_then(|()| set_thread_res_uid(None, user, None));
    attempt.map_err(|cause| Error::io("changing the user", &cause.into()))
}

/// Why `attempted` is not allowed, and what would help.
pub(super) fn missing(attempted: impl Into<String>) -> Error {
    let program =
        fs::read_link("/proc/self/exe").map_or_else(|_| "PROGRAM".to_owned(), |path| path.display().to_string());
    Error::new(attempted, "permission denied")
        .hint(format!("run it as root, or once: setcap cap_net_raw,cap_net_bind_service=ep {program}"))
}

/// Whether `cause` is a missing permission.
pub(super) fn is_missing(cause: &io::Error) -> bool {
    matches!(cause.raw_os_error(), Some(libc::EPERM | libc::EACCES))
}
