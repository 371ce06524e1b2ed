//! Imaging report (CI-SIS *CR-IMG*, DICOM PS3.20).

use dmp_dossier::code::Code;

use super::WriteCda;
use super::body::{Body, Cell, LOINC, SNOMED, SectionKind};
use super::header::{HeaderDraft, coded, leaf, open_coded, time};

/// Terminology of DICOM (PS3.16).
const DCM: &str = "1.2.840.10008.2.16.4";

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// The act, LOINC or CCAM.
    pub act: Code,
    /// Modality (DICOM), `CT` *Tomodensitométrie*.
    pub modality: Code,
    /// Part of the body (SNOMED CT), as code and label.
    pub site: (String, String),
    /// Kind of images (DICOM SOP class), as UID and name.
    pub image_class: (String, String),
    /// Technique, in words.
    pub technique: String,
}

/// An imaging report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagingReport {
    /// The header; type `18748-4`. Its act is the study.
    pub header: HeaderDraft,
    /// Why it was asked for, in words.
    pub indication: String,
    /// What was done.
    pub examination: Examination,
    /// Medical history that matters, in words; none when empty.
    pub medical_history: String,
    /// Operations that matter, in words; none when empty.
    pub surgical_history: String,
    /// Contra-indications, in words; none when empty.
    pub contraindications: String,
    /// Earlier examinations it was compared with, in words; none when empty.
    pub comparison: String,
    /// What was seen, in words.
    pub findings: String,
    /// Conclusion, in words.
    pub conclusion: String,
}

/// Root and edition.
const TEMPLATES: [(&str, &str); 4] = [
    ("1.2.840.10008.9.1", ""),
    ("1.2.840.10008.9.20", ""),
    ("1.2.840.10008.9.21", ""),
    ("1.2.250.1.213.1.1.1.45", "2024.01"),
];
const CLINICAL: SectionKind = SectionKind {
    templates: &["1.2.840.10008.9.2", "1.2.250.1.213.1.1.2.205"],
    code: "55752-0",
    label: "Informations cliniques",
};
const REQUEST: SectionKind = SectionKind {
    templates: &["1.2.840.10008.9.7", "1.2.250.1.213.1.1.2.211"],
    code: "55115-0",
    label: "Demande",
};
const HISTORY: SectionKind = SectionKind {
    templates: &["2.16.840.1.113883.10.20.22.2.39", "1.2.250.1.213.1.1.2.213"],
    code: "11329-0",
    label: "Historique médical",
};
const TECHNIQUE: SectionKind = SectionKind {
    templates: &["1.2.840.10008.9.3", "1.2.250.1.213.1.1.2.206"],
    code: "55111-9",
    label: "Description de l'acte d'imagerie",
};
const FINDINGS: SectionKind = SectionKind {
    templates: &["2.16.840.1.113883.10.20.6.1.2", "1.2.250.1.213.1.1.2.208"],
    code: "59776-5",
    label: "Résultats de l'acte",
};
const COMPARISON: SectionKind = SectionKind {
    templates: &["1.2.840.10008.9.4", "1.2.250.1.213.1.1.2.207"],
    code: "18834-2",
    label: "Examen de comparaison radiologique",
};
const CONCLUSION: SectionKind = SectionKind {
    templates: &["1.2.840.10008.9.5", "1.2.250.1.213.1.1.2.209"],
    code: "19005-8",
    label: "Conclusions",
};

impl WriteCda for ImagingReport {
    fn header(&self) -> &HeaderDraft {
        &self.header
    }

    fn to_xml(&self) -> String {
        let mut body = Body::begin(&self.header, &TEMPLATES);
        body.section(&CLINICAL, "Informations cliniques", |body| {
            body.paragraphs(&self.indication);
            body.words(&REQUEST, "Justification de la demande", &self.indication);
            body.section(&HISTORY, "Antécédents et contre-indications", |body| self.history(body));
        });
        body.section(&TECHNIQUE, "Technique", |body| self.technique(body));
        body.words(&FINDINGS, "Résultats", &self.findings);
        if !self.comparison.is_empty() {
            body.words(&COMPARISON, "Comparaison avec les examens antérieurs", &self.comparison);
        }
        body.words(&CONCLUSION, "Conclusion", &self.conclusion);
        body.finish()
    }
}

