//! What is found to be wrong while a configuration is read.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt;

use serde::de;

use super::ConfigProblem;
use crate::config::json::{Data, Value};

/// What is known of a reading.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) faults: RefCell<Vec<ConfigProblem>>,
    /// The addresses of values that are wrong.
    wrong: RefCell<HashSet<usize>>,
    /// Whether this pass has found nothing that is wrong.
    pub(super) is_clean: Cell<bool>,
    /// Whether only what is wrong is left out, and not the part that it is in.
    pub(super) is_patient: Cell<bool>,
}

impl Notes {
    /// Notes what is wrong with a value, unless that is noted.
    pub(super) fn note(&self, names: &Names<'_>, value: &Value, error: Error) -> Error {
        let Error::Said(text) = error else { return Error::Noted };
        let lacks_what_is_wrong = match &value.data {
            Data::Map(map) => map.iter().any(|(_, value)| self.is_wrong(value)),
            _ => false,
        };
        let part = names.part();
        if !lacks_what_is_wrong {
            let (position, cause) = (value.position, format!("{names} {text}"));
            self.faults.borrow_mut().push(ConfigProblem { position, part: part.name(), cause });
        }
        let left_out = if self.is_patient.get() { value } else { part.value };
        self.wrong.borrow_mut().insert(address(left_out));
        self.is_clean.set(false);
        Error::Noted
    }

    pub(super) fn is_wrong(&self, value: &Value) -> bool {
        let wrong = self.wrong.borrow();
        !wrong.is_empty() && wrong.contains(&address(value))
    }
}

fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}

/// The way from the outermost value to one inside it.
pub(super) struct Names<'a> {
    pub(super) parent: Option<&'a Names<'a>>,
    pub(super) name: Name<'a>,
    pub(super) value: &'a Value,
}

pub(super) enum Name<'a> {
    Member(&'a [u8]),
    Item,
}

impl Names<'_> {
    /// The member of the outermost map that this is in, or that map itself.
    fn part(&self) -> &Self {
        match self.parent {
            Some(parent) if parent.parent.is_some() => parent.part(),
            _ => self,
        }
    }

    /// The name of a member; empty for an item of a list.
    fn name(&self) -> String {
        match self.name {
            Name::Member(name) => String::from_utf8_lossy(name).into_owned(),
            Name::Item => String::new(),
        }
    }
}

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, self.parent) {
            (Name::Member(_), _) => write!(f, "\"{}\"", self.name()),
            (Name::Item, Some(list)) => write!(f, "an item of {list}"),
            (Name::Item, None) => f.write_str("an item"),
        }
    }
}

/// Why a value could not be read.
#[derive(Debug)]
pub(super) enum Error {
    /// It is among the faults already.
    Noted,
    /// What follows the value's name in a message: `has no "type"`.
    Said(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Noted => "is wrong",
            Self::Said(text) => text,
        })
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::Said(format!("is wrong: {text}"))
    }

    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::Said(format!("must be {expected}"))
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::Said(format!("must be {expected}"))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Said(format!("has no \"{field}\""))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::Said(format!("is \"{variant}\", none of {}", expected.join(", ")))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::Said(format!("has \"{field}\" in two spellings"))
    }
}
