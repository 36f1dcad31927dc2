//! Leases for files that leave the house: the same value becomes the same replacement, and nobody without the key
//! finds the way back.
//!
//! Identifiers are permuted with FF1 (NIST SP 800-38G), so that two clients never become one; names and texts become
//! keyed hashes (HMAC-SHA256); addresses are encrypted so that common prefixes stay common (ipcrypt-pfx). What tells
//! the kind of a value stays: a hardware address's vendor where it has one, a client-id's and DUID's type,
//! the numbers of a context and the member names that Kea itself uses. The result still loads in Kea.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use aes::Aes256;
use fpe::ff1::{BinaryNumeralString, FF1};
use hmac::{Hmac, KeyInit as _, Mac as _};
use ipcrypt_rs::IpcryptPfx;
use sha2::Sha256;

use crate::text::hex;

use super::context::{self, Text};
use super::{ClientId, Duid, HwAddr, Lease4, Lease6, LeaseType};

/// FF1 wants at least a million values, which three octets have.
const LEAST: usize = 3;
const ETHERNET: usize = 6;
/// The organisation part of a hardware address (OUI).
const VENDOR: usize = 3;
/// The bits of the first octet that say whether there is one: both are 0 then.
const KIND: u8 = 0b11;

/// Members of contexts that Kea itself writes: their names tell nothing.
const KEAS_NAMES: [&[u8]; 14] = [
    b"ISC",
    b"client-classes",
    b"comment",
    b"hop",
    b"interface-id",
    b"link",
    b"options",
    b"peer",
    b"relay-agent-info",
    b"relay-id",
    b"relay-info",
    b"relays",
    b"remote-id",
    b"sub-options",
];
/// Of those, the ones with DHCPv4 sub-options in hex, which Kea takes apart.
const OPTIONS_NAMES: [&[u8]; 2] = [b"relay-agent-info", b"sub-options"];
/// Octets in a context: the same wherever they stand.
const HEX: &[u8] = b"hex";

/// Replaces what tells who a client is.
pub struct Anonymiser {
    hash_key: [u8; 32],
    identifiers: FF1<Aes256>,
    addresses: IpcryptPfx,
    replaces_addresses: bool,
}

impl Anonymiser {
    /// An anonymiser whose replacements depend on `secret` alone; with `replaces_addresses` also leased addresses and
    /// prefixes are replaced.
    #[must_use]
    pub fn new(secret: &[u8], replaces_addresses: bool) -> Option<Self> {
        let derive = |purpose: &str| hash(secret, &[purpose.as_bytes()]);
        Some(Self {
            hash_key: derive("kea-tools names"),
            identifiers: FF1::new(&derive("kea-tools identifiers"), 2).ok()?,
            addresses: IpcryptPfx::new(derive("kea-tools addresses")),
            replaces_addresses,
        })
    }

    /// Whether leased addresses are replaced too. The order of their leases would tell them, so it must go.
    #[must_use]
    pub fn replaces_addresses(&self) -> bool {
        self.replaces_addresses
    }

