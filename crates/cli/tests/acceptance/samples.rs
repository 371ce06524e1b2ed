//! The 33 official samples, sent by `dmp publish`: which are refused and why, and each of the others found by ITI-67 with
//! the metadata of its header and given back by ITI-68 to the byte.
//!
//! The rows were read from the files and the published map ASS_X16 by other means (Python), not by this project's code.

use crate::common::{Demo, Request, shared};
use crate::tools::{Run, dmp, own_path, resources, unique_id, verifies_running_and_stopped};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The patient of the test realm whom 27 samples are about, and the one of production of two others.
const PATIENT: &str = "279035121518989";
const PRODUCTION_PATIENT: &str = "277076322082910";

/// file, uniqueId, typeCode, classCode, first author, creationTime and serviceStartTime in UTC
#[rustfmt::skip]
const PUBLISHED: [&str; 27] = [
    "hl7v2-CR_Radio_CDAN1_v1 1.2.250.1.71.4.2.2.120456789.71024000081 18748-4 31 801234564895 2005-04-11T08:33:28Z 2023-02-27T08:28:27Z",
    "hl7v2-CR_Radio_CDAN1_v2 1.2.250.1.71.4.2.2.120456789.71024000082 18748-4 31 801234564895 2005-04-11T08:33:28Z 2023-02-27T08:28:27Z",
    "t30-ANEST-CR-CPA_2022.01 1.2.250.1.213.1.1.1.41.2022.1.1 34749-2 10 801234567897 2020-03-17T16:11:00Z 2020-03-17T16:11:00Z",
    "t30-AVC-EUNV_2022.01 1.2.250.1.213.1.1.1.16.2022.1.1 34133-9 11 801234567897 2018-10-01T10:17:00Z 2018-10-01T10:17:00Z",
    "t30-BIO-CR-BIO_2021.01_CDA-R2-Niveau-1 1.2.250.1.213.1.1.1.55.2021.3.1 11502-2 10 801234534765 2021-01-04T15:05:27Z 2021-01-04T08:22:00Z",
    "t30-BIO-CR-BIO_2024.01_CRP_non_LOINC 1.2.250.1.213.1.1.1.55.2024.2.1 11502-2 10 801234534765 2021-04-01T16:10:00Z 2021-01-04T08:22:00Z",
    "t30-BIO-CR-BIO_2024.01_Microbiologie_V2 1.2.250.1.213.1.1.1.55.2024.8.2 11502-2 10 801234534765 2024-01-04T15:05:27Z 2024-01-04T08:22:00Z",
    "t30-BIO-TROD_2024.01_COVID-19 1.2.250.1.213.1.1.1.59.2024.2.1 96173-0 52 807655473259 2024-01-06T10:36:23Z 2024-01-06T10:36:23Z",
    "t30-CANCER-FRCP_2022.01_Appareil 1.2.250.1.213.1.1.1.8.2022.1.1 34794-8 10 401234567890009 2019-02-18T08:49:14Z 2019-02-18T14:45:00Z",
    "t30-CANCER-PPS_2022.01_feuille-de-style-externe 1.2.250.1.213.1.1.1.26.2022.2.1 18776-5 44 801234567897 2021-01-13T11:17:00Z 2019-09-30T11:17:00Z",
    "t30-CARD-F-PRC-AVK_2022.01 1.2.250.1.213.1.1.1.2.1.1.2022.1.1 34133-9 11 801234567897 2008-09-29T08:49:14Z 2010-01-04T14:25:30Z",
    "t30-CNAM-HR_2021.01 1.2.250.1.213.1.1.1.36.2021.1.1 REMB 60 518003502400041/1.2.250.1.215.1.2 2019-07-01T15:49:00Z 2019-01-01T14:45:00Z",
    "t30-DLU-EHPAD-DLU_2022.01 1.2.250.1.213.1.1.1.22.2022.1.1 74207-2 11 801234567897 2020-03-27T14:35:00Z 2020-03-27T14:35:00Z",
    "t30-DLU-EHPAD-FLUDT_2022.01 1.2.250.1.213.1.1.1.23.2022.1.1 74207-2 11 801234567897 2020-03-27T14:35:00Z 2020-03-27T16:50:00Z",
    "t30-IMG-DA-IMG_2024.01_Radiographie_IRM_Genou 1.2.250.1.213.1.1.1.47.2024.4.1 55115-0 42 801234567897 2021-01-12T10:17:00Z 2021-01-12T09:25:00Z",
    "t30-IMG_CR_IMG_2024.01 1.2.250.1.213.1.1.1.45.2024.1.1 18748-4 31 801234560801 2021-01-08T10:17:00Z 2021-01-08T09:25:00Z",
    "t30-IMG_CR_IMG_2024.01_CDA-R2-Niveau-1 1.2.250.1.213.1.1.1.45.2024.2.1 18748-4 31 801234560801 2021-01-08T10:17:00Z 2021-01-08T09:25:00Z",
    "t30-IPS-FR_2024.01 1.2.250.1.213.1.1.1.51.2024.1.1 60591-5 11 801234567897 2024-04-02T10:17:00Z 2024-04-02T10:17:00Z",
    "t30-LDL-EES_2022.01 1.2.250.1.213.1.1.1.21.2022.1.1 18761-7 11 801234567897 2019-10-29T10:17:00Z 2019-10-29T10:17:00Z",
    "t30-LDL-SES_2022.01 1.2.250.1.213.1.1.1.29.2022.1.1 11490-0 10 801234567897 2019-12-03T12:30:00Z 2019-10-29T10:17:00Z",
    "t30-OPH-BRE_2022.02 1.2.250.1.213.1.1.1.42.2022.1.1 78513-9 10 801234567897 2021-08-27T08:30:00Z 2021-08-27T14:45:00Z",
    "t30-TLM-CR_2022.01 1.3.6.1.4.1.19376.1.2.20.2022.1.1 85208-7 10 801234567123 2020-03-27T14:35:00Z 2020-03-27T14:45:00Z",
    "t30-TLM-DA_2022.01_TCG 1.2.250.1.213.1.1.1.38.2022.1.1 75496-0 10 801234567897 2021-03-27T14:35:00Z 2021-03-27T16:50:45Z",
    "t30-VAC-NOTE_2023.01 1.2.250.1.213.1.1.1.46.2023.1.1 87273-9 52 801234567897 2021-04-09T14:35:00Z 2021-04-09T14:35:00Z",
    "t30-VAC_2023.01 1.2.250.1.213.1.1.1.37.2023.1.1 11369-6 52 801234567897 2021-04-09T16:00:00Z 2021-04-09T16:00:00Z",
    "t30-VSM_1.4_2022.01 1.2.250.1.213.1.1.1.13.2022.1.1 SYNTH 11 801234567897 2020-03-12T10:17:00Z 2020-03-12T10:17:00Z",
    "t30-eP-MED-DM_2024.01_PosoStruct 1.2.250.1.213.1.1.1.39.2024.2.1 57833-6 42 801234567897 2023-12-01T08:30:00Z 2023-12-01T08:10:00Z",
];

