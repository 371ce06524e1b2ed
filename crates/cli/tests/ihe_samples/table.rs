//! Every file of the folder: where it is sent, what is answered to it as it is, and what once only its own content stands
//! in the way.
//!
//! Documents of these samples are text, FHIR or nothing, and their codes those of a connectathon or of Switzerland: what
//! remains in the way of ITI-41 is what French metadata and a CDA would mend, and nothing else.

mod epr;
mod ipf;
mod nist;

use crate::sample::Change;

/// A file.
pub struct Row {
    pub file: &'static str,
    /// Where its request goes, or where the request went whose answer it is.
    pub service: &'static str,
    /// What is answered to it as it is.
    pub as_it_is: &'static str,
    /// Why.
    pub why: &'static str,
    /// The same with what a caller of the DMP has to change.
    pub then: &'static [Then],
}

/// A changed sample.
pub struct Then {
    pub changes: &'static [Change],
    /// What is answered.
    pub answer: &'static str,
    /// Why.
    pub why: &'static str,
}

const REGISTRY: &str = "DocumentRegistry_Service";
const REPOSITORY: &str = "DocumentRepository_Service";
const PDQ: &str = "PDQ";
const PATIENT: &str = "patient";

const PROVIDE: &str = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b";
const UPDATE: &str = "urn:ihe:iti:2010:UpdateDocumentSet";
const QUERY: &str = "urn:ihe:iti:2007:RegistryStoredQuery";
const FIND: &str = "urn:hl7-org:v3:PRPA_IN201305UV02";

/// Of messages that say to whom they go.
const ELSEWHERE: &str = "fault 400 DestinationUnreachable destination";
/// Of messages without headers of WS-Addressing.
const NO_HEADER: &str = "fault 400 MessageAddressingHeaderRequired header-missing";
/// Of files that are the element of a message, or no message at all.
const NO_SOAP: &str = "fault 400 Sender not-soap";
/// Of elements that no service of the DMP reads.
const NO_OPERATION: &str = "fault 400 ActionNotSupported operation";

/// Of messages without an assertion.
const NO_VIHF: &str = "fault 400 SecurityTokenUnavailable le message ne porte pas de VIHF";
/// Of assertions signed with SHA-1.
const SHA1: &str =
    "fault 400 UnsupportedAlgorithm algorithme refusé : `http://www.w3.org/2000/09/xmldsig#rsa-sha1`";

const SWISS: &str = "a Swiss assertion, signed with SHA-1: no VIHF in any case";
const AN_ANSWER: &str = "an answer, which has no MessageID and asks nothing";
const AN_ELEMENT: &str = "the element of a message, without its envelope";
const PIX: &str = "PIX is not of the DMP: the INS is the identifier, and its teleservice (INSi) gives it";
const FHIR: &str = "not SOAP, and an answer: FHIR has its own face";

/// Every file.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    [nist::ROWS, epr::ROWS, ipf::ROWS].into_iter().flatten()
}
