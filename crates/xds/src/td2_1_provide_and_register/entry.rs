//! One ExtrinsicObject → what its sender says of a document.
//!
//! Cardinalities are those of the DMP's own model; what it leaves open is not asked. The header decides what both say
//! ([`dmp_cda::contradictions`]); of what the sender alone decides, and of what only one of them says, the most is kept.
//!
//! Sources: PDSM4DMP `DocumentEntry`; ITI TF-3 4.2.3.2; CI-SIS *Correspondance entête CDA / métadonnées XD\**.

use super::Errors;
use crate::ebrim::read::hl7::{self, Cx, Xcn, Xon};
use crate::ebrim::read::{ExtrinsicObject, Problem, RegistryObject, Wrong, values};
use crate::ebrim::scheme;
use dmp_cda::Sent;
use dmp_dossier::{
    Author, AuthorId, Code, DocumentMetadata, DocumentUid, Ins, InsOid, Person, RealmPolicy, Reason,
    ReferenceId, Sex, Visibility,
};
use dmp_nomenclature::{confidentiality, oid};

/// Slot of the list of references.
const REFERENCE_IDS: &str = "urn:ihe:iti:xds:2013:referenceIdList";

/// What a sender says of a document.
pub(super) struct Entry {
    /// What the header also says.
    pub sent: Sent,
    /// Whom it is hidden from.
    pub visibility: Visibility,
    title: Option<String>,
    comments: Option<String>,
    event_codes: Vec<Code>,
    source_patient_id: Option<Cx>,
    source_patient_id_text: Option<String>,
    source_patient_info: Vec<String>,
    reference_ids: Vec<ReferenceId>,
}

/// Reads an entry; what is wrong is put among the errors.
pub(super) fn read(entry: &ExtrinsicObject<'_>, realm: &RealmPolicy, errors: &mut Errors) -> Entry {
    let object = &entry.object;
    if object.object_type != Some(scheme::STABLE_DOCUMENT) {
        let value = object.object_type.unwrap_or_default();
        errors.problem(&object.problem("objectType", Wrong::rule(value, "a stable document is expected")));
    }
    if object.name.is_none() {
        errors.problem(&object.problem("title", Wrong::Missing));
    }
    let authors = authors(object, scheme::AUTHOR, realm, errors);
    let legal = object
        .required("legalAuthenticator")
        .and_then(|value| identified(object, "legalAuthenticator", value));
    let mut code = |scheme, attribute| {
        let code = object.code(scheme, attribute);
        errors.take(code.and_then(|code| code.ok_or_else(|| object.problem(attribute, Wrong::Missing))))
    };
    let class_code = code(scheme::CLASS, "classCode");
    let type_code = code(scheme::TYPE, "typeCode");
    let format_code = code(scheme::FORMAT, "formatCode");
    let facility_type = code(scheme::FACILITY, "healthcareFacilityTypeCode");
    let practice_setting = code(scheme::PRACTICE_SETTING, "practiceSettingCode");
    let mut time = |slot| errors.take(object.time(slot)).flatten();
    let creation_time = time("creationTime");
    let (service_start, service_stop) = (time("serviceStartTime"), time("serviceStopTime"));
    for slot in ["creationTime", "serviceStartTime", "languageCode", "sourcePatientId", "sourcePatientInfo"] {
        if object.values(slot).is_empty() {
            errors.problem(&object.problem(slot, Wrong::Missing));
        }
    }
    let source_patient_info: Vec<String> =
        object.values("sourcePatientInfo").iter().map(|value| value.clone().into_owned()).collect();
    let trait_of = |name: &str| source_patient_info.iter().find_map(|line| line.strip_prefix(name));
    let sent = Sent {
        unique_id: errors.take(unique_id(object)),
        mime_type: entry.mime_type.map(str::to_owned),
        hash: errors.take(hash(object)).flatten(),
        size_bytes: errors.take(size(object)).flatten(),
        language: errors.take(object.value("languageCode")).flatten().map(str::to_owned),
        authors,
        legal_authenticator: errors.take(legal).map(|xcn| xcn.person(realm)),
        service_start,
        service_stop,
        creation_time,
        class_code,
        type_code,
        format_code,
        facility_type,
        practice_setting,
        birth_date: trait_of("PID-7|").map(str::to_owned),
        sex: trait_of("PID-8|").and_then(sex),
    };
    let source_text = errors.take(object.value("sourcePatientId")).flatten();
    let source =
        source_text.map(|value| Cx::parse(value).map_err(|wrong| object.problem("sourcePatientId", wrong)));
    Entry {
        sent,
        visibility: visibility(object, errors),
        title: object.name.map(str::to_owned),
        comments: object.description.map(str::to_owned),
        event_codes: errors.take(object.codes(scheme::EVENT, "eventCodeList")).unwrap_or_default(),
        source_patient_id: source.and_then(|read| errors.take(read)),
        source_patient_id_text: source_text.map(str::to_owned),
        source_patient_info,
        reference_ids: reference_ids(object, errors),
    }
}

