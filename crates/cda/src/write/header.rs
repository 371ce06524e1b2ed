//! The header of a document to be written (CI-SIS *Structuration minimale des documents de santé* 1.16).

use dmp_dossier::actor::{PsId, StructureId};
use dmp_dossier::code::{Code, DocumentUid, is_oid};
use dmp_dossier::document::{Author, AuthorId, BaseConfidentiality, Institution};
use dmp_dossier::identity::{Contact, Ins, Sex, Traits};
use dmp_dossier::time::Time;
use dmp_nomenclature::{Concept, TypeCode, oid};
use dmp_xml::Writer;
use jiff::tz::TimeZone;

use crate::node::{HL7, Identifier};

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// DICOM's extension of CDA (PS3.20).
const DICOM: &str = "urn:dicom-org:ps3-20";

/// What the header says. Times are written with the offset of Europe/Paris.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderDraft {
    /// `id`, the uniqueId of the document.
    pub unique_id: DocumentUid,
    /// `setId`, shared by the versions of a document.
    pub set_id: DocumentUid,
    /// `versionNumber`.
    pub version_number: u32,
    /// `code`.
    pub type_code: &'static TypeCode,
    /// `title`.
    pub title: String,
    /// `effectiveTime`.
    pub created: Time,
    /// `confidentialityCode`.
    pub confidentiality: BaseConfidentiality,
    /// `recordTarget`.
    pub patient: PatientDraft,
    /// `author`: a professional, the patient, or a system (an [`AuthorId::Other`] without given name).
    pub authors: Vec<Author>,
    /// `legalAuthenticator`.
    pub legal_authenticator: Author,
    /// `custodian`.
    pub custodian: Institution,
    /// `inFulfillmentOf/order`.
    pub order: Option<OrderDraft>,
    /// The act that the document tells about; its performer is the first author.
    pub act: Act,
    /// Other acts or diagnoses, codes only.
    pub other_acts: Vec<Code>,
    /// Setting of the act (JDV_J62).
    pub practice_setting: &'static Concept,
    /// Kind of place (JDV_J61).
    pub facility: &'static Concept,
    /// Kind of encounter (JDV_J142), `AMB`, `IMP`…
    pub encounter: Option<Code>,
    /// `relatedDocument`: the document it replaces.
    pub replaces: Option<DocumentUid>,
}

/// The patient of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientDraft {
    /// INS.
    pub ins: Ins,
    /// Traits.
    pub traits: Traits,
    /// How to reach them.
    pub contact: Contact,
    /// Identifier of the producer (IPP).
    pub local_id: Option<Identifier>,
}

/// The order that the act fulfils.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderDraft {
    /// Number given by who asked.
    pub id: Identifier,
    /// Number given by the imaging department.
    pub accession: Option<Identifier>,
}

/// `documentationOf/serviceEvent`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Study, in an imaging report.
    pub study: Option<Identifier>,
    /// Act or diagnosis.
    pub code: Option<Code>,
    /// Start.
    pub start: Time,
    /// End.
    pub stop: Option<Time>,
}

