//! The reception desk: the opening wizard, what it prints, the statement of openings.
//!
//! An agent opens a dossier with the patient in front of them and sees nothing medical. There is no search: a status is
//! asked of the store (and traced) only for somebody whose card was read, or who gave number and identity document.
//! A started opening travels in its address, sealed for who started it; nothing of it is kept until the patient agrees.

mod contact;
mod draft;
mod home;
mod identity;
mod opening;
mod prints;
mod statement;
mod wizard;

use axum::Router;
use axum::routing::{get, post};
use dmp_dossier::{Actor, Channel, Mode};
use dmp_store::StoreError;
use std::sync::Arc;

use crate::Portal;
use crate::failure::Failure;
use crate::shell::Shell;
use crate::viewer::Viewer;

/// The routes of these pages.
pub(crate) fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/guichet", get(home::show))
        .route("/guichet/ouvrir", post(home::start))
        .route("/guichet/ouvrir/{draft}", get(wizard::show).post(wizard::answer))
        .route("/guichet/ouvrir/{draft}/personne", post(wizard::choose))
        .route("/guichet/ouvrir/{draft}/fait", get(prints::done))
        .route("/guichet/ouvrir/{draft}/accuse", get(prints::acknowledgement))
        .route("/guichet/ouvrir/{draft}/codes", post(prints::credentials))
        .route("/guichet/depliant", get(prints::leaflet))
        .route("/guichet/releve", get(statement::show))
        .route("/guichet/releve/csv", get(statement::csv))
}

/// Who stands behind the desk.
struct Desk {
    viewer: Viewer,
    /// The channel of every opening here.
    channel: Channel,
    /// Whose statement it goes in; shown to people.
    organisation: String,
    /// Who of them: identifier, as the statement counts them.
    agent: String,
}

impl Desk {
    /// # Errors
    /// Nobody is signed in, or somebody who opens no dossier for others.
    fn of(portal: &Portal, viewer: Option<Viewer>) -> Result<Desk, Failure> {
        let viewer = viewer.ok_or(Failure::SignIn)?;
        let channels = &portal.store.parameters().creation.channels;
        let (channel, organisation, agent) = match &viewer.actor {
            Actor::ReceptionAgent(agent) => (agent.channel, agent.organisation.clone(), agent.id.clone()),
            Actor::Professional(p) if p.mode == Mode::Normal => {
                let own = match p.profession.as_str() {
                    "21" => Channel::Pharmacie,
                    "60" => Channel::Infirmier,
                    _ => Channel::Ps,
                };
                let channel = if channels.contains(&own) { own } else { Channel::Ps };
                let place = p.structure_name.clone().unwrap_or_else(|| viewer.name.clone());
                (channel, place, p.id.as_str().to_owned())
            }
            _ => return Err(Failure::UnknownAddress),
        };
        Ok(Desk { viewer, channel, organisation, agent })
    }

    /// Words for the place, on screen and on paper.
    fn place(&self) -> &'static str {
        match self.channel {
            Channel::Cpam => "Accueil de l'Assurance maladie",
            Channel::Pharmacie => "Comptoir de la pharmacie",
            Channel::Etablissement => "Admissions de l'établissement",
            Channel::MedicoSocial => "Accueil de l'établissement médico-social",
            Channel::Infirmier => "Soins infirmiers",
            Channel::Ps => "Consultation",
            Channel::Web => "En ligne",
        }
    }

    /// Who opened, on paper and in the proof of consent.
    fn collected_by(&self) -> String {
        match &self.viewer.actor {
            Actor::ReceptionAgent(agent) => format!("{}, agent {}", agent.organisation, agent.id),
            _ => format!("{}, {}", self.viewer.name, self.organisation),
        }
    }

    fn shell(&self, portal: &Portal, title: &str, here: &str) -> Shell {
        Shell::new(portal, Some(&self.viewer), title).at(here)
    }
}

/// What a store's error is to a page of the desk.
fn failure(error: StoreError) -> Failure {
    match error {
        StoreError::Refused { refusal, retry_after_seconds } => {
            Failure::Refused { refusal, retry_after_seconds, emergency: None }
        }
        error @ StoreError::Failed { .. } => {
            tracing::error!(%error, "an act of the desk failed");
            Failure::Ours
        }
    }
}