/// `uniqueId`.
pub(super) fn unique_id(object: &RegistryObject<'_>) -> Result<DocumentUid, Problem> {
    let value = object.identifier(scheme::UNIQUE_ID, "uniqueId")?;
    DocumentUid::parse(value)
        .ok_or_else(|| object.problem("uniqueId", Wrong::form(value, "an OID or a UUID")))
}

/// 40 hexadecimal digits.
fn hash(object: &RegistryObject<'_>) -> Result<Option<[u8; 20]>, Problem> {
    let Some(value) = object.value("hash")? else { return Ok(None) };
    let wrong = || object.problem("hash", Wrong::form(value, "a SHA-1 in 40 hexadecimal digits"));
    if value.len() != 40 || !value.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    let mut hash = [0; 20];
    for (byte, digits) in hash.iter_mut().zip(value.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).map_err(|_| wrong())?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong())?;
    }
    Ok(Some(hash))
}

fn size(object: &RegistryObject<'_>) -> Result<Option<u64>, Problem> {
    let Some(value) = object.value("size")? else { return Ok(None) };
    value.parse().map(Some).map_err(|_| object.problem("size", Wrong::form(value, "a number of bytes")))
}

fn sex(code: &str) -> Option<Sex> {
    match code {
        "F" => Some(Sex::Female),
        "M" => Some(Sex::Male),
        "U" | "O" => Some(Sex::Undetermined),
        _ => None,
    }
}

/// A person or system that is known by an identifier.
fn identified(object: &RegistryObject<'_>, attribute: &str, value: &str) -> Result<Xcn, Problem> {
    match Xcn::parse(value) {
        Err(wrong) => Err(object.problem(attribute, wrong)),
        Ok(xcn) if xcn.id.is_empty() => {
            Err(object.problem(attribute, Wrong::rule("", "it has an identifier")))
        }
        Ok(xcn) => Ok(xcn),
    }
}

/// The authors of an object, at least one, in order.
pub(super) fn authors(
    object: &RegistryObject<'_>,
    scheme: &str,
    realm: &RealmPolicy,
    errors: &mut Errors,
) -> Vec<Author> {
    let mut authors = Vec::new();
    if object.classified(scheme).next().is_none() {
        errors.problem(&object.problem("author", Wrong::Missing));
    }
    for classification in object.classified(scheme) {
        let one = |slot: &'static str| match values(&classification.slots, slot) {
            [] => Ok(None),
            [only] => Ok(Some(only.as_ref())),
            _ => Err(object.problem(slot, Wrong::TooMany { max: 1 })),
        };
        let first = |slot: &'static str| {
            let value = values(&classification.slots, slot).first();
            value.map(|value| hl7::coded(value).map_err(|wrong| object.problem(slot, wrong))).transpose()
        };
        let person = one("authorPerson").and_then(|value| {
            let value = value.ok_or_else(|| object.problem("authorPerson", Wrong::Missing))?;
            let xcn = identified(object, "authorPerson", value)?;
            Ok(xcn.person(realm))
        });
        let institution = one("authorInstitution").and_then(|value| {
            let read = value
                .map(|value| Xon::parse(value).map_err(|wrong| object.problem("authorInstitution", wrong)));
            Ok(read.transpose()?.map(|xon| xon.institution()))
        });
        let (person, institution) = (errors.take(person), errors.take(institution));
        let (role, specialty) = (errors.take(first("authorRole")), errors.take(first("authorSpecialty")));
        if let (Some(person), Some(institution), Some(role), Some(specialty)) =
            (person, institution, role, specialty)
        {
            authors.push(Author { person, institution, role, specialty });
        }
    }
    authors
}

