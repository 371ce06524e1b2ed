//! The demo's certification authority: cards, structures and servers of invented people, under one key in a directory.
//!
//! Shape of the real ones (IGC-Santé, CPS): a card is two certificates, one that signs (*nonRepudiation*) and one that
//! authenticates (`clientAuth`), in the name of the national identifier; a structure is two as well (ORG_SIGN,
//! ORG_AUTH_CLI), its national identifier in an organizational unit. Keys are RSA of 2048 bits, as on cards.
//!
//! `ca.pem` is whom a server trusts (`xds.anchors`), `crl.pem` whom it no longer does (`xds.crls`). The list is signed
//! again each time the authority is opened, so that it never grows too old.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName, DnType, DnValue,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256,
    RevocationReason, RevokedCertParams, RsaKeySize, SanType, SerialNumber,
};
use std::io::Write as _;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// Certificate of the authority.
pub const CERTIFICATE_FILE: &str = "ca.pem";
/// Certificates it revoked.
pub const CRL_FILE: &str = "crl.pem";
/// Its key.
const KEY_FILE: &str = "ca.key";
/// Serial numbers of what it revoked, hexadecimal, and when, in seconds since 1970: one a line.
const REVOKED_FILE: &str = "revoked.txt";

const DAY: Duration = Duration::from_secs(86_400);
/// Life of the authority, in days.
const AUTHORITY_DAYS: u32 = 3650;
/// Life of a certificate, in days: that of a card.
const CERTIFICATE_DAYS: u32 = 1095;
/// Until when a revocation list is good, in days.
const CRL_DAYS: u32 = 365;

const SURNAME: &[u64] = &[2, 5, 4, 4];
const GIVEN_NAME: &[u64] = &[2, 5, 4, 42];

/// Why the authority does not do as told.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// A file.
    #[error("`{path}`")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that is not what it should be.
    #[error("`{0}` is not a file of an authority")]
    Content(PathBuf),
    /// A certificate that cannot be made.
    #[error("a certificate cannot be made")]
    Certificate(#[from] rcgen::Error),
}

/// Whom a certificate names.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'s> {
    /// A person, by card.
    Card {
        /// National identifier.
        id: &'s str,
        /// Family name.
        family: &'s str,
        /// Given name.
        given: &'s str,
        /// Profession, in words.
        profession: &'s str,
    },
    /// A structure.
    Structure {
        /// National identifier.
        id: &'s str,
        /// Name.
        name: &'s str,
    },
    /// A server, by names and addresses.
    Server(&'s [String]),
}

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To sign messages.
    Signature,
    /// To open TLS connections.
    Authentication,
    /// To be connected to.
    Server,
}

/// When a certificate is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// From yesterday, for as long as a card.
    Current,
    /// Until yesterday.
    Past,
}

/// A certificate and its key.
#[derive(Debug, Clone)]
pub struct Issued {
    /// PEM.
    pub certificate: String,
    /// PKCS#8, PEM.
    pub key: String,
    serial: [u8; 16],
}

/// A certification authority in a directory.
pub struct Authority {
    directory: PathBuf,
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
    revoked: Vec<(Vec<u8>, SystemTime)>,
}

impl Authority {
    /// The authority of that directory; a new one where there is none.
    ///
    /// # Errors
    /// Files that cannot be read or written, or that are not an authority's.
    pub fn open_or_create(directory: &Path) -> Result<Authority, AuthorityError> {
        let [certificate_file, key_file] = [CERTIFICATE_FILE, KEY_FILE].map(|name| directory.join(name));
        let params = authority_params();
        let (certificate, key) = if key_file.exists() {
            let key = KeyPair::from_pem(&read(&key_file)?);
            (read(&certificate_file)?, key.map_err(|_| AuthorityError::Content(key_file))?)
        } else {
            std::fs::create_dir_all(directory).map_err(|source| file_error(directory, source))?;
            let key = new_key()?;
            let certificate = params.self_signed(&key)?.pem();
            write(&certificate_file, &certificate)?;
            write_secret(&key_file, &key.serialize_pem())?;
            (certificate, key)
        };
        let revoked = read_revoked(&directory.join(REVOKED_FILE))?;
        let authority = Authority {
            directory: directory.to_owned(),
            certificate,
            issuer: Issuer::new(params, key),
            revoked,
        };
        authority.write_crl()?;
        Ok(authority)
    }

