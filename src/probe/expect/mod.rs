//! What answers are expected to say: one language for `--expect` and `--expect-option`.
//!
//! An [`Expectation`] is a subject, an operator and a value: `option:6 contains 192.0.2.53`, `yiaddr in 192.0.2.0/24`,
//! `type = offer`, `lease-time >= 600`, `offers = 2`. It is read once, so that a mistake in it is found before anything
//! is sent, and then held against answers.

mod found;
mod network;
mod read;
mod refusal;
#[cfg(test)]
mod tests;
mod typed;

use std::fmt;

use self::found::Found;
pub use self::network::Network;
use super::{AnswerKind, ProbeAnswer};

/// Something that answers are expected to say.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// As it was typed.
    text: String,
    subject: Subject,
    test: Test,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    /// The option of this code.
    Option(u16),
    /// What every answer has, or may have.
    Field(Field),
    /// How many answers there are, of this kind or of any.
    Count(Option<AnswerKind>),
}

/// What an answer has besides options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Type,
    Server,
    Source,
    Mac,
    Address,
    Lifetime,
    Milliseconds,
    Siaddr,
    Giaddr,
    Ciaddr,
    Sname,
    File,
}

/// What must be so.
#[derive(Debug, Clone, PartialEq)]
enum Test {
    Present,
    Absent,
    /// The same value, or another.
    Equal(Found, bool),
    Contains(Part),
    In(Vec<Network>),
    Compare(Order, f64),
}

/// What is to be contained.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    /// A stretch of text or octets.
    Octets(Vec<u8>),
    /// A stretch of what is shown.
    Text(String),
    /// Elements of a list.
    Items(Vec<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    AtLeast,
    AtMost,
    More,
    Less,
}

impl Expectation {
    /// Holds it against the answers of an exchange; else says what was there.
    pub fn check(&self, answers: &[&ProbeAnswer]) -> Result<(), String> {
        if let Subject::Count(kind) = self.subject {
            let count = answers.iter().filter(|answer| kind.is_none_or(|kind| is_counted(answer.kind, kind))).count();
            let found = Found::number(u64::try_from(count).unwrap_or(u64::MAX));
            return self
                .judge(Some(&found))
                .map_err(|there| format!("\"{}\" does not hold: there are {there}", self.text));
        }
        if answers.is_empty() {
            return Err(format!("\"{}\" does not hold: there is no answer", self.text));
        }
        answers.iter().try_for_each(|answer| self.check_one(answer))
    }

    /// Holds it against one answer; what is said of the number of answers holds for every one.
    pub fn check_one(&self, answer: &ProbeAnswer) -> Result<(), String> {
        let found = match self.subject {
            Subject::Count(_) => return Ok(()),
            Subject::Option(code) => found::option(answer, code),
            Subject::Field(field) => found::field(answer, field),
        };
        self.judge(found.as_ref())
            .map_err(|there| format!("\"{}\" does not hold for {}: it is {there}", self.text, answer.identity()))
    }

    /// Whether it is about each answer and not about how many there are.
    #[must_use]
    pub fn is_about_each(&self) -> bool {
        !matches!(self.subject, Subject::Count(_))
    }

    /// The option it is about: a client that wants to see it must ask for it.
    #[must_use]
    pub fn option_code(&self) -> Option<u16> {
        match self.subject {
            Subject::Option(code) => Some(code),
            Subject::Field(_) | Subject::Count(_) => None,
        }
    }

    fn judge(&self, found: Option<&Found>) -> Result<(), String> {
        let holds = match (&self.test, found) {
            (Test::Present, found) => found.is_some_and(|found| !found.is_unset),
            (Test::Absent, found) => found.is_none_or(|found| found.is_unset),
            (Test::Equal(value, wanted), Some(found)) => found.equals(value) == *wanted,
            // An option that is not there has another value, too.
            (Test::Equal(_, wanted), None) => !wanted,
            (_, None) => false,
            (Test::Contains(part), Some(found)) => found.contains(part),
            (Test::In(networks), Some(found)) => found.is_in(networks),
            (Test::Compare(order, limit), Some(found)) => {
                found.number.is_some_and(|number| order.holds(number, *limit))
            }
        };
        let there = |found: &Found| if found.shown.is_empty() { "empty".to_owned() } else { found.shown.clone() };
        if holds { Ok(()) } else { Err(found.map_or_else(|| "not there".to_owned(), there)) }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Order {
    fn holds(self, number: f64, limit: f64) -> bool {
        match self {
            Self::AtLeast => number >= limit,
            Self::AtMost => number <= limit,
            Self::More => number > limit,
            Self::Less => number < limit,
        }
    }
}

/// Whether an answer counts as one of this kind: what a DHCPv6 server advertises is its offer.
fn is_counted(answer: AnswerKind, kind: AnswerKind) -> bool {
    answer == kind || (kind, answer) == (AnswerKind::Offer, AnswerKind::Advertise)
}