/// Those whose patient has a production OID and a right key.
#[rustfmt::skip]
const OF_PRODUCTION: [&str; 2] = [
    "t241-DOC_NON_STRUCTURE_CDA-R1 C2AD5D22-4ED9-44D6-AD9B-4292BA64131F 57833-6 42 807505123456 2020-07-01T11:47:45Z 2020-07-01T12:47:45Z",
    "t30-eDISP-MED_2024.01 1.2.250.1.213.1.1.1.54.2024.1.1 60593-1 43 578435954900010/1.2.250.1.176.1 2024-12-25T08:30:00Z 2024-12-25T08:00:00Z",
];

const WRONG_KEY: &str = "clé de contrôle du matricule INS fausse";
const OTHER_REALM: &str = "OID de production sur un domaine de test";

/// Refused on a test deployment, and by what.
const REFUSED: [(&str, &str); 6] = [
    ("t30-CSE-CS8_2025.01", WRONG_KEY),
    ("t30-SDM-MR_2024.01_nouveau-ne", WRONG_KEY),
    ("t241-DOC_NON_STRUCTURE_CDA-R1", OTHER_REALM),
    ("t30-CSE-MDE_2023.01", OTHER_REALM),
    ("t30-OBP-SNE_2024.01", OTHER_REALM),
    ("t30-eDISP-MED_2024.01", OTHER_REALM),
];

