//! `/compte/creer`: a patient who entered by another service, on their own dossier, makes an account: a channel that they
//! prove, an access by internet that the record opens for them, then a password or a passkey.

use super::request::{Asking, Posted};
use super::{Body, CodePage, FRESH_MS, Front};
use axum::extract::State;
use axum::http::Response;
use dmp_accounts::Fault;
use dmp_dossier::{Actor, Command, Ins, OtpChannel, Reason, WebAccessDraft};
use dmp_portal::Viewer;
use dmp_portal::account::{NewChannel, Notice, Problem, ask_sign_in, ask_step_up, is_token, refuse_form};
use dmp_store::{StoreError, Target};
use std::sync::Arc;
use uuid::Uuid;

const CODE: CodePage =
    CodePage { title: "Tapez votre code", action: "/compte/creer/code", again: "", back: "/" };
/// Logins drawn before giving up; one of 2⁵⁰ is taken once.
const DRAWS: usize = 3;

impl Front {
    /// A patient on their own dossier, who has no account yet.
    async fn without_account(&self, asking: &Asking) -> Result<(Viewer, Ins), Box<Response<Body>>> {
        let Some(viewer) = asking.viewer.clone() else { return Err(Box::new(ask_sign_in(&self.portal))) };
        let Actor::Patient { ins } = viewer.actor.clone() else { return Err(Box::new(self.to("/"))) };
        match self.accounts.login_of(&viewer.actor).await {
            Ok(None) => Ok((viewer, ins)),
            Ok(Some(_)) => Err(Box::new(self.to("/compte/securite"))),
            Err(error) => Err(Box::new(self.broken(asking, &error))),
        }
    }
}

/// `GET /compte/creer`
pub(super) async fn show(State(front): State<Arc<Front>>, asking: Asking) -> Response<Body> {
    match front.without_account(&asking).await {
        Ok((viewer, _)) => {
            let page = NewChannel { first: true, sms: true, ..NewChannel::default() };
            page.show(&front.portal, Some(&viewer))
        }
        Err(response) => *response,
    }
}

/// `POST /compte/creer`
pub(super) async fn channel(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    let viewer = match front.without_account(&asking).await {
        Ok((viewer, _)) => viewer,
        Err(response) => return *response,
    };
    if !is_token(&form.csrf, &viewer) {
        return refuse_form(&front.portal, Some(&viewer));
    }
    if front.now().millis().saturating_sub(viewer.proved_at.millis()) >= FRESH_MS {
        let fields = [("par".to_owned(), form.par), ("adresse".to_owned(), form.adresse)];
        return ask_step_up(&front.portal, &viewer, "/compte/creer", &fields);
    }
    front.prove_channel(&asking, &viewer, &form, &CODE, true).await
}

/// `POST /compte/creer/code`: the record opens the access, and the patient chooses how to sign in.
pub(super) async fn code(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    let (viewer, ins) = match front.without_account(&asking).await {
        Ok(patient) => patient,
        Err(response) => return *response,
    };
    if !is_token(&form.csrf, &viewer) {
        return refuse_form(&front.portal, Some(&viewer));
    }
    let opened = match front.accounts.proved_channel(&form.billet, &form.code) {
        Ok(channel) => open(&front, &viewer, &ins, channel).await,
        Err(fault) => Err(fault),
    };
    match opened {
        Ok(ticket) => front.choice_page(&asking, ticket, false, None),
        Err(Fault::Taken) => has_one(&front, &viewer),
        Err(fault) => {
            let refused = "Votre dossier n'a pas accepté ce compte.";
            match front.problem(&asking, &fault, "code", refused) {
                Ok(problem) if matches!(fault, Fault::Code { .. }) => {
                    front.ask_code_again(&asking, &CODE, &form.billet, problem)
                }
                Ok(problem) => {
                    let problem = Some(Problem { field: "adresse", ..problem });
                    let page = NewChannel { first: true, sms: true, problem, ..NewChannel::default() };
                    page.show(&front.portal, Some(&viewer))
                }
                Err(broken) => *broken,
            }
        }
    }
}

/// Opens the access on the record; the ticket that chooses.
async fn open(front: &Front, viewer: &Viewer, ins: &Ins, channel: OtpChannel) -> Result<String, Fault> {
    for _ in 0..DRAWS {
        let drawn = front.accounts.draw().await?;
        let (login, secret_hash) = (drawn.login, drawn.secret_hash);
        let draft = WebAccessDraft {
            login: login.clone(),
            secret_hash: secret_hash.clone(),
            channel: channel.clone(),
        };
        let (target, command) = (Target::Patient(ins.clone()), Command::OpenWebAccess(Box::new(draft)));
        match front.store.execute(&viewer.actor, target, command, Vec::new(), Uuid::new_v4()).await {
            Ok(_) => return Ok(front.accounts.begin(&login, &secret_hash)),
            Err(StoreError::Refused { refusal, .. }) => match refusal.reason {
                Reason::LoginTaken => {}
                Reason::WebAccessExists => return Err(Fault::Taken),
                _ => return Err(Fault::Wrong),
            },
            Err(error) => return Err(Fault::Store(error)),
        }
    }
    Err(Fault::Wait { seconds: 60 })
}

/// An access was opened for them before, and waits for its secret.
fn has_one(front: &Front, viewer: &Viewer) -> Response<Body> {
    let page = Notice {
        title: "Un compte vous attend déjà".to_owned(),
        says: vec![
            "Un identifiant et un code secret vous ont été donnés à l'ouverture du dossier.".to_owned(),
            "Activez ce compte. Si le courrier est perdu, demandez-en un autre à un accueil.".to_owned(),
        ],
        then: vec![
            ("/compte/activation".to_owned(), "Activer mon compte".to_owned()),
            ("/".to_owned(), "Revenir à l'accueil".to_owned()),
        ],
        problem: None,
    };
    page.show(&front.portal, Some(viewer))
}
