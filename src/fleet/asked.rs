//! One round of questions to a daemon.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::Moment;
use crate::config::{Daemon, Sieve};
use crate::control::{Answer, Channel, Code, Command, Deadline, Failure, Limits, Trouble};
use crate::health::kea::answer::Status;
use crate::redact;

/// Why a command has no result.
pub(super) enum Refusal {
    /// There is no answer.
    Failed(Box<Failure>),
    /// A Control Agent gets no answer of the daemon: why, in one word, and in a sentence.
    Offline(&'static str, String),
    /// The answer is no, with this text.
    Refused(String),
}

impl Refusal {
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Failed(failure) => reason(&failure.trouble),
            Self::Offline(reason, _) => reason,
            Self::Refused(_) => "refused",
        }
    }

    /// Whether it would be the same the next time.
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::Refused(_) => true,
            Self::Offline(..) => false,
            Self::Failed(failure) => matches!(failure.trouble, Trouble::Forbidden | Trouble::Unauthorized),
        }
    }

    /// The same in a sentence, with what would help.
    pub(super) fn cause(&self) -> String {
        match self {
            Self::Failed(failure) => failure.to_string(),
            Self::Offline(_, text) => text.clone(),
            Self::Refused(text) if text.is_empty() => "it refuses the command status-get".to_owned(),
            Self::Refused(text) => format!("it refuses the command status-get: {text}"),
        }
    }
}

/// How a Control Agent begins to say that the daemon itself does not answer.
const OFFLINE: &str = "unable to forward command to the ";

/// Causes of that, in words of the system, and why there is no answer then, in one word.
const CAUSES: [(&str, &str); 5] = [
    ("Connection refused", "connection_refused"),
    ("No such file or directory", "no_socket"),
    ("Permission denied", "permission_denied"),
    ("timed out", "timeout"),
    ("canceled", "timeout"),
];

/// A round of questions.
pub(super) struct Asked<'a> {
    pub(super) channel: &'a Channel,
    pub(super) daemon: Daemon,
    pub(super) is_forwarded: bool,
    /// When it began.
    pub(super) moment: Moment,
    pub(super) deadline: Deadline,
    pub(super) commands: Arc<BTreeSet<String>>,
}

impl Asked<'_> {
    /// Whether the daemon may know a command. One that does not say what it knows is asked.
    pub(super) fn has(&self, command: &str) -> bool {
        self.commands.is_empty() || self.commands.contains(command)
    }

    /// Sends a command; its answer if it succeeded.
    pub(super) fn send(&self, name: &str, arguments: Option<Value>) -> Result<Answer, Refusal> {
        self.exchange(name, arguments).and_then(|answer| self.done(answer))
    }

    /// Sends a command; its answer, whatever it says.
    pub(super) fn exchange(&self, name: &str, arguments: Option<Value>) -> Result<Answer, Refusal> {
        self.ask(name, arguments, |command, left| self.channel.send_within(command, left))
    }

    /// The running configuration, without what `sieve` leaves out.
    pub(super) fn configuration(&self, mut sieve: Sieve) -> Result<Answer, Refusal> {
        let mut filter = |octets: &[u8], kept: &mut Vec<u8>| sieve.take(octets, kept);
        let answer =
            self.ask("config-get", None, |command, left| self.channel.send_through(command, left, &mut filter));
        answer.and_then(|answer| self.done(answer))
    }

    fn ask(
        &self,
        name: &str,
        arguments: Option<Value>,
        send: impl FnOnce(&Command<'_>, Duration) -> Result<Answer, Failure>,
    ) -> Result<Answer, Refusal> {
        let late = || Failure {
            address: self.channel.address().clone(),
            limits: Limits::default(),
            trouble: Trouble::NoAnswer,
        };
        let left = self.deadline.left().ok_or_else(|| Refusal::Failed(Box::new(late())))?;
        let mut command = Command::new(name);
        if self.is_forwarded {
            command = command.service(self.daemon.service());
        }
        if let Some(arguments) = arguments {
            command = command.arguments(arguments);
        }
        send(&command, left).map_err(|failure| Refusal::Failed(Box::new(failure)))
    }

    /// An answer, if the command succeeded.
    fn done(&self, answer: Answer) -> Result<Answer, Refusal> {
        if matches!(answer.code, Code::Success | Code::Empty) {
            return Ok(answer);
        }
        let text = redact::line(&answer.text).into_owned();
        if !self.is_forwarded || !text.starts_with(OFFLINE) {
            return Err(Refusal::Refused(text));
        }
        let cause = CAUSES.iter().find(|(cause, _)| text.contains(cause));
        let reason = cause.map_or("connection_lost", |(_, reason)| *reason);
        Err(Refusal::Offline(reason, format!("{}: {text}", self.channel.address().place())))
    }

    pub(super) fn status(&self) -> Result<Status, Refusal> {
        match self.exchange("status-get", None)? {
            // Kea before 1.7.3 has no such command, and lives.
            answer if answer.code == Code::Unsupported => Ok(Status::default()),
            answer => Ok(Status::read(&self.done(answer)?.read().unwrap_or_default())),
        }
    }

    pub(super) fn version(&self) -> Option<String> {
        self.send("version-get", None).ok().map(|answer| answer.text).filter(|text| !text.is_empty())
    }

    pub(super) fn commands(&self) -> Arc<BTreeSet<String>> {
        let answer = self.send("list-commands", None).ok();
        Arc::new(answer.and_then(|answer| answer.read().ok()).unwrap_or_default())
    }
}

/// When a file was last written, in seconds since 1970.
pub(super) fn modified(path: &Path) -> Option<i64> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|found| found.mtime())
}

/// Why there is no answer, in one word for a label.
pub(super) fn reason(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::NoAnswer | Trouble::Slow => "timeout",
        Trouble::Absent => "no_socket",
        Trouble::Refused => "connection_refused",
        Trouble::Denied => "permission_denied",
        Trouble::Unauthorized => "unauthorized",
        Trouble::Forbidden => "forbidden",
        Trouble::TooLarge => "too_large",
        Trouble::Tls(..) => "tls",
        Trouble::NotJson(_) | Trouble::NotKea(_) | Trouble::NotHttp | Trouble::NotASocket | Trouble::Status(_) => {
            "not_kea"
        }
        Trouble::Truncated | Trouble::Silent | Trouble::Lost(_) => "connection_lost",
        Trouble::Unreachable => "unreachable",
        Trouble::Unusable(_) => "unusable",
    }
}
