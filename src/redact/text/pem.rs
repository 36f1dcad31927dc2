//! Private keys between `-----BEGIN` and `-----END`; certificates are public.

use super::Parts;

const BEGIN: &str = "-----BEGIN ";

/// Finds private keys.
pub(super) fn find(text: &str, parts: &mut Parts) {
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

/// Whether a private key begins in a text that does not end in it.
pub(in crate::redact) fn begins_a_key(text: &str) -> bool {
    let mut parts = Vec::new();
    find(text, &mut parts);
    let last = parts.last();
    last.is_some_and(|part| !text[part.clone()].contains("-----END") && text[part.end..].trim().is_empty())
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
pub(in crate::redact) fn is_key_body(word: &str) -> bool {
    word.chars().all(is_base64) && (word.len() >= 16 || word.len() >= 4 && word.ends_with('='))
}

/// Whether a line of its own can be the last one of a private key.
pub(in crate::redact) fn is_short_body(word: &str) -> bool {
    word.len() >= 4 && word.len().is_multiple_of(4) && word.chars().all(is_base64)
}

/// Whether a word is a line of a key as PEM has it, whose beginning may be elsewhere.
pub(in crate::redact) fn is_key_line(word: &str) -> bool {
    let has = |is: fn(char) -> bool| word.chars().any(is);
    let is_mixed = || has(|c| c.is_ascii_digit()) && has(|c| c.is_ascii_lowercase()) && has(|c| c.is_ascii_uppercase());
    word.len() == 64 && word.chars().all(is_base64) && is_mixed() && !word.chars().all(|c| c.is_ascii_hexdigit())
}
