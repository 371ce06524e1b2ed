//! What the invented patients have, take and are measured: a small catalogue with its codes.
//!
//! Diseases: CIM-10 FR. Medicines: code CIS and CIP 13 of the public medicines database (BDPM), ATC. Measures: LOINC,
//! UCUM. Labels are shortened where the official one is too long to read.

use dmp_cda::clinical::{Concept, Period, Quantity};
use dmp_cda::write::{Dose, ResultDraft, Route, TreatmentDraft, concept};
use dmp_dossier::time::{Dtm, Precision};
use dmp_dossier::{Code, Time};

use super::cast::Role;
use super::random::Dice;

const CIM10: &str = "2.16.840.1.113883.6.3";
const CIS: &str = "1.2.250.1.213.2.3.1";
const CIP: &str = "1.2.250.1.213.2.3.2";
const ATC: &str = "2.16.840.1.113883.6.73";
const LOINC: &str = "2.16.840.1.113883.6.1";

/// A medicine as it is usually taken.
#[derive(Debug)]
pub struct Drug {
    name: &'static str,
    cis: &'static str,
    cip: &'static str,
    atc: (&'static str, &'static str),
    route: Route,
    /// Amount of one intake, its unit, and hours between two; `0` when taken as needed.
    dose: (&'static str, &'static str, u32),
    posology: &'static str,
}

/// A measure.
#[derive(Debug)]
pub struct Lab {
    loinc: &'static str,
    name: &'static str,
    unit: &'static str,
    low: Option<&'static str>,
    high: Option<&'static str>,
    /// True for a count of cells.
    haematology: bool,
    /// Usual value of who has the disease, how far persons differ, and decimals shown.
    usual: (f64, f64, usize),
}

/// A disease: who has it, and what it brings.
#[derive(Debug)]
pub struct Condition {
    /// CIM-10 code and label.
    pub cim10: (&'static str, &'static str),
    /// Ages at which one may have it.
    pub ages: (i32, i32),
    /// How many in a hundred have it at those ages.
    pub percent: u64,
    /// What is taken.
    pub drugs: &'static [&'static Drug],
    /// What is measured.
    pub labs: &'static [&'static Lab],
    /// Who else follows it.
    pub specialist: Option<Role>,
    /// Covered in full as a long-term illness (*ALD*).
    pub ald: bool,
    /// What to keep an eye on.
    pub vigilance: &'static str,
}

/// A vaccine.
#[derive(Debug)]
pub struct Vaccine {
    name: &'static str,
    cis: &'static str,
    cip: &'static str,
    atc: (&'static str, &'static str),
    /// What it protects from.
    pub against: &'static str,
}

macro_rules! drugs {
    ($($id:ident = $name:literal, $cis:literal, $cip:literal, $atc:literal $label:literal, $route:ident, $dose:expr, $posology:literal;)*) => {
        $(#[doc = $name] pub static $id: Drug = Drug {
            name: $name, cis: $cis, cip: $cip, atc: ($atc, $label), route: Route::$route, dose: $dose, posology: $posology,
        };)*
    };
}

