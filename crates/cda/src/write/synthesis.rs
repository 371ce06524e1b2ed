//! *Volet de synthèse médicale* (VSM): what the médecin traitant keeps up to date.

use dmp_dossier::code::Code;
use dmp_dossier::time::Dtm;

use super::WriteCda;
use super::body::{Body, Cell, SNOMED, SectionKind, french, hl7};
use super::header::{HeaderDraft, coded, leaf};
use super::medicine::TreatmentDraft;
use super::problem::{AllergyDraft, ProblemDraft};
use crate::clinical::{Concept, french_period};

/// An operation of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// What, CCAM.
    pub what: Code,
    /// When.
    pub date: Dtm,
}

/// A habit that counts for health.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Habit {
    /// What it is about (LOINC), *Consommation tabagique*.
    pub what: Code,
    /// How much of it, in words.
    pub found: String,
}

/// A member of the family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relative {
    /// *Mère*.
    Mother,
    /// *Père*.
    Father,
}

/// A disease of a member of the family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilyHistory {
    /// Who.
    pub relative: Relative,
    /// What, CIM-10.
    pub what: Concept,
}

/// A medical synthesis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synthesis {
    /// The header; type `60591-5` or `SYNTH`.
    pub header: HeaderDraft,
    /// Diseases of today.
    pub problems: Vec<ProblemDraft>,
    /// Diseases of the past.
    pub history: Vec<ProblemDraft>,
    /// Operations of the past.
    pub operations: Vec<Operation>,
    /// Allergies.
    pub allergies: Vec<AllergyDraft>,
    /// Way of life.
    pub habits: Vec<Habit>,
    /// Diseases of the family.
    pub family: Vec<FamilyHistory>,
    /// What to keep an eye on, in words.
    pub vigilance: String,
    /// Long-term treatments.
    pub treatments: Vec<TreatmentDraft>,
}

/// Root and edition.
const TEMPLATES: [(&str, &str); 1] = [("1.2.250.1.213.1.1.1.13", "201310")];

const CONCLUSIONS: SectionKind =
    SectionKind {
        templates: &["1.2.250.1.213.1.1.2.29"], code: "46612-8", label: "Conclusions de synthèse"
    };
const HISTORY_AND_PHYSICAL: SectionKind =
    SectionKind { templates: &["1.2.250.1.213.1.1.2.30"], code: "34117-2", label: "Historique et physique" };
pub(super) const PROBLEMS: SectionKind = SectionKind {
    templates: &["2.16.840.1.113883.10.20.1.11", "1.3.6.1.4.1.19376.1.5.3.1.3.6", "1.2.250.1.213.1.1.2.132"],
    code: "11450-4",
    label: "Liste des problèmes actifs",
};
pub(super) const HISTORY: SectionKind = SectionKind {
    templates: &["1.3.6.1.4.1.19376.1.5.3.1.3.8", "1.2.250.1.213.1.1.2.134"],
    code: "11348-0",
    label: "Antécédents médicaux",
};
const OPERATIONS: SectionKind = SectionKind {
    templates: &[
        "2.16.840.1.113883.10.20.1.12",
        "1.3.6.1.4.1.19376.1.5.3.1.3.11",
        "1.3.6.1.4.1.19376.1.5.3.1.3.12",
        "1.2.250.1.213.1.1.2.136",
    ],
    code: "47519-4",
    label: "Historique des actes",
};
pub(super) const ALLERGIES: SectionKind = SectionKind {
    templates: &["2.16.840.1.113883.10.20.1.2", "1.3.6.1.4.1.19376.1.5.3.1.3.13", "1.2.250.1.213.1.1.2.137"],
    code: "48765-2",
    label: "Allergies et hypersensibilités",
};
const RISKS: SectionKind =
    SectionKind { templates: &["1.2.250.1.213.1.1.2.31"], code: "57207-3", label: "Facteurs de risque" };
const HABITS: SectionKind = SectionKind {
    templates: &[
        "2.16.840.1.113883.10.20.1.15",
        "1.3.6.1.4.1.19376.1.5.3.1.3.16",
        "1.3.6.1.4.1.19376.1.5.3.1.3.16.1",
        "1.2.250.1.213.1.1.2.141",
    ],
    code: "29762-2",
    label: "Habitus, Mode de vie",
};
const FAMILY: SectionKind = SectionKind {
    templates: &[
        "2.16.840.1.113883.10.20.1.4",
        "1.3.6.1.4.1.19376.1.5.3.1.3.14",
        "1.3.6.1.4.1.19376.1.5.3.1.3.15",
        "1.2.250.1.213.1.1.2.139",
    ],
    code: "10157-6",
    label: "Historique des pathologies familiales",
};
pub(super) const RESULTS: SectionKind = SectionKind {
    templates: &["1.3.6.1.4.1.19376.1.5.3.1.3.27", "1.2.250.1.213.1.1.2.150"],
    code: "30954-2",
    label: "Résultats d'examens",
};
const PLAN: SectionKind =
    SectionKind { templates: &["1.2.250.1.213.1.1.2.32"], code: "18776-5", label: "Plan de traitement" };
