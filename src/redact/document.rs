//! Secrets in JSON, recognized by the names of members, by neighbouring members, or by their shape.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::{Map, Value};

use super::known::Known;
use super::{REDACTED, names, options, ordinary, shapes, text};

/// A shorter secret may be an ordinary word elsewhere.
const SHORTEST_KNOWN: usize = 6;

/// User-Password, CHAP-Password, CHAP-Challenge, Tunnel-Password (RFC 2865, RFC 2868).
const RADIUS_SECRETS: &[u64] = &[2, 3, 60, 69];

/// How a client logs in, and whether it has to: what `"auth"` may say without being a secret.
const LOGINS: &[&str] = &["none", "basic", "digest", "bearer", "any", "required", "optional", "disabled", "enabled"];

/// Where a value is.
#[derive(Clone, Copy)]
pub(super) enum ValueContext {
    /// Its name says nothing.
    Open,
    /// It is under the name of a secret.
    Secret,
    /// It is in a list of RADIUS attributes.
    Attributes,
    /// It is in a list of options of DHCP.
    Options,
    /// It is in a list of their definitions.
    Definitions,
    /// It is an argument of a command, which is secret from this octet on.
    From(usize),
}

/// The same without secrets; those in `known` are hidden wherever they are.
pub(super) fn without_secrets(value: Value, known: &Known) -> Value {
    hidden(value, ValueContext::Open, known)
}

pub(super) fn hidden(value: Value, place: ValueContext, known: &Known) -> Value {
    match value {
        Value::Object(members) => Value::Object(map(members, place, known)),
        Value::Array(items) => {
            let places = places_in(&items, place);
            Value::Array(items.into_iter().zip(places).map(|(item, place)| hidden(item, place, known)).collect())
        }
        other if matches!(place, ValueContext::Secret) && !is_plain(&other) => REDACTED.into(),
        Value::String(text) => match place.split(&text) {
            Some((before, _)) => format!("{before}{REDACTED}").into(),
            None => text::without_secrets(&text, known).into(),
        },
        other => other,
    }
}

fn map(members: Map<String, Value>, place: ValueContext, known: &Known) -> Map<String, Value> {
    let around = Around::new(&members, place, known);
    let member = |(name, value): (String, Value)| {
        let inner = place_of(&name, &value, place, around);
        (text::without_secrets(&name, &Known::default()).into_owned(), hidden_member(&name, value, inner, known))
    };
    members.into_iter().map(member).collect()
}

/// The value of a member without secrets.
pub(super) fn hidden_member(name: &str, value: Value, place: ValueContext, known: &Known) -> Value {
    match value {
        // Who a secret belongs to may have the same name, as many do on many machines.
        Value::String(text) if matches!(place, ValueContext::Open) && names::is_identity(name) => {
            Value::String(text::without_secrets(&text, &Known::default()).into_owned())
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
    pub(super) fn new(members: &Map<String, Value>, place: ValueContext, known: &Known) -> Self {
        let is_pair = members.keys().any(|name| names::is_holding(name));
        let is_option = || options::is_secret(members, |code| known.has_option(code));
        Self {
            is_named: names_a_secret(members, place) || matches!(place, ValueContext::Options) && is_option(),
            is_pair,
        }
    }
}

impl ValueContext {
    pub(super) fn is_secret(self) -> bool {
        matches!(self, Self::Secret)
    }

    pub(super) fn is_of_definitions(self) -> bool {
        matches!(self, Self::Definitions)
    }

    /// What is no secret of an argument, and what is.
    fn split(self, text: &str) -> Option<(&str, &str)> {
        match self {
            Self::From(at) => text.split_at_checked(at),
            _ => None,
        }
    }
}

/// Where the members of a map or list are, as far as that is known before they are.
pub(super) fn place_of_container(name: &str, around: ValueContext, is_member: bool) -> ValueContext {
    if is_member { place_of(name, &Value::Null, around, Around { is_named: false, is_pair: false }) } else { around }
}

/// What the name of a member says of its value, and what the value looks like.
pub(super) fn place_of(name: &str, value: &Value, place: ValueContext, around: Around) -> ValueContext {
    let lower = name.to_ascii_lowercase();
    let is_file = value.as_str().is_some_and(shapes::is_path) && names::may_be_of_a_file(name);
    if is_file || is_count(name, value) || is_name_of_key(name, value) || is_way_to_log_in(name, value, place) {
        return ValueContext::Open;
    }
    if names::may_be_secret(name) && value.as_str().is_some_and(shapes::is_random) {
        return ValueContext::Secret;
    }
    // The name of what is next to it.
    let is_naming = around.is_pair && names::is_naming(name);
    if around.is_named && names::is_holding(name) || names::is_secret(name) && !is_naming {
        return ValueContext::Secret;
    }
    match place {
        ValueContext::Secret if !is_naming && !names::is_description(name) => ValueContext::Secret,
        _ => match lower.as_str() {
            "attributes" => ValueContext::Attributes,
            "option-data" => ValueContext::Options,
            "option-def" => ValueContext::Definitions,
            _ => ValueContext::Open,
        },
    }
}

/// How many there are: `"keys": 3`.
fn is_count(name: &str, value: &Value) -> bool {
    const MOST: u64 = 999;
    names::is_plural(name) && value.as_u64().is_some_and(|number| number <= MOST)
}

/// The name of a key of TSIG, which is that of a domain.
fn is_name_of_key(name: &str, value: &Value) -> bool {
    name.eq_ignore_ascii_case("key") && value.as_str().is_some_and(shapes::is_domain)
}

/// `"auth": "basic"`
fn is_way_to_log_in(name: &str, value: &Value, place: ValueContext) -> bool {
    let is_one = value.as_str().is_some_and(|text| LOGINS.contains(&text.to_ascii_lowercase().as_str()));
    is_one && !place.is_secret() && names::is_of_logins(name)
}

/// What is known of each item of a list that may be a command line, where `-p` and `--password` come before a secret, or a
/// name and its value.
pub(super) fn places_in(items: &[Value], around: ValueContext) -> Vec<ValueContext> {
    let mut places = vec![around; items.len()];
    if around.is_secret() {
        return places;
    }
    let words: Vec<&str> = items.iter().map(|item| item.as_str().unwrap_or_default()).collect();
    for (at, part) in text::command::in_list(&words) {
        places[at] = if part.start == 0 { ValueContext::Secret } else { ValueContext::From(part.start) };
    }
    // `DB_PASSWORD=x` has its value.
    if let [name, value] = words[..]
        && names::is_secret(name)
        && !name.contains(['=', ':'])
        && is_value(value)
    {
        places[1] = ValueContext::Secret;
    }
    for at in 1..words.len() {
        let (before, word) = (words[at - 1], words[at]);
        if before.starts_with('-') && names::is_secret(before.trim_matches('-')) && !word.starts_with('-') {
            places[at] = ValueContext::Secret;
        }
    }
    places
}

/// Whether a text can be the value of the name before it in a list of two: `["X-Api-Key", "…"]`.
fn is_value(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('-') && !ordinary::is_word(text) && !names::is_secret(text)
}

/// Whether a map names a secret that another of its members holds.
fn names_a_secret(members: &Map<String, Value>, place: ValueContext) -> bool {
    let is_secret = |(name, value): (&String, &Value)| {
        let is_naming = names::is_naming(name);
        is_naming && value.as_str().is_some_and(names::is_secret)
    };
    let is_radius = || {
        let number = |name: &str| members.get(name).and_then(Value::as_u64);
        number("code").or_else(|| number("type")).is_some_and(|code| RADIUS_SECRETS.contains(&code))
    };
    members.iter().any(is_secret) || matches!(place, ValueContext::Attributes) && is_radius()
}

/// What says nothing even under the name of a secret: no value, and stars, by which Kea itself has hidden one. Any word
/// may be a password.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => true,
        Value::String(text) => text.chars().all(|c| c == '*'),
        _ => false,
    }
}

