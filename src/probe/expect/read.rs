//! From text to an expectation.

use super::{Expectation, Field, Order, Subject, Test, Value, found};
use crate::dhcp::table::Space;
use crate::dhcp::value;
use crate::probe::Kind;

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
        let subject = Subject::Option(space.code_of(name)?);
        let wanted = match value {
            Some(value) => read_test(space, subject, "=", value)?,
            None => Test::Present,
        };
        Ok(Self { text: text.trim().to_owned(), subject, test: wanted })
    }
}

/// Subject, operator, value: at the first operator there is.
fn split(text: &str) -> Result<(&str, &'static str, &str), String> {
    let found = OPERATORS.iter().filter_map(|operator| Some((text.find(operator)?, *operator)));
    let first = found.min_by_key(|(at, operator)| (*at, std::cmp::Reverse(operator.len())));
    match first {
        Some((at, operator)) => Ok((text[..at].trim(), operator.trim(), text[at + operator.len()..].trim())),
        None => Err(format!("\"{text}\" is no expectation, which would be such as \"option:6 contains 192.0.2.53\"")),
    }
}

fn read_subject(space: &Space, text: &str) -> Result<Subject, String> {
    if let Some(option) = text.strip_prefix("option:") {
        return space.code_of(option).map(Subject::Option);
    }
    let lower = text.to_ascii_lowercase();
    Ok(match lower.as_str() {
        "type" => Subject::Field(Field::Type),
        "server" => Subject::Field(Field::Server),
        "source" => Subject::Field(Field::Source),
        "mac" => Subject::Field(Field::Mac),
        "address" | "yiaddr" => Subject::Field(Field::Address),
        "lease-time" | "lifetime" => Subject::Field(Field::Lifetime),
        "rtt" => Subject::Field(Field::Milliseconds),
        "siaddr" => Subject::Field(Field::Siaddr),
        "giaddr" => Subject::Field(Field::Giaddr),
        "ciaddr" => Subject::Field(Field::Ciaddr),
        "sname" => Subject::Field(Field::Sname),
        "file" => Subject::Field(Field::File),
        "answers" => Subject::Count(None),
        "offers" => Subject::Count(Some(Kind::Offer)),
        "acks" => Subject::Count(Some(Kind::Ack)),
        "naks" => Subject::Count(Some(Kind::Nak)),
        "advertisements" => Subject::Count(Some(Kind::Advertise)),
        "replies" => Subject::Count(Some(Kind::Reply)),
        _ => {
            return Err(format!(
                "\"{text}\" is nothing an answer has: type, server, source, mac, address (yiaddr), lease-time, rtt, siaddr, \
                 giaddr, ciaddr, sname, file, answers, offers, acks, naks, advertisements, replies or option:NAME"
            ));
        }
    })
}

fn read_test(space: &Space, subject: Subject, operator: &str, text: &str) -> Result<Test, String> {
    let order = match operator {
        "present" => return Ok(Test::Present),
        "absent" => return Ok(Test::Absent),
        "=" | "==" => return Ok(Test::Equal(read_value(space, subject, text)?, true)),
        "!=" => return Ok(Test::Equal(read_value(space, subject, text)?, false)),
        "contains" => return Ok(Test::Contains(read_part(space, subject, text))),
        "in" => return text.split(',').map(|network| network.trim().parse()).collect::<Result<_, _>>().map(Test::In),
        ">=" => Order::AtLeast,
        "<=" => Order::AtMost,
        ">" => Order::More,
        _ => Order::Less,
    };
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    number.map(|number| Test::Compare(order, number)).ok_or_else(|| format!("\"{text}\" is no number"))
}

fn read_value(space: &Space, subject: Subject, text: &str) -> Result<Value, String> {
    let octets = match subject {
        Subject::Option(code) => Some(value::parse(&space.format(code), text, space)?),
        Subject::Field(_) | Subject::Count(_) => None,
    };
    Ok(Value { text: text.to_owned(), octets, shown: Vec::new() })
}

/// A part of a value: in the form of the option where it has that, else any text.
fn read_part(space: &Space, subject: Subject, text: &str) -> Value {
    let shown = match subject {
        Subject::Option(code) => {
            let format = space.format(code);
            let octets = value::parse(&format, text, space).ok();
            octets
                .and_then(|octets| value::decode(&format, &octets))
                .map_or_else(Vec::new, |value| found::items(&value))
        }
        Subject::Field(_) | Subject::Count(_) => vec![text.to_owned()],
    };
    Value { text: text.to_owned(), octets: None, shown }
}
