//! A Patient as `$open` receives it: INS, strict traits, contact, representatives.
//!
//! Reads what FHIR allows for each trait; whether they suffice is the record's rule (LIF-3). A birth date that is no
//! calendar date comes as text in `dmp-date-naissance`, or cut to its year or month: the missing part is then `00`,
//! as in the INS.

use crate::date;
use crate::definitions::{DATE_NAISSANCE, IDENTIFIANT_PERSONNE, LIEU_NAISSANCE};
use crate::json::Json;
use crate::outcome::{Outcome, echo};
use dmp_dossier::{Contact, InsOid, Relation, Representative, Sex, Time, Traits};
use http::StatusCode;

const BIRTH_PLACE: &str = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace";
/// Of fr-core, whose address has changed with its versions: the end of it is what counts.
const INSEE_CODE: &str = "insee-code";
/// Of fr-core: all the given names, where `given` has the first one only.
const GIVEN_NAMES: &str = "birth-list-given-name";

/// A patient to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NewPatient {
    /// INS and its assigning authority, as given.
    pub(crate) ins: (String, String),
    pub(crate) traits: Traits,
    pub(crate) contact: Contact,
    pub(crate) representatives: Vec<Representative>,
}

/// Reads the resource.
///
/// # Errors
/// 400 `required`: no INS or several, no birth name, birth date or gender. 400 `value`: one that cannot be read.
pub(crate) fn new_patient(patient: &Json<'_>) -> Result<NewPatient, Outcome> {
    let ins: Vec<_> = patient
        .items("identifier")
        .iter()
        .filter_map(|i| Some((i.text("system")?, i.text("value")?)))
        .filter(|(system, _)| InsOid::parse(system).is_some())
        .collect();
    let [(system, value)] = ins[..] else {
        return Err(required("one INS is expected", "Patient.identifier"));
    };
    Ok(NewPatient {
        ins: (value.to_owned(), system.to_owned()),
        traits: traits(patient)?,
        contact: Contact {
            address: patient.items("address").first().and_then(address),
            ..telecoms(patient.items("telecom"))
        },
        representatives: patient.items("contact").iter().map(representative).collect::<Result<_, _>>()?,
    })
}

fn required(what: &str, place: &str) -> Outcome {
    Outcome::new(StatusCode::BAD_REQUEST, "required", what).at(place)
}

fn traits(patient: &Json<'_>) -> Result<Traits, Outcome> {
    let names = patient.items("name");
    let with_use =
        |wanted: &[&str]| names.iter().find(|n| n.text("use").is_some_and(|u| wanted.contains(&u)));
    let birth = with_use(&["official", "maiden"])
        .or_else(|| names.iter().find(|n| n.text("use").is_none()))
        .ok_or_else(|| required("the birth name is expected, with use `official`", "Patient.name"))?;
    let given_names = extension_ending(birth, GIVEN_NAMES)
        .and_then(|e| e.text("valueString").map(str::to_owned))
        .unwrap_or_else(|| given(birth).join(" "));
    let used = with_use(&["usual"]);
    let birth_name = birth.text("family").unwrap_or_default();
    let first = given_names.split_whitespace().next().unwrap_or_default();
    Ok(Traits {
        used_name: used.and_then(|n| n.text("family")).filter(|n| *n != birth_name).map(str::to_owned),
        used_given: used.and_then(|n| given(n).first().copied()).filter(|n| *n != first).map(str::to_owned),
        birth_name: birth_name.to_owned(),
        birth_date: birth_date(patient)?,
        sex: match patient.text("gender") {
            Some("male") => Sex::Male,
            Some("female") => Sex::Female,
            Some("other" | "unknown") => Sex::Undetermined,
            Some(other) => {
                return Err(Outcome::value(format!("`{}` is no gender", echo(other))).at("Patient.gender"));
            }
            None => return Err(required("the gender of the traits is expected", "Patient.gender")),
        },
        birth_place: birth_place(patient).unwrap_or_default().to_owned(),
        given_names,
    })
}

fn given<'j>(name: &'j Json<'_>) -> Vec<&'j str> {
    name.items("given").iter().filter_map(Json::as_str).collect()
}

