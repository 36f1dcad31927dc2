//! From text to an expectation.

use super::{Expectation, Field, Order, Subject, Test, typed};
use crate::dhcp::table::Space;
use crate::probe::AnswerKind;

/// The operators: those of several characters before those they begin with.
const OPERATORS: [&str; 11] = [">=", "<=", "!=", "==", "=", ">", "<", " contains ", " in ", " present", " absent"];

impl Expectation {
    /// Reads `SUBJECT OPERATOR VALUE`, with the names of the options of `space`.
    ///
    /// # Errors
    /// What is wrong, and an example of what is right.
    pub fn parse(space: &Space, text: &str) -> Result<Self, String> {
        let (subject, operator, value) = split(text)?;
        let subject = read_subject(space, subject)?;
        Ok(Self { text: text.trim().to_owned(), subject, test: read_test(space, subject, operator, value)? })
    }

    /// Reads `NAME=VALUE`: the option of that name has that value; `NAME` alone: it is there.
    ///
    /// # Errors
    /// What is wrong, and what would be right.
    pub fn of_option(space: &Space, text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        let subject =
            Subject::Option(space.code_of(name).map_err(|cause| with_equals_sign(space, name).unwrap_or(cause))?);
        let wanted = match value {
            Some(value) => read_test(space, subject, "=", value)?,
            None => Test::Present,
        };
        Ok(Self { text: text.trim().to_owned(), subject, test: wanted })
    }
}

/// What is wrong with `NAME:VALUE`, if there is such a name.
fn with_equals_sign(space: &Space, text: &str) -> Option<String> {
    let (name, value) = text.split_once(':')?;
    space.code_of(name).ok().map(|_| format!("name and value are separated by \"=\": {name}={value}"))
}

/// Subject, operator, value: at the first operator there is.
fn split(text: &str) -> Result<(&str, &'static str, &str), String> {
    let found = OPERATORS.iter().filter_map(|operator| Some((text.find(operator)?, *operator)));
    let first = found.min_by_key(|(at, operator)| (*at, std::cmp::Reverse(operator.len())));
    match first {
        Some((at, operator)) => Ok((text[..at].trim(), operator.trim(), text[at + operator.len()..].trim())),
        None => Err("expected a name, an operator and a value, such as \"option:6 contains 192.0.2.53\"".into()),
    }
}

/// What an answer has besides options, by name.
const SUBJECTS: [(&str, Subject); 20] = [
    ("type", Subject::Field(Field::Type)),
    ("server", Subject::Field(Field::Server)),
    ("source", Subject::Field(Field::Source)),
    ("mac", Subject::Field(Field::Mac)),
    ("address", Subject::Field(Field::Address)),
    ("yiaddr", Subject::Field(Field::Address)),
    ("lease-time", Subject::Field(Field::Lifetime)),
    ("lifetime", Subject::Field(Field::Lifetime)),
    ("rtt", Subject::Field(Field::Milliseconds)),
    ("siaddr", Subject::Field(Field::Siaddr)),
    ("giaddr", Subject::Field(Field::Giaddr)),
    ("ciaddr", Subject::Field(Field::Ciaddr)),
    ("sname", Subject::Field(Field::Sname)),
    ("file", Subject::Field(Field::File)),
    ("answers", Subject::Count(None)),
    ("offers", Subject::Count(Some(AnswerKind::Offer))),
    ("acks", Subject::Count(Some(AnswerKind::Ack))),
    ("naks", Subject::Count(Some(AnswerKind::Nak))),
    ("advertisements", Subject::Count(Some(AnswerKind::Advertise))),
    ("replies", Subject::Count(Some(AnswerKind::Reply))),
];

/// One of [`SUBJECTS`], else an option: by name or number, with or without `option:` before it.
fn read_subject(space: &Space, text: &str) -> Result<Subject, String> {
    if let Some(option) = text.strip_prefix("option:") {
        return space.code_of(option).map(Subject::Option);
    }
    if let Some((_, subject)) = SUBJECTS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
        return Ok(*subject);
    }
    space.code_of(text).map(Subject::Option).map_err(|cause| {
        let names: Vec<_> = SUBJECTS.iter().map(|(name, _)| *name).collect();
        format!("\"{text}\" is nothing an answer has: {}, or an option ({cause})", names.join(", "))
    })
}

fn read_test(space: &Space, subject: Subject, operator: &str, text: &str) -> Result<Test, String> {
    let order = match operator {
        "present" | "absent" => return read_presence(subject, operator, text),
        "=" | "==" => return Ok(Test::Equal(typed::value(space, subject, text)?, true)),
        "!=" => return Ok(Test::Equal(typed::value(space, subject, text)?, false)),
        "contains" => return typed::part(space, subject, text).map(Test::Contains),
        "in" => return typed::networks(space, subject, text).map(Test::In),
        ">=" => Order::AtLeast,
        "<=" => Order::AtMost,
        ">" => Order::More,
        _ => Order::Less,
    };
    if !typed::is_number(space, subject) {
        return Err(format!("what is compared with {operator} must be a number"));
    }
    typed::fraction(text).map(|number| Test::Compare(order, number))
}

fn read_presence(subject: Subject, operator: &str, text: &str) -> Result<Test, String> {
    match (subject, operator) {
        _ if !text.is_empty() => Err(format!("nothing may follow \"{operator}\", and \"{text}\" does")),
        (Subject::Count(_), _) => Err("a number is always there; compare it with = or >=".into()),
        (_, "present") => Ok(Test::Present),
        _ => Ok(Test::Absent),
    }
}
