//! From a document to its XDS metadata: the gate of deposit.
//!
//! Mapping: CI-SIS *Correspondance entête CDA / métadonnées XD\**, PDSM4DMP `DocumentEntry.fsh` and
//! `SubmissionSet.fsh`. Times are given in UTC with the precision of the header.

mod author;

use aws_lc_rs::digest;
use dmp_dossier::code::{Code, DocumentUid, is_oid};
use dmp_dossier::document::{Author, BaseConfidentiality, DocumentMetadata, ReferenceId};
use dmp_dossier::hl7_text::hl7_escaped;
use dmp_dossier::identity::{RealmPolicy, Sex};
use dmp_dossier::time::{Dtm, Time};
use dmp_nomenclature::Concept;
use dmp_nomenclature::class_code::ClassCode;
use dmp_nomenclature::format_code::FormatCode;
use dmp_nomenclature::type_code::TypeCode;
use dmp_nomenclature::{content_type, facility, oid, practice_setting};

use crate::coherence::Sent;
use crate::document::Cda;
use crate::file;
use crate::header::{Header, ServiceEvent};
use crate::node::Identifier;
use crate::participant::Participant;
use crate::patient::Patient;
use crate::refusal::CdaRefusal;
use crate::visible;

/// Longest title of a DocumentEntry, in characters.
const MAX_TITLE_CHARS: usize = 255;
/// Type of an imaging report, whose acts are named by their DICOM study.
const IMAGING_REPORT: &str = "18748-4";
/// HL7's own vocabularies: kinds of encounters, not acts or diagnoses.
const HL7_VOCABULARIES: &str = "2.16.840.1.113883.5.";

/// What a deposit depends on besides the document.
#[derive(Debug, Clone, Copy)]
pub struct Intake {
    /// When the document arrives.
    pub now: Time,
    /// How this deployment reads an INS, for patients who are authors.
    pub realm: RealmPolicy,
}

/// What a document says of itself, ready to be published.
#[derive(Debug, Clone)]
pub struct DocumentDraft {
    /// DocumentEntry.
    pub metadata: DocumentMetadata,
    /// The patient it names, to be compared with the dossier.
    pub patient: Patient,
    /// What its lot says unless the sender says otherwise.
    pub submission: SubmissionDefaults,
}

/// Attributes of a SubmissionSet that follow from the document.
#[derive(Debug, Clone)]
pub struct SubmissionDefaults {
    /// `contentTypeCode`.
    pub content_type: Code,
    /// `author`.
    pub author: Author,
    /// `title`.
    pub title: String,
}

impl Cda<'_> {
    /// Checks the whole document as a deposit and gives its metadata.
    ///
    /// # Errors
    /// The first [`CdaRefusal`] found: header, body, type, template.
    pub fn document_entry(&self, intake: &Intake) -> Result<DocumentDraft, CdaRefusal> {
        self.document_entry_beside(intake, &Sent::default())
    }

    /// The same, where the sender's `practiceSettingCode` stands in for that of a header that has none: the official
    /// sample message of TD2.1 carries such a header.
    ///
    /// # Errors
    /// As [`Cda::document_entry`].
    pub fn document_entry_beside(&self, intake: &Intake, sent: &Sent) -> Result<DocumentDraft, CdaRefusal> {
        let header = self.header()?;
        self.check_body()?;
        check_time(header.effective_time, intake.now)?;
        let type_code = type_code(&header.code)?;
        let format = FormatCode::of_document(
            header.template_ids.iter().map(String::as_str),
            header.media_type.as_deref(),
        )
        .ok_or(CdaRefusal::Template)?;
        let main = main_event(&header);
        let authors: Vec<_> = header.authors.iter().map(|author| author::author(author, intake)).collect();
        let title = title(&header, type_code);
        let submission = SubmissionDefaults {
            content_type: concept(content_type::of_encounter(encounter_code(&header))),
            author: authors.first().cloned().ok_or(CdaRefusal::AuthorWithoutId)?,
            title: title.clone(),
        };
        let metadata = DocumentMetadata {
            unique_id: DocumentUid::parse(&header.id.joined()).ok_or(CdaRefusal::DocumentId)?,
            mime_type: self.mime_type().to_owned(),
            hash: sha1(self.bytes),
            size_bytes: self.bytes.len() as u64,
            language: header.language.clone(),
            authors,
            legal_authenticator: header
                .legal_authenticator
                .as_ref()
                .filter(|authenticator| !authenticator.ids.is_empty())
                .map(|authenticator| author::person(authenticator, intake)),
            service_start: main.and_then(|event| event.start),
            service_stop: main.and_then(|event| event.stop),
            creation_time: header.effective_time,
            title,
            comments: None,
            class_code: class_code(type_code),
            type_code: Code::new(type_code.code, type_code.system.oid, type_code.label),
            format_code: Code::new(format.code, format.system.oid, format.label),
            facility_type: facility_type(&header)?,
            practice_setting: practice_setting_code(&header, sent)?,
            event_codes: event_codes(&header),
            confidentiality: confidentiality(&header.confidentiality)?,
            source_patient_id: source_patient_id(&header.patient),
            source_patient_info: source_patient_info(&header.patient),
            reference_ids: reference_ids(&header),
            declared_parent: header
                .related_documents
                .iter()
                .find(|related| related.kind == "RPLC")
                .and_then(|related| DocumentUid::parse(&related.id.as_ref()?.joined())),
            set_id: header.set_id.as_ref().map(Identifier::joined),
            version_number: header.version_number,
        };
        Ok(DocumentDraft { metadata, patient: header.patient, submission })
    }

    fn check_body(&self) -> Result<(), CdaRefusal> {
        match (self.structured_body(), self.unstructured_text()) {
            (Some(_), None) => {}
            (None, Some(text)) => {
                file::body_content(text)?;
            }
            // None, or two bodies of which viewers would show either.
            _ => return Err(CdaRefusal::NoBody),
        }
        self.check_narrative()
    }
}

