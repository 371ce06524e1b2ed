//! What software does besides documents: the list of the dossiers one is authorised on (TD0.4), a patient sought in medical
//! regulation (TD0.5), the patient's own access (TD1.5); and what the patient reads of it in the journal.

use crate::common::lot::{ALICE, BIRTH, BRUNE, CLAIRE};
use crate::common::soap::{DENIED, Sandbox, Software, ins, now};
use crate::common::{Demo, Patient};
use crate::story::{journal, line, told};
use dmp_lps::authorise::{self, Action};
use dmp_lps::candidates::{self, Sought};
use dmp_lps::patient_access::{self, Secrets};
use dmp_lps::patients::{self, By, Listed};
use dmp_lps::service::Operation;
use dmp_lps::{Mode, Session, Time, exists};
use dmp_nomenclature::access_mode::CENTRE_15;

/// Patients of the test, and the certificates that software calls with.
struct World {
    demo: Demo,
    doctor: Software,
    dentist: Software,
    samu: Software,
}

impl World {
    fn new() -> Self {
        let demo = Demo::start_with(&["--dossiers", "2", "--seed", "1"]);
        let loader = demo.token(&["--loader"]);
        for patient in [ALICE, BRUNE, CLAIRE] {
            patient.open(&demo, &loader);
        }
        let sandbox = Sandbox::of(&demo);
        let [doctor, dentist, mut samu] = ["medecin", "dentiste", "samu"].map(|name| sandbox.software(name));
        samu.identity.access = Mode::Centre15;
        World { demo, doctor, dentist, samu }
    }

    /// Lines of an act in a patient's journal, the oldest first.
    fn lines(&self, patient: Patient, act: &str) -> Vec<String> {
        let mut events = journal(&self.demo, &patient.token(&self.demo));
        events.retain(|event| event["subtype"][1]["code"] == act);
        events.iter().rev().map(told).collect()
    }
}

fn id(software: &Software) -> &str {
    &software.identity.who.person.id
}

fn declare(who: &Software, patient: Patient, action: Action) {
    let message = |session: &Session<'_>| authorise::message(session, action, false);
    who.ask(Some(&ins(patient.ins)), message, authorise::read).unwrap();
}

fn list(who: &Software, since: Time, by: By) -> Vec<String> {
    let message = patients::message(since, by);
    let rows = who.ask(None, |_| Ok(message), patients::read).unwrap();
    // The demo has dossiers of its own.
    let ours = |row: &Listed| row.last_name == "ESSAI";
    rows.iter().filter(|row| ours(row)).map(|row| row.first_name.clone()).collect()
}

#[test]
fn the_list_of_authorised_dossiers_is_told_to_each_patient_on_it() {
    let w = World::new();
    let (ever, before) = (Time::from_millis(0), now());
    let by = By::LastAuthorisation;
    assert_eq!(list(&w.doctor, ever, by), Vec::<String>::new());
    declare(&w.doctor, ALICE, Action::Add);
    declare(&w.doctor, BRUNE, Action::Add);
    let mut listed = list(&w.doctor, before, by);
    listed.sort();
    assert_eq!(listed, ["ALICE", "BRUNE"]);
    assert_eq!(list(&w.dentist, ever, by), Vec::<String>::new());
    assert_eq!(list(&w.doctor, ever, By::LastDocument), Vec::<String>::new(), "no document is there");
    declare(&w.doctor, BRUNE, Action::Remove);
    assert_eq!(list(&w.doctor, ever, by), ["ALICE"]);
    ALICE.decide(&w.demo, &ALICE.token(&w.demo), id(&w.doctor), "deny");
    assert_eq!(list(&w.doctor, ever, by), Vec::<String>::new());

    let told = |times: usize| vec![line(id(&w.doctor), "", "", "ListAuthorised", true, Vec::new()); times];
    assert_eq!(w.lines(ALICE, "ListAuthorised"), told(2));
    assert_eq!(w.lines(BRUNE, "ListAuthorised"), told(1));
    assert_eq!(w.lines(CLAIRE, "ListAuthorised"), told(0));
}

fn seek(who: &Software, given: Option<&str>) -> Result<Vec<(String, bool)>, String> {
    let birth = BIRTH.replace('-', "");
    let sought = Sought { family: "essai", given, birth: &birth, sex: Some("F") };
    let message = |session: &Session<'_>| Ok(candidates::message(session, &sought));
    let found = who.ask(None, message, candidates::read)?;
    let opposed = |observations: &[(String, bool)]| {
        observations.iter().any(|(code, value)| code == "OPPOSITION_ACCES_URGENCE" && *value)
    };
    Ok(found
        .into_iter()
        .map(|patient| (patient.given.clone().unwrap(), opposed(&patient.observations)))
        .collect())
}

