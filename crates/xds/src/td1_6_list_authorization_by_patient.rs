//! TD1.6: who is authorised on the patient's DMP, who is blocked.
//!
//! `mode`: ACTIVE, those whose authorisation is in force; INTERDITE, those the patient blocked; TOUTE, both. An
//! authorisation that expired or was given back is neither, and is not told. Persons and structures, by their national
//! identifiers.

use crate::call::{Call, Reply};
use crate::elements::optional;
use crate::fault::{Failure, Fault};
use crate::hl7v3::message::hl7_time;
use crate::service::HABILITATIONS;
use crate::status::{one_of, patient, reply};
use dmp_dossier::{Authorisation, Grant, Grantee, GranteeLabel, PsId, Query, StructureId, View};
use dmp_nomenclature::profession::PHARMACIST_SECTIONS;
use dmp_nomenclature::{Profession, speciality};
use dmp_xml::Writer;

type Line = (Grant, Option<GranteeLabel>, Authorisation);

pub(crate) async fn answer(call: &Call<'_>) -> Result<Reply, Fault> {
    let result = list(call).await;
    reply(HABILITATIONS, "s:listAuthorizationByPatientResponse", result, |w, lines| {
        for (grant, label, authorisation) in &lines {
            write(w, grant, label.as_ref(), *authorisation);
        }
        None
    })
}

async fn list(call: &Call<'_>) -> Result<Vec<Line>, Failure> {
    use Authorisation::{Interdit, Valide};
    const BOTH: &[Authorisation] = &[Valide, Interdit];
    let wanted = match optional(call.body, "mode")? {
        None => BOTH,
        Some(mode) => {
            one_of(mode, &[("ACTIVE", &[Valide][..]), ("INTERDITE", &[Interdit]), ("TOUTE", BOTH)])?
        }
    };
    let ins = patient(call)?;
    let store = &call.xds.store;
    let answer = store.consult(&call.vihf.actor, call.target(ins), Query::Rights, call.request).await?;
    let View::Rights(rights) = answer.view else {
        return Err(Fault::ours().into());
    };
    let now = store.now();
    let lines = rights.grants.into_iter().map(|(grant, label)| {
        let authorisation = grant.at(now);
        (grant, label, authorisation)
    });
    Ok(lines.filter(|(_, _, authorisation)| wanted.contains(authorisation)).collect())
}

fn write(w: &mut Writer, grant: &Grant, label: Option<&GranteeLabel>, authorisation: Authorisation) {
    let (system, is_person) = match grant.who {
        Grantee::Professional(_) => (PsId::OID, true),
        Grantee::Structure(_) => (StructureId::OID, false),
    };
    w.open("s:listOfAuthorizationByPatient");
    w.open("s:nationalId").text(grant.who.id()).close();
    w.open("s:nationalIdType").text(system).close();
    if let Some(label) = label {
        let (given, family) = if is_person { in_two(&label.name) } else { ("", label.name.as_str()) };
        if !given.is_empty() {
            w.open("s:firstName").text(given).close();
        }
        w.open("s:lastName").text(family).close();
        if let Some((code, name)) = qualification(label) {
            w.open("s:codeSpeciality").text(&code).close();
            w.open("s:libSpeciality").text(name).close();
        }
    }
    if let Some((from, ..)) = grant.authorised {
        w.open("s:startOfAuthorization").text(&hl7_time(from)).close();
    }
    w.open("s:lastActionDate").text(&hl7_time(grant.last_act)).close();
    w.open("s:mode");
    w.text(if authorisation == Authorisation::Interdit { "INTERDITE" } else { "ACTIVE" }).close();
    if grant.medecin_traitant.is_some() {
        w.open("s:specificRight").text("MEDECIN_TRAITANT").close();
    }
    w.close();
}

