//! `/compte/…`: accounts of people, over [`dmp_accounts`]; and what the server does for the pages beside the record.
//!
//! A story of several pages carries its ticket in its forms, never in an address. Its steps answer the next page
//! directly, since nothing was changed yet; what ends it changes something, and answers 303.

mod activation;
mod confirm;
mod create;
mod mail;
mod notices;
mod recovery;
mod request;
mod security;
mod services;
mod sign_in;
#[cfg(test)]
mod tests;

pub(crate) use notices::watch;
pub(crate) use services::{AccountServices, opened};

use crate::sessions::Sessions;
use axum::Router;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect};
use axum::routing::{get, post};
use dmp_accounts::{Accounts, Entered, Fault, PasswordFault, Proof, Step, profiles};
use dmp_dossier::{Actor, Sex, Time};
use dmp_portal::account::{CodeAsked, Problem};
use dmp_portal::{Portal, Profile, Viewer};
use dmp_store::Store;
use request::Asking;
use std::sync::Arc;

type Body = axum::body::Body;

/// How long a proof of identity serves for what protects an account (security.md row 24).
const FRESH_MS: i64 = 5 * 60 * 1000;

/// What the routes stand on.
pub(crate) struct Front {
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) store: Store,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) portal: Arc<Portal>,
    pub(crate) behind_tls: bool,
    /// The mailbox of the demo is shown.
    pub(crate) demo: bool,
}

/// The routes.
pub(crate) fn routes(front: Front) -> Router {
    let demo = front.demo;
    let mut routes = Router::new()
        .route("/compte/connexion", get(sign_in::show).post(sign_in::password))
        .route("/compte/connexion/code", post(sign_in::code))
        .route("/compte/connexion/envoi", post(sign_in::send_again))
        .route("/compte/cle", post(sign_in::passkey))
        .route("/compte/cle/defi", post(sign_in::challenge))
        .route("/compte/activation", get(activation::show).post(activation::secret))
        .route("/compte/activation/code", post(activation::code))
        .route("/compte/activation/envoi", post(activation::send_again))
        .route("/compte/activation/lien", post(activation::new_link))
        .route("/compte/activation/suivre", post(activation::follow))
        .route("/compte/choisir", post(activation::choose))
        .route("/compte/choisir/defi", post(activation::passkey_options))
        .route("/compte/choisir/cle", post(activation::choose_passkey))
        .route("/compte/creer", get(create::show).post(create::channel))
        .route("/compte/creer/code", post(create::code))
        .route("/compte/oubli", get(recovery::show).post(recovery::forgot))
        .route("/compte/oubli/code", post(recovery::recover))
        .route("/compte/confirmer", get(confirm::show).post(confirm::password))
        .route("/compte/confirmer/envoi", post(confirm::send))
        .route("/compte/confirmer/code", post(confirm::code))
        .route("/compte/confirmer/cle", post(confirm::passkey))
        .route("/compte/securite", get(security::show))
        .route("/compte/securite/mot-de-passe", post(security::password))
        .route("/compte/securite/cle", post(security::add_passkey))
        .route("/compte/securite/cle/defi", post(security::passkey_options))
        .route("/compte/securite/cle/retirer", post(security::remove_passkey))
        .route("/compte/securite/application/nouvelle", post(security::start_app))
        .route("/compte/securite/application", post(security::add_app))
        .route("/compte/securite/application/retirer", post(security::remove_app))
        .route("/compte/securite/appareil", post(security::forget_device))
        .route("/compte/securite/canal", get(security::channel).post(security::new_channel))
        .route("/compte/securite/canal/code", post(security::channel_code));
    if demo {
        routes =
            routes.route("/demo/courrier", get(mail::page)).route("/demo/courrier.json", get(mail::json));
    }
    routes.with_state(Arc::new(front))
}

impl Front {
    fn now(&self) -> Time {
        self.store.now()
    }

    /// Goes on elsewhere.
    fn to(&self, address: &str) -> Response<Body> {
        Redirect::to(address).into_response()
    }