drugs! {
    LEVOTHYROX = "LEVOTHYROX 75 microgrammes, comprimé sécable", "62080626", "3400930065785", "H03AA01" "lévothyroxine sodique", Oral, ("1", "{tablet}", 24), "1 comprimé le matin à jeun";
    RAMIPRIL = "RAMIPRIL ALMUS 10 mg, comprimé sécable", "60049895", "3400937335652", "C09AA05" "ramipril", Oral, ("1", "{tablet}", 24), "1 comprimé le matin";
    AMLODIPINE = "AMLODIPINE ZYDUS 5 mg, gélule", "63566442", "3400937915687", "C08CA01" "amlodipine", Oral, ("1", "{capsule}", 24), "1 gélule le soir";
    ATORVASTATINE = "ATORVASTATINE TEVA SANTE 40 mg, comprimé pelliculé", "60007437", "3400949444137", "C10AA05" "atorvastatine", Oral, ("1", "{tablet}", 24), "1 comprimé le soir";
    METFORMINE = "METFORMINE BGR 850 mg, comprimé pelliculé", "60754492", "3400930118795", "A10BA02" "metformine", Oral, ("1", "{tablet}", 12), "1 comprimé matin et soir au repas";
    INSULINE = "LANTUS 100 unités/ml, solution injectable en cartouche", "61404477", "3400935463203", "A10AE04" "insuline glargine", Subcutaneous, ("18", "[IU]", 24), "18 unités le soir";
    SALBUTAMOL = "VENTOLINE 100 microgrammes/dose, suspension pour inhalation", "60928110", "3400949004751", "R03AC02" "salbutamol", Inhaled, ("2", "{puff}", 0), "2 bouffées en cas de gêne respiratoire";
    BUDESONIDE = "SYMBICORT TURBUHALER 200/6 microgrammes par dose, poudre pour inhalation", "61237448", "3400935658432", "R03AK07" "formotérol et budésonide", Inhaled, ("1", "{puff}", 12), "1 inhalation matin et soir";
    TIOTROPIUM = "SPIRIVA 18 microgrammes, poudre pour inhalation en gélule", "60363967", "3400936869202", "R03BB04" "bromure de tiotropium", Inhaled, ("1", "{capsule}", 24), "1 inhalation le matin";
    BISOPROLOL = "CARDENSIEL 2,5 mg, comprimé pelliculé sécable", "60077574", "3400935297068", "C07AB07" "bisoprolol", Oral, ("1", "{tablet}", 24), "1 comprimé le matin";
    FUROSEMIDE = "FUROSEMIDE ARROW 40 mg, comprimé sécable", "60192594", "3400936476769", "C03CA01" "furosémide", Oral, ("1", "{tablet}", 24), "1 comprimé le matin";
    APIXABAN = "ELIQUIS 5 mg, comprimé pelliculé", "61902218", "3400926784102", "B01AF02" "apixaban", Oral, ("1", "{tablet}", 12), "1 comprimé matin et soir";
    ASPIRINE = "KARDEGIC 160 mg, poudre pour solution buvable en sachet", "61348441", "3400933247379", "B01AC06" "acide acétylsalicylique", Oral, ("1", "{sachet}", 24), "1 sachet à midi";
    OMEPRAZOLE = "OMEPRAZOLE ALMUS 20 mg, gélule gastro-résistante", "60806188", "3400949763016", "A02BC01" "oméprazole", Oral, ("1", "{capsule}", 24), "1 gélule le soir, quatre semaines";
    SERTRALINE = "ZOLOFT 50 mg, gélule", "60683198", "3400934034190", "N06AB06" "sertraline", Oral, ("1", "{capsule}", 24), "1 gélule le matin";
    LATANOPROST = "XALATAN 50 microgrammes/mL, collyre en solution", "60047271", "3400934384066", "S01EE01" "latanoprost", Ocular, ("1", "[drp]", 24), "1 goutte le soir dans chaque œil";
    ALENDRONATE = "ACIDE ALENDRONIQUE ARROW LAB 70 mg, comprimé", "60365142", "3400927919800", "M05BA04" "acide alendronique", Oral, ("1", "{tablet}", 168), "1 comprimé par semaine, debout et à jeun";
    CETIRIZINE = "CETIRIZINE EG 10 mg, comprimé pelliculé sécable", "60807297", "3400936266162", "R06AE07" "cétirizine", Oral, ("1", "{tablet}", 24), "1 comprimé le soir pendant la saison";
    AMOXICILLINE = "AMOXICILLINE KRKA 1 g, comprimé dispersible sécable", "60101406", "3400930234259", "J01CA04" "amoxicilline", Oral, ("1", "{tablet}", 12), "1 comprimé matin et soir, six jours";
    PARACETAMOL = "PARACETAMOL TEVA 500 mg, gélule", "60091086", "3400921941784", "N02BE01" "paracétamol", Oral, ("2", "{capsule}", 8), "2 gélules trois fois par jour si douleur";
    IBUPROFENE = "IBUPROFENE EG 400 mg, comprimé pelliculé", "60550988", "3400933681951", "M01AE01" "ibuprofène", Oral, ("1", "{tablet}", 8), "1 comprimé trois fois par jour au repas, cinq jours";
    ENOXAPARINE = "ENOXAPARINE ARROW 6 000 UI (60 mg)/0,6 mL, solution injectable", "60451456", "3400930201749", "B01AB05" "énoxaparine", Subcutaneous, ("1", "{syringe}", 24), "1 injection par jour jusqu'à la reprise de l'appui";
}

