//! What is written is valid, and read back as it was.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a test that lacks its files must say so

mod common;
mod written;

use dmp_cda::clinical::Value;
use dmp_cda::entries::Stage;
use dmp_cda::write::WriteCda;
use dmp_cda::{Cda, RenderOptions};
use dmp_dossier::code::Code;
use dmp_dossier::document::{AuthorId, DocumentMetadata, Person};
use dmp_dossier::time::Dtm;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use written::{HARD_NAME, every_document, the_insurer_as_author};

fn metadata(document: &dyn WriteCda) -> DocumentMetadata {
    let xml = document.to_xml();
    let draft = common::deposit(xml.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal}\n{xml}"));
    draft.metadata
}

fn code(concept: &dmp_nomenclature::Concept) -> Code {
    Code::new(concept.code, concept.system.oid, concept.label)
}

#[test]
fn metadata_are_those_that_were_written() {
    for (name, document) in every_document() {
        let (draft, read) = (document.header(), metadata(document.as_ref()));
        assert_eq!(read.unique_id, draft.unique_id, "{name}");
        assert_eq!(read.title, draft.title, "{name}");
        assert_eq!(read.authors, draft.authors, "{name}");
        assert_eq!(read.legal_authenticator.as_ref(), Some(&draft.legal_authenticator.person), "{name}");
        assert_eq!(read.creation_time, Dtm::from_time(draft.created), "{name}");
        assert_eq!(read.service_start, Some(Dtm::from_time(draft.act.start)), "{name}");
        assert_eq!(read.service_stop, draft.act.stop.map(Dtm::from_time), "{name}");
        assert_eq!(read.type_code.code, draft.type_code.code, "{name}");
        assert_eq!(read.class_code.code, draft.type_code.class, "{name}");
        assert_eq!(read.confidentiality, draft.confidentiality, "{name}");
        assert_eq!(read.facility_type, code(draft.facility), "{name}");
        assert_eq!(read.practice_setting, code(draft.practice_setting), "{name}");
        assert_eq!(read.declared_parent, draft.replaces, "{name}");
        assert_eq!(read.set_id.as_deref(), Some(draft.set_id.as_str()), "{name}");
        assert_eq!(read.version_number, Some(draft.version_number), "{name}");
        assert_eq!(read.language, "fr-FR", "{name}");
        assert_eq!(read.mime_type, "text/xml", "{name}");
        let events: Vec<_> = draft.act.code.iter().chain(&draft.other_acts).cloned().collect();
        assert_eq!(read.event_codes, events, "{name}");
        let references: Vec<_> = read.reference_ids.iter().map(|r| r.value.as_str()).collect();
        let imaging: &[&str] = if name == "imaging report" { &["A-12", "1.2.250.1.999.27.1"] } else { &[] };
        assert_eq!(references, [&["D-77"], imaging].concat(), "{name}");
        assert_eq!(read.source_patient_id, "IPP-42^^^&1.2.250.1.999.1.1&ISO^PI", "{name}");
    }
}

#[test]
fn formats_follow_from_the_templates_written() {
    for ((name, document), format) in every_document().iter().zip([
        "urn:asipSante:modelesHorsProfils:2011",
        "urn:asipSante:modelesHorsProfils:2011",
        "urn:asip:ci-sis:vsm:2012",
        "urn:ihe:lab:xd-lab:2008",
        "urn:asip:ci-sis:ldl-ses:2017",
        "urn:ihe:pharm:pre:2010",
        "urn:asip:ci-sis:vac-note:2021",
        "urn:ihe:rad:CDA:ImagingReportStructuredHeadings:2013",
        "urn:ihe:iti:xds-sd:pdf:2008",
        "urn:ihe:iti:xds-sd:text:2008",
        "urn:ihe:iti-fr:xds-sd:jpeg:2010",
        "urn:ihe:iti:xds-sd:text:2008",
    ]) {
        assert_eq!(metadata(document.as_ref()).format_code.code, format, "{name}");
    }
}

