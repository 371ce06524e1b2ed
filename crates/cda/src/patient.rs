//! The patient a document names in `recordTarget`.
//!
//! The INS is given as text: its key and its realm are judged where the dossier is looked for.

use dmp_dossier::document::DeclaredPatient;
use dmp_dossier::identity::{InsError, InsOid, RealmPolicy, Sex};
use dmp_xml::Node;

use crate::node::{Hl7, Identifier};
use crate::refusal::CdaRefusal;

/// What `recordTarget` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patient {
    /// *Matricule INS* and its OID as text; neither its key nor its realm was checked.
    pub ins: Identifier,
    /// Identifiers of the producer (IPP).
    pub local_ids: Vec<Identifier>,
    /// *Nom de naissance*.
    pub birth_family: String,
    /// First given name.
    pub birth_given: String,
    /// All given names.
    pub given_names: String,
    /// *Nom utilisé*.
    pub used_family: Option<String>,
    /// *Prénom utilisé*.
    pub used_given: Option<String>,
    /// `birthTime`, `YYYYMMDD` or less; lunar dates are kept as they are.
    pub birth_date: Option<String>,
    /// `administrativeGenderCode`.
    pub sex: Option<Sex>,
    /// INSEE code of the birthplace.
    pub birth_place: Option<String>,
}

impl Patient {
    /// The patient as the dossier compares it.
    ///
    /// # Errors
    /// [`InsError`]: the key is wrong, or the number is of another realm.
    pub fn declared(&self, realm: &RealmPolicy) -> Result<DeclaredPatient, InsError> {
        Ok(DeclaredPatient {
            ins: realm.read(self.ins.value(), &self.ins.root)?,
            birth_date: self.birth_date.clone(),
            sex: self.sex,
        })
    }
}

pub(crate) fn read(document: Node<'_, '_>) -> Result<Patient, CdaRefusal> {
    let count = document.each("recordTarget").count();
    let (1, Some(role)) = (count, document.path(&["recordTarget", "patientRole"])) else {
        return Err(CdaRefusal::RecordTargets { count });
    };
    let (mut ins, local_ids): (Vec<_>, Vec<_>) =
        role.identifiers().into_iter().partition(|id| InsOid::parse(&id.root).is_some());
    ins.dedup();
    // Two different INS are two patients, even if one of them is the right one.
    let [ins] =
        <[Identifier; 1]>::try_from(ins).map_err(|ins| CdaRefusal::PatientIns { count: ins.len() })?;
    let person = role.child("patient");
    let part = |name: &'static str, qualifier: Option<&str>| {
        person
            .into_iter()
            .flat_map(|person| person.each("name"))
            .flat_map(|whole| whole.each(name))
            .filter(|part| !part.is_null() && part.attr("qualifier") == qualifier)
            .map(Hl7::plain)
            .find(|text| !text.is_empty())
    };
    let first = |name, qualifiers: [Option<&str>; 4]| qualifiers.into_iter().find_map(|q| part(name, q));
    let given_names = first("given", [None, Some("BR"), Some("CL"), Some("SP")]).unwrap_or_default();
    Ok(Patient {
        ins,
        local_ids,
        birth_family: first("family", [Some("BR"), None, Some("SP"), Some("CL")]).unwrap_or_default(),
        birth_given: part("given", Some("BR")).unwrap_or_else(|| given_names.clone()),
        given_names,
        used_family: first("family", [Some("CL"), Some("SP"), None, None]),
        used_given: part("given", Some("CL")),
        birth_date: person.and_then(|person| person.child("birthTime")?.attr("value")).map(day),
        sex: person.and_then(|person| person.child("administrativeGenderCode")?.attr("code")).and_then(sex),
        birth_place: person
            .and_then(|person| person.path(&["birthplace", "place", "addr", "county"]))
            .map(Hl7::plain)
            .filter(|code| !code.is_empty()),
    })
}

/// The day of a birth time; an hour of birth is not a trait of the INS.
fn day(value: &str) -> String {
    value.chars().take_while(char::is_ascii_digit).take(8).collect()
}

fn sex(code: &str) -> Option<Sex> {
    match code {
        "F" => Some(Sex::Female),
        "M" => Some(Sex::Male),
        "U" | "UN" => Some(Sex::Undetermined),
        _ => None,
    }
}
