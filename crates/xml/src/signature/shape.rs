//! The shape of what is signed and of its signature, before anything is computed.
//!
//! Every element and attribute of `SignedInfo`, `SignatureValue` and `KeyInfo` is known, or the signature is refused: what
//! this reader would skip, another one might obey.
//!
//! Sources: XML Signature 1.1, 4; security.md 3.8; Namespaces in XML 1.0, 2 (relative namespace names are deprecated).

use super::algorithm::{self, Canonicalization, ENVELOPED, EXCLUSIVE};
use super::{DSIG, SignatureError};
use crate::tree::Element;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// References in one signature: a lot's has two.
const REFERENCES_MAX: usize = 8;
/// Certificates in `KeyInfo`: the signer's, and what leads to its authority.
const CERTIFICATES_MAX: usize = 4;
/// Characters of an identifier.
const ID_MAX: usize = 128;

const XOP: &str = "http://www.w3.org/2004/08/xop/include";

type Shape<T> = Result<T, SignatureError>;

fn wrong<T>(what: &'static str) -> Shape<T> {
    Err(SignatureError::Shape(what))
}

/// A signature taken apart.
#[derive(Debug)]
pub(super) struct Parts<'t> {
    pub(super) signed_info: Element<'t>,
    pub(super) canonicalization: Canonicalization<'t>,
    pub(super) method: &'static str,
    pub(super) references: Vec<Reference<'t>>,
    pub(super) value: Vec<u8>,
    /// DER, the signer's first.
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) has_objects: bool,
}

/// A reference to what is signed.
#[derive(Debug)]
pub(super) struct Reference<'t> {
    uri: Option<&'t str>,
    pub(super) enveloped: bool,
    pub(super) canonicalization: Canonicalization<'t>,
    pub(super) digest_method: &'static str,
    pub(super) digest: Vec<u8>,
}

impl<'t> Reference<'t> {
    /// The identifier it names in the document.
    pub(super) fn target(&self) -> Option<&'t str> {
        self.uri?.strip_prefix('#').filter(|id| is_identifier(id))
    }
}

impl<'t> Parts<'t> {
    /// Takes a signature apart.
    pub(super) fn read(signature: Element<'t>, legacy: bool) -> Shape<Self> {
        container(signature, &["Id"])?;
        let mut children = signature.children();
        let signed_info = expect(children.next(), "SignedInfo")?;
        let value = expect(children.next(), "SignatureValue")?;
        let key_info = children.next().ok_or(SignatureError::NoCertificate)?;
        let key_info = expect(Some(key_info), "KeyInfo")?;
        let objects: Vec<_> = children.collect();
        if !objects.iter().all(|object| object.is(DSIG, "Object")) {
            return wrong("unknown child of a signature");
        }

        namespaces_within(signed_info)?;
        container(signed_info, &["Id"])?;
        let mut children = signed_info.children();
        let canonicalization = expect(children.next(), "CanonicalizationMethod")?;
        let canonicalization = Canonicalization::read(canonicalization, algorithm_of(canonicalization)?)?;
        let method = expect(children.next(), "SignatureMethod")?;
        let method_uri = algorithm::signature(algorithm_of(method)?, legacy)?;
        leaf(method, &["Algorithm"])?;
        let references: Vec<_> = children.take(REFERENCES_MAX + 1).collect();
        if references.len() > REFERENCES_MAX {
            return wrong("too many references");
        }
        let references = references.into_iter().map(|r| reference(r, legacy)).collect::<Shape<_>>()?;
        leaf(value, &["Id"])?;
        Ok(Parts {
            signed_info,
            canonicalization,
            method: method_uri,
            references,
            value: base64(value).ok_or(SignatureError::Mismatch)?,
            certificates: certificates(key_info)?,
            has_objects: !objects.is_empty(),
        })
    }
}

