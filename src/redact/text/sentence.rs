//! Secrets that a sentence names: `the psk is …`, `pin 4711`, `… is the password`.

use std::ops::Range;

use super::value;
use crate::redact::{ordinary, shapes};

/// Words between a name and its value.
const VERBS: &[&str] = &[
    "is", "was", "are", "were", "be", "to", "ist", "war", "lautet", "es", "est", "now", "é", "è", "är", "er", "jest",
    "je", "set", "changed", "reset", "equals", "becomes", "remains", "still",
];

/// Words that are no value.
const PROSE: &[&str] = &[
    "a", "an", "the", "no", "not", "on", "in", "of", "for", "from", "by", "at", "and", "or", "with", "too", "as",
    "only", "given", "used", "unset", "wrong", "stored", "ignored", "needed",
];

/// How many words may be between a name and its verb: `the password of the switch is …`.
const FARTHEST_VERB: usize = 5;

/// The value after a name that ends at `from`; `is_lone` if the name is a word of other sentences too.
pub(super) fn value(text: &str, from: usize, is_lone: bool) -> Option<Range<usize>> {
    let end = end(text, from);
    // What follows at once is part of the sentence only after a blank.
    if !text[from..end].starts_with([' ', '\t']) {
        return apposition(text, from, end).filter(|_| !is_lone);
    }
    let first = bare(text, from, end)?;
    if has_digits(&text[first.clone()]) {
        let word = &text[first.clone()];
        // `key "lease4.PRIMARY"` is one of a table.
        let is_secret = !is_lone || shapes::is_random(word) && !shapes::is_domain(&word.to_ascii_lowercase());
        return is_secret.then_some(first);
    }
    let verb = verb(text, from, end).or_else(|| heading(text, from, end).filter(|_| !is_lone))?;
    let is_explicit = is_verb(&text[verb.clone()]) && text[..verb.end].ends_with(':');
    let mut at = verb.end;
    let found = loop {
        let place = raw(text, at, end)?;
        let word = &text[place.clone()];
        if !is_verb(word) && word != ":" {
            break bare(text, at, end)?;
        }
        at = place.end;
    };
    let word = &text[found.clone()];
    let is_quoted = text[..found.start].ends_with(['"', '\'', '`']);
    let is_value = word.len() > 2 || word.len() == 2 && word.chars().any(|c| c.is_ascii_digit());
    let is_usual = PROSE.contains(&word.to_ascii_lowercase().as_str()) || !is_explicit && ordinary::is_word(word);
    (is_quoted && !word.is_empty() || is_value && !is_usual).then_some(found)
}

/// Where a sentence ends; what is far is no part of it.
fn end(text: &str, from: usize) -> usize {
    let near = value::near(text, from);
    from + near.find(['\n', ';']).unwrap_or(near.len())
}

/// The word between two commas after a name: `the new password, hunter22, works`.
fn apposition(text: &str, from: usize, end: usize) -> Option<Range<usize>> {
    let rest = text[from..end].strip_prefix(", ")?;
    let (word, _) = rest.split_once(", ")?;
    let is_value = has_digits(word) && word.len() > 3 && !word.contains(char::is_whitespace);
    is_value.then(|| from + 2..from + 2 + word.len())
}

/// What a value was and what it is now: `changed from hunter22 to swordfish`.
pub(super) fn change(text: &str, from: usize) -> Vec<Range<usize>> {
    let end = end(text, from);
    let Some(start) = verb(text, from, end).and_then(|verb| raw(text, verb.end, end)) else { return Vec::new() };
    if !["from", "von", "de"].contains(&&text[start.clone()]) {
        return Vec::new();
    }
    let Some(old) = bare(text, start.end, end) else { return Vec::new() };
    let joint = raw(text, old.end, end).filter(|joint| ["to", "auf", "a", "à"].contains(&&text[joint.clone()]));
    let new = joint.and_then(|joint| bare(text, joint.end, end));
    let is_value = |place: &Range<usize>| {
        let word = &text[place.clone()];
        word.len() > 2 && !ordinary::is_word(word)
    };
    [Some(old), new].into_iter().flatten().filter(is_value).collect()
}

/// What follows the number of its encryption at the end of a line, as switches have it: `enable secret 5 …`.
pub(super) fn of_type(text: &str, from: usize) -> Option<Range<usize>> {
    let line = value::rest_of_line(text, from).trim_end();
    let rest = line.strip_prefix(' ')?;
    let word = rest.strip_prefix(['0', '4', '5', '6', '7', '8', '9'])?.strip_prefix(' ')?;
    let is_secret = word.len() > 3 && !word.contains([' ', '\t', '"', '\'']) && !ordinary::is_word(word);
    is_secret.then(|| from + line.len() - word.len()..from + line.len())
}

