//! Secrets in text: values after certain words, in URLs, and with the shape of a secret.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;

use super::{REDACTED, document, shapes};

mod address;
mod assignment;
mod option;

/// Parts of a text, by octets.
type Parts = Vec<Range<usize>>;

/// How many times text in text is looked into.
const DEEPEST: u8 = 3;

/// How many beginnings of what is no JSON are tried in one text.
const MOST_FAILURES: usize = 64;

/// The same without its secrets, and without those in `known`.
pub(super) fn without_secrets<'a>(text: &'a str, known: &[String]) -> Cow<'a, str> {
    cleaned(text, known, DEEPEST)
}

fn cleaned<'a>(text: &'a str, known: &[String], depth: u8) -> Cow<'a, str> {
    if text.len() < 4 || depth == 0 {
        return Cow::Borrowed(text);
    }
    let text = documents(text, known);
    let parts = parts_of(&text, known, depth);
    if parts.is_empty() { text } else { Cow::Owned(cut(&text, parts)) }
}

/// Where secrets are in a text.
fn parts_of(text: &str, known: &[String], depth: u8) -> Parts {
    let mut parts = Parts::new();
    pem(text, &mut parts);
    address::find(text, &mut parts);
    assignment::find(text, &mut parts);
    option::find(text, &mut parts);
    words(text, known, depth, &mut parts);
    for secret in known {
        occurrences(text, secret, &mut parts);
    }
    parts
}

/// The secrets in a text; of a private key each line.
pub(super) fn values_in(text: &str) -> Vec<String> {
    let mut found: Vec<String> = values(text).iter().flat_map(|(_, value)| document::values_in(value)).collect();
    let parts = parts_of(text, &[], DEEPEST).into_iter().map(|part| &text[part]);
    found.extend(parts.flat_map(str::lines).filter(|line| !line.starts_with("-----")).map(str::to_owned));
    found
}

/// The text with what is at `parts` replaced.
fn cut(text: &str, mut parts: Parts) -> String {
    parts.sort_by_key(|part| (part.start, std::cmp::Reverse(part.end)));
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for part in parts {
        if part.start >= end {
            out.push_str(&text[end..part.start]);
            out.push_str(REDACTED);
        }
        end = end.max(part.end);
    }
    out.push_str(&text[end..]);
    out
}

/// JSON in the text, with its own secrets replaced; what has none stays as it is written.
fn documents<'a>(text: &'a str, known: &[String]) -> Cow<'a, str> {
    let mut out = String::new();
    let mut done = 0;
    for (place, value) in values(text) {
        let clean = document::without_secrets(value.clone(), known);
        if clean != value {
            out.push_str(&text[done..place.start]);
            out.push_str(&clean.to_string());
            done = place.end;
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// Each map of JSON in a text that is not in another one.
fn values(text: &str) -> Vec<(Range<usize>, Value)> {
    let (mut found, mut end, mut failures) = (Vec::new(), 0, 0);
    for (start, _) in text.match_indices('{') {
        if start < end {
            continue;
        }
        let mut stream = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
        if let Some(Ok(value)) = stream.next() {
            end = start + stream.byte_offset();
            found.push((start..end, value));
            continue;
        }
        failures += 1;
        if failures == MOST_FAILURES {
            break;
        }
    }
    found
}

/// Private keys between `-----BEGIN` and `-----END`; certificates are public.
fn pem(text: &str, parts: &mut Parts) {
    const BEGIN: &str = "-----BEGIN ";
    const OPEN: [&str; 4] = ["CERTIFICATE", "PUBLIC KEY", "X509 CRL", "DH PARAMETERS"];
    for (at, _) in text.match_indices(BEGIN) {
        let rest = &text[at..];
        let label = rest[BEGIN.len()..].split("-----").next().unwrap_or_default();
        if OPEN.iter().any(|open| label.contains(open)) {
            continue;
        }
        let closing = format!("-----END {label}-----");
        let length = rest.find(&closing).map_or(rest.len(), |end| end + closing.len());
        parts.push(at..at + length);
    }
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
