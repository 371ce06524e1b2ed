//! People, systems and structures of XDS metadata as contained resources, and back.
//!
//! Writing, per author: PractitionerRole with its Practitioner and Organization for a professional, Patient for the
//! patient, Device for a system (PDSm, *auteurs*). Reading accepts those, a Practitioner or an Organization alone,
//! and references by identifier.

use crate::coding::{oid_of_system, read_concept, write_concept};
use crate::json::Json;
use crate::write::JsonWriter;
use dmp_dossier::{Author, AuthorId, Code, Institution, Person, PsId, RealmPolicy, StructureId};

/// How an author is told in FHIR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Professional,
    Patient,
    Device,
}

fn kind(author: &Author) -> Kind {
    match &author.person.id {
        AuthorId::Professional(_) => Kind::Professional,
        AuthorId::Patient(_) => Kind::Patient,
        // A system has one name, in the place of the family name; a person known locally has two.
        AuthorId::Other { .. } if author.person.given.is_empty() => Kind::Device,
        AuthorId::Other { .. } => Kind::Professional,
    }
}

/// Writes the resources that tell an author, `a{i}` being the one to refer to.
pub(crate) fn write_author(w: &mut JsonWriter, i: usize, author: &Author) {
    let (a, p, o) = (format!("a{i}"), format!("p{i}"), format!("o{i}"));
    match kind(author) {
        Kind::Professional => {
            w.begin_object().field("resourceType", "PractitionerRole").field("id", &a);
            w.key("practitioner").begin_object().key("reference").pieces(&["#", &p]).end_object();
            if author.institution.is_some() {
                w.key("organization").begin_object().key("reference").pieces(&["#", &o]).end_object();
            }
            write_concepts(w, "code", author.role.as_ref());
            write_concepts(w, "specialty", author.specialty.as_ref());
            w.end_object();
            write_person(w, "Practitioner", &p, &author.person);
        }
        Kind::Patient => write_person(w, "Patient", &a, &author.person),
        Kind::Device => {
            w.begin_object().field("resourceType", "Device").field("id", &a);
            write_identifier(w, &author.person.id);
            if !author.person.family.is_empty() {
                w.key("deviceName").begin_array().begin_object();
                w.field("name", &author.person.family).field("type", "user-friendly-name");
                w.end_object().end_array();
            }
            if let Some(specialty) = &author.specialty {
                w.key("type");
                write_concept(w, specialty);
            }
            if author.institution.is_some() {
                w.key("owner").begin_object().key("reference").pieces(&["#", &o]).end_object();
            }
            w.end_object();
        }
    }
    // A patient has no place for a structure: a contained resource that nothing refers to is not allowed (dom-3).
    if let Some(institution) = author.institution.as_ref().filter(|_| kind(author) != Kind::Patient) {
        write_institution(w, &o, institution);
    }
}

fn write_concepts(w: &mut JsonWriter, key: &str, code: Option<&Code>) {
    if let Some(code) = code {
        w.key(key).begin_array();
        write_concept(w, code);
        w.end_array();
    }
}

fn write_institution(w: &mut JsonWriter, id: &str, institution: &Institution) {
    w.begin_object().field("resourceType", "Organization").field("id", id);
    let (system, value) = match (&institution.id, &institution.other_id) {
        (Some(id), _) => (Some(StructureId::OID), id.as_str()),
        (None, Some(other)) => (None, other.as_str()),
        (None, None) => (None, ""),
    };
    if !value.is_empty() {
        w.key("identifier").begin_array().begin_object();
        if let Some(system) = system {
            w.key("system").pieces(&["urn:oid:", system]);
        }
        w.field("value", value).end_object().end_array();
    }
    w.field_if("name", &institution.name).end_object();
}

/// Writes a person as a contained resource of that type.
pub(crate) fn write_person(w: &mut JsonWriter, resource: &str, id: &str, person: &Person) {
    w.begin_object().field("resourceType", resource).field("id", id);
    write_identifier(w, &person.id);
    write_name(w, &person.family, &person.given);
    w.end_object();
}

/// Writes `name` of a person, nothing when there is none.
pub(crate) fn write_name(w: &mut JsonWriter, family: &str, given: &str) {
    if family.is_empty() && given.is_empty() {
        return;
    }
    w.key("name").begin_array().begin_object().field_if("family", family);
    if !given.is_empty() {
        w.key("given").begin_array().string(given).end_array();
    }
    w.end_object().end_array();
}

