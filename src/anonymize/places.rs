//! Places in logs and configurations where only a client's value can be, however short or usual it is: `hostname=…`,
//! `cid=[…]`, `type=061, len=004: …`, `"hw-address": "…"`.

use std::ops::Range;

use aho_corasick::{AhoCorasick, BuildError, MatchKind};

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The name of a host.
    Name,
    HwAddr,
    Duid,
    ClientId,
    /// Octets of which the length tells more.
    Octets,
    Iaid,
}

/// What is after the beginning of a place.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// A word.
    Word,
    /// The name of a domain.
    Domain,
    /// What this octet ends.
    UpTo(u8),
    /// The rest of the line.
    Line,
    /// The length of an option and its value: a text in quotes, or octets.
    Option,
    /// The end of the name of a member of JSON, and its value.
    Member,
}

const PLACES: [(&str, Form, Kind); 38] = [
    ("domain-name='", Form::UpTo(b'\''), Kind::Name),
    ("FQDN: [", Form::UpTo(b']'), Kind::Name),
    ("FQDN: ", Form::Domain, Kind::Name),
    ("FQDN ", Form::Domain, Kind::Name),
    ("generated FQDN for the client: ", Form::Line, Kind::Name),
    ("hostname=", Form::Word, Kind::Name),
    ("Hostname: ", Form::Word, Kind::Name),
    ("reserved hostname ", Form::Line, Kind::Name),
    ("Hostname option: ", Form::Line, Kind::Name),
    ("Hostname option in the server's response: ", Form::Line, Kind::Name),
    ("type=012, len=", Form::Option, Kind::Name),
    ("\"hostname", Form::Member, Kind::Name),
    ("cid=[", Form::UpTo(b']'), Kind::ClientId),
    ("client-id=[", Form::UpTo(b']'), Kind::ClientId),
    ("duid=[", Form::UpTo(b']'), Kind::Duid),
    ("type=061, len=", Form::Option, Kind::ClientId),
    ("type=00001, len=", Form::Option, Kind::Duid),
    ("type=001, len=", Form::Option, Kind::Octets),
    ("type=002, len=", Form::Option, Kind::Octets),
    ("type=006, len=", Form::Option, Kind::Octets),
    ("option 12 with value ", Form::Word, Kind::Octets),
    ("option 61 with value ", Form::Word, Kind::ClientId),
    ("option 81 with value ", Form::Word, Kind::Octets),
    ("hwaddr=", Form::Word, Kind::HwAddr),
    ("hw-address=", Form::Word, Kind::HwAddr),
    ("duid=", Form::Word, Kind::Duid),
    ("client-id=", Form::Word, Kind::ClientId),
    ("circuit-id=", Form::Word, Kind::Octets),
    ("remote-id=", Form::Word, Kind::Octets),
    ("flex-id=", Form::Word, Kind::Octets),
    ("subscriber-id=", Form::Word, Kind::Octets),
    ("identifier=", Form::Word, Kind::Octets),
    ("\"hw-address", Form::Member, Kind::HwAddr),
    ("\"duid", Form::Member, Kind::Duid),
    ("\"client-id", Form::Member, Kind::ClientId),
    ("\"circuit-id", Form::Member, Kind::Octets),
    ("iaid=", Form::Word, Kind::Iaid),
    ("\"iaid", Form::Member, Kind::Iaid),
];

/// Finds the places.
#[derive(Debug)]
pub(super) struct Places(AhoCorasick);

impl Places {
    pub(super) fn new() -> Result<Self, BuildError> {
        let mut search = AhoCorasick::builder();
        search.ascii_case_insensitive(true).match_kind(MatchKind::LeftmostLongest);
        search.build(PLACES.map(|(beginning, ..)| beginning)).map(Self)
    }

    /// The values at them, in order.
    pub(super) fn values<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = (Kind, Range<usize>)> + 'a {
        self.0.find_iter(text).filter_map(|hit| {
            let (beginning, form, kind) = PLACES[hit.pattern().as_usize()];
            // A variable may be called so.
            let is_it = kind != Kind::Name || &text[hit.range()] == beginning.as_bytes();
            let value = value(text, hit.end(), form).filter(|value| is_it && !value.is_empty())?;
            Some((kind, value))
        })
    }
}

