//! Answers to what a MySQL server asks until it has decided on a login.

use std::fmt;
use std::io;

use mysql_common::packets::AuthPlugin;

use super::Greeting;
use crate::secret::Secret;

/// The account is checked by this authentication plugin, which is not supported here.
#[derive(Debug)]
pub(in crate::source::mysql) struct Unsupported(pub(in crate::source::mysql) String);

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "authentication plugin \"{}\"", self.0)
    }
}

impl std::error::Error for Unsupported {}

/// What answers to the server's questions are made of.
pub(super) struct Secrets {
    pub(super) password: Option<Secret>,
    pub(super) is_private: bool,
    pub(super) nonce: Vec<u8>,
}

impl Greeting<'_> {
    /// The answer to the server's request to log in with another plugin, on a connection that cannot be listened to.
    pub fn answer(&self, request: &[u8], password: Secret) -> io::Result<Vec<u8>> {
        Secrets { password: Some(password), is_private: true, nonce: self.first_nonce() }.answer(request)
    }
}

impl Secrets {
    fn password(&self) -> &str {
        self.password.as_ref().map_or("", Secret::expose)
    }

    /// The password as it is.
    pub(super) fn clear(&self) -> Vec<u8> {
        [self.password().as_bytes(), &[0]].concat()
    }

    /// The answer to a request to go on with another plugin: its name, a zero byte and a nonce; without a name, the
    /// oldest plugin with the nonce of the greeting.
    pub(super) fn answer(&self, request: &[u8]) -> io::Result<Vec<u8>> {
        let length = request.iter().position(|&octet| octet == 0).unwrap_or(request.len());
        let (name, nonce) = request.split_at(length);
        let nonce = match nonce.get(1..) {
            None | Some([]) => &self.nonce[..],
            Some(nonce) => nonce.strip_suffix(&[0]).unwrap_or(nonce),
        };
        let plugin = if name.is_empty() { AuthPlugin::MysqlOldPassword } else { AuthPlugin::from_bytes(name) };
        match plugin {
            AuthPlugin::MysqlClearPassword if self.is_private => Ok(self.clear()),
            AuthPlugin::MysqlClearPassword | AuthPlugin::MariadbParsec { .. } | AuthPlugin::Other(_) => {
                Err(unsupported(name))
            }
            _ if nonce.len() < 8 => Err(io::ErrorKind::InvalidData.into()),
            known => {
                let answer = known.gen_data(self.password.as_ref().map(Secret::expose), nonce);
                let ends_with_0 = matches!(known, AuthPlugin::MysqlOldPassword);
                let octets = answer.map(|answer| answer.to_vec()).unwrap_or_default();
                Ok(if ends_with_0 && !octets.is_empty() { [&octets[..], &[0]].concat() } else { octets })
            }
        }
    }
}

pub(super) fn unsupported(plugin: &[u8]) -> io::Error {
    io::Error::other(Unsupported(String::from_utf8_lossy(plugin).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(request: &[u8]) -> io::Result<Vec<u8>> {
        Greeting(b"\x0a10.11\0\0\0\0\0abcdefgh\0").answer(request, Secret::new("sesame".to_owned()))
    }

    #[test]
    fn every_known_plugin_has_an_answer_to_any_nonce() {
        for (plugin, length) in [("mysql_native_password", 20), ("caching_sha2_password", 32), ("client_ed25519", 64)] {
            for nonce in 8..40 {
                let request = [plugin.as_bytes(), b"\0", &vec![b'n'; nonce], b"\0"].concat();
                assert_eq!(answer(&request).unwrap().len(), length, "{plugin}, {nonce}");
            }
            assert_eq!(
                answer(&[plugin.as_bytes(), b"\0short\0"].concat()).unwrap_err().kind(),
                io::ErrorKind::InvalidData
            );
        }
        assert_eq!(answer(b"mysql_clear_password\0").unwrap(), b"sesame\0");
        assert_eq!(answer(b"").unwrap().len(), 9, "the oldest plugin uses the nonce of the greeting");
    }

    #[test]
    fn an_unknown_plugin_is_named() {
        assert_eq!(answer(b"dialog\0").unwrap_err().to_string(), "authentication plugin \"dialog\"");
    }
}
