//! serde's view of a parsed configuration: from a [`Value`] to the structs of [`super::model`].
//!
//! A value that is wrong is noted as a [`Fault`] and left out, as if it were not written; what requires it is left out
//! with it, and nothing else. Besides the members of a map, a struct may ask for
//!
//! * `$position`: where the map begins,
//! * any other name with a `$`, such as `$settings`: another struct of the same map, made from the members that this one
//!   does not know,
//! * `$rest`, which must be the last: the members that none of them knows.
//!
//! An empty string means "not set" to Kea: an `Option` is `None` there.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt;

use serde::Deserializer;
use serde::de::{self, Deserialize, DeserializeSeed, IntoDeserializer, Visitor, value::BorrowedBytesDeserializer};

use super::json::{Data, Value};
use super::position::Position;

/// Something in a configuration that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
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
pub(super) fn read<'de, T: Deserialize<'de>>(name: &str, value: &'de Value) -> (Option<T>, Vec<Fault>) {
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
        let mut found = Vec::with_capacity(items.size_hint().unwrap_or(0).min(4096));
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

/// What is known of a reading.
#[derive(Default)]
struct Notes {
    faults: RefCell<Vec<Fault>>,
    /// The addresses of values that are wrong.
    wrong: RefCell<HashSet<usize>>,
    /// Whether this pass has found nothing that is wrong.
    is_clean: Cell<bool>,
    /// Whether only what is wrong is left out, and not the part that it is in.
    is_patient: Cell<bool>,
}

impl Notes {
    /// Notes what is wrong with a value, unless that is noted.
    fn note(&self, names: &Names<'_>, value: &Value, error: Error) -> Error {
        let Error::Said(text) = error else { return Error::Noted };
        let lacks_what_is_wrong = match &value.data {
            Data::Map(map) => map.iter().any(|(_, value)| self.is_wrong(value)),
            _ => false,
        };
        let part = names.part();
        if !lacks_what_is_wrong {
            let (position, cause) = (value.position, format!("{names} {text}"));
            self.faults.borrow_mut().push(Fault { position, part: part.name(), cause });
        }
        let left_out = if self.is_patient.get() { value } else { part.value };
        self.wrong.borrow_mut().insert(address(left_out));
        self.is_clean.set(false);
        Error::Noted
    }

    fn is_wrong(&self, value: &Value) -> bool {
        let wrong = self.wrong.borrow();
        !wrong.is_empty() && wrong.contains(&address(value))
    }
}

fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}

/// The way from the outermost value to one inside it.
struct Names<'a> {
    parent: Option<&'a Names<'a>>,
    name: Name<'a>,
    value: &'a Value,
}

enum Name<'a> {
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

type Member<'de> = (&'de [u8], &'de Value);

/// Members of a map that no struct has taken yet.
type Leftover<'de> = RefCell<Vec<Member<'de>>>;

#[derive(Clone, Copy)]
enum Source<'a, 'de> {
    Value(&'de Value),
    /// Of this map what is left.
    Leftover(&'de Value, &'a Leftover<'de>),
}

/// A value to be read.
struct Node<'a, 'de> {
    notes: &'a Notes,
    names: &'a Names<'a>,
    source: Source<'a, 'de>,
    /// Where it is put if nothing asks for it.
    member: Option<(&'a Leftover<'de>, Member<'de>)>,
}

impl<'de> Node<'_, 'de> {
    fn value(&self) -> &'de Value {
        match self.source {
            Source::Value(value) | Source::Leftover(value, _) => value,
        }
    }

    fn note(&self, error: Error) -> Error {
        self.notes.note(self.names, self.value(), error)
    }

    fn expected(&self, wanted: &str) -> Error {
        self.note(Error::Said(format!("is {}, expected {wanted}", self.value().kind())))
    }

    fn integer(&self, least: i64, greatest: i64) -> Result<i64, Error> {
        match self.value().data {
            Data::Int(number) if (least..=greatest).contains(&number) => Ok(number),
            Data::Int(number) => Err(self.note(Error::Said(format!("is {number}, expected {least} to {greatest}")))),
            _ => Err(self.expected("an integer")),
        }
    }

    fn octets(&self) -> Result<&'de [u8], Error> {
        match &self.value().data {
            Data::Text(octets) => Ok(octets),
            _ => Err(self.expected("a string")),
        }
    }