/// The values of all secrets that are known by their names, in every spelling in which they may appear elsewhere.
pub(super) fn secrets_in(value: &Value) -> Known {
    let kept = kept_in(value);
    let is_kept = |secret: &String| (shapes::is_path(secret) || shapes::is_domain(secret)) && kept.contains(secret);
    let is_wanted =
        |secret: &String| secret.len() >= SHORTEST_KNOWN && !ordinary::is_ordinary(secret) && !is_kept(secret);
    let all: Vec<String> =
        values_in(value).iter().filter(|secret| is_wanted(secret)).flat_map(|secret| spellings(secret)).collect();
    Known::new(&all, options::defined_in(value))
}

/// The names of users, databases and hosts, and paths and domains under a name of one: a secret may be the same.
pub(super) fn kept_in(value: &Value) -> BTreeSet<String> {
    let mut kept = BTreeSet::new();
    keep(value, "", &mut kept);
    kept
}

fn keep(value: &Value, name: &str, kept: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| keep(value, name, kept)),
        Value::Array(items) => items.iter().for_each(|item| keep(item, name, kept)),
        Value::String(text) if names::is_kept(name) || names::is_of_place(name) && is_place(text) => {
            kept.insert(text.trim().to_owned());
        }
        _ => {}
    }
}

fn is_place(text: &str) -> bool {
    shapes::is_path(text) || shapes::is_domain(text)
}

/// The values of all secrets that are known by their names, as they are.
pub(super) fn values_in(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(value, ValueContext::Open, &Known::new(&[], options::defined_in(value)), &mut found);
    found
}

fn collect(value: &Value, place: ValueContext, known: &Known, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let around = Around::new(members, place, known);
            for (name, value) in members {
                collect(value, place_of(name, value, place, around), known, found);
            }
        }
        Value::Array(items) => {
            items.iter().zip(places_in(items, place)).for_each(|(item, place)| collect(item, place, known, found));
        }
        other => found.extend(secret_of(other, place)),
    }
}

/// The value of a secret.
pub(super) fn secret_of(value: &Value, place: ValueContext) -> Option<String> {
    match value {
        Value::String(text) if place.is_secret() && !is_plain(value) => Some(text.clone()),
        Value::Number(number) if place.is_secret() => Some(number.to_string()),
        Value::String(text) => place.split(text).map(|(_, secret)| secret.to_owned()),
        _ => None,
    }
}

/// A value as it is, in base64, hex and as in an address.
fn spellings(secret: &str) -> Vec<String> {
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
