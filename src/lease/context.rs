//! A lease's user context: a JSON map, in the JSON that Kea reads and writes.
//!
//! Kea's JSON differs from RFC 8259: a string is octets, `\u00XX` is one octet (`ü` is written `\u00c3\u00bc`), higher
//! code points do not exist, and raw control characters pass. A lease whose context is anything but such a map is
//! refused by Kea as a whole, so nothing less than a full check is of use.

use std::fmt;

use crate::text::{is_unseemly, push_json_escape};

/// How deep maps and lists may be nested before the text is refused.
const DEEPEST: usize = 250;

/// Why a text is no user context: what was expected, and where (octets from the start).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAMap {
    expected: &'static str,
    at: usize,
}

impl fmt::Display for NotAMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a JSON map that Kea reads: {} expected at octet {}", self.expected, self.at)
    }
}

/// Checks that `text` is a JSON map and nothing else.
pub fn check(text: &[u8]) -> Result<(), NotAMap> {
    walk(text, &mut |_| ())
}

/// Writes `text` as standard JSON in UTF-8: Kea's octet escapes become the characters they stand for.
pub fn to_json(text: &[u8], out: &mut Vec<u8>) -> Result<(), NotAMap> {
    walk(text, &mut |token| match token {
        // A line break between members would end a line of NDJSON.
        Token::Other(octets) => out.extend(octets.iter().map(|&octet| if octet < b' ' { b' ' } else { octet })),
        Token::String(octets) => write_string(octets, out),
    })
}

