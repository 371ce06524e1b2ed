//! TD1.1: opens the patient's DMP (`CREA_RD`, PRPA_IN201311UV02).
//!
//! The *creation profile* is closed since 01/07/2021: under the opt-out law the record refuses every opening (LIF-2), and
//! the answer is the refusal PRPA_IN201313UV02 with `DMPAccessDeniedByRightsService`. Where an opt-in pilot runs, the
//! channel is that of the actor: the desk of a pharmacist or of a nurse, an establishment for the staff of one, else a
//! professional in consultation.
//!
//! The consent is `CONSENTEMENT_OUVERTURE_DMP`; that a carte Vitale was read (`contactParty`) is kept as a means of it.

use crate::call::{Call, Reply};
use crate::elements::{Wrong, all, attribute, missing, optional, required, wrong};
use crate::fault::{Failure, Fault};
use crate::hl7v3;
use crate::hl7v3::message::{MessageReason, Received, has_code};
use crate::hl7v3::registration::{self, CREATION, Done};
use crate::hl7v3::{author, observation, person};
use dmp_dossier::lifecycle::LIF_2;
use dmp_dossier::{Act, Actor, Channel, Command, ConsentProof, Emergency, Ins, Open, Refusal};
use dmp_store::StoreError;
use dmp_xml::Element;

/// Codes of a `contactParty`.
const CONTACTS: &str = "1.2.250.1.213.4.1.2.5";
/// The patient's card was read.
const CARTE_VITALE: &str = "CARTE_SESAM_VITALE";

pub(crate) async fn answer(call: &Call<'_>) -> Result<Reply, Fault> {
    let received = Received::read(call.body)?;
    let reason = received.reason(&[MessageReason::Create])?;
    match create(call, &received).await {
        Ok(ins) => {
            let done = Done { active: true, opened: Some(ins) };
            Ok(Reply::new(registration::accept(call, &CREATION, &received, reason, &done)))
        }
        Err(Failure::Refused(refusal)) => {
            Ok(Reply::new(registration::refuse(call, &CREATION, &received, reason, &refusal)))
        }
        Err(Failure::Fault(fault)) => Err(fault),
    }
}

async fn create(call: &Call<'_>, received: &Received<'_>) -> Result<Ins, Failure> {
    let (request, patient) = received.registration()?;
    let ins = hl7v3::ins(call, all(patient, "id"), patient, "id")?;
    let ins = hl7v3::session(call, ins, Act::Open).await?;
    let open = opening(call, request, patient, ins.clone())?;
    let (actor, target) = (&call.vihf.actor, call.target(&ins));
    let command = Command::Open(Box::new(open));
    match call.xds.store.execute(actor, target, command, Vec::new(), call.request).await {
        Ok(_) => Ok(ins),
        // A closed profile is no fault of the message: it has its own refusal.
        Err(StoreError::Refused { refusal, .. }) if *refusal.rule == LIF_2 => {
            Err(Failure::Refused(Refusal { context: Some(LIF_2.says.to_owned()), ..refusal }))
        }
        Err(error) => Err(error.into()),
    }
}

fn opening(call: &Call<'_>, request: Element<'_>, patient: Element<'_>, ins: Ins) -> Result<Open, Wrong> {
    let actor = &call.vihf.actor;
    let collected_by = author::read(request, actor)?;
    if optional(patient, "statusCode")?.is_some() && !has_code(patient, "statusCode", "active")? {
        return Err(wrong(required(patient, "statusCode")?, "`active` est attendu"));
    }
    let person = required(patient, "patientPerson")?;
    let told = person::read(person)?;
    let consent = observation::said(patient, observation::OPENING)?.ok_or_else(|| {
        missing(
            patient,
            &format!("subjectOf/administrativeObservation[code/@code='{}']", observation::OPENING),
        )
    })?;
    let means = match read_card(person)? {
        true => "déclaré par le logiciel du professionnel (TD1.1), carte Vitale lue",
        false => "déclaré par le logiciel du professionnel (TD1.1)",
    };
    Ok(Open {
        ins,
        traits: told.traits(person)?,
        contact: told.contact_from(dmp_dossier::Contact::default()),
        emergency: observation::emergency(patient, Emergency::default())?,
        consent: consent.yes.then(|| ConsentProof {
            collected_by,
            means: means.to_owned(),
            at: consent.at.unwrap_or_else(|| call.xds.store.now()),
            information: None,
        }),
        representatives: told.representatives,
        channel: channel(actor),
    })
}

/// True when a `contactParty` says that the patient's card was read.
fn read_card(person: Element<'_>) -> Result<bool, Wrong> {
    for party in all(person, "contactParty") {
        let Some(code) = optional(party, "code")? else { continue };
        if attribute(code, "code")? != CARTE_VITALE {
            continue;
        }
        if attribute(code, "codeSystem")? != CONTACTS {
            return Err(wrong(code, &format!("le système de `{CARTE_VITALE}` est `{CONTACTS}`")));
        }
        return Ok(true);
    }
    Ok(false)
}