/// A writer with the declaration, the root and the whole header; the body is to follow.
pub(super) fn begin(header: &HeaderDraft, templates: &[(&str, &str)]) -> Writer {
    let mut w = Writer::new();
    w.declaration().open("ClinicalDocument").attribute("xmlns", HL7).attribute("xmlns:xsi", XSI);
    leaf(&mut w, "realmCode", &[("code", "FR")]);
    leaf(&mut w, "typeId", &[("root", "2.16.840.1.113883.1.3"), ("extension", "POCD_HD000040")]);
    // HL7 France, then the header of the CI-SIS, then the model.
    for (root, edition) in
        [("2.16.840.1.113883.2.8.2.1", ""), ("1.2.250.1.213.1.1.1.1", "")].iter().chain(templates)
    {
        w.open("templateId").attribute("root", root);
        if !edition.is_empty() {
            w.attribute("extension", edition);
        }
        w.close();
    }
    uid(&mut w, "id", &header.unique_id);
    let kind = header.type_code;
    coded(&mut w, "code", kind.code, kind.system.oid, kind.label);
    w.open("title").text(&header.title).close();
    time(&mut w, "effectiveTime", header.created);
    let (level, label) = match header.confidentiality {
        BaseConfidentiality::Normal => ("N", "Normal"),
        BaseConfidentiality::Restricted => ("R", "Restreint"),
        BaseConfidentiality::VeryRestricted => ("V", "Très restreint"),
    };
    coded(&mut w, "confidentialityCode", level, oid::CONFIDENTIALITY.oid, label);
    leaf(&mut w, "languageCode", &[("code", "fr-FR")]);
    uid(&mut w, "setId", &header.set_id);
    leaf(&mut w, "versionNumber", &[("value", &header.version_number.to_string())]);
    patient(&mut w, &header.patient);
    for author in &header.authors {
        write_author(&mut w, author, header.created);
    }
    w.open("custodian").open("assignedCustodian").open("representedCustodianOrganization");
    organization_id(&mut w, &header.custodian);
    w.open("name").text(&header.custodian.name).close();
    w.close().close().close();
    authenticator(&mut w, &header.legal_authenticator, header.created);
    if let Some(order) = &header.order {
        w.open("inFulfillmentOf").open("order");
        identifier(&mut w, "id", &order.id);
        if let Some(accession) = &order.accession {
            w.open("accessionNumber").attribute("xmlns", DICOM).attribute("root", &accession.root);
            if let Some(extension) = &accession.extension {
                w.attribute("extension", extension);
            }
            w.close();
        }
        w.close().close();
    }
    events(&mut w, header);
    if let Some(parent) = &header.replaces {
        w.open("relatedDocument").attribute("typeCode", "RPLC").open("parentDocument");
        uid(&mut w, "id", parent);
        w.close().close();
    }
    encounter(&mut w, header);
    w
}

fn patient(w: &mut Writer, patient: &PatientDraft) {
    w.open("recordTarget").open("patientRole");
    leaf(w, "id", &[("root", patient.ins.oid().as_str()), ("extension", patient.ins.value())]);
    if let Some(local) = &patient.local_id {
        identifier(w, "id", local);
    }
    contact(w, &patient.contact);
    w.open("patient").attribute("classCode", "PSN").open("name");
    let traits = &patient.traits;
    qualified(w, "family", "BR", &traits.birth_name);
    w.open("given").text(&traits.given_names).close();
    qualified(w, "given", "BR", traits.first_given());
    if let Some(used) = &traits.used_name {
        qualified(w, "family", "CL", used);
    }
    if let Some(used) = &traits.used_given {
        qualified(w, "given", "CL", used);
    }
    w.close();
    let (sex, label) = match traits.sex {
        Sex::Female => ("F", "Féminin"),
        Sex::Male => ("M", "Masculin"),
        Sex::Undetermined => ("U", "Inconnu"),
    };
    coded(w, "administrativeGenderCode", sex, "2.16.840.1.113883.5.1", label);
    leaf(w, "birthTime", &[("value", &traits.birth_date)]);
    if !traits.birth_place.is_empty() {
        w.open("birthplace").open("place").open("addr");
        w.open("county").text(&traits.birth_place).close();
        w.close().close().close();
    }
    w.close().close().close();
}

fn contact(w: &mut Writer, contact: &Contact) {
    match &contact.address {
        Some(address) => {
            w.open("addr").open("streetAddressLine").text(address).close().close();
        }
        None => leaf(w, "addr", &[("nullFlavor", "NASK")]),
    }
    if let Some(phone) = &contact.phone {
        let number: String = phone.chars().filter(|c| !c.is_whitespace()).collect();
        leaf(w, "telecom", &[("value", &format!("tel:{number}"))]);
    }
    if let Some(mail) = &contact.mail {
        leaf(w, "telecom", &[("value", &format!("mailto:{mail}"))]);
    }
    if contact.phone.is_none() && contact.mail.is_none() {
        leaf(w, "telecom", &[("nullFlavor", "NASK")]);
    }
}