pub(super) const TREATMENTS: SectionKind = SectionKind {
    templates: &["2.16.840.1.113883.10.20.1.8", "1.3.6.1.4.1.19376.1.5.3.1.3.19", "1.2.250.1.213.1.1.2.143"],
    code: "10160-0",
    label: "Traitements",
};

impl WriteCda for Synthesis {
    fn header(&self) -> &HeaderDraft {
        &self.header
    }

    fn to_xml(&self) -> String {
        let mut body = Body::begin(&self.header, &TEMPLATES);
        body.section(&CONCLUSIONS, "Pathologies, antécédents, allergies et facteurs de risque", |body| {
            body.section(&HISTORY_AND_PHYSICAL, "Pathologies, antécédents et allergies", |body| {
                body.section(&PROBLEMS, "Pathologies en cours", |body| problems(body, &self.problems, true));
                body.section(&HISTORY, "Antécédents médicaux", |body| {
                    problems(body, &self.history, false)
                });
                body.section(&OPERATIONS, "Antécédents chirurgicaux", |body| self.operations(body));
                body.section(&ALLERGIES, "Allergies et intolérances", |body| self.allergies(body));
            });
            if !(self.habits.is_empty() && self.family.is_empty()) {
                body.section(&RISKS, "Facteurs de risque", |body| {
                    if !self.habits.is_empty() {
                        body.section(&HABITS, "Mode de vie", |body| self.habits(body));
                    }
                    if !self.family.is_empty() {
                        body.section(&FAMILY, "Antécédents familiaux", |body| self.family(body));
                    }
                });
            }
        });
        let vigilance = if self.vigilance.is_empty() { "Aucun point de vigilance." } else { &self.vigilance };
        body.words(&RESULTS, "Points de vigilance", vigilance);
        body.section(&PLAN, "Traitements au long cours", |body| {
            body.section(&TREATMENTS, "Traitements", |body| {
                if self.treatments.is_empty() {
                    body.paragraphs("Aucun traitement au long cours.");
                } else {
                    body.treatments(&self.treatments);
                }
            });
        });
        body.finish()
    }
}

impl Synthesis {
    fn operations(&self, body: &mut Body) {
        if self.operations.is_empty() {
            return body.paragraphs("Aucun antécédent chirurgical connu.");
        }
        let anchors: Vec<_> = self.operations.iter().map(|_| body.anchor()).collect();
        let rows: Vec<_> = self
            .operations
            .iter()
            .zip(&anchors)
            .map(|(op, anchor)| vec![Cell::new(french(op.date)), Cell::anchored(anchor, &op.what.label)])
            .collect();
        body.table(&["Date", "Intervention"], &rows);
        for (operation, anchor) in self.operations.iter().zip(&anchors) {
            body.w.open("entry").open("procedure");
            body.w.attribute("classCode", "PROC").attribute("moodCode", "EVN");
            for template in
                ["2.16.840.1.113883.10.20.1.29", "1.3.6.1.4.1.19376.1.5.3.1.4.19", "1.2.250.1.213.1.1.3.62"]
            {
                body.template(template);
            }
            body.id();
            body.code("code", &operation.what);
            body.text_of(anchor);
            body.status("completed");
            body.w.open("effectiveTime").attribute("value", &hl7(operation.date)).close();
            body.w.close().close();
        }
    }

    fn habits(&self, body: &mut Body) {
        let anchors: Vec<_> = self.habits.iter().map(|_| body.anchor()).collect();
        let rows: Vec<_> = self
            .habits
            .iter()
            .zip(&anchors)
            .map(|(habit, anchor)| vec![Cell::new(&habit.what.label), Cell::anchored(anchor, &habit.found)])
            .collect();
        body.table(&["Habitude", "Description"], &rows);
        for (habit, anchor) in self.habits.iter().zip(&anchors) {
            body.w
                .open("entry")
                .open("observation")
                .attribute("classCode", "OBS")
                .attribute("moodCode", "EVN");
            for template in [
                "2.16.840.1.113883.10.20.1.33",
                "1.3.6.1.4.1.19376.1.5.3.1.4.13",
                "1.3.6.1.4.1.19376.1.5.3.1.4.13.4",
                "1.2.250.1.213.1.1.3.52",
            ] {
                body.template(template);
            }
            body.id();
            body.code("code", &habit.what);
            body.text_of(anchor);
            body.status("completed");
            leaf(&mut body.w, "effectiveTime", &[("nullFlavor", "NA")]);
            body.w.open("value").attribute("xsi:type", "ST").text(&habit.found).close();
            body.w.close().close();
        }
    }

