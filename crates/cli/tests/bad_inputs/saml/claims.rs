//! Rows SAML-50 to SAML-60: what a VIHF that is well signed says, and when, and about whom.

use super::{before, replaced, signed};
use crate::case::{Case, Check, World, case, fault, registry, status, success, wsse};
use crate::common::lot::{ALICE, AUTHOR, BRUNE};
use crate::common::soap::{ins, now};
use crate::common::{Answer, Document};
use crate::lps::{assertion, deposit, in_minutes, sent};
use crate::message::between;
use dmp_lps::{Session, patients, vihf};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

pub fn cases() -> Vec<Case> {
    [times(), audiences(), attributes(), uses()].into_iter().flatten().collect()
}

/// A query under a VIHF issued so many minutes ago, with these conditions.
fn issued(row: &'static str, minutes_ago: i64, conditions: fn() -> String, check: Check) -> Case {
    let send = move |w: &World| {
        let instant = in_minutes(-minutes_ago);
        let (text, id) = assertion(&w.lps.doctor, instant);
        let text = replaced(&text, "</saml2:Subject>", &format!("</saml2:Subject>{}", conditions()));
        w.query_under(&vihf::sign(&text, &id, &w.lps.doctor).unwrap()).send(w)
    };
    case(row, send, check)
}

/// `Conditions` between instants in so many minutes.
fn conditions(not_before: Option<i64>, not_on_or_after: Option<i64>) -> String {
    let at = |name: &str, minutes: Option<i64>| {
        minutes.map_or(String::new(), |minutes| format!(" {name}=\"{}\"", in_minutes(minutes).to_instant()))
    };
    let (before, after) = (at("NotBefore", not_before), at("NotOnOrAfter", not_on_or_after));
    format!("<saml2:Conditions{before}{after}/>")
}

const HOURS: i64 = 60;
const YEARS: i64 = 365 * 24 * HOURS;

fn times() -> Vec<Case> {
    let expired = || wsse("wsu:MessageExpired");
    let early = || wsse("wsse:FailedCheck");
    let none = String::new;
    vec![
        issued("SAML-50", 66, none, expired()),
        issued("SAML-50", 64, none, success()).variant("within the tolerance"),
        issued("SAML-50", 10, || conditions(None, Some(-6)), expired()).variant("NotOnOrAfter"),
        issued("SAML-51", -6, none, early()).and(fault(400, "heure du serveur : 20")),
        issued("SAML-51", 0, || conditions(Some(6), None), early()).variant("NotBefore"),
        issued("SAML-52", 50, || conditions(None, Some(8 * HOURS)), success()).variant("8 hours"),
        issued("SAML-52", 66, || conditions(None, Some(8 * HOURS)), expired()).variant("8 hours, clipped"),
        issued("SAML-52", 50, || conditions(None, Some(10 * YEARS)), success()).variant("10 years"),
        issued("SAML-52", 66, || conditions(None, Some(10 * YEARS)), expired()).variant("10 years, clipped"),
        issued("SAML-53", 10, || conditions(Some(-1), Some(-2)), wsse("wsse:InvalidSecurityToken")),
    ]
}

fn audiences() -> Vec<Case> {
    let refused = || wsse("wsse:FailedAuthentication");
    vec![
        issued(
            "SAML-54",
            0,
            || {
                "<saml2:Conditions><saml2:AudienceRestriction><saml2:Audience>urn:autre</saml2:Audience>\
                 </saml2:AudienceRestriction></saml2:Conditions>"
                    .to_owned()
            },
            refused(),
        )
        .variant("Audience"),
        before("SAML-54", |text| replaced(&text, ">urn:dmp<", ">urn:autre<"), refused())
            .variant("Ressource_URN"),
    ]
}

/// The attribute of that name, whole.
fn attribute(text: &str, name: &str) -> String {
    between(text, &format!("<saml2:Attribute Name=\"{name}\">"), "</saml2:Attribute>")
}

fn without(name: &'static str, said: &'static str) -> Case {
    let edit = move |text: String| replaced(&text, &attribute(&text, name), "");
    before("SAML-56", edit, wsse("wsse:InvalidSecurityToken")).and(fault(400, said)).variant(said)
}

const ROLE: &str = "urn:oasis:names:tc:xacml:2.0:subject:role";

/// A role coded otherwise.
fn role(from: &'static str, to: &'static str) -> impl Fn(String) -> String {
    move |text| {
        let role = attribute(&text, ROLE);
        replaced(&text, &role, &replaced(&role, from, to))
    }
}

