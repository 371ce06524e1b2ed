//! What every test of this crate needs: an identity, a moment, a patient, published messages when they are at hand.
#![allow(dead_code)] // each test binary uses its part
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a test that lacks its files must say so

use dmp_lps::identity::{
    IDENTITY_FILE, Person, SIGNATURE_FILE, SIGNATURE_KEY_FILE, Software, Structure, Who,
};
use dmp_lps::{Authentification, Identity, Ins, InsOid, Session, Time};
use dmp_xml::signature::Anchors;
use rcgen::{CertificateParams, DnType, KeyPair, KeyUsagePurpose};
use std::path::{Path, PathBuf};

/// Server of the tests.
pub const SERVER: &str = "https://dmp.example.org";

/// A doctor with a card of her own authority, as read from a folder.
pub struct Doctor {
    pub identity: Identity,
    /// PEM.
    pub certificate: String,
    pub anchors: Anchors,
    pub ins: Ins,
}

impl Doctor {
    pub fn new() -> Doctor {
        let folder = std::env::temp_dir().join(format!("dmp-lps-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&folder).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "899900063480");
        params.key_usages = vec![KeyUsagePurpose::ContentCommitment];
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(folder.join(SIGNATURE_FILE), certificate.pem()).unwrap();
        std::fs::write(folder.join(SIGNATURE_KEY_FILE), key.serialize_pem()).unwrap();
        std::fs::write(folder.join(IDENTITY_FILE), who().to_toml()).unwrap();
        let identity = Identity::read(&folder).unwrap();
        std::fs::remove_dir_all(folder).unwrap();
        let mut anchors = Anchors::new();
        anchors.pin(certificate.der()).unwrap();
        Doctor {
            identity,
            certificate: certificate.pem(),
            anchors,
            ins: Ins::parse("207058575627097", InsOid::Test).unwrap(),
        }
    }

    pub fn session(&self) -> Session<'_> {
        Session { identity: &self.identity, patient: Some(&self.ins), server: SERVER, now: now() }
    }
}

/// 21 November 2026, 19:00:00 UTC.
pub fn now() -> Time {
    Time::from_millis(1_795_287_600_000)
}

/// The person and the structure of the published messages.
pub fn who() -> Who {
    Who {
        authentification: Authentification::Directe,
        vihf_version: "3.0".to_owned(),
        sector: "SA07".to_owned(),
        person: Person {
            id: "899900063480".to_owned(),
            local_id: Some("libre".to_owned()),
            family: "MAX".to_owned(),
            given: "LIBRE".to_owned(),
            profession: "10".to_owned(),
            speciality: Some("SM26".to_owned()),
        },
        structure: Structure { id: "499900063480001".to_owned(), name: "CABINET DR LIBRE".to_owned() },
        software: Software {
            id: "01.01.01.01".to_owned(),
            name: "LPS & Cie".to_owned(),
            version: "1".to_owned(),
            approval: "NumAutorisation".to_owned(),
            oid: "1.2.250.1.999.1.1.7898".to_owned(),
        },
    }
}

pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A document of ours.
pub fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(workspace().join("fixtures/cda").join(format!("{name}.xml"))).unwrap()
}

/// A file of the kit that the DMP publishes; `None`, said aloud, when it is not at hand.
pub fn published(path: &str) -> Option<String> {
    let shared = std::env::var_os("DMP_SHARED").map_or_else(|| workspace().join("../shared"), PathBuf::from);
    let file = shared.join("data/dmp-kit").join(path);
    match std::fs::read(&file) {
        Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        Err(_) => {
            println!("skipped: `{}` is not at hand (DMP_SHARED)", file.display());
            None
        }
    }
}
