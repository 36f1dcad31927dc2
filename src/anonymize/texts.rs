//! Logs, configurations and other texts: what a lease has is replaced in them as it is in the lease.
//!
//! Hardware addresses, client identifiers and DUIDs are known by their shape, octets in hex with colons between; names by
//! being those of leases or reservations; addresses by being one.

use std::collections::{BTreeSet, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

use super::Anonymizer;

/// The fewest octets of an identifier.
const SHORTEST: usize = 6;

/// Shorter words are too usual to be replaced everywhere.
const SHORTEST_NAME: usize = 4;

/// Replaces what identifies clients in texts.
pub struct Texts {
    anonymizer: Arc<Anonymizer>,
    /// In lower case.
    names: HashSet<Vec<u8>>,
    /// Values with blanks or signs in them.
    others: Option<AhoCorasick>,
}

impl Texts {
    /// With these names and other values of clients.
    #[must_use]
    pub fn new(anonymizer: Arc<Anonymizer>, names: &BTreeSet<String>) -> Self {
        let names = names.iter().map(|name| name.trim().trim_end_matches('.').to_ascii_lowercase());
        let usable = names.filter(|name| name.len() >= SHORTEST_NAME && !is_number(name));
        let (plain, others): (Vec<String>, Vec<String>) = usable.partition(|name| name.bytes().all(is_part));
        let labels = plain.iter().filter_map(|name| Some(name.split_once('.')?.0));
        let labels = labels.filter(|label| label.len() >= SHORTEST_NAME && !is_number(label)).map(str::to_owned);
        let names = plain.iter().cloned().chain(labels).map(String::into_bytes).collect();
        let mut search = AhoCorasick::builder();
        search.ascii_case_insensitive(true).match_kind(MatchKind::LeftmostLongest);
        let others = search.build(&others).ok().filter(|_| !others.is_empty());
        Self { anonymizer, names, others }
    }

    /// A text with the values replaced.
    #[must_use]
    pub fn replaced(&self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let mut done = 0;
        for found in self.others.iter().flat_map(|search| search.find_iter(text)) {
            self.words(&text[done..found.start()], &mut out);
            out.extend_from_slice(&self.name(&text[found.range()]));
            done = found.end();
        }
        self.words(&text[done..], &mut out);
        out
    }

    fn words(&self, text: &[u8], out: &mut Vec<u8>) {
        let mut at = 0;
        while at < text.len() {
            let others = text[at..].iter().take_while(|octet| !is_part(**octet)).count();
            out.extend_from_slice(&text[at..at + others]);
            at += others;
            let word = &text[at..at + text[at..].iter().take_while(|octet| is_part(**octet)).count()];
            let is_named = is_after_identifier_name(&text[..at]);
            at += word.len();
            match self.hex(word, is_named) {
                Some(hex) => out.extend_from_slice(hex.as_bytes()),
                None => self.word(word, prefix_length(&text[at..]), out),
            }
        }
    }

    /// A word, before a slash and the length of a prefix if there is one.
    fn word(&self, word: &[u8], length: Option<u8>, out: &mut Vec<u8>) {
        let bare = word.len() - word.iter().rev().take_while(|octet| b".:-".contains(octet)).count();
        // `2001:db8::` ends with colons that are part of it.
        let whole = std::str::from_utf8(word).unwrap_or_default();
        if let Some(address) = self.address(whole, length) {
            return out.extend_from_slice(address.as_bytes());
        }
        let (bare, signs) = word.split_at(bare);
        match self.value(bare, length) {
            Some(value) => out.extend_from_slice(&value),
            None => out.extend_from_slice(bare),
        }
        out.extend_from_slice(signs);
    }

    fn value(&self, word: &[u8], length: Option<u8>) -> Option<Vec<u8>> {
        if self.names.contains(&word.to_ascii_lowercase()) {
            return Some(self.name(word));
        }
        let text = std::str::from_utf8(word).ok()?;
        if let Some(identifier) = self.identifier(text) {
            return Some(identifier.into_bytes());
        }
        if let Some(address) = self.address(text, length) {
            return Some(address.into_bytes());
        }
        // An address and a port, or two addresses.
        let (first, sign, last) =
            ['-', ':'].into_iter().find_map(|sign| text.rsplit_once(sign).map(|(a, b)| (a, sign, b)))?;
        let (one, other) = (self.address(first, None), self.address(last, None));
        let is_port = sign == ':' && first.parse::<Ipv4Addr>().is_ok();
        if one.is_none() || other.is_none() && !is_port {
            return None;
        }
        Some(format!("{}{sign}{}", one.unwrap_or_default(), other.as_deref().unwrap_or(last)).into_bytes())
    }

    fn name(&self, name: &[u8]) -> Vec<u8> {
        self.anonymizer.cipher.hostname(name)
    }

    /// Octets in hex without signs between, as Kea prints them after the name of an identifier (`hwaddr=02005EA00000`) and in
    /// evaluated expressions (`0x02005EA00000`).
    fn hex(&self, word: &[u8], is_named: bool) -> Option<String> {
        let bare = word.len() - word.iter().rev().take_while(|octet| b".:-".contains(octet)).count();
        let (bare, signs) = std::str::from_utf8(word).ok()?.split_at(bare);
        let (before, digits) = if bare.starts_with("0x") { bare.split_at(2) } else { ("", bare) };
        let is_wanted = is_named || !before.is_empty() && digits.len() >= 2 * SHORTEST;
        if !is_wanted || digits.is_empty() || digits.len() % 2 == 1 || !digits.bytes().all(|it| it.is_ascii_hexdigit())
        {
            return None;
        }
        let octets = (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok());
        let replaced = self.octets(&octets.collect::<Option<Vec<u8>>>()?);
        let hex = crate::text::hex(&replaced);
        let is_lower = digits.bytes().any(|octet| octet.is_ascii_lowercase());
        Some(format!("{before}{}{signs}", if is_lower { hex } else { hex.to_uppercase() }))
    }

    /// Octets in hex with colons or hyphens between.
    fn identifier(&self, text: &str) -> Option<String> {
        let sign = text.chars().nth(2).filter(|sign| [':', '-'].contains(sign))?;
        let octet = |part: &str| (part.len() == 2).then(|| u8::from_str_radix(part, 16).ok()).flatten();
        let octets: Vec<u8> = text.split(sign).map(octet).collect::<Option<_>>()?;
        if octets.len() < SHORTEST {
            return None;
        }
        let replaced = self.octets(&octets);
        let is_upper = text.bytes().any(|octet| octet.is_ascii_uppercase());
        let hex = |octet: &u8| if is_upper { format!("{octet:02X}") } else { format!("{octet:02x}") };
        Some(replaced.iter().map(hex).collect::<Vec<_>>().join(&sign.to_string()))
    }

    /// What replaces an identifier of this shape.
    fn octets(&self, octets: &[u8]) -> Vec<u8> {
        let cipher = &self.anonymizer.cipher;
        match octets {
            [_, _, _, _, _, _] | [_, _, _, _, _, _, _, _] => cipher.hwaddr(octets),
            [0, 1..=4, ..] => cipher.duid(octets),
            _ => cipher.client_id(octets),
        }
    }

    /// An address, or the first of a prefix; those that are the same everywhere stay.
    fn address(&self, text: &str, length: Option<u8>) -> Option<String> {
        if !self.anonymizer.replaces_addresses {
            return None;
        }
        let cipher = &self.anonymizer.cipher;
        let beyond = |bits: u32| length.map(u32::from).filter(|length| *length <= bits);
        Some(match text.parse::<IpAddr>().ok()? {
            IpAddr::V4(address) if is_general4(address) => address.to_string(),
            IpAddr::V4(address) => {
                let hosts = beyond(32).map_or(0, |length| u32::MAX.checked_shr(length).unwrap_or(0));
                let replaced = cipher.ipv4(address).to_bits();
                let is_prefix = address.to_bits() & hosts == 0;
                Ipv4Addr::from_bits(if is_prefix { replaced & !hosts } else { replaced }).to_string()
            }
            IpAddr::V6(address) if is_general6(address) => address.to_string(),
            IpAddr::V6(address) => {
                let hosts = beyond(128).map_or(0, |length| u128::MAX.checked_shr(length).unwrap_or(0));
                let replaced = cipher.ipv6(address).to_bits();
                let is_prefix = address.to_bits() & hosts == 0;
                Ipv6Addr::from_bits(if is_prefix { replaced & !hosts } else { replaced }).to_string()
            }
        })
    }
}

/// Whether a text ends with the name of an identifier of clients and an equals sign.
fn is_after_identifier_name(text: &[u8]) -> bool {
    const NAMES: [&[u8]; 9] = [
        b"hwaddr",
        b"hw-address",
        b"duid",
        b"client-id",
        b"circuit-id",
        b"remote-id",
        b"flex-id",
        b"subscriber-id",
        b"identifier",
    ];
    let Some(name) = text.strip_suffix(b"=") else { return false };
    NAMES.iter().any(|known| name.len() >= known.len() && name[name.len() - known.len()..].eq_ignore_ascii_case(known))
}

fn is_part(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b":._-".contains(&octet)
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|octet| octet.is_ascii_digit() || octet == b'.')
}

