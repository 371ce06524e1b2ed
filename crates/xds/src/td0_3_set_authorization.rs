//! TD0.3: one declares oneself authorised, or médecin traitant, and ends either.
//!
//! | `action` | `role` | |
//! |---|---|---|
//! | AJOUT | | authorised |
//! | AJOUT | MEDECIN_TRAITANT | authorised, and médecin traitant |
//! | SUPPRESSION | | no access any more |
//! | SUPPRESSION | MEDECIN_TRAITANT | médecin traitant no more, still authorised |
//!
//! A plain AJOUT by who is médecin traitant changes nothing: in the record, authorising without the role ends it. So the
//! status is asked first, for a doctor, and the role kept; the official sentence tells that he is authorised already.

use crate::call::{Call, Reply};
use crate::elements::{optional, required};
use crate::fault::{Failure, Fault};
use crate::hl7v3::refuse;
use crate::service::HABILITATIONS;
use crate::status::{one_of, oneself, patient, reply};
use dmp_dossier::grants::DRO_1;
use dmp_dossier::{Act, Actor, Authorise, Command, Ins, Query, Reason, Receipt, Refusal, Time, View};

/// The official sentence of a declaration that changed nothing.
const ALREADY: &str = "Autorisation déjà présente aucune action effectuée";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Add,
    Remove,
}

pub(crate) async fn answer(call: &Call<'_>) -> Result<Reply, Fault> {
    let result = set(call).await;
    reply(HABILITATIONS, "s:setAuthorizationResponse", result, |_, sentence| Some(sentence.to_owned()))
}

