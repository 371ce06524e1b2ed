//! TD1.2: reopens the patient's DMP (`REAC`).
//!
//! The consent is `CONSENTEMENT_REACTIVATION_DMP`. The message also tells the oppositions: they are a second act, under
//! its own right (an authorisation), after the first. Refused the second, the dossier stays open as the patient asked;
//! the same message, sent once the professional is authorised, sets them.

use crate::call::Call;
use crate::elements::missing;
use crate::fault::{Failure, Fault};
use crate::hl7v3::observation;
use crate::td1_3b_modify::{Revision, execute, set_emergency};
use dmp_dossier::{Command, ConsentProof, Emergency, Query, View};

pub(crate) async fn run(call: &Call<'_>, revision: &Revision<'_>) -> Result<(), Failure> {
    let patient = revision.patient;
    let consent = observation::said(patient, observation::REOPENING)?.ok_or_else(|| {
        missing(
            patient,
            &format!("subjectOf/administrativeObservation[code/@code='{}']", observation::REOPENING),
        )
    })?;
    // Read once for its errors: what was there is not known yet.
    observation::emergency(patient, Emergency::default())?;
    let consent = consent.yes.then(|| ConsentProof {
        collected_by: revision.author.clone(),
        means: "déclaré par le logiciel du professionnel (TD1.2)".to_owned(),
        at: consent.at.unwrap_or_else(|| call.xds.store.now()),
        information: None,
    });
    execute(call, revision, Command::Reactivate { consent }).await?;
    let says_oppositions = [observation::BRIS_DE_GLACE, observation::ACCES_URGENCE]
        .into_iter()
        .any(|code| observation::said(patient, code).is_ok_and(|said| said.is_some()));
    if !says_oppositions {
        return Ok(());
    }
    let (store, target) = (&call.xds.store, call.target(&revision.ins));
    let answer = store.consult(&call.vihf.actor, target, Query::Status, call.request).await?;
    match answer.view {
        View::Status(status) => set_emergency(call, revision, status.emergency).await,
        _ => Err(Fault::ours().into()),
    }
}

#[cfg(test)]
mod tests {
    use crate::world::{self, REACTIVATE, TEST_EXISTENCE, World};
    use dmp_dossier::{ClosureReason, Command, Query, View};

    async fn closed() -> World {
        let world = World::new().await;
        world.open_marie().await;
        world.run(&world::marie(), world::authorise(&world::doctor())).await;
        let close = Command::Close { reason: ClosureReason::PatientRequest, text: None, deceased: None };
        world.run(&world::marie(), close).await;
        world
    }

    #[tokio::test]
    async fn a_closed_dossier_reopens_with_its_oppositions() {
        let world = closed().await;
        for _ in 0..2 {
            let reply = world.call(&world::doctor(), REACTIVATE).await.unwrap();
            assert!(reply.contains("<PRPA_IN201315UV02 ") && reply.contains("code=\"REAC\""), "{reply}");
            assert!(reply.contains("<statusCode code=\"active\"/>"), "{reply}");
            let View::Status(status) = world.read(&world::marie(), Query::Status).await else {
                panic!("another view");
            };
            assert!(status.active && status.emergency.samu_opposed);
        }
    }

    #[tokio::test]
    async fn without_consent_it_stays_closed() {
        for (from, to, says) in [
            ("value=\"true\" d=\"consent\"", "value=\"false\"", "DMPConsentementManquant"),
            ("CONSENTEMENT_REACTIVATION_DMP", "AUTRE", "CONSENTEMENT_REACTIVATION_DMP"),
        ] {
            let world = closed().await;
            assert!(REACTIVATE.contains(from), "{from}");
            let reply = world.call(&world::doctor(), &REACTIVATE.replace(from, to)).await.unwrap();
            assert!(reply.contains("PRPA_IN201316UV02") && reply.contains(says), "{reply}");
            let status = world.call(&world::doctor(), TEST_EXISTENCE).await.unwrap();
            assert!(status.contains("code=\"terminated\""), "{status}");
        }
    }
}
