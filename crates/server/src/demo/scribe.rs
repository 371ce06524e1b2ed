//! Writes the documents of one patient: numbers them, and fills the headers.

use dmp_cda::clinical::Period;
use dmp_cda::write::{
    Act, Biology, Chapter, FileBody, HeaderDraft, InjectionDraft, InjectionKind, Level1, Line, PatientDraft,
    Prescription, Route, TreatmentDraft, VaccinationNote, WriteCda,
};
use dmp_dossier::document::{Author, AuthorId, BaseConfidentiality, Institution, Person as PersonInMetadata};
use dmp_dossier::{Code, DocumentUid, Employee, PsId, StructureId, Time, Visibility};
use dmp_nomenclature::{Concept, TypeCode, facility, oid, practice_setting};

use super::cast::{Caregiver, Structure, employee_author};
use super::clinical::{Drug, Lab, Vaccine, day_of};
use super::pdf;
use super::population::Person;

/// A document on its way to the record.
pub struct Paper {
    /// The document.
    pub document: Box<dyn WriteCda>,
    /// Who may see it besides the matrix.
    pub visibility: Visibility,
    /// End of its announcement delay.
    pub release_at: Option<Time>,
    /// The document it replaces.
    pub replaces: Option<DocumentUid>,
}

impl Paper {
    /// A document that all who may read see.
    pub fn visible(document: impl WriteCda + 'static) -> Paper {
        Paper {
            document: Box::new(document),
            visibility: Visibility::VISIBLE,
            release_at: None,
            replaces: None,
        }
    }

    /// Its uniqueId.
    pub fn uid(&self) -> DocumentUid {
        self.document.header().unique_id.clone()
    }
}

/// Writes for one patient.
pub struct Scribe {
    base: String,
    written: u32,
    patient: PatientDraft,
}

/// Who stands where in a header: the parts that do not follow from the patient.
struct Maker {
    author: Author,
    custodian: Institution,
    setting: &'static Concept,
    facility: &'static Concept,
    encounter: Option<Code>,
}

impl Scribe {
    /// A scribe for a patient; identifiers follow from the seed and the number of the dossier.
    pub fn new(seed: u64, number: usize, person: &Person) -> Scribe {
        // An arc of examples; 2017 is the year of the pilot.
        Scribe { base: format!("1.2.250.1.999.2017.{seed}.{number}"), written: 0, patient: person.draft() }
    }

    /// The next identifier.
    pub fn uid(&mut self) -> DocumentUid {
        self.written += 1;
        DocumentUid::parse(&format!("{}.{}", self.base, self.written))
            .expect("digits and dots, within the length")
    }

    /// The header of a document that a caregiver made.
    pub fn header(&mut self, type_code: &str, title: &str, by: &Caregiver, at: Time) -> HeaderDraft {
        let inpatient = by.structure.sector == "SA01";
        let (code, label) = if inpatient { ("IMP", "Hospitalisation") } else { ("AMB", "Ambulatoire") };
        let maker = Maker {
            author: by.author(),
            custodian: by.structure.institution(),
            setting: by.setting(),
            facility: by.structure.facility(),
            encounter: Some(Code::new(code, oid::ACT_CODE.oid, label)),
        };
        self.compose(type_code, title, maker, at)
    }

    fn compose(&mut self, type_code: &str, title: &str, maker: Maker, at: Time) -> HeaderDraft {
        let unique_id = self.uid();
        HeaderDraft {
            set_id: DocumentUid::parse(&format!("{unique_id}.0")).expect("an OID under an OID"),
            unique_id,
            version_number: 1,
            type_code: TypeCode::find(type_code).expect("stories use types of the nomenclature (tested)"),
            title: title.to_owned(),
            created: at,
            confidentiality: BaseConfidentiality::Normal,
            patient: self.patient.clone(),
            authors: vec![maker.author.clone()],
            legal_authenticator: maker.author,
            custodian: maker.custodian,
            order: None,
            act: Act { study: None, code: None, start: minutes_before(at, 30), stop: Some(at) },
            other_acts: Vec::new(),
            practice_setting: maker.setting,
            facility: maker.facility,
            encounter: maker.encounter,
            replaces: None,
        }
    }

    /// A letter: a page of text as PDF.
    pub fn letter(&mut self, type_code: &str, title: &str, text: &str, by: &Caregiver, at: Time) -> Level1 {
        let header = self.header(type_code, title, by, at);
        let place = format!("{}, {}", by.structure.name, french_date(at));
        let signed = format!("{place}\n \n{text}\n \n{}", by.name());
        Level1 { header, body: FileBody::Pdf(pdf::page(title, &signed)) }
    }

    /// A paper that an employee files for their structure, as text.
    pub fn paperwork(
        &mut self,
        type_code: &str,
        title: &str,
        text: &str,
        (employee, structure): (&Employee, &Structure),
        at: Time,
    ) -> Level1 {
        let inpatient = structure.sector == "SA01";
        let setting = if inpatient { "ETABLISSEMENT" } else { "AMBULATOIRE" };
        let maker = Maker {
            author: employee_author(employee),
            custodian: structure.institution(),
            setting: practice_setting::find(setting).expect("JDV_J62 has it"),
            facility: structure.facility(),
            encounter: None,
        };
        let header = self.compose(type_code, title, maker, at);
        let dated = format!("{}, {}\n \n{text}", structure.name, french_date(at));
        Level1 { header, body: FileBody::Pdf(pdf::page(title, &dated)) }
    }

