//! FindDocuments and FindSubmissionSets: every criterion, alone and together.

use crate::common::Bench;
use crate::common::cast::{actor, ps_id, structure_id};
use crate::common::deposit::{author, lot, metadata};
use crate::common::script::{by_name, name_of, run, uid};
use dmp_dossier::{
    AuthorTest, BaseConfidentiality, Code, Command, Comparison, DateTest, DocumentDraft, DocumentFilter,
    DocumentRef, Dtm, Query, ReferenceId, SetFilter, TokenTest, View, Visibility,
};

fn dtm(text: &str) -> Dtm {
    Dtm::parse(text).unwrap()
}

fn token(code: &str) -> TokenTest {
    TokenTest { system: None, code: code.to_owned() }
}

fn of_system(system: &str, code: &str) -> TokenTest {
    TokenTest { system: Some(system.to_owned()), code: code.to_owned() }
}

fn date(comparison: Comparison, text: &str) -> Vec<DateTest> {
    vec![DateTest { comparison, value: dtm(text) }]
}

/// Three documents of three lots: `bio` of January 2027, `rx` of March, `mien` of April, the patient's, masked.
fn bench() -> Bench {
    let mut bench = Bench::new();
    assert_eq!(run(&mut bench, "cpam open"), "done");
    let deposit = |bench: &mut Bench, name: &str, of: &str, edit: &dyn Fn(&mut DocumentDraft)| {
        let patients = of == "patient";
        let kind = if patients { "DOCPAT02" } else { "11502-2" };
        let mut draft = DocumentDraft {
            metadata: metadata(name, kind, &[of], dtm("20270401")),
            declared: None,
            visibility: Visibility::VISIBLE,
            release_at: None,
            replaces: None,
        };
        edit(&mut draft);
        let mut lot = lot(bench, name, (!patients).then(|| author(of)), vec![draft]);
        lot.set.submission_time = dtm(if patients { "20270402" } else { "20270116" });
        lot.set.title = Some(format!("Envoi {name}"));
        lot.set.source_id = format!("1.2.{}", name.len());
        bench.execute(&actor(of), &Command::Publish(Box::new(lot))).unwrap();
    };
    deposit(&mut bench, "bio", "kone", &|d| {
        d.metadata.creation_time = dtm("20270115103000");
        d.metadata.service_start = Some(dtm("20270110"));
        d.metadata.service_stop = Some(dtm("20270112"));
        d.metadata.event_codes = vec![
            Code::new("HBQK002", "1.2.250.1.213.2.5", ""),
            Code::new("C34", "2.16.840.1.113883.6.3", ""),
        ];
        d.metadata.reference_ids = vec![ReferenceId {
            value: "ACC-7".to_owned(),
            authority: "1.2.9".to_owned(),
            kind: "urn:ihe:iti:xds:2013:accession".to_owned(),
        }];
    });
    bench.now = bench.now.plus_days(1);
    deposit(&mut bench, "rx", "martin", &|d| {
        d.metadata.type_code.code = "57828-6".to_owned();
        d.metadata.class_code.code = "42".to_owned();
        d.metadata.creation_time = dtm("202703");
        d.metadata.format_code.code = "urn:g".to_owned();
        d.metadata.facility_type.code = "SA01".to_owned();
        d.metadata.practice_setting.code = "ETABLISSEMENT".to_owned();
        d.metadata.confidentiality = BaseConfidentiality::Restricted;
    });
    deposit(&mut bench, "mien", "patient", &|d| d.visibility.masked = true);
    bench
}

