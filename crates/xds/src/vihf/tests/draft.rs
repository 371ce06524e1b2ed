//! Certificates of a demo authority, and VIHFs to sign with them.

use dmp_xml::signature::{Anchors, SigningKey, sign_enveloped};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, CustomExtension,
    DnType, ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams,
    SerialNumber, date_time_ymd,
};
use std::sync::OnceLock;

pub(super) const DOCTOR: &str = "899900000017";
pub(super) const EMPLOYEE: &str = "30B0000017/CPET0001";
pub(super) const CABINET: &str = "499900000017001";
pub(super) const HOSPITAL: &str = "10B0000017";
pub(super) const ENTITY: &str = "1100000017";

type Authority = CertifiedIssuer<'static, KeyPair>;

pub(super) struct Holder {
    pub key: SigningKey,
    pub der: Vec<u8>,
    /// Its name, as an issuer writes it.
    pub issuer: String,
}

pub(super) struct Pki {
    ca: Authority,
    test_ca: Authority,
    crl: Vec<u8>,
    pub card: Holder,
    pub card_auth: Holder,
    pub employee: Holder,
    pub student: Holder,
    /// The doctor's card with its profession, as real ones have.
    pub doctor: Holder,
    pub structure: Holder,
    pub structure_tls: Holder,
    /// A structure's, whose common name is the number of a doctor.
    pub structure_as_doctor: Holder,
    /// A structure's, whose common name is the number of another one's employee.
    pub structure_as_employee: Holder,
    pub entity: Holder,
    pub expired: Holder,
    pub revoked: Holder,
    pub other: Holder,
    pub igc_test: Holder,
    pub rsa: Holder,
}

impl Pki {
    pub(super) fn anchors(&self) -> Anchors {
        let mut anchors = Anchors::new();
        anchors.trust(self.ca.pem().as_bytes()).unwrap();
        anchors.revoke(&self.crl).unwrap();
        anchors
    }

    /// A server of production that was given an authority of test by mistake.
    pub(super) fn anchors_with_test(&self) -> Anchors {
        let mut anchors = self.anchors();
        anchors.trust(self.test_ca.der()).unwrap();
        anchors
    }
}

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn holder(by: &Authority, names: &[(&str, &str)], change: impl Fn(&mut CertificateParams)) -> Holder {
    keyed(by, names, KeyPair::generate().unwrap(), change)
}

fn keyed(
    by: &Authority,
    names: &[(&str, &str)],
    key: KeyPair,
    change: impl Fn(&mut CertificateParams),
) -> Holder {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    for (name, value) in names {
        let of = match *name {
            "C" => DnType::CountryName,
            "O" => DnType::OrganizationName,
            "OU" => DnType::OrganizationalUnitName,
            "SN" => DnType::CustomDnType(vec![2, 5, 4, 4]),
            "GN" => DnType::CustomDnType(vec![2, 5, 4, 42]),
            _ => DnType::CommonName,
        };
        params.distinguished_name.push(of, *value);
    }
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    change(&mut params);
    let certificate = params.signed_by(&key, by).unwrap();
    let rdns: Vec<_> = names.iter().rev().map(|(name, value)| format!("{name}={value}")).collect();
    Holder {
        key: SigningKey::from_pem(&key.serialize_pem()).unwrap(),
        der: certificate.der().to_vec(),
        issuer: rdns.join(","),
    }
}

fn authentication(params: &mut CertificateParams) {
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
}

/// Code 10 of G15 (7) or of G16 (8), an INTEGER.
fn profession(params: &mut CertificateParams, system: u64) {
    let oid = [1, 2, 250, 1, 71, 1, 2, system];
    params.custom_extensions = vec![CustomExtension::from_oid_content(&oid, vec![0x02, 0x01, 10])];
}

