//! Whose certificates are taken: authorities, what leads to them, and what they revoked.
//!
//! A chain ends at a configured authority, or the certificate itself was configured. A list of revocations past its
//! `nextUpdate` still revokes, and an authority without list is not asked for one: a list that is late must not close the
//! service; the deployment watches its lists. The same few certificates sign all day long: a chain that was found good is
//! not walked again within the minute.
//!
//! Sources: RFC 5280, 6; IGC-Santé *politiques de certification*; EX_GEN-1450.

use super::certificate::Certificate;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, TrustAnchor, UnixTime, pem::PemObject};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use webpki::{
    CertRevocationList, EndEntityCert, Error, ExpirationPolicy, ExtendedKeyUsageValidator, KeyPurposeIdIter,
    OwnedCertRevocationList, RevocationOptionsBuilder, UnknownStatusPolicy,
};

/// Why a certificate is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not a certificate, or not one of X.509 v3.
    #[error("a certificate that cannot be read")]
    Unreadable,
    /// No configured authority gave it.
    #[error("a certificate of an unknown authority")]
    UnknownAuthority,
    /// Given by an authority of test, where only real ones are taken.
    #[error("a certificate of test")]
    TestAuthority,
    /// Past its validity.
    #[error("a certificate that has expired")]
    Expired,
    /// Before its validity.
    #[error("a certificate that is not valid yet")]
    NotYetValid,
    /// Its authority took it back.
    #[error("a certificate that was revoked")]
    Revoked,
}

/// Most chains of which the verdict is kept, some kilobytes each.
const KNOWN_MAX: usize = 4_096;

/// Authorities, intermediate certificates, revocations.
#[derive(Debug, Default)]
pub struct Anchors {
    anchors: Vec<TrustAnchor<'static>>,
    intermediates: Vec<CertificateDer<'static>>,
    revocations: Vec<CertRevocationList<'static>>,
    pinned: Vec<Vec<u8>>,
    test_refused: bool,
    /// Chains found good (DER, end to end), and in which minute.
    known: Mutex<HashMap<Vec<u8>, u64>>,
}

impl Anchors {
    /// None: every certificate is of an unknown authority.
    pub fn new() -> Self {
        Anchors::default()
    }

    /// Trusts the authorities of a PEM file, or of one DER certificate; gives how many.
    ///
    /// # Errors
    /// No certificate, or one that cannot be read.
    pub fn trust(&mut self, bytes: &[u8]) -> Result<usize, CertificateError> {
        let found = certificates(bytes)?;
        for certificate in &found {
            let anchor =
                webpki::anchor_from_trusted_cert(certificate).map_err(|_| CertificateError::Unreadable)?;
            self.anchors.push(anchor.to_owned());
        }
        self.known().clear();
        Ok(found.len())
    }

    /// Knows certificates between an authority and those that sign (PEM, or one DER); gives how many.
    ///
    /// # Errors
    /// No certificate, or one that cannot be read.
    pub fn know(&mut self, bytes: &[u8]) -> Result<usize, CertificateError> {
        let found = certificates(bytes)?;
        self.intermediates.extend_from_slice(&found);
        self.known().clear();
        Ok(found.len())
    }

    /// Takes this very certificate (DER), whoever gave it.
    ///
    /// # Errors
    /// Not a certificate.
    pub fn pin(&mut self, der: &[u8]) -> Result<(), CertificateError> {
        Certificate::from_der(der)?;
        self.pinned.push(der.to_vec());
        Ok(())
    }

