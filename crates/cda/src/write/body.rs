//! A structured body under construction: sections, their narrative, and the small elements entries are made of.

use dmp_dossier::code::Code;
use dmp_dossier::time::{Dtm, Precision};
use dmp_xml::Writer;

use super::header::{self, HeaderDraft, coded, identifier, leaf, open_coded};
use crate::clinical::{Concept, Period, Quantity};
use crate::file::encode;
use crate::node::Identifier;

pub(super) const LOINC: &str = "2.16.840.1.113883.6.1";
pub(super) const SNOMED: &str = "2.16.840.1.113883.6.96";
pub(super) const ACT_CODE: &str = "2.16.840.1.113883.5.4";
/// The agency's own terminology.
pub(super) const TA_ASIP: &str = "1.2.250.1.213.1.1.4.322";

const PDF_COPY: SectionKind =
    SectionKind { templates: &["1.2.250.1.213.1.1.2.243"], code: "55108-5", label: "Copie du document" };
/// Words about the document as a whole.
pub(super) const COMMENT: SectionKind = SectionKind {
    templates: &["2.16.840.1.113883.10.12.201", "1.3.6.1.4.1.19376.1.4.1.2.16", "1.2.250.1.213.1.1.2.73"],
    code: "55112-7",
    label: "Commentaire",
};

/// Words of a narrative that entries may point to.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) anchor: Option<String>,
    pub(super) text: String,
}

impl Cell {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Cell { anchor: None, text: text.into() }
    }

    pub(super) fn anchored(anchor: &str, text: impl Into<String>) -> Self {
        Cell { anchor: Some(anchor.to_owned()), text: text.into() }
    }
}

/// What a section is: its templates, its LOINC code, the label of that code.
pub(super) struct SectionKind {
    pub(super) templates: &'static [&'static str],
    pub(super) code: &'static str,
    pub(super) label: &'static str,
}

/// The document being written, inside its `structuredBody`.
pub(super) struct Body {
    pub(super) w: Writer,
    document: Identifier,
    ids: u32,
    anchors: u32,
}

impl Body {
    pub(super) fn begin(header: &HeaderDraft, templates: &[(&str, &str)]) -> Body {
        let mut w = header::begin(header, templates);
        w.open("component").open("structuredBody");
        Body { w, document: header::split(&header.unique_id), ids: 0, anchors: 0 }
    }

    pub(super) fn finish(self) -> String {
        self.w.finish()
    }

    /// A section; `inside` writes its narrative, entries and sub-sections.
    pub(super) fn section(&mut self, kind: &SectionKind, title: &str, inside: impl FnOnce(&mut Body)) {
        self.w.open("component").open("section");
        for template in kind.templates {
            self.template(template);
        }
        self.id();
        coded(&mut self.w, "code", kind.code, LOINC, kind.label);
        self.w.open("title").text(title).close();
        inside(self);
        self.w.close().close();
    }

    /// A section of words alone, a paragraph per line.
    pub(super) fn words(&mut self, kind: &SectionKind, title: &str, text: &str) {
        self.section(kind, title, |body| body.paragraphs(text));
    }

    pub(super) fn paragraphs(&mut self, text: &str) {
        self.w.open("text");
        for line in text.lines() {
            self.w.open("paragraph").text(line).close();
        }
        self.w.close();
    }

    pub(super) fn table(&mut self, heads: &[&str], rows: &[Vec<Cell>]) {
        let w = &mut self.w;
        w.open("text").open("table").open("thead").open("tr");
        for head in heads {
            w.open("th").text(head).close();
        }
        w.close().close().open("tbody");
        for row in rows {
            w.open("tr");
            for cell in row {
                w.open("td");
                match &cell.anchor {
                    Some(anchor) => w.open("content").attribute("ID", anchor).text(&cell.text).close(),
                    None => w.text(&cell.text),
                };
                w.close();
            }
            w.close();
        }
        w.close().close().close();
    }

    /// An identifier of this document for a piece of narrative.
    pub(super) fn anchor(&mut self) -> String {
        self.anchors += 1;
        format!("t{}", self.anchors)
    }

    pub(super) fn template(&mut self, root: &str) {
        leaf(&mut self.w, "templateId", &[("root", root)]);
    }

    /// An `id` of its own: the document's, with a number in the extension.
    pub(super) fn id(&mut self) {
        self.ids += 1;
        let own = self.document.extension.as_deref().map(|e| format!("{e}.")).unwrap_or_default();
        let id =
            Identifier { root: self.document.root.clone(), extension: Some(format!("{own}e{}", self.ids)) };
        identifier(&mut self.w, "id", &id);
    }

    pub(super) fn status(&mut self, code: &str) {
        leaf(&mut self.w, "statusCode", &[("code", code)]);
    }

    /// `text` that points to narrative.
    pub(super) fn text_of(&mut self, anchor: &str) {
        self.w.open("text");
        self.reference(anchor);
        self.w.close();
    }

    fn reference(&mut self, anchor: &str) {
        leaf(&mut self.w, "reference", &[("value", &format!("#{anchor}"))]);
    }

