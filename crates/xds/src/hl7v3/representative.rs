//! A legal representative (`personalRelationship`).
//!
//! The ties are HL7 RoleCodes (DMP: FTH, MTH, STPFTH, STPMTH, GRFTH, GRMTH, GGRFTH, GGRMTH, AUNT, UNCLE, BRO, SIS,
//! RESPRSN for any other) and those of JDV_J11 for protected adults. The record keeps how far a tie reaches, not which
//! one it is: every representative is told as `RESPRSN`.

use crate::elements::{Wrong, attribute, missing, required, text_of, wrong};
use crate::hl7v3::address::Address;
use crate::hl7v3::person::Telecoms;
use crate::hl7v3::person::write::telecoms;
use dmp_dossier::{Contact, Relation, Representative, Time};
use dmp_xml::{Element, Writer};

/// HL7 RoleCode, as the DMP's messages name it.
const ROLE_CODE: &str = "2.16.840.1.113883.1.11.19579";

const GUARDIANS: &[&str] = &["GUARD", "GUADLTM", "TUTEUR", "CURATEUR", "MSVG"];
const PARENTS: &[&str] = &[
    "PRN", "FTH", "MTH", "NPRN", "NFTH", "NMTH", "ADOPTP", "ADOPTF", "ADOPTM", "STPPRN", "STPFTH", "STPMTH",
    "GRPRN", "GRFTH", "GRMTH", "GGRFTH", "GGRMTH", "AUNT", "UNCLE", "BRO", "SIS", "RESPRSN",
];

/// Reads a `personalRelationship`.
///
/// # Errors
/// A tie that gives no right to act for the patient; no name.
pub(crate) fn read(relationship: Element<'_>) -> Result<Representative, Wrong> {
    let code = required(relationship, "code")?;
    let relation = match attribute(code, "code")? {
        tie if GUARDIANS.contains(&tie) => Relation::Guardian,
        tie if PARENTS.contains(&tie) => Relation::Parent,
        _ => return Err(wrong(code, "ce lien n'est pas celui d'un représentant légal")),
    };
    let name = required(required(relationship, "relationshipHolder1")?, "name")?;
    let family = text_of(name, "family")?.ok_or_else(|| missing(name, "family"))?;
    let address = crate::elements::all(relationship, "addr").next().map(Address::read).transpose()?;
    let told = Telecoms::read(relationship)?;
    Ok(Representative {
        person: None,
        name: family,
        given: text_of(name, "given")?.unwrap_or_default(),
        relation,
        contact: Contact { address: address.and_then(|a| a.line()), ..told.applied_to(Contact::default()) },
        since: Time::default(),
        until: None,
    })
}

/// True when two tell of one person.
pub(crate) fn same(one: &Representative, other: &Representative) -> bool {
    let folded = |r: &Representative| (r.name.to_lowercase(), r.given.to_lowercase());
    folded(one) == folded(other)
}

/// Writes a `personalRelationship`.
pub(crate) fn write(w: &mut Writer, representative: &Representative) {
    w.open("personalRelationship").attribute("classCode", "PRS");
    w.open("code").attribute("code", "RESPRSN").attribute("codeSystem", ROLE_CODE).close();
    if let Some(line) = &representative.contact.address {
        Address::of_line(line).write(w);
    }
    telecoms(w, &representative.contact, false);
    w.open("relationshipHolder1").attribute("classCode", "PSN").attribute("determinerCode", "INSTANCE");
    w.open("name");
    if !representative.given.is_empty() {
        w.open("given").text(&representative.given).close();
    }
    w.open("family").text(&representative.name).close();
    w.close().close().close();
}
