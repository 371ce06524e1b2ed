//! What somebody who means harm tries on the pages, once signed in.

#![allow(clippy::unwrap_used)]

mod world;

use dmp_dossier::{ClosureReason, Command};
use dmp_portal::Viewer;
use dmp_store::Target;
use uuid::Uuid;
use world::services::CODE;
use world::{CSRF, MARIE, World, desk, ins, marie};

fn post(fields: &str) -> String {
    format!("csrf={CSRF}&{fields}")
}

async fn opened(world: &World, agent: &Viewer, start: &str, who: &str, accord: &str) -> String {
    let address = world.post(Some(agent), &format!("{start}/personne"), &post(who)).await.location();
    let fields = format!("information=oui&accord={accord}&urgence_choix=samu&joindre=06+12+34+56+78");
    let next = world.post(Some(agent), &address, &post(&fields)).await.location();
    let next = next.trim_end_matches("#code");
    world.post(Some(agent), next, &post(&format!("{fields}&code={CODE}"))).await.location()
}

/// A draft is of the person who was chosen in it: neither its answers, its proof nor its count are another's.
#[tokio::test]
async fn a_draft_that_is_done_serves_for_nobody_else() {
    let world = World::new().await;
    let agent = desk();
    let start = world.post(Some(&agent), "/guichet/ouvrir", &post("carte=card-3")).await.location();
    let done = opened(&world, &agent, &start, "qui=0+cni", "oui").await;
    let again = world.post(Some(&agent), &format!("{done}/personne"), &post("qui=1+livret")).await.location();
    assert_eq!(again, done, "what is done stays as it is");
    let page = world.get(Some(&agent), &format!("{done}/fait")).await;
    assert!(page.text().contains("MOREAU Alice"), "{}", page.text());

    // Back to the first page of the same card, for the daughter: an opening of its own.
    opened(&world, &agent, &start, "qui=1+livret", "r0").await;
    let csv = world.get(Some(&agent), "/guichet/releve/csv").await.body;
    assert!(csv.contains(";\"cpam\";2;0;"), "both are counted: {csv}");
}

/// A number that is somebody else's, or mistyped, reopens nothing: the name and the birth date have to be theirs.
#[tokio::test]
async fn a_closed_dossier_is_reopened_for_its_own_patient_only() {
    let world = World::with_marie().await;
    let close = Command::Close { reason: ClosureReason::PatientRequest, text: None, deceased: None };
    let target = Target::Patient(ins(MARIE));
    world.store.execute(&marie().actor, target, close, Vec::new(), Uuid::new_v4()).await.unwrap();
    let agent = desk();
    for (name, reopens) in [("DUPONT", false), ("Durand", true)] {
        let typed = format!("nir={MARIE}&nom={name}&prenoms=Marie+Jeanne&naissance=12/07/1984");
        let start = world.post(Some(&agent), "/guichet/ouvrir", &post(&typed)).await.location();
        let next =
            world.post(Some(&agent), &format!("{start}/personne"), &post("qui=0+cni")).await.location();
        let page = world.get(Some(&agent), &next).await;
        assert_eq!(page.status == 200, reopens, "{name}: {}", page.body);
        assert!(reopens || page.location().ends_with("/fait"));
    }
}
