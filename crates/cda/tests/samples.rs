//! The 33 official samples: what is read from their headers, and that they show without harm.
//!
//! Expected values were derived from the files by other means (Python, the published tables ASS_X16, ASS_A11 and
//! ASS_A12), not by this crate.
#![allow(clippy::unwrap_used)] // a failure here is the test's failure

mod common;

use dmp_cda::{Cda, MediaType, RenderOptions};
use dmp_dossier::document::AuthorId;
use dmp_dossier::time::Dtm;

/// file, typeCode, classCode, formatCode, uniqueId, first author, creationTime and serviceStartTime in UTC
#[rustfmt::skip]
const EXPECTED: [&str; 33] = [
    "hl7v2-CR_Radio_CDAN1_v1 18748-4 31 urn:ihe:iti:xds-sd:pdf:2008 1.2.250.1.71.4.2.2.120456789.71024000081 801234564895 20050411083328 20230227082827",
    "hl7v2-CR_Radio_CDAN1_v2 18748-4 31 urn:ihe:iti:xds-sd:pdf:2008 1.2.250.1.71.4.2.2.120456789.71024000082 801234564895 20050411083328 20230227082827",
    "t241-DOC_NON_STRUCTURE_CDA-R1 57833-6 42 urn:ihe:iti:xds-sd:pdf:2008 C2AD5D22-4ED9-44D6-AD9B-4292BA64131F 807505123456 20200701114745 20200701124745",
    "t30-ANEST-CR-CPA_2022.01 34749-2 10 urn:asip:ci-sis:cr-cpa:2020 1.2.250.1.213.1.1.1.41.2022.1.1 801234567897 20200317161100 20200317161100",
    "t30-AVC-EUNV_2022.01 34133-9 11 urn:asip:ci-sis:eunv:2013 1.2.250.1.213.1.1.1.16.2022.1.1 801234567897 20181001101700 20181001101700",
    "t30-BIO-CR-BIO_2021.01_CDA-R2-Niveau-1 11502-2 10 urn:ihe:iti:xds-sd:pdf:2008 1.2.250.1.213.1.1.1.55.2021.3.1 801234534765 20210104150527 20210104082200",
    "t30-BIO-CR-BIO_2024.01_CRP_non_LOINC 11502-2 10 urn:ihe:lab:xd-lab:2008 1.2.250.1.213.1.1.1.55.2024.2.1 801234534765 20210401161000 20210104082200",
    "t30-BIO-CR-BIO_2024.01_Microbiologie_V2 11502-2 10 urn:ihe:lab:xd-lab:2008 1.2.250.1.213.1.1.1.55.2024.8.2 801234534765 20240104150527 20240104082200",
    "t30-BIO-TROD_2024.01_COVID-19 96173-0 52 urn:ans:ci-sis:trod:2024 1.2.250.1.213.1.1.1.59.2024.2.1 807655473259 20240106103623 20240106103623",
    "t30-CANCER-FRCP_2022.01_Appareil 34794-8 10 urn:asip:ci-sis:frcp:2011 1.2.250.1.213.1.1.1.8.2022.1.1 401234567890009 20190218084914 20190218144500",
    "t30-CANCER-PPS_2022.01_feuille-de-style-externe 18776-5 44 urn:asip:ci-sis:pps-cancer:2017 1.2.250.1.213.1.1.1.26.2022.2.1 801234567897 20210113111700 20190930111700",
    "t30-CARD-F-PRC-AVK_2022.01 34133-9 11 urn:asip:ci-sis:avk:2009 1.2.250.1.213.1.1.1.2.1.1.2022.1.1 801234567897 20080929084914 20100104142530",
    "t30-CNAM-HR_2021.01 REMB 60 urn:asip:ci-sis:hr:2019 1.2.250.1.213.1.1.1.36.2021.1.1 518003502400041/1.2.250.1.215.1.2 20190701154900 20190101144500",
    "t30-CSE-CS8_2025.01 CERT_DECL 52 urn:asip:ci-sis:cse-cs8:2017 1.2.250.1.213.1.1.1.5.1.2024.2.1 801234567897 20210503104500 20210503104500",
    "t30-CSE-MDE_2023.01 29274-8 10 urn:ans:ci-sis:cse-mde:2023 1.2.250.1.213.1.1.1.5.2023.1.1 801234567897 20230106103623 20230106103623",
    "t30-DLU-EHPAD-DLU_2022.01 74207-2 11 urn:asip:ci-sis:dlu:2015 1.2.250.1.213.1.1.1.22.2022.1.1 801234567897 20200327143500 20200327143500",
    "t30-DLU-EHPAD-FLUDT_2022.01 74207-2 11 urn:asip:ci-sis:fludt:2017 1.2.250.1.213.1.1.1.23.2022.1.1 801234567897 20200327143500 20200327165000",
    "t30-IMG-DA-IMG_2024.01_Radiographie_IRM_Genou 55115-0 42 urn:ans:ci-sis:img-da:2022 1.2.250.1.213.1.1.1.47.2024.4.1 801234567897 20210112101700 20210112092500",
    "t30-IMG_CR_IMG_2024.01 18748-4 31 urn:ihe:rad:CDA:ImagingReportStructuredHeadings:2013 1.2.250.1.213.1.1.1.45.2024.1.1 801234560801 20210108101700 20210108092500",
    "t30-IMG_CR_IMG_2024.01_CDA-R2-Niveau-1 18748-4 31 urn:ihe:iti:xds-sd:pdf:2008 1.2.250.1.213.1.1.1.45.2024.2.1 801234560801 20210108101700 20210108092500",
    "t30-IPS-FR_2024.01 60591-5 11 urn:ihe:pcc:ips:2020 1.2.250.1.213.1.1.1.51.2024.1.1 801234567897 20240402101700 20240402101700",
    "t30-LDL-EES_2022.01 18761-7 11 urn:asip:ci-sis:ldl-ees:2017 1.2.250.1.213.1.1.1.21.2022.1.1 801234567897 20191029101700 20191029101700",
    "t30-LDL-SES_2022.01 11490-0 10 urn:asip:ci-sis:ldl-ses:2017 1.2.250.1.213.1.1.1.29.2022.1.1 801234567897 20191203123000 20191029101700",
    "t30-OBP-SNE_2024.01 57075-4 11 urn:asip:ci-sis:obp-sne:2023 1.2.250.1.213.1.1.1.12.3.2024.1.1 801234567897 20230425101700 20230425070000",
    "t30-OPH-BRE_2022.02 78513-9 10 urn:ihe:eyecare:geneyeevalcn:2014 1.2.250.1.213.1.1.1.42.2022.1.1 801234567897 20210827083000 20210827144500",
    "t30-SDM-MR_2024.01_nouveau-ne 34133-9 11 urn:asip:ci-sis:sdm-mr:2017 1.2.250.1.213.1.1.1.30.2024.1.1 801234567897 20240228150000 20240228150000",
    "t30-TLM-CR_2022.01 85208-7 10 urn:ihe:iti:xds-sd:pdf:2008 1.3.6.1.4.1.19376.1.2.20.2022.1.1 801234567123 20200327143500 20200327144500",
    "t30-TLM-DA_2022.01_TCG 75496-0 10 urn:asip:ci-sis:tlm-da:2020 1.2.250.1.213.1.1.1.38.2022.1.1 801234567897 20210327143500 20210327165045",
    "t30-VAC-NOTE_2023.01 87273-9 52 urn:asip:ci-sis:vac-note:2021 1.2.250.1.213.1.1.1.46.2023.1.1 801234567897 20210409143500 20210409143500",
    "t30-VAC_2023.01 11369-6 52 urn:asip:ci-sis:vac:2019 1.2.250.1.213.1.1.1.37.2023.1.1 801234567897 20210409160000 20210409160000",
    "t30-VSM_1.4_2022.01 SYNTH 11 urn:asip:ci-sis:vsm:2012 1.2.250.1.213.1.1.1.13.2022.1.1 801234567897 20200312101700 20200312101700",
    "t30-eDISP-MED_2024.01 60593-1 43 urn:ihe:pharm:dis:2010 1.2.250.1.213.1.1.1.54.2024.1.1 578435954900010/1.2.250.1.176.1 20241225083000 20241225080000",
    "t30-eP-MED-DM_2024.01_PosoStruct 57833-6 42 urn:ihe:pharm:pre:2010 1.2.250.1.213.1.1.1.39.2024.2.1 801234567897 20231201083000 20231201081000",
];

