//! What a sender says of a document beside it, against the document's own header and the value sets: one validation for
//! every face.
//!
//! The header is the authority. Everything that is wrong is named, not the first thing only: the attribute, the rule, the
//! sender's value. What the sender leaves out is not compared. The patient's identifier is compared with the dossier, not
//! here: a dossier has several over time.
//!
//! Sources: CI-SIS *Correspondance entête CDA / métadonnées XD\**; SEL-MP-037 as published in PDSM4DMP,
//! `DocumentEntry`; ASS_X16.

mod value_sets;

pub use value_sets::Outside;

use crate::metadata::DocumentDraft;
use dmp_dossier::code::{Code, DocumentUid};
use dmp_dossier::document::{Author, AuthorId, Person};
use dmp_dossier::identity::{InsOid, Sex};
use dmp_dossier::reason::Reason;
use dmp_dossier::time::{Dtm, Precision};
use std::fmt;

/// What a sender says of a document. `None`, or an empty list, where nothing is said.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    /// `uniqueId`.
    pub unique_id: Option<DocumentUid>,
    /// `mimeType`.
    pub mime_type: Option<String>,
    /// `hash`: SHA-1.
    pub hash: Option<[u8; 20]>,
    /// `size`.
    pub size_bytes: Option<u64>,
    /// `languageCode`.
    pub language: Option<String>,
    /// `author`.
    pub authors: Vec<Author>,
    /// `legalAuthenticator`.
    pub legal_authenticator: Option<Person>,
    /// `serviceStartTime`.
    pub service_start: Option<Dtm>,
    /// `serviceStopTime`.
    pub service_stop: Option<Dtm>,
    /// `creationTime`.
    pub creation_time: Option<Dtm>,
    /// `classCode`.
    pub class_code: Option<Code>,
    /// `typeCode`.
    pub type_code: Option<Code>,
    /// `formatCode`.
    pub format_code: Option<Code>,
    /// `healthcareFacilityTypeCode`.
    pub facility_type: Option<Code>,
    /// `practiceSettingCode`.
    pub practice_setting: Option<Code>,
    /// `sourcePatientInfo`, PID-7: `YYYYMMDD…`.
    pub birth_date: Option<String>,
    /// `sourcePatientInfo`, PID-8.
    pub sex: Option<Sex>,
}

/// A value that is not the header's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// Attribute of the DocumentEntry.
    pub attribute: &'static str,
    /// Element of the header that decides.
    pub element: &'static str,
    /// As sent, and as the header has it, cut; nothing for a trait of the patient.
    pub values: Option<(String, String)>,
}

impl Contradiction {
    /// The reason answered by every face: another patient, or metadata of another document.
    pub fn reason(&self) -> Reason {
        match self.values {
            None => Reason::PatientMismatch,
            Some(_) => Reason::RepositoryMetadata,
        }
    }
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Contradiction { attribute, element, values } = self;
        match values {
            Some((sent, header)) => write!(f, "{attribute} `{sent}` is not `{header}` as in {element}"),
            None => write!(f, "{attribute} is not as in {element}"),
        }
    }
}

/// Everything in which the sender contradicts the header.
pub fn contradictions(sent: &Sent, own: &DocumentDraft) -> Vec<Contradiction> {
    let metadata = &own.metadata;
    let mut found = Found::default();
    found.compare("uniqueId", "id", sent.unique_id.as_ref(), Some(&metadata.unique_id), |u| {
        u.as_str().to_owned()
    });
    found.compare(
        "mimeType",
        "the document",
        sent.mime_type.as_deref(),
        Some(metadata.mime_type.as_str()),
        |m| (*m).to_owned(),
    );
    found.compare("hash", "the bytes", sent.hash, Some(metadata.hash), |hash| {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    });
    found.compare("size", "the bytes", sent.size_bytes, Some(metadata.size_bytes), ToString::to_string);
    let language = |text: &str| text.to_ascii_lowercase();
    let sent_language = sent.language.as_deref().map(language);
    found.compare(
        "languageCode",
        "languageCode",
        sent_language,
        Some(language(&metadata.language)),
        Clone::clone,
    );
    for (attribute, element, sent, header) in [
        ("typeCode", "code", &sent.type_code, &metadata.type_code),
        ("classCode", "the class of the type (ASS_X16)", &sent.class_code, &metadata.class_code),
        ("formatCode", "templateId or nonXMLBody/text/@mediaType", &sent.format_code, &metadata.format_code),
        (
            "healthcareFacilityTypeCode",
            "encompassingEncounter/location/healthCareFacility/code",
            &sent.facility_type,
            &metadata.facility_type,
        ),
        (
            "practiceSettingCode",
            "serviceEvent/performer/…/standardIndustryClassCode",
            &sent.practice_setting,
            &metadata.practice_setting,
        ),
    ] {
        found.compare(
            attribute,
            element,
            sent.as_ref().map(code_and_system),
            Some(code_and_system(header)),
            Clone::clone,
        );
    }
    for (attribute, element, sent, header) in [
        ("creationTime", "effectiveTime", sent.creation_time, Some(metadata.creation_time)),
        ("serviceStartTime", "serviceEvent/effectiveTime/low", sent.service_start, metadata.service_start),
        ("serviceStopTime", "serviceEvent/effectiveTime/high", sent.service_stop, metadata.service_stop),
    ] {
        if let (Some(sent), Some(header)) = (sent, header)
            && !is_same_time(sent, header)
        {
            found.push(attribute, element, sent.to_hl7(), header.to_hl7());
        }
    }
    found.people(sent, metadata);
    found.patient(sent, own);
    found.0
}