impl Drug {
    /// The product with its codes.
    pub fn product(&self) -> Concept {
        concept([
            Code::new(self.cis, CIS, self.name),
            Code::new(self.cip, CIP, self.name),
            Code::new(self.atc.0, ATC, self.atc.1),
        ])
    }

    /// It, taken over that time for that disease.
    pub fn taken(&self, period: Period, reason: Option<Concept>) -> TreatmentDraft {
        let (amount, unit, hours) = self.dose;
        let hours = (hours > 0).then(|| Quantity { value: hours.to_string(), unit: "h".to_owned() });
        TreatmentDraft {
            product: self.product(),
            period,
            route: self.route,
            dose: Dose { amount: Quantity { value: amount.to_owned(), unit: unit.to_owned() }, every: hours },
            posology: self.posology.to_owned(),
            reason,
            renewals: None,
        }
    }

    /// Its name, for the words of a letter.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

macro_rules! labs {
    ($($id:ident = $loinc:literal, $name:literal, $unit:literal, $low:expr, $high:expr, $haematology:literal, $usual:expr;)*) => {
        $(#[doc = $name] pub static $id: Lab = Lab {
            loinc: $loinc, name: $name, unit: $unit, low: $low, high: $high, haematology: $haematology, usual: $usual,
        };)*
    };
}

labs! {
    TSH = "3016-3", "TSH", "m[IU]/L", Some("0.40"), Some("4.00"), false, (3.1, 1.4, 2);
    GLUCOSE = "2345-7", "Glucose à jeun", "g/L", Some("0.70"), Some("1.10"), false, (0.98, 0.12, 2);
    HBA1C = "4548-4", "Hémoglobine A1c", "%", None, Some("6.0"), false, (6.9, 0.8, 1);
    CREATININE = "14682-9", "Créatinine", "umol/L", Some("45"), Some("104"), false, (78.0, 18.0, 0);
    GFR = "62238-1", "Débit de filtration glomérulaire (CKD-EPI)", "mL/min/{1.73_m2}", Some("60"), None, false, (82.0, 17.0, 0);
    POTASSIUM = "2823-3", "Potassium", "mmol/L", Some("3.5"), Some("5.1"), false, (4.2, 0.4, 1);
    CHOLESTEROL = "2093-3", "Cholestérol total", "g/L", None, Some("2.00"), false, (2.05, 0.3, 2);
    LDL = "13457-7", "Cholestérol LDL (calculé)", "g/L", None, Some("1.60"), false, (1.28, 0.3, 2);
    HDL = "2085-9", "Cholestérol HDL", "g/L", Some("0.40"), None, false, (0.52, 0.1, 2);
    TRIGLYCERIDES = "2571-8", "Triglycérides", "g/L", None, Some("1.50"), false, (1.2, 0.35, 2);
    CRP = "1988-5", "Protéine C réactive", "mg/L", None, Some("5.0"), false, (3.0, 2.4, 1);
    HAEMOGLOBIN = "718-7", "Hémoglobine", "g/dL", Some("12.0"), Some("16.5"), true, (13.8, 1.1, 1);
    LEUKOCYTES = "6690-2", "Leucocytes", "10*9/L", Some("4.0"), Some("10.0"), true, (6.6, 1.4, 1);
    PLATELETS = "777-3", "Plaquettes", "10*9/L", Some("150"), Some("400"), true, (245.0, 45.0, 0);
    FERRITIN = "2276-4", "Ferritine", "ug/L", Some("15"), Some("150"), false, (64.0, 38.0, 0);
    VITAMIN_D = "1989-3", "25-hydroxyvitamine D", "ug/L", Some("30"), Some("60"), false, (27.0, 8.0, 0);
    BNP = "33762-6", "NT-proBNP", "ng/L", None, Some("450"), false, (620.0, 280.0, 0);
}