#[test]
fn every_criterion_of_find_documents_selects_and_excludes() {
    let bench = bench();
    let lid = bench.dossier.find(&by_name("rx")).unwrap().1.lid;
    let f = DocumentFilter::default;
    let cases: Vec<(&str, DocumentFilter, &str)> = vec![
        ("no criterion", f(), "bio rx mien"),
        ("type", DocumentFilter { types: vec![token("57828-6")], ..f() }, "rx"),
        (
            "type, either",
            DocumentFilter { types: vec![token("57828-6"), token("DOCPAT02")], ..f() },
            "rx mien",
        ),
        ("type of its system", DocumentFilter { types: vec![of_system("1.2.3", "57828-6")], ..f() }, "rx"),
        ("type of another system", DocumentFilter { types: vec![of_system("1.2.4", "57828-6")], ..f() }, ""),
        ("class", DocumentFilter { classes: vec![token("42")], ..f() }, "rx mien"),
        ("format", DocumentFilter { formats: vec![token("urn:g")], ..f() }, "rx"),
        ("facility", DocumentFilter { facilities: vec![token("SA01")], ..f() }, "rx"),
        ("setting", DocumentFilter { settings: vec![token("ETABLISSEMENT")], ..f() }, "rx"),
        ("event", DocumentFilter { events: vec![vec![token("C34")]], ..f() }, "bio"),
        (
            "events, both",
            DocumentFilter { events: vec![vec![token("C34")], vec![token("HBQK002")]], ..f() },
            "bio",
        ),
        (
            "events, one absent",
            DocumentFilter { events: vec![vec![token("C34")], vec![token("X")]], ..f() },
            "",
        ),
        (
            "confidentiality N",
            DocumentFilter { confidentialities: vec![vec![token("N")]], ..f() },
            "bio mien",
        ),
        ("confidentiality R", DocumentFilter { confidentialities: vec![vec![token("R")]], ..f() }, "rx"),
        ("masked", DocumentFilter { confidentialities: vec![vec![token("MASQUE_PS")]], ..f() }, "mien"),
        (
            "masked or restricted",
            DocumentFilter { confidentialities: vec![vec![token("MASQUE_PS"), token("R")]], ..f() },
            "rx mien",
        ),
        (
            "hidden from the patient",
            DocumentFilter { confidentialities: vec![vec![token("INVISIBLE_PATIENT")]], ..f() },
            "",
        ),
        ("author", DocumentFilter { authors: vec![vec![AuthorTest::Name("KON".to_owned())]], ..f() }, "bio"),
        (
            "author by family",
            DocumentFilter { authors: vec![vec![AuthorTest::Family("mart".to_owned())]], ..f() },
            "rx",
        ),
        (
            "author by given name",
            DocumentFilter { authors: vec![vec![AuthorTest::Given("mart".to_owned())]], ..f() },
            "",
        ),
        (
            "author by identifier",
            DocumentFilter { authors: vec![vec![AuthorTest::Id(ps_id(2).as_str().to_owned())]], ..f() },
            "bio",
        ),
        (
            "author by structure",
            DocumentFilter {
                authors: vec![vec![AuthorTest::Id(structure_id(0).as_str().to_owned())]],
                ..f()
            },
            "rx",
        ),
        ("created in a day", DocumentFilter { creation: date(Comparison::Equal, "20270115"), ..f() }, "bio"),
        ("created since", DocumentFilter { creation: date(Comparison::From, "20270301"), ..f() }, "rx mien"),
        ("created before", DocumentFilter { creation: date(Comparison::To, "20270301"), ..f() }, "bio"),
        ("act started", DocumentFilter { service_start: date(Comparison::Equal, "202701"), ..f() }, "bio"),
        (
            "act stopped after",
            DocumentFilter { service_stop: date(Comparison::StartsAfter, "20270111"), ..f() },
            "bio",
        ),
        ("act stopped before", DocumentFilter { service_stop: date(Comparison::To, "20270111"), ..f() }, ""),
        ("period", DocumentFilter { period: date(Comparison::Equal, "202701"), ..f() }, "bio"),
        ("period of one day", DocumentFilter { period: date(Comparison::Equal, "20270110"), ..f() }, ""),
        ("reference", DocumentFilter { reference_ids: vec![token("ACC-7")], ..f() }, "bio"),
        (
            "reference of an authority",
            DocumentFilter { reference_ids: vec![of_system("1.2.8", "ACC-7")], ..f() },
            "",
        ),
        ("registered since", DocumentFilter { registered_since: Some(bench.now), ..f() }, "rx mien"),
        ("by uniqueId", DocumentFilter { references: vec![by_name("bio"), by_name("absent")], ..f() }, "bio"),
        ("by lid", DocumentFilter { references: vec![DocumentRef::Lid(lid)], ..f() }, "rx"),
        (
            "two criteria",
            DocumentFilter {
                classes: vec![token("42")],
                confidentialities: vec![vec![token("MASQUE_PS")]],
                ..f()
            },
            "mien",
        ),
    ];
    for (criterion, filter, expected) in cases {
        let view = bench.look(&actor("patient"), &Query::FindDocuments(Box::new(filter)));
        let Ok(View::Documents(seen)) = view else { panic!("{criterion}") };
        let names: Vec<String> = seen.iter().map(|s| name_of(&s.entry.metadata.unique_id)).collect();
        assert_eq!(names.join(" "), expected, "{criterion}");
    }
}

#[test]
fn every_criterion_of_find_submission_sets_selects_and_excludes() {
    let bench = bench();
    let rx = bench.dossier.sets().find(|(_, s)| s.metadata.unique_id == uid("lot-rx")).unwrap().1.entry_uuid;
    let f = SetFilter::default;
    let cases: Vec<(&str, SetFilter, &str)> = vec![
        ("no criterion", f(), "lot-bio lot-rx lot-mien"),
        ("sent on", SetFilter { submission: date(Comparison::Equal, "20270402"), ..f() }, "lot-mien"),
        ("source", SetFilter { source_ids: vec!["1.2.2".to_owned()], ..f() }, "lot-rx"),
        ("content type", SetFilter { content_types: vec![token("04")], ..f() }, "lot-bio lot-rx lot-mien"),
        ("another content type", SetFilter { content_types: vec![token("97")], ..f() }, ""),
        ("author", SetFilter { authors: vec![vec![AuthorTest::Name("martin".to_owned())]], ..f() }, "lot-rx"),
        ("uniqueId", SetFilter { unique_ids: vec![uid("lot-bio")], ..f() }, "lot-bio"),
        ("entryUUID", SetFilter { entry_uuids: vec![rx], ..f() }, "lot-rx"),
        ("title", SetFilter { title: Some("envoi m".to_owned()), ..f() }, "lot-mien"),
    ];
    for (criterion, filter, expected) in cases {
        let view = bench.look(&actor("patient"), &Query::FindSubmissionSets(Box::new(filter)));
        let Ok(View::Sets(seen)) = view else { panic!("{criterion}") };
        let names: Vec<String> = seen.iter().map(|s| name_of(&s.set.metadata.unique_id)).collect();
        assert_eq!(names.join(" "), expected, "{criterion}");
    }
}
