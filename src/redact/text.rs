//! Secrets in text: in its JSON, after names, in addresses, headers, statements, elements, tables and command lines, and by
//! shape.
//!
//! A text is read as it is, and in each layer with its escapes decoded, so that every reader of a language meets it as it
//! was meant. What they find is replaced where it comes from.

use std::borrow::Cow;
use std::ops::Range;

use super::known::Known;
use super::view::{self, How};
use super::{Counts, REDACTED, Rule, quick};

mod address;
mod answer;
mod assignment;
pub(super) mod columns;
pub(super) mod command;
mod header;
mod markup;
pub(super) mod option;
mod pair;
mod parse_error;
pub(super) mod pem;
mod remark;
mod scan;
mod sentence;
mod sql;
mod unit;
mod value;
mod variable;
mod words;

/// Places in a text.
type Parts = Vec<Range<usize>>;

/// How many times text in text is looked into.
const DEEPEST: u8 = 3;

/// A part of a text that is a secret.
struct Part {
    rule: Rule,
    place: Range<usize>,
    /// As it is without escapes.
    secret: String,
}

/// The same without its secrets, and without those that are known.
pub(super) fn without_secrets<'a>(text: &'a str, known: &Known) -> Cow<'a, str> {
    cleaned(text, known, DEEPEST)
}

/// A text without its secrets, and what they are.
pub(super) struct Found<'a> {
    /// The text without them.
    pub(super) clean: Cow<'a, str>,
    /// The secrets of its JSON, with the rules that found them.
    members: scan::Found,
    /// Those of the rest.
    parts: Vec<Part>,
}

impl Found<'_> {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty() && self.parts.is_empty()
    }

    /// The values with the rules that found them; of a private key each line.
    pub(super) fn secrets(&self) -> impl Iterator<Item = (Rule, &str)> {
        let members = self.members.secrets.iter().map(|(rule, secret)| (*rule, secret.as_str()));
        members.chain(self.parts.iter().map(|part| (part.rule, part.secret.as_str())))
    }

    /// The codes of options that the text gives names of secrets.
    pub(super) fn options(&self) -> impl Iterator<Item = u64> {
        self.members.options.iter().copied()
    }

    /// How often each rule has replaced something.
    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.members.cuts.iter().for_each(|cut| counts.add(cut.rule, 1));
        for (rule, _) in apart(&self.parts) {
            counts.add(rule, 1);
        }
        counts
    }
}

/// The text without its secrets, and the secrets.
pub(super) fn found(text: &str) -> Found<'_> {
    found_with(text, &Known::default())
}

fn found_with<'a>(text: &'a str, known: &Known) -> Found<'a> {
    if text.len() < 4 || !quick::may_hide(text) {
        return Found { clean: Cow::Borrowed(text), members: scan::Found::default(), parts: Vec::new() };
    }
    let mut members = scanned(text, known);
    let comments = members.cuts.iter().filter_map(|cut| comment_after(text, cut.place.end));
    let values = comments.flat_map(|comment| remark::values(&text[comment]));
    members.secrets.extend(values.map(|value| (Rule::Sentence, value)));
    let clean = documents(text, &members.cuts);
    let parts = parts_of(&clean, known, DEEPEST);
    let clean = if parts.is_empty() { clean } else { Cow::Owned(cut(&clean, &parts)) };
    Found { clean, members, parts }
}

/// The secrets in a text that another text holds, with the rules that find them.
pub(super) fn secrets_in(text: &str, known: &Known) -> Vec<(Rule, String)> {
    found_with(text, known).secrets().map(|(rule, secret)| (rule, secret.to_owned())).collect()
}

/// The same as [`without_secrets`] without the quick look before: for a test that compares.
#[cfg(test)]
pub(super) fn unfiltered(text: &str) -> String {
    if text.len() < 4 {
        return text.to_owned();
    }
    let known = Known::default();
    let clean = documents(text, &scanned(text, &known).cuts);
    cut(&clean, &parts_of(&clean, &known, DEEPEST))
}

fn cleaned<'a>(text: &'a str, known: &Known, depth: u8) -> Cow<'a, str> {
    if text.len() < 4 || depth == 0 || known.is_empty() && !quick::may_hide(text) {
        return Cow::Borrowed(text);
    }
    let text = documents(text, &scanned(text, known).cuts);
    let parts = parts_of(&text, known, depth);
    if parts.is_empty() { text } else { Cow::Owned(cut(&text, &parts)) }
}

/// Where secrets are in a text, in each of its layers.
fn parts_of(text: &str, known: &Known, depth: u8) -> Vec<Part> {
    let part = |(rule, place): (Rule, Range<usize>)| Part { rule, secret: text[place.clone()].to_owned(), place };
    let mut parts: Vec<Part> = read(text, known, depth).into_iter().map(part).collect();
    view::each_layer(text.as_bytes(), How::default(), &mut |layer| {
        let plain = layer.text();
        for (rule, place) in read(&plain, known, depth) {
            parts.push(Part { rule, place: layer.source(&place), secret: plain[place].to_owned() });
        }
    });
    parts.retain(|part| !part.place.is_empty());
    parts
}

