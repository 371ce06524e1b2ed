//! A request on a dossier: who asks, by which way, and the one door through which its page reads.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use dmp_dossier::{Actor, Query, Time, View};
use dmp_store::{Answer, StoreError, Target};
use std::convert::Infallible;
use std::sync::Arc;
use uuid::Uuid;

use crate::Portal;
use crate::failure::Failure;
use crate::french;
use crate::people::Reader;
use crate::reference::{Reference, Way};
use crate::shell::{Audience, Place, Shell, UnderWay};
use crate::viewer::Viewer;

/// How long a proof of identity serves for what is sensitive.
const STEP_UP_MS: i64 = 5 * 60 * 1000;

/// Who is signed in, as the server's middleware says it.
pub(crate) struct SignedIn(pub(crate) Option<Viewer>);

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(SignedIn(parts.extensions.get::<Option<Viewer>>().cloned().flatten()))
    }
}

/// A dossier that somebody asks to see.
pub(crate) struct Open {
    pub(crate) portal: Arc<Portal>,
    pub(crate) viewer: Viewer,
    pub(crate) reference: Reference,
    /// The actor of every read of this page.
    pub(crate) actor: Actor,
    pub(crate) reader: Reader,
    pub(crate) now: Time,
    /// One for the page: its reads belong together in the journal.
    pub(crate) request: Uuid,
    /// `/dossier/{reference}`.
    pub(crate) address: String,
}

/// Which page of a dossier is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The patient's home, a professional's synthesis.
    Record,
    /// Documents, or one of them.
    Document,
    /// What the patient wrote: health profile, directives.
    Health,
    /// *Qui peut voir quoi*.
    Rights,
    /// The journal of accesses.
    Journal,
    /// A professional's deposit.
    Deposit,
    /// Who the patient is and how to reach them.
    Administrative,
}

impl Open {
    /// Finds out who asks for what.
    ///
    /// # Errors
    /// Nobody is signed in; the reference is not one of this person's; a *bris de glace* that has ended.
    pub(crate) fn new(portal: &Arc<Portal>, signed_in: SignedIn, reference: &str) -> Result<Open, Failure> {
        let viewer = signed_in.0.ok_or(Failure::SignIn)?;
        let address = format!("/dossier/{reference}");
        let reference = portal.references.open(&viewer, reference).ok_or(Failure::UnknownAddress)?;
        let now = portal.store.now();
        if let Way::BrisDeGlace { until, .. } = &reference.way
            && now >= *until
        {
            let normal = Reference { ins: reference.ins, way: Way::Session };
            return Err(Failure::EmergencyEnded(portal.references.seal(&viewer, &normal)));
        }
        let actor = reference.actor(&viewer);
        let reader = Reader::of(&actor);
        Ok(Open {
            portal: Arc::clone(portal),
            viewer,
            reference,
            actor,
            reader,
            now,
            request: Uuid::new_v4(),
            address,
        })
    }

    /// Reads: decided, traced, answered.
    ///
    /// # Errors
    /// The refusal, or a failure of ours.
    pub(crate) async fn consult(&self, query: Query) -> Result<Answer, Failure> {
        let target = Target::Patient(self.reference.ins.clone());
        let answer = self.portal.store.consult(&self.actor, target, query, self.request).await;
        answer.map_err(|error| Failure::of(error, self))
    }

    /// For a form that reads nothing of the dossier: one that is closed leads to what closing leaves.
    ///
    /// # Errors
    /// [`Failure::Closed`], or those of reading.
    pub(crate) async fn still_open(&self) -> Result<(), Failure> {
        match self.consult(Query::Status).await?.view {
            View::Status(status) if !status.active => Err(Failure::closed(self)),
            _ => Ok(()),
        }
    }

    /// A part of a page that may be missing: refused or failed, the page says so in its place.
    pub(crate) async fn consult_part(&self, query: Query) -> Option<Answer> {
        let target = Target::Patient(self.reference.ins.clone());
        match self.portal.store.consult(&self.actor, target, query, self.request).await {
            Ok(answer) => Some(answer),
            Err(StoreError::Refused { .. }) => None,
            Err(error) => {
                tracing::error!(%error, "a part of a page cannot be read");
                None
            }
        }
    }

