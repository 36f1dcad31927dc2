//! Connecting to a PostgreSQL server, and its errors.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_postgres::config::{ChannelBinding as Binding, SslMode as Offer};
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::session::{self, Session};
use super::words;
use crate::error::{Error, Result};
use crate::source::database::{
    Attempt, ChannelBinding, Database, Endpoint, SslMode, no_answer, tls_not_offered, within,
};
use crate::source::failure::{self, Peer, Words};
use crate::tls;

const USUAL_PORT: u16 = 5432;
const USUAL_SOCKETS: [&str; 2] = ["/var/run/postgresql", "/tmp"];
const SOCKET_NAME: &str = ".s.PGSQL.";

/// Where the server listens, as resolved from a [`Database`].
enum PostgresEndpoint {
    Socket { directory: PathBuf, port: u16 },
    Tcp { host: String, port: u16 },
}

impl PostgresEndpoint {
    /// As libpq: a given place, else the usual socket of this machine, else localhost.
    fn for_database(database: &Database) -> Self {
        let port = database.port.unwrap_or(USUAL_PORT);
        match &database.endpoint {
            Some(Endpoint::Host(host)) => Self::Tcp { host: host.clone(), port },
            Some(Endpoint::Socket(path)) => Self::from_path(path, port),
            None => {
                let usual = USUAL_SOCKETS.iter().map(|directory| Self::Socket { directory: directory.into(), port });
                let found = usual.into_iter().find(|place| Path::new(&place.to_string()).exists());
                found.unwrap_or_else(|| Self::Tcp { host: "localhost".to_owned(), port })
            }
        }
    }

    /// A socket's own path means its directory and the port in its name.
    fn from_path(path: &Path, port: u16) -> Self {
        let name = path.file_name().and_then(|name| name.to_str());
        let own_port = name.and_then(|name| name.strip_prefix(SOCKET_NAME)).and_then(|port| port.parse().ok());
        match (own_port, path.parent()) {
            (Some(port), Some(directory)) => Self::Socket { directory: directory.to_owned(), port },
            _ => Self::Socket { directory: path.to_owned(), port },
        }
    }
}

impl std::fmt::Display for PostgresEndpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Socket { directory, port } => write!(f, "{}/{SOCKET_NAME}{port}", directory.display()),
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
        }
    }
}

/// A connection, and how errors and manifests name the database it leads to.
pub(super) fn connect(database: &Database) -> Result<(Session, String)> {
    let place = PostgresEndpoint::for_database(database);
    let location = database.at(&place.to_string());
    let mut config = configuration(database, &place)?;
    let protected = config.get_ssl_mode() != Offer::Disable;
    let tls = protected.then(|| tls::client_config(&database.tls)).transpose()?;
    let runtime = session::runtime().map_err(|cause| Error::io(format!("connect to {location}"), &cause))?;
    let connection = within(database.connect_timeout, move || {
        let Some(tls) = tls else { return Session::open(runtime, &config, NoTls) };
        match Session::open(Arc::clone(&runtime), &config, MakeRustlsConnect::new(tls)) {
            // As libpq: a server whose TLS is too old for us is still a server.
            Err(error) if config.get_ssl_mode() == Offer::Prefer && tls::objection(&error).is_some() => {
                Session::open(runtime, config.ssl_mode(Offer::Disable), NoTls)
            }
            other => other,
        }
    });
    match connection {
        Attempt::Done(Ok(session)) => Ok((session, location)),
        Attempt::Done(Err(error)) => Err(refusal(location, database, &place, &error)),
        Attempt::Late => Err(match other_server(&place) {
            Some(words) => failure::error(location, words),
            None => no_answer(location, database.connect_timeout),
        }),
        Attempt::Faulty => {
            let cause = "the answer makes no sense in the protocol of PostgreSQL";
            let words = failure::words(cause, "is a PostgreSQL server there?");
            Err(failure::error(location, other_server(&place).unwrap_or(words)))
        }
    }
}

fn configuration(database: &Database, place: &PostgresEndpoint) -> Result<Config> {
    let mut config = Config::new();
    config.dbname(&database.name).user(&database.login()?).application_name(env!("CARGO_PKG_NAME"));
    config.channel_binding(match database.channel_binding {
        ChannelBinding::Disable => Binding::Disable,
        ChannelBinding::Prefer => Binding::Prefer,
        ChannelBinding::Require => Binding::Require,
    });
    if let Some(password) = &database.password {
        config.password(password.secret.expose());
    }
    match place {
        // PostgreSQL offers no TLS on sockets.
        PostgresEndpoint::Socket { directory, port } => {
            config.host_path(directory).port(*port).ssl_mode(Offer::Disable)
        }
        PostgresEndpoint::Tcp { host, port } => {
            config.host(host).port(*port).ssl_mode(match database.tls.effective_mode() {
                SslMode::Disable => Offer::Disable,
                SslMode::Prefer => Offer::Prefer,
                SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => Offer::Require,
            })
        }
    };
    Ok(config)
}

fn refusal(location: String, database: &Database, place: &PostgresEndpoint, error: &tokio_postgres::Error) -> Error {
    if error.as_db_error().is_none() {
        if let Some(words) = other_server(place) {
            return failure::error(location, words);
        }
        if let Some((cause, remedy)) = tls::objection(error) {
            return failure::error(location, failure::words(cause, remedy));
        }
        if words::offers_no_tls(error) {
            return tls_not_offered(location);
        }
    }
    failure::error(location, words::explain(error, database))
}

/// Who else answers at a TCP port, where no PostgreSQL server does.
fn other_server(place: &PostgresEndpoint) -> Option<Words> {
    let PostgresEndpoint::Tcp { host, port } = place else { return None };
    failure::other_server(failure::ask(host, *port), Peer::Postgres)
}
