//! A value of a configuration as a deserializer of serde.

use std::cell::RefCell;

use serde::Deserializer;
use serde::de::{IntoDeserializer, Visitor};

use super::access::{Items, Members, Raw, VALUE};
use super::notes::{Error, Names, Notes};
use crate::config::json::{Data, Value};

/// A member of a map that is read.
pub(super) type Member<'de> = (&'de [u8], &'de Value);

/// Members of a map that no struct has taken yet.
pub(super) type Leftover<'de> = RefCell<Vec<Member<'de>>>;

#[derive(Clone, Copy)]
pub(super) enum Source<'a, 'de> {
    Value(&'de Value),
    /// Of this map what is left.
    Leftover(&'de Value, &'a Leftover<'de>),
}

/// A value to be read.
pub(super) struct Node<'a, 'de> {
    pub(super) notes: &'a Notes,
    pub(super) names: &'a Names<'a>,
    pub(super) source: Source<'a, 'de>,
    /// Where it is put if nothing asks for it.
    pub(super) member: Option<(&'a Leftover<'de>, Member<'de>)>,
}

impl<'de> Node<'_, 'de> {
    pub(super) fn value(&self) -> &'de Value {
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
