//! Secrets in JSON, recognized by the names of members, by neighbouring members, or by their shape.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::{Map, Value};

use super::{REDACTED, names, shapes, text};

/// A shorter secret may be an ordinary word elsewhere.
const SHORTEST_KNOWN: usize = 6;

/// Members whose value is the name of another member's value: RADIUS attributes, headers, variables.
const NAMING: &[&str] =
    &["name", "key", "attribute", "variable", "header", "field", "label", "option", "setting", "parameter", "property"];

/// Members whose value is named by their neighbour.
const HOLDING: &[&str] =
    &["value", "values", "data", "raw", "expr", "content", "text", "val", "string", "default", "hex", "body"];

/// User-Password, CHAP-Password, CHAP-Challenge, Tunnel-Password (RFC 2865, RFC 2868).
const RADIUS_SECRETS: &[u64] = &[2, 3, 60, 69];

/// What may be under a secret's name without being one.
const PLAIN: &[&str] = &["none", "basic", "digest", "bearer", "any", "required", "optional", "disabled", "enabled"];

/// Where a value is.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// Its name says nothing.
    Open,
    /// It is under the name of a secret.
    Secret,
    /// It is in a list of RADIUS attributes.
    Attributes,
}

/// The same without secrets; those in `known` are hidden wherever they are.
pub(super) fn without_secrets(value: Value, known: &[String]) -> Value {
    hidden(value, Place::Open, known)
}

pub(super) fn hidden(value: Value, place: Place, known: &[String]) -> Value {
    match value {
        Value::Object(members) => Value::Object(map(members, place, known)),
        Value::Array(items) => {
            let places = places_in(&items, place);
            Value::Array(items.into_iter().zip(places).map(|(item, place)| hidden(item, place, known)).collect())
        }
        other if matches!(place, Place::Secret) && !is_plain(&other) => REDACTED.into(),
        Value::String(text) => Value::String(text::without_secrets(&text, known).into_owned()),
        other => other,
    }
}

fn map(members: Map<String, Value>, place: Place, known: &[String]) -> Map<String, Value> {
    let around = Around::new(&members, place);
    let member = |(name, value): (String, Value)| {
        let inner = place_of(&name, &value, place, around);
        (text::without_secrets(&name, &[]).into_owned(), hidden_member(&name, value, inner, known))
    };
    members.into_iter().map(member).collect()
}

/// The value of a member without secrets.
pub(super) fn hidden_member(name: &str, value: Value, place: Place, known: &[String]) -> Value {
    match value {
        // Who a secret belongs to may have the same name, as many do on many machines.
        Value::String(text) if matches!(place, Place::Open) && names::is_identity(name) => {
            Value::String(text::without_secrets(&text, &[]).into_owned())
        }
        other => hidden(other, place, known),
    }
}

/// What the members of a map say of each other.
#[derive(Clone, Copy)]
pub(super) struct Around {
    /// Whether one of them names a secret that another holds.
    is_named: bool,
    /// Whether one of them holds what another names.
    is_pair: bool,
}

impl Around {
    pub(super) fn new(members: &Map<String, Value>, place: Place) -> Self {
        let is_pair = members.keys().any(|name| HOLDING.contains(&name.as_str()));
        Self { is_named: names_a_secret(members, place), is_pair }
    }
}

impl Place {
    pub(super) fn is_secret(self) -> bool {
        matches!(self, Self::Secret)
    }
}

/// Where the members of a map or list are, as far as that is known before they are.
pub(super) fn place_of_container(name: &str, around: Place, is_member: bool) -> Place {
    if is_member { place_of(name, &Value::Null, around, Around { is_named: false, is_pair: false }) } else { around }
}

