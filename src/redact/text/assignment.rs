//! Secrets that follow their names: `password=…`, `"token": "…"`, `Authorization: …`, `--secret …`, `the pin is …`.

use std::ops::Range;

use super::Parts;
use crate::redact::{names, shapes};

/// Words between a name and its value in a sentence.
const VERBS: &[&str] =
    &["is", "was", "are", "be", "to", "ist", "war", "lautet", "es", "est", "now", "é", "è", "är", "er", "jest", "je"];

/// Words that are no value in a sentence.
const PROSE: &[&str] = &[
    "a",
    "an",
    "the",
    "no",
    "not",
    "on",
    "in",
    "of",
    "for",
    "from",
    "by",
    "at",
    "and",
    "or",
    "with",
    "wrong",
    "invalid",
    "required",
    "missing",
    "empty",
    "expired",
    "set",
    "unset",
    "too",
    "incorrect",
    "never",
    "stored",
    "given",
    "used",
    "here",
    "different",
    "unknown",
    "optional",
    "ignored",
    "needed",
    "bad",
    "correct",
    "valid",
    "rejected",
    "refused",
];

/// Words before `key:` or `token:` with which it is part of a message.
const MESSAGES: &[&str] = &[
    "invalid",
    "unexpected",
    "unknown",
    "unsupported",
    "duplicate",
    "missing",
    "bad",
    "expected",
    "wrong",
    "mandatory",
    "required",
    "map",
    "no",
    "this",
    "that",
    "any",
    "the",
];

/// How many words may be between a name and its verb: `the password of the switch is …`.
const FARTHEST_VERB: usize = 5;

/// Finds the values of secrets that the text names; those that only a sentence names apart.
pub(super) fn find(text: &str, parts: &mut Parts, in_sentences: &mut Parts) {
    let mut done = 0;
    for name in names_in(text) {
        // A file that is named after the secret in it.
        let is_path = text[..name.start].ends_with('/');
        let written = text[name.clone()].trim_start_matches('-');
        if name.start >= done
            && let Some(value) = of_statement(text, &name).or_else(|| of_login(text, &name))
        {
            done = value.end;
            parts.push(value);
            continue;
        }
        let is_secret = names::is_secret(written);
        if name.start < done || is_path || !is_secret && !names::may_be_secret(written) {
            continue;
        }
        let counts = |value: &Range<usize>| {
            let value = &text[value.clone()];
            let is_file = shapes::is_path(value) && names::may_be_of_a_file(written);
            !is_hidden(value) && !is_file && (is_secret || shapes::is_random(value))
        };
        let (value, is_sure) = value_of(text, &name);
        if let Some(value) = value.filter(counts) {
            done = value.end;
            if is_sure { parts.push(value) } else { in_sentences.push(value) }
        }
    }
}

/// The value of `IDENTIFIED BY '…'` in SQL.
fn of_statement(text: &str, name: &Range<usize>) -> Option<Range<usize>> {
    let is_by = text[name.clone()].eq_ignore_ascii_case("by");
    let before = text[..name.start].trim_end();
    let is_identified =
        before.get(before.len().checked_sub(10)?..).is_some_and(|it| it.eq_ignore_ascii_case("identified"));
    let rest = text[name.end..].trim_start();
    if !is_by || !is_identified || !rest.starts_with(['"', '\'', '`']) {
        return None;
    }
    value(text, text.len() - rest.len(), false, name.start)
}

/// The password of `login kea:…` and `creds: kea/…`.
fn of_login(text: &str, name: &Range<usize>) -> Option<Range<usize>> {
    const WORDS: [&str; 6] = ["login", "logins", "cred", "creds", "user/password", "credentials"];
    let word = text[name.clone()].to_ascii_lowercase();
    if !WORDS.contains(&word.as_str()) {
        return None;
    }
    let rest = text[name.end..].trim_start_matches([' ', '\t', ':', '=', '"', '\'']);
    let start = text.len() - rest.len();
    let word = &rest[..rest.find(|c: char| c.is_whitespace() || "\"'<>,;".contains(c)).unwrap_or(rest.len())];
    let (user, password) = word.split_once(':').or_else(|| word.split_once('/'))?;
    let is_user = !user.is_empty() && user.chars().all(|c| c.is_alphanumeric() || "._-@".contains(c));
    let is_password = !password.is_empty() && !password.starts_with('/') && !password.contains('/');
    (is_user && is_password).then(|| start + user.len() + 1..start + word.len())
}