/// A string of a context.
pub enum Text<'a> {
    /// A member's name.
    Name(&'a [u8]),
    /// A value.
    Value(&'a [u8]),
}

/// Writes `text` as Kea writes it, with every string replaced by what `replace` makes of the name of the member it
/// stands in and itself.
pub fn map_strings(
    text: &[u8],
    replace: &mut dyn FnMut(&[u8], Text<'_>) -> String,
    out: &mut Vec<u8>,
) -> Result<(), NotAMap> {
    let (mut name, mut pending) = (Vec::new(), None::<Vec<u8>>);
    walk(text, &mut |token| match token {
        Token::String(octets) => pending = Some(octets.to_vec()),
        Token::Other(octets) => {
            let is_name = octets.trim_ascii_start().first() == Some(&b':');
            if let Some(string) = pending.take() {
                let text = if is_name { Text::Name(&string) } else { Text::Value(&string) };
                write_kea_string(replace(&name, text).as_bytes(), out);
                if is_name {
                    name = string;
                }
            }
            out.extend_from_slice(octets);
        }
    })
}

/// Writes octets as a JSON string: UTF-8 as it is, but for characters that act on a terminal or hide; octets that are
/// no UTF-8 as Kea writes them, `\u00XX` each.
pub fn write_string(octets: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    if octets.iter().all(|octet| matches!(octet, b' '..=b'~') && !matches!(octet, b'"' | b'\\')) {
        out.extend_from_slice(octets);
        out.push(b'"');
        return;
    }
    for chunk in octets.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' => out.extend_from_slice(b"\\\""),
                '\\' => out.extend_from_slice(b"\\\\"),
                '\n' => out.extend_from_slice(b"\\n"),
                '\r' => out.extend_from_slice(b"\\r"),
                '\t' => out.extend_from_slice(b"\\t"),
                _ if is_unseemly(character) => {
                    let mut escape = String::new();
                    push_json_escape(character, &mut escape);
                    out.extend_from_slice(escape.as_bytes());
                }
                _ => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        for &octet in chunk.invalid() {
            write_octet_escape(octet, out);
        }
    }
    out.push(b'"');
}

/// Writes octets as a JSON string that Kea reads back to the same octets.
fn write_kea_string(octets: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for &octet in octets {
        match octet {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', octet]),
            b' '..=b'~' => out.push(octet),
            _ => write_octet_escape(octet, out),
        }
    }
    out.push(b'"');
}

fn write_octet_escape(octet: u8, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let (high, low) = (DIGITS[usize::from(octet >> 4)], DIGITS[usize::from(octet & 15)]);
    out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
}

/// A piece of a checked text: a string with its escapes undone, or everything between two strings.
enum Token<'a> {
    String(&'a [u8]),
    Other(&'a [u8]),
}

fn walk(text: &[u8], sink: &mut dyn FnMut(Token<'_>)) -> Result<(), NotAMap> {
    let mut reader = Reader { text, at: 0, told: 0, string: Vec::new(), sink };
    reader.blank();
    if reader.peek() != Some(b'{') {
        return reader.expected("a map");
    }
    reader.value(0)?;
    reader.blank();
    if reader.at != text.len() {
        return reader.expected("the end");
    }
    reader.tell_other();
    Ok(())
}

struct Reader<'a, 's> {
    text: &'a [u8],
    at: usize,
    told: usize,
    string: Vec<u8>,
    sink: &'s mut dyn FnMut(Token<'_>),
}

impl Reader<'_, '_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn expected(&self, expected: &'static str) -> Result<(), NotAMap> {
        Err(NotAMap { expected, at: self.at })
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn tell_other(&mut self) {
        if self.told < self.at {
            (self.sink)(Token::Other(&self.text[self.told..self.at]));
            self.told = self.at;
        }
    }

    fn take(&mut self, octet: u8, expected: &'static str) -> Result<(), NotAMap> {
        if self.peek() != Some(octet) {
            return self.expected(expected);
        }
        self.at += 1;
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<(), NotAMap> {
        if depth > DEEPEST {
            return self.expected("less nesting");
        }
        match self.peek() {
            Some(b'{') => self.items(b'}', "a member or }", depth, true),
            Some(b'[') => self.items(b']', "an item or ]", depth, false),
            Some(b'"') => self.string(),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.expected("a value"),
        }
    }

    fn items(&mut self, close: u8, expected: &'static str, depth: usize, map: bool) -> Result<(), NotAMap> {
        self.at += 1;
        self.blank();
        if self.peek() == Some(close) {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.blank();
            if map {
                if self.peek() != Some(b'"') {
                    return self.expected("a member's name");
                }
                self.string()?;
                self.blank();
                self.take(b':', "a colon")?;
                self.blank();
            }
            self.value(depth + 1)?;
            self.blank();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(octet) if octet == close => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return self.expected(expected),
            }
        }
    }

    fn word(&mut self, word: &'static [u8]) -> Result<(), NotAMap> {
        if !self.text[self.at..].starts_with(word) {
            return self.expected("a value");
        }
        self.at += word.len();
        Ok(())
    }

    fn digits(&mut self) -> Result<(), NotAMap> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if start == self.at { self.expected("a digit") } else { Ok(()) }
    }

    fn number(&mut self) -> Result<(), NotAMap> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        while let Some([b'0', b'0'..=b'9']) = self.text.get(self.at..self.at + 2) {
            // Kea reads leading zeros, no other JSON reader does: they are left out.
            self.tell_other();
            self.at += 1;
            self.told = self.at;
        }
        self.digits()?;
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<(), NotAMap> {
        self.tell_other();
        self.string.clear();
        self.at += 1;
        loop {
            let plain = memchr::memchr2(b'"', b'\\', &self.text[self.at..]).unwrap_or(self.text.len() - self.at);
            self.string.extend_from_slice(&self.text[self.at..self.at + plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => break,
                Some(_) => self.escape()?,
                None => return self.expected("the end of a string"),
            }
        }
        self.at += 1;
        self.told = self.at;
        (self.sink)(Token::String(&self.string));
        Ok(())
    }

    fn escape(&mut self) -> Result<(), NotAMap> {
        self.at += 1;
        let octet = match self.peek() {
            Some(octet @ (b'"' | b'\\' | b'/')) => octet,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                let code = self.text.get(self.at + 1..self.at + 5).and_then(|four| std::str::from_utf8(four).ok());
                match code.filter(|code| code.starts_with("00")).and_then(|code| u8::from_str_radix(code, 16).ok()) {
                    Some(octet) => {
                        self.at += 4;
                        octet
                    }
                    None => return self.expected("\\u00 with two hex digits"),
                }
            }
            _ => return self.expected("an escape"),
        };
        self.string.push(octet);
        self.at += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn json(text: &[u8]) -> String {
        let mut out = Vec::new();
        to_json(text, &mut out).expect("a map");
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    #[test]
    fn what_kea_writes_is_a_map() {
        for text in [
            &b"{}"[..],
            br#"{ "ISC": { "relay-agent-info": "0x0107" } }"#,
            br#"{ "a": 1, "b": true, "c": null, "d": [ 1, 2.5, -3e+10 ], "e": { "f": "g" } }"#,
            br#"{ "bs": "c:\\temp", "quote": "say \"hi\"" }"#,
            b"{\n\t\"raw\": \"\x01\xff\"\n}",
        ] {
            assert_eq!(check(text), Ok(()), "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn what_kea_refuses_is_none() {
        for text in [
            "",
            " ",
            "[]",
            "null",
            "\"a\"",
            "{} x",
            "{,}",
            "{\"a\":1,}",
            "{\"a\"}",
            "{a:1}",
            "{\"a\":1",
            "{\"a\":\"b",
            "{\"a\":\"\\u0100\"}",
            "{\"a\":\"\\x\"}",
            "{\"a\":1e+100.0}",
            "{\"a\":NULL}",
            "{\"a\":-}",
            "# x\n{}",
        ] {
            assert!(check(text.as_bytes()).is_err(), "{text}");
        }
        let deep = [b"{\"a\":".to_vec(), vec![b'['; 100_000]].concat();
        assert!(check(&deep).is_err());
    }

    #[test]
    fn octet_escapes_become_the_characters_they_stand_for() {
        assert_eq!(json(br#"{ "a": "Z\u00c3\u00bcrich" }"#), r#"{ "a": "Zürich" }"#);
        assert_eq!(json(b"{\n\"a\": \"x\ty\xff\",\n\"n\": 007}"), r#"{ "a": "x\ty\u00ff", "n": 7}"#);
    }

    #[test]
    fn characters_that_act_or_hide_are_spelled_out() {
        let text = "{\"\u{202e}\": \"\u{9b}31m \u{7f} \u{e0041} \u{1f600}\"}";
        assert_eq!(json(text.as_bytes()), "{\"\\u202e\": \"\\u009b31m \\u007f \\udb40\\udc41 \u{1f600}\"}");
    }

    #[test]
    fn strings_are_replaced_with_the_name_of_their_member_at_hand() {
        let mut out = Vec::new();
        let text = br#"{ "host" : "anna", "list": [ "b", 2, "c" ], "last": { "x": "y" } }"#;
        let mut replace = |name: &[u8], text: Text<'_>| match text {
            Text::Name(name) => String::from_utf8_lossy(name).to_uppercase(),
            Text::Value(value) => format!("{}={}", String::from_utf8_lossy(name), String::from_utf8_lossy(value)),
        };
        map_strings(text, &mut replace, &mut out).expect("a map");
        let expected = r#"{ "HOST" : "host=anna", "LIST": [ "list=b", 2, "list=c" ], "LAST": { "X": "x=y" } }"#;
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }

    proptest! {
        #[test]
        fn no_octets_make_it_panic(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = check(&octets);
        }

        #[test]
        fn every_checked_map_becomes_standard_json(value in "[{}\\[\\]\",:a0-9\\\\u \n.eE+-]{0,40}") {
            let text = format!("{{\"a\":{value}}}");
            let mut out = Vec::new();
            if to_json(text.as_bytes(), &mut out).is_ok() {
                prop_assert!(serde_json::from_slice::<serde_json::Value>(&out).is_ok(), "{}", String::from_utf8_lossy(&out));
            }
        }
    }
}