/// What is measured of anybody.
pub const CHECK_UP: [&Lab; 5] = [&HAEMOGLOBIN, &LEUKOCYTES, &PLATELETS, &GLUCOSE, &CREATININE];

impl Lab {
    /// A person's own usual value.
    pub fn usual_of(&self, dice: &mut Dice) -> f64 {
        let (mean, spread, _) = self.usual;
        (mean + spread * signed(dice)).max(mean / 4.0)
    }

    /// A value near that one.
    pub fn near(&self, usual: f64, dice: &mut Dice) -> f64 {
        (usual + self.usual.1 / 3.0 * signed(dice)).max(usual / 3.0)
    }

    /// A result, with the value shown as the laboratory shows it.
    pub fn result(&self, value: f64, sampled: Time) -> ResultDraft {
        ResultDraft {
            what: Code::new(self.loinc, LOINC, self.name),
            value: Quantity { value: format!("{value:.*}", self.usual.2), unit: self.unit.to_owned() },
            low: self.low.map(str::to_owned),
            high: self.high.map(str::to_owned),
            sampled,
        }
    }

    /// Code of the chapter of a report it belongs to.
    pub fn chapter(&self) -> Code {
        match self.haematology {
            true => Code::new("18723-7", LOINC, "Hématologie"),
            false => Code::new("18719-5", LOINC, "Biochimie"),
        }
    }
}

/// From -1 to 1, more often near 0.
fn signed(dice: &mut Dice) -> f64 {
    let one = |dice: &mut Dice| dice.below(2001) as f64 / 1000.0 - 1.0;
    (one(dice) + one(dice)) / 2.0
}

