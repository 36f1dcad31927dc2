//! Commands and their answers.

use std::collections::BTreeMap;
use std::ops::Range;
use std::string::FromUtf8Error;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::Trouble;

/// A command for a server.
#[derive(Debug, Clone, Serialize)]
pub struct Command<'a> {
    #[serde(rename = "command")]
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<[&'a str; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<Value>,
}

impl<'a> Command<'a> {
    /// The command of this name.
    #[must_use]
    pub fn new(name: &'a str) -> Self {
        Self { name, service: None, arguments: None }
    }

    /// With arguments, a map.
    #[must_use]
    pub fn arguments(mut self, arguments: Value) -> Self {
        self.arguments = Some(arguments);
        self
    }

    /// For this server (`dhcp4`, `dhcp6`, `d2`) behind a Control Agent; sent over HTTP only.
    #[must_use]
    pub fn service(mut self, service: &'a str) -> Self {
        self.service = Some([service]);
        self
    }

    /// As it is sent over a unix socket.
    pub(super) fn bare(&self) -> Vec<u8> {
        Self { service: None, ..self.clone() }.with_service()
    }

    /// As it is sent over HTTP.
    pub(super) fn with_service(&self) -> Vec<u8> {
        // Strings and a JSON value always make JSON.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// The result code of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// 0: done.
    Success,
    /// 1: failed.
    Error,
    /// 2: the server does not know the command; a hook library may be missing.
    Unsupported,
    /// 3: done, and nothing was found.
    Empty,
    /// 4: in conflict with the server's state.
    Conflict,
    /// An unknown number.
    Other(i64),
}

impl From<i64> for Code {
    fn from(number: i64) -> Self {
        match number {
            0 => Self::Success,
            1 => Self::Error,
            2 => Self::Unsupported,
            3 => Self::Empty,
            4 => Self::Conflict,
            other => Self::Other(other),
        }
    }
}

/// A server's answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The result code.
    pub code: Code,
    /// The server's message, or an empty string. Untrusted text.
    pub text: String,
    /// As it was written, and where in that the `arguments` are.
    whole: String,
    arguments: Range<usize>,
}

/// An answer as it is written.
#[derive(Deserialize)]
struct Written<'a> {
    result: i64,
    #[serde(default)]
    text: String,
    #[serde(borrow, default)]
    arguments: Option<&'a RawValue>,
}

impl Answer {
    /// The answer in `octets`: a map, or a list of one.
    pub fn parse(octets: &[u8]) -> Result<Self, Trouble> {
        Self::take(octets.to_vec())
    }

    /// The same, which keeps the octets. Of others they are overwritten.
    pub(super) fn take(octets: Vec<u8>) -> Result<Self, Trouble> {
        let read = String::from_utf8(octets).map_err(FromUtf8Error::into_bytes).and_then(Self::parse_standard);
        read.or_else(|mut octets| {
            let mended = mended(&octets).and_then(|octets| String::from_utf8(octets).ok());
            let read = mended.and_then(|text| Self::parse_standard(text).ok()).ok_or_else(|| trouble(&octets));
            wipe(&mut octets);
            read
        })
    }

    /// The octets are returned of what is no answer.
    fn parse_standard(whole: String) -> Result<Self, Vec<u8>> {
        let read = if whole.trim_ascii_start().starts_with('[') {
            serde_json::from_str::<[Written<'_>; 1]>(&whole).map(|[written]| written)
        } else {
            serde_json::from_str(&whole)
        };
        let Ok(Written { result, text, arguments }) = read else { return Err(whole.into_bytes()) };
        let arguments = arguments.map_or(0..0, |arguments| {
            let start = arguments.get().as_ptr().addr() - whole.as_ptr().addr();
            start..start + arguments.get().len()
        });
        Ok(Self { code: result.into(), text: as_text(text), whole, arguments })
    }

    /// The `arguments` as a deserialized type; `null` if there are none.
    pub fn read<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(if self.arguments.is_empty() { "null" } else { self.raw() })
    }

    /// The `arguments` with each string, and each name, as the text that its octets are.
    pub fn value(&self) -> serde_json::Result<Value> {
        self.read().map(with_text)
    }

    /// Frees the answer after its text is overwritten, so that secrets in it stay in no memory and in no core file.
    pub fn wipe(self) {
        wipe(&mut self.whole.into_bytes());
    }

    /// The `arguments` as they were written; empty if there are none.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.whole[self.arguments.clone()]
    }

    /// The same without a copy; `null` if there are none.
    #[must_use]
    pub fn into_raw(mut self) -> String {
        if self.arguments.is_empty() {
            return "null".to_owned();
        }
        self.whole.truncate(self.arguments.end);
        self.whole.drain(..self.arguments.start);
        self.whole
    }
}