#[test]
fn each_sample_has_the_metadata_of_its_header() {
    let Some(samples) = common::samples() else { return };
    assert_eq!(samples.len(), EXPECTED.len());
    for ((name, bytes), expected) in samples.iter().zip(EXPECTED) {
        let draft = common::deposit(bytes).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        let m = &draft.metadata;
        let author = match &m.authors[0].person.id {
            AuthorId::Professional(id) => id.as_str(),
            AuthorId::Patient(ins) => ins.value(),
            AuthorId::Other { id, .. } => id,
        };
        let start = m.service_start.map(Dtm::to_hl7).unwrap_or_default();
        let creation = m.creation_time.to_hl7();
        let read = [
            name,
            m.type_code.code.as_str(),
            &m.class_code.code,
            &m.format_code.code,
            m.unique_id.as_str(),
            author,
            &creation,
            &start,
        ];
        assert_eq!(read.join(" "), expected);
        assert_eq!(m.size_bytes, bytes.len() as u64, "{name}");
        assert_eq!((m.mime_type.as_str(), m.language.as_str()), ("text/xml", "fr-FR"), "{name}");
        assert!(m.legal_authenticator.is_some() && !m.title.is_empty(), "{name}");
        assert_eq!(dmp_cda::contradictions(&common::copied(m), &draft), [], "{name}");
    }
}

