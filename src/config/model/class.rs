//! Client classes: their definitions, and the conditions that networks and pools make of them.

use serde::{Deserialize, Deserializer};

use super::super::json::Map;
use super::super::position::Position;
use super::read::list;

/// The classes that a network or a pool requires or adds. Most of them have none, and a server may have many thousands.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClientClasses(Option<Box<Written>>);

/// The classes in the spellings of all releases.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Written {
    /// The class that a client must be in (up to Kea 2.7).
    client_class: Option<String>,
    /// The classes of which a client must be in one (Kea 2.7 on).
    #[serde(deserialize_with = "list")]
    client_classes: Vec<String>,
    /// Classes that are evaluated in addition (up to Kea 2.7).
    #[serde(deserialize_with = "list")]
    require_client_classes: Vec<String>,
    /// The same (Kea 2.7 on).
    #[serde(deserialize_with = "list")]
    evaluate_additional_classes: Vec<String>,
}

impl<'de> Deserialize<'de> for ClientClasses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        Ok(Self((written != Written::default()).then(|| Box::new(written))))
    }
}

impl ClientClasses {
    /// The classes of which a client must be in one; none if any client is served.
    pub fn required(&self) -> impl Iterator<Item = &str> {
        let written = self.0.iter();
        written.flat_map(|it| it.client_class.iter().chain(&it.client_classes)).map(String::as_str)
    }

    /// Whether clients must be in a class.
    #[must_use]
    pub fn is_guarded(&self) -> bool {
        self.required().next().is_some()
    }

    /// The classes that are evaluated in addition.
    pub fn additional(&self) -> impl Iterator<Item = &str> {
        let written = self.0.iter();
        written
            .flat_map(|it| it.require_client_classes.iter().chain(&it.evaluate_additional_classes))
            .map(String::as_str)
    }
}

#[cfg(test)]
impl FromIterator<String> for ClientClasses {
    /// Classes of which a client must be in one.
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        Self(Some(Box::new(Written { client_classes: names.into_iter().collect(), ..Written::default() })))
    }
}

/// The definition of a class.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct ClassDefinition {
    /// Where it is.
    #[serde(rename = "$position")]
    pub position: Position,
    /// The name.
    pub name: Option<String>,
    /// The expression that its members meet.
    pub test: Option<String>,
    /// The expression whose values are names of classes.
    pub template_test: Option<String>,
    /// Whether it is evaluated only where it is named for that, which is after a pool is chosen (up to Kea 2.7).
    pub only_if_required: bool,
    /// The same (Kea 2.7 on).
    pub only_in_additional_list: bool,
    /// The lifetime of its members' leases, in seconds.
    pub valid_lifetime: Option<u32>,
    /// The lifetime of offered addresses, in seconds.
    pub offer_lifetime: Option<u32>,
    /// What else it has.
    #[serde(rename = "$rest")]
    pub rest: Map,
}