#[derive(Default)]
struct Found(Vec<Contradiction>);

impl Found {
    fn push(
        &mut self,
        attribute: &'static str,
        element: &'static str,
        sent: impl AsRef<str>,
        header: impl AsRef<str>,
    ) {
        let values = (cut(sent.as_ref()), cut(header.as_ref()));
        self.0.push(Contradiction { attribute, element, values: Some(values) });
    }

    fn compare<T: PartialEq>(
        &mut self,
        attribute: &'static str,
        element: &'static str,
        sent: Option<T>,
        header: Option<T>,
        said: impl Fn(&T) -> String,
    ) {
        if let (Some(sent), Some(header)) = (sent, header)
            && sent != header
        {
            self.push(attribute, element, said(&sent), said(&header));
        }
    }

    /// Who wrote, by identifier, and for whom where both say it. A sender may name some of the authors only.
    fn people(&mut self, sent: &Sent, header: &dmp_dossier::DocumentMetadata) {
        for author in &sent.authors {
            let id = identifier(&author.person);
            let Some(own) = header.authors.iter().find(|own| identifier(&own.person) == id) else {
                let known: Vec<_> = header.authors.iter().map(|own| shown(&own.person)).collect();
                self.push(
                    "authorPerson",
                    "author/assignedAuthor/id",
                    shown(&author.person),
                    known.join(", "),
                );
                continue;
            };
            let structure =
                |author: &Author| Some(author.institution.as_ref()?.id.as_ref()?.as_str().to_owned());
            let element = "author/assignedAuthor/representedOrganization/id";
            self.compare("authorInstitution", element, structure(author), structure(own), Clone::clone);
        }
        if let (Some(sent), Some(own)) = (&sent.legal_authenticator, &header.legal_authenticator)
            && identifier(sent) != identifier(own)
        {
            self.push("legalAuthenticator", "legalAuthenticator/assignedEntity/id", shown(sent), shown(own));
        }
    }

    /// Traits of the patient, which no answer repeats. A name is written in too many ways to be compared.
    fn patient(&mut self, sent: &Sent, own: &DocumentDraft) {
        let mut differs =
            |attribute, element| self.0.push(Contradiction { attribute, element, values: None });
        let day = |text: &str| text.get(..8).map(str::to_owned);
        let birth = |text: &Option<String>| text.as_deref().and_then(day);
        if let (Some(sent), Some(header)) = (birth(&sent.birth_date), birth(&own.patient.birth_date))
            && sent != header
        {
            differs("sourcePatientInfo PID-7", "recordTarget/patientRole/patient/birthTime");
        }
        match (sent.sex, own.patient.sex) {
            (None | Some(Sex::Undetermined), _) | (_, None | Some(Sex::Undetermined)) => {}
            (sent, header) if sent == header => {}
            _ => differs(
                "sourcePatientInfo PID-8",
                "recordTarget/patientRole/patient/administrativeGenderCode",
            ),
        }
    }
}

/// A value short enough to be repeated, long enough for a code and its system.
fn cut(value: &str) -> String {
    value.chars().take(120).collect()
}

fn identifier(person: &Person) -> &str {
    match &person.id {
        AuthorId::Professional(id) => id.as_str(),
        AuthorId::Patient(ins) => ins.value(),
        AuthorId::Other { id, .. } => id,
    }
}

/// The identifier as an answer may repeat it: an INS is not.
fn shown(person: &Person) -> &str {
    match &person.id {
        AuthorId::Patient(_) => "INS",
        AuthorId::Other { authority, .. } if InsOid::parse(authority).is_some() => "INS",
        _ => identifier(person),
    }
}

fn code_and_system(code: &Code) -> String {
    format!("{}^{}", code.code, code.system)
}

/// Equal down to the precision both have. A civil day has no time zone: an instant agrees with it when it falls on that
/// day somewhere on earth.
fn is_same_time(a: Dtm, b: Dtm) -> bool {
    const EAST_MINUTES: i64 = 14 * 60;
    const WEST_MINUTES: i64 = 12 * 60;
    let minute = |time: Dtm| time.start().millis().div_euclid(60_000);
    let (coarse, fine) = if a.precision() <= b.precision() { (a, b) } else { (b, a) };
    match (coarse.precision(), fine.precision()) {
        (Precision::Second, _) => coarse.start() == fine.start(),
        (Precision::Minute, _) => minute(coarse) == minute(fine),
        (_, Precision::Minute | Precision::Second) => {
            let end = coarse.end().millis().div_euclid(60_000);
            (minute(coarse) - EAST_MINUTES..end + WEST_MINUTES).contains(&minute(fine))
        }
        _ => coarse.start() <= fine.start() && fine.start() < coarse.end(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_agree_down_to_the_precision_both_have() {
        for (a, b, same) in [
            ("20240104150509", "20240104150509", true),
            ("20240104150509", "20240104150510", false),
            ("202401041505", "20240104150559", true),
            ("202401041506", "20240104150559", false),
            // The evening before in UTC, for a day of Paris; and the day of Tahiti.
            ("20240104", "20240103230000", true),
            ("20240104", "20240105095900", true),
            ("20240104", "20240103095900", false),
            ("20240104", "20240105120000", false),
            ("20190221", "20100319183244", false),
            ("20240104", "20240104", true),
            ("20240104", "20240105", false),
            ("2024", "20240105", true),
            ("202402", "20240105", false),
        ] {
            let (a, b) = (Dtm::parse(a).unwrap(), Dtm::parse(b).unwrap());
            assert_eq!((is_same_time(a, b), is_same_time(b, a)), (same, same), "{a:?} {b:?}");
        }
    }
}
