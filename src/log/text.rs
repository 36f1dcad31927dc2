//! What the texts of messages hold: the label of a client and a transaction, addresses, numbers.
//!
//! Texts change from release to release, so that everything is found by the word before it, wherever that is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use memchr::memmem::Finder;

/// A client and its transaction, as a message names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label<'a> {
    /// `[hwtype=1 02:aa:00:00:00:01], cid=[01:02:aa]` or `duid=[00:03:00]`.
    pub(crate) client: &'a [u8],
    pub(crate) xid: u32,
    /// What follows the label.
    pub(crate) rest: &'a [u8],
}

/// How far into a text a label is looked for: a client-id and a DUID of 255 octets have three characters for each.
const FARTHEST: usize = 1024;

static TRANSACTION: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b", tid=0x"));

/// The label in a text, wherever it is.
pub(crate) fn label(text: &[u8]) -> Option<Label<'_>> {
    let window = &text[..text.len().min(FARTHEST)];
    let tid = TRANSACTION.find(window)?;
    let client = client(&text[..tid])?;
    let (xid, length) = hexadecimal(&text[tid + 8..]);
    // A packet that was dropped before it was looked at has a label without anything in it.
    let is_empty = client.starts_with(b"[hwtype=1 ]") && xid == 0;
    (!is_empty).then(|| Label { client, xid, rest: &text[tid + 8 + length..] })
}

/// The client in a label without its transaction.
pub(crate) fn client(text: &[u8]) -> Option<&[u8]> {
    if text.starts_with(b"[hwtype=") {
        return Some(text);
    }
    if let Some(start) = memchr::memmem::rfind(text, b"duid=[") {
        let end = memchr::memchr(b']', &text[start..])?;
        return Some(&text[start..=start + end]);
    }
    let start =
        memchr::memmem::rfind(text, b"[hwtype=").or_else(|| memchr::memmem::rfind(text, b"[no hwaddr info], cid="))?;
    Some(&text[start..])
}

fn hexadecimal(text: &[u8]) -> (u32, usize) {
    let mut value = 0u32;
    let mut length = 0;
    while let Some(digit) = text.get(length).and_then(|byte| char::from(*byte).to_digit(16)) {
        value = value.wrapping_shl(4) | digit;
        length += 1;
    }
    (value, length)
}

/// What follows `word` in `text`.
pub(crate) fn after<'a>(text: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    memchr::memmem::find(text, word).map(|at| &text[at + word.len()..])
}

/// What is between two words.
pub(crate) fn between<'a>(text: &'a [u8], begin: &[u8], end: &[u8]) -> Option<&'a [u8]> {
    let rest = after(text, begin)?;
    memchr::memmem::find(rest, end).map(|at| &rest[..at])
}

/// The word that a text begins with.
pub(crate) fn word(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| matches!(byte, b' ' | b',' | b'\n' | b';')).unwrap_or(text.len());
    &text[..end]
}

/// The number that follows `word`.
pub(crate) fn number_after(text: &[u8], word: &[u8]) -> Option<u32> {
    let (number, length) = super::line::number(after(text, word)?);
    (length > 0).then_some(number)
}

/// The address that a text begins with.
pub(crate) fn address(text: &[u8]) -> Option<IpAddr> {
    let is_part = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':');
    let end = text.iter().position(|byte| !is_part(byte)).unwrap_or(text.len()).min(46);
    let text = text[..end].trim_ascii();
    if let Some(address) = ipv4(text) {
        return Some(IpAddr::V4(address));
    }
    // A colon or dot after the address is the sentence's.
    let text = match text {
        [begin @ .., b'.'] => begin,
        [begin @ .., last, b':'] if *last != b':' => begin,
        _ => text,
    };
    if let Some(address) = ipv4(text) {
        return Some(IpAddr::V4(address));
    }
    std::str::from_utf8(text).ok()?.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
}

fn ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    let mut octets = [0u8; 4];
    let mut at = 0;
    let mut digits = 0;
    for byte in text {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                octets[at] = octets[at].checked_mul(10)?.checked_add(byte - b'0')?;
            }
            b'.' if digits > 0 && at < 3 => {
                at += 1;
                digits = 0;
            }
            _ => return None,
        }
    }
    (at == 3 && digits > 0).then_some(Ipv4Addr::from(octets))
}

/// A lease in a text: its address, the length of a prefix (128 of an address), and the IAID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Lease {
    pub(crate) address: IpAddr,
    pub(crate) length: u8,
    pub(crate) iaid: Option<u32>,
}

impl Lease {
    /// Whether it is of one address, not of a prefix.
    pub(crate) fn is_address(&self) -> bool {
        self.length == if self.address.is_ipv4() { 32 } else { 128 }
    }
}

static KEYWORDS: LazyLock<[Finder<'static>; 7]> = LazyLock::new(|| {
    [
        Finder::new(b"lease for address "),
        Finder::new(b"lease for prefix "),
        Finder::new(b"lease "),
        Finder::new(b"prefix "),
        Finder::new(b"address "),
        Finder::new(b"addr "),
        Finder::new(b"the lease "),
    ]
});

