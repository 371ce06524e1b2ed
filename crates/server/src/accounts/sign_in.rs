//! `/compte/connexion`: login and password, then a code; or a passkey.

use super::request::{Asking, Posted};
use super::{Body, CodePage, Front, no_options, options};
use axum::extract::State;
use axum::http::Response;
use dmp_portal::account::{Passkey, Problem, SignIn};
use std::sync::Arc;

const CODE: CodePage = CodePage {
    title: "Tapez votre code",
    action: "/compte/connexion/code",
    again: "/compte/connexion/envoi",
    back: "/compte/connexion",
};
const WRONG: &str = "Identifiant ou mot de passe incorrect.";

impl Front {
    fn sign_in_page(&self, asking: &Asking, typed: String, problem: Option<Problem>) -> Response<Body> {
        let passkey = Passkey { domain: self.accounts.passkey_domain().to_owned() };
        SignIn { typed, passkey, problem }.show(&self.portal, asking.viewer.as_ref())
    }
}

/// `GET /compte/connexion`
pub(super) async fn show(State(front): State<Arc<Front>>, asking: Asking) -> Response<Body> {
    front.sign_in_page(&asking, String::new(), None)
}

/// `POST /compte/connexion`
pub(super) async fn password(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    match front.accounts.sign_in(&form.identifiant, &form.mot_de_passe, &asking.origin).await {
        Ok(step) => front.ask_code(&asking, &CODE, &step, None),
        Err(fault) => match front.problem(&asking, &fault, "identifiant", WRONG) {
            Ok(problem) => front.sign_in_page(&asking, form.identifiant, Some(problem)),
            Err(broken) => *broken,
        },
    }
}

/// `POST /compte/connexion/code`
pub(super) async fn code(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    use dmp_accounts::Fault::{Code, Wait, Wrong};
    match front.accounts.second_proof(&form.billet, &form.code, &asking.origin).await {
        Ok(entered) => front.entered(&asking, entered).await,
        Err(fault) => match front.problem(&asking, &fault, "code", "Ce n'est pas le bon code.") {
            Ok(problem) if matches!(fault, Code { .. } | Wrong | Wait { .. }) => {
                front.ask_code_again(&asking, &CODE, &form.billet, problem)
            }
            Ok(problem) => {
                let problem = Problem { field: "identifiant", ..problem };
                front.sign_in_page(&asking, String::new(), Some(problem))
            }
            Err(broken) => *broken,
        },
    }
}

/// `POST /compte/connexion/envoi`
pub(super) async fn send_again(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    match front.accounts.send_again(&form.billet, form.par == "sms", &asking.origin).await {
        Ok(step) => front.ask_code(&asking, &CODE, &step, None),
        Err(fault) => match front.problem(&asking, &fault, "code", "") {
            Ok(problem) if !matches!(fault, dmp_accounts::Fault::Over) => {
                front.ask_code_again(&asking, &CODE, &form.billet, problem)
            }
            Ok(problem) => {
                let problem = Problem { field: "identifiant", ..problem };
                front.sign_in_page(&asking, String::new(), Some(problem))
            }
            Err(broken) => *broken,
        },
    }
}

/// `POST /compte/cle/defi`: what the browser is to sign, whoever asks.
pub(super) async fn challenge(State(front): State<Arc<Front>>, asking: Asking) -> Response<Body> {
    match front.accounts.challenge(&asking.origin) {
        Ok((ticket, challenge)) => options(&ticket, &challenge),
        Err(fault) => no_options(&fault),
    }
}

/// `POST /compte/cle`
pub(super) async fn passkey(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    match front.accounts.passkey(&form.billet, &form.reponse, &asking.origin).await {
        Ok(entered) => front.entered(&asking, entered).await,
        Err(fault) => {
            let unknown = "Cette clé d'accès n'est pas reconnue. Entrez avec votre mot de passe.";
            match front.problem(&asking, &fault, "identifiant", unknown) {
                Ok(problem) => front.sign_in_page(&asking, String::new(), Some(problem)),
                Err(broken) => *broken,
            }
        }
    }
}
