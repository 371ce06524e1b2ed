//! Entries for problems and allergies (CI-SIS *FR-Probleme*, *FR-Allergie-ou-hypersensibilite*).

use dmp_dossier::code::Code;
use dmp_dossier::time::Dtm;

use super::body::{Body, LOINC, SNOMED};
use super::header::{coded, leaf};
use crate::clinical::{Concept, Period};

/// A disease, active or of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemDraft {
    /// What, CIM-10 first.
    pub what: Concept,
    /// From when to when; an active one has no end.
    pub period: Period,
}

/// What an allergy is to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllergyKind {
    /// *Allergie médicamenteuse*.
    Medicine,
    /// *Allergie alimentaire*.
    Food,
    /// *Allergie environnementale*.
    Environment,
}

impl AllergyKind {
    fn code(self) -> Code {
        let (code, label) = match self {
            AllergyKind::Medicine => ("416098002", "allergie médicamenteuse"),
            AllergyKind::Food => ("414285001", "allergie alimentaire"),
            AllergyKind::Environment => ("426232007", "allergie environnementale"),
        };
        Code::new(code, SNOMED, label)
    }
}

/// How severe a reaction was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// *Léger*.
    Mild,
    /// *Modéré*.
    Moderate,
    /// *Sévère*.
    Severe,
}

impl Severity {
    fn code(self) -> Code {
        let (code, label) = match self {
            Severity::Mild => ("255604002", "léger"),
            Severity::Moderate => ("6736007", "modéré"),
            Severity::Severe => ("24484000", "sévère"),
        };
        Code::new(code, SNOMED, label)
    }

    pub(super) fn label(self) -> String {
        self.code().label
    }
}

/// An active allergy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllergyDraft {
    /// To what; a medicine by its ATC class or product.
    pub agent: Concept,
    /// Kind.
    pub kind: AllergyKind,
    /// Since when.
    pub onset: Option<Dtm>,
    /// What happened, and how severely when it is told.
    pub reactions: Vec<(Concept, Option<Severity>)>,
}

impl Body {
    /// An entry of a list of problems; the list is `active` or `completed`.
    pub(super) fn problem(&mut self, problem: &ProblemDraft, active: bool, anchor: &str) {
        let status = if active { "active" } else { "completed" };
        self.list("1.3.6.1.4.1.19376.1.5.3.1.4.5.2", "1.2.250.1.213.1.1.3.39", status, problem.period);
        self.related("SUBJ", false, "observation", "OBS");
        self.w.attribute("negationInd", "false");
        self.problem_templates();
        self.id();
        coded(&mut self.w, "code", "282291009", SNOMED, "interprétation diagnostique");
        self.text_of(anchor);
        self.status("completed");
        self.interval(problem.period, false);
        self.concept("value", Some("CD"), &problem.what, Some(anchor));
        self.w.close().close().close().close();
    }

    /// An allergy; its agent and its reactions stand in the narrative under these anchors.
    pub(super) fn allergy(&mut self, allergy: &AllergyDraft, agent: &str, reaction: &str) {
        let unknown = Period::default();
        self.list("1.3.6.1.4.1.19376.1.5.3.1.4.5.3", "1.2.250.1.213.1.1.3.40", "active", unknown);
        self.related("SUBJ", false, "observation", "OBS");
        self.w.attribute("negationInd", "false");
        for template in ["2.16.840.1.113883.10.20.1.18", "2.16.840.1.113883.10.20.1.28"] {
            self.template(template);
        }
        for template in
            ["1.3.6.1.4.1.19376.1.5.3.1.4.5", "1.3.6.1.4.1.19376.1.5.3.1.4.6", "1.2.250.1.213.1.1.3.41"]
        {
            self.template(template);
        }
        self.id();
        self.code("code", &allergy.kind.code());
        self.text_of(agent);
        self.status("completed");
        self.interval(Period { start: allergy.onset, stop: None }, false);
        // The allergy itself is described by its agent and reactions.
        self.concept("value", Some("CD"), &Concept::default(), Some(agent));
        self.w.open("participant").attribute("typeCode", "CSM");
        self.w.open("participantRole").attribute("classCode", "MANU");
        self.w.open("playingEntity").attribute("classCode", "MMAT");
        self.concept("code", None, &allergy.agent, Some(agent));
        self.w.open("name").text(&allergy.agent.text).close();
        self.w.close().close().close();
        for (what, severity) in &allergy.reactions {
            self.reaction(what, *severity, allergy.onset, reaction);
        }
        self.clinical_status(agent);
        self.w.close().close().close().close();
    }

    fn reaction(&mut self, what: &Concept, severity: Option<Severity>, at: Option<Dtm>, anchor: &str) {
        self.related("MFST", true, "observation", "OBS");
        self.problem_templates();
        self.id();
        coded(&mut self.w, "code", "418799008", SNOMED, "symptôme rapporté par le patient ou le répondant");
        self.text_of(anchor);
        self.status("completed");
        self.interval(Period { start: at, stop: None }, false);
        self.concept("value", Some("CD"), what, Some(anchor));
        if let Some(severity) = severity {
            self.severity(severity, anchor);
        }
        self.w.close().close();
    }

    fn severity(&mut self, severity: Severity, anchor: &str) {
        self.related("SUBJ", true, "observation", "OBS");
        self.template("2.16.840.1.113883.10.20.1.55");
        self.template("1.3.6.1.4.1.19376.1.5.3.1.4.1");
        coded(&mut self.w, "code", "SEV", super::body::ACT_CODE, "Sévérité");
        self.text_of(anchor);
        self.status("completed");
        let value = Concept { text: severity.label(), codes: vec![severity.code()] };
        self.concept("value", Some("CD"), &value, None);
        self.w.close().close();
    }

    fn clinical_status(&mut self, anchor: &str) {
        self.related("REFR", false, "observation", "OBS");
        for template in [
            "2.16.840.1.113883.10.20.1.50",
            "2.16.840.1.113883.10.20.1.57",
            "1.3.6.1.4.1.19376.1.5.3.1.4.1.1",
            "1.2.250.1.213.1.1.3.30",
        ] {
            self.template(template);
        }
        coded(&mut self.w, "code", "33999-4", LOINC, "Status");
        self.text_of(anchor);
        self.status("completed");
        self.w.open("value").attribute("xsi:type", "CE").attribute("code", "active");
        self.w.attribute("codeSystem", "2.16.840.1.113883.4.642.4.1373").attribute("displayName", "Actif");
        self.w.close().close().close();
    }

    /// Opens `entry` and the `act` of a list; both are to be closed.
    fn list(&mut self, ihe: &str, cisis: &str, status: &str, period: Period) {
        self.w.open("entry").open("act").attribute("classCode", "ACT").attribute("moodCode", "EVN");
        for template in ["2.16.840.1.113883.10.20.1.27", "1.3.6.1.4.1.19376.1.5.3.1.4.5.1", ihe, cisis] {
            self.template(template);
        }
        self.id();
        leaf(&mut self.w, "code", &[("nullFlavor", "NA")]);
        self.status(status);
        self.interval(period, false);
    }

    fn problem_templates(&mut self) {
        for template in
            ["2.16.840.1.113883.10.20.1.28", "1.3.6.1.4.1.19376.1.5.3.1.4.5", "1.2.250.1.213.1.1.3.37"]
        {
            self.template(template);
        }
    }
}
