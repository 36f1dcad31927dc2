//! Lines of a log one after the other: a private key may go over many of them.

use std::borrow::Cow;

use super::{Counts, REDACTED, Rule, Secrets, quick, text};

/// No key has more lines.
const LONGEST_KEY: u32 = 200;

/// Hides the secrets in lines.
#[derive(Debug, Default)]
pub struct Lines {
    /// How many lines of a private key may still come.
    key: u32,
    /// The line before, if a value may follow it.
    open: String,
    /// What was replaced.
    pub counts: Counts,
}

impl Lines {
    /// A line without its secrets, which are remembered.
    pub fn clean<'a>(&mut self, line: &'a str, secrets: &mut Secrets) -> Cow<'a, str> {
        if let Some(start) = self.key_in(line) {
            return self.of_a_key(line, start, secrets);
        }
        self.key = 0;
        if !self.open.is_empty() {
            return Cow::Owned(self.after_open(line, secrets));
        }
        if !quick::may_hide(line) {
            return Cow::Borrowed(line);
        }
        if goes_on(line) {
            line.clone_into(&mut self.open);
        }
        let found = text::found(line);
        if !found.is_empty() {
            secrets.learn_found(&found);
            self.counts += &found.counts();
        }
        self.key = if text::pem::begins_a_key(line) { LONGEST_KEY } else { 0 };
        found.clean
    }

    /// A line together with the one before, whose value may be in it.
    fn after_open(&mut self, line: &str, secrets: &mut Secrets) -> String {
        let both = std::mem::take(&mut self.open) + line;
        if goes_on(line) {
            line.clone_into(&mut self.open);
        }
        let found = text::found(&both);
        secrets.learn_found(&found);
        self.counts += &found.counts();
        let end = if line.ends_with('\n') { "\n" } else { "" };
        // Both may be one secret.
        found.clean.split_once('\n').map_or_else(|| format!("{REDACTED}{end}"), |(_, clean)| clean.to_owned())
    }

    /// Where in a line a part of a private key begins that began before it.
    fn key_in(&self, line: &str) -> Option<usize> {
        let mut text = line.trim_end();
        while let Some(before) = text.strip_suffix("\\n") {
            text = before;
        }
        let word = text.rsplit(char::is_whitespace).next().unwrap_or_default();
        let start = text.len() - word.len();
        if self.key == 0 {
            // A log may begin in the middle of a key.
            return text::pem::is_key_line(word).then_some(start);
        }
        let end = text.find("-----END");
        let is_head = text.is_empty() || text.contains("Proc-Type:") || text.contains("DEK-Info:");
        end.or_else(|| {
            (is_head || text::pem::is_key_body(word) || start == 0 && text::pem::is_short_body(word)).then_some(start)
        })
    }

    /// A line with a part of a key from here on.
    fn of_a_key<'a>(&mut self, line: &'a str, start: usize, secrets: &mut Secrets) -> Cow<'a, str> {
        let is_last = line.contains("-----END");
        self.key = if is_last { 0 } else { self.key.max(1) - 1 };
        let (before, key) = line.split_at(start);
        for word in key.split_whitespace().filter(|word| text::pem::is_key_body(word)) {
            secrets.learn(word);
        }
        self.counts.add(Rule::PrivateKey, 1);
        let end = if line.ends_with('\n') { "\n" } else { "" };
        let before = text::found(before).clean;
        Cow::Owned(format!("{before}{REDACTED}{end}"))
    }
}

/// Whether the value of what a line ends with may be in the next one.
fn goes_on(line: &str) -> bool {
    const LONGEST: usize = 4096;
    let line = line.trim_end();
    line.len() < LONGEST && line.ends_with([':', '=', '|', '>', '\\']) && quick::may_hide(line)
}
