//! `GET metadata`: what this face does, as a CapabilityStatement (R4 4.0.1).
//!
//! The statement is a table, [`RESOURCES`]; a test holds it against the routes. It is public.

use crate::Fhir;
use crate::definitions::{CONSENT_ACTEUR, CONSENT_EQUIPE, OPERATIONS};
use crate::parts::answer;
use crate::write::JsonWriter;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Fhir>> {
    Router::new().route("/metadata", get(metadata))
}

async fn metadata(State(fhir): State<Arc<Fhir>>) -> Response {
    answer(StatusCode::OK, statement(&fhir.base))
}

/// Date of the last change of this statement.
const DATE: &str = "2026-11-21";
const SECURITY: &str = "Jeton Bearer (JWT) d'un émetteur configuré, porteur des attributs Pro Santé Connect ou d'un compte \
     patient; purpose_of_use (IHE IUA) pour le bris de glace et la régulation. Chaque acte, chaque lecture et chaque refus \
     est inscrit dans l'historique du patient (AuditEvent).";

const PDSM: &str = "https://interop.esante.gouv.fr/ig/fhir/pdsm";
const MHD: &str = "https://profiles.ihe.net/ITI/MHD";
const HL7: &str = "http://hl7.org/fhir";

/// What is done with a type of resource.
struct Resource {
    kind: &'static str,
    /// Guide and name of each profile.
    profiles: &'static [(&'static str, &'static str)],
    interactions: &'static [&'static str],
    /// Conditional update and delete are supported, on one resource.
    conditional: bool,
    documentation: &'static str,
    search: &'static [Search],
}

/// A search parameter: name, type, and where it is defined (guide and name).
type Search = (&'static str, &'static str, (&'static str, &'static str));

const PATIENT: Search = ("patient", "reference", (HL7, "clinical-patient"));

static RESOURCES: [Resource; 9] = [
    Resource {
        kind: "DocumentReference",
        profiles: &[(PDSM, "pdsm-comprehensive-document-reference"), (PDSM, "pdsm-simplified-publish")],
        interactions: &["create", "read", "patch", "search-type"],
        conditional: false,
        documentation: "ITI-67 avec patient.identifier; ITI-105 par POST; PATCH conditionnel par identifier (JSON Patch, \
             FHIRPath Patch) de status, securityLabel et isArchived, If-Match facultatif.",
        search: &[
            PATIENT,
            ("identifier", "token", (HL7, "clinical-identifier")),
            ("status", "token", (HL7, "DocumentReference-status")),
            ("type", "token", (HL7, "clinical-type")),
            ("category", "token", (HL7, "DocumentReference-category")),
            ("format", "token", (HL7, "DocumentReference-format")),
            ("facility", "token", (HL7, "DocumentReference-facility")),
            ("setting", "token", (HL7, "DocumentReference-setting")),
            ("event", "token", (HL7, "DocumentReference-event")),
            ("security-label", "token", (HL7, "DocumentReference-security-label")),
            ("author", "reference", (HL7, "DocumentReference-author")),
            ("date", "date", (HL7, "DocumentReference-date")),
            ("creation", "date", (MHD, "DocumentReference-Creation")),
            ("period", "date", (HL7, "DocumentReference-period")),
            ("period-start", "date", (PDSM, "PDSm-DocumentReference-period-start")),
            ("period-end", "date", (PDSM, "PDSm-DocumentReference-period-end")),
            ("related", "reference", (HL7, "DocumentReference-related")),
            ("relatesto", "reference", (HL7, "DocumentReference-relatesto")),
            ("isArchived", "token", (PDSM, "PDSm-isArchived")),
            ("_id", "token", (HL7, "Resource-id")),
            ("_lastUpdated", "date", (HL7, "Resource-lastUpdated")),
        ],
    },
    Resource {
        kind: "List",
        profiles: &[(PDSM, "pdsm-submissionset-comprehensive")],
        interactions: &["read", "search-type"],
        conditional: false,
        documentation: "ITI-66 : lots de soumission, code=submissionset.",
        search: &[
            PATIENT,
            ("code", "token", (HL7, "clinical-code")),
            ("status", "token", (HL7, "List-status")),
            ("identifier", "token", (HL7, "clinical-identifier")),
            ("date", "date", (HL7, "clinical-date")),
            ("title", "string", (HL7, "List-title")),
            ("source", "reference", (HL7, "List-source")),
            ("authorOrg", "reference", (PDSM, "PDSm-List-authorOrg")),
            ("designationType", "token", (MHD, "List-DesignationType")),
            ("sourceId", "token", (MHD, "List-SourceId")),
            ("isArchived", "token", (PDSM, "PDSm-isArchived")),
            ("_id", "token", (HL7, "Resource-id")),
        ],
    },
    Resource {
        kind: "Binary",
        profiles: &[],
        interactions: &["read"],
        conditional: false,
        documentation: "ITI-68 : les octets déposés, ou Binary en JSON selon Accept.",
        search: &[],
    },
    Resource {
        kind: "Patient",
        profiles: &[("https://hl7.fr/ig/fhir/core", "fr-core-patient")],
        interactions: &["search-type"],
        conditional: false,
        documentation: "TD0.2 : recherche par INS, 0 ou 1 entrée. Pas de lecture par id : Patient.id est absent et \
             Patient/{id} n'existe jamais.",
        search: &[("identifier", "token", (HL7, "Patient-identifier"))],
    },
    Resource {
        kind: "Consent",
        profiles: &[("", CONSENT_ACTEUR), ("", CONSENT_EQUIPE)],
        interactions: &["create", "update", "delete", "search-type"],
        conditional: true,
        documentation: "Un consentement par patient et par acteur : PUT et DELETE conditionnels sur patient.identifier et \
             actor.identifier. POST enregistre le consentement initial à une équipe de soins, DELETE par id le retire.",
        search: &[PATIENT, ("actor", "reference", (HL7, "Consent-actor"))],
    },
    Resource {
        kind: "AuditEvent",
        profiles: &[],
        interactions: &["search-type"],
        conditional: false,
        documentation: "ITI-81, forme BALP : l'historique d'un patient, selon ce que son lecteur peut savoir.",
        search: &[
            PATIENT,
            ("date", "date", (HL7, "AuditEvent-date")),
            ("agent", "reference", (HL7, "AuditEvent-agent")),
            ("type", "token", (HL7, "AuditEvent-type")),
            ("subtype", "token", (HL7, "AuditEvent-subtype")),
            ("action", "token", (HL7, "AuditEvent-action")),
            ("outcome", "token", (HL7, "AuditEvent-outcome")),
        ],
    },
    definitions("StructureDefinition"),
    definitions("OperationDefinition"),
    definitions("CodeSystem"),
];