/// Kea hides some itself, and some only say whether there is one.
fn is_hidden(value: &str) -> bool {
    // The last is what we put in place of a secret.
    const ANSWERS: [&str; 8] = ["yes", "no", "true", "false", "none", "empty", "null", "redacted"];
    let value = value.trim_matches(|c: char| !c.is_alphanumeric() && c != '*');
    value.chars().all(|c| c == '*') || ANSWERS.contains(&value.to_ascii_lowercase().as_str())
}

/// Runs of characters that names are made of.
fn names_in(text: &str) -> Vec<Range<usize>> {
    let is_part = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, is_part(c)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                found.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// The value of the name at `name`, and whether it is sure that it is one: a sentence may go on with any word.
fn value_of(text: &str, name: &Range<usize>) -> (Option<Range<usize>>, bool) {
    let rest = text[name.end..].trim_start_matches(['"', '\'', '\\', ']', '`']);
    let rest = rest.trim_start_matches([' ', '\t']);
    let sign = ["=>", "->", ":=", "==", "=", ":", "：", "＝"].into_iter().find(|sign| rest.starts_with(sign));
    let is_option = text[name.clone()].starts_with("--");
    match sign {
        Some(sign) => {
            let after = rest[sign.len()..].trim_start_matches([' ', '\t']);
            let is_spaced = sign.ends_with(':') && rest[sign.len()..].starts_with(' ');
            let is_quoted = after.starts_with(['"', '\'', '\\', '[']);
            if is_spaced && is_message(text, name) {
                return (None, false);
            }
            (value(text, text.len() - after.len(), is_spaced, name.start), !is_spaced || is_quoted)
        }
        None if is_option => (value(text, text.len() - rest.len(), false, name.start), true),
        // `PASSWORD 'x'` in SQL, `secret "x";` of BIND.
        None if rest.starts_with(['"', '\'']) && text[name.end..].starts_with([' ', '\t']) && !is_lone(text, name) => {
            (value(text, text.len() - rest.len(), false, name.start), true)
        }
        None => (in_sentence(text, name.end), false),
    }
}

/// Whether a name is a word that messages and other languages have too.
fn is_lone(text: &str, name: &Range<usize>) -> bool {
    matches!(text[name.clone()].to_ascii_lowercase().as_str(), "key" | "keys" | "token" | "tokens" | "auth")
}

/// Whether a colon after `key` or `token` begins what is wrong with it.
fn is_message(text: &str, name: &Range<usize>) -> bool {
    let before = text[..name.start].split_whitespace().next_back().unwrap_or_default();
    is_lone(text, name) && MESSAGES.contains(&before.to_ascii_lowercase().as_str())
}

/// The value that begins at `start`: quoted, in a list, or up to a blank; after a colon and a blank up to the end of the
/// line or clause.
fn value(text: &str, start: usize, is_clause: bool, name: usize) -> Option<Range<usize>> {
    let rest = &text[start..];
    let slashes = rest.len() - rest.trim_start_matches('\\').len();
    let opening = rest[slashes..].chars().next()?;
    match opening {
        '"' | '\'' | '`' => {
            let from = start + slashes + 1;
            let end = closing(&text[from..], opening, slashes).map_or(text.len(), |end| from + end);
            (end > from).then_some(from..end)
        }
        // Maps name their own secrets.
        '[' if rest[1..].trim_start().starts_with('{') => None,
        '[' => Some(start..start + rest.find(']').map_or(rest.len(), |end| end + 1)),
        '{' => None,
        _ if is_clause => {
            // `'X-Api-Key: …'` in a command line.
            let around = text[..name].chars().next_back().filter(|c| ['\'', '"'].contains(c));
            let end = clause(rest);
            Some(start..start + around.and_then(|quote| rest[..end].find(quote)).unwrap_or(end))
        }
        _ => {
            let end = word(text, start, name);
            (end > start).then_some(start..end)
        }
    }
}

/// Where a quoted value ends, whose quotes have so many backslashes before them.
fn closing(text: &str, quote: char, slashes: usize) -> Option<usize> {
    let before = |at: usize| text[..at].len() - text[..at].trim_end_matches('\\').len();
    let is_it = |at: usize| if slashes == 0 { before(at) % 2 == 0 } else { before(at) == slashes };
    text.match_indices(quote).map(|(at, _)| at).find(|at| is_it(*at)).map(|at| at - slashes)
}

/// How long a value is that may have blanks in it.
fn clause(text: &str) -> usize {
    let line = text.find(['\n', '\r', '"']).unwrap_or(text.len());
    let end = text[..line].match_indices([',', ';']).map(|(at, _)| at);
    end.into_iter().find(|at| text[at + 1..].starts_with(' ')).unwrap_or(line)
}

/// Where a value without quotes ends.
fn word(text: &str, start: usize, name: usize) -> usize {
    let is_query = text[..name].ends_with(['?', '&']);
    let is_quoted = |quote: char| text[..start].matches(quote).count() % 2 == 1;
    let (single, double) = (is_quoted('\''), is_quoted('"'));
    let is_end = |at: usize, c: char| match c {
        '"' => double,
        '\'' => single,
        '&' => is_query,
        ',' | ';' => begins_assignment(&text[at + 1..]),
        c => c.is_whitespace(),
    };
    let rest = &text[start..];
    let end = rest.char_indices().find(|(at, c)| is_end(start + at, *c)).map_or(rest.len(), |(at, _)| at);
    let end = after_scheme(rest, end);
    start + access_string(text, name, start, end).unwrap_or(end)
}

/// `Basic dTpw`: the scheme is not all of it.
fn after_scheme(text: &str, end: usize) -> usize {
    const SCHEMES: [&str; 6] = ["basic", "bearer", "digest", "token", "negotiate", "apikey"];
    if !SCHEMES.contains(&text[..end].to_ascii_lowercase().as_str()) {
        return end;
    }
    let rest = text[end..].trim_start();
    let second = rest.split(|c: char| c.is_whitespace() || c == '"' || c == '\'').next().unwrap_or_default();
    text.len() - rest.len() + second.len()
}

/// In `type=mysql password=a b user=kea` a value goes on up to the next name.
fn access_string(text: &str, name: usize, start: usize, end: usize) -> Option<usize> {
    let rest = &text[start + end..];
    let mut next =
        rest.match_indices([' ', ',', ';']).map(|(at, _)| at).filter(|at| begins_assignment(&rest[at + 1..]));
    let begins = begins_assignment(&text[..name]);
    match next.next() {
        Some(at) if !rest[..at].contains(['\n', '"', '\'', '(']) => Some(end + at),
        None if begins && !rest.contains(['\n', '"', '\'']) => Some(end + rest.len()),
        _ => None,
    }
}

/// Whether a text begins with `name=`.
fn begins_assignment(text: &str) -> bool {
    let text = text.trim_start_matches(' ');
    let name = text.find(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c))).unwrap_or(text.len());
    name > 0 && text[name..].starts_with('=')
}

