//! Why something was refused, and the one table that maps each reason to every face.
//!
//! DMP fault tokens: only `DMPInvalidCertificate`, `DMPAccessDeniedByRightsService` and
//! `DMPIdentityCertificationFailure` are published; the others are ours until annex A7-1 of SEL-MP-037 is known.

use crate::rule::Rule;
use std::fmt;

/// A refusal: a domain value, never an error of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// The rule that refuses.
    pub rule: &'static Rule,
    /// What was wrong in the request (an element, an identifier the sender gave); never health data, and never
    /// anything the sender did not send.
    pub context: Option<String>,
}

impl Refusal {
    /// A refusal by a rule.
    pub fn new(reason: Reason, rule: &'static Rule) -> Self {
        Refusal { reason, rule, context: None }
    }

    /// The same, saying what was wrong.
    pub fn about(reason: Reason, rule: &'static Rule, context: impl Into<String>) -> Self {
        Refusal { reason, rule, context: Some(context.into()) }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.reason.answer().xds, self.rule.id)
    }
}

/// How a reason is said on every face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// `RegistryError/@errorCode` (ITI TF-3 table 4.2.4.1-2), and `details.text` over FHIR.
    pub xds: &'static str,
    /// Subcode of the DMP's SOAP fault.
    pub dmp: &'static str,
    /// `OperationOutcome.issue.code`.
    pub issue: &'static str,
    /// HTTP status of the FHIR face and the pages.
    pub http: u16,
    /// Sentence for a person.
    pub french: &'static str,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident: $xds:literal, $dmp:literal, $issue:literal, $http:literal, $french:literal;)*) => {
        /// Why something was refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum Reason { $($(#[$doc])* $name),* }

        impl Reason {
            /// Every reason.
            pub const ALL: &[Reason] = &[$(Reason::$name),*];

            /// How it is said on every face.
            pub fn answer(self) -> Answer {
                match self {
                    $(Reason::$name => Answer { xds: $xds, dmp: $dmp, issue: $issue, http: $http, french: $french }),*
                }
            }

            /// Its name, stable, for the journal and the command line.
            pub fn as_str(self) -> &'static str {
                match self { $(Reason::$name => stringify!($name)),* }
            }
        }
    };
}