/// The word before `… is the password` or `… as the password`, whose name begins at `name`.
pub(super) fn value_before(text: &str, name: usize) -> Option<Range<usize>> {
    let start = value::line_start(text, name);
    let mut words = text[start..name].split_whitespace().rev().peekable();
    words.next_if(|word| ["the", "our", "my", "its", "das", "le"].contains(word));
    words.next().filter(|verb| ["is", "as", "ist", "als"].contains(verb))?;
    let word = words.next()?;
    let at = word.as_ptr() as usize - text.as_ptr() as usize;
    let found = bare(text, at, at + word.len())?;
    let word = &text[found.clone()];
    (word.len() > 3 && !ordinary::is_word(word)).then_some(found)
}

/// The verb after a name, if it is near and in the same sentence.
fn verb(text: &str, from: usize, end: usize) -> Option<Range<usize>> {
    let mut at = from;
    for _ in 0..=FARTHEST_VERB {
        let place = raw(text, at, end)?;
        let word = &text[place.clone()];
        if is_verb(word) {
            return Some(place);
        }
        // `Expression secretclass evaluated to 1` is of a class with this name.
        if word.ends_with(['.', '"']) || word == "evaluated" {
            return None;
        }
        at = place.end;
    }
    None
}

/// The word with a colon that ends what a secret is for: `password for the switch: …`.
fn heading(text: &str, from: usize, end: usize) -> Option<Range<usize>> {
    const FIRST: [&str; 9] = ["for", "of", "until", "since", "on", "from", "at", "before", "after"];
    let mut at = from;
    for number in 0..=FARTHEST_VERB {
        let place = raw(text, at, end)?;
        let word = &text[place.clone()];
        if number == 0 && !FIRST.contains(&word) || word.ends_with(['.', '"', ',']) {
            return None;
        }
        if word.ends_with(':') {
            return Some(place);
        }
        at = place.end;
    }
    None
}

fn is_verb(word: &str) -> bool {
    VERBS.contains(&word.trim_end_matches(':').to_lowercase().as_str())
}

/// The next word.
fn raw(text: &str, from: usize, end: usize) -> Option<Range<usize>> {
    let rest = &text[from..end];
    let start = from + rest.len() - rest.trim_start().len();
    let length = text[start..end].find(char::is_whitespace).unwrap_or(end - start);
    (length > 0).then(|| start..start + length)
}

/// The next word without the signs of its sentence, or what is in the quotes that it begins with.
fn bare(text: &str, from: usize, end: usize) -> Option<Range<usize>> {
    let place = raw(text, from, end)?;
    let word = &text[place.clone()];
    let opening = word.find(|c: char| !matches!(c, '(' | '[')).unwrap_or(0);
    if let Some(quote) = word[opening..].chars().next().filter(|c| value::is_quote(*c)) {
        let start = place.start + opening + 1;
        let length = text[start..end].find(quote);
        return length.map(|length| start..start + length).filter(|found| !found.is_empty());
    }
    let start = place.start + word.len() - word.trim_start_matches(['(', '[', ',', ';', ':']).len();
    let word = &text[start..place.end];
    let word = &word[..word.find('"').unwrap_or(word.len())];
    let word = word.trim_end_matches(['\'', '`', ',', ';', '(', ')', ':']).trim_end_matches(['.', '!', '?']);
    Some(start..start + word.len())
}

/// Whether a word is a number or has one in it, as codes and passwords do.
fn has_digits(word: &str) -> bool {
    word.len() >= 4 && word.chars().any(|c| c.is_ascii_digit()) && !word.contains(['/', ':', '='])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_has_its_value_after_a_verb_or_before_the_name() {
        let found = |text: &'static str| value(text, text.find('|').unwrap() + 1, false).map(|place| &text[place]);
        for (text, expected) in [
            ("the psk| is hunter22 since June", Some("hunter22")),
            ("the password| of the switch is \"two words\".", Some("two words")),
            ("the password| WAS reset to swordfish!", Some("swordfish")),
            ("PIN| 4711 at the door", Some("4711")),
            ("the password| was: swordfish", Some("swordfish")),
            ("the password| was: monitor", Some("monitor")),
            ("the password| for the switch: swordfish, since June", Some("swordfish")),
            ("the password| for user kea: Permission denied", None),
            ("secretclass| evaluated to 12", None),
            ("the password| is required, and", None),
            ("password| authentication failed for user \"kea\"", None),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
        let text = "use hunter22 as the password";
        assert_eq!(value_before(text, 20).map(|place| &text[place]), Some("hunter22"));
        assert_eq!(value_before("it is the password", 10), None);
    }
}
