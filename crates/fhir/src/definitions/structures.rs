//! Extensions and profiles of this face, as tables and as StructureDefinitions.

use super::{
    AUTORISATION, CONSENT_ACTEUR, CONSENT_EQUIPE, DATE_NAISSANCE, FERMETURE, IDENTIFIANT_PERSONNE,
    INFORMATION, LIEU_NAISSANCE, MEDECIN_TRAITANT, MOTIF_BRIS_DE_GLACE, MOYEN, PROFESSION, begin, id_of,
};
use crate::document_reference::DATE_ANNONCE;
use crate::write::JsonWriter;

/// The StructureDefinition with that id.
pub(super) fn find(id: &str) -> Option<String> {
    let extension = EXTENSIONS.iter().find(|e| id_of(e.url) == id).map(Extension::to_json);
    extension.or_else(|| PROFILES.iter().find(|p| id_of(p.url) == id).map(Profile::to_json))
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

static EXTENSIONS: [Extension; 11] = [
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
    Extension {
        url: DATE_ANNONCE,
        title: "Date à laquelle, au plus tard, le document devient visible par le patient",
        contexts: &["DocumentReference"],
        value: ExtensionValue::Of("dateTime"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn every_definition_is_json_with_its_address_and_distinct_element_ids() {
        for url in EXTENSIONS.iter().map(|e| e.url).chain(PROFILES.iter().map(|p| p.url)) {
            let value: Value = serde_json::from_str(&find(id_of(url)).unwrap()).unwrap();
            assert_eq!((&value["url"], &value["id"]), (&url.into(), &id_of(url).into()));
            let name = value["name"].as_str().unwrap();
            assert!(name.starts_with("Dmp") && name.bytes().all(|b| b.is_ascii_alphanumeric()), "{name}");
            let elements = value["differential"]["element"].as_array().unwrap();
            let ids: Vec<&str> = elements.iter().filter_map(|e| e["id"].as_str()).collect();
            let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
            assert_eq!((distinct.len(), ids.len()), (elements.len(), elements.len()), "{url}");
        }
    }

    #[test]
    fn a_complex_extension_slices_its_parts() {
        let value: Value = serde_json::from_str(&find("dmp-fermeture").unwrap()).unwrap();
        let elements = value["differential"]["element"].as_array().unwrap();
        let part = elements.iter().find(|e| e["id"] == "Extension.extension:dateFermeture.value[x]").unwrap();
        assert_eq!(part["path"], "Extension.extension.value[x]");
        assert_eq!(part["type"][0]["code"], "date");
    }
}