    fn text(&self) -> Result<&'de str, Error> {
        std::str::from_utf8(self.octets()?).map_err(|_| self.note(Error::Said("is not UTF-8".to_owned())))
    }

    fn members(&self) -> Result<Vec<Member<'de>>, Error> {
        match (self.source, &self.value().data) {
            (Source::Leftover(_, leftover), _) => Ok(leftover.take()),
            (Source::Value(_), Data::Map(map)) => {
                Ok(map.iter().filter(|(_, value)| !self.notes.is_wrong(value)).collect())
            }
            _ => Err(self.expected("a map")),
        }
    }

    fn map<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        let rest = self.members()?.into_iter();
        let own = Leftover::default();
        let leftover = if let Source::Leftover(_, leftover) = self.source { leftover } else { &own };
        let extras = fields.iter();
        let access = Members { node: &self, rest, leftover, extras, current: None, extra: "" };
        visitor.visit_map(access).map_err(|error| self.note(error))
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $kind:ty),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let least = i64::try_from(<$kind>::MIN).unwrap_or(i64::MIN);
            let number = self.integer(least, i64::try_from(<$kind>::MAX).unwrap_or(i64::MAX))?;
            let number = <$kind>::try_from(number).map_err(|_| self.expected("another number"))?;
            visitor.$visit(number).map_err(|error| self.note(error))
        }
    )*};
}

impl<'de> Deserializer<'de> for Node<'_, 'de> {
    type Error = Error;

    integers!(
        deserialize_i64 visit_i64 i64,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64
    );

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let said = match &self.value().data {
            Data::Null => visitor.visit_unit(),
            Data::Bool(flag) => visitor.visit_bool(*flag),
            Data::Int(number) => visitor.visit_i64(*number),
            Data::Float(number) => visitor.visit_f64(*number),
            Data::Text(octets) => visitor.visit_borrowed_bytes(octets),
            Data::List(_) => return self.deserialize_seq(visitor),
            Data::Map(_) => return self.map(&[], visitor),
        };
        said.map_err(|error| self.note(error))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Data::Bool(flag) = self.value().data else { return Err(self.expected("true or false")) };
        visitor.visit_bool(flag).map_err(|error| self.note(error))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let text = self.text()?;
        visitor.visit_borrowed_str(text).map_err(|error| self.note(error))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let octets = self.octets()?;
        visitor.visit_borrowed_bytes(octets).map_err(|error| self.note(error))
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.value().data {
            Data::Text(octets) if octets.is_empty() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Data::List(items) = &self.value().data else { return Err(self.expected("a list")) };
        visitor.visit_seq(Items { node: &self, items: items.iter() }).map_err(|error| self.note(error))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.map(&[], visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.map(fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let text = self.text()?;
        visitor.visit_enum(text.into_deserializer()).map_err(|error: Error| self.note(error))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        if name == VALUE {
            visitor.visit_seq(Raw { node: Some(self), position: true })
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if let Some((leftover, member)) = self.member {
            leftover.borrow_mut().push(member);
        }
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 f32 f64 char unit unit_struct tuple tuple_struct identifier
    }
}

/// The name under which a [`Value`] asks for itself: for its position, then for what it is.
pub(super) const VALUE: &str = "$value";

struct Raw<'a, 'de> {
    node: Option<Node<'a, 'de>>,
    position: bool,
}

impl<'de> de::SeqAccess<'de> for Raw<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        if std::mem::take(&mut self.position) {
            let position = self.node.as_ref().map(|node| node.value().position);
            return seed.deserialize(position.unwrap_or_default().packed().into_deserializer()).map(Some);
        }
        self.node.take().map(|node| seed.deserialize(node)).transpose()
    }
}

struct Items<'a, 'de> {
    node: &'a Node<'a, 'de>,
    items: std::slice::Iter<'de, Value>,
}

impl<'de> de::SeqAccess<'de> for Items<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let notes = self.node.notes;
        let Some(value) = self.items.find(|value| !notes.is_wrong(value)) else { return Ok(None) };
        let names = Names { parent: Some(self.node.names), name: Name::Item, value };
        let item = Node { notes, names: &names, source: Source::Value(value), member: None };
        seed.deserialize(item).map(Some).map_err(|error| notes.note(&names, value, error))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

struct Members<'a, 'de> {
    node: &'a Node<'a, 'de>,
    rest: std::vec::IntoIter<Member<'de>>,
    leftover: &'a Leftover<'de>,
    /// The names that the struct knows, of which those with a `$` are no members.
    extras: std::slice::Iter<'static, &'static str>,
    current: Option<Member<'de>>,
    extra: &'static str,
}

impl<'de> de::MapAccess<'de> for Members<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        self.current = self.rest.next();
        if let Some((name, _)) = self.current {
            return seed.deserialize(BorrowedBytesDeserializer::new(name)).map(Some);
        }
        let Some(name) = self.extras.find(|name| name.starts_with('$')) else { return Ok(None) };
        self.extra = name;
        seed.deserialize(name.into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Node { notes, names, .. } = *self.node;
        if let Some((name, value)) = self.current {
            let names = Names { parent: Some(names), name: Name::Member(name), value };
            let member = Some((self.leftover, (name, value)));
            let node = Node { notes, names: &names, source: Source::Value(value), member };
            return seed.deserialize(node).map_err(|error| notes.note(&names, value, error));
        }
        let map = self.node.value();
        if self.extra == "$position" {
            return seed.deserialize(map.position.packed().into_deserializer());
        }
        seed.deserialize(Node { notes, names, source: Source::Leftover(map, self.leftover), member: None })
    }
}
