//! A call: who speaks, for which patient, to which server, when; and the envelope of its messages.
//!
//! SOAP 1.2 with WS-Addressing 1.0; the VIHF in `wsse:Security`, which never has to be understood (homologation notes of
//! the DMP); documents as MTOM/XOP parts.

use crate::error::LpsError;
use crate::identity::Identity;
use crate::mtom::{self, Attachment};
use crate::service::Operation;
use crate::vihf;
use bytes::Bytes;
use dmp_dossier::{Ins, Time};
use dmp_xml::escape_text;
use uuid::Uuid;

/// Namespace of SOAP 1.2.
pub const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";
/// Namespace of WS-Addressing 1.0.
pub const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
/// Namespace of WS-Security 1.0.
pub const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";

/// Media type of SOAP 1.2.
const SOAP_TYPE: &str = "application/soap+xml; charset=UTF-8";

/// Who speaks, for which patient, to which server, when.
#[derive(Debug, Clone, Copy)]
pub struct Session<'a> {
    /// Who speaks.
    pub identity: &'a Identity,
    /// The patient of the call (`resource-id`); none for TD0.4 and TD0.5.
    pub patient: Option<&'a Ins>,
    /// Address of the server without a final `/`, `https://dmp.example.org`.
    pub server: &'a str,
    /// Now.
    pub now: Time,
}

/// What a transaction asks, before its envelope.
#[derive(Debug, Clone)]
pub struct Message {
    /// Which transaction.
    pub operation: Operation,
    /// The element of `soap:Body`, its namespaces declared on it.
    pub body: String,
    /// What it includes.
    pub attachments: Vec<Attachment>,
    /// Sent as MTOM; the answer is expected so too.
    pub mtom: bool,
}

/// An HTTP request: `POST`, to be sent by whatever client.
#[derive(Debug, Clone)]
pub struct Request {
    /// Path on the server.
    pub path: String,
    /// `Content-Type`.
    pub content_type: String,
    /// Identifier of the message (`wsa:MessageID`), which the answer relates to.
    pub message_id: String,
    /// Body.
    pub body: Bytes,
}

impl Message {
    /// A message without parts.
    pub fn plain(operation: Operation, body: String) -> Self {
        Message { operation, body, attachments: Vec::new(), mtom: false }
    }
}

impl<'a> Session<'a> {
    /// The patient, or why there must be one.
    pub(crate) fn patient(&self) -> Result<&'a Ins, LpsError> {
        self.patient.ok_or(LpsError::Missing("this transaction needs the INS of a patient"))
    }

    /// The request of a message, under a fresh VIHF.
    ///
    /// # Errors
    /// [`LpsError::Signature`].
    pub fn request(&self, message: Message) -> Result<Request, LpsError> {
        let assertion = vihf::signed(self)?;
        Ok(self.request_under(message, &assertion))
    }

    /// The request of a message, under that assertion.
    pub fn request_under(&self, message: Message, assertion: &str) -> Request {
        let operation = message.operation;
        let message_id = format!("urn:uuid:{}", Uuid::new_v4());
        let to = format!("{}{}", self.server.trim_end_matches('/'), operation.path());
        let envelope = envelope(operation.action(), &message_id, &to, assertion, &message.body);
        let (content_type, body) = if message.mtom {
            mtom::write(operation.action(), envelope, &message.attachments)
        } else {
            (format!("{SOAP_TYPE}; action=\"{}\"", operation.action()), envelope.into())
        };
        Request { path: operation.path(), content_type, message_id, body }
    }
}

/// The envelope of a body under an assertion.
fn envelope(action: &str, message_id: &str, to: &str, assertion: &str, body: &str) -> String {
    let to = escape_text(to);
    let mut text = String::with_capacity(assertion.len() + body.len() + 1024);
    for part in [
        r#"<?xml version="1.0" encoding="UTF-8"?>"#,
        "\n",
        &format!(r#"<soap:Envelope xmlns:soap="{SOAP}"><soap:Header>"#),
        &format!(r#"<MessageID xmlns="{ADDRESSING}">{message_id}</MessageID>"#),
        &format!(r#"<To xmlns="{ADDRESSING}">{to}</To>"#),
        &format!(r#"<ReplyTo xmlns="{ADDRESSING}"><Address>{ADDRESSING}/anonymous</Address></ReplyTo>"#),
        &format!(r#"<Action xmlns="{ADDRESSING}" soap:mustUnderstand="true">{action}</Action>"#),
        &format!(r#"<wsse:Security xmlns:wsse="{WSSE}">{assertion}</wsse:Security>"#),
        "</soap:Header><soap:Body>",
        body,
        "</soap:Body></soap:Envelope>",
    ] {
        text.push_str(part);
    }
    text
}
