//! Values whose names are values too: `name: password` and `value: …`, in any order; and `login user:password`.

use std::ops::Range;

use super::value;
use crate::redact::names;

/// How far a value may be from its name where both have names of their own.
const NEAR: usize = 200;

/// Names and values that have names of their own: `name: password` and `value: …`, in any order.
#[derive(Default)]
pub(super) struct Pairs {
    /// Where a name of a secret ended.
    named: Option<usize>,
    /// The last value, and where it ended.
    held: Option<Range<usize>>,
}

impl Pairs {
    /// The secret that is known with this name.
    pub(super) fn next(&mut self, text: &str, name: &Range<usize>) -> Option<Range<usize>> {
        let written = &text[name.clone()];
        let (is_naming, is_holding) = (names::is_naming(written), names::is_holding(written));
        if !is_naming && !is_holding {
            return None;
        }
        let value = own_value(text, name)?;
        if is_holding {
            let named = self.named.take();
            self.held = Some(value.clone());
            return named.filter(|named| is_near(text, *named, name.start)).map(|_| value);
        }
        let is_secret = names::is_secret(&text[value.clone()]);
        self.named = is_secret.then_some(value.end);
        self.held.take().filter(|held| is_secret && is_near(text, held.end, name.start))
    }
}

/// Whether two places are in the same map.
fn is_near(text: &str, from: usize, to: usize) -> bool {
    let between = text.get(from..to).filter(|between| between.len() < NEAR).unwrap_or_default();
    let is_item = between.lines().skip(1).any(|line| line.trim_start().starts_with("- "));
    !between.is_empty() && !between.contains(['{', '}']) && !is_item
}

/// The value after a name and a colon or equals sign.
fn own_value(text: &str, name: &Range<usize>) -> Option<Range<usize>> {
    let rest = text[name.end..].trim_start_matches(['"', '\'', '\\']).trim_start_matches([' ', '\t']);
    let rest = rest.strip_prefix(':').or_else(|| rest.strip_prefix('='))?.trim_start_matches([' ', '\t']);
    let start = text.len() - rest.len();
    if value::begins_quoted(rest) {
        return value::quoted(text, start).filter(|value| !value.is_empty());
    }
    let length = rest.find(['\n', '\r', ',', '}']).unwrap_or(rest.len());
    let length = rest[..length].trim_end().len();
    (length > 0).then(|| start..start + length)
}

/// The password of `login kea:…` and `creds: kea/…`.
pub(super) fn of_login(text: &str, name: &Range<usize>) -> Option<Range<usize>> {
    const WORDS: [&str; 5] = ["login", "logins", "cred", "creds", "credentials"];
    let is_second = follows_user(text, name.start) && names::is_secret(&text[name.clone()]);
    if !is_second && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(&text[name.clone()])) {
        return None;
    }
    let rest = text[name.end..].trim_start_matches([' ', '\t', ':', '=', '"', '\'']);
    let start = text.len() - rest.len();
    let word = &rest[..rest.find(|c: char| c.is_whitespace() || "\"'<>,;".contains(c)).unwrap_or(rest.len())];
    let (user, password) = word.split_once(':').or_else(|| word.split_once('/'))?;
    let is_user = !user.is_empty() && user.chars().all(|c| c.is_alphanumeric() || "._-@".contains(c));
    let is_password = !password.is_empty() && !password.starts_with('/') && !password.contains('/');
    (is_user && is_password).then(|| start + user.len() + 1..start + word.len())
}

/// Whether what begins at a place is the second word of `user/password`.
pub(super) fn follows_user(text: &str, at: usize) -> bool {
    let before = text[..at].strip_suffix('/').unwrap_or_default();
    let word = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let is_path = before[..before.len() - word.len()].ends_with('/');
    !is_path && ["user", "username", "login", "name"].iter().any(|user| user.eq_ignore_ascii_case(word))
}
