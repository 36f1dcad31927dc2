//! Finds known values in any text, however they are written.
//!
//! There is one search for all values. It looks at the text as it is, at each layer of it with its escapes decoded, at octets
//! in hex, and at base64 also over several lines; in base64 it knows what a value is wherever it begins. What is text in hex
//! or base64 is looked at in the same way. A value counts as found too if what is decoded of it is: then it does not matter
//! which of its characters were escaped, and how often.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, packed};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::text::option;
use super::view::{self, How};
use super::{REDACTED, ordinary, shapes};

mod blob;
pub(super) mod dump;
mod hex;
mod wrapped;

/// A value of fewer octets is not searched for.
pub(super) const SHORTEST: usize = 8;

/// Up to so many octets are searched for with a table that is fast and large.
const MOST_IN_TABLE: usize = 24_000;

/// How often a value with a backslash may have been quoted as JSON.
const LAYERS: usize = 3;

/// What is put in place of a value may make another one of what is around it.
const ROUNDS: usize = 4;

/// How many times text may be in hex or base64.
const DEEPEST: u8 = 3;

/// Finds secrets in every encoding.
#[derive(Debug)]
pub struct Finder {
    search: Search,
    kinds: Vec<SpellingKind>,
    how: How,
    /// The octets that the spellings have, and those of text, which may be an encoding.
    octets: Box<[bool; 256]>,
    /// Codes of options whose values are hidden in packets that Kea logs.
    options: BTreeSet<u64>,
}

/// A text without the values.
#[derive(Debug)]
pub struct Hidden<'a> {
    /// The text.
    pub text: Cow<'a, [u8]>,
    /// How many there were.
    pub count: u64,
    /// Whether the text was searched once more, and none was found.
    pub is_clean: bool,
}

#[derive(Debug)]
enum Search {
    Nothing,
    For(Spellings),
    /// There are too many: nothing may be published.
    Impossible,
}

/// Searches for all spellings.
#[derive(Debug)]
struct Spellings {
    /// Finds out whether there is one at a multiple of the speed, if they are few.
    quick: Option<packed::Searcher>,
    all: AhoCorasick,
}

impl Spellings {
    fn new(texts: &[Vec<u8>]) -> Result<Self, BuildError> {
        let is_small = texts.iter().map(Vec::len).sum::<usize>() <= MOST_IN_TABLE;
        let kind = if is_small { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        let all = AhoCorasick::builder().kind(Some(kind)).build(texts)?;
        Ok(Self { quick: packed::Searcher::new(texts), all })
    }

    fn are_in(&self, text: &[u8]) -> bool {
        self.quick.as_ref().map_or_else(|| self.all.is_match(text), |quick| quick.find(text).is_some())
    }
}

/// How a spelling is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum SpellingKind {
    /// It is there as a whole.
    Whole,
    /// It is there, and no part of a longer word or number.
    Word,
    /// It is in a run of base64 that may begin before it and end after it.
    InBase64,
}

impl Finder {
    /// The same, and the values of options with these codes.
    pub(super) fn with_options(self, options: BTreeSet<u64>) -> Self {
        Self { options, ..self }
    }

