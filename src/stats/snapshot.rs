//! The values of statistics at one moment.
//!
//! Values are what Prometheus has, 64-bit floating point numbers. A value that Kea could not count (-1 where a pool has more than 2^63
//! addresses, or where more was given back than was counted) is not there.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use hashbrown::HashMap;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::lease_table;
use super::number::Number;
use super::scope::Scope;
use crate::family::Family;

/// Statistics by scope and name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Statistics {
    /// Each name once.
    names: Vec<Box<str>>,
    /// The names of keys, each once, in their order.
    keys: Vec<Box<str>>,
    /// In the order of place and name, each once.
    values: Vec<Entry>,
}

/// A server has many thousands: each has only what is its own.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Entry {
    place: ScopeKey,
    /// The place in `names`.
    name: u16,
    value: f64,
}

/// A scope; of a key, its place in `keys`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ScopeKey {
    Global,
    Subnet(u32),
    Pool(u32, u32),
    PrefixPool(u32, u32),
    Key(u32),
}

impl Entry {
    fn order(&self) -> (ScopeKey, u16) {
        (self.place, self.name)
    }
}

impl Statistics {
    /// The arguments of an answer to statistic-get-all or statistic-get; what is no statistic is left out.
    #[must_use]
    pub fn parse(arguments: &str) -> Self {
        serde_json::from_str(arguments).unwrap_or_default()
    }

    /// The arguments of an answer to stat-lease4-get or stat-lease6-get, with the meaning that statistics have: "assigned"
    /// includes what clients have declined. Kea up to 3.1.1 has them apart in this answer (`is_apart`).
    #[must_use]
    pub fn parse_leases(arguments: &str, family: Family, is_apart: bool) -> Self {
        let mut builder = Builder::default();
        lease_table::each(arguments, family, is_apart, &mut |subnet, name, value| {
            builder.add(Scope::Subnet(subnet), name, value);
        });
        builder.finish()
    }

    /// The value of a statistic; `None` if the server has none.
    #[must_use]
    pub fn get(&self, scope: Scope<'_>, name: &str) -> Option<f64> {
        let name = u16::try_from(self.names.iter().position(|known| &**known == name)?).ok()?;
        let place = match scope {
            Scope::Global => ScopeKey::Global,
            Scope::Subnet(subnet) => ScopeKey::Subnet(subnet),
            Scope::Pool { subnet, pool } => ScopeKey::Pool(subnet, pool),
            Scope::PrefixPool { subnet, pool } => ScopeKey::PrefixPool(subnet, pool),
            Scope::Key(key) => {
                ScopeKey::Key(u32::try_from(self.keys.binary_search_by(|it| (**it).cmp(key)).ok()?).ok()?)
            }
        };
        let at = self.values.binary_search_by(|entry| entry.order().cmp(&(place, name)));
        Some(self.values[at.ok()?].value)
    }