pub(super) fn write_author(w: &mut Writer, author: &Author, at: Time) {
    w.open("author").attribute("typeCode", "AUT").attribute("contextControlCode", "OP");
    if let Some(role) = &author.role {
        code(w, "functionCode", role);
    }
    time(w, "time", at);
    w.open("assignedAuthor");
    assigned(w, author);
    if is_system(author) {
        w.open("assignedAuthoringDevice").open("manufacturerModelName").text(".").close();
        w.open("softwareName").text(&author.person.family).close().close();
    } else {
        person(w, author);
    }
    represented(w, author, None);
    w.close().close();
}

fn authenticator(w: &mut Writer, author: &Author, at: Time) {
    w.open("legalAuthenticator");
    time(w, "time", at);
    leaf(w, "signatureCode", &[("code", "S")]);
    w.open("assignedEntity");
    assigned(w, author);
    person(w, author);
    represented(w, author, None);
    w.close().close();
}

/// Identifier, profession, and the address and telephone that CI-SIS asks for.
fn assigned(w: &mut Writer, author: &Author) {
    author_id(w, &author.person.id);
    if let Some(specialty) = &author.specialty {
        code(w, "code", specialty);
    }
    leaf(w, "addr", &[("nullFlavor", "NASK")]);
    leaf(w, "telecom", &[("nullFlavor", "NASK")]);
}

fn author_id(w: &mut Writer, id: &AuthorId) {
    match id {
        AuthorId::Professional(id) => leaf(w, "id", &[("root", PsId::OID), ("extension", id.as_str())]),
        AuthorId::Patient(ins) => leaf(w, "id", &[("root", ins.oid().as_str()), ("extension", ins.value())]),
        AuthorId::Other { id, authority } if authority.is_empty() => leaf(w, "id", &[("root", id)]),
        AuthorId::Other { id, authority } => leaf(w, "id", &[("root", authority), ("extension", id)]),
    }
}

/// A system has no given name; where only a person fits, CI-SIS documents give it the given name `.`.
fn is_system(author: &Author) -> bool {
    matches!(author.person.id, AuthorId::Other { .. }) && author.person.given.is_empty()
}

fn person(w: &mut Writer, author: &Author) {
    let given = if is_system(author) { "." } else { &author.person.given };
    w.open("assignedPerson").open("name");
    w.open("given").text(given).close();
    w.open("family").text(&author.person.family).close();
    w.close().close();
}

fn represented(w: &mut Writer, author: &Author, setting: Option<&'static Concept>) {
    if author.institution.is_none() && setting.is_none() {
        return;
    }
    w.open("representedOrganization");
    if let Some(institution) = &author.institution {
        organization_id(w, institution);
        w.open("name").text(&institution.name).close();
        leaf(w, "telecom", &[("nullFlavor", "NASK")]);
        leaf(w, "addr", &[("nullFlavor", "NASK")]);
    }
    if let Some(setting) = setting {
        coded(w, "standardIndustryClassCode", setting.code, setting.system.oid, setting.label);
    }
    w.close();
}

/// An identifier that is neither national nor an OID has no place in CDA.
fn organization_id(w: &mut Writer, institution: &Institution) {
    match (&institution.id, &institution.other_id) {
        (Some(id), _) => leaf(w, "id", &[("root", StructureId::OID), ("extension", id.as_str())]),
        (None, Some(other)) if is_oid(other) => leaf(w, "id", &[("root", other)]),
        _ => leaf(w, "id", &[("nullFlavor", "UNK")]),
    }
}

