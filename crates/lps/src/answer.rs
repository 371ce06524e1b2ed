//! What a server answers: an envelope with its parts, and a refusal in one form whatever the transaction.
//!
//! Sources: SOAP 1.2 part 1 5.4; SEL-MP-037, *codes d'erreur*; ITI TF-3 4.2.4.

use crate::error::LpsError;
use crate::mtom::{self, Attachment, XOP};
use crate::session::{ADDRESSING, SOAP};
use bytes::Bytes;
use dmp_xml::{Element, Limits, Tree};
use std::fmt;

/// Bytes of a document in base64 inside an answer.
const TEXT_BYTES_MAX: usize = 64 << 20;

/// An answer, whatever it says.
#[derive(Debug, Clone)]
pub struct Answer {
    envelope: Bytes,
    parts: Vec<Attachment>,
}

/// Why a server refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// In which words it is said.
    pub kind: RefusalKind,
    /// Token: subcode of the fault, `errorCode`, `status`…
    pub code: String,
    /// Sentence.
    pub reason: String,
    /// Every error of the registry, the first one being told above.
    pub errors: Vec<RegistryError>,
}

/// In which words a server refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// A SOAP fault.
    Fault,
    /// A `RegistryResponse` of failure.
    Registry,
    /// An HL7 v3 acknowledgement other than `AA`.
    Acknowledgement,
    /// A `status` other than `DMPOk`.
    Status,
}

/// `RegistryError`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryError {
    /// `errorCode`.
    pub code: String,
    /// `codeContext`.
    pub context: String,
    /// `location`.
    pub location: String,
    /// `severity`, last segment of the URN: `Error`, `Warning`.
    pub severity: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.reason)
    }
}

impl Answer {
    /// Reads the body of an HTTP answer, whatever its status: a fault is an answer too.
    ///
    /// # Errors
    /// What is no SOAP.
    pub fn read(content_type: &str, body: Bytes) -> Result<Answer, LpsError> {
        let (envelope, parts) = mtom::read(content_type, body)?;
        Ok(Answer { envelope, parts })
    }

    /// The envelope, as it came.
    pub fn envelope(&self) -> &[u8] {
        &self.envelope
    }

    /// The parts that came with it.
    pub fn parts(&self) -> &[Attachment] {
        &self.parts
    }

    /// A header of WS-Addressing: `Action`, `RelatesTo`, `MessageID`.
    ///
    /// # Errors
    /// What is no SOAP.
    pub fn addressing(&self, name: &str) -> Result<Option<String>, LpsError> {
        let tree = self.tree()?;
        let header = tree.root().child(SOAP, "Header").and_then(|header| header.child(ADDRESSING, name));
        Ok(header.map(|header| header.trimmed().into_owned()))
    }

    /// The refusal that it is, when it is a SOAP fault.
    ///
    /// # Errors
    /// What is no SOAP.
    pub fn fault(&self) -> Result<Option<Refusal>, LpsError> {
        let tree = self.tree()?;
        let content = content(&tree)?;
        Ok(content.is(SOAP, "Fault").then(|| fault(content)))
    }

    /// What the element of the body says; a fault is the error.
    pub(crate) fn content<T>(
        &self,
        namespace: &str,
        name: &str,
        read: impl FnOnce(Element<'_>) -> Result<T, LpsError>,
    ) -> Result<T, LpsError> {
        let tree = self.tree()?;
        let content = content(&tree)?;
        if content.is(SOAP, "Fault") {
            return Err(LpsError::Refused(fault(content)));
        }
        if !content.is(namespace, name) {
            return Err(LpsError::Answer("its body is not the answer of this transaction"));
        }
        read(content)
    }

    /// The bytes that an element holds: by `xop:Include`, or in base64.
    pub(crate) fn bytes_of(&self, element: Element<'_>) -> Result<Bytes, LpsError> {
        let Some(include) = element.child(XOP, "Include") else {
            return mtom::from_base64(&element.text()).ok_or(LpsError::Answer("bytes that are not base64"));
        };
        let href = include.attribute("href").and_then(|href| href.strip_prefix("cid:")).unwrap_or_default();
        let id = percent_decoded(href);
        let part = self.parts.iter().find(|part| part.content_id == id || part.content_id == href);
        part.map(|part| part.bytes.clone()).ok_or(LpsError::Answer("an inclusion of no part"))
    }

    fn tree(&self) -> Result<Tree<'_>, LpsError> {
        let limits = Limits { text_bytes_max: TEXT_BYTES_MAX, ..Limits::default() };
        Ok(Tree::parse(&self.envelope, &limits)?)
    }
}

