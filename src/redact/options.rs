//! Options of DHCP that hold secrets: those for authentication (RFC 3118, RFC 8415), and those that a configuration gives
//! the name of a secret.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::names;

/// `authenticate` of DHCPv4 and `auth` of DHCPv6.
const CODES: [u64; 2] = [90, 11];

const NAMES: [&str; 4] = ["authenticate", "authentication", "auth", "dhcp-authentication"];

/// Whether the name or code of an option is that of one for authentication.
pub(super) fn is_name(name: &str) -> bool {
    NAMES.contains(&name) || name.parse().is_ok_and(|code| CODES.contains(&code))
}

/// Whether the code of an option in a logged packet is that of one for authentication: of DHCPv4 it has three digits.
pub(super) fn is_logged_secret(code: u64, digits: usize) -> bool {
    matches!((code, digits), (90, 3) | (11, 5))
}

/// Whether an option of a configuration holds a secret by its code or name.
pub(super) fn is_secret(option: &Map<String, Value>, defined: impl Fn(u64) -> bool) -> bool {
    let name = option.get("name").and_then(Value::as_str);
    let code = option.get("code").and_then(Value::as_u64);
    name.is_some_and(is_name)
        || code.is_some_and(|code| CODES.contains(&code) && name.is_none_or(is_name) || defined(code))
}

/// The code of an option that a definition gives the name of a secret.
pub(super) fn defined(definition: &Map<String, Value>) -> Option<u64> {
    let name = definition.get("name").and_then(Value::as_str)?;
    definition.get("code").and_then(Value::as_u64).filter(|_| names::is_secret(name) || is_name(name))
}

/// The codes of all options that a document gives names of secrets.
pub(super) fn defined_in(value: &Value) -> BTreeSet<u64> {
    let mut found = BTreeSet::new();
    collect(value, false, &mut found);
    found
}

fn collect(value: &Value, are_definitions: bool, found: &mut BTreeSet<u64>) {
    match value {
        Value::Object(members) => {
            found.extend(defined(members).filter(|_| are_definitions));
            members.iter().for_each(|(name, value)| collect(value, name == "option-def", found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, are_definitions, found)),
        _ => {}
    }
}
