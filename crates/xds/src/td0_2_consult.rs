//! TD0.2 and TD1.3a: whether the patient has a DMP and what one may do with it; its administrative data.
//!
//! One operation, PRPA_IN201307UV02, told apart by its `reasonCode`: `TEST_EXST`, `CNSLT_DATA`. Software must not show
//! the traits of TD0.2 to anybody (RG_0320).
//!
//! Not told by the sources, decided here: a patient without DMP is a query that found nothing (`AA`, `NF`, no `subject`,
//! no `attentionLine`); a closed DMP is `terminated` with the closing date as the `high` of the patient's `effectiveTime`,
//! its reason and text in `reasonOf/detectedIssueEvent`, as the closing itself sends them (TD1.4). A refusal is `AE` with
//! its detail.

use crate::call::{Call, Reply};
use crate::elements::{all, required};
use crate::fault::{Failure, Fault};
use crate::hl7v3::message::{self, Id, MessageReason, Received, hl7_time};
use crate::hl7v3::{observation, person};
use crate::{elements, hl7v3};
use dmp_dossier::{
    Act, AdministrativeView, ClosureReason, Ins, Query, Reason, Refusal, StatusView, Time, View,
};
use dmp_nomenclature::oid::CLOSURE;
use dmp_store::StoreError;
use dmp_xml::{Element, Writer};

const ANSWER: &str = "PRPA_IN201308UV02";

/// What comes back.
enum Found {
    Nothing,
    Status(Box<StatusView>),
    Administrative(Box<AdministrativeView>),
}

pub(crate) async fn answer(call: &Call<'_>) -> Result<Reply, Fault> {
    let received = Received::read(call.body)?;
    let reason = received.reason(&[MessageReason::TestExistence, MessageReason::Consult])?;
    let (query, id) = received.query()?;
    match consult(call, query, reason).await {
        Ok(found) => Ok(Reply::new(write(call, &received, reason, &id, &found))),
        Err(Failure::Refused(refusal)) => {
            Ok(Reply::new(write_refusal(call, &received, reason, &id, &refusal)))
        }
        Err(Failure::Fault(fault)) => Err(fault),
    }
}

async fn consult(call: &Call<'_>, query: Element<'_>, reason: MessageReason) -> Result<Found, Failure> {
    let ins = asked(call, query)?;
    let (act, query) = match reason {
        MessageReason::Consult => (Act::ReadAdministrative, Query::Administrative),
        _ => (Act::Status, Query::Status),
    };
    let ins = hl7v3::session(call, ins, act).await?;
    let store = &call.xds.store;
    match store.consult(&call.vihf.actor, call.target(&ins), query, call.request).await {
        Ok(answer) => match answer.view {
            View::Status(view) => Ok(Found::Status(view)),
            View::Administrative(view) => Ok(Found::Administrative(view)),
            _ => Err(Fault::ours().into()),
        },
        Err(StoreError::Refused { refusal, .. }) if refusal.reason == Reason::UnknownPatient => {
            Ok(Found::Nothing)
        }
        Err(error) => Err(error.into()),
    }
}

/// The INS of `parameterList/patientIdentifier/value`.
fn asked(call: &Call<'_>, query: Element<'_>) -> Result<Ins, elements::Wrong> {
    let parameters = required(query, "parameterList")?;
    let mut values = Vec::new();
    for identifier in all(parameters, "patientIdentifier") {
        values.extend(all(identifier, "value"));
    }
    hl7v3::ins(call, values.into_iter(), parameters, "patientIdentifier/value")
}

fn write(
    call: &Call<'_>,
    received: &Received<'_>,
    reason: MessageReason,
    query: &Id,
    found: &Found,
) -> String {
    let mut writer = Writer::new();
    let w = &mut writer;
    received.open(w, call, ANSWER);
    if let Found::Status(view) = found {
        attention(w, "AUTORISATION", "1.2.250.1.213.4.1.2.6.1", |w| {
            w.attribute("code", view.authorisation.as_str());
            w.attribute("codeSystem", "1.2.250.1.213.4.1.2.6.2").attribute("xsi:type", "CV");
        });
        let medecin_traitant = if view.medecin_traitant { "true" } else { "false" };
        attention(w, "STATUT_MT", "1.2.250.1.213.4.1.2.6.3", |w| {
            w.attribute("value", medecin_traitant).attribute("xsi:type", "BL");
        });
    }
    received.acknowledge(w, None);
    message::open_act(w, reason);
    match found {
        Found::Nothing => {}
        Found::Status(view) => write_status(w, view),
        Found::Administrative(view) => write_administrative(w, view),
    }
    message::query_ack(w, query, if matches!(found, Found::Nothing) { "NF" } else { "OK" }, None);
    writer.finish()
}

