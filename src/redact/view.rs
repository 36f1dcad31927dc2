//! A text as it is after decoding, and where in the text each octet of it comes from.
//!
//! Escapes of JSON, shells, C, addresses and HTML, doubled quotes, colours of terminals and null octets are decoded all at
//! once and layer by layer, so that it need not be known which of them a text has, nor how often it was escaped.

use std::ops::Range;

/// More layers of escapes than any text has.
pub(super) const LAYERS: usize = 6;

/// What is decoded besides escapes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct How {
    /// A plus is a blank, as in forms.
    pub(super) plus: bool,
    /// Two quotes are one, as in SQL, CSV and shells.
    pub(super) doubled: bool,
}

/// A decoded text.
#[derive(Debug, Default)]
pub(super) struct View {
    octets: Vec<u8>,
    /// Where each octet begins in the text, and where the last one ends.
    places: Vec<usize>,
}

/// What an escape means.
enum Unit {
    Nothing,
    Octet(u8),
    Char(char),
}

impl View {
    /// Of a part of a text that begins at `start`; none if there is nothing to decode.
    pub(super) fn new(part: &[u8], start: usize, how: How) -> Option<Self> {
        if is_plain(part, how) {
            return None;
        }
        unescaped(part, how, &|at| start + at)
    }

    /// The next layer.
    pub(super) fn next(&self, how: How) -> Option<Self> {
        if is_plain(&self.octets, how) {
            return None;
        }
        unescaped(&self.octets, how, &|at| self.places[at])
    }

    pub(super) fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The octets as text; what is no UTF-8 is a question mark for each octet.
    pub(super) fn text(&self) -> String {
        let mut text = Vec::with_capacity(self.octets.len());
        for chunk in self.octets.utf8_chunks() {
            text.extend_from_slice(chunk.valid().as_bytes());
            text.resize(text.len() + chunk.invalid().len(), b'?');
        }
        String::from_utf8(text).unwrap_or_default()
    }

    /// Where in the text a part of this comes from.
    pub(super) fn source(&self, part: &Range<usize>) -> Range<usize> {
        self.places[part.start]..self.places[part.end]
    }

    /// Without octets.
    pub(super) fn clear(&mut self) {
        self.octets.clear();
        self.places.clear();
    }

    /// Adds an octet that begins there.
    pub(super) fn push(&mut self, octet: u8, place: usize) {
        self.octets.push(octet);
        self.places.push(place);
    }

    /// Says where the last octet ends.
    pub(super) fn close(&mut self, end: usize) {
        self.places.push(end);
    }
}

/// A value with everything decoded.
pub(super) fn decoded(value: &[u8], how: How) -> Vec<u8> {
    let mut view = View::new(value, 0, how);
    for _ in 1..LAYERS {
        match view.as_ref().and_then(|view| view.next(how)) {
            Some(next) => view = Some(next),
            None => break,
        }
    }
    view.map_or_else(|| value.to_vec(), |view| view.octets)
}

/// Calls `each` with every part of a text that has something to decode, in each of its layers.
pub(super) fn each_layer(text: &[u8], how: How, each: &mut dyn FnMut(&View)) {
    let mut at = 0;
    while let Some(sign) = next_sign(text, at, how) {
        let start = memchr::memrchr(b'\n', &text[..sign]).map_or(0, |end| end + 1).max(at);
        let end = memchr::memchr(b'\n', &text[sign..]).map_or(text.len(), |end| sign + end + 1);
        let mut view = View::new(&text[start..end], start, how);
        for _ in 0..LAYERS {
            let Some(layer) = view else { break };
            each(&layer);
            view = layer.next(how);
        }
        at = end;
    }
}

/// Whether a text has nothing that is ever decoded.
fn is_plain(text: &[u8], how: How) -> bool {
    next_sign(text, 0, how).is_none()
}

/// Where something may begin that is decoded.
fn next_sign(text: &[u8], from: usize, how: How) -> Option<usize> {
    // A sign is looked for up to here before all other signs are.
    const FAR: usize = 4096;
    const LONGEST_SIGN: usize = 3;
    let mut start = from;
    while start < text.len() {
        let end = text.len().min(start + FAR);
        if let Some(at) = sign_in(&text[start..end], how) {
            return Some(start + at);
        }
        start = if end == text.len() { end } else { end - LONGEST_SIGN };
    }
    None
}

