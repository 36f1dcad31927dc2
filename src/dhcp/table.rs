//! Option spaces: which codes there are, what they are called, what form their values have.
//!
//! One table serves reading, writing, JSON, `--help` and the manual page. Names are compared by their letters and
//! digits alone, in any case: `Router Option`, `router-option` and `routeroption` are one name.

use strsim::levenshtein;

use super::value::{ValueFormat, Width};

/// One option.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its code.
    pub code: u16,
    /// Its name as the RFC that defines it titles it.
    pub name: &'static str,
    /// Its name as one word, as in Kea's configuration where Kea has it.
    pub key: &'static str,
    /// Other names it is known by.
    pub aliases: &'static [&'static str],
    /// The form of its value.
    pub format: ValueFormat,
}

impl Entry {
    /// An option without further names.
    #[must_use]
    pub const fn new(code: u16, name: &'static str, key: &'static str, format: ValueFormat) -> Self {
        Self { code, name, key, aliases: &[], format }
    }

    /// The same with these other names.
    #[must_use]
    pub const fn also(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.name, self.key].into_iter().chain(self.aliases.iter().copied())
    }
}

/// The options that may stand in one place: those of DHCPv4, of DHCPv6, sub-options of one option.
#[derive(Debug)]
pub struct Space {
    /// What its members are: "options", "relay sub-options".
    pub what: &'static str,
    /// Octets of a code.
    pub code: Width,
    /// Octets of a length.
    pub length: Width,
    /// Whether 0 is padding and 255 an end, each one octet.
    pub has_pads: bool,
    /// The options, ordered by code. A function, for options may hold options of the same space.
    pub entries: fn() -> &'static [&'static [Entry]],
    /// The form of a value whose code is not in the table.
    pub unknown: ValueFormat,
    /// Forms with names that only this space has, for `CODE[FORMAT]`.
    pub formats: fn() -> &'static [NamedFormat],
}

/// A form with the names it has after `CODE[…]`.
pub type NamedFormat = (&'static [&'static str], ValueFormat);

impl Space {
    /// Every option in it.
    pub fn iter(&self) -> impl Iterator<Item = &'static Entry> + use<> {
        (self.entries)().iter().flat_map(|entries| entries.iter())
    }

    /// The option of this code.
    #[must_use]
    pub fn by_code(&self, code: u16) -> Option<&'static Entry> {
        self.iter().find(|entry| entry.code == code)
    }

    /// The option of this name: its RFC's, Kea's, or another it is known by.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&'static Entry> {
        let wanted = bare(name);
        self.iter().find(|entry| entry.names().any(|known| bare(known) == wanted))
    }

    /// The code that a number or a name means; else the reason, with the nearest name.
    pub fn code_of(&self, text: &str) -> Result<u16, String> {
        let text = text.trim();
        if !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit()) {
            let limit = if self.code == Width::One { u16::from(u8::MAX) } else { u16::MAX };
            let code = text.parse().ok().filter(|code| *code <= limit);
            return code.ok_or_else(|| format!("the code \"{text}\" is more than {limit}"));
        }
        if let Some(entry) = self.by_name(text) {
            return Ok(entry.code);
        }
        let nearest = self.nearest(text).map_or(String::new(), |entry| format!(", did you mean \"{}\"?", entry.key));
        Err(format!("none of the {} is called \"{text}\"{nearest}", self.what))
    }

    /// The option whose name is nearest to `name`, if one is near at all.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<&'static Entry> {
        let wanted = bare(name);
        let distance_of = |entry: &Entry| entry.names().map(|known| levenshtein(&bare(known), &wanted)).min();
        let near = self.iter().filter_map(|entry| Some((distance_of(entry)?, entry)));
        let limit = wanted.len().div_ceil(3);
        near.min_by_key(|(distance, _)| *distance).filter(|(distance, _)| *distance <= limit).map(|(_, entry)| entry)
    }

    /// An option that fits in any value of it: one nobody knows.
    #[must_use]
    pub fn example(&self) -> String {
        let code = (1..u16::from(u8::MAX)).rev().find(|code| self.by_code(*code).is_none()).unwrap_or(1);
        format!("{code}={}", self.format(code).nested_example())
    }

    /// The form of the option of this code.
    #[must_use]
    pub fn format(&self, code: u16) -> ValueFormat {
        self.by_code(code).map_or(self.unknown, |entry| entry.format)
    }
}

/// Letters, digits and + in lower case, without "option" at the end.
fn bare(name: &str) -> String {
    let mut bare: String = name.to_ascii_lowercase();
    bare.retain(|c| c.is_ascii_alphanumeric() || c == '+');
    if bare.len() > "option".len() && bare.ends_with("option") {
        bare.truncate(bare.len() - "option".len());
    }
    bare
}