/// The diseases of the demo.
#[rustfmt::skip] // a disease, a few lines
pub static CONDITIONS: [Condition; 17] = [
    Condition { cim10: ("I10", "Hypertension artérielle essentielle"), ages: (42, 99), percent: 30, drugs: &[&RAMIPRIL, &AMLODIPINE],
        labs: &[&CREATININE, &GFR, &POTASSIUM], specialist: Some(Role::Cardiologist), ald: false, vigilance: "Automesure tensionnelle trois jours avant chaque consultation." },
    Condition { cim10: ("E11.9", "Diabète sucré de type 2, sans complication"), ages: (45, 95), percent: 12, drugs: &[&METFORMINE],
        labs: &[&HBA1C, &GLUCOSE, &CREATININE, &GFR], specialist: Some(Role::Ophthalmologist), ald: true, vigilance: "HbA1c tous les trois mois, fond d'œil annuel, examen des pieds." },
    Condition { cim10: ("E10.9", "Diabète sucré de type 1, sans complication"), ages: (6, 40), percent: 1, drugs: &[&INSULINE],
        labs: &[&HBA1C, &GLUCOSE], specialist: Some(Role::Ophthalmologist), ald: true, vigilance: "Risque d'hypoglycémie : glucagon au domicile." },
    Condition { cim10: ("E78.0", "Hypercholestérolémie essentielle"), ages: (40, 90), percent: 16, drugs: &[&ATORVASTATINE],
        labs: &[&CHOLESTEROL, &LDL, &HDL, &TRIGLYCERIDES], specialist: None, ald: false, vigilance: "Bilan lipidique et transaminases une fois par an." },
    Condition { cim10: ("J45.0", "Asthme à prédominance allergique"), ages: (5, 60), percent: 8, drugs: &[&BUDESONIDE, &SALBUTAMOL],
        labs: &[], specialist: Some(Role::Pulmonologist), ald: false, vigilance: "Plan d'action écrit remis ; technique d'inhalation à revoir." },
    Condition { cim10: ("J44.9", "Maladie pulmonaire obstructive chronique"), ages: (55, 90), percent: 7, drugs: &[&TIOTROPIUM, &SALBUTAMOL],
        labs: &[&CRP], specialist: Some(Role::Pulmonologist), ald: true, vigilance: "Sevrage tabagique en cours ; vaccins grippe et pneumocoque à jour." },
    Condition { cim10: ("I48.9", "Fibrillation auriculaire"), ages: (65, 99), percent: 11, drugs: &[&APIXABAN, &BISOPROLOL],
        labs: &[&CREATININE, &GFR, &HAEMOGLOBIN], specialist: Some(Role::Cardiologist), ald: true, vigilance: "Anticoagulant : prévenir avant tout geste, surveiller la fonction rénale." },
    Condition { cim10: ("I50.0", "Insuffisance cardiaque congestive"), ages: (70, 99), percent: 8, drugs: &[&FUROSEMIDE, &BISOPROLOL, &RAMIPRIL],
        labs: &[&BNP, &CREATININE, &POTASSIUM], specialist: Some(Role::Cardiologist), ald: true, vigilance: "Se peser chaque semaine : appeler au-delà de deux kilos en trois jours." },
    Condition { cim10: ("I25.9", "Cardiopathie ischémique chronique"), ages: (55, 95), percent: 8, drugs: &[&ASPIRINE, &ATORVASTATINE, &BISOPROLOL],
        labs: &[&LDL, &HDL, &CREATININE], specialist: Some(Role::Cardiologist), ald: true, vigilance: "Deux stents : ne pas arrêter l'aspirine sans avis cardiologique." },
    Condition { cim10: ("E03.9", "Hypothyroïdie"), ages: (28, 90), percent: 6, drugs: &[&LEVOTHYROX],
        labs: &[&TSH], specialist: None, ald: false, vigilance: "TSH six semaines après tout changement de dose, puis annuelle." },
    Condition { cim10: ("F32.9", "Épisode dépressif"), ages: (18, 80), percent: 6, drugs: &[&SERTRALINE],
        labs: &[], specialist: Some(Role::Psychiatrist), ald: false, vigilance: "Réévaluation mensuelle du traitement." },
    Condition { cim10: ("G43.9", "Migraine"), ages: (15, 55), percent: 7, drugs: &[&IBUPROFENE],
        labs: &[], specialist: None, ald: false, vigilance: "Tenir un agenda des crises." },
    Condition { cim10: ("K21.9", "Reflux gastro-œsophagien"), ages: (25, 90), percent: 7, drugs: &[&OMEPRAZOLE],
        labs: &[], specialist: None, ald: false, vigilance: "Réévaluer l'indication de l'inhibiteur de la pompe à protons." },
    Condition { cim10: ("M17.9", "Gonarthrose"), ages: (55, 95), percent: 15, drugs: &[&PARACETAMOL],
        labs: &[], specialist: Some(Role::Surgeon), ald: false, vigilance: "Activité physique adaptée, perte de poids." },
    Condition { cim10: ("M81.9", "Ostéoporose"), ages: (62, 99), percent: 9, drugs: &[&ALENDRONATE],
        labs: &[&VITAMIN_D], specialist: None, ald: false, vigilance: "Bilan dentaire avant et pendant le traitement ; prévention des chutes." },
    Condition { cim10: ("H40.1", "Glaucome primitif à angle ouvert"), ages: (55, 95), percent: 6, drugs: &[&LATANOPROST],
        labs: &[], specialist: Some(Role::Ophthalmologist), ald: false, vigilance: "Contrôle de la pression oculaire deux fois par an." },
    Condition { cim10: ("J30.1", "Rhinite allergique due au pollen"), ages: (6, 60), percent: 12, drugs: &[&CETIRIZINE],
        labs: &[], specialist: None, ald: false, vigilance: "Débuter l'antihistaminique avant la saison." },
];

impl Condition {
    /// It, coded.
    pub fn concept(&self) -> Concept {
        disease(self.cim10.0, self.cim10.1)
    }
}

