//! What Marie's structured documents hold: her syntheses, her measures over the year, her examinations.

use dmp_cda::clinical::Period;
use dmp_cda::write::{
    AllergyDraft, AllergyKind, FamilyHistory, Habit, Operation, ProblemDraft, Relative, Severity, Synthesis,
};
use dmp_dossier::time::Dtm;
use dmp_dossier::{Code, Time};
use dmp_nomenclature::oid;

use super::super::cast::Caregiver;
use super::super::clinical::{
    BUDESONIDE, CHOLESTEROL, CREATININE, CRP, FERRITIN, GLUCOSE, HAEMOGLOBIN, HBA1C, HDL, LDL, LEUKOCYTES,
    LEVOTHYROX, Lab, PLATELETS, SALBUTAMOL, TRIGLYCERIDES, TSH, day_of, disease, medicine_class,
};
use super::super::everyday::medecin_traitant_role;
use super::super::imaging::Imaging;
use super::super::tale::Tale;

/// Her history as imaging reports give it.
pub const HISTORY: &str = "Asthme allergique. Allergie aux pénicillines.";

/// Blood tests: days before the end, and values, as curves will show them.
#[rustfmt::skip] // a report, a line
pub static VALUES: [(u32, &[(&Lab, f64)]); 8] = [
    (325, &[(&TSH, 6.8), (&GLUCOSE, 1.08), (&HBA1C, 6.2), (&CHOLESTEROL, 2.31), (&LDL, 1.52), (&HDL, 0.55), (&TRIGLYCERIDES, 1.2), (&HAEMOGLOBIN, 13.1), (&LEUKOCYTES, 6.8), (&PLATELETS, 262.0)]),
    (262, &[(&TSH, 5.1), (&GLUCOSE, 1.05), (&HBA1C, 6.1), (&HAEMOGLOBIN, 13.3), (&LEUKOCYTES, 6.4), (&PLATELETS, 255.0)]),
    (203, &[(&TSH, 4.3), (&GLUCOSE, 1.02), (&HBA1C, 6.0), (&CHOLESTEROL, 2.2), (&LDL, 1.44), (&HDL, 0.56), (&TRIGLYCERIDES, 1.1), (&HAEMOGLOBIN, 13.2)]),
    (178, &[(&CRP, 112.0), (&HAEMOGLOBIN, 10.4), (&LEUKOCYTES, 12.9), (&PLATELETS, 231.0), (&CREATININE, 66.0), (&GLUCOSE, 1.12)]),
    (146, &[(&TSH, 3.6), (&CRP, 14.0), (&HAEMOGLOBIN, 11.6), (&LEUKOCYTES, 8.1), (&PLATELETS, 402.0), (&FERRITIN, 12.0), (&HBA1C, 5.9)]),
    (119, &[(&CRP, 3.2), (&HAEMOGLOBIN, 12.7), (&LEUKOCYTES, 6.9), (&PLATELETS, 288.0), (&FERRITIN, 28.0)]),
    (62, &[(&TSH, 2.9), (&GLUCOSE, 0.97), (&HBA1C, 5.8), (&CHOLESTEROL, 2.04), (&LDL, 1.31), (&HDL, 0.58), (&TRIGLYCERIDES, 1.0), (&HAEMOGLOBIN, 13.2), (&FERRITIN, 46.0)]),
    (20, &[(&TSH, 2.4), (&GLUCOSE, 0.95), (&HBA1C, 5.7), (&HAEMOGLOBIN, 13.4), (&FERRITIN, 58.0), (&CREATININE, 64.0)]),
];

/// The night of the accident.
pub const KNEE: Imaging = Imaging {
    title: "Scanner du genou gauche",
    act: ("NZQH002", "Scanographie du genou"),
    modality: ("CT", "Tomodensitométrie"),
    site: ("361291001", "région entière du genou"),
    image_class: ("1.2.840.10008.5.1.4.1.1.2", "CT Image Storage"),
    indication: "Accident de la route, douleur et impotence du genou gauche.",
    technique: "Acquisition hélicoïdale sans injection, reconstructions 1 mm.",
    findings: "Fracture-séparation du plateau tibial latéral, enfoncement de 6 mm. Rotule et fémur intacts.\nÉpanchement de moyenne abondance.",
    conclusion: "Fracture du plateau tibial latéral gauche (Schatzker II).",
};

