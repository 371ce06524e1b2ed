//! Why a page is not shown, said in French with what can be done now (ux.md 3.13), and the status that goes with it.

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use dmp_dossier::{Actor, Reason, Refusal};
use dmp_store::StoreError;

use crate::Portal;
use crate::answer;
use crate::french;
use crate::open::Open;
use crate::shell::Shell;
use crate::viewer::Viewer;

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nobody is signed in.
    SignIn,
    /// The address means nothing to this person.
    UnknownAddress,
    /// A *bris de glace* is over; the reference of the same dossier in normal mode.
    EmergencyEnded(String),
    /// The person must prove again who they are; the form goes on after.
    StepUp {
        /// Where the form goes.
        action: String,
        /// What it held, the token of the session apart.
        form: Vec<(String, String)>,
    },
    /// Their own dossier is closed: the address of what closing leaves.
    Closed(String),
    /// The form does not carry the token of the session.
    Form,
    /// A rule refuses.
    Refused {
        refusal: Refusal,
        retry_after_seconds: Option<u32>,
        /// Where a professional may ask for an access in emergency, when that could change the answer.
        emergency: Option<String>,
    },
    /// Our fault or the disk's.
    Ours,
}

impl Failure {
    /// What a store's error is to the page of a dossier.
    pub(crate) fn of(error: StoreError, open: &Open) -> Self {
        match error {
            StoreError::Refused { refusal, .. } if refusal.reason == Reason::DossierClos && open.is_own() => {
                Failure::closed(open)
            }
            StoreError::Refused { refusal, retry_after_seconds } => {
                let may_help = matches!(refusal.reason, Reason::NotAuthorised | Reason::AuthorisationExpired);
                let emergency = (may_help && open.viewer.is_professional() && open.is_normal())
                    .then(|| format!("{}/urgence", open.address));
                Failure::Refused { refusal, retry_after_seconds, emergency }
            }
            error @ StoreError::Failed { .. } => {
                tracing::error!(%error, "a page cannot be read");
                Failure::Ours
            }
        }
    }

    /// Reopening, a copy, destruction: all that a closed dossier leaves to whose it is.
    pub(crate) fn closed(open: &Open) -> Self {
        Failure::Closed(format!("{}/rouvrir", open.address))
    }

    /// The page that says it.
    pub(crate) fn page(self, portal: &Portal, viewer: Option<&Viewer>) -> Response<Body> {
        let (status, heading, what, then): (u16, &str, String, &str) = match &self {
            Failure::SignIn => return answer::see_other(&portal.sign_in),
            Failure::Closed(address) => return answer::see_other(address),
            Failure::StepUp { action, form } => {
                return crate::sign_in::step_up::page(portal, viewer, action, form);
            }
            Failure::UnknownAddress => (
                404,
                "Cette page n'existe pas",
                "Cette adresse ne correspond à rien, ou elle appartenait à une autre session.".to_owned(),
                "Revenez à l'accueil, puis ouvrez de nouveau le dossier.",
            ),
            Failure::EmergencyEnded(_) => (
                403,
                "Accès d'urgence terminé",
                "Cet accès d'urgence s'est fermé au bout de 60 minutes.".to_owned(),
                "Si l'urgence dure, ouvrez un nouvel accès avec son motif.",
            ),
            Failure::Form => (
                403,
                "Formulaire périmé",
                "Ce formulaire vient d'une autre session.".to_owned(),
                "Revenez à la page précédente, rechargez-la, puis recommencez.",
            ),
            Failure::Refused { refusal, .. } => {
                let answer = refusal.reason.answer();
                (answer.http, heading(refusal.reason), answer.french.to_owned(), advice(refusal.reason))
            }
            Failure::Ours => (
                500,
                "Le service ne répond pas",
                "Une erreur est survenue de notre côté. Rien n'a été modifié.".to_owned(),
                "Réessayez dans quelques minutes.",
            ),
        };
        let emergency = match &self {
            Failure::EmergencyEnded(reference) => Some(format!("/dossier/{reference}/urgence")),
            Failure::Refused { emergency, .. } => emergency.clone(),
            _ => None,
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
        let page = Refused {
            shell: Shell::new(portal, viewer, heading),
            heading,
            what,
            then,
            emergency,
            wait: match &self {
                Failure::Refused { retry_after_seconds: Some(seconds), .. } => Some(wait(*seconds)),
                _ => None,
            },
            colleague: matches!(&self, Failure::Refused { refusal, .. } if refusal.reason == Reason::Quota)
                && viewer.is_some_and(|v| matches!(v.actor, Actor::Professional(_) | Actor::Employee(_))),
            traced: matches!(&self, Failure::Refused { refusal, .. } if refusal.reason != Reason::UnknownPatient),
        };
        let mut response = answer::page(status, &page);
        if let Failure::Refused { retry_after_seconds: Some(seconds), .. } = self {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The page of a form, asked for without it: a reload or a bookmark. It says where one starts over.
pub(crate) async fn elsewhere(
    axum::extract::State(portal): axum::extract::State<std::sync::Arc<Portal>>,
    crate::open::SignedIn(viewer): crate::open::SignedIn,
) -> Response<Body> {
    let mut response = Failure::UnknownAddress.page(&portal, viewer.as_ref());
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}

/// `45 secondes`, `12 minutes`, `3 heures`: rounded up, so that nobody comes back too soon.
fn wait(seconds: u32) -> String {
    let (count, one, many) = match seconds {
        0..=90 => (seconds, "seconde", "secondes"),
        91..=5400 => (seconds.div_ceil(60), "minute", "minutes"),
        _ => (seconds.div_ceil(3600), "heure", "heures"),
    };
    french::count(usize::try_from(count).unwrap_or(0).max(1), one, many)
}

fn heading(reason: Reason) -> &'static str {
    match reason {
        Reason::UnknownPatient => "Dossier introuvable",
        Reason::UnknownDocument => "Document introuvable",
        Reason::DossierClos => "Dossier fermé",
        Reason::InvalidIns => "Numéro à vérifier",
        Reason::Quota => "Trop de demandes",
        _ => "Accès refusé",
    }
}

fn advice(reason: Reason) -> &'static str {
    match reason {
        Reason::NotAuthorised => {
            "Demandez au patient de vous autoriser. Il peut le faire lui-même, ou avec vous."
        }
        Reason::AuthorisationExpired => "Voyez avec le patient s'il souhaite vous autoriser de nouveau.",
        Reason::AccessDenied => "Cette limite vient des règles nationales, pas d'une erreur de votre part.",
        Reason::UnknownPatient => {
            "Vérifiez le numéro, chiffre par chiffre. Ce patient n'a peut-être pas de dossier."
        }
        Reason::DossierClos => "Seul le patient peut demander sa réouverture.",
        Reason::Quota => "Attendez un peu avant de recommencer.",
        _ => "Revenez à l'accueil pour continuer.",
    }
}

#[derive(Template)]
#[template(path = "refused.html")]
struct Refused {
    shell: Shell,
    heading: &'static str,
    what: String,
    then: &'static str,
    emergency: Option<String>,
    /// How long to wait, for a quota.
    wait: Option<String>,
    /// A colleague may lift the quota.
    colleague: bool,
    traced: bool,
}
