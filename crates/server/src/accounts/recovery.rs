//! `/compte/oubli`: a forgotten password. Every answer is the same whether an account exists or not.

use super::request::{Asking, Posted};
use super::{Body, Front};
use axum::extract::State;
use axum::http::Response;
use dmp_accounts::{Fault, SecondProof};
use dmp_portal::account::{Forgot, Problem, Recovery};
use std::sync::Arc;

impl Front {
    fn forgot_page(&self, asking: &Asking, typed: String, problem: Option<Problem>) -> Response<Body> {
        Forgot { typed, problem }.show(&self.portal, asking.viewer.as_ref())
    }
}

/// `GET /compte/oubli`
pub(super) async fn show(State(front): State<Arc<Front>>, asking: Asking) -> Response<Body> {
    front.forgot_page(&asking, String::new(), None)
}

/// `POST /compte/oubli`
pub(super) async fn forgot(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    if form.identifiant.trim().is_empty() {
        let problem = Problem::of("identifiant", "Tapez votre identifiant ou votre adresse mail.");
        return front.forgot_page(&asking, String::new(), Some(problem));
    }
    match front.accounts.forgot(&form.identifiant, &asking.origin).await {
        Ok(step) => {
            let page = Recovery { ticket: step.ticket, by_app: false, problem: None };
            page.show(&front.portal, asking.viewer.as_ref())
        }
        Err(fault) => match front.problem(&asking, &fault, "identifiant", "") {
            Ok(problem) => front.forgot_page(&asking, form.identifiant, Some(problem)),
            Err(broken) => *broken,
        },
    }
}

/// `POST /compte/oubli/code`
pub(super) async fn recover(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    let by_app = form.preuve == "application";
    let by = if by_app { SecondProof::App } else { SecondProof::Sealed };
    match front.accounts.recover(&form.billet, &form.code, by, &form.secret).await {
        Ok(()) => front.choice_page(&asking, form.billet, true, None),
        Err(Fault::Code { tries_left }) => {
            let tries = if tries_left == 1 { "essai" } else { "essais" };
            let says = format!("Le code ou la deuxième preuve ne va pas. Il reste {tries_left} {tries}.");
            let problem = Some(Problem::of("code", says));
            let page = Recovery { ticket: form.billet, by_app, problem };
            page.show(&front.portal, asking.viewer.as_ref())
        }
        Err(fault) => match front.problem(&asking, &fault, "identifiant", "") {
            Ok(problem) => front.forgot_page(&asking, String::new(), Some(problem)),
            Err(broken) => *broken,
        },
    }
}
