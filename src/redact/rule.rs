//! By which rule something is recognized as a secret.

use std::collections::BTreeMap;
use std::ops::AddAssign;

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// It follows the name of a secret: `"password": "…"`, `token=…`.
    Name,
    /// A sentence says it: `the psk is …`.
    Sentence,
    /// It is the value of a variable of Kea that may hold anything: `KEA_X=…`.
    Variable,
    /// It is in an address: `http://user:…@host/`.
    Address,
    /// It is an argument of a command: `mysql -p…`.
    CommandLine,
    /// It is a private key in PEM.
    PrivateKey,
    /// It looks like a token, or like secrets in base64 or hex.
    Shape,
    /// The same value is a secret elsewhere.
    KnownValue,
}

/// How often each rule has replaced something.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Counts(BTreeMap<Rule, u64>);

impl Counts {
    /// Counts replacements.
    pub fn add(&mut self, rule: Rule, count: u64) {
        if count > 0 {
            *self.0.entry(rule).or_default() += count;
        }
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Each rule that has replaced something, and how often.
    pub fn iter(&self) -> impl Iterator<Item = (Rule, u64)> {
        self.0.iter().map(|(rule, count)| (*rule, *count))
    }
}

impl AddAssign<&Self> for Counts {
    fn add_assign(&mut self, other: &Self) {
        other.iter().for_each(|(rule, count)| self.add(rule, count));
    }
}
