//! Conformance resources that this face serves: extensions, profiles, code systems, operations.
//!
//! `dmp-fermeture` and `dmp-medecin-traitant` are those of PDSM4DMP (`transaction_td02`). The other ones are ours:
//! the guide leaves authorisations, consents, openings and the journal out. They stand beside its own and are marked
//! `experimental`. All of this is public and says nothing of anybody.

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
    let written = EXTENSIONS
        .iter()
        .find(|e| id_of(e.url) == id)
        .map(Extension::to_json)
        .or_else(|| PROFILES.iter().find(|p| id_of(p.url) == id).map(Profile::to_json));
    served(written)
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

struct Extension {
    url: &'static str,
    title: &'static str,
    contexts: &'static [&'static str],
    value: ExtensionValue,
    /// False for those of PDSM4DMP.
    ours: bool,
}

enum ExtensionValue {
    Of(&'static str),
    /// Nested extensions: url and type.
    Parts(&'static [(&'static str, &'static str)]),
}

static EXTENSIONS: [Extension; 10] = [
    Extension {
        url: FERMETURE,
        title: "Fermeture du DMP : date, motif, raison",
        contexts: &["Patient"],
        value: ExtensionValue::Parts(&[
            ("dateFermeture", "date"),
            ("motifFermeture", "CodeableConcept"),
            ("raisonFermeture", "string"),
        ]),
        ours: false,
    },
    Extension {
        url: MEDECIN_TRAITANT,
        title: "L'appelant est médecin traitant DMP de ce patient",
        contexts: &["Patient"],
        value: ExtensionValue::Of("boolean"),
        ours: false,
    },
    Extension {
        url: AUTORISATION,
        title: "Autorisation de l'appelant sur ce DMP : NON_EXISTE, VALIDE, EXPIRE ou INTERDIT",
        contexts: &["Patient"],
        value: ExtensionValue::Of("code"),
        ours: true,
    },
    Extension {
        url: DATE_NAISSANCE,
        title: "Date de naissance de l'INS, AAAAMMJJ, quand elle n'est pas une date du calendrier",
        contexts: &["Patient.birthDate"],
        value: ExtensionValue::Of("string"),
        ours: true,
    },
    Extension {
        url: LIEU_NAISSANCE,
        title: "Code INSEE du lieu de naissance",
        contexts: &["Patient"],
        value: ExtensionValue::Of("code"),
        ours: true,
    },
    Extension {
        url: IDENTIFIANT_PERSONNE,
        title: "Identifiant du représentant, tel que son fournisseur d'identité le donne",
        contexts: &["Patient.contact"],
        value: ExtensionValue::Of("Identifier"),
        ours: true,
    },
    Extension {
        url: PROFESSION,
        title: "Profession de la personne nommée",
        contexts: &["Consent.provision.actor"],
        value: ExtensionValue::Of("Coding"),
        ours: true,
    },
    Extension {
        url: MOYEN,
        title: "Moyen par lequel le consentement a été recueilli",
        contexts: &["Consent"],
        value: ExtensionValue::Of("string"),
        ours: true,
    },
    Extension {
        url: INFORMATION,
        title: "Information donnée au patient",
        contexts: &["Consent"],
        value: ExtensionValue::Of("string"),
        ours: true,
    },
    Extension {
        url: MOTIF_BRIS_DE_GLACE,
        title: "Motif d'un accès en bris de glace",
        contexts: &["AuditEvent.agent"],
        value: ExtensionValue::Of("string"),
        ours: true,
    },
];

impl Extension {
    fn to_json(&self) -> String {
        let mut w = JsonWriter::with_capacity(1024);
        begin(&mut w, "StructureDefinition", id_of(self.url), self.url, self.title, self.ours);
        constraint(&mut w, "complex-type", "Extension");
        w.key("context").begin_array();
        for context in self.contexts {
            w.begin_object().field("type", "element").field("expression", context).end_object();
        }
        w.end_array();
        w.key("differential").begin_object().key("element").begin_array();
        element(&mut w, "Extension", None, &[("short", self.title)]);
        match self.value {
            ExtensionValue::Of(kind) => {
                maximum(&mut w, "Extension.extension", None, 0, "0");
                fixed(&mut w, "Extension.url", None, self.url);
                typed(&mut w, "Extension.value[x]", None, kind);
            }
            ExtensionValue::Parts(parts) => {
                for (part, kind) in parts {
                    maximum(&mut w, "Extension.extension", Some(part), 0, "1");
                    fixed(&mut w, "Extension.extension.url", Some(part), part);
                    typed(&mut w, "Extension.extension.value[x]", Some(part), kind);
                }
                fixed(&mut w, "Extension.url", None, self.url);
                maximum(&mut w, "Extension.value[x]", None, 0, "0");
            }
        }
        w.end_array().end_object().end_object();
        w.finish()
    }
}

fn constraint(w: &mut JsonWriter, kind: &str, of: &str) {
    w.field("fhirVersion", "4.0.1").field("kind", kind).key("abstract").boolean(false);
    w.field("type", of).key("baseDefinition");
    w.pieces(&["http://hl7.org/fhir/StructureDefinition/", of]);
    w.field("derivation", "constraint");
}

/// Begins an element and writes these members; `slice` names a nested extension.
fn open_element(w: &mut JsonWriter, path: &str, slice: Option<&str>) {
    w.begin_object().key("id");
    match (slice, path.split_once(".extension")) {
        (Some(slice), Some((_, rest))) => {
            w.pieces(&["Extension.extension:", slice, rest]).field("path", path);
            if rest.is_empty() {
                w.field("sliceName", slice);
            }
        }
        _ => {
            w.string(path).field("path", path);
        }
    }
}

fn element(w: &mut JsonWriter, path: &str, slice: Option<&str>, members: &[(&str, &str)]) {
    open_element(w, path, slice);
    for (key, value) in members {
        w.field(key, value);
    }
    w.end_object();
}

fn maximum(w: &mut JsonWriter, path: &str, slice: Option<&str>, min: u64, max: &str) {
    open_element(w, path, slice);
    w.key("min").number(min).field("max", max).end_object();
}

fn fixed(w: &mut JsonWriter, path: &str, slice: Option<&str>, uri: &str) {
    element(w, path, slice, &[("fixedUri", uri)]);
}

fn typed(w: &mut JsonWriter, path: &str, slice: Option<&str>, kind: &str) {
    open_element(w, path, slice);
    w.key("min").number(1);
    w.key("type").begin_array().begin_object().field("code", kind).end_object().end_array();
    w.end_object();
}

/// A profile: its elements with their cardinality and what they mean.
struct Profile {
    url: &'static str,
    title: &'static str,
    of: &'static str,
    elements: &'static [(&'static str, u64, &'static str, &'static str)],
}