    /// Of these values.
    pub(super) fn new<'a>(values: impl Iterator<Item = &'a String> + Clone) -> Self {
        let any = |signs: &'static [char]| values.clone().any(|value| value.contains(signs));
        let how = How { plus: any(&[' ', '+']), doubled: any(&['"', '\'']) };
        let all: BTreeSet<(Vec<u8>, SpellingKind)> = values.flat_map(|value| spellings(value, how)).collect();
        let (texts, kinds): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        let mut octets = Box::new([false; 256]);
        let text = b' '..=b'~';
        texts.iter().flatten().copied().chain(text).for_each(|octet| octets[usize::from(octet)] = true);
        let search = if texts.is_empty() {
            Search::Nothing
        } else {
            Spellings::new(&texts).map_or(Search::Impossible, Search::For)
        };
        Self { search, kinds, how, octets, options: BTreeSet::new() }
    }

    /// The text without them.
    #[must_use]
    pub fn hidden<'a>(&self, text: &'a [u8]) -> Hidden<'a> {
        let mut hidden = Hidden { text: Cow::Borrowed(text), count: 0, is_clean: false };
        for _ in 0..ROUNDS {
            let places = self.places(&hidden.text);
            if places.is_empty() {
                hidden.is_clean = !matches!(self.search, Search::Impossible);
                break;
            }
            hidden.count += places.len() as u64;
            hidden.text = Cow::Owned(cut(&hidden.text, &places));
        }
        hidden
    }

    /// Where the first one is.
    #[must_use]
    pub fn find(&self, text: &[u8]) -> Option<usize> {
        if matches!(self.search, Search::Impossible) {
            return Some(0);
        }
        self.places(text).first().map(|place| place.start)
    }

    /// Where they are, in order and apart.
    fn places(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut found = self.within(text, DEEPEST);
        if !self.options.is_empty() {
            option::logged(text, &self.options, &mut found);
        }
        apart(found)
    }

    /// The same of a text that another text may be, so many times.
    fn within(&self, text: &[u8], depth: u8) -> Vec<Range<usize>> {
        let Search::For(search) = &self.search else { return Vec::new() };
        let mut found = Vec::new();
        let mut look = |text: &[u8], source: &dyn Fn(&Range<usize>) -> Range<usize>| {
            self.look(search, text, source, &mut found);
            self.look_into(text, depth, source, &mut found);
        };
        look(text, &|part| part.clone());
        wrapped::each_run(text, &mut |run| look(run.octets(), &|part| run.source(part)));
        view::each_layer(text, self.how, &mut |layer| {
            look(layer.octets(), &|part| layer.source(part));
            wrapped::each_run(layer.octets(), &mut |run| look(run.octets(), &|part| layer.source(&run.source(part))));
        });
        hex::each_run(text, SHORTEST, &self.octets, &mut |run| {
            let before = found.len();
            self.look(search, &run.octets, &|part| run.source(part), &mut found);
            if found.len() == before && depth > 0 {
                found.extend(self.within(&run.octets, depth - 1).iter().map(|part| run.source(part)));
            }
        });
        dump::each(text, &mut |dump| {
            let mut inner = Vec::new();
            self.look(search, &dump.octets, &Range::clone, &mut inner);
            found.extend(inner.iter().flat_map(|part| dump.places(part)));
        });
        apart(found)
    }

    /// Looks at what is text in base64.
    fn look_into(
        &self,
        text: &[u8],
        depth: u8,
        source: &dyn Fn(&Range<usize>) -> Range<usize>,
        found: &mut Vec<Range<usize>>,
    ) {
        blob::each_run(text, &mut |run| {
            let inner = shapes::text_in_base64(&text[run.clone()]).filter(|_| depth > 0);
            if inner.is_some_and(|inner| !self.within(inner.as_bytes(), depth - 1).is_empty()) {
                found.push(source(&run));
            }
        });
    }

    fn look(
        &self,
        search: &Spellings,
        text: &[u8],
        source: &dyn Fn(&Range<usize>) -> Range<usize>,
        found: &mut Vec<Range<usize>>,
    ) {
        // Most texts have none.
        if !search.are_in(text) {
            return;
        }
        for hit in search.all.find_overlapping_iter(text) {
            match self.kinds.get(hit.pattern().as_usize()) {
                Some(SpellingKind::Word) if !is_bound(text, &hit.range()) => {}
                Some(SpellingKind::InBase64) => found.push(source(&run_around(text, hit.range()))),
                _ => found.push(source(&hit.range())),
            }
        }
    }
}

