//! The VIHF of the official kit (`data/dmp-kit/vihf`), in the envelope of the official TD0.2: what each gets and why; and
//! that, encoded and signed as they should be, they are taken.

use crate::caller::{assertion_again, post, signers};
use crate::samples::{between, kit, message, replaced};
use crate::server::Server;
use dmp_lps::{Answer, exists};
use uuid::Uuid;

const REQUEST: &str = "TD0.2_-_Test_d_existence_requete";

/// The official TD0.2 with those bytes as its assertion.
fn with(request: &str, assertion: &[u8]) -> Vec<u8> {
    let own = between(request, "<saml2:Assertion ", "</saml2:Assertion>");
    let (before, after) = request.split_once(own).unwrap();
    [before.as_bytes(), assertion, after.as_bytes()].concat()
}

fn send(server: &Server, request: &str, assertion: &[u8]) -> Answer {
    post(server, "patient", "application/soap+xml; charset=UTF-8", with(request, assertion)).1
}

/// Code and reason of the fault.
fn fault(answer: &Answer) -> String {
    let fault = answer.fault().unwrap().expect("a fault");
    format!("{} {}", fault.code, fault.reason)
}

/// A VIHF of the kit in UTF-8, which the announced encoding is: two of them are in ISO-8859-1.
fn in_utf8(name: &str) -> Option<String> {
    let bytes = kit(&format!("vihf/VIHF_{name}.xml"))?;
    Some(
        String::from_utf8(bytes)
            .unwrap_or_else(|error| error.as_bytes().iter().copied().map(char::from).collect()),
    )
}

/// The profile in which that software still signs with SHA-1.
const SHA1: &[(&str, &str)] =
    &[("DMP_XDS_LEGACY_SHA1_UNTIL", "2099-12-31"), ("DMP_XDS_LEGACY_SOFTWARE", "LPS GIE-SV 1")];

#[test]
fn as_they_are_they_are_refused_each_for_its_reason() {
    let Some(request) = message(REQUEST) else { return };
    let (current, legacy) = (Server::start(&[]), Server::start(SHA1));
    let not_utf8 = "Sender encoding: not UTF-8";
    let sha1 = "UnsupportedAlgorithm algorithme refusé : `http://www.w3.org/2000/09/xmldsig#rsa-sha1`";
    for (name, converted, server, expected) in [
        ("DIRECTE_non_signe", false, &current, not_utf8),
        ("DIRECTE_signe", false, &current, not_utf8),
        ("INDIRECTE_signe", false, &current, sha1),
        ("DIRECTE_non_signe", true, &current, "FailedCheck le VIHF n'est pas signé"),
        ("DIRECTE_signe", true, &current, sha1),
        // Where SHA-1 is still taken of that software, its certificates of 2016 and 2017 are not.
        ("DIRECTE_signe", true, &legacy, "InvalidSecurityToken certificat expiré"),
        ("INDIRECTE_signe", false, &legacy, "InvalidSecurityToken certificat expiré"),
    ] {
        let Some(utf8) = in_utf8(name) else { return };
        let bytes =
            if converted { utf8.into_bytes() } else { kit(&format!("vihf/VIHF_{name}.xml")).unwrap() };
        let said = fault(&send(server, &request, &bytes));
        assert!(said.starts_with(expected), "{name}, converted {converted}: {said}");
    }
}

/// A VIHF of the kit without its signature.
fn unsigned(name: &str) -> Option<String> {
    let text = in_utf8(name)?;
    let Some(start) = text.find("<Signature ") else { return Some(text) };
    let end = text.find("</Signature>").unwrap() + "</Signature>".len();
    Some([&text[..start], &text[end..]].concat())
}

#[test]
fn signed_again_they_are_taken_of_whom_they_name_alone() {
    let Some(request) = message(REQUEST) else { return };
    let Some(consultation) = message("TD1.3a_-_Consultation_reponse") else { return };
    let server = Server::start(&[]);
    server.open_patient(&consultation);
    let signers = signers();
    let person = "FailedAuthentication le certificat n'est pas celui de la personne du VIHF";
    let structure = "FailedAuthentication le certificat n'est pas celui de la structure du VIHF";
    let unknown = "FailedCheck certificat d'une autorité inconnue";
    for (name, signer, refused) in [
        ("DIRECTE_non_signe", &signers.doctor, None),
        ("DIRECTE_signe", &signers.doctor, None),
        ("INDIRECTE_signe", &signers.structure, None),
        ("DIRECTE_signe", &signers.structure, Some(person)),
        ("INDIRECTE_signe", &signers.doctor, Some(structure)),
        ("DIRECTE_signe", &signers.stranger, Some(unknown)),
    ] {
        let Some(assertion) = unsigned(name) else { return };
        let own = between(&request, "urn:uuid:", "</MessageID>");
        let request = replaced(&request, own, &format!("urn:uuid:{}</MessageID>", Uuid::new_v4()));
        let answer = send(&server, &request, assertion_again(&assertion, signer).as_bytes());
        match refused {
            None => assert_eq!(exists::read(&answer).unwrap().status, "active", "{name}"),
            Some(said) => assert_eq!(fault(&answer), said, "{name}"),
        }
    }
}
