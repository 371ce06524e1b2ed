//! One document of each kind, written with everything it can hold.

use dmp_cda::Identifier;
use dmp_cda::clinical::{Concept, Period, Quantity};
use dmp_cda::entries::PersonRole;
use dmp_cda::write::{
    Act, AllergyDraft, AllergyKind, Biology, Chapter, DischargeLetter, Dose, Examination, FamilyHistory,
    FileBody, Habit, HeaderDraft, HealthProfile, ImagingReport, InjectionDraft, InjectionKind, Level1, Line,
    MeasureDraft, Operation, OrderDraft, PatientDraft, PersonDraft, PersonsToCall, Prescription,
    ProblemDraft, Relative, ResultDraft, Route, Severity, StatedTreatment, Synthesis, TreatmentDraft,
    VaccinationNote, WriteCda, concept,
};
use dmp_dossier::actor::{PsId, StructureId};
use dmp_dossier::code::{Code, DocumentUid};
use dmp_dossier::document::{Author, AuthorId, BaseConfidentiality, Institution, Person};
use dmp_dossier::identity::{Contact, Ins, InsOid, Sex, Traits};
use dmp_dossier::time::{Dtm, Time};
use dmp_nomenclature::{TypeCode, facility, practice_setting};

pub const LOINC: &str = "2.16.840.1.113883.6.1";
const CIM10: &str = "2.16.840.1.113883.6.3";
const CIS: &str = "1.2.250.1.213.2.3.1";
const ATC: &str = "2.16.840.1.113883.6.73";

pub fn at(hl7: &str) -> Time {
    Dtm::parse(hl7).unwrap().start()
}

pub fn day(hl7: &str) -> Dtm {
    Dtm::parse(hl7).unwrap()
}

fn ins() -> Ins {
    Ins::parse("284073523811416", InsOid::Test).unwrap()
}

/// A name with everything that XML escapes, to be found again as it is.
pub const HARD_NAME: &str = "D'EXEMPLE & <FILS> \"né\" é漢";

pub fn doctor() -> Author {
    Author {
        person: Person {
            id: AuthorId::Professional(PsId::parse("899900063480").unwrap()),
            family: HARD_NAME.to_owned(),
            given: "Luc".to_owned(),
        },
        institution: Some(Institution {
            id: StructureId::parse("499900063480001"),
            other_id: None,
            name: "Cabinet du Dr Libre".to_owned(),
        }),
        role: Some(Code::new("PCP", "2.16.840.1.113883.5.88", "Médecin traitant")),
        specialty: Some(Code::new(
            "G15_10/SM26",
            "1.2.250.1.213.1.1.4.5",
            "Médecin - Qualifié en médecine générale (SM)",
        )),
    }
}

pub fn the_patient_as_author() -> Author {
    Author {
        person: Person {
            id: AuthorId::Patient(ins()),
            family: "EXEMPLE".to_owned(),
            given: "MARIE".to_owned(),
        },
        institution: None,
        role: None,
        specialty: Some(Code::new(
            "EXP_PATIENT",
            "1.2.250.1.213.1.1.4.6",
            "Expression personnelle du patient",
        )),
    }
}

pub fn the_insurer_as_author() -> Author {
    Author {
        person: Person {
            id: AuthorId::Other {
                id: "518003502400041/1.2.250.1.999.2".to_owned(),
                authority: PsId::OID.to_owned(),
            },
            family: "Assurance Maladie".to_owned(),
            given: String::new(),
        },
        institution: Some(Institution {
            id: StructureId::parse("318003502400041"),
            other_id: None,
            name: "Assurance Maladie".to_owned(),
        }),
        role: None,
        specialty: Some(Code::new("ALIM_AM", "1.2.250.1.213.1.1.4.6", "Alimentation automatique")),
    }
}

