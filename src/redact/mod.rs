//! Configurations, log lines and command lines without their secrets. Pure.
//!
//! A secret is recognized by its name (`names`), by its shape (`shapes`), by its place in the languages in which people
//! write one (`text`), or because the same value is a secret elsewhere (`finder`). Names of users, of keys and of files that contain secrets are
//! not secrets. In doubt the value is hidden: a reader can ask for a hidden value, but a published secret stays public.

use std::borrow::Cow;

use serde_json::Value;

mod cut;
mod document;
mod finder;
mod known;
mod lines;
mod names;
mod octets;
mod options;
mod ordinary;
mod quick;
mod rule;
mod secrets;
mod shapes;
mod signs;
mod text;
mod variables;
mod view;

pub use finder::{Finder, Hidden};
pub use lines::Lines;
pub use octets::text_of;
pub use rule::{Counts, Rule};
pub use secrets::Secrets;
pub use variables::is_shown_variable;

/// The replacement of a secret.
pub const REDACTED: &str = "(redacted)";

/// A document with every secret replaced, however deep it is.
#[must_use]
pub fn json(value: Value) -> Value {
    let known = document::secrets_in(&value);
    document::without_secrets(value, &known)
}

/// A line of a log, a command line or other text with every secret replaced that can be recognized.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    text::without_secrets(text, &known::Known::default())
}

/// The same, and what was replaced by which rule.
#[must_use]
pub fn counted(text: &str) -> (Cow<'_, str>, Counts) {
    let found = text::found(text);
    let counts = found.counts();
    (found.clean, counts)
}

/// The arguments of a command without the secrets in them.
#[must_use]
pub fn arguments(arguments: &[&str]) -> Vec<String> {
    let clean = json(arguments.to_vec().into());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    clean.as_array().map(|items| items.iter().map(text).collect()).unwrap_or_default()
}

/// Whether what has this name is a secret.
#[must_use]
pub fn is_name_of_a_secret(name: &str) -> bool {
    names::is_secret(name)
}

/// Whether a line is a row of a dump of octets, which may go on in the next one.
#[must_use]
pub fn is_row_of_dump(line: &[u8]) -> bool {
    finder::dump::is_row(line)
}

/// Whether a word is one of messages, manuals and configurations.
#[must_use]
pub fn is_usual_word(word: &str) -> bool {
    ordinary::is_word(word)
}

#[cfg(test)]
mod kinds;
#[cfg(test)]
mod table;
#[cfg(test)]
mod tests;
