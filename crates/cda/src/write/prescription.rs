//! Prescription of medicines (CI-SIS *eP-MED-DM*, IHE PHARM PRE).

use super::WriteCda;
use super::body::{Body, COMMENT, Cell, SectionKind, TA_ASIP};
use super::header::{HeaderDraft, coded, time};
use super::medicine::{HEADS, TreatmentDraft, row};
use crate::entries::Stage;

/// A line of a prescription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The medicine.
    pub treatment: TreatmentDraft,
    /// For a long-term illness covered in full (*ALD*).
    pub ald: bool,
    /// The pharmacist may hand out an equivalent.
    pub substitutable: bool,
}

/// A prescription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prescription {
    /// The header; type `57833-6`.
    pub header: HeaderDraft,
    /// Its lines, at least one.
    pub lines: Vec<Line>,
    /// Words for the pharmacist or the patient.
    pub comment: Option<String>,
    /// The prescription as it was printed.
    pub pdf_copy: Option<Vec<u8>>,
}

/// Root and edition.
const TEMPLATES: [(&str, &str); 3] = [
    ("1.3.6.1.4.1.19376.1.9.1.1.1", ""),
    ("1.3.6.1.4.1.19376.1.5.3.1.1.1", ""),
    ("1.2.250.1.213.1.1.1.39", "2024.01"),
];
const LINES: SectionKind = SectionKind {
    templates: &["1.3.6.1.4.1.19376.1.9.1.2.1", "1.2.250.1.213.1.1.2.171"],
    code: "57828-6",
    label: "Prescriptions",
};

impl WriteCda for Prescription {
    fn header(&self) -> &HeaderDraft {
        &self.header
    }

    fn to_xml(&self) -> String {
        let mut body = Body::begin(&self.header, &TEMPLATES);
        body.section(&LINES, "Médicaments prescrits", |body| self.lines(body));
        if let Some(comment) = &self.comment {
            body.words(&COMMENT, "Commentaire", comment);
        }
        if let Some(pdf) = &self.pdf_copy {
            body.pdf_copy(pdf);
        }
        body.finish()
    }
}

impl Prescription {
    fn lines(&self, body: &mut Body) {
        let anchors: Vec<_> = self.lines.iter().map(|_| (body.anchor(), body.anchor())).collect();
        let rows: Vec<_> = self
            .lines
            .iter()
            .zip(&anchors)
            .map(|(line, (product, note))| {
                let mut cells = row(&line.treatment, product);
                cells.push(Cell::anchored(note, line.note()));
                cells
            })
            .collect();
        let heads: Vec<_> = HEADS.into_iter().chain(["Mentions"]).collect();
        body.table(&heads, &rows);
        for (line, (product, note)) in self.lines.iter().zip(&anchors) {
            body.treatment(&line.treatment, Stage::Prescribed, product, |body| {
                self.mentions(body, line, note)
            });
        }
    }

    /// What a line says besides the medicine; work accidents, off-label use and no reimbursement are not offered.
    fn mentions(&self, body: &mut Body, line: &Line, anchor: &str) {
        let (code, label) =
            if line.substitutable { ("G", "Générique") } else { ("N", "Aucune substitution permise") };
        body.w.open("entryRelationship").attribute("typeCode", "COMP");
        body.w.open("act").attribute("classCode", "ACT").attribute("moodCode", "DEF");
        body.template("1.3.6.1.4.1.19376.1.9.1.3.9.1");
        body.template("1.2.250.1.213.1.1.3.87");
        coded(&mut body.w, "code", code, "2.16.840.1.113883.5.1070", label);
        body.status("completed");
        body.w.close().close();
        for (template, code, label, value) in [
            (".13", "MED-574", "En rapport avec une ALD", line.ald),
            (
                ".14",
                "GEN-180",
                "En rapport avec un accident du travail ou une maladie professionnelle",
                false,
            ),
            (".15", "GEN-181", "Non remboursable", false),
            (".12", "GEN-179", "Hors Autorisation de Mise sur le Marché (AMM)", false),
        ] {
            body.w.open("entryRelationship").attribute("typeCode", "COMP");
            body.w.open("observation").attribute("classCode", "OBS").attribute("moodCode", "EVN");
            body.template("1.3.6.1.4.1.19376.1.5.3.1.4.13");
            body.template("1.2.250.1.213.1.1.3.48");
            body.template(&format!("1.2.250.1.213.1.1.3.48{template}"));
            body.id();
            coded(&mut body.w, "code", code, TA_ASIP, label);
            body.text_of(anchor);
            body.status("completed");
            time(&mut body.w, "effectiveTime", self.header.created);
            let value = if value { "true" } else { "false" };
            body.w.open("value").attribute("xsi:type", "BL").attribute("value", value).close();
            body.w.close().close();
        }
    }
}

impl Line {
    fn note(&self) -> String {
        let renewals = self.treatment.renewals.filter(|n| *n > 0).map(|n| format!("à renouveler {n} fois"));
        let ald = self.ald.then(|| "ALD".to_owned());
        let substitution = (!self.substitutable).then(|| "non substituable".to_owned());
        [renewals, ald, substitution].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}
