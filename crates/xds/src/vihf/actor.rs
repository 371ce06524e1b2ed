//! Who a VIHF makes: a professional, an employee, or a structure.
//!
//! | mode | who holds the identifier | role | actor |
//! |---|---|---|---|
//! | `DIRECTE` | RPPS or ADELI | profession, training, social | professional (CPS, CPF) |
//! | `DIRECTE` | structure + `/` + number, or support and special roles | any | employee (CPE, CPA) |
//! | `INDIRECTE` | whatever | any | structure: the name carries no right |
//! | `INDIRECTE_RENFORCEE` | as `DIRECTE` | as `DIRECTE` | professional or employee, by AIR |
//!
//! Sources: DMPi; PDT-INF-526 (modes and cards); PDT-INF-606 (AIR); JDV_J65-SubjectRole-DMP.

use super::assertion::{Assertion, AuthenticationMode, Coded};
use crate::fault::Fault;
use dmp_dossier::{
    Actor, Auth, Card, Employee, Mode, PersonName, Professional, PsId, StructureActor, StructureId,
};
use dmp_nomenclature::profession::{Kind, PHARMACIST_SECTIONS};
use dmp_nomenclature::{Profession, access_mode, oid, speciality};
use dmp_xml::signature::DistinguishedName;

const SURNAME: &str = "2.5.4.4";
const GIVEN_NAME: &str = "2.5.4.42";
/// Confidentiality of a *connexion secrète* (JDV_J22).
const SECRET: &str = "INVISIBLE_REPRESENTANTS_LEGAUX";

/// The person of a VIHF, when its mode authenticates one.
pub(super) fn person(assertion: &Assertion<'_>) -> Result<Option<PsId>, Fault> {
    match assertion.mode {
        AuthenticationMode::Indirect => Ok(None),
        _ => PsId::parse(&assertion.name_id)
            .map(Some)
            .ok_or_else(|| refused("le NameID n'est pas l'identifiant national d'une personne")),
    }
}

/// Who acts.
pub(super) fn of(
    assertion: &Assertion<'_>,
    structure: &StructureId,
    person: Option<PsId>,
    holder: &DistinguishedName,
) -> Result<Actor, Fault> {
    let (profession, speciality) = roles(&assertion.profession, assertion.qualification.as_ref())?;
    let sector = sector(&assertion.sector)?;
    let mode = mode(assertion)?;
    let secret = secret(assertion.confidentiality.as_deref())?;
    let Some(id) = person else {
        return match mode {
            Mode::BrisDeGlace { .. } => {
                Err(denied("un bris de glace est l'acte d'une personne authentifiée"))
            }
            _ if secret => Err(denied("une connexion secrète est celle d'un professionnel authentifié")),
            mode => Ok(Actor::Structure(StructureActor {
                id: structure.clone(),
                name: None,
                regulation: mode == Mode::Centre15,
            })),
        };
    };
    let reinforced_indirect = assertion.mode == AuthenticationMode::ReinforcedIndirect;
    let name = name(assertion, holder, reinforced_indirect);
    let nationally_known = id.as_str().starts_with(['0', '8']);
    if !nationally_known || matches!(profession.kind, Kind::Support | Kind::Special) {
        return if mode != Mode::Normal || secret {
            Err(denied("ce mode d'accès est réservé aux professionnels de santé"))
        } else {
            Ok(Actor::Employee(Employee {
                id,
                name,
                structure: structure.clone(),
                structure_name: None,
                reinforced_indirect,
            }))
        };
    }
    let software = [assertion.software.name.as_str(), assertion.software.version.as_str()].join(" ");
    Ok(Actor::Professional(Box::new(Professional {
        id,
        name,
        profession: profession.key.to_owned(),
        speciality,
        structure: Some(structure.clone()),
        structure_name: None,
        sector: Some(sector),
        auth: if reinforced_indirect { Auth::ReinforcedIndirect } else { Auth::Direct },
        card: if profession.system.oid == oid::G16.oid { Card::Cpf } else { Card::Cps },
        mode,
        secret,
        software: Some(software.trim().to_owned()).filter(|name| !name.is_empty()),
    })))
}

