//! Places in logs and configurations where only a client's value can be, however short or usual it is: `hostname=…`,
//! `cid=[…]`, `type=061, len=004: …`, `"hw-address": "…"`.

use std::ops::Range;

use aho_corasick::{AhoCorasick, BuildError, MatchKind};

mod context;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdentifierKind {
    /// The name of a host.
    Name,
    /// Its old and its new name: `a=>b`.
    Names,
    HwAddr,
    Duid,
    ClientId,
    /// Octets of which the length tells more.
    Octets,
    /// What the DNS has of a client (RFC 4701).
    Dhcid,
    /// A text that is an identifier.
    Text,
    /// Sub-options of DHCPv4.
    Options,
    /// The user context of a lease or reservation.
    Context,
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
    /// What is in quotes in the rest of the line, or all of it.
    Reason,
    /// The length of an option and its value: a text in quotes, or octets.
    Option,
    /// The end of the name of a member of JSON, and its value.
    Member,
    /// The same of a map in the map of a client.
    Context,
}

const PLACES: &[(&str, Form, IdentifierKind)] = &[
    ("domain-name='", Form::UpTo(b'\''), IdentifierKind::Name),
    ("FQDN: [", Form::UpTo(b']'), IdentifierKind::Name),
    ("FQDN: ", Form::Domain, IdentifierKind::Name),
    ("FQDN ", Form::Domain, IdentifierKind::Name),
    ("FQDN, ", Form::Domain, IdentifierKind::Name),
    ("contain a match for: ", Form::Domain, IdentifierKind::Name),
    ("FQDN option '", Form::UpTo(b'\''), IdentifierKind::Name),
    ("Hostname option '", Form::UpTo(b'\''), IdentifierKind::Name),
    ("hostname option malformed: ", Form::Reason, IdentifierKind::Name),
    ("sent by a client: ", Form::Reason, IdentifierKind::Name),
    ("failed to update hostname ", Form::Word, IdentifierKind::Name),
    ("server has generated hostname ", Form::Word, IdentifierKind::Name),
    ("New values: hostname = ", Form::Word, IdentifierKind::Name),
    ("DDNS parameters: hostname ", Form::UpTo(b','), IdentifierKind::Names),
    ("Replacing host name: ", Form::UpTo(b','), IdentifierKind::Name),
    ("with calculated host name: ", Form::UpTo(b','), IdentifierKind::Name),
    ("for hostname ", Form::Word, IdentifierKind::Name),
    ("using hostname ", Form::Word, IdentifierKind::Name),
    ("DHCID: [", Form::UpTo(b']'), IdentifierKind::Dhcid),
    ("DHCID: ", Form::Word, IdentifierKind::Dhcid),
    ("Request ID ", Form::Word, IdentifierKind::Dhcid),
    ("transaction key: ", Form::Word, IdentifierKind::Dhcid),
    ("\"dhcid", Form::Member, IdentifierKind::Dhcid),
    ("generated FQDN for the client: ", Form::Line, IdentifierKind::Name),
    ("hostname=", Form::Word, IdentifierKind::Name),
    ("Hostname: ", Form::Word, IdentifierKind::Name),
    ("reserved hostname ", Form::Line, IdentifierKind::Name),
    ("Hostname option: ", Form::Line, IdentifierKind::Name),
    ("Hostname option in the server's response: ", Form::Line, IdentifierKind::Name),
    ("type=012, len=", Form::Option, IdentifierKind::Name),
    ("\"hostname", Form::Member, IdentifierKind::Name),
    ("cid=[", Form::UpTo(b']'), IdentifierKind::ClientId),
    ("client-id=[", Form::UpTo(b']'), IdentifierKind::ClientId),
    ("duid=[", Form::UpTo(b']'), IdentifierKind::Duid),
    ("type=061, len=", Form::Option, IdentifierKind::ClientId),
    ("type=00001, len=", Form::Option, IdentifierKind::Duid),
    ("type=001, len=", Form::Option, IdentifierKind::Octets),
    ("type=002, len=", Form::Option, IdentifierKind::Octets),
    ("type=006, len=", Form::Option, IdentifierKind::Octets),
    ("option 12 with value ", Form::Word, IdentifierKind::Octets),
    ("option 61 with value ", Form::Word, IdentifierKind::ClientId),
    ("option 81 with value ", Form::Word, IdentifierKind::Octets),
    ("hwaddr=", Form::Word, IdentifierKind::HwAddr),
    ("hw-address=", Form::Word, IdentifierKind::HwAddr),
    ("duid=", Form::Word, IdentifierKind::Duid),
    ("client-id=", Form::Word, IdentifierKind::ClientId),
    ("circuit-id=", Form::Word, IdentifierKind::Octets),
    ("remote-id=", Form::Word, IdentifierKind::Octets),
    ("flex-id=", Form::Word, IdentifierKind::Octets),
    ("subscriber-id=", Form::Word, IdentifierKind::Octets),
    ("identifier=", Form::Word, IdentifierKind::Octets),
    ("circuit-id=(", Form::UpTo(b')'), IdentifierKind::Octets),
    ("flex-id=(", Form::UpTo(b')'), IdentifierKind::Octets),
    ("client-id=(", Form::UpTo(b')'), IdentifierKind::ClientId),
    ("Calling-Station-Id=", Form::Word, IdentifierKind::Octets),
    ("Expression evaluated for packet to \"", Form::UpTo(b'"'), IdentifierKind::Text),
    ("type=00037, len=", Form::Option, IdentifierKind::Octets),
    ("type=00038, len=", Form::Option, IdentifierKind::Octets),
    ("\"hw-address", Form::Member, IdentifierKind::HwAddr),
    ("\"duid", Form::Member, IdentifierKind::Duid),
    ("\"client-id", Form::Member, IdentifierKind::ClientId),
    ("\"circuit-id", Form::Member, IdentifierKind::Octets),
    ("\"flex-id", Form::Member, IdentifierKind::Octets),
    ("\"remote-id", Form::Member, IdentifierKind::Octets),
    ("\"relay-id", Form::Member, IdentifierKind::Octets),
    ("\"subscriber-id", Form::Member, IdentifierKind::Octets),
    ("\"identifier", Form::Member, IdentifierKind::Octets),
    ("\"sub-options", Form::Member, IdentifierKind::Options),
    ("\"relay-agent-info", Form::Member, IdentifierKind::Options),
    ("\"user-context", Form::Context, IdentifierKind::Context),
    ("iaid=", Form::Word, IdentifierKind::Iaid),
    ("\"iaid", Form::Member, IdentifierKind::Iaid),
];