    /// What `write` makes of `lease` with its values replaced.
    pub fn lease4<T>(&self, lease: &Lease4<'_>, write: impl FnOnce(&Lease4<'_>) -> T) -> T {
        let hwaddr = self.hwaddr(lease.hwaddr.0);
        let client_id = self.client_id(lease.client_id.0);
        let hostname = self.hostname(lease.hostname);
        let user_context = self.user_context(lease.user_context);
        write(&Lease4 {
            address: if self.replaces_addresses { self.ipv4(lease.address) } else { lease.address },
            hwaddr: HwAddr(&hwaddr),
            client_id: ClientId(&client_id),
            hostname: &hostname,
            user_context: &user_context,
            ..*lease
        })
    }

    /// What `write` makes of `lease` with its values replaced.
    pub fn lease6<T>(&self, lease: &Lease6<'_>, write: impl FnOnce(&Lease6<'_>) -> T) -> T {
        let duid = if lease.duid.is_empty_duid() { lease.duid.0.to_vec() } else { self.duid(lease.duid.0) };
        let hwaddr = self.hwaddr(lease.hwaddr.0);
        let hostname = self.hostname(lease.hostname);
        let user_context = self.user_context(lease.user_context);
        write(&Lease6 {
            address: if self.replaces_addresses { self.lease_address6(lease) } else { lease.address },
            duid: Duid(&duid),
            iaid: self.iaid(lease.iaid),
            hwaddr: HwAddr(&hwaddr),
            hostname: &hostname,
            user_context: &user_context,
            ..*lease
        })
    }

    fn ipv4(&self, address: Ipv4Addr) -> Ipv4Addr {
        match self.addresses.encrypt_ipaddr(IpAddr::V4(address)) {
            IpAddr::V4(replacement) => replacement,
            IpAddr::V6(other) => other.to_ipv4_mapped().unwrap_or(address),
        }
    }

    fn ipv6(&self, address: Ipv6Addr) -> Ipv6Addr {
        match self.addresses.encrypt_ipaddr(IpAddr::V6(address)) {
            IpAddr::V6(replacement) => replacement,
            IpAddr::V4(other) => other.to_ipv6_mapped(),
        }
    }

    /// A prefix stays one: beyond its length nothing may be set, or Kea refuses it.
    fn lease_address6(&self, lease: &Lease6<'_>) -> Ipv6Addr {
        let replacement = self.ipv6(lease.address);
        let beyond = u128::MAX.checked_shr(u32::from(lease.prefix_len)).unwrap_or(0);
        if lease.lease_type != LeaseType::Pd || lease.address.to_bits() & beyond != 0 {
            return replacement;
        }
        Ipv6Addr::from_bits(replacement.to_bits() & !beyond)
    }

    /// Clients commonly make it of the end of their hardware address.
    fn iaid(&self, iaid: u32) -> u32 {
        let replacement = self.permute(&iaid.to_be_bytes(), b"iaid");
        replacement.iter().fold(0, |number, octet| number << 8 | u32::from(*octet))
    }

    fn hwaddr(&self, octets: &[u8]) -> Vec<u8> {
        match octets {
            // EUI-48 and EUI-64 of a vendor.
            [first, ..] if matches!(octets.len(), ETHERNET | 8) && first & KIND == 0 => {
                let (vendor, device) = octets.split_at(VENDOR);
                [vendor, &self.permute(device, vendor)].concat()
            }
            [_, ..] if matches!(octets.len(), ETHERNET | 8) => self.private(octets),
            _ => self.permute(octets, b"hwaddr"),
        }
    }

    /// An address without a vendor, as phones make them up: all of it tells who they are, but that it is such a one.
    fn private(&self, octets: &[u8]) -> Vec<u8> {
        let mut replacement = self.permute(octets, b"private");
        // Walking on until it is of the same kind again, as some step leads back, keeps different ones different.
        while replacement.first().is_some_and(|first| (first ^ octets[0]) & KIND != 0) {
            replacement = self.permute(&replacement, b"private");
        }
        replacement
    }

    fn client_id(&self, octets: &[u8]) -> Vec<u8> {
        match octets {
            // A hardware type and address (RFC 2132): stays recognisable as the lease's own.
            [1, hwaddr @ ..] if hwaddr.len() == ETHERNET => [&[1], &self.hwaddr(hwaddr)[..]].concat(),
            // An IAID and a DUID (RFC 4361).
            [255, a, b, c, d, duid @ ..] if duid.len() >= LEAST => {
                let iaid = self.iaid(u32::from_be_bytes([*a, *b, *c, *d]));
                [&[255], &iaid.to_be_bytes()[..], &self.duid(duid)].concat()
            }
            _ => self.permute(octets, b"client-id"),
        }
    }

    fn duid(&self, octets: &[u8]) -> Vec<u8> {
        match octets {
            [0, 1, hwtype @ .., _, _, _, _, _, _, _, _, _, _] if hwtype.len() == 2 => {
                let (kind, rest) = octets.split_at(4);
                let (time, hwaddr) = rest.split_at(4);
                [kind, &self.permute(time, b"time"), &self.hwaddr(hwaddr)].concat()
            }
            [0, 3, hwtype @ .., _, _, _, _, _, _] if hwtype.len() == 2 => {
                let (kind, hwaddr) = octets.split_at(4);
                [kind, &self.hwaddr(hwaddr)].concat()
            }
            [0, kind @ 1..=4, rest @ ..] if rest.len() >= LEAST => {
                [&[0, *kind], &self.permute(rest, b"duid")[..]].concat()
            }
            _ => self.permute(octets, b"duid"),
        }
    }

    fn hostname(&self, octets: &[u8]) -> Vec<u8> {
        let (name, dot) = match octets {
            [name @ .., b'.'] => (name, "."),
            name => (name, ""),
        };
        if name.is_empty() {
            return octets.to_vec();
        }
        format!("host-{}{dot}", self.digest(&name.to_ascii_lowercase())).into_bytes()
    }

    fn user_context(&self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut replace = |name: &[u8], string: Text<'_>| match string {
            Text::Name(name) if KEAS_NAMES.contains(&name) => String::from_utf8_lossy(name).into_owned(),
            Text::Name(name) => format!("name-{}", self.digest(name)),
            Text::Value(value) => self.context_string(name, value),
        };
        match context::map_strings(text, &mut replace, &mut out) {
            Ok(()) => out,
            // What is no context is refused by whoever writes it; its text is not to be seen either way.
            Err(_) if text.is_empty() => out,
            Err(_) => self.digest(text).into_bytes(),
        }
    }

    /// Kea parses some strings of its own contexts (relay options in hex, addresses): they keep their form.
    fn context_string(&self, name: &[u8], string: &[u8]) -> String {
        let text = std::str::from_utf8(string).unwrap_or_default();
        if string.is_empty() {
            String::new()
        } else if let Ok(address) = text.parse::<IpAddr>() {
            match address {
                IpAddr::V4(address) => self.ipv4(address).to_string(),
                IpAddr::V6(address) => self.ipv6(address).to_string(),
            }
        } else if let Some(octets) = text.strip_prefix("0x").and_then(from_hex) {
            let is_options = OPTIONS_NAMES.contains(&name);
            format!("0x{}", hex(&if is_options { self.options(&octets) } else { self.permute(&octets, HEX) }))
        } else if let Some(octets) = from_hex(text) {
            hex(&self.permute(&octets, HEX))
        } else {
            format!("text-{}", self.digest(string))
        }
    }

    /// DHCPv4 sub-options keep their codes and lengths; anything else is replaced as a whole.
    fn options(&self, octets: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(octets.len());
        let mut rest = octets;
        while let [code, length, tail @ ..] = rest {
            let Some((value, tail)) = tail.split_at_checked(usize::from(*length)) else { break };
            out.extend_from_slice(&[*code, *length]);
            out.extend_from_slice(&self.permute(value, HEX));
            rest = tail;
        }
        if rest.is_empty() { out } else { self.permute(octets, HEX) }
    }

    /// Other octets of the same number, different for different octets.
    fn permute(&self, octets: &[u8], tweak: &[u8]) -> Vec<u8> {
        if octets.len() < LEAST {
            return self.permute_few(octets, tweak);
        }
        match self.identifiers.encrypt(tweak, &BinaryNumeralString::from_bytes_le(octets)) {
            Ok(replacement) => replacement.to_bytes_le(),
            Err(_) => hash(&self.hash_key, &[tweak, octets])[..LEAST].to_vec(),
        }
    }

    /// The same for what FF1 does not take: a Feistel network of ten rounds over the halves of one octet or two.
    fn permute_few(&self, octets: &[u8], tweak: &[u8]) -> Vec<u8> {
        let (mut left, mut right, half) = match *octets {
            [octet] => (octet >> 4, octet & 0xf, 0xf),
            [left, right] => (left, right, 0xff),
            _ => return octets.to_vec(),
        };
        for round in 0..10 {
            let mixed = hash(&self.hash_key, &[b"few", tweak, &[round, half, right]])[0] & half;
            (left, right) = (right, left ^ mixed);
        }
        if octets.len() == 1 { vec![left << 4 | right] } else { vec![left, right] }
    }

    fn digest(&self, octets: &[u8]) -> String {
        hex(&hash(&self.hash_key, &[b"text", octets])[..8])
    }
}