    /// A statistic of many subnets.
    #[must_use]
    pub fn column<'a>(&'a self, name: &str) -> Column<'a> {
        let name = self.names.iter().position(|known| &**known == name).and_then(|place| u16::try_from(place).ok());
        Column { values: &self.values, name, next: Cell::new(0) }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (Scope<'_>, &str, f64)> {
        self.values.iter().map(|entry| (self.scope(entry.place), &*self.names[usize::from(entry.name)], entry.value))
    }

    fn scope(&self, place: ScopeKey) -> Scope<'_> {
        match place {
            ScopeKey::Global => Scope::Global,
            ScopeKey::Subnet(subnet) => Scope::Subnet(subnet),
            ScopeKey::Pool(subnet, pool) => Scope::Pool { subnet, pool },
            ScopeKey::PrefixPool(subnet, pool) => Scope::PrefixPool { subnet, pool },
            ScopeKey::Key(key) => Scope::Key(&self.keys[key as usize]),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// These, and of `older` those that are not among them.
    #[must_use]
    pub fn over(&self, older: &Self) -> Self {
        let mut builder = Builder::default();
        builder.found.values.reserve_exact(self.values.len() + older.values.len());
        for part in [self, older] {
            let mut places = vec![None; part.names.len()];
            for entry in &part.values {
                let name = usize::from(entry.name);
                let place = places[name].get_or_insert_with(|| builder.place_of(&part.names[name]));
                if let Some(place) = *place {
                    builder.push(part.scope(entry.place), place, entry.value);
                }
            }
        }
        builder.finish()
    }

    /// Whether the counts of all subnets are equal.
    #[must_use]
    pub fn has_same_subnets(&self, other: &Self) -> bool {
        let of_subnets = |all: &Self| {
            let start = all.values.partition_point(|entry| entry.place < ScopeKey::Subnet(0));
            let end = all.values.partition_point(|entry| entry.place < ScopeKey::Pool(0, 0));
            start..end
        };
        let (own, others) = (&self.values[of_subnets(self)], &other.values[of_subnets(other)]);
        let is_same = |(one, another): (&Entry, &Entry)| {
            (one.place, &self.names[usize::from(one.name)], one.value.to_bits())
                == (another.place, &other.names[usize::from(another.name)], another.value.to_bits())
        };
        own.len() == others.len() && own.iter().zip(others).all(is_same)
    }

    /// How many leases of a family are assigned in all subnets; `None` if that is not known.
    #[must_use]
    pub fn total_assigned(&self, family: Family) -> Option<f64> {
        let names: &[&str] = match family {
            Family::V4 => &["assigned-addresses"],
            Family::V6 => &["assigned-nas", "assigned-pds"],
        };
        let is_counted: Vec<bool> = self.names.iter().map(|name| names.contains(&&**name)).collect();
        let is_of_subnet =
            |entry: &&Entry| matches!(entry.place, ScopeKey::Subnet(_)) && is_counted[usize::from(entry.name)];
        self.values.iter().filter(is_of_subnet).map(|entry| entry.value).reduce(|sum, value| sum + value)
    }

    /// The numbers of the subnets that have any.
    #[must_use]
    pub fn subnets(&self) -> Vec<u32> {
        let mut subnets: Vec<u32> = Vec::new();
        for entry in &self.values {
            if let ScopeKey::Subnet(subnet) | ScopeKey::Pool(subnet, _) | ScopeKey::PrefixPool(subnet, _) = entry.place
                && subnets.last() != Some(&subnet)
            {
                subnets.push(subnet);
            }
        }
        subnets.sort_unstable();
        subnets.dedup();
        subnets
    }
}

/// A statistic of many subnets: fastest if they are looked up in the order of their numbers.
pub struct Column<'a> {
    values: &'a [Entry],
    name: Option<u16>,
    /// The place after the entry that was found last.
    next: Cell<usize>,
}

impl Column<'_> {
    /// The value of a subnet; `None` if the server has none.
    #[must_use]
    pub fn of_subnet(&self, subnet: u32) -> Option<f64> {
        /// A subnet has about so many statistics.
        const NEAR: usize = 32;
        let wanted = (ScopeKey::Subnet(subnet), self.name?);
        let from = self.next.get().min(self.values.len());
        let near = &self.values[from..self.values.len().min(from + NEAR)];
        let at = match near.iter().position(|entry| entry.order() == wanted) {
            Some(at) => from + at,
            None => self.values.binary_search_by_key(&wanted, Entry::order).ok()?,
        };
        self.next.set(at + 1);
        Some(self.values[at].value)
    }
}

/// Collects statistics; the first value of a name counts.
#[derive(Default)]
struct Builder {
    found: Statistics,
    names: HashMap<Box<str>, u16>,
    keys: HashMap<Box<str>, u32>,
}

impl Builder {
    fn add(&mut self, scope: Scope<'_>, name: &str, value: f64) {
        if let Some(name) = self.place_of(name) {
            self.push(scope, name, value);
        }
    }

    /// The place of a name; `None` if there are more than any Kea has.
    fn place_of(&mut self, name: &str) -> Option<u16> {
        let known = self.names.get(name).copied();
        known.or_else(|| {
            let place = u16::try_from(self.found.names.len()).ok()?;
            self.names.insert(name.into(), place);
            self.found.names.push(name.into());
            Some(place)
        })
    }

    fn push(&mut self, scope: Scope<'_>, name: u16, value: f64) {
        let place = match scope {
            Scope::Global => ScopeKey::Global,
            Scope::Subnet(subnet) => ScopeKey::Subnet(subnet),
            Scope::Pool { subnet, pool } => ScopeKey::Pool(subnet, pool),
            Scope::PrefixPool { subnet, pool } => ScopeKey::PrefixPool(subnet, pool),
            Scope::Key(key) => {
                let next = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
                ScopeKey::Key(self.keys.get(key).copied().unwrap_or_else(|| {
                    self.keys.insert(key.into(), next);
                    next
                }))
            }
        };
        self.found.values.push(Entry { place, name, value });
    }

    fn finish(mut self) -> Statistics {
        self.sort_keys();
        let values = &mut self.found.values;
        values.sort_by_key(Entry::order);
        values.dedup_by_key(|entry| entry.order());
        values.shrink_to_fit();
        self.found
    }