pub fn header(uid: &str, type_code: &str, author: Author) -> HeaderDraft {
    HeaderDraft {
        unique_id: DocumentUid::parse(uid).unwrap(),
        set_id: DocumentUid::parse("1.2.250.1.999.7^set-1").unwrap(),
        version_number: 2,
        type_code: TypeCode::find(type_code).unwrap(),
        title: "Titre <b>& suite</b>".to_owned(),
        created: at("20251102093015"),
        confidentiality: BaseConfidentiality::Restricted,
        patient: PatientDraft {
            ins: ins(),
            traits: Traits {
                birth_name: HARD_NAME.to_owned(),
                given_names: "MARIE CLAIRE".to_owned(),
                birth_date: "19840712".to_owned(),
                sex: Sex::Female,
                birth_place: "35238".to_owned(),
                used_name: Some("MODELE".to_owned()),
                used_given: Some("CLAIRE".to_owned()),
            },
            contact: Contact {
                phone: Some("06 12 34 56 78".to_owned()),
                mail: Some("marie@exemple.fr".to_owned()),
                address: Some("3 rue des Essais, 22000 Saint-Brieuc".to_owned()),
            },
            local_id: Some(Identifier {
                root: "1.2.250.1.999.1.1".to_owned(),
                extension: Some("IPP-42".to_owned()),
            }),
        },
        authors: vec![author.clone()],
        legal_authenticator: author,
        custodian: Institution {
            id: StructureId::parse("499900063480001"),
            other_id: None,
            name: "Cabinet du Dr Libre".to_owned(),
        },
        order: Some(OrderDraft {
            id: Identifier { root: "1.2.250.1.999.8".to_owned(), extension: Some("D-77".to_owned()) },
            accession: None,
        }),
        act: Act {
            study: None,
            code: Some(Code::new(
                "DEQP003",
                "1.2.250.1.213.2.5",
                "Électrocardiographie sur au moins 12 dérivations",
            )),
            start: at("20251102083000"),
            stop: Some(at("20251102090000")),
        },
        other_acts: vec![Code::new("J45.0", CIM10, "Asthme à prédominance allergique")],
        practice_setting: practice_setting::find("AMBULATOIRE").unwrap(),
        facility: facility::find("SA07").unwrap(),
        encounter: Some(Code::new("AMB", "2.16.840.1.113883.5.4", "Ambulatoire")),
        replaces: DocumentUid::parse("1.2.250.1.999.1^A7"),
    }
}

fn treatment(name: &str, renewals: Option<u32>) -> TreatmentDraft {
    TreatmentDraft {
        product: concept([
            Code::new("62080626", CIS, name),
            Code::new("3400930065785", "1.2.250.1.213.2.3.2", "Boîte de 30"),
            Code::new("H03AA01", ATC, "lévothyroxine sodique"),
        ]),
        period: Period { start: Some(day("20240110")), stop: None },
        route: Route::Oral,
        dose: Dose {
            amount: Quantity { value: "1".to_owned(), unit: "{tablet}".to_owned() },
            every: Some(Quantity { value: "24".to_owned(), unit: "h".to_owned() }),
        },
        posology: "1 comprimé le matin à jeun".to_owned(),
        reason: Some(concept([Code::new("E06.3", CIM10, "Thyroïdite auto-immune")])),
        renewals,
    }
}

pub fn synthesis() -> Synthesis {
    Synthesis {
        header: header("1.2.250.1.999.1.1", "60591-5", doctor()),
        problems: vec![ProblemDraft {
            what: concept([Code::new("J45.0", CIM10, "Asthme à prédominance allergique")]),
            period: Period { start: Some(day("199203")), stop: None },
        }],
        history: vec![ProblemDraft {
            what: concept([Code::new("N10", CIM10, "Pyélonéphrite aiguë")]),
            period: Period { start: Some(day("20180422")), stop: Some(day("20180430")) },
        }],
        operations: vec![Operation {
            what: Code::new("HHFA016", "1.2.250.1.213.2.5", "Appendicectomie"),
            date: day("1999"),
        }],
        allergies: vec![AllergyDraft {
            agent: concept([Code::new("J01C", ATC, "Pénicillines")]),
            kind: AllergyKind::Medicine,
            onset: Some(day("2006")),
            reactions: vec![(
                concept([Code::new("L50.0", CIM10, "Urticaire allergique")]),
                Some(Severity::Moderate),
            )],
        }],
        habits: vec![Habit {
            what: Code::new("74011-8", LOINC, "Consommation tabagique"),
            found: "Ne fume pas.".to_owned(),
        }],
        family: vec![FamilyHistory {
            relative: Relative::Mother,
            what: concept([Code::new("C50.9", CIM10, "Tumeur maligne du sein")]),
        }],
        vigilance: "Contrôler la TSH deux fois par an.".to_owned(),
        treatments: vec![treatment("LEVOTHYROX 75 microgrammes, comprimé sécable", None)],
    }
}

