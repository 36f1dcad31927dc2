//! The way to a MySQL server, and what is told when it fails.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use mysql::{Conn, DriverError, OptsBuilder};

use super::tunnel::{self, Greeted};
use crate::error::{Error, Result, io_cause};
use crate::secret::Secret;
use crate::source::database::{Database, Endpoint, SslMode, no_answer, tls_not_offered, within};
use crate::tls;

const USUAL_PORT: u16 = 3306;
const USUAL_SOCKETS: [&str; 3] = ["/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/tmp/mysql.sock"];

/// Where the server listens, as resolved from a [`Database`].
#[derive(Clone)]
enum Place {
    Socket(PathBuf),
    Tcp { host: String, port: u16 },
}

impl Place {
    /// As the mysql client: localhost without a port is the usual socket of this machine, if there is one.
    fn of(database: &Database) -> Self {
        let tcp = |host: &str| Self::Tcp { host: host.to_owned(), port: database.port.unwrap_or(USUAL_PORT) };
        match &database.endpoint {
            Some(Endpoint::Socket(path)) if path.is_dir() => Self::Socket(path.join("mysqld.sock")),
            Some(Endpoint::Socket(path)) => Self::Socket(path.clone()),
            Some(Endpoint::Host(host)) if host != "localhost" || database.port.is_some() => tcp(host),
            Some(Endpoint::Host(_)) | None => {
                let usual = USUAL_SOCKETS.into_iter().find(|path| Path::new(path).exists());
                usual.map_or_else(|| tcp("localhost"), |path| Self::Socket(path.into()))
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(path) => write!(f, "{}", path.display()),
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
        }
    }
}

/// Why there is no connection.
enum Refusal {
    Mysql(mysql::Error),
    Io(io::Error),
    NoTls,
}

impl From<mysql::Error> for Refusal {
    fn from(error: mysql::Error) -> Self {
        Self::Mysql(error)
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A connection, and how errors and manifests name the database it leads to.
pub(super) fn connect(database: &Database) -> Result<(Conn, String)> {
    let place = Place::of(database);
    let location = database.at(&place.to_string());
    let options = options(database)?;
    let mode = database.tls.effective_mode();
    let protection = match (&place, mode) {
        (Place::Tcp { .. }, SslMode::Prefer | SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull) => {
            Some(tls::client_config(&database.tls)?)
        }
        (Place::Tcp { .. }, SslMode::Disable) | (Place::Socket(_), _) => None,
    };
    let connection = within(database.connect_timeout, move || match (place, protection) {
        (Place::Socket(path), _) => through_socket(options, &path),
        (Place::Tcp { host, port }, None) => plain(options, &host, port),
        (Place::Tcp { host, port }, Some(config)) => match tunnel::greet(&host, port)? {
            greeted if greeted.offers_tls() => match protected(options.clone(), greeted, &host, config) {
                // As libpq: a server whose TLS is too old for us is still a server.
                Err(Refusal::Io(error)) if mode == SslMode::Prefer && tls::objection(&error).is_some() => {
                    plain(options, &host, port)
                }
                other => other,
            },
            _ if mode == SslMode::Prefer => plain(options, &host, port),
            _ => Err(Refusal::NoTls),
        },
    });
    match connection {
        Some(Ok(conn)) => Ok((conn, location)),
        Some(Err(refusal)) => Err(explain(location, database, &refusal)),
        None => Err(no_answer(location, database.connect_timeout)),
    }
}

fn options(database: &Database) -> Result<OptsBuilder> {
    Ok(OptsBuilder::new()
        .user(Some(database.login()?))
        .pass(database.password.as_ref().map(Secret::expose))
        .db_name(Some(&database.name))
        // The crate would leave a TCP connection for a socket it is told of.
        .prefer_socket(false))
}

fn through_socket(options: OptsBuilder, path: &Path) -> Result<Conn, Refusal> {
    Ok(Conn::new(options.socket(Some(path.to_string_lossy())))?)
}

fn plain(options: OptsBuilder, host: &str, port: u16) -> Result<Conn, Refusal> {
    match Conn::new(options.ip_or_hostname(Some(host)).tcp_port(port)) {
        // The crate does not say why.
        Err(mysql::Error::DriverError(DriverError::CouldNotConnect(_))) => {
            Err(tunnel::reach(host, port).err().unwrap_or_else(|| io::ErrorKind::ConnectionAborted.into()).into())
        }
        other => Ok(other?),
    }
}

fn protected(
    options: OptsBuilder,
    greeted: Greeted,
    host: &str,
    config: rustls::ClientConfig,
) -> Result<Conn, Refusal> {
    let (socket, conversation) = greeted.pass_on(host, config)?;
    match through_socket(options, &socket) {
        Err(Refusal::Mysql(mysql::Error::MySqlError(said))) => Err(mysql::Error::MySqlError(said).into()),
        Err(refusal) => match conversation.join() {
            Ok(Err(error)) => Err(error.into()),
            _ => Err(refusal),
        },
        connected => connected,
    }
}

fn explain(location: String, database: &Database, refusal: &Refusal) -> Error {
    match refusal {
        Refusal::NoTls => tls_not_offered(location),
        Refusal::Io(error) => match tls::objection(error) {
            Some((cause, "")) => Error::new(location, cause),
            Some((cause, hint)) => Error::new(location, cause).hint(hint),
            None => Error::new(location, io_cause(error)),
        },
        Refusal::Mysql(error) => {
            let refused = matches!(error, mysql::Error::MySqlError(said) if said.code == ACCESS_DENIED);
            let told = Error::new(location, cause(error));
            if refused && database.password.is_none() {
                return told.hint("no password was given: -p asks you for it; --password-file or ~/.my.cnf hold it");
            }
            told
        }
    }
}

const ACCESS_DENIED: u16 = 1045;

/// What the server said, or the reason on our side, without the crate's wrapping.
pub(super) fn cause(error: &mysql::Error) -> String {
    match error {
        mysql::Error::MySqlError(said) => said.message.clone(),
        mysql::Error::IoError(error) => io_cause(error),
        mysql::Error::DriverError(DriverError::CouldNotConnect(Some((_, description, _)))) => {
            description.split(" (os error").next().unwrap_or_default().to_owned()
        }
        mysql::Error::DriverError(error) => error.to_string(),
        mysql::Error::CodecError(error) => error.to_string(),
        other => other.to_string(),
    }
}
