//! Databases: where leases, reservations and parts of the configuration are.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::super::json::{Data, Map};
use super::super::position::Position;
use super::read::{list, non_zero, non_zero_seconds, path, seconds, some, ssl_mode};
use crate::secret::Secret;

/// Where a server keeps its leases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// A lease file.
    #[default]
    Memfile,
    /// MySQL or MariaDB.
    Mysql,
    /// PostgreSQL.
    Postgresql,
}

/// Kea's `lease-database` map; an absent map is a lease file of the usual name. Empty strings and zeros that mean
/// "not set" to Kea are `None`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LeaseDatabase {
    /// Where the map is, if there is one.
    #[serde(rename = "$position", deserialize_with = "some")]
    pub position: Option<Position>,
    /// `type`
    #[serde(rename = "type")]
    pub backend: Backend,
    /// The database's name, or the lease file's.
    pub name: Option<String>,
    /// The user to log in as.
    pub user: Option<String>,
    /// The password; never together with a password file.
    pub password: Option<Secret>,
    /// A file that holds the password.
    #[serde(default, deserialize_with = "path")]
    pub password_file: Option<PathBuf>,
    /// A host name or address; with PostgreSQL also a socket directory.
    pub host: Option<String>,
    /// The TCP port.
    #[serde(default, deserialize_with = "non_zero")]
    pub port: Option<u16>,
    /// How long to wait for the server when connecting.
    #[serde(default, deserialize_with = "non_zero_seconds")]
    pub connect_timeout: Option<Duration>,
    /// The trusted authorities: a PEM file or a directory.
    #[serde(default, deserialize_with = "path")]
    pub trust_anchor: Option<PathBuf>,
    /// The client's certificate, PEM.
    #[serde(default, deserialize_with = "path")]
    pub cert_file: Option<PathBuf>,
    /// The key to it, PEM.
    #[serde(default, deserialize_with = "path")]
    pub key_file: Option<PathBuf>,
    /// OpenSSL's list of ciphers (MySQL).
    pub cipher_list: Option<String>,
    /// PostgreSQL's `sslmode`: disable, prefer, require, verify-ca or verify-full.
    #[serde(default, deserialize_with = "ssl_mode")]
    pub ssl_mode: Option<String>,
    /// Whether a memfile server writes a lease file at all.
    #[serde(default = "yes")]
    pub persist: bool,
    /// How often the lease file is cleaned up; zero is never.
    #[serde(default = "an_hour", deserialize_with = "seconds")]
    pub lfc_interval: Duration,
    /// How many bad rows a memfile server accepts; 0 is any number.
    #[serde(default)]
    pub max_row_errors: u32,
}

fn yes() -> bool {
    true
}

fn an_hour() -> Duration {
    Duration::from_secs(3600)
}

impl Default for LeaseDatabase {
    fn default() -> Self {
        Self {
            position: None,
            backend: Backend::Memfile,
            name: None,
            user: None,
            password: None,
            password_file: None,
            host: None,
            port: None,
            connect_timeout: None,
            trust_anchor: None,
            cert_file: None,
            key_file: None,
            cipher_list: None,
            ssl_mode: None,
            persist: yes(),
            lfc_interval: an_hour(),
            max_row_errors: 0,
        }
    }
}

/// A database with reservations or with a part of the configuration.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct DatabaseAccess {
    /// Where it is.
    #[serde(rename = "$position")]
    pub position: Position,
    /// `mysql`, `postgresql` …
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The database's name.
    pub name: Option<String>,
    /// The server's host.
    pub host: Option<String>,
    /// What Kea does when it has lost the connection: `stop-retry-exit`, `serve-retry-exit`, `serve-retry-continue`.
    pub on_fail: Option<String>,
    /// What else it has: a password may be here.
    #[serde(rename = "$rest")]
    pub rest: Map,
}

impl DatabaseAccess {
    /// The same as a map of another place for the same things: how to log in.
    #[must_use]
    pub fn as_lease_database(&self) -> LeaseDatabase {
        let text = |name: &str| match &self.rest.get(name)?.data {
            Data::Text(octets) => String::from_utf8(octets.to_vec()).ok().filter(|text| !text.is_empty()),
            _ => None,
        };
        let port = match self.rest.get("port").map(|value| &value.data) {
            Some(Data::Int(port)) => u16::try_from(*port).ok().filter(|port| *port > 0),
            _ => None,
        };
        LeaseDatabase {
            position: Some(self.position),
            backend: if self.kind.as_deref() == Some("mysql") { Backend::Mysql } else { Backend::Postgresql },
            name: self.name.clone(),
            user: text("user"),
            password: text("password").map(Secret::new),
            password_file: text("password-file").map(PathBuf::from),
            host: self.host.clone(),
            port,
            trust_anchor: text("trust-anchor").map(PathBuf::from),
            cert_file: text("cert-file").map(PathBuf::from),
            key_file: text("key-file").map(PathBuf::from),
            ssl_mode: text("ssl-mode"),
            ..LeaseDatabase::default()
        }
    }
}

/// Where parts of the configuration come from.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct ConfigControl {
    /// The databases.
    #[serde(deserialize_with = "list")]
    pub config_databases: Vec<DatabaseAccess>,
}
