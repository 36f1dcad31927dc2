//! Leases for files that are given to outsiders: the same value becomes the same replacement, and without the key the
//! original cannot be found.
//!
//! Identifiers are permuted with FF1 (NIST SP 800-38G), so that two clients never become one; names and texts become
//! keyed hashes (HMAC-SHA256); addresses are encrypted so that common prefixes stay common (ipcrypt-pfx). What says only
//! the kind of a value stays: a hardware address's vendor where it has one, the type of a client identifier or DUID,
//! the numbers of a context and the member names that Kea itself uses. The result still loads in Kea.

use std::net::Ipv6Addr;

use crate::lease::{Client, HwAddr, Lease, LeaseType};

mod cipher;
mod devices;
mod generated;
mod identifiers;
mod octets;
mod places;
mod texts;
mod user_context;

pub use devices::device_of;
pub use octets::is_octets;
pub use texts::Texts;

use self::cipher::Cipher;

/// Replaces what identifies clients.
pub struct Anonymizer {
    cipher: Cipher,
    replaces_addresses: bool,
}

impl Anonymizer {
    /// An anonymizer whose replacements depend on `secret` alone; with `replaces_addresses` also leased addresses and
    /// prefixes are replaced.
    #[must_use]
    pub fn new(secret: &[u8], replaces_addresses: bool) -> Option<Self> {
        Some(Self { cipher: Cipher::new(secret)?, replaces_addresses })
    }

    /// Whether leased addresses are replaced too. The order of their leases would reveal them, so it must change.
    #[must_use]
    pub fn replaces_addresses(&self) -> bool {
        self.replaces_addresses
    }

    /// What `write` makes of `lease` with its values replaced.
    pub fn lease<T>(&self, lease: &Lease<'_>, write: impl FnOnce(&Lease<'_>) -> T) -> T {
        let cipher = &self.cipher;
        let hwaddr = cipher.hwaddr(lease.hwaddr.0);
        let identifier = self.identifier(&lease.client);
        let hostname = cipher.hostname(lease.hostname);
        let user_context = cipher.user_context(lease.user_context);
        let mut client = lease.client.with_identifier(&identifier);
        match &mut client {
            Client::V4 { address, .. } if self.replaces_addresses => *address = cipher.ipv4(*address),
            Client::V4 { .. } => {}
            Client::V6 { address, iaid, lease_type, prefix_len, .. } => {
                *iaid = cipher.iaid(*iaid);
                if self.replaces_addresses {
                    *address = self.address6(*address, *lease_type, *prefix_len);
                } else if *lease_type != LeaseType::Pd {
                    *address = cipher.eui64(*address).unwrap_or(*address);
                }
            }
        }
        let (hwaddr, hostname, user_context) = (HwAddr(&hwaddr), &hostname[..], &user_context[..]);
        write(&Lease { client, hwaddr, hostname, user_context, ..*lease })
    }

    /// The client identifier, or the DUID if it is a client's.
    fn identifier(&self, client: &Client<'_>) -> Vec<u8> {
        match client {
            Client::V4 { client_id, .. } => self.cipher.client_id(client_id.0),
            Client::V6 { duid, .. } if duid.is_empty_duid() => duid.0.to_vec(),
            Client::V6 { duid, .. } => self.cipher.duid(duid.0),
        }
    }

    /// A prefix stays one: beyond its length nothing may be set, or Kea refuses it.
    fn address6(&self, address: Ipv6Addr, lease_type: LeaseType, length: u8) -> Ipv6Addr {
        let replacement = self.cipher.ipv6(address);
        let beyond = u128::MAX.checked_shr(u32::from(length)).unwrap_or(0);
        if lease_type != LeaseType::Pd || address.to_bits() & beyond != 0 {
            return replacement;
        }
        Ipv6Addr::from_bits(replacement.to_bits() & !beyond)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    use crate::lease::sample;

    #[test]
    fn nothing_that_identifies_a_client_is_left() {
        let all = Anonymizer::new(b"a secret", true).expect("a key");
        for lease in [sample::V4, sample::V6] {
            all.lease(&lease, |it| {
                assert_ne!(it.address(), lease.address());
                assert!(it.identifier() != lease.identifier() && it.hwaddr != lease.hwaddr);
                assert!(it.hostname.starts_with(b"host-") && it.iaid().is_none_or(|iaid| Some(iaid) != lease.iaid()));
                assert_eq!((it.cltt, it.subnet_id, it.state), (lease.cltt, lease.subnet_id, lease.state));
            });
        }
        let prefix = sample::prefix("2001:db8:1::", 48);
        assert!(all.lease(&prefix, |it| matches!(it.address(), IpAddr::V6(address) if address.to_bits() << 48 == 0)));
        let some = Anonymizer::new(b"a secret", false).expect("a key");
        assert!(some.lease(&prefix, |it| it.address() == prefix.address()));
    }
}
