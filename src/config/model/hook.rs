//! Hook libraries, and the parameters of the one for high availability.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::super::json::Map;
use super::super::position::Position;
use super::read::{list, path};
use crate::secret::Secret;

/// A hook library.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Hook {
    /// Where it is.
    #[serde(rename = "$position")]
    pub position: Position,
    /// The library: a path, or a name in Kea's own directory (Kea 2.6 on).
    #[serde(deserialize_with = "path")]
    pub library: Option<PathBuf>,
    /// Its parameters.
    pub parameters: HookParameters,
}

/// The parameters of a hook library.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct HookParameters {
    /// The parameters for high availability.
    #[serde(deserialize_with = "list")]
    pub high_availability: Vec<HighAvailability>,
    /// Everything else.
    #[serde(rename = "$rest")]
    pub rest: Map,
}

impl Hook {
    /// The file name of the library.
    #[must_use]
    pub fn file_name(&self) -> String {
        let name = self.library.as_deref().and_then(Path::file_name);
        name.unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// A relationship of servers that back each other up.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct HighAvailability {
    /// Where it is.
    #[serde(rename = "$position")]
    pub position: Position,
    /// The name of this server among the peers.
    pub this_server_name: Option<String>,
    /// `load-balancing`, `hot-standby` or `passive-backup`.
    pub mode: Option<String>,
    /// How often the partner is asked for its state, in milliseconds.
    pub heartbeat_delay: Option<u32>,
    /// After how many milliseconds without an answer communication counts as interrupted.
    pub max_response_delay: Option<u32>,
    /// For how many milliseconds a client may wait before it counts as not served by the partner.
    pub max_ack_delay: Option<u32>,
    /// How many such clients there may be before the partner counts as down.
    pub max_unacked_clients: Option<u32>,
    /// The servers, this one among them.
    #[serde(deserialize_with = "list")]
    pub peers: Vec<Peer>,
    /// What else it has.
    #[serde(rename = "$rest")]
    pub rest: Map,
}

/// A server of a high availability relationship.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Peer {
    /// Where it is.
    #[serde(rename = "$position")]
    pub position: Position,
    /// The name.
    pub name: Option<String>,
    /// Where it takes commands of its partners.
    pub url: Option<String>,
    /// `primary`, `secondary`, `standby` or `backup`.
    pub role: Option<String>,
    /// Whether it takes over by itself.
    pub auto_failover: Option<bool>,
    /// The user that its partners log in as.
    pub basic_auth_user: Option<String>,
    /// The password for that.
    pub basic_auth_password: Option<Secret>,
    /// A file with that password.
    #[serde(deserialize_with = "path")]
    pub basic_auth_password_file: Option<PathBuf>,
    /// What else it has.
    #[serde(rename = "$rest")]
    pub rest: Map,
}