/// Overwrites octets that may hold secrets, before they are freed.
pub(super) fn wipe(octets: &mut [u8]) {
    octets.fill(0);
    // Without this the compiler may leave out what is not read any more.
    std::hint::black_box(octets);
}

/// Why `octets` are not a valid answer.
fn trouble(octets: &[u8]) -> Trouble {
    if octets.trim_ascii().is_empty() {
        return Trouble::Silent;
    }
    if let Ok(list) = serde_json::from_slice::<Vec<Written<'_>>>(octets) {
        return Trouble::NotKea(match list.len() {
            0 => "an empty list".to_owned(),
            more => format!("a list of {more} answers"),
        });
    }
    match serde_json::from_slice::<&RawValue>(octets) {
        Ok(_) => Trouble::NotKea(lacking(octets).to_owned()),
        Err(broken) if broken.is_eof() => Trouble::Truncated,
        Err(_) => Trouble::NotJson(kind(octets)),
    }
}

/// An answer in standard JSON, where Kea's is none: it writes 1e100 in a user context as `1e+100.0`, and the name of a
/// member in whatever octets it has. `None` if there is nothing of the kind.
fn mended(octets: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(octets.len() + 64);
    let (mut is_string, mut is_escape) = (false, false);
    for chunk in octets.utf8_chunks() {
        for octet in chunk.valid().bytes() {
            match octet {
                b'"' if !is_escape => is_string = !is_string,
                // The fraction after an exponent ends the number.
                b',' | b' ' | b'}' | b']' if !is_string && ends_in_fraction_of_exponent(&out) => {
                    out.truncate(out.len() - 2);
                }
                _ => {}
            }
            is_escape = is_string && octet == b'\\' && !is_escape;
            out.push(octet);
        }
        for octet in chunk.invalid() {
            out.extend_from_slice(format!("\\u00{octet:02x}").as_bytes());
        }
    }
    (out != octets).then_some(out)
}

fn ends_in_fraction_of_exponent(text: &[u8]) -> bool {
    let Some(number) = text.strip_suffix(b".0") else { return false };
    let digits = number.iter().rev().take_while(|octet| octet.is_ascii_digit()).count();
    let before =
        number[..number.len() - digits].strip_suffix(b"+").or(number[..number.len() - digits].strip_suffix(b"-"));
    digits > 0 && before.is_some_and(|text| text.ends_with(b"e"))
}

/// What a JSON value that is not an answer lacks.
fn lacking(octets: &[u8]) -> &'static str {
    let members = |octets: &[u8]| serde_json::from_slice::<BTreeMap<String, Box<RawValue>>>(octets).ok();
    let list = || serde_json::from_slice::<Vec<Box<RawValue>>>(octets).ok();
    let map = members(octets).or_else(|| members(list()?.first()?.get().as_bytes()));
    match map {
        None => "it is no map",
        Some(map) if !map.contains_key("result") => "it has no \"result\"",
        Some(_) => "its \"result\" or \"text\" is of another kind",
    }
}

/// A description of text that is not JSON.
fn kind(octets: &[u8]) -> String {
    /// Enough to recognise it.
    const LONGEST: usize = 40;
    let text = octets.trim_ascii_start();
    let begins = |word: &[u8]| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    if octets.starts_with(&[0x1f, 0x8b]) {
        return "it is compressed".to_owned();
    }
    if begins(b"<!doctype html") || begins(b"<html") {
        return "it is an HTML page".to_owned();
    }
    if begins(b"HTTP/") {
        return "it is one of HTTP".to_owned();
    }
    let line = text.split(|octet| matches!(octet, b'\r' | b'\n')).next().unwrap_or_default();
    let start: String = String::from_utf8_lossy(line).chars().take(LONGEST).collect();
    format!("it begins with \"{start}\"")
}

