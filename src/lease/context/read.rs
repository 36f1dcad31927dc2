//! Reads a context as Kea reads it.
//!
//! What Kea takes beyond RFC 8259 (signs, zeros and points of numbers, a comma at the end of a list) is handed on in the
//! form of RFC 8259. Nesting needs no stack of calls: Kea 2.2 reads any depth.

use super::{Demands, NotAMap, Token};

/// Gives `text`, a JSON map, to `sink` in pieces.
pub(super) fn walk(text: &[u8], sink: &mut dyn FnMut(Token<'_>)) -> Result<Demands, NotAMap> {
    let nest = Nest::default();
    let mut reader = Reader { text, at: 0, told: 0, string: Vec::new(), nest, demands: Demands::default(), sink };
    reader.blank();
    if reader.peek() != Some(b'{') {
        return reader.expected("a map");
    }
    reader.values()?;
    reader.blank();
    if reader.at != text.len() {
        return reader.expected("the end");
    }
    reader.tell_other();
    Ok(reader.demands)
}

struct Reader<'a, 's> {
    text: &'a [u8],
    at: usize,
    told: usize,
    string: Vec<u8>,
    nest: Nest,
    demands: Demands,
    sink: &'s mut dyn FnMut(Token<'_>),
}

/// The maps and lists that are open: a bit each, set for a map.
#[derive(Default)]
struct Nest {
    bits: u64,
    outer: Vec<u64>,
    depth: usize,
}

impl Nest {
    const WORD: usize = 64;

    fn open(&mut self, is_map: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(Self::WORD) {
            self.outer.push(self.bits);
        }
        self.bits = self.bits << 1 | u64::from(is_map);
        self.depth += 1;
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.bits >>= 1;
        if self.depth > 0 && self.depth.is_multiple_of(Self::WORD) {
            self.bits = self.outer.pop().unwrap_or_default();
        }
    }

    /// Whether the innermost is a map; `None` if none is open.
    fn is_map(&self) -> Option<bool> {
        (self.depth > 0).then_some(self.bits & 1 == 1)
    }
}