fn sign_in(text: &[u8], how: How) -> Option<usize> {
    let escapes = memchr::memchr3(b'%', b'\\', b'&', text);
    let others = memchr::memchr3(0, 0x1b, b'#', text);
    let plus = how.plus.then(|| memchr::memchr(b'+', text)).flatten();
    let caret = memchr::memmem::find(text, b"^[[");
    let pairs: [&[u8]; 3] = [b"''", b"\"\"", b"'\""];
    let quotes = pairs.into_iter().filter(|_| how.doubled).filter_map(|pair| memchr::memmem::find(text, pair)).min();
    [escapes, others, plus, caret, quotes].into_iter().flatten().min()
}

fn unescaped(text: &[u8], how: How, place: &dyn Fn(usize) -> usize) -> Option<View> {
    let mut view = View { octets: Vec::with_capacity(text.len()), places: Vec::with_capacity(text.len() + 1) };
    let (mut at, mut is_changed) = (0, false);
    while let Some(octet) = text.get(at) {
        let Some((length, unit)) = escape(&text[at..], how) else {
            view.push(*octet, place(at));
            at += 1;
            continue;
        };
        match unit {
            Unit::Nothing => {}
            Unit::Octet(octet) => view.push(octet, place(at)),
            Unit::Char(c) => c.encode_utf8(&mut [0; 4]).bytes().for_each(|octet| view.push(octet, place(at))),
        }
        (at, is_changed) = (at + length, true);
    }
    view.close(place(text.len()));
    is_changed.then_some(view)
}

/// The escape that a text begins with: its length and meaning.
fn escape(text: &[u8], how: How) -> Option<(usize, Unit)> {
    match text {
        [b'%', b'u', rest @ ..] => number(rest, 4, 16).and_then(char::from_u32).map(|c| (6, Unit::Char(c))),
        [b'%', rest @ ..] => octet(rest).map(|octet| (3, Unit::Octet(octet))),
        [b'\\', rest @ ..] => backslash(rest).map(|(length, unit)| (length + 1, unit)),
        [b'&', rest @ ..] => entity(rest).map(|(length, unit)| (length + 1, unit)),
        [0, ..] => Some((1, Unit::Nothing)),
        [0x1b, b'(' | b')', _, ..] => Some((3, Unit::Nothing)),
        [0x1b, b'[', rest @ ..] => Some((2 + colour(rest)?, Unit::Nothing)),
        [b'^', b'[', b'[', rest @ ..] => Some((3 + colour(rest)?, Unit::Nothing)),
        // As syslog writes it.
        [b'#', b'0', b'3', b'3', b'[', rest @ ..] => Some((5 + colour(rest)?, Unit::Nothing)),
        [b'+', ..] if how.plus => Some((1, Unit::Octet(b' '))),
        [b'\'', b'\\', b'\'', b'\'', ..] if how.doubled => Some((4, Unit::Octet(b'\''))),
        [b'\'', b'"', b'\'', b'"', b'\'', ..] if how.doubled => Some((5, Unit::Octet(b'\''))),
        [one @ (b'\'' | b'"'), two, ..] if how.doubled && one == two => Some((2, Unit::Octet(*one))),
        _ => None,
    }
}

/// What follows a backslash in JSON, C, shells and units of systemd.
fn backslash(text: &[u8]) -> Option<(usize, Unit)> {
    let control = |octet| Some((1, Unit::Octet(octet)));
    match text {
        [b'u', b'{', rest @ ..] => {
            let length = rest.iter().position(|octet| *octet == b'}').filter(|length| (1..=6).contains(length))?;
            let c = char::from_u32(number(rest, length, 16)?)?;
            Some((length + 3, Unit::Char(c)))
        }
        [b'u', rest @ ..] => unit(rest),
        [b'U', rest @ ..] => Some((9, Unit::Char(char::from_u32(number(rest, 8, 16)?)?))),
        [b'x', rest @ ..] => octet(rest).map(|octet| (3, Unit::Octet(octet))),
        [b'0'..=b'3', ..] => Some((3, Unit::Octet(u8::try_from(number(text, 3, 8)?).ok()?))),
        [b'n', ..] => control(b'\n'),
        [b't', ..] => control(b'\t'),
        [b'r', ..] => control(b'\r'),
        [b'b', ..] => control(8),
        [b'f', ..] => control(12),
        [b'\n', ..] => Some((1, Unit::Nothing)),
        [b'\r', b'\n', ..] => Some((2, Unit::Nothing)),
        [sign, ..] if sign.is_ascii_punctuation() || *sign == b' ' => control(*sign),
        _ => None,
    }
}

