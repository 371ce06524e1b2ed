//! `/compte/activation`: the sealed secret or a link, a code, then a password or a passkey.

use super::request::{Asking, Posted};
use super::{Body, CodePage, Front, no_options, options};
use axum::extract::{Query, State};
use axum::http::Response;
use dmp_accounts::Fault;
use dmp_portal::account::{Activation, Choice, LinkFollowed, Passkey, Problem};
use serde::Deserialize;
use std::sync::Arc;

const CODE: CodePage = CodePage {
    title: "Tapez votre code",
    action: "/compte/activation/code",
    again: "/compte/activation/envoi",
    back: "/compte/activation",
};
const WRONG: &str = "Identifiant ou code secret incorrect, ou compte déjà activé.";
const LINK_OVER: &str = "Ce lien ne vaut plus. Demandez-en un nouveau, ou tapez le code secret du courrier.";

/// A link of a message.
#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    lien: String,
}

impl Front {
    fn activation_page(&self, asking: &Asking, typed: String, problem: Option<Problem>) -> Response<Body> {
        Activation { typed, link_sent: false, problem }.show(&self.portal, asking.viewer.as_ref())
    }

    pub(super) fn choice_page(
        &self,
        asking: &Asking,
        ticket: String,
        recovery: bool,
        problem: Option<Problem>,
    ) -> Response<Body> {
        let passkey = (!recovery).then(|| Passkey { domain: self.accounts.passkey_domain().to_owned() });
        Choice { ticket, login: String::new(), passkey, problem }.show(&self.portal, asking.viewer.as_ref())
    }

    /// A story that ended: start again.
    fn start_again(&self, asking: &Asking, problem: Problem) -> Response<Body> {
        self.activation_page(asking, String::new(), Some(Problem { field: "identifiant", ..problem }))
    }
}

/// `GET /compte/activation`, and `?lien=` of a message: looking at it does not use it.
pub(super) async fn show(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Query(link): Query<Link>,
) -> Response<Body> {
    if link.lien.is_empty() {
        return front.activation_page(&asking, String::new(), None);
    }
    if !front.accounts.is_link(&link.lien) {
        return front.activation_page(&asking, String::new(), Some(Problem::of("identifiant", LINK_OVER)));
    }
    LinkFollowed { token: link.lien, problem: None }.show(&front.portal, asking.viewer.as_ref())
}

/// `POST /compte/activation/suivre`: the link is used.
pub(super) async fn follow(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    match front.accounts.follow_link(&form.lien).await {
        Ok(ticket) => front.choice_page(&asking, ticket, false, None),
        Err(Fault::Store(error)) => front.broken(&asking, &error),
        Err(_) => front.start_again(&asking, Problem::of("identifiant", LINK_OVER)),
    }
}

/// `POST /compte/activation/lien`: whether one left is not told.
pub(super) async fn new_link(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    match front.accounts.send_link_again(&form.identifiant, &asking.origin).await {
        Ok(()) => {
            let page = Activation { link_sent: true, ..Activation::default() };
            page.show(&front.portal, asking.viewer.as_ref())
        }
        Err(fault) => match front.problem(&asking, &fault, "identifiant", WRONG) {
            Ok(problem) => front.activation_page(&asking, form.identifiant, Some(problem)),
            Err(broken) => *broken,
        },
    }
}

/// `POST /compte/activation`
pub(super) async fn secret(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    match front.accounts.activate(&form.identifiant, &form.secret, &asking.origin).await {
        Ok(step) => front.ask_code(&asking, &CODE, &step, None),
        Err(fault) => match front.problem(&asking, &fault, "identifiant", WRONG) {
            Ok(problem) => front.activation_page(&asking, form.identifiant, Some(problem)),
            Err(broken) => *broken,
        },
    }
}

/// `POST /compte/activation/envoi`
pub(super) async fn send_again(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    match front.accounts.send_again(&form.billet, form.par == "sms", &asking.origin).await {
        Ok(step) => front.ask_code(&asking, &CODE, &step, None),
        Err(fault) => match front.problem(&asking, &fault, "code", "") {
            Ok(problem) if matches!(fault, Fault::Over) => front.start_again(&asking, problem),
            Ok(problem) => front.ask_code_again(&asking, &CODE, &form.billet, problem),
            Err(broken) => *broken,
        },
    }
}

/// `POST /compte/activation/code`
pub(super) async fn code(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    match front.accounts.activation_code(&form.billet, &form.code) {
        Ok(()) => front.choice_page(&asking, form.billet, false, None),
        Err(fault) => match front.problem(&asking, &fault, "code", "") {
            Ok(problem) if matches!(fault, Fault::Over) => front.start_again(&asking, problem),
            Ok(problem) => front.ask_code_again(&asking, &CODE, &form.billet, problem),
            Err(broken) => *broken,
        },
    }
}

/// `POST /compte/choisir`
pub(super) async fn choose(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    if front.accounts.may_choose(&form.billet) && form.mot_de_passe != form.encore {
        let problem = Problem::of("encore", "Les deux mots de passe ne sont pas les mêmes.");
        return front.choice_page(&asking, form.billet, false, Some(problem));
    }
    match front.accounts.choose_password(&form.billet, &form.mot_de_passe, &asking.origin).await {
        Ok(entered) => front.entered_anew(&asking, entered).await,
        Err(fault) => match front.problem(&asking, &fault, "mot-de-passe", "") {
            Ok(problem) if matches!(fault, Fault::Password(_) | Fault::Wait { .. }) => {
                front.choice_page(&asking, form.billet, false, Some(problem))
            }
            Ok(problem) => front.start_again(&asking, problem),
            Err(broken) => *broken,
        },
    }
}

/// `POST /compte/choisir/defi`
pub(super) async fn passkey_options(State(front): State<Arc<Front>>, Posted(form): Posted) -> Response<Body> {
    match front.accounts.choose_passkey(&form.billet).await {
        Ok(made) => options(&form.billet, &made),
        Err(fault) => no_options(&fault),
    }
}

/// `POST /compte/choisir/cle`
pub(super) async fn choose_passkey(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    match front.accounts.chosen_passkey(&form.billet, &form.reponse, &asking.origin).await {
        Ok(entered) => front.entered_anew(&asking, entered).await,
        Err(fault) => {
            match front.problem(&asking, &fault, "identifiant", "Cette clé d'accès n'a pas pu être créée.")
            {
                Ok(problem) => front.start_again(&asking, problem),
                Err(broken) => *broken,
            }
        }
    }
}
