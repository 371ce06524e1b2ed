//! Rows SAML-35, SAML-44 and SAML-46 to SAML-49, and SAML-58: by whom a VIHF is signed, and what is known of them.

use super::servers::Server;
use super::{replaced, signed, signed_by};
use crate::case::{Case, Check, World, case, fault, registry, wsse};
use crate::common::Answer;
use crate::common::soap::now;
use crate::lps::{CABINET, Lps, assertion};
use dmp_lps::{Identity, vihf};
use std::time::Duration;

/// A query under an assertion of that identity.
fn by(row: &'static str, who: fn(&Lps) -> &Identity, check: Check) -> Case {
    case(row, move |w| w.query_under(&signed_by(who(&w.lps))).send(w), check)
}

/// Taken by a server that has no dossier: the VIHF was accepted.
fn no_dossier() -> Check {
    registry("XDSUnknownPatientId", "")
}

pub fn cases() -> Vec<Case> {
    [certificates(), structures(), directories()].into_iter().flatten().collect()
}

fn certificates() -> Vec<Case> {
    let token = || wsse("wsse:InvalidSecurityToken");
    vec![
        by("SAML-35", |lps| &lps.by_authentication, fault(400, "soap:DMPInvalidCertificate")),
        by("SAML-44", |lps| &lps.by_other_authority, wsse("wsse:FailedCheck")),
        case(
            "SAML-44",
            |w| {
                // The certificate of the doctor, and a key that is not its own.
                let (text, id) = assertion(&w.lps.doctor, now());
                let key = &w.lps.by_other_authority.signature.key;
                let certificate = &w.lps.doctor.signature.certificate;
                let stolen = dmp_xml::signature::sign_enveloped(&text, &id, key, certificate);
                w.query_under(&stolen.unwrap()).send(w)
            },
            wsse("wsse:FailedCheck"),
        )
        .variant("stolen certificate"),
        by("SAML-46", |lps| &lps.by_expired, token()).and(fault(400, "certificat expiré")),
        // The server reads lists of revoked certificates again every two seconds.
        case(
            "SAML-47",
            |w| {
                let query = || w.query_under(&signed_by(&w.lps.by_revoked)).send(w);
                let tries = (0..20).map(|_| {
                    std::thread::sleep(Duration::from_millis(250));
                    query()
                });
                tries.into_iter().find(|answer| answer.status != 200).unwrap_or_else(query)
            },
            token(),
        )
        .and(fault(400, "certificat révoqué")),
        case("SAML-48", of_production, token()).and(fault(400, "certificat de test")),
    ]
}

/// A server of production that was given the authority of test, whose name says so.
fn of_production(w: &World) -> Answer {
    Server::production(w).send(&w.query(), &w.lps.doctor_tls)
}

fn structures() -> Vec<Case> {
    let refused = || wsse("wsse:FailedAuthentication");
    let known = || format!("structure {CABINET}\nperson {} {CABINET}\n", crate::common::lot::AUTHOR);
    vec![
        by("SAML-49", |lps| &lps.by_structure, refused()).variant("a structure signs for a person"),
        case(
            "SAML-49",
            |w| {
                let (text, id) = assertion(&w.lps.colleague, now());
                w.query_under(&vihf::sign(&text, &id, &w.lps.doctor).unwrap()).send(w)
            },
            refused(),
        )
        .variant("another person's card"),
        case(
            "SAML-49",
            |w| {
                let (own, other) = (&w.lps.doctor.signature.subject, &w.lps.colleague.signature.subject);
                w.query_under(&signed(w, |text| replaced(&text, own, other))).send(w)
            },
            refused(),
        )
        .variant("another issuer"),
        case(
            "SAML-49",
            move |w| Server::directory(w, &known()).send(&w.query(), &w.lps.colleague_tls),
            refused(),
        )
        .variant("connection of another person"),
        case(
            "SAML-49",
            move |w| Server::directory(w, &known()).send(&w.query(), &w.lps.doctor_tls),
            no_dossier(),
        )
        .variant("connection of the same person"),
    ]
}

fn directories() -> Vec<Case> {
    let says = |row, variant, directory: String, sentence: &'static str| {
        let send = move |w: &World| Server::directory(w, &directory).send(&w.query(), &w.lps.doctor_tls);
        case(row, send, wsse("wsse:FailedAuthentication")).and(fault(400, sentence)).variant(variant)
    };
    let other = "structure 10B0000017\n";
    vec![
        says("SAML-58", "structure", other.to_owned(), "Structure introuvable ou inactive"),
        says("SAML-58", "link", format!("{other}structure {CABINET}\n"), "PS et structure non liés"),
    ]
}
