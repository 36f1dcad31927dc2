//! Where a value begins and ends, in the languages in which people write one.

use std::ops::Range;

/// The inside of the quotes that begin at `start`, which may have backslashes before them; a value that is cut off ends
/// with the text.
pub(super) fn quoted(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = &text[start..];
    let slashes = rest.len() - rest.trim_start_matches('\\').len();
    let quote = rest[slashes..].chars().next().filter(|quote| is_quote(*quote))?;
    let from = start + slashes + 1;
    let end = closing(&text[from..], quote, slashes).map_or(text.len(), |end| from + end);
    Some(from..end)
}

pub(super) fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`')
}

/// Whether a text begins with quotes, which may have backslashes before them.
pub(super) fn begins_quoted(text: &str) -> bool {
    text.trim_start_matches('\\').starts_with(is_quote)
}

/// Where a quoted value ends, whose quotes have so many backslashes before them.
fn closing(text: &str, quote: char, slashes: usize) -> Option<usize> {
    let before = |at: usize| text[..at].len() - text[..at].trim_end_matches('\\').len();
    let is_it = |at: usize| if slashes == 0 { before(at) % 2 == 0 } else { before(at) == slashes };
    text.match_indices(quote).map(|(at, _)| at).find(|at| is_it(*at)).map(|at| at - slashes)
}

/// A value of JSON that is not quoted.
pub(super) fn bare(text: &str, start: usize) -> Range<usize> {
    let is_end = |c: char| c.is_whitespace() || matches!(c, ',' | '}' | ']');
    start..start + text[start..].find(is_end).unwrap_or(text.len() - start)
}

/// The items of a list in brackets and of those in it; maps name their own secrets.
pub(super) fn items(text: &str, start: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut at, mut depth) = (start, 0_usize);
    while let Some(c) = text[at..].chars().next() {
        match c {
            '{' => break,
            '[' => depth += 1,
            ']' => depth -= 1,
            _ if begins_quoted(&text[at..]) => {
                let Some(inner) = quoted(text, at) else { break };
                at = closed(text, inner.end);
                found.push(inner);
                continue;
            }
            c if c.is_whitespace() || c == ',' => {}
            _ => {
                let end = at + text[at..].find([',', ']', '"', '\n']).unwrap_or(text.len() - at);
                found.push(at..at + text[at..end].trim_end().len());
                at = end;
                continue;
            }
        }
        at += c.len_utf8();
        if depth == 0 {
            break;
        }
    }
    found
}

/// The place after the quotes that end there, which may have backslashes before them.
fn closed(text: &str, end: usize) -> usize {
    let rest = &text[end..];
    let signs = rest.trim_start_matches('\\').chars().next().map_or(0, char::len_utf8);
    end + rest.len() - rest.trim_start_matches('\\').len() + signs
}

/// The inside of `{…}`, as ODBC has it, in which `}}` is one brace; none of a map or a template.
pub(super) fn braced(text: &str, start: usize) -> Option<Range<usize>> {
    let inner = text[start..].strip_prefix('{')?;
    let mut ends = inner.match_indices('}').map(|(at, _)| at);
    let end = loop {
        let at = ends.next()?;
        if !inner[at + 1..].starts_with('}') {
            break at;
        }
        ends.next();
    };
    let value = &inner[..end];
    let name = value.trim_start().trim_start_matches(|c: char| c.is_alphanumeric() || c == '_' || c == '-');
    let is_map = value.contains(['"', '\'', '`', '{', '\n']) || name.starts_with(':');
    (!is_map && !value.is_empty()).then(|| start + 1..start + 1 + end)
}

/// Where the line ends that `start` is in; one that ends with a backslash goes on.
pub(super) fn line_end(text: &str, start: usize) -> usize {
    let ends = memchr::memchr_iter(b'\n', &text.as_bytes()[start..]).map(|at| start + at);
    let goes_on = |end: &usize| text[..*end].trim_end_matches('\r').ends_with('\\');
    let mut ends = ends.skip_while(goes_on);
    ends.next().unwrap_or(text.len())
}

/// How far a line is looked at around a name; a log may have a whole configuration in one.
const FAR: usize = 4096;

/// Where the line begins that `at` is in, or what is near to it in a long one.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    let near = (at.saturating_sub(FAR)..=at).find(|place| text.is_char_boundary(*place)).unwrap_or(at);
    text[near..at].rfind('\n').map_or(near, |end| near + end + 1)
}

/// The rest of a line that is near.
pub(super) fn rest_of_line(text: &str, at: usize) -> &str {
    let near = near(text, at);
    &near[..line_end(near, 0)]
}

/// What follows a place and is near to it.
pub(super) fn near(text: &str, at: usize) -> &str {
    let far = text.len().min(at + FAR);
    let end = (at..=far).rev().find(|place| text.is_char_boundary(*place)).unwrap_or(at);
    &text[at..end]
}

/// The quotes that are open at a place of a line, and where they begin.
pub(super) fn open_quote(text: &str, at: usize) -> Option<(char, usize)> {
    let start = line_start(text, at);
    let mut open = None;
    let mut before = ' ';
    for (place, c) in text[start..at].char_indices() {
        let is_escaped = before == '\\' && open.is_some();
        match open {
            Some((quote, _)) if c == quote && !is_escaped => open = None,
            // An apostrophe is in a word.
            None if c == '"' || c == '\'' && !before.is_alphanumeric() => open = Some((c, start + place)),
            _ => {}
        }
        before = c;
    }
    open
}