/// The lease that is named after the label.
pub(crate) fn lease(rest: &[u8]) -> Option<Lease> {
    let found = KEYWORDS.iter().find_map(|finder| {
        let at = finder.find(rest)? + finder.needle().len();
        Some((address(&rest[at..])?, &rest[at..]))
    });
    let (address, text) = found?;
    let length = match word(text).iter().position(|byte| *byte == b'/') {
        Some(slash) => u8::try_from(super::line::number(&text[slash + 1..]).0).ok()?,
        None if address.is_ipv4() => 32,
        None => 128,
    };
    let iaid = if address.is_ipv6() { number_after(text, b"iaid=") } else { None };
    Some(Lease { address, length, iaid })
}

/// How long a lease lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lifetime {
    Seconds(u32),
    Infinite,
}

/// `for 3600 seconds`, `for infinity seconds`.
pub(crate) fn lifetime(rest: &[u8]) -> Option<Lifetime> {
    let at = memchr::memmem::rfind(rest, b" for ")?;
    let text = &rest[at + 5..];
    if text.starts_with(b"infinity") {
        return Some(Lifetime::Infinite);
    }
    let (seconds, length) = super::line::number(text);
    (length > 0 && text[length..].starts_with(b" second")).then_some(Lifetime::Seconds(seconds))
}

/// Microseconds of `0.117 ms` or `1.26 s`, where a text has them.
pub(crate) fn duration(text: &[u8]) -> Option<u64> {
    let (whole, length) = super::line::number(text);
    if length == 0 {
        return None;
    }
    let mut micros = u64::from(whole) * 1000;
    let mut rest = &text[length..];
    let mut weight = 100;
    if let Some(fraction) = rest.strip_prefix(b".") {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        for digit in &fraction[..digits] {
            micros += weight * u64::from(digit - b'0');
            weight /= 10;
        }
        // Seconds have two decimals, milliseconds three; no digit is lost.
        rest = &fraction[digits..];
    }
    match rest.trim_ascii_start() {
        text if text.starts_with(b"ms") => Some(micros),
        text if text.starts_with(b"s") => Some(micros * 1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_found_wherever_it_is() {
        let v4 = b"received query: [hwtype=1 02:aa:00:00:00:01], cid=[no info], tid=0x9de8895";
        let found = label(v4).unwrap();
        assert_eq!(
            (found.client, found.xid, found.rest),
            (&b"[hwtype=1 02:aa:00:00:00:01], cid=[no info]"[..], 0x9de_8895, &b""[..])
        );
        let v6 = b"Client duid=[00:03], [no hwaddr info], tid=0xe3: sent DECLINE for address fd00::1 and";
        let found = label(v6).unwrap();
        assert_eq!((found.client, found.xid), (&b"duid=[00:03]"[..], 0xe3));
        let longest = format!("[hwtype=1 02:aa:00:00:00:01], cid=[{}], tid=0x7: lease", ["02"; 255].join(":"));
        assert_eq!(label(longest.as_bytes()).map(|found| found.xid), Some(7));
        assert_eq!(label(b"[hwtype=1 ], cid=[no info], tid=0x0: DHCP service is globally disabled"), None);
        assert_eq!(label(b"nothing"), None);
    }

    #[test]
    fn a_lease_is_found_in_every_wording() {
        for (text, expected) in [
            (": lease 10.77.9.9 has been allocated for 3600 seconds", "10.77.9.9/32"),
            (": address 10.77.1.0 was released properly.", "10.77.1.0/32"),
            ("Received DHCPDECLINE for addr 10.77.1.3 from client", "10.77.1.3/32"),
            (": lease for prefix fd00:7700::/56 and iaid=7 has been allocated", "fd00:7700::/56"),
            (": binding for address fd00:77::1002 and iaid=1 was released", "fd00:77::1002/128"),
            (": reclaiming expired lease for address 10.83.0.77", "10.83.0.77/32"),
        ] {
            let found = lease(text.as_bytes()).unwrap();
            assert_eq!(format!("{}/{}", found.address, found.length), expected, "{text}");
        }
        assert_eq!(lease(b"lease for the client"), None);
    }

    #[test]
    fn lengths_of_time_have_two_units() {
        assert_eq!(duration(b"0.117 ms)"), Some(117));
        assert_eq!(duration(b"1261.731 ms)"), Some(1_261_731));
        assert_eq!(duration(b"1.26 s)"), Some(1_260_000));
        assert_eq!(duration(b"soon"), None);
        assert_eq!(lifetime(b": lease 1.2.3.4 has been allocated for infinity seconds"), Some(Lifetime::Infinite));
        assert_eq!(lifetime(b": has been allocated for 7 seconds"), Some(Lifetime::Seconds(7)));
        assert_eq!(lifetime(b": has been allocated"), None);
    }
}
