//! What a server has in memory: the truth that a dump is compared with.

use std::collections::BTreeMap;

use serde_json::Value;

/// The leases of an answer, by address.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Leases(pub(crate) BTreeMap<String, Value>);

impl Leases {
    /// The leases of an answer to lease4-get-all or lease6-get-all.
    #[track_caller]
    pub(crate) fn from_answer(answer: &Value) -> Self {
        Self::from_list(&answer["arguments"]["leases"])
    }

    /// The leases of an array of them.
    #[track_caller]
    pub(crate) fn from_list(list: &Value) -> Self {
        let leases = list.as_array().unwrap_or_else(|| panic!("no leases: {list}"));
        let map: BTreeMap<_, _> = leases.iter().map(|lease| (address(lease), decoded(lease.clone()))).collect();
        assert_eq!(map.len(), leases.len(), "one address stands in two leases");
        Self(map)
    }

    /// The same leases, with the DUID of declined ones as Kea from 2.3.8 on and the newest lease file have it.
    pub(crate) fn with_newest_empty_duid(mut self) -> Self {
        for lease in self.0.values_mut().filter(|lease| lease["duid"] == "00") {
            lease["duid"] = "00:00:00".into();
        }
        self
    }

    /// The same leases without those that live no time at all, which a lease file cannot hold.
    pub(crate) fn without_lifeless(mut self) -> Self {
        self.0.retain(|_, lease| lease["valid-lft"] != 0);
        self
    }

    /// Fails the test, naming the leases, unless both are the same.
    #[track_caller]
    pub(crate) fn assert_same_as(&self, other: &Self) {
        let differences: Vec<String> = self
            .0
            .keys()
            .chain(other.0.keys().filter(|address| !self.0.contains_key(*address)))
            .filter(|address| self.0.get(*address) != other.0.get(*address))
            .map(|address| format!("{address}:\n  {:?}\n  {:?}", self.0.get(address), other.0.get(address)))
            .collect();
        assert!(differences.is_empty(), "{} leases differ:\n{}", differences.len(), differences.join("\n"));
    }
}

fn address(lease: &Value) -> String {
    lease["ip-address"].as_str().unwrap().to_owned()
}

/// Kea writes every octet from 0x80 on as a character of that number; undoes this in all text of `value`.
fn decoded(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(decoded_text(&text)),
        Value::Array(items) => items.into_iter().map(decoded).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (decoded_text(&key), decoded(value))).collect(),
        other => other,
    }
}

fn decoded_text(text: &str) -> String {
    let octets: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    octets.and_then(|octets| String::from_utf8(octets).ok()).unwrap_or_else(|| text.to_owned())
}
