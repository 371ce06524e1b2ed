//! `dmp token`: each option gives a token that the server accepts, as the actor it names.
//!
//! Who the server took the bearer for is what it writes in the journal of the patient whose dossier was asked for.

use crate::common::lot::{ALICE, AUTHOR, INS};
use crate::common::{Demo, Document, Lot};
use crate::tools::{dmp, resources, verifies_running_and_stopped};
use serde_json::Value;

const MARIE: &str = "284073523811416";
const LEO: &str = "118033523802725";

/// Arguments, whose dossier, and who the journal says it was:
/// kind, identifier, profession, speciality, structure, access mode, reason, secret session.
#[rustfmt::skip]
const ROWS: [(&str, &str, &str); 28] = [
    ("--persona marie", MARIE, "Patient 284073523811416 - - - - - -"),
    ("--persona leo", LEO, "Patient 118033523802725 - - - - - -"),
    ("--persona dr-martin", MARIE, "Professionnel 899900900012 10 SM26 499900900012001 - - -"),
    ("--persona dr-roux", MARIE, "Professionnel 899900900020 40 - 499900900020001 - - -"),
    ("--persona ide-petit", MARIE, "Professionnel 899900900038 60 - 499900900038001 - - -"),
    ("--persona pharma-duval", MARIE, "Professionnel 899900900046 21 A 1229990018 - - -"),
    ("--persona opticien-lenoir", MARIE, "Professionnel 899900900053 28 - 499900900053001 - - -"),
    ("--persona dr-kone", MARIE, "Professionnel 899900900061 10 SM59 1229990026 centre_15 - -"),
    ("--persona dr-travail", MARIE, "Professionnel 899900900079 10 SM25 1229990034 - - -"),
    ("--persona secretaire-blanc", MARIE, "Personnel de structure 699900900012001/0001 - - 499900900012001 - - -"),
    ("--persona agent-cpam", MARIE, "Agent d'accueil CPAM-22-001 - - - - - -"),
    ("--patient 284073523811416", MARIE, "Patient 284073523811416 - - - - - -"),
    ("--representative-of 118033523802725 --person 284073523811416", LEO, "Représentant légal 284073523811416 - - - - - -"),
    ("--professional 899900000919 --profession 60", MARIE, "Professionnel 899900000919 60 - - - - -"),
    ("--professional 899900000919 --profession 10 --speciality SM54 --structure 10B0127189 --sector SA01", MARIE,
        "Professionnel 899900000919 10 SM54 10B0127189 - - -"),
    ("--professional 899900000919 --profession 10 --auth indirect", MARIE, "Professionnel 899900000919 10 - - - - -"),
    ("--professional 899900000919 --profession 10 --auth air", MARIE, "Professionnel 899900000919 10 - - - - -"),
    ("--professional 899900000919 --profession 10 --auth psc", MARIE, "Professionnel 899900000919 10 - - - - -"),
    ("--professional 899900000919 --profession 10 --mode bris_de_glace --reason malaise", MARIE,
        "Professionnel 899900000919 10 - - bris_de_glace malaise -"),
    ("--professional 899900000919 --profession 10 --mode centre_15", MARIE, "Professionnel 899900000919 10 - - centre_15 - -"),
    ("--professional 899900000919 --profession 10 --secret", LEO, "Professionnel 899900000919 10 - - - - secret"),
    ("--professional 30B0037750/CPET0001 --card cpe --structure 10B0127189", MARIE,
        "Personnel de structure 30B0037750/CPET0001 - - 10B0127189 - - -"),
    ("--structure 10B0127189", MARIE, "Structure 10B0127189 - - - - - -"),
    ("--structure 10B0127189 --mode centre_15", MARIE, "Structure 10B0127189 - - - centre_15 - -"),
    ("--agent cpam", MARIE, "Agent d'accueil agent-cpam - - - - - -"),
    ("--agent pharmacie", MARIE, "Agent d'accueil agent-pharmacie - - - - - -"),
    ("--loader", MARIE, "Application dmp publish - - - - - -"),
    ("--persona dr-martin --minutes 1", MARIE, "Professionnel 899900900012 10 SM26 499900900012001 - - -"),
];