fn attributes() -> Vec<Case> {
    let (token, invalid) = (|| wsse("wsse:InvalidSecurityToken"), || wsse("wsse:InvalidSecurity"));
    let unknown = || wsse("wsse:FailedAuthentication");
    let emergency = |text: String| replaced(&text, "code=\"normal\"", "code=\"bris_de_glace\"");
    let speciality = |text: &str| {
        let role = attribute(text, ROLE);
        let second = role[role.find("</saml2:AttributeValue>").unwrap() + 23..].to_owned();
        second.trim_end_matches("</saml2:Attribute>").to_owned()
    };
    vec![
        without("VIHF_Version", "VIHF_Version"),
        without(ROLE, "role"),
        without("Secteur_Activite", "Secteur_Activite"),
        without("urn:oasis:names:tc:xspa:1.0:subject:purposeofuse", "purposeofuse"),
        without("Identifiant_Structure", "Identifiant_Structure"),
        without("LPS_ID_HOMOLOGATION_DMP", "LPS_ID_HOMOLOGATION_DMP"),
        case("SAML-56", list_of_patients, status(200)).variant("no patient, list call"),
        before("SAML-57", emergency, token()).variant("no reason"),
        before(
            "SAML-57",
            move |text| {
                let text = emergency(text);
                let lps = attribute(&text, "LPS_ID");
                let reason = lps.replace("LPS_ID", "Mode_Acces_Raison").replace(">01.01<", "> <");
                replaced(&text, &lps, &format!("{reason}{lps}"))
            },
            token(),
        )
        .variant("blank"),
        before("SAML-58", role("code=\"10\"", "code=\"11\""), unknown()).variant("role"),
        before("SAML-58", role("code=\"SM26\"", "code=\"SM999\""), unknown()).variant("speciality"),
        before(
            "SAML-59",
            |text| {
                let name = attribute(&text, "LPS_Nom");
                replaced(&text, &name, &name.repeat(2))
            },
            invalid(),
        )
        .and(fault(400, "LPS_Nom"))
        .variant("attribute twice"),
        before(
            "SAML-59",
            move |text| {
                let second = speciality(&text);
                replaced(&text, &second, &second.repeat(2))
            },
            invalid(),
        )
        .and(fault(400, "role"))
        .variant("three roles"),
        before("SAML-59", move |text| replaced(&text, &speciality(&text), ""), invalid())
            .and(fault(400, "Aucune spécialité"))
            .variant("doctor"),
        before(
            "SAML-59",
            move |text| role("code=\"10\"", "code=\"21\"")(replaced(&text, &speciality(&text), "")),
            invalid(),
        )
        .and(fault(400, "Aucune spécialité"))
        .variant("pharmacist"),
    ]
}

/// TD0.4, about no patient.
fn list_of_patients(w: &World) -> Answer {
    let server = format!("http://{}", w.demo.authority);
    let session = Session { identity: &w.lps.doctor, patient: None, server: &server, now: now() };
    let message = patients::message(in_minutes(-HOURS), patients::By::LastDocument);
    sent(session.request(message).unwrap()).send(w)
}

fn uses() -> Vec<Case> {
    let known = Rc::new(RefCell::new(BTreeSet::new()));
    let before = Rc::clone(&known);
    let traced: Check = Box::new(move |w, _| {
        let new = crate::journal(w).filter(|(id, _)| !known.borrow().contains(id));
        let refused = |line: &Value| line["outcome"] != "0" && line.to_string().contains(AUTHOR);
        match new.filter(|(_, line)| refused(line)).count() {
            1 => Ok(()),
            other => Err(format!("one refusal expected in the journal, found {other}")),
        }
    });
    vec![
        case(
            "SAML-55",
            |w| {
                let assertion = signed(w, |text| text);
                assert!(w.query_under(&assertion).send(w).is_success(), "the first use");
                w.query_under(&assertion).send(w)
            },
            wsse("wsse:FailedCheck"),
        )
        .and(fault(400, "replay")),
        case(
            "SAML-60",
            move |w| {
                *before.borrow_mut() = crate::journal(w).map(|(id, _)| id).collect();
                for_another(w)
            },
            registry("XDSPatientIdDoesNotMatch", "resource-id"),
        )
        .and(traced),
    ]
}

/// A lot about Alice, under a VIHF for Brune's dossier.
fn for_another(w: &World) -> Answer {
    let doctor = &w.lps.doctor;
    let server = format!("http://{}", w.demo.authority);
    let (alice, brune) = (ins(ALICE.ins), ins(BRUNE.ins));
    let session = Session { identity: doctor, patient: Some(&alice), server: &server, now: now() };
    let lot = deposit(&session, &[Document::synthese(ALICE, w.number())], false);
    let other = Session { patient: Some(&brune), ..session };
    sent(other.request(lot).unwrap()).send(w)
}
