//! PRPA_IN201314UV02: TD1.2 reactivates, TD1.3b changes administrative data, TD1.4 closes, told apart by `reasonCode`.
//!
//! This file has TD1.3b (`MODIF_DATA`). What the message does not tell stays as it was: it is read first, in the
//! requester's name. A telecom without a value (`mailto:`) removes the one that was there. Representatives are added,
//! never ended: a message that leaves one out says nothing of them.
//!
//! Identity, representatives and oppositions are acts of their own, each decided by the record under the same right. All
//! that a message may get wrong is read before the first of them, and the same message sent again ends what an
//! interruption left.

use crate::call::{Call, Reply};
use crate::elements::{all, required};
use crate::fault::{Failure, Fault};
use crate::hl7v3::message::{MessageReason, Received};
use crate::hl7v3::registration::{self, Done, REVISION};
use crate::hl7v3::{self, author, observation, person};
use crate::{td1_2_reactivate, td1_4_close};
use dmp_dossier::{Act, Command, Emergency, Ins, Query, View};
use dmp_xml::Element;

pub(crate) async fn answer(call: &Call<'_>) -> Result<Reply, Fault> {
    let received = Received::read(call.body)?;
    let reason =
        received.reason(&[MessageReason::Reactivate, MessageReason::Modify, MessageReason::Close])?;
    match revise(call, &received, reason).await {
        Ok(()) => {
            let done = Done { active: reason != MessageReason::Close, opened: None };
            Ok(Reply::new(registration::accept(call, &REVISION, &received, reason, &done)))
        }
        Err(Failure::Refused(refusal)) => {
            Ok(Reply::new(registration::refuse(call, &REVISION, &received, reason, &refusal)))
        }
        Err(Failure::Fault(fault)) => Err(fault),
    }
}

/// A request to change a dossier.
pub(crate) struct Revision<'t> {
    /// Whose.
    pub(crate) ins: Ins,
    /// Who the message says asks.
    pub(crate) author: String,
    /// `controlActProcess`.
    pub(crate) act: Element<'t>,
    /// `patient`.
    pub(crate) patient: Element<'t>,
}

async fn revise(call: &Call<'_>, received: &Received<'_>, reason: MessageReason) -> Result<(), Failure> {
    let (request, patient) = received.registration()?;
    let ins = hl7v3::ins(call, all(patient, "id"), patient, "id")?;
    let act = match reason {
        MessageReason::Reactivate => Act::Reactivate,
        MessageReason::Close => Act::Close,
        _ => Act::UpdateIdentity,
    };
    let ins = hl7v3::session(call, ins, act).await?;
    let author = author::read(request, &call.vihf.actor)?;
    let revision = Revision { ins, author, act: received.act, patient };
    match reason {
        MessageReason::Reactivate => td1_2_reactivate::run(call, &revision).await,
        MessageReason::Close => td1_4_close::run(call, &revision).await,
        _ => modify(call, &revision).await,
    }
}

async fn modify(call: &Call<'_>, revision: &Revision<'_>) -> Result<(), Failure> {
    let told = person::read(required(revision.patient, "patientPerson")?)?;
    // Read once for its errors: what was there is not known yet.
    observation::emergency(revision.patient, Emergency::default())?;
    let (store, actor) = (&call.xds.store, &call.vihf.actor);
    let target = call.target(&revision.ins);
    let answer = store.consult(actor, target, Query::Administrative, call.request).await?;
    let View::Administrative(known) = answer.view else {
        return Err(Fault::ours().into());
    };
    let traits = told.traits_from(&known.identity.traits);
    let contact = told.contact_from(known.contact.clone());
    execute(call, revision, Command::UpdateIdentity { traits: Box::new(traits), contact }).await?;
    for representative in person::new_representatives(&told, &known.representatives) {
        execute(call, revision, Command::AddRepresentative(Box::new(representative))).await?;
    }
    set_emergency(call, revision, known.emergency).await
}