/// A line of the journal, as a row says it.
fn told(line: &Value) -> String {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).unwrap_or("-").to_owned();
    let agent = &line["agent"][0];
    let roles = agent["role"].as_array().unwrap();
    let code = |system: &str| {
        let coding = roles.iter().map(|role| &role["coding"][0]);
        coding
            .filter(|c| c["system"].as_str().is_some_and(|s| s.contains(system)))
            .map(|c| text(&c["code"]))
            .next()
    };
    let none = || "-".to_owned();
    let in_structure =
        line["agent"].as_array().unwrap().iter().find(|a| a["type"]["coding"][0]["code"] == "PROV");
    [
        text(&roles.last().unwrap()["text"]),
        text(&agent["who"]["identifier"]["value"]),
        code("TRE_G15").unwrap_or_else(none),
        code("TRE_R01").or_else(|| code("TRE_G05")).unwrap_or_else(none),
        in_structure.map_or_else(none, |a| text(&a["who"]["identifier"]["value"])),
        text(&agent["purposeOfUse"][0]["coding"][0]["code"]),
        text(&agent["extension"][0]["valueString"]),
        if line["meta"]["security"].is_null() { none() } else { "secret".to_owned() },
    ]
    .join(" ")
}

#[test]
fn each_option_gives_the_token_of_the_actor_it_names() {
    let mut demo = Demo::start();
    for (arguments, ins, expected) in ROWS {
        let words: Vec<&str> = arguments.split(' ').collect();
        let answer = demo.get(&format!("/fhir/Patient?identifier={INS}%7C{ins}"), &demo.token(&words));
        assert_eq!(
            (answer.status, answer.json()["total"].as_u64()),
            (200, Some(1)),
            "{arguments}: {}",
            answer.brief()
        );
        let patient = demo.token(&["--patient", ins]);
        let lines = demo.get("/fhir/AuditEvent?subtype=Status&_count=1", &patient).json();
        assert_eq!(told(&lines["entry"][0]["resource"]), expected, "{arguments}");
    }
    // The pilot team is somebody, and has no business in a dossier.
    let pilot = demo.get(&format!("/fhir/Patient?identifier={INS}%7C{MARIE}"), &demo.persona("pilote"));
    assert_eq!(pilot.status, 403, "{}", pilot.brief());
    verifies_running_and_stopped(&mut demo);
}

#[test]
fn how_a_doctor_is_authenticated_decides_what_he_may_do() {
    let mut demo = Demo::start();
    ALICE.open(&demo, &demo.token(&["--loader"]));
    ALICE.decide(&demo, &ALICE.token(&demo), AUTHOR, "permit");
    // search, feed
    for (number, (auth, expected)) in
        [("direct", (200, 200)), ("psc", (200, 200)), ("air", (200, 403)), ("indirect", (403, 200))]
            .into_iter()
            .enumerate()
    {
        let doctor = ["--professional", AUTHOR, "--profession", "10", "--speciality", "SM26"];
        let token = demo.token(&[&doctor[..], &["--auth", auth]].concat());
        let search =
            demo.get(&format!("/fhir/DocumentReference?patient.identifier={}", ALICE.identifier()), &token);
        let document = Document::synthese(ALICE, u32::try_from(number).unwrap());
        let feed = Lot::of(&[document]).send(&demo, &token);
        assert_eq!((search.status, feed.status), expected, "{auth}: {} / {}", search.brief(), feed.brief());
    }
    // A loader opens and publishes, and reads nothing.
    let loader = demo.token(&["--loader"]);
    assert_eq!(Lot::of(&[Document::synthese(ALICE, 10)]).send(&demo, &loader).status, 200);
    let found = resources(&demo, "/fhir/DocumentReference", &ALICE.token(&demo));
    assert_eq!(found.len(), 4);
    for path in [
        format!("/fhir/DocumentReference?patient.identifier={}", ALICE.identifier()),
        format!("/fhir/AuditEvent?patient.identifier={}", ALICE.identifier()),
    ] {
        assert_eq!(demo.get(&path, &loader).status, 403, "{path}");
    }
    for kind in ["DocumentReference", "Binary"] {
        let path = format!("/fhir/{kind}/{}", found[0]["id"].as_str().unwrap());
        assert_eq!(demo.get(&path, &loader).status, 404, "{path}");
    }
    verifies_running_and_stopped(&mut demo);
}

#[test]
fn nobody_is_made_up_of_a_wrong_command_line() {
    let demo = Demo::start();
    let data = demo.data().display().to_string();
    for arguments in [
        "",
        "--persona dr-nobody",
        "--patient 284073523811417",
        "--patient 284073523811416 --loader",
        "--professional 899900063480",
        "--professional 899900063480 --profession 10 --auth badge",
        "--agent poste",
        "--loader --mode centre_15",
    ] {
        let run = dmp(["token", "--data", &data].into_iter().chain(arguments.split_whitespace()));
        assert!(
            matches!(run.code, Some(1 | 2)) && run.out.is_empty() && !run.err.is_empty(),
            "{arguments}: {run:?}"
        );
    }
}
