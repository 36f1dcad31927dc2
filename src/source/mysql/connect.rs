//! Connecting to a MySQL server, and its errors.

use std::fmt;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use mysql::Error::DriverError;
use mysql::{Conn, OptsBuilder};

use super::tls_proxy::{self, Greeted, Login};
use super::words;
use crate::error::{Error, Result};
use crate::panics;
use crate::secret::Secret;
use crate::source::database::{Attempt, Database, Endpoint, SslMode, no_answer, tls_not_offered, within};
use crate::source::failure;
use crate::tls;

const USUAL_PORT: u16 = 3306;
const USUAL_SOCKETS: [&str; 3] = ["/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/tmp/mysql.sock"];

/// Where the server listens, as resolved from a [`Database`].
#[derive(Clone)]
enum MysqlEndpoint {
    Socket(PathBuf),
    Tcp { host: String, port: u16 },
}

impl MysqlEndpoint {
    /// As the mysql client: localhost without a port is the usual socket of this machine, if there is one.
    fn for_database(database: &Database) -> Self {
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

impl fmt::Display for MysqlEndpoint {
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
    /// What answers does not begin as a MySQL server does.
    NoMysql,
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
    let place = MysqlEndpoint::for_database(database);
    let location = database.at(&place.to_string());
    let options = options(database)?;
    let mode = database.tls.effective_mode();
    let protection = match (&place, mode) {
        (MysqlEndpoint::Tcp { .. }, SslMode::Prefer | SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull) => {
            Some(tls::client_config(&database.tls)?)
        }
        (MysqlEndpoint::Tcp { .. }, SslMode::Disable) | (MysqlEndpoint::Socket(_), _) => None,
    };
    let password = database.password.as_ref().map(|password| password.secret.clone());
    let asked = place.clone();
    let connection = within(database.connect_timeout, move || match (place, protection) {
        (MysqlEndpoint::Socket(path), _) => through_socket(options, &path, password),
        (MysqlEndpoint::Tcp { host, port }, None) => plain(options, &host, port, password),
        (MysqlEndpoint::Tcp { host, port }, Some(config)) => match tls_proxy::greet(&host, port)? {
            greeted if !greeted.greeting().is_mysql() => Err(Refusal::NoMysql),
            greeted if greeted.greeting().offers_tls() => {
                let tls = Some((config, host.clone()));
                let login = Login { tls, is_private: true, password: password.clone() };
                match through_proxy(options.clone(), greeted, login) {
                    // As libpq: a server whose TLS is too old for us is still a server.
                    Err(Refusal::Io(error)) if mode == SslMode::Prefer && tls::objection(&error).is_some() => {
                        plain(options, &host, port, password)
                    }
                    other => other,
                }
            }
            greeted if greeted.greeting().is_error() || mode == SslMode::Prefer => {
                drop(greeted);
                plain(options, &host, port, password)
            }
            _ => Err(Refusal::NoTls),
        },
    });
    match connection {
        Attempt::Done(Ok(conn)) => Ok((conn, location)),
        Attempt::Done(Err(refusal)) => Err(explain(location, database, &asked, &refusal)),
        Attempt::Late => Err(match other_server(&asked) {
            Some(words) => failure::error(location, words),
            None => no_answer(location, database.connect_timeout),
        }),
        Attempt::Faulty => Err(explain(location, database, &asked, &Refusal::NoMysql)),
    }
}

fn options(database: &Database) -> Result<OptsBuilder> {
    Ok(OptsBuilder::new()
        .user(Some(database.login()?))
        .pass(database.password.as_ref().map(|password| password.secret.expose()))
        .db_name(Some(&database.name))
        // The crate would leave a TCP connection for a socket that the server names.
        .prefer_socket(false))
}

fn local(options: OptsBuilder, path: &Path) -> Result<Conn, Refusal> {
    Ok(Conn::new(options.socket(Some(path.to_string_lossy())))?)
}

fn through_socket(options: OptsBuilder, path: &Path, password: Option<Secret>) -> Result<Conn, Refusal> {
    match panics::catch(|| local(options.clone(), path)) {
        Ok(Err(Refusal::Mysql(DriverError(mysql::DriverError::CouldNotConnect(_))))) => {
            Err(UnixStream::connect(path).err().unwrap_or_else(|| io::ErrorKind::ConnectionAborted.into()).into())
        }
        Ok(Err(Refusal::Mysql(DriverError(_)))) | Err(_) => {
            through_proxy(options, tls_proxy::greet_locally(path)?, Login { tls: None, is_private: true, password })
        }
        Ok(other) => other,
    }
}

fn plain(options: OptsBuilder, host: &str, port: u16, password: Option<Secret>) -> Result<Conn, Refusal> {
    let direct = options.clone().ip_or_hostname(Some(host)).tcp_port(port);
    match panics::catch(|| Conn::new(direct)) {
        // The crate does not say why.
        Ok(Err(DriverError(mysql::DriverError::CouldNotConnect(_)))) => {
            Err(tls_proxy::reach(host, port).err().unwrap_or_else(|| io::ErrorKind::ConnectionAborted.into()).into())
        }
        // It may be a login that only the library cannot do.
        Ok(Err(DriverError(_))) | Err(_) => match tls_proxy::greet(host, port)? {
            greeted if greeted.greeting().is_mysql() => {
                through_proxy(options, greeted, Login { tls: None, is_private: false, password })
            }
            _ => Err(Refusal::NoMysql),
        },
        Ok(other) => Ok(other?),
    }
}

fn through_proxy(options: OptsBuilder, greeted: Greeted, login: Login) -> Result<Conn, Refusal> {
    let (socket, conversation) = greeted.pass_on(login)?;
    match local(options, &socket) {
        Err(Refusal::Mysql(mysql::Error::MySqlError(said))) => Err(mysql::Error::MySqlError(said).into()),
        Err(refusal) => match conversation.join() {
            Ok(Err(error)) => Err(error.into()),
            _ => Err(refusal),
        },
        connected => connected,
    }
}

fn explain(location: String, database: &Database, place: &MysqlEndpoint, refusal: &Refusal) -> Error {
    let words = match refusal {
        Refusal::NoTls => return tls_not_offered(location),
        Refusal::NoMysql => not_mysql(),
        Refusal::Io(error) => match tls::objection(error) {
            Some((cause, remedy)) => failure::words(cause, remedy),
            None => words::broken(error, database),
        },
        Refusal::Mysql(error) => words::explain(error, database),
    };
    let may_be_another = match refusal {
        Refusal::Io(error) => failure::may_be_another(error),
        Refusal::Mysql(error) => !matches!(error, mysql::Error::MySqlError(_)),
        Refusal::NoTls | Refusal::NoMysql => true,
    };
    let found = if may_be_another { other_server(place) } else { None };
    failure::error(location, found.unwrap_or(words))
}

fn not_mysql() -> failure::Words {
    failure::words("the answer makes no sense in the protocol of MySQL", "is a MySQL or MariaDB server there?")
}

/// Who else answers at a TCP port, where no MySQL server does.
fn other_server(place: &MysqlEndpoint) -> Option<failure::Words> {
    let MysqlEndpoint::Tcp { host, port } = place else { return None };
    failure::other_server(failure::ask(host, *port), failure::Peer::Mysql)
}