/// The element of the body.
fn content<'t>(tree: &'t Tree<'t>) -> Result<Element<'t>, LpsError> {
    let body = tree.root().child(SOAP, "Body").ok_or(LpsError::Answer("no soap:Body"))?;
    body.children().next().ok_or(LpsError::Answer("an empty soap:Body"))
}

fn fault(fault: Element<'_>) -> Refusal {
    let mut code = fault.child(SOAP, "Code");
    // The innermost subcode says most: `DuplicateMessageID` within `InvalidAddressingHeader`.
    while let Some(within) = code.and_then(|code| code.child(SOAP, "Subcode")) {
        code = Some(within);
    }
    let value = code.and_then(|code| code.child(SOAP, "Value")).map(|value| value.trimmed().into_owned());
    let text = fault.child(SOAP, "Reason").and_then(|reason| reason.child(SOAP, "Text"));
    Refusal {
        kind: RefusalKind::Fault,
        code: value.unwrap_or_default().rsplit(':').next().unwrap_or_default().to_owned(),
        reason: text.map(|text| text.trimmed().into_owned()).unwrap_or_default(),
        errors: Vec::new(),
    }
}

/// A Content-ID as a URL writes it.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `status` and `context` of the DMP's own services: `DMPOk`, or a refusal.
pub(crate) fn status(output: Element<'_>, namespace: &str) -> Result<String, LpsError> {
    let text = |name: &str| output.child(namespace, name).map(|found| found.trimmed().into_owned());
    let context = text("context").unwrap_or_default();
    match text("status") {
        Some(status) if status == "DMPOk" => Ok(context),
        Some(code) => Err(LpsError::Refused(Refusal {
            kind: RefusalKind::Status,
            code,
            reason: context,
            errors: Vec::new(),
        })),
        None => Err(LpsError::Answer("no status")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> Answer {
        let text = format!(
            "<s:Envelope xmlns:s=\"{SOAP}\"><s:Header><RelatesTo xmlns=\"{ADDRESSING}\">urn:uuid:1</RelatesTo>\
             </s:Header><s:Body>{body}</s:Body></s:Envelope>"
        );
        Answer::read("application/soap+xml", Bytes::from(text)).unwrap()
    }

    #[test]
    fn a_fault_says_its_token_and_its_reason() {
        let subcode = "<s:Subcode><s:Value>s:DMPAccesInterdit</s:Value></s:Subcode>";
        let nested = "<s:Subcode><s:Value>a:InvalidAddressingHeader</s:Value>\
                      <s:Subcode><s:Value>a:ActionMismatch</s:Value></s:Subcode></s:Subcode>";
        for (subcode, token) in [(subcode, "DMPAccesInterdit"), (nested, "ActionMismatch"), ("", "Sender")] {
            let fault = answer(&format!(
                "<s:Fault><s:Code><s:Value>s:Sender</s:Value>{subcode}</s:Code>\
                 <s:Reason><s:Text xml:lang=\"fr\"> non </s:Text></s:Reason></s:Fault>"
            ));
            assert_eq!(fault.addressing("RelatesTo").unwrap().as_deref(), Some("urn:uuid:1"));
            let refusal = fault.fault().unwrap().unwrap();
            assert_eq!((refusal.code.as_str(), refusal.reason.as_str()), (token, "non"));
            let read = fault.content("urn:x", "y", |_| Ok(()));
            assert!(matches!(read, Err(LpsError::Refused(found)) if found == refusal));
        }
        assert!(answer("<x/>").fault().unwrap().is_none());
        assert!(matches!(answer("<x/>").content("urn:x", "y", |_| Ok(())), Err(LpsError::Answer(_))));
        assert!(answer("").fault().is_err());
    }

    #[test]
    fn a_content_id_is_found_as_written_and_as_a_url_writes_it() {
        for (href, id) in
            [("a%40b", "a@b"), ("a@b", "a@b"), ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("é", "é")]
        {
            assert_eq!(percent_decoded(href), id);
        }
    }
}