/// Given and family names of a label, kept as one text: the family name is what is in capitals at its end, else its last
/// word.
fn in_two(name: &str) -> (&str, &str) {
    let is_capital =
        |word: &str| word.chars().any(char::is_alphabetic) && !word.chars().any(char::is_lowercase);
    let words: Vec<(usize, &str)> = name
        .split(' ')
        .scan(0, |at, word| {
            let start = *at;
            *at += word.len() + 1;
            Some((start, word))
        })
        .collect();
    let capitals = words.iter().rev().take_while(|(_, word)| is_capital(word)).count();
    let family = words.len().saturating_sub(capitals.max(1)).max(usize::from(words.len() > 1));
    match words.get(family) {
        Some((at, _)) => (name[..*at].trim_end(), &name[*at..]),
        None => ("", name),
    }
}

/// Code and label of the speciality, else of the profession.
fn qualification(label: &GranteeLabel) -> Option<(String, &'static str)> {
    let known = label.speciality.as_deref().and_then(|code| {
        let found = speciality::find(code).or_else(|| PHARMACIST_SECTIONS.find(code))?;
        Some((found.code.to_owned(), found.label))
    });
    known.or_else(|| {
        let profession = Profession::find(label.profession.as_deref()?)?;
        Some((profession.key.to_owned(), profession.label))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{self, World};

    #[tokio::test]
    async fn each_mode_tells_its_lines() {
        let world = World::new().await;
        world.open_marie().await;
        world.authorise(&world::doctor(), true).await;
        world.authorise(&world::dentist(), false).await;
        world.run(&world::marie(), world::block(&world::dentist())).await;
        let message = |mode: &str| {
            format!(
                "<listAuthorizationByPatient xmlns='urn:si-dmp-habilitations'>{mode}</listAuthorizationByPatient>"
            )
        };
        for (mode, doctor, dentist) in [
            ("<mode>ACTIVE</mode>", true, false),
            ("<mode>INTERDITE</mode>", false, true),
            ("<mode>TOUTE</mode>", true, true),
            ("", true, true),
        ] {
            let reply = world.call(&world::doctor(), &message(mode)).await.unwrap();
            assert_eq!(reply.contains(world::DOCTOR), doctor, "{mode}: {reply}");
            assert_eq!(reply.contains(world::DENTIST), dentist, "{mode}: {reply}");
            assert!(
                reply.ends_with(
                    "<s:status>DMPOk</s:status></s:output></s:listAuthorizationByPatientResponse>"
                )
            );
        }
        let reply = world.call(&world::doctor(), &message("<mode>ACTIVE</mode>")).await.unwrap();
        for part in [
            "<s:nationalIdType>1.2.250.1.71.4.2.1</s:nationalIdType><s:firstName>Camille</s:firstName><s:lastName>MARTIN</s:lastName>",
            "<s:codeSpeciality>SM26</s:codeSpeciality><s:libSpeciality>Qualifié en médecine générale",
            "<s:mode>ACTIVE</s:mode><s:specificRight>MEDECIN_TRAITANT</s:specificRight>",
        ] {
            assert!(reply.contains(part), "{part}: {reply}");
        }
        let wrong = world.call(&world::doctor(), &message("<mode>X</mode>")).await.unwrap();
        assert!(wrong.contains("`listAuthorizationByPatient/mode`"), "{wrong}");
        assert!(world.call(&world::structure(), &message("")).await.is_err());
        assert!(world.call(&world::dentist(), &message("")).await.is_err(), "blocked");
    }

    #[test]
    fn a_label_is_cut_in_given_and_family_names() {
        for (name, given, family) in [
            ("Camille MARTIN", "Camille", "MARTIN"),
            ("Jean Paul LE GOFF", "Jean Paul", "LE GOFF"),
            ("Camille Martin", "Camille", "Martin"),
            ("CAMILLE MARTIN", "CAMILLE", "MARTIN"),
            ("MARTIN", "", "MARTIN"),
            ("", "", ""),
        ] {
            assert_eq!(in_two(name), (given, family), "{name}");
        }
    }
}
