//! Words that are secrets by themselves, or hide text with secrets in base64 or hex.

use std::ops::Range;

use super::Parts;
use crate::redact::shapes;

/// Finds them; `hides` says whether a text that a word is in base64 or hex has secrets.
pub(super) fn find(text: &str, hides: &dyn Fn(&str) -> bool, parts: &mut Parts) {
    let mut before = "";
    for word in split(text) {
        let what = &text[word.clone()];
        let follows_scheme = ["Bearer", "Negotiate", "Token"].iter().any(|scheme| scheme.eq_ignore_ascii_case(before))
            && what.len() >= 8
            && (what.len() >= 20 || what.chars().any(|c| c.is_ascii_digit()));
        let is_basic = before.eq_ignore_ascii_case("basic") && shapes::is_login(what);
        let is_login = what.len() >= 12 && shapes::is_login(what);
        let is_hash =
            what.len() >= 8 && shapes::ends_with_scheme(&text[..word.start]) || shapes::is_star_hash(what.as_bytes());
        let is_hiding = || shapes::decoded(what).is_some_and(|inner| hides(&inner));
        if follows_scheme || is_basic || is_login || is_hash || shapes::is_token(what) || is_hiding() {
            parts.push(word);
        } else if let Some(part) = shapes::secret_part(what) {
            parts.push(word.start + part.start..word.start + part.end);
        }
        before = what;
    }
}

/// The words of a text; what may be in base64, hex or a token is part of a word.
fn split(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_end = |c: char| c.is_whitespace() || "\"'`,;()[]{}<>|&?\\".contains(c);
    let mut at = 0;
    text.split(is_end).filter_map(move |word| {
        let start = at;
        at += word.len() + text[at + word.len()..].chars().next().map_or(0, char::len_utf8);
        // `name=value`, but not the padding of base64, which a colon may follow.
        let is_padding = |rest: &str| rest.is_empty() || rest.starts_with(':');
        let is_sign = |equal: &usize| !is_padding(word[*equal..].trim_start_matches('='));
        let is_whole = shapes::is_token(word);
        let skip = word.find('=').filter(|equal| !is_whole && is_sign(equal)).map_or(0, |it| it + 1);
        (word.len() > skip).then(|| start + skip..start + word.len())
    })
}
