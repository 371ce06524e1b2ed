//! TD3.1, TD3.2, TD3.3d: the documents of the official FindDocuments answer, found, read, archived.

use crate::caller::{PATIENT, exchange, prepare};
use crate::compare::same_structure;
use crate::documents::{lot, of_answer};
use crate::samples::{message, pair};
use crate::server::Server;
use dmp_lps::{registry, update};

const HISTORIC: &[(&str, &str)] = &[("DMP_RULES_HISTORIC", "true")];

/// A server with the documents of the official answer.
fn published(official: &str) -> Option<Server> {
    let consultation = message("TD1.3a_-_Consultation_reponse")?;
    let server = Server::start(HISTORIC);
    server.open_patient(&consultation);
    server.authorise(PATIENT, true);
    let mut wrong = String::new();
    for (n, document) in of_answer(official).iter().enumerate() {
        let answer =
            prepare(&server, PATIENT, |s| lot(s, &format!("1.2.250.1.999.1.1.7898.9.{n}"), &[document]));
        if let Err(error) = registry::read(&answer) {
            wrong += &format!("{}: {error:?}\n", document.unique_id);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    Some(server)
}

#[test]
fn td3_1_the_documents_of_a_dossier() {
    let Some((request, official)) = pair("TD3.1_-_Recherche_de_document") else { return };
    let Some(server) = published(&official) else { return };
    let answer = exchange(&server, "DocumentRegistry_Service", &request);
    same_structure(&answer, &request, &official, &[]);
}
