//! What a document shows to be secret, searched for in the rest of it: values, and options of DHCP that hold some.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::AhoCorasick;

/// Values in one search, which are no parts of words, and codes of options.
#[derive(Debug, Default, Clone)]
pub(super) struct Known {
    search: Option<AhoCorasick>,
    options: BTreeSet<u64>,
}

impl Known {
    pub(super) fn new(values: &[String], options: BTreeSet<u64>) -> Self {
        let search = if values.is_empty() { None } else { AhoCorasick::new(values).ok() };
        Self { search, options }
    }

    /// The same, and these options.
    pub(super) fn with_options(&self, options: &BTreeSet<u64>) -> Self {
        let mut both = self.clone();
        both.options.extend(options);
        both
    }

    pub(super) fn is_empty(&self) -> bool {
        self.search.is_none()
    }

    /// Whether an option is one that the document defines for a secret.
    pub(super) fn has_option(&self, code: u64) -> bool {
        self.options.contains(&code)
    }

    pub(super) fn has_options(&self, codes: &BTreeSet<u64>) -> bool {
        codes.is_subset(&self.options)
    }

    /// Where they are in a text.
    pub(super) fn find(&self, text: &str, parts: &mut Vec<Range<usize>>) {
        let is_bound = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        for hit in self.search.iter().flat_map(|search| search.find_overlapping_iter(text)) {
            if is_bound(text[..hit.start()].chars().next_back()) && is_bound(text[hit.end()..].chars().next()) {
                parts.push(hit.range());
            }
        }
    }
}