fn value(text: &[u8], start: usize, form: Form) -> Option<Range<usize>> {
    let line = &text[start..memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |length| start + length)];
    match form {
        Form::Word if text[..start].ends_with(b"=") && line.starts_with(b" ") => None,
        Form::Word => Some(word(line, start)),
        Form::Domain => Some(word(line, start)).filter(|place| text[place.clone()].contains(&b'.')),
        Form::UpTo(end) => memchr::memchr(end, line).map(|length| start..start + length),
        Form::Line => Some(start..start + line.trim_ascii_end().len()).filter(|_| !line.starts_with(b"type=")),
        Form::Option => option(line, start),
        Form::Member => member(line, start),
    }
}

/// A word after blanks, without the signs after it; the dot after a domain is part of it.
fn word(line: &[u8], start: usize) -> Range<usize> {
    let blanks = line.iter().take_while(|octet| **octet == b' ').count();
    let length = line[blanks..].iter().take_while(|octet| is_part(**octet)).count();
    let signs = line[blanks..blanks + length].iter().rev().take_while(|octet| b":-".contains(octet)).count();
    start + blanks..start + blanks + length - signs
}

/// After `type=012, len=`: `004: "kat" (string)`, `004: 00:6b:61:74`.
fn option(line: &[u8], start: usize) -> Option<Range<usize>> {
    let digits = line.iter().take_while(|octet| octet.is_ascii_digit()).count();
    let rest = line[digits..].strip_prefix(b": ")?;
    let start = start + digits + 2;
    if rest.starts_with(b"\"") {
        let end = memchr::memrchr(b'"', rest).filter(|end| *end > 0)?;
        return Some(start + 1..start + end);
    }
    // A number or an address is none.
    let word = word(rest, start);
    let is_octets = rest.get(2) == Some(&b':') || word.len() == 2 && !rest[2..].starts_with(b" (");
    is_octets.then_some(word)
}

/// After `"hostname`: `": "kat"`, also with backslashes; the value of a number.
fn member(line: &[u8], start: usize) -> Option<Range<usize>> {
    let quote = |rest: &'_ [u8]| {
        let slashes = rest.iter().take_while(|octet| **octet == b'\\').count();
        (rest.get(slashes) == Some(&b'"')).then_some(slashes + 1)
    };
    let mut at = quote(line)?;
    let skip = |at: usize| at + line[at..].iter().take_while(|octet| octet.is_ascii_whitespace()).count();
    at = skip(at);
    at = skip(at + line[at..].starts_with(b":").then_some(1)?);
    let Some(length) = quote(&line[at..]) else {
        return Some(word(&line[at..], start + at)).filter(|_| line[at..].first().is_some_and(u8::is_ascii_digit));
    };
    at += length;
    let mut end = at;
    while *line.get(end)? != b'"' && (length == 1 || line[end] != b'\\') {
        end += if line[end] == b'\\' { 2 } else { 1 };
    }
    Some(start + at..start + end)
}

/// What words are made of: names, addresses, octets in hex.
pub(super) fn is_part(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b":._-".contains(&octet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_where_kea_writes_them() {
        for (text, expected) in [
            ("domain-name='\\013anna\\000' (partial)", &["\\013anna\\000"][..]),
            ("Type: 0 (CHG_ADD) FQDN: [a.example.org.] IP", &["a.example.org."]),
            ("match FQDN a.example.org. client sent FQDN option", &["a.example.org."]),
            ("client sent Hostname option: it's \"x\"\n", &["it's \"x\""]),
            ("Hostname option: type=012, len=003: \"kat\" (string)", &["kat"]),
            ("hwaddr=02005E0000B1 hostname=ida x hostname= y", &["02005E0000B1", "ida"]),
            ("_HOSTNAME=dhcp7", &[]),
            ("type=061, len=004: 00:6b:61:74\n type=001, len=004: 255.255.255.0", &["00:6b:61:74"]),
            ("cid=[00:6b], tid=0x1 duid=[00:03:00:01]", &["00:6b", "00:03:00:01"]),
            ("option 12 with value 0x6b6174", &["0x6b6174"]),
            (
                r#"{"hw-address" : "2:0:5e:0:0:ab", \"hostname\": \"ida\", "iaid": 7, "hostname": ""}"#,
                &["2:0:5e:0:0:ab", "ida", "7"],
            ),
            (r#"["hw-address", "duid"], "hostname-char-set": "x""#, &[]),
        ] {
            let places = Places::new().unwrap();
            let found: Vec<&str> = places
                .values(text.as_bytes())
                .map(|(_, place)| std::str::from_utf8(&text.as_bytes()[place]).unwrap())
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
