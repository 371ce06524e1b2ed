//! Entries for medicines, taken or prescribed (CI-SIS *FR-Traitement*, *FR-Traitement-prescrit*).

use dmp_dossier::code::Code;
use dmp_dossier::time::Precision;

use super::body::{ACT_CODE, Body, Cell};
use super::header::coded;
use crate::clinical::{Concept, Period, Quantity, french_period};
use crate::entries::Stage;

/// How a medicine is taken (EDQM).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// *Voie orale*.
    Oral,
    /// *Voie inhalée*.
    Inhaled,
    /// *Voie cutanée*.
    Cutaneous,
    /// *Voie ophtalmique*.
    Ocular,
    /// *Voie nasale*.
    Nasal,
    /// *Voie sous-cutanée*.
    Subcutaneous,
    /// *Voie intramusculaire*.
    Intramuscular,
    /// *Voie intraveineuse*.
    Intravenous,
}

impl Route {
    pub(super) fn code(self) -> Code {
        let (code, label) = match self {
            Route::Oral => ("20053000", "Voie orale"),
            Route::Inhaled => ("20020000", "Voie inhalée"),
            Route::Cutaneous => ("20003000", "Voie cutanée"),
            Route::Ocular => ("20051000", "Voie ophtalmique"),
            Route::Nasal => ("20049000", "Voie nasale"),
            Route::Subcutaneous => ("20066000", "Voie sous-cutanée"),
            Route::Intramuscular => ("20035000", "Voie intramusculaire"),
            Route::Intravenous => ("20045000", "Voie intraveineuse"),
        };
        Code::new(code, "0.4.0.127.0.16.1.1.2.1", label)
    }
}

/// One intake, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dose {
    /// Amount of one intake.
    pub amount: Quantity,
    /// Every how long; absent when taken as needed.
    pub every: Option<Quantity>,
}

/// A medicine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreatmentDraft {
    /// The product: CIS first, then CIP, ATC.
    pub product: Concept,
    /// From when to when; no end for a long-term one.
    pub period: Period,
    /// How it is taken.
    pub route: Route,
    /// How much and how often.
    pub dose: Dose,
    /// The same in words, *1 comprimé le matin*.
    pub posology: String,
    /// What for.
    pub reason: Option<Concept>,
    /// Renewals, of a prescribed one.
    pub renewals: Option<u32>,
}

/// Heads of the table that shows medicines.
pub(super) const HEADS: [&str; 4] = ["Médicament", "Posologie", "Période", "Motif"];

/// The row that shows a medicine.
pub(super) fn row(treatment: &TreatmentDraft, anchor: &str) -> Vec<Cell> {
    let reason = treatment.reason.as_ref().map(|reason| reason.text.clone()).unwrap_or_default();
    let period = french_period(&treatment.period);
    let period = match (treatment.period.start, treatment.period.stop) {
        (Some(start), None) if start.precision() >= Precision::Day => format!("depuis le {period}"),
        (Some(_), None) => format!("depuis {period}"),
        _ => period,
    };
    vec![
        Cell::anchored(anchor, &treatment.product.text),
        Cell::new(&treatment.posology),
        Cell::new(period),
        Cell::new(reason),
    ]
}

const TAKEN: [&str; 4] = [
    "2.16.840.1.113883.10.20.1.24",
    "1.3.6.1.4.1.19376.1.5.3.1.4.7",
    "1.2.250.1.213.1.1.3.42",
    "1.3.6.1.4.1.19376.1.5.3.1.4.7.1",
];
const PRESCRIBED: [&str; 5] = [
    "2.16.840.1.113883.10.20.1.24",
    "1.3.6.1.4.1.19376.1.5.3.1.4.7",
    "1.3.6.1.4.1.19376.1.9.1.3.2",
    "1.2.250.1.213.1.1.3.83",
    "1.3.6.1.4.1.19376.1.5.3.1.4.7.1",
];

impl Body {
    /// A table of medicines, then an entry for each.
    pub(super) fn treatments(&mut self, treatments: &[TreatmentDraft]) {
        let anchors: Vec<_> = treatments.iter().map(|_| self.anchor()).collect();
        let rows: Vec<_> = treatments.iter().zip(&anchors).map(|(t, anchor)| row(t, anchor)).collect();
        self.table(&HEADS, &rows);
        for (treatment, anchor) in treatments.iter().zip(&anchors) {
            self.treatment(treatment, Stage::Taken, anchor, |_| {});
        }
    }

    /// An entry; `more` adds what a line of a prescription says besides.
    pub(super) fn treatment(
        &mut self,
        treatment: &TreatmentDraft,
        stage: Stage,
        anchor: &str,
        more: impl FnOnce(&mut Body),
    ) {
        let prescribed = stage == Stage::Prescribed;
        let (mood, templates) = if prescribed { ("INT", &PRESCRIBED[..]) } else { ("EVN", &TAKEN[..]) };
        self.w.open("entry").open("substanceAdministration");
        self.w.attribute("classCode", "SBADM").attribute("moodCode", mood);
        for template in templates {
            self.template(template);
        }
        self.id();
        coded(&mut self.w, "code", "DRUG", ACT_CODE, "Médicament");
        self.text_of(anchor);
        self.status("completed");
        self.interval(treatment.period, true);
        if let Some(every) = &treatment.dose.every {
            self.w.open("effectiveTime").attribute("xsi:type", "PIVL_TS").attribute("operator", "A");
            self.quantity("period", every);
            self.w.close();
        }
        if let Some(renewals) = treatment.renewals {
            self.w.open("repeatNumber").attribute("value", &renewals.to_string()).close();
        }
        self.code("routeCode", &treatment.route.code());
        self.w.open("doseQuantity");
        self.quantity("low", &treatment.dose.amount);
        self.quantity("high", &treatment.dose.amount);
        self.w.close();
        self.product(&treatment.product, None, anchor, prescribed);
        if let Some(reason) = &treatment.reason {
            self.w.open("entryRelationship").attribute("typeCode", "RSON");
            self.w.open("act").attribute("classCode", "ACT").attribute("moodCode", "EVN");
            self.template("1.3.6.1.4.1.19376.1.5.3.1.4.4.1");
            self.template("1.2.250.1.213.1.1.3.36");
            self.id();
            self.concept("code", None, reason, None);
            self.w.close().close();
        }
        more(self);
        self.w.close().close();
    }

    /// `consumable`, with the lot of a vaccine; a prescription names a kind of product, not a box.
    pub(super) fn product(&mut self, product: &Concept, lot: Option<&str>, anchor: &str, is_kind: bool) {
        self.w.open("consumable").attribute("typeCode", "CSM");
        self.w.open("manufacturedProduct").attribute("classCode", "MANU");
        for template in
            ["2.16.840.1.113883.10.20.1.53", "1.3.6.1.4.1.19376.1.5.3.1.4.7.2", "1.2.250.1.213.1.1.3.43"]
        {
            self.template(template);
        }
        self.w.open("manufacturedMaterial").attribute("classCode", "MMAT");
        if is_kind {
            self.w.attribute("determinerCode", "KIND");
            self.template("1.3.6.1.4.1.19376.1.9.1.3.1");
        }
        self.concept("code", None, product, Some(anchor));
        self.w.open("name").text(&product.text).close();
        if let Some(lot) = lot {
            self.w.open("lotNumberText").text(lot).close();
        }
        self.w.close().close().close();
    }
}
