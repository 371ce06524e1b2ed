//! What can go wrong between a wish and an answer.

use crate::answer::Refusal;
use dmp_xml::XmlError;
use std::path::PathBuf;

/// Why there is no answer of the transaction.
#[derive(Debug, thiserror::Error)]
pub enum LpsError {
    /// The server refuses, in its words.
    #[error("{0}")]
    Refused(Refusal),
    /// A file of an identity cannot be read.
    #[error("`{path}`")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// `identity.toml` does not say who the software speaks for.
    #[error("`{path}`: {what}")]
    Identity {
        /// Which file.
        path: PathBuf,
        /// What is wrong in it.
        what: String,
    },
    /// The signature cannot be made.
    #[error("the message cannot be signed: {0}")]
    Signature(String),
    /// A document to publish is not one.
    #[error("{0}")]
    Document(#[from] dmp_cda::CdaRefusal),
    /// The call lacks what this transaction needs.
    #[error("{0}")]
    Missing(&'static str),
    /// The answer is not one of this transaction.
    #[error("the answer is not one: {0}")]
    Answer(&'static str),
    /// The answer is not XML.
    #[error("the answer is not one")]
    Xml(#[from] XmlError),
}
