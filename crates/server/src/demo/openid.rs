//! The demonstration's own provider of OpenID Connect, `/demo/openid/…`: who signs in chooses whom they are.
//!
//! The only part of signing in that is a demonstration: the pages go through it as through any other. It speaks like an
//! issuer of ours (`dmp_actor`), like FranceConnect or like Pro Santé Connect, by who asks. Its key lasts as long as the
//! process.

use super::personas::{Persona, Who, camille, personas};
use super::population::{leo, marie};
use crate::config::{ProviderConfig, ProviderKind};
use crate::identity::{Kind, claims};
use crate::open::SystemAmbient;
use crate::sessions::fresh;
use crate::sign_in::RETURN;
use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dmp_dossier::{Actor, Sex, Traits};
use dmp_openid::encoded;
use dmp_portal::Portal;
use dmp_portal::sign_in::Door;
use dmp_store::Ambient as _;
use http::StatusCode;
use http::header::{AUTHORIZATION, HeaderMap};
use moka::sync::Cache;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Key of the provider through which the cards of `/demo` go.
pub const CARDS: &str = "demo";
const PATIENTS: &str = "demo-patients";
const PROFESSIONALS: &str = "demo-professionnels";
const KID: &str = "demo";
/// How long an identity token is in force, in seconds.
const TOKEN_SECONDS: i64 = 300;

/// The provider.
pub struct DemoOpenid {
    portal: Arc<Portal>,
    issuer: String,
    redirect_uri: String,
    key: EcdsaKeyPair,
    people: Vec<Persona>,
    codes: Cache<String, Grant>,
    accesses: Cache<String, (String, &'static str)>,
}

/// What a code stands for.
#[derive(Clone)]
struct Grant {
    client: String,
    persona: &'static str,
    nonce: String,
    challenge: String,
    at: i64,
}

/// The providers of a demo, as a configuration would name them.
pub fn providers(public_url: &str) -> [ProviderConfig; 3] {
    let of = |key: &str, label: &str, kind, actors: Vec<Kind>| ProviderConfig {
        key: key.to_owned(),
        label: label.to_owned(),
        kind,
        issuer: issuer(public_url),
        client_id: key.to_owned(),
        client_secret: None,
        client_secret_in_body: false,
        scopes: Vec::new(),
        acr: vec!["eidas1".to_owned()],
        algorithms: vec!["ES256".to_owned()],
        actors,
    };
    [
        of(CARDS, "la démonstration", ProviderKind::Other, Kind::ALL.to_vec()),
        of(PATIENTS, "FranceConnect (simulé)", ProviderKind::FranceConnect, Vec::new()),
        of(PROFESSIONALS, "Pro Santé Connect (simulé)", ProviderKind::ProSanteConnect, Vec::new()),
    ]
}

fn issuer(public_url: &str) -> String {
    format!("{public_url}/demo/openid")
}

/// The provider's routes.
pub fn routes(public_url: &str, portal: Arc<Portal>) -> Router {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
        .expect("the generator aborts the process rather than fail");
    let short = || Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(120));
    let provider = DemoOpenid {
        portal,
        issuer: issuer(public_url),
        redirect_uri: format!("{public_url}{RETURN}"),
        key,
        people: personas(),
        codes: short().build(),
        accesses: Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(120)).build(),
    };
    Router::new()
        .route("/demo/openid/.well-known/openid-configuration", get(discovery))
        .route("/demo/openid/authorize", get(authorize))
        .route("/demo/openid/token", post(token))
        .route("/demo/openid/jwks", get(jwks))
        .route("/demo/openid/userinfo", get(user_info))
        .route("/demo/openid/fin", get(end_session))
        .with_state(Arc::new(provider))
}

type Provider = State<Arc<DemoOpenid>>;

async fn discovery(State(provider): Provider) -> Json<Value> {
    let issuer = &provider.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "end_session_endpoint": format!("{issuer}/fin"),
        "authorization_response_iss_parameter_supported": true,
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
    }))
}

async fn jwks(State(provider): Provider) -> Json<Value> {
    // 04, then both coordinates (SEC 1 2.3.3).
    let point = provider.key.public_key().as_ref();
    let coordinate = |from: usize| URL_SAFE_NO_PAD.encode(&point[from..from + 32]);
    Json(json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": KID,
        "x": coordinate(1), "y": coordinate(33),
    }]}))
}

