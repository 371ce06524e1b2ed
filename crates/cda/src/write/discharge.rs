//! *Lettre de liaison à la sortie de l'établissement de santé* (CI-SIS *LDL-SES*).

use dmp_dossier::time::Dtm;

use super::WriteCda;
use super::body::{Body, Cell, SNOMED, SectionKind, TA_ASIP, hl7};
use super::header::{HeaderDraft, coded};
use super::medicine::TreatmentDraft;
use super::synthesis::RESULTS;

/// A discharge letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DischargeLetter {
    /// The header; type `11490-0`.
    pub header: HeaderDraft,
    /// Why the patient came, in words.
    pub reason: String,
    /// The stay, in words.
    pub stay: String,
    /// Day of the discharge.
    pub discharged: Dtm,
    /// What went wrong during the stay; nothing when empty.
    pub adverse_events: String,
    /// Treatments at discharge.
    pub treatments: Vec<TreatmentDraft>,
    /// Results still awaited, in words; none when empty.
    pub awaited: String,
    /// What follows, in words.
    pub follow_up: String,
}

/// Root and edition.
const TEMPLATES: [(&str, &str); 1] = [("1.2.250.1.213.1.1.1.29", "2022.01")];
const STATUS: SectionKind = SectionKind {
    templates: &["1.2.250.1.213.1.1.2.35", "1.2.250.1.213.1.1.2.35.1"],
    code: "33557-0",
    label: "Etat d'achèvement",
};
const REASON: SectionKind = SectionKind {
    templates: &["1.3.6.1.4.1.19376.1.5.3.1.3.1", "1.2.250.1.213.1.1.2.127"],
    code: "42349-1",
    label: "Raison de la recommandation",
};
const STAY: SectionKind = SectionKind {
    templates: &[
        "1.3.6.1.4.1.19376.1.5.3.1.1.21.2.9",
        "1.3.6.1.4.1.19376.1.7.3.1.1.13.7",
        "1.2.250.1.213.1.1.2.163",
        "1.2.250.1.213.1.1.2.163.1",
    ],
    code: "42545-4",
    label: "Evènements observés",
};
const AT_DISCHARGE: SectionKind = SectionKind {
    templates: &["1.3.6.1.4.1.19376.1.5.3.1.3.22", "1.2.250.1.213.1.1.2.146"],
    code: "10183-2",
    label: "Traitements à la sortie",
};
const FOLLOW_UP: SectionKind = SectionKind {
    templates: &["2.16.840.1.113883.10.20.1.10", "1.3.6.1.4.1.19376.1.5.3.1.3.36", "1.2.250.1.213.1.1.2.158"],
    code: "18776-5",
    label: "Plan de soins",
};

impl WriteCda for DischargeLetter {
    fn header(&self) -> &HeaderDraft {
        &self.header
    }

    fn to_xml(&self) -> String {
        let mut body = Body::begin(&self.header, &TEMPLATES);
        body.section(&STATUS, "Statut du document", |body| {
            let anchor = body.anchor();
            body.table(&["Statut"], &[vec![Cell::anchored(&anchor, "Approuvé")]]);
            self.observation(body, ".16", ("GEN-065", "Statut du document"), &anchor, |body| {
                body.w.open("value").attribute("xsi:type", "CD").attribute("code", "9571008");
                body.w.attribute("codeSystem", SNOMED).attribute("displayName", "approuvé").close();
            });
        });
        body.words(&REASON, "Motif de l'hospitalisation", &self.reason);
        body.section(&STAY, "Synthèse médicale du séjour", |body| self.stay(body));
        body.section(&AT_DISCHARGE, "Traitements à la sortie", |body| {
            if self.treatments.is_empty() {
                body.paragraphs("Aucun traitement à la sortie.");
            } else {
                body.treatments(&self.treatments);
            }
        });
        let awaited = if self.awaited.is_empty() { "Aucun résultat en attente." } else { &self.awaited };
        body.words(&RESULTS, "Résultats en attente", awaited);
        body.words(&FOLLOW_UP, "Suites à donner", &self.follow_up);
        body.finish()
    }
}

impl DischargeLetter {
    fn stay(&self, body: &mut Body) {
        let events = if self.adverse_events.is_empty() { "Aucun" } else { &self.adverse_events };
        let (stay, adverse) = (body.anchor(), body.anchor());
        body.table(
            &["Rubrique", "Contenu"],
            &[
                vec![Cell::new("Synthèse"), Cell::anchored(&stay, &self.stay)],
                vec![Cell::new("Évènements indésirables"), Cell::anchored(&adverse, events)],
            ],
        );
        self.observation(body, ".9", ("MED-142", "Synthèse médicale"), &stay, |body| {
            text_value(body, &self.stay)
        });
        let label = "Evènements indésirables survenus pendant l'hospitalisation";
        self.observation(body, ".3", ("MED-143", label), &adverse, |body| text_value(body, events));
    }

    fn observation(
        &self,
        body: &mut Body,
        template: &str,
        (code, label): (&str, &str),
        anchor: &str,
        value: impl FnOnce(&mut Body),
    ) {
        body.w.open("entry").open("observation").attribute("classCode", "OBS").attribute("moodCode", "EVN");
        body.template("1.3.6.1.4.1.19376.1.5.3.1.4.13");
        body.template("1.2.250.1.213.1.1.3.48");
        body.template(&format!("1.2.250.1.213.1.1.3.48{template}"));
        body.id();
        coded(&mut body.w, "code", code, TA_ASIP, label);
        body.text_of(anchor);
        body.status("completed");
        body.w.open("effectiveTime").attribute("value", &hl7(self.discharged)).close();
        value(body);
        body.w.close().close();
    }
}

fn text_value(body: &mut Body, text: &str) {
    body.w.open("value").attribute("xsi:type", "ST").text(text).close();
}
