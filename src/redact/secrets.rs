//! Secrets of texts that belong together: what one of them shows to be a secret is hidden in all, in every encoding.
//!
//! First all texts are learned from, then each is hidden, and what is to be published is searched once more. A value that
//! is short, or that is the name of a user, database or host, would be found in ordinary words: it is hidden at its name
//! only.

use std::borrow::Cow;
use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::Value;

use super::{REDACTED, document, text};

/// A shorter value is not searched for.
const SHORTEST: usize = 8;

/// What is known to be secret.
#[derive(Debug, Default)]
pub struct Secrets {
    values: BTreeSet<String>,
    /// Names that stay, whatever else has the same value.
    names: BTreeSet<String>,
    /// How many values are hidden at their names only.
    short: BTreeSet<String>,
}

impl Secrets {
    /// A value that is a secret.
    pub fn learn(&mut self, value: &str) {
        let value = value.trim();
        if value.chars().count() < SHORTEST {
            self.short.insert(value.to_owned())
        } else {
            self.values.insert(value.to_owned())
        };
    }

    /// A name that is shown also where a secret is the same.
    pub fn keep(&mut self, name: &str) {
        self.names.insert(name.trim().to_owned());
    }

    /// What a document shows to be secret, and the names of users, databases and hosts in it.
    pub fn learn_json(&mut self, value: &Value) {
        for secret in document::values_in(value) {
            self.learn(&secret);
        }
        self.keep_names(value, "");
    }

    /// What a text shows to be secret.
    pub fn learn_text(&mut self, text: &str) {
        for secret in text::values_in(text) {
            // A word of a sentence may be no secret, and would be hidden wherever it is.
            if secret.chars().any(|c| !c.is_alphabetic()) {
                self.learn(&secret);
            }
        }
    }

    fn keep_names(&mut self, value: &Value, name: &str) {
        const NAMES: [&str; 10] = [
            "user",
            "name",
            "host",
            "basic-auth-user",
            "this-server-name",
            "hostname",
            "realm",
            "type",
            "key-name",
            "role",
        ];
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| self.keep_names(value, name)),
            Value::Array(items) => items.iter().for_each(|item| self.keep_names(item, name)),
            Value::String(text) if NAMES.contains(&name) => self.keep(text),
            _ => {}
        }
    }

    /// How many values are searched for.
    #[must_use]
    pub fn searched(&self) -> usize {
        self.values.difference(&self.names).count()
    }

    /// How many values are hidden at their names only.
    #[must_use]
    pub fn only_at_their_names(&self) -> usize {
        self.short.len() + self.values.intersection(&self.names).count()
    }

    /// What finds them in any text.
    #[must_use]
    pub fn finder(&self) -> Finder {
        let all: BTreeSet<String> =
            self.values.difference(&self.names).flat_map(|value| self.spellings(value)).collect();
        let all: Vec<String> = all.into_iter().filter(|spelling| spelling.len() >= SHORTEST).collect();
        let builder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&all);
        Finder(builder.ok().filter(|_| !all.is_empty()))
    }

    /// A value as it is, in JSON, in an address, in hex, in base64 alone and with each user that is known.
    fn spellings(&self, value: &str) -> Vec<String> {
        let json = serde_json::to_string(value).unwrap_or_default();
        let mut all = document::spellings(value);
        all.push(json.trim_matches('"').to_owned());
        all.extend(self.names.iter().map(|user| STANDARD_NO_PAD.encode(format!("{user}:{value}"))));
        all
    }
}

/// Finds secrets in every encoding.
#[derive(Debug)]
pub struct Finder(Option<AhoCorasick>);

impl Finder {
    /// The text without them, and how many there were.
    #[must_use]
    pub fn hidden<'a>(&self, text: &'a [u8]) -> (Cow<'a, [u8]>, usize) {
        let Some(finder) = self.0.as_ref().filter(|finder| finder.is_match(text)) else { return (text.into(), 0) };
        let mut out = Vec::with_capacity(text.len());
        let (mut count, mut done) = (0, 0);
        for found in finder.find_iter(text) {
            out.extend_from_slice(&text[done..found.start()]);
            out.extend_from_slice(REDACTED.as_bytes());
            done = found.end();
            count += 1;
        }
        out.extend_from_slice(&text[done..]);
        (out.into(), count)
    }

    /// Where the first one is.
    #[must_use]
    pub fn find(&self, text: &[u8]) -> Option<usize> {
        self.0.as_ref()?.find(text).map(|found| found.start())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn hidden(secrets: &Secrets, text: &str) -> String {
        String::from_utf8(secrets.finder().hidden(text.as_bytes()).0.into_owned()).unwrap()
    }

    #[test]
    fn a_value_is_hidden_wherever_it_is_and_however_it_is_written() {
        let mut secrets = Secrets::default();
        secrets.learn_json(&json!({ "lease-database": { "user": "reader", "password": "corr\"ct horse" } }));
        let pair = STANDARD_NO_PAD.encode("reader:corr\"ct horse");
        for spelling in ["corr\"ct horse", "corr\\\"ct horse", "corr%22ct%20horse", "636f72722263742068 6f727365"] {
            let text = format!("x{}y", spelling.replace(' ', if spelling.starts_with('6') { "" } else { " " }));
            assert_eq!(hidden(&secrets, &text), "x(redacted)y", "{spelling}");
        }
        assert_eq!(hidden(&secrets, &format!("Basic {pair}=")), "Basic (redacted)=");
        assert_eq!(hidden(&secrets, "reader"), "reader");
    }

    #[test]
    fn short_values_and_names_are_not_searched_for() {
        let mut secrets = Secrets::default();
        secrets.learn_json(&json!({ "user": "postgres-admin", "password": "postgres-admin", "token": "1234567" }));
        assert_eq!((secrets.searched(), secrets.only_at_their_names()), (0, 2));
        assert_eq!(hidden(&secrets, "postgres-admin 1234567"), "postgres-admin 1234567");
    }

    proptest! {
        #[test]
        fn what_is_hidden_is_not_found_again(value in "\\PC{8,20}", around in "\\PC{0,40}") {
            let mut secrets = Secrets::default();
            secrets.learn(&value);
            let finder = secrets.finder();
            let text = format!("{around}{value}{around}");
            let hidden = finder.hidden(text.as_bytes()).0.into_owned();
            prop_assert!(value.trim().chars().count() < SHORTEST || REDACTED.contains(value.trim()) || finder.find(&hidden).is_none());
        }
    }
}