    /// Changes the dossier: decided, journalled, and what it did.
    ///
    /// # Errors
    /// The refusal, or a failure of ours.
    pub(crate) async fn execute(
        &self,
        command: dmp_dossier::Command,
        contents: Vec<dmp_store::Content>,
    ) -> Result<dmp_dossier::Receipt, Failure> {
        let target = Target::Patient(self.reference.ins.clone());
        let done = self.portal.store.execute(&self.actor, target, command, contents, self.request).await;
        done.map_err(|error| Failure::of(error, self))
    }

    /// Rights, export and closing want a proof of identity younger than five minutes (security.md row 24): otherwise the
    /// person proves again who they are, and the form goes on by itself. `form` is what was posted, `csrf` apart.
    ///
    /// # Errors
    /// [`Failure::StepUp`].
    pub(crate) fn step_up(&self, action: &str, form: Vec<(String, String)>) -> Result<(), Failure> {
        let age_ms = self.now.millis() - self.viewer.proved_at.millis();
        if age_ms < STEP_UP_MS { Ok(()) } else { Err(Failure::StepUp { action: action.to_owned(), form }) }
    }

    /// Searches words in the documents.
    ///
    /// # Errors
    /// The refusal, or a failure of ours.
    pub(crate) async fn search(&self, words: &str) -> Result<Vec<dmp_store::Hit>, Failure> {
        let target = Target::Patient(self.reference.ins.clone());
        let hits = self.portal.store.search_text(&self.actor, target, words, self.request).await;
        hits.map_err(|error| Failure::of(error, self))
    }

    /// Whose hands the dossier is in.
    pub(crate) fn audience(&self) -> Audience {
        Audience::of(&self.actor)
    }

    /// True for a patient or who acts for them.
    pub(crate) fn is_own(&self) -> bool {
        self.reader != Reader::Other
    }

    /// True in the mode that reads rights and journal: an emergency opens documents only (PDT-INF-526).
    pub(crate) fn is_normal(&self) -> bool {
        matches!(self.actor.mode(), dmp_dossier::Mode::Normal)
    }

    /// Around a page of this dossier.
    pub(crate) fn shell(&self, title: &str, part: Part) -> Shell {
        let place = |label, icon, path: &str, of| Place {
            href: format!("{}{path}", self.address),
            label,
            icon,
            current: part == of,
        };
        let mut places = Vec::new();
        if self.is_own() {
            places.push(place("Accueil", "home", "", Part::Record));
            places.push(place("Documents", "report", "/documents", Part::Document));
            places.push(place("Ma santé", "pulse", "/sante", Part::Health));
            places.push(place("Qui peut voir", "people", "/droits", Part::Rights));
            places.push(place("Accès", "clock", "/acces", Part::Journal));
        } else {
            let is_employee = matches!(self.actor, Actor::Employee(_));
            if !is_employee {
                places.push(place("Synthèse", "pulse", "", Part::Record));
                places.push(place("Documents", "report", "#documents", Part::Document));
            }
            places.push(place("Déposer", "plus", "/depot", Part::Deposit));
            places.push(place("Informations", "person", "/informations", Part::Administrative));
            if self.is_normal() && !is_employee {
                places.push(place("Accès", "clock", "/acces", Part::Journal));
            }
        }
        let mut shell = Shell::new(&self.portal, Some(&self.viewer), title);
        shell.audience = self.audience();
        shell.places = places;
        if !self.is_own() {
            shell.beside = Some(("/", "Autre patient"));
        }
        if self.reference.way == Way::Secret && !self.is_own() {
            let normal = Reference { ins: self.reference.ins.clone(), way: Way::Session };
            shell.secret = Some(format!("/dossier/{}", self.portal.references.seal(&self.viewer, &normal)));
        }
        shell.under_way = match (&self.reference.way, self.actor.mode()) {
            (Way::BrisDeGlace { reason, until }, _) if !self.is_own() => Some(UnderWay {
                heading: "Accès d'urgence",
                reason: reason.clone(),
                until: french::hour(*until),
            }),
            (_, dmp_dossier::Mode::Centre15) => {
                Some(UnderWay { heading: "Accès du Samu", reason: String::new(), until: String::new() })
            }
            _ => None,
        };
        shell
    }
}
