//! TLS settings, the same for databases and Kea's control channel: the trusted authorities, and how strictly the server's
//! certificate is verified.

use std::path::PathBuf;

mod verify;
mod version1;
mod words;

pub use verify::client_config;
pub use words::objection;

/// The TLS mode of a connection, with the names of libpq and Kea.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    /// Never TLS.
    Disable,
    /// TLS if the server offers it; its certificate is not verified.
    Prefer,
    /// TLS; the server's certificate is not verified.
    Require,
    /// TLS with a certificate of a trusted authority.
    VerifyCa,
    /// TLS with a certificate of a trusted authority for the host name.
    VerifyFull,
}

impl SslMode {
    /// The names of the modes.
    pub const NAMES: [&'static str; 5] = ["disable", "prefer", "require", "verify-ca", "verify-full"];

    /// The mode of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let modes = [Self::Disable, Self::Prefer, Self::Require, Self::VerifyCa, Self::VerifyFull];
        Self::NAMES.iter().position(|known| *known == name).map(|index| modes[index])
    }
}

/// Certificates and the TLS mode.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// The requested mode; `None` leaves it to [`Tls::effective_mode`].
    pub mode: Option<SslMode>,
    /// A PEM file with the trusted authorities, or a directory of such files; else the system's.
    pub trust_anchor: Option<PathBuf>,
    /// The client's certificate, PEM.
    pub cert_file: Option<PathBuf>,
    /// The key to it, PEM.
    pub key_file: Option<PathBuf>,
}

impl Tls {
    /// The requested mode, or the one Kea derives from the other settings: a trust anchor means [`SslMode::VerifyCa`],
    /// a client certificate alone [`SslMode::Require`], nothing [`SslMode::Prefer`].
    #[must_use]
    pub fn effective_mode(&self) -> SslMode {
        self.mode.unwrap_or(match (&self.trust_anchor, &self.cert_file) {
            (Some(_), _) => SslMode::VerifyCa,
            (None, Some(_)) => SslMode::Require,
            (None, None) => SslMode::Prefer,
        })
    }
}
