//! Conformance resources that this face serves: extensions, profiles, code systems, operations.
//!
//! `dmp-fermeture` and `dmp-medecin-traitant` are those of PDSM4DMP (`transaction_td02`). The other ones are ours:
//! the guide leaves authorisations, consents, openings and the journal out. They stand beside its own and are marked
//! `experimental`. All of this is public and says nothing of anybody.

mod operations;
mod structures;

pub(crate) use operations::{OPERATIONS, Operation};

use crate::Fhir;
use crate::outcome::Outcome;
use crate::parts::answer;
use crate::write::JsonWriter;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use dmp_dossier::Act;
use http::StatusCode;
use std::sync::Arc;

macro_rules! structure {
    ($id:literal) => {
        concat!("https://interop.esante.gouv.fr/ig/fhir/dmp/StructureDefinition/", $id)
    };
}

/// Closing date, reason and text of a record.
pub(crate) const FERMETURE: &str = structure!("dmp-fermeture");
/// The caller is *médecin traitant*.
pub(crate) const MEDECIN_TRAITANT: &str = structure!("dmp-medecin-traitant");
/// Authorisation of the caller.
pub(crate) const AUTORISATION: &str = structure!("dmp-autorisation");
/// Birth date as the INS gives it.
pub(crate) const DATE_NAISSANCE: &str = structure!("dmp-date-naissance");
/// INSEE code of the birthplace.
pub(crate) const LIEU_NAISSANCE: &str = structure!("dmp-lieu-naissance");
/// Identifier of a representative.
pub(crate) const IDENTIFIANT_PERSONNE: &str = structure!("dmp-identifiant-personne");
/// Profession of the person a consent names.
pub(crate) const PROFESSION: &str = structure!("dmp-profession");
/// How an initial consent was collected.
pub(crate) const MOYEN: &str = structure!("dmp-moyen-consentement");
/// What the patient was told.
pub(crate) const INFORMATION: &str = structure!("dmp-information-consentement");
/// Reason of a bris de glace.
pub(crate) const MOTIF_BRIS_DE_GLACE: &str = structure!("dmp-motif-bris-de-glace");

/// Profile of the consent about one actor.
pub(crate) const CONSENT_ACTEUR: &str = structure!("dmp-consent-acteur");
/// Profile of the initial consent to a care team.
pub(crate) const CONSENT_EQUIPE: &str = structure!("dmp-consent-equipe");

/// Code system of the acts of the journal.
pub(crate) const ACTES: &str = "https://interop.esante.gouv.fr/ig/fhir/dmp/CodeSystem/dmp-acte";
/// Code system of the two kinds of consents.
pub(crate) const CATEGORIES: &str =
    "https://interop.esante.gouv.fr/ig/fhir/dmp/CodeSystem/dmp-categorie-consentement";

/// Category of the consent about one actor.
pub(crate) const CATEGORY_ACTEUR: (&str, &str) = ("autorisation", "Autorisation ou blocage d'un acteur");
/// Category of the initial consent to a care team.
pub(crate) const CATEGORY_EQUIPE: (&str, &str) =
    ("equipe-de-soins", "Consentement initial à une équipe de soins");

pub(crate) fn routes() -> Router<Arc<Fhir>> {
    Router::new()
        .route("/StructureDefinition/{id}", get(structure_definition))
        .route("/CodeSystem/{id}", get(code_system))
        .route("/OperationDefinition/{id}", get(operation_definition))
}

async fn structure_definition(Path(id): Path<String>) -> Result<Response, Outcome> {
    served(structures::find(&id))
}

async fn code_system(Path(id): Path<String>) -> Result<Response, Outcome> {
    let acts = || Act::ALL.iter().map(|a| (a.as_str(), a.label())).collect::<Vec<_>>();
    let categories = || vec![CATEGORY_ACTEUR, CATEGORY_EQUIPE];
    let found = [
        (ACTES, "Actes de l'historique d'un DMP", acts as fn() -> Vec<_>),
        (CATEGORIES, "Sortes de consentements d'un DMP", categories),
    ]
    .into_iter()
    .find(|(url, ..)| id_of(url) == id);
    served(found.map(|(url, title, codes)| code_system_json(url, title, &codes())))
}

async fn operation_definition(
    State(fhir): State<Arc<Fhir>>,
    Path(id): Path<String>,
) -> Result<Response, Outcome> {
    let found = OPERATIONS.iter().find(|o| id.strip_prefix("Patient-") == Some(o.code));
    served(found.map(|o| o.to_json(&fhir.base)))
}

fn served(json: Option<String>) -> Result<Response, Outcome> {
    json.map(|json| answer(StatusCode::OK, json))
        .ok_or_else(|| Outcome::new(StatusCode::NOT_FOUND, "not-found", "no such definition"))
}

fn id_of(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

/// What a definition has in common with the others.
fn begin(w: &mut JsonWriter, kind: &str, id: &str, url: &str, title: &str, ours: bool) {
    w.begin_object().field("resourceType", kind).field("id", id).field("url", url);
    w.field("name", &computable(id)).field("title", title).field("status", "active");
    w.key("experimental").boolean(ours);
}

/// `dmp-fermeture` as `DmpFermeture`: names of definitions begin with a capital and have no hyphen (R4, inv sdf-0).
fn computable(id: &str) -> String {
    id.split('-')
        .filter_map(|word| word.chars().next().map(|c| (c, word)))
        .map(|(first, word)| format!("{}{}", first.to_ascii_uppercase(), &word[first.len_utf8()..]))
        .collect()
}

fn code_system_json(url: &str, title: &str, codes: &[(&str, &str)]) -> String {
    let mut w = JsonWriter::with_capacity(4096);
    begin(&mut w, "CodeSystem", id_of(url), url, title, true);
    w.key("caseSensitive").boolean(true).field("content", "complete");
    w.key("concept").begin_array();
    for (code, display) in codes {
        w.begin_object().field("code", code).field("display", display).end_object();
    }
    w.end_array().end_object();
    w.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn the_code_system_of_acts_holds_every_act() {
        let codes: Vec<_> = Act::ALL.iter().map(|a| (a.as_str(), a.label())).collect();
        let value: Value = serde_json::from_str(&code_system_json(ACTES, "x", &codes)).unwrap();
        assert_eq!(value["concept"].as_array().unwrap().len(), Act::ALL.len());
        assert_eq!(value["concept"][0]["code"], "Status");
    }
}