/// The text with what is at these places replaced.
fn cut(text: &[u8], places: &[Range<usize>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut done = 0;
    for place in places {
        out.extend_from_slice(&text[done..place.start]);
        out.extend_from_slice(REDACTED.as_bytes());
        done = place.end;
    }
    out.extend_from_slice(&text[done..]);
    out
}

/// Places in order; those that overlap are one.
fn apart(mut places: Vec<Range<usize>>) -> Vec<Range<usize>> {
    places.sort_by_key(|place| place.start);
    places.dedup_by(|next, place| {
        let is_one = next.start < place.end;
        if is_one {
            place.end = place.end.max(next.end);
        }
        is_one
    });
    places
}

/// Whether what is at a place is no part of a longer word or number; `-p` may be before it.
fn is_bound(text: &[u8], place: &Range<usize>) -> bool {
    let is_digit = text[place.start].is_ascii_digit();
    let is_same = |octet: &u8| if is_digit { octet.is_ascii_digit() } else { octet.is_ascii_alphabetic() };
    let is_option = matches!(&text[..place.start], [.., b'-', option] if option.is_ascii_alphabetic());
    let before = text[..place.start].last().is_some_and(is_same);
    (!before || is_option) && !text.get(place.end).is_some_and(is_same)
}

/// The run of base64 that a place is in.
fn run_around(text: &[u8], found: Range<usize>) -> Range<usize> {
    let is_part = |octet: &u8| octet.is_ascii_alphanumeric() || b"+/-_".contains(octet);
    let before = text[..found.start].iter().rev().take_while(|octet| is_part(octet)).count();
    let after = text[found.end..].iter().take_while(|octet| is_part(octet) || **octet == b'=').count();
    found.start - before..found.end + after
}

/// What is searched for of a value.
fn spellings(value: &str, how: How) -> BTreeSet<(Vec<u8>, SpellingKind)> {
    let mut whole = vec![value.as_bytes().to_vec(), view::decoded(value.as_bytes(), how)];
    if !value.is_ascii() {
        // Each octet is taken for a character, as Kea does in JSON; and what is no UTF-8 is replaced.
        let octets: String = value.bytes().map(char::from).collect();
        whole.extend([view::decoded(octets.as_bytes(), how), octets.into_bytes()]);
        whole.push(value.replace(|c: char| !c.is_ascii(), "\u{fffd}").into_bytes());
        whole.extend(latin1(value));
    }
    if value.contains('\\') {
        // What is decoded of it depends on how often it was quoted.
        let quoted = |text: &String| Some(text.replace('\\', "\\\\").replace('"', "\\\""));
        let layers = std::iter::successors(quoted(&value.to_owned()), quoted).take(LAYERS);
        whole.extend(layers.map(String::into_bytes));
    }
    let is_word = value.bytes().all(|c| c.is_ascii_alphabetic()) || value.bytes().all(|c| c.is_ascii_digit());
    let kind = if is_word { SpellingKind::Word } else { SpellingKind::Whole };
    let octets = shapes::octets(value).filter(|octets| !is_ordinary(octets));
    let encoded = [Some(value.as_bytes().to_vec()), latin1(value), octets.clone()].map(|it| it.map(|it| base64(&it)));
    let whole = whole.into_iter().map(|text| (text, kind)).chain(octets.map(|octets| (octets, SpellingKind::Whole)));
    let encoded = encoded.into_iter().flatten().flatten().map(|text| (text.into_bytes(), SpellingKind::InBase64));
    whole.chain(encoded).filter(|(text, _)| text.len() >= SHORTEST && !is_ours(text)).collect()
}

/// Whether octets are a usual word or number, or too few different ones to be a secret.
fn is_ordinary(octets: &[u8]) -> bool {
    const FEWEST: usize = 5;
    let kinds: BTreeSet<&u8> = octets.iter().collect();
    kinds.len() < FEWEST || std::str::from_utf8(octets).is_ok_and(ordinary::is_ordinary)
}

/// The octets of a value in ISO 8859-1, where they are others.
fn latin1(value: &str) -> Option<Vec<u8>> {
    let octets = || value.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    if value.is_ascii() { None } else { octets() }
}

/// Whether a text is a part of what is put in place of a value, or has that in it.
fn is_ours(text: &[u8]) -> bool {
    let is_in = |text: &[u8], part: &[u8]| memchr::memmem::find(text, part).is_some();
    is_in(REDACTED.as_bytes(), text) || is_in(text, REDACTED.as_bytes())
}

/// What base64 has of a value wherever it begins in what was encoded, and whatever comes before and after it.
fn base64(octets: &[u8]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for before in 0..3 {
        let mut text = vec![0; before];
        text.extend_from_slice(octets);
        // A character that has bits of what comes before or after it may be any.
        let (first, end) = ((before * 8).div_ceil(6), text.len() * 8 / 6);
        for encoded in [STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
            all.extend(encoded.get(first..end).map(str::to_owned));
        }
    }
    all
}

#[cfg(test)]
mod tests;
