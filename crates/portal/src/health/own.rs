//! What the patient wrote: the latest version of a document of theirs, read back, changed, and deposited as the version that
//! replaces it. Everything the record does for documents (visibility, versions, journal, export) holds for it.

use dmp_cda::Cda;
use dmp_cda::clinical::{Concept, Period};
use dmp_cda::entries::{Entries, PersonRole};
use dmp_cda::write::{
    AllergyDraft, AllergyKind, HealthProfile, MeasureDraft, PersonDraft, PersonsToCall, ProblemDraft,
    StatedTreatment, WriteCda,
};
use dmp_dossier::{
    Availability, Command, DocumentEntry, DocumentRef, DocumentUid, Dtm, Lid, Query, Reason, SeenDocument,
    View, Visibility,
};
use dmp_nomenclature::TypeCode;
use dmp_store::Content;
use std::sync::Arc;
use uuid::Uuid;

use crate::failure::Failure;
use crate::open::Open;
use crate::patient::deposit;
use crate::patient::groups::is_patients;

/// *Profil médical*.
pub(crate) const PROFILE: &str = "DOCPAT08";
/// *Volontés et droits du patient*: the persons.
pub(crate) const PERSONS: &str = "EXPPAT_1";
/// *Directives anticipées*.
pub(crate) const DIRECTIVES: &str = "EXPPAT_3";

const LOINC: &str = "2.16.840.1.113883.6.1";

/// A document of the patient, and what it holds.
pub(crate) struct Held {
    /// The version shown; the next one replaces it.
    pub(crate) entry: Option<Arc<DocumentEntry>>,
    pub(crate) entries: Entries,
    /// Words of a document without entries.
    pub(crate) text: String,
}

/// Format of what is written here with entries: a free text or a file of the same type is another document, which none of
/// ours replaces.
const STRUCTURED: &str = "urn:asipSante:modelesHorsProfils:2011";

/// The latest document of a type that the patient wrote here, among those seen.
pub(crate) fn latest<'s>(seen: &'s [SeenDocument], type_code: &str) -> Option<&'s SeenDocument> {
    seen.iter()
        .filter(|s| s.entry.status == Availability::Approved && s.entry.metadata.type_code.code == type_code)
        .filter(|s| is_patients(&s.entry))
        .filter(|s| type_code == DIRECTIVES || s.entry.metadata.format_code.code == STRUCTURED)
        .max_by_key(|s| s.entry.registered_at)
}

/// Every document one may see.
///
/// # Errors
/// The refusal, or a failure of ours.
pub(crate) async fn seen(open: &Open) -> Result<Vec<SeenDocument>, Failure> {
    match open.consult(Query::FindDocuments(Box::default())).await?.view {
        View::Documents(seen) => Ok(seen),
        _ => Err(Failure::Ours),
    }
}

/// Reads the latest document of each of these types, in their order.
///
/// # Errors
/// The refusal, or a failure of ours.
pub(crate) async fn held(open: &Open, seen: &[SeenDocument], types: &[&str]) -> Result<Vec<Held>, Failure> {
    let found: Vec<Option<&SeenDocument>> = types.iter().map(|type_code| latest(seen, type_code)).collect();
    let wanted: Vec<_> = found.iter().flatten().map(|s| DocumentRef::Lid(s.entry.lid)).collect();
    let mut contents: Vec<(Lid, bytes::Bytes)> = Vec::new();
    if !wanted.is_empty() {
        let answer = open.consult(Query::Retrieve(wanted)).await?;
        let View::Contents(documents) = answer.view else { return Err(Failure::Ours) };
        contents = documents.into_iter().map(|d| d.entry.lid).zip(answer.contents).collect();
    }
    found
        .into_iter()
        .map(|found| {
            let Some(found) = found else {
                return Ok(Held { entry: None, entries: Entries::default(), text: String::new() });
            };
            // What cannot be read is not replaced by what could: nothing of it would be left.
            let bytes = contents.iter().find(|(lid, _)| *lid == found.entry.lid).map(|(_, bytes)| bytes);
            let cda = bytes.and_then(|bytes| Cda::parse(bytes).ok()).ok_or(Failure::Ours)?;
            Ok(Held { entry: Some(Arc::clone(&found.entry)), entries: cda.entries(), text: cda.text() })
        })
        .collect()
}

/// What is changed in a profile.
pub(crate) struct Profile {
    pub(crate) allergies: Vec<AllergyDraft>,
    pub(crate) treatments: Vec<StatedTreatment>,
    pub(crate) problems: Vec<ProblemDraft>,
    pub(crate) history: Vec<ProblemDraft>,
    pub(crate) measures: Vec<MeasureDraft>,
}