fn hash(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mac) => mac,
        Err(never) => unreachable!("HMAC takes keys of any length: {never}"),
    };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || !text.len().is_multiple_of(2) || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn anonymiser() -> Anonymiser {
        Anonymiser::new(b"a secret", true).expect("a key")
    }

    #[test]
    fn a_device_keeps_its_vendor_and_is_the_same_wherever_it_appears() {
        let it = anonymiser();
        let hwaddr = [0, 0x18, 0x4d, 0xaa, 0xbb, 0xcc];
        let replaced = it.hwaddr(&hwaddr);
        assert_eq!((&replaced[..3], replaced.len()), (&hwaddr[..3], 6));
        assert_ne!(replaced, hwaddr);
        assert_eq!(it.client_id(&[&[1], &hwaddr[..]].concat()), [&[1], &replaced[..]].concat());
        assert_eq!(it.duid(&[&[0, 3, 0, 1], &hwaddr[..]].concat()), [&[0, 3, 0, 1], &replaced[..]].concat());
        let llt = it.duid(&[&[0, 1, 0, 1, 9, 9, 9, 9], &hwaddr[..]].concat());
        assert_eq!((&llt[..4], &llt[8..]), (&[0, 1, 0, 1][..], &replaced[..]));
    }

    #[test]
    fn two_devices_of_a_vendor_never_become_one() {
        let it = anonymiser();
        let all: HashSet<_> = (0..5000u32).map(|n| it.hwaddr(&[&[0, 0x18], &n.to_be_bytes()[..]].concat())).collect();
        assert_eq!(all.len(), 5000);
    }

    #[test]
    fn of_few_octets_different_ones_stay_different_too() {
        let it = anonymiser();
        let single: HashSet<_> = (0..=u8::MAX).map(|octet| it.permute(&[octet], HEX)).collect();
        let double: HashSet<_> = (0..4096u16).map(|octets| it.client_id(&octets.to_be_bytes())).collect();
        assert_eq!((single.len(), double.len()), (256, 4096));
        assert!((0..=u8::MAX).filter(|octet| it.permute(&[*octet], HEX) == [*octet]).count() < 10);
        assert!(it.permute(&[], HEX).is_empty());
    }

    #[test]
    fn what_has_no_vendor_keeps_none() {
        let it = anonymiser();
        let group = it.hwaddr(b"anna-p");
        assert_eq!((group.len(), group[0] & 3), (6, b'a' & 3));
        assert_ne!(&group[..3], b"ann");
        let infiniband = [0x80, 0, 2, 8, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0xf4, 0x52, 0x14, 3, 0, 0x7b, 0xcb, 0xa1];
        let replaced = it.hwaddr(&infiniband);
        assert_eq!(replaced.len(), 20);
        assert_ne!(replaced[..3], infiniband[..3]);
    }

    #[test]
    fn of_an_address_without_a_vendor_nothing_is_left_but_that() {
        let it = anonymiser();
        let all: HashSet<_> =
            (0..5000u32).map(|n| it.hwaddr(&[&[0xda, 0xa1], &n.to_be_bytes()[..]].concat())).collect();
        assert_eq!(all.len(), 5000);
        assert!(all.iter().all(|hwaddr| hwaddr.len() == 6 && hwaddr[0] & 3 == 2));
        assert!(all.iter().filter(|hwaddr| hwaddr[..3] == [0xda, 0xa1, 0]).count() < 5);
    }

    #[test]
    fn names_lose_everything_but_their_sameness() {
        let it = anonymiser();
        assert_eq!(it.hostname(b"Anna-Laptop"), it.hostname(b"anna-laptop"));
        assert_eq!(it.hostname(b"anna.example."), [it.hostname(b"anna.example"), b".".to_vec()].concat());
        assert_ne!(it.hostname(b"anna"), it.hostname(b"bert"));
        assert!(it.hostname(b"anna").starts_with(b"host-"));
        assert_eq!(it.hostname(b""), b"");
    }

    #[test]
    fn a_context_keeps_its_names_and_its_form() {
        let it = anonymiser();
        let text = br#"{ "ISC": { "relay-agent-info": "0x0106657468302f31" }, "anna": "anna", "link": "2001:db8::1", "u": "0x41004200" }"#;
        let replaced = String::from_utf8(it.user_context(text)).expect("text");
        assert!(replaced.starts_with(r#"{ "ISC": { "relay-agent-info": "0x0106"#), "{replaced}");
        assert!(!replaced.contains("anna") && !replaced.contains("657468302f31") && !replaced.contains("2001:db8::1"));
        assert!(!replaced.contains("0x41004200"), "{replaced}");
        assert!(context::check(replaced.as_bytes()).is_ok());
    }

    #[test]
    fn addresses_keep_their_common_prefixes() {
        let it = anonymiser();
        let (a, b) = (it.ipv4([192, 0, 2, 1].into()).to_bits(), it.ipv4([192, 0, 2, 200].into()).to_bits());
        assert_eq!(a >> 8, b >> 8);
        assert_ne!(a, b);
        let c = it.ipv6("2001:db8::1".parse().expect("one")).to_bits();
        let d = it.ipv6("2001:db8::8000:0:0:1".parse().expect("one")).to_bits();
        assert_eq!((c ^ d).leading_zeros(), 64);
    }

    #[test]
    fn the_key_alone_decides() {
        let other = Anonymiser::new(b"another", true).expect("a key");
        assert_ne!(anonymiser().hostname(b"anna"), other.hostname(b"anna"));
        assert_eq!(anonymiser().client_id(&[0, 1, 2, 3]), anonymiser().client_id(&[0, 1, 2, 3]));
    }
}
