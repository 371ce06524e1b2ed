//! Directories: a demo seeded, served again as it is, the same from the same seed; a deployment made and served.

use crate::common::lot::{ALICE, AUTHOR};
use crate::common::{DMP, Demo, Document, Lot, Request, fresh_directory};
use crate::tools::{dmp, resources, verifies_running_and_stopped};
use serde_json::Value;
use std::process::Command;

const MARIE: &str = "284073523811416";
const LEO: &str = "118033523802725";

/// What the population is: the personas, and the documents of two of them, without what is drawn at random.
fn population(demo: &Demo) -> (Value, Vec<String>, Vec<String>) {
    let personas = demo.send(&Request::get("/demo/personas.json")).json();
    let mut documents = Vec::new();
    for ins in [MARIE, LEO] {
        let token = demo.token(&["--patient", ins]);
        for reference in resources(demo, "/fhir/DocumentReference?_count=100", &token) {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            documents.push(
                [
                    ins.to_owned(),
                    text(&reference["masterIdentifier"]["value"]),
                    text(&reference["type"]["coding"][0]["code"]),
                    text(&reference["date"]),
                    text(&reference["content"][0]["attachment"]["hash"]),
                ]
                .join(" "),
            );
        }
    }
    documents.sort();
    let known_to = ["dr-martin", "dr-roux", "ide-petit", "pharma-duval", "dr-kone"];
    (personas, documents, known_to.iter().flat_map(|persona| patients_of(demo, persona)).collect())
}

/// Names and birth dates of the patients that the pages propose to a professional.
fn patients_of(demo: &Demo, persona: &str) -> Vec<String> {
    let home = demo.send(&Request::get("/").header("Cookie", &demo.sign_in(persona))).text();
    let links = home.split("href=\"/dossier/").skip(1);
    links.map(|link| link.split_once('>').unwrap().1.split("</li>").next().unwrap().to_owned()).collect()
}

#[test]
fn the_same_seed_gives_the_same_population_and_a_seeded_directory_is_served_as_it_is() {
    let arguments = ["--dossiers", "60", "--seed", "7"];
    let mut first = Demo::start_with(&arguments);
    let second = Demo::start_with(&arguments);
    let known = population(&first);
    let others = known.2.iter().filter(|patient| !patient.contains("DURAND")).count();
    assert!(known.1.len() > 120 && others > 2, "{} documents, {:?}", known.1.len(), known.2);
    assert_eq!(population(&second), known);
    let other = Demo::start_with(&["--dossiers", "60", "--seed", "8"]);
    let differs = population(&other);
    assert_eq!(differs.0, known.0, "the personas are always there");
    assert_ne!((differs.1, differs.2), (known.1.clone(), known.2.clone()));

    // One process has a directory.
    let again = ["demo", "--listen", "127.0.0.1:0", "--data"];
    let data = first.data().display().to_string();
    let twice = dmp(again.into_iter().chain([data.as_str()]));
    assert_eq!((twice.code, twice.out.as_str()), (Some(1), ""), "{}", twice.err);

    ALICE.open(&first, &first.token(&["--loader"]));
    let alice = ALICE.token(&first);
    let published = Lot::of(&[Document::synthese(ALICE, 1)]).send(&first, &first.token(&["--loader"]));
    assert_eq!(published.status, 200, "{}", published.brief());
    let hers = resources(&first, "/fhir/DocumentReference", &alice);
    assert_eq!(first.stop(), Some(0), "{}", first.log());
    first.restart(&["--dossiers", "5", "--seed", "9"]);
    assert_eq!(population(&first), known);
    let served: Vec<Value> = resources(&first, "/fhir/DocumentReference", &alice);
    let without_address = |found: &[Value]| {
        let mut found = found.to_vec();
        found.iter_mut().for_each(|r| r["content"][0]["attachment"]["url"] = Value::Null);
        found
    };
    assert_eq!(without_address(&served), without_address(&hers));
    verifies_running_and_stopped(&mut first);
}

#[test]
fn a_demo_is_seeded_in_an_empty_directory_only() {
    let dir = fresh_directory();
    std::fs::write(dir.join("precious"), "kept").unwrap();
    let run = dmp(["demo", "--listen", "127.0.0.1:0", "--data", dir.to_str().unwrap()]);
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{}", run.err);
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1);
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn a_deployment_is_made_by_init_and_served() {
    let dir = fresh_directory();
    let data = dir.join("data");
    let config = data.join("dmp.toml");
    let init = dmp(["init", data.to_str().unwrap()]);
    assert_eq!((init.code, init.out.trim()), (Some(0), config.to_str().unwrap()), "{}", init.err);
    let written = std::fs::read_to_string(&config).unwrap();
    let again = dmp(["init", data.to_str().unwrap()]);
    assert_eq!((again.code, again.out.as_str()), (Some(1), ""), "nothing is overwritten: {}", again.err);
    assert_eq!(std::fs::read_to_string(&config).unwrap(), written);

    let mut serve = Command::new(DMP);
    serve.args(["serve", "--config"]).arg(&config).env("DMP_HTTP_LISTEN", "127.0.0.1:0");
    let mut server = Demo::spawn(serve, dir);
    assert_eq!(server.send(&Request::get("/health")).json()["status"], "pass");
    assert_eq!(server.send(&Request::get("/demo/personas.json")).status, 404, "no demo here");
    ALICE.open(&server, &server.token(&["--loader"]));
    let alice = ALICE.token(&server);
    let doctor = |more: &[&str]| {
        let who = ["--professional", AUTHOR, "--profession", "10", "--speciality", "SM26"];
        server.token(&[&who[..], more].concat())
    };
    // Here a document is deposited by the structure of one of its authors.
    let lot = Lot::of(&[Document::synthese(ALICE, 1)]);
    for (structure, status) in [("10B0127189", 422), ("499900063480001", 200)] {
        let answer = lot.send(&server, &doctor(&["--structure", structure]));
        assert_eq!(answer.status, status, "{}", answer.brief());
    }
    assert_eq!(resources(&server, "/fhir/DocumentReference", &alice).len(), 1);
    verifies_running_and_stopped(&mut server);

    std::fs::write(&config, format!("{written}\nnonsense = 1\n")).unwrap();
    let wrong = dmp(["serve", "--config", config.to_str().unwrap()]);
    assert_eq!(
        (wrong.code, wrong.out.as_str(), wrong.err.lines().count()),
        (Some(78), "", 1),
        "{}",
        wrong.err
    );
    assert!(wrong.err.contains("nonsense"), "{}", wrong.err);
}
