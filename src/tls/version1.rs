//! Certificates of version 1 of X.509, which `openssl x509 -req` has made for decades and OpenSSL accepts.
//!
//! They have no extensions, so they name no host and no purpose: only their signature and validity can be checked. rustls
//! rejects them.

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{AlgorithmIdentifier, CertificateDer, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error};
use x509_cert::Certificate;
use x509_cert::certificate::Version;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

/// The certificate, if it is one of version 1.
pub(super) fn read(certificate: &CertificateDer<'_>) -> Option<Certificate> {
    let read = Certificate::from_der(certificate).ok()?;
    (read.tbs_certificate.version == Version::V1).then_some(read)
}

/// Checks that one of the `anchors` signed the certificate and that it is valid `now`.
pub(super) fn verify(
    certificate: &Certificate,
    anchors: &[CertificateDer<'_>],
    now: UnixTime,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<(), Error> {
    let validity = &certificate.tbs_certificate.validity;
    if now.as_secs() < validity.not_before.to_unix_duration().as_secs() {
        return Err(CertificateError::NotValidYet.into());
    }
    if now.as_secs() > validity.not_after.to_unix_duration().as_secs() {
        return Err(CertificateError::Expired.into());
    }
    let is_signed = anchors.iter().any(|anchor| {
        let Ok(anchor) = Certificate::from_der(anchor) else { return false };
        anchor.tbs_certificate.subject == certificate.tbs_certificate.issuer
            && has_signed(&anchor.tbs_certificate.subject_public_key_info, certificate, algorithms)
    });
    if is_signed { Ok(()) } else { Err(CertificateError::UnknownIssuer.into()) }
}

fn has_signed(
    key: &SubjectPublicKeyInfoOwned,
    certificate: &Certificate,
    algorithms: &WebPkiSupportedAlgorithms,
) -> bool {
    let (Ok(signed), Some(signature)) = (certificate.tbs_certificate.to_der(), certificate.signature.as_bytes()) else {
        return false;
    };
    algorithms.all.iter().any(|algorithm| {
        is(&certificate.signature_algorithm, algorithm.signature_alg_id())
            && is(&key.algorithm, algorithm.public_key_alg_id())
            && algorithm.verify_signature(key.subject_public_key.raw_bytes(), &signed, signature).is_ok()
    })
}

/// Checks that the server has the key of its certificate.
pub(super) fn verify_handshake(
    certificate: &Certificate,
    message: &[u8],
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    let key = &certificate.tbs_certificate.subject_public_key_info;
    let of_scheme = algorithms.mapping.iter().filter(|(scheme, _)| *scheme == signed.scheme);
    let is_valid = of_scheme.flat_map(|(_, algorithms)| algorithms.iter()).any(|algorithm| {
        is(&key.algorithm, algorithm.public_key_alg_id())
            && algorithm.verify_signature(key.subject_public_key.raw_bytes(), message, signed.signature()).is_ok()
    });
    if is_valid { Ok(HandshakeSignatureValid::assertion()) } else { Err(CertificateError::BadSignature.into()) }
}

/// Whether both name the same algorithm; the library's has no header of its own.
fn is(found: &AlgorithmIdentifierOwned, known: AlgorithmIdentifier) -> bool {
    /// Tag and length.
    const HEADER: usize = 2;
    found.to_der().is_ok_and(|found| found.get(HEADER..) == Some(known.as_ref()))
}
