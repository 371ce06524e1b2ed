//! Vaccination note: one injection (CI-SIS *VAC-NOTE*, IHE PCC *Immunizations*).

use dmp_dossier::time::Dtm;

use super::WriteCda;
use super::body::{ACT_CODE, Body, Cell, LOINC, SNOMED, SectionKind, french, hl7};
use super::header::{HeaderDraft, coded, write_author};
use super::medicine::Route;
use crate::clinical::Concept;

/// What an injection is in its series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InjectionKind {
    /// *1ère série vaccinante*.
    Primary,
    /// *Rappel*.
    Booster,
}

/// An injection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InjectionDraft {
    /// The vaccine: CIS first, then CIP, ATC.
    pub vaccine: Concept,
    /// What it protects from, in words.
    pub against: String,
    /// When.
    pub date: Dtm,
    /// Lot number.
    pub lot: String,
    /// First series or booster.
    pub kind: InjectionKind,
    /// Rank in its series, from 1.
    pub rank: u32,
    /// How it was given.
    pub route: Route,
    /// In the left arm, else in the right one.
    pub left_arm: bool,
    /// Comment in words.
    pub comment: Option<String>,
}

/// A vaccination note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaccinationNote {
    /// The header; type `87273-9`.
    pub header: HeaderDraft,
    /// The injection.
    pub injection: InjectionDraft,
}

/// Root and edition.
const TEMPLATES: [(&str, &str); 2] =
    [("1.3.6.1.4.1.19376.1.5.3.1.1.18.1.2", ""), ("1.2.250.1.213.1.1.1.46", "2023.01")];
const SECTION: SectionKind = SectionKind {
    templates: &["2.16.840.1.113883.10.20.1.6", "1.3.6.1.4.1.19376.1.5.3.1.3.23", "1.2.250.1.213.1.1.2.147"],
    code: "11369-6",
    label: "Historique des vaccinations",
};

impl WriteCda for VaccinationNote {
    fn header(&self) -> &HeaderDraft {
        &self.header
    }

    fn to_xml(&self) -> String {
        let mut body = Body::begin(&self.header, &TEMPLATES);
        body.section(&SECTION, "Vaccination", |body| injection(body, &self.injection, &self.header));
        body.finish()
    }
}

fn injection(body: &mut Body, injection: &InjectionDraft, header: &HeaderDraft) {
    let (vaccine, arm, comment) = (body.anchor(), body.anchor(), body.anchor());
    let (site, side) = if injection.left_arm {
        ("16217701000119102", "deltoïde gauche")
    } else {
        ("16217661000119109", "deltoïde droit")
    };
    body.table(
        &["Date", "Vaccin", "Contre", "Lot", "Rang", "Site", "Remarque"],
        &[vec![
            Cell::new(french(injection.date)),
            Cell::anchored(&vaccine, &injection.vaccine.text),
            Cell::new(&injection.against),
            Cell::new(&injection.lot),
            Cell::new(injection.rank.to_string()),
            Cell::anchored(&arm, side),
            Cell::anchored(&comment, injection.comment.as_deref().unwrap_or_default()),
        ]],
    );
    body.w.open("entry").open("substanceAdministration");
    body.w.attribute("classCode", "SBADM").attribute("moodCode", "EVN").attribute("negationInd", "false");
    for template in
        ["2.16.840.1.113883.10.20.1.24", "1.3.6.1.4.1.19376.1.5.3.1.4.12", "1.2.250.1.213.1.1.3.45"]
    {
        body.template(template);
    }
    body.id();
    let (kind, label) = match injection.kind {
        InjectionKind::Primary => ("INITIMMUNIZ", "1ère série vaccinante"),
        InjectionKind::Booster => ("BOOSTER", "Rappel"),
    };
    coded(&mut body.w, "code", kind, ACT_CODE, label);
    body.text_of(&vaccine);
    body.status("completed");
    body.w.open("effectiveTime").attribute("value", &hl7(injection.date)).close();
    body.code("routeCode", &injection.route.code());
    coded(&mut body.w, "approachSiteCode", site, SNOMED, side);
    body.product(&injection.vaccine, Some(&injection.lot), &vaccine, false);
    // Who vouches for the injection.
    if let Some(author) = header.authors.first() {
        write_author(&mut body.w, author, header.created);
    }
    body.w.open("entryRelationship").attribute("typeCode", "SUBJ").open("observation");
    body.w.attribute("classCode", "OBS").attribute("moodCode", "EVN");
    body.template("2.16.840.1.113883.10.20.1.46");
    body.template("1.2.250.1.213.1.1.3.82");
    coded(&mut body.w, "code", "30973-2", LOINC, "Rang de la vaccination");
    body.status("completed");
    body.w.open("value").attribute("xsi:type", "INT").attribute("value", &injection.rank.to_string()).close();
    body.w.close().close();
    if injection.comment.is_some() {
        body.related("SUBJ", true, "act", "ACT");
        for template in
            ["2.16.840.1.113883.10.20.1.40", "1.3.6.1.4.1.19376.1.5.3.1.4.2", "1.2.250.1.213.1.1.3.32"]
        {
            body.template(template);
        }
        coded(&mut body.w, "code", "48767-8", LOINC, "Commentaire");
        body.text_of(&comment);
        body.status("completed");
        body.w.close().close();
    }
    body.w.close().close();
}
