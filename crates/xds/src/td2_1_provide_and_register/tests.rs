//! Lots as senders write them, against a fresh record.
#![allow(clippy::unwrap_used)]

mod message;
mod refused;
mod rows;
mod samples;
mod signed;

use crate::call::Call;
use crate::fault::Fault;
use crate::mtom::Parts;
use crate::vihf::{Software, Vihf, VihfVersion};
use crate::world::{MARIE, World, ins, marie, official_doctor, secretary};
use dmp_dossier::{Actor, DocumentEntry, Mode, Query, View};
use dmp_xml::{Limits, Tree};
use message::{BIOLOGY, Letter, SYNTHESIS, document, fixture};
use std::sync::Arc;
use uuid::Uuid;

/// The answer: nothing for a success, else code and context of each error.
type Answered = Result<Vec<(String, String)>, Fault>;

/// Sends a lot in a session about that patient.
async fn send(world: &World, actor: &Actor, patient: Option<&str>, message: &str, parts: &Parts) -> Answered {
    let tree = Tree::parse(message.as_bytes(), &Limits::default()).unwrap();
    let vihf = vihf(world, actor, patient);
    let request = Uuid::from_u128(world.xds.store.now().millis().unsigned_abs().into());
    let call = Call { xds: &world.xds, vihf: &vihf, body: tree.root(), parts, request };
    let reply = super::answer(&call).await?;
    let tree = Tree::parse(reply.body.as_bytes(), &Limits::default()).unwrap();
    let text = |error: dmp_xml::Element<'_>, name| error.attribute(name).unwrap_or_default().to_owned();
    let errors = tree.root().descendants().filter(|element| element.name() == "RegistryError");
    let errors: Vec<_> = errors.map(|e| (text(e, "errorCode"), text(e, "codeContext"))).collect();
    let status = if errors.is_empty() { "Success" } else { "Failure" };
    assert!(tree.root().attribute("status").unwrap().ends_with(status));
    Ok(errors)
}

fn vihf(world: &World, actor: &Actor, patient: Option<&str>) -> Vihf {
    let now = world.xds.store.now();
    Vihf {
        id: "_lot".into(),
        issued_at: now,
        expires_at: now.plus_minutes(10),
        actor: actor.clone(),
        patient: patient.map(ins),
        structure: actor.structure().unwrap().clone(),
        name_id: "899900063480".into(),
        software: Software::default(),
        version: VihfVersion::V3,
    }
}

async fn deposit(world: &World, message: &str) -> Answered {
    send(world, &official_doctor(), Some(MARIE), message, &Parts::default()).await
}

/// Marie's documents, oldest first.
async fn documents(world: &World) -> Vec<Arc<DocumentEntry>> {
    match world.read(&marie(), Query::FindDocuments(Box::default())).await {
        View::Documents(documents) => documents.into_iter().map(|seen| seen.entry).collect(),
        view => panic!("{view:?}"),
    }
}

async fn opened() -> World {
    let world = World::new().await;
    world.open_marie().await;
    world
}