impl ImagingReport {
    fn history(&self, body: &mut Body) {
        let or_none = |words: &str| if words.is_empty() { "Aucun".to_owned() } else { words.to_owned() };
        let rows = [
            (body.anchor(), "11348-0", "Antécédents médicaux", or_none(&self.medical_history)),
            (body.anchor(), "47519-4", "Antécédents chirurgicaux", or_none(&self.surgical_history)),
            (body.anchor(), "64100-1", "Contre-indications", or_none(&self.contraindications)),
        ];
        let cells =
            rows.iter().map(|(anchor, _, label, text)| vec![Cell::new(*label), Cell::anchored(anchor, text)]);
        body.table(&["Rubrique", "Contenu"], &cells.collect::<Vec<_>>());
        for (anchor, code, label, _) in &rows {
            body.w
                .open("entry")
                .open("observation")
                .attribute("classCode", "OBS")
                .attribute("moodCode", "EVN");
            body.template("2.16.840.1.113883.10.20.6.2.13");
            body.template("1.2.250.1.213.1.1.3.150");
            body.id();
            coded(&mut body.w, "code", code, LOINC, label);
            body.text_of(anchor);
            body.status("completed");
            time(&mut body.w, "effectiveTime", self.header.act.start);
            body.w.open("value").attribute("xsi:type", "CD").open("originalText");
            leaf(&mut body.w, "reference", &[("value", &format!("#{anchor}"))]);
            body.w.close().close();
            leaf(&mut body.w, "targetSiteCode", &[("nullFlavor", "MSK")]);
            body.w.close().close();
        }
    }

    fn technique(&self, body: &mut Body) {
        let done = &self.examination;
        let anchor = body.anchor();
        body.table(
            &["Examen", "Modalité", "Région", "Technique"],
            &[vec![
                Cell::anchored(&anchor, &done.act.label),
                Cell::new(&done.modality.label),
                Cell::new(&done.site.1),
                Cell::new(&done.technique),
            ]],
        );
        body.w.open("entry").open("procedure").attribute("classCode", "PROC").attribute("moodCode", "EVN");
        body.template("1.2.840.10008.9.14");
        body.template("1.2.250.1.213.1.1.3.153");
        body.id();
        body.code("code", &done.act);
        body.text_of(&anchor);
        time(&mut body.w, "effectiveTime", self.header.act.start);
        body.code("methodCode", &done.modality);
        coded(&mut body.w, "targetSiteCode", &done.site.0, SNOMED, &done.site.1);
        body.w.close().close();
        if let Some(study) = &self.header.act.study {
            self.catalogue(body, &study.root);
        }
    }

    /// The study, and in it one series of one image: what a viewer needs to ask the archive for it.
    fn catalogue(&self, body: &mut Body, study: &str) {
        let (series, image) = (format!("{study}.1"), format!("{study}.1.1"));
        let modality = &self.examination.modality;
        let at = self.header.act.start;
        body.w.open("component").open("section");
        body.template("2.16.840.1.113883.10.20.6.1.1");
        body.template("1.2.250.1.213.1.1.2.217");
        body.id();
        coded(&mut body.w, "code", "121181", DCM, "Catalogue d'objets DICOM");
        body.w.open("title").text("Catalogue d'objets DICOM").close();
        body.paragraphs(&format!("Étude {study}, une série ({}).", modality.label));
        body.w.open("entry").open("act").attribute("classCode", "ACT").attribute("moodCode", "EVN");
        body.template("1.2.840.10008.9.16");
        body.template("1.2.250.1.213.1.1.3.155");
        leaf(&mut body.w, "id", &[("root", study)]);
        coded(&mut body.w, "code", "113014", DCM, "Examen");
        time(&mut body.w, "effectiveTime", at);
        body.related("COMP", false, "act", "ACT");
        body.template("1.2.840.10008.9.17");
        body.template("1.2.250.1.213.1.1.3.156");
        leaf(&mut body.w, "id", &[("root", &series)]);
        open_coded(&mut body.w, "code", "113015", DCM, "Séries");
        body.w.open("qualifier");
        coded(&mut body.w, "name", "121139", DCM, "Modalité");
        body.code("value", modality);
        body.w.close().close();
        time(&mut body.w, "effectiveTime", at);
        body.related("COMP", false, "observation", "DGIMG");
        body.template("1.2.840.10008.9.18");
        body.template("1.2.250.1.213.1.1.3.157");
        leaf(&mut body.w, "id", &[("root", &image)]);
        let class = &self.examination.image_class;
        coded(&mut body.w, "code", &class.0, "1.2.840.10008.2.6.1", &class.1);
        time(&mut body.w, "effectiveTime", at);
        body.w.close().close().close().close();
        body.w.close().close().close().close();
    }
}
