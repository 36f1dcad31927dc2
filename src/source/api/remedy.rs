//! Remedies for a server that does not answer.

use std::path::Path;

use super::super::snapshot::helping_group;
use crate::control::{Address, Failure, Trouble};
use crate::error::Error;

/// The failure as an error, with what this program's options and this machine's groups can do about it.
pub(super) fn with_remedy(failure: &Failure) -> Error {
    let error = |hint: String| Error::new(failure.place(), failure.words().0).hint(hint);
    match (&failure.trouble, &failure.address) {
        (Trouble::Denied, Address::Unix(path)) => error(way_in(path)),
        (Trouble::Unauthorized, Address::Web(web)) if web.credentials.is_none() => {
            error("-u USER with -p or --password-file gives them".to_owned())
        }
        (Trouble::NoAnswer | Trouble::Slow, _) => {
            error("it hangs, is stopped, or is busy; --connect-timeout waits longer".to_owned())
        }
        _ => failure.clone().into(),
    }
}

/// Using a socket needs write permission. A group without it is no remedy.
fn way_in(path: &Path) -> String {
    const MAY_WRITE: u32 = 0o020;
    match helping_group(path, MAY_WRITE) {
        Some((place, group)) => {
            format!("{} belongs to group \"{group}\": join it, or run as root", place.display())
        }
        None => "run as root, or as the user of the server".to_owned(),
    }
}
