//! Answers to what a MySQL server asks until it has decided on a login.

use std::fmt;
use std::io;

use mysql_common::packets::AuthPlugin;

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

impl Secrets {
    fn password(&self) -> &str {
        self.password.as_ref().map_or("", Secret::expose)
    }

    /// The password as it is.
    pub(super) fn clear(&self) -> Vec<u8> {
        [self.password().as_bytes(), &[0]].concat()
    }

    /// The answer to a request to go on with another plugin: its name, an octet 0 and random octets; without a name, the
    /// oldest plugin with those of the greeting.
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