/// The channel of an actor's desk; the record says whether it is open to them.
fn channel(actor: &Actor) -> Channel {
    match actor {
        Actor::Professional(p) if p.profession == "21" => Channel::Pharmacie,
        Actor::Professional(p) if p.profession == "60" => Channel::Infirmier,
        Actor::Professional(_) => Channel::Ps,
        // FINESS, SIREN and SIRET are establishments; the others are the practices of their professionals.
        _ => match actor.structure().map(|id| id.as_str().as_bytes()[0]) {
            Some(b'1'..=b'3') => Channel::Etablissement,
            _ => Channel::Ps,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{self, CREATE, LEO, TEST_EXISTENCE, World};
    use dmp_dossier::{CreationProfile, Parameters, Query, View};

    #[tokio::test]
    async fn a_dossier_is_opened_with_all_that_was_told() {
        let world = World::new().await;
        let reply = world.call(&world::doctor(), CREATE).await.unwrap();
        for part in [
            "<gdp:PRPA_IN201311UV02_Response xmlns:gdp=\"asip:ci-sis:gdp:2010\"",
            "<PRPA_IN201312UV02 ITSVersion=\"XML_1.0\">",
            "<acknowledgement typeCode=\"AA\"><targetMessage><id extension=\"m1\" root=\"1.2.3.4.1\"/>",
            "<id extension=\"284073523811416\" root=\"1.2.250.1.213.1.4.10\"/><statusCode code=\"active\"/>",
        ] {
            assert!(reply.contains(part), "{part}: {reply}");
        }
        let View::Administrative(view) = world.read(&world::marie(), Query::Administrative).await else {
            panic!("another view");
        };
        assert_eq!(view.identity.traits.birth_name, "DURAND");
        assert_eq!(view.identity.traits.birth_place, "38185");
        assert_eq!(view.contact.mail.as_deref(), Some("marie@example.fr"));
        assert_eq!(view.contact.address.as_deref(), Some("1 rue des Essais, 38000 GRENOBLE"));
        assert_eq!(view.representatives.len(), 1);
        assert!(view.emergency.samu_opposed && !view.emergency.bris_de_glace_opposed);
        let again = world.call(&world::doctor(), CREATE).await.unwrap();
        assert!(again.contains("PRPA_IN201312UV02"), "{again}");
    }

    #[tokio::test]
    async fn a_closed_profile_refuses_in_the_words_of_the_transaction() {
        let closed = CreationProfile { opt_out: true, channels: Channel::ALL.to_vec() };
        let no_desk = CreationProfile { opt_out: false, channels: vec![Channel::Web] };
        for creation in [closed, no_desk] {
            let world = World::with(Parameters { creation, ..Parameters::default() }).await;
            let reply = world.call(&world::doctor(), CREATE).await.unwrap();
            for part in [
                "<PRPA_IN201313UV02 ITSVersion=\"XML_1.0\">",
                "<acknowledgement typeCode=\"AE\">",
                "<code code=\"DMPAccessDeniedByRightsService\"/>",
                "<registrationRequest classCode=\"REG\" moodCode=\"RQO\">",
            ] {
                assert!(reply.contains(part), "{part}: {reply}");
            }
            let exists = world.call(&world::doctor(), TEST_EXISTENCE).await.unwrap();
            assert!(exists.contains("<queryResponseCode code=\"NF\"/>"), "{exists}");
        }
    }

    #[tokio::test]
    async fn what_is_missing_or_wrong_is_named_and_nothing_opens() {
        let world = World::new().await;
        for (from, to, says) in [
            (
                "<family>MARTIN</family><given>Camille</given>",
                "<given>Camille</given>",
                "author/assignedEntity/assignedPerson/name/family`",
            ),
            (
                "<family>MARTIN</family><given>Camille</given>",
                "<family>MARTIN</family><given/>",
                "assignedPerson/name/given`",
            ),
            (
                "extension=\"899900000017\"",
                "extension=\"899900000025\"",
                "l'auteur n'est pas le professionnel du VIHF",
            ),
            ("CONSENTEMENT_OUVERTURE_DMP", "CONSENTEMENT", "[code/@code='CONSENTEMENT_OUVERTURE_DMP']`"),
            ("value=\"true\" d=\"consent\"", "value=\"false\"", "DMPConsentementManquant"),
            ("value=\"true\" d=\"consent\"", "value=\"oui\"", "`true` ou `false` est attendu"),
            ("<family qualifier=\"BR\">DURAND</family>", "", "patientPerson/name/family[@qualifier='BR']`"),
            ("<birthTime value=\"19840712\"/>", "", "patientPerson/birthTime`"),
            ("<patientPerson classCode", "<person classCode", "patient/patientPerson`"),
            ("19840712", "198407", "patientPerson/birthTime` : `AAAAMMJJ` est attendu"),
        ] {
            assert!(CREATE.contains(from), "{from}");
            let mut text = CREATE.replace(from, to);
            if to.starts_with("<person ") {
                text = text.replace("</patientPerson>", "</person>");
            }
            let reply = world.call(&world::doctor(), &text).await.unwrap();
            assert!(reply.contains("PRPA_IN201313UV02") && reply.contains(says), "{says}: {reply}");
            let exists = world.call(&world::doctor(), TEST_EXISTENCE).await.unwrap();
            assert!(exists.contains("code=\"NF\""), "{to}: {exists}");
        }
        let other = world.call_about(&world::doctor(), Some(LEO), CREATE).await.unwrap();
        assert!(other.contains("DMPPatientDifferent"), "{other}");
    }

    #[test]
    fn each_actor_opens_through_the_channel_of_the_desk() {
        let with = |profession: &str| {
            let Actor::Professional(mut p) = world::doctor() else { panic!("a doctor") };
            p.profession = profession.to_owned();
            Actor::Professional(p)
        };
        for (actor, at) in [
            (with("10"), Channel::Ps),
            (with("21"), Channel::Pharmacie),
            (with("60"), Channel::Infirmier),
            (world::secretary(), Channel::Ps),
            (world::structure(), Channel::Etablissement),
        ] {
            assert_eq!(channel(&actor), at);
        }
    }
}
