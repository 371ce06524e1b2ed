//! The face on a fresh SQLite store, an authority, and a doctor's card that signs VIHFs.

use axum::Router;
use axum::body::Body;
use dmp_dossier::{Parameters, Time};
use dmp_keys::FileCustody;
use dmp_nomenclature::Matrix;
use dmp_store::{Ambient, Quotas, SqliteEngine, Store, StoreConfig};
use dmp_xds::vihf::{Everyone, Trust, VihfParameters};
use dmp_xds::{RequestId, Settings, Xds};
use dmp_xml::signature::{Anchors, SigningKey, sign_enveloped};
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tower::ServiceExt;
use uuid::Uuid;

pub const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";
pub const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
pub const PLAIN: &str = "application/soap+xml; charset=UTF-8";

/// Identifier of every request of these tests.
pub const REQUEST: Uuid = Uuid::from_u128(0x0123_4567_89ab_4def_8123_4567_89ab_cdef);

/// 2026-11-21T10:00:00Z.
const START: i64 = 1_795_255_200_000;

const DOCTOR: &str = "899900000017";

struct Clock(AtomicU64);

impl Ambient for Clock {
    fn now(&self) -> Time {
        Time::from_millis(START)
    }

    fn fresh(&self) -> Uuid {
        Uuid::from_u64_pair(0x0123_4567_89ab_4def, self.0.fetch_add(1, Ordering::Relaxed) | 1 << 63)
    }
}

pub struct World {
    router: Router,
    signer: (SigningKey, Vec<u8>),
    directory: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl World {
    pub async fn new() -> World {
        World::with(Parameters::default(), |_| ()).await
    }

    pub async fn with(parameters: Parameters, change: impl FnOnce(&mut Settings)) -> World {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name =
            format!("dmp-xds-transport-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&directory).unwrap();
        let config = StoreConfig {
            engine: Arc::new(SqliteEngine::open(&directory).unwrap()),
            custody: Arc::new(FileCustody::create(&directory.join("keys")).unwrap()),
            ambient: Arc::new(Clock(AtomicU64::new(1))),
            parameters,
            matrix: Matrix::builtin(),
            quotas: Quotas::unlimited(),
        };
        let mut settings = Settings {
            base: "https://dmp.example.org:8443".to_owned(),
            hosts: vec!["localhost".to_owned()],
            lot_signature_required: false,
            legacy: false,
            vihf_single_use: true,
            sender_fault_status: 400,
            environment: "TEST".to_owned(),
        };
        change(&mut settings);
        let (anchors, signer) = card();
        let trust = Trust::new(anchors, VihfParameters::default(), Box::new(Everyone));
        let xds = Xds { store: Store::new(config).await.unwrap(), trust, settings };
        World { router: dmp_xds::router(Arc::new(xds)), signer, directory }
    }

    pub async fn post(&self, service: &str, content_type: &str, body: impl Into<Body>) -> Reply {
        self.post_with(service, &[("content-type", content_type)], body).await
    }

    pub async fn post_with(&self, service: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Reply {
        self.send("POST", &format!("{}/{service}", dmp_xds::SERVICES), headers, body.into()).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], Body::empty()).await
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Body) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(RequestId(REQUEST));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Reply { status: head.status.as_u16(), headers: head.headers, text }
    }

    /// `wsse:Security` with a VIHF of this identifier.
    pub fn security(&self, assertion: &str) -> String {
        let (key, certificate) = &self.signer;
        let signed = sign_enveloped(&vihf(assertion), assertion, key, certificate).unwrap();
        format!(
            "<wsse:Security xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\">{signed}</wsse:Security>"
        )
    }
}

/// An envelope of SOAP 1.2 with these headers, `a` being the prefix of WS-Addressing, and this body.
pub fn envelope(headers: &str, body: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"{SOAP}\" xmlns:a=\"{ADDRESSING}\"><s:Header>{headers}</s:Header>\
         <s:Body>{body}</s:Body></s:Envelope>"
    )
}

/// The two headers that every message has.
pub fn addressed(action: &str, message_id: &str) -> String {
    format!("<a:Action s:mustUnderstand=\"1\">{action}</a:Action><a:MessageID>{message_id}</a:MessageID>")
}

fn card() -> (Anchors, (SigningKey, Vec<u8>)) {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "AC de démonstration");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, DOCTOR);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let mut anchors = Anchors::new();
    anchors.trust(authority.pem().as_bytes()).unwrap();
    (anchors, (SigningKey::from_pem(&key.serialize_pem()).unwrap(), certificate.der().to_vec()))
}

fn vihf(id: &str) -> String {
    let texts = [
        ("VIHF_Version", "3.0"),
        ("Authentification_mode", "DIRECTE"),
        ("Identifiant_Structure", "499900000017001"),
        ("Secteur_Activite", "SA07^1.2.250.1.71.4.2.4"),
        ("Ressource_URN", "urn:dmp"),
        (
            "urn:oasis:names:tc:xacml:2.0:resource:resource-id",
            "277076322082910^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH",
        ),
        ("LPS_ID", "01.02"),
        ("LPS_Nom", "Logiciel de démonstration"),
        ("LPS_Version", "1.2"),
        ("LPS_ID_HOMOLOGATION_DMP", "DEMO-1"),
        (
            "urn:oasis:names:tc:xacml:2.0:subject:role",
            "<Role xmlns=\"urn:hl7-org:v3\" code=\"10\" codeSystem=\"1.2.250.1.71.1.2.7\"/></saml2:AttributeValue>\
             <saml2:AttributeValue><Role xmlns=\"urn:hl7-org:v3\" code=\"SM26\" codeSystem=\"1.2.250.1.71.4.2.5\"/>",
        ),
        (
            "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse",
            "<PurposeOfUse xmlns=\"urn:hl7-org:v3\" code=\"normal\" codeSystem=\"1.2.250.1.213.1.1.4.248\"/>",
        ),
    ];
    let attribute = |(name, value): (&str, &str)| {
        format!(
            "<saml2:Attribute Name=\"{name}\"><saml2:AttributeValue>{value}</saml2:AttributeValue></saml2:Attribute>"
        )
    };
    let attributes: String = texts.into_iter().map(attribute).collect();
    let at = "2026-11-21T09:58:00.000Z";
    format!(
        "<saml2:Assertion xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"{id}\" IssueInstant=\"{at}\" \
         Version=\"2.0\"><saml2:Issuer Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName\">CN={DOCTOR}\
         </saml2:Issuer><saml2:Subject><saml2:NameID>{DOCTOR}</saml2:NameID></saml2:Subject>\
         <saml2:AuthnStatement AuthnInstant=\"{at}\"><saml2:AuthnContext><saml2:AuthnContextClassRef>\
         urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI</saml2:AuthnContextClassRef></saml2:AuthnContext>\
         </saml2:AuthnStatement><saml2:AttributeStatement>{attributes}</saml2:AttributeStatement></saml2:Assertion>"
    )
}
