//! Logs, configurations and other texts: what a lease has is replaced in them as it is in the lease.
//!
//! Hardware addresses, client identifiers and DUIDs are known by their shape, octets in hex with colons between; names by
//! being those of leases or reservations; addresses by being one; and short and usual ones by their places (`places`).

use std::collections::{BTreeSet, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

use super::Anonymizer;
use super::devices::Devices;
use super::generated;
use super::octets::Octets;
use super::places::{IdentifierKind, Places, is_part};
use crate::lease::context;

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
    devices: Devices,
    places: Option<Places>,
}

impl Texts {
    /// With these names and other values of clients. A client may call itself `info`: what is a usual word in texts is
    /// replaced at the places of clients only.
    #[must_use]
    pub fn new(anonymizer: Arc<Anonymizer>, names: &BTreeSet<String>, is_usual: &dyn Fn(&str) -> bool) -> Self {
        let is_usual = |name: &str, signs: fn(char) -> bool| {
            let words = name.split(signs).filter(|word| !word.is_empty());
            let bare = |word: &'_ str| word.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
            words.into_iter().all(|word| is_usual(word) || is_usual(&bare(word)))
        };
        let is_device = |name: &&String| name.as_bytes().get(2) == Some(&b':') && Octets::read(name).is_some();
        let devices = Devices::new(names.iter().filter(is_device).map(String::as_str));
        let names = names.iter().filter(|name| !is_device(name));
        let names = names.map(|name| name.trim().trim_end_matches('.').to_ascii_lowercase());
        let usable = names.filter(|name| name.len() >= SHORTEST_NAME && !is_number(name));
        let (mut plain, mut others): (Vec<String>, Vec<String>) = usable.partition(|name| name.bytes().all(is_part));
        others.retain(|value| !is_usual(value, |c| !c.is_alphanumeric()));
        plain.retain(|name| !is_usual(name, |c| c == '.'));
        let labels = plain.iter().filter_map(|name| Some(name.split_once('.')?.0));
        let labels = labels.filter(|label| label.len() >= SHORTEST_NAME && !is_number(label));
        let labels = labels.filter(|label| !is_usual(label, |_| false)).map(str::to_owned);
        let names = plain.iter().cloned().chain(labels).map(String::into_bytes).collect();
        let mut search = AhoCorasick::builder();
        search.ascii_case_insensitive(true).match_kind(MatchKind::LeftmostLongest);
        let others = search.build(&others).ok().filter(|_| !others.is_empty());
        Self { anonymizer, names, others, devices, places: Places::new().ok() }
    }

    /// A text with the values replaced.
    #[must_use]
    pub fn replaced(&self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let mut done = 0;
        for (kind, place) in self.places.iter().flat_map(|places| places.values(text)) {
            let value = self.at_place(kind, &text[place.clone()]).filter(|_| place.start >= done);
            if let Some(value) = value {
                self.free(&text[done..place.start], &mut out);
                out.extend_from_slice(&value);
                done = place.end;
            }
        }
        self.free(&text[done..], &mut out);
        out
    }

    /// What replaces a value where only that of a client can be; none if it is no such value.
    fn at_place(&self, kind: IdentifierKind, value: &[u8]) -> Option<Vec<u8>> {
        let cipher = &self.anonymizer.cipher;
        let arrow = memchr::memmem::find(value, b"=>").filter(|_| kind == IdentifierKind::Names);
        if let Some(old) = arrow {
            let named = |name: &[u8]| self.at_place(IdentifierKind::Name, name).unwrap_or_else(|| name.to_vec());
            return Some([named(&value[..old]), b"=>".to_vec(), named(&value[old + 2..])].concat());
        }
        if matches!(kind, IdentifierKind::Name | IdentifierKind::Names) {
            let lower = value.to_ascii_lowercase();
            let is_reverse = lower.strip_suffix(b".").unwrap_or(&lower).ends_with(b".arpa");
            return (!is_reverse).then(|| self.name(&labels(value)));
        }
        match kind {
            IdentifierKind::Context => return context::check(value).is_ok().then(|| cipher.user_context(value)),
            IdentifierKind::Text => return Some(crate::text::hex(&cipher.octets_or_text(value)).into_bytes()),
            _ => {}
        }
        let text = std::str::from_utf8(value).ok()?;
        if kind == IdentifierKind::Iaid {
            return Some(cipher.iaid(text.parse().ok()?).to_string().into_bytes());
        }
        let read = Octets::read(text)?;
        let octets = match kind {
            IdentifierKind::HwAddr => cipher.hwaddr(&read.all),
            IdentifierKind::Duid => cipher.duid(&read.all),
            IdentifierKind::ClientId => cipher.client_id(&read.all),
            IdentifierKind::Dhcid => cipher.dhcid(&read.all),
            IdentifierKind::Options => cipher.options(&read.all),
            _ => cipher.octets_or_text(&read.all),
        };
        Some(read.write(&octets).into_bytes())
    }