/// `YYYYMMDD`.
fn birth_date(patient: &Json<'_>) -> Result<String, Outcome> {
    let told = patient
        .get("_birthDate")
        .and_then(|element| extension(element, DATE_NAISSANCE))
        .and_then(|e| e.text("valueString"));
    if let Some(text) = told {
        return Ok(text.to_owned());
    }
    let Some(text) = patient.text("birthDate") else {
        return Err(required("the birth date is expected", "Patient.birthDate"));
    };
    let date = date::date(text)
        .ok_or_else(|| Outcome::value(format!("`{}` is no date", echo(text))).at("Patient.birthDate"))?;
    Ok(format!("{:0<8}", date.to_hl7()))
}

fn birth_place<'j>(patient: &'j Json<'_>) -> Option<&'j str> {
    let ours = || extension(patient, LIEU_NAISSANCE)?.text("valueCode");
    let address = extension(patient, BIRTH_PLACE).and_then(|e| e.get("valueAddress"));
    let core = address
        .and_then(|a| extension_ending(a, INSEE_CODE))
        .and_then(|e| e.get("valueCoding")?.text("code"));
    core.or_else(ours)
}

fn extension<'j, 'a>(element: &'j Json<'a>, url: &str) -> Option<&'j Json<'a>> {
    element.items("extension").iter().find(|e| e.text("url") == Some(url))
}

fn extension_ending<'j, 'a>(element: &'j Json<'a>, end: &str) -> Option<&'j Json<'a>> {
    let matches = |e: &&Json<'_>| e.text("url").is_some_and(|url| url.ends_with(end));
    element.items("extension").iter().find(matches)
}

