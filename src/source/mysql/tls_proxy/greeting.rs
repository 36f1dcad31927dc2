//! What a MySQL server says first.

/// `CLIENT_SSL` in the second byte of the capabilities.
pub(super) const TLS_CAPABILITY: u8 = 0x08;
/// The first byte of an error, here and later.
pub(super) const ERROR: u8 = 0xff;
/// The first byte of a greeting: the version of the protocol.
const PROTOCOL: u8 = 10;

/// The payload of the first packet: protocol, version text, 13 bytes with the number of the connection and the first
/// part of the nonce, capabilities and more.
#[derive(Debug, Clone, Copy)]
pub struct Greeting<'a>(pub &'a [u8]);

impl Greeting<'_> {
    /// Whether this is what a MySQL server says first: a greeting, or an error instead of it.
    #[must_use]
    pub fn is_mysql(&self) -> bool {
        matches!(self.0.first(), Some(&(PROTOCOL | ERROR)))
    }

    /// Whether the server says why it takes no connection.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.0.first() == Some(&ERROR)
    }

    /// Whether the server can speak TLS.
    #[must_use]
    pub fn offers_tls(&self) -> bool {
        self.after_version(15).is_some_and(|capabilities| capabilities & TLS_CAPABILITY != 0)
    }

    /// The first part of the nonce, which the oldest plugin uses.
    #[must_use]
    pub fn first_nonce(&self) -> Vec<u8> {
        (5..13).filter_map(|offset| self.after_version(offset)).collect()
    }

    /// The byte that comes so many after the text of the version.
    fn after_version(&self, offset: usize) -> Option<u8> {
        let Some((&PROTOCOL, rest)) = self.0.split_first() else { return None };
        let version_len = rest.iter().position(|&byte| byte == 0).unwrap_or(rest.len());
        rest.get(version_len + offset).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of MariaDB 10.11: connection 31, capabilities with TLS in the second byte.
    const MARIADB: &[u8] = b"\x0a5.5.5-10.11.14-MariaDB\0\x1f\0\0\0abcdefgh\0\xfe\xff\x2d\x02\0";

    #[test]
    fn a_greeting_says_what_the_server_offers() {
        let greeting = Greeting(MARIADB);
        assert!(greeting.is_mysql() && greeting.offers_tls() && !greeting.is_error());
        assert_eq!(greeting.first_nonce(), b"abcdefgh");
        let without = [&MARIADB[..MARIADB.len() - 4], &[0xf7, 0x2d, 2, 0]].concat();
        assert!(Greeting(&without).is_mysql() && !Greeting(&without).offers_tls());
    }

    #[test]
    fn an_error_or_another_protocol_offers_nothing() {
        let error = Greeting(b"\xff\x10\x04Too many connections");
        assert!(error.is_mysql() && error.is_error() && !error.offers_tls() && error.first_nonce().is_empty());
        for other in [&b""[..], b"SSH-2.0-OpenSSH_9.2", b"\x0a", b"\x0a5.5"] {
            assert!(!Greeting(other).offers_tls(), "{other:?}");
        }
    }
}
