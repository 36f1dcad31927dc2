//! Numbers in answers.

use serde::Deserialize;
use serde::de::Deserializer;

/// A number that something can be counted with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number(pub(super) Option<f64>);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(Self(value.as_f64().filter(|value| *value >= 0.0)))
    }
}