/// Made once: keys take time.
pub(super) fn pki() -> &'static Pki {
    static PKI: OnceLock<Pki> = OnceLock::new();
    PKI.get_or_init(|| {
        let (ca, other, test_ca) =
            (authority("AC de démonstration"), authority("AC de démonstration"), authority("TEST AC DEMO"));
        let card: &[(&str, &str)] =
            &[("C", "FR"), ("OU", "Médecin"), ("SN", "DURAND"), ("GN", "MAX"), ("CN", DOCTOR)];
        let structure: &[(&str, &str)] =
            &[("C", "FR"), ("O", "Hôpital"), ("OU", HOSPITAL), ("CN", "h.example.org")];
        let revoked = SerialNumber::from(77u64);
        let crl = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 11, 1),
            next_update: date_time_ymd(2026, 12, 1),
            crl_number: SerialNumber::from(1u64),
            issuing_distribution_point: None,
            revoked_certs: vec![RevokedCertParams {
                serial_number: revoked.clone(),
                revocation_time: date_time_ymd(2026, 11, 1),
                reason_code: None,
                invalidity_date: None,
            }],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let rsa = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
        Pki {
            crl: crl.signed_by(&ca).unwrap().der().to_vec(),
            card: holder(&ca, card, |_| ()),
            card_auth: holder(&ca, card, authentication),
            employee: holder(&ca, &[("C", "FR"), ("OU", HOSPITAL), ("CN", EMPLOYEE)], |_| ()),
            student: holder(&ca, &[("C", "FR"), ("CN", "899900000025")], |p| profession(p, 8)),
            doctor: holder(&ca, card, |p| profession(p, 7)),
            structure: holder(&ca, structure, |_| ()),
            structure_tls: holder(&ca, structure, authentication),
            structure_as_doctor: holder(&ca, &[("C", "FR"), ("OU", ENTITY), ("CN", DOCTOR)], |_| ()),
            structure_as_employee: holder(&ca, &[("C", "FR"), ("OU", ENTITY), ("CN", EMPLOYEE)], |_| ()),
            entity: holder(&ca, &[("C", "FR"), ("OU", ENTITY), ("CN", "ej.example.org")], |_| ()),
            expired: holder(&ca, card, |p| p.not_after = date_time_ymd(2026, 11, 20)),
            revoked: holder(&ca, card, |p| p.serial_number = Some(revoked.clone())),
            other: holder(&other, card, |_| ()),
            igc_test: holder(&test_ca, card, |_| ()),
            rsa: keyed(&ca, card, rsa, |_| ()),
            ca,
            test_ca,
        }
    })
}

/// A VIHF to sign.
#[derive(Clone)]
pub(super) struct Draft {
    pub id: String,
    pub issued: String,
    pub issuer: String,
    pub name_id: String,
    /// What stands between `Subject` and the attributes.
    pub conditions: String,
    pub attributes: Vec<(String, String)>,
    pub signer: &'static Holder,
}

pub(super) const ROLE: &str = "urn:oasis:names:tc:xacml:2.0:subject:role";
pub(super) const RESOURCE: &str = "urn:oasis:names:tc:xacml:2.0:resource:resource-id";
pub(super) const PURPOSE: &str = "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse";
pub(super) const CONFIDENTIALITY: &str =
    "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code";

/// Values of roles, `system/code` each.
pub(super) fn roles(roles: &[&str]) -> String {
    let value = |role: &&str| {
        let (system, code) = role.split_once('/').unwrap();
        let oid = match system {
            "G15" => "1.2.250.1.71.1.2.7",
            "G16" => "1.2.250.1.71.1.2.8",
            "R01" => "1.2.250.1.71.4.2.5",
            "G05" => "1.2.250.1.71.4.2.6",
            "A00" => "1.2.250.1.213.1.1.4.6",
            "R85" => "1.2.250.1.213.1.6.1.107",
            "R95" => "1.2.250.1.213.1.6.1.109",
            other => other,
        };
        value(&format!(
            "<Role xmlns=\"urn:hl7-org:v3\" code=\"{code}\" codeSystem=\"{oid}\" xsi:type=\"CE\"/>"
        ))
    };
    roles.iter().map(value).collect()
}

pub(super) fn purpose(code: &str) -> String {
    let system = "1.2.250.1.213.1.1.4.248";
    value(&format!("<PurposeOfUse xmlns=\"urn:hl7-org:v3\" code=\"{code}\" codeSystem=\"{system}\"/>"))
}

fn value(inside: &str) -> String {
    format!("<saml2:AttributeValue>{inside}</saml2:AttributeValue>")
}

