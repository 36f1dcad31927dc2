//! Why there is no answer, as data and as a line for a person.

use std::fmt;

use super::{Address, Limits};
use crate::error::Error;

/// What went wrong on the way to an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// There is nothing at that path.
    Absent,
    /// Nobody listens: a socket whose server is gone, a closed port.
    Refused,
    /// The socket, or a directory above it, is not for this user.
    Denied,
    /// At that path is something else.
    NotASocket,
    /// The address cannot be used at all, for this reason.
    Unusable(String),
    /// Not one octet came in time: the server hangs, is stopped or very busy.
    NoAnswer,
    /// The answer began, and did not end in time.
    Slow,
    /// The answer ends in its middle.
    Truncated,
    /// The connection was closed without an answer.
    Silent,
    /// The connection broke, for this reason.
    Lost(String),
    /// The answer is longer than the limit.
    TooLarge,
    /// The answer is not JSON, for this reason.
    NotJson(String),
    /// The answer is not one that Kea gives, for this reason.
    NotKea(String),
    /// HTTP 401: user and password are missing or wrong.
    Unauthorized,
    /// HTTP 403: this user may not send this command.
    Forbidden,
    /// Another HTTP status than 200.
    Status(u16),
    /// What TLS has against the server, and a remedy or nothing.
    Tls(String, &'static str),
}

/// A command without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where it was sent.
    pub address: Address,
    /// What it was allowed to take.
    pub limits: Limits,
    /// What went wrong.
    pub trouble: Trouble,
}

impl Failure {
    /// The cause in words, and what would help; nothing if nothing is known.
    #[must_use]
    pub fn words(&self) -> (String, &'static str) {
        let is_unix = matches!(self.address, Address::Unix(_));
        let seconds = self.limits.time.as_secs_f32();
        let (cause, hint) = match &self.trouble {
            Trouble::Absent => ("no such socket", "the server is not running, or its configuration names another"),
            Trouble::Refused if is_unix => {
                ("nobody listens on it", "the server that made it ended without removing it, as in a crash")
            }
            Trouble::Refused => ("connection refused", "nobody listens there"),
            Trouble::Denied => ("permission denied", "join the group that owns it, or run as root"),
            Trouble::NotASocket => ("not a socket", ""),
            Trouble::Silent => ("the connection was closed without an answer", ""),
            Trouble::Truncated => ("the answer ends in its middle", ""),
            Trouble::Unauthorized => ("it wants to know who asks, or does not believe it", "user and password"),
            Trouble::Forbidden => ("this user may not send this command there", ""),
            Trouble::Unusable(cause) => (cause.as_str(), ""),
            Trouble::Tls(cause, hint) => (cause.as_str(), *hint),
            Trouble::NoAnswer => {
                let hint = "it hangs, is stopped, or is busy with something else";
                return (format!("no answer within {seconds} s"), hint);
            }
            Trouble::Slow => return (format!("the answer did not end within {seconds} s"), ""),
            Trouble::Lost(cause) => return (format!("the connection broke: {cause}"), ""),
            Trouble::TooLarge => return (format!("the answer is longer than {} octets", self.limits.octets), ""),
            Trouble::NotJson(cause) => return (format!("the answer is not JSON: {cause}"), ""),
            Trouble::NotKea(cause) => return (format!("this is no answer of Kea: {cause}"), ""),
            Trouble::Status(status) => return (format!("HTTP status {status}"), "is this Kea?"),
        };
        (cause.to_owned(), hint)
    }

    /// What was asked: `control socket /run/kea/kea4-ctrl-socket`, `http://127.0.0.1:8000`.
    #[must_use]
    pub fn place(&self) -> String {
        self.address.place()
    }
}

impl Address {
    /// What an error is about: `control socket /run/kea/kea4-ctrl-socket`, `http://127.0.0.1:8000`.
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
