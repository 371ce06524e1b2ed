//! TD1.4: closes the patient's DMP (`FERM`).
//!
//! The reason is the code of `reasonOf/detectedIssueEvent`, its text is free. One code is published,
//! `FERMETURE_DEMANDE_PATIENT`; that of a death is ours and provisional, its date is `patientPerson/deceasedTime`.

use crate::call::Call;
use crate::elements::{attribute, follow, required, text_of, wrong};
use crate::fault::Failure;
use crate::hl7v3::message::has_code;
use crate::hl7v3::person;
use crate::td1_3b_modify::{Revision, execute};
use dmp_dossier::{ClosureReason, Command};
use dmp_nomenclature::oid::CLOSURE;

pub(crate) async fn run(call: &Call<'_>, revision: &Revision<'_>) -> Result<(), Failure> {
    let patient = revision.patient;
    if !has_code(patient, "statusCode", "terminated")? {
        return Err(wrong(required(patient, "statusCode")?, "`terminated` est attendu").into());
    }
    let told = person::read(required(patient, "patientPerson")?)?;
    let event = follow(revision.act, &["reasonOf", "detectedIssueEvent"])?;
    let code = required(event, "code")?;
    if attribute(code, "codeSystem")? != CLOSURE.oid {
        return Err(wrong(code, &format!("le système des motifs est `{}`", CLOSURE.oid)).into());
    }
    let reason = ClosureReason::parse(attribute(code, "code")?)
        .ok_or_else(|| wrong(code, "ce motif de fermeture n'existe pas"))?;
    let text = text_of(event, "text")?;
    execute(call, revision, Command::Close { reason, text, deceased: told.deceased }).await
}

#[cfg(test)]
mod tests {
    use crate::world::{self, CLOSE, TEST_EXISTENCE, World};

    #[tokio::test]
    async fn the_answer_has_the_structure_of_the_official_one() {
        let world = World::new().await;
        world.open_official().await;
        let doctor = world::official_doctor();
        world.authorise(&doctor, true).await;
        let (Some(request), Some(official)) =
            (world::official("TD1.4_-_Fermer_requete.xml"), world::official("TD1.4_-_Fermer_reponse.xml"))
        else {
            return;
        };
        let reply = world.call(&doctor, &request).await.unwrap();
        world::compare(&reply, &official, &[]);
    }

    #[tokio::test]
    async fn each_reason_closes_or_is_refused() {
        const DEAD: &str = "<deceasedTime value=\"20261101\"/>";
        for (code, person, token) in [
            ("FERMETURE_DEMANDE_PATIENT", "", None),
            ("FERMETURE_DECES", DEAD, None),
            ("FERMETURE_DECES", "", Some("DMPDemandeInvalide")),
            ("FERMETURE_DEMANDE_PATIENT", DEAD, Some("DMPDemandeInvalide")),
            ("FERMETURE", "", Some("DMPDemandeInvalide")),
            ("", "", Some("DMPDemandeInvalide")),
        ] {
            let world = World::new().await;
            world.open_marie().await;
            let doctor = world::doctor();
            world.run(&world::marie(), world::authorise(&doctor)).await;
            let text = CLOSE.replace("FERMETURE_DEMANDE_PATIENT", code).replace("<deceased/>", person);
            let reply = world.call(&doctor, &text).await.unwrap();
            let status = world.call(&doctor, TEST_EXISTENCE).await.unwrap();
            match token {
                None => {
                    assert!(reply.contains("<PRPA_IN201315UV02 "), "{code}: {reply}");
                    assert!(status.contains(&format!("code=\"{code}\"")), "{status}");
                }
                Some(token) => {
                    assert!(
                        reply.contains("<PRPA_IN201316UV02 ") && reply.contains(token),
                        "{code}: {reply}"
                    );
                    assert!(status.contains("<statusCode code=\"active\"/>"), "{status}");
                }
            }
        }
    }

    #[tokio::test]
    async fn a_patient_to_close_is_terminated_in_the_message() {
        let world = World::new().await;
        world.open_marie().await;
        world.run(&world::marie(), world::authorise(&world::doctor())).await;
        for text in [
            CLOSE.replace("<statusCode code=\"terminated\"/>", "<statusCode code=\"active\"/>"),
            CLOSE.replace("<statusCode code=\"terminated\"/>", ""),
            CLOSE.replace("reasonOf", "reason"),
            CLOSE.replace("1.2.250.1.213.4.1.2.4", "1.2.3"),
        ] {
            let reply = world.call(&world::doctor(), &text).await.unwrap();
            assert!(reply.contains("<PRPA_IN201316UV02 ") && reply.contains("élément"), "{reply}");
        }
    }
}