static PROFILES: [Profile; 2] = [
    Profile {
        url: CONSENT_ACTEUR,
        title: "Ce que le patient permet ou interdit à un acteur",
        of: "Consent",
        elements: &[
            (
                "Consent.status",
                1,
                "1",
                "active tant que la permission ou l'interdiction vaut, sinon inactive",
            ),
            ("Consent.scope", 1, "1", "patient-privacy"),
            ("Consent.category", 1, "1", "dmp-categorie-consentement, autorisation"),
            ("Consent.patient", 1, "1", "le patient, par son INS"),
            ("Consent.patient.identifier", 1, "1", "INS et son autorité d'affectation"),
            ("Consent.provision", 1, "1", "la permission ou l'interdiction"),
            (
                "Consent.provision.type",
                0,
                "1",
                "permit autorise, deny bloque; absent quand rien ne vaut plus",
            ),
            (
                "Consent.provision.period",
                0,
                "1",
                "end est la fin de l'autorisation, au plus tard sa durée de vie",
            ),
            ("Consent.provision.actor", 1, "1", "l'acteur, professionnel ou structure"),
            ("Consent.provision.actor.role", 1, "1", "PCP pour un médecin traitant, sinon IRCP"),
            ("Consent.provision.actor.reference.identifier", 1, "1", "identifiant national de l'acteur"),
        ],
    },
    Profile {
        url: CONSENT_EQUIPE,
        title: "Consentement initial du patient à une équipe de soins",
        of: "Consent",
        elements: &[
            ("Consent.status", 1, "1", "active jusqu'au retrait"),
            ("Consent.scope", 1, "1", "patient-privacy"),
            ("Consent.category", 1, "1", "dmp-categorie-consentement, equipe-de-soins"),
            ("Consent.patient", 1, "1", "le patient, par son INS"),
            ("Consent.patient.identifier", 1, "1", "INS et son autorité d'affectation"),
            ("Consent.dateTime", 0, "1", "quand le consentement a été donné; par défaut, maintenant"),
            ("Consent.performer", 1, "1", "qui l'a recueilli, par display"),
            ("Consent.extension", 1, "*", "dmp-moyen-consentement, dmp-information-consentement"),
            ("Consent.provision", 1, "1", "permit"),
            ("Consent.provision.actor", 1, "200", "les membres de l'équipe, personnes et structures"),
            ("Consent.provision.actor.reference.identifier", 1, "1", "identifiant national du membre"),
        ],
    },
];