fn write_refusal(
    call: &Call<'_>,
    received: &Received<'_>,
    reason: MessageReason,
    query: &Id,
    refusal: &Refusal,
) -> String {
    let mut w = Writer::new();
    received.open(&mut w, call, ANSWER);
    received.acknowledge(&mut w, Some(refusal));
    message::open_act(&mut w, reason);
    message::query_ack(&mut w, query, "AE", None);
    w.finish()
}

fn attention(w: &mut Writer, code: &str, system: &str, value: impl Fn(&mut Writer)) {
    w.open("attentionLine");
    w.open("keyWordText").attribute("code", code).attribute("codeSystem", system).close();
    w.open("value");
    value(w);
    w.close().close();
}

fn write_status(w: &mut Writer, view: &StatusView) {
    message::open_event(w, "completed");
    person::write::ins(w, &view.identity.ins);
    write_life(w, view.active, view.closed.as_ref().map(|(at, ..)| *at));
    person::write::status(w, &view.identity);
    observation::write_accounts(w, view.web_access);
    message::close_event(w);
    if let Some((_, reason, text)) = &view.closed {
        write_closure(w, *reason, text.as_deref());
    }
}

fn write_administrative(w: &mut Writer, view: &AdministrativeView) {
    message::open_event(w, "completed");
    person::write::ins(w, &view.identity.ins);
    write_life(w, view.active, None);
    person::write::administrative(w, view);
    observation::write_oppositions(w, view.emergency);
    message::close_event(w);
}

fn write_life(w: &mut Writer, active: bool, closed: Option<Time>) {
    w.open("statusCode").attribute("code", if active { "active" } else { "terminated" }).close();
    if let Some(at) = closed {
        w.open("effectiveTime").open("high").attribute("value", &hl7_time(at)).close().close();
    }
}

