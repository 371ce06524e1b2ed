//! SOAP faults: what is said when there is no answer of the transaction.
//!
//! Sources: SOAP 1.2 part 1 5.4; WS-Addressing 1.0 SOAP Binding 6.4; WS-Security 1.1 12; DMP tokens:
//! `dossier/src/reason.rs`.

use crate::soap;
use dmp_dossier::{Reason, Refusal};
use dmp_store::StoreError;
use dmp_xml::{escape_attribute, escape_text};

/// `soap:Code/soap:Value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The message is wrong, or its sender may not.
    Sender,
    /// Our fault.
    Receiver,
    /// A header that had to be understood was not.
    MustUnderstand,
    /// Not SOAP 1.2.
    VersionMismatch,
}

/// Vocabulary of a subcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vocabulary {
    /// The DMP's tokens, written in the namespace of SOAP as the reference system does.
    Dmp,
    /// WS-Addressing.
    Addressing,
    /// WS-Security.
    Security,
    /// WS-Security utility.
    Utility,
}

/// A fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// HTTP status.
    pub http: u16,
    /// Code.
    pub code: Code,
    /// Subcode: vocabulary and local name.
    pub subcode: Option<(Vocabulary, &'static str)>,
    /// What was wrong, in one sentence. Never health data.
    pub reason: String,
    /// Language of the reason: French is for people, English for who writes the software.
    pub language: &'static str,
    /// Seconds to wait, for a quota.
    pub retry_after_seconds: Option<u32>,
    /// Header blocks that go with the fault, written: `NotUnderstood`, `Upgrade`.
    pub header: Option<String>,
}

impl Fault {
    /// The message is wrong, in a way that concerns who writes the software: said in English.
    pub fn sender(reason: impl Into<String>) -> Self {
        Fault {
            http: 400,
            code: Code::Sender,
            subcode: None,
            reason: reason.into(),
            language: "en",
            retry_after_seconds: None,
            header: None,
        }
    }

    /// The body of the request is too large.
    pub fn too_large(reason: impl Into<String>) -> Self {
        Fault { http: 413, ..Fault::sender(reason) }
    }

    /// There is no room for the message now.
    pub fn busy(retry_after_seconds: u32) -> Self {
        Fault {
            http: 503,
            code: Code::Receiver,
            retry_after_seconds: Some(retry_after_seconds),
            ..Fault::sender("busy: too many bytes of messages at once")
        }
    }

    /// A media type that is not taken here.
    pub fn media_type(reason: impl Into<String>) -> Self {
        Fault { http: 415, ..Fault::sender(reason) }
    }

    /// The same, said in French.
    #[must_use]
    pub fn in_french(self) -> Self {
        Fault { language: "fr", ..self }
    }

    /// WS-Addressing is wrong: `ActionNotSupported`, `MessageAddressingHeaderRequired`…
    pub fn addressing(subcode: &'static str, reason: impl Into<String>) -> Self {
        Fault { subcode: Some((Vocabulary::Addressing, subcode)), ..Fault::sender(reason) }
    }

    /// The VIHF is wrong, said in French: `FailedCheck`, `InvalidSecurity`, `InvalidSecurityToken`…
    pub fn wsse(subcode: &'static str, reason: impl Into<String>) -> Self {
        Fault { subcode: Some((Vocabulary::Security, subcode)), ..Fault::sender(reason) }.in_french()
    }

    /// The VIHF is too old.
    pub fn expired(reason: impl Into<String>) -> Self {
        Fault { subcode: Some((Vocabulary::Utility, "MessageExpired")), ..Fault::sender(reason) }.in_french()
    }

    /// A token of the DMP, its reason in French.
    pub fn dmp(token: &'static str, reason: impl Into<String>) -> Self {
        Fault { subcode: Some((Vocabulary::Dmp, token)), ..Fault::sender(reason) }.in_french()
    }

    /// A refusal of the record, as a fault.
    pub fn refused(refusal: &Refusal) -> Self {
        let answer = refusal.reason.answer();
        Fault::dmp(answer.dmp, answer.french)
    }

