//! Replacements of what a client is known by: hardware address, client identifier, DUID, IAID, host name.

use std::net::Ipv6Addr;

use super::cipher::{Cipher, LEAST};

const ETHERNET: usize = 6;
/// The organisation part of a hardware address (OUI).
const VENDOR: usize = 3;
/// The bits of the first byte that say whether there is one: both are 0 then.
const KIND: u8 = 0b11;

impl Cipher {
    /// Clients commonly make an IAID of the end of their hardware address.
    pub(super) fn iaid(&self, iaid: u32) -> u32 {
        let replacement = self.permute(&iaid.to_be_bytes(), b"iaid");
        replacement.iter().fold(0, |number, octet| number << 8 | u32::from(*octet))
    }

    pub(super) fn hwaddr(&self, octets: &[u8]) -> Vec<u8> {
        match octets {
            // No address, and that of all devices.
            [first @ (0 | 0xff), ..] if octets.len() >= ETHERNET && octets.iter().all(|octet| octet == first) => {
                octets.to_vec()
            }
            // EUI-48 and EUI-64 of a vendor.
            [first, ..] if matches!(octets.len(), ETHERNET | 8) && first & KIND == 0 => {
                let (vendor, device) = octets.split_at(VENDOR);
                [vendor, &self.permute(device, vendor)].concat()
            }
            [_, ..] if matches!(octets.len(), ETHERNET | 8) => self.private(octets),
            _ => self.permute(octets, b"hwaddr"),
        }
    }

    /// An identifier of which only the octets are known.
    pub(super) fn octets(&self, octets: &[u8]) -> Vec<u8> {
        match octets {
            [_, _, _, _, _, _] | [_, _, _, _, _, _, _, _] => self.hwaddr(octets),
            [0, 1..=4, ..] => self.duid(octets),
            _ => self.client_id(octets),
        }
    }

    /// Octets that may be a text too, of which nothing stays.
    pub(super) fn octets_or_text(&self, octets: &[u8]) -> Vec<u8> {
        let is_text = octets.iter().all(|octet| (b' '..=b'~').contains(octet));
        if is_text { self.client_id(octets) } else { self.octets(octets) }
    }

    /// An address with an interface identifier that is made of a hardware address (RFC 4291), with that of its
    /// replacement; `None` of any other.
    pub(super) fn eui64(&self, address: Ipv6Addr) -> Option<Ipv6Addr> {
        /// The bit that says whether the hardware address is of a vendor, which is inverted.
        const LOCAL: u8 = 0b10;
        let mut octets = address.octets();
        if octets[11..13] != [0xff, 0xfe] {
            return None;
        }
        octets[8] ^= LOCAL;
        let hwaddr = self.hwaddr(&[&octets[8..11], &octets[13..]].concat());
        octets[8..11].copy_from_slice(&hwaddr[..3]);
        octets[13..].copy_from_slice(&hwaddr[3..]);
        octets[8] ^= LOCAL;
        Some(octets.into())
    }

    /// An address without a vendor, as phones make them up: all of it is replaced but the bits that say so.
    fn private(&self, octets: &[u8]) -> Vec<u8> {
        let mut replacement = self.permute(octets, b"private");
        // Walking on until it is of the same kind again, as some step leads back, keeps different ones different.
        while replacement.first().is_some_and(|first| (first ^ octets[0]) & KIND != 0) {
            replacement = self.permute(&replacement, b"private");
        }
        replacement
    }

    pub(super) fn client_id(&self, octets: &[u8]) -> Vec<u8> {
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

    pub(super) fn duid(&self, octets: &[u8]) -> Vec<u8> {
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

    /// A digest of a client after the type of its identifier and that of the digest, which stay.
    pub(super) fn dhcid(&self, octets: &[u8]) -> Vec<u8> {
        match octets {
            [a, b, c, digest @ ..] if digest.len() >= LEAST => {
                [&[*a, *b, *c], &self.permute(digest, b"dhcid")[..]].concat()
            }
            _ => self.client_id(octets),
        }
    }

    pub(super) fn hostname(&self, octets: &[u8]) -> Vec<u8> {
        let (name, dot) = match octets {
            [name @ .., b'.'] => (name, "."),
            name => (name, ""),
        };
        if name.is_empty() {
            return octets.to_vec();
        }
        format!("host-{}{dot}", self.digest(&name.to_ascii_lowercase())).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn cipher() -> Cipher {
        Cipher::new(b"a secret").expect("a key")
    }

    #[test]
    fn a_device_keeps_its_vendor_in_every_identifier() {
        let it = cipher();
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
        let it = cipher();
        let all: HashSet<_> = (0..5000u32).map(|n| it.hwaddr(&[&[0, 0x18], &n.to_be_bytes()[..]].concat())).collect();
        assert_eq!(all.len(), 5000);
    }

    #[test]
    fn what_has_no_vendor_keeps_none() {
        let it = cipher();
        let group = it.hwaddr(b"anna-p");
        assert_eq!((group.len(), group[0] & 3), (6, b'a' & 3));
        assert_ne!(&group[..3], b"ann");
        let infiniband = [0x80, 0, 2, 8, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0xf4, 0x52, 0x14, 3, 0, 0x7b, 0xcb, 0xa1];
        let replaced = it.hwaddr(&infiniband);
        assert_eq!(replaced.len(), 20);
        assert_ne!(replaced[..3], infiniband[..3]);
    }

    #[test]
    fn an_address_without_a_vendor_keeps_only_that() {
        let it = cipher();
        let all: HashSet<_> =
            (0..5000u32).map(|n| it.hwaddr(&[&[0xda, 0xa1], &n.to_be_bytes()[..]].concat())).collect();
        assert_eq!(all.len(), 5000);
        assert!(all.iter().all(|hwaddr| hwaddr.len() == 6 && hwaddr[0] & 3 == 2));
        assert!(all.iter().filter(|hwaddr| hwaddr[..3] == [0xda, 0xa1, 0]).count() < 5);
    }

    #[test]
    fn what_is_no_address_of_one_device_stays() {
        let it = cipher();
        for octets in [&[0; 6][..], &[0xff; 6], &[0; 8]] {
            assert_eq!(it.hwaddr(octets), octets);
        }
        assert_ne!(it.hwaddr(&[0xff]), [0xff], "it may be of one device");
    }

    #[test]
    fn an_address_of_a_hardware_address_follows_its_replacement() {
        let it = cipher();
        let hwaddr = it.hwaddr(&[2, 0xaa, 0xbb, 0xcc, 0xd, 0x50]);
        let address = it.eui64("fe80::aa:bbff:fecc:d50".parse().expect("one")).expect("one").octets();
        assert_eq!((&address[..2], address[8] ^ 2, &address[9..11]), (&[0xfe, 0x80][..], hwaddr[0], &hwaddr[1..3]));
        assert_eq!((&address[11..13], &address[13..]), (&[0xff, 0xfe][..], &hwaddr[3..]));
        assert_eq!(it.eui64("2001:db8::1".parse().expect("one")), None);
    }

    #[test]
    fn equal_names_have_equal_replacements() {
        let it = cipher();
        assert_eq!(it.hostname(b"Anna-Laptop"), it.hostname(b"anna-laptop"));
        assert_eq!(it.hostname(b"anna.example."), [it.hostname(b"anna.example"), b".".to_vec()].concat());
        assert_ne!(it.hostname(b"anna"), it.hostname(b"bert"));
        assert!(it.hostname(b"anna").starts_with(b"host-"));
        assert_eq!(it.hostname(b""), b"");
    }
}