    /// The patient's own words.
    pub fn words(&mut self, type_code: &str, title: &str, text: &str, at: Time) -> Level1 {
        let traits = &self.patient.traits;
        let special = Code::new("EXP_PATIENT", oid::A00.oid, "Expression personnelle du patient");
        let author = Author {
            person: PersonInMetadata {
                id: AuthorId::Patient(self.patient.ins.clone()),
                family: traits.birth_name.clone(),
                given: traits.first_given().to_owned(),
            },
            institution: None,
            role: None,
            specialty: Some(special),
        };
        let maker = Maker {
            author,
            custodian: Institution {
                id: None,
                other_id: Some("1.2.250.1.213.4.1".to_owned()),
                name: "DMP".to_owned(),
            },
            setting: practice_setting::find("EXP_PATIENT").expect("JDV_J62 has it"),
            facility: facility::find("EXP_PATIENT").expect("JDV_J61 has it"),
            encounter: None,
        };
        let header = self.compose(type_code, title, maker, at);
        Level1 { header, body: FileBody::Text(text.to_owned()) }
    }

    /// The insurer's list of what was reimbursed.
    pub fn reimbursements(&mut self, text: &str, from: Time, at: Time) -> Level1 {
        let insurer = Institution {
            id: StructureId::parse("318003502400041"),
            other_id: None,
            name: "Assurance Maladie".to_owned(),
        };
        let author = Author {
            person: PersonInMetadata {
                id: AuthorId::Other {
                    id: "518003502400041/1.2.250.1.999.2017".to_owned(),
                    authority: PsId::OID.to_owned(),
                },
                family: "Assurance Maladie".to_owned(),
                given: String::new(),
            },
            institution: Some(insurer.clone()),
            role: None,
            specialty: Some(Code::new(
                "ALIM_AM",
                oid::A00.oid,
                "Alimentation automatique par l'Assurance Maladie",
            )),
        };
        let maker = Maker {
            author,
            custodian: insurer,
            setting: practice_setting::find("AMO").expect("JDV_J62 has it"),
            facility: facility::find("SA24").expect("JDV_J61 has it"),
            encounter: None,
        };
        let mut header = self.compose("REMB", "Données de remboursement", maker, at);
        header.act.start = from;
        Level1 { header, body: FileBody::Text(text.to_owned()) }
    }

    /// A laboratory report of these values.
    pub fn biology(&mut self, values: &[(&Lab, f64)], by: &Caregiver, at: Time) -> Biology {
        let mut header = self.header("11502-2", "Compte rendu d'examens biologiques", by, at);
        // Sampled in the morning, before the report.
        let sampled = minutes_before(at, 6 * 60);
        header.act.start = sampled;
        let mut chapters: Vec<Chapter> = Vec::new();
        for (lab, value) in values {
            let (code, result) = (lab.chapter(), lab.result(*value, sampled));
            match chapters.iter_mut().find(|chapter| chapter.code == code) {
                Some(chapter) => chapter.results.push(result),
                None => chapters.push(Chapter { code, results: vec![result] }),
            }
        }
        header.act.code = chapters.first().map(|chapter| chapter.code.clone());
        Biology { header, chapters, comment: None, pdf_copy: None }
    }

    /// A prescription of these medicines for so many days.
    pub fn prescription(
        &mut self,
        drugs: &[(&Drug, Option<dmp_cda::clinical::Concept>)],
        days: u32,
        by: &Caregiver,
        at: Time,
    ) -> Prescription {
        let period = Period { start: Some(day_of(at)), stop: Some(day_of(at.plus_days(days))) };
        let lines = drugs
            .iter()
            .map(|(drug, reason)| Line {
                treatment: TreatmentDraft {
                    renewals: (days > 30).then_some(2),
                    ..drug.taken(period, reason.clone())
                },
                ald: false,
                substitutable: true,
            })
            .collect();
        Prescription {
            header: self.header("57833-6", "Ordonnance de médicaments", by, at),
            lines,
            comment: None,
            pdf_copy: None,
        }
    }

    /// An injection given at that time.
    pub fn vaccination(
        &mut self,
        vaccine: &Vaccine,
        rank: u32,
        lot: &str,
        by: &Caregiver,
        at: Time,
    ) -> VaccinationNote {
        let title = format!("Vaccination : {}", vaccine.against);
        VaccinationNote {
            header: self.header("87273-9", &title, by, at),
            injection: InjectionDraft {
                vaccine: vaccine.product(),
                against: vaccine.against.to_owned(),
                date: day_of(at),
                lot: lot.to_owned(),
                kind: if rank > 1 { InjectionKind::Booster } else { InjectionKind::Primary },
                rank,
                route: Route::Intramuscular,
                left_arm: true,
                comment: None,
            },
        }
    }
}

/// That long before.
pub fn minutes_before(at: Time, minutes: i64) -> Time {
    Time::from_millis(at.millis() - minutes * 60_000)
}

/// `12/03/2026`.
pub fn french_date(at: Time) -> String {
    let civil = at.civil();
    format!("{:02}/{:02}/{:04}", civil.day(), civil.month(), civil.year())
}
