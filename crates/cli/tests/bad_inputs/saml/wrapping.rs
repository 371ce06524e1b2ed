//! Rows SAML-10 to SAML-17: the eight published shapes of signature wrapping (XSW1 to XSW8). Each names another professional
//! in an assertion that nobody signed, around or beside one that is signed; under the signed one's identifier, and under
//! another.

use super::{id, signed_by};
use crate::case::{Case, World, case, wsse};
use crate::lps::COLLEAGUE;
use crate::message::{Sent, between};

/// Pieces to put together: what is forged, and what is signed.
struct Pieces {
    /// The assertion of another, not signed.
    forged: String,
    /// The assertion, signed.
    signed: String,
    /// Its signature.
    signature: String,
    /// Itself, without it.
    original: String,
}

impl Pieces {
    fn of(w: &World, same_id: bool) -> Self {
        let signed = signed_by(&w.lps.doctor);
        let signature = between(&signed, "<ds:Signature ", "</ds:Signature>");
        let original = signed.replace(&signature, "");
        let own = w.lps.doctor.name_id();
        let mut forged =
            original.replace(&format!("<saml2:NameID>{own}"), &format!("<saml2:NameID>{COLLEAGUE}"));
        assert_ne!(forged, original);
        if !same_id {
            forged = forged.replace(&id(&signed), "_evil");
        }
        Pieces { forged, signed, signature, original }
    }

    /// The forged assertion with that where a signature stands.
    fn with(&self, inside: &str) -> String {
        self.forged.replace("</saml2:Issuer>", &format!("</saml2:Issuer>{inside}"))
    }

    /// The forged assertion with that at its end.
    fn ending(&self, inside: &str) -> String {
        self.forged.replace("</saml2:Assertion>", &format!("{inside}</saml2:Assertion>"))
    }

    /// The signature with that in an object.
    fn object(&self, inside: &str) -> String {
        self.signature.replace("</ds:Signature>", &format!("<ds:Object>{inside}</ds:Object></ds:Signature>"))
    }
}

/// A message made of the pieces.
type Shape = fn(&World, &Pieces) -> Sent;

pub fn cases() -> Vec<Case> {
    let shapes: [(&'static str, Shape); 8] = [
        ("SAML-10", |w, p| w.query_under(&format!("{}{}", p.forged, p.signed))),
        ("SAML-11", |w, p| w.query_under(&p.with(&p.object(&p.original)))),
        ("SAML-12", |w, p| w.query_under(&p.ending(&p.signed))),
        ("SAML-13", |w, p| {
            w.query_under(&p.ending(&format!("<saml2:Extensions>{}</saml2:Extensions>", p.signed)))
        }),
        ("SAML-14", |w, p| w.query_under(&format!("{}{}", p.with(&p.signature), p.original))),
        ("SAML-15", |w, p| {
            let key_info = p.signature.replace("</ds:KeyInfo>", &format!("{}</ds:KeyInfo>", p.original));
            w.query_under(&p.with(&key_info))
        }),
        ("SAML-16", |w, p| {
            let other = format!("<o:Other xmlns:o=\"urn:o\">{}</o:Other></soap:Header>", p.original);
            w.query_under(&p.with(&p.signature)).edit("</soap:Header>", &other)
        }),
        ("SAML-17", |w, p| w.query_under(&p.with(&p.object(&p.signed)))),
    ];
    // The same name in another namespace, which a reader by local name takes for the assertion.
    let other_namespace = case(
        "SAML-16",
        |w| {
            let other = "<Assertion xmlns=\"urn:autre\"/></soap:Header>";
            w.query().edit("</soap:Header>", other).send(w)
        },
        wsse("wsse:InvalidSecurity"),
    );
    let of = |(row, shape): (&'static str, Shape)| {
        [("same ID", true), ("other ID", false)].map(|(variant, same_id)| {
            let send = move |w: &World| shape(w, &Pieces::of(w, same_id)).send(w);
            case(row, send, wsse("wsse:InvalidSecurity")).variant(variant)
        })
    };
    shapes.into_iter().flat_map(of).chain([other_namespace.variant("another namespace")]).collect()
}
