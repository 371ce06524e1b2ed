//! Every DMP request of the official kit (`data/dmp-kit/messages`; the WS_INS2 pair belongs to another service), sent to a
//! server whose dossier was prepared from the official answer, gets an answer of the same structure as that one: same
//! elements, namespaces, attributes, codes and words, but for what a table names with its reason.
//!
//! Of a request, the VIHF is signed again by an authority that the server trusts, with fresh dates; what else changes
//! stands in a list beside its test. Official files are at hand or the test says that it skips.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../common/mod.rs"]
mod common;

mod administrative;
mod alimentation;
mod caller;
mod canonical;
mod compare;
mod consultation;
mod documents;
mod samples;
mod server;
mod vihf;

/// The requests that the tests here send.
const SENT: &[&str] = &[
    "TD0.2_-_Test_d_existence",
    "TD0.3_-_Mise_a_jour_de_l_autorisation",
    "TD0.4_-_Liste_des_DMP_autorises",
    "TD1.3a_-_Consultation",
    "TD1.4_-_Fermer",
    "TD1.5a_-_Creation_du_compte_internet_patient",
    "TD1.5b_-_Ajout_d_un_canal_OTP",
    "TD2.1_-_Alimentation",
    "TD3.1_-_Recherche_de_document",
    "TD3.2_-_Consultation_d_un_document",
    "TD3.3d_-_Archiver_un_document",
];

#[test]
fn every_request_of_the_kit_is_sent() {
    let Some(folder) = common::shared().map(|folder| folder.join("data/dmp-kit/messages")) else {
        println!("skipped: the official kit is not at hand (DMP_SHARED)");
        return;
    };
    let names =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let requests = names.filter_map(|name| name.strip_suffix("_requete.xml").map(str::to_owned));
    let mut requests: Vec<_> = requests.filter(|name| !name.starts_with("WS_INS2")).collect();
    requests.sort();
    assert_eq!(requests, SENT);
}
