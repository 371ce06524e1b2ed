//! Signing in to the pages by a provider of OpenID Connect: `/connexion…`.
//!
//! A person leaves (`depart`), comes back (`arrive`) and is somebody to the record (`person`): a professional where they
//! work today, a patient whose traits are those of the dossier (`links`, `traits`), anybody else by `dmp_actor`. What a
//! browser is trusted with is a random cookie; everything else waits here, ten minutes, once.

mod arrive;
mod depart;
mod leave;
mod links;
mod person;
mod step_up;
mod traits;
mod trouble;

#[cfg(test)]
mod tests;

use crate::config::{Config, ConfigError, ProviderConfig, ProviderKind};
use crate::identity::Kind;
use crate::people::People;
use crate::sessions::{Cookie, OpenedBy, Sessions, fresh, key};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use dmp_dossier::{Actor, Traits};
use dmp_openid::{Pending, Provider, Settings};
use dmp_portal::sign_in::{Door, Doors};
use dmp_portal::{Portal, Viewer};
use dmp_store::Store;
use dmp_xds::vihf::Table;
use http::header::{COOKIE, HeaderMap, HeaderValue};
use jiff::Timestamp;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use std::sync::Arc;
use std::time::Duration;
use trouble::Trouble;

/// Where the ways in are.
pub const DOORS: &str = "/connexion";
/// Where providers send back.
pub(crate) const RETURN: &str = "/connexion/retour";
/// Where they send back who signed out.
pub(crate) const LEFT: &str = "/connexion/fin";

/// A departure is remembered longer than it is taken: late is said otherwise than unknown.
const DEPARTURES_KEPT: Duration = Duration::from_secs(3600);
/// How long a question (where, which number) waits for its answer.
const QUESTIONS_KEPT: Duration = Duration::from_secs(600);
const KEPT_MAX: u64 = 100_000;
/// How long differences of an account are counted.
const DIFFERENCES_COUNTED: Duration = Duration::from_secs(24 * 3600);
/// Longest address of ours one goes back to.
const NEXT_BYTES_MAX: usize = 512;

/// A provider by whom one signs in.
pub(crate) struct Way {
    pub(crate) key: String,
    pub(crate) label: String,
    pub(crate) kind: ProviderKind,
    pub(crate) actors: Vec<Kind>,
    /// The demonstration's own: its people have names and profiles of their own.
    pub(crate) demo: bool,
    pub(crate) provider: Provider,
}

/// Why somebody left for their provider.
#[derive(Clone)]
enum Purpose {
    /// To sign in, then to go there.
    Enter { next: String },
    /// To prove again who they are, in that session.
    Prove { session: [u8; 32] },
}

/// Somebody who is at their provider.
#[derive(Clone)]
struct Left {
    way: usize,
    pending: Pending,
    browser: [u8; 32],
    purpose: Purpose,
}

/// A question that a person who is back has to answer.
#[derive(Clone)]
struct Question {
    browser: [u8; 32],
    by: OpenedBy,
    next: String,
    name: String,
    about: About,
}

#[derive(Clone)]
enum About {
    /// Where do you work today?
    Place(Vec<Actor>),
    /// What is your number?
    Number(Traits),
}

/// What signing in stands on.
pub(crate) struct SignIn {
    pub(crate) store: Store,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) portal: Arc<Portal>,
    pub(crate) people: Option<Arc<dyn People>>,
    ways: Vec<Way>,
    /// Of structures and of who works there, where the deployment has one.
    directory: Option<Table>,
    public_url: String,
    behind_tls: bool,
    departures: Cache<[u8; 32], Left>,
    questions: Cache<[u8; 32], Question>,
    /// Addresses where somebody signs out of their provider too.
    leaving: Cache<[u8; 32], String>,
    /// How often the traits of an account were not those of a patient.
    differences: Cache<[u8; 32], u32>,
}

/// What a server gives to signing in.
pub(crate) struct Given {
    pub(crate) store: Store,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) portal: Arc<Portal>,
    pub(crate) people: Option<Arc<dyn People>>,
    pub(crate) ways: Vec<Way>,
    pub(crate) directory: Option<Table>,
    pub(crate) public_url: String,
    pub(crate) behind_tls: bool,
}