fn events(w: &mut Writer, header: &HeaderDraft) {
    let act = &header.act;
    w.open("documentationOf").open("serviceEvent");
    if let Some(study) = &act.study {
        identifier(w, "id", study);
    }
    if let Some(kind) = &act.code {
        code(w, "code", kind);
    }
    w.open("effectiveTime");
    time(w, "low", act.start);
    if let Some(stop) = act.stop {
        time(w, "high", stop);
    }
    w.close();
    if let Some(author) = header.authors.first() {
        w.open("performer").attribute("typeCode", "PRF").open("time");
        time(w, "high", act.stop.unwrap_or(act.start));
        w.close().open("assignedEntity");
        assigned(w, author);
        person(w, author);
        represented(w, author, Some(header.practice_setting));
        w.close().close();
    }
    w.close().close();
    for other in &header.other_acts {
        w.open("documentationOf").open("serviceEvent");
        code(w, "code", other);
        w.close().close();
    }
}

fn encounter(w: &mut Writer, header: &HeaderDraft) {
    w.open("componentOf").open("encompassingEncounter");
    if let Some(kind) = &header.encounter {
        code(w, "code", kind);
    }
    w.open("effectiveTime");
    time(w, "low", header.act.start);
    if let Some(stop) = header.act.stop {
        time(w, "high", stop);
    }
    w.close();
    // Only a professional answers for an encounter.
    if matches!(header.legal_authenticator.person.id, AuthorId::Professional(_)) {
        w.open("responsibleParty").open("assignedEntity");
        assigned(w, &header.legal_authenticator);
        person(w, &header.legal_authenticator);
        represented(w, &header.legal_authenticator, None);
        w.close().close();
    }
    w.open("location").open("healthCareFacility");
    let facility = header.facility;
    coded(w, "code", facility.code, facility.system.oid, facility.label);
    w.close().close().close().close();
}

/// An empty element.
pub(super) fn leaf(w: &mut Writer, name: &'static str, attributes: &[(&'static str, &str)]) {
    w.open(name);
    for (attribute, value) in attributes {
        w.attribute(attribute, value);
    }
    w.close();
}

/// A coded element.
pub(super) fn coded(w: &mut Writer, name: &'static str, value: &str, system: &str, label: &str) {
    open_coded(w, name, value, system, label);
    w.close();
}

/// A coded element, left open.
pub(super) fn open_coded(w: &mut Writer, name: &'static str, value: &str, system: &str, label: &str) {
    w.open(name).attribute("code", value);
    if !system.is_empty() {
        w.attribute("codeSystem", system);
    }
    if !label.is_empty() {
        w.attribute("displayName", label);
    }
}

fn code(w: &mut Writer, name: &'static str, value: &Code) {
    coded(w, name, &value.code, &value.system, &value.label);
}

fn qualified(w: &mut Writer, name: &'static str, qualifier: &str, text: &str) {
    w.open(name).attribute("qualifier", qualifier).text(text).close();
}

pub(super) fn identifier(w: &mut Writer, name: &'static str, id: &Identifier) {
    w.open(name).attribute("root", &id.root);
    if let Some(extension) = &id.extension {
        w.attribute("extension", extension);
    }
    w.close();
}

fn uid(w: &mut Writer, name: &'static str, uid: &DocumentUid) {
    identifier(w, name, &split(uid));
}

/// `root^extension` as CDA writes it.
pub(super) fn split(uid: &DocumentUid) -> Identifier {
    let (root, extension) = match uid.as_str().split_once('^') {
        Some((root, extension)) => (root, Some(extension.to_owned())),
        None => (uid.as_str(), None),
    };
    Identifier { root: root.to_owned(), extension }
}

pub(super) fn time(w: &mut Writer, name: &'static str, at: Time) {
    leaf(w, name, &[("value", &local(at))]);
}

/// `YYYYMMDDhhmmss±hhmm`.
pub(super) fn local(at: Time) -> String {
    let paris = TimeZone::get("Europe/Paris").expect("the bundled time zone database has Europe/Paris");
    let utc = at.civil().to_zoned(TimeZone::UTC);
    let zoned = utc.map(|utc| utc.with_time_zone(paris)).expect("a Time is within the calendar");
    zoned.strftime("%Y%m%d%H%M%S%z").to_string()
}
