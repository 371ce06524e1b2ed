//! TD0.2, TD0.3, TD0.4, TD1.3a, TD1.4, TD1.5a, TD1.5b.

use crate::caller::{OTHER, PATIENT, exchange, prepare};
use crate::canonical::{Ignored, What};
use crate::compare::same_structure;
use crate::samples::{message, pair};
use crate::server::Server;
use dmp_lps::{administrative, exists, patient_access};

/// Identifiers and dates of one HL7 v3 message.
const OF_THE_MESSAGE: &[Ignored] = &[];

/// A server with the patient's dossier, opened from the official TD1.3a answer.
fn opened() -> Option<Server> {
    let consultation = message("TD1.3a_-_Consultation_reponse")?;
    let server = Server::start(&[]);
    server.open_patient(&consultation);
    Some(server)
}

#[test]
fn td0_2_existence_and_authorisation() {
    let Some((request, official)) = pair("TD0.2_-_Test_d_existence") else { return };
    let Some(server) = opened() else { return };
    server.authorise(PATIENT, true);
    server.open_web_access();
    let answer = exchange(&server, "patient", &request);
    same_structure(&answer, &request, &official, &[OF_THE_MESSAGE]);
}

#[test]
fn td0_3_an_authorisation_that_is_there() {
    let Some((request, official)) = pair("TD0.3_-_Mise_a_jour_de_l_autorisation") else { return };
    let Some(server) = opened() else { return };
    server.authorise(PATIENT, false);
    let answer = exchange(&server, "Habilitation", &request);
    same_structure(&answer, &request, &official, &[]);
}

#[test]
fn td1_3a_administrative_data() {
    let Some((request, official)) = pair("TD1.3a_-_Consultation") else { return };
    let Some(server) = opened() else { return };
    server.authorise(PATIENT, true);
    server.open_web_access();
    let answer = exchange(&server, "patient", &request);
    same_structure(&answer, &request, &official, &[OF_THE_MESSAGE]);
}

#[test]
fn td1_4_a_dossier_is_closed() {
    let Some((request, official)) = pair("TD1.4_-_Fermer") else { return };
    let Some(server) = opened() else { return };
    server.authorise(PATIENT, false);
    let answer = exchange(&server, "patient", &request);
    same_structure(&answer, &request, &official, &[OF_THE_MESSAGE]);
    let state = prepare(&server, PATIENT, |session| exists::message(session).unwrap());
    assert_eq!(exists::read(&state).unwrap().status, "terminated");
}

#[test]
fn td1_5a_an_account_on_the_web() {
    let Some((request, official)) = pair("TD1.5a_-_Creation_du_compte_internet_patient") else { return };
    let Some(server) = opened() else { return };
    server.authorise(PATIENT, false);
    let answer = exchange(&server, "PatientSpecific", &request);
    same_structure(&answer, &request, &official, &[]);
}

#[test]
fn td1_5b_a_channel_of_one_time_codes() {
    let Some((request, official)) = pair("TD1.5b_-_Ajout_d_un_canal_OTP") else { return };
    let Some(server) = opened() else { return };
    server.authorise(PATIENT, false);
    prepare(&server, PATIENT, |s| patient_access::create(s, "SMS", "0606060606").unwrap());
    let answer = exchange(&server, "PatientSpecific", &request);
    same_structure(&answer, &request, &official, &[]);
}
