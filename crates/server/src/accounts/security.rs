//! `/compte/securite`: what protects an account, for who proved less than five minutes ago who they are.

use super::request::{Asking, Fields, Posted};
use super::{Body, CodePage, FRESH_MS, Front, no_options, options};
use axum::extract::{Query, State};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse as _;
use dmp_accounts::Fault;
use dmp_dossier::{Actor, Command, OtpAction, OtpChannel};
use dmp_portal::Viewer;
use dmp_portal::account::{NewApp, NewChannel, Passkey, Problem, Security};
use dmp_store::{StoreError, Target};
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

const CHANNEL_CODE: CodePage = CodePage {
    title: "Tapez votre code",
    action: "/compte/securite/canal/code",
    again: "",
    back: "/compte/securite",
};

/// What was just done, as a word of the address.
#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    fait: String,
}

const DONE: [(&str, &str); 7] = [
    ("mot-de-passe", "Votre mot de passe est changé."),
    ("cle", "Votre clé d'accès est prête."),
    ("cle-retiree", "La clé d'accès est retirée."),
    ("application", "Votre application de codes est prête."),
    ("application-retiree", "L'application de codes est retirée."),
    ("appareil", "Cet appareil est oublié."),
    ("canal", "Vos codes arrivent maintenant à la nouvelle adresse."),
];

/// After these, every other session of the account ends: it may have been opened by what is no longer trusted.
const ENDS_OTHERS: [&str; 5] = ["mot-de-passe", "cle-retiree", "application-retiree", "appareil", "canal"];

impl Front {
    /// The owner of an account, proved again less than five minutes ago; otherwise they are asked.
    async fn proved(
        &self,
        asking: &Asking,
        csrf: Option<&str>,
    ) -> Result<(Viewer, String), Box<Response<Body>>> {
        let (viewer, login) = match csrf {
            Some(csrf) => self.owner_of(asking, csrf).await?,
            None => self.owner(asking).await?,
        };
        let age_ms = self.now().millis().saturating_sub(viewer.proved_at.millis());
        match age_ms < FRESH_MS {
            true => Ok((viewer, login)),
            false => Err(Box::new(self.to("/compte/confirmer?puis=securite"))),
        }
    }

    async fn security_page(
        &self,
        asking: &Asking,
        login: &str,
        done: Option<&'static str>,
        problem: Option<Problem>,
    ) -> Response<Body> {
        let overview = match self.accounts.overview(login).await {
            Ok(overview) => overview,
            Err(fault) => return self.broken(asking, &fault),
        };
        let here = self.accounts.device_of(&asking.origin);
        let devices = overview.devices.into_iter().map(|device| {
            let is_here = here.as_deref() == Some(device.id.as_str());
            (device.id, device.family, device.used, is_here)
        });
        let passkeys = overview.passkeys.into_iter();
        let page = Security {
            login: overview.login,
            has_password: overview.has_password,
            has_app: overview.has_app,
            passkey: Passkey { domain: self.accounts.passkey_domain().to_owned() },
            passkeys: passkeys.map(|key| (key.id.to_string(), key.name, key.since, key.used)).collect(),
            devices: devices.collect(),
            channels: overview.channels.into_iter().map(|(kind, value)| (kind.to_owned(), value)).collect(),
            done,
            problem,
        };
        page.show(&self.portal, asking.viewer.as_ref())
    }

