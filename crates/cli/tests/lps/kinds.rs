//! Who speaks: each identity of the sandbox, by card and by structure, in each mode; and those that must be refused.

use crate::office::{BIOLOGY, MARIE, Office};
use std::time::{Duration, Instant};

const RIGHTS: &str = "refused DMPAccessDeniedByRightsService ";
const NOT_AUTHORISED: &str = "refused DMPAutorisationInexistante ";
const UNKNOWN: &str = "refused XDSDocumentUniqueIdError ";

#[test]
fn each_identity_does_what_its_card_or_its_structure_may() {
    let office = Office::shared();
    let file = office.synthesis().0;
    let search = "search --type 11502-2";
    let retrieve = format!("retrieve {BIOLOGY} --out document.xml");
    let publish = format!("publish {file}");
    let air = |command: &str| format!("--auth INDIRECTE_RENFORCEE {command}");
    for (who, words, code, starts) in [
        // By card.
        ("medecin", search.to_owned(), 0, BIOLOGY),
        ("medecin", publish.clone(), 0, "published "),
        ("infirmiere", "exists".to_owned(), 0, "active VALIDE medecin_traitant=false"),
        ("infirmiere", retrieve.clone(), 0, "retrieved "),
        ("pharmacien", retrieve.clone(), 0, "retrieved "),
        ("opticien", search.to_owned(), 0, ""),
        ("opticien", retrieve.clone(), 1, UNKNOWN),
        ("medecin-travail", search.to_owned(), 0, BIOLOGY),
        ("medecin-travail", retrieve.clone(), 1, RIGHTS),
        ("etudiant", "exists".to_owned(), 0, "active NON_EXISTE medecin_traitant=false"),
        ("etudiant", search.to_owned(), 1, NOT_AUTHORISED),
        ("secretaire", search.to_owned(), 1, RIGHTS),
        ("secretaire", publish.clone(), 0, "published "),
        ("samu", search.to_owned(), 1, NOT_AUTHORISED),
        ("samu", format!("--mode centre_15 {search}"), 0, BIOLOGY),
        // Without a directory of structures, as here, regulation is what the software says it is; the patient may oppose
        // it, and reads it in the journal.
        ("medecin", format!("--mode centre_15 {search}"), 0, BIOLOGY),
        // By structure: INDIRECTE feeds; INDIRECTE_RENFORCEE (AIR) reads.
        ("cabinet", "exists".to_owned(), 0, "active NON_EXISTE"),
        ("cabinet", search.to_owned(), 1, RIGHTS),
        ("cabinet", publish.clone(), 0, "published "),
        ("cabinet", air("exists"), 0, "active VALIDE medecin_traitant=true"),
        ("cabinet", air(&retrieve), 0, "retrieved "),
        ("cabinet", air(&publish), 1, RIGHTS),
        ("cabinet", format!("--person sandbox/infirmiere {}", air(search)), 0, BIOLOGY),
        ("cabinet", format!("--person sandbox/secretaire {publish}"), 0, "published "),
        ("cabinet", format!("--person sandbox/secretaire {}", air(search)), 1, RIGHTS),
        ("hopital", publish.clone(), 0, "published "),
        ("hopital", air(search), 1, NOT_AUTHORISED),
        ("hopital", air(&format!("--mode centre_15 {search}")), 0, BIOLOGY),
        // A card does not speak for its structure, nor a structure by card.
        ("medecin", format!("--auth INDIRECTE {search}"), 1, "refused Failed"),
        ("cabinet", format!("--auth DIRECTE {search}"), 1, "refused Failed"),
        ("cabinet", format!("--person sandbox/absent {search}"), 1, "dmp: `sandbox/absent/identity.toml`"),
    ] {
        office.check(who, &format!("--ins {MARIE} {words}"), code, starts);
    }
    // A search by name, without INS, is for regulation.
    let sought = "candidates --family DURAND --birth 1984";
    office.check("samu", sought, 1, RIGHTS);
    office.check("medecin", sought, 1, RIGHTS);
    let marie = format!("{MARIE}\tLE GALL\tMARIE\t19840712\tF");
    office.check("samu", &format!("--mode centre_15 {sought} --given MARIE --sex F"), 0, &marie);
    let found = office.lps("samu", &format!("--mode centre_15 --json {sought}")).json();
    assert!(found.as_array().unwrap().iter().any(|one| one["ids"][0]["value"] == MARIE), "{found}");
}

#[test]
fn a_bris_de_glace_gives_its_reason_and_opens_what_was_not_authorised() {
    let office = Office::shared();
    let search = "search --type 11502-2";
    let glass = format!("--mode bris_de_glace --reason inconscient {search}");
    for (who, words, code, starts) in [
        ("samu", search.to_owned(), 1, NOT_AUTHORISED),
        ("samu", format!("--mode bris_de_glace {search}"), 1, "refused InvalidSecurityToken "),
        ("samu", glass.clone(), 0, BIOLOGY),
        // The matrix of professions shows a student no document, broken glass or not.
        ("etudiant", glass.clone(), 0, ""),
        ("secretaire", glass, 1, RIGHTS),
    ] {
        office.check(who, &format!("--ins {MARIE} {words}"), code, starts);
    }
    // The patient reads who did it, and why.
    let token = office.demo.persona("marie");
    let path =
        format!("/fhir/AuditEvent?patient.identifier=urn:oid:1.2.250.1.213.1.4.10%7C{MARIE}&_count=200");
    let journal = office.demo.get(&path, &token);
    assert!(journal.text().contains("inconscient"), "{}", journal.brief());
}

#[test]
fn wrong_certificates_are_refused() {
    let office = Office::shared();
    let exists = format!("--ins {MARIE} exists");
    office.check("expire", &exists, 1, "refused InvalidSecurityToken certificat expiré");
    office.check("autre-autorite", &exists, 1, "refused FailedCheck certificat d'une autorité inconnue");
    let key = "--key sandbox/medecin/authentication.key";
    office.check(
        "medecin/authentication.pem",
        &format!("{key} {exists}"),
        1,
        "refused DMPInvalidCertificate ",
    );
    // Somebody else's key does not sign for the certificate.
    let key = "--key sandbox/infirmiere/signature.key";
    office.check("medecin/signature.pem", &format!("{key} {exists}"), 1, "refused FailedCheck ");
    // The list of what is revoked is read again while the server runs.
    let started = Instant::now();
    while office.lps("revoque", &exists).code == 0 {
        assert!(started.elapsed() < Duration::from_secs(30), "the revocation list was never read again");
        std::thread::sleep(Duration::from_millis(250));
    }
    office.check("revoque", &exists, 1, "refused InvalidSecurityToken certificat révoqué");
    office.check("medecin", &exists, 0, "active ");
}
