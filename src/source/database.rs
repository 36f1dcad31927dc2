//! How to reach a lease database, from the command line, Kea's configuration and the password files.

use std::fmt;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::panics;
use crate::secret::Secret;
use crate::time::Zone;

pub use crate::tls::{SslMode, Tls};

/// Facts about a database, each with its name.
pub type DatabaseFacts = Vec<(String, String)>;

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
    /// A path: a socket, or its directory.
    Socket(PathBuf),
}

/// In whose time zone Kea wrote MySQL's timestamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeaZone {
    /// Not said: the database's session zone is taken, and a difference to this machine's zone is remarked.
    #[default]
    Unsaid,
    /// The database's session zone, without a remark.
    Database,
    /// This machine's zone.
    Local,
    /// This zone.
    Named(chrono_tz::Tz),
}

/// Whether the login to PostgreSQL is bound to the TLS connection, as libpq calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChannelBinding {
    /// Never.
    Disable,
    /// Where the server can.
    #[default]
    Prefer,
    /// Always: a server in between cannot pass the login on.
    Require,
}

impl ChannelBinding {
    /// What libpq means by this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "disable" => Some(Self::Disable),
            "prefer" => Some(Self::Prefer),
            "require" => Some(Self::Require),
            _ => None,
        }
    }
}

/// A password and where it comes from, which an error about it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Password {
    /// The password itself.
    pub secret: Secret,
    /// Where it comes from.
    pub from: PasswordSource,
}

/// Where a password comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordSource {
    /// It was typed.
    Prompt,
    /// A file that an option named.
    File(PathBuf),
    /// A variable of the environment.
    Variable(&'static str),
    /// Kea's configuration, this file.
    Configuration(PathBuf),
    /// A client program's own file.
    ClientFile(PathBuf),
}

impl fmt::Display for PasswordSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prompt => f.write_str("the password that was typed"),
            Self::File(file) => write!(f, "the password in {} (--password-file)", file.display()),
            Self::Variable(name) => write!(f, "the password in the variable {name}"),
            Self::Configuration(file) => write!(f, "the password of Kea's configuration {}", file.display()),
            Self::ClientFile(file) => write!(f, "the password in {}", file.display()),
        }
    }
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
    /// The password, where there is one.
    pub password: Option<Password>,
    /// Protection of the connection.
    pub tls: Tls,
    /// PostgreSQL: whether the login is bound to it.
    pub channel_binding: ChannelBinding,
    /// How long to wait for the server when connecting.
    pub connect_timeout: Duration,
    /// How MySQL's timestamps are to be read.
    pub kea_zone: KeaZone,
    /// This machine's zone.
    pub zone: Zone,
}

impl Database {
    /// What an error is about: `database "kea" at db.example:5432`.
    pub(super) fn at(&self, place: &str) -> String {
        format!("database \"{}\" at {place}", self.name)
    }

    /// The user to log in as.
    pub(super) fn login(&self) -> Result<String> {
        match &self.user {
            Some(user) => Ok(user.clone()),
            None => whoami::username()
                .map_err(|cause| Error::new("the name to log in with", cause).hint("give it with --user")),
        }
    }
}

impl Database {
    /// The same for each host of a list, `db1,db2:5433,[2001:db8::1]`, as libpq and MariaDB's library take it.
    pub(super) fn each_host(&self) -> Vec<Self> {
        let is_postgres = self.backend == Backend::Postgres;
        let list = match &self.endpoint {
            Some(Endpoint::Host(list)) => list.as_str(),
            Some(Endpoint::Socket(path)) if is_postgres => path.to_str().unwrap_or_default(),
            Some(Endpoint::Socket(_)) | None => "",
        };
        let hosts: Vec<Self> =
            list.split(',').filter(|host| !host.trim().is_empty()).map(|host| self.at_host(host.trim())).collect();
        if hosts.is_empty() { vec![self.clone()] } else { hosts }
    }

    /// The same at the one host of this text.
    fn at_host(&self, text: &str) -> Self {
        if text.starts_with('/') {
            return Self { endpoint: Some(Endpoint::Socket(text.into())), ..self.clone() };
        }
        let (host, port) = host_and_port(text);
        Self { endpoint: Some(Endpoint::Host(host.to_owned())), port: port.or(self.port), ..self.clone() }
    }

    /// `the password in the variable KEA_ADMIN_DB_PASSWORD`, `no password`.
    pub(super) fn password_used(&self) -> String {
        self.password.as_ref().map_or_else(|| "no password".to_owned(), |password| password.from.to_string())
    }
}

/// The host of `db`, `db:3306`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:3306`, and the port if it is said.
fn host_and_port(text: &str) -> (&str, Option<u16>) {
    if let Some((host, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (host, rest.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match text.split_once(':').map(|(host, port)| (host, port.parse())) {
        Some((host, Ok(port))) => (host, Some(port)),
        _ => (text, None),
    }
}

/// How an attempt to connect ended.
pub(super) enum Attempt<T> {
    /// In time, with this.
    Done(T),
    /// Not in time.
    Late,
    /// In a fault of the client library: the answer was none that it expects.
    Faulty,
}

/// The result of `connect`, if it takes no longer than `limit` (zero: as long as it takes).
///
/// Neither client library limits the time until a server that accepted the connection says something. A connection
/// that comes too late is left to its thread; the program is about to end.
pub(super) fn within<T: Send + 'static>(limit: Duration, connect: impl FnOnce() -> T + Send + 'static) -> Attempt<T> {
    let guarded = || panics::catch(connect).map_or(Attempt::Faulty, Attempt::Done);
    if limit.is_zero() {
        return guarded();
    }
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(guarded()));
    receiver.recv_timeout(limit).unwrap_or(Attempt::Late)
}

/// What is said of a connection that broke while rows were coming, for this reason, which may be empty.
pub(super) fn lost(cause: &str) -> String {
    if cause.is_empty() {
        "connection lost before the end".to_owned()
    } else {
        format!("connection lost before the end: {cause}")
    }
}

/// The error of a server that did not answer in time.
pub(super) fn no_answer(attempted: String, limit: Duration) -> Error {
    Error::new(attempted, format_args!("no answer within {} s", limit.as_secs_f32()))
        .hint("increase --connect-timeout to wait longer")
}

/// The error of a server that speaks no TLS where TLS is demanded.
pub(super) fn tls_not_offered(location: String) -> Error {
    Error::new(location, "the server offers no TLS").hint("give --ssl-mode prefer or disable to connect without TLS")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_may_have_brackets_and_a_port() {
        for (text, expected) in [
            ("db.example", ("db.example", None)),
            ("db.example:3307", ("db.example", Some(3307))),
            ("2001:db8::1", ("2001:db8::1", None)),
            ("[2001:db8::1]", ("2001:db8::1", None)),
            ("[2001:db8::1]:5433", ("2001:db8::1", Some(5433))),
        ] {
            assert_eq!(host_and_port(text), expected, "{text}");
        }
    }

    #[test]
    fn a_panic_of_a_library_is_no_answer_that_comes_late() {
        assert!(matches!(within(Duration::from_secs(60), || panic!("a test")), Attempt::<()>::Faulty));
        assert!(matches!(within(Duration::ZERO, || 7), Attempt::Done(7)));
    }
}