/// Writes the list `identifier` of one who is known by an identifier.
fn write_identifier(w: &mut JsonWriter, id: &AuthorId) {
    let (system, value) = system_and_value(id);
    if value.is_empty() {
        return;
    }
    w.key("identifier").begin_array().begin_object();
    if !system.is_empty() {
        w.key("system").pieces(&["urn:oid:", system]);
    }
    w.field("value", value).end_object().end_array();
}

/// OID and value of an identifier.
pub(crate) fn system_and_value(id: &AuthorId) -> (&str, &str) {
    match id {
        AuthorId::Professional(ps) => (PsId::OID, ps.as_str()),
        AuthorId::Patient(ins) => (ins.oid().as_str(), ins.value()),
        AuthorId::Other { id, authority } => (authority, id),
    }
}

/// The author that a reference leads to: a contained resource, or an identifier. `organization` is the structure
/// told beside it (`ihe-authorOrg`). `None` when nobody is named.
pub(crate) fn read_author(
    owner: &Json<'_>,
    reference: &Json<'_>,
    organization: Option<&Json<'_>>,
    realm: &RealmPolicy,
) -> Option<Author> {
    let resource = resolve(owner, reference);
    let follow = |resource: &Json<'_>, key: &str| resource.get(key).and_then(|r| resolve(owner, r)).cloned();
    let beside = organization.and_then(|r| resolve(owner, r)).and_then(read_institution);
    let person = match (resource, resource.and_then(|r| r.text("resourceType"))) {
        (Some(role), Some("PractitionerRole")) => {
            let practitioner = follow(role, "practitioner");
            read_person(practitioner.as_ref().unwrap_or(role), realm)
        }
        (Some(device), Some("Device")) => Some(Person {
            id: read_identifier(device.items("identifier"), realm)?,
            family: device
                .items("deviceName")
                .first()
                .and_then(|n| n.text("name"))
                .unwrap_or_default()
                .to_owned(),
            given: String::new(),
        }),
        (Some(person), Some("Practitioner" | "Patient" | "RelatedPerson")) => read_person(person, realm),
        (_, _) => reference.get("identifier").and_then(|i| {
            let display = reference.text("display").unwrap_or_default();
            let id = read_identifier(std::slice::from_ref(i), realm)?;
            Some(Person { id, family: display.to_owned(), given: String::new() })
        }),
    }?;
    let role = resource.filter(|r| r.text("resourceType") == Some("PractitionerRole"));
    let first = |key: &str| role.and_then(|r| r.items(key).iter().flat_map(read_concept).next());
    let own = role
        .and_then(|r| follow(r, "organization"))
        .or_else(|| resource.and_then(|r| follow(r, "owner")))
        .and_then(|o| read_institution(&o));
    let device_type = || {
        let device = resource.filter(|r| r.text("resourceType") == Some("Device"))?;
        device.get("type").and_then(|t| read_concept(t).next())
    };
    Some(Author {
        person,
        institution: own.or(beside),
        role: first("code"),
        specialty: first("specialty").or_else(device_type),
    })
}

/// The contained resource that a reference names (`#id`).
pub(crate) fn resolve<'j, 'a>(owner: &'j Json<'a>, reference: &Json<'_>) -> Option<&'j Json<'a>> {
    let id = reference.text("reference")?.strip_prefix('#')?;
    owner.items("contained").iter().find(|c| c.text("id") == Some(id))
}

fn read_person(person: &Json<'_>, realm: &RealmPolicy) -> Option<Person> {
    let name = person.items("name").first();
    let given: Vec<&str> =
        name.map(|n| n.items("given").iter().filter_map(Json::as_str).collect()).unwrap_or_default();
    Some(Person {
        id: read_identifier(person.items("identifier"), realm)?,
        family: name.and_then(|n| n.text("family")).unwrap_or_default().to_owned(),
        given: given.join(" "),
    })
}