reasons! {
    /// The functional matrix does not give this act to this actor in this mode.
    AccessDenied: "XDSRegistryError", "DMPAccessDeniedByRightsService", "forbidden", 403,
        "Votre profession, votre carte ou votre mode d'accès ne permet pas cette action.";
    /// No authorisation on this dossier (`NON_EXISTE`).
    NotAuthorised: "XDSRegistryError", "DMPAutorisationInexistante", "forbidden", 403,
        "Vous n'êtes pas autorisé à consulter ce dossier.";
    /// The authorisation has expired (`EXPIRE`).
    AuthorisationExpired: "XDSRegistryError", "DMPAutorisationExpiree", "forbidden", 403,
        "Votre autorisation a expiré : le patient doit vous autoriser de nouveau.";
    /// The patient has blocked this professional or this structure (`INTERDIT`).
    Blocked: "XDSRegistryError", "DMPAccesInterdit", "forbidden", 403,
        "Le patient ne permet pas l'accès à son dossier.";
    /// The patient opposed this emergency mode.
    EmergencyOpposed: "XDSRegistryError", "DMPUrgenceOpposee", "forbidden", 403,
        "Le patient s'est opposé à ce mode d'accès en urgence.";
    /// A bris de glace without its reason.
    EmergencyReasonMissing: "XDSRegistryError", "DMPMotifManquant", "forbidden", 403,
        "Un accès en bris de glace doit donner son motif.";
    /// No dossier for this patient, as far as this actor is concerned.
    UnknownPatient: "XDSUnknownPatientId", "DMPPatientInconnu", "not-found", 404,
        "Aucun dossier pour ce patient.";
    /// The number is not an INS this deployment takes.
    InvalidIns: "XDSUnknownPatientId", "DMPPatientInconnu", "invalid", 422,
        "Le numéro de santé n'est pas valide.";
    /// The dossier is closed.
    DossierClos: "XDSUnknownPatientId", "DMPDossierFerme", "forbidden", 403,
        "Ce dossier est fermé.";
    /// No such document, or none this actor may know of.
    UnknownDocument: "XDSDocumentUniqueIdError", "DMPDocumentInconnu", "not-found", 404,
        "Aucun document ne correspond.";
    /// The document names another patient than the dossier.
    PatientMismatch: "XDSPatientIdDoesNotMatch", "DMPPatientDifferent", "invalid", 422,
        "Le document ne concerne pas ce patient.";
    /// The uniqueId of a lot is taken, by whatever lot or document, whosever it is.
    DuplicateUniqueId: "XDSDuplicateUniqueIdInRegistry", "DMPIdentifiantDejaUtilise", "invalid", 422,
        "Cet identifiant de document est déjà utilisé.";
    /// The document to replace is absent, or no longer current.
    ReplaceFailed: "XDSReplaceFailed", "DMPRemplacementImpossible", "invalid", 422,
        "Impossible de remplacer ce document.";
    /// The bytes are not an acceptable document.
    InvalidContent: "InvalidDocumentContent", "DMPContenuInvalide", "invalid", 422,
        "Le contenu du document n'est pas acceptable.";
    /// Metadata of the registry are wrong (codes, cardinalities).
    RegistryMetadata: "XDSRegistryMetadataError", "DMPMetadonneesInvalides", "invalid", 422,
        "Les métadonnées du document ne sont pas acceptables.";
    /// Metadata do not agree with the bytes (identifier, type, dates, hash, size).
    RepositoryMetadata: "XDSRepositoryMetadataError", "DMPMetadonneesIncoherentes", "invalid", 422,
        "Les métadonnées ne correspondent pas au document.";
    /// No author institution of the lot is the depositing structure.
    AuthorInstitution: "XDSRegistryMetadataError", "DMPAuteurDifferent", "invalid", 422,
        "Aucun AuthorInstitution ne correspond à l'utilisateur du VIHF";
    /// This change of metadata is not one the DMP allows.
    UpdateOperation: "XDSMetadataUpdateOperationError", "DMPModificationInterdite", "invalid", 422,
        "Cette modification n'est pas permise.";
    /// The change started from a stale version.
    VersionConflict: "XDSMetadataVersionError", "DMPVersionPerimee", "conflict", 412,
        "Le document a changé entre-temps.";
    /// Only its author (or the structure, or for a patient's document a médecin traitant) may do this.
    NotAuthor: "XDSRegistryError", "DMPNonAuteur", "forbidden", 403,
        "Seul l'auteur du document peut faire cela.";
    /// A document, a lot or a list is larger than allowed.
    TooLarge: "XDSRepositoryOutOfResources", "DMPTailleDepassee", "too-costly", 413,
        "Le document ou le lot est trop grand.";
    /// A quota is exhausted.
    Quota: "XDSRegistryBusy", "DMPQuotaDepasse", "throttled", 429,
        "Trop de demandes : réessayez plus tard.";
    /// The patient's consent is missing.
    ConsentMissing: "XDSRegistryError", "DMPConsentementManquant", "business-rule", 422,
        "Le consentement du patient est nécessaire.";
    /// An element of the request is missing or wrong.
    InvalidRequest: "XDSRegistryError", "DMPDemandeInvalide", "invalid", 422,
        "La demande est incomplète ou incorrecte.";
    // The journal keeps the place of a reason in this list: new ones come at its end.
    /// The patient has an access by internet already.
    WebAccessExists: "XDSRegistryError", "DMPAccesInternetExistant", "conflict", 409,
        "Le patient a déjà un accès internet.";
    /// The patient has no access by internet.
    WebAccessMissing: "XDSRegistryError", "DMPAccesInternetInexistant", "business-rule", 422,
        "Le patient n'a pas d'accès internet.";
    /// A channel of that kind is there already.
    ChannelExists: "XDSRegistryError", "DMPCanalExistant", "conflict", 409,
        "Un canal de ce type est déjà enregistré.";
    /// There is no such channel.
    ChannelMissing: "XDSRegistryError", "DMPCanalInexistant", "business-rule", 422,
        "Ce canal n'est pas enregistré.";
    /// The last channel stays.
    LastChannel: "XDSRegistryError", "DMPDernierCanal", "business-rule", 422,
        "Le dernier canal ne peut pas être supprimé.";
    /// The login is, or was, somebody's.
    LoginTaken: "XDSRegistryError", "DMPIdentifiantConnexionUtilise", "conflict", 409,
        "Cet identifiant de connexion est déjà utilisé.";
    /// More results than may be shown.
    TooManyResults: "XDSTooManyResults", "DMPTropDeResultats", "too-costly", 422,
        "Trop de résultats : précisez la recherche.";
    /// The uniqueId of a document is taken, by whatever document or lot, whosever it is.
    NonIdenticalHash: "XDSNonIdenticalHash", "DMPIdentifiantDejaUtilise", "invalid", 422,
        "Cet identifiant de document est déjà utilisé.";
    /// A uniqueId stands twice in the message.
    DuplicateUniqueIdInMessage: "XDSRepositoryDuplicateUniqueIdInMessage", "DMPIdentifiantRepete", "invalid", 422,
        "Un même identifiant figure deux fois dans l'envoi.";
    /// The document to replace was replaced already, or this version of its metadata was.
    DeprecatedDocument: "XDSRegistryDeprecatedDocumentError", "DMPDocumentObsolete", "invalid", 422,
        "Ce document a déjà été remplacé.";
    /// Metadata without their document.
    MissingDocument: "XDSMissingDocument", "DMPDocumentManquant", "invalid", 422,
        "L'envoi annonce un document qu'il ne contient pas.";
    /// A document without its metadata.
    MissingDocumentMetadata: "XDSMissingDocumentMetadata", "DMPMetadonneesManquantes", "invalid", 422,
        "L'envoi contient un document qu'il n'annonce pas.";
    /// The person refused a dossier: none opens without them.
    OpeningRefused: "XDSRegistryError", "DMPOuvertureRefusee", "business-rule", 422,
        "Cette personne a refusé l'ouverture d'un dossier.";
    /// A dossier is open for this patient already.
    DossierOpen: "XDSRegistryError", "DMPDossierOuvert", "conflict", 409,
        "Un dossier est déjà ouvert pour ce patient.";
    /// The case has its answer already.
    CaseAnswered: "XDSRegistryError", "DMPAccesDejaExamine", "conflict", 409,
        "Une réponse a déjà été donnée pour cet accès.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_has_one_voice() {
        let answer = Reason::UnknownDocument.answer();
        assert_eq!((answer.http, answer.issue), (404, "not-found"));
        for reason in Reason::ALL {
            let a = reason.answer();
            assert!((400..=429).contains(&a.http), "{reason:?}");
            assert!(a.french.chars().next().is_some_and(char::is_uppercase), "{reason:?}");
        }
    }
}