/// Refused where production OIDs are read as test ones: two of them have a wrong key as well.
const REFUSED_BY_KEY: [&str; 4] =
    ["t30-CSE-CS8_2025.01", "t30-SDM-MR_2024.01_nouveau-ne", "t30-CSE-MDE_2023.01", "t30-OBP-SNE_2024.01"];

/// Replaced by its second version.
const SUPERSEDED: &str = "hl7v2-CR_Radio_CDAN1_v1";

/// The samples' directory and files; says when it has none.
#[allow(clippy::print_stdout)] // a test that tests nothing says so
fn samples() -> Option<(PathBuf, Vec<PathBuf>)> {
    let Some(shared) = shared() else {
        println!("SKIPPED: no shared folder (DMP_SHARED): the official samples are not tested");
        return None;
    };
    let directory = shared.join("data/cda-samples");
    let files = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|e| e == "xml")).collect();
    files.sort();
    assert_eq!(files.len(), 33);
    Some((directory, files))
}

/// `dmp publish --open-missing` of all of them, as the loader.
fn publish(demo: &Demo, files: &[PathBuf]) -> Run {
    let token = demo.dir.join("loader.token");
    std::fs::write(&token, demo.token(&["--loader"])).unwrap();
    let url = format!("http://{}", demo.authority);
    let mut arguments = vec!["publish".into(), "--url".into(), url, "--token-file".into()];
    arguments.push(token.display().to_string());
    arguments.push("--open-missing".into());
    arguments.extend(files.iter().map(|file| file.display().to_string()));
    dmp(arguments)
}

/// What became of each file, by name: `published <uniqueId>` or `refused <code> <reason>`.
fn outcomes(run: &Run, directory: &Path) -> BTreeMap<String, String> {
    let outcome = |line: &str| {
        let (told, file) = line.split_once(&format!(" {}/", directory.display())).unwrap();
        (file.trim_end_matches(".xml").to_owned(), told.to_owned())
    };
    let outcomes: BTreeMap<_, _> = run.out.lines().map(outcome).collect();
    assert_eq!(outcomes.len(), run.out.lines().count(), "one line a file: {}", run.out);
    outcomes
}

/// What a row's file gives when it is published.
fn published(row: &str) -> (String, String) {
    let mut parts = row.split(' ');
    let (file, unique_id) = (parts.next().unwrap(), parts.next().unwrap());
    (file.to_owned(), format!("published {unique_id}"))
}

/// A DocumentReference as a row.
fn row_of(file: &str, reference: &Value) -> String {
    let attachment = &reference["content"][0]["attachment"];
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    [
        file.to_owned(),
        unique_id(reference),
        text(&reference["type"]["coding"][0]["code"]),
        text(&reference["category"][0]["coding"][0]["code"]),
        first_author(reference),
        text(&attachment["creation"]),
        text(&reference["context"]["period"]["start"]),
    ]
    .join(" ")
}

/// The identifier of the person whom the first author is.
fn first_author(reference: &Value) -> String {
    let contained = |id: &Value| {
        let id = id.as_str().unwrap().trim_start_matches('#');
        reference["contained"].as_array().unwrap().iter().find(|r| r["id"] == id).unwrap()
    };
    let author = contained(&reference["author"][0]["reference"]);
    let person = match author["resourceType"].as_str() {
        Some("PractitionerRole") => contained(&author["practitioner"]["reference"]),
        _ => author,
    };
    person["identifier"][0]["value"].as_str().unwrap_or("none").to_owned()
}

