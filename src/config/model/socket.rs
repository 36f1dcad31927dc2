//! Control sockets as they are configured; [`super::super::control`] says what they come to.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use super::super::json::Map;
use super::super::position::Position;
use super::read::{list, non_zero, path};
use crate::secret::Secret;

/// A socket for commands.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct ControlSocket {
    /// Where it is.
    #[serde(rename = "$position")]
    pub position: Position,
    /// `unix`, `http` or `https`.
    pub socket_type: Option<String>,
    /// The path of a unix socket.
    #[serde(deserialize_with = "path")]
    pub socket_name: Option<PathBuf>,
    /// The address that an HTTP server listens on.
    pub socket_address: Option<String>,
    /// Its TCP port.
    #[serde(deserialize_with = "non_zero")]
    pub socket_port: Option<u16>,
    /// Protection and authentication of an HTTP server.
    #[serde(rename = "$web")]
    pub web: WebSettings,
    /// What else it has.
    #[serde(rename = "$rest")]
    pub rest: Map,
}

/// Protection and authentication of an HTTP server.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct WebSettings {
    /// Who may use it.
    pub authentication: Option<Authentication>,
    /// The authorities that sign clients' certificates: a PEM file or a directory.
    #[serde(deserialize_with = "path")]
    pub trust_anchor: Option<PathBuf>,
    /// The server's certificate, PEM.
    #[serde(deserialize_with = "path")]
    pub cert_file: Option<PathBuf>,
    /// The key to it, PEM.
    #[serde(deserialize_with = "path")]
    pub key_file: Option<PathBuf>,
    /// Whether clients must show a certificate; true if it is not written.
    pub cert_required: Option<bool>,
}

/// Who may use an HTTP server.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Authentication {
    /// The directory of the files that `clients` names.
    #[serde(deserialize_with = "path")]
    pub directory: Option<PathBuf>,
    /// Names and passwords.
    #[serde(deserialize_with = "list")]
    pub clients: Vec<AuthenticationClient>,
    /// What else it has.
    #[serde(rename = "$rest")]
    pub rest: Map,
}

/// A client (RFC 7617), by name and password or by the files that hold them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct AuthenticationClient {
    /// The name.
    pub user: Option<String>,
    /// A file that holds the name.
    #[serde(deserialize_with = "path")]
    pub user_file: Option<PathBuf>,
    /// The password.
    pub password: Option<Secret>,
    /// A file that holds the password; without a name anywhere, name and password with a colon between.
    #[serde(deserialize_with = "path")]
    pub password_file: Option<PathBuf>,
}

/// What `control-sockets` holds: a server's own sockets (Kea 3.0 on), or, in the configuration of the Control Agent, those
/// that it forwards commands to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ControlSockets {
    /// The server's own.
    pub own: Vec<ControlSocket>,
    /// Those of other servers, each with the name of its service: `dhcp4`, `dhcp6`, `d2`.
    pub forwarded: Vec<(String, ControlSocket)>,
}

impl<'de> Deserialize<'de> for ControlSockets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EitherVisitor;

        impl<'de> Visitor<'de> for EitherVisitor {
            type Value = ControlSockets;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list or a map")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<ControlSockets, A::Error> {
                let own = list(serde::de::value::SeqAccessDeserializer::new(items))?;
                Ok(ControlSockets { own, ..ControlSockets::default() })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<ControlSockets, A::Error> {
                let mut forwarded = Vec::new();
                while let Some(socket) = members.next_entry()? {
                    forwarded.push(socket);
                }
                Ok(ControlSockets { forwarded, ..ControlSockets::default() })
            }
        }

        deserializer.deserialize_any(EitherVisitor)
    }
}