/// What the name of a member says of its value, and what the value looks like.
pub(super) fn place_of(name: &str, value: &Value, place: Place, around: Around) -> Place {
    let lower = name.to_ascii_lowercase();
    if value.as_str().is_some_and(shapes::is_path) && names::may_be_of_a_file(name) {
        return Place::Open;
    }
    if names::may_be_secret(name) && value.as_str().is_some_and(shapes::is_random) {
        return Place::Secret;
    }
    // The name of what is next to it.
    let is_naming = around.is_pair && NAMING.contains(&lower.as_str());
    if around.is_named && HOLDING.contains(&lower.as_str()) || names::is_secret(name) && !is_naming {
        return Place::Secret;
    }
    match place {
        Place::Secret if !is_naming && !names::is_description(name) => Place::Secret,
        _ if lower == "attributes" => Place::Attributes,
        _ => Place::Open,
    }
}

/// What is known of each item of a list: after an option of a command line as `--password` a secret follows.
pub(super) fn places_in(items: &[Value], around: Place) -> Vec<Place> {
    let is_option = |item: &Value| item.as_str().is_some_and(|text| text.starts_with('-'));
    let names_a_secret =
        |item: &Value| is_option(item) && item.as_str().is_some_and(|text| names::is_secret(text.trim_matches('-')));
    let before = std::iter::once(None).chain(items.iter().map(Some));
    let follows = |(item, before): (&Value, Option<&Value>)| before.is_some_and(names_a_secret) && !is_option(item);
    items.iter().zip(before).map(|pair| if follows(pair) { Place::Secret } else { around }).collect()
}

/// Whether a map names a secret that another of its members holds.
fn names_a_secret(members: &Map<String, Value>, place: Place) -> bool {
    let is_secret = |(name, value): (&String, &Value)| {
        let is_naming = NAMING.contains(&name.to_ascii_lowercase().as_str());
        is_naming && value.as_str().is_some_and(names::is_secret)
    };
    let is_radius = || {
        let number = |name: &str| members.get(name).and_then(Value::as_u64);
        number("code").or_else(|| number("type")).is_some_and(|code| RADIUS_SECRETS.contains(&code))
    };
    members.iter().any(is_secret) || matches!(place, Place::Attributes) && is_radius()
}

/// What says nothing even under the name of a secret.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => true,
        Value::String(text) => text.is_empty() || is_stars(text) || PLAIN.contains(&text.to_ascii_lowercase().as_str()),
        _ => false,
    }
}

/// Kea itself has hidden it.
fn is_stars(text: &str) -> bool {
    text.chars().all(|c| c == '*')
}

/// The values of all secrets that are known by their names, in every spelling in which they may appear elsewhere; the
/// longest first.
pub(super) fn secrets_in(value: &Value) -> Vec<String> {
    let found = values_in(value).into_iter().filter(|secret| secret.len() >= SHORTEST_KNOWN);
    let mut all: Vec<String> = found.flat_map(|secret| spellings(&secret)).collect();
    all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    all.dedup();
    all
}

/// The values of all secrets that are known by their names, as they are.
pub(super) fn values_in(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(value, Place::Open, &mut found);
    found
}

fn collect(value: &Value, place: Place, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let around = Around::new(members, place);
            for (name, value) in members {
                collect(value, place_of(name, value, place, around), found);
            }
        }
        Value::Array(items) => {
            items.iter().zip(places_in(items, place)).for_each(|(item, place)| collect(item, place, found));
        }
        other => found.extend(secret_of(other, place)),
    }
}

/// The value of a secret.
pub(super) fn secret_of(value: &Value, place: Place) -> Option<String> {
    match value {
        Value::String(text) if place.is_secret() && !is_plain(value) => Some(text.clone()),
        Value::Number(number) if place.is_secret() => Some(number.to_string()),
        _ => None,
    }
}

/// A value as it is, in base64, hex and as in an address.
pub(super) fn spellings(secret: &str) -> Vec<String> {
    let hex = crate::text::hex(secret.as_bytes());
    let percent: String = secret.bytes().fold(String::new(), |mut text, octet| {
        if octet.is_ascii_alphanumeric() || b"-_.~".contains(&octet) {
            text.push(char::from(octet));
        } else {
            text.push('%');
            text.push_str(&crate::text::hex(&[octet]).to_uppercase());
        }
        text
    });
    vec![secret.to_owned(), STANDARD_NO_PAD.encode(secret), hex.to_uppercase(), hex, percent]
}
