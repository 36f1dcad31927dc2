//! Secrets of texts that belong together: what one of them shows to be a secret is hidden in all, in every encoding.
//!
//! First all texts are learned from, then each is hidden, and what is to be published is searched once more. A value that
//! is short, or that is the name of a user, database or host, would be found in ordinary words: it is hidden at its name
//! only.

use std::collections::BTreeSet;

use serde_json::Value;

use super::finder::{Finder, SHORTEST};
use super::text::{self, Found};
use super::{REDACTED, Rule, document, options, ordinary, shapes};

/// What is before the token in a header.
const SCHEMES: [&str; 6] = ["basic", "bearer", "digest", "token", "negotiate", "apikey"];

/// What is known to be secret.
#[derive(Debug, Default)]
pub struct Secrets {
    values: BTreeSet<String>,
    /// Names that stay, whatever else has the same value.
    names: BTreeSet<String>,
    /// How many values are hidden at their names only.
    short: BTreeSet<String>,
    /// Codes of options of DHCP that hold secrets.
    options: BTreeSet<u64>,
}

impl Secrets {
    /// A value that is a secret; of one with several lines each line is.
    pub fn learn(&mut self, value: &str) {
        self.learn_lines(value);
        // Octets in hex, and the texts in an expression of Kea.
        if value.starts_with("0x") || value.contains(':') {
            self.learn_lines(&shapes::decoded(value.trim()).unwrap_or_default());
        }
        if value.contains('(') {
            value
                .split('\'')
                .skip(1)
                .step_by(2)
                .filter(|part| part.len() >= SHORTEST)
                .for_each(|it| self.learn_lines(it));
        }
    }

    fn learn_lines(&mut self, value: &str) {
        let inner = value.trim().trim_matches(['"', '\'']);
        // `A"b"c` of a shell.
        let unquoted = if inner.contains(['"', '\'']) { inner.replace(['"', '\''], "") } else { String::new() };
        let lines = value.lines().chain([inner, &unquoted]).map(str::trim);
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with("-----")) {
            self.learn_whole(line);
        }
    }

    /// A value that is a secret as it is, whatever it begins with.
    pub fn learn_whole(&mut self, value: &str) {
        // What we put in place of secrets cannot be one, nor what is around it.
        if value.contains(REDACTED) {
            return;
        }
        if value.len() < SHORTEST || REDACTED.contains(value) || ordinary::is_ordinary(value) {
            self.short.insert(value.to_owned());
        } else {
            self.values.insert(value.to_owned());
        }
    }

    /// The value of a variable of the environment that may hold anything, and each word of it that looks like a secret; a
    /// file or domain is none.
    pub fn learn_variable(&mut self, name: &str, value: &str) {
        let value = value.trim();
        self.learn_text(&format!("{name}={value}"));
        if is_usual_of_variable(value) {
            return;
        }
        self.learn(value);
        let words = value.split(|c: char| c.is_whitespace() || ";,:/=@&?\"'".contains(c));
        words.filter(|word| shapes::is_random(word)).for_each(|word| self.learn(word));
    }

    /// What others know too.
    pub fn merge(&mut self, other: Self) {
        self.values.extend(other.values);
        self.names.extend(other.names);
        self.short.extend(other.short);
        self.options.extend(other.options);
    }

    /// A name that is shown also where a secret is the same.
    pub fn keep(&mut self, name: &str) {
        self.names.insert(name.trim().to_owned());
    }

    /// What a document shows to be secret, and the names of users, databases and hosts in it.
    pub fn learn_json(&mut self, value: &Value) {
        for secret in document::values_in(value) {
            self.learn(&secret);
            self.learn_fields(&secret);
        }
        self.learn_strings(value);
        self.options.extend(options::defined_in(value));
        self.names.extend(document::kept_in(value));
    }

    /// What a text shows to be secret.
    pub fn learn_text(&mut self, text: &str) {
        self.learn_found(&text::found(text));
    }

    pub(super) fn learn_found(&mut self, found: &Found<'_>) {
        self.options.extend(found.options());
        for (rule, secret) in found.secrets() {
            if rule == Rule::PrivateKey {
                // Its first line is that of every key.
                let words = secret.split_whitespace().flat_map(|word| word.split("\\n"));
                words.filter(|word| text::pem::is_key_body(word)).for_each(|word| self.learn(word));
                continue;
            }
            if rule == Rule::Variable && is_usual_of_variable(secret) {
                continue;
            }
            // A word of a sentence may be no secret, and would be hidden wherever it is.
            if rule != Rule::Sentence || !is_prose(secret) {
                self.learn(secret);
            }
            if rule == Rule::Name {
                self.learn_fields(secret);
            }
            self.learn_parts(secret);
            if rule == Rule::Shape {
                self.learn_text_in(secret);
            }
        }
    }

    /// Each `session=…` of cookies, `response="…"` of a header, `name:…` of a credential, and the token after `Bearer`.
    fn learn_parts(&mut self, secret: &str) {
        let is_random = |text: &str| text.chars().any(|c| c.is_ascii_digit()) && !text.contains(char::is_whitespace);
        for part in secret.split([';', ',', ' ']) {
            let inner = part.split_once(['=', ':']).map_or("", |(_, inner)| inner).trim_matches(['"', '\'']);
            if is_random(inner) {
                self.learn(inner);
            }
        }
        let (scheme, token) = secret.split_once(' ').unwrap_or_default();
        if SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()) && is_random(token) {
            self.learn(token);
        }
    }

    /// Each field of a value of several, as options of DHCP have them: `1, hunter22, x`.
    fn learn_fields(&mut self, secret: &str) {
        let fields = secret.split(',').map(str::trim).filter(|field| field.len() < secret.len());
        fields.filter(|field| shapes::is_random(field) || field.contains('-')).for_each(|field| self.learn(field));
    }

    /// What is in base64 or hex.
    fn learn_text_in(&mut self, word: &str) {
        let Some(text) = shapes::decoded(word) else { return };
        match text.split_once(':') {
            Some((_, password)) if shapes::is_login(word) => self.learn(password),
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
        Finder::new(self.values.difference(&self.names)).with_options(self.options.clone())
    }
}