impl Profile {
    /// As it was read.
    pub(crate) fn of(entries: &Entries) -> Profile {
        let problem = |p: &dmp_cda::entries::Problem| ProblemDraft { what: p.what.clone(), period: p.period };
        let is_past = |p: &&dmp_cda::entries::Problem| {
            p.section.as_ref().is_some_and(|section| section.code == "11348-0")
        };
        Profile {
            allergies: entries
                .allergies
                .iter()
                .map(|a| AllergyDraft {
                    agent: a.agent.clone(),
                    kind: kind_of(&a.kind),
                    onset: a.onset,
                    reactions: a.reactions.iter().map(|r| (r.what.clone(), None)).collect(),
                })
                .collect(),
            treatments: entries
                .treatments
                .iter()
                .map(|t| StatedTreatment {
                    product: t.product.text.clone(),
                    posology: t.words.clone(),
                    since: t.period.start,
                })
                .collect(),
            problems: entries.problems.iter().filter(|p| !is_past(p)).map(problem).collect(),
            history: entries.problems.iter().filter(is_past).map(problem).collect(),
            measures: entries
                .measures
                .iter()
                .filter_map(|m| {
                    Some(MeasureDraft {
                        what: m.code()?.clone(),
                        value: m.value.clone()?,
                        at: m.date?.start(),
                    })
                })
                .collect(),
        }
    }
}

fn kind_of(kind: &Concept) -> AllergyKind {
    match kind.codes.first().map(|code| code.code.as_str()) {
        Some("416098002") => AllergyKind::Medicine,
        Some("414285001") => AllergyKind::Food,
        _ => AllergyKind::Environment,
    }
}

/// Words without a code.
pub(crate) fn words(text: &str) -> Concept {
    Concept { text: text.to_owned(), codes: Vec::new() }
}

/// Since a year, a month or a day; nothing when not said.
pub(crate) fn since(start: Option<Dtm>) -> Period {
    Period { start, stop: None }
}

/// A LOINC code.
pub(crate) fn loinc(code: &str, label: &str) -> dmp_dossier::Code {
    dmp_dossier::Code::new(code, LOINC, label)
}

/// What is deposited anew.
pub(crate) enum Written {
    Profile(Profile),
    Persons(Vec<(PersonRole, String, String, String)>),
    Directives(String),
}

/// Deposits the new version of a document of the patient.
///
/// # Errors
/// The refusal: [`Reason::DeprecatedDocument`] when another version came meanwhile.
pub(crate) async fn write(
    open: &Open,
    written: Written,
    before: Option<&DocumentEntry>,
) -> Result<(), Failure> {
    let View::Administrative(view) = open.consult(Query::Administrative).await?.view else {
        return Err(Failure::Ours);
    };
    let (type_code, title) = match &written {
        Written::Profile(_) => (PROFILE, "Mon profil de santé"),
        Written::Persons(_) => (PERSONS, "Personnes à prévenir et personne de confiance"),
        Written::Directives(_) => (DIRECTIVES, "Mes directives anticipées"),
    };
    let type_code = TypeCode::find(type_code).ok_or(Failure::Ours)?;
    let unique_id = DocumentUid::parse(&Uuid::new_v4().to_string()).ok_or(Failure::Ours)?;
    let mut header =
        deposit::header(&view.identity, type_code, title, open.now, unique_id).ok_or(Failure::Ours)?;
    if let Some(before) = before {
        header.replaces = Some(before.metadata.unique_id.clone());
        header.version_number = before.metadata.version_number.unwrap_or(1) + 1;
        if let Some(set) = before.metadata.set_id.as_deref().and_then(DocumentUid::parse) {
            header.set_id = set;
        }
    }
    let document = match written {
        Written::Profile(p) => HealthProfile {
            header,
            allergies: p.allergies,
            treatments: p.treatments,
            problems: p.problems,
            history: p.history,
            measures: p.measures,
        }
        .to_xml(),
        Written::Persons(persons) => {
            let draft = |(role, name, tie, phone)| PersonDraft { role, name, tie, phone };
            PersonsToCall { header, persons: persons.into_iter().map(draft).collect() }.to_xml()
        }
        Written::Directives(text) => {
            dmp_cda::write::Level1 { header, body: dmp_cda::write::FileBody::Text(text) }.to_xml()
        }
    };
    let replaces = before.map(|before| DocumentRef::Entry(before.entry_uuid));
    let visibility = before.map_or(Visibility::VISIBLE, |before| before.visibility);
    let realm = open.portal.store.parameters().realm;
    let made: Option<(Command, Content)> =
        deposit::publication(&view.identity, document, visibility, replaces, open.now, realm);
    let (command, content) = made.ok_or(Failure::Ours)?;
    open.execute(command, vec![content]).await.map(|_| ())
}

/// True when the version that was to be replaced was replaced already.
pub(crate) fn is_conflict(failure: &Failure) -> bool {
    matches!(failure, Failure::Refused { refusal, .. }
        if matches!(refusal.reason, Reason::DeprecatedDocument | Reason::VersionConflict | Reason::UnknownDocument | Reason::ReplaceFailed))
}
