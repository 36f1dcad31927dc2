//! Errors of the TLS library in words for a user, with a remedy.

use std::error::Error as StdError;
use std::io;

use rustls::{AlertDescription, CertificateError, Error, InconsistentKeys};

/// The cause and a remedy, which may be empty, if `error` comes from TLS: a fault of the server's certificate, or the
/// server's rejection of this client.
pub fn objection(error: &(dyn StdError + 'static)) -> Option<(String, &'static str)> {
    Some(match tls_cause(error)? {
        Error::InvalidCertificate(reason) => certificate(reason),
        Error::AlertReceived(alert) => refusal(*alert),
        Error::InvalidMessage(_) | Error::InappropriateMessage { .. } | Error::PeerSentOversizedRecord => {
            ("the server there does not speak TLS".to_owned(), "check host and port")
        }
        Error::InappropriateHandshakeMessage { .. } | Error::PeerMisbehaved(_) | Error::DecryptError => {
            ("the server breaks the rules of TLS".to_owned(), "check its TLS library and any proxy in between")
        }
        Error::PeerIncompatible(_) => (
            "server and client have no version of TLS or no cipher in common".to_owned(),
            "TLS 1.2 or 1.3 with AES-GCM or ChaCha20 is needed",
        ),
        Error::NoCertificatesPresented => ("the server sends no certificate".to_owned(), ""),
        _ => ("the TLS handshake fails".to_owned(), ""),
    })
}

/// What is wrong with a client's certificate and its key.
pub(super) fn identity(error: &Error) -> (&'static str, &'static str) {
    match error {
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            ("certificate and key belong to different pairs", "name the key that the certificate was made with")
        }
        Error::InvalidCertificate(_) => ("the certificate cannot be read", "create a new one"),
        _ => ("the key cannot be used", "RSA, ECDSA and Ed25519 keys can"),
    }
}

fn certificate(reason: &CertificateError) -> (String, &'static str) {
    let (cause, remedy) = match reason {
        CertificateError::UnknownIssuer => (
            "the server's certificate is not signed by a trusted authority",
            "--trust-anchor names the authority's certificate",
        ),
        CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => (
            "the server's certificate has no subjectAltName, and its common name does not count as a host name",
            "--ssl-mode verify-ca does not look at the name",
        ),
        CertificateError::NotValidForNameContext { expected, presented } => {
            let cause =
                format!("the server's certificate is for {}, not for \"{}\"", names(presented), expected.to_str());
            return (cause, "--ssl-mode verify-ca does not look at the name");
        }
        CertificateError::NotValidForName => {
            ("the server's certificate is for another name", "--ssl-mode verify-ca does not look at the name")
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            ("the server's certificate has expired", "renew it; --ssl-mode require does not look at it")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            ("the server's certificate is not valid yet", "check the clocks of server and client")
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            ("the server's certificate is not made for servers", "its extendedKeyUsage needs serverAuth")
        }
        CertificateError::BadSignature => {
            ("the signature of the server's certificate is wrong", "--trust-anchor may name another authority's")
        }
        CertificateError::Revoked => ("the server's certificate is revoked", "renew it"),
        CertificateError::UnhandledCriticalExtension => {
            ("the server's certificate has a critical extension that is not known here", "create one without it")
        }
        CertificateError::Other(what) if what.to_string().contains("UnsupportedCertVersion") => (
            "the server's certificate is of version 1 of X.509, which names no host",
            "--ssl-mode verify-ca does not look at the name; or create one with a subjectAltName",
        ),
        CertificateError::Other(what) if what.to_string().contains("CaUsedAsEndEntity") => (
            "the server's certificate is one of an authority, which is not for servers",
            "name it as --trust-anchor itself, or make one with basicConstraints CA:FALSE",
        ),
        CertificateError::Other(what) if what.to_string().contains("UnsupportedSignatureAlgorithm") => {
            return weak_signature();
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => return weak_signature(),
        _ => ("the server's certificate cannot be checked", "--ssl-mode require does not look at it"),
    };
    (cause.to_owned(), remedy)
}

fn weak_signature() -> (String, &'static str) {
    let cause = "the server's certificate has a signature or key of a kind that is too weak or not known here";
    (cause.to_owned(), "create one with SHA-256 and ECDSA, or RSA of 2048 bits or more")
}

/// Why the server ended the handshake.
fn refusal(alert: AlertDescription) -> (String, &'static str) {
    use AlertDescription as A;
    let (cause, remedy) = match alert {
        A::CertificateRequired | A::NoCertificate => {
            ("the server requires a certificate", "--cert-file and --key-file show one")
        }
        A::CertificateExpired => ("the server refuses the client's certificate: it has expired", "renew it"),
        A::CertificateRevoked => ("the server refuses the client's certificate: it is revoked", "renew it"),
        A::UnknownCA => (
            "the server refuses the client's certificate: it is not signed by an authority that the server trusts",
            "--cert-file names one that is",
        ),
        A::BadCertificate | A::UnsupportedCertificate | A::CertificateUnknown | A::AccessDenied => {
            ("the server refuses the client's certificate", "the server's log says why")
        }
        A::DecryptError => {
            ("the server finds the client's signature wrong", "certificate and key may belong to different pairs")
        }
        A::ProtocolVersion => ("the server speaks only versions of TLS before 1.2", "it needs TLS 1.2 or later"),
        A::HandshakeFailure | A::InsufficientSecurity => {
            ("the server refuses the TLS handshake", "it may want a certificate, or have no cipher in common with us")
        }
        A::UnrecognisedName => ("the server knows no host of this name", "use the name in its certificate"),
        A::InternalError => ("the server's TLS fails with an error of its own", "the server's log says why"),
        _ => ("the server ends the TLS handshake", "the server's log says why"),
    };
    (cause.to_owned(), remedy)
}

/// The names as a certificate has them, from the library's `DnsName("localhost")`.
fn names(presented: &[String]) -> String {
    let bare = |name: &String| {
        name.split_once('(').map_or(name.as_str(), |(_, name)| name).trim_matches(['"', ')']).to_owned()
    };
    presented.iter().map(bare).collect::<Vec<_>>().join(", ")
}

/// An [`io::Error`] hides what it carries from `source()`, hence two ways down.
fn tls_cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<Error>() {
            return Some(found);
        }
        let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match inside {
            Some(inside) => Some(inside),
            None => error.source(),
        };
    }
    None
}
