//! The bytes of a document: where they are, and whether they are those that were meant.

use super::{CONTENT, Fault, attachment};
use crate::json::Json;
use crate::outcome::{Issue, Outcome, echo};
use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use dmp_dossier::{Reason, Refusal};
use http::StatusCode;

/// Where the bytes of a document are, in base64.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Embedded<'j> {
    /// base64, as sent.
    pub data: &'j str,
    /// Media type it declares.
    pub content_type: Option<&'j str>,
}

/// The bytes of a document.
///
/// # Errors
/// 400 `value` for what is no base64; too large for a document.
pub(crate) fn bytes_of(embedded: &Embedded<'_>, bytes_max: u64) -> Result<Bytes, Fault> {
    let wrong = || Outcome::value("data is no base64");
    let bytes = match STANDARD.decode(embedded.data) {
        Ok(bytes) => bytes,
        // R4 lets base64 hold white space.
        Err(_) if embedded.data.contains(|c: char| c.is_ascii_whitespace()) => {
            let compact: String = embedded.data.split_ascii_whitespace().collect();
            STANDARD.decode(compact).map_err(|_| wrong())?
        }
        Err(_) => return Err(wrong().into()),
    };
    if bytes.len() as u64 > bytes_max {
        return Err(Refusal::new(Reason::TooLarge, &dmp_dossier::publication::PUB_11).into());
    }
    if bytes.is_empty() {
        return Err(Refusal::about(Reason::InvalidContent, &CONTENT, "empty document").into());
    }
    Ok(Bytes::from(bytes))
}

/// Compares size and hash (SHA-1) with those of the attachment, where it gives them. The address of an attachment is
/// never fetched: it names a Binary of the same request.
///
/// # Errors
/// 422 `invariant` (R4 *Attachment*), in the words of XDS.
pub(crate) fn check_bytes(resource: &Json<'_>, size_bytes: usize, hash: &[u8]) -> Result<(), Outcome> {
    let Some(attachment) = attachment(resource) else { return Ok(()) };
    let place = "DocumentReference.content[0].attachment";
    let differs = |what: &str| {
        let issue = Issue {
            text: Some(Reason::RepositoryMetadata.answer().xds),
            ..Issue::new("invariant", format!("{what} is not that of the data")).at(format!("{place}.{what}"))
        };
        Err(Outcome::of(StatusCode::UNPROCESSABLE_ENTITY, vec![issue]))
    };
    if let Some(Json::Number(size)) = attachment.get("size")
        && size.parse::<usize>() != Ok(size_bytes)
    {
        return differs("size");
    }
    match attachment.text("hash").map(|sent| (sent, STANDARD.decode(sent.trim()))) {
        Some((_, Ok(sent))) if sent != hash => differs("hash"),
        Some((sent, Err(_))) => {
            let what = format!("hash `{}` is no base64", echo(sent));
            Err(Outcome::value(what).at(&format!("{place}.hash")))
        }
        _ => Ok(()),
    }
}

/// SHA-1, the hash of XDS and of FHIR R4.
pub(crate) fn sha1(bytes: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes)
}
