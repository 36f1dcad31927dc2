//! Text for people and programs.

use std::io;

mod html;
pub mod lease;
pub mod live;
pub mod load;
pub mod log;
pub mod loggers;
pub mod metrics;
pub mod nagios;
pub mod packet;
pub mod probe;
pub mod prometheus;
pub mod status;
pub mod usage;
pub(crate) mod wrap;

/// Why CSV could not be written; a reader that is gone stays recognisable.
fn csv_cause(error: csv::Error) -> io::Error {
    if !error.is_io_error() {
        return error.into();
    }
    match error.into_kind() {
        csv::ErrorKind::Io(cause) => cause,
        other => io::Error::other(format!("{other:?}")),
    }
}