/// A disease by its CIM-10 code.
pub fn disease(code: &str, label: &str) -> Concept {
    concept([Code::new(code, CIM10, label)])
}

macro_rules! vaccines {
    ($($id:ident = $name:literal, $cis:literal, $cip:literal, $atc:literal $label:literal, $against:literal;)*) => {
        $(#[doc = $name] pub static $id: Vaccine =
            Vaccine { name: $name, cis: $cis, cip: $cip, atc: ($atc, $label), against: $against };)*
    };
}

vaccines! {
    VAXIGRIP = "VAXIGRIPTETRA, suspension injectable en seringue préremplie", "61402736", "3400930067727", "J07BB02" "grippe, antigène purifié", "Grippe";
    REPEVAX = "REPEVAX, suspension injectable en seringue préremplie", "67619892", "3400936873742", "J07CA02" "diphtérie, coqueluche, poliomyélite, tétanos", "Diphtérie, tétanos, coqueluche, poliomyélite";
    PRIORIX = "PRIORIX, poudre et solvant pour solution injectable", "61896473", "3400935137340", "J07BD52" "rougeole, oreillons, rubéole", "Rougeole, oreillons, rubéole";
    PREVENAR = "PREVENAR 20, suspension injectable en seringue préremplie", "62189757", "3400930247853", "J07AL02" "pneumocoque, polysaccharides conjugués", "Pneumocoque";
    GARDASIL = "GARDASIL 9, suspension injectable en seringue préremplie", "65017887", "3400930056202", "J07BM03" "papillomavirus", "Papillomavirus";
}

impl Vaccine {
    /// The product with its codes.
    pub fn product(&self) -> Concept {
        concept([
            Code::new(self.cis, CIS, self.name),
            Code::new(self.cip, CIP, self.name),
            Code::new(self.atc.0, ATC, self.atc.1),
        ])
    }
}

/// The civil day of an instant, as a date of day precision.
pub fn day_of(at: Time) -> Dtm {
    Dtm::from_civil(at.civil(), Precision::Day)
}

/// An allergen by its ATC class.
pub fn medicine_class(code: &str, label: &str) -> Concept {
    concept([Code::new(code, ATC, label)])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The public medicines database has each product with that name, under that number.
    #[test]
    fn products_have_their_official_codes() {
        let workspace = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let shared = std::env::var_os("DMP_SHARED")
            .map_or_else(|| workspace.join("../shared"), std::path::PathBuf::from);
        let path = shared.join("data/population/medicaments-bdpm-remboursables-extrait.csv");
        let Ok(csv) = std::fs::read_to_string(&path) else {
            println!("skipped: no list of medicines at {}", path.display());
            return;
        };
        let vaccines = [&VAXIGRIP, &REPEVAX, &PRIORIX, &PREVENAR, &GARDASIL];
        let drugs = CONDITIONS.iter().flat_map(|c| c.drugs.iter().copied());
        let others = [&INSULINE, &AMOXICILLINE, &PARACETAMOL, &IBUPROFENE, &ENOXAPARINE];
        let products = vaccines.iter().map(|v| (v.cis, v.cip, v.name));
        for (cis, cip, name) in products.chain(drugs.chain(others).map(|d| (d.cis, d.cip, d.name))) {
            let row = csv
                .lines()
                .find(|line| line.starts_with(&format!("{cis},{cip},")))
                .unwrap_or_else(|| panic!("{name}: no {cis} {cip}"));
            let brand = name.split([' ', ',']).next().unwrap();
            assert!(row.contains(brand), "{name}: {row}");
        }
    }

    #[test]
    fn values_stay_in_the_range_of_the_living() {
        let mut dice = Dice::new(3);
        for lab in CONDITIONS.iter().flat_map(|c| c.labs).chain(&CHECK_UP) {
            for _ in 0..200 {
                let usual = lab.usual_of(&mut dice);
                let value = lab.near(usual, &mut dice);
                assert!(value > 0.0 && value < lab.usual.0 * 2.5, "{}: {value}", lab.name);
            }
        }
    }
}
