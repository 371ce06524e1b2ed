//! Each fixture's metadata in full: what is deduced, defaulted, kept as given.
#![allow(clippy::unwrap_used)] // a failure here is the test's failure

mod common;

use common::{deposit, edited, fixture};
use dmp_cda::DocumentDraft;
use dmp_dossier::document::{AuthorId, BaseConfidentiality};
use dmp_dossier::identity::Sex;
use dmp_dossier::time::Dtm;

fn draft(name: &str) -> DocumentDraft {
    deposit(fixture(name).as_bytes()).unwrap_or_else(|refusal| panic!("{name}: {refusal}"))
}

#[test]
fn codes_follow_from_type_template_and_media_type() {
    // fixture, type, class, format, facility, setting, content type of the lot
    for row in [
        "synthese 60591-5 11 urn:asip:ci-sis:vsm:2012 SA07 AMBULATOIRE 07",
        "biologie 11502-2 10 urn:ihe:lab:xd-lab:2008 SA25 AMBULATOIRE 07",
        "vaccination 87273-9 52 urn:asip:ci-sis:vac-note:2021 SA07 AMBULATOIRE 07",
        "ordonnance 57833-6 42 urn:ihe:pharm:pre:2010 SA07 AMBULATOIRE 07",
        "imagerie-pdf 18748-4 31 urn:ihe:iti:xds-sd:pdf:2008 SA01 ETABLISSEMENT 07",
        "expression-patient EXPPAT_3 90 urn:ihe:iti:xds-sd:text:2008 EXP_PATIENT EXP_PATIENT 97",
        "remboursements REMB 60 urn:asip:ci-sis:hr:2019 SA24 AMO 97",
        "auto-presentable 11488-4 10 urn:ihe:iti:xds-sd:text:2008 SA07 AMBULATOIRE 07",
    ] {
        let name = row.split(' ').next().unwrap();
        let DocumentDraft { metadata: m, submission, .. } = draft(name);
        let codes = [
            name,
            &m.type_code.code,
            &m.class_code.code,
            &m.format_code.code,
            &m.facility_type.code,
            &m.practice_setting.code,
            &submission.content_type.code,
        ];
        assert_eq!(codes.join(" "), row);
        assert_eq!(m.confidentiality, BaseConfidentiality::Normal, "{name}");
        let mime = if name == "auto-presentable" { "application/xslt+xml" } else { "text/xml" };
        assert_eq!(m.mime_type, mime, "{name}");
    }
}

