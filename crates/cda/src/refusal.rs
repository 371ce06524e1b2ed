//! Why a document is refused at deposit, each with the reason that the faces answer.

use dmp_dossier::Rule;
use dmp_dossier::reason::{Reason, Refusal};
use dmp_xml::XmlError;

/// The bytes of a document against its header and its metadata.
pub static CONTENT: Rule = Rule {
    id: "CDA-1",
    says: "le contenu est un CDA acceptable, que ses métadonnées ne contredisent pas",
    source: "CI-SIS Structuration minimale des documents de santé; SEL-MP-037",
};

/// A document that cannot be taken. The text names the element and, for codes, the sender's value; never a name,
/// a date or a piece of narrative.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CdaRefusal {
    /// Not UTF-8, a DOCTYPE, a limit passed, not well-formed.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// Neither a `ClinicalDocument` nor a style sheet that holds exactly one.
    #[error("root is neither ClinicalDocument nor an xsl:stylesheet that holds exactly one")]
    Root,
    /// `ClinicalDocument` outside `urn:hl7-org:v3`.
    #[error("ClinicalDocument is not in the namespace urn:hl7-org:v3")]
    Namespace,
    /// None or several `recordTarget`.
    #[error("{count} recordTarget, exactly one is expected")]
    RecordTargets {
        /// How many.
        count: usize,
    },
    /// The patient has no INS, or several.
    #[error("{count} INS in recordTarget, exactly one is expected")]
    PatientIns {
        /// How many.
        count: usize,
    },
    /// A mandatory element is absent or carries a `nullFlavor`.
    #[error("{element} is missing or null")]
    Missing {
        /// Path from `ClinicalDocument`.
        element: &'static str,
    },
    /// The document's identifier is neither an OID nor a UUID.
    #[error("ClinicalDocument/id is neither an OID nor a UUID")]
    DocumentId,
    /// An author without any identifier.
    #[error("author without identifier")]
    AuthorWithoutId,
    /// `languageCode` is not a language tag.
    #[error("languageCode `{value}` is not a language tag")]
    Language {
        /// As sent, cut.
        value: String,
    },
    /// `confidentialityCode` is not one of HL7 Confidentiality.
    #[error("confidentialityCode `{value}` is not in 2.16.840.1.113883.5.25")]
    Confidentiality {
        /// As sent, cut.
        value: String,
    },
    /// A time of the header that cannot be read.
    #[error("{element} is not a time")]
    Time {
        /// Path from `ClinicalDocument`.
        element: &'static str,
    },
    /// The document was made before 1900 or more than a day from now.
    #[error("effectiveTime is before 1900 or in the future")]
    TimeRange,
    /// The type is not one the DMP takes.
    #[error("code `{code}` of `{system}` is not a typeCode of the DMP")]
    Type {
        /// As sent, cut.
        code: String,
        /// As sent, cut.
        system: String,
    },
    /// A structured body whose templates give no `formatCode`.
    #[error("no templateId of this structured document is known")]
    Template,
    /// No `component`, or neither `structuredBody` nor `nonXMLBody` in it.
    #[error("no body")]
    NoBody,
    /// A `nonXMLBody` that points elsewhere instead of holding its content.
    #[error("nonXMLBody holds a reference, content must be inside")]
    BodyReference,
    /// A `nonXMLBody` of a type that is not taken.
    #[error("nonXMLBody of type `{media_type}` is not accepted")]
    BodyMediaType {
        /// As sent, cut.
        media_type: String,
    },
    /// A `nonXMLBody` whose base64 cannot be read, or that is empty.
    #[error("content of nonXMLBody is not readable base64 or text")]
    BodyContent,
    /// A `nonXMLBody` whose first bytes are not those of its declared type.
    #[error("content of nonXMLBody is not {media_type}")]
    BodyMagic {
        /// Declared type.
        media_type: &'static str,
    },
    /// An element in narrative that could act in a browser.
    #[error("active element in narrative")]
    ActiveContent,
}

impl From<CdaRefusal> for Refusal {
    fn from(error: CdaRefusal) -> Self {
        Refusal::about(error.reason(), &CONTENT, error.to_string())
    }
}

impl CdaRefusal {
    /// The reason answered by every face.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Time { .. } | Self::TimeRange | Self::Type { .. } | Self::Template => {
                Reason::RepositoryMetadata
            }
            _ => Reason::InvalidContent,
        }
    }

    /// A value of the sender, short enough to be repeated in an answer.
    pub(crate) fn cut(value: &str) -> String {
        value.chars().take(40).collect()
    }
}