#[test]
fn the_patient_is_given_as_the_header_names_it() {
    let Some(samples) = common::samples() else { return };
    let patient = |name: &str| {
        let (_, bytes) = samples.iter().find(|(sample, _)| sample == name).unwrap();
        let patient = Cda::parse(bytes).unwrap().header().unwrap().patient;
        (
            patient.ins.joined(),
            patient.birth_date,
            patient.birth_family,
            patient.birth_given,
            patient.given_names,
        )
    };
    let expected = |ins: &str, birth: &str, family: &str, given: &str, all: &str| {
        (ins.to_owned(), Some(birth.to_owned()), family.to_owned(), given.to_owned(), all.to_owned())
    };
    assert_eq!(
        patient("t30-VSM_1.4_2022.01"),
        expected(
            "1.2.250.1.213.1.4.10^279035121518989",
            "19790328",
            "PAT-TROIS",
            "DOMINIQUE",
            "DOMINIQUE MARIE-LOUISE"
        )
    );
    // A key that is wrong is given as it is: it is judged where the dossier is looked for.
    assert_eq!(patient("t30-CSE-CS8_2025.01").0, "1.2.250.1.213.1.4.10^221042545611404");
    assert_eq!(
        patient("t241-DOC_NON_STRUCTURE_CDA-R1"),
        expected("1.2.250.1.213.1.4.8^277076322082910", "19770714", "NESSI", "RUTH", "ISABELLE")
    );
}

