//! Claims of Pro Santé Connect's UserInfo → a professional.
//!
//! Source: prosanteconnect/generate-VIHF (ANS, 2022) and the VIHF of the DMP, whose vocabulary they share. A person
//! with several exercises acts in one: the token must say which, by role or by structure; we never choose for them.

use super::TokenError;
use super::token::Claims;
use dmp_dossier::{Actor, Auth, Card, Mode, PersonName, Professional, PsId, StructureId};
use dmp_nomenclature::access_mode::{BRIS_DE_GLACE, CENTRE_15, NORMAL};
use dmp_nomenclature::oid::{G05, G15, G16, R01, R02, R248};
use dmp_nomenclature::profession::{PHARMACIST_SECTIONS, Profession};
use serde_json::{Map, Value, json};

/// Category of a person in training (`codeCategorieProfessionnelle`).
const STUDENT: &str = "E";
const SECRET: &str = "INVISIBLE_REPRESENTANTS_LEGAUX";

/// The professional that the claims name.
pub(super) fn professional(claims: &Claims, auth: Auth) -> Result<Actor, TokenError> {
    let exercise = Exercise::of(claims)?;
    let organisation = text(claims, "SubjectOrganizationID");
    let activity = exercise.activity(organisation);
    Ok(Actor::Professional(Box::new(Professional {
        id: id(claims).ok_or(TokenError::Claim("SubjectNameID"))?,
        name: name(claims),
        profession: exercise.profession,
        speciality: exercise
            .speciality
            .or_else(|| activity.and_then(|a| text(a, "codeSectionPharmacien")).map(str::to_owned)),
        structure: organisation
            .and_then(StructureId::parse)
            .or_else(|| activity.and_then(structure_of_activity)),
        structure_name: text(claims, "SubjectOrganization")
            .or_else(|| activity.and_then(|a| text(a, "raisonSocialeSite")))
            .map(str::to_owned),
        sector: text(claims, "Secteur_Activite")
            .or_else(|| activity.and_then(|a| text(a, "codeSecteurDactivite")))
            .map(|sector| code_and_system(sector).0.to_owned()),
        auth,
        card: if exercise.student { Card::Cpf } else { Card::Cps },
        mode: mode(claims)?,
        secret: text(claims, "Confidentiality_code").is_some_and(|code| code_and_system(code).0 == SECRET),
        software: text(claims, "azp").or_else(|| text(claims, "client_id")).map(str::to_owned),
    })))
}

/// Name shown to people.
pub(super) fn name(claims: &Claims) -> PersonName {
    let part = |name| text(claims, name).unwrap_or_default().chars().take(100).collect();
    PersonName { family: part("family_name"), given: part("given_name") }
}

/// The same, as claims.
pub(super) fn claims(professional: &Professional) -> Map<String, Value> {
    let student = professional.card == Card::Cpf;
    let system = if student { &G16 } else { &G15 };
    let code = professional.profession.strip_prefix("G16_").unwrap_or(&professional.profession);
    let section = professional.speciality.as_deref().filter(|s| PHARMACIST_SECTIONS.find(s).is_some());
    let speciality = professional.speciality.as_deref().filter(|_| section.is_none());
    let mut roles = vec![format!("{code}^{}", system.oid)];
    roles.extend(speciality.map(|code| format!("{code}^{}", R01.oid)));
    roles.extend(section.map(|code| format!("{code}^{}", G05.oid)));
    let (purpose, reason) = match &professional.mode {
        Mode::Normal => (NORMAL.code, ""),
        Mode::BrisDeGlace { reason } => (BRIS_DE_GLACE.code, reason.as_str()),
        Mode::Centre15 => (CENTRE_15.code, ""),
    };
    let Value::Object(mut claims) = json!({
        "SubjectNameID": professional.id.as_str(),
        "SubjectRole": roles,
        "SubjectRefPro": { "exercices": [{
            "codeProfession": code,
            "codeCategorieProfessionnelle": if student { STUDENT } else { "C" },
            "codeSavoirFaire": speciality.unwrap_or_default(),
            "activities": [{
                "codeSecteurDactivite": professional.sector.as_deref().unwrap_or_default(),
                "codeSectionPharmacien": section.unwrap_or_default(),
                "raisonSocialeSite": professional.structure_name.as_deref().unwrap_or_default(),
            }],
        }]},
        "Mode_Acces_Raison": reason,
        "Acces_Regulation_Medicale": if professional.mode == Mode::Centre15 { "VRAI" } else { "FAUX" },
        "extensions": { "ihe_iua": { "purpose_of_use": [
            { "system": format!("urn:oid:{}", R248.oid), "code": purpose }
        ]}},
    }) else {
        return Map::new();
    };
    super::claims::put_name(&mut claims, &professional.name);
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            claims.insert(name.to_owned(), value.into());
        }
    };
    put("SubjectOrganizationID", professional.structure.as_ref().map(|s| s.as_str().to_owned()));
    put("SubjectOrganization", professional.structure_name.clone());
    put("Secteur_Activite", professional.sector.as_ref().map(|s| format!("{s}^{}", R02.oid)));
    put("Confidentiality_code", professional.secret.then(|| SECRET.to_owned()));
    put("azp", professional.software.clone());
    claims
}

/// A text claim that is there and not empty.
fn text<'c>(claims: &'c Claims, name: &str) -> Option<&'c str> {
    claims.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// `code^system`, or a code alone.
fn code_and_system(text: &str) -> (&str, &str) {
    text.split_once('^').unwrap_or((text, ""))
}

