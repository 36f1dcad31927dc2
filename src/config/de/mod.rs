//! serde's view of a parsed configuration: from a [`Value`] to the structs of [`super::model`].
//!
//! A value that is wrong is noted as a [`ConfigProblem`] and left out, as if it were not written; what requires it is left out
//! with it, and nothing else. Besides the members of a map, a struct may ask for
//!
//! * `$position`: where the map begins,
//! * any other name with a `$`, such as `$settings`: another struct of the same map, made from the members that this one
//!   does not know,
//! * `$rest`, which must be the last: the members that none of them knows.
//!
//! An empty string means "not set" to Kea: an `Option` is `None` there.

mod access;
mod node;
mod notes;

use std::fmt;

use serde::Deserializer;
use serde::de::{self, Deserialize, Visitor};

use self::node::{Node, Source};
use self::notes::{Name, Names, Notes};
use super::json::Value;
use super::position::Position;

pub(super) use self::access::VALUE;

/// Something in a configuration that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblem {
    /// Where it is.
    pub position: Position,
    /// The member of the server's map that it is in: `subnet4`, `lease-database`.
    pub part: String,
    /// What is wrong.
    pub cause: String,
}

/// How often a configuration is read again without the values that were found to be wrong. One reading finds a fault in
/// each item of a list, but only one fault of any other part.
const MOST_PASSES: usize = 16;
/// After that a part is left out whole, at most so many.
const MOST_PARTS: usize = 256;

/// Reads `value`, which is called `name`. `None` if what remains without the faults is not enough for a `T`.
pub(super) fn read<'de, T: Deserialize<'de>>(name: &str, value: &'de Value) -> (Option<T>, Vec<ConfigProblem>) {
    let notes = Notes::default();
    let names = Names { parent: None, name: Name::Member(name.as_bytes()), value };
    for pass in 0..MOST_PASSES + MOST_PARTS {
        notes.is_clean.set(true);
        notes.is_patient.set(pass < MOST_PASSES);
        let found = T::deserialize(Node { notes: &notes, names: &names, source: Source::Value(value), member: None });
        if notes.is_clean.get() || notes.is_wrong(value) {
            return (found.ok(), notes.faults.into_inner());
        }
    }
    (None, notes.faults.into_inner())
}

/// A list without the items that are wrong; empty where there is none.
pub(super) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_seq(ListVisitor(std::marker::PhantomData))
}

struct ListVisitor<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
        let mut found = Vec::with_capacity(items.size_hint().unwrap_or(0));
        loop {
            match items.next_element() {
                Ok(Some(item)) => found.push(item),
                Ok(None) => return Ok(found),
                // It is noted by the deserializer.
                Err(_) => {}
            }
        }
    }
}