fn write_closure(w: &mut Writer, reason: ClosureReason, text: Option<&str>) {
    w.open("reasonOf").attribute("typeCode", "RSON");
    w.open("detectedIssueEvent").attribute("classCode", "ALRT").attribute("moodCode", "EVN");
    w.open("code").attribute("code", reason.as_str()).attribute("codeSystem", CLOSURE.oid).close();
    if let Some(text) = text {
        w.open("text").text(text).close();
    }
    w.close().close();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{self, CONSULT, TEST_EXISTENCE, World};
    use dmp_dossier::{Command, Mode};

    #[tokio::test]
    async fn the_answer_has_the_structure_of_the_official_one() {
        let world = World::new().await;
        world.open_official().await;
        let doctor = world::official_doctor();
        world.authorise(&doctor, true).await;
        world.open_web_access().await;
        for (sample, apart) in [
            ("TD0.2_-_Test_d_existence", &[][..]),
            (
                "TD1.3a_-_Consultation",
                // The record keeps one telephone of a representative, neither their civility nor which tie it is.
                &[
                    "personalRelationship/code",
                    "personalRelationship/telecom",
                    "relationshipHolder1/name/prefix",
                ],
            ),
        ] {
            let (Some(request), Some(official)) = (
                world::official(&format!("{sample}_requete.xml")),
                world::official(&format!("{sample}_reponse.xml")),
            ) else {
                return;
            };
            let reply = world.call(&doctor, &request).await.unwrap();
            world::compare(&reply, &official, apart);
        }
    }

    #[tokio::test]
    async fn states_of_a_dossier_are_told() {
        let world = World::new().await;
        let doctor = world::doctor();
        let unknown = world.call(&doctor, TEST_EXISTENCE).await.unwrap();
        assert!(unknown.contains("<acknowledgement typeCode=\"AA\">"), "{unknown}");
        assert!(unknown.contains("<queryResponseCode code=\"NF\"/>"), "{unknown}");
        assert!(!unknown.contains("<subject") && !unknown.contains("attentionLine"), "{unknown}");
        world.open_marie().await;
        for (act, told) in [
            (None, "NON_EXISTE"),
            (Some(world::authorise(&doctor)), "VALIDE"),
            (Some(world::block(&doctor)), "INTERDIT"),
        ] {
            if let Some(command) = act {
                world.run(&world::marie(), command).await;
            }
            let reply = world.call(&doctor, TEST_EXISTENCE).await.unwrap();
            assert!(reply.contains(&format!("code=\"{told}\"")), "{told}: {reply}");
            assert!(reply.contains("<statusCode code=\"active\"/>"), "{reply}");
            assert!(reply.contains("<queryResponseCode code=\"OK\"/>"), "{reply}");
        }
        let close = Command::Close {
            reason: ClosureReason::PatientRequest,
            text: Some("Je ne veux plus de DMP".into()),
            deceased: None,
        };
        world.run(&world::marie(), close).await;
        let closed = world.call(&doctor, TEST_EXISTENCE).await.unwrap();
        for part in [
            "<statusCode code=\"terminated\"/><effectiveTime><high value=\"20261121",
            "<code code=\"FERMETURE_DEMANDE_PATIENT\" codeSystem=\"1.2.250.1.213.4.1.2.4\"/><text>Je ne veux plus de DMP</text>",
        ] {
            assert!(closed.contains(part), "{part}: {closed}");
        }
        let refused = world.call(&doctor, CONSULT).await.unwrap();
        assert!(refused.contains("<acknowledgement typeCode=\"AE\">"), "{refused}");
        assert!(refused.contains("<code code=\"DMPDossierFerme\"/>"), "{refused}");
        assert!(refused.contains("<queryResponseCode code=\"AE\"/>"), "{refused}");
    }

    #[tokio::test]
    async fn each_mode_is_answered_or_refused() {
        let world = World::new().await;
        world.open_marie().await;
        world.run(&world::marie(), world::oppose_emergencies()).await;
        for (actor, answered) in [
            (world::doctor(), true),
            (world::structure(), true),
            (world::secretary(), true),
            (world::doctor_in(Mode::BrisDeGlace { reason: "urgence".into() }), false),
            (world::doctor_in(Mode::BrisDeGlace { reason: " ".into() }), false),
            (world::doctor_in(Mode::Centre15), false),
        ] {
            let reply = world.call(&actor, CONSULT).await;
            assert_eq!(reply.is_ok(), answered, "{:?}", actor.mode());
            if let Err(fault) = reply {
                assert!(matches!(fault.subcode, Some((crate::fault::Vocabulary::Dmp, _))), "{fault:?}");
            }
        }
    }

    #[tokio::test]
    async fn another_patient_than_the_vihf_s_is_refused_and_journalled() {
        let world = World::new().await;
        world.open_marie().await;
        let lines = world.journal().await;
        for (patient, token) in [(Some(world::LEO), "DMPPatientDifferent"), (None, "DMPDemandeInvalide")] {
            let reply = world.call_about(&world::doctor(), patient, TEST_EXISTENCE).await.unwrap();
            assert!(reply.contains(&format!("<code code=\"{token}\"/>")), "{reply}");
            assert!(!reply.contains("MARTIN") && reply.contains("typeCode=\"AE\""), "{reply}");
        }
        let added = world.journal().await;
        assert_eq!(added.iter().filter(|permitted| !**permitted).count(), 2);
        assert!(added.len() > lines.len());
    }

    #[tokio::test]
    async fn a_message_that_cannot_be_answered_is_a_fault() {
        let world = World::new().await;
        for (from, to) in
            [("<sender ", "<s "), ("TEST_EXST", "CREA_RD"), ("extension=\"q1\"", "extension=\"\"")]
        {
            let text = TEST_EXISTENCE
                .replace(from, to)
                .replace(if to == "<s " { "</sender>" } else { "\0" }, "</s>");
            let fault = world.call(&world::doctor(), &text).await.unwrap_err();
            assert_eq!((fault.http, fault.subcode), (400, None));
            assert!(fault.reason.contains("PRPA_IN201307UV02/"), "{fault:?}");
        }
    }

    #[tokio::test]
    async fn a_wrong_identifier_is_named_and_not_repeated() {
        let world = World::new().await;
        for (from, to, says) in [
            (
                "<value root=\"1.2.250.1.213.1.4.10\" extension=\"284073523811416\"/>",
                "<value root=\"1.2.250.1.213.1.4.2\" extension=\"0803027695502382121519\"/>",
                "matricule INS attendu : `PRPA_IN201307UV02/controlActProcess/queryByParameter/parameterList/patientIdentifier/value`",
            ),
            ("284073523811416", "284073523811417", "clé de contrôle du matricule INS fausse"),
            (
                "<parameterList>",
                "<other>",
                "élément attendu : `PRPA_IN201307UV02/controlActProcess/queryByParameter/parameterList`",
            ),
        ] {
            let mut text = TEST_EXISTENCE.replace(from, to);
            text = if to == "<other>" { text.replace("</parameterList>", "</other>") } else { text };
            let reply = world.call(&world::doctor(), &text).await.unwrap();
            assert!(reply.contains(says), "{reply}");
            assert!(!reply.contains("284073523811417"), "{reply}");
        }
    }
}
