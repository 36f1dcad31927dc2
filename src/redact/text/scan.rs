//! JSON in text, as Kea writes and reads it: with comments and extra commas, and cut off anywhere.
//!
//! The text keeps its lines and columns, which errors of Kea refer to: only the values that are secrets are replaced.
//! Nothing but the members of open maps is kept, as a line of a log may hold a configuration of many megabytes.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::{Map, Value};

use crate::redact::document::{self, ValueContext};
use crate::redact::known::Known;
use crate::redact::{REDACTED, Rule, options, text};

/// What is replaced in a text, and the secrets that it hides.
#[derive(Default)]
pub(in crate::redact) struct Found {
    /// Where, and by what.
    pub(in crate::redact) cuts: Vec<Cut>,
    /// The values, as they are.
    pub(in crate::redact) secrets: Vec<(Rule, String)>,
    /// Codes of options that have names of secrets.
    pub(in crate::redact) options: BTreeSet<u64>,
}

/// A value that is replaced.
pub(in crate::redact) struct Cut {
    /// Where.
    pub(in crate::redact) place: Range<usize>,
    /// By what, in JSON.
    pub(in crate::redact) clean: String,
    /// By which rule.
    pub(in crate::redact) rule: Rule,
}

impl Found {
    pub(in crate::redact) fn is_empty(&self) -> bool {
        self.cuts.is_empty() && self.secrets.is_empty() && self.options.is_empty()
    }

    fn cut(&mut self, place: Range<usize>, clean: &Value, rule: Rule) {
        self.cuts.push(Cut { place, clean: clean.to_string(), rule });
    }
}

/// Deeper than this nothing is looked into.
const DEEPEST: usize = 500;

/// Scans the map or list that begins at `start`; the octet after the last one of it that is JSON.
pub(in crate::redact) fn scan(text: &str, start: usize, known: &Known, found: &mut Found) -> usize {
    let mut scanner = Scanner { text, at: start, known, found, open: Vec::new() };
    scanner.run();
    while let Some(frame) = scanner.open.pop() {
        scanner.close(frame);
    }
    scanner.at.max(start + 1)
}

struct Scanner<'a, 'b> {
    text: &'a str,
    at: usize,
    known: &'b Known,
    found: &'b mut Found,
    open: Vec<Frame>,
}

/// A map or list that is open.
struct Frame {
    is_map: bool,
    place: ValueContext,
    /// The name of the value that comes.
    name: Option<String>,
    members: Vec<Member>,
}

struct Member {
    name: String,
    range: Range<usize>,
    /// `None` for a map or list.
    value: Option<Value>,
}

/// What comes next in the text.
enum Token {
    Open(bool),
    Close(bool),
    Comma,
    Colon,
    Scalar(Range<usize>, Value),
}

impl Scanner<'_, '_> {
    fn run(&mut self) {
        while let Some(token) = self.token() {
            let is_usable = match token {
                Token::Open(is_map) => self.open(is_map),
                Token::Close(is_map) => self.closing(is_map),
                Token::Comma => self.comma(),
                Token::Colon => self.open.last().is_some_and(|frame| frame.name.is_some()),
                Token::Scalar(range, value) => self.scalar(range, value),
            };
            if !is_usable || self.open.is_empty() {
                return;
            }
        }
    }

    /// After a comma a name comes, also where an include was the value before.
    fn comma(&mut self) -> bool {
        if let Some(frame) = self.open.last_mut() {
            frame.name = None;
        }
        true
    }

    fn open(&mut self, is_map: bool) -> bool {
        let start = self.at - 1;
        let place = match self.open.last_mut() {
            None => ValueContext::Open,
            Some(frame) if self.text.len() < start || frame.is_map && frame.name.is_none() => return false,
            Some(frame) => {
                let name = frame.name.take().unwrap_or_default();
                let inner = document::place_of_container(&name, frame.place, frame.is_map);
                frame.members.push(Member { name, range: start..self.text.len(), value: None });
                inner
            }
        };
        self.open.push(Frame { is_map, place, name: None, members: Vec::new() });
        self.open.len() <= DEEPEST
    }

    fn closing(&mut self, is_map: bool) -> bool {
        let Some(frame) = self.open.pop_if(|frame| frame.is_map == is_map) else { return false };
        self.close(frame);
        if let Some(member) = self.open.last_mut().and_then(|frame| frame.members.last_mut()) {
            member.range.end = self.at;
        }
        true
    }

    fn scalar(&mut self, range: Range<usize>, value: Value) -> bool {
        let Some(frame) = self.open.last_mut() else { return false };
        if !frame.is_map {
            frame.members.push(Member { name: String::new(), range, value: Some(value) });
            return true;
        }
        match (frame.name.take(), value) {
            (Some(name), value) => frame.members.push(Member { name, range, value: Some(value) }),
            (None, Value::String(name)) => {
                let clean = text::without_secrets(&name, &Known::default());
                if clean != name {
                    self.found.cut(range, &Value::from(clean.as_ref()), Rule::Shape);
                }
                frame.name = Some(name);
            }
            (None, _) => return false,
        }
        true
    }

