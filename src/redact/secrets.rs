//! Secrets of texts that belong together: what one of them shows to be a secret is hidden in all, in every encoding.
//!
//! First all texts are learned from, then each is hidden, and what is to be published is searched once more. A value that
//! is short, or that is the name of a user, database or host, would be found in ordinary words: it is hidden at its name
//! only.

use std::borrow::Cow;
use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use serde_json::Value;

use super::spelling::{self, Kind};
use super::text::{self, Found};
use super::{REDACTED, Rule, document, names};

/// A value of fewer octets is not searched for.
const SHORTEST: usize = 8;

/// Words that are passwords on some machines and stand for themselves everywhere.
const ORDINARY: [&str; 22] = [
    "password",
    "passwords",
    "postgres",
    "postgresql",
    "localhost",
    "kea-dhcp4",
    "kea-dhcp6",
    "kea-dhcp-ddns",
    "kea-ctrl-agent",
    "kea-netconf",
    "kea-lfc",
    "kea-admin",
    "keactrl",
    "database",
    "required",
    "optional",
    "disabled",
    "authentication",
    "authorization",
    "interfaces",
    "user-context",
    "undefined",
];

/// Up to so many spellings are searched for with a table that is fast and large.
const MOST_IN_TABLE: usize = 6000;

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
    /// A value that is a secret; of one with several lines each line is.
    pub fn learn(&mut self, value: &str) {
        let inner = value.trim().trim_matches(['"', '\'']);
        for line in
            value.lines().chain([inner]).map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("-----"))
        {
            // What we put in place of secrets cannot be one.
            if line.len() < SHORTEST || REDACTED.contains(line) || ORDINARY.contains(&line) {
                self.short.insert(line.to_owned());
            } else {
                self.values.insert(line.to_owned());
            }
        }
    }

    /// What others know too.
    pub fn merge(&mut self, other: Self) {
        self.values.extend(other.values);
        self.names.extend(other.names);
        self.short.extend(other.short);
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
        self.learn_strings(value);
        self.keep_names(value, "");
    }

    /// What a text shows to be secret.
    pub fn learn_text(&mut self, text: &str) {
        self.learn_found(&text::found(text));
    }

    pub(super) fn learn_found(&mut self, found: &Found<'_>) {
        for (rule, secret) in found.secrets() {
            if rule == Rule::PrivateKey {
                // Its first line is that of every key.
                let words = secret.split_whitespace().flat_map(|word| word.split("\\n"));
                words.filter(|word| text::is_key_body(word)).for_each(|word| self.learn(word));
                continue;
            }
            // A word of a sentence may be no secret, and would be hidden wherever it is.
            let is_word = |c: char| c.is_alphabetic() || c.is_whitespace() || ".,-/".contains(c);
            if rule != Rule::Sentence || !secret.chars().all(is_word) {
                self.learn(secret);
            }
            // `session=…` of a cookie, `name:…` of a credential.
            if let Some((_, inner)) = secret.split_once(['=', ':'])
                && inner.chars().any(|c| c.is_ascii_digit())
                && !inner.contains(char::is_whitespace)
            {
                self.learn(inner);
            }
            if rule == Rule::Shape {
                self.learn_text_in(secret);
            }
        }
    }

    /// What is in base64 or hex.
    fn learn_text_in(&mut self, word: &str) {
        let Some(text) = super::shapes::decoded(word) else { return };
        match text.split_once(':') {
            Some((_, password)) if super::shapes::is_login(word) => self.learn(password),
            _ => self.learn_text(&text),
        }
    }

    fn learn_strings(&mut self, value: &Value) {
        match value {
            Value::Object(members) => members.values().for_each(|value| self.learn_strings(value)),
            Value::Array(items) => items.iter().for_each(|item| self.learn_strings(item)),
            Value::String(text) => self.learn_text(text),
            _ => {}
        }
    }

    fn keep_names(&mut self, value: &Value, name: &str) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| self.keep_names(value, name)),
            Value::Array(items) => items.iter().for_each(|item| self.keep_names(item, name)),
            Value::String(text) if names::is_kept(name) => self.keep(text),
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
        let spellings = self.values.difference(&self.names).flat_map(|value| spelling::of(value));
        let all: BTreeSet<(Vec<u8>, Kind)> = spellings.filter(|(text, _)| text.len() >= SHORTEST).collect();
        let (texts, kinds): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        if texts.is_empty() {
            return Finder { search: Search::Nothing, kinds };
        }
        let kind = (texts.len() <= MOST_IN_TABLE).then_some(AhoCorasickKind::DFA);
        let built = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).kind(kind).build(&texts);
        Finder { search: built.map_or(Search::Impossible, Search::For), kinds }
    }
}

/// Finds secrets in every encoding.
#[derive(Debug)]
pub struct Finder {
    search: Search,
    kinds: Vec<Kind>,
}

#[derive(Debug)]
enum Search {
    Nothing,
    For(AhoCorasick),
    /// There are too many: nothing may be published.
    Impossible,
}

impl Finder {
    /// The text without them, and how many there were.
    #[must_use]
    pub fn hidden<'a>(&self, text: &'a [u8]) -> (Cow<'a, [u8]>, u64) {
        let Search::For(search) = &self.search else { return (text.into(), 0) };
        let mut out = Vec::new();
        let (mut count, mut done) = (0, 0);
        for found in search.find_iter(text) {
            let (start, end) = self.extent(text, found.pattern().as_usize(), found.start()..found.end());
            if end <= done {
                continue;
            }
            if start > done || count == 0 {
                out.extend_from_slice(&text[done..start.max(done)]);
                out.extend_from_slice(REDACTED.as_bytes());
                count += 1;
            }
            done = end;
        }
        if count == 0 {
            return (text.into(), 0);
        }
        out.extend_from_slice(&text[done..]);
        (out.into(), count)
    }

    /// What is hidden: of base64 all.
    fn extent(&self, text: &[u8], pattern: usize, found: std::ops::Range<usize>) -> (usize, usize) {
        if self.kinds.get(pattern) != Some(&Kind::InBase64) {
            return (found.start, found.end);
        }
        let is_part = |octet: &u8| octet.is_ascii_alphanumeric() || b"+/-_".contains(octet);
        let before = text[..found.start].iter().rev().take_while(|octet| is_part(octet)).count();
        let after = text[found.end..].iter().take_while(|octet| is_part(octet) || **octet == b'=').count();
        (found.start - before, found.end + after)
    }

    /// Where the first one is.
    #[must_use]
    pub fn find(&self, text: &[u8]) -> Option<usize> {
        match &self.search {
            Search::Nothing => None,
            Search::For(search) => search.find(text).map(|found| found.start()),
            Search::Impossible => Some(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
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
        assert_eq!(hidden(&secrets, &format!("Basic {pair}=")), "Basic (redacted)");
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
