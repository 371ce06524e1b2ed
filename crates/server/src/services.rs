//! The DMP interface, from the configuration: its address, whose signatures it takes, by which way one comes in.

use crate::config::{self, Config, ConfigError, LotSignature, Xds as Section};
use crate::files::{Refresh, Stamps};
use crate::http::{Entry, Forwarded, Hosts};
use dmp_dossier::{Realm, Time};
use dmp_store::Store;
use dmp_xds::vihf::{Directory, Everyone, LegacySoftware, Table, Trust, VihfParameters};
use dmp_xds::{Settings, Xds};
use dmp_xml::signature::Anchors;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Address by which software reaches the interface, without a final `/`; `apart` is the port of its own.
pub(crate) fn url(xds: &Section, public_url: &str, apart: Option<SocketAddr>) -> String {
    match (&xds.public_url, apart) {
        (Some(url), _) => url.clone(),
        (None, None) => public_url.to_owned(),
        (None, Some(address)) => {
            let authority = authority(public_url);
            // An IPv6 address is in brackets: what follows the last colon is then no port.
            let name = match authority.rsplit_once(':') {
                Some((name, port)) if !port.ends_with(']') => name,
                _ => authority,
            };
            format!("https://{name}:{}", address.port())
        }
    }
}

/// Host and port of an address.
pub(crate) fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

/// Whose signatures are taken, and when the files that say so changed last.
///
/// # Errors
/// A file that is missing or wrong.
pub(crate) fn trust(config: &Config) -> Result<(Trust, Stamps), ConfigError> {
    let xds = &config.xds;
    let stamps = stamps(xds);
    let directory: Box<dyn Directory> = match directory(config)? {
        None => Box::new(Everyone),
        Some(table) => Box::new(table),
    };
    // The whole of that day, in the country of the software.
    let until = xds.legacy_sha1_until.map_or(Time::from_millis(0), |day| Time::from_millis(end_of(day)));
    let legacy = |software: &config::LegacySoftware| LegacySoftware {
        name: software.name.clone(),
        version: software.version.clone(),
        until,
    };
    let parameters = VihfParameters {
        max_age_minutes: xds.vihf_max_age_minutes,
        skew_minutes: xds.vihf_skew_minutes,
        legacy_sha1: xds.legacy_software.iter().map(legacy).collect(),
        realm: config.realm(),
        approvals: (!xds.approvals.is_empty()).then(|| xds.approvals.iter().cloned().collect()),
    };
    Ok((Trust::new(anchors(xds)?, parameters, directory), stamps))
}

/// The directory of structures and of who works there, when there is one.
///
/// # Errors
/// A file that is missing or wrong.
pub(crate) fn directory(config: &Config) -> Result<Option<Table>, ConfigError> {
    let Some(path) = &config.xds.structures else { return Ok(None) };
    let text = String::from_utf8_lossy(&read("xds.structures", path)?).into_owned();
    Table::parse(&text).map(Some).map_err(|error| wrong("xds.structures", path, &error))
}

/// Last millisecond of a day.
fn end_of(day: Date) -> i64 {
    let next = day.tomorrow().unwrap_or(day).to_zoned(TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC));
    next.map_or(0, |midnight| midnight.timestamp().as_millisecond() - 1)
}

/// The authorities and what they revoked.
fn anchors(xds: &Section) -> Result<Anchors, ConfigError> {
    let mut anchors = Anchors::new();
    if let Some(path) = &xds.anchors {
        anchors.trust(&read("xds.anchors", path)?).map_err(|error| wrong("xds.anchors", path, &error))?;
    }
    for path in &xds.crls {
        anchors.revoke(&read("xds.crls", path)?).map_err(|error| wrong("xds.crls", path, &error))?;
    }
    Ok(anchors)
}

fn read(key: &str, path: &Path) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(path).map_err(|error| wrong(key, path, &error))
}

fn wrong(key: &str, path: &Path, problem: &dyn std::fmt::Display) -> ConfigError {
    ConfigError(format!("`{key}`: `{}`: {problem}", path.display()))
}

/// Authorities of the face, as their files said it last.
pub(crate) struct Signatures {
    section: Section,
    face: Arc<Xds>,
    stamps: Mutex<Stamps>,
}

impl Signatures {
    /// Of a face whose trust was just read.
    pub(crate) fn new(section: &Section, face: Arc<Xds>, stamps: Stamps) -> Self {
        Signatures { section: section.clone(), face, stamps: Mutex::new(stamps) }
    }
}

fn stamps(section: &Section) -> Stamps {
    Stamps::of(section.anchors.iter().chain(&section.crls))
}

impl Refresh for Signatures {
    fn refresh(&self) -> Result<bool, ConfigError> {
        let stamps = stamps(&self.section);
        let mut known = self.stamps.lock().unwrap_or_else(PoisonError::into_inner);
        if *known == stamps {
            return Ok(false);
        }
        self.face.trust.reload(anchors(&self.section)?);
        *known = stamps;
        Ok(true)
    }
}