    /// Its own certificate, PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A new key and its certificate.
    ///
    /// # Errors
    /// [`AuthorityError::Certificate`].
    pub fn issue(
        &self,
        subject: &Subject<'_>,
        purpose: Purpose,
        validity: Validity,
    ) -> Result<Issued, AuthorityError> {
        let key = new_key()?;
        let mut serial = Uuid::new_v4().into_bytes();
        // A positive number, not shortened (RFC 5280 4.1.2.2).
        serial[0] = (serial[0] & 0x3f) | 0x40;
        let mut params = params(name(subject), purpose);
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        params.use_authority_key_identifier_extension = true;
        if let Subject::Server(names) = subject {
            params.subject_alt_names =
                names.iter().map(|name| alternative(name)).collect::<Result<_, _>>()?;
        }
        let now = SystemTime::now();
        let (from, to) = match validity {
            Validity::Current => (now - DAY, now + DAY * CERTIFICATE_DAYS),
            Validity::Past => (now - DAY * 366, now - DAY),
        };
        (params.not_before, params.not_after) = (from.into(), to.into());
        let certificate = params.signed_by(&key, &self.issuer)?.pem();
        Ok(Issued { certificate, key: key.serialize_pem(), serial })
    }

    /// Revokes what it issued: written to its list.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn revoke(&mut self, issued: &Issued) -> Result<(), AuthorityError> {
        self.revoked.push((issued.serial.to_vec(), SystemTime::now()));
        let line = |(serial, at): &(Vec<u8>, SystemTime)| {
            let serial: String = serial.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{serial} {}\n", at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
        };
        write(&self.directory.join(REVOKED_FILE), &self.revoked.iter().map(line).collect::<String>())?;
        self.write_crl()
    }

    fn write_crl(&self) -> Result<(), AuthorityError> {
        let now = SystemTime::now();
        let number = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let revoked = |(serial, at): &(Vec<u8>, SystemTime)| RevokedCertParams {
            serial_number: SerialNumber::from_slice(serial),
            revocation_time: (*at).into(),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: (now - DAY).into(),
            next_update: (now + DAY * CRL_DAYS).into(),
            crl_number: SerialNumber::from(u64::try_from(number).unwrap_or_default()),
            issuing_distribution_point: None,
            revoked_certs: self.revoked.iter().map(revoked).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        write(&self.directory.join(CRL_FILE), &list.signed_by(&self.issuer)?.pem()?)
    }
}

fn new_key() -> Result<KeyPair, AuthorityError> {
    Ok(KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?)
}

fn authority_params() -> CertificateParams {
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, "FR");
    name.push(DnType::OrganizationName, "Demonstration");
    name.push(DnType::CommonName, "TEST AC de demonstration");
    let mut params = CertificateParams::default();
    params.distinguished_name = name;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let now = SystemTime::now();
    (params.not_before, params.not_after) = ((now - DAY).into(), (now + DAY * AUTHORITY_DAYS).into());
    params
}

fn params(name: DistinguishedName, purpose: Purpose) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = name;
    params.is_ca = IsCa::ExplicitNoCa;
    let (usages, extended) = match purpose {
        Purpose::Signature => {
            (vec![KeyUsagePurpose::ContentCommitment], ExtendedKeyUsagePurpose::EmailProtection)
        }
        Purpose::Authentication => {
            (vec![KeyUsagePurpose::DigitalSignature], ExtendedKeyUsagePurpose::ClientAuth)
        }
        Purpose::Server => (
            vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment],
            ExtendedKeyUsagePurpose::ServerAuth,
        ),
    };
    params.key_usages = usages;
    params.extended_key_usages = vec![extended];
    params
}

fn name(subject: &Subject<'_>) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    let mut push = |kind: DnType, value: &str| name.push(kind, DnValue::Utf8String(value.to_owned()));
    push(DnType::CountryName, "FR");
    match subject {
        Subject::Card { id, family, given, profession } => {
            push(DnType::OrganizationName, "Demonstration");
            push(DnType::OrganizationalUnitName, profession);
            push(DnType::from_oid(GIVEN_NAME), given);
            push(DnType::from_oid(SURNAME), family);
            push(DnType::CommonName, id);
        }
        Subject::Structure { id, name } => {
            push(DnType::OrganizationName, name);
            push(DnType::OrganizationalUnitName, id);
            push(DnType::CommonName, name);
        }
        Subject::Server(names) => {
            push(DnType::OrganizationName, "Demonstration");
            push(DnType::CommonName, names.first().map_or("localhost", String::as_str));
        }
    }
    name
}

/// A name of a server, or its address.
fn alternative(name: &str) -> Result<SanType, rcgen::Error> {
    match name.parse::<IpAddr>() {
        Ok(address) => Ok(SanType::IpAddress(address)),
        Err(_) => Ok(SanType::DnsName(name.try_into()?)),
    }
}