#[test]
fn the_six_samples_whose_patient_is_not_of_the_test_realm_are_told_apart() {
    use dmp_dossier::identity::{InsError, Realm, RealmPolicy};
    let Some(samples) = common::samples() else { return };
    let refused = |accept_production_oid| {
        let realm = RealmPolicy { realm: Realm::Test, accept_production_oid };
        let declared = |bytes| Cda::parse(bytes).unwrap().header().unwrap().patient.declared(&realm);
        let errors = samples.iter().filter_map(|(name, bytes)| Some((name.as_str(), declared(bytes).err()?)));
        errors.collect::<Vec<_>>()
    };
    assert_eq!(
        refused(false),
        [
            ("t241-DOC_NON_STRUCTURE_CDA-R1", InsError::Realm),
            ("t30-CSE-CS8_2025.01", InsError::Key),
            ("t30-CSE-MDE_2023.01", InsError::Realm),
            ("t30-OBP-SNE_2024.01", InsError::Realm),
            ("t30-SDM-MR_2024.01_nouveau-ne", InsError::Key),
            ("t30-eDISP-MED_2024.01", InsError::Realm),
        ]
    );
    assert_eq!(refused(true).iter().map(|(_, error)| *error).collect::<Vec<_>>(), [InsError::Key; 4]);
}

#[test]
fn every_sample_shows_as_safe_html() {
    let Some(samples) = common::samples() else { return };
    for (name, bytes) in &samples {
        let cda = Cda::parse(bytes).unwrap();
        let rendered = cda.html(&RenderOptions::default());
        let words = common::html::check(&rendered.html).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        // What search finds is on the page, in the same order: nothing of the narrative was lost.
        let header = cda.header().unwrap();
        let text = cda.text();
        let searched = text.strip_prefix(header.title.as_deref().unwrap_or_default()).unwrap();
        let mut shown = words.chars();
        let lost = searched.chars().filter(|c| !c.is_whitespace()).position(|c| !shown.any(|s| s == c));
        assert_eq!(lost, None, "{name}: {searched}");
        assert_eq!(searched.is_empty(), header.media_type.is_some(), "{name}");
    }
}

#[test]
fn files_of_samples_are_offered() {
    let Some(samples) = common::samples() else { return };
    let pdf = MediaType::Pdf;
    let mut offered = 0;
    for (name, bytes) in &samples {
        let files = Cda::parse(bytes).unwrap().files();
        offered += files.len();
        let copies = files.iter().filter(|file| file.is_copy).count();
        let expected: Option<(usize, usize)> = match name.as_str() {
            "hl7v2-CR_Radio_CDAN1_v1" | "t30-TLM-CR_2022.01" => Some((1, 0)),
            "t30-BIO-CR-BIO_2024.01_CRP_non_LOINC" | "t30-eP-MED-DM_2024.01_PosoStruct" => Some((1, 1)),
            "t30-IPS-FR_2024.01" => Some((3, 0)),
            "t30-VSM_1.4_2022.01" | "t30-VAC_2023.01" => Some((0, 0)),
            _ => None,
        };
        if let Some(expected) = expected {
            assert_eq!((files.len(), copies), expected, "{name}");
        }
        for file in files {
            assert_eq!(file.media_type, pdf, "{name}");
            assert!(file.bytes.starts_with(b"%PDF-"), "{name}");
        }
    }
    assert_eq!(offered, 18);
}

#[test]
fn samples_can_be_searched_by_their_words() {
    let Some(samples) = common::samples() else { return };
    for (name, word) in [
        ("t30-VSM_1.4_2022.01", "Accident ischémique cérébral transitoire"),
        ("t30-VSM_1.4_2022.01", "COUMADINE 5mg, comprimé sécable"),
        ("t30-BIO-CR-BIO_2024.01_CRP_non_LOINC", "CRP <1.0 mg/l"),
        ("t30-VAC-NOTE_2023.01", "VACCIN TETANIQUE PASTEUR"),
        ("hl7v2-CR_Radio_CDAN1_v2", "Radio de hanche"),
    ] {
        let (_, bytes) = samples.iter().find(|(sample, _)| sample == name).unwrap();
        let text = Cda::parse(bytes).unwrap().text();
        assert!(text.contains(word), "{name}: {word} not in {text}");
    }
}