#[test]
fn identifiers_are_kept_as_given() {
    let biology = draft("biologie").metadata;
    assert_eq!(biology.unique_id.as_str(), "1.2.250.1.999.1^BIO-2024-1");
    assert_eq!(biology.declared_parent.unwrap().as_str(), "1.2.250.1.999.1^BIO-2024-0");
    assert_eq!((biology.set_id.as_deref(), biology.version_number), (Some("1.2.250.1.999.1.55"), Some(2)));
    let imaging = draft("imagerie-pdf").metadata;
    assert_eq!(imaging.unique_id.as_str(), "C2AD5D22-4ED9-44D6-AD9B-4292BA64131E");
    assert_eq!((imaging.set_id, imaging.declared_parent), (None, None));
    let appended = edited("biologie", r#"typeCode="RPLC""#, r#"typeCode="APND""#);
    assert_eq!(
        deposit(appended.as_bytes()).unwrap().metadata.declared_parent,
        None,
        "an appendix replaces nothing"
    );
}

#[test]
fn times_are_in_utc_with_their_precision() {
    for (name, creation, start, stop) in [
        ("synthese", "20240312084500", "20240312081500", "20240312084500"),
        ("vaccination", "202309280800", "202309280800", ""),
        // no offset: Europe/Paris
        ("ordonnance", "20231201083000", "20231201083000", ""),
        ("imagerie-pdf", "20240112093328", "20240112092827", "20240112093000"),
        ("expression-patient", "20240201", "20240201", ""),
        ("remboursements", "20240701144900", "20240101", "20240701"),
    ] {
        let m = draft(name).metadata;
        let text = |time: Option<Dtm>| time.map(Dtm::to_hl7).unwrap_or_default();
        let read = (m.creation_time.to_hl7(), text(m.service_start), text(m.service_stop));
        assert_eq!(read, (creation.to_owned(), start.to_owned(), stop.to_owned()), "{name}");
    }
    // A document may be dated up to a day ahead of us, no more: documents of the tests arrive on 2026-01-01.
    let dated = |time: &str| {
        edited(
            "synthese",
            r#"<effectiveTime value="20240312094500+0100"/>"#,
            &format!(r#"<effectiveTime value="{time}"/>"#),
        )
    };
    assert!(deposit(dated("20260102000000+0000").as_bytes()).is_ok());
    assert!(deposit(dated("20260102000001+0000").as_bytes()).is_err());
    assert!(deposit(dated("19000101").as_bytes()).is_ok());
}

#[test]
fn authors_are_people_patients_or_systems() {
    let doctor = &draft("synthese").metadata.authors[0];
    assert!(matches!(&doctor.person.id, AuthorId::Professional(id) if id.as_str() == "899900063480"));
    assert_eq!((doctor.person.family.as_str(), doctor.person.given.as_str()), ("LIBRE", "Luc"));
    assert_eq!(doctor.role.as_ref().unwrap().code, "PCP");
    assert_eq!(doctor.specialty.as_ref().unwrap().code, "G15_10/SM26");
    let structure = doctor.institution.as_ref().unwrap();
    assert_eq!(structure.id.as_ref().unwrap().as_str(), "499900063480001");
    assert_eq!(structure.name, "Cabinet du Dr Libre");

    let patient = draft("expression-patient").metadata;
    assert!(
        matches!(&patient.authors[0].person.id, AuthorId::Patient(ins) if ins.value() == "284073523811416")
    );
    assert!(patient.authors[0].institution.is_none());
    assert!(matches!(patient.legal_authenticator.unwrap().id, AuthorId::Patient(_)));

    let system = draft("remboursements").metadata;
    let AuthorId::Other { id, authority } = &system.authors[0].person.id else {
        panic!("{:?}", system.authors)
    };
    assert_eq!((id.as_str(), authority.as_str()), ("518003502400041/1.2.250.1.999.2", "1.2.250.1.71.4.2.1"));
    assert_eq!(system.authors[0].person.family, "Assurance Maladie");
    assert_eq!(system.authors[0].specialty.as_ref().unwrap().code, "ALIM_AM");
    let signer = system.legal_authenticator.unwrap();
    assert_eq!((signer.family.as_str(), signer.given.as_str()), ("Assurance Maladie", ""));
    assert!(
        matches!(signer.id, AuthorId::Other { .. }),
        "a system does not become a professional by its number"
    );

    let elsewhere = edited("expression-patient", "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.8");
    let author = &deposit(elsewhere.as_bytes()).unwrap().metadata.authors[0];
    assert!(matches!(author.person.id, AuthorId::Other { .. }), "an INS of the other realm is nobody's here");
}

#[test]
fn title_is_composed_cut_and_defaulted() {
    assert_eq!(draft("biologie").metadata.title, "Examens du 4 janvier");
    assert_eq!(draft("ordonnance").metadata.title, "Prescription de produits de santé");
    let title = |title: &str| {
        let text =
            edited("biologie", "<title>Examens du 4 janvier</title>", &format!("<title>{title}</title>"));
        deposit(text.as_bytes()).unwrap().metadata.title
    };
    assert_eq!(title(&"é".repeat(300)).chars().count(), 255);
    assert_eq!(title("  Re\u{301}sultats\n   du <sub>jour</sub> "), "Résultats du jour");
}

#[test]
fn acts_orders_and_studies_are_listed() {
    let m = draft("imagerie-pdf").metadata;
    let codes: Vec<_> = m.event_codes.iter().map(|code| (code.code.as_str(), code.system.as_str())).collect();
    assert_eq!(codes, [("NAQK015", "1.2.250.1.213.2.5"), ("S72.0", "2.16.840.1.113883.6.3")]);
    let references: Vec<_> = m
        .reference_ids
        .iter()
        .map(|id| (id.kind.as_str(), id.value.as_str(), id.authority.as_str()))
        .collect();
    assert_eq!(
        references,
        [
            ("urn:ihe:iti:xds:2013:order", "984375862", "1.2.250.1.999.8"),
            ("urn:ihe:iti:xds:2013:accession", "105234751", "1.2.250.1.999.8.1"),
            ("urn:ihe:iti:xds:2016:studyInstanceUID", "1.2.250.1.999.9.1876360", ""),
        ]
    );
    let encounter_class = edited(
        "synthese",
        r#"code="34117-2" codeSystem="2.16.840.1.113883.6.1""#,
        r#"code="IMP" codeSystem="2.16.840.1.113883.5.4""#,
    );
    assert!(
        deposit(encounter_class.as_bytes()).unwrap().metadata.event_codes.is_empty(),
        "a kind of stay is no act"
    );
}

#[test]
fn the_patient_is_given_to_be_compared_and_copied_for_the_record() {
    let DocumentDraft { metadata: m, patient, .. } = draft("synthese");
    assert_eq!((patient.ins.root.as_str(), patient.ins.value()), ("1.2.250.1.213.1.4.10", "284073523811416"));
    assert_eq!((patient.birth_date.as_deref(), patient.sex), (Some("19840712"), Some(Sex::Female)));
    assert_eq!((patient.birth_family.as_str(), patient.birth_given.as_str()), ("EXEMPLE", "MARIE"));
    assert_eq!(
        (patient.used_family.as_deref(), patient.given_names.as_str()),
        (Some("MODELE"), "MARIE CLAIRE")
    );
    assert_eq!(patient.birth_place.as_deref(), Some("35238"));
    assert_eq!(m.source_patient_id, "0456789999^^^&1.2.250.1.999.1.1.7898.2&ISO^PI");
    assert_eq!(m.source_patient_info, ["PID-5|EXEMPLE^MARIE^^^^^L", "PID-7|19840712", "PID-8|F"]);

    let local = r#"<id root="1.2.250.1.999.1.1.7898.2" extension="0456789999"/>"#;
    for hostile in
        ["", r#"<id root="1.2.3" extension="1^^^&amp;9.9&amp;ISO^NH"/>"#, r#"<id root="x" extension="1"/>"#]
    {
        let text = edited("synthese", local, hostile);
        let m = deposit(text.as_bytes()).unwrap().metadata;
        assert_eq!(m.source_patient_id, "284073523811416^^^&1.2.250.1.213.1.4.10&ISO^NH", "{hostile}");
    }
    let odd = edited("synthese", ">EXEMPLE<", ">D^E|F&amp;G<");
    assert_eq!(
        deposit(odd.as_bytes()).unwrap().metadata.source_patient_info[0],
        "PID-5|D\\S\\E\\F\\F\\T\\G^MARIE^^^^^L"
    );
}

#[test]
fn hash_and_size_are_those_of_the_bytes() {
    let text = fixture("vaccination");
    let before = deposit(text.as_bytes()).unwrap().metadata;
    let after = deposit(format!("{text} ").as_bytes()).unwrap().metadata;
    assert_eq!(after.size_bytes, before.size_bytes + 1);
    assert_ne!(after.hash, before.hash);
}
