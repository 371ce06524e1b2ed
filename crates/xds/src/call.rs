//! What a transaction is given, and what it gives back.

use crate::Xds;
use crate::mtom::Parts;
use crate::vihf::Vihf;
use bytes::Bytes;
use dmp_dossier::Ins;
use dmp_store::Target;
use dmp_xml::Element;
use uuid::Uuid;

/// Identifier of a request, for the journal and the logs.
#[derive(Debug, Clone, Copy)]
pub struct RequestId(pub Uuid);

/// The certificate by which the client opened its TLS connection (DER), as extension of the request.
#[derive(Debug, Clone)]
pub struct ClientCertificate(pub Bytes);

/// A request whose message was read and whose VIHF was verified.
pub struct Call<'a> {
    /// The face.
    pub xds: &'a Xds,
    /// Who asks, verified.
    pub vihf: &'a Vihf,
    /// The element of the operation, only child of `soap:Body`.
    pub body: Element<'a>,
    /// What came with the message.
    pub parts: &'a Parts,
    /// Identifier of the request.
    pub request: Uuid,
}

impl Call<'_> {
    /// The dossier of a patient.
    pub fn target(&self, ins: &Ins) -> Target {
        Target::Patient(ins.clone())
    }
}

/// The answer of a transaction: the element that `soap:Body` will hold.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// One element, its namespaces declared on it.
    pub body: String,
    /// Parts that the element includes (`<xop:Include … href="cid:…"/>`), each once. A client that did not ask for a
    /// package gets them in base64 where they are included: the transaction writes one form for both.
    pub attachments: Vec<Attachment>,
}

/// A part of an answer.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Content-ID, without brackets.
    pub content_id: String,
    /// Media type.
    pub content_type: String,
    /// The bytes.
    pub bytes: Bytes,
}

impl Reply {
    /// An answer without parts.
    pub fn new(body: String) -> Self {
        Reply { body, attachments: Vec::new() }
    }
}