/// What a patient writes of their health, with and without what is optional.
pub fn health_profile(header: HeaderDraft) -> HealthProfile {
    let words = |text: &str| Concept { text: text.to_owned(), codes: Vec::new() };
    let measure = |code: &str, label: &str, value: &str, unit: &str| MeasureDraft {
        what: Code::new(code, LOINC, label),
        value: Quantity { value: value.to_owned(), unit: unit.to_owned() },
        at: at("20251030073000"),
    };
    HealthProfile {
        header,
        allergies: vec![
            AllergyDraft {
                agent: words("Noix & <noisettes>"),
                kind: AllergyKind::Food,
                onset: Some(day("2012")),
                reactions: vec![(words("Gonflement des lèvres"), None)],
            },
            AllergyDraft {
                agent: words("Pollens"),
                kind: AllergyKind::Environment,
                onset: None,
                reactions: vec![],
            },
        ],
        treatments: vec![
            StatedTreatment {
                product: "Vitamine D".to_owned(),
                posology: "1 ampoule par mois".to_owned(),
                since: Some(day("202501")),
            },
            StatedTreatment { product: "Mélatonine".to_owned(), posology: String::new(), since: None },
        ],
        problems: vec![ProblemDraft {
            what: words("Migraines"),
            period: Period { start: Some(day("2019")), stop: None },
        }],
        history: vec![ProblemDraft {
            what: words("Appendicite"),
            period: Period { start: Some(day("1999")), stop: None },
        }],
        measures: vec![
            measure("29463-7", "Poids", "64.5", "kg"),
            measure("8480-6", "Tension systolique", "122", "mm[Hg]"),
        ],
    }
}

/// The persons a patient names.
pub fn persons(header: HeaderDraft) -> PersonsToCall {
    let person = |role, name: &str, tie: &str, phone: &str| PersonDraft {
        role,
        name: name.to_owned(),
        tie: tie.to_owned(),
        phone: phone.to_owned(),
    };
    PersonsToCall {
        header,
        persons: vec![
            person(PersonRole::Trusted, "Anne D'EXEMPLE & <fils>", "sœur", "06 00 00 00 00"),
            person(PersonRole::ToCall, "Paul EXEMPLE", "", "+33 6 00 00 00 01"),
        ],
    }
}

pub fn biology() -> Biology {
    let result = |code: &str, label: &str, value: &str, unit: &str, low: Option<&str>, high: Option<&str>| {
        ResultDraft {
            what: Code::new(code, LOINC, label),
            value: Quantity { value: value.to_owned(), unit: unit.to_owned() },
            low: low.map(str::to_owned),
            high: high.map(str::to_owned),
            sampled: at("20251102083000"),
        }
    };
    Biology {
        header: header("1.2.250.1.999.1^BIO-1", "11502-2", doctor()),
        chapters: vec![
            Chapter {
                code: Code::new("18719-5", LOINC, "Biochimie"),
                results: vec![
                    result("3016-3", "TSH", "5.20", "m[IU]/L", Some("0.40"), Some("4.00")),
                    result("2345-7", "Glycémie à jeun", "0.92", "g/L", Some("0.70"), Some("1.10")),
                    result("2085-9", "Cholestérol HDL", "0.35", "g/L", Some("0.40"), None),
                ],
            },
            Chapter {
                code: Code::new("18723-7", LOINC, "Hématologie"),
                results: vec![result("6301-6", "INR", "1.1", "", None, None)],
            },
        ],
        comment: Some("Prélèvement conforme.".to_owned()),
        pdf_copy: Some(b"%PDF-1.4\n%%EOF".to_vec()),
    }
}

