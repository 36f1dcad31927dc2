//! One error type: what was attempted, why it failed, and what would help.
//!
//! An error is text for a person, created where the cause is known; `cli::run` prints it as one line. How a program
//! handles it depends only on its [`FailureKind`].

use std::fmt;
use std::io;

use crate::text::{OneLine, without_logins};

/// The result of a function whose error is printed to the user.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How a program handles an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// It is printed on stderr and ends the program with status 2.
    Failed,
    /// The reader closed the pipe on our output: the program ends with status 0, without a message.
    ClosedPipe,
    /// Standard output is a file that must not be written: the error is printed on stderr, also for a monitor.
    StdoutRefused,
}

/// A failure: `attempted: cause (hint)`.
#[derive(Debug, Clone)]
pub struct Error {
    attempted: String,
    cause: String,
    hint: Option<String>,
    kind: FailureKind,
}

impl Error {
    /// A failure of `attempted` because of `cause`.
    pub fn new(attempted: impl Into<String>, cause: impl fmt::Display) -> Self {
        Self { attempted: attempted.into(), cause: cause.to_string(), hint: None, kind: FailureKind::Failed }
    }

    /// A failure of an operation on a stream or file; a closed pipe is recognised.
    pub fn io(attempted: impl Into<String>, cause: &io::Error) -> Self {
        let mut error = Self::new(attempted, io_cause(cause));
        if cause.kind() == io::ErrorKind::BrokenPipe {
            error.kind = FailureKind::ClosedPipe;
        }
        error
    }

    /// The same failure, after which nothing may be written to standard output.
    #[must_use]
    pub fn of_stdout(self) -> Self {
        Self { kind: FailureKind::StdoutRefused, ..self }
    }

    /// The same failure with a remedy.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same failure with one more remedy.
    #[must_use]
    pub fn or_hint(self, other: &str) -> Self {
        let hint = self.hint.as_ref().map_or_else(|| other.to_owned(), |hint| format!("{hint}; {other}"));
        self.hint(hint)
    }

    /// How a program handles it.
    #[must_use]
    pub fn kind(&self) -> FailureKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What was typed may be a URL with a password.
        let write = |text: &str, f: &mut fmt::Formatter<'_>| write!(f, "{}", OneLine(&without_logins(text)));
        if !self.attempted.is_empty() {
            write(&self.attempted, f)?;
            f.write_str(": ")?;
        }
        write(&self.cause, f)?;
        match &self.hint {
            Some(hint) => {
                f.write_str(" (")?;
                write(hint, f)?;
                f.write_str(")")
            }
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// The cause of an I/O error in words, without Rust's "(os error 2)".
#[must_use]
pub fn io_cause(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line_with_its_cause_and_its_remedy() {
        let missing = io::Error::from_raw_os_error(2);
        let error = Error::io("/var/lib/kea/x", &missing).hint("join the group _kea");
        assert_eq!(error.to_string(), "/var/lib/kea/x: No such file or directory (join the group _kea)");
    }

    #[test]
    fn untrusted_text_cannot_break_the_line() {
        let error = Error::new("connect", "bad\nname\u{1b}[31m");
        assert_eq!(error.to_string(), "connect: bad\\nname\\u{1b}[31m");
    }

    #[test]
    fn a_closed_pipe_is_distinguished() {
        assert_eq!(Error::io("x", &io::ErrorKind::BrokenPipe.into()).kind(), FailureKind::ClosedPipe);
        assert_eq!(Error::io("x", &io::ErrorKind::NotFound.into()).kind(), FailureKind::Failed);
    }
}
