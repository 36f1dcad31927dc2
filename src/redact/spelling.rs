//! The ways in which a value may be written: as it is, in JSON, in an address, in HTML, in hex, in base64.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// How a spelling is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// It is there as a whole.
    Whole,
    /// It is in a run of base64 that may begin before it and end after it.
    InBase64,
}

/// Every spelling of a value.
pub(super) fn of(value: &str) -> BTreeSet<(Vec<u8>, Kind)> {
    let octets = value.as_bytes();
    let texts = [value.to_owned(), percent(value, unreserved), lower(&percent(value, unreserved))];
    let whole = texts.into_iter().chain(addresses(value)).chain(json(value)).chain(markup(value)).chain(hex(octets));
    let whole = whole.map(|text| (text.into_bytes(), Kind::Whole));
    whole.chain(base64(octets).into_iter().map(|text| (text.into_bytes(), Kind::InBase64))).collect()
}

fn unreserved(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-_.~".contains(&octet)
}

/// What JavaScript and forms do not escape.
fn addresses(value: &str) -> [String; 3] {
    let component = percent(value, |octet| unreserved(octet) || b"!*'()".contains(&octet));
    let whole = percent(value, |octet| unreserved(octet) || b"!*'();,/?:@&=+$#".contains(&octet));
    let form = percent(value, |octet| unreserved(octet) || octet == b' ').replace(' ', "+");
    [component, whole, form]
}

fn percent(value: &str, stays: impl Fn(u8) -> bool) -> String {
    let octet = |octet: u8| if stays(octet) { char::from(octet).to_string() } else { format!("%{octet:02X}") };
    value.bytes().map(octet).collect()
}

/// The escapes in lower case, and nothing else.
fn lower(escaped: &str) -> String {
    let mut parts = escaped.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (code, rest) = part.split_at(part.len().min(2));
        format!("{text}%{}{rest}", code.to_ascii_lowercase())
    })
}

/// In a string of JSON, with slashes escaped or not, with characters beyond ASCII escaped in three ways; and in JSON that is
/// a string of JSON.
fn json(value: &str) -> Vec<String> {
    let quoted = serde_json::to_string(value).unwrap_or_default();
    let plain = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned();
    let escape = |each: fn(char) -> String| -> String {
        plain.chars().map(|c| if c.is_ascii() { c.to_string() } else { each(c) }).collect()
    };
    let units = |c: char| each(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
    let capital = |c: char| each(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04X}")));
    // Kea escapes each octet.
    let octets = |c: char| each(c.encode_utf8(&mut [0; 4]).bytes().map(|octet| format!("\\u{octet:04x}")));
    let mut all = vec![escape(units), escape(capital), escape(octets), plain.clone()];
    all.extend(all.clone().iter().map(|text| text.replace('/', "\\/")));
    all.push(plain.replace('\\', "\\\\").replace('"', "\\\""));
    all
}

fn each(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().concat()
}

/// In HTML and XML, and as Kea escapes commas in lease files.
fn markup(value: &str) -> [String; 2] {
    let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    [html.replace('\'', "&#39;"), value.replace(',', "&#x2c")]
}

fn hex(octets: &[u8]) -> Vec<String> {
    let joined = |between: &str| octets.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(between);
    ["", ":", " ", "-", "\\x"]
        .into_iter()
        .flat_map(|between| [joined(between), joined(between).to_uppercase()])
        .collect()
}

/// What base64 has of a value wherever it begins in what was encoded, and whatever comes before and after it.
fn base64(octets: &[u8]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for before in 0..3 {
        let mut text = vec![0; before];
        text.extend_from_slice(octets);
        // A character that has bits of what comes before or after it may be any.
        let (first, end) = ((before * 8).div_ceil(6), text.len() * 8 / 6);
        for encoded in [STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
            all.extend(encoded.get(first..end).map(str::to_owned));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn base64_of_a_value_is_found_wherever_it_begins(
            before in prop::collection::vec(any::<u8>(), 0..7), value in "\\PC{8,20}",
            after in prop::collection::vec(any::<u8>(), 0..7),
        ) {
            let encoded = STANDARD_NO_PAD.encode([&before, value.as_bytes(), &after].concat());
            let is_in = |(spelling, kind): &(Vec<u8>, Kind)| {
                *kind == Kind::InBase64 && memchr::memmem::find(encoded.as_bytes(), spelling).is_some()
            };
            prop_assert!(of(&value).iter().any(is_in));
        }
    }

    #[test]
    fn usual_escapes_are_known() {
        let all: Vec<String> = of("a/b \"é&,c").into_iter().map(|(text, _)| String::from_utf8(text).unwrap()).collect();
        for spelling in [
            "a/b \"é&,c",
            "a\\/b \\\"é&,c",
            "a/b \\\"\\u00c3\\u00a9&,c",
            "a/b \\\"\\u00e9&,c",
            "a%2Fb%20%22%C3%A9%26%2Cc",
            "a%2fb%20%22%c3%a9%26%2cc",
            "a%2Fb+%22%C3%A9%26%2Cc",
            "a/b &quot;é&amp;,c",
            "612f622022c3a9262c63",
            "61:2f:62:20:22:c3:a9:26:2c:63",
        ] {
            assert!(all.iter().any(|known| known == spelling), "{spelling}");
        }
    }
}