    /// Our fault; what failed is in the log.
    pub fn ours() -> Self {
        Fault {
            http: 500,
            code: Code::Receiver,
            ..Fault::sender("une erreur du serveur empêche de répondre")
        }
        .in_french()
    }

    /// Headers that must be understood and are not, by namespace and local name.
    pub fn not_understood(headers: &[(Option<&str>, &str)]) -> Self {
        let blocks = headers.iter().map(|(namespace, name)| {
            let name = escape_attribute(name);
            match namespace.map(escape_attribute) {
                Some(namespace) => {
                    format!("<soap:NotUnderstood qname=\"nu:{name}\" xmlns:nu=\"{namespace}\"/>")
                }
                // No prefix can be bound to no namespace.
                None => format!("<soap:NotUnderstood qname=\"{name}\"/>"),
            }
        });
        let reason = "a header that must be understood is not";
        Fault {
            http: 500,
            code: Code::MustUnderstand,
            header: Some(blocks.collect()),
            ..Fault::sender(reason)
        }
    }

    /// The envelope is of another version of SOAP.
    pub fn version_mismatch() -> Self {
        Fault {
            http: 500,
            code: Code::VersionMismatch,
            header: Some(
                "<soap:Upgrade><soap:SupportedEnvelope qname=\"soap:Envelope\"/></soap:Upgrade>".to_owned(),
            ),
            ..Fault::sender("not-soap-1.2: the envelope is of another version of SOAP")
        }
    }

    /// What the figures and the log call it.
    pub fn label(&self) -> &'static str {
        match (self.subcode, self.code) {
            (Some((_, name)), _) => name,
            (None, code) => code.as_str(),
        }
    }

    /// `wsa:Action` of the message that carries it.
    pub fn action(&self) -> &'static str {
        match self.subcode {
            Some((Vocabulary::Addressing, _)) => "http://www.w3.org/2005/08/addressing/fault",
            _ => "http://www.w3.org/2005/08/addressing/soap/fault",
        }
    }

    /// The `soap:Fault` element, for an envelope that declares the prefix `soap`.
    pub fn body(&self) -> String {
        let code = self.code.as_str();
        let (declared, subcode) = match self.subcode {
            None => (String::new(), String::new()),
            Some((vocabulary, name)) => {
                let (prefix, namespace) = vocabulary.namespace();
                // The prefix of SOAP is the envelope's.
                let declared = match vocabulary {
                    Vocabulary::Dmp => String::new(),
                    _ => format!(" xmlns:{prefix}=\"{namespace}\""),
                };
                let value = |name: &str, inner: &str| {
                    format!("<soap:Subcode><soap:Value>{prefix}:{name}</soap:Value>{inner}</soap:Subcode>")
                };
                let subcode = match vocabulary {
                    Vocabulary::Addressing if OF_ADDRESSING_HEADERS.contains(&name) => {
                        value("InvalidAddressingHeader", &value(name, ""))
                    }
                    _ => value(name, ""),
                };
                (declared, subcode)
            }
        };
        let (language, reason) = (self.language, escape_text(&self.reason));
        format!(
            "<soap:Fault{declared}><soap:Code><soap:Value>soap:{code}</soap:Value>{subcode}</soap:Code>\
             <soap:Reason><soap:Text xml:lang=\"{language}\">{reason}</soap:Text></soap:Reason></soap:Fault>"
        )
    }
}

/// Subcodes that stand under `wsa:InvalidAddressingHeader` (WS-Addressing 1.0 SOAP Binding 6.4.1).
const OF_ADDRESSING_HEADERS: &[&str] = &[
    "InvalidAddress",
    "InvalidCardinality",
    "DuplicateMessageID",
    "ActionMismatch",
    "OnlyAnonymousAddressSupported",
];

impl Code {
    /// Its local name.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::Sender => "Sender",
            Code::Receiver => "Receiver",
            Code::MustUnderstand => "MustUnderstand",
            Code::VersionMismatch => "VersionMismatch",
        }
    }
}