/// Sets the oppositions that the message tells, when they are others than those known.
pub(crate) async fn set_emergency(
    call: &Call<'_>,
    revision: &Revision<'_>,
    was: Emergency,
) -> Result<(), Failure> {
    let emergency = observation::emergency(revision.patient, was)?;
    match emergency == was {
        true => Ok(()),
        false => execute(call, revision, Command::SetEmergency(emergency)).await,
    }
}

/// One act on the patient's dossier.
pub(crate) async fn execute(
    call: &Call<'_>,
    revision: &Revision<'_>,
    command: Command,
) -> Result<(), Failure> {
    let (actor, target) = (&call.vihf.actor, call.target(&revision.ins));
    call.xds.store.execute(actor, target, command, Vec::new(), call.request).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{self, MODIFY, World};
    use dmp_dossier::{AdministrativeView, Mode};

    async fn administrative(world: &World) -> AdministrativeView {
        match world.read(&world::marie(), Query::Administrative).await {
            View::Administrative(view) => *view,
            _ => panic!("another view"),
        }
    }

    #[tokio::test]
    async fn what_is_told_changes_and_the_rest_stays() {
        let world = World::new().await;
        world.open_marie().await;
        let doctor = world::doctor();
        world.run(&world::marie(), world::authorise(&doctor)).await;
        let reply = world.call(&doctor, MODIFY).await.unwrap();
        assert!(reply.contains("<gdp:PRPA_IN201314UV02_Response"), "{reply}");
        assert!(reply.contains("<PRPA_IN201315UV02 ") && reply.contains("code=\"MODIF_DATA\""), "{reply}");
        let view = administrative(&world).await;
        assert_eq!(view.identity.traits.used_name.as_deref(), Some("BLANC"));
        assert_eq!(view.identity.traits.given_names, "MARIE JEANNE");
        assert_eq!(view.contact.phone.as_deref(), Some("0611111111"));
        assert_eq!(view.contact.mail.as_deref(), Some("marie@example.fr"));
        assert_eq!(view.representatives.len(), 1);
        assert!(view.emergency.bris_de_glace_opposed && view.emergency.masked_readable);
        world.call(&doctor, MODIFY).await.unwrap();
        assert_eq!(administrative(&world).await, view, "sent again, it changes nothing");
    }

    #[tokio::test]
    async fn who_may_not_gets_a_fault_and_changes_nothing() {
        let world = World::new().await;
        world.open_marie().await;
        let before = administrative(&world).await;
        for actor in [
            world::doctor(),
            world::structure(),
            world::doctor_in(Mode::Centre15),
            world::doctor_in(Mode::BrisDeGlace { reason: "urgence".into() }),
        ] {
            assert!(world.call(&actor, MODIFY).await.is_err(), "{:?}", actor.mode());
        }
        assert_eq!(administrative(&world).await, before);
    }

    #[tokio::test]
    async fn a_wrong_element_is_named_and_changes_nothing() {
        let world = World::new().await;
        world.open_marie().await;
        let doctor = world::doctor();
        world.run(&world::marie(), world::authorise(&doctor)).await;
        let before = administrative(&world).await;
        for (from, to, says) in [
            ("tel:0611111111", "0611111111", "patientPerson/telecom`"),
            ("value=\"true\"", "value=\"peut-être\"", "subjectOf/administrativeObservation/value`"),
            ("<family>DURAND</family>", "", "relationshipHolder1/name/family`"),
            ("code=\"FTH\"", "code=\"C\"", "personalRelationship/code`"),
            ("<family>MARTIN</family>", "", "assignedPerson/name/family`"),
            ("<registrationRequest", "<request", "subject/registrationRequest`"),
        ] {
            assert!(MODIFY.contains(from), "{from}");
            let mut text = MODIFY.replace(from, to);
            if to == "<request" {
                text = text.replace("</registrationRequest>", "</request>");
            }
            let reply = world.call(&doctor, &text).await.unwrap();
            assert!(reply.contains("PRPA_IN201316UV02") && reply.contains(says), "{says}: {reply}");
        }
        assert_eq!(administrative(&world).await, before);
    }
}