    /// The page after a change, or with what is wrong.
    async fn changed(
        &self,
        asking: &Asking,
        login: &str,
        done: Result<(), Fault>,
        word: &str,
        (field, wrong): (&'static str, &str),
    ) -> Response<Body> {
        match done {
            Ok(()) => {
                if let (true, Some(viewer)) = (ENDS_OTHERS.contains(&word), &asking.viewer) {
                    self.sessions.end_others(&viewer.actor, asking.session.as_deref());
                }
                self.to(&format!("/compte/securite?fait={word}"))
            }
            Err(fault) => match self.problem(asking, &fault, field, wrong) {
                Ok(problem) => self.security_page(asking, login, None, Some(problem)).await,
                Err(broken) => *broken,
            },
        }
    }

    fn app_page(
        &self,
        asking: &Asking,
        ticket: String,
        secret: &str,
        link: String,
        problem: Option<Problem>,
    ) -> Response<Body> {
        let groups: Vec<String> =
            secret.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
        let page =
            NewApp { qr: dmp_portal::account::qr(&link), ticket, secret: groups.join(" "), link, problem };
        page.show(&self.portal, asking.viewer.as_ref())
    }
}

/// `GET /compte/securite`
pub(super) async fn show(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Query(done): Query<Done>,
) -> Response<Body> {
    let login = match front.proved(&asking, None).await {
        Ok((_, login)) => login,
        Err(response) => return *response,
    };
    let done = DONE.iter().find(|(word, _)| *word == done.fait).map(|(_, says)| *says);
    front.security_page(&asking, &login, done, None).await
}

/// `POST /compte/securite/mot-de-passe`
pub(super) async fn password(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    let login = match front.proved(&asking, Some(&form.csrf)).await {
        Ok((_, login)) => login,
        Err(response) => return *response,
    };
    if form.mot_de_passe != form.encore {
        let problem = Problem::of("encore", "Les deux mots de passe ne sont pas les mêmes.");
        return front.security_page(&asking, &login, None, Some(problem)).await;
    }
    let done = front.accounts.change_password(&login, &form.mot_de_passe).await;
    front.changed(&asking, &login, done, "mot-de-passe", ("mot-de-passe", "")).await
}

/// `POST /compte/securite/cle/defi`
pub(super) async fn passkey_options(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    let Ok((_, login)) = front.proved(&asking, Some(&form.csrf)).await else {
        return StatusCode::FORBIDDEN.into_response();
    };
    match front.accounts.start_passkey(&login).await {
        Ok((ticket, made)) => options(&ticket, &made),
        Err(fault) => no_options(&fault),
    }
}

/// `POST /compte/securite/cle`
pub(super) async fn add_passkey(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    let login = match front.proved(&asking, Some(&form.csrf)).await {
        Ok((_, login)) => login,
        Err(response) => return *response,
    };
    let done = front.accounts.add_passkey(&login, &form.billet, &form.reponse, &asking.origin).await;
    let wrong = ("cles", "Cette clé d'accès n'a pas pu être créée.");
    front.changed(&asking, &login, done, "cle", wrong).await
}

/// `POST /compte/securite/cle/retirer`
pub(super) async fn remove_passkey(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    let login = match front.proved(&asking, Some(&form.csrf)).await {
        Ok((_, login)) => login,
        Err(response) => return *response,
    };
    let done = match Uuid::parse_str(&form.cle) {
        Ok(id) => front.accounts.remove_passkey(&login, id).await,
        Err(_) => Err(Fault::Wrong),
    };
    let wrong = ("cles", "C'est votre seule façon d'entrer. Ajoutez d'abord un mot de passe.");
    front.changed(&asking, &login, done, "cle-retiree", wrong).await
}

/// `POST /compte/securite/application/nouvelle`
pub(super) async fn start_app(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    let login = match front.proved(&asking, Some(&form.csrf)).await {
        Ok((_, login)) => login,
        Err(response) => return *response,
    };
    match front.accounts.start_app(&login).await {
        Ok((ticket, secret, link)) => front.app_page(&asking, ticket, &secret, link, None),
        Err(fault) => front.changed(&asking, &login, Err(fault), "", ("codes", "")).await,
    }
}

/// `POST /compte/securite/application`
pub(super) async fn add_app(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    let login = match front.proved(&asking, Some(&form.csrf)).await {
        Ok((_, login)) => login,
        Err(response) => return *response,
    };
    let done = front.accounts.add_app(&login, &form.billet, &form.code).await;
    let pending = front.accounts.pending_app(&login, &form.billet);
    match (done, pending) {
        (Err(Fault::Wrong), Some((secret, link))) => {
            let problem =
                Problem::of("code", "Ce n'est pas le bon code. Attendez le suivant, puis réessayez.");
            front.app_page(&asking, form.billet, &secret, link, Some(problem))
        }
        (done, _) => front.changed(&asking, &login, done, "application", ("codes", "")).await,
    }
}

/// `POST /compte/securite/application/retirer`
pub(super) async fn remove_app(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    let login = match front.proved(&asking, Some(&form.csrf)).await {
        Ok((_, login)) => login,
        Err(response) => return *response,
    };
    let done = front.accounts.remove_app(&login).await;
    front.changed(&asking, &login, done, "application-retiree", ("codes", "")).await
}

/// `POST /compte/securite/appareil`
pub(super) async fn forget_device(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    let login = match front.proved(&asking, Some(&form.csrf)).await {
        Ok((_, login)) => login,
        Err(response) => return *response,
    };
    let done = front.accounts.forget_device(&login, &form.appareil).await;
    front.changed(&asking, &login, done, "appareil", ("appareils", "")).await
}

/// `GET /compte/securite/canal`
pub(super) async fn channel(State(front): State<Arc<Front>>, asking: Asking) -> Response<Body> {
    match front.proved(&asking, None).await {
        Ok((viewer, _)) => {
            NewChannel { sms: true, ..NewChannel::default() }.show(&front.portal, Some(&viewer))
        }
        Err(response) => *response,
    }
}

/// `POST /compte/securite/canal`: the new channel has to be proved.
pub(super) async fn new_channel(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    let viewer = match front.proved(&asking, Some(&form.csrf)).await {
        Ok((viewer, _)) => viewer,
        Err(response) => return *response,
    };
    front.prove_channel(&asking, &viewer, &form, &CHANNEL_CODE, false).await
}

impl Front {
    /// Sends a code to the channel that was typed; the page that awaits it, or the form again.
    pub(super) async fn prove_channel(
        &self,
        asking: &Asking,
        viewer: &Viewer,
        form: &Fields,
        code: &CodePage,
        first: bool,
    ) -> Response<Body> {
        let front = self;
        let sms = form.par == "sms";
        let typed = form.adresse.trim().to_owned();
        let channel = if sms { OtpChannel::Sms(typed.clone()) } else { OtpChannel::Email(typed.clone()) };
        match front.accounts.prove_channel(&channel, false).await {
            Ok(ticket) => {
                let proof = dmp_accounts::Proof::from(&channel);
                front.ask_code(asking, code, &dmp_accounts::Step { ticket, proof }, None)
            }
            Err(fault) => match front.problem(asking, &fault, "adresse", "") {
                Ok(problem) => {
                    let says = match fault {
                        Fault::NotSent if sms => "Vérifiez ce numéro de mobile.".to_owned(),
                        Fault::NotSent => "Vérifiez cette adresse mail.".to_owned(),
                        _ => problem.says.clone(),
                    };
                    let page = NewChannel { first, sms, typed, problem: Some(Problem { says, ..problem }) };
                    page.show(&front.portal, Some(viewer))
                }
                Err(broken) => *broken,
            },
        }
    }
}

/// `POST /compte/securite/canal/code`: the record takes the channel, and those of before are told.
pub(super) async fn channel_code(
    State(front): State<Arc<Front>>,
    asking: Asking,
    Posted(form): Posted,
) -> Response<Body> {
    let (viewer, login) = match front.proved(&asking, Some(&form.csrf)).await {
        Ok(owner) => owner,
        Err(response) => return *response,
    };
    let channel = match front.accounts.proved_channel(&form.billet, &form.code) {
        Ok(channel) => channel,
        Err(fault) => {
            return match front.problem(&asking, &fault, "code", "") {
                Ok(problem) if matches!(fault, Fault::Code { .. }) => {
                    front.ask_code_again(&asking, &CHANNEL_CODE, &form.billet, problem)
                }
                Ok(problem) => {
                    let problem = Problem { field: "codes", ..problem };
                    front.security_page(&asking, &login, None, Some(problem)).await
                }
                Err(broken) => *broken,
            };
        }
    };
    let done = take_channel(&front, &viewer, &login, channel).await;
    let refused = "Votre dossier n'a pas accepté ce changement.";
    front.changed(&asking, &login, done, "canal", ("codes", refused)).await
}

async fn take_channel(front: &Front, viewer: &Viewer, login: &str, channel: OtpChannel) -> Result<(), Fault> {
    let before = front.accounts.channels(login).await?;
    let Actor::Patient { ins } = &viewer.actor else {
        return front.accounts.set_channel(login, &before, channel).await;
    };
    let known = before.iter().any(|one| one.kind() == channel.kind());
    let action = if known { OtpAction::Replace } else { OtpAction::Add };
    let command = Command::ChangeOtpChannel { action, channel: channel.clone() };
    let target = Target::Patient(ins.clone());
    match front.store.execute(&viewer.actor, target, command, Vec::new(), Uuid::new_v4()).await {
        Ok(_) => front.accounts.channel_changed(login, &before, &channel).await,
        Err(StoreError::Refused { .. }) => Err(Fault::Wrong),
        Err(error) => Err(Fault::Store(error)),
    }
}
