//! SOAP 1.2: what a message must look like before anybody asks what it wants.
//!
//! - `media`: media types and their parameters, of requests and of parts;
//! - `envelope`: bytes to a tree, header and the one element of the body;
//! - `addressing`: WS-Addressing 1.0, headers that must be understood;
//! - `replay`: messages and assertions that were seen before;
//! - `answer`: the envelope of an answer or of a fault.
//!
//! Sources: SOAP 1.2 part 1 and part 2; WS-Addressing 1.0 Core and SOAP Binding; security.md rows 5 and 11.

pub(crate) mod addressing;
pub(crate) mod answer;
pub(crate) mod envelope;
pub(crate) mod media;
pub(crate) mod replay;

/// Namespace of SOAP 1.2.
pub const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";
/// Namespace of SOAP 1.1, which one published sample carries by mistake.
pub const SOAP_1_1: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// Namespace of WS-Addressing 1.0.
pub const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
/// Namespace of WS-Security.
pub const SECURITY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
/// Namespace of the utilities of WS-Security.
pub const UTILITY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
/// Namespace of XOP.
pub const XOP: &str = "http://www.w3.org/2004/08/xop/include";
/// The address of who asked, on the same connection.
pub const ANONYMOUS: &str = "http://www.w3.org/2005/08/addressing/anonymous";
