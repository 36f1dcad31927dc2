//! Why there is no answer, as data and as an error message.

use std::fmt;

use super::{Address, Limits};
use crate::error::Error;
use crate::fs::access;

/// The kind of failure of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The socket file does not exist.
    Absent,
    /// No server listens: a socket whose server is gone, a closed port.
    Refused,
    /// This user may not access the socket or a directory above it.
    Denied,
    /// The path is not a socket.
    NotASocket,
    /// The address is not usable, for this reason.
    Unusable(String),
    /// The network leads to no such host.
    Unreachable,
    /// No byte was received in time: the server hangs, is stopped or very busy.
    NoAnswer,
    /// The answer began, but was not complete in time.
    Slow,
    /// The answer is truncated.
    Truncated,
    /// The connection was closed without an answer.
    Silent,
    /// The connection broke, for this reason, which may be empty.
    Lost(String),
    /// The answer is longer than the limit.
    TooLarge,
    /// The answer is not JSON; its beginning.
    NotJson(String),
    /// The answer is not one that Kea gives, for this reason.
    NotKea(String),
    /// The answer is not HTTP.
    NotHttp,
    /// HTTP 401: user and password are missing or wrong.
    Unauthorized,
    /// HTTP 403: this user may not send this command.
    Forbidden,
    /// Another HTTP status than 200.
    Status(u16),
    /// A TLS failure, and a remedy or nothing.
    Tls(String, &'static str),
}

/// A command without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where it was sent.
    pub address: Address,
    /// Its limits.
    pub limits: Limits,
    /// What went wrong.
    pub trouble: Trouble,
}

impl Failure {
    /// The cause in words, and what would help; nothing if nothing is known.
    #[must_use]
    pub fn words(&self) -> (String, String) {
        let seconds = (self.limits.time.as_secs_f32() * 10.0).round() / 10.0;
        let cause = match &self.trouble {
            Trouble::Unusable(cause) | Trouble::Tls(cause, _) => cause.clone(),
            Trouble::NoAnswer => format!("no answer within {seconds} s"),
            Trouble::Slow => format!("the answer did not end within {seconds} s"),
            Trouble::Lost(cause) if cause.is_empty() => "the connection broke".to_owned(),
            Trouble::Lost(cause) => format!("the connection broke: {cause}"),
            Trouble::TooLarge => format!("the answer is longer than {} octets", self.limits.octets),
            Trouble::NotJson(what) => format!("the answer is not JSON: {what}"),
            Trouble::NotKea(cause) => format!("this is not an answer of Kea: {cause}"),
            Trouble::Status(status) => format!("HTTP status {status}: {}", meaning(*status).0),
            Trouble::Unauthorized => self.unauthorized(),
            other => self.fixed(other).to_owned(),
        };
        let remedy = match (&self.trouble, &self.address) {
            (Trouble::Denied, Address::Unix(path)) => access::remedy(path),
            _ => self.remedy().to_owned(),
        };
        (cause, remedy)
    }

    /// Causes of fixed text.
    fn fixed(&self, trouble: &Trouble) -> &'static str {
        match trouble {
            Trouble::Absent => "no such socket",
            Trouble::Refused if self.is_unix() => "no server listens on it",
            Trouble::Refused => "connection refused",
            Trouble::Denied => "permission denied",
            Trouble::Unreachable => "no route to the host",
            Trouble::NotASocket => "not a socket",
            Trouble::Silent => "the connection was closed without an answer",
            Trouble::Truncated => "the answer ends in its middle",
            Trouble::Forbidden => "this user may not send this command there",
            Trouble::NotHttp => "the answer is not HTTP",
            _ => "there is no answer",
        }
    }

    /// The user that was rejected.
    fn unauthorized(&self) -> String {
        let credentials = match &self.address {
            Address::Web(web) => web.credentials.as_ref(),
            Address::Unix(_) => None,
        };
        match credentials {
            Some(credentials) => {
                format!("the server rejects user \"{}\" with the given password", credentials.user)
            }
            None => "the server requires a user and a password, and none were given".to_owned(),
        }
    }

    fn remedy(&self) -> &'static str {
        match &self.trouble {
            Trouble::Absent => "the server is not running, or its configuration names another",
            Trouble::Refused if self.is_unix() => "the server that made it ended without removing it, as in a crash",
            Trouble::Refused => {
                "no server listens there: is it running, and is this the address it is configured with?"
            }
            Trouble::NotASocket => "\"control-socket\" in Kea's configuration names the socket",
            Trouble::Silent | Trouble::NotHttp if self.is_plain() => "https:// if the server speaks TLS",
            Trouble::Silent | Trouble::Truncated | Trouble::Lost(_) => "the server's log may say why",
            Trouble::Unauthorized => "check user and password",
            Trouble::Forbidden => "the server's access rules would have to allow it",
            Trouble::Tls(_, hint) => hint,
            Trouble::NoAnswer | Trouble::Slow => "it hangs, is stopped, or is busy with something else",
            Trouble::TooLarge => "Kea's answers are shorter: is this Kea?",
            Trouble::NotJson(_) | Trouble::NotKea(_) | Trouble::NotHttp => "is this Kea?",
            Trouble::Status(status) => meaning(*status).1,
            Trouble::Unreachable => "is the host up, and is this its address?",
            Trouble::Denied | Trouble::Unusable(_) => "",
        }
    }

    fn is_unix(&self) -> bool {
        matches!(self.address, Address::Unix(_))
    }

    /// Whether HTTP is spoken without TLS.
    fn is_plain(&self) -> bool {
        matches!(&self.address, Address::Web(web) if web.tls.is_none())
    }

    /// The server in words: `control socket /run/kea/kea4-ctrl-socket`, `http://127.0.0.1:8000`.
    #[must_use]
    pub fn place(&self) -> String {
        self.address.place()
    }
}

/// The meaning of an HTTP status, and what would help.
fn meaning(status: u16) -> (&'static str, &'static str) {
    match status {
        300..=399 => ("it sends clients elsewhere", "a redirect is not followed: name Kea's own host and port"),
        400 => ("it does not understand the request", "is this Kea? https:// if it speaks TLS"),
        404 | 405 | 410 | 501 => ("no commands are accepted there", "is this Kea's port?"),
        407 => ("a proxy in between wants a login", "name Kea's own host and port"),
        408 | 504 => ("a server behind it does not answer in time", "is Kea running there?"),
        413 | 431 => ("the command is too large for it", "is this Kea?"),
        429 => ("it gets too many requests", "try again in a while"),
        502 | 503 => ("the server behind it cannot be reached", "is Kea running there?"),
        500..=599 => ("the server fails", "its log may say why"),
        _ => ("that is not an answer of Kea", "is this Kea?"),
    }
}

impl Address {
    /// The subject of an error: `control socket /run/kea/kea4-ctrl-socket`, `http://127.0.0.1:8000`.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::Unix(path) => format!("control socket {}", path.display()),
            Self::Web(web) => web.to_string(),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let (cause, hint) = failure.words();
        let error = Self::new(failure.place(), cause);
        if hint.is_empty() { error } else { error.hint(hint) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Error::from(self.clone()).fmt(f)
    }
}

impl std::error::Error for Failure {}