/// Documents of before 1900, or of more than a day from now, are mistakes (a day covers clocks and time zones).
fn check_time(effective: Dtm, now: Time) -> Result<(), CdaRefusal> {
    let earliest = Dtm::parse("1900").expect("a valid year").start();
    if effective.start() < earliest || effective.start() > now.plus_days(1) {
        return Err(CdaRefusal::TimeRange);
    }
    Ok(())
}

fn type_code(code: &Code) -> Result<&'static TypeCode, CdaRefusal> {
    TypeCode::find(&code.code).filter(|known| known.system.oid == code.system).ok_or_else(|| {
        CdaRefusal::Type { code: CdaRefusal::cut(&code.code), system: CdaRefusal::cut(&code.system) }
    })
}

fn class_code(type_code: &TypeCode) -> Code {
    let class = ClassCode::find(type_code.class).expect("every type has a class of the table");
    Code::new(class.code, class.system.oid, class.label)
}

/// N, R or V of HL7 Confidentiality.
fn confidentiality(code: &Code) -> Result<BaseConfidentiality, CdaRefusal> {
    if code.system != oid::CONFIDENTIALITY.oid {
        return Err(CdaRefusal::Confidentiality { value: CdaRefusal::cut(&code.code) });
    }
    match code.code.as_str() {
        "N" => Ok(BaseConfidentiality::Normal),
        "R" => Ok(BaseConfidentiality::Restricted),
        "V" => Ok(BaseConfidentiality::VeryRestricted),
        other => Err(CdaRefusal::Confidentiality { value: CdaRefusal::cut(other) }),
    }
}

/// The header's title, composed, cut to 255 characters; the label of the type when there is none.
fn title(header: &Header, type_code: &TypeCode) -> String {
    let title = header.title.as_deref().unwrap_or(type_code.label);
    visible::composed(title).chars().take(MAX_TITLE_CHARS).collect()
}

/// The main act: the one that is dated, else the first.
fn main_event(header: &Header) -> Option<&ServiceEvent> {
    let dated = header.service_events.iter().find(|event| event.start.is_some());
    dated.or(header.service_events.first())
}

fn encounter_code(header: &Header) -> Option<&str> {
    Some(header.encounter.as_ref()?.code.as_ref()?.code.as_str())
}

fn concept(concept: &Concept) -> Code {
    Code::new(concept.code, concept.system.oid, concept.label)
}

/// A code with its official label when it has one.
fn labelled(code: &Code, known: Option<&Concept>) -> Code {
    known.filter(|known| known.system.oid == code.system).map_or_else(|| code.clone(), concept)
}

