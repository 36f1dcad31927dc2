//! The items of a list and the members of a map for serde.

use serde::de::{self, DeserializeSeed, IntoDeserializer, value::BorrowedBytesDeserializer};

use super::node::{Leftover, Member, Node, Source};
use super::notes::{Error, Name, Names};
use crate::config::json::Value;

/// The name under which a [`Value`] asks for itself: for its position, then for what it is.
pub(in crate::config) const VALUE: &str = "$value";

pub(super) struct Raw<'a, 'de> {
    pub(super) node: Option<Node<'a, 'de>>,
    pub(super) position: bool,
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

pub(super) struct Items<'a, 'de> {
    pub(super) node: &'a Node<'a, 'de>,
    pub(super) items: std::slice::Iter<'de, Value>,
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

pub(super) struct Members<'a, 'de> {
    pub(super) node: &'a Node<'a, 'de>,
    pub(super) rest: std::vec::IntoIter<Member<'de>>,
    pub(super) leftover: &'a Leftover<'de>,
    /// The names that the struct knows, of which those with a `$` are no members.
    pub(super) extras: std::slice::Iter<'static, &'static str>,
    pub(super) current: Option<Member<'de>>,
    pub(super) extra: &'static str,
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