impl Draft {
    /// As a doctor's software makes it, by card.
    pub(super) fn direct() -> Self {
        let signer = &pki().card;
        let mut draft = Draft {
            id: "_9f1c".to_owned(),
            issued: "2026-11-21T11:58:00.000Z".to_owned(),
            issuer: signer.issuer.clone(),
            name_id: DOCTOR.to_owned(),
            conditions: String::new(),
            attributes: Vec::new(),
            signer,
        };
        for (name, text) in [
            ("VIHF_Version", "3.0"),
            ("Authentification_mode", "DIRECTE"),
            ("Identifiant_Structure", CABINET),
            ("Secteur_Activite", "SA07^1.2.250.1.71.4.2.4"),
            ("Ressource_URN", "urn:dmp"),
            (RESOURCE, "277076322082910^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH"),
            ("LPS_ID", "01.02"),
            ("LPS_Nom", "Logiciel de démonstration"),
            ("LPS_Version", "1.2"),
            ("LPS_ID_HOMOLOGATION_DMP", "DEMO-1"),
        ] {
            draft = draft.text(name, text);
        }
        draft.set(ROLE, &roles(&["G15/10", "R01/SM26"])).set(PURPOSE, &purpose("normal"))
    }

    /// As a hospital's gateway makes it.
    pub(super) fn indirect() -> Self {
        let draft = Draft::direct()
            .text("Authentification_mode", "INDIRECTE")
            .text("Identifiant_Structure", HOSPITAL);
        let named = draft.text("urn:oasis:names:tc:xspa:1.0:subject:subject-id", "MAX LIBRE");
        Draft { name_id: "jdupont".to_owned(), ..named.by(&pki().structure) }
    }

    /// As a hospital's gateway makes it for a professional it authenticated.
    pub(super) fn air() -> Self {
        let draft = Draft::indirect().text("Authentification_mode", "INDIRECTE_RENFORCEE");
        Draft { name_id: DOCTOR.to_owned(), ..draft }
    }

    pub(super) fn by(self, signer: &'static Holder) -> Self {
        Draft { issuer: signer.issuer.clone(), signer, ..self }
    }

    pub(super) fn set(mut self, name: &str, values: &str) -> Self {
        self.attributes.retain(|(known, _)| known != name);
        if !values.is_empty() {
            self.attributes.push((name.to_owned(), values.to_owned()));
        }
        self
    }

    pub(super) fn text(self, name: &str, text: &str) -> Self {
        self.set(name, &value(text))
    }

    pub(super) fn again(mut self, name: &str, text: &str) -> Self {
        self.attributes.push((name.to_owned(), value(text)));
        self
    }

    pub(super) fn without(self, name: &str) -> Self {
        self.set(name, "")
    }

    pub(super) fn unsigned(&self) -> String {
        let Draft { id, issued, issuer, name_id, conditions, .. } = self;
        let attribute = |(name, values): &(String, String)| {
            format!("<saml2:Attribute Name=\"{name}\">{values}</saml2:Attribute>")
        };
        let attributes: String = self.attributes.iter().map(attribute).collect();
        format!(
            "<saml2:Assertion xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ID=\"{id}\" IssueInstant=\"{issued}\" \
             Version=\"2.0\"><saml2:Issuer Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName\">\
             {issuer}</saml2:Issuer><saml2:Subject><saml2:NameID>{name_id}</saml2:NameID></saml2:Subject>{conditions}\
             <saml2:AuthnStatement AuthnInstant=\"{issued}\"><saml2:AuthnContext><saml2:AuthnContextClassRef>\
             urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI</saml2:AuthnContextClassRef></saml2:AuthnContext>\
             </saml2:AuthnStatement><saml2:AttributeStatement>{attributes}</saml2:AttributeStatement></saml2:Assertion>"
        )
    }

    pub(super) fn signed(&self) -> String {
        sign_enveloped(&self.unsigned(), &self.id, &self.signer.key, &self.signer.der).unwrap()
    }

    pub(super) fn message(&self) -> String {
        envelope(&self.signed())
    }
}

/// The message around what `wsse:Security` holds. Its body uses an identifier twice, as ITI-41 does.
pub(super) fn envelope(security: &str) -> String {
    header(&format!(
        "<wsse:Security xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\">\
         {security}</wsse:Security>"
    ))
}

pub(super) fn header(inside: &str) -> String {
    format!(
        "<soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\"><soap:Header>{inside}</soap:Header>\
         <soap:Body><x id=\"Document01\"/><y id=\"Document01\"/></soap:Body></soap:Envelope>"
    )
}
