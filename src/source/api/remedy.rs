//! Remedies for a server that does not answer.

use crate::control::{Address, Failure, Trouble};
use crate::error::Error;

/// The failure as an error, with what this program's options can do about it.
pub(super) fn with_remedy(failure: &Failure) -> Error {
    let error = |hint: String| Error::new(failure.place(), failure.words().0).hint(hint);
    match (&failure.trouble, &failure.address) {
        (Trouble::Unauthorized, Address::Web(web)) if web.credentials.is_none() => {
            error("give them with -u USER and -p or --password-file".to_owned())
        }
        (Trouble::NoAnswer | Trouble::Slow, _) => {
            error("it hangs, is stopped, or is busy; increase --connect-timeout to wait longer".to_owned())
        }
        _ => failure.clone().into(),
    }
}