    /// A coded element with its words in the narrative, and its translations.
    pub(super) fn concept(
        &mut self,
        name: &'static str,
        xsi_type: Option<&str>,
        concept: &Concept,
        anchor: Option<&str>,
    ) {
        let (first, translations) = match concept.codes.split_first() {
            Some((first, rest)) => (Some(first), rest),
            None => (None, &[][..]),
        };
        match first {
            Some(code) => open_coded(&mut self.w, name, &code.code, &code.system, &code.label),
            None => {
                self.w.open(name).attribute("nullFlavor", "UNK");
            }
        }
        if let Some(xsi_type) = xsi_type {
            self.w.attribute("xsi:type", xsi_type);
        }
        match (anchor, first) {
            (Some(anchor), _) => {
                self.w.open("originalText");
                self.reference(anchor);
                self.w.close();
            }
            (None, None) => {
                self.w.open("originalText").text(&concept.text).close();
            }
            (None, Some(_)) => {}
        }
        for code in translations {
            self.code("translation", code);
        }
        self.w.close();
    }

    pub(super) fn code(&mut self, name: &'static str, code: &Code) {
        coded(&mut self.w, name, &code.code, &code.system, &code.label);
    }

    /// `effectiveTime` as an interval; `typed` where the schema does not know it is one.
    pub(super) fn interval(&mut self, period: Period, typed: bool) {
        self.w.open("effectiveTime");
        if typed {
            self.w.attribute("xsi:type", "IVL_TS");
        }
        match period.start {
            Some(start) => leaf(&mut self.w, "low", &[("value", &hl7(start))]),
            None => leaf(&mut self.w, "low", &[("nullFlavor", "UNK")]),
        }
        match period.stop {
            Some(stop) => leaf(&mut self.w, "high", &[("value", &hl7(stop))]),
            // A treatment in progress says that its end is unknown (IHE PCC *Medications*).
            None if typed => leaf(&mut self.w, "high", &[("nullFlavor", "UNK")]),
            None => {}
        }
        self.w.close();
    }

    pub(super) fn quantity(&mut self, name: &'static str, quantity: &Quantity) {
        self.w.open(name).attribute("value", &quantity.value);
        if !quantity.unit.is_empty() {
            self.w.attribute("unit", &quantity.unit);
        }
        self.w.close();
    }

    /// Opens `entryRelationship` and a statement in it; both are to be closed.
    pub(super) fn related(&mut self, kind: &str, inverted: bool, statement: &'static str, class: &str) {
        let inverted = if inverted { "true" } else { "false" };
        self.w
            .open("entryRelationship")
            .attribute("typeCode", kind)
            .attribute("inversionInd", inverted)
            .open(statement)
            .attribute("classCode", class)
            .attribute("moodCode", "EVN");
    }
}

impl Body {
    /// The document as it was printed (CI-SIS *FR-Document-PDF-copie*).
    pub(super) fn pdf_copy(&mut self, pdf: &[u8]) {
        self.section(&PDF_COPY, "Copie du document", |body| {
            let anchor = body.anchor();
            let w = &mut body.w;
            w.open("text").open("content").attribute("ID", &anchor).text("Copie du document").close();
            w.open("renderMultiMedia").attribute("referencedObject", "pdf").close().close();
            w.open("entry").open("organizer").attribute("classCode", "CLUSTER").attribute("moodCode", "EVN");
            body.template("1.2.250.1.213.1.1.3.18");
            body.id();
            coded(&mut body.w, "code", "55107-7", LOINC, "Document attaché");
            body.status("completed");
            body.w.open("component").open("observation");
            body.w.attribute("classCode", "OBS").attribute("moodCode", "EVN");
            for template in
                ["1.3.6.1.4.1.19376.1.5.3.1.4.13", "1.2.250.1.213.1.1.3.48", "1.2.250.1.213.1.1.3.48.18"]
            {
                body.template(template);
            }
            body.id();
            coded(&mut body.w, "code", "69764-9", LOINC, "Type de document");
            body.text_of(&anchor);
            body.status("completed");
            leaf(&mut body.w, "effectiveTime", &[("nullFlavor", "NA")]);
            let kind = Code::new(PDF_COPY.code, LOINC, PDF_COPY.label);
            body.concept("value", Some("CD"), &super::concept([kind]), None);
            let w = &mut body.w;
            w.close().close().open("component").open("observationMedia");
            w.attribute("classCode", "OBS").attribute("moodCode", "EVN").attribute("ID", "pdf");
            w.open("value").attribute("mediaType", "application/pdf").attribute("representation", "B64");
            w.text(&encode(pdf)).close();
            w.close().close().close().close();
        });
    }
}

/// A time as HL7 v3 writes it: a day or less as it is, else with its offset.
pub(super) fn hl7(time: Dtm) -> String {
    if time.precision() <= Precision::Day { time.to_hl7() } else { header::local(time.start()) }
}

/// `11/08/2019`, or less when less is known.
pub(super) fn french(time: Dtm) -> String {
    crate::clinical::french_period(&Period { start: Some(time), stop: None })
}
