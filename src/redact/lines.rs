//! Lines of a log one after the other: a private key may go over many of them.

use std::borrow::Cow;

use super::{Counts, REDACTED, Rule, Secrets, text};

/// No key has more lines.
const LONGEST_KEY: u32 = 200;

/// Hides the secrets in lines.
#[derive(Debug, Default)]
pub struct Lines {
    /// How many lines of a private key may still come.
    key: u32,
    /// What was replaced.
    pub counts: Counts,
}

impl Lines {
    /// A line without its secrets, which are remembered.
    pub fn clean<'a>(&mut self, line: &'a str, secrets: &mut Secrets) -> Cow<'a, str> {
        if self.key > 0 {
            return self.of_a_key(line, secrets);
        }
        let found = text::found(line);
        if !found.is_empty() {
            secrets.learn_found(&found);
            self.counts += &found.counts();
        }
        self.key = if text::begins_a_key(line) { LONGEST_KEY } else { 0 };
        found.clean
    }

    fn of_a_key<'a>(&mut self, line: &'a str, secrets: &mut Secrets) -> Cow<'a, str> {
        let is_last = line.contains("-----END");
        self.key = if is_last { 0 } else { self.key - 1 };
        for word in line.split_whitespace().filter(|word| !word.starts_with('-')) {
            secrets.learn(word);
        }
        self.counts.add(Rule::PrivateKey, 1);
        let end = if line.ends_with('\n') { "\n" } else { "" };
        Cow::Owned(format!("{REDACTED}{end}"))
    }
}
