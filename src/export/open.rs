//! Opening a place with leases.

use super::observer::Observer;
use crate::error::Result;
use crate::source::{LeaseLocation, LeaseSource, Variables};

/// Opens a place; where a lease file of this machine's Kea cannot be read, the running server is asked instead.
pub(super) fn open_or_ask(
    place: &LeaseLocation,
    var: &Variables<'_>,
    observer: &mut dyn Observer,
) -> Result<Box<dyn LeaseSource>> {
    place.open().or_else(|error| {
        let Some(running) = place.over_api(var) else { return Err(error) };
        let Ok(source) = running.open() else { return Err(error) };
        observer.remark(&format!("{error}; asked the running server at {} instead", source.origin().location));
        Ok(source)
    })
}
