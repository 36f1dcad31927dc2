//! What real servers said of their leases, recorded as they said it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// Kea writes one `\u00XX` for each octet of a text.
fn in_utf8(value: Value) -> Value {
    let text = |text: String| {
        let octets: Option<Vec<u8>> = text.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect();
        octets.and_then(|octets| String::from_utf8(octets).ok()).unwrap_or(text)
    };
    match value {
        Value::String(string) => Value::String(text(string)),
        Value::Array(items) => items.into_iter().map(in_utf8).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (text(name), in_utf8(value))).collect(),
        other => other,
    }
}

fn by_address(leases: Vec<Value>) -> BTreeMap<String, Value> {
    leases.into_iter().map(|lease| (lease["ip-address"].as_str().unwrap().to_owned(), lease)).collect()
}

/// Fails the test unless `ours` are the leases of the recorded answer, whatever the order.
#[track_caller]
pub(crate) fn assert_told(ours: Vec<Value>, answer: &Path) {
    let answer: Value = serde_json::from_slice(&fs::read(answer).unwrap()).unwrap();
    let theirs = in_utf8(answer["arguments"]["leases"].clone());
    let (ours, theirs) = (by_address(ours), by_address(theirs.as_array().unwrap().clone()));
    assert!(!theirs.is_empty());
    assert_eq!(ours, theirs);
}
