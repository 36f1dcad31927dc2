//! A lease's user context: a JSON map, in the JSON that Kea reads and writes.
//!
//! Kea's JSON differs from RFC 8259: a string is octets, `\u00XX` is one octet (`ü` is written `\u00c3\u00bc`), higher
//! code points do not exist, and raw control characters pass. A lease whose context is anything but such a map is
//! refused by Kea as a whole, so nothing less than a full check is of use. What only some releases read ([`Demands`]) is
//! read here, and refused where a lease file is written for one of the others.

use std::fmt;

use crate::text::{is_terminal_unsafe, push_json_escape};

mod read;

use self::read::walk;

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

/// What a context takes a Kea to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Demands {
    /// Whether a number in it needs more than 64 bits.
    pub has_wide_number: bool,
    /// How deep its values are nested; the map itself is at 1.
    pub depth: usize,
}

/// Checks that `text` is a JSON map and nothing else.
pub fn check(text: &[u8]) -> Result<Demands, NotAMap> {
    walk(text, &mut |_| ())
}

/// Writes `text` as standard JSON in UTF-8: Kea's octet escapes are decoded to characters.
pub fn to_json(text: &[u8], out: &mut Vec<u8>) -> Result<(), NotAMap> {
    let written = walk(text, &mut |token| match token {
        // A line break between members would end a line of NDJSON.
        Token::Other(octets) => out.extend(octets.iter().map(|&octet| if octet < b' ' { b' ' } else { octet })),
        Token::String(octets) => write_string(octets, out),
    });
    written.map(drop)
}

/// A string of a context.
pub enum Text<'a> {
    /// A member's name.
    Name(&'a [u8]),
    /// A value.
    Value(&'a [u8]),
}

/// Writes `text` as Kea writes it, with every string replaced by the result of `replace` for the name of its member and
/// the string.
pub fn map_strings(
    text: &[u8],
    replace: &mut dyn FnMut(&[u8], Text<'_>) -> String,
    out: &mut Vec<u8>,
) -> Result<(), NotAMap> {
    let (mut name, mut pending) = (Vec::new(), None::<Vec<u8>>);
    let written = walk(text, &mut |token| match token {
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
    });
    written.map(drop)
}

/// Writes octets as a JSON string: UTF-8 as it is, but for characters that act on a terminal or hide; a string that is
/// no UTF-8 as Kea writes it, each of its octets from 0x80 on as `\u00XX`.
pub fn write_string(octets: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    if octets.iter().all(|octet| matches!(octet, b' '..=b'~') && !matches!(octet, b'"' | b'\\')) {
        out.extend_from_slice(octets);
        out.push(b'"');
        return;
    }
    match std::str::from_utf8(octets) {
        Ok(text) => text.chars().for_each(|character| write_character(character, out)),
        // A mixture of both ways could not be read back.
        Err(_) => octets.iter().for_each(|&octet| match octet {
            0x80.. => write_octet_escape(octet, out),
            _ => write_character(char::from(octet), out),
        }),
    }
    out.push(b'"');
}

fn write_character(character: char, out: &mut Vec<u8>) {
    match character {
        '"' => out.extend_from_slice(b"\\\""),
        '\\' => out.extend_from_slice(b"\\\\"),
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        _ if is_terminal_unsafe(character) => {
            let mut escape = String::new();
            push_json_escape(character, &mut escape);
            out.extend_from_slice(escape.as_bytes());
        }
        _ => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
    }
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
            assert!(check(text).is_ok(), "{}", String::from_utf8_lossy(text));
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
            "# x\n{}",
            "{\"a\":1e309}",
            "{\"a\":[,1]}",
            "{\"a\":[1,,]}",
            "{\"a\":+18446744073709551616}",
            "{\"a\":340282366920938463463374607431768211456}",
        ] {
            assert!(check(text.as_bytes()).is_err(), "{text}");
        }
        let deep = [b"{\"a\":".to_vec(), vec![b'['; 100_000]].concat();
        assert!(check(&deep).is_err());
    }

    #[test]
    fn what_kea_reads_beyond_the_standard_becomes_standard() {
        for (kea, standard) in [
            ("1.", "1.0"),
            (".5", "0.5"),
            ("-.5e3", "-0.5e3"),
            ("1.e5", "1.0e5"),
            ("+7", "7"),
            ("-007", "-7"),
            ("-0", "0"),
            ("-", "0"),
            ("00.25", "0.25"),
            ("[1,]", "[1]"),
            ("[[], 2 , ]", "[[], 2 ]"),
            ("\u{c}1\u{8}", " 1 "),
        ] {
            assert_eq!(json(format!("{{\"a\":{kea}}}").as_bytes()), format!("{{\"a\":{standard}}}"));
        }
    }

    #[test]
    fn what_only_some_releases_read_is_found_out() {
        let demands = |text: &str| check(text.as_bytes()).expect(text);
        assert_eq!(demands("{}"), Demands { has_wide_number: false, depth: 1 });
        assert_eq!(demands("{\"a\":[[1]],\"b\":{}}"), Demands { has_wide_number: false, depth: 4 });
        for wide in ["9223372036854775808", "-9223372036854775809", "340282366920938463463374607431768211455", "-"] {
            assert!(demands(&format!("{{\"a\":{wide}}}")).has_wide_number, "{wide}");
        }
        let deep = format!("{{\"a\":{}{}}}", "[{\"b\":".repeat(50_000) + "1", "}]".repeat(50_000));
        assert_eq!(demands(&deep).depth, 100_002);
    }

    #[test]
    fn a_string_that_is_no_utf_8_is_written_as_kea_writes_it() {
        assert_eq!(json(b"{\"\xff\": \"z\xfcrich\"}"), "{\"\\u00ff\": \"z\\u00fcrich\"}");
        assert_eq!(json(b"{\"a\": \"z\xc3\xbc\xff\"}"), "{\"a\": \"z\\u00c3\\u00bc\\u00ff\"}");
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
        fn every_checked_map_becomes_standard_json(value in "[{}\\[\\]\",:a0-9\\\\u \n\u{8}.eE+-]{0,40}") {
            let text = format!("{{\"a\":{value}}}");
            let mut out = Vec::new();
            if to_json(text.as_bytes(), &mut out).is_ok() {
                prop_assert!(serde_json::from_slice::<serde_json::Value>(&out).is_ok(), "{}", String::from_utf8_lossy(&out));
            }
        }
    }
}
