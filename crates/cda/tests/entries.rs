//! Structured entries: our fixtures in full, then what official samples hold.
#![allow(clippy::unwrap_used)] // a failure here is the test's failure

mod common;

use common::fixture;
use dmp_cda::Cda;
use dmp_cda::entries::{Entries, Stage};
use dmp_dossier::time::Dtm;

fn entries(name: &str) -> Entries {
    Cda::parse(fixture(name).as_bytes()).unwrap().entries()
}

fn date(time: Option<Dtm>) -> String {
    time.map(Dtm::to_hl7).unwrap_or_default()
}

fn section(code: Option<&dmp_dossier::code::Code>) -> &str {
    code.map_or("", |code| code.code.as_str())
}

#[test]
fn a_synthesis_gives_problems_allergies_and_treatments() {
    let read = entries("synthese");
    let problems: Vec<_> = read
        .problems
        .iter()
        .map(|p| {
            (
                p.what.text.as_str(),
                date(p.period.start),
                p.list_status.as_deref(),
                section(p.section.as_ref()),
            )
        })
        .collect();
    assert_eq!(
        problems,
        [
            ("Asthme à prédominance allergique", "20190811".to_owned(), Some("active"), "11450-4"),
            // no code, words of the narrative
            ("Migraine", "2021".to_owned(), Some("active"), "11450-4"),
            ("Pyélonéphrite aiguë", "20180422".to_owned(), Some("completed"), "11348-0"),
        ]
    );
    assert_eq!(read.problems[0].what.codes[0].code, "J45.0");
    assert_eq!(date(read.problems[2].period.stop), "20180430");
    assert_eq!(read.problems[1].narrative_id.as_deref(), Some("pb-2"));

    let [allergy] = read.allergies.as_slice() else { panic!("{:?}", read.allergies) };
    assert_eq!(
        (allergy.agent.text.as_str(), allergy.agent.codes[0].code.as_str()),
        ("amoxicilline", "J01CA04")
    );
    assert_eq!(allergy.kind.text, "allergie médicamenteuse");
    assert_eq!(allergy.status.as_ref().unwrap().codes[0].code, "active");
    assert_eq!((date(allergy.onset), allergy.negated), ("20180603".to_owned(), false));
    assert_eq!(allergy.description, None);
    let [reaction] = allergy.reactions.as_slice() else { panic!("{:?}", allergy.reactions) };
    assert_eq!(
        (reaction.what.text.as_str(), reaction.severity.as_ref().unwrap().text.as_str()),
        ("Urticaire allergique", "modéré")
    );

    let [medicine] = read.treatments.as_slice() else { panic!("{:?}", read.treatments) };
    assert_eq!(medicine.stage, Stage::Taken);
    assert_eq!(medicine.product.text, "SUMATRIPTAN EXEMPLE 50 mg, comprimé");
    let codes: Vec<_> = medicine.product.codes.iter().map(|code| code.code.as_str()).collect();
    assert_eq!(codes, ["60000001", "N02CC01"]);
    assert_eq!(medicine.dose.as_ref().unwrap().to_string(), "1 tablet à 2 tablet");
    assert_eq!(medicine.every.as_ref().unwrap().to_string(), "24 h");
    assert_eq!(
        (date(medicine.period.start), date(medicine.period.stop)),
        ("20210601".to_owned(), String::new())
    );
    assert_eq!(medicine.route.as_ref().unwrap().text, "Voie orale");
    assert_eq!(medicine.reasons[0].text, "Migraine, sans précision");
    assert!(read.results.is_empty() && read.vaccinations.is_empty());
}

#[test]
fn a_laboratory_report_gives_results() {
    let read = entries("biologie");
    let results: Vec<_> = read
        .results
        .iter()
        .map(|r| {
            let value = r.value.as_ref().map(ToString::to_string).unwrap_or_default();
            (r.what.text.as_str(), r.loinc(), value)
        })
        .collect();
    assert_eq!(
        results,
        [
            ("Glucose [Masse/Volume] Sérum/Plasma", Some("2345-7"), "1,05 g/L".to_owned()),
            ("CRP", None, "≤ 1,0 mg/L".to_owned()),
            ("Couleur [Type] Urine", Some("5778-6"), "jaune clair".to_owned()),
        ]
    );
    let glucose = &read.results[0];
    assert_eq!(glucose.reference_ranges[0].to_string(), "0,70 g/L à 1,10 g/L");
    assert_eq!(glucose.interpretation.as_ref().unwrap().codes[0].code, "N");
    assert_eq!(date(glucose.date), "20240104121933");
    assert_eq!(section(glucose.section.as_ref()), "18719-5");
    assert!(read.problems.is_empty() && read.treatments.is_empty());
}

