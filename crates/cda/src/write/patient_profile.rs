//! What a patient writes of their own health, as CDA: a health profile, and the people to call. The CI-SIS has no model for
//! them: sections and entries are those of IHE PCC, under a template of ours.

use dmp_dossier::code::Code;
use dmp_dossier::time::{Dtm, Time};

use super::body::{ACT_CODE, Body, Cell, LOINC, SectionKind, french};
use super::header::{HeaderDraft, coded, leaf, time};
use super::problem::{AllergyDraft, ProblemDraft};
use super::synthesis::{ALLERGIES, HISTORY, PROBLEMS, TREATMENTS, problems};
use super::{WriteCda, concept};
use crate::clinical::{Concept, Period, Quantity};
use crate::entries::PersonRole;

/// A treatment in the patient's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedTreatment {
    /// The product, in words.
    pub product: String,
    /// How it is taken, *1 comprimé le matin*; may be empty.
    pub posology: String,
    /// Since when.
    pub since: Option<Dtm>,
}

/// A measure taken by the patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeasureDraft {
    /// What was measured (LOINC), with the name shown.
    pub what: Code,
    /// What was found, with its UCUM unit.
    pub value: Quantity,
    /// When.
    pub at: Time,
}

/// A health profile, type `DOCPAT08`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthProfile {
    /// The header; its author is the patient.
    pub header: HeaderDraft,
    /// Allergies.
    pub allergies: Vec<AllergyDraft>,
    /// Treatments.
    pub treatments: Vec<StatedTreatment>,
    /// Diseases of today.
    pub problems: Vec<ProblemDraft>,
    /// Diseases and operations of the past.
    pub history: Vec<ProblemDraft>,
    /// Measures, oldest first.
    pub measures: Vec<MeasureDraft>,
}

/// Somebody to call, or to be heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonDraft {
    /// What for.
    pub role: PersonRole,
    /// Name as the patient writes it.
    pub name: String,
    /// *Sœur*, *voisine*…; may be empty.
    pub tie: String,
    /// Telephone.
    pub phone: String,
}

/// The persons the patient names, type `EXPPAT_1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonsToCall {
    /// The header; its author is the patient.
    pub header: HeaderDraft,
    /// Who.
    pub persons: Vec<PersonDraft>,
}

/// Ours: a UUID as an OID (ITU-T X.667).
const TEMPLATES: [(&str, &str); 1] = [("2.25.164820947163548201938475610293847561029", "")];

const MEASURES: SectionKind = SectionKind {
    templates: &["2.16.840.1.113883.10.20.1.16", "1.3.6.1.4.1.19376.1.5.3.1.3.25"],
    code: "8716-3",
    label: "Signes vitaux",
};
const PERSONS: SectionKind = SectionKind {
    templates: &["1.3.6.1.4.1.19376.1.5.3.1.3.36"],
    code: "81338-6",
    label: "Personnes à prévenir et personne de confiance",
};

impl WriteCda for HealthProfile {
    fn header(&self) -> &HeaderDraft {
        &self.header
    }

    fn to_xml(&self) -> String {
        let mut body = Body::begin(&self.header, &TEMPLATES);
        body.section(&ALLERGIES, "Allergies", |body| self.allergies(body));
        body.section(&TREATMENTS, "Traitements", |body| self.treatments(body));
        body.section(&PROBLEMS, "Problèmes de santé", |body| diseases(body, &self.problems, true));
        body.section(&HISTORY, "Antécédents", |body| diseases(body, &self.history, false));
        body.section(&MEASURES, "Mesures", |body| self.measures(body));
        body.finish()
    }
}

/// Nothing written is not *aucune connue*: a professional says that, a patient only leaves blank.
fn diseases(body: &mut Body, written: &[ProblemDraft], active: bool) {
    match written {
        [] => body.paragraphs("Non renseigné."),
        written => problems(body, written, active),
    }
}

impl HealthProfile {
    fn allergies(&self, body: &mut Body) {
        if self.allergies.is_empty() {
            return body.paragraphs("Non renseigné.");
        }
        let anchors: Vec<_> = self.allergies.iter().map(|_| (body.anchor(), body.anchor())).collect();
        let row = |(allergy, (agent, reaction)): (&AllergyDraft, &(String, String))| {
            let what = allergy.reactions.iter().map(|(what, _)| what.text.clone()).collect::<Vec<_>>();
            vec![
                Cell::anchored(agent, &allergy.agent.text),
                Cell::anchored(reaction, what.join(", ")),
                Cell::new(allergy.onset.map(french).unwrap_or_default()),
            ]
        };
        let rows: Vec<_> = self.allergies.iter().zip(&anchors).map(row).collect();
        body.table(&["Allergie", "Réaction", "Depuis"], &rows);
        for (allergy, (agent, reaction)) in self.allergies.iter().zip(&anchors) {
            body.allergy(allergy, agent, reaction);
        }
    }