#[test]
fn the_patient_is_the_one_that_was_written() {
    for (name, document) in every_document() {
        let written = &document.header().patient;
        let xml = document.to_xml();
        let read = Cda::parse(xml.as_bytes()).unwrap().header().unwrap().patient;
        let traits = &written.traits;
        assert_eq!(
            (read.ins.value(), read.ins.root.as_str()),
            (written.ins.value(), "1.2.250.1.213.1.4.10"),
            "{name}"
        );
        assert_eq!(read.birth_family, traits.birth_name, "{name}");
        assert_eq!(read.given_names, traits.given_names, "{name}");
        assert_eq!(read.birth_given, "MARIE", "{name}");
        assert_eq!(read.used_family, traits.used_name, "{name}");
        assert_eq!(read.used_given, traits.used_given, "{name}");
        assert_eq!(read.birth_date.as_deref(), Some("19840712"), "{name}");
        assert_eq!(read.sex, Some(traits.sex), "{name}");
        assert_eq!(read.birth_place.as_deref(), Some("35238"), "{name}");
    }
}

#[test]
fn a_system_is_an_author_without_given_name() {
    let (_, document) = every_document().pop().unwrap();
    let read = metadata(document.as_ref());
    let Person { id, given, family } = &read.authors[0].person;
    assert_eq!((given.as_str(), family.as_str()), ("", "Assurance Maladie"));
    assert!(matches!(id, AuthorId::Other { .. }));
    assert_eq!(read.authors, [the_insurer_as_author()]);
}

#[test]
fn a_synthesis_gives_its_entries_back() {
    let written = written::synthesis();
    let xml = written.to_xml();
    let read = Cda::parse(xml.as_bytes()).unwrap().entries();
    let [active, past] = &read.problems[..] else { panic!("{:?}", read.problems) };
    assert_eq!(active.what, written.problems[0].what);
    assert_eq!((active.period, active.list_status.as_deref()), (written.problems[0].period, Some("active")));
    assert_eq!(past.what, written.history[0].what);
    assert_eq!((past.period, past.list_status.as_deref()), (written.history[0].period, Some("completed")));
    let [allergy] = &read.allergies[..] else { panic!("{:?}", read.allergies) };
    assert_eq!(allergy.agent, written.allergies[0].agent);
    assert_eq!(allergy.kind.text, "allergie médicamenteuse");
    assert_eq!(allergy.onset, Some(written::day("2006")));
    assert_eq!(allergy.status.as_ref().map(|s| s.text.as_str()), Some("Actif"));
    let [reaction] = &allergy.reactions[..] else { panic!("{:?}", allergy.reactions) };
    assert_eq!(reaction.what, written.allergies[0].reactions[0].0);
    assert_eq!(reaction.severity.as_ref().map(|s| s.text.as_str()), Some("modéré"));
    let [treatment] = &read.treatments[..] else { panic!("{:?}", read.treatments) };
    let draft = &written.treatments[0];
    assert_eq!(treatment.stage, Stage::Taken);
    assert_eq!(treatment.product, draft.product);
    assert_eq!(treatment.period, draft.period);
    assert_eq!(treatment.every, draft.dose.every);
    let amount = draft.dose.amount.clone();
    assert_eq!(treatment.dose, Some(Value::Range { low: Some(amount.clone()), high: Some(amount) }));
    assert_eq!(treatment.route.as_ref().map(|r| r.text.as_str()), Some("Voie orale"));
    assert_eq!(treatment.reasons, draft.reason.clone().into_iter().collect::<Vec<_>>());
    assert!(read.results.is_empty() && read.vaccinations.is_empty());
}