/// The face.
pub(crate) fn face(config: &Config, trust: Trust, store: Store, base: String, hosts: &Hosts) -> Xds {
    let xds = &config.xds;
    let environment = match config.realm().realm {
        Realm::Test => "TEST",
        Realm::Production => "PRODUCTION",
    };
    Xds {
        store,
        trust,
        settings: Settings {
            base,
            hosts: hosts.names().map(str::to_owned).collect(),
            lot_signature_required: xds.lot_signature == LotSignature::Required,
            legacy: xds.legacy,
            vihf_single_use: xds.vihf_single_use,
            sender_fault_status: xds.sender_fault_status,
            environment: environment.to_owned(),
        },
    }
}

/// The way in.
pub(crate) fn entry(xds: &Section, face: &Xds) -> Entry {
    let forwarded = xds
        .client_certificate_header
        .clone()
        .map(|header| Forwarded { header, proxies: xds.trusted_proxies.clone() });
    Entry {
        body_bytes_max: face.body_bytes_max(),
        certificate_required: xds.require_client_certificate,
        plain_on_loopback: xds.plain_http_on_loopback,
        forwarded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{AUTHORITY, init_keys};
    use crate::demo::authority::{Authority, CRL_FILE, Purpose, Subject, Validity};
    use crate::open::{Deployment, SystemAmbient};
    use dmp_store::Ambient as _;
    use dmp_xml::signature::Certificate;
    use x509_cert::der::{DecodePem as _, Encode as _};

    #[test]
    fn software_reaches_the_services_where_they_are_public() {
        let of_its_own = Some("0.0.0.0:8443".parse().unwrap());
        for (given, public_url, apart, expected) in [
            (None, "http://127.0.0.1:8080", None, "http://127.0.0.1:8080"),
            (None, "https://dmp.example.org", of_its_own, "https://dmp.example.org:8443"),
            (None, "https://dmp.example.org:444", of_its_own, "https://dmp.example.org:8443"),
            (None, "http://[::1]:8080", of_its_own, "https://[::1]:8443"),
            (None, "http://[::1]", of_its_own, "https://[::1]:8443"),
            (
                Some("https://lps.example.org"),
                "https://dmp.example.org",
                of_its_own,
                "https://lps.example.org",
            ),
        ] {
            let text = given.map_or(String::new(), |url| format!("[xds]\npublic_url = \"{url}\"\n"));
            let config = Config::read(&text, [], Path::new("")).unwrap();
            assert_eq!(url(&config.xds, public_url, apart), expected);
        }
    }
    #[test]
    fn a_day_ends_in_the_country_of_the_software() {
        for (day, expected) in
            [("2027-06-30", "2027-06-30T21:59:59.999Z"), ("2027-12-31", "2027-12-31T22:59:59.999Z")]
        {
            let expected: jiff::Timestamp = expected.parse().unwrap();
            assert_eq!(end_of(day.parse().unwrap()), expected.as_millisecond(), "{day}");
        }
    }

    #[tokio::test]
    async fn authorities_and_what_they_revoke_are_read_again() {
        let directory = std::env::temp_dir().join(format!("dmp-services-{}", uuid::Uuid::new_v4()));
        init_keys(&directory).unwrap();
        let mut config = Config::demo(&directory, "127.0.0.1:0".parse().unwrap(), false).unwrap();
        config.xds.sender_fault_status = 500;
        let missing = trust(&config).err().map(|ConfigError(line)| line);
        assert!(missing.is_some_and(|line| line.starts_with("`xds.anchors`: `")));
        let mut authority = Authority::open_or_create(&directory.join(AUTHORITY)).unwrap();
        let structure = Subject::Structure { id: "1229990018", name: "Pharmacie Duval" };
        let issued = authority.issue(&structure, Purpose::Signature, Validity::Current).unwrap();
        let der = x509_cert::Certificate::from_pem(&issued.certificate).unwrap().to_der().unwrap();
        let certificate = Certificate::from_der(&der).unwrap();

        let (trust, stamps) = trust(&config).unwrap();
        let deployment = Deployment::open(config.clone()).unwrap();
        let store = deployment.store(Arc::new(SystemAmbient)).await.unwrap();
        let face = face(&config, trust, store, "http://127.0.0.1".into(), &Hosts::new(["localhost"]));
        assert!(face.settings.vihf_single_use && !face.settings.legacy);
        assert_eq!(face.settings.sender_fault_status, 500);
        let signatures = Signatures::new(&config.xds, Arc::new(face), stamps);
        let now = u64::try_from(SystemAmbient.now().millis() / 1000).unwrap();
        let taken = || signatures.face.trust.anchors().check(&certificate, &[], now).is_ok();
        assert!(taken());
        assert_eq!(signatures.refresh(), Ok(false));
        authority.revoke(&issued).unwrap();
        assert_eq!(signatures.refresh(), Ok(true));
        assert!(!taken(), "revoked");
        std::fs::write(directory.join(AUTHORITY).join(CRL_FILE), "nothing").unwrap();
        assert!(signatures.refresh().is_err() && signatures.refresh().is_err(), "until it is put right");
        assert!(!taken(), "what was in force still is");

        let mut directed = config;
        directed.xds.structures = Some(directory.join("structures.txt"));
        std::fs::write(directory.join("structures.txt"), "structure 1229990018\nmarie").unwrap();
        let line = super::trust(&directed).err().map(|ConfigError(line)| line);
        assert!(line.is_some_and(|line| line.starts_with("`xds.structures`: `")));
        std::fs::remove_dir_all(directory).unwrap();
    }
}
