//! Configurations, log lines and command lines without their secrets. Pure.
//!
//! A secret is known by the name that it has (`names`), by its shape (`shapes`), by the words before it (`text`), or
//! because the same value is a secret elsewhere in the same document. Names of users, of files that hold secrets and of
//! keys are no secrets. Where it is not clear, the value is hidden: a reader can ask for it, and cannot unread it.

use std::borrow::Cow;

use serde_json::Value;

mod document;
mod names;
mod shapes;
mod text;

/// What stands for a secret.
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
    text::without_secrets(text, &[])
}

#[cfg(test)]
mod tests;
