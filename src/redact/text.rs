//! Secrets in text: values after certain words, in URLs, and with the shape of a secret.

use std::borrow::Cow;
use std::ops::Range;

use super::{Counts, REDACTED, Rule, quick, shapes};

mod address;
mod assignment;
mod option;
mod scan;

/// Parts of a text, by octets.
type Parts = Vec<Range<usize>>;

/// How many times text in text is looked into.
const DEEPEST: u8 = 3;

/// The same without its secrets, and without those in `known`.
pub(super) fn without_secrets<'a>(text: &'a str, known: &[String]) -> Cow<'a, str> {
    cleaned(text, known, DEEPEST)
}

/// A text without its secrets, and what they are.
pub(super) struct Found<'a> {
    /// The text without them.
    pub(super) clean: Cow<'a, str>,
    /// The secrets of its JSON, with the rules that found them.
    pub(super) members: scan::Found,
    /// Those of the rest.
    parts: Vec<(Rule, String)>,
}

impl Found<'_> {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.members.cuts.is_empty() && self.members.secrets.is_empty() && self.parts.is_empty()
    }

    /// The values with the rules that found them; of a private key each line.
    pub(super) fn secrets(&self) -> impl Iterator<Item = (Rule, &str)> {
        let members = self.members.secrets.iter().map(|(rule, secret)| (*rule, secret.as_str()));
        members.chain(self.parts.iter().map(|(rule, secret)| (*rule, secret.as_str())))
    }

    /// How often each rule has replaced something.
    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.members.cuts.iter().for_each(|cut| counts.add(cut.rule, 1));
        self.parts.iter().for_each(|(rule, _)| counts.add(*rule, 1));
        counts
    }
}

/// The text without its secrets, and the secrets.
pub(super) fn found(text: &str) -> Found<'_> {
    if text.len() < 4 || !quick::may_hide(text) {
        return Found { clean: Cow::Borrowed(text), members: scan::Found::default(), parts: Vec::new() };
    }
    let members = scanned(text, &[]);
    let clean = documents(text, &members.cuts);
    let parts = parts_of(&clean, &[], DEEPEST);
    let secrets = parts.iter().map(|(rule, part)| (*rule, clean[part.clone()].to_owned())).collect();
    let clean = if parts.is_empty() { clean } else { Cow::Owned(cut(&clean, parts)) };
    Found { clean, members, parts: secrets }
}

/// The secrets in a text that another text holds, with the rules that find them.
pub(super) fn secrets_in(text: &str) -> Vec<(Rule, String)> {
    found(text).secrets().map(|(rule, secret)| (rule, secret.to_owned())).collect()
}

/// The same as [`without_secrets`] without the quick look before: for a test that compares.
#[cfg(test)]
pub(super) fn unfiltered(text: &str) -> String {
    if text.len() < 4 {
        return text.to_owned();
    }
    let clean = documents(text, &scanned(text, &[]).cuts);
    let parts = parts_of(&clean, &[], DEEPEST);
    cut(&clean, parts)
}

fn cleaned<'a>(text: &'a str, known: &[String], depth: u8) -> Cow<'a, str> {
    if text.len() < 4 || depth == 0 || known.is_empty() && !quick::may_hide(text) {
        return Cow::Borrowed(text);
    }
    let text = documents(text, &scanned(text, known).cuts);
    let parts = parts_of(&text, known, depth);
    if parts.is_empty() { text } else { Cow::Owned(cut(&text, parts)) }
}

/// Where secrets are in a text, and by which rule.
fn parts_of(text: &str, known: &[String], depth: u8) -> Vec<(Rule, Range<usize>)> {
    let mut all = Vec::new();
    let mut add = |rule: Rule, parts: Parts| all.extend(parts.into_iter().map(|part| (rule, part)));
    let [mut keys, mut addresses, mut named, mut said, mut options, mut shaped, mut others] =
        std::array::from_fn(|_| Parts::new());
    pem(text, &mut keys);
    address::find(text, &mut addresses);
    assignment::find(text, &mut named, &mut said);
    option::find(text, &mut options);
    words(text, known, depth, &mut shaped);
    for secret in known {
        occurrences(text, secret, &mut others);
    }
    add(Rule::PrivateKey, keys);
    add(Rule::Address, addresses);
    add(Rule::CommandLine, options);
    add(Rule::Name, named);
    add(Rule::Sentence, said);
    add(Rule::Shape, shaped);
    add(Rule::KnownValue, others);
    all
}

/// Whether a private key begins in a text that does not end in it.
pub(super) fn begins_a_key(text: &str) -> bool {
    let mut parts = Parts::new();
    pem(text, &mut parts);
    let last = parts.last();
    last.is_some_and(|part| !text[part.clone()].contains("-----END") && text[part.end..].trim().is_empty())
}

