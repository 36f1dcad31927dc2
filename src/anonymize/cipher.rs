//! The replacements of bytes, texts and addresses, from keys that one secret gives.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use aes::Aes256;
use fpe::ff1::{BinaryNumeralString, FF1};
use hmac::{Hmac, KeyInit as _, Mac as _};
use ipcrypt_rs::IpcryptPfx;
use sha2::Sha256;

use crate::text::hex;

/// FF1 wants at least a million values, which three bytes have.
pub(super) const LEAST: usize = 3;

/// The keys of one secret.
pub(super) struct Cipher {
    hash_key: [u8; 32],
    identifiers: FF1<Aes256>,
    addresses: IpcryptPfx,
}

impl Cipher {
    /// The keys of `secret`.
    pub(super) fn new(secret: &[u8]) -> Option<Self> {
        let derive = |purpose: &str| hash(secret, &[purpose.as_bytes()]);
        Some(Self {
            hash_key: derive("kea-tools names"),
            identifiers: FF1::new(&derive("kea-tools identifiers"), 2).ok()?,
            addresses: IpcryptPfx::new(derive("kea-tools addresses")),
        })
    }

    pub(super) fn ipv4(&self, address: Ipv4Addr) -> Ipv4Addr {
        match self.addresses.encrypt_ipaddr(IpAddr::V4(address)) {
            IpAddr::V4(replacement) => replacement,
            IpAddr::V6(other) => other.to_ipv4_mapped().unwrap_or(address),
        }
    }

    pub(super) fn ipv6(&self, address: Ipv6Addr) -> Ipv6Addr {
        match self.addresses.encrypt_ipaddr(IpAddr::V6(address)) {
            IpAddr::V6(replacement) => replacement,
            IpAddr::V4(other) => other.to_ipv6_mapped(),
        }
    }

    /// Other bytes of the same number, different for different bytes.
    pub(super) fn permute(&self, octets: &[u8], tweak: &[u8]) -> Vec<u8> {
        if octets.len() < LEAST {
            return self.permute_few(octets, tweak);
        }
        match self.identifiers.encrypt(tweak, &BinaryNumeralString::from_bytes_le(octets)) {
            Ok(replacement) => replacement.to_bytes_le(),
            Err(_) => hash(&self.hash_key, &[tweak, octets])[..LEAST].to_vec(),
        }
    }

    /// The same for what FF1 does not take: a Feistel network of ten rounds over the halves of one byte or two.
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

    /// A keyed hash as 16 hex digits.
    pub(super) fn digest(&self, octets: &[u8]) -> String {
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn cipher() -> Cipher {
        Cipher::new(b"a secret").expect("a key")
    }

    #[test]
    fn few_bytes_are_permuted_too() {
        let it = cipher();
        let single: HashSet<_> = (0..=u8::MAX).map(|byte| it.permute(&[byte], b"hex")).collect();
        let double: HashSet<_> = (0..4096u16).map(|bytes| it.permute(&bytes.to_be_bytes(), b"client-id")).collect();
        assert_eq!((single.len(), double.len()), (256, 4096));
        assert!((0..=u8::MAX).filter(|byte| it.permute(&[*byte], b"hex") == [*byte]).count() < 10);
        assert!(it.permute(&[], b"hex").is_empty());
    }

    #[test]
    fn addresses_keep_their_common_prefixes() {
        let it = cipher();
        let (a, b) = (it.ipv4([192, 0, 2, 1].into()).to_bits(), it.ipv4([192, 0, 2, 200].into()).to_bits());
        assert_eq!(a >> 8, b >> 8);
        assert_ne!(a, b);
        let c = it.ipv6("2001:db8::1".parse().expect("one")).to_bits();
        let d = it.ipv6("2001:db8::8000:0:0:1".parse().expect("one")).to_bits();
        assert_eq!((c ^ d).leading_zeros(), 64);
    }

    #[test]
    fn the_key_alone_decides() {
        let other = Cipher::new(b"another").expect("a key");
        assert_ne!(cipher().digest(b"anna"), other.digest(b"anna"));
        assert_eq!(cipher().permute(&[0, 1, 2, 3], b"duid"), cipher().permute(&[0, 1, 2, 3], b"duid"));
    }
}
