//! `/compte/confirmer`: who has an account proves again who they are, before something sensitive.
//!
//! It ends where the form that waited goes on (`/connexion/suite`), or on the page of the account's protection.

use super::request::{Asking, Posted};
use super::{Body, CodePage, Front};
use axum::extract::{Query, State};
use axum::http::Response;
use dmp_accounts::Fault;
use dmp_dossier::Actor;
use dmp_portal::Viewer;
use dmp_portal::account::{Confirm, Passkey, Problem, ask_sign_in, is_token, refuse_form};
use serde::Deserialize;
use std::sync::Arc;

const CODE: CodePage =
    CodePage { title: "Tapez votre code", action: "/compte/confirmer/code", again: "", back: "/" };

/// Where it goes on.
#[derive(Deserialize)]
pub(super) struct Then {
    #[serde(default)]
    puis: String,
}

impl Front {
    /// Who is signed in, with their account.
    pub(super) async fn owner(&self, asking: &Asking) -> Result<(Viewer, String), Box<Response<Body>>> {
        let Some(viewer) = asking.viewer.clone() else { return Err(Box::new(ask_sign_in(&self.portal))) };
        match self.accounts.login_of(&viewer.actor).await {
            Ok(Some(login)) => Ok((viewer, login)),
            Ok(None) => Err(Box::new(self.no_account(&viewer))),
            Err(error) => Err(Box::new(self.broken(asking, &error))),
        }
    }

    /// The same, for a form that carries the token of their session.
    pub(super) async fn owner_of(
        &self,
        asking: &Asking,
        csrf: &str,
    ) -> Result<(Viewer, String), Box<Response<Body>>> {
        let (viewer, login) = self.owner(asking).await?;
        match is_token(csrf, &viewer) {
            true => Ok((viewer, login)),
            false => Err(Box::new(refuse_form(&self.portal, Some(&viewer)))),
        }
    }

    fn no_account(&self, viewer: &Viewer) -> Response<Body> {
        let patient = matches!(viewer.actor, Actor::Patient { .. });
        let mut then = vec![("/".to_owned(), "Revenir à l'accueil".to_owned())];
        if patient {
            then.insert(0, ("/compte/creer".to_owned(), "Créer un compte".to_owned()));
        }
        let mut says =
            vec!["Vous entrez par un autre service d'identité. Il protège votre accès.".to_owned()];
        if patient {
            says.push("Vous pouvez aussi créer un compte, pour entrer sans ce service.".to_owned());
        }
        let page = dmp_portal::account::Notice {
            title: "Vous n'avez pas de compte ici".to_owned(),
            says,
            then,
            problem: None,
        };
        page.show(&self.portal, Some(viewer))
    }

    async fn confirm_page(
        &self,
        asking: &Asking,
        login: &str,
        then: &str,
        problem: Option<Problem>,
    ) -> Response<Body> {
        match self.accounts.overview(login).await {
            Ok(overview) => {
                let passkey = Passkey { domain: self.accounts.passkey_domain().to_owned() };
                let page = Confirm {
                    has_password: overview.has_password,
                    passkey: (!overview.passkeys.is_empty()).then_some(passkey),
                    then: place(then).0.to_owned(),
                    problem,
                };
                page.show(&self.portal, asking.viewer.as_ref())
            }
            Err(fault) => self.broken(asking, &fault),
        }
    }

    /// Marks the session, and goes on.
    fn confirmed(&self, asking: &Asking, then: &str) -> Response<Body> {
        if let Some(id) = &asking.session {
            self.sessions.proved(id, self.now());
        }
        self.to(place(then).1)
    }
}

/// Word of a place to go on to, and its address: nothing of a request is an address.
fn place(then: &str) -> (&'static str, &'static str) {
    match then {
        "securite" => ("securite", "/compte/securite"),
        _ => ("", "/connexion/suite"),
    }
}

/// `GET /compte/confirmer`
pub(super) async fn show(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Query(then): Query<Then>,
) -> Response<Body> {
    match front.owner(&asking).await {
        Ok((_, login)) => front.confirm_page(&asking, &login, &then.puis, None).await,
        Err(response) => *response,
    }
}

/// `POST /compte/confirmer`
pub(super) async fn password(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    let login = match front.owner_of(&asking, &form.csrf).await {
        Ok((_, login)) => login,
        Err(response) => return *response,
    };
    match front.accounts.confirm_password(&login, &form.mot_de_passe, &asking.origin).await {
        Ok(()) => front.confirmed(&asking, &form.puis),
        Err(fault) => match front.problem(&asking, &fault, "mot-de-passe", "Mot de passe incorrect.") {
            Ok(problem) => front.confirm_page(&asking, &login, &form.puis, Some(problem)).await,
            Err(broken) => *broken,
        },
    }
}

/// `POST /compte/confirmer/envoi`
pub(super) async fn send(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    let login = match front.owner_of(&asking, &form.csrf).await {
        Ok((_, login)) => login,
        Err(response) => return *response,
    };
    match front.accounts.start_confirm(&login, &asking.origin).await {
        Ok(step) => front.ask_code(&asking, &with_place(&form.puis), &step, None),
        Err(fault) => match front.problem(&asking, &fault, "recevoir", "") {
            Ok(problem) => front.confirm_page(&asking, &login, &form.puis, Some(problem)).await,
            Err(broken) => *broken,
        },
    }
}

/// The page of the code, which goes on to that place.
fn with_place(then: &str) -> CodePage {
    match place(then).0 {
        "securite" => CodePage { action: "/compte/confirmer/code?puis=securite", ..CODE },
        _ => CODE,
    }
}

/// `POST /compte/confirmer/code`
pub(super) async fn code(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Query(then): Query<Then>,
    Posted(form): Posted,
) -> Response<Body> {
    let login = match front.owner_of(&asking, &form.csrf).await {
        Ok((_, login)) => login,
        Err(response) => return *response,
    };
    match front.accounts.confirm_code(&login, &form.billet, &form.code) {
        Ok(()) => front.confirmed(&asking, &then.puis),
        Err(fault) => match front.problem(&asking, &fault, "code", "") {
            Ok(problem) if matches!(fault, Fault::Code { .. }) => {
                front.ask_code_again(&asking, &with_place(&then.puis), &form.billet, problem)
            }
            Ok(problem) => {
                let problem = Problem { field: "recevoir", ..problem };
                front.confirm_page(&asking, &login, &then.puis, Some(problem)).await
            }
            Err(broken) => *broken,
        },
    }
}

/// `POST /compte/confirmer/cle`
pub(super) async fn passkey(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    let login = match front.owner_of(&asking, &form.csrf).await {
        Ok((_, login)) => login,
        Err(response) => return *response,
    };
    match front.accounts.confirm_passkey(&login, &form.billet, &form.reponse, &asking.origin).await {
        Ok(()) => front.confirmed(&asking, &form.puis),
        Err(fault) => {
            match front.problem(&asking, &fault, "recevoir", "Cette clé d'accès n'est pas reconnue.") {
                Ok(problem) => front.confirm_page(&asking, &login, &form.puis, Some(problem)).await,
                Err(broken) => *broken,
            }
        }
    }
}