impl Vocabulary {
    /// Prefix that we write, and namespace.
    fn namespace(self) -> (&'static str, &'static str) {
        match self {
            Vocabulary::Dmp => ("soap", soap::SOAP),
            Vocabulary::Addressing => ("wsa", soap::ADDRESSING),
            Vocabulary::Security => ("wsse", soap::SECURITY),
            Vocabulary::Utility => ("wsu", soap::UTILITY),
        }
    }
}

/// Why a transaction does not answer as asked.
#[derive(Debug)]
pub enum Failure {
    /// There is no answer but a fault.
    Fault(Fault),
    /// A rule refuses, and the transaction has its own way to say so.
    Refused(Refusal),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Failure::Fault(fault)
    }
}

impl From<Refusal> for Failure {
    /// A right that is missing is a fault on every service; the rest is said in the words of the transaction.
    fn from(refusal: Refusal) -> Self {
        match refusal.reason {
            Reason::AccessDenied
            | Reason::NotAuthorised
            | Reason::AuthorisationExpired
            | Reason::Blocked
            | Reason::EmergencyOpposed
            | Reason::EmergencyReasonMissing => Failure::Fault(Fault::refused(&refusal)),
            _ => Failure::Refused(refusal),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused { refusal, retry_after_seconds } => {
                match (refusal.reason, retry_after_seconds) {
                    (Reason::Quota, seconds) => Failure::Fault(Fault {
                        retry_after_seconds: seconds,
                        http: 429,
                        ..Fault::refused(&refusal)
                    }),
                    _ => Failure::from(refusal),
                }
            }
            StoreError::Failed { place, source } => {
                tracing::error!(place, error = %source, "a transaction failed");
                Failure::Fault(Fault::ours())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_vocabulary_is_written_with_its_namespace() {
        let subcode = |value: &str| format!("<soap:Subcode><soap:Value>{value}</soap:Value></soap:Subcode>");
        let rows = [
            (Fault::sender("x"), "", String::new(), "en"),
            (Fault::dmp("DMPInvalidCertificate", "x"), "", subcode("soap:DMPInvalidCertificate"), "fr"),
            (
                Fault::wsse("FailedCheck", "x"),
                " xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\"",
                subcode("wsse:FailedCheck"),
                "fr",
            ),
            (
                Fault::expired("x"),
                " xmlns:wsu=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\"",
                subcode("wsu:MessageExpired"),
                "fr",
            ),
            (
                Fault::addressing("ActionNotSupported", "x"),
                " xmlns:wsa=\"http://www.w3.org/2005/08/addressing\"",
                subcode("wsa:ActionNotSupported"),
                "en",
            ),
            (
                Fault::addressing("ActionMismatch", "x"),
                " xmlns:wsa=\"http://www.w3.org/2005/08/addressing\"",
                format!(
                    "<soap:Subcode><soap:Value>wsa:InvalidAddressingHeader</soap:Value>{}</soap:Subcode>",
                    subcode("wsa:ActionMismatch")
                ),
                "en",
            ),
        ];
        for (fault, declared, subcode, language) in rows {
            let expected = format!(
                "<soap:Fault{declared}><soap:Code><soap:Value>soap:Sender</soap:Value>{subcode}</soap:Code><soap:Reason>\
                 <soap:Text xml:lang=\"{language}\">x</soap:Text></soap:Reason></soap:Fault>"
            );
            assert_eq!(fault.body(), expected);
        }
    }

    #[test]
    fn what_a_sender_wrote_is_escaped() {
        let fault = Fault::not_understood(&[(Some("urn:\"<x>\""), "a")]);
        assert_eq!(
            fault.header.as_deref(),
            Some("<soap:NotUnderstood qname=\"nu:a\" xmlns:nu=\"urn:&quot;&lt;x&gt;&quot;\"/>")
        );
        let fault = Fault::not_understood(&[(None, "a")]);
        assert_eq!(fault.header.as_deref(), Some("<soap:NotUnderstood qname=\"a\"/>"));
        assert!(Fault::sender("`<a>`").body().contains("`&lt;a&gt;`"));
    }
}