/// The octets of a string in an answer: Kea writes each octet from 0x7f on as a character of that number.
#[must_use]
pub fn octets(text: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len());
    for character in text.chars() {
        match u8::try_from(u32::from(character)) {
            Ok(octet) => octets.push(octet),
            Err(_) => octets.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    octets
}

/// A string in an answer as text; where its octets are none, each stays a character of its own.
fn as_text(text: String) -> String {
    if text.is_ascii() { text } else { String::from_utf8(octets(&text)).unwrap_or(text) }
}

fn with_text(value: Value) -> Value {
    match value {
        Value::String(text) => as_text(text).into(),
        Value::Array(items) => items.into_iter().map(with_text).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (as_text(name), with_text(value))).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<(Code, String), Trouble> {
        Answer::parse(text.as_bytes()).map(|answer| (answer.code, answer.text))
    }

    #[test]
    fn what_kea_writes_beside_the_standard_hides_nothing_else() {
        let text = b"{\"result\": 0, \"arguments\": { \"a\": { \"\xff\": 1e+100.0 }, \"b\": [ -2e-05.0, 1.0, \"1e+5.0 \\\" \" ] } }";
        let answer = Answer::parse(text).unwrap();
        let read: serde_json::Value = answer.read().unwrap();
        assert_eq!(read, json!({ "a": { "\u{ff}": 1e100 }, "b": [-2e-5, 1.0, "1e+5.0 \" "] }));
        assert!(Answer::parse(b"{\"result\": 1e+5.0x}").is_err());
    }

    #[test]
    fn a_map_and_a_list_of_one_map_are_the_same_answer() {
        for text in [r#"{"result": 0, "text": "ok"}"#, r#" [ {"result": 0, "text": "ok", "new": [1]} ] "#] {
            assert_eq!(read(text).unwrap(), (Code::Success, "ok".to_owned()));
        }
    }

    #[test]
    fn every_result_has_its_meaning() {
        let codes = [Code::Success, Code::Error, Code::Unsupported, Code::Empty, Code::Conflict, Code::Other(5)];
        for (number, code) in (0..).zip(codes) {
            assert_eq!(read(&format!("{{\"result\": {number}}}")).unwrap(), (code, String::new()));
        }
    }

    #[test]
    fn answer_text_is_decoded_from_utf_8_octets_escaped_by_kea() {
        assert_eq!(read(r#"{"result":1,"text":"Z\u00c3\u00bcrich"}"#).unwrap().1, "Zürich");
        assert_eq!(read(r#"{"result":1,"text":"\u00fc alone, \u20ac"}"#).unwrap().1, "ü alone, €");
        assert_eq!(octets("a\u{fc}"), b"a\xfc");
        let answer =
            Answer::parse(br#"{"result":0,"arguments":{"\u00c3\u00bc":["Z\u00c3\u00bcrich","\u00fc",7]}}"#).unwrap();
        assert_eq!(answer.value().unwrap(), json!({ "ü": ["Zürich", "ü", 7] }));
    }

    #[test]
    fn what_is_no_answer_is_distinguished() {
        assert_eq!(read(" \n").unwrap_err(), Trouble::Silent);
        assert_eq!(read(r#"{"result": 0, "arguments": {"a": [1, 2"#).unwrap_err(), Trouble::Truncated);
        for (octets, what) in [
            ("HTTP/1.1 400", "it is one of HTTP"),
            ("\n<!DOCTYPE html><html>", "it is an HTML page"),
            ("220 mail.example ESMTP\r\n250 ok", "it begins with \"220 mail.example ESMTP\""),
        ] {
            assert_eq!(read(octets).unwrap_err(), Trouble::NotJson(what.to_owned()));
        }
        assert_eq!(Answer::parse(b"\x1f\x8b\x08\0").unwrap_err(), Trouble::NotJson("it is compressed".to_owned()));
        assert_eq!(read("[{}]").unwrap_err(), Trouble::NotKea("it has no \"result\"".to_owned()));
        assert!(matches!(read(r#"{"result": 0} x"#).unwrap_err(), Trouble::NotJson(_)));
        for text in
            ["[]", "{}", "7", r#"{"result": "0"}"#, r#"[{"result":0},{"result":0}]"#, r#"{"result":0,"text":7}"#]
        {
            assert!(matches!(read(text).unwrap_err(), Trouble::NotKea(_)), "{text}");
        }
    }

    #[test]
    fn nesting_as_deep_as_the_limit_of_size_allows_is_borne() {
        let depth = 5_000_000;
        let deep = format!("{{\"result\": 0, \"arguments\": {}{}}}", "[".repeat(depth), "]".repeat(depth));
        let answer = Answer::parse(deep.as_bytes()).unwrap();
        assert!(answer.read::<Value>().is_err());
        assert_eq!(answer.raw().len(), 2 * depth);
        assert_eq!(Answer::parse("[".repeat(depth).as_bytes()).unwrap_err(), Trouble::Truncated);
    }

    #[test]
    fn arguments_are_read_as_what_they_are_meant_to_be() {
        #[derive(Deserialize)]
        struct Total {
            total: u128,
        }
        let answer = Answer::parse(br#"{"result":0,"arguments":{"total":340282366920938463463374607431768211455}}"#);
        assert_eq!(answer.unwrap().read::<Total>().unwrap().total, u128::MAX);
        assert!(read(r#"{"result":0}"#).is_ok());
    }

    #[test]
    fn command_names_the_service_only_for_a_control_agent() {
        let command = Command::new("lease4-get-page").service("dhcp4").arguments(json!({ "limit": 1 }));
        assert_eq!(command.bare(), br#"{"command":"lease4-get-page","arguments":{"limit":1}}"#);
        let full = br#"{"command":"lease4-get-page","service":["dhcp4"],"arguments":{"limit":1}}"#;
        assert_eq!(command.with_service(), full);
    }

    proptest! {
        #[test]
        fn no_octets_upset_the_reader(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Answer::parse(&octets);
        }
    }
}