fn read_revoked(path: &Path) -> Result<Vec<(Vec<u8>, SystemTime)>, AuthorityError> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let line = |line: &str| {
        let (serial, at) = line.split_once(' ')?;
        let byte = |place: usize| u8::from_str_radix(serial.get(place..place + 2)?, 16).ok();
        let serial = (0..serial.len()).step_by(2).map(byte).collect::<Option<Vec<u8>>>()?;
        Some((serial, UNIX_EPOCH + Duration::from_secs(at.parse().ok()?)))
    };
    let lines = read(path)?.lines().map(line).collect::<Option<Vec<_>>>();
    lines.ok_or_else(|| AuthorityError::Content(path.to_owned()))
}

fn file_error(path: &Path, source: std::io::Error) -> AuthorityError {
    AuthorityError::File { path: path.to_owned(), source }
}

fn read(path: &Path) -> Result<String, AuthorityError> {
    std::fs::read_to_string(path).map_err(|source| file_error(path, source))
}

/// Whole or not at all: a server may be reading it.
fn write(path: &Path, text: &str) -> Result<(), AuthorityError> {
    let whole = path.with_extension("new");
    let written = std::fs::write(&whole, text).and_then(|()| std::fs::rename(&whole, path));
    written.map_err(|source| file_error(path, source))
}

/// A file that its owner alone reads.
fn write_secret(path: &Path, text: &str) -> Result<(), AuthorityError> {
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|source| file_error(path, source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_xml::signature::{Anchors, Certificate};
    use x509_cert::der::{DecodePem as _, Encode as _};

    const DOCTOR: Subject<'_> =
        Subject::Card { id: "899900900018", family: "Martin", given: "Paul", profession: "Médecin" };

    fn parsed(issued: &Issued) -> Certificate {
        let certificate = x509_cert::Certificate::from_pem(&issued.certificate).unwrap();
        Certificate::from_der(&certificate.to_der().unwrap()).unwrap()
    }

    #[test]
    fn an_authority_is_found_again_with_what_it_revoked() {
        let directory = std::env::temp_dir().join(format!("dmp-authority-{}", Uuid::new_v4()));
        let mut authority = Authority::open_or_create(&directory).unwrap();
        let structure = Subject::Structure { id: "1229990018", name: "Pharmacie Duval" };
        let signature = authority.issue(&DOCTOR, Purpose::Signature, Validity::Current).unwrap();
        let authentication = authority.issue(&DOCTOR, Purpose::Authentication, Validity::Current).unwrap();
        let past = authority.issue(&DOCTOR, Purpose::Signature, Validity::Past).unwrap();
        let lost = authority.issue(&structure, Purpose::Signature, Validity::Current).unwrap();
        authority.revoke(&lost).unwrap();
        let again = Authority::open_or_create(&directory).unwrap();
        assert_eq!(again.certificate(), authority.certificate());
        let after = again.issue(&structure, Purpose::Signature, Validity::Current).unwrap();

        let mut anchors = Anchors::new();
        anchors.trust(&std::fs::read(directory.join(CERTIFICATE_FILE)).unwrap()).unwrap();
        anchors.revoke(&std::fs::read(directory.join(CRL_FILE)).unwrap()).unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        for (issued, taken, signs) in [
            (&signature, true, true),
            (&authentication, true, false),
            (&past, false, true),
            (&lost, false, true),
            (&after, true, true),
        ] {
            let certificate = parsed(issued);
            assert_eq!(anchors.check(&certificate, &[], now).is_ok(), taken, "{:?}", certificate.subject());
            assert_eq!(certificate.is_for_signature(), signs, "{:?}", certificate.subject());
        }
        assert_eq!(parsed(&signature).subject().common_names().collect::<Vec<_>>(), ["899900900018"]);
        assert!(parsed(&lost).subject().organizational_units().any(|unit| unit == "1229990018"));

        let other = directory.join("other");
        let foreign = Authority::open_or_create(&other)
            .unwrap()
            .issue(&DOCTOR, Purpose::Signature, Validity::Current)
            .unwrap();
        assert!(anchors.check(&parsed(&foreign), &[], now).is_err(), "another authority of the same name");
        std::fs::write(directory.join(KEY_FILE), "").unwrap();
        assert!(matches!(Authority::open_or_create(&directory), Err(AuthorityError::Content(_))));
        std::fs::remove_dir_all(directory).unwrap();
    }
}