fn reference(element: Element<'_>, legacy: bool) -> Shape<Reference<'_>> {
    expect(Some(element), "Reference")?;
    container(element, &["Id", "Type", "URI"])?;
    let mut children = element.children().peekable();
    let mut enveloped = false;
    let mut canonicalization = None;
    if let Some(transforms) = children.next_if(|child| child.is(DSIG, "Transforms")) {
        container(transforms, &[])?;
        for transform in transforms.children() {
            expect(Some(transform), "Transform")?;
            match algorithm_of(transform)? {
                ENVELOPED if !enveloped && canonicalization.is_none() => {
                    leaf(transform, &["Algorithm"])?;
                    enveloped = true;
                }
                ENVELOPED => return wrong("the transform of enveloped signatures comes first, once"),
                _ if canonicalization.is_some() => return wrong("a transform after the canonicalization"),
                uri => canonicalization = Some(Canonicalization::read(transform, uri)?),
            }
        }
    }
    let method = expect(children.next(), "DigestMethod")?;
    let digest_method = algorithm::digest(algorithm_of(method)?, legacy)?;
    leaf(method, &["Algorithm"])?;
    let value = expect(children.next(), "DigestValue")?;
    leaf(value, &[])?;
    if children.next().is_some() {
        return wrong("unknown child of a reference");
    }
    Ok(Reference {
        uri: element.attribute("URI"),
        enveloped,
        canonicalization: canonicalization.unwrap_or_else(Canonicalization::default_one),
        digest_method,
        digest: base64(value).ok_or(SignatureError::Mismatch)?,
    })
}

/// What software adds beside the certificate to say which one it is. It chooses nothing: read past.
const HINTS: &[&str] = &["X509IssuerSerial", "X509SubjectName", "X509SKI"];

/// `KeyInfo` is one `X509Data` of certificates: no key by value, by name or by address.
fn certificates(key_info: Element<'_>) -> Shape<Vec<Vec<u8>>> {
    container(key_info, &["Id"])?;
    let mut children = key_info.children();
    let data = children.next().ok_or(SignatureError::NoCertificate)?;
    let data = expect(Some(data), "X509Data")?;
    if children.next().is_some() {
        return wrong("KeyInfo with more than X509Data");
    }
    container(data, &[])?;
    let mut found = Vec::new();
    for certificate in data.children() {
        if HINTS.iter().any(|hint| certificate.is(DSIG, hint)) {
            continue;
        }
        expect(Some(certificate), "X509Certificate")?;
        leaf(certificate, &[])?;
        found.push(base64(certificate).ok_or(SignatureError::Shape("a certificate that is not in base64"))?);
        if found.len() > CERTIFICATES_MAX {
            return wrong("too many certificates");
        }
    }
    Ok(found)
}

/// No comment, processing instruction nor CDATA section, nothing that comes from elsewhere, absolute namespace names.
pub(super) fn check_content(element: Element<'_>) -> Shape<()> {
    if element.has_remarks() || element.has_cdata() {
        return wrong("a comment, an instruction or a CDATA section in what is signed");
    }
    let mut around = Some(element);
    while let Some(ancestor) = around {
        absolute_namespaces(ancestor)?;
        around = ancestor.parent();
    }
    for inside in element.descendants() {
        absolute_namespaces(inside)?;
        if inside.namespace() == Some(XOP) {
            return wrong("xop:Include in what is signed");
        }
    }
    Ok(())
}

/// Every namespace name is an absolute URI, in the characters of RFC 3986: others do not read the rest.
fn absolute_namespaces(element: Element<'_>) -> Shape<()> {
    let escaped = |uri: &str| {
        let two =
            |part: &str| part.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
        uri.split('%').skip(1).all(two)
    };
    let absolute = |uri: &str| {
        escaped(uri)
            && uri.split_once(':').is_some_and(|(scheme, rest)| {
                scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                    && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
                    && !rest.is_empty()
                    && rest.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>[\\]^`{|}".contains(&b))
                    && rest.matches('#').count() <= 1
            })
    };
    let fine =
        element.declarations().all(|(prefix, uri)| absolute(uri) || (prefix.is_empty() && uri.is_empty()));
    if fine { Ok(()) } else { wrong("a relative namespace name") }
}

/// Inside `SignedInfo` no prefix takes another meaning, and only the namespaces of signatures are declared.
fn namespaces_within(signed_info: Element<'_>) -> Shape<()> {
    for element in std::iter::once(signed_info).chain(signed_info.descendants()) {
        for (prefix, uri) in element.declarations() {
            let before = element.parent().and_then(|parent| parent.namespace_of(prefix));
            if ![DSIG, EXCLUSIVE].contains(&uri) || before.is_some_and(|before| before != uri) {
                return wrong("a namespace declared in SignedInfo");
            }
        }
    }
    Ok(())
}

/// The `ID` of an element, that nothing else of the message has, under whatever name identifiers may go.
pub(super) fn identifier(element: Element<'_>) -> Shape<&str> {
    let id = element.attribute("ID").filter(|id| is_identifier(id));
    let id = id.ok_or(SignatureError::Shape("what is signed has no identifier"))?;
    let named = |e: Element<'_>| identifiers(e).filter(|value| *value == id).count();
    let root = element.tree.root();
    let all = named(root) + root.descendants().map(named).sum::<usize>();
    if all == 1 && identifiers(element).count() == 1 { Ok(id) } else { wrong("an identifier used twice") }
}

fn identifiers(element: Element<'_>) -> impl Iterator<Item = &str> {
    element
        .attributes()
        .filter(|(_, name, _)| name.eq_ignore_ascii_case("id") || *name == "AssertionID")
        .map(|(_, _, value)| value.trim_ascii())
}

fn is_identifier(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= ID_MAX
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

/// The element of an object of `signature` with that `Id`, the only one of the document.
pub(super) fn object_named<'t>(signature: Element<'t>, id: &str) -> Shape<Element<'t>> {
    let named = |element: &Element<'t>| identifiers(*element).any(|value| value == id);
    let mut found = std::iter::once(signature).chain(signature.descendants()).filter(named);
    let (Some(element), None) = (found.next(), found.next()) else {
        return wrong("a reference to no element, or to several");
    };
    let within = |object: Element<'t>| object.descendants().any(|inside| inside == element);
    if element.attribute("Id") == Some(id) && signature.named(DSIG, "Object").any(within) {
        Ok(element)
    } else {
        wrong("a reference to no object of the signature")
    }
}

fn expect<'t>(element: Option<Element<'t>>, name: &'static str) -> Shape<Element<'t>> {
    match element {
        Some(element) if element.is(DSIG, name) => Ok(element),
        _ => wrong("a signature not made as expected"),
    }
}

/// Only elements inside, only known attributes.
fn container(element: Element<'_>, known: &[&str]) -> Shape<()> {
    attributes(element, known)?;
    if element.has_own_text() { wrong("text between the elements of a signature") } else { Ok(()) }
}

/// No element inside, only known attributes.
pub(super) fn leaf(element: Element<'_>, known: &[&str]) -> Shape<()> {
    attributes(element, known)?;
    if element.children().next().is_some() { wrong("an element where a value is expected") } else { Ok(()) }
}

fn attributes(element: Element<'_>, known: &[&str]) -> Shape<()> {
    let fine = element.attributes().all(|(namespace, name, _)| namespace.is_none() && known.contains(&name));
    if fine { Ok(()) } else { wrong("an unknown attribute in a signature") }
}

fn algorithm_of(element: Element<'_>) -> Shape<&str> {
    attributes(element, &["Algorithm"])?;
    if element.has_own_text() {
        return wrong("text between the elements of a signature");
    }
    element.attribute("Algorithm").ok_or(SignatureError::Shape("an algorithm without identifier"))
}

pub(super) fn base64(element: Element<'_>) -> Option<Vec<u8>> {
    let text: String = element.text().chars().filter(|c| !matches!(c, ' ' | '\t' | '\r' | '\n')).collect();
    STANDARD.decode(text).ok()
}