/// The text with what is at `parts` replaced.
fn cut(text: &str, mut parts: Vec<(Rule, Range<usize>)>) -> String {
    parts.sort_by_key(|(_, part)| (part.start, std::cmp::Reverse(part.end)));
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for (_, part) in parts {
        if part.start >= end {
            out.push_str(&text[end..part.start]);
            out.push_str(REDACTED);
        }
        end = end.max(part.end);
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
    let line = &text[end..];
    let line = &line[..line.find('\n').unwrap_or(line.len())];
    let comment = line.trim_start_matches([' ', '\t', ',', '}', ']']);
    let mark = ["//", "/*", "#"].into_iter().find(|mark| comment.starts_with(mark))?;
    let start = end + line.len() - comment.len() + mark.len();
    let length = text.len().min(end + line.trim_end().len()).checked_sub(start)?;
    let inner = &text[start..start + length];
    let length = if mark == "/*" { inner.find("*/").unwrap_or(length) } else { length };
    (length > 0).then(|| start..start + length)
}

/// What the maps of JSON in a text hide.
fn scanned(text: &str, known: &[String]) -> scan::Found {
    let mut found = scan::Found::default();
    let mut end = 0;
    while let Some(start) = memchr::memchr(b'{', &text.as_bytes()[end..]) {
        end = scan::scan(text, end + start, known, &mut found);
    }
    found
}

const BEGIN: &str = "-----BEGIN ";

/// Private keys between `-----BEGIN` and `-----END`; certificates are public.
fn pem(text: &str, parts: &mut Parts) {
    const OPEN: [&str; 4] = ["CERTIFICATE", "PUBLIC KEY", "X509 CRL", "DH PARAMETERS"];
    for (at, _) in text.match_indices(BEGIN) {
        let rest = &text[at..];
        let label = rest[BEGIN.len()..].split("-----").next().unwrap_or_default();
        if OPEN.iter().any(|open| label.contains(open)) {
            continue;
        }
        let closing = format!("-----END {label}-----");
        let length = rest.find(&closing).map_or_else(|| open_key(rest, label), |end| end + closing.len());
        parts.push(at..at + length);
    }
}

/// How long a key without an end is: what follows its beginning and can be a part of it.
fn open_key(rest: &str, label: &str) -> usize {
    const ESCAPED: &str = "\\n";
    let mut end = (BEGIN.len() + label.len() + 5).min(rest.len());
    loop {
        let is_escaped = rest[end..].starts_with(ESCAPED);
        let start = if is_escaped { end + ESCAPED.len() } else { rest.len() - rest[end..].trim_start().len() };
        let length = rest[start..].find(|c: char| !is_base64(c)).unwrap_or(rest.len() - start);
        if !(is_escaped && length > 0 || is_key_body(&rest[start..start + length])) {
            return end;
        }
        end = start + length;
    }
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')
}

/// Whether a word can be a line of a private key; its last line may be shorter than the others.
pub(super) fn is_key_body(word: &str) -> bool {
    word.chars().all(is_base64) && (word.len() >= 16 || word.len() >= 4 && word.ends_with('='))
}

/// Whether a line of its own can be the last one of a private key.
pub(super) fn is_short_body(word: &str) -> bool {
    word.len() >= 4 && word.len().is_multiple_of(4) && word.chars().all(is_base64)
}

/// Whether a word is a line of a key as PEM has it, whose beginning may be elsewhere.
pub(super) fn is_key_line(word: &str) -> bool {
    let has = |is: fn(char) -> bool| word.chars().any(is);
    let is_mixed = has(|c| c.is_ascii_digit()) && has(|c| c.is_ascii_lowercase()) && has(|c| c.is_ascii_uppercase());
    word.len() == 64 && word.chars().all(is_base64) && is_mixed && !word.chars().all(|c| c.is_ascii_hexdigit())
}

/// Words that are secrets by themselves, or hide text with secrets in base64 or hex.
fn words(text: &str, known: &[String], depth: u8, parts: &mut Parts) {
    let mut before = "";
    for word in split(text) {
        let what = &text[word.clone()];
        let follows_scheme = ["Bearer", "Negotiate", "Token"].iter().any(|scheme| scheme.eq_ignore_ascii_case(before))
            && what.len() >= 8
            && (what.len() >= 20 || what.chars().any(|c| c.is_ascii_digit()));
        let is_basic = before.eq_ignore_ascii_case("basic") && shapes::is_login(what);
        let is_login = what.len() >= 12 && shapes::is_login(what);
        if follows_scheme || is_basic || is_login || shapes::is_token(what) || hides_secrets(what, known, depth) {
            parts.push(word);
        }
        before = what;
    }
}

/// Whether a word is base64 or hex of a text with secrets.
fn hides_secrets(word: &str, known: &[String], depth: u8) -> bool {
    shapes::decoded(word).is_some_and(|text| cleaned(&text, known, depth - 1) != text)
}

/// The words of a text; what may be in base64, hex or a token is part of a word.
fn split(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_end = |c: char| c.is_whitespace() || "\"'`,;()[]{}<>|&?\\".contains(c);
    let mut at = 0;
    text.split(is_end).filter_map(move |word| {
        let start = at;
        at += word.len() + text[at + word.len()..].chars().next().map_or(0, char::len_utf8);
        // `name=value`, but not the padding of base64.
        let skip =
            word.find('=').filter(|equal| !word[*equal..].trim_start_matches('=').is_empty()).map_or(0, |it| it + 1);
        (word.len() > skip).then(|| start + skip..start + word.len())
    })
}

/// Where `secret` is in the text, not as a part of a word.
fn occurrences(text: &str, secret: &str, parts: &mut Parts) {
    for (at, _) in text.match_indices(secret) {
        let end = at + secret.len();
        let is_bound = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        if is_bound(text[..at].chars().next_back()) && is_bound(text[end..].chars().next()) {
            parts.push(at..end);
        }
    }
}
