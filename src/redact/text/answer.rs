//! What follows the name of a secret and is none: whether there is one, what is wrong with it, how many there are.

use crate::redact::{names, ordinary, shapes};

/// Words before `key:` or `token:` with which it is part of a message.
const MESSAGES: &[&str] = &[
    "invalid",
    "unexpected",
    "unknown",
    "unsupported",
    "duplicate",
    "missing",
    "bad",
    "expected",
    "wrong",
    "mandatory",
    "required",
    "map",
    "no",
    "this",
    "that",
    "any",
    "the",
    "tsig",
    "tkey",
    "hash",
    "primary",
    "foreign",
    "sort",
    "lookup",
];

/// What says whether there is a secret, or what is wrong with it.
const ANSWERS: &[&str] = &[
    "yes",
    "no",
    "true",
    "false",
    "none",
    "empty",
    "null",
    "nil",
    "redacted",
    "required",
    "missing",
    "invalid",
    "incorrect",
    "wrong",
    "expired",
    "unset",
    "set",
    "not",
    "unknown",
    "rejected",
    "refused",
    "bad",
    "valid",
    "accepted",
    "changed",
];

/// What a setting may say without a secret.
const BOOLEANS: &[&str] = &["yes", "no", "true", "false", "null", "~"];

/// Kea hides some itself, and so do we.
pub(super) fn is_hidden(value: &str) -> bool {
    // Only signs may be a secret, but not a bracket or a comma.
    const SHORTEST: usize = 4;
    let inner = core(value);
    let is_stars = inner.chars().all(|c| c == '*') && (!inner.is_empty() || value.len() < SHORTEST);
    is_stars || inner.eq_ignore_ascii_case("redacted")
}

/// What a setting says without a secret.
pub(super) fn is_none(value: &str) -> bool {
    is_hidden(value) || BOOLEANS.contains(&value.to_ascii_lowercase().as_str())
}

/// A value without the signs around it.
fn core(value: &str) -> &str {
    value.trim_matches(|c: char| !c.is_alphanumeric() && c != '*')
}

/// Some are hidden, and some only say whether there is one.
pub(super) fn is_one(value: &str, is_quoted: bool) -> bool {
    if is_hidden(value) {
        return true;
    }
    let inner = core(value);
    let mut words = inner.split(|c: char| c.is_whitespace() || "(),;".contains(c)).filter(|word| !word.is_empty());
    let is_state = words.next().is_some_and(|first| ANSWERS.contains(&first.to_ascii_lowercase().as_str()));
    let is_all = words.clone().next().is_none();
    is_state && (is_all || !is_quoted && words.all(is_of_message))
}

/// A word or a small number.
fn is_of_message(word: &str) -> bool {
    ordinary::is_word(word) || word.len() <= 3
}

/// How many there are: `keys: 3`.
pub(super) fn is_count(name: &str, value: &str) -> bool {
    const LONGEST: usize = 3;
    let is_number = value.len() <= LONGEST && value.bytes().all(|c| c.is_ascii_digit());
    is_number && (names::is_plural(name) || is_lone(name))
}

/// What is a number of something: `key=0x0a0b`, `pin: 5 cpu cores pinned`.
pub(super) fn is_number(name: &str, value: &str) -> bool {
    const LONGEST: usize = 4;
    let hex = value.split_whitespace().next().and_then(|first| first.strip_prefix("0x")).unwrap_or_default();
    let is_hex = (1..=LONGEST).contains(&hex.len()) && hex.bytes().all(|c| c.is_ascii_hexdigit());
    let (first, rest) = value.split_once(' ').unwrap_or_default();
    let is_amount = (1..=3).contains(&first.len()) && first.bytes().all(|c| c.is_ascii_digit());
    let is_pin = name.eq_ignore_ascii_case("pin");
    let is_counted = is_pin && rest.bytes().all(|c| c.is_ascii_lowercase() || c == b' ');
    // A pin of a connector.
    let is_prose = is_pin && value.contains(' ') && value.bytes().all(|c| c.is_ascii_lowercase() || c == b' ');
    is_lone(name) && is_hex || is_amount && is_counted || is_prose || is_magic(name, value)
}

/// What every message of DHCPv4 has (RFC 2131).
fn is_magic(name: &str, value: &str) -> bool {
    name.eq_ignore_ascii_case("cookie") && matches!(value, "0x63825363" | "63825363" | "63:82:53:63" | "99.130.83.99")
}

/// Whether what follows a name that messages have too is a part of a message, or the name of a key.
pub(super) fn is_usual(name: &str, value: &str, is_quoted: bool) -> bool {
    let words = || value.split(|c: char| c.is_whitespace() || ",;:.()'\"".contains(c)).filter(|word| !word.is_empty());
    is_lone(name) && (shapes::is_domain(value.trim_matches(['"', '\''])) || !is_quoted && words().all(is_of_message))
}

/// Whether a name is a word that messages and other languages have too.
pub(super) fn is_lone(name: &str) -> bool {
    matches!(name.to_ascii_lowercase().as_str(), "key" | "keys" | "token" | "tokens" | "auth" | "tsig")
}

/// Whether a colon after `key` or `token`, before which this is, begins what is wrong with it.
pub(super) fn begins_message(before: &str) -> bool {
    let before = before.split_whitespace().next_back().unwrap_or_default();
    MESSAGES.contains(&before.to_ascii_lowercase().as_str())
}