pub fn every_document() -> Vec<(&'static str, Box<dyn WriteCda>)> {
    let discharge = DischargeLetter {
        header: header("1.2.250.1.999.1.3", "11490-0", doctor()),
        reason: "Fracture du plateau tibial.".to_owned(),
        stay: "Ostéosynthèse le lendemain de l'entrée, suites simples.".to_owned(),
        discharged: day("20251102"),
        adverse_events: String::new(),
        treatments: vec![treatment("ENOXAPARINE EXEMPLE", None)],
        awaited: String::new(),
        follow_up: "Consultation à six semaines.\nKinésithérapie.".to_owned(),
    };
    let prescription = Prescription {
        header: header("C2AD5D22-4ED9-44D6-AD9B-4292BA64131F", "57833-6", doctor()),
        lines: vec![Line {
            treatment: treatment("LEVOTHYROX 75 microgrammes, comprimé sécable", Some(3)),
            ald: true,
            substitutable: false,
        }],
        comment: Some("À revoir dans six mois.".to_owned()),
        pdf_copy: Some(b"%PDF-1.4\n%%EOF".to_vec()),
    };
    let vaccination = VaccinationNote {
        header: header("1.2.250.1.999.1.5", "87273-9", doctor()),
        injection: InjectionDraft {
            vaccine: concept([
                Code::new("61402736", CIS, "VAXIGRIPTETRA"),
                Code::new("J07BB02", ATC, "grippe, antigène purifié"),
            ]),
            against: "Grippe".to_owned(),
            date: day("20251102"),
            lot: "LOT-42".to_owned(),
            kind: InjectionKind::Booster,
            rank: 2,
            route: Route::Intramuscular,
            left_arm: true,
            comment: Some("Bien toléré".to_owned()),
        },
    };
    let mut imaging_header = header("1.2.250.1.999.1.6", "18748-4", doctor());
    if let Some(order) = &mut imaging_header.order {
        order.accession =
            Some(Identifier { root: "1.2.250.1.999.9".to_owned(), extension: Some("A-12".to_owned()) });
    }
    imaging_header.act.study = Some(Identifier { root: "1.2.250.1.999.27.1".to_owned(), extension: None });
    let imaging = ImagingReport {
        header: imaging_header,
        indication: "Douleur du genou.".to_owned(),
        examination: Examination {
            act: Code::new("NFQK001", "1.2.250.1.213.2.5", "Radiographie du genou"),
            modality: Code::new("DX", "1.2.840.10008.2.16.4", "Radiographie numérique"),
            site: ("361291001".to_owned(), "région entière du genou".to_owned()),
            image_class: ("1.2.840.10008.5.1.4.1.1.1.1".to_owned(), "Digital X-Ray Image Storage".to_owned()),
            technique: "Face et profil.".to_owned(),
        },
        medical_history: String::new(),
        surgical_history: "Appendicectomie".to_owned(),
        contraindications: String::new(),
        comparison: String::new(),
        findings: "Trait de fracture.".to_owned(),
        conclusion: "Fracture du plateau tibial.".to_owned(),
    };
    let level1 = |uid: &str, type_code: &str, author: Author, body: FileBody| Level1 {
        header: header(uid, type_code, author),
        body,
    };
    let mut by_patient = level1(
        "1.2.250.1.999.1.8",
        "EXPPAT_3",
        the_patient_as_author(),
        FileBody::Text("Je souhaite & je veux <ceci>.".to_owned()),
    );
    by_patient.header.practice_setting = practice_setting::find("EXP_PATIENT").unwrap();
    by_patient.header.facility = facility::find("EXP_PATIENT").unwrap();
    by_patient.header.encounter = None;
    let patients = |uid: &str, type_code: &str| {
        let mut own = header(uid, type_code, the_patient_as_author());
        own.practice_setting = practice_setting::find("EXP_PATIENT").unwrap();
        own.facility = facility::find("EXP_PATIENT").unwrap();
        own.encounter = None;
        own
    };
    vec![
        ("health profile", Box::new(health_profile(patients("1.2.250.1.999.1.11", "DOCPAT08")))),
        ("persons to call", Box::new(persons(patients("1.2.250.1.999.1.12", "EXPPAT_1")))),
        ("synthesis", Box::new(synthesis())),
        ("biology", Box::new(biology())),
        ("discharge letter", Box::new(discharge)),
        ("prescription", Box::new(prescription)),
        ("vaccination note", Box::new(vaccination)),
        ("imaging report", Box::new(imaging)),
        (
            "pdf",
            Box::new(level1(
                "1.2.250.1.999.1.7",
                "34112-3",
                doctor(),
                FileBody::Pdf(b"%PDF-1.4\n%%EOF".to_vec()),
            )),
        ),
        ("patient's text", Box::new(by_patient)),
        (
            "jpeg",
            Box::new(level1(
                "1.2.250.1.999.1.9",
                "52040-3",
                doctor(),
                FileBody::Jpeg(vec![0xff, 0xd8, 0xff, 0xd9]),
            )),
        ),
        (
            "insurer's text",
            Box::new(level1(
                "1.2.250.1.999.1.10",
                "REMB",
                the_insurer_as_author(),
                FileBody::Text("Rien.".to_owned()),
            )),
        ),
    ]
}
