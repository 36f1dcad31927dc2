//! Why there is no connection to a database server, in our own words: the client libraries' messages are for
//! programmers.

use std::fmt;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use super::database::{Database, Endpoint};
use crate::error::{Error, io_cause};
use crate::lease::Family;

/// A cause and a remedy, which may be empty.
pub(super) type Words = (String, String);

/// Words of fixed text.
pub(super) fn words(cause: impl Into<String>, remedy: impl Into<String>) -> Words {
    (cause.into(), remedy.into())
}

/// The error of `location` with these words.
pub(super) fn error(location: impl Into<String>, (cause, remedy): Words) -> Error {
    let error = Error::new(location, cause);
    if remedy.is_empty() { error } else { error.hint(remedy) }
}

/// The server's own message, if there is no better one.
pub(super) fn said(message: &str) -> Words {
    words(format!("the server says: {message}"), "")
}

/// Why the server cannot be reached, or the connection broke before the login was over.
pub(super) fn network(error: &io::Error, database: &Database) -> Words {
    let is_socket = matches!(database.endpoint, Some(Endpoint::Socket(_)));
    match error.kind() {
        ErrorKind::ConnectionRefused if is_socket => {
            words("connection refused", "no server listens on this socket: is it running?")
        }
        ErrorKind::ConnectionRefused => {
            words("connection refused", "is the server running, and does it listen on this address and port?")
        }
        ErrorKind::NotFound if is_socket => {
            words(io_cause(error), "the server is not running, or its socket is elsewhere: -h PATH names it")
        }
        ErrorKind::PermissionDenied => words("permission denied", "this user may not use the socket: run as its owner"),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            words("no route to the host", "check the address and this host's routes")
        }
        ErrorKind::TimedOut => words("the host does not answer", "check the address and the firewalls on the way"),
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe => {
            words("the server closed the connection before the login was over", "the server's log says why")
        }
        ErrorKind::InvalidInput => words("not an address that a connection can be made to", "check host and port"),
        _ => unnamed(error),
    }
}

/// Errors that only their text tells apart: those of the resolver have no number.
fn unnamed(error: &io::Error) -> Words {
    let text = error.to_string();
    if text.contains("Temporary failure") {
        return words("the name server does not answer", "check this host's resolver, or give the address");
    }
    if text.contains("lookup address") || error.kind() == ErrorKind::NotFound {
        return words("no address is known for this host", "check the name, or give the address");
    }
    if error.raw_os_error().is_some() {
        return words(io_cause(error), "");
    }
    words("the answer makes no sense", "check host and port")
}

/// Whether the answer that caused `error` may come from a server of another kind.
pub(super) fn may_be_another(error: &io::Error) -> bool {
    error.raw_os_error().is_none_or(|_| error.kind() == ErrorKind::ConnectionReset)
        && !error.to_string().contains("lookup address")
}

/// What listens on a TCP port, judged by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    Mysql,
    Postgres,
    Http,
    Ssh,
    Tls,
    Kea,
    Other,
    /// It closed the connection without sending anything.
    Closed,
    /// It accepted the connection and sent nothing.
    Silent,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mysql => "a MySQL or MariaDB server answers there",
            Self::Postgres => "a PostgreSQL server answers there",
            Self::Http => "an HTTP server answers there",
            Self::Ssh => "an SSH server answers there",
            Self::Tls => "a server that expects TLS from the beginning answers there",
            Self::Kea => "Kea's control channel answers there",
            Self::Other => "a server of another kind answers there",
            Self::Closed => "the server there closes each connection",
            Self::Silent => "the server there sends nothing",
        })
    }
}

/// PostgreSQL's request for TLS, which its servers answer with one letter and servers of text do not understand.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
/// How long each step of [`ask`] may take.
const PATIENCE: Duration = Duration::from_millis(700);

/// What listens on `host` and `port`; `None` if it cannot be reached.
pub(super) fn ask(host: &str, port: u16) -> Option<Peer> {
    let address = (host, port).to_socket_addrs().ok()?.next()?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    for request in [&b""[..], &SSL_REQUEST, b"\r\n\r\n"] {
        let mut piece = [0; 64];
        let sent = stream.write_all(request);
        match sent.and_then(|()| stream.read(&mut piece)) {
            Ok(read) if read > 0 => return Some(recognise(&piece[..read])),
            Err(cause) if matches!(cause.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Ok(_) | Err(_) => return Some(Peer::Closed),
        }
    }
    Some(Peer::Silent)
}

fn recognise(heard: &[u8]) -> Peer {
    match heard {
        [_, _, 0, 0, 10 | 0xff, ..] => Peer::Mysql,
        [b'S' | b'N'] | [b'E', ..] => Peer::Postgres,
        [b'H', b'T', b'T', b'P', b'/', ..] => Peer::Http,
        [b'S', b'S', b'H', b'-', ..] => Peer::Ssh,
        [21 | 22, 3, ..] => Peer::Tls,
        [b'{' | b'[', ..] => Peer::Kea,
        _ => Peer::Other,
    }
}

/// The name of a server that is not of the `wanted` kind, with a remedy.
pub(super) fn other_server(found: Option<Peer>, wanted: Peer) -> Option<Words> {
    let name = if wanted == Peer::Mysql { "no MySQL or MariaDB server" } else { "no PostgreSQL server" };
    let remedy = match found {
        Some(Peer::Mysql) => "-t mysql reads from it; or check the port",
        Some(Peer::Postgres) => "-t pgsql reads from it; or check the port",
        // These may be servers of the right kind with a problem.
        None | Some(Peer::Closed | Peer::Silent) => return None,
        Some(_) => "check host and port",
    };
    found.filter(|found| *found != wanted).map(|found| words(format!("{name}: {found}"), remedy))
}

/// The error of a table, or of columns of it, that this user may not read.
pub(super) fn no_right(location: &str, family: Family, grant: String) -> Error {
    Error::new(location, format_args!("no right to read the table {}", family.table())).hint(grant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_known_by_their_first_words() {
        for (heard, peer) in [
            (&b"N"[..], Peer::Postgres),
            (b"S", Peer::Postgres),
            (b"\x6e\x00\x00\x00\x0a5.5.5-10.11", Peer::Mysql),
            (b"\x45\x00\x00\x00\xff\x6a\x04Host", Peer::Mysql),
            (b"HTTP/1.1 400 Bad Request", Peer::Http),
            (b"SSH-2.0-OpenSSH_9.2", Peer::Ssh),
            (b"\x15\x03\x01\x00\x02\x02\x0a", Peer::Tls),
            (b"{ \"result\": 1", Peer::Kea),
            (b"220 mail.example ESMTP", Peer::Other),
        ] {
            assert_eq!(recognise(heard), peer, "{heard:?}");
        }
    }
}
