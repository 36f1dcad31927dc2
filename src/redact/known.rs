//! Values that a document shows to be secret, searched for in the rest of it.

use std::ops::Range;

use aho_corasick::AhoCorasick;

/// Values in one search; they are no parts of words.
#[derive(Debug, Default)]
pub(super) struct Known(Option<AhoCorasick>);

impl Known {
    pub(super) fn new(values: &[String]) -> Self {
        Self(if values.is_empty() { None } else { AhoCorasick::new(values).ok() })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Where they are in a text.
    pub(super) fn find(&self, text: &str, parts: &mut Vec<Range<usize>>) {
        let is_bound = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        for hit in self.0.iter().flat_map(|search| search.find_overlapping_iter(text)) {
            if is_bound(text[..hit.start()].chars().next_back()) && is_bound(text[hit.end()..].chars().next()) {
                parts.push(hit.range());
            }
        }
    }
}