    fn family(&self, body: &mut Body) {
        let anchors: Vec<_> = self.family.iter().map(|_| body.anchor()).collect();
        let rows: Vec<_> = self
            .family
            .iter()
            .zip(&anchors)
            .map(|(f, anchor)| vec![Cell::new(f.relative.words().1), Cell::anchored(anchor, &f.what.text)])
            .collect();
        body.table(&["Parent", "Pathologie"], &rows);
        for (disease, anchor) in self.family.iter().zip(&anchors) {
            write_family(body, disease, anchor);
        }
    }

    fn allergies(&self, body: &mut Body) {
        if self.allergies.is_empty() {
            return body.paragraphs("Aucune allergie connue.");
        }
        let anchors: Vec<_> = self.allergies.iter().map(|_| (body.anchor(), body.anchor())).collect();
        let rows: Vec<_> = self
            .allergies
            .iter()
            .zip(&anchors)
            .map(|(allergy, (agent, reaction))| {
                let what = allergy.reactions.iter().map(|(what, how)| match how {
                    Some(how) => format!("{} ({})", what.text, how.label()),
                    None => what.text.clone(),
                });
                vec![
                    Cell::new(allergy.onset.map(french).unwrap_or_default()),
                    Cell::anchored(agent, &allergy.agent.text),
                    Cell::anchored(reaction, what.collect::<Vec<_>>().join(", ")),
                ]
            })
            .collect();
        body.table(&["Depuis", "Agent", "Réaction"], &rows);
        for (allergy, (agent, reaction)) in self.allergies.iter().zip(&anchors) {
            body.allergy(allergy, agent, reaction);
        }
    }
}

impl Relative {
    /// Role (HL7 RoleCode), its words, sex and its words.
    fn words(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Relative::Mother => ("MTH", "Mère", "F", "Féminin"),
            Relative::Father => ("FTH", "Père", "M", "Masculin"),
        }
    }
}

fn write_family(body: &mut Body, disease: &FamilyHistory, anchor: &str) {
    let (role, relative, sex, sex_label) = disease.relative.words();
    body.w.open("entry").open("organizer").attribute("classCode", "CLUSTER").attribute("moodCode", "EVN");
    for template in
        ["2.16.840.1.113883.10.20.1.23", "1.3.6.1.4.1.19376.1.5.3.1.4.15", "1.2.250.1.213.1.1.3.59"]
    {
        body.template(template);
    }
    body.status("completed");
    body.w.open("subject").attribute("typeCode", "SBJ");
    body.template("1.3.6.1.4.1.19376.1.5.3.1.4.15.2");
    body.template("1.2.250.1.213.1.1.3.60");
    body.w.open("relatedSubject").attribute("classCode", "PRS");
    coded(&mut body.w, "code", role, "2.16.840.1.113883.5.111", relative);
    body.w.open("subject");
    coded(&mut body.w, "administrativeGenderCode", sex, "2.16.840.1.113883.5.1", sex_label);
    body.w.close().close().close();
    body.w.open("component").attribute("typeCode", "COMP").open("observation");
    body.w.attribute("classCode", "OBS").attribute("moodCode", "EVN");
    for template in [
        "2.16.840.1.113883.10.20.1.22",
        "1.3.6.1.4.1.19376.1.5.3.1.4.13",
        "1.3.6.1.4.1.19376.1.5.3.1.4.13.3",
        "1.2.250.1.213.1.1.3.51",
    ] {
        body.template(template);
    }
    body.id();
    coded(&mut body.w, "code", "282291009", SNOMED, "interprétation diagnostique");
    body.text_of(anchor);
    body.status("completed");
    leaf(&mut body.w, "effectiveTime", &[("nullFlavor", "UNK")]);
    body.concept("value", Some("CD"), &disease.what, Some(anchor));
    body.w.close().close().close().close();
}

/// A table of problems, then an entry for each.
pub(super) fn problems(body: &mut Body, problems: &[ProblemDraft], active: bool) {
    if problems.is_empty() {
        return body.paragraphs("Aucune pathologie connue.");
    }
    let anchors: Vec<_> = problems.iter().map(|_| body.anchor()).collect();
    let rows: Vec<_> = problems
        .iter()
        .zip(&anchors)
        .map(|(p, anchor)| vec![Cell::new(french_period(&p.period)), Cell::anchored(anchor, &p.what.text)])
        .collect();
    body.table(&["Date", "Pathologie"], &rows);
    for (problem, anchor) in problems.iter().zip(&anchors) {
        body.problem(problem, active, anchor);
    }
}
