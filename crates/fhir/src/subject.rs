//! The patient that a resource is about, as a reference names them: always by INS.

use crate::json::Json;
use crate::outcome::Outcome;
use crate::people::resolve;
use crate::search::{self, Params, tokens};
use dmp_dossier::{Ins, InsOid, RealmPolicy, Reason};
use http::HeaderMap;

/// Reads `subject`: a contained Patient, `Patient?identifier=system|INS`, or an identifier.
///
/// # Errors
/// 422 for a number that is no INS of this realm; 404, an unknown patient, for any other reference: no patient is
/// named by an id here.
pub(crate) fn read(owner: &Json<'_>, reference: &Json<'_>, realm: &RealmPolicy) -> Result<Ins, Outcome> {
    let unknown = || Outcome::from(Reason::UnknownPatient);
    if let Some(contained) = resolve(owner, reference) {
        return of_identifiers(contained.items("identifier"), realm).unwrap_or_else(|| Err(unknown()));
    }
    if let Some(query) = reference.text("reference").and_then(|r| r.split_once("Patient?").map(|(_, q)| q)) {
        let params = Params::read(query, &HeaderMap::new())?;
        let value = params.single("identifier")?.unwrap_or_default();
        return match tokens(value).as_slice() {
            [token] => search::ins(token.system.as_deref(), &token.code, realm),
            _ => Err(unknown()),
        };
    }
    let identifier = reference.get("identifier").map(std::slice::from_ref).unwrap_or_default();
    of_identifiers(identifier, realm).unwrap_or_else(|| Err(unknown()))
}

/// The INS among identifiers, `None` when there is none.
fn of_identifiers(identifiers: &[Json<'_>], realm: &RealmPolicy) -> Option<Result<Ins, Outcome>> {
    let pairs = identifiers.iter().filter_map(|i| Some((i.text("system")?, i.text("value")?)));
    let (system, value) = pairs.into_iter().find(|(system, _)| InsOid::parse(system).is_some())?;
    Some(search::ins(Some(system), value, realm))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use dmp_dossier::Realm;

    #[test]
    fn a_patient_is_named_by_ins_only() {
        let realm = RealmPolicy { realm: Realm::Test, accept_production_oid: false };
        for (subject, read_as) in [
            (r##"{"reference":"#p"}"##, Ok("284073523811416")),
            (r##"{"reference":"#ipp"}"##, Err((404, "not-found"))),
            (
                r#"{"reference":"Patient?identifier=urn:oid:1.2.250.1.213.1.4.10|284073523811416"}"#,
                Ok("284073523811416"),
            ),
            (
                r#"{"reference":"http://x/fhir/Patient?identifier=urn:oid:1.2.250.1.213.1.4.10%7C284073523811416"}"#,
                Ok("284073523811416"),
            ),
            (
                r#"{"identifier":{"system":"urn:oid:1.2.250.1.213.1.4.10","value":"284073523811416"}}"#,
                Ok("284073523811416"),
            ),
            (
                r#"{"identifier":{"system":"urn:oid:1.2.250.1.213.1.4.8","value":"284073523811416"}}"#,
                Err((422, "invalid")),
            ),
            (
                r#"{"identifier":{"system":"urn:oid:1.2.250.1.213.1.4.10","value":"284073523811417"}}"#,
                Err((422, "invalid")),
            ),
            (r#"{"reference":"Patient/fr-patient-123"}"#, Err((404, "not-found"))),
            (r#"{"reference":"Patient?name=x"}"#, Err((404, "not-found"))),
            (r#"{"display":"Marie"}"#, Err((404, "not-found"))),
        ] {
            let text = format!(
                r#"{{"contained":[{{"id":"p","identifier":[{{"system":"urn:oid:1.2.3","value":"IPP"}},
                    {{"system":"urn:oid:1.2.250.1.213.1.4.10","value":"284073523811416"}}]}},
                    {{"id":"ipp","identifier":[{{"system":"urn:oid:1.2.3","value":"IPP"}}]}}],"subject":{subject}}}"#
            );
            let json = json::read(text.as_bytes(), 1000).unwrap();
            let got = read(&json, json.get("subject").unwrap(), &realm);
            let got =
                got.map(|ins| ins.value().to_owned()).map_err(|o| (o.status().as_u16(), o.issues()[0].code));
            assert_eq!(got, read_as.map(str::to_owned), "{subject}");
        }
    }
}
