//! Opening, closing, reopening, identity, representatives.

use crate::table;

#[test]
fn each_channel_has_its_actors() {
    table(
        "",
        "patient      open channel=web            -> done
         patient      open channel=cpam           -> refused AccessDenied LIF-2
         autre        open channel=web            -> refused UnknownPatient FCT-3
         mere         open channel=web born=20150301 reps=mere:parent      -> done
         mere         open channel=web born=20150301 reps=anonyme:parent   -> done
         mere         open channel=web born=20150301 reps=pere:parent      -> refused AccessDenied LIF-2
         mere         open channel=web born=20150301                       -> refused AccessDenied LIF-2
         # a parent does not open an adult's dossier, a guardian does
         mere         open channel=web reps=mere:parent        -> refused AccessDenied LIF-2
         tuteur       open channel=web reps=tuteur:guardian    -> done
         cpam         open channel=cpam           -> done
         cpam         open channel=pharmacie      -> refused AccessDenied LIF-2
         pharmacie    open channel=pharmacie      -> done
         pharma       open channel=pharmacie      -> done
         martin       open channel=pharmacie      -> refused AccessDenied LIF-2
         martin       open channel=ps             -> done
         martin/samu  open channel=ps             -> refused AccessDenied LIF-2
         travail      open channel=ps             -> refused AccessDenied LIF-2
         petit        open channel=infirmier      -> done
         martin       open channel=infirmier      -> refused AccessDenied LIF-2
         martin       open channel=web            -> refused AccessDenied LIF-2
         cpe0         open channel=etablissement  -> done
         cpe0         open channel=medico-social  -> done
         cpe0         open channel=web            -> refused AccessDenied LIF-2
         cert0        open channel=etablissement  -> refused AccessDenied LIF-2
         insurer      open channel=cpam           -> refused AccessDenied LIF-2
         pilot        open channel=cpam           -> refused AccessDenied LIF-2
         loader       open channel=cpam           -> done",
    );
    table("param opt_out", "cpam open -> refused AccessDenied LIF-2");
    table(
        "param no-web",
        "patient open channel=web  -> refused AccessDenied LIF-2
         cpam    open channel=cpam -> done",
    );
}

#[test]
fn a_dossier_opens_once_with_consent_and_the_five_traits() {
    table(
        "",
        "cpam open no-consent                    -> refused ConsentMissing LIF-1
         cpam open born=1984                     -> refused InvalidRequest LIF-3
         cpam open born=1984071x                 -> refused InvalidRequest LIF-3
         cpam open born=19840000                 -> done
         cpam open ; cpam open                   -> nothing_to_do
         cpam open ; martin open channel=ps      -> nothing_to_do
         cpam open ; patient close ; cpam open   -> refused DossierClos LIF-4",
    );
}

#[test]
fn nothing_is_asked_of_a_dossier_that_is_not_open() {
    table(
        "",
        "patient status          -> refused UnknownPatient ACC-6
         patient search          -> refused UnknownPatient ACC-6
         martin  status          -> refused UnknownPatient ACC-6
         martin  publish bio     -> refused UnknownPatient ACC-6
         martin  authorise martin -> refused UnknownPatient ACC-6
         mere    status          -> refused UnknownPatient ACC-6
         cpam    administrative  -> refused UnknownPatient ACC-6",
    );
}

#[test]
fn a_closed_dossier_is_told_closed_and_reopens_with_consent() {
    table(
        "cpam open
         patient authorise martin
         martin publish bio
         patient close text=assez",
        "patient status                  -> FERMETURE_DEMANDE_PATIENT NON_EXISTE
         martin  status                  -> FERMETURE_DEMANDE_PATIENT VALIDE
         martin  search                  -> refused DossierClos ACC-1
         martin  publish rx              -> refused DossierClos ACC-1
         martin  authorise martin        -> refused DossierClos ACC-1
         patient search                  -> refused DossierClos ACC-1
         patient journal                 -> refused DossierClos ACC-1
         martin/samu search              -> refused DossierClos ACC-1
         patient close                   -> nothing_to_do
         martin  close                   -> nothing_to_do
         # who may not close does not learn to repeat it
         kone    close                   -> refused NotAuthorised ACC-5
         insurer close                   -> refused AccessDenied FCT-6
         patient ask-copy                -> done
         patient ask-destruction         -> done
         martin  ask-copy                -> refused AccessDenied FCT-1
         patient reactivate no-consent   -> refused ConsentMissing LIF-1
         patient reactivate              -> done
         cpam    reactivate              -> done
         kone    reactivate              -> done
         patient reactivate ; patient reactivate -> nothing_to_do
         patient reactivate ; martin read bio    -> bio",
    );
}

#[test]
fn a_death_gives_its_date() {
    table(
        "cpam open",
        "cpam close death died=20270520  -> done
         cpam close death                -> refused InvalidRequest LIF-5
         cpam close died=20270520        -> refused InvalidRequest LIF-5
         cpam close death died=20270520 ; patient status -> FERMETURE_DECES NON_EXISTE",
    );
}

/// A date of death was an error when the patient comes back and consents.
#[test]
fn reopening_takes_a_date_of_death_back() {
    let mut bench = crate::common::Bench::new();
    for line in ["cpam open", "cpam close death died=20270520"] {
        assert_eq!(crate::common::script::run(&mut bench, line), "done");
    }
    assert!(bench.dossier.identity().unwrap().deceased.is_some());
    assert_eq!(crate::common::script::run(&mut bench, "cpam reactivate"), "done");
    assert_eq!(bench.dossier.identity().unwrap().deceased, None);
}

