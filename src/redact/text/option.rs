//! Options of DHCP that hold secrets, in the packets that Kea logs and in the expressions of its classes.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Parts;
use super::value;
use crate::redact::known::Known;
use crate::redact::{REDACTED, names, options};

/// Finds the values of options that hold secrets by their standards, by their names or as the document defines them.
pub(super) fn find(text: &str, known: &Known, parts: &mut Parts) {
    logged(text.as_bytes(), &BTreeSet::new(), parts);
    compared(text, known, parts);
}

/// The values of options in packets that Kea logs: `type=090, len=00011: 01:01:…`; `codes` are those of more options.
pub(in crate::redact) fn logged(text: &[u8], codes: &BTreeSet<u64>, parts: &mut Parts) {
    for at in memchr::memmem::find_iter(text, b"type=") {
        let digits = text[at + 5..].iter().take_while(|octet| octet.is_ascii_digit()).count();
        let number = std::str::from_utf8(&text[at + 5..at + 5 + digits]).unwrap_or_default();
        let is_before =
            at == 0 || !text[at - 1].is_ascii_alphanumeric() && text[at - 1] != b'-' && text[at - 1] != b'_';
        let Ok(code) = number.parse::<u64>() else { continue };
        let is_secret = options::is_logged_secret(code, digits) || codes.contains(&code);
        if let Some(place) = of_length(text, at + 5 + digits).filter(|_| is_secret && is_before) {
            parts.push(place);
        }
    }
}

/// What follows `, len=00011: ` up to the end of the line.
fn of_length(text: &[u8], from: usize) -> Option<Range<usize>> {
    let rest = text[from..].strip_prefix(b", len=")?;
    let digits = rest.iter().take_while(|octet| octet.is_ascii_digit()).count();
    let rest = rest[digits..].strip_prefix(b":")?;
    let start = text.len() - rest.len() + rest.iter().take_while(|octet| **octet == b' ').count();
    let end = start + memchr::memchr(b'\n', &text[start..]).unwrap_or(text.len() - start);
    let is_hidden = &text[start..end] == REDACTED.as_bytes();
    (start < end && !is_hidden).then_some(start..end)
}

/// The literals that a class compares an option of a secret with: `option[wifi-password].text == 'x'`.
fn compared(text: &str, known: &Known, parts: &mut Parts) {
    for (at, _) in text.match_indices("option[") {
        let inner = &text[at + 7..];
        let Some(end) = value::near(inner, 0).find(']') else { continue };
        let name = inner[..end].rsplit('.').next().unwrap_or_default();
        let is_defined = name.parse().is_ok_and(|code| known.has_option(code));
        let is_secret = is_defined || options::is_name(name) || names::is_secret(name);
        let rest = &inner[end + 1..];
        let Some(equal) = value::near(rest, 0).find("==").filter(|equal| is_secret && *equal < 20) else { continue };
        let literal = rest[equal + 2..].trim_start();
        let start = text.len() - literal.len();
        let hex = literal.strip_prefix("0x").map(|hex| 2 + hex.bytes().take_while(u8::is_ascii_hexdigit).count());
        parts.extend(value::quoted(text, start).or_else(|| hex.map(|length| start..start + length)));
    }
}

#[cfg(test)]
mod tests {
    use crate::redact::{Secrets, line};

    #[test]
    fn values_of_secret_options_in_logged_packets_are_hidden() {
        for (text, expected) in [
            ("options:\n  type=090, len=011: 01:01:00:5a:71\n  type=053, len=001: 3", "  type=053, len=001: 3"),
            (
                "  type=00011, len=00011: 01:01:00:5a:71\n  type=00001, len=00010: 00:01",
                "  type=00001, len=00010: 00:01",
            ),
        ] {
            let shown = line(text);
            assert!(!shown.contains("5a:71") && shown.ends_with(expected), "{shown}");
        }
        for text in ["  type=011, len=004: 192.0.2.1", "subtype=090, len=001: 1", "type=090"] {
            assert_eq!(line(text), text);
        }
    }

    #[test]
    fn options_that_a_configuration_defines_are_known_in_logs() {
        let mut secrets = Secrets::default();
        secrets.learn_text(r#"{ "option-def": [ { "name": "wifi-key", "code": 224, "type": "string" } ] }"#);
        let shown =
            secrets.finder().hidden(b"  type=224, len=009: \"zq\" (string)\n  type=225, len=1: 1\n").text.into_owned();
        assert_eq!(String::from_utf8_lossy(&shown), "  type=224, len=009: (redacted)\n  type=225, len=1: 1\n");
    }

    #[test]
    fn literals_that_secret_options_are_compared_with_are_hidden() {
        for (text, expected) in [
            ("option[wifi-password].text == 'zq1'", "option[wifi-password].text == '(redacted)'"),
            ("option[90].hex == 0x5a71 or x", "option[90].hex == (redacted) or x"),
            ("option[60].text == 'docsis'", "option[60].text == 'docsis'"),
        ] {
            assert_eq!(line(text), expected);
        }
    }
}
