//! Opening a dossier alone, in five screens: identity, information, choices, contact with its code, done. One's own at
//! `/ouvrir`, one's child's at `/ouvrir/enfant`.
//!
//! What was answered travels in hidden fields and is checked again from the first screen on at every step, so that a page
//! works without script and a step cannot be jumped. The code that proves the contact is checked last, once.

pub(in crate::patient) mod child;
mod contact;
pub(in crate::patient) mod done;
mod flow;
pub(in crate::patient) mod own;

use dmp_dossier::{Actor, Ins, Query, Reason, Traits, View};
use std::sync::Arc;

use crate::Portal;
use crate::failure::Failure;
use crate::open::{Open, SignedIn};
use crate::people::Reader;
use crate::reference::{Reference, Way};
use crate::viewer::Viewer;

/// For whom a dossier is opened.
struct Subject {
    /// A way into the dossier that is not there yet, as who opens it.
    open: Open,
    traits: Traits,
    /// The parent, who acts for a child.
    parent: Option<Parent>,
}

/// A parent: their number, by which they are known as representative, and their name.
struct Parent {
    person: String,
    family: String,
    given: String,
}

/// The number of a patient who is signed in.
fn patient(signed_in: &SignedIn) -> Result<(Viewer, Ins), Failure> {
    let viewer = signed_in.0.clone().ok_or(Failure::SignIn)?;
    match viewer.actor.clone() {
        Actor::Patient { ins } => Ok((viewer, ins)),
        _ => Err(Failure::UnknownAddress),
    }
}

/// A way into a dossier, its own or a child's, whatever the session holds: the rules decide.
fn way(portal: &Arc<Portal>, viewer: &Viewer, own: &Ins, of: &Ins) -> Result<Open, Failure> {
    let reference = portal.references.seal(viewer, &Reference { ins: of.clone(), way: Way::Session });
    let mut open = Open::new(portal, SignedIn(Some(viewer.clone())), &reference)?;
    if of != own {
        open.actor = Actor::Representative { of: of.clone(), person: own.value().to_owned() };
        open.reader = Reader::Representative;
    }
    Ok(open)
}

/// What there is already.
enum Already {
    Nothing,
    Open,
    Closed,
}

async fn already(open: &Open) -> Result<Already, Failure> {
    match open.consult(Query::Status).await {
        Ok(answer) => match answer.view {
            View::Status(status) if status.active => Ok(Already::Open),
            View::Status(_) => Ok(Already::Closed),
            _ => Err(Failure::Ours),
        },
        Err(Failure::Refused { refusal, .. }) if refusal.reason == Reason::UnknownPatient => {
            Ok(Already::Nothing)
        }
        Err(failure) => Err(failure),
    }
}