/// The value in a sentence: `the psk is …`, `pin 4711`.
fn in_sentence(text: &str, from: usize) -> Option<Range<usize>> {
    let sentence = &text[from..from + text[from..].find(['.', '\n', ';', '"']).unwrap_or(text.len() - from)];
    // What follows at once is part of the sentence only after a blank.
    if !sentence.starts_with([' ', '\t']) {
        return None;
    }
    let place = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    let mut words = text[from..].split_whitespace();
    let first = bare(words.next()?);
    if has_digits(first) {
        return Some(place(first)..place(first) + first.len());
    }
    let mut words = text[from..].split_whitespace().take(FARTHEST_VERB + 1).skip_while(|word| !VERBS.contains(word));
    let verb = words.next()?;
    if place(verb) > from + sentence.len() {
        return None;
    }
    let rest = text[place(verb) + verb.len()..].split_whitespace();
    let found = rest.skip_while(|word| VERBS.contains(word) || *word == ":").map(bare).next()?;
    let is_value = found.len() > 2 && !PROSE.contains(&found.to_ascii_lowercase().as_str());
    is_value.then(|| place(found)..place(found) + found.len())
}

/// A word without the signs of its sentence, or to the end of the quotes that it is in.
fn bare(word: &str) -> &str {
    let word = word.trim_start_matches(['"', '\'']);
    let word = &word[..word.find('"').unwrap_or(word.len())];
    word.trim_matches(['"', '\'', '`', ',', ';', '(', ')', ':']).trim_end_matches(['.', '!', '?'])
}

/// Whether a word is a number or has one in it, as codes and passwords do.
fn has_digits(word: &str) -> bool {
    let word = bare(word);
    word.len() >= 4 && word.chars().any(|c| c.is_ascii_digit()) && !word.contains(['/', ':', '='])
}
