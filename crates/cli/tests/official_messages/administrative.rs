//! TD0.2, TD0.3, TD0.4, TD1.3a, TD1.4, TD1.5a, TD1.5b.

use crate::caller::{OTHER, PATIENT, exchange, now, prepare};
use crate::canonical::{Ignored, What};
use crate::common::{Document, Patient};
use crate::compare::same_structure;
use crate::samples::{message, pair};
use crate::server::Server;
use dmp_lps::publish::{self, Sending};
use dmp_lps::{Time, administrative, exists, patient_access, patients, registry};
use std::time::{Duration, Instant};

const fn value(at: &'static str, why: &'static str) -> Ignored {
    Ignored { at, what: What::Value, why }
}

const CREATION_TIME: Ignored = value("creationTime/@value", "the moment of the answer");

/// Patients of before 2019 have one; no other ever got one, and the record keeps none.
const INS_C: Ignored = Ignored {
    at: "patient/id",
    what: What::Holding("1.2.250.1.213.1.4.2"),
    why: "the INS-C, the legacy identifier of dossiers opened before the INS",
};

/// A server with the patient's dossier, opened from the official TD1.3a answer; the doctor is *médecin traitant*, as the
/// official TD0.2 answer says.
fn opened() -> Option<Server> {
    let consultation = message("TD1.3a_-_Consultation_reponse")?;
    let server = Server::start(&[]);
    server.open_patient(&consultation);
    server.authorise(PATIENT, true);
    Some(server)
}

#[test]
fn td0_2_existence_and_authorisation() {
    let Some((request, official)) = pair("TD0.2_-_Test_d_existence") else { return };
    let Some(server) = opened() else { return };
    server.open_web_access();
    let answer = exchange(&server, "patient", &request);
    let id = value("PRPA_IN201308UV02/id/@root", "a fresh identifier for each answer");
    same_structure(&answer, &request, &official, &[id, CREATION_TIME, INS_C]);
}

#[test]
fn td0_3_an_authorisation_that_is_there() {
    let Some((request, official)) = pair("TD0.3_-_Mise_a_jour_de_l_autorisation") else { return };
    let Some(server) = opened() else { return };
    let answer = exchange(&server, "Habilitation", &request);
    same_structure(&answer, &request, &official, &[]);
}

/// The index of authorisations is fed a few seconds after a change (design 4).
const INDEXED_WITHIN: Duration = Duration::from_secs(10);

#[test]
fn td0_4_the_dossiers_one_is_authorised_on() {
    let Some((request, official)) = pair("TD0.4_-_Liste_des_DMP_autorises") else { return };
    let Some(server) = opened() else { return };
    server.open_other();
    server.authorise(OTHER, false);
    // The latest document first, as in the official answer.
    for (ins, birth) in [(PATIENT, "19070525"), (OTHER, "19790328")] {
        let document = Document::synthese(Patient { ins, family: "", given: "" }, 1)
            .edit("1.2.250.1.999.7.1", &format!("1.2.250.1.999.7.{ins}"))
            .edit("19700115", birth)
            .edit("<administrativeGenderCode code=\"F\"", "<administrativeGenderCode code=\"M\"");
        let document = publish::Document::read(document.bytes.into(), now()).unwrap();
        let sending = Sending { signed: false, mtom: false };
        let sent =
            prepare(&server, ins, |s| publish::message(s, std::slice::from_ref(&document), sending).unwrap());
        registry::read(&sent).unwrap();
        prepare(&server, ins, |session| administrative::message(session).unwrap());
    }
    let started = Instant::now();
    loop {
        let since = Time::from_millis(0);
        let list = prepare(&server, PATIENT, |_| patients::message(since, patients::By::LastDocument));
        if patients::read(&list).unwrap().len() == 2 {
            break;
        }
        assert!(started.elapsed() < INDEXED_WITHIN, "{}", String::from_utf8_lossy(list.envelope()));
        std::thread::sleep(Duration::from_millis(200));
    }
    let answer = exchange(&server, "PatientSpecific", &request);
    let ins_c = Ignored { at: "patientlistData/patientIdentifier", ..INS_C };
    let date = |at| value(at, "when the dossier was prepared");
    let rows = [ins_c, date("lastAccessDate"), date("lastUpdateDate"), date("lastAddDate")];
    same_structure(&answer, &request, &official, &rows);
}

#[test]
fn td1_3a_administrative_data() {
    let Some((request, official)) = pair("TD1.3a_-_Consultation") else { return };
    let Some(server) = opened() else { return };
    server.open_web_access();
    let answer = exchange(&server, "patient", &request);
    let whole = |at, what, why| Ignored { at, what, why };
    let rows = [
        value("PRPA_IN201308UV02/id/@root", "a fresh identifier for each answer"),
        CREATION_TIME,
        INS_C,
        value(
            "personalRelationship/code/@code",
            "the record keeps how far a tie reaches (parent or guardian), not which one it is: RESPRSN, any tie",
        ),
        whole(
            "personalRelationship/telecom",
            What::Holding("tel:0923456789"),
            "the record keeps one telephone of a representative, the mobile before another",
        ),
        whole(
            "relationshipHolder1/name/prefix",
            What::Element,
            "the record keeps no civility; the patient's is that of their sex, a representative's is not known",
        ),
    ];
    same_structure(&answer, &request, &official, &rows);
}

#[test]
fn td1_4_a_dossier_is_closed() {
    let Some((request, official)) = pair("TD1.4_-_Fermer") else { return };
    let Some(server) = opened() else { return };
    let answer = exchange(&server, "patient", &request);
    let id = value("PRPA_IN201315UV02/id/@extension", "a fresh identifier for each answer");
    same_structure(&answer, &request, &official, &[id, CREATION_TIME]);
    let state = prepare(&server, PATIENT, |session| exists::message(session).unwrap());
    assert_eq!(exists::read(&state).unwrap().status, "terminated");
}

#[test]
fn td1_5a_an_account_on_the_web() {
    let Some((request, official)) = pair("TD1.5a_-_Creation_du_compte_internet_patient") else { return };
    let Some(server) = opened() else { return };
    let answer = exchange(&server, "PatientSpecific", &request);
    let secret = |at| value(at, "drawn at random");
    same_structure(&answer, &request, &official, &[secret("output/login"), secret("output/password")]);
}

#[test]
fn td1_5b_a_channel_of_one_time_codes() {
    let Some((request, official)) = pair("TD1.5b_-_Ajout_d_un_canal_OTP") else { return };
    let Some(server) = opened() else { return };
    prepare(&server, PATIENT, |s| patient_access::create(s, "SMS", "0606060606").unwrap());
    let answer = exchange(&server, "PatientSpecific", &request);
    same_structure(&answer, &request, &official, &[]);
}