    /// Looks at the values of a map or list whose end is known.
    fn close(&mut self, frame: Frame) {
        let places = self.places(&frame);
        for (member, place) in frame.members.into_iter().zip(places) {
            match member.value {
                Some(value) => self.look(&member.name, member.range, &value, place, frame.is_map),
                // It was not known before that it is one.
                None if place.is_secret() && !frame.place.is_secret() && frame.is_map => {
                    self.look_into(&member.name, member.range);
                }
                None => {}
            }
        }
    }

    /// What the members of a map or list are.
    fn places(&mut self, frame: &Frame) -> Vec<ValueContext> {
        if !frame.is_map {
            let items: Vec<Value> =
                frame.members.iter().map(|member| member.value.clone().unwrap_or_default()).collect();
            return document::places_in(&items, frame.place);
        }
        let members: Map<String, Value> = frame
            .members
            .iter()
            .map(|member| (member.name.clone(), member.value.clone().unwrap_or_default()))
            .collect();
        if frame.place.is_of_definitions() {
            self.found.options.extend(options::defined(&members));
        }
        let around = document::Around::new(&members, frame.place, self.known);
        let place = |member: &Member| {
            document::place_of(&member.name, member.value.as_ref().unwrap_or(&Value::Null), frame.place, around)
        };
        frame.members.iter().map(place).collect()
    }

    fn look(&mut self, name: &str, range: Range<usize>, value: &Value, place: ValueContext, is_map: bool) {
        let clean = if is_map {
            document::hidden_member(name, value.clone(), place, self.known)
        } else {
            document::hidden(value.clone(), place, self.known)
        };
        let inner = match (document::secret_of(value, place), value) {
            (Some(secret), _) => vec![(Rule::Name, secret)],
            (None, Value::String(text)) => text::secrets_in(text, self.known),
            (None, _) => Vec::new(),
        };
        if clean != *value {
            self.found.cut(range, &clean, inner.first().map_or(Rule::KnownValue, |(rule, _)| *rule));
        }
        self.found.secrets.extend(inner);
    }

    /// A map or list whose neighbour names it a secret: each string in it is one.
    fn look_into(&mut self, name: &str, range: Range<usize>) {
        if document::place_of_container(name, ValueContext::Open, true).is_secret() {
            return;
        }
        let inner = &self.text[range.clone()];
        let mut at = 0;
        while let Some(start) = inner[at..].find('"').map(|start| at + start) {
            let (end, value) = string(inner, start);
            at = end;
            self.found.secrets.extend(value.as_str().map(|secret| (Rule::Name, secret.to_owned())));
        }
        self.found.cut(range, &Value::from(REDACTED), Rule::Name);
    }

    fn token(&mut self) -> Option<Token> {
        self.at = blank(self.text, self.at);
        let first = self.text[self.at..].chars().next()?;
        let start = self.at;
        match first {
            '{' | '[' | '}' | ']' | ',' | ':' => self.at += 1,
            '"' => {
                let (end, value) = string(self.text, start);
                self.at = end;
                return Some(Token::Scalar(start..end, value));
            }
            _ => return self.word(),
        }
        Some(match first {
            '{' => Token::Open(true),
            '[' => Token::Open(false),
            '}' => Token::Close(true),
            ']' => Token::Close(false),
            ',' => Token::Comma,
            _ => Token::Colon,
        })
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Option<Token> {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(rest.len());
        let value = serde_json::from_str(&rest[..length]).ok()?;
        let start = self.at;
        self.at += length;
        Some(Token::Scalar(start..self.at, value))
    }
}

/// The end of the string that begins at `start`, and its value; one that is cut off ends with the text.
fn string(text: &str, start: usize) -> (usize, Value) {
    let octets = text.as_bytes();
    let mut at = start + 1;
    while at < octets.len() && octets[at] != b'"' {
        at += if octets[at] == b'\\' { 2 } else { 1 };
    }
    let end = (at + 1).min(octets.len());
    let end = (end..=octets.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(octets.len());
    let written = &text[start..end];
    let value = serde_json::from_str::<String>(written).unwrap_or_else(|_| unescaped(written));
    (end, Value::String(value))
}

/// A string that JSON does not allow: with line breaks or unknown escapes in it.
fn unescaped(written: &str) -> String {
    let inner = written.trim_start_matches('"');
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let escaped: String = inner
        .chars()
        .map(|c| match c {
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    serde_json::from_str(&format!("\"{escaped}\"")).unwrap_or_else(|_| inner.to_owned())
}

/// The end of blanks and comments.
pub(super) fn blank(text: &str, mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        let end = match trimmed.as_bytes() {
            [b'#', ..] | [b'/', b'/', ..] => trimmed.find('\n'),
            [b'/', b'*', ..] => trimmed.find("*/").map(|end| end + 2),
            [b'<', b'?', ..] => trimmed.find("?>").map(|end| end + 2),
            _ => return at,
        };
        at = end.map_or(text.len(), |end| at + end);
    }
}
