//! The values of statistics at one moment.
//!
//! Values are what Prometheus has, 64-bit floating point numbers. A value that Kea could not count (-1 where a pool has more than 2^63
//! addresses, or where more was given back than was counted) is not there.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

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
    /// In the order of scope and name, each once.
    values: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    scope: Scope,
    /// The place in `names`.
    name: u16,
    value: f64,
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
    pub fn get(&self, scope: &Scope, name: &str) -> Option<f64> {
        let name = self.names.iter().position(|known| &**known == name)?;
        let at = self.values.binary_search_by(|entry| (&entry.scope, usize::from(entry.name)).cmp(&(scope, name)));
        Some(self.values[at.ok()?].value)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&Scope, &str, f64)> {
        self.values.iter().map(|entry| (&entry.scope, &*self.names[usize::from(entry.name)], entry.value))
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
        for (scope, name, value) in self.iter().chain(older.iter()) {
            builder.add(scope.clone(), name, value);
        }
        builder.finish()
    }

    /// How many leases of a family are assigned in all subnets; `None` if that is not known.
    #[must_use]
    pub fn total_assigned(&self, family: Family) -> Option<f64> {
        let names: &[&str] = match family {
            Family::V4 => &["assigned-addresses"],
            Family::V6 => &["assigned-nas", "assigned-pds"],
        };
        let counts = self.iter().filter(|(scope, name, _)| matches!(scope, Scope::Subnet(_)) && names.contains(name));
        counts.map(|(.., value)| value).reduce(|sum, value| sum + value)
    }

    /// The numbers of the subnets that have any.
    #[must_use]
    pub fn subnets(&self) -> Vec<u32> {
        let mut subnets: Vec<u32> = self.values.iter().filter_map(|entry| entry.scope.subnet()).collect();
        subnets.sort_unstable();
        subnets.dedup();
        subnets
    }
}

/// Collects statistics; the first value of a name counts.
#[derive(Default)]
struct Builder {
    found: Statistics,
    places: HashMap<Box<str>, u16>,
}

impl Builder {
    fn add(&mut self, scope: Scope, name: &str, value: f64) {
        let known = self.places.get(name).copied();
        // There are more names than any Kea has where it is none.
        let Some(name) = known.or_else(|| self.place_of_new(name)) else { return };
        self.found.values.push(Entry { scope, name, value });
    }

    fn place_of_new(&mut self, name: &str) -> Option<u16> {
        let place = u16::try_from(self.found.names.len()).ok()?;
        self.places.insert(name.into(), place);
        self.found.names.push(name.into());
        Some(place)
    }

    fn finish(mut self) -> Statistics {
        self.found.values.sort_by(|one, other| (&one.scope, one.name).cmp(&(&other.scope, other.name)));
        self.found.values.dedup_by(|later, first| (&later.scope, later.name) == (&first.scope, first.name));
        self.found
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
        assert_eq!(found.get(&Scope::Global, "pkt4-ack-sent"), Some(7.0));
        assert_eq!(found.get(&Scope::Subnet(1), "total-nas"), Some(2f64.powi(96)));
        assert_eq!(found.get(&Scope::Subnet(2), "total-nas"), None);
    }

    #[test]
    fn what_is_no_count_is_not_there() {
        let found = Statistics::parse(
            r#"{"a": [[-1, "x"]], "b": [["12", "x"]], "c": 1, "d": [], "e": [[]], "f": {"g": 1}, "h": [1], "i": null,
                "j": [[null]], "k": [[{"x": [1]}]], "l": "text", "m": true, "n": [[3]]}"#,
        );
        assert_eq!(found.iter().collect::<Vec<_>>(), [(&Scope::Global, "n", 3.0)]);
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
