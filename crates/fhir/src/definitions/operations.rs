//! The operations on Patient, as a table and as OperationDefinitions.

use super::begin;
use crate::write::JsonWriter;

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

    /// Its definition.
    pub(super) fn to_json(&self, base: &str) -> String {
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
