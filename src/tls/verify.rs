//! Verification of a server's certificate, with libpq's meaning of the modes.
//!
//! `verify-ca` checks the signature of the server's certificate, `verify-full` also its host name; `require` with a
//! trust anchor is `verify-ca`, as in libpq. A certificate that is itself a trust anchor is accepted without further
//! checks: that is how self-signed servers are set up. Without a trust anchor the system's authorities are trusted.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::{SslMode, Tls, version1, words};
use crate::error::{Error, Result, io_cause};
use crate::fs::bounded;

/// The client configuration for a TLS connection with these settings.
pub fn client_config(tls: &Tls) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier::new(tls, provider.signature_verification_algorithms)?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::new("TLS", "this build has no cipher that TLS 1.2 and 1.3 know"))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    match &tls.cert_file {
        None => Ok(builder.with_no_client_auth()),
        Some(cert_file) => {
            let (chain, key) = client_identity(cert_file, tls.key_file.as_deref())?;
            builder.with_client_auth_cert(chain, key).map_err(|error| {
                let (cause, remedy) = words::identity(&error);
                let key_file = tls.key_file.as_deref().map(|file| format!(" and {}", quoted(file)));
                Error::new(format!("{}{}", quoted(cert_file), key_file.unwrap_or_default()), cause).hint(remedy)
            })
        }
    }
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn client_identity(cert_file: &Path, key_file: Option<&Path>) -> Result<Identity> {
    let chain = certificates(cert_file)?;
    if chain.is_empty() {
        return Err(Error::new(quoted(cert_file), "holds no certificate in PEM form"));
    }
    let Some(key_file) = key_file else {
        return Err(Error::new(quoted(cert_file), "a client certificate needs its key").hint("--key-file FILE"));
    };
    let text = read(key_file)?;
    let key = PrivateKeyDer::from_pem_slice(&text).map_err(|_| no_key(key_file, &text))?;
    Ok((chain, key))
}

fn no_key(file: &Path, text: &[u8]) -> Error {
    let is_encrypted = text.windows(9).any(|word| word == b"ENCRYPTED");
    if is_encrypted {
        let remedy = "openssl pkey -in KEY -out PLAIN writes one without passphrase; chmod 600 PLAIN";
        return Error::new(quoted(file), "the key is encrypted, and a passphrase is not asked for").hint(remedy);
    }
    Error::new(quoted(file), "holds no private key in PEM form")
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let text = read(file)?;
    CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|_| Error::new(quoted(file), "is not PEM").hint("openssl x509 -inform DER -in FILE writes PEM"))
}

fn read(file: &Path) -> Result<Vec<u8>> {
    const LARGEST: u64 = 16 << 20;
    bounded::read(file, LARGEST).map_err(|cause| Error::new(quoted(file), io_cause(&cause)))
}

fn quoted(file: &Path) -> String {
    format!("\"{}\"", file.display())
}

/// How strictly the server's certificate is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    Nothing,
    Authority,
    AuthorityAndName,
}

impl Proof {
    fn for_tls(tls: &Tls) -> Self {
        match tls.effective_mode() {
            SslMode::VerifyFull => Self::AuthorityAndName,
            SslMode::VerifyCa => Self::Authority,
            SslMode::Require if tls.trust_anchor.is_some() => Self::Authority,
            SslMode::Require | SslMode::Prefer | SslMode::Disable => Self::Nothing,
        }
    }
}

/// Verifies the server's certificate.
#[derive(Debug)]
struct Verifier {
    proof: Proof,
    anchors: Vec<CertificateDer<'static>>,
    roots: RootCertStore,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    fn new(tls: &Tls, algorithms: WebPkiSupportedAlgorithms) -> Result<Self> {
        let proof = Proof::for_tls(tls);
        let anchors = match (proof, &tls.trust_anchor) {
            (Proof::Nothing, _) => Vec::new(),
            (_, Some(path)) => trust_anchors(path)?,
            (_, None) => system_anchors()?,
        };
        let mut roots = RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(anchors.iter().cloned());
        if let (0, Some(path), false) = (added, &tls.trust_anchor, proof == Proof::Nothing) {
            return Err(Error::new(quoted(path), "holds no certificate that can be used as a trust anchor"));
        }
        Ok(Self { proof, anchors, roots, algorithms })
    }
}

fn trust_anchors(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    if !path.is_dir() {
        return certificates(path);
    }
    let mut anchors = Vec::new();
    for file in files_in(path).map_err(|cause| Error::io(quoted(path), &cause))? {
        anchors.extend(certificates(&file)?);
    }
    Ok(anchors)
}

fn files_in(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries: Vec<PathBuf> = fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    Ok(entries.into_iter().filter(|path| path.is_file()).collect())
}

fn system_anchors() -> Result<Vec<CertificateDer<'static>>> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        return Err(Error::new("TLS", "this system trusts no certificate authority")
            .hint("--trust-anchor FILE, or install ca-certificates"));
    }
    Ok(found.certs)
}

