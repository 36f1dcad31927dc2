//! The user's options for the place of the leases.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use super::database::{Backend, KeaZone, Tls};
use crate::control::Address;
use crate::secret::Secret;
use crate::time::Zone;

/// Which kind of place holds the leases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A lease file.
    Memfile,
    /// A database.
    Database(Backend),
    /// A running server.
    Api,
}

/// The user's options; missing values come from Kea's configuration or are defaults.
#[derive(Debug, Default)]
pub struct SourceOptions {
    /// Kea's configuration: a file or a directory.
    pub config: Option<PathBuf>,
    /// Which kind of place.
    pub kind: Option<SourceKind>,
    /// Where a running server takes commands.
    pub socket: Option<Address>,
    /// The database's name, or the lease file.
    pub name: Option<OsString>,
    /// Lease files, each of the family in its header, unless one was asked for.
    pub files: Vec<PathBuf>,
    /// A host, a socket, or a socket directory.
    pub host: Option<String>,
    /// The TCP port.
    pub port: Option<u16>,
    /// The user to log in as.
    pub user: Option<String>,
    /// A password that was asked for.
    pub password: Option<Secret>,
    /// A file that holds the password.
    pub password_file: Option<PathBuf>,
    /// Protection of the connection.
    pub tls: Tls,
    /// How long to wait for a server.
    pub connect_timeout: Option<Duration>,
    /// How MySQL's timestamps are to be read.
    pub kea_zone: KeaZone,
    /// This machine's zone.
    pub zone: Zone,
}