fn refused(reason: &str) -> Fault {
    Fault::wsse("FailedAuthentication", reason)
}

fn denied(reason: &str) -> Fault {
    Fault::dmp("DMPAccessDeniedByRightsService", reason)
}

/// A profession of the list, and what qualifies it: compulsory for doctors and pharmacists.
fn roles(
    profession: &Coded,
    qualification: Option<&Coded>,
) -> Result<(&'static Profession, Option<String>), Fault> {
    let unknown = || refused("rôle inconnu dans le VIHF");
    let found = Profession::in_system(&profession.system, &profession.code).ok_or_else(unknown)?;
    let (doctor, pharmacist) = (found.key == "10", found.key == "21");
    let Some(second) = qualification else {
        return if doctor || pharmacist {
            let says =
                "Aucune spécialité dans le vihf. Spécialité obligatoire pour les Médecins et les Pharmaciens";
            Err(Fault::wsse("InvalidSecurity", says))
        } else {
            Ok((found, None))
        };
    };
    let known = match second.system.as_str() {
        system if system == oid::R01.oid => speciality::find(&second.code).is_some(),
        system if system == oid::G05.oid => pharmacist && PHARMACIST_SECTIONS.find(&second.code).is_some(),
        // A role in care beside a profession qualifies nothing.
        system if system == oid::R85.oid && !doctor && !pharmacist => {
            return Profession::in_system(system, &second.code).map(|_| (found, None)).ok_or_else(unknown);
        }
        _ => false,
    };
    if known { Ok((found, Some(second.code.clone()))) } else { Err(unknown()) }
}

/// `SA07^1.2.250.1.71.4.2.4`
fn sector(text: &str) -> Result<String, Fault> {
    let code = text.split_once('^').filter(|(_, system)| *system == oid::R02.oid).map(|(code, _)| code);
    let digits = code.and_then(|code| code.strip_prefix("SA")).unwrap_or_default();
    match code {
        Some(code) if (2..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) => {
            Ok(code.to_owned())
        }
        _ => Err(Fault::wsse("InvalidSecurityToken", "attribut `Secteur_Activite` illisible")),
    }
}

fn mode(assertion: &Assertion<'_>) -> Result<Mode, Fault> {
    let invalid = |reason| Err(Fault::wsse("InvalidSecurityToken", reason));
    match assertion.purpose.as_str() {
        code if code == access_mode::NORMAL.code => Ok(Mode::Normal),
        code if code == access_mode::CENTRE_15.code => Ok(Mode::Centre15),
        code if code == access_mode::BRIS_DE_GLACE.code => match assertion.reason.clone() {
            Some(reason) => Ok(Mode::BrisDeGlace { reason }),
            None => invalid("attribut `Mode_Acces_Raison` absent : un bris de glace donne son motif"),
        },
        _ => invalid("attribut `purposeofuse` inconnu"),
    }
}

fn secret(confidentiality: Option<&str>) -> Result<bool, Fault> {
    match confidentiality {
        None => Ok(false),
        Some(SECRET) => Ok(true),
        Some(_) => Err(Fault::wsse("InvalidSecurityToken", "attribut `confidentiality-code` inconnu")),
    }
}

/// From the card, or from `subject-id` (given name first).
fn name(assertion: &Assertion<'_>, holder: &DistinguishedName, reinforced_indirect: bool) -> PersonName {
    let of = |oid| holder.values(oid).next().map(str::to_owned);
    if let (false, Some(family), given) = (reinforced_indirect, of(SURNAME), of(GIVEN_NAME)) {
        return PersonName { family, given: given.unwrap_or_default() };
    }
    let text = assertion.subject.as_deref().unwrap_or_default();
    let (given, family) = text.split_once(' ').unwrap_or(("", text));
    PersonName { family: family.trim().to_owned(), given: given.to_owned() }
}