/// Her breast.
pub const MAMMOGRAPHY: Imaging = Imaging {
    title: "Mammographie et échographie mammaire",
    act: ("QEQK001", "Mammographie bilatérale"),
    modality: ("MG", "Mammographie"),
    site: ("76752008", "structure du sein"),
    image_class: ("1.2.840.10008.5.1.4.1.1.1.2", "Digital Mammography X-Ray Image Storage"),
    indication: "Nodule palpé du sein gauche. Mère opérée d'un cancer du sein à 52 ans.",
    technique: "Quatre incidences, compléments centrés, échographie des deux seins.",
    findings: "Densité de type b. Distorsion de 8 mm du quadrant supéro-externe gauche, sans microcalcification.\nSein droit et aires axillaires sans anomalie.",
    conclusion: "Image classée ACR 4a à gauche : biopsie conseillée.",
};

/// Her synthesis, before or after the accident.
pub fn synthesis(tale: &mut Tale<'_>, doctor: &Caregiver, at: Time, after: bool) -> Synthesis {
    let mut header = tale.scribe.header("60591-5", "Synthèse médicale", doctor, at);
    header.authors[0].role = Some(medecin_traitant_role());
    let since = |date: &str| Period { start: date_of(date), stop: None };
    let mut history = vec![ProblemDraft {
        what: disease("O24.4", "Diabète gestationnel"),
        period: Period { start: date_of("201712"), stop: date_of("201803") },
    }];
    let mut operations = Vec::new();
    if after {
        let accident = tale.calendar.at(180, 20, 0);
        history.push(ProblemDraft {
            what: disease("S82.1", "Fracture du plateau tibial gauche"),
            period: Period { start: Some(day_of(accident)), stop: Some(day_of(accident.plus_days(90))) },
        });
        operations.push(Operation {
            what: Code::new(
                "NCCA010",
                oid::CCAM.oid,
                "Ostéosynthèse de fracture de l'extrémité supérieure du tibia",
            ),
            date: day_of(accident.plus_days(1)),
        });
    }
    Synthesis {
        header,
        problems: vec![
            ProblemDraft { what: disease("J45.0", "Asthme à prédominance allergique"), period: since("1990") },
            ProblemDraft { what: disease("E06.3", "Thyroïdite auto-immune"), period: since("2015") },
        ],
        history,
        operations,
        allergies: vec![
            AllergyDraft {
                agent: medicine_class("J01C", "pénicillines"),
                kind: AllergyKind::Medicine,
                onset: date_of("2006"),
                reactions: vec![(disease("L50.0", "Urticaire allergique généralisée"), Some(Severity::Severe))],
            },
            AllergyDraft {
                agent: disease("J30.1", "Pollens de graminées"),
                kind: AllergyKind::Environment,
                onset: date_of("1998"),
                reactions: vec![(disease("J30.1", "Rhinite allergique"), Some(Severity::Mild))],
            },
        ],
        habits: vec![Habit {
            what: Code::new("74011-8", oid::LOINC.oid, "Consommation tabagique"),
            found: "N'a jamais fumé.".to_owned(),
        }],
        family: vec![FamilyHistory { relative: Relative::Mother, what: disease("C50.9", "Cancer du sein à 52 ans") }],
        vigilance: "Pénicillines contre-indiquées.\nTSH deux fois par an. Glycémie à jeun annuelle (diabète gestationnel).".to_owned(),
        treatments: vec![
            LEVOTHYROX.taken(since("2015"), Some(disease("E06.3", "Thyroïdite auto-immune"))),
            BUDESONIDE.taken(since("2019"), Some(disease("J45.0", "Asthme"))),
            SALBUTAMOL.taken(since("1990"), Some(disease("J45.0", "Asthme"))),
        ],
    }
}

/// A date or less; `None` when it is not one.
pub fn date_of(text: &str) -> Option<Dtm> {
    Dtm::parse(text)
}