    fn treatments(&self, body: &mut Body) {
        if self.treatments.is_empty() {
            return body.paragraphs("Non renseigné.");
        }
        let anchors: Vec<_> = self.treatments.iter().map(|_| (body.anchor(), body.anchor())).collect();
        let row = |(treatment, (product, posology)): (&StatedTreatment, &(String, String))| {
            vec![
                Cell::anchored(product, &treatment.product),
                Cell::anchored(posology, &treatment.posology),
                Cell::new(treatment.since.map(french).unwrap_or_default()),
            ]
        };
        let rows: Vec<_> = self.treatments.iter().zip(&anchors).map(row).collect();
        body.table(&["Médicament", "Comment", "Depuis"], &rows);
        for (treatment, (product, posology)) in self.treatments.iter().zip(&anchors) {
            body.w.open("entry").open("substanceAdministration");
            body.w.attribute("classCode", "SBADM").attribute("moodCode", "EVN");
            body.template("2.16.840.1.113883.10.20.1.24");
            body.template("1.3.6.1.4.1.19376.1.5.3.1.4.7");
            body.id();
            coded(&mut body.w, "code", "DRUG", ACT_CODE, "Médicament");
            body.text_of(posology);
            body.status("completed");
            body.interval(Period { start: treatment.since, stop: None }, true);
            let words = Concept { text: treatment.product.clone(), codes: Vec::new() };
            body.product(&words, None, product, false);
            body.w.close().close();
        }
    }

    fn measures(&self, body: &mut Body) {
        if self.measures.is_empty() {
            return body.paragraphs("Aucune mesure.");
        }
        let anchors: Vec<_> = self.measures.iter().map(|_| body.anchor()).collect();
        let row = |(measure, anchor): (&MeasureDraft, &String)| {
            vec![
                Cell::new(french(Dtm::from_time(measure.at))),
                Cell::new(&measure.what.label),
                Cell::anchored(anchor, measure.value.to_string()),
            ]
        };
        let rows: Vec<_> = self.measures.iter().zip(&anchors).map(row).collect();
        body.table(&["Date", "Mesure", "Valeur"], &rows);
        for (measure, anchor) in self.measures.iter().zip(&anchors) {
            body.w.open("entry").open("observation");
            body.w.attribute("classCode", "OBS").attribute("moodCode", "EVN");
            for template in [
                "1.3.6.1.4.1.19376.1.5.3.1.4.13",
                "2.16.840.1.113883.10.20.1.31",
                "1.3.6.1.4.1.19376.1.5.3.1.4.13.2",
            ] {
                body.template(template);
            }
            body.id();
            body.concept("code", None, &concept([measure.what.clone()]), None);
            body.text_of(anchor);
            body.status("completed");
            time(&mut body.w, "effectiveTime", measure.at);
            body.w.open("value").attribute("xsi:type", "PQ").attribute("value", &measure.value.value);
            body.w.attribute("unit", &measure.value.unit).close();
            body.w.close().close();
        }
    }
}

impl WriteCda for PersonsToCall {
    fn header(&self) -> &HeaderDraft {
        &self.header
    }

    fn to_xml(&self) -> String {
        let mut body = Body::begin(&self.header, &TEMPLATES);
        body.section(&PERSONS, "Personnes à prévenir et personne de confiance", |body| self.persons(body));
        body.finish()
    }
}

impl PersonsToCall {
    fn persons(&self, body: &mut Body) {
        if self.persons.is_empty() {
            return body.paragraphs("Personne n'est indiqué.");
        }
        let anchors: Vec<_> = self.persons.iter().map(|_| body.anchor()).collect();
        let row = |(person, anchor): (&PersonDraft, &String)| {
            vec![
                Cell::new(person.role.words()),
                Cell::new(&person.name),
                Cell::anchored(anchor, &person.tie),
                Cell::new(&person.phone),
            ]
        };
        let rows: Vec<_> = self.persons.iter().zip(&anchors).map(row).collect();
        body.table(&["Rôle", "Nom", "Lien", "Téléphone"], &rows);
        for (person, anchor) in self.persons.iter().zip(&anchors) {
            let (code, label) = person.role.code();
            body.w.open("entry").open("act").attribute("classCode", "ACT").attribute("moodCode", "EVN");
            body.template(crate::entries::PERSON_TEMPLATE);
            body.id();
            coded(&mut body.w, "code", code, LOINC, label);
            body.text_of(anchor);
            body.status("completed");
            body.w.open("participant").attribute("typeCode", "IND");
            body.w.open("participantRole").attribute("classCode", person.role.class());
            leaf(&mut body.w, "telecom", &[("value", &format!("tel:{}", person.phone.replace(' ', "")))]);
            body.w.open("playingEntity").attribute("classCode", "PSN");
            body.w.open("name").text(&person.name).close();
            body.w.close().close().close().close().close();
        }
    }
}