impl SignIn {
    pub(crate) fn new(given: Given) -> Self {
        let Given { store, sessions, portal, people, ways, directory, public_url, behind_tls } = given;
        SignIn {
            store,
            sessions,
            portal,
            people,
            ways,
            directory,
            public_url,
            behind_tls,
            departures: kept(DEPARTURES_KEPT),
            questions: kept(QUESTIONS_KEPT),
            leaving: kept(QUESTIONS_KEPT),
            differences: kept(DIFFERENCES_COUNTED),
        }
    }

    fn now_seconds(&self) -> i64 {
        self.store.now().millis().div_euclid(1000)
    }

    fn way(&self, key: &str) -> Option<(usize, &Way)> {
        self.ways.iter().enumerate().find(|(_, way)| way.key == key)
    }

    /// Opens the session of somebody, ends the one they had, and gives its cookie.
    fn open(&self, headers: &HeaderMap, by: OpenedBy, viewer: Viewer) -> Result<HeaderValue, Trouble> {
        if let Cookie::One(id) = self.sessions.cookie_of(headers) {
            self.sessions.close(&id);
        }
        self.sessions.open_by(by, |csrf| Some(Viewer { csrf, ..viewer })).ok_or(Trouble::Ours)
    }

    /// The page of a trouble; one starts over where they started.
    fn page(&self, trouble: Trouble, viewer: Option<&Viewer>, way: Option<&str>) -> Response {
        if let Trouble::Fault(fault) = trouble {
            // The fault says which check failed, and nothing of what was checked.
            tracing::info!(code = fault.code(), %fault, "a sign-in is refused");
        }
        let again = way.map_or_else(|| DOORS.to_owned(), |key| format!("{DOORS}/depart/{key}"));
        let clock = Timestamp::from_millisecond(self.store.now().millis()).unwrap_or_default();
        let clock = clock
            .in_tz("Europe/Paris")
            .map_or_else(|_| clock.to_string(), |local| local.strftime("%H:%M").to_string());
        dmp_portal::sign_in::notice(&self.portal, viewer, &trouble.notice(again, &clock))
    }

    /// The secret of this browser, when it brought one.
    fn browser(&self, headers: &HeaderMap) -> Option<String> {
        let name = self.cookie_name();
        let mut found = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|text| text.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(known, _)| *known == name)
            .map(|(_, value)| value.to_owned());
        let is_ours = |value: &String| value.len() == 32 && value.bytes().all(|b| b.is_ascii_hexdigit());
        found.next().filter(is_ours).filter(|_| found.next().is_none())
    }

    /// A secret for this browser: its own, or a new one with its cookie.
    fn browser_or_new(&self, headers: &HeaderMap) -> ([u8; 32], Option<HeaderValue>) {
        if let Some(secret) = self.browser(headers) {
            return (key(&secret), None);
        }
        let secret = fresh();
        let secure = if self.behind_tls { "; Secure" } else { "" };
        let cookie =
            format!("{}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600{secure}", self.cookie_name());
        (key(&secret), HeaderValue::from_str(&cookie).ok())
    }

    fn cookie_name(&self) -> &'static str {
        if self.behind_tls { "__Host-dmp_connexion" } else { "dmp_connexion" }
    }
}

/// The providers of a configuration.
///
/// # Errors
/// A secret that cannot be read, an address or an algorithm that is not taken.
pub(crate) fn ways(config: &Config, public_url: &str) -> Result<Vec<Way>, ConfigError> {
    config.identity.providers.iter().map(|provider| way(provider, public_url)).collect()
}