fn objects<'c>(claims: &'c Claims, name: &str) -> impl Iterator<Item = &'c Claims> {
    claims.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn id(claims: &Claims) -> Option<PsId> {
    let rpps = objects(claims, "otherIds")
        .find(|id| text(id, "origine") == Some("RPPS"))
        .and_then(|id| text(id, "identifiant"));
    let id = text(claims, "SubjectNameID").or_else(|| text(claims, "preferred_username")).or(rpps)?;
    PsId::parse(id)
}

/// The exercise in which the person acts.
struct Exercise<'c> {
    profession: String,
    student: bool,
    speciality: Option<String>,
    activities: Vec<&'c Claims>,
}

impl<'c> Exercise<'c> {
    fn of(claims: &'c Claims) -> Result<Self, TokenError> {
        let roles: Vec<_> = claims
            .get("SubjectRole")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(code_and_system)
            .collect();
        let reference = claims.get("SubjectRefPro").and_then(Value::as_object);
        let declared: Vec<_> = reference.into_iter().flat_map(|r| objects(r, "exercices")).collect();
        if declared.is_empty() {
            return Exercise::of_roles(&roles);
        }
        let organisation = text(claims, "SubjectOrganizationID");
        let mut chosen = declared;
        // By role first, then by structure: each narrows only when it leaves something.
        for narrows in [
            &|e: &Claims| roles.first().is_some_and(|(code, _)| text(e, "codeProfession") == Some(code)),
            &|e: &Claims| objects(e, "activities").any(|a| is_of(a, organisation)),
        ] as [&dyn Fn(&Claims) -> bool; 2]
        {
            let left: Vec<_> = chosen.iter().copied().filter(|e| narrows(e)).collect();
            if chosen.len() > 1 && !left.is_empty() {
                chosen = left;
            }
        }
        let [exercise] = chosen[..] else {
            return Err(TokenError::Insufficient(
                "several exercises; SubjectRole or SubjectOrganizationID must name one",
            ));
        };
        let code = text(exercise, "codeProfession").ok_or(TokenError::Claim("codeProfession"))?;
        let student = text(exercise, "codeCategorieProfessionnelle") == Some(STUDENT);
        Ok(Exercise {
            profession: profession(code, student),
            student,
            speciality: text(exercise, "codeSavoirFaire").map(str::to_owned),
            activities: objects(exercise, "activities").collect(),
        })
    }

    fn of_roles(roles: &[(&str, &str)]) -> Result<Self, TokenError> {
        let (code, system) = roles.first().ok_or(TokenError::Claim("SubjectRefPro.exercices"))?;
        let student = *system == G16.oid;
        Ok(Exercise {
            profession: profession(code, student),
            student,
            speciality: roles.get(1).map(|(code, _)| (*code).to_owned()),
            activities: Vec::new(),
        })
    }

    /// The activity in that structure, or the only one.
    fn activity(&self, organisation: Option<&str>) -> Option<&'c Claims> {
        let named = self.activities.iter().find(|activity| is_of(activity, organisation));
        match (named, &self.activities[..]) {
            (Some(activity), _) => Some(activity),
            (None, [only]) => Some(only),
            _ => None,
        }
    }
}

/// The key of the profession; a code newer than our table stays as given, and opens nothing.
fn profession(code: &str, student: bool) -> String {
    if student {
        return Profession::in_system(G16.oid, code)
            .map_or_else(|| format!("G16_{code}"), |p| p.key.to_owned());
    }
    code.to_owned()
}

fn is_of(activity: &Claims, organisation: Option<&str>) -> bool {
    let Some(organisation) = organisation else { return false };
    text(activity, "identifiantTechniqueDeLaStructure") == Some(organisation)
        || structure_of_activity(activity).is_some_and(|structure| structure.as_str() == organisation)
}

/// National identifier of the structure of an activity.
fn structure_of_activity(activity: &Claims) -> Option<StructureId> {
    let prefixed =
        |prefix: &str, name: &str| StructureId::parse(&format!("{prefix}{}", text(activity, name)?));
    prefixed("1", "numeroFinessSite")
        .or_else(|| prefixed("3", "numeroSiretSite"))
        .or_else(|| StructureId::parse(text(activity, "ancienIdentifiantDeLaStructure")?))
}

fn mode(claims: &Claims) -> Result<Mode, TokenError> {
    let purposes = claims
        .get("extensions")
        .and_then(|extensions| extensions.get("ihe_iua")?.get("purpose_of_use"))
        .or_else(|| claims.get("purpose_of_use"));
    // One object or several, a code alone or `system|code`.
    let codes: Vec<&str> = match purposes {
        None => Vec::new(),
        Some(Value::Array(purposes)) => purposes.iter().map(purpose_code).collect(),
        Some(purpose) => vec![purpose_code(purpose)],
    };
    match codes[..] {
        [] | ["normal" | "TREAT"] => Ok(Mode::Normal),
        // An empty reason is refused by the record, which journals the attempt.
        ["bris_de_glace" | "BTG"] => Ok(Mode::BrisDeGlace {
            reason: text(claims, "Mode_Acces_Raison")
                .or_else(|| text(claims, "reason"))
                .unwrap_or_default()
                .chars()
                .take(500)
                .collect(),
        }),
        ["centre_15"] => match text(claims, "Acces_Regulation_Medicale") {
            Some("VRAI") => Ok(Mode::Centre15),
            _ => Err(TokenError::Insufficient("`centre_15` needs Acces_Regulation_Medicale = VRAI")),
        },
        [_] => Err(TokenError::Insufficient("its purpose_of_use is none of the DMP's")),
        _ => Err(TokenError::Insufficient("it has several purpose_of_use")),
    }
}

fn purpose_code(purpose: &Value) -> &str {
    let text = purpose.get("code").unwrap_or(purpose).as_str().unwrap_or_default();
    text.rsplit_once('|').map_or(text, |(_, code)| code)
}