/// Each row is found by its identifier with the patient's token, and its bytes are those of the file.
fn found_and_given_back(demo: &Demo, patient: &str, rows: &[&str], directory: &Path) {
    let token = demo.token(&["--patient", patient]);
    for row in rows {
        let (file, outcome) = published(row);
        let unique_id = outcome.trim_start_matches("published ");
        let scheme = if unique_id.contains('-') { "uuid" } else { "oid" };
        let identifier = format!("urn:ietf:rfc:3986%7Curn:{scheme}:{unique_id}");
        let found = resources(demo, &format!("/fhir/DocumentReference?identifier={identifier}"), &token);
        assert_eq!(found.len(), 1, "{file}");
        assert_eq!(row_of(&file, &found[0]), *row);
        let status = if file == SUPERSEDED { "superseded" } else { "current" };
        assert_eq!(found[0]["status"], status, "{file}");

        let binary = own_path(demo, found[0]["content"][0]["attachment"]["url"].as_str().unwrap());
        let given = demo.send(&Request::get(&binary).bearer(&token).header("Accept", "text/xml"));
        let bytes = std::fs::read(directory.join(format!("{file}.xml"))).unwrap();
        assert_eq!(given.status, 200, "{file}: {}", given.brief());
        assert!(given.body == bytes, "{file}: {} bytes given back, of {}", given.body.len(), bytes.len());
    }
}

#[test]
fn twenty_seven_samples_are_published_found_and_given_back_and_six_refused_by_name() {
    let Some((directory, files)) = samples() else { return };
    let mut demo = Demo::start_with(&["--dossiers", "20", "--seed", "1"]);
    let run = publish(&demo, &files);
    assert_eq!(run.code, Some(1), "some were refused: {}", run.err);
    let outcomes_of_all = outcomes(&run, &directory);
    let (refused, accepted): (BTreeMap<_, _>, BTreeMap<_, _>) =
        outcomes_of_all.clone().into_iter().partition(|(_, told)| told.starts_with("refused "));
    assert_eq!(accepted, PUBLISHED.into_iter().map(published).collect());
    assert_eq!(refused.len(), REFUSED.len());
    for (file, reason) in REFUSED {
        let told = &refused[file];
        assert!(told.starts_with("refused XDSUnknownPatientId ") && told.contains(reason), "{file}: {told}");
    }
    found_and_given_back(&demo, PATIENT, &PUBLISHED, &directory);

    // Again: the same answers, and nothing that was not there.
    let patient = demo.token(&["--patient", PATIENT]);
    let everything = || resources(&demo, "/fhir/DocumentReference?_count=100", &patient);
    let before = everything();
    assert_eq!(before.len(), PUBLISHED.len());
    let again = publish(&demo, &files);
    assert_eq!(again.code, Some(1));
    assert_eq!(outcomes(&again, &directory), outcomes_of_all);
    assert_eq!(everything(), before);
    verifies_running_and_stopped(&mut demo);
}

#[test]
fn two_more_are_published_where_production_oids_are_accepted() {
    let Some((directory, files)) = samples() else { return };
    let mut demo = Demo::start_with(&["--dossiers", "2", "--seed", "1", "--accept-production-oid"]);
    let run = publish(&demo, &files);
    assert_eq!(run.code, Some(1), "some were refused: {}", run.err);
    let (refused, accepted): (BTreeMap<_, _>, BTreeMap<_, _>) =
        outcomes(&run, &directory).into_iter().partition(|(_, told)| told.starts_with("refused "));
    assert_eq!(accepted, PUBLISHED.into_iter().chain(OF_PRODUCTION).map(published).collect());
    assert_eq!(refused.keys().map(String::as_str).collect::<BTreeSet<_>>(), REFUSED_BY_KEY.into());
    for (file, told) in &refused {
        assert!(
            told.starts_with("refused XDSUnknownPatientId ") && told.contains(WRONG_KEY),
            "{file}: {told}"
        );
    }
    found_and_given_back(&demo, PATIENT, &PUBLISHED, &directory);
    found_and_given_back(&demo, PRODUCTION_PATIENT, &OF_PRODUCTION, &directory);
    verifies_running_and_stopped(&mut demo);
}