#[test]
fn a_vaccination_note_gives_the_injection() {
    let read = entries("vaccination");
    let [vaccination] = read.vaccinations.as_slice() else { panic!("{:?}", read.vaccinations) };
    assert_eq!(vaccination.vaccine.text, "VACCIN EXEMPLE, suspension injectable");
    assert_eq!(vaccination.vaccine.codes[1].code, "J07AM01");
    assert_eq!(date(vaccination.date), "20230928");
    assert_eq!((vaccination.lot.as_deref(), vaccination.rank), (Some("LOT-42"), Some(2)));
    assert_eq!(vaccination.route.as_ref().unwrap().text, "Voie intramusculaire");
    assert_eq!(vaccination.site.as_ref().unwrap().text, "Deltoïde gauche");
    assert_eq!(vaccination.comment.as_deref(), Some("Bien toléré"));
    assert!(!vaccination.negated && vaccination.reactions.is_empty());
    assert!(read.treatments.is_empty(), "an injection is no treatment");
    let refused = fixture("vaccination").replace(r#"negationInd="false""#, r#"negationInd="true""#);
    assert!(Cda::parse(refused.as_bytes()).unwrap().entries().vaccinations[0].negated);
}

#[test]
fn a_prescription_gives_what_is_prescribed() {
    let [medicine] = <[_; 1]>::try_from(entries("ordonnance").treatments).unwrap();
    assert_eq!((medicine.stage, medicine.renewals), (Stage::Prescribed, Some(3)));
    assert_eq!(medicine.dose.unwrap().to_string(), "1 tablet");
    assert_eq!(date(medicine.period.stop), "20231206");
}

#[test]
fn a_document_without_entries_gives_none() {
    for name in ["imagerie-pdf", "expression-patient", "remboursements", "auto-presentable"] {
        assert_eq!(entries(name), Entries::default(), "{name}");
    }
}

/// sample, allergies, problems, treatments, results, vaccinations
#[test]
fn official_samples_give_their_entries() {
    let Some(samples) = common::samples() else { return };
    let read = |name: &str| {
        let (_, bytes) = samples.iter().find(|(sample, _)| sample == name).unwrap();
        Cda::parse(bytes).unwrap().entries()
    };
    for (name, expected) in [
        ("t30-VSM_1.4_2022.01", [1, 4, 2, 0, 0]),
        ("t30-IPS-FR_2024.01", [1, 8, 3, 0, 2]),
        ("t30-BIO-CR-BIO_2024.01_Microbiologie_V2", [0, 0, 0, 14, 0]),
        ("t30-BIO-CR-BIO_2024.01_CRP_non_LOINC", [0, 0, 0, 1, 0]),
        ("t30-VAC_2023.01", [0, 0, 0, 0, 4]),
        ("t30-VAC-NOTE_2023.01", [0, 0, 0, 0, 1]),
        ("t30-eP-MED-DM_2024.01_PosoStruct", [0, 0, 2, 0, 0]),
        ("t30-eDISP-MED_2024.01", [0, 0, 1, 0, 0]),
        ("t30-CNAM-HR_2021.01", [0, 0, 3, 0, 3]),
        ("hl7v2-CR_Radio_CDAN1_v1", [0, 0, 0, 0, 0]),
    ] {
        let e = read(name);
        let counts =
            [e.allergies.len(), e.problems.len(), e.treatments.len(), e.results.len(), e.vaccinations.len()];
        assert_eq!(counts, expected, "{name}: {e:#?}");
    }

    let synthesis = read("t30-VSM_1.4_2022.01");
    assert_eq!(synthesis.allergies[0].agent.text, "PARACETAMOL");
    assert_eq!(synthesis.problems[0].what.codes[0].code, "G45.9");
    assert_eq!(
        synthesis.problems[3].what.text,
        "Infarctus transmural aigu du myocarde, de la paroi inférieure"
    );
    assert_eq!(synthesis.treatments[1].every.as_ref().unwrap().to_string(), "6 h");

    let crp = &read("t30-BIO-CR-BIO_2024.01_CRP_non_LOINC").results[0];
    assert_eq!((crp.what.text.as_str(), crp.loinc()), ("CRP", None));
    assert_eq!(crp.value.as_ref().unwrap().to_string(), "≤ 1,0 mg/L");
    assert_eq!(crp.reference_ranges[0].to_string(), "≤ 5,0 mg/L");

    let culture = &read("t30-BIO-CR-BIO_2024.01_Microbiologie_V2").results;
    assert_eq!(
        (culture[2].loinc(), culture[2].value.as_ref().unwrap().to_string()),
        (Some("30405-5"), "500 /mL".to_owned())
    );
    assert!(!culture[0].value.as_ref().unwrap().to_string().is_empty(), "words of the narrative");

    let note = &read("t30-VAC-NOTE_2023.01").vaccinations[0];
    assert_eq!(
        (date(note.date), note.lot.as_deref(), note.rank),
        ("20090928".to_owned(), Some("4456672"), Some(2))
    );
    assert_eq!(note.reactions[0].what.text, "Fièvre due à des médicaments");

    let prescription = read("t30-eP-MED-DM_2024.01_PosoStruct").treatments;
    assert_eq!(
        (prescription[0].stage, prescription[0].product.text.as_str()),
        (Stage::Prescribed, "PARACETAMOL MYLAN 500 mg, comprimé")
    );
    assert!(
        prescription[1].product.text.starts_with("Préparation magistrale"),
        "{:?}",
        prescription[1].product
    );
    let dispensed = &read("t30-eDISP-MED_2024.01").treatments[0];
    assert_eq!(
        (dispensed.stage, dispensed.product.codes[0].code.as_str()),
        (Stage::Dispensed, "3400933516390")
    );

    let reaction = &read("t30-IPS-FR_2024.01").allergies[0].reactions[0];
    assert_eq!(reaction.what.text, "Bronchospasme d'origine médicamenteuse");
    assert_eq!(reaction.severity.as_ref().unwrap().text, "modéré");
}