const fn definitions(kind: &'static str) -> Resource {
    Resource {
        kind,
        profiles: &[],
        interactions: &["read"],
        conditional: false,
        documentation: "",
        search: &[],
    }
}

/// A guide's canonical and a name, as an address; a name alone is one already.
fn canonical((guide, name): (&str, &str), folder: &str) -> String {
    if guide.is_empty() { name.to_owned() } else { format!("{guide}/{folder}/{name}") }
}

fn statement(base: &str) -> String {
    let mut w = JsonWriter::with_capacity(8192);
    w.begin_object()
        .field("resourceType", "CapabilityStatement")
        .field("status", "active")
        .field("date", DATE);
    w.field("kind", "instance");
    w.key("instantiates").begin_array();
    w.pieces(&[PDSM, "/CapabilityStatement/PDSm-GestionnaireDePartageDeDocuments"]).end_array();
    w.key("software")
        .begin_object()
        .field("name", "dmp")
        .field("version", env!("CARGO_PKG_VERSION"))
        .end_object();
    w.key("implementation").begin_object().field("description", "Dossier médical partagé").field("url", base);
    w.end_object().field("fhirVersion", "4.0.1");
    w.key("format").begin_array().string("application/fhir+json").string("json").end_array();
    w.key("patchFormat").begin_array();
    w.string("application/json-patch+json").string("application/fhir+json").end_array();
    w.key("rest").begin_array().begin_object().field("mode", "server");
    w.key("security").begin_object().key("cors").boolean(false).key("service").begin_array().begin_object();
    w.key("coding").begin_array().begin_object();
    w.field("system", "http://terminology.hl7.org/CodeSystem/restful-security-service")
        .field("code", "OAuth");
    w.end_object().end_array().end_object().end_array().field("description", SECURITY).end_object();
    w.key("resource").begin_array();
    for resource in &RESOURCES {
        resource.write(&mut w, base);
    }
    w.end_array();
    w.key("interaction").begin_array().begin_object().field("code", "transaction");
    w.field("documentation", "ITI-65, profil pdsm-comprehensive-provide-document-bundle")
        .end_object()
        .end_array();
    w.end_object().end_array().end_object();
    w.finish()
}

impl Resource {
    fn write(&self, w: &mut JsonWriter, base: &str) {
        w.begin_object().field("type", self.kind);
        if !self.profiles.is_empty() {
            w.key("supportedProfile").begin_array();
            for profile in self.profiles {
                w.string(&canonical(*profile, "StructureDefinition"));
            }
            w.end_array();
        }
        w.field_if("documentation", self.documentation);
        w.key("interaction").begin_array();
        for interaction in self.interactions {
            w.begin_object().field("code", interaction).end_object();
        }
        w.end_array();
        if self.conditional {
            w.key("conditionalUpdate").boolean(true).field("conditionalDelete", "single");
        }
        if !self.search.is_empty() {
            w.key("searchParam").begin_array();
            for (name, kind, definition) in self.search {
                w.begin_object().field("name", name);
                w.field("definition", &canonical(*definition, "SearchParameter"))
                    .field("type", kind)
                    .end_object();
            }
            w.end_array();
        }
        if self.kind == "Patient" {
            w.key("operation").begin_array();
            for operation in &OPERATIONS {
                w.begin_object().field("name", operation.code).field("definition", &operation.url(base));
                w.end_object();
            }
            w.end_array();
        }
        w.end_object();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn the_statement_is_json_without_empty_members() {
        let statement: Value = serde_json::from_str(&statement("http://x/fhir")).unwrap();
        assert_eq!(statement["fhirVersion"], "4.0.1");
        fn walk(value: &Value, path: &str) {
            match value {
                Value::Array(items) => {
                    assert!(!items.is_empty(), "{path}");
                    items.iter().for_each(|item| walk(item, path));
                }
                Value::Object(members) => {
                    assert!(!members.is_empty(), "{path}");
                    members.iter().for_each(|(key, value)| walk(value, &format!("{path}.{key}")));
                }
                Value::String(text) => assert!(!text.is_empty(), "{path}"),
                _ => {}
            }
        }
        walk(&statement, "CapabilityStatement");
    }

    #[test]
    fn every_type_and_parameter_stands_once() {
        let distinct =
            |names: Vec<&str>| names.iter().collect::<std::collections::BTreeSet<_>>().len() == names.len();
        assert!(distinct(RESOURCES.iter().map(|r| r.kind).collect()));
        for resource in &RESOURCES {
            assert!(distinct(resource.search.iter().map(|s| s.0).collect()), "{}", resource.kind);
        }
    }
}