fn facility_type(header: &Header) -> Result<Code, CdaRefusal> {
    let element = "componentOf/encompassingEncounter/location/healthCareFacility/code";
    let code = header.encounter.as_ref().and_then(|encounter| encounter.facility_type.as_ref());
    let code = code.ok_or(CdaRefusal::Missing { element })?;
    Ok(labelled(code, facility::find(&code.code)))
}

/// Of the main act's performer, else of another act's, else of who signed or wrote, else as sent.
fn practice_setting_code(header: &Header, sent: &Sent) -> Result<Code, CdaRefusal> {
    let element = "documentationOf/serviceEvent/performer/…/standardIndustryClassCode";
    let of_organization =
        |participant: &Participant| participant.organization.as_ref()?.practice_setting.clone();
    let events = main_event(header).into_iter().chain(&header.service_events);
    let code = events
        .filter_map(|event| event.practice_setting.clone())
        .next()
        .or_else(|| header.legal_authenticator.as_ref().and_then(of_organization))
        .or_else(|| header.authors.iter().find_map(of_organization))
        .or_else(|| sent.practice_setting.clone())
        .ok_or(CdaRefusal::Missing { element })?;
    Ok(labelled(&code, practice_setting::find(&code.code)))
}

/// Acts and diagnoses of every service event, each once.
fn event_codes(header: &Header) -> Vec<Code> {
    let mut codes: Vec<Code> = Vec::new();
    for code in header.service_events.iter().filter_map(|event| event.code.as_ref()) {
        let is_act = !code.system.is_empty() && !code.system.starts_with(HL7_VOCABULARIES);
        let is_new = codes.iter().all(|known| (&known.code, &known.system) != (&code.code, &code.system));
        if is_act && is_new {
            codes.push(code.clone());
        }
    }
    codes
}

/// The producer's own identifier of the patient as CX, else the INS.
fn source_patient_id(patient: &Patient) -> String {
    let is_plain =
        |text: &str| !text.chars().any(|c| matches!(c, '^' | '&' | '|' | '~' | '\\') || c.is_control());
    let local = patient.local_ids.iter().find_map(|id| {
        let extension = id.extension.as_deref().filter(|extension| is_plain(extension))?;
        is_oid(&id.root).then(|| format!("{extension}^^^&{}&ISO^PI", id.root))
    });
    local.unwrap_or_else(|| format!("{}^^^&{}&ISO^NH", patient.ins.value(), patient.ins.root))
}

fn source_patient_info(patient: &Patient) -> Vec<String> {
    let name =
        format!("PID-5|{}^{}^^^^^L", hl7_escaped(&patient.birth_family), hl7_escaped(&patient.birth_given));
    let sex = patient.sex.map(|sex| match sex {
        Sex::Female => "F",
        Sex::Male => "M",
        Sex::Undetermined => "U",
    });
    let birth = patient.birth_date.as_ref().map(|date| format!("PID-7|{date}"));
    [Some(name), birth, sex.map(|sex| format!("PID-8|{sex}"))].into_iter().flatten().collect()
}

/// Orders, accessions and, in an imaging report, studies.
fn reference_ids(header: &Header) -> Vec<ReferenceId> {
    let reference = |id: &Identifier, kind: &str| ReferenceId {
        value: id.value().to_owned(),
        authority: if id.extension.is_some() { id.root.clone() } else { String::new() },
        kind: kind.to_owned(),
    };
    let mut references = Vec::new();
    for order in &header.orders {
        references.extend(order.ids.iter().map(|id| reference(id, "urn:ihe:iti:xds:2013:order")));
        references.extend(order.accession.iter().map(|id| reference(id, "urn:ihe:iti:xds:2013:accession")));
    }
    if header.code.code == IMAGING_REPORT {
        // The study is the root; a published sample adds the word `studyInstanceUID` as extension.
        let is_study = |id: &&Identifier| matches!(id.extension.as_deref(), None | Some("studyInstanceUID"));
        let studies = header.service_events.iter().flat_map(|event| event.ids.iter().filter(is_study));
        references.extend(studies.filter(|id| is_oid(&id.root)).map(|id| ReferenceId {
            value: id.root.clone(),
            authority: String::new(),
            kind: "urn:ihe:iti:xds:2016:studyInstanceUID".to_owned(),
        }));
    }
    references
}

fn sha1(bytes: &[u8]) -> [u8; 20] {
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    digest.as_ref().try_into().expect("SHA-1 has 20 bytes")
}
