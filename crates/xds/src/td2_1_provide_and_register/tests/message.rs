//! A lot of one or more of our own documents, described as their headers are, and edited by the rows of the tests.

use crate::ebrim::scheme::{self, HAS_MEMBER, RIM, RPLC, SUBMISSION_SET};
use crate::service::{LCM, XDSB};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dmp_cda::{Cda, Intake};
use dmp_dossier::{Code, Dtm, RealmPolicy, Time};
use dmp_xml::escape_attribute;

pub(super) const BIOLOGY: &str = "biologie";
pub(super) const SYNTHESIS: &str = "synthese";
pub(super) const INS: &str = "284073523811416^^^&1.2.250.1.213.1.4.10&ISO^NH";
pub(super) const DOCTOR: &str = "899900063480^LIBRE^Luc^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS";

/// One of our own documents.
pub(super) fn fixture(name: &str) -> String {
    let path = format!("{}/../../fixtures/cda/{name}.xml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

/// A lot to write.
pub(super) struct Letter {
    pub set: String,
    pub set_uid: String,
    pub entries: Vec<String>,
    pub associations: Vec<String>,
    pub documents: Vec<String>,
}

fn slot(name: &str, values: &[&str]) -> String {
    let values: String = values.iter().map(|v| format!("<Value>{}</Value>", escape_attribute(v))).collect();
    format!("<Slot name=\"{name}\"><ValueList>{values}</ValueList></Slot>")
}

fn coded(scheme: &str, code: &Code) -> String {
    format!(
        "<Classification classificationScheme=\"{scheme}\" nodeRepresentation=\"{}\">{}<Name><LocalizedString \
         value=\"{}\"/></Name></Classification>",
        escape_attribute(&code.code),
        slot("codingScheme", &[&code.system]),
        escape_attribute(&code.label)
    )
}

fn identifier(scheme: &str, value: &str) -> String {
    format!("<ExternalIdentifier identificationScheme=\"{scheme}\" value=\"{}\"/>", escape_attribute(value))
}

fn author(scheme: &str) -> String {
    let institution = "Cabinet du Dr Libre^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^499900063480001";
    format!(
        "<Classification classificationScheme=\"{scheme}\">{}{}{}</Classification>",
        slot("authorPerson", &[DOCTOR]),
        slot("authorInstitution", &[institution]),
        slot("authorSpecialty", &["G15_10/SM26^Médecin^1.2.250.1.213.1.1.4.5"])
    )
}

/// The entry of a document, as its header says.
pub(super) fn entry(id: &str, cda: &str) -> String {
    let now = Dtm::parse("20260101").map_or(Time::default(), Dtm::start);
    let realm = RealmPolicy { realm: dmp_dossier::Realm::Test, accept_production_oid: false };
    let m = Cda::parse(cda.as_bytes()).unwrap().document_entry(&Intake { now, realm }).unwrap().metadata;
    let times: String = [
        ("creationTime", Some(m.creation_time)),
        ("serviceStartTime", m.service_start),
        ("serviceStopTime", m.service_stop),
    ]
    .into_iter()
    .filter_map(|(name, time)| Some(slot(name, &[&time?.to_hl7()])))
    .collect();
    [
        format!(
            "<ExtrinsicObject id=\"{id}\" mimeType=\"text/xml\" objectType=\"{}\">",
            scheme::STABLE_DOCUMENT
        ),
        times,
        slot("languageCode", &[&m.language]),
        slot("legalAuthenticator", &[DOCTOR]),
        slot("sourcePatientId", &["0456789999^^^&1.2.250.1.999.1.1.7898.2&ISO^PI"]),
        slot("sourcePatientInfo", &["PID-5|EXEMPLE^MARIE^^^^^L", "PID-7|19840712", "PID-8|F"]),
        format!("<Name><LocalizedString charset=\"UTF8\" xml:lang=\"FR\" value=\"Titre de {id}\"/></Name>"),
        "<Description><LocalizedString value=\"Un commentaire\"/></Description>".to_owned(),
        author(scheme::AUTHOR),
        coded(scheme::CLASS, &m.class_code),
        coded(scheme::TYPE, &m.type_code),
        coded(scheme::CONFIDENTIALITY, &Code::new("N", "2.16.840.1.113883.5.25", "Normal")),
        coded(scheme::FORMAT, &m.format_code),
        coded(scheme::FACILITY, &m.facility_type),
        coded(scheme::PRACTICE_SETTING, &m.practice_setting),
        identifier(scheme::PATIENT_ID, INS),
        identifier(scheme::UNIQUE_ID, m.unique_id.as_str()),
        "</ExtrinsicObject>".to_owned(),
    ]
    .concat()
}

/// A document of the message.
pub(super) fn document(id: &str, bytes: &[u8]) -> String {
    format!("<x:Document id=\"{id}\">{}</x:Document>", STANDARD.encode(bytes))
}

pub(super) fn association(kind: &str, source: &str, target: &str) -> String {
    let status = if kind == HAS_MEMBER { slot("SubmissionSetStatus", &["Original"]) } else { String::new() };
    format!(
        "<Association associationType=\"{kind}\" sourceObject=\"{source}\" targetObject=\"{target}\">{status}\
         </Association>"
    )
}

impl Letter {
    /// A lot of these documents, `Document01` and on.
    pub(super) fn of(cdas: &[&str]) -> Self {
        let set_uid = "1.2.250.1.999.1.1.7898.1.1";
        let set = [
            slot("submissionTime", &["20261121095900"]),
            "<Name><LocalizedString value=\"Envoi\"/></Name>".to_owned(),
            author(scheme::SET_AUTHOR),
            coded(scheme::SET_CONTENT_TYPE, &Code::new("04", "1.2.250.1.213.2.2", "Hospitalisation de jour")),
            format!("<Classification classificationNode=\"{SUBMISSION_SET}\"/>"),
            identifier(scheme::SET_PATIENT_ID, INS),
            identifier(scheme::SET_SOURCE_ID, "1.2.250.1.999.1.1.7898"),
            identifier(scheme::SET_UNIQUE_ID, set_uid),
        ];
        let id = |i: usize| format!("Document{:02}", i + 1);
        let ids = || (0..cdas.len()).map(id);
        Letter {
            set: set.concat(),
            set_uid: set_uid.to_owned(),
            entries: cdas.iter().zip(ids()).map(|(cda, id)| entry(&id, cda)).collect(),
            associations: ids().map(|id| association(HAS_MEMBER, "Set", &id)).collect(),
            documents: cdas.iter().zip(ids()).map(|(cda, id)| document(&id, cda.as_bytes())).collect(),
        }
    }

    /// The same, the first document of which replaces that one.
    pub(super) fn replacing(mut self, target: &str) -> Self {
        self.associations.push(association(RPLC, "Document01", target));
        self
    }

    /// The same, named otherwise.
    pub(super) fn named(mut self, set_uid: &str) -> Self {
        self.set = self.set.replace(&format!("\"{}\"", self.set_uid), &format!("\"{set_uid}\""));
        self.set_uid = set_uid.to_owned();
        self
    }

    /// The element of the operation.
    pub(super) fn write(&self) -> String {
        let (entries, associations) = (self.entries.concat(), self.associations.concat());
        format!(
            "<x:ProvideAndRegisterDocumentSetRequest xmlns:x=\"{XDSB}\" xmlns:l=\"{LCM}\"><l:SubmitObjectsRequest>\
             <RegistryObjectList xmlns=\"{RIM}\"><RegistryPackage id=\"Set\">{}</RegistryPackage>{entries}\
             {associations}</RegistryObjectList></l:SubmitObjectsRequest>{}</x:ProvideAndRegisterDocumentSetRequest>",
            self.set,
            self.documents.concat()
        )
    }
}
