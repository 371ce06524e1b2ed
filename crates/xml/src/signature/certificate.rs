//! What a certificate says: whose it is, who gave it, what it is for.
//!
//! A card holds two: one to authenticate (TLS), one to sign. Only the second signs a VIHF: the reference system refuses the
//! other by `DMPInvalidCertificate`. The authentication one is told by `clientAuth` without *nonRepudiation*; so is that of
//! a server, by `serverAuth`: a structure has both from the same authority, and their keys lie elsewhere.
//!
//! Sources: RFC 5280, 4.2.1.3, 4.2.1.12; *Les certificats X.509 des cartes CPS3*; IGC-Santé.

use super::anchors::CertificateError;
use super::name::{DistinguishedName, value_of};
use x509_cert::Certificate as Parsed;
use x509_cert::der::{Any, Decode, oid::AssociatedOid};
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage};

/// `serverAuth`, `clientAuth`.
const OF_CONNECTIONS: &[&str] = &["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];

/// A certificate. Two are equal when their bytes are.
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    subject: DistinguishedName,
    issuer: DistinguishedName,
    serial: String,
    /// Seconds since 1970.
    validity: (u64, u64),
    usage: Option<KeyUsage>,
    extended: Vec<String>,
    /// Small integers and strings of the other extensions, by OID: what cards say of their holder.
    others: Vec<(String, String)>,
}

impl Certificate {
    /// Reads a DER certificate.
    ///
    /// # Errors
    /// [`CertificateError::Unreadable`].
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let parsed = Parsed::from_der(der).map_err(|_| CertificateError::Unreadable)?;
        let tbs = &parsed.tbs_certificate;
        let mut usage = None;
        let mut extended = Vec::new();
        let mut others = Vec::new();
        for extension in tbs.extensions.iter().flatten() {
            let value = extension.extn_value.as_bytes();
            if extension.extn_id == KeyUsage::OID {
                usage = Some(KeyUsage::from_der(value).map_err(|_| CertificateError::Unreadable)?);
            } else if extension.extn_id == ExtendedKeyUsage::OID {
                let read = ExtendedKeyUsage::from_der(value).map_err(|_| CertificateError::Unreadable)?;
                extended.extend(read.0.iter().map(ToString::to_string));
            } else if let Ok(any) = Any::from_der(value) {
                let number = i64::from_der(value).map(|number| number.to_string());
                others.push((extension.extn_id.to_string(), number.unwrap_or_else(|_| value_of(&any))));
            }
        }
        let seconds = |time: x509_cert::time::Time| time.to_unix_duration().as_secs();
        Ok(Certificate {
            subject: DistinguishedName::of(&tbs.subject),
            issuer: DistinguishedName::of(&tbs.issuer),
            serial: tbs.serial_number.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect(),
            validity: (seconds(tbs.validity.not_before), seconds(tbs.validity.not_after)),
            usage,
            extended,
            others,
            der: der.to_vec(),
        })
    }

    /// Its bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whose it is.
    pub fn subject(&self) -> &DistinguishedName {
        &self.subject
    }

    /// Who gave it.
    pub fn issuer(&self) -> &DistinguishedName {
        &self.issuer
    }

    /// Its serial number, hexadecimal.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// OIDs of its extended key usages.
    pub fn extended_key_usage(&self) -> &[String] {
        &self.extended
    }

    /// The value of a private extension that is an integer or a string. Cards carry so the profession of their holder, under
    /// the OID of its code system.
    pub fn extension(&self, oid: &str) -> Option<&str> {
        self.others.iter().find(|(found, _)| found == oid).map(|(_, value)| value.as_str())
    }

    /// True when it was given to sign: *nonRepudiation*, or *digitalSignature* without `clientAuth` nor `serverAuth`.
    pub fn is_for_signature(&self) -> bool {
        let authentication = self.extended.iter().any(|oid| OF_CONNECTIONS.contains(&oid.as_str()));
        match &self.usage {
            Some(usage) => usage.non_repudiation() || (usage.digital_signature() && !authentication),
            None => !authentication,
        }
    }

    pub(super) fn check_validity(&self, at_seconds: u64) -> Result<(), CertificateError> {
        match self.validity {
            (from, _) if at_seconds < from => Err(CertificateError::NotYetValid),
            (_, to) if at_seconds > to => Err(CertificateError::Expired),
            _ => Ok(()),
        }
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Certificate({})", self.serial)
    }
}