/// One to four codes: how confidential it is, and whom it is hidden from.
fn visibility(object: &RegistryObject<'_>, errors: &mut Errors) -> Visibility {
    const ATTRIBUTE: &str = "confidentialityCode";
    let mut visibility = Visibility::VISIBLE;
    let Some(codes) = errors.take(object.codes(scheme::CONFIDENTIALITY, ATTRIBUTE)) else {
        return visibility;
    };
    if codes.len() > 4 {
        errors.problem(&object.problem(ATTRIBUTE, Wrong::TooMany { max: 4 }));
    }
    let mut has_base = false;
    for code in &codes {
        match confidentiality::CODES.find_in(&code.system, &code.code) {
            Some(&confidentiality::MASQUE_PS) => visibility.masked = true,
            Some(&confidentiality::INVISIBLE_PATIENT) => visibility.hidden_from_patient = true,
            Some(&confidentiality::INVISIBLE_REPRESENTANTS_LEGAUX) => {
                visibility.hidden_from_representatives = true
            }
            Some(_) => has_base = true,
            None => {
                let value = format!("{}^{}", code.code, code.system);
                errors.problem(
                    &object.problem(ATTRIBUTE, Wrong::outside(&value, "JDV_J58-ConfidentialityCode-DMP")),
                );
            }
        }
    }
    if codes.is_empty() {
        errors.problem(&object.problem(ATTRIBUTE, Wrong::Missing));
    } else if !has_base {
        let rule = format!("`N`, `R` or `V` of {} comes first", oid::CONFIDENTIALITY.oid);
        errors.problem(&object.problem(ATTRIBUTE, Wrong::rule("", rule)));
    }
    visibility
}

fn reference_ids(object: &RegistryObject<'_>, errors: &mut Errors) -> Vec<ReferenceId> {
    let read = |value: &std::borrow::Cow<'_, str>| {
        hl7::reference_id(value).map_err(|wrong| object.problem("referenceIdList", wrong))
    };
    let values: Vec<_> = object.values(REFERENCE_IDS).iter().map(read).collect();
    values.into_iter().filter_map(|read| errors.take(read)).collect()
}

impl Entry {
    /// An INS as sourcePatientId is the patient's.
    pub(super) fn check_source(&self, patients: &[Ins], object: &RegistryObject<'_>, errors: &mut Errors) {
        let Some(cx) = &self.source_patient_id else { return };
        if InsOid::parse(&cx.authority).is_some() && !patients.iter().any(|ins| ins.value() == cx.id) {
            errors.push(Reason::PatientMismatch, "sourcePatientId is the INS of another patient", object.id);
        }
    }

    /// What is kept of the document: what the sender alone decides or tells best, on what the header says.
    pub(super) fn kept(self, own: DocumentMetadata) -> DocumentMetadata {
        let Entry { sent, .. } = self;
        let filled = |list: Vec<Code>, own: Vec<Code>| if list.is_empty() { own } else { list };
        DocumentMetadata {
            authors: authors_of_both(sent.authors, own.authors),
            legal_authenticator: sent.legal_authenticator.or(own.legal_authenticator),
            service_start: sent.service_start.or(own.service_start),
            service_stop: sent.service_stop.or(own.service_stop),
            creation_time: sent.creation_time.unwrap_or(own.creation_time),
            title: self.title.unwrap_or(own.title),
            comments: self.comments,
            event_codes: filled(self.event_codes, own.event_codes),
            source_patient_id: self.source_patient_id_text.unwrap_or(own.source_patient_id),
            source_patient_info: if self.source_patient_info.is_empty() {
                own.source_patient_info
            } else {
                self.source_patient_info
            },
            reference_ids: if self.reference_ids.is_empty() { own.reference_ids } else { self.reference_ids },
            ..own
        }
    }
}

/// The sender's authors, each with what only the header says of them; then those that only the header names.
fn authors_of_both(sent: Vec<Author>, header: Vec<Author>) -> Vec<Author> {
    let mut header = header;
    let mut authors = Vec::new();
    for author in sent {
        let own =
            header.iter().position(|own| is_same(&own.person, &author.person)).map(|i| header.remove(i));
        authors.push(match own {
            None => author,
            Some(own) => Author {
                person: author.person,
                institution: author.institution.or(own.institution),
                role: author.role.or(own.role),
                specialty: author.specialty.or(own.specialty),
            },
        });
    }
    authors.extend(header);
    authors
}

fn is_same(a: &Person, b: &Person) -> bool {
    let id = |person: &Person| match &person.id {
        AuthorId::Professional(id) => id.as_str().to_owned(),
        AuthorId::Patient(ins) => ins.value().to_owned(),
        AuthorId::Other { id, .. } => id.clone(),
    };
    id(a) == id(b)
}