    /// Knows the revocations of the lists of a PEM file, or of one DER list; gives how many lists.
    ///
    /// # Errors
    /// No list, or one that cannot be read (a delta list is none).
    pub fn revoke(&mut self, bytes: &[u8]) -> Result<usize, CertificateError> {
        let unreadable = |_| CertificateError::Unreadable;
        let ders: Vec<Vec<u8>> = if is_pem(bytes) {
            let lists = CertificateRevocationListDer::pem_slice_iter(bytes).collect::<Result<Vec<_>, _>>();
            lists.map_err(|_| CertificateError::Unreadable)?.iter().map(|der| der.to_vec()).collect()
        } else {
            vec![bytes.to_vec()]
        };
        for der in &ders {
            let list = OwnedCertRevocationList::from_der(der).map_err(unreadable)?;
            self.revocations.push(list.into());
        }
        self.known().clear();
        if ders.is_empty() { Err(CertificateError::Unreadable) } else { Ok(ders.len()) }
    }

    /// Refuses, or not, what an authority of test gave, be it trusted by mistake: those of IGC-Santé and of cards have the
    /// word `TEST` in their common name or their unit.
    pub fn refuse_test_authorities(&mut self, refused: bool) {
        self.test_refused = refused;
    }

    /// True without any authority.
    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty() && self.pinned.is_empty()
    }

    /// Checks that a certificate is taken at a time. `others` came with it and only help to find the way.
    ///
    /// # Errors
    /// Every [`CertificateError`].
    pub fn check(
        &self,
        certificate: &Certificate,
        others: &[Vec<u8>],
        at_seconds: u64,
    ) -> Result<(), CertificateError> {
        let issuer = certificate.issuer();
        let mut names = issuer.common_names().chain(issuer.organizational_units());
        if self.test_refused && names.any(|name| name.split_whitespace().any(|word| word == "TEST")) {
            return Err(CertificateError::TestAuthority);
        }
        if self.pinned.iter().any(|pinned| pinned == certificate.der()) {
            return certificate.check_validity(at_seconds);
        }
        let chain = [&[certificate.der()][..], &others.iter().map(Vec::as_slice).collect::<Vec<_>>()]
            .concat()
            .concat();
        let minute = at_seconds / 60;
        if self.known().get(&chain) == Some(&minute) {
            return certificate.check_validity(at_seconds);
        }
        let der = CertificateDer::from(certificate.der());
        let end = EndEntityCert::try_from(&der).map_err(|_| CertificateError::Unreadable)?;
        let others = others.iter().map(|other| CertificateDer::from(other.as_slice()));
        let between: Vec<_> = self.intermediates.iter().cloned().chain(others).collect();
        let lists: Vec<_> = self.revocations.iter().collect();
        let revocation = RevocationOptionsBuilder::new(&lists).ok().map(|options| {
            let options = options.with_status_policy(UnknownStatusPolicy::Allow);
            options.with_expiration_policy(ExpirationPolicy::Ignore).build()
        });
        let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(at_seconds));
        let algorithms = webpki::ALL_VERIFICATION_ALGS;
        let path =
            end.verify_for_usage(algorithms, &self.anchors, &between, time, AnyUsage, revocation, None);
        path.map_err(|error| match error {
            Error::CertExpired { .. } => CertificateError::Expired,
            Error::CertNotValidYet { .. } => CertificateError::NotYetValid,
            Error::CertRevoked => CertificateError::Revoked,
            _ => CertificateError::UnknownAuthority,
        })?;
        let mut known = self.known();
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(chain, minute);
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Vec<u8>, u64>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a certificate is for is asked apart ([`Certificate::is_for_signature`]).
struct AnyUsage;

impl ExtendedKeyUsageValidator for AnyUsage {
    fn validate(&self, usages: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        usages.into_iter().try_for_each(|usage| usage.map(|_| ()))
    }
}

fn is_pem(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"-----BEGIN").is_some()
}

fn certificates(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let found = if is_pem(bytes) {
        let all = CertificateDer::pem_slice_iter(bytes).collect::<Result<Vec<_>, _>>();
        all.map_err(|_| CertificateError::Unreadable)?
    } else {
        vec![CertificateDer::from(bytes.to_vec())]
    };
    for certificate in &found {
        Certificate::from_der(certificate)?;
    }
    if found.is_empty() { Err(CertificateError::Unreadable) } else { Ok(found) }
}