/// Whether the value of a variable is a file, domain or address, which is no secret elsewhere.
fn is_usual_of_variable(value: &str) -> bool {
    shapes::is_path(value) || shapes::is_domain(value) || value.contains("://")
}

/// Whether a value can be a part of a sentence that is about something else.
fn is_prose(value: &str) -> bool {
    let is_sign = |c: char| c.is_alphabetic() || c.is_whitespace() || ".,-/".contains(c);
    value.chars().all(is_sign) && (value.contains(char::is_whitespace) || ordinary::may_be_word(value))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    use serde_json::json;

    use super::*;

    fn hidden(secrets: &Secrets, text: &str) -> String {
        String::from_utf8(secrets.finder().hidden(text.as_bytes()).text.into_owned()).unwrap()
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
    fn a_domain_is_searched_for_and_a_path_named_elsewhere_is_not() {
        let mut secrets = Secrets::default();
        secrets.learn_json(&json!({ "a": { "password": "blue.horse.staple", "secret": "/etc/kea/pw" },
            "key-file": "/etc/kea/pw", "comment": "blue.horse.staple" }));
        assert_eq!(hidden(&secrets, "blue.horse.staple /etc/kea/pw"), "(redacted) /etc/kea/pw");
    }

    #[test]
    fn short_values_and_names_are_not_searched_for() {
        let mut secrets = Secrets::default();
        secrets.learn_json(&json!({ "user": "postgres-admin", "password": "postgres-admin", "token": "1234567" }));
        assert_eq!((secrets.searched(), secrets.only_at_their_names()), (0, 2));
        assert_eq!(hidden(&secrets, "postgres-admin 1234567"), "postgres-admin 1234567");
    }
}