fn way(config: &ProviderConfig, public_url: &str) -> Result<Way, ConfigError> {
    let wrong = |problem: String| ConfigError(format!("`identity.providers`: `{}`: {problem}", config.key));
    let secret = config.client_secret.as_ref().map(|path| {
        let text = std::fs::read_to_string(path);
        text.map(|text| text.trim().to_owned())
            .map_err(|error| wrong(format!("`{}`: {error}", path.display())))
    });
    let settings = Settings {
        issuer: config.issuer.clone(),
        client_id: config.client_id.clone(),
        client_secret: secret.transpose()?,
        secret_in_body: config.client_secret_in_body,
        scopes: config.scopes(),
        acr: config.acr.clone(),
        algorithms: config.algorithms.clone(),
        redirect_uri: format!("{public_url}{RETURN}"),
    };
    Ok(Way {
        key: config.key.clone(),
        label: config.label.clone(),
        kind: config.kind,
        actors: config.actors.clone(),
        demo: false,
        provider: Provider::new(settings).map_err(|error| wrong(error.to_string()))?,
    })
}

/// The providers of the demonstration.
///
/// # Errors
/// As [`ways`].
pub(crate) fn demo_ways(public_url: &str) -> Result<Vec<Way>, ConfigError> {
    let providers = crate::demo::openid::providers(public_url);
    let ways = providers.iter().map(|provider| way(provider, public_url));
    let cards = |way: Way| Way { demo: way.key == crate::demo::openid::CARDS, ..way };
    ways.map(|made| made.map(cards)).collect()
}

/// The routes.
pub(crate) fn routes(sign_in: Arc<SignIn>) -> Router {
    Router::new()
        .route("/connexion", get(doors))
        .route("/connexion/depart/{key}", get(depart::leave))
        .route("/connexion/retour", get(arrive::back))
        .route("/connexion/ou", post(person::choose_place))
        .route("/connexion/numero", post(links::give_number))
        .route("/connexion/confirmer", post(step_up::park))
        .route("/connexion/preuve", get(step_up::ask))
        .route("/connexion/suite", get(step_up::resume))
        .route("/connexion/prolonger", get(step_up::stay))
        .route("/connexion/sortie/{key}", post(leave::told_by_provider))
        .route("/connexion/fin", get(leave::left))
        .route("/deconnexion", post(leave::sign_out))
        .with_state(sign_in)
}

/// `GET /connexion`
async fn doors(
    State(sign_in): State<Arc<SignIn>>,
    axum::Extension(viewer): axum::Extension<Option<Viewer>>,
    query: axum::extract::RawQuery,
) -> Response {
    let next = depart::parameter(query.0.as_deref(), "next").filter(|next| local(next));
    let next = next.map(|next| format!("?{}", dmp_openid::encoded(&[("next", &next)]))).unwrap_or_default();
    let mut doors = Doors::default();
    for way in &sign_in.ways {
        let door = Door::new(
            format!("{DOORS}/depart/{}{next}", way.key),
            format!("Se connecter avec {}", way.label),
            "",
        );
        match way.kind {
            ProviderKind::FranceConnect => doors.patients.push(door),
            ProviderKind::ProSanteConnect => doors.professionals.push(door),
            ProviderKind::Other if way.demo => {}
            ProviderKind::Other => doors.staff.push(door),
        }
    }
    let account = Door::new(
        "/compte/connexion",
        "Se connecter avec mon compte",
        "Identifiant et mot de passe, ou clé d'accès",
    );
    doors.patients.push(account.clone());
    doors.patients.push(Door::new(
        "/compte/activation",
        "Activer mon compte",
        "Avec le code reçu à l'ouverture du dossier",
    ));
    doors.staff.push(account);
    dmp_portal::sign_in::doors(&sign_in.portal, viewer.as_ref(), doors)
}

/// What waits for somebody to come back. The oldest leaves first: whoever fills it does not keep others out.
fn kept<V: Clone + Send + Sync + 'static>(how_long: Duration) -> Cache<[u8; 32], V> {
    let builder = Cache::builder().max_capacity(KEPT_MAX).time_to_live(how_long);
    builder.eviction_policy(EvictionPolicy::lru()).build()
}

/// True for an address of ours that one may go back to: a path, in plain characters (OIDC-16, OIDC-17).
pub(crate) fn local(path: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/-_.~?&=:,+".contains(&b);
    path.starts_with('/')
        && path.len() <= NEXT_BYTES_MAX
        && !path.contains("//")
        && path.bytes().all(plain)
        && !path.starts_with(DOORS)
        && !path.starts_with("/deconnexion")
}