/// The national identifier of a professional, an INS, else the first identifier.
fn read_identifier(identifiers: &[Json<'_>], realm: &RealmPolicy) -> Option<AuthorId> {
    let pairs = || {
        identifiers
            .iter()
            .filter_map(|i| Some((oid_of_system(i.text("system").unwrap_or_default()), i.text("value")?)))
    };
    let professional = pairs()
        .filter(|(system, _)| *system == PsId::OID)
        .find_map(|(_, value)| PsId::parse(value).map(AuthorId::Professional));
    let patient =
        || pairs().find_map(|(system, value)| realm.read(value, system).ok().map(AuthorId::Patient));
    let other = || {
        pairs()
            .next()
            .map(|(system, value)| AuthorId::Other { id: value.to_owned(), authority: system.to_owned() })
    };
    professional.or_else(patient).or_else(other)
}

fn read_institution(organization: &Json<'_>) -> Option<Institution> {
    let identifiers = organization.items("identifier");
    let national = identifiers
        .iter()
        .filter(|i| i.text("system").map(oid_of_system) == Some(StructureId::OID))
        .find_map(|i| StructureId::parse(i.text("value")?));
    let other_id = match national {
        Some(_) => None,
        None => identifiers.first().and_then(|i| i.text("value")).map(str::to_owned),
    };
    let name = organization.text("name").unwrap_or_default().to_owned();
    (national.is_some() || other_id.is_some() || !name.is_empty()).then_some(Institution {
        id: national,
        other_id,
        name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use dmp_dossier::{Ins, InsOid, Realm};

    const REALM: RealmPolicy = RealmPolicy { realm: Realm::Test, accept_production_oid: false };

    fn author(id: AuthorId, given: &str, structure: Option<&str>) -> Author {
        Author {
            person: Person { id, family: "MARTIN".into(), given: given.into() },
            institution: structure.map(|s| Institution {
                id: StructureId::parse(s),
                other_id: None,
                name: "Cabinet".into(),
            }),
            role: None,
            specialty: Some(Code::new("G15_10/SM26", "1.2.250.1.213.1.1.4.5", "Médecin")),
        }
    }

    /// Every kind of author comes back from its own resources.
    #[test]
    fn an_author_goes_and_comes_back() {
        let ins = Ins::parse("284073523811416", InsOid::Test).unwrap();
        let patient = Author { specialty: None, ..author(AuthorId::Patient(ins), "Marie", None) };
        let other = |authority: &str| AuthorId::Other { id: "L-12".into(), authority: authority.into() };
        let professional = AuthorId::Professional(PsId::parse("899900063480").unwrap());
        let role = Some(Code::new("PCP", "2.16.840.1.113883.5.88", "Médecin traitant"));
        for author in [
            Author { role, ..author(professional, "Anne", Some("499900063480001")) },
            patient,
            author(other("1.2.3"), "", Some("10B0127189")),
            author(other(""), "Paul", None),
        ] {
            let mut w = JsonWriter::default();
            w.begin_object().key("contained").begin_array();
            write_author(&mut w, 0, &author);
            w.end_array().key("author").begin_object().field("reference", "#a0").end_object().end_object();
            let text = w.finish();
            let json = json::read(text.as_bytes(), 1000).unwrap();
            for contained in json.items("contained") {
                crate::shape::check(contained, None).unwrap();
            }
            let read = read_author(&json, json.get("author").unwrap(), None, &REALM);
            assert_eq!(read, Some(author), "{text}");
        }
    }

    #[test]
    fn the_guides_examples_name_an_author() {
        let text = r##"{"contained":[
            {"resourceType":"Practitioner","id":"p","identifier":[
                {"system":"https://rpps.esante.gouv.fr","value":"99700218896"},
                {"system":"urn:oid:1.2.250.1.71.4.2.1","value":"899700218896"}]},
            {"resourceType":"Organization","id":"o","identifier":[
                {"system":"urn:oid:1.2.250.1.71.4.2.2","value":"2264403106"}],"name":"HOPITAL"}],
            "source":{"reference":"#p"},"org":{"reference":"#o"},"none":{"reference":"#x"},
            "logical":{"identifier":{"system":"urn:oid:1.2.250.1.71.4.2.1","value":"899700218896"}}}"##;
        let json = json::read(text.as_bytes(), 1000).unwrap();
        let read = read_author(&json, json.get("source").unwrap(), json.get("org"), &REALM).unwrap();
        assert_eq!(read.person.id, AuthorId::Professional(PsId::parse("899700218896").unwrap()));
        assert_eq!(read.institution.unwrap().id, StructureId::parse("2264403106"));
        let read = read_author(&json, json.get("logical").unwrap(), None, &REALM).unwrap();
        assert_eq!(read.person.id, AuthorId::Professional(PsId::parse("899700218896").unwrap()));
        assert_eq!(read_author(&json, json.get("none").unwrap(), None, &REALM), None);
    }
}