/// The first telephone, a mobile before another one, and the first mail address.
fn telecoms(telecoms: &[Json<'_>]) -> Contact {
    let mut phones: Vec<&Json<'_>> =
        telecoms.iter().filter(|t| matches!(t.text("system"), Some("phone" | "sms"))).collect();
    phones.sort_by_key(|t| t.text("use") != Some("mobile"));
    let value = |t: &Json<'_>| t.text("value").map(str::to_owned);
    Contact {
        phone: phones.first().and_then(|t| value(t)),
        mail: telecoms.iter().find(|t| t.text("system") == Some("email")).and_then(value),
        address: None,
    }
}

/// One line: the text, or street, code, city.
fn address(address: &Json<'_>) -> Option<String> {
    if let Some(text) = address.text("text") {
        return Some(text.replace('\n', ", "));
    }
    let town = [address.text("postalCode"), address.text("city")];
    let town = town.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let mut parts: Vec<&str> = address.items("line").iter().filter_map(Json::as_str).collect();
    if !town.is_empty() {
        parts.push(&town);
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// `Patient.contact` of an opening names who legally acts for the patient. A person whose tie gives no such right
/// (an emergency contact) is refused rather than given one.
fn representative(contact: &Json<'_>) -> Result<Representative, Outcome> {
    let name = contact.get("name");
    let texts = |key: &str| name.and_then(|n| n.text(key)).unwrap_or_default().to_owned();
    let person = extension(contact, IDENTIFIANT_PERSONNE)
        .and_then(|e| e.get("valueIdentifier")?.text("value"))
        .map(str::to_owned);
    Ok(Representative {
        person,
        name: texts("family"),
        given: name.map(|n| given(n).join(" ")).unwrap_or_default(),
        relation: relation(contact.items("relationship"))?,
        contact: Contact {
            address: contact.get("address").and_then(address),
            ..telecoms(contact.items("telecom"))
        },
        since: Time::default(),
        until: None,
    })
}

/// HL7 RoleCode and JDV_J11: holders of parental authority, until majority; guardians of an adult, beyond.
fn relation(relationships: &[Json<'_>]) -> Result<Relation, Outcome> {
    const GUARDIANS: &[&str] = &["GUARD", "GUADLTM", "TUTEUR", "CURATEUR", "MSVG"];
    const PARENTS: &[&str] = &[
        "PRN", "FTH", "MTH", "NPRN", "NFTH", "NMTH", "ADOPTP", "ADOPTF", "ADOPTM", "STPPRN", "STPFTH",
        "STPMTH", "GRPRN", "GRFTH", "GRMTH", "GGRFTH", "GGRMTH", "AUNT", "UNCLE", "BRO", "SIS", "RESPRSN",
    ];
    let codes: Vec<&str> =
        relationships.iter().flat_map(|r| r.items("coding")).filter_map(|c| c.text("code")).collect();
    match codes.as_slice() {
        codes if codes.iter().any(|c| GUARDIANS.contains(c)) => Ok(Relation::Guardian),
        // The tie with a shorter reach is the one that is presumed.
        [] => Ok(Relation::Parent),
        codes if codes.iter().any(|c| PARENTS.contains(c)) => Ok(Relation::Parent),
        [first, ..] => Err(Outcome::value(format!("`{}` is no tie of a legal representative", echo(first)))
            .at("Patient.contact.relationship")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    const LEO: &str = r#"{"resourceType":"Patient",
        "extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthPlace","valueAddress":{"extension":[
            {"url":"https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address-insee-code","valueCoding":{"code":"38028"}}]}}],
        "identifier":[{"system":"urn:oid:1.2.250.1.213.1.4.10","value":"118033523802725"},{"system":"urn:oid:1.2.3","value":"42"}],
        "name":[{"use":"usual","family":"MARTIN","given":["LEO"]},{"use":"official","family":"MARTIN","given":["LEO","PAUL"]}],
        "gender":"male","birthDate":"2018-03-12",
        "telecom":[{"system":"phone","use":"home","value":"0100000000"},{"system":"email","value":"l@example.fr"},
                   {"system":"phone","use":"mobile","value":"0600000000"}],
        "address":[{"line":["1 rue des Essais"],"postalCode":"38000","city":"GRENOBLE"}],
        "contact":[{"extension":[{"url":"https://interop.esante.gouv.fr/ig/fhir/dmp/StructureDefinition/dmp-identifiant-personne",
                                  "valueIdentifier":{"system":"urn:oid:1.2.250.1.213.1.4.10","value":"284073523811416"}}],
                    "relationship":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-RoleCode","code":"MTH"}]}],
                    "name":{"family":"MARTIN","given":["MARIE"]},"telecom":[{"system":"phone","value":"0611111111"}]}]}"#;

    fn read(text: &str) -> Result<NewPatient, Outcome> {
        new_patient(&json::read(text.as_bytes(), 1 << 20).unwrap())
    }

    #[test]
    fn a_child_is_read_with_traits_contact_and_mother() {
        let patient = read(LEO).unwrap();
        let traits = Traits {
            birth_name: "MARTIN".into(),
            given_names: "LEO PAUL".into(),
            birth_date: "20180312".into(),
            sex: Sex::Male,
            birth_place: "38028".into(),
            used_name: None,
            used_given: None,
        };
        let expected = NewPatient {
            ins: ("118033523802725".into(), "urn:oid:1.2.250.1.213.1.4.10".into()),
            traits,
            contact: Contact {
                phone: Some("0600000000".into()),
                mail: Some("l@example.fr".into()),
                address: Some("1 rue des Essais, 38000 GRENOBLE".into()),
            },
            representatives: vec![Representative {
                person: Some("284073523811416".into()),
                name: "MARTIN".into(),
                given: "MARIE".into(),
                relation: Relation::Parent,
                contact: Contact { phone: Some("0611111111".into()), ..Contact::default() },
                since: Time::default(),
                until: None,
            }],
        };
        assert_eq!(patient, expected);
    }

    /// Replaces a member of Leo, then reads him.
    fn with(from: &str, to: &str) -> Result<NewPatient, Outcome> {
        let text = LEO.replace(from, to);
        assert_ne!(text, LEO, "{from}");
        read(&text)
    }

    #[test]
    fn birth_dates_that_are_no_calendar_dates_keep_their_text() {
        let told = format!(
            r#""_birthDate":{{"extension":[{{"url":"{DATE_NAISSANCE}","valueString":"20183512"}}]}}"#
        );
        for (to, read) in [
            (r#""birthDate":"2018-03""#, "20180300"),
            (r#""birthDate":"2018""#, "20180000"),
            (&told, "20183512"),
            (&format!(r#""birthDate":"2018",{told}"#), "20183512"),
        ] {
            let patient = with(r#""birthDate":"2018-03-12""#, to).unwrap();
            assert_eq!(patient.traits.birth_date, read, "{to}");
        }
    }

    #[test]
    fn names_are_read_by_their_use() {
        let names = |to: &str| {
            let from = r#"[{"use":"usual","family":"MARTIN","given":["LEO"]},{"use":"official","family":"MARTIN","given":["LEO","PAUL"]}]"#;
            with(from, to).map(|p| {
                let t = p.traits;
                (t.birth_name, t.given_names, t.used_name, t.used_given)
            })
        };
        let some = |text: &str| Some(text.to_owned());
        for (to, birth, given, used, used_given) in [
            (r#"[{"family":"A","given":["B"]}]"#, "A", "B", None, None),
            (r#"[{"use":"maiden","family":"A","given":["B","C"]}]"#, "A", "B C", None, None),
            (
                r#"[{"use":"official","family":"A","given":["B"]},{"use":"usual","family":"D","given":["E"]}]"#,
                "A",
                "B",
                some("D"),
                some("E"),
            ),
            (
                r#"[{"use":"official","family":"A","given":["B"],"extension":[{"url":"x/fr-core-patient-birth-list-given-name","valueString":"B C D"}]}]"#,
                "A",
                "B C D",
                None,
                None,
            ),
        ] {
            assert_eq!(names(to).unwrap(), (birth.to_owned(), given.to_owned(), used, used_given), "{to}");
        }
        assert!(names(r#"[{"use":"nickname","family":"A"}]"#).is_err());
    }

    #[test]
    fn what_cannot_be_read_is_refused_at_its_place() {
        for (from, to, code, place) in [
            ("118033523802725\"},{", "118033523802725\"},{\"x\":1,", "", ""),
            (
                "urn:oid:1.2.250.1.213.1.4.10\",\"value\":\"118033523802725",
                "urn:oid:9\",\"value\":\"1",
                "required",
                "Patient.identifier",
            ),
            ("urn:oid:1.2.3", "urn:oid:1.2.250.1.213.1.4.9", "required", "Patient.identifier"),
            ("\"birthDate\":\"2018-03-12\",", "", "required", "Patient.birthDate"),
            ("2018-03-12", "2018-02-30", "value", "Patient.birthDate"),
            ("\"gender\":\"male\",", "", "required", "Patient.gender"),
            ("\"gender\":\"male\"", "\"gender\":\"m\"", "value", "Patient.gender"),
            ("MTH", "C", "value", "Patient.contact.relationship"),
        ] {
            let read = with(from, to);
            match read {
                Ok(_) => assert_eq!(code, "", "{to}"),
                Err(outcome) => {
                    let issue = &outcome.issues()[0];
                    assert_eq!((issue.code, issue.expression.as_deref()), (code, Some(place)), "{to}");
                    assert_eq!(outcome.status(), 400, "{to}");
                }
            }
        }
    }

    #[test]
    fn a_tie_reaches_as_far_as_its_code_says() {
        for (code, relation) in [
            ("FTH", Some(Relation::Parent)),
            ("RESPRSN", Some(Relation::Parent)),
            ("GGRMTH", Some(Relation::Parent)),
            ("TUTEUR", Some(Relation::Guardian)),
            ("GUARD", Some(Relation::Guardian)),
            ("N", None),
            ("E", None),
        ] {
            let read = with("MTH", code).ok().map(|p| p.representatives[0].relation);
            assert_eq!(read, relation, "{code}");
        }
        let untied = with(
            r#""relationship":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-RoleCode","code":"MTH"}]}],"#,
            "",
        );
        assert_eq!(untied.unwrap().representatives[0].relation, Relation::Parent);
    }

    #[test]
    fn the_birthplace_is_read_from_either_extension() {
        let ours = with(
            r#"{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthPlace","valueAddress":{"extension":[
            {"url":"https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address-insee-code","valueCoding":{"code":"38028"}}]}}"#,
            &format!(r#"{{"url":"{LIEU_NAISSANCE}","valueCode":"2A004"}}"#),
        );
        assert_eq!(ours.unwrap().traits.birth_place, "2A004");
        let none = with("fr-core-address-insee-code", "other");
        assert_eq!(none.unwrap().traits.birth_place, "");
    }
}