/// Finds the places.
#[derive(Debug)]
pub(super) struct Places(AhoCorasick);

impl Places {
    pub(super) fn new() -> Result<Self, BuildError> {
        let mut search = AhoCorasick::builder();
        search.ascii_case_insensitive(true).match_kind(MatchKind::LeftmostLongest);
        search.build(PLACES.iter().map(|(beginning, ..)| beginning)).map(Self)
    }

    /// The values at them, in order.
    pub(super) fn values<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = (IdentifierKind, Range<usize>)> + 'a {
        self.0.find_iter(text).filter_map(|hit| {
            let (beginning, form, kind) = PLACES[hit.pattern().as_usize()];
            // A variable may be called so.
            let is_it = kind != IdentifierKind::Name || &text[hit.range()] == beginning.as_bytes();
            let value = match form {
                Form::Context => context::of_client(text, hit.range()),
                _ => value(text, hit.end(), form),
            };
            let value = value.filter(|value| is_it && !value.is_empty())?;
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
        Form::Reason => quoted(line, start).or_else(|| value(text, start, Form::Line)),
        Form::Option => option(line, start),
        Form::Member => member(line, start),
        Form::Context => None,
    }
}

/// What is in the first quotes.
fn quoted(line: &[u8], start: usize) -> Option<Range<usize>> {
    let opening = line.iter().position(|octet| matches!(octet, b'\'' | b'"'))?;
    let length = memchr::memchr(line[opening], &line[opening + 1..])?;
    Some(start + opening + 1..start + opening + 1 + length)
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
    // The number of an enterprise may be before them.
    let number = memchr::memmem::find(rest, b" (uint32) ").map_or(0, |at| at + b" (uint32) ".len());
    let (rest, start) = (&rest[number..], start + digits + 2 + number);
    if rest.starts_with(b"\"") {
        let end = memchr::memrchr(b'"', rest).filter(|end| *end > 0)?;
        return Some(start + 1..start + end);
    }
    // A number or an address is none.
    let word = word(rest, start);
    let is_octets = number > 0 || rest.get(2) == Some(&b':') || word.len() == 2 && !rest[2..].starts_with(b" (");
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
            (
                "rejected a DNS update request to add the address mapping for FQDN, a.example., with an RCODE: 5",
                &["a.example."],
            ),
            ("forward DDNS domains does not contain a match for: a.example.  The request", &["a.example."]),
            ("corrupt response from the DNS server, x, while adding for FQDN, a.example.", &["a.example."]),
            ("failed to process the fqdn or hostname sent by a client: no name of 'a.example': x", &["a.example"]),
            ("client hostname option malformed: a..", &["a.."]),
            ("failed to update hostname a.example. in a lease after", &["a.example."]),
            ("server has generated hostname a.example. for the client", &["a.example."]),
            ("obtaining IPv4 leases for hostname anna", &["anna"]),
            (
                "Replacing host name: anna, with calculated host name: a-7.x., for query: [hwtype=1]",
                &["anna", "a-7.x."],
            ),
            ("using hostname anna and IPv4 subnet 1, found 2 host(s)", &["anna"]),
            ("updated the DDNS parameters: hostname a.x=>b.x, forward update true=>false", &["a.x=>b.x"]),
            ("FQDN for a lease: 2001:db8::1 has changed. New values: hostname = a.x, reverse mapping = 1", &["a.x"]),
            ("identified by circuit-id=('sw7-port'), flex-id=(no)", &["'sw7-port'", "no"]),
            ("FLEX_ID_EXPRESSION_EVALUATED Expression evaluated for packet to \"port-7\" (size: 6)", &["port-7"]),
            ("type=00037, len=00011: 9 (uint32) 726b6c617261", &["726b6c617261"]),
            ("DHCID: [0001AB], DNS Request ID 0001CD: Server", &["0001AB", "0001CD"]),
            (
                r#"{"flex-id": "666c6578", "sub-options": "0x0104", "remote-id":"0a0b"}"#,
                &["666c6578", "0x0104", "0a0b"],
            ),
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