async fn set(call: &Call<'_>) -> Result<&'static str, Failure> {
    let action =
        one_of(required(call.body, "action")?, &[("AJOUT", Action::Add), ("SUPPRESSION", Action::Remove)])?;
    let role = optional(call.body, "role")?;
    let role = role.map(|role| one_of(role, &[("MEDECIN_TRAITANT", ())])).transpose()?;
    let ins = patient(call)?.clone();
    match (action, role.is_some()) {
        (Action::Add, medecin_traitant) => add(call, ins, medecin_traitant).await,
        (Action::Remove, false) => remove(call, ins).await,
        (Action::Remove, true) => stop(call, ins).await,
    }
}

async fn add(call: &Call<'_>, ins: Ins, medecin_traitant: bool) -> Result<&'static str, Failure> {
    let actor = &call.vihf.actor;
    let Some((who, label)) = oneself(actor) else {
        return Err(nobody(call, &ins, Act::DeclareSelf).await);
    };
    let doctor = actor.professional().is_some_and(|p| p.is_doctor());
    let stays = doctor && !medecin_traitant && is_medecin_traitant(call, &ins).await?;
    let command = Command::Authorise(Box::new(Authorise {
        who,
        label,
        until: None,
        medecin_traitant: medecin_traitant || stays,
        profession: actor.professional().map(|p| p.profession.clone()),
    }));
    Ok(match (changed(call, ins, command).await?, medecin_traitant) {
        (false, false) => ALREADY,
        (false, true) => "Médecin traitant déjà présent aucune action effectuée",
        (true, false) => "Autorisation ajoutée",
        (true, true) => "Médecin traitant ajouté",
    })
}

async fn is_medecin_traitant(call: &Call<'_>, ins: &Ins) -> Result<bool, Failure> {
    let store = &call.xds.store;
    let answer = store.consult(&call.vihf.actor, call.target(ins), Query::Status, call.request).await?;
    Ok(matches!(answer.view, View::Status(status) if status.medecin_traitant && status.active))
}

async fn remove(call: &Call<'_>, ins: Ins) -> Result<&'static str, Failure> {
    let Some((who, _)) = oneself(&call.vihf.actor) else {
        return Err(nobody(call, &ins, Act::WithdrawSelf).await);
    };
    Ok(match changed(call, ins, Command::EndAuthorisation { who }).await? {
        true => "Autorisation supprimée",
        false => "Autorisation absente aucune action effectuée",
    })
}

async fn stop(call: &Call<'_>, ins: Ins) -> Result<&'static str, Failure> {
    let who = match &call.vihf.actor {
        Actor::Employee(employee) => Some(employee.id.clone()),
        actor => actor.professional().map(|p| p.id.clone()),
    };
    let Some(who) = who else {
        return Err(nobody(call, &ins, Act::StopMedecinTraitant).await);
    };
    Ok(match changed(call, ins, Command::EndMedecinTraitant { who }).await? {
        true => "Médecin traitant supprimé, autorisation conservée",
        false => "Médecin traitant absent aucune action effectuée",
    })
}

/// True when the command changed something: a grant tells when it last did.
async fn changed(call: &Call<'_>, ins: Ins, command: Command) -> Result<bool, Failure> {
    let store = &call.xds.store;
    let started: Time = store.now();
    let target = call.target(&ins);
    let receipt = store.execute(&call.vihf.actor, target, command, Vec::new(), call.request).await?;
    Ok(match receipt {
        Receipt::Grant(grant) => grant.last_act >= started,
        Receipt::AlreadyDone => false,
        _ => true,
    })
}

/// Who has neither a number nor a structure declares nothing.
async fn nobody(call: &Call<'_>, ins: &Ins, act: Act) -> Failure {
    refuse(call, ins, act, Refusal::new(Reason::AccessDenied, &DRO_1)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{self, World};
    use dmp_dossier::{Authorisation, Mode, Parameters};

    fn message(action: &str, role: &str) -> String {
        let role = if role.is_empty() { String::new() } else { format!("<role>{role}</role>") };
        format!(
            "<setAuthorization xmlns='urn:si-dmp-habilitations'><action>{action}</action>{role}</setAuthorization>"
        )
    }

    async fn state(world: &World, actor: &Actor) -> (Authorisation, bool) {
        match world.read(actor, Query::Status).await {
            View::Status(status) => (status.authorisation, status.medecin_traitant),
            _ => panic!("another view"),
        }
    }

    #[tokio::test]
    async fn the_official_request_gets_the_official_answer() {
        let (Some(request), Some(official)) = (
            world::official("TD0.3_-_Mise_a_jour_de_l_autorisation_requete.xml"),
            world::official("TD0.3_-_Mise_a_jour_de_l_autorisation_reponse.xml"),
        ) else {
            return;
        };
        let world = World::new().await;
        world.open_official().await;
        let doctor = world::official_doctor();
        let first = world.call(&doctor, &request).await.unwrap();
        assert!(first.contains("<s:context>Autorisation ajoutée</s:context>"), "{first}");
        world.authorise(&doctor, true).await;
        let again = world.call(&doctor, &request).await.unwrap();
        world::compare(&again, &official, &[]);
        assert!(again.contains(ALREADY), "{again}");
    }

    /// What was, action, role -> sentence, authorisation and role after.
    #[tokio::test]
    async fn each_combination_does_what_the_table_says() {
        use Authorisation::{NonExiste, Valide};
        const MT: &str = "MEDECIN_TRAITANT";
        for (was, action, role, says, after) in [
            ("none", "AJOUT", "", "Autorisation ajoutée", (Valide, false)),
            ("none", "AJOUT", MT, "Médecin traitant ajouté", (Valide, true)),
            ("none", "SUPPRESSION", "", "Autorisation absente aucune action effectuée", (NonExiste, false)),
            ("authorised", "AJOUT", "", ALREADY, (Valide, false)),
            ("authorised", "AJOUT", MT, "Médecin traitant ajouté", (Valide, true)),
            ("authorised", "SUPPRESSION", "", "Autorisation supprimée", (NonExiste, false)),
            ("mt", "AJOUT", "", ALREADY, (Valide, true)),
            ("mt", "AJOUT", MT, "Médecin traitant déjà présent aucune action effectuée", (Valide, true)),
            ("mt", "SUPPRESSION", "", "Autorisation supprimée", (NonExiste, false)),
            ("mt", "SUPPRESSION", MT, "Médecin traitant supprimé, autorisation conservée", (Valide, false)),
        ] {
            let world = World::new().await;
            world.open_marie().await;
            let doctor = world::doctor();
            if was != "none" {
                world.authorise(&doctor, was == "mt").await;
            }
            let reply = world.call(&doctor, &message(action, role)).await.unwrap();
            assert!(reply.contains("<s:status>DMPOk</s:status>"), "{was} {action} {role}: {reply}");
            assert!(
                reply.contains(&format!("<s:context>{says}</s:context>")),
                "{was} {action} {role}: {reply}"
            );
            assert_eq!(state(&world, &doctor).await, after, "{was} {action} {role}");
        }
    }

    #[tokio::test]
    async fn who_has_no_right_gets_a_fault() {
        let world = World::new().await;
        world.open_marie().await;
        for (actor, action, role) in [
            (world::doctor(), "SUPPRESSION", "MEDECIN_TRAITANT"),
            (world::structure(), "AJOUT", ""),
            (world::structure(), "SUPPRESSION", "MEDECIN_TRAITANT"),
            (world::secretary(), "SUPPRESSION", ""),
            (world::secretary(), "AJOUT", "MEDECIN_TRAITANT"),
            (world::dentist(), "AJOUT", "MEDECIN_TRAITANT"),
            (world::doctor_in(Mode::Centre15), "AJOUT", ""),
            (world::doctor_in(Mode::BrisDeGlace { reason: "urgence".into() }), "AJOUT", ""),
        ] {
            let fault = world.call(&actor, &message(action, role)).await.unwrap_err();
            assert_eq!(
                fault.subcode.map(|(_, token)| token),
                Some("DMPAccessDeniedByRightsService"),
                "{action} {role}"
            );
            assert_eq!(state(&world, &actor).await.0, Authorisation::NonExiste, "{action} {role}");
        }
        assert!(world.journal().await.iter().filter(|permitted| !**permitted).count() >= 8);
        // Who is médecin traitant already is refused like the others.
        world.authorise(&world::doctor(), true).await;
        for mode in [Mode::Centre15, Mode::BrisDeGlace { reason: "urgence".into() }] {
            let fault = world.call(&world::doctor_in(mode), &message("AJOUT", "")).await.unwrap_err();
            assert_eq!(fault.subcode.map(|(_, token)| token), Some("DMPAccessDeniedByRightsService"));
        }
        assert_eq!(state(&world, &world::doctor()).await, (Authorisation::Valide, true));
    }

    #[tokio::test]
    async fn an_employee_authorises_the_structure() {
        let world = World::with(Parameters { structure_declares: true, ..Parameters::default() }).await;
        world.open_marie().await;
        let reply = world.call(&world::secretary(), &message("AJOUT", "")).await.unwrap();
        assert!(reply.contains("Autorisation ajoutée"), "{reply}");
        assert_eq!(state(&world, &world::doctor()).await.0, Authorisation::Valide, "by the structure");
        let reply = world.call(&world::structure(), &message("AJOUT", "")).await.unwrap();
        assert!(reply.contains("<s:status>DMPOk</s:status>"), "{reply}");
    }

    #[tokio::test]
    async fn what_is_wrong_is_named() {
        let world = World::new().await;
        world.open_marie().await;
        for (text, says) in [
            (
                message("AJOUTER", ""),
                "élément `setAuthorization/action` : une valeur parmi `AJOUT`, `SUPPRESSION`",
            ),
            (message("AJOUT", "MT"), "élément `setAuthorization/role` : une valeur parmi `MEDECIN_TRAITANT`"),
            (
                "<setAuthorization xmlns='urn:si-dmp-habilitations'/>".to_owned(),
                "élément attendu : `setAuthorization/action`",
            ),
        ] {
            let reply = world.call(&world::doctor(), &text).await.unwrap();
            assert!(
                reply.contains("<s:status>DMPDemandeInvalide</s:status>") && reply.contains(says),
                "{reply}"
            );
        }
        let nobody = world.call_about(&world::doctor(), None, &message("AJOUT", "")).await.unwrap();
        assert!(nobody.contains("resource-id"), "{nobody}");
        assert_eq!(state(&world, &world::doctor()).await.0, Authorisation::NonExiste);
    }
}
