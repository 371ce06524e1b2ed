//! Whose record a search is about.
//!
//! Every search of this face is about one patient. A patient, or who acts for one, may leave the patient out; for
//! anybody else it is required. INS are read by the realm of the deployment.

use super::{Params, tokens};
use crate::outcome::Outcome;
use dmp_dossier::{Actor, Ins, Realm, RealmPolicy, Reason};
use http::StatusCode;

/// Names under which the patient is given by identifier.
const BY_IDENTIFIER: &[&str] = &["patient.identifier", "subject.identifier"];
/// Names that take the identifier as modifier, or a literal reference.
const BY_REFERENCE: &[&str] = &["patient", "subject"];

/// True for a parameter that names the patient.
pub(crate) fn names_patient(name: &str) -> bool {
    BY_IDENTIFIER.contains(&name) || BY_REFERENCE.contains(&name)
}

/// The patient that the parameters name, or the actor's own.
///
/// # Errors
/// 403 `business-rule` without a patient or with two; 422 for a number that is no INS of this realm; 404 for a
/// literal reference: no patient is named by an id here.
pub(crate) fn patient(params: &Params, actor: &Actor, realm: &RealmPolicy) -> Result<Ins, Outcome> {
    let mut named: Vec<Ins> = Vec::new();
    for param in params.list.iter().filter(|p| names_patient(&p.name)) {
        let by_identifier = BY_IDENTIFIER.contains(&param.name.as_str())
            || param.modifier.as_deref() == Some("identifier")
            || param.value.contains("identifier=");
        if !by_identifier {
            return Err(Outcome::from(Reason::UnknownPatient));
        }
        let value = param.value.split_once("identifier=").map_or(param.value.as_str(), |(_, v)| v);
        for token in tokens(value) {
            let ins = ins(token.system.as_deref(), &token.code, realm)?;
            if !named.contains(&ins) {
                named.push(ins);
            }
        }
    }
    match (<[Ins; 1]>::try_from(named), actor) {
        (Ok([ins]), _) => Ok(ins),
        (Err(several), _) if !several.is_empty() => Err(business_rule("a search is about one patient")),
        (_, Actor::Patient { ins } | Actor::Representative { of: ins, .. }) => Ok(ins.clone()),
        _ => Err(business_rule("the patient is required: patient.identifier=system|INS")),
    }
}

/// An INS under its assigning authority; without one, that of the realm's NIR.
///
/// # Errors
/// 422 by the table of reasons, saying what is wrong with the number.
pub(crate) fn ins(system: Option<&str>, value: &str, realm: &RealmPolicy) -> Result<Ins, Outcome> {
    let default = match realm.realm {
        Realm::Test => "1.2.250.1.213.1.4.10",
        Realm::Production => "1.2.250.1.213.1.4.8",
    };
    let system = system.filter(|s| !s.is_empty()).unwrap_or(default);
    realm.read(value.trim(), system).map_err(|error| Outcome::from(Reason::InvalidIns).saying(error.says()))
}

fn business_rule(what: &str) -> Outcome {
    Outcome::new(StatusCode::FORBIDDEN, "business-rule", what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_dossier::InsOid;
    use http::HeaderMap;

    const REALM: RealmPolicy = RealmPolicy { realm: Realm::Test, accept_production_oid: false };

    fn read(query: &str, actor: &Actor) -> Result<String, (u16, &'static str)> {
        let params = Params::read(query, &HeaderMap::new()).unwrap();
        patient(&params, actor, &REALM)
            .map(|ins| ins.value().to_owned())
            .map_err(|o| (o.status().as_u16(), o.issues()[0].code))
    }

    #[test]
    fn a_search_is_about_one_patient() {
        let ins = Ins::parse("284073523811416", InsOid::Test).unwrap();
        let (own, doctor) = (Actor::Patient { ins }, Actor::Pilot);
        let marie = "urn:oid:1.2.250.1.213.1.4.10|284073523811416";
        for (query, actor, read_as) in [
            (format!("patient.identifier={marie}"), &doctor, Ok("284073523811416")),
            (format!("subject:Patient.identifier={marie}"), &doctor, Ok("284073523811416")),
            (format!("patient:identifier={marie}"), &doctor, Ok("284073523811416")),
            (format!("patient=Patient?identifier={marie}"), &doctor, Ok("284073523811416")),
            ("patient.identifier=284073523811416".into(), &doctor, Ok("284073523811416")),
            (
                format!("patient.identifier={marie}&subject.identifier={marie}"),
                &doctor,
                Ok("284073523811416"),
            ),
            (String::new(), &own, Ok("284073523811416")),
            (String::new(), &doctor, Err((403, "business-rule"))),
            (format!("patient.identifier={marie},118033523802725"), &doctor, Err((403, "business-rule"))),
            (
                format!("patient.identifier={marie}&patient.identifier=118033523802725"),
                &doctor,
                Err((403, "business-rule")),
            ),
            ("patient=Patient/1".into(), &doctor, Err((404, "not-found"))),
            ("patient.identifier=284073523811417".into(), &doctor, Err((422, "invalid"))),
            (
                "patient.identifier=urn:oid:1.2.250.1.213.1.4.8|284073523811416".into(),
                &doctor,
                Err((422, "invalid")),
            ),
        ] {
            assert_eq!(read(&query, actor), read_as.map(str::to_owned), "{query}");
        }
    }
}
