//! Laboratory report (CI-SIS *CR-BIO*, IHE PALM XD-LAB).

use dmp_dossier::code::Code;
use dmp_dossier::time::Time;

use super::body::{Body, COMMENT, Cell};
use super::header::{HeaderDraft, coded, leaf, time};
use super::{WriteCda, concept};
use crate::clinical::Quantity;

/// A laboratory report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Biology {
    /// The header; type `11502-2`.
    pub header: HeaderDraft,
    /// Its chapters, such as *Biochimie*.
    pub chapters: Vec<Chapter>,
    /// The biologist's words, when there are some.
    pub comment: Option<String>,
    /// The report as it was printed.
    pub pdf_copy: Option<Vec<u8>>,
}

/// A chapter of results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// Its LOINC code, `18719-5`.
    pub code: Code,
    /// Its results.
    pub results: Vec<ResultDraft>,
}

/// One measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultDraft {
    /// What was measured (LOINC), with the name shown.
    pub what: Code,
    /// What was found.
    pub value: Quantity,
    /// Lowest value held for normal.
    pub low: Option<String>,
    /// Highest value held for normal.
    pub high: Option<String>,
    /// When the sample was taken.
    pub sampled: Time,
}

/// Root and edition.
const TEMPLATES: [(&str, &str); 2] = [("1.3.6.1.4.1.19376.1.3.3", ""), ("1.2.250.1.213.1.1.1.55", "2024.01")];
const CHAPTER: [&str; 2] = ["1.3.6.1.4.1.19376.1.3.3.2.1", "1.2.250.1.213.1.1.2.70"];
const INTERPRETATION: &str = "2.16.840.1.113883.5.83";

impl ResultDraft {
    /// `N`, `L` or `H`, where bounds and value are numbers.
    fn interpretation(&self) -> Option<(&'static str, &'static str)> {
        let number = |text: &str| text.parse::<f64>().ok();
        let value = number(&self.value.value)?;
        let low = self.low.as_deref().and_then(number);
        let high = self.high.as_deref().and_then(number);
        match (low, high) {
            (None, None) => None,
            (Some(low), _) if value < low => Some(("L", "Bas")),
            (_, Some(high)) if value > high => Some(("H", "Élevé")),
            _ => Some(("N", "Normal")),
        }
    }

    fn reference(&self) -> String {
        let comma = |text: &String| text.replace('.', ",");
        match (self.low.as_ref().map(comma), self.high.as_ref().map(comma)) {
            (Some(low), Some(high)) => format!("{low} à {high}"),
            (Some(low), None) => format!("≥ {low}"),
            (None, Some(high)) => format!("≤ {high}"),
            (None, None) => String::new(),
        }
    }

    fn row(&self, anchor: &str) -> Vec<Cell> {
        let flag = match self.interpretation() {
            Some(("L", _)) => " ↓",
            Some(("H", _)) => " ↑",
            _ => "",
        };
        let value = format!("{} {}", self.value.value.replace('.', ","), french_unit(&self.value.unit));
        vec![
            Cell::anchored(anchor, &self.what.label),
            Cell::new(format!("{}{flag}", value.trim_end())),
            Cell::new(self.reference()),
        ]
    }
}

impl WriteCda for Biology {
    fn header(&self) -> &HeaderDraft {
        &self.header
    }

    fn to_xml(&self) -> String {
        let mut body = Body::begin(&self.header, &TEMPLATES);
        for chapter in &self.chapters {
            write_chapter(&mut body, chapter);
        }
        if let Some(comment) = &self.comment {
            body.words(&COMMENT, "Commentaire du biologiste", comment);
        }
        if let Some(pdf) = &self.pdf_copy {
            body.pdf_copy(pdf);
        }
        body.finish()
    }
}

/// Sections of a report are named by their chapter; CDA R2 wants no `id` here, unlike elsewhere.
fn write_chapter(body: &mut Body, chapter: &Chapter) {
    body.w.open("component").open("section");
    for template in CHAPTER {
        body.template(template);
    }
    body.code("code", &chapter.code);
    body.w.open("title").text(&chapter.code.label).close();
    let anchors: Vec<_> = chapter.results.iter().map(|_| body.anchor()).collect();
    let rows: Vec<_> = chapter.results.iter().zip(&anchors).map(|(r, anchor)| r.row(anchor)).collect();
    body.table(&["Examen", "Résultat", "Valeurs de référence"], &rows);
    body.w.open("entry").attribute("typeCode", "DRIV");
    body.template("1.3.6.1.4.1.19376.1.3.1");
    body.template("1.2.250.1.213.1.1.3.21");
    body.w.open("act").attribute("classCode", "ACT").attribute("moodCode", "EVN");
    body.code("code", &chapter.code);
    body.status("completed");
    for (result, anchor) in chapter.results.iter().zip(&anchors) {
        write_result(body, result, anchor);
    }
    body.w.close().close().close().close();
}

fn write_result(body: &mut Body, result: &ResultDraft, anchor: &str) {
    body.w.open("entryRelationship").attribute("typeCode", "COMP").open("observation");
    body.w.attribute("classCode", "OBS").attribute("moodCode", "EVN");
    body.template("1.3.6.1.4.1.19376.1.3.1.6");
    body.template("1.2.250.1.213.1.1.3.80");
    body.id();
    body.concept("code", None, &concept([result.what.clone()]), Some(anchor));
    body.text_of(anchor);
    body.status("completed");
    time(&mut body.w, "effectiveTime", result.sampled);
    physical(body, "value", &result.value);
    if let Some((code, label)) = result.interpretation() {
        coded(&mut body.w, "interpretationCode", code, INTERPRETATION, label);
    }
    if result.low.is_some() || result.high.is_some() {
        body.w.open("referenceRange").attribute("typeCode", "REFV").open("observationRange");
        body.w.attribute("classCode", "OBS").attribute("moodCode", "EVN.CRT");
        body.w.open("value").attribute("xsi:type", "IVL_PQ");
        for (bound, name) in [(&result.low, "low"), (&result.high, "high")] {
            if let Some(value) = bound {
                leaf(&mut body.w, name, &[("value", value), ("unit", unit(&result.value))]);
            }
        }
        body.w.close();
        coded(&mut body.w, "interpretationCode", "N", INTERPRETATION, "Normal");
        body.w.close().close();
    }
    body.w.close().close();
}

fn physical(body: &mut Body, name: &'static str, quantity: &Quantity) {
    body.w.open(name).attribute("xsi:type", "PQ").attribute("value", &quantity.value);
    body.w.attribute("unit", unit(quantity)).close();
}

/// A unit as French reports print it.
fn french_unit(ucum: &str) -> &str {
    match ucum {
        "m[IU]/L" => "mUI/L",
        "umol/L" => "µmol/L",
        "ug/L" => "µg/L",
        "10*9/L" => "G/L",
        "10*12/L" => "T/L",
        "mL/min/{1.73_m2}" => "mL/min/1,73 m²",
        other => other,
    }
}

/// UCUM writes `1` where there is no unit.
fn unit(quantity: &Quantity) -> &str {
    if quantity.unit.is_empty() { "1" } else { &quantity.unit }
}