#[test]
fn a_search_by_traits_is_told_to_each_patient_it_found() {
    let w = World::new();
    let all = seek(&w.samu, None).unwrap();
    assert_eq!(all.iter().filter(|(_, opposed)| !opposed).count(), 3, "{all:?}");
    let alice = seek(&w.samu, Some("Alice")).unwrap();
    assert_eq!(alice.first(), Some(&("ALICE".to_owned(), false)));
    for who in [&w.doctor, &w.dentist] {
        let refused = seek(who, None).unwrap_err();
        assert!(refused.starts_with(DENIED), "{refused}");
    }
    let line = line(id(&w.samu), CENTRE_15.code, "", "SearchByTraits", true, Vec::new());
    let found_in = |patient: Patient| w.lines(patient, "SearchByTraits");
    assert_eq!(found_in(ALICE), [line.clone(), line.clone()]);
    assert_eq!(found_in(BRUNE).first(), Some(&line));
}

fn access(who: &Software, operation: Operation, kind: &str, channel: &str) -> Result<Secrets, String> {
    let message = |session: &Session<'_>| match operation {
        Operation::CreatePatientAccess => patient_access::create(session, kind, channel),
        _ => patient_access::renew(session),
    };
    who.ask(Some(&ins(ALICE.ins)), message, |answer| patient_access::read_secrets(answer, operation))
}

fn channel(who: &Software, kind: &str, channel: &str, action: &str) -> Result<String, String> {
    let message = |session: &Session<'_>| patient_access::channel(session, kind, channel, action);
    who.ask(Some(&ins(ALICE.ins)), message, patient_access::read_channel)
}

/// Whether TD0.2 says that the patient has an access.
fn has_access(who: &Software) -> Option<bool> {
    let found = who.ask(Some(&ins(ALICE.ins)), exists::message, exists::read).unwrap();
    let observations = found.patient.unwrap().observations;
    observations.iter().find(|(code, _)| code == "COMPTE_INTERNET_OUVERT").map(|(_, open)| *open)
}

#[test]
fn the_patients_own_access_is_opened_and_mended_and_the_journal_keeps_no_secret() {
    use Operation::{CreatePatientAccess as Create, UpdatePatientAccess as Renew};
    const PHONE: &str = "0612345678";
    const MAIL: &str = "alice@example.org";
    let w = World::new();
    declare(&w.doctor, ALICE, Action::Add);
    let is = |refused: Result<Secrets, String>, code: &str| {
        let said = refused.unwrap_err();
        assert!(said.contains(code), "{said}");
    };
    assert_eq!(has_access(&w.doctor), Some(false));
    is(access(&w.doctor, Renew, "", ""), "Status DMPAccesInternetInexistant");
    is(access(&w.dentist, Create, "SMS", PHONE), "Fault DMPAutorisationInexistante");
    let first = access(&w.doctor, Create, "SMS", PHONE).unwrap();
    assert_eq!(has_access(&w.doctor), Some(true));
    is(access(&w.doctor, Create, "SMS", PHONE), "Status DMPAccesInternetExistant");
    let told = |outcome: Result<String, String>| match outcome {
        Ok(said) => said,
        Err(refusal) => refusal.split(' ').take(2).collect::<Vec<_>>().join(" "),
    };
    for (kind, value, action, says) in [
        ("SMS", PHONE, "SUPPRESSION", "Status DMPDernierCanal"),
        ("EMAIL", MAIL, "AJOUT", "OTP mis à jour"),
        ("EMAIL", "autre@example.org", "AJOUT", "Status DMPCanalExistant"),
        ("SMS", "0698765432", "MODIFICATION", "OTP mis à jour"),
        ("SMS", "0698765432", "SUPPRESSION", "OTP mis à jour"),
        ("SMS", PHONE, "MODIFICATION", "Status DMPCanalInexistant"),
    ] {
        assert_eq!(told(channel(&w.doctor, kind, value, action)), says, "{kind} {action}");
    }
    let second = access(&w.doctor, Renew, "", "").unwrap();
    assert_ne!(first, second);

    let who = |by: &Software, permitted| line(id(by), "", "", "WebAccess", permitted, Vec::new());
    let (yes, no) = (who(&w.doctor, true), who(&w.doctor, false));
    let expected = [
        no.clone(),
        who(&w.dentist, false),
        yes.clone(),
        no.clone(),
        no.clone(),
        yes.clone(),
        no.clone(),
        yes.clone(),
        yes.clone(),
        no,
        yes,
    ];
    assert_eq!(w.lines(ALICE, "WebAccess"), expected);
    let everything = journal(&w.demo, &ALICE.token(&w.demo));
    let everything = format!("{everything:?} {}", w.demo.log());
    let secrets = [PHONE, MAIL, &first.login, &first.password, &second.login, &second.password];
    for secret in secrets {
        assert!(!everything.contains(secret), "a secret or an address is told");
    }
}
