//! Messages of a PostgreSQL server and of the client library, in words for a user.

use std::error::Error as StdError;
use std::io;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use crate::error::io_cause;
use crate::source::database::{Database, SslMode};
use crate::source::failure::{self, Words, words};

/// Why the server rejects a login, or a query fails.
pub(super) fn explain(error: &Error, database: &Database) -> Words {
    if let Some(said) = error.as_db_error() {
        return server(said, database);
    }
    match innermost(error) {
        Some(Innermost::Io(cause)) => failure::network(cause, database),
        Some(Innermost::Text(text)) if text == "password missing" => words(
            "the server asks for a password",
            "give -p to be prompted for it, or use --password-file or ~/.pgpass",
        ),
        Some(Innermost::Text(text)) if text.starts_with("unsupported") => words(
            "the server asks for a kind of login that is not supported here (Kerberos, SSPI or a new one)",
            "scram-sha-256, md5, password, cert, peer or trust in its pg_hba.conf is",
        ),
        Some(Innermost::Text(text)) if text.contains("channel binding") => unbound(database),
        // The server proves that it knows the password, too.
        Some(Innermost::Text(text)) if text.contains("verif") || text.contains("nonce") => {
            words("the server does not prove that it knows the password", "is it the right server?")
        }
        None if error.is_closed() => failure::network(&io::ErrorKind::UnexpectedEof.into(), database),
        _ => words("the answer makes no sense in the protocol of PostgreSQL", "is a PostgreSQL server there?"),
    }
}

/// The message if the login could not be bound to the TLS connection.
fn unbound(database: &Database) -> Words {
    let is_protected = database.tls.effective_mode() != SslMode::Disable;
    let needs =
        if is_protected { "TLS there, and a password kept as scram-sha-256" } else { "TLS: --ssl-mode require" };
    let cause = format!("the login with {} cannot be bound to the connection", database.password_used());
    words(cause, format!("PGCHANNELBINDING=require wants {needs}"))
}

/// The message about a connection that broke while rows arrived; empty if nothing is known.
pub(super) fn lost(error: &Error) -> String {
    match innermost(error) {
        Some(Innermost::Io(cause)) => lost_stream(cause),
        None if error.is_closed() => String::new(),
        _ => "the answer makes no sense in the protocol of PostgreSQL".to_owned(),
    }
}

/// The same where the stream itself ended.
pub(super) fn lost_stream(error: &io::Error) -> String {
    if error.raw_os_error().is_some() { io_cause(error) } else { String::new() }
}

/// Whether TLS was requested and the server does not support it.
pub(super) fn offers_no_tls(error: &Error) -> bool {
    matches!(innermost(error), Some(Innermost::Text(text)) if text == "server does not support TLS")
}

enum Innermost<'a> {
    Io(&'a io::Error),
    Text(String),
}

/// The root cause; `None` if the error has no source.
fn innermost(error: &Error) -> Option<Innermost<'_>> {
    let mut inner = error.source()?;
    while let Some(source) = inner.source() {
        inner = source;
    }
    Some(inner.downcast_ref::<io::Error>().map_or_else(|| Innermost::Text(inner.to_string()), Innermost::Io))
}

fn server(said: &DbError, database: &Database) -> Words {
    let state = said.code();
    let message = said.message();
    if *state == SqlState::INVALID_PASSWORD || *state == SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
        return denied(message, database);
    }
    if *state == SqlState::INVALID_CATALOG_NAME {
        let cause = format!("there is no database \"{}\"", database.name);
        return words(cause, "-n NAME says another; psql -l lists them");
    }
    if *state == SqlState::TOO_MANY_CONNECTIONS {
        return too_many(message, database);
    }
    if message.contains("not currently accepting connections") {
        let remedy = format!("allow them with ALTER DATABASE \"{}\" ALLOW_CONNECTIONS true", database.name);
        return words(format!("the database \"{}\" takes no connections", database.name), remedy);
    }
    if *state == SqlState::CANNOT_CONNECT_NOW {
        return words("the server is starting, stopping or recovering", "try again in a while");
    }
    if [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::DATABASE_DROPPED].contains(state) {
        return words("the connection was ended by an administrator, or the server stops", "try again");
    }
    if *state == SqlState::LOCK_NOT_AVAILABLE {
        let remedy = "list the sessions with SELECT * FROM pg_stat_activity; try again in a while";
        return words("another session has locked the table for longer than 10 s", remedy);
    }
    if *state == SqlState::QUERY_CANCELED {
        return words(
            "the query was cancelled on the server",
            "by its limit of time or by an administrator: try again",
        );
    }
    if *state == SqlState::INSUFFICIENT_PRIVILEGE && message.contains("for database") {
        let (name, user) = (&database.name, database.login().unwrap_or_default());
        let cause = format!("the user \"{user}\" may not connect to the database \"{name}\"");
        return words(cause, format!("GRANT CONNECT ON DATABASE \"{name}\" TO \"{user}\""));
    }
    if *state == SqlState::INSUFFICIENT_PRIVILEGE {
        return words(format!("no right: {message}"), "GRANT gives it, also USAGE ON SCHEMA");
    }
    if [SqlState::DISK_FULL, SqlState::OUT_OF_MEMORY, SqlState::INSUFFICIENT_RESOURCES].contains(state) {
        return words("the server is out of memory or disk space", "its log says more");
    }
    failure::said(message)
}

/// The server, the role and the database each have a limit.
fn too_many(message: &str, database: &Database) -> Words {
    let user = database.login().unwrap_or_default();
    if message.contains("for role") {
        let remedy = format!("ALTER ROLE \"{user}\" CONNECTION LIMIT …, or try again in a while");
        return words(format!("the user \"{user}\" has as many connections as it may"), remedy);
    }
    if message.contains("for database") {
        let remedy = format!("ALTER DATABASE \"{}\" CONNECTION LIMIT …, or try again in a while", database.name);
        return words(format!("the database \"{}\" has as many connections as it may", database.name), remedy);
    }
    words("the server has reached its connection limit", "max_connections is the limit; try again in a while")
}

fn denied(message: &str, database: &Database) -> Words {
    let (user, password) = (database.login().unwrap_or_default(), database.password_used());
    let is_local = matches!(database.endpoint, Some(super::super::database::Endpoint::Socket(_)));
    let cause = format!("access denied for user \"{user}\" with {password}");
    if message.contains("pg_hba.conf") {
        let tls = match database.tls.effective_mode() {
            SslMode::Disable if !is_local => "; it may want TLS: --ssl-mode require",
            _ => "",
        };
        return words(format!("{cause}: {message}"), format!("a line in the server's pg_hba.conf lets it in{tls}"));
    }
    if message.contains("Peer") || message.contains("Ident") {
        let remedy = "run as the user of that name, or name a host: -h 127.0.0.1 with a password";
        return words(format!("{cause}: the server takes the name of the system's user here"), remedy);
    }
    if message.contains("ertificate") {
        return words(
            format!("{cause}: the server wants the user's certificate"),
            "--cert-file and --key-file show one whose common name is the user's",
        );
    }
    if message.contains("does not exist") || message.contains("not permitted to log in") {
        return words(format!("{cause}: {message}"), "-u USER says another; \\du in psql lists them");
    }
    let remedy = match database.password {
        None => "-p prompts for a password; --password-file or ~/.pgpass contain it",
        Some(_) => "check user and password, and whether it has expired: VALID UNTIL",
    };
    words(cause, remedy)
}
