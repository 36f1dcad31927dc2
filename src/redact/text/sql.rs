//! Passwords in SQL: `IDENTIFIED BY '…'`, `SET PASSWORD FOR … = '…'`, `PASSWORD('…')`.

use std::ops::Range;

use super::Parts;

/// Words between a keyword and the password.
const BETWEEN: &[&str] = &["by", "as", "using", "with", "via", "password", "old_password", "hash"];

/// What follows `IDENTIFIED`.
const BEGINNINGS: &[&str] = &["by", "with", "via"];

/// How far the password may be from the keyword.
const FARTHEST: usize = 200;

/// Finds the passwords in statements.
pub(super) fn find(text: &str, parts: &mut Parts) {
    // Nothing but ASCII changes, so that places stay.
    let lower = text.to_ascii_lowercase();
    for keyword in ["identified", "set password", "old_password", "password("] {
        for (at, _) in lower.match_indices(keyword) {
            parts.extend(after(text, at + keyword.len(), keyword));
        }
    }
}

/// The first string after a keyword and the words of its statement; an account may be before it.
fn after(text: &str, from: usize, keyword: &str) -> Option<Range<usize>> {
    let end = (from + FARTHEST).min(text.len());
    let end = (0..=end).rev().find(|end| text.is_char_boundary(*end))?;
    let statement = &text[from..end.max(from)];
    let statement = &statement[..statement.find(';').unwrap_or(statement.len())];
    if keyword == "set password" {
        let equals = statement.find('=').or_else(|| statement.to_ascii_lowercase().find(" to "))?;
        return string(text, from + statement[equals..].find(is_opening)? + equals);
    }
    let words = statement.find(is_opening)?;
    let is_usual = |word: &str| BETWEEN.contains(&word.to_ascii_lowercase().as_str());
    let is_plugin = |word: &str| word.contains('_') || word == "ed25519" || word == "PLUGIN";
    let parts = statement[..words].split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    let is_begun = keyword != "identified"
        || parts.clone().next().is_some_and(|word| BEGINNINGS.contains(&word.to_ascii_lowercase().as_str()));
    let is_whole = parts.clone().all(|word| is_usual(word) || is_plugin(word));
    (is_begun && is_whole).then(|| string(text, from + words)).flatten()
}

fn is_opening(c: char) -> bool {
    matches!(c, '\'' | '"' | '`' | '$')
}

/// The inside of a string: quotes in it are doubled or have a backslash before them; `$$…$$` has none.
fn string(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = &text[start..];
    if let Some(inner) = rest.strip_prefix("$$") {
        let length = inner.find("$$").unwrap_or(inner.len());
        return Some(start + 2..start + 2 + length);
    }
    let quote = rest.chars().next().filter(|c| *c != '$')?;
    let mut at = start + 1;
    while let Some(c) = text[at..].chars().next() {
        let next = text[at + c.len_utf8()..].chars().next();
        match (c, next) {
            ('\\', Some(escaped)) => at += 1 + escaped.len_utf8(),
            (c, Some(next)) if c == quote && next == quote => at += 2,
            (c, _) if c == quote => break,
            (c, _) => at += c.len_utf8(),
        }
    }
    (at > start + 1).then_some(start + 1..at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_of_statements_are_found() {
        for (text, expected) in [
            ("CREATE USER kea IDENTIFIED BY 'it''s it'", Some("it''s it")),
            ("GRANT ALL ON kea.* TO k@h IDENTIFIED BY PASSWORD '*6C8989366EAF75BB'", Some("*6C8989366EAF75BB")),
            ("ALTER USER k IDENTIFIED VIA mysql_native_password USING PASSWORD('two words')", Some("two words")),
            ("alter user k identified with caching_sha2_password by \"x\\\"y\"", Some("x\\\"y")),
            ("SET PASSWORD FOR 'kea'@'localhost' = PASSWORD('hunter22')", Some("hunter22")),
            ("SET PASSWORD = 'hunter22';", Some("hunter22")),
            ("client identified as 'x y'", None),
            ("client is identified. It said 'x'", None),
            ("set password; it = 'x'", None),
        ] {
            let mut parts = Vec::new();
            find(text, &mut parts);
            assert_eq!(parts.first().map(|part| &text[part.clone()]), expected, "{text}");
        }
    }
}
