//! The least privilege: once the sockets are open, there is none.

use std::fs;
use std::io;

use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};

use super::sys;
use crate::error::{Error, Result};

/// Gives up every capability, and the other user of a set-user-ID program.
pub(super) fn give_up() -> Result<()> {
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    let attempt = sys::become_real_user().and_then(|()| set_capabilities(None, none).map_err(io::Error::from));
    attempt.map_err(|cause| Error::io("giving up privileges", &cause))
}

/// Why `attempted` is not allowed, and what would help.
pub(super) fn missing(attempted: impl Into<String>) -> Error {
    let program =
        fs::read_link("/proc/self/exe").map_or_else(|_| "PROGRAM".to_owned(), |path| path.display().to_string());
    Error::new(attempted, "permission denied")
        .hint(format!("run it as root, or once: setcap cap_net_raw,cap_net_bind_service=ep {program}"))
}

/// Whether `cause` is that the kernel does not allow it.
pub(super) fn is_missing(cause: &io::Error) -> bool {
    matches!(cause.raw_os_error(), Some(libc::EPERM | libc::EACCES))
}
