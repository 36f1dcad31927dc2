//! The files that a program which reads leases does not write: those of Kea, and the lease files that it reads.

use std::path::Path;

use super::source_args::SourceArgs;
use crate::installation::LiveFiles;
use crate::source::{Located, Location, Variables};

/// Whether the shell has led standard output into a file.
pub(super) fn is_stdout_a_file() -> bool {
    Path::new("/dev/stdout").is_file()
}

/// Those files where leases come from these places; servers are asked for their configurations if that is wanted.
pub(super) fn of(args: &SourceArgs, places: &[Located], asks_servers: bool, var: &Variables<'_>) -> LiveFiles {
    let mut live = LiveFiles::default();
    for place in places {
        if let Location::Memfile(file) = &place.location {
            live.add_lease_file(file, "the lease file that is being read");
        }
    }
    live.add_this_host(var);
    for config in args.config().into_iter().chain(places.iter().filter_map(|place| place.config.as_deref())) {
        live.add_configuration(config, var);
    }
    for (server, text) in places.iter().filter(|_| asks_servers).flat_map(Located::running_configurations) {
        live.add_text(&server, text, var);
    }
    live
}