impl Profile {
    fn to_json(&self) -> String {
        let mut w = JsonWriter::with_capacity(2048);
        begin(&mut w, "StructureDefinition", id_of(self.url), self.url, self.title, true);
        constraint(&mut w, "resource", self.of);
        w.key("differential").begin_object().key("element").begin_array();
        element(&mut w, self.of, None, &[("short", self.title)]);
        for (path, min, max, short) in self.elements {
            open_element(&mut w, path, None);
            w.field("short", short).key("min").number(*min).field("max", max).end_object();
        }
        w.end_array().end_object().end_object();
        w.finish()
    }
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

/// An operation on Patient, without instance: the patient is named by INS.
pub(crate) struct Operation {
    /// Its code, without `$`.
    pub(crate) code: &'static str,
    title: &'static str,
    inputs: &'static [Parameter],
    /// Type of what it returns, and what that is.
    returns: (&'static str, &'static str),
}

/// A parameter: name, least number, type, what it is. At most one of each.
type Parameter = (&'static str, u64, &'static str, &'static str);

const WHO: Parameter = (
    "patient-identifier",
    0,
    "Identifier",
    "INS du patient; à défaut `patient`, ou ?identifier= dans l'adresse",
);
const WHO_REFERENCE: Parameter = ("patient", 0, "Reference", "le patient, par reference.identifier");
const COLLECTED_BY: Parameter = ("consent-collected-by", 0, "string", "qui a recueilli le consentement");
const MEANS: Parameter = ("consent-means", 0, "string", "par quel moyen : oral, écrit, formulaire…");
const CONSENT_DATE: Parameter = ("consent-date", 0, "dateTime", "quand; par défaut, maintenant");
const CONSENT_INFORMATION: Parameter =
    ("consent-information", 0, "string", "version de l'information donnée au patient");
const BRIS_DE_GLACE: Parameter =
    ("opposition-bris-de-glace", 0, "boolean", "le patient s'oppose au bris de glace");
const ACCES_URGENCE: Parameter = (
    "opposition-acces-urgence",
    0,
    "boolean",
    "le patient s'oppose à l'accès des centres de régulation (SAMU)",
);
const MASQUES: Parameter =
    ("masques-en-urgence", 0, "boolean", "les documents masqués peuvent être lus en urgence");
const DONE: (&str, &str) = ("OperationOutcome", "ce qui a été fait");

/// Every operation.
pub(crate) static OPERATIONS: [Operation; 4] = [
    Operation {
        code: "open",
        title: "Ouvre le DMP d'un patient (TD1.1)",
        inputs: &[
            ("patient", 1, "Patient", "INS, cinq traits stricts, coordonnées, représentants (contact)"),
            ("consent", 1, "boolean", "le patient consent; sans consentement, rien ne s'ouvre"),
            COLLECTED_BY,
            MEANS,
            CONSENT_DATE,
            CONSENT_INFORMATION,
            ("channel", 1, "code", "web, cpam, pharmacie, ps, etablissement, medico-social ou infirmier"),
            BRIS_DE_GLACE,
            ACCES_URGENCE,
            MASQUES,
        ],
        returns: ("Patient", "201 quand le DMP vient d'être ouvert, 200 quand il l'était"),
    },
    Operation {
        code: "set-oppositions",
        title: "Règle les accès en urgence; ce qui n'est pas donné reste",
        inputs: &[WHO, WHO_REFERENCE, BRIS_DE_GLACE, ACCES_URGENCE, MASQUES],
        returns: ("Parameters", "les trois réglages"),
    },
    Operation {
        code: "close",
        title: "Ferme le DMP (TD1.4)",
        inputs: &[
            WHO,
            WHO_REFERENCE,
            (
                "reason",
                1,
                "code",
                "FERMETURE_DEMANDE_PATIENT (patient-demande) ou FERMETURE_DECES (deces, provisoire)",
            ),
            ("text", 0, "string", "raison, en clair"),
            ("deceased", 0, "dateTime", "date du décès, avec ce motif"),
        ],
        returns: DONE,
    },
    Operation {
        code: "reactivate",
        title: "Rouvre un DMP fermé (TD1.2)",
        inputs: &[
            WHO,
            WHO_REFERENCE,
            ("consent", 1, "boolean", "le patient consent"),
            COLLECTED_BY,
            MEANS,
            CONSENT_DATE,
            CONSENT_INFORMATION,
        ],
        returns: DONE,
    },
];

impl Operation {
    /// The operation with that code.
    pub(crate) fn find(code: &str) -> Option<&'static Operation> {
        OPERATIONS.iter().find(|o| o.code == code)
    }

    /// Canonical address of its definition, below the base of the face, where it is served.
    pub(crate) fn url(&self, base: &str) -> String {
        format!("{base}/OperationDefinition/Patient-{}", self.code)
    }

    /// True for a parameter it takes.
    pub(crate) fn takes(&self, name: &str) -> bool {
        self.inputs.iter().any(|(taken, ..)| *taken == name)
    }

    fn to_json(&self, base: &str) -> String {
        let mut w = JsonWriter::with_capacity(2048);
        let id = format!("Patient-{}", self.code);
        begin(&mut w, "OperationDefinition", &id, &self.url(base), self.title, true);
        w.field("kind", "operation").key("affectsState").boolean(true).field("code", self.code);
        w.key("resource").begin_array().string("Patient").end_array();
        w.key("system").boolean(false).key("type").boolean(true).key("instance").boolean(false);
        w.key("parameter").begin_array();
        for (name, min, kind, documentation) in self.inputs {
            parameter(&mut w, name, "in", *min, kind, documentation);
        }
        let (kind, documentation) = self.returns;
        parameter(&mut w, "return", "out", 1, kind, documentation);
        w.end_array().end_object();
        w.finish()
    }
}

fn parameter(w: &mut JsonWriter, name: &str, side: &str, min: u64, kind: &str, documentation: &str) {
    w.begin_object().field("name", name).field("use", side).key("min").number(min).field("max", "1");
    w.field("documentation", documentation).field("type", kind).end_object();
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn every_definition_is_json_with_its_address_and_distinct_element_ids() {
        let written = EXTENSIONS
            .iter()
            .map(|e| (e.url.to_owned(), e.to_json()))
            .chain(PROFILES.iter().map(|p| (p.url.to_owned(), p.to_json())))
            .chain(OPERATIONS.iter().map(|o| (o.url("http://x/fhir"), o.to_json("http://x/fhir"))));
        for (url, json) in written {
            let value: Value = serde_json::from_str(&json).unwrap_or_else(|e| panic!("{url}: {e}"));
            assert_eq!(value["url"], url.as_str());
            assert_eq!(value["id"], id_of(&url), "{url}");
            assert!(value["name"].as_str().unwrap().bytes().all(|b| b.is_ascii_alphanumeric()), "{url}");
            let ids: Vec<&str> = value["differential"]["element"]
                .as_array()
                .map(|elements| elements.iter().filter_map(|e| e["id"].as_str()).collect())
                .unwrap_or_default();
            let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
            assert_eq!(distinct.len(), ids.len(), "{url}");
        }
    }

    #[test]
    fn a_complex_extension_slices_its_parts() {
        let value: Value = serde_json::from_str(&EXTENSIONS[0].to_json()).unwrap();
        let elements = value["differential"]["element"].as_array().unwrap();
        let part = elements.iter().find(|e| e["id"] == "Extension.extension:dateFermeture.value[x]").unwrap();
        assert_eq!(part["path"], "Extension.extension.value[x]");
        assert_eq!(part["type"][0]["code"], "date");
    }

    #[test]
    fn the_code_system_of_acts_holds_every_act() {
        let codes: Vec<_> = Act::ALL.iter().map(|a| (a.as_str(), a.label())).collect();
        let value: Value = serde_json::from_str(&code_system_json(ACTES, "x", &codes)).unwrap();
        assert_eq!(value["concept"].as_array().unwrap().len(), Act::ALL.len());
    }
}