impl Reader<'_, '_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn expected<T>(&self, expected: &'static str) -> Result<T, NotAMap> {
        Err(NotAMap { expected, at: self.at })
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r' | 8 | 12)) {
            self.at += 1;
        }
    }

    fn tell_other(&mut self) {
        if self.told < self.at {
            (self.sink)(Token::Other(&self.text[self.told..self.at]));
            self.told = self.at;
        }
    }

    /// The value that begins here, with all that is in it.
    fn values(&mut self) -> Result<(), NotAMap> {
        loop {
            if self.begin()? {
                continue;
            }
            if self.end()? {
                return Ok(());
            }
        }
    }

    /// Reads a value, or the beginning of one; true if a value in it comes next.
    fn begin(&mut self) -> Result<bool, NotAMap> {
        self.demands.depth = self.demands.depth.max(self.nest.depth + 1);
        match self.peek() {
            Some(b'{') => return self.open(b'}', true),
            Some(b'[') => return self.open(b']', false),
            Some(b'"') => self.string()?,
            Some(b't') => self.word(b"true")?,
            Some(b'f') => self.word(b"false")?,
            Some(b'n') => self.word(b"null")?,
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') => self.number()?,
            _ => return self.expected("a value"),
        }
        Ok(false)
    }

    fn open(&mut self, close: u8, is_map: bool) -> Result<bool, NotAMap> {
        self.at += 1;
        self.blank();
        if self.peek() == Some(close) {
            self.at += 1;
            return Ok(false);
        }
        self.nest.open(is_map);
        self.name(is_map)?;
        Ok(true)
    }

    /// Reads what follows a value, up to the next one; true if there is none.
    fn end(&mut self) -> Result<bool, NotAMap> {
        while let Some(is_map) = self.nest.is_map() {
            self.blank();
            match (self.peek(), is_map) {
                (Some(b','), true) => {
                    self.at += 1;
                    self.blank();
                    self.name(true)?;
                    return Ok(false);
                }
                (Some(b','), false) => {
                    if !self.skip_last_comma() {
                        self.at += 1;
                        self.blank();
                        return Ok(false);
                    }
                }
                (Some(b'}'), true) | (Some(b']'), false) => self.at += 1,
                (_, true) => return self.expected("a member or }"),
                (_, false) => return self.expected("an item or ]"),
            }
            self.nest.close();
        }
        Ok(true)
    }

    /// Leaves the comma here out and goes behind the list's end, if that is what comes next.
    fn skip_last_comma(&mut self) -> bool {
        let comma = self.at;
        self.at += 1;
        self.blank();
        let end = self.at;
        self.at = comma;
        let is_last = self.text.get(end) == Some(&b']');
        if is_last {
            self.tell_other();
            (self.at, self.told) = (end + 1, end);
        }
        is_last
    }

    /// The name of a member, up to its value; a list has none.
    fn name(&mut self, is_map: bool) -> Result<(), NotAMap> {
        if !is_map {
            return Ok(());
        }
        if self.peek() != Some(b'"') {
            return self.expected("a member's name");
        }
        self.string()?;
        self.blank();
        if self.peek() != Some(b':') {
            return self.expected("a colon");
        }
        self.at += 1;
        self.blank();
        Ok(())
    }

    fn word(&mut self, word: &'static [u8]) -> Result<(), NotAMap> {
        if !self.text[self.at..].starts_with(word) {
            return self.expected("a value");
        }
        self.at += word.len();
        Ok(())
    }

    fn number(&mut self) -> Result<(), NotAMap> {
        let rest = &self.text[self.at..];
        let length =
            rest.iter().take_while(|octet| matches!(octet, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')).count();
        let text = &rest[..length];
        if is_plain(text) {
            self.at += length;
            return Ok(());
        }
        let text = std::str::from_utf8(text).unwrap_or_default();
        let read = if text.contains(['.', 'e', 'E']) { fraction(text) } else { self.integer(text) };
        let Some(standard) = read else { return self.expected("a number") };
        self.tell_other();
        (self.sink)(Token::Other(standard.as_bytes()));
        self.at += length;
        self.told = self.at;
        Ok(())
    }

    /// The integer as RFC 8259 has it, if it is one. Kea from 2.3.8 on reads 128 bits and a sign, a minus alone as 0.
    fn integer(&mut self, text: &str) -> Option<String> {
        if let Ok(value) = text.parse::<i64>() {
            return Some(value.to_string());
        }
        self.demands.has_wide_number = true;
        if text == "-" {
            return Some("0".to_owned());
        }
        // More than one zero or a plus would be read as something else, or not at all.
        let size = text.strip_prefix('-').unwrap_or(text);
        let is_plain = size.starts_with(|first: char| matches!(first, '1'..='9'));
        (is_plain && size.parse::<u128>().is_ok()).then(|| text.to_owned())
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
                let is_hex =
                    |code: &&str| code.starts_with("00") && code.bytes().all(|digit| digit.is_ascii_hexdigit());
                match code.filter(is_hex).and_then(|code| u8::from_str_radix(code, 16).ok()) {
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

/// Whether this is an integer as most programs write it.
fn is_plain(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let begins_well = matches!(digits.first(), Some(b'1'..=b'9'));
    text == b"0" || begins_well && digits.len() < 19 && digits.iter().all(u8::is_ascii_digit)
}

/// The sign that has to be written, and what follows it.
fn signed(text: &str) -> (&'static str, &str) {
    match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    }
}

/// The number with a point or exponent as RFC 8259 has it, if it is one, and of a size that a double has.
fn fraction(text: &str) -> Option<String> {
    text.parse::<f64>().ok().filter(|value| value.is_finite())?;
    let (sign, size) = signed(text);
    let (mantissa, exponent) = size.split_at(size.find(['e', 'E']).unwrap_or(size.len()));
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let part = if part.is_empty() { "0" } else { part };
    Some(format!("{sign}{whole}.{part}{exponent}"))
}
