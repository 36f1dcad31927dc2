//! Where a value in a remark ends, and one before the next command of a shell.

use std::ops::Range;

use super::value;
use crate::redact::shapes;

/// How far before a name a remark is looked for that it may be in.
const FAR: usize = 4096;

/// A value without the end of the remark that it is in; and how much of it is the value, if another remark follows it.
pub(super) fn apart(text: &str, name: usize, place: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let close = text[place.clone()].find("*/").filter(|_| is_open(text, name));
    let length = text[place.start..close.map_or(place.end, |at| place.start + at)].trim_end().len();
    let place = if close.is_some() { place.start..place.start + length } else { place };
    let value = is_remark(text, name).then(|| next(&text[place.clone()])).flatten();
    let value = value.map(|length| place.start..place.start + length);
    std::iter::once(place).chain(value)
}

/// What a shell takes of a value without quotes, if a command or bracket follows it at once.
pub(super) fn before_command(text: &str, place: &Range<usize>) -> Option<Range<usize>> {
    let line = place.start..place.end.min(value::line_end(text, place.start));
    let end = value::word_before(text, line, None, &|_, c| c.is_whitespace() || ";&|)".contains(c));
    let ends_so = text[end..place.end].starts_with([';', '&', '|', ')']);
    (end > place.start && ends_so).then_some(place.start..end)
}

/// Whether a place is in a remark that a star and a slash end.
fn is_open(text: &str, at: usize) -> bool {
    let near = (at.saturating_sub(FAR)..=at).find(|place| text.is_char_boundary(*place)).unwrap_or(at);
    text[near..at].rfind("/*") > text[near..at].rfind("*/")
}

/// Whether a line is a remark.
fn is_remark(text: &str, at: usize) -> bool {
    let line = text[value::line_start(text, at)..at].trim_start();
    line.starts_with(['#', ';']) || line.starts_with("//")
}

/// Where the next remark begins in a value.
fn next(value: &str) -> Option<usize> {
    let first = [" #", "\t#", " //", " ;"].into_iter().filter_map(|sign| value.find(sign)).min()?;
    Some(value[..first].trim_end().len()).filter(|length| *length > 0)
}

/// What may be a secret in a remark after one: what is in quotes, a word after a colon, and what looks made at random.
pub(super) fn values(remark: &str) -> Vec<String> {
    let in_quotes = ['"', '\'', '`'].into_iter().filter(|quote| remark.matches(*quote).count() % 2 == 0);
    let in_quotes = in_quotes.flat_map(|quote| remark.split(quote).skip(1).step_by(2));
    let after_colon = remark.rsplit_once(':').map(|(_, value)| value.trim());
    let after_colon = after_colon.filter(|value| !value.contains(char::is_whitespace) && !value.contains('"'));
    let is_sign = |c: char| "\"'`,;:.()".contains(c);
    let random =
        remark.split_whitespace().map(|word| word.trim_matches(is_sign)).filter(|word| shapes::is_random(word));
    let all = in_quotes.chain(after_colon).chain(random);
    let is_one = |value: &&str| !value.is_empty() && !shapes::is_path(value) && !shapes::is_domain(value);
    all.filter(is_one).map(str::to_owned).collect()
}
