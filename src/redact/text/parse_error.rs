//! What Kea and the clients of databases could not parse, and quote in an error: a piece of an address or of an access string
//! may be a piece of a password with a sign in it that ends one.

use std::ops::Range;

use super::{Parts, value};

/// Which part of what is quoted is hidden.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// All of it, unless it is a number.
    All,
    /// What is before the last `@`.
    BeforeAt,
}

/// What is before a quotation, in lower case.
const PHRASES: [(&str, Part); 13] = [
    ("invalid port number", Part::All),
    ("invalid port:", Part::All),
    ("invalid url", Part::BeforeAt),
    ("cannot parse", Part::All),
    ("missing \"=\" after", Part::All),
    ("percent-encoded token", Part::All),
    ("invalid connection option", Part::All),
    ("invalid integer value", Part::All),
    ("unable to parse", Part::BeforeAt),
    ("host name", Part::BeforeAt),
    ("server host", Part::BeforeAt),
    ("hostname", Part::BeforeAt),
    ("resolve", Part::BeforeAt),
];

/// Names in an access string of Kea whose values are shown.
const SHOWN: [&str; 27] = [
    "type",
    "host",
    "user",
    "name",
    "port",
    "path",
    "universe",
    "keepalive",
    "readonly",
    "persist",
    "lfc-interval",
    "connect-timeout",
    "read-timeout",
    "write-timeout",
    "tcp-user-timeout",
    "tcp-nodelay",
    "max-row-errors",
    "max-reconnect-tries",
    "reconnect-wait-time",
    "on-fail",
    "retry-on-startup",
    "trust-anchor",
    "cert-file",
    "key-file",
    "cipher-list",
    "contact-points",
    "keyspace",
];

/// Finds what is quoted.
pub(super) fn find(text: &str, parts: &mut Parts) {
    let lower = text.to_ascii_lowercase();
    for (phrase, part) in PHRASES {
        for (at, _) in lower.match_indices(phrase) {
            parts.extend(quotation(text, at + phrase.len()).and_then(|place| hidden(text, place, (phrase, part))));
        }
    }
    for (at, phrase) in lower.match_indices("access string") {
        of_access(text, at + phrase.len(), parts);
    }
    for (end, _) in lower.match_indices(") and password-file (") {
        let start = lower[..end].rfind("password (").map(|start| start + "password (".len());
        parts.extend(start.filter(|start| *start < end).map(|start| start..end));
    }
}

/// What follows a phrase, in quotes or up to a blank.
fn quotation(text: &str, from: usize) -> Option<Range<usize>> {
    let rest = text[from..].trim_start_matches([':', ' ', '(']);
    let start = text.len() - rest.len();
    let end = start + rest.find(['\n', ' ']).unwrap_or(rest.len());
    let quoted = value::quoted(text, start);
    let place = quoted.unwrap_or_else(|| start..end - usize::from(text[start..end].ends_with([',', ':', '.', ')'])));
    let is_near = from + 4 > start && !place.is_empty();
    is_near.then_some(place)
}

fn hidden(text: &str, place: Range<usize>, (phrase, part): (&str, Part)) -> Option<Range<usize>> {
    let quoted = &text[place.clone()];
    let is_number = quoted.bytes().all(|c| c.is_ascii_digit());
    let of_pair = || value::near(text, place.end).contains("expected format is name=value");
    match part {
        Part::All if phrase == "cannot parse" => {
            let end = text[place.start..].find(", expected format").map_or(place.end, |end| place.start + end);
            of_pair().then_some(place.start..end.max(place.start))
        }
        Part::All => (!is_number && !says_where(text, &place)).then_some(place),
        // What has a scheme has its own rule.
        Part::BeforeAt if quoted.contains("://") => None,
        Part::BeforeAt => quoted.rfind('@').filter(|at| *at > 0).map(|at| place.start..place.start + at),
    }
}

/// Whether a phrase quotes nothing: `invalid port number in url http://…`.
fn says_where(text: &str, place: &Range<usize>) -> bool {
    let rest = text[place.end..].trim_start().to_ascii_lowercase();
    &text[place.clone()] == "in" && ["url", "the url", "http://", "https://"].iter().any(|next| rest.starts_with(next))
}

/// The values in an access string whose names Kea does not know: a mistyped `password=` is among them.
fn of_access(text: &str, from: usize, parts: &mut Parts) {
    let line = from + text[from..].find('\n').unwrap_or(text.len() - from);
    let mut is_shown = true;
    for word in text[from..line].split(' ').filter(|word| !word.is_empty()) {
        let at = word.as_ptr() as usize - text.as_ptr() as usize;
        let (name, start) = word.split_once('=').map_or(("", at), |(name, _)| (name, at + name.len() + 1));
        // A word without a name is the rest of a value with a blank in it.
        is_shown = if name.is_empty() { is_shown } else { SHOWN.contains(&name.trim_start_matches(['\'', '"', '('])) };
        if !is_shown && start < at + word.len() {
            parts.push(start..at + word.len());
        }
    }
}