    /// Gives keys the places that they have in the order of their names.
    fn sort_keys(&mut self) {
        let mut keys: Vec<(Box<str>, u32)> = self.keys.drain().collect();
        keys.sort_unstable();
        let mut places = vec![0; keys.len()];
        for (place, (_, before)) in (0..).zip(&keys) {
            places[*before as usize] = place;
        }
        for entry in &mut self.found.values {
            if let ScopeKey::Key(key) = &mut entry.place {
                *key = places[*key as usize];
            }
        }
        self.found.keys = keys.into_iter().map(|(key, _)| key).collect();
    }
}

impl<'de> Deserialize<'de> for Statistics {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Statistics;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of statistics")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Statistics, A::Error> {
                let mut builder = Builder::default();
                while let Some((name, newest)) = members.next_entry::<Name<'_>, Newest>()? {
                    let (scope, base) = Scope::split(&name.0);
                    if let Some(value) = newest.0 {
                        builder.add(scope, base, value);
                    }
                }
                Ok(builder.finish())
            }
        }

        deserializer.deserialize_map(Members)
    }
}

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// The newest of a statistic's samples, which is the first; `None` if it is no number, or none that can be.
struct Newest(Option<f64>);

impl<'de> Deserialize<'de> for Newest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(First::<First<Number>>::deserialize(deserializer)?.0.and_then(|sample| sample.0?.0)))
    }
}

/// The first item of a list, if it is a list with one.
struct First<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for First<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<T> {
            type Value = First<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<First<T>, A::Error> {
                let first = items.next_element()?;
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(First(first))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<First<T>, A::Error> {
                while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(First(None))
            }

            fn visit_bool<E>(self, _: bool) -> Result<First<T>, E> {
                Ok(First(None))
            }

            fn visit_i64<E>(self, _: i64) -> Result<First<T>, E> {
                Ok(First(None))
            }

            fn visit_u64<E>(self, _: u64) -> Result<First<T>, E> {
                Ok(First(None))
            }

            fn visit_f64<E>(self, _: f64) -> Result<First<T>, E> {
                Ok(First(None))
            }

            fn visit_str<E>(self, _: &str) -> Result<First<T>, E> {
                Ok(First(None))
            }

            fn visit_unit<E>(self) -> Result<First<T>, E> {
                Ok(First(None))
            }
        }

        deserializer.deserialize_any(Items(std::marker::PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_newest_sample_counts() {
        let found = Statistics::parse(
            r#"{"pkt4-ack-sent": [[7, "2026-11-29 08:08:45.1"], [6, "x"]], "subnet[1].total-nas": [[79228162514264337593543950336, "x"]]}"#,
        );
        assert_eq!(found.get(Scope::Global, "pkt4-ack-sent"), Some(7.0));
        assert_eq!(found.get(Scope::Subnet(1), "total-nas"), Some(2f64.powi(96)));
        assert_eq!(found.get(Scope::Subnet(2), "total-nas"), None);
    }

    #[test]
    fn what_is_no_count_is_not_there() {
        let found = Statistics::parse(
            r#"{"a": [[-1, "x"]], "b": [["12", "x"]], "c": 1, "d": [], "e": [[]], "f": {"g": 1}, "h": [1], "i": null,
                "j": [[null]], "k": [[{"x": [1]}]], "l": "text", "m": true, "n": [[3]]}"#,
        );
        assert_eq!(found.iter().collect::<Vec<_>>(), [(Scope::Global, "n", 3.0)]);
        for odd in ["", "null", "[]", "7", "{", r#"{"a": [[1]]"#] {
            assert!(Statistics::parse(odd).is_empty(), "{odd}");
        }
    }

    #[test]
    fn fresh_values_replace_older_ones() {
        let old = Statistics::parse(r#"{"subnet[1].a": [[1]], "b": [[2]]}"#);
        let fresh = Statistics::parse(r#"{"subnet[1].a": [[3]], "subnet[4].c": [[5]]}"#);
        let all = fresh.over(&old);
        let values = all.iter().map(|(scope, name, value)| (scope.subnet(), name, value));
        assert_eq!(values.collect::<Vec<_>>(), [(None, "b", 2.0), (Some(1), "a", 3.0), (Some(4), "c", 5.0)]);
        assert_eq!(all.subnets(), [1, 4]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,40}", value in "[\\[\\]{}0-9.e\",-]{0,12}") {
            let _ = Statistics::parse(&text);
            let _ = Statistics::parse(&format!("{{\"x\": {value}}}"));
            let _ = Statistics::parse_leases(&text, Family::V4, true);
        }
    }
}