/// Where an open pair of quotes is closed, on the same line.
pub(super) fn close_of(text: &str, from: usize, quote: char) -> Option<usize> {
    let end = line_end(text, from);
    closing(&text[from..end], quote, 0).map(|at| from + at)
}

/// Where a word of a shell ends: quotes, escapes, `$(…)` and backquotes are parts of it. Inside of `around` its quotes end
/// it too.
pub(super) fn word(text: &str, start: usize, around: Option<char>, is_end: &dyn Fn(usize, char) -> bool) -> usize {
    word_before(text, start..line_end(text, start), around, is_end)
}

/// The same in a line that ends there.
pub(super) fn word_before(
    text: &str,
    line: Range<usize>,
    around: Option<char>,
    is_end: &dyn Fn(usize, char) -> bool,
) -> usize {
    let (mut at, end) = (line.start, line.end);
    while let Some(c) = text[at..end].chars().next() {
        let length = match c {
            _ if Some(c) == around || is_end(at, c) => return at,
            '\\' => 1 + text[at + 1..end].chars().next().map_or(0, char::len_utf8),
            '"' | '\'' | '`' => part(&text[at..end], 1, c, around),
            '$' if text[at..].starts_with("$(") => part(&text[at..end], 2, ')', around),
            c => c.len_utf8(),
        };
        at += length;
    }
    end
}

/// How long a part in quotes or brackets is; a sign that nothing closes is one character.
fn part(text: &str, opening: usize, close: char, around: Option<char>) -> usize {
    let inner = &text[opening..];
    let end = if close == '"' { closing(inner, close, 0) } else { inner.find(close) };
    let end = end.filter(|end| around.is_none_or(|around| !inner[..*end].contains(around)));
    end.map_or(1, |end| opening + end + close.len_utf8())
}

/// How long a value is that may have blanks in it.
pub(super) fn clause(text: &str) -> usize {
    let line = text.find(['\n', '\r', '"']).unwrap_or(text.len());
    let end = text[..line].match_indices([',', ';']).map(|(at, _)| at);
    end.into_iter().find(|at| text[at + 1..].starts_with(' ')).unwrap_or(line)
}

/// Lines after the one that ends at `end` that belong to a value without one on its own line: those that are indented
/// further than `indentation`, without what says that they are items of a list.
pub(super) fn block(text: &str, end: usize, indentation: usize) -> Vec<Range<usize>> {
    const MOST: usize = 200;
    let mut found = Vec::new();
    let mut at = end + 1;
    while at < text.len() && found.len() < MOST {
        let line = &text[at..line_of(text, at)];
        let inner = line.trim_start();
        let depth = line.len() - inner.len();
        let item = inner.strip_prefix("- ").map_or(inner, str::trim_start);
        let is_item = item.len() < inner.len() && depth >= indentation;
        if !inner.is_empty() {
            if depth <= indentation && !is_item || names_its_own(item) {
                break;
            }
            let start = at + line.len() - item.len();
            found.push(start..start + item.trim_end().len());
        }
        at += line.len() + 1;
    }
    found
}

/// Whether a line has the name of its value.
fn names_its_own(line: &str) -> bool {
    let name = line.find(|c: char| !(c.is_alphanumeric() || "_-.\"'".contains(c))).unwrap_or(line.len());
    let rest = &line[name..];
    name > 0
        && (rest.starts_with(": ")
            || rest.trim_end() == ":"
            || rest.starts_with('=') && !rest.trim_end_matches('=').is_empty())
}

fn line_of(text: &str, at: usize) -> usize {
    memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |length| at + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_shell_has_quotes_and_commands_in_it() {
        let blank = |_: usize, c: char| c.is_whitespace();
        for (text, expected) in [
            ("A\"b c\"d e", "A\"b c\"d"),
            ("$(echo x y) z", "$(echo x y)"),
            ("`echo x y` z", "`echo x y`"),
            ("a\\ b c", "a\\ b"),
            ("it's so", "it's"),
            ("'a b'\\''c' d", "'a b'\\''c'"),
            ("a\\\nb c", "a\\\nb"),
        ] {
            assert_eq!(&text[..word(text, 0, None, &blank)], expected);
        }
        assert_eq!(word("a b\" c", 0, Some('"'), &|_, _| false), 3);
    }

    #[test]
    fn the_quotes_that_are_open_are_known() {
        assert_eq!(open_quote("a \"b c", 5), Some(('"', 2)));
        assert_eq!(open_quote("a \"b\" it's c", 12), None);
        assert_eq!(open_quote("\"a\n'b c", 6), Some(('\'', 3)));
    }

    #[test]
    fn lines_that_are_indented_further_belong_to_a_value() {
        let text = "  password: |\n    one\n    two\n  user: x\n";
        let found: Vec<&str> = block(text, 13, 2).into_iter().map(|place| &text[place]).collect();
        assert_eq!(found, ["one", "two"]);
        let text = "secrets:\n- one\n- two\nuser: x\n";
        let found: Vec<&str> = block(text, 8, 0).into_iter().map(|place| &text[place]).collect();
        assert_eq!(found, ["one", "two"]);
        assert!(block("secrets:\n  - name: x\n", 8, 0).is_empty());
        assert!(block("secrets:\nuser\n", 8, 0).is_empty());
    }
}
