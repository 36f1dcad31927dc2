//! Searches for what names of secrets, and other secrets, are known by: a text without any of it has no secret.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Signs in one search, in either case. Those that are no ASCII are left out.
pub(super) struct Signs {
    /// `None` if they cannot be searched for: any text may have one.
    search: Option<AhoCorasick>,
    /// How many of them count wherever they are; the others only as a word of a name, which may be a plural.
    anywhere: usize,
}

impl Signs {
    pub(super) fn new<'a>(anywhere: impl Iterator<Item = &'a str>, words: impl Iterator<Item = &'a str>) -> Self {
        let mut all: Vec<&str> = anywhere.filter(|sign| sign.is_ascii()).collect();
        let anywhere = all.len();
        all.extend(words.filter(|sign| sign.is_ascii()));
        let kind = Some(AhoCorasickKind::DFA);
        Self { search: AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(all).ok(), anywhere }
    }

    /// Whether a text in ASCII has one of them.
    pub(super) fn are_in(&self, octets: &[u8]) -> bool {
        let Some(search) = &self.search else { return true };
        let mut found = search.find_overlapping_iter(octets);
        found.any(|sign| sign.pattern().as_usize() < self.anywhere || may_be_word(octets, &sign.range()))
    }
}

/// Whether what is at a place may be a word of a name, or its plural.
fn may_be_word(octets: &[u8], place: &Range<usize>) -> bool {
    let is_plural = || matches!(octets.get(place.end), Some(b's' | b'S')) && may_part(octets, place.end + 1);
    may_part(octets, place.start) && (may_part(octets, place.end) || is_plural())
}

/// Whether one word of a name may end and another begin there: not within small letters, nor within capitals.
fn may_part(octets: &[u8], at: usize) -> bool {
    let (Some(before), Some(next)) = (at.checked_sub(1).map(|at| octets[at]), octets.get(at)) else { return true };
    let is_lower = before.is_ascii_lowercase() && next.is_ascii_lowercase();
    let is_upper = before.is_ascii_uppercase()
        && next.is_ascii_uppercase()
        && octets.get(at + 1).is_none_or(|after| !after.is_ascii_lowercase());
    !is_lower && !is_upper
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_found_anywhere_or_as_a_word() {
        let signs = Signs::new(["passw"].into_iter(), ["pin", "auth"].into_iter());
        for text in ["myPASSWord", "pin", "door-PIN", "myPin", "pins=", "PINs", "x.auth/1", "Auth2", "XPinY"] {
            assert!(signs.are_in(text.as_bytes()), "{text}");
        }
        for text in ["pass", "mapping", "PINNED", "spin", "authorized", "AUTHENTICATED", "pinsel"] {
            assert!(!signs.are_in(text.as_bytes()), "{text}");
        }
    }
}