#[test]
fn what_a_patient_writes_is_given_back() {
    let header = || written::header("1.2.250.1.999.1.11", "DOCPAT08", written::the_patient_as_author());
    let written = written::health_profile(header());
    let xml = written.to_xml();
    let read = Cda::parse(xml.as_bytes()).unwrap().entries();
    assert_eq!(read.allergies.len(), 2);
    for (read, draft) in read.allergies.iter().zip(&written.allergies) {
        assert_eq!((&read.agent, read.onset), (&draft.agent, draft.onset));
        let reactions: Vec<_> = read.reactions.iter().map(|r| (r.what.clone(), r.severity.clone())).collect();
        let wrote: Vec<_> = draft.reactions.iter().map(|(what, _)| (what.clone(), None)).collect();
        assert_eq!(reactions, wrote);
    }
    assert_eq!(read.allergies[0].kind.codes[0].code, "414285001");
    assert_eq!(read.treatments.len(), 2);
    for (read, draft) in read.treatments.iter().zip(&written.treatments) {
        let told = (&read.product.text, &read.words, read.period.start, read.stage);
        assert_eq!(told, (&draft.product, &draft.posology, draft.since, Stage::Taken));
    }
    let [now, past] = &read.problems[..] else { panic!("{:?}", read.problems) };
    assert_eq!((&now.what, now.period), (&written.problems[0].what, written.problems[0].period));
    assert_eq!((&past.what, past.period), (&written.history[0].what, written.history[0].period));
    assert_eq!(past.section.as_ref().map(|s| s.code.as_str()), Some("11348-0"));
    assert_eq!(read.measures.len(), 2);
    for (read, draft) in read.measures.iter().zip(&written.measures) {
        assert_eq!((read.code(), read.value.as_ref()), (Some(&draft.what), Some(&draft.value)));
        assert_eq!(read.date.map(Dtm::start), Some(draft.at));
    }
    assert!(read.results.is_empty() && read.persons.is_empty());
    let written = written::persons(header());
    let xml = written.to_xml();
    let read = Cda::parse(xml.as_bytes()).unwrap().entries().persons;
    assert_eq!(read.len(), 2);
    for (read, draft) in read.iter().zip(&written.persons) {
        let told = (read.role, &read.name, &read.tie, &read.phone);
        assert_eq!(told, (draft.role, &draft.name, &draft.tie, &draft.phone.replace(' ', "")));
    }
}

#[test]
fn nothing_written_claims_nothing() {
    let header = written::header("1.2.250.1.999.1.11", "DOCPAT08", written::the_patient_as_author());
    let mut written = written::health_profile(header);
    written.allergies.clear();
    written.treatments.clear();
    written.problems.clear();
    written.history.clear();
    written.measures.clear();
    let xml = written.to_xml();
    let cda = Cda::parse(xml.as_bytes()).unwrap();
    assert_eq!(cda.entries(), dmp_cda::Entries::default());
    assert!(!cda.text().contains("connue"), "{}", cda.text());
}

#[test]
fn a_biology_report_gives_its_results_and_its_copy_back() {
    let written = written::biology();
    let xml = written.to_xml();
    let cda = Cda::parse(xml.as_bytes()).unwrap();
    let read = cda.entries().results;
    let drafts: Vec<_> = written.chapters.iter().flat_map(|c| &c.results).collect();
    assert_eq!(read.len(), drafts.len());
    for (read, draft) in read.iter().zip(&drafts) {
        let name = &draft.what.label;
        assert_eq!(read.loinc(), Some(draft.what.code.as_str()), "{name}");
        assert_eq!(read.what.text, *name);
        assert_eq!(read.date, Some(Dtm::from_time(draft.sampled)), "{name}");
        let Some(Value::Quantity(value)) = &read.value else { panic!("{name}: {:?}", read.value) };
        assert_eq!(value.value, draft.value.value, "{name}");
    }
    let interpretations: Vec<_> =
        read.iter().map(|r| r.interpretation.as_ref().map(|i| i.codes[0].code.clone())).collect();
    assert_eq!(
        interpretations.iter().map(|i| i.as_deref()).collect::<Vec<_>>(),
        [Some("H"), Some("N"), Some("L"), None]
    );
    assert_eq!(
        read[0].reference_ranges.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["0,40 m[IU]/L à 4,00 m[IU]/L"]
    );
    let files = cda.files();
    assert_eq!(
        files.iter().map(|f| (f.is_copy, f.bytes.as_slice())).collect::<Vec<_>>(),
        [(true, &b"%PDF-1.4\n%%EOF"[..])]
    );
}