/// What the readers of all languages find in a text, and by which rule.
fn read(text: &str, known: &Known, depth: u8) -> Vec<(Rule, Range<usize>)> {
    let mut all = Vec::new();
    let mut add = |rule: Rule, find: &dyn Fn(&mut Parts)| {
        let mut places = Parts::new();
        find(&mut places);
        all.extend(places.into_iter().map(|place| (rule, place)));
    };
    add(Rule::PrivateKey, &|places| pem::find(text, places));
    add(Rule::Address, &|places| address::find(text, places));
    add(Rule::Address, &|places| parse_error::find(text, places));
    add(Rule::CommandLine, &|places| command::find(text, places));
    let found = assignment::find(text);
    add(Rule::Name, &|places| places.extend(found.named.iter().cloned()));
    add(Rule::Sentence, &|places| places.extend(found.said.iter().cloned()));
    add(Rule::Name, &|places| sql::find(text, places));
    add(Rule::Name, &|places| unit::find(text, places));
    add(Rule::Variable, &|places| variable::find(text, places));
    add(Rule::Name, &|places| markup::find(text, places));
    add(Rule::Name, &|places| columns::find(text, places));
    add(Rule::Name, &|places| option::find(text, known, places));
    let hides = |inner: &str| cleaned(inner, known, depth - 1) != inner;
    add(Rule::Shape, &|places| words::find(text, &hides, places));
    add(Rule::KnownValue, &|places| known.find(text, places));
    all
}

/// Parts in order; those that overlap are one, of the rule that begins first.
fn apart(parts: &[Part]) -> Vec<(Rule, Range<usize>)> {
    let mut sorted: Vec<(Rule, Range<usize>)> = parts.iter().map(|part| (part.rule, part.place.clone())).collect();
    sorted.sort_by_key(|(_, place)| (place.start, std::cmp::Reverse(place.end)));
    sorted.dedup_by(|(_, next), (_, place)| {
        let is_one = next.start < place.end;
        if is_one {
            place.end = place.end.max(next.end);
        }
        is_one
    });
    sorted
}

/// The text with parts of it replaced.
fn cut(text: &str, parts: &[Part]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for (_, place) in apart(parts) {
        out.push_str(&text[end..place.start]);
        out.push_str(REDACTED);
        end = place.end;
    }
    out.push_str(&text[end..]);
    out
}

/// The text with values of its JSON replaced; all else stays as it is written.
fn documents<'a>(text: &'a str, cuts: &[scan::Cut]) -> Cow<'a, str> {
    if cuts.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut cuts: Vec<&scan::Cut> = cuts.iter().collect();
    cuts.sort_by_key(|cut| (cut.place.start, std::cmp::Reverse(cut.place.end)));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for cut in cuts {
        if cut.place.start >= done {
            out.push_str(&text[done..cut.place.start]);
            out.push_str(&cut.clean);
            done = cut.place.end;
            if let Some(comment) = comment_after(text, done) {
                out.push_str(&text[done..comment.start]);
                out.push_str(REDACTED);
                done = comment.end;
            }
        }
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// A comment on the same line after a value that is hidden: there people leave the value that was before.
fn comment_after(text: &str, end: usize) -> Option<Range<usize>> {
    let rest = &text[end..];
    let comment = rest.trim_start_matches([' ', '\t', ',', '}', ']']);
    let mark = ["//", "/*", "#"].into_iter().find(|mark| comment.starts_with(mark))?;
    let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
    let comment = &line[rest.len() - comment.len()..];
    let start = end + line.len() - comment.len() + mark.len();
    let length = text.len().min(end + line.trim_end().len()).checked_sub(start)?;
    let inner = &text[start..start + length];
    let length = if mark == "/*" { inner.find("*/").unwrap_or(length) } else { length };
    (length > 0).then(|| start..start + length)
}

/// What the maps and lists of JSON in a text hide.
fn scanned(text: &str, known: &Known) -> scan::Found {
    let found = scanned_once(text, known);
    if known.has_options(&found.options) {
        return found;
    }
    // An option may come before its definition.
    scanned_once(text, &known.with_options(&found.options))
}

fn scanned_once(text: &str, known: &Known) -> scan::Found {
    let mut found = scan::Found::default();
    let mut end = 0;
    while let Some(start) = memchr::memchr2(b'{', b'[', &text.as_bytes()[end..]).map(|start| end + start) {
        // Brackets have other uses.
        let is_list = || text[start + 1..].trim_start().starts_with('"');
        let is_json = text.as_bytes()[start] == b'{' || is_list();
        end = if is_json { scan::scan(text, start, known, &mut found) } else { start + 1 };
    }
    found
}
