//! How to reach a lease database: what the command line, Kea's configuration and the password files add up to.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::{LeaseSource, mysql, postgres};
use crate::error::{Error, Result};
use crate::lease::Family;
use crate::secret::Secret;

pub use crate::tls::{SslMode, Tls};

/// The database servers Kea can keep leases in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// MySQL or MariaDB.
    Mysql,
    /// PostgreSQL.
    Postgres,
}

/// Where a database server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A host name or address.
    Host(String),
    /// A path: a socket, or the directory it stands in.
    Socket(PathBuf),
}

/// In whose time zone Kea wrote MySQL's timestamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeaZone {
    /// Not said: the database's session zone is taken, and a difference to this machine's zone is remarked.
    #[default]
    Unsaid,
    /// The database's session zone, no question asked.
    Database,
    /// This machine's zone.
    Local,
    /// This zone.
    Named(chrono_tz::Tz),
}

/// Everything needed to connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// Which kind of server.
    pub backend: Backend,
    /// The database's name.
    pub name: String,
    /// Where the server listens; `None` is the usual socket of this machine, else localhost.
    pub endpoint: Option<Endpoint>,
    /// The TCP port, if not the usual one; with a socket directory of PostgreSQL part of the socket's name.
    pub port: Option<u16>,
    /// The user to log in as; `None` is what the client programs take: the password files, then the login name.
    pub user: Option<String>,
    /// The password, where one was given by prompt, file, variable or configuration.
    pub password: Option<Secret>,
    /// Protection of the connection.
    pub tls: Tls,
    /// How long to wait for the server when connecting.
    pub connect_timeout: Duration,
    /// How MySQL's timestamps are to be read.
    pub kea_zone: KeaZone,
}

impl Database {
    /// What an error is about: `database "kea" at db.example:5432`.
    pub(super) fn at(&self, place: &str) -> String {
        format!("database \"{}\" at {place}", self.name)
    }

    /// Whom to log in as.
    pub(super) fn login(&self) -> Result<String> {
        match &self.user {
            Some(user) => Ok(user.clone()),
            None => {
                whoami::username().map_err(|cause| Error::new("the name to log in with", cause).hint("--user says it"))
            }
        }
    }
}

/// Connects to a database with Kea's leases and looks at what its tables are like.
pub fn open(database: &Database, family: Family) -> Result<Box<dyn LeaseSource>> {
    Ok(match database.backend {
        Backend::Postgres => Box::new(postgres::open(database, family)?),
        Backend::Mysql => Box::new(mysql::open(database, family)?),
    })
}

/// The result of `connect`, or `None` if it takes longer than `limit` (zero: as long as it takes).
///
/// Neither client library limits the time until a server that accepted the connection says something. A connection
/// that comes too late is left to its thread; the program is about to end.
pub(super) fn within<T: Send + 'static>(limit: Duration, connect: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    if limit.is_zero() {
        return Some(connect());
    }
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(connect()));
    receiver.recv_timeout(limit).ok()
}

/// What is said of a connection that broke while rows were coming, for the library's reason `cause`.
pub(super) fn lost(cause: &str) -> String {
    // Words of the libraries for an end of the stream where none belongs.
    let says_no_more = ["bytes remaining on stream", "close_notify", "unexpected end of file", "connection closed"];
    if says_no_more.iter().any(|words| cause.contains(words)) {
        return "connection lost before the end".to_owned();
    }
    format!("connection lost before the end: {cause}")
}

/// The error of a server that did not answer in time.
pub(super) fn no_answer(attempted: String, limit: Duration) -> Error {
    Error::new(attempted, format_args!("no answer within {} s", limit.as_secs_f32()))
        .hint("--connect-timeout waits longer")
}

/// The error of a server that speaks no TLS where TLS is demanded.
pub(super) fn tls_not_offered(location: String) -> Error {
    Error::new(location, "the server offers no TLS").hint("--ssl-mode prefer or disable go without")
}
