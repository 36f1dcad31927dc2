//! Headers of HTTP, whose values have blanks, commas and quotes in them: `Authorization: Digest …`, `Cookie: a=b; c=d`.

use std::ops::Range;

use super::value;

/// Headers whose whole value is secret.
const HEADERS: [&str; 5] = ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-auth-token"];

/// The value of the header whose name is at `name`; up to the end of the line, or of the quotes that the header is in.
pub(super) fn value_of(text: &str, name: &Range<usize>) -> Option<Range<usize>> {
    let is_header = HEADERS.contains(&text[name.clone()].to_ascii_lowercase().as_str());
    let rest = text[name.end..].strip_prefix(':').filter(|_| is_header)?;
    let inner = rest.trim_start_matches([' ', '\t']);
    let start = text.len() - inner.len();
    let line = start + inner.find(['\n', '\r']).unwrap_or(inner.len());
    let quote = value::open_quote(text, name.start);
    let end = quote.and_then(|(quote, _)| value::close_of(text, start, quote)).unwrap_or(line).min(line);
    (end > start).then_some(start..end)
}

/// Whether what is called so at `name` is the answer of `Digest username="…", response="…"`.
pub(super) fn is_of_digest(text: &str, name: &Range<usize>) -> bool {
    let is_answer = ["response", "rspauth", "cnonce"].iter().any(|it| it.eq_ignore_ascii_case(&text[name.clone()]));
    let line = || text[value::line_start(text, name.start)..name.start].to_ascii_lowercase();
    is_answer && line().contains("digest ")
}
