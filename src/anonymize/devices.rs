//! Hardware addresses of known devices in other notations: `SEP02AABBCC0D08.cnf.xml`, `02aa.bbcc.0d12`.

use std::collections::HashSet;
use std::ops::Range;

use super::cipher::Cipher;
use super::octets::Octets;
use crate::text::hex;

const ETHERNET: usize = 6;

/// Digits of an address without signs.
const PLAIN: usize = 12;

/// The same with a dot after every four.
const DOTTED: usize = 14;

/// The hardware address in an identifier of a client, with colons: its own, or that of a client identifier or DUID.
#[must_use]
pub fn device_of(text: &str) -> Option<String> {
    let octets = Octets::read(text)?.all;
    let device = match octets.as_slice() {
        [1, device @ ..] | [0, 1, _, _, _, _, _, _, device @ ..] | [0, 3, _, _, device @ ..]
            if device.len() == ETHERNET =>
        {
            device
        }
        all => all,
    };
    if device.len() != ETHERNET {
        return None;
    }
    Some(device.iter().map(|octet| hex(&[*octet])).collect::<Vec<_>>().join(":"))
}

/// The known devices.
#[derive(Debug, Default)]
pub(super) struct Devices(HashSet<[u8; ETHERNET]>);

impl Devices {
    /// Of addresses with colons.
    pub(super) fn new<'a>(addresses: impl Iterator<Item = &'a str>) -> Self {
        Self(addresses.filter_map(|text| Octets::read(text)?.all.try_into().ok()).collect())
    }

    /// A word with the addresses in it replaced; `None` if there is none.
    pub(super) fn replaced(&self, word: &[u8], cipher: &Cipher) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let (mut at, mut done) = (0, 0);
        while at + PLAIN <= word.len() && !self.0.is_empty() {
            let Some((place, address)) = self.at(word, at) else {
                at += step(&word[at..]);
                continue;
            };
            out.extend_from_slice(&word[done..place.start]);
            out.extend_from_slice(&written(&word[place.clone()], &cipher.hwaddr(&address)));
            (at, done) = (place.end, place.end);
        }
        out.extend_from_slice(&word[done..]);
        (done > 0).then_some(out)
    }

    /// The known address that begins there.
    fn at(&self, word: &[u8], at: usize) -> Option<(Range<usize>, [u8; ETHERNET])> {
        let read = |length: usize| {
            let part = word.get(at..at + length)?;
            let is_sign = |at: usize| length == DOTTED && at % 5 == 4;
            let is_one =
                |(at, octet): (usize, &u8)| if is_sign(at) { *octet == b'.' } else { octet.is_ascii_hexdigit() };
            if !part.iter().enumerate().all(is_one) {
                return None;
            }
            let digits: String = part.iter().filter(|octet| **octet != b'.').map(|octet| char::from(*octet)).collect();
            let address = Octets::read(&digits)?.all.try_into().ok()?;
            self.0.contains(&address).then_some((at..at + length, address))
        };
        read(PLAIN).or_else(|| read(DOTTED))
    }
}

/// How far the next address is at least: most characters are none of one.
fn step(word: &[u8]) -> usize {
    let is_part = |octet: &u8| octet.is_ascii_hexdigit() || *octet == b'.';
    word[..PLAIN].iter().rposition(|octet| !is_part(octet)).map_or(1, |at| at + 1)
}

/// An address in the notation of another.
fn written(old: &[u8], address: &[u8]) -> Vec<u8> {
    let is_upper = !old.iter().any(u8::is_ascii_lowercase);
    let digits = if is_upper { hex(address).to_uppercase() } else { hex(address) };
    let mut digits = digits.bytes();
    old.iter().filter_map(|octet| if *octet == b'.' { Some(b'.') } else { digits.next() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_addresses_are_found_in_every_notation() {
        let cipher = Cipher::new(b"a secret").expect("a key");
        let devices = Devices::new(["02:aa:bb:cc:0d:08"].into_iter());
        let new = hex(&cipher.hwaddr(&[2, 0xaa, 0xbb, 0xcc, 0xd, 8]));
        let dotted = format!("{}.{}.{}", &new[..4], &new[4..8], &new[8..]);
        for (word, expected) in [
            ("SEP02AABBCC0D08.cnf.xml", format!("SEP{}.cnf.xml", new.to_uppercase())),
            ("02aabbcc0d08.xml", format!("{new}.xml")),
            ("02aa.bbcc.0d08", dotted.clone()),
            ("a02aabbcc0d08b02aa.bbcc.0d08", format!("a{new}b{dotted}")),
        ] {
            let shown = devices.replaced(word.as_bytes(), &cipher).expect(word);
            assert_eq!(String::from_utf8_lossy(&shown), expected);
        }
        for word in ["02aabbcc0d09", "02aabbcc0d0", "DHCP4_LEASE_ALLOC", "140490038650560", ""] {
            assert_eq!(devices.replaced(word.as_bytes(), &cipher), None, "{word}");
        }
    }

    #[test]
    fn the_device_of_an_identifier_is_known() {
        for text in [
            "02:aa:bb:cc:0d:08",
            "02AABBCC0D08",
            "01:02:aa:bb:cc:0d:08",
            "00:03:00:01:02:aa:bb:cc:0d:08",
            "00:01:00:01:2a:3b:4c:5d:02:aa:bb:cc:0d:08",
        ] {
            assert_eq!(device_of(text).as_deref(), Some("02:aa:bb:cc:0d:08"), "{text}");
        }
        assert_eq!((device_of("02:aa"), device_of("anna")), (None, None));
    }
}