/// `/24` at the beginning of a text.
fn prefix_length(text: &[u8]) -> Option<u8> {
    let rest = text.strip_prefix(b"/")?;
    let digits = rest.iter().take_while(|octet| octet.is_ascii_digit()).count();
    std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()
}

fn is_general4(address: Ipv4Addr) -> bool {
    address.is_unspecified() || address.is_broadcast() || address.is_loopback() || address.is_multicast()
}

fn is_general6(address: Ipv6Addr) -> bool {
    address.is_unspecified() || address.is_loopback() || address.is_multicast()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::sample;

    fn texts(addresses: bool) -> (Arc<Anonymizer>, Texts) {
        let anonymizer = Arc::new(Anonymizer::new(b"a secret of some length", addresses).unwrap());
        let names = ["anna-laptop.example.test.", "a badge: 12 34"].map(str::to_owned).into();
        (Arc::clone(&anonymizer), Texts::new(anonymizer, &names))
    }

    fn replaced(texts: &Texts, text: &str) -> String {
        String::from_utf8(texts.replaced(text.as_bytes())).unwrap()
    }

    #[test]
    fn a_log_and_a_lease_have_the_same_replacements() {
        let (anonymizer, texts) = texts(true);
        let hwaddr = sample::V4.hwaddr.to_string();
        let (address, replacement) = anonymizer.lease(&sample::V4, |it| (it.address(), it.hwaddr.to_string()));
        let line = format!("[hwtype=1 {hwaddr}], cid=[no info]: lease {} has been allocated", sample::V4.address());
        let expected = format!("[hwtype=1 {replacement}], cid=[no info]: lease {address} has been allocated");
        assert_eq!(replaced(&texts, &line), expected);
    }

    #[test]
    fn identifiers_in_hex_without_colons_are_those_with_colons() {
        let (_, texts) = texts(false);
        for (colons, name) in [
            ("02:00:5e:a0:00:00", "hwaddr"),
            ("00:01:00:01:01:02:03:04:02:00:5e:a0:00:00", "duid"),
            ("01:02:00:5e:a0:00:00", "client-id"),
            ("65:74:68:30:2e:31:30", "circuit-id"),
            ("70:6f:72:74:2d:39:39", "flex-id"),
        ] {
            let plain = |text: &str| text.replace(':', "").to_uppercase();
            let expected = plain(&replaced(&texts, colons));
            assert_ne!(expected, plain(colons));
            let line = |hex: &str| format!("using identifier: {name}={hex}, found 1; value 0x{hex}.");
            assert_eq!(replaced(&texts, &line(&plain(colons))), line(&expected));
        }
        assert!(!replaced(&texts, "circuit-id=65746830 x").contains("65746830"), "short ones too");
        for kept in ["ipv4_subnet_id=10", "subnet-id=1024", "tid=0x12345678", "20261130225900", "hwtype=1"] {
            assert_eq!(replaced(&texts, kept), kept);
        }
    }

    #[test]
    fn names_of_clients_are_replaced_and_other_words_stay() {
        let (_, texts) = texts(false);
        let text =
            replaced(&texts, "FQDN Anna-Laptop.example.test., anna-laptop; A badge: 12 34 192.0.2.1 host kea-dhcp4");
        assert!(!text.to_lowercase().contains("anna") && !text.contains("12 34"), "{text}");
        assert!(text.starts_with("FQDN host-") && text.ends_with(" 192.0.2.1 host kea-dhcp4"), "{text}");
    }

    #[test]
    fn prefixes_stay_prefixes_and_general_addresses_stay() {
        let (_, texts) = texts(true);
        for general in
            ["0.0.0.0", "255.255.255.255", "127.0.0.1:67", "ff02::1:2", "::1", "08:25:28.079", "2.2.0", "a::b::c"]
        {
            assert_eq!(replaced(&texts, general), general);
        }
        let text = replaced(&texts, "192.0.2.0/24 192.0.2.7");
        let (prefix, address) = text.split_once("/24 ").unwrap();
        assert!(prefix.ends_with(".0") && prefix != "192.0.2.0", "{text}");
        assert_eq!(prefix.rsplit_once('.').unwrap().0, address.rsplit_once('.').unwrap().0);
        let text = replaced(&texts, "2001:db8:1::/48 2001:db8:1::5");
        assert!(text.contains("::/48 ") && !text.contains("2001:db8"), "{text}");
        let text = replaced(&texts, "192.0.2.10-192.0.2.20, 192.0.2.10:547.");
        assert!(!text.contains("192.0.2") && text.ends_with(":547."), "{text}");
    }
}