    /// A text without such places.
    fn free(&self, text: &[u8], out: &mut Vec<u8>) {
        let mut done = 0;
        for found in self.others.iter().flat_map(|search| search.find_iter(text)) {
            self.words(&text[done..found.start()], out);
            out.extend_from_slice(&self.name(&text[found.range()]));
            done = found.end();
        }
        self.words(&text[done..], out);
    }

    fn words(&self, text: &[u8], out: &mut Vec<u8>) {
        let mut at = 0;
        while at < text.len() {
            let others = others(&text[at..]);
            out.extend_from_slice(&text[at..at + others]);
            at += others;
            let word = &text[at..at + text[at..].iter().take_while(|octet| is_part(**octet)).count()];
            let is_id = is_message_id(word) && text[..at].ends_with(b"] ");
            at += word.len();
            match self.hex(word) {
                _ if is_id => out.extend_from_slice(word),
                Some(hex) => out.extend_from_slice(hex.as_bytes()),
                None => self.word(word, prefix_length(&text[at..]), out),
            }
        }
    }

    /// A word, before a slash and the length of a prefix if there is one.
    fn word(&self, word: &[u8], length: Option<u8>, out: &mut Vec<u8>) {
        let bare = word.len() - word.iter().rev().take_while(|octet| b".:-".contains(octet)).count();
        let whole = std::str::from_utf8(word).unwrap_or_default();
        // Eight octets may be read as an address too, and `2001:db8::` ends with colons that are part of it.
        if let Some(value) = self.identifier(&whole[..bare.min(whole.len())]) {
            out.extend_from_slice(value.as_bytes());
            return out.extend_from_slice(&word[bare..]);
        }
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
        if self.is_name(word) {
            return Some(self.name(word));
        }
        let text = std::str::from_utf8(word).ok()?;
        if let Some(name) = self.reverse(text) {
            return Some(name.into_bytes());
        }
        if let Some(device) = self.devices.replaced(word, &self.anonymizer.cipher) {
            return Some(device);
        }
        if self.anonymizer.replaces_addresses && generated::address(text).is_some() {
            return Some(self.name(word));
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

    /// Whether a word is the name of a client, which a suffix may follow.
    fn is_name(&self, word: &[u8]) -> bool {
        let lower = word.to_ascii_lowercase();
        let label = lower.split(|octet| *octet == b'.').next().unwrap_or_default();
        self.names.contains(&lower) || label.len() < lower.len() && self.names.contains(label)
    }

    fn name(&self, name: &[u8]) -> Vec<u8> {
        self.anonymizer.cipher.hostname(name)
    }

    /// Octets in hex without signs between, as Kea prints them in evaluated expressions: `0x02005EA00000`.
    fn hex(&self, word: &[u8]) -> Option<String> {
        let bare = word.len() - word.iter().rev().take_while(|octet| b".:-".contains(octet)).count();
        let (bare, signs) = std::str::from_utf8(word).ok()?.split_at(bare);
        let read = Octets::read(bare).filter(|it| bare.starts_with("0x") && it.all.len() >= SHORTEST)?;
        Some(format!("{}{signs}", read.write(&self.anonymizer.cipher.octets_or_text(&read.all))))
    }

    /// Octets in hex with colons or hyphens between.
    fn identifier(&self, text: &str) -> Option<String> {
        let sign = text.chars().nth(2).filter(|sign| [':', '-'].contains(sign))?;
        let is_one = text.split(sign).count() >= SHORTEST && text.split(sign).all(|octet| octet.len() == 2);
        let read = Octets::read(text).filter(|_| is_one)?;
        Some(read.write(&self.anonymizer.cipher.octets(&read.all)))
    }

    /// The name of an address in the DNS, or that of a zone of them.
    fn reverse(&self, name: &str) -> Option<String> {
        const ZONES: [(&str, usize); 2] = [(".in-addr.arpa", 8), (".ip6.arpa", 4)];
        let lower = name.to_ascii_lowercase();
        let (labels, zone, bits) =
            ZONES.iter().find_map(|(zone, bits)| Some((lower.strip_suffix(zone)?, zone, *bits)))?;
        let address = if bits == 8 { reverse4(labels) } else { reverse6(labels) }?;
        let count = labels.split('.').count();
        let replaced = self.address(&address.to_string(), u8::try_from(count * bits).ok())?;
        let all: Vec<String> = match replaced.parse().ok()? {
            IpAddr::V4(address) => address.octets().iter().map(u8::to_string).collect(),
            IpAddr::V6(address) => {
                address.octets().iter().flat_map(|it| [it >> 4, it & 0xf]).map(|it| format!("{it:x}")).collect()
            }
        };
        let labels: Vec<&str> = all.iter().take(count).rev().map(String::as_str).collect();
        Some(labels.join(".") + zone)
    }

    /// An address, or the first of a prefix; those that are the same everywhere stay.
    fn address(&self, text: &str, length: Option<u8>) -> Option<String> {
        let cipher = &self.anonymizer.cipher;
        if !self.anonymizer.replaces_addresses {
            // Most words are none.
            let address = text.contains("ff:fe").then(|| text.parse::<Ipv6Addr>().ok()).flatten()?;
            return cipher.eui64(address).map(|address| address.to_string());
        }
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

/// How long what is between words is; `\013` is the length of a label.
fn others(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(octet) = text.get(at).filter(|octet| !is_part(**octet)) {
        let is_escape = *octet == b'\\' && text.get(at + 1..at + 4).is_some_and(|it| it.iter().all(u8::is_ascii_digit));
        at += if is_escape { 4 } else { 1 };
    }
    at
}

/// The name of a domain as texts have it, also of one as messages of DHCP have it: `\004anna\000`.
fn labels(name: &[u8]) -> Vec<u8> {
    let mut parts = vec![Vec::new()];
    let mut at = 0;
    while at < name.len() {
        let length = others(&name[at..]);
        let is_escape = length >= 4 && name[at] == b'\\';
        match parts.last_mut() {
            Some(_) if is_escape => parts.push(Vec::new()),
            Some(part) => part.push(name[at]),
            None => {}
        }
        at += if is_escape { 4 } else { 1 };
    }
    parts.retain(|part| !part.is_empty());
    parts.join(&b'.')
}

fn is_message_id(word: &[u8]) -> bool {
    word.contains(&b'_')
        && word.iter().all(|octet| octet.is_ascii_uppercase() || octet.is_ascii_digit() || *octet == b'_')
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|octet| octet.is_ascii_digit() || octet == b'.')
}

/// The address whose octets are the labels from the last to the first; those that are missing are 0.
fn reverse4(labels: &str) -> Option<IpAddr> {
    let mut octets = [0; 4];
    let mut labels = labels.split('.').rev();
    for (octet, label) in octets.iter_mut().zip(&mut labels) {
        *octet = label.parse().ok()?;
    }
    labels.next().is_none().then(|| IpAddr::from(octets))
}

/// The same of digits.
fn reverse6(labels: &str) -> Option<IpAddr> {
    const DIGITS: usize = 32;
    let (mut bits, mut count) = (0, 0);
    for label in labels.split('.').rev() {
        let digit = u128::from_str_radix(label, 16).ok().filter(|_| label.len() == 1 && count < DIGITS)?;
        (bits, count) = (bits << 4 | digit, count + 1);
    }
    (count > 0).then(|| IpAddr::from(Ipv6Addr::from_bits(bits << (4 * (DIGITS - count)))))
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
        (Arc::clone(&anonymizer), Texts::new(anonymizer, &names, &|word| ["info", "lease", "subnet"].contains(&word)))
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
    fn clients_without_a_lease_are_replaced_at_their_places() {
        let (_, texts) = texts(true);
        for (text, secret) in [
            ("  type=012, len=009: \"lost-name\" (string)", "lost-name"),
            ("FQDN: [gone-name.kv.example.org.] IP Address: x", "gone-name"),
            ("client sent Hostname option: kat", "kat"),
            ("server assigned reserved hostname ida", "ida"),
            ("domain-name='\\013anna-laptop\\002kv\\007example\\003org\\000' (partial)", "anna"),
            ("cid=[00:6b:61:74], tid=0x1", "6b:61"),
            ("type=061, len=004: 00:6b:61:74", "6b:61"),
            ("type=001, len=004: 65:6d:6d:61", "6d:6d"),
            ("Pushing option 12 with value 0x6b6174", "6b6174"),
            ("hwaddr=02005E0000B1 hostname=ida ipv4", "ida"),
            ("for address 2001:db8::1 and iaid=1577058474 has", "1577058474"),
            ("\"iaid\": 1577058474, \"hostname\": \"ida\"", "1577058474"),
            ("No DNS servers match FQDN 60.2.0.192.in-addr.arpa.", "60.2.0.192"),
        ] {
            let shown = replaced(&texts, text);
            assert!(!shown.contains(secret), "{shown}");
        }
        let zone = replaced(&texts, "FQDN 60.2.0.192.in-addr.arpa. in 2.0.192.in-addr.arpa");
        let (name, zone) = zone.split_once(" in ").unwrap();
        assert!(name.strip_suffix('.').unwrap().ends_with(zone) && zone.ends_with(".in-addr.arpa"), "{name} {zone}");
        let address = replaced(&texts, "192.0.2.60").split('.').rev().collect::<Vec<_>>().join(".");
        assert!(name.contains(&address), "{name} {address}");
        let zone = replaced(&texts, "0.0.8.b.d.0.1.0.0.2.ip6.arpa");
        assert!(zone.ends_with(".ip6.arpa") && zone.split('.').count() == 12 && !zone.contains("8.b.d.0"), "{zone}");
    }

    #[test]
    fn octets_of_a_reservation_are_those_of_a_log_and_stay_octets() {
        let (_, texts) = texts(false);
        let log = replaced(&texts, "02:00:5e:00:00:ac");
        for (text, expected) in [
            ("\"hw-address\": \"2:0:5e:0:0:ac\"", log.clone()),
            ("\"hw-address\" : \"02-00-5E-00-00-AC\"", log.replace(':', "-").to_uppercase()),
            ("\"duid\": \"000300010a0b0c0d0e0f\"", replaced(&texts, "00:03:00:01:0a:0b:0c:0d:0e:0f").replace(':', "")),
            (
                "\"client-id\": \"'kat'\"",
                replaced(&texts, "cid=[6b:61:74]").replace("cid=[", "").replace([':', ']'], ""),
            ),
        ] {
            let shown = replaced(&texts, text);
            assert!(shown.ends_with(&format!("\"{expected}\"")), "{shown}: {expected}");
        }
    }

    #[test]
    fn a_client_that_calls_itself_as_messages_are_spoils_nothing() {
        let anonymizer = Arc::new(Anonymizer::new(b"a secret of some length", false).unwrap());
        let names = ["info", "lease4.example.test", "subnet4", "DHCP4_LEASE_ALLOC"].map(str::to_owned).into();
        let texts = Texts::new(anonymizer, &names, &|word| ["info", "lease", "subnet"].contains(&word));
        for text in ["INFO  [kea-dhcp4.x/8.1] DHCP4_LEASE_ALLOC cid=[no info]: lease 192.0.2.1", "{\"subnet4\": []}"] {
            assert_eq!(replaced(&texts, text), text);
        }
        assert!(!replaced(&texts, "hostname=info").contains("info"));
    }

    #[test]
    fn an_old_and_a_new_name_are_two_and_the_type_of_a_digest_stays() {
        let (_, texts) = texts(false);
        let [one, other] = ["alma.x", "bert.x"].map(|name| replaced(&texts, &format!("hostname={name}")).split_off(9));
        let line = replaced(&texts, "DDNS parameters: hostname alma.x=>bert.x, forward update true=>false");
        assert_eq!(line, format!("DDNS parameters: hostname {one}=>{other}, forward update true=>false"));
        for kind in ["000001", "000101", "000201"] {
            let old = format!("{kind}{}", "F03D010203".repeat(6));
            let new = replaced(&texts, &format!("DHCID: [{old}]"));
            assert!(new.starts_with(&format!("DHCID: [{kind}")) && !new.contains("F03D"), "{new}");
            assert_eq!(new[8..], replaced(&texts, &format!("DNS Request ID {old}]"))[15..]);
        }
    }

    #[test]
    fn eight_octets_are_no_address_and_generated_names_are_replaced() {
        let (_, texts) = texts(true);
        for text in ["[hwtype=6 0a:aa:bb:cc:0d:7c:11:22]", "cid=[70:61:75:6c:61:2d:70:63]"] {
            let (old, new) = (text, replaced(&texts, text));
            assert!(new != old && new.matches(':').count() == 7 && new.len() == old.len(), "{new}");
        }
        for text in ["[hwtype=1 ff:ff:ff:ff:ff:ff]", "hwaddr=000000000000"] {
            assert_eq!(replaced(&texts, text), text);
        }
        assert!(!replaced(&texts, "it is dyn-10-9-8-70.corp.example. now").contains("10-9"));
        let (_, texts) = self::texts(false);
        assert_eq!(replaced(&texts, "dyn-10-9-8-70 2001:db8::1"), "dyn-10-9-8-70 2001:db8::1");
        assert!(replaced(&texts, "anna-laptop.corp.example.").starts_with("host-"));
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
