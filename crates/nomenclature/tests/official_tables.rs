//! Compares the tables of this crate with the published value sets, and their use with the sample documents,
//! where those are at hand: the folder named by `DMP_SHARED`, else `../shared` beside the workspace.

use dmp_nomenclature::profession::Kind;
use dmp_nomenclature::type_code::{ClassSource, SIGNATURE};
use dmp_nomenclature::{
    AuthorSpecialty, ClassCode, Concept, FormatCode, Profession, TypeCode, ValueSet, access_mode,
    author_role, confidentiality, content_type, facility, format_code, oid, practice_setting, profession,
    speciality,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The folder of published data, or `None` after saying that the test is skipped.
#[allow(clippy::print_stdout)] // a skipped test says so
fn shared() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shared = std::env::var_os("DMP_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let data = shared.join("data");
    if !data.is_dir() {
        println!("skipped: {} is not here", data.display());
        return None;
    }
    Some(data)
}

/// A member of a published value set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Member {
    code: String,
    system: String,
    label: String,
}

fn json(name: &str) -> Option<Value> {
    let text = std::fs::read_to_string(shared()?.join("valuesets").join(name)).expect(name);
    Some(serde_json::from_str(&text).expect(name))
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

/// The members of a value set, their system as an OID.
fn members(name: &str) -> Option<Vec<Member>> {
    let set = json(name)?;
    let members = set["concepts"].as_array().expect("concepts").iter().map(|concept| {
        let label = [text(concept, "display"), text(concept, "displayName")].concat();
        let system = match concept["codeSystem"].as_str() {
            Some(oid) if !oid.is_empty() => oid.to_owned(),
            _ => oid::by_fhir(&text(concept, "system")).map_or_else(String::new, |s| s.oid.to_owned()),
        };
        Member { code: text(concept, "code"), system, label }
    });
    Some(members.collect())
}

fn member(concept: &Concept) -> Member {
    Member {
        code: concept.code.to_owned(),
        system: concept.system.oid.to_owned(),
        label: concept.label.to_owned(),
    }
}

#[track_caller]
fn assert_same(ours: impl IntoIterator<Item = Member>, theirs: impl IntoIterator<Item = Member>) {
    let (ours, theirs): (BTreeSet<_>, BTreeSet<_>) =
        (ours.into_iter().collect(), theirs.into_iter().collect());
    assert!(!theirs.is_empty());
    let only = |a: &BTreeSet<Member>, b: &BTreeSet<Member>| a.difference(b).cloned().collect::<Vec<_>>();
    assert_eq!((only(&ours, &theirs), only(&theirs, &ours)), (vec![], vec![]), "(only ours, only theirs)");
}

#[test]
fn the_current_types_are_those_of_jdv_j66_with_its_labels() {
    let Some(theirs) = members("JDV_J66-TypeCode-DMP.json") else {
        return;
    };
    assert_eq!(theirs.len(), 108);
    assert_same(
        TypeCode::current().chain([&SIGNATURE]).map(|t| Member {
            code: t.code.to_owned(),
            system: t.system.oid.to_owned(),
            label: t.label.to_owned(),
        }),
        theirs,
    );
}

#[test]
fn the_types_of_the_cisis_that_the_dmp_does_not_take_are_unknown() {
    let Some(theirs) = members("JDV_J07_XdsTypeCode_CISIS.json") else {
        return;
    };
    let unknown: BTreeSet<_> = theirs
        .iter()
        .filter(|m| m.code != SIGNATURE.code && !TypeCode::find(&m.code).is_some_and(TypeCode::is_current))
        .map(|m| m.code.as_str())
        .collect();
    let expected =
        ["51851-4", "56446-8", "EXPORT_DUI", "FEUILLE-DE-STYLE", "FICHE-CONTACTS", "PIECE-IDENTITE"];
    assert_eq!(unknown, BTreeSet::from(expected));
}

#[test]
fn the_class_of_each_type_is_that_of_ass_x16() {
    let Some(map) = json("ASS_X16-CorrespondanceType-Classe-DMP.json") else {
        return;
    };
    let rows = map["elements"].as_array().expect("elements");
    let classes: BTreeMap<_, _> = rows.iter().map(|row| (text(row, "type"), text(row, "class"))).collect();
    assert_eq!(classes.len(), rows.len());
    for t in TypeCode::current().chain([&SIGNATURE]) {
        match t.class_source {
            ClassSource::Official => {
                assert_eq!(classes.get(t.code).map(String::as_str), Some(t.class), "{}", t.code)
            }
            ClassSource::Provisional => assert!(!classes.contains_key(t.code), "{} has a class now", t.code),
        }
    }
    for (code, class) in &classes {
        let known = TypeCode::find(code).or((code == SIGNATURE.code).then_some(&SIGNATURE));
        assert_eq!(known.map(|t| t.class), Some(class.as_str()), "{code}");
    }
}

#[test]
fn the_classes_are_those_of_jdv_j57_and_jdv_j06() {
    for (file, in_dmp_only) in
        [("JDV_J57-ClassCode-DMP.json", true), ("JDV_J06-XdsClassCode-CISIS.json", false)]
    {
        let Some(theirs) = members(file) else { return };
        let theirs = theirs.into_iter().map(|m| Member {
            // one of the two files leaves the scheme of the signature out
            system: if m.code.starts_with("urn:") { "URN".to_owned() } else { m.system },
            ..m
        });
        let ours = ClassCode::all().iter().filter(|c| c.in_dmp || !in_dmp_only).map(|c| Member {
            code: c.code.to_owned(),
            system: c.system.oid.to_owned(),
            label: c.label.to_owned(),
        });
        assert_same(ours, theirs);
    }
}

#[test]
fn the_plain_value_sets_are_the_published_ones() {
    let both = |a: &'static ValueSet, b: &'static ValueSet| a.concepts.iter().chain(b.concepts).map(member);
    for (file, ours) in [
        ("JDV_J61-HealthcareFacilityTypeCode-DMP.json", &facility::DMP),
        ("JDV_J62-PracticeSettingCode-DMP.json", &practice_setting::DMP),
        ("JDV_J08_XdsConfidentialityCode_CISIS.json", &confidentiality::CODES),
        ("JDV_J47_FunctionCode_CISIS.json", &author_role::FUNCTION_CODES),
        ("JDV_J38-ModeAcces-CISIS.json", &access_mode::MODES),
    ] {
        let Some(theirs) = members(file) else { return };
        println!("{file}");
        assert_same(ours.concepts.iter().map(member), theirs);
    }
    let Some(j04) = members("JDV_J04_XdsPracticeSettingCode_CISIS.json") else {
        return;
    };
    assert_same(both(&practice_setting::DMP, &practice_setting::CISIS_ONLY), j04);
    // JDV_J02 words SA63 otherwise and has left SA11 out.
    let Some(j02) = members("JDV_J02_XdsHealthcareFacilityTypeCode_CISIS.json") else {
        return;
    };
    let differ = |m: &Member| m.code == "SA63" || m.code == "SA11";
    assert_same(
        both(&facility::DMP, &facility::CISIS_ONLY).filter(|m| !differ(m)),
        j02.into_iter().filter(|m| !differ(m)),
    );
}

#[test]
fn the_formats_are_those_of_jdv_j10_and_the_newer_ones_of_ass_a11() {
    let Some(theirs) = members("JDV_J10-XdsFormatCode-CISIS.json") else {
        return;
    };
    for m in &theirs {
        let ours = FormatCode::find(&m.code).unwrap_or_else(|| panic!("{}", m.code));
        assert_eq!(
            ours.system.oid,
            if m.system.is_empty() { ours.system.oid } else { &m.system },
            "{}",
            m.code
        );
        // The value set misspells one label (`FFiche`) and gives none to the organ-specific pathology reports.
        if !m.label.is_empty() && !m.label.starts_with("FFiche") {
            assert_eq!(ours.label, m.label, "{}", m.code);
        }
    }
    let codes: BTreeSet<_> = theirs.iter().map(|m| m.code.as_str()).collect();
    let newer: Vec<_> =
        FormatCode::all().iter().map(|f| f.code).filter(|code| !codes.contains(code)).collect();
    assert!(
        newer.iter().all(|code| code.starts_with("urn:ans:ci-sis:mso-") && code.ends_with(":2026")),
        "{newer:?}"
    );
    assert_eq!(newer.len(), 5);
}

#[test]
fn templates_and_media_types_lead_to_the_formats_of_ass_a11_and_ass_a12() {
    let Some(a11) = json("ASS_A11-CorresModeleCDA-XdsFormatCode-CISIS.json") else {
        return;
    };
    let a11 = a11["elements"].as_array().expect("elements");
    for row in a11 {
        let template = text(row, "templateId");
        let format = FormatCode::of_templates([template.as_str()]).unwrap_or_else(|| panic!("{template}"));
        assert_eq!(
            (format.code, format.system.fhir),
            (&*text(row, "formatCode"), &*text(row, "formatSystem"))
        );
    }
    // ours beside the map: the TROD, and what a patient writes
    assert_eq!(format_code::templates().len(), a11.len() + 2);

    let Some(a12) = json("ASS_A12-CorresMediaTypeCDANonStructure-XdsFormatCode-CISIS.json") else {
        return;
    };
    let a12 = a12["elements"].as_array().expect("elements");
    for row in a12 {
        let format = FormatCode::of_media_type(&text(row, "mediaType")).map(|f| f.code);
        assert_eq!(format, Some(&*text(row, "formatCode")));
    }
    assert_eq!(format_code::media_types().len(), a12.len());
}

#[test]
fn the_vihf_roles_of_jdv_j65_are_all_known() {
    let Some(theirs) = members("JDV_J65-SubjectRole-DMP.json") else {
        return;
    };
    let mut count = BTreeMap::new();
    for m in &theirs {
        let label = match m.system.as_str() {
            "1.2.250.1.71.4.2.5" => speciality::find(&m.code).map(|s| s.label),
            "1.2.250.1.71.4.2.6" => profession::PHARMACIST_SECTIONS.find(&m.code).map(|s| s.label),
            system => Profession::in_system(system, &m.code).map(|p| p.label),
        };
        assert_eq!(label, Some(m.label.as_str()), "{}", m.code);
        *count.entry(m.system.as_str()).or_insert(0) += 1;
    }
    assert_eq!(count["1.2.250.1.71.4.2.5"], 244);
    assert_eq!(count["1.2.250.1.71.4.2.6"], profession::PHARMACIST_SECTIONS.concepts.len());
    let g15 = Profession::all().iter().filter(|p| p.kind == Kind::HealthProfessional).count();
    assert_eq!(count["1.2.250.1.71.1.2.7"], g15);
}

#[test]
fn the_roles_outside_the_health_professions_are_those_of_jdv_j48_and_jdv_j01() {
    let Some(j48) = members("JDV_J48_ProfessionNonPS_CISIS.json") else {
        return;
    };
    for m in &j48 {
        let ours = Profession::in_system(&m.system, &m.code);
        assert_eq!(ours.map(|p| p.label), Some(m.label.as_str()), "{}", m.code);
    }
    let Some(j01) = members("JDV_J01_XdsAuthorSpecialty_CISIS.json") else {
        return;
    };
    let known: BTreeSet<_> = j48.iter().chain(&j01).map(|m| m.code.as_str()).collect();
    for p in Profession::all().iter().filter(|p| p.kind != Kind::HealthProfessional) {
        assert!(known.contains(p.key), "{}", p.key);
    }
}

#[test]
fn every_author_specialty_of_jdv_j01_is_read_whole() {
    let Some(theirs) = members("JDV_J01_XdsAuthorSpecialty_CISIS.json") else {
        return;
    };
    for m in &theirs {
        let read = AuthorSpecialty::parse(&m.code).unwrap_or_else(|| panic!("{}", m.code));
        assert_eq!(read.qualification.is_some(), m.code.contains('/'), "{}", m.code);
        let is_composed = m.system == "1.2.250.1.213.1.1.4.5";
        assert!(m.label.starts_with(read.profession.label) || !is_composed, "{}: {}", m.code, m.label);
    }
}

#[test]
fn every_encounter_type_of_jdv_j142_has_its_content_type() {
    let Some(theirs) = members("JDV_J142_TypeRencontre_CISIS.json") else {
        return;
    };
    for m in &theirs {
        let found = content_type::of_encounter(Some(&m.code));
        let ours = matches!(m.code.as_str(), "FLD" | "VR");
        assert_eq!(found.code == content_type::UNDIFFERENTIATED, ours, "{}", m.code);
    }
}

/// File of `cda-samples`, its typeCode and the format its header leads to.
#[rustfmt::skip] // one row, one line
const SAMPLES: [(&str, &str, &str); 33] = [
    ("hl7v2-CR_Radio_CDAN1_v1", "18748-4", "urn:ihe:iti:xds-sd:pdf:2008"),
    ("hl7v2-CR_Radio_CDAN1_v2", "18748-4", "urn:ihe:iti:xds-sd:pdf:2008"),
    ("t241-DOC_NON_STRUCTURE_CDA-R1", "57833-6", "urn:ihe:iti:xds-sd:pdf:2008"),
    ("t30-ANEST-CR-CPA_2022.01", "34749-2", "urn:asip:ci-sis:cr-cpa:2020"),
    ("t30-AVC-EUNV_2022.01", "34133-9", "urn:asip:ci-sis:eunv:2013"),
    ("t30-BIO-CR-BIO_2021.01_CDA-R2-Niveau-1", "11502-2", "urn:ihe:iti:xds-sd:pdf:2008"),
    ("t30-BIO-CR-BIO_2024.01_CRP_non_LOINC", "11502-2", "urn:ihe:lab:xd-lab:2008"),
    ("t30-BIO-CR-BIO_2024.01_Microbiologie_V2", "11502-2", "urn:ihe:lab:xd-lab:2008"),
    ("t30-BIO-TROD_2024.01_COVID-19", "96173-0", "urn:ans:ci-sis:trod:2024"),
    ("t30-CANCER-FRCP_2022.01_Appareil", "34794-8", "urn:asip:ci-sis:frcp:2011"),
    ("t30-CANCER-PPS_2022.01_feuille-de-style-externe", "18776-5", "urn:asip:ci-sis:pps-cancer:2017"),
    ("t30-CARD-F-PRC-AVK_2022.01", "34133-9", "urn:asip:ci-sis:avk:2009"),
    ("t30-CNAM-HR_2021.01", "REMB", "urn:asip:ci-sis:hr:2019"),
    ("t30-CSE-CS8_2025.01", "CERT_DECL", "urn:asip:ci-sis:cse-cs8:2017"),
    ("t30-CSE-MDE_2023.01", "29274-8", "urn:ans:ci-sis:cse-mde:2023"),
    ("t30-DLU-EHPAD-DLU_2022.01", "74207-2", "urn:asip:ci-sis:dlu:2015"),
    ("t30-DLU-EHPAD-FLUDT_2022.01", "74207-2", "urn:asip:ci-sis:fludt:2017"),
    ("t30-IMG-DA-IMG_2024.01_Radiographie_IRM_Genou", "55115-0", "urn:ans:ci-sis:img-da:2022"),
    ("t30-IMG_CR_IMG_2024.01", "18748-4", "urn:ihe:rad:CDA:ImagingReportStructuredHeadings:2013"),
    ("t30-IMG_CR_IMG_2024.01_CDA-R2-Niveau-1", "18748-4", "urn:ihe:iti:xds-sd:pdf:2008"),
    ("t30-IPS-FR_2024.01", "60591-5", "urn:ihe:pcc:ips:2020"),
    ("t30-LDL-EES_2022.01", "18761-7", "urn:asip:ci-sis:ldl-ees:2017"),
    ("t30-LDL-SES_2022.01", "11490-0", "urn:asip:ci-sis:ldl-ses:2017"),
    ("t30-OBP-SNE_2024.01", "57075-4", "urn:asip:ci-sis:obp-sne:2023"),
    ("t30-OPH-BRE_2022.02", "78513-9", "urn:ihe:eyecare:geneyeevalcn:2014"),
    ("t30-SDM-MR_2024.01_nouveau-ne", "34133-9", "urn:asip:ci-sis:sdm-mr:2017"),
    ("t30-TLM-CR_2022.01", "85208-7", "urn:ihe:iti:xds-sd:pdf:2008"),
    ("t30-TLM-DA_2022.01_TCG", "75496-0", "urn:asip:ci-sis:tlm-da:2020"),
    ("t30-VAC-NOTE_2023.01", "87273-9", "urn:asip:ci-sis:vac-note:2021"),
    ("t30-VAC_2023.01", "11369-6", "urn:asip:ci-sis:vac:2019"),
    ("t30-VSM_1.4_2022.01", "SYNTH", "urn:asip:ci-sis:vsm:2012"),
    ("t30-eDISP-MED_2024.01", "60593-1", "urn:ihe:pharm:dis:2010"),
    ("t30-eP-MED-DM_2024.01_PosoStruct", "57833-6", "urn:ihe:pharm:pre:2010"),
];

#[test]
fn every_sample_document_has_a_current_type_a_format_and_known_metadata_codes() {
    let Some(data) = shared() else { return };
    for (name, type_code, format) in SAMPLES {
        let text = std::fs::read_to_string(data.join("cda-samples").join(format!("{name}.xml"))).expect(name);
        let document = roxmltree::Document::parse(&text).expect(name);
        let root = document
            .descendants()
            .find(|n| n.has_tag_name(("urn:hl7-org:v3", "ClinicalDocument")))
            .expect(name);
        let children = |tag: &'static str| root.children().filter(move |n| n.tag_name().name() == tag);
        let within = |tag: &'static str| root.descendants().filter(move |n| n.tag_name().name() == tag);

        let code = children("code").next().expect(name);
        let found = TypeCode::find(code.attribute("code").unwrap_or_default()).expect(name);
        assert_eq!((found.code, found.is_current()), (type_code, true), "{name}");
        assert_eq!(code.attribute("codeSystem"), Some(found.system.oid), "{name}");

        let templates = children("templateId").filter_map(|t| t.attribute("root"));
        let media_type = within("nonXMLBody").next().map(|body| {
            let text = body.children().find(|n| n.tag_name().name() == "text").expect(name);
            text.attribute("mediaType").unwrap_or_default()
        });
        assert_eq!(FormatCode::of_document(templates, media_type).map(|f| f.code), Some(format), "{name}");

        let facility = within("healthCareFacility").next().expect(name);
        let facility_code = facility.children().find_map(|n| n.attribute("code")).unwrap_or_default();
        assert!(facility::DMP.find(facility_code).is_some(), "{name}: {facility_code}");
        for setting in children("documentationOf").flat_map(|d| d.descendants()) {
            if setting.tag_name().name() == "standardIndustryClassCode" {
                assert!(
                    practice_setting::DMP.find(setting.attribute("code").unwrap_or_default()).is_some(),
                    "{name}"
                );
            }
        }
        for author in children("author").flat_map(|a| a.children()) {
            let code =
                author.children().find(|n| n.tag_name().name() == "code").and_then(|n| n.attribute("code"));
            if let ("assignedAuthor", Some(code)) = (author.tag_name().name(), code) {
                assert!(AuthorSpecialty::parse(code).is_some(), "{name}: {code}");
            }
        }
    }
}