#[derive(Deserialize)]
struct Asked {
    client_id: String,
    redirect_uri: String,
    state: String,
    nonce: String,
    code_challenge: String,
    code_challenge_method: String,
    #[serde(default)]
    login_hint: String,
    #[serde(default)]
    prompt: String,
    /// The person of a link of our page.
    #[serde(default)]
    qui: String,
    #[serde(default)]
    annuler: String,
}

/// Gives a code at once for the person of a card, shows the page of the people otherwise.
async fn authorize(State(provider): Provider, asked: Result<Query<Asked>, QueryRejection>) -> Response {
    let Ok(Query(asked)) = asked else { return StatusCode::BAD_REQUEST.into_response() };
    let known = [CARDS, PATIENTS, PROFESSIONALS].contains(&&asked.client_id[..]);
    if !known || asked.redirect_uri != provider.redirect_uri || asked.code_challenge_method != "S256" {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let back = |what: (&str, &str)| {
        let query = encoded(&[("state", &asked.state), what, ("iss", &provider.issuer)]);
        format!("{}?{query}", provider.redirect_uri)
    };
    if !asked.annuler.is_empty() {
        return Redirect::to(&back(("error", "access_denied"))).into_response();
    }
    let may_be = |persona: &&Persona| match &asked.client_id[..] {
        PATIENTS => matches!(persona.who, Who::Patient { .. }),
        PROFESSIONALS => matches!(persona.who, Who::Professional(..)),
        _ => true,
    };
    let mut people: Vec<&Persona> = provider.people.iter().filter(may_be).collect();
    let chosen = match (&asked.qui[..], &asked.prompt[..]) {
        // A fresh proof is asked of the person themselves, whatever was proposed.
        ("", "login") => "",
        ("", _) => &asked.login_hint,
        (qui, _) => qui,
    };
    if let Some(persona) = people.iter().find(|persona| persona.key == chosen) {
        let code = fresh();
        let grant = Grant {
            client: asked.client_id.clone(),
            persona: persona.key,
            nonce: asked.nonce.clone(),
            challenge: asked.code_challenge.clone(),
            at: now(),
        };
        provider.codes.insert(code.clone(), grant);
        return Redirect::to(&back(("code", &code))).into_response();
    }
    if people.iter().any(|persona| persona.key == asked.login_hint) {
        people.retain(|persona| persona.key == asked.login_hint);
    }
    let again = |more: (&str, &str)| {
        let query = encoded(&[
            ("client_id", &asked.client_id),
            ("redirect_uri", &asked.redirect_uri),
            ("state", &asked.state),
            ("nonce", &asked.nonce),
            ("code_challenge", &asked.code_challenge),
            ("code_challenge_method", "S256"),
            more,
        ]);
        format!("/demo/openid/authorize?{query}")
    };
    let doors = people.iter().map(|p| Door::new(again(("qui", p.key)), &p.name[..], p.label)).collect();
    dmp_portal::demo::provider(&provider.portal, doors, again(("annuler", "1")))
}

#[derive(Deserialize)]
struct Exchanged {
    code: String,
    client_id: String,
    redirect_uri: String,
    code_verifier: String,
}

async fn token(State(provider): Provider, form: Result<Form<Exchanged>, FormRejection>) -> Response {
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    let Ok(Form(form)) = form else { return refused("invalid_request") };
    let Some(grant) = provider.codes.remove(&form.code) else { return refused("invalid_grant") };
    let digest = digest::digest(&digest::SHA256, form.code_verifier.as_bytes());
    let proved = URL_SAFE_NO_PAD.encode(digest.as_ref()) == grant.challenge;
    if !proved || grant.client != form.client_id || form.redirect_uri != provider.redirect_uri {
        return refused("invalid_grant");
    }
    let now = now();
    let claims = json!({
        "iss": provider.issuer, "aud": grant.client, "sub": grant.persona, "nonce": grant.nonce,
        "iat": now, "exp": now + TOKEN_SECONDS, "auth_time": grant.at, "acr": "eidas1",
    });
    let access = fresh();
    provider.accesses.insert(access.clone(), (grant.client, grant.persona));
    let answer = json!({
        "access_token": access, "token_type": "Bearer", "expires_in": 120, "id_token": provider.sign(&claims),
    });
    Json(answer).into_response()
}

async fn user_info(State(provider): Provider, headers: HeaderMap) -> Response {
    let token = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let Some((client, name)) = token.and_then(|token| provider.accesses.remove(token)) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let persona = provider.people.iter().find(|persona| persona.key == name);
    let Some(mut claims) = persona.map(|persona| claims_of(persona, &client)) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    claims.insert("sub".to_owned(), name.into());
    Json(Value::Object(claims)).into_response()
}

#[derive(Deserialize)]
struct Ending {
    post_logout_redirect_uri: Option<String>,
}

/// Nothing is remembered here, so there is nothing to end.
async fn end_session(State(provider): Provider, Query(ending): Query<Ending>) -> Redirect {
    let own = provider.redirect_uri.trim_end_matches(RETURN);
    let back =
        ending.post_logout_redirect_uri.filter(|back| *back == format!("{own}{}", crate::sign_in::LEFT));
    Redirect::to(back.as_deref().unwrap_or("/demo"))
}

impl DemoOpenid {
    fn sign(&self, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message =
            format!("{}.{}", part(&json!({ "alg": "ES256", "typ": "JWT", "kid": KID })), part(claims));
        let signature = self.key.sign(&SystemRandom::new(), message.as_bytes());
        let signature = signature.expect("the generator aborts the process rather than fail");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

fn now() -> i64 {
    SystemAmbient.now().millis().div_euclid(1000)
}

/// What a provider of that kind says of somebody.
fn claims_of(persona: &Persona, client: &str) -> Map<String, Value> {
    let actor = persona.actor();
    let mut claims = match client {
        PATIENTS => Map::new(),
        PROFESSIONALS => professional(&actor),
        _ => claims::of_actor(&actor).unwrap_or_default(),
    };
    let known = [marie(), leo(), camille()];
    if let Actor::Patient { ins } = &actor
        && let Some(person) = known.iter().find(|person| person.ins == *ins)
    {
        claims.extend(of_traits(&person.traits));
    }
    claims
}

/// Claims of Pro Santé Connect, with two places of work for who has a practice: the second is the hospital's.
fn professional(actor: &Actor) -> Map<String, Value> {
    let mut claims = claims::of_actor(actor).unwrap_or_default();
    claims.remove("dmp_actor");
    let own = |name: &str| claims.get(name).cloned().unwrap_or_default();
    let finess = own("SubjectOrganizationID");
    let sector = own("Secteur_Activite");
    let sector = sector.as_str().unwrap_or_default().split('^').next().unwrap_or_default().to_owned();
    let first = json!({
        "raisonSocialeSite": own("SubjectOrganization"), "codeSecteurDactivite": sector,
        "ancienIdentifiantDeLaStructure": finess,
    });
    let (hospital, name) = super::personas::HOSPITAL;
    let mut activities = vec![first];
    if finess.as_str().is_some_and(|id| id.starts_with('4')) {
        activities.push(json!({
            "raisonSocialeSite": name, "codeSecteurDactivite": "SA01",
            "ancienIdentifiantDeLaStructure": hospital,
        }));
    }
    if let Some(exercise) = claims.get_mut("SubjectRefPro").and_then(|r| r["exercices"].get_mut(0)) {
        exercise["activities"] = json!(activities);
    }
    claims
}

/// Claims of FranceConnect.
fn of_traits(traits: &Traits) -> Map<String, Value> {
    let date = &traits.birth_date;
    let mut claims = Map::new();
    for (name, value) in [
        ("family_name", traits.birth_name.clone()),
        ("given_name", traits.given_names.clone()),
        ("birthdate", format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..])),
        ("gender", if traits.sex == Sex::Female { "female" } else { "male" }.to_owned()),
        ("birthplace", traits.birth_place.clone()),
        ("birthcountry", "99100".to_owned()),
        ("preferred_username", traits.used_name.clone().unwrap_or_default()),
    ] {
        claims.insert(name.to_owned(), value.into());
    }
    claims
}
