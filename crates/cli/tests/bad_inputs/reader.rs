//! Marie at her screen: a session of the pages, and her documents opened one by one.

use crate::case::World;
use crate::common::lot::BIRTH;
use crate::common::{Answer, Demo, Document, Lot, Patient, Request};

/// A persona of the demo, signed in on the pages.
pub struct Reader {
    pub patient: Patient,
    /// `Cookie` of her session.
    pub cookie: String,
    /// Address of her dossier.
    pub dossier: String,
    birth: String,
}

impl Reader {
    /// Signs in as `marie`.
    pub fn marie(demo: &Demo) -> Self {
        let patient = Patient { ins: "284073523811416", family: "", given: "" };
        let cookie = demo.sign_in("marie");
        let home = demo.send(&Request::get("/").header("Cookie", &cookie));
        let dossier =
            home.header("location").unwrap_or_else(|| panic!("no dossier: {}", home.brief())).to_owned();
        let path = format!("/fhir/Patient?identifier={}", patient.identifier());
        let found = demo.get(&path, &demo.persona("marie")).json();
        let birth = found["entry"][0]["resource"]["birthDate"].as_str().unwrap().replace('-', "");
        Reader { patient, cookie, dossier, birth }
    }

    /// A synthesis of hers.
    pub fn synthese(&self, number: u32) -> Document {
        Document::synthese(self.patient, number).edit(&BIRTH.replace('-', ""), &self.birth)
    }

    /// An imaging report of hers.
    pub fn pdf(&self, number: u32) -> Document {
        Document::pdf(self.patient, number).edit(&BIRTH.replace('-', ""), &self.birth)
    }
}

impl World {
    /// Publishes a document and opens it as Marie: its page, followed by what the reading frame holds.
    pub fn marie_reads(&self, document: &Document) -> Answer {
        self.marie_reads_lot(&Lot::of(&[self.lure(document)]))
    }

    /// The same of a lot of one document.
    pub fn marie_reads_lot(&self, lot: &Lot) -> Answer {
        let published = self.send_lot(lot);
        if published.status != 200 {
            return published;
        }
        self.marie_opens(&published.published_id())
    }

    /// A document opened as Marie: its page, followed by what the reading frame holds.
    pub fn marie_opens(&self, id: &str) -> Answer {
        let address = format!("{}/document/{id}", self.marie.dossier);
        let mut page = self.as_marie(&address);
        let frame = self.as_marie(&format!("{address}/lecture"));
        if frame.status != 200 {
            return frame;
        }
        page.body.extend(frame.body);
        page
    }

    /// A page as Marie gets it.
    pub fn as_marie(&self, path: &str) -> Answer {
        self.demo.send(&Request::get(path).header("Cookie", &self.marie.cookie))
    }
}