#[test]
fn the_patient_changes_his_contact_and_not_his_traits_nor_his_representatives() {
    table(
        "cpam open born=20150301 reps=mere:parent,tuteur:guardian
         patient authorise martin",
        "patient update phone=06                 -> done
         patient update phone=06 ; patient update phone=06 -> nothing_to_do
         patient update name=AUTRE               -> refused AccessDenied LIF-6
         mere    update name=AUTRE               -> refused AccessDenied LIF-6
         mere    update phone=06                 -> done
         cpam    update name=AUTRE               -> done
         cpam    update name=empty               -> refused InvalidRequest LIF-3
         cpam    update place=1                  -> refused InvalidRequest LIF-3
         cpam    update place=2B033              -> done
         martin  update name=AUTRE               -> done
         kone    update name=AUTRE               -> refused NotAuthorised ACC-5
         patient add-rep pere                    -> refused AccessDenied LIF-6
         mere    add-rep pere                    -> refused AccessDenied LIF-6
         cpam    add-rep pere                    -> done
         cpam    add-rep pere ; pere search      -> none
         # one parent does not end the other, nor a child either; each may step down
         patient end-rep 0                       -> refused AccessDenied LIF-6
         tuteur  end-rep 0                       -> refused AccessDenied LIF-6
         mere    end-rep 0                       -> done
         mere    end-rep 0 ; mere search         -> refused AccessDenied FCT-4
         cpam    end-rep 0                       -> done
         cpam    end-rep 0 ; cpam end-rep 0      -> nothing_to_do
         cpam    end-rep 7                       -> refused InvalidRequest FCT-4",
    );
}

#[test]
fn representatives_act_until_majority_and_guardians_after() {
    table(
        "cpam open born=20090611 reps=mere:parent,tuteur:guardian
         loader publish bio by=kone",
        "mere    search                          -> bio
         tuteur  search                          -> bio
         inconnu search                          -> refused UnknownPatient FCT-3
         mere-d-un-autre search                  -> refused UnknownPatient FCT-3
         mere    authorise martin ; martin search -> bio
         wait 9d ; mere search                   -> bio
         wait 10d ; mere search                  -> refused AccessDenied FCT-4
         wait 10d ; tuteur search                -> bio
         wait 10d ; inconnu search               -> refused UnknownPatient FCT-3
         wait 10d ; patient search               -> bio",
    );
    // A representative known by name only is whoever was authenticated as this patient's representative.
    table("cpam open born=20150301 reps=anonyme:parent", "pere search -> none");
}

/// Whatever the sender says: a role starts at the opening, and the journal's facts say the same as the state.
#[test]
fn a_representative_named_at_the_opening_starts_then() {
    use crate::common::cast::{PATIENT, actor, ins};
    use crate::common::script::{proof, representative, run, traits};
    use dmp_dossier::{Channel, Command, Contact, Emergency, Fold, Open};
    let mut bench = crate::common::Bench::new();
    let mut mother = representative("mere:parent");
    mother.until = Some(bench.now);
    let open = Open {
        ins: ins(PATIENT),
        traits: traits("20150301"),
        contact: Contact::default(),
        representatives: vec![mother],
        consent: Some(proof(&bench)),
        channel: Channel::Cpam,
        emergency: Emergency::default(),
    };
    bench.execute(&actor("cpam"), &Command::Open(Box::new(open))).unwrap();
    let mut folded = Fold::default();
    for (fact, at) in &bench.facts {
        folded.apply(fact, *at);
    }
    assert_eq!(folded, bench.dossier.fold());
    assert_eq!(run(&mut bench, "mere search"), "none");
}

#[test]
fn a_patient_reaches_his_own_dossier_by_any_ins_he_had() {
    table(
        "cpam open",
        "autre   search                              -> refused UnknownPatient FCT-3
         patient change-ins 118033523802725          -> refused AccessDenied LIF-6
         cpam    change-ins 118033523802725          -> done
         cpam    change-ins 284073523811416          -> nothing_to_do
         cpam    change-ins 118033523802725 ; autre search   -> none
         cpam    change-ins 118033523802725 ; patient search -> none
         cpam    change-ins 118033523802725 ; martin publish bio -> done",
    );
}

#[test]
fn desks_see_no_medical_content_and_the_pilot_team_nothing() {
    table(
        "cpam open
         loader publish bio by=kone",
        "cpam    status              -> active NON_EXISTE
         cpam    administrative      -> none
         cpam    search              -> refused AccessDenied FCT-2
         cpam    read bio            -> refused AccessDenied FCT-2
         cpam    journal             -> refused AccessDenied FCT-2
         cpam    publish rx by=kone  -> refused AccessDenied FCT-2
         pilot   status              -> refused AccessDenied FCT-6
         pilot   search              -> refused AccessDenied FCT-6
         insurer status              -> active NON_EXISTE
         insurer search              -> refused AccessDenied FCT-6
         insurer ref bio             -> refused AccessDenied FCT-6
         system  search              -> refused AccessDenied FCT-2
         loader  search              -> refused AccessDenied FCT-2
         loader  read bio            -> refused AccessDenied FCT-2
         loader  ref bio             -> bio",
    );
}