/// `00e9`, or two of them for one character.
fn unit(text: &[u8]) -> Option<(usize, Unit)> {
    let first = number(text, 4, 16)?;
    if let Some(c) = char::from_u32(first) {
        return Some((5, Unit::Char(c)));
    }
    let second = number(text.get(4..)?.strip_prefix(b"\\u")?, 4, 16)?;
    let units = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    let c = char::decode_utf16(units).next()?.ok()?;
    Some((11, Unit::Char(c)))
}

/// `amp;`, `#38;`, `#x26;`, and `#x2c` as Kea has it in lease files.
fn entity(text: &[u8]) -> Option<(usize, Unit)> {
    const NAMES: [(&[u8], u8); 16] = [
        (b"amp;", b'&'),
        (b"lt;", b'<'),
        (b"gt;", b'>'),
        (b"quot;", b'"'),
        (b"apos;", b'\''),
        (b"nbsp;", b' '),
        (b"plus;", b'+'),
        (b"equals;", b'='),
        (b"colon;", b':'),
        (b"semi;", b';'),
        (b"comma;", b','),
        (b"sol;", b'/'),
        (b"num;", b'#'),
        (b"percnt;", b'%'),
        (b"commat;", b'@'),
        (b"dollar;", b'$'),
    ];
    if let [b'#', rest @ ..] = text {
        let (prefix, radix) = if matches!(rest, [b'x' | b'X', ..]) { (2, 16) } else { (1, 10) };
        let digits = &text[prefix..];
        let length = digits.iter().take(7).take_while(|digit| char::from(**digit).is_digit(radix)).count();
        let is_closed = digits.get(length) == Some(&b';');
        let length = if is_closed { length } else { 2 };
        let c = char::from_u32(number(digits, length, radix)?)?;
        return Some((prefix + length + usize::from(is_closed), Unit::Char(c)));
    }
    NAMES.iter().find(|(name, _)| text.starts_with(name)).map(|(name, octet)| (name.len(), Unit::Octet(*octet)))
}

/// How long a sequence for a terminal is after its beginning.
fn colour(text: &[u8]) -> Option<usize> {
    let length = text.iter().take_while(|octet| (0x20..0x40).contains(*octet)).count();
    text.get(length).filter(|end| (0x40..0x7f).contains(*end)).map(|_| length + 1)
}

fn octet(text: &[u8]) -> Option<u8> {
    u8::try_from(number(text, 2, 16)?).ok()
}

/// The number in the first digits.
fn number(text: &[u8], digits: usize, radix: u32) -> Option<u32> {
    let digits = text.get(..digits).filter(|digits| !digits.is_empty())?;
    digits
        .iter()
        .try_fold(0_u32, |number, digit| number.checked_mul(radix)?.checked_add(char::from(*digit).to_digit(radix)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: How = How { plus: true, doubled: true };

    #[test]
    fn escapes_of_every_kind_are_decoded_and_their_places_known() {
        for (text, expected) in [
            (r"a\u0026b", "a&b"),
            (r"a\\u0026b", "a&b"),
            (r"\\\\u00e9", "é"),
            (r"\ud83d\ude00", "😀"),
            ("a%2526b%26", "a&b&"),
            ("%c3%A9", "é"),
            (r"\303\251\xe2\x82\xac", "é€"),
            ("a&amp;lt;b&#x26;&#38;", "a<b&&"),
            ("a&#x2cabc", "a,abc"),
            ("it''s", "it's"),
            (r"it'\''s", "it's"),
            (r#"it'"'"'s"#, "it's"),
            ("a+b", "a b"),
            ("pass\u{1b}[31mword\u{1b}[0m", "password"),
            ("pass^[[1;31mword", "password"),
            ("h\0u\0n\0t\0", "hunt"),
            ("two \\\nlines", "two lines"),
        ] {
            assert_eq!(String::from_utf8(decoded(text.as_bytes(), ALL)).unwrap(), expected, "{text}");
        }
        let view = View::new(b"x%41y", 10, How::default()).unwrap();
        assert_eq!((view.octets(), view.source(&(1..2))), (&b"xAy"[..], 11..14));
    }

    #[test]
    fn what_is_no_escape_stays() {
        for text in ["100% of", "a\\quiet", "&nothing;", "it's", "#033", "^[x", "%zz"] {
            assert!(View::new(text.as_bytes(), 0, ALL).is_none(), "{text}");
        }
    }
}