#[test]
fn a_prescription_and_a_vaccination_give_their_entries_back() {
    let documents = every_document();
    let entries = |kind: &str| {
        let (_, document) = documents.iter().find(|(name, _)| *name == kind).unwrap();
        Cda::parse(document.to_xml().as_bytes()).unwrap().entries()
    };
    let [line] = &entries("prescription").treatments[..] else { panic!() };
    assert_eq!((line.stage, line.renewals), (Stage::Prescribed, Some(3)));
    assert_eq!(line.product.codes[0].code, "62080626");
    let [at_discharge] = &entries("discharge letter").treatments[..] else { panic!() };
    assert_eq!((at_discharge.stage, at_discharge.renewals), (Stage::Taken, None));
    let [injection] = &entries("vaccination note").vaccinations[..] else { panic!() };
    assert_eq!(injection.vaccine.text, "VAXIGRIPTETRA");
    assert_eq!(injection.date, Some(written::day("20251102")));
    assert_eq!((injection.lot.as_deref(), injection.rank), (Some("LOT-42"), Some(2)));
    assert_eq!(injection.site.as_ref().map(|s| s.text.as_str()), Some("deltoïde gauche"));
    assert_eq!(injection.comment.as_deref(), Some("Bien toléré"));
}

#[test]
fn narratives_are_readable_and_what_is_wrapped_comes_back() {
    for (name, document) in every_document() {
        let xml = document.to_xml();
        let cda = Cda::parse(xml.as_bytes()).unwrap();
        let rendered = cda.html(&RenderOptions::default());
        assert!(rendered.warnings.is_empty(), "{name}: {:?}", rendered.warnings);
        assert!(cda.text().starts_with("Titre <b>& suite</b>"), "{name}");
    }
    let documents = every_document();
    let text = Cda::parse(documents[9].1.to_xml().as_bytes()).unwrap().text();
    assert!(text.ends_with("Je souhaite & je veux <ceci>."), "{text}");
    let files = Cda::parse(documents[10].1.to_xml().as_bytes()).unwrap().files();
    assert_eq!(files[0].bytes, [0xff, 0xd8, 0xff, 0xd9]);
}

#[test]
fn written_twice_is_the_same() {
    for ((name, first), (_, second)) in every_document().into_iter().zip(every_document()) {
        assert_eq!(first.to_xml(), second.to_xml(), "{name}");
        assert!(
            first.to_xml().contains("D&#39;EXEMPLE &amp; &lt;FILS&gt;")
                || first.to_xml().contains("D'EXEMPLE &amp; &lt;FILS&gt;"),
            "{name}: {HARD_NAME}"
        );
    }
}

/// libxml2, by its own tool or through Python; `None` when neither is there.
fn validator(schema: &std::path::Path) -> Option<Command> {
    let mut xmllint = Command::new("xmllint");
    xmllint.args(["--noout", "--nonet", "--schema"]).arg(schema).arg("-");
    if Command::new("xmllint").arg("--version").stderr(Stdio::null()).status().is_ok_and(|s| s.success()) {
        return Some(xmllint);
    }
    let has_lxml = Command::new("python3").args(["-c", "import lxml"]).stderr(Stdio::null()).status();
    let script = "import sys; from lxml import etree; etree.XMLSchema(file=sys.argv[1]).assertValid(etree.parse(sys.stdin.buffer))";
    let mut python = Command::new("python3");
    python.args(["-c", script]).arg(schema);
    has_lxml.is_ok_and(|s| s.success()).then_some(python)
}

#[test]
fn every_document_is_valid_against_the_schema() {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shared = std::env::var_os("DMP_SHARED").map_or_else(|| workspace.join("../shared"), PathBuf::from);
    let schema = shared.join("data/schemas-cda/CDA_extended.xsd");
    if !schema.exists() {
        println!("skipped: no schema at {}", schema.display());
        return;
    }
    if validator(&schema).is_none() {
        println!("skipped: neither xmllint (libxml2-utils) nor Python's lxml is installed");
        return;
    }
    for (name, document) in every_document() {
        let mut command = validator(&schema).unwrap();
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(document.to_xml().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