/// What verifies the signature of a handshake in a version of TLS.
type VerifySignature = fn(
    &[u8],
    &CertificateDer<'_>,
    &DigitallySignedStruct,
    &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, rustls::Error>;

impl Verifier {
    fn verify_handshake(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
        verify: VerifySignature,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        if self.proof == Proof::Nothing {
            return Ok(HandshakeSignatureValid::assertion());
        }
        match version1::read(cert) {
            Some(certificate) => version1::verify_handshake(&certificate, message, dss, &self.algorithms),
            None => verify(message, cert, dss, &self.algorithms),
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.proof == Proof::Nothing {
            return Ok(ServerCertVerified::assertion());
        }
        if let Some(certificate) = version1::read(end_entity).filter(|_| self.proof == Proof::Authority) {
            if !self.anchors.contains(end_entity) {
                version1::verify(&certificate, &self.anchors, now, &self.algorithms)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        let certificate = ParsedCertificate::try_from(end_entity)?;
        if !self.anchors.contains(end_entity) {
            let algorithms = self.algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&certificate, &self.roots, intermediates, now, algorithms)?;
        }
        if self.proof == Proof::AuthorityAndName {
            verify_server_name(&certificate, server_name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verify_handshake(message, cert, dss, verify_tls12_signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verify_handshake(message, cert, dss, verify_tls13_signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// 2027-01-01: the certificates of `tests/data/tls` are good for a century, but for the expired one.
    const NOW: Duration = Duration::from_secs(1_798_761_600);

    fn data(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tls").join(name)
    }

    /// What is said of a server at `host` that shows this certificate to someone who trusts `anchor`.
    fn judge(certificate: &str, anchor: &str, mode: SslMode, host: &str) -> Result<(), String> {
        let tls = Tls { mode: Some(mode), trust_anchor: Some(data(anchor)), ..Tls::default() };
        let verifier = Verifier::new(&tls, ring::default_provider().signature_verification_algorithms)
            .map_err(|error| error.to_string())?;
        let shown = certificates(&data(certificate)).unwrap();
        let host = ServerName::try_from(host.to_owned()).unwrap();
        let verdict = verifier.verify_server_cert(&shown[0], &[], &host, &[], UnixTime::since_unix_epoch(NOW));
        verdict.map(|_| ()).map_err(|error| words::objection(&io::Error::other(error)).unwrap().0)
    }

    #[test]
    fn a_certificate_is_good_for_the_names_in_it() {
        for host in ["db.example", "192.0.2.5"] {
            assert_eq!(judge("by-name.pem", "authority.pem", SslMode::VerifyFull, host), Ok(()));
        }
        assert_eq!(
            judge("by-name.pem", "authority.pem", SslMode::VerifyFull, "db2.example"),
            Err("the server's certificate is for db.example, 192.0.2.5, not for \"db2.example\"".to_owned())
        );
        assert_eq!(judge("by-name.pem", "authority.pem", SslMode::VerifyCa, "db2.example"), Ok(()));
    }

    #[test]
    fn a_certificate_with_only_a_common_name_is_refused() {
        let told = judge("common-name-only.pem", "authority.pem", SslMode::VerifyFull, "common-name-only").unwrap_err();
        assert!(told.contains("no subjectAltName") && told.contains("common name does not count"), "{told}");
        assert_eq!(judge("common-name-only.pem", "authority.pem", SslMode::VerifyCa, "db.example"), Ok(()));
    }

    #[test]
    fn expired_and_version_1_certificates_are_reported() {
        let told = judge("expired.pem", "authority.pem", SslMode::VerifyCa, "db.example").unwrap_err();
        assert!(told.contains("expired"), "{told}");
        let told = judge("version-1.pem", "authority.pem", SslMode::VerifyFull, "db.example").unwrap_err();
        assert!(told.contains("version 1") && told.contains("names no host"), "{told}");
    }

    #[test]
    fn version_1_certificate_is_accepted_by_verify_ca() {
        assert_eq!(judge("version-1.pem", "authority.pem", SslMode::VerifyCa, "db.example"), Ok(()));
        assert_eq!(judge("version-1.pem", "version-1.pem", SslMode::VerifyCa, "db.example"), Ok(()));
        let told = judge("version-1.pem", "self-signed.pem", SslMode::VerifyCa, "db.example").unwrap_err();
        assert!(told.contains("not signed by a trusted authority"), "{told}");
    }

    #[test]
    fn a_self_signed_certificate_is_good_for_whoever_was_given_it() {
        assert_eq!(judge("self-signed.pem", "self-signed.pem", SslMode::VerifyFull, "db.example"), Ok(()));
        assert!(judge("self-signed.pem", "self-signed.pem", SslMode::VerifyFull, "db2.example").is_err());
        assert!(judge("self-signed.pem", "authority.pem", SslMode::VerifyCa, "db.example").is_err());
    }

    #[test]
    fn require_verifies_the_signer_only_with_a_trust_anchor() {
        assert!(judge("self-signed.pem", "authority.pem", SslMode::Require, "db.example").is_err());
        assert_eq!(judge("by-name.pem", "authority.pem", SslMode::Require, "db2.example"), Ok(()));
        assert_eq!(judge("self-signed.pem", "authority.pem", SslMode::Prefer, "db.example"), Ok(()));
    }

    #[test]
    fn a_file_without_certificates_is_no_trust_anchor() {
        let told = judge("by-name.pem", "../../../Cargo.toml", SslMode::VerifyCa, "db.example").unwrap_err();
        assert!(told.contains("holds no certificate that can be used as a trust anchor"), "{told}");
    }
}
