//! The files that a program which reads leases does not write: those of Kea, and the lease files that it reads.

use std::path::Path;

use crate::installation::LiveFiles;
use crate::source::{LeaseLocation, Location, Variables};

/// Those files, where leases come from these places and Kea's configuration may be `config`; servers are asked for
/// their configurations if that is wanted.
pub fn live_files<'a>(
    places: impl IntoIterator<Item = &'a LeaseLocation> + Clone,
    config: Option<&Path>,
    asks_servers: bool,
    var: &Variables<'_>,
) -> LiveFiles {
    let mut live = LiveFiles::default();
    for place in places.clone() {
        if let Location::Memfile(file) = &place.location {
            live.add_lease_file(file, "the lease file that is being read", Some(place.family));
        }
    }
    live.add_this_host(var);
    for config in config.into_iter().chain(places.clone().into_iter().filter_map(|place| place.config.as_deref())) {
        live.add_configuration(config, var);
    }
    for (server, text) in places.into_iter().filter(|_| asks_servers).flat_map(LeaseLocation::running_configurations) {
        live.add_text(&server, text, var);
    }
    live
}