    /// The end of every way in: a new session and the cookie of the device, whatever cookies came.
    async fn entered(&self, asking: &Asking, entered: Entered) -> Response<Body> {
        let profiles = match &entered.actor {
            Actor::Patient { ins } => profiles(&self.store, ins.value()).await,
            _ => Ok(Vec::new()),
        };
        let profiles = match profiles {
            Ok(profiles) => profiles,
            Err(error) => return self.broken(asking, &error),
        };
        let device = device_cookie(&entered.device, self.behind_tls);
        if let Some(id) = &asking.session {
            self.sessions.close(id);
        }
        let cookie = self.sessions.open(|csrf| Some(self.viewer(entered, profiles, csrf)));
        let mut response = self.to("/");
        for cookie in [cookie, device].into_iter().flatten() {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    /// The same, once a way in was chosen anew: whoever was in by a former one is out.
    async fn entered_anew(&self, asking: &Asking, entered: Entered) -> Response<Body> {
        self.sessions.end_others(&entered.actor, None);
        self.entered(asking, entered).await
    }

    fn viewer(&self, entered: Entered, held: Vec<dmp_accounts::HeldProfile>, csrf: String) -> Viewer {
        let role = match (&entered.actor, &entered.traits) {
            (Actor::Patient { .. }, Some(traits)) if traits.sex == Sex::Female => "Patiente".to_owned(),
            (Actor::Patient { .. }, _) => "Patient".to_owned(),
            (Actor::ReceptionAgent(agent), _) => format!("Accueil, {}", agent.organisation),
            (Actor::Referent(referent), _) => match &referent.structure_name {
                Some(structure) => format!("Référent, {structure}"),
                None => "Référent".to_owned(),
            },
            _ => String::new(),
        };
        let person = match &entered.actor {
            Actor::Patient { ins } => ins.value().to_owned(),
            _ => String::new(),
        };
        let profiles = held.into_iter().map(|profile| Profile {
            actor: Actor::Representative { of: profile.of, person: person.clone() },
            name: profile.name,
        });
        Viewer {
            profiles: profiles.collect(),
            traits: entered.traits,
            ..Viewer::new(entered.actor, entered.name, role, csrf, self.now())
        }
    }

    /// The page of a failure of ours.
    fn broken(&self, asking: &Asking, error: &dyn std::error::Error) -> Response<Body> {
        tracing::error!(error = crate::open::one_line(error), "an account could not be read");
        dmp_portal::account::failed(&self.portal, asking.viewer.as_ref())
    }

    /// What a story's fault says at a field, or the page of a failure of ours.
    fn problem(
        &self,
        asking: &Asking,
        fault: &Fault,
        field: &'static str,
        wrong: &str,
    ) -> Result<Problem, Box<Response<Body>>> {
        let says = match fault {
            Fault::Wrong | Fault::Taken => wrong.to_owned(),
            Fault::Code { tries_left: 1 } => "Ce n'est pas le bon code. Il reste 1 essai.".to_owned(),
            Fault::Code { tries_left } => {
                format!("Ce n'est pas le bon code. Il reste {tries_left} essais.")
            }
            Fault::Over => "Cette demande ne vaut plus. Recommencez depuis le début.".to_owned(),
            Fault::Wait { seconds } => return Ok(Problem::wait(field, *seconds)),
            Fault::Password(fault) => password_says(*fault).to_owned(),
            Fault::NotSent => "Le message n'a pas pu partir. Réessayez dans quelques minutes.".to_owned(),
            Fault::Full => "Vous avez déjà 10 clés. Retirez-en une d'abord.".to_owned(),
            Fault::Store(error) => return Err(Box::new(self.broken(asking, error))),
        };
        Ok(Problem::of(field, says))
    }

    /// The page that awaits a code.
    fn ask_code(
        &self,
        asking: &Asking,
        page: &CodePage,
        step: &Step,
        problem: Option<Problem>,
    ) -> Response<Body> {
        let lead = match (&step.proof, &problem) {
            (Proof::Sms(number), _) => format!("Un code vient de partir par SMS au {number}."),
            (Proof::Mail(address), _) => format!("Un code vient de partir par mail à {address}."),
            (Proof::App, _) => "Ouvrez votre application de codes. Tapez le code qu'elle affiche.".to_owned(),
            (Proof::Untold, _) => "Tapez le dernier code reçu.".to_owned(),
        };
        let page = CodeAsked {
            title: page.title.to_owned(),
            lead,
            action: page.action.to_owned(),
            ticket: step.ticket.clone(),
            again: page.again.to_owned(),
            back: page.back.to_owned(),
            problem,
        };
        page.show(&self.portal, asking.viewer.as_ref())
    }

    /// The same page after a wrong code, under the same ticket.
    fn ask_code_again(
        &self,
        asking: &Asking,
        page: &CodePage,
        ticket: &str,
        problem: Problem,
    ) -> Response<Body> {
        let step = Step { ticket: ticket.to_owned(), proof: Proof::Untold };
        self.ask_code(asking, page, &step, Some(problem))
    }
}

/// A page that awaits a code, by its story.
struct CodePage {
    title: &'static str,
    action: &'static str,
    again: &'static str,
    back: &'static str,
}

fn password_says(fault: PasswordFault) -> &'static str {
    match fault {
        PasswordFault::Short => "Il faut 12 caractères au moins.",
        PasswordFault::Long => "Il faut 128 caractères au plus.",
        PasswordFault::Common => "Ce mot de passe est trop facile à deviner. Choisissez-en un autre.",
        PasswordFault::Personal => {
            "Ce mot de passe contient votre nom ou votre identifiant. Choisissez-en un autre."
        }
    }
}

const DEVICE: &str = "dmp_appareil";
const DEVICE_SECURE: &str = "__Host-dmp_appareil";
/// The longest a browser keeps a cookie: 400 days.
const DEVICE_SECONDS: u32 = 34_560_000;

fn device_cookie(value: &str, behind_tls: bool) -> Option<HeaderValue> {
    let (name, secure) = if behind_tls { (DEVICE_SECURE, "; Secure") } else { (DEVICE, "") };
    let cookie = format!("{name}={value}; Path=/; Max-Age={DEVICE_SECONDS}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&cookie).ok()
}

/// Ticket and options of a passkey, for the script.
fn options(ticket: &str, options: &str) -> Response<Body> {
    let options: serde_json::Value = serde_json::from_str(options).unwrap_or_default();
    axum::Json(serde_json::json!({ "billet": ticket, "options": options })).into_response()
}

/// No options: the script says so, in its own words.
fn no_options(fault: &Fault) -> Response<Body> {
    match fault {
        Fault::Wait { .. } => StatusCode::TOO_MANY_REQUESTS,
        Fault::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::FORBIDDEN,
    }
    .into_response()
}
