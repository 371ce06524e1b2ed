//! From a person that a provider vouches for to somebody of the record.

use super::trouble::Trouble;
use super::{About, Question, SignIn, Way, traits};
use crate::config::ProviderKind;
use crate::identity::{TokenError, asserted, situations};
use crate::sessions::{OpenedBy, fresh, key};
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse as _, Redirect, Response};
use dmp_dossier::{Actor, Channel, Professional, PsId, Time, Traits};
use dmp_nomenclature::{Profession, facility};
use dmp_openid::{Claims, Fault, Person};
use dmp_portal::sign_in::Workplace;
use dmp_portal::{Profile, Viewer};
use dmp_xds::vihf::Directory as _;
use http::header::{HeaderMap, SET_COOKIE};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

impl From<TokenError> for Trouble {
    fn from(error: TokenError) -> Self {
        tracing::info!(%error, "the claims of a provider give nobody");
        match error {
            TokenError::Insufficient(_) => Trouble::Role,
            _ => Trouble::Identity,
        }
    }
}

impl SignIn {
    /// Makes the session of a person, or asks what is missing.
    pub(super) async fn enter(
        &self,
        way: &Way,
        person: Person,
        next: &str,
        browser: [u8; 32],
        headers: &HeaderMap,
    ) -> Result<Response, Trouble> {
        let by = OpenedBy::Provider {
            key: way.key.clone(),
            issuer: person.issuer.clone(),
            subject: person.subject.clone(),
            id_token: person.id_token.clone(),
            proved_at: proved_at(&person.claims, self.store.now()),
        };
        let question = |name: String, about| {
            let question = Question { browser, by: by.clone(), next: next.to_owned(), name, about };
            let ticket = fresh();
            self.questions.insert(key(&ticket), question.clone());
            (ticket, question)
        };
        let (actor, traits) = match way.kind {
            ProviderKind::ProSanteConnect => {
                let mut situations = situations(&person.claims)?;
                if situations.len() > 1 {
                    let (ticket, question) = question(name_of(&situations[0]), About::Place(situations));
                    return Ok(self.ask_place(&ticket, &question, false));
                }
                (situations.remove(0), None)
            }
            ProviderKind::FranceConnect => {
                let traits = traits::of_claims(&person.claims).ok_or(Trouble::Identity)?;
                match self.linked(&person, &traits).await? {
                    Some(ins) => (Actor::Patient { ins }, Some(traits)),
                    None => {
                        let name = shown(&traits);
                        let (ticket, _) = question(name.clone(), About::Number(traits));
                        return Ok(dmp_portal::sign_in::number(&self.portal, &name, &ticket, "", None));
                    }
                }
            }
            ProviderKind::Other => {
                let actor = asserted(&person.claims, &way.actors, self.store.parameters().realm)?;
                (actor, traits::of_claims(&person.claims))
            }
        };
        if let (Actor::Patient { ins }, Some(traits)) = (&actor, &traits) {
            self.check_traits(&person.issuer, &person.subject, ins, traits).await?;
        }
        let named = way.demo.then_some(person.subject.as_str());
        self.session(by, actor, traits, named, next, headers).await
    }

    /// Opens the session of an actor, and goes on.
    pub(super) async fn session(
        &self,
        by: OpenedBy,
        actor: Actor,
        traits: Option<Traits>,
        persona: Option<&str>,
        next: &str,
        headers: &HeaderMap,
    ) -> Result<Response, Trouble> {
        self.check_professional(&actor, persona.is_some())?;
        let proved_at = match &by {
            OpenedBy::Provider { proved_at, .. } => *proved_at,
            OpenedBy::Account => self.store.now(),
        };
        let of_the_demo = persona.and_then(|key| self.people.as_ref()?.viewer(key, String::new()));
        let mut viewer = match of_the_demo {
            Some(known) => Viewer { actor, proved_at, ..known },
            None => {
                let name = traits.as_ref().map_or_else(|| name_of(&actor), shown);
                let label = label_of(&actor);
                Viewer::new(actor, name, label, String::new(), proved_at)
            }
        };
        viewer.traits = traits;
        if let Actor::Patient { ins } = &viewer.actor {
            for held in dmp_accounts::profiles(&self.store, ins.value()).await? {
                let actor = Actor::Representative { of: held.of, person: ins.value().to_owned() };
                if !viewer.profiles.iter().any(|known| known.actor == actor) {
                    viewer.profiles.push(Profile { actor, name: held.name });
                }
            }
        }
        let cookie = self.open(headers, by, viewer)?;
        Ok(([(SET_COOKIE, cookie)], Redirect::to(next)).into_response())
    }

    /// What is known of a professional besides their claims: the key of the number, the directory, the sector (OIDC-48 to
    /// OIDC-50). People of the demonstration stand in no directory.
    fn check_professional(&self, actor: &Actor, invented: bool) -> Result<(), Trouble> {
        let Actor::Professional(professional) = actor else { return Ok(()) };
        if !has_key(&professional.id) {
            return Err(Trouble::Identity);
        }
        let sector = professional.sector.as_deref();
        if sector.is_some_and(|sector| facility::DMP.find(sector).is_none()) {
            return Err(Trouble::Role);
        }
        if let (Some(directory), false) = (&self.directory, invented) {
            let there = professional.structure.as_ref().is_some_and(|structure| {
                directory.is_active(structure) && directory.are_linked(&professional.id, structure)
            });
            if !there {
                return Err(Trouble::Inactive);
            }
        }
        Ok(())
    }

    fn ask_place(&self, ticket: &str, question: &Question, wrong: bool) -> Response {
        let About::Place(actors) = &question.about else {
            return self.page(Fault::State.into(), None, None);
        };
        let places = actors.iter().map(workplace).collect();
        dmp_portal::sign_in::workplaces(&self.portal, &question.name, ticket, places, wrong)
    }

    /// The question of a ticket, asked of this browser.
    pub(super) fn question(&self, ticket: &str, headers: &HeaderMap) -> Result<Question, Trouble> {
        let browser = self.browser(headers).map(|secret| key(&secret));
        let question = self.questions.get(&key(ticket)).filter(|question| Some(question.browser) == browser);
        question.ok_or(Trouble::Fault(Fault::State))
    }

    /// The question is answered: it is asked no more.
    pub(super) fn answered(&self, ticket: &str) -> Result<(), Trouble> {
        self.questions.remove(&key(ticket)).map(|_| ()).ok_or(Trouble::Fault(Fault::State))
    }
}

/// The form of the places.
#[derive(Deserialize)]
pub(super) struct Chosen {
    jeton: String,
    #[serde(default)]
    lieu: String,
}

/// `POST /connexion/ou`
pub(super) async fn choose_place(
    State(sign_in): State<Arc<SignIn>>,
    headers: HeaderMap,
    form: Result<Form<Chosen>, FormRejection>,
) -> Response {
    let Ok(Form(chosen)) = form else { return sign_in.page(Fault::Request.into(), None, None) };
    let question = match sign_in.question(&chosen.jeton, &headers) {
        Ok(question) => question,
        Err(trouble) => return sign_in.page(trouble, None, None),
    };
    let actor = match &question.about {
        About::Place(actors) => chosen.lieu.parse().ok().and_then(|place: usize| actors.get(place)).cloned(),
        About::Number(_) => return sign_in.page(Fault::State.into(), None, None),
    };
    let Some(actor) = actor else { return sign_in.ask_place(&chosen.jeton, &question, true) };
    let done = match sign_in.answered(&chosen.jeton) {
        Ok(()) => sign_in.session(question.by, actor, None, None, &question.next, &headers).await,
        Err(trouble) => Err(trouble),
    };
    done.unwrap_or_else(|trouble| sign_in.page(trouble, None, None))
}

fn workplace(actor: &Actor) -> Workplace {
    let Actor::Professional(professional) = actor else {
        return Workplace { name: name_of(actor), detail: String::new() };
    };
    Workplace {
        name: professional.structure_name.clone().unwrap_or_else(|| "Sans structure".to_owned()),
        detail: profession(professional),
    }
}

fn profession(professional: &Professional) -> String {
    Profession::find(&professional.profession).map_or_else(String::new, |known| known.label.to_owned())
}

/// When a person proved to their provider who they are; long ago when it does not say: what is sensitive then asks again.
fn proved_at(claims: &Claims, now: Time) -> Time {
    let seconds = claims.get("auth_time").and_then(Value::as_i64).filter(|seconds| *seconds > 0);
    Time::from_millis(seconds.unwrap_or(0).saturating_mul(1000)).min(now)
}

/// `Paul Martin`, `Dr Paul Martin`.
fn name_of(actor: &Actor) -> String {
    let full = |name: &dmp_dossier::PersonName| format!("{} {}", name.given, name.family).trim().to_owned();
    match actor {
        Actor::Professional(p) => {
            let title = if matches!(&p.profession[..], "10" | "40") { "Dr " } else { "" };
            format!("{title}{}", full(&p.name))
        }
        Actor::Employee(employee) => full(&employee.name),
        Actor::Referent(referent) => full(&referent.name),
        Actor::ReceptionAgent(agent) => agent.organisation.clone(),
        Actor::Patient { .. } | Actor::Representative { .. } => "Mon dossier".to_owned(),
        Actor::Pilot => "Équipe pilote".to_owned(),
        Actor::Insurer => "Assurance maladie".to_owned(),
        Actor::Structure(_) | Actor::App(_) => String::new(),
    }
}

/// What the person is here.
fn label_of(actor: &Actor) -> String {
    let at = |what: &str, structure: &Option<String>| match structure {
        Some(name) => format!("{what}, {name}"),
        None => what.to_owned(),
    };
    match actor {
        Actor::Professional(p) => at(&profession(p), &p.structure_name),
        Actor::Employee(employee) => at("Employé", &employee.structure_name),
        Actor::Referent(referent) => at("Référent", &referent.structure_name),
        Actor::ReceptionAgent(agent) => match agent.channel {
            Channel::Pharmacie => "Comptoir",
            Channel::Etablissement => "Admissions",
            _ => "Accueil",
        }
        .to_owned(),
        Actor::Patient { .. } => "Patient".to_owned(),
        Actor::Representative { .. } => "Représentant".to_owned(),
        _ => String::new(),
    }
}

/// `Marie DURAND`: the first given name and the name in use.
fn shown(traits: &Traits) -> String {
    let family = traits.used_name.as_ref().unwrap_or(&traits.birth_name);
    let given = traits.used_given.as_deref().unwrap_or_else(|| traits.first_given());
    let mut letters = given.chars();
    let given: String = letters.next().into_iter().chain(letters.flat_map(char::to_lowercase)).collect();
    format!("{given} {family}")
}

/// True for a number whose key is right: that of an RPPS is Luhn's (ISO/IEC 7812-1), the others have none.
fn has_key(id: &PsId) -> bool {
    let Some(rpps) = id.as_str().strip_prefix('8') else { return true };
    let sum: u32 = rpps
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit.saturating_sub(b'0'));
            let doubled = if place % 2 == 1 { digit * 2 } else { digit };
            doubled / 10 + doubled % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A provider that remembers somebody since this morning proves nothing of now.
    #[test]
    fn a_proof_is_as_old_as_the_provider_says() {
        let now = Time::from_millis(1_795_255_200_500);
        for (claims, millis) in [
            (json!({ "auth_time": 1_795_255_200 }), 1_795_255_200_000),
            (json!({ "auth_time": 1_795_240_000 }), 1_795_240_000_000),
            (json!({ "auth_time": 1_795_255_260 }), now.millis()),
            (json!({ "auth_time": i64::MAX }), now.millis()),
            (json!({ "auth_time": -1 }), 0),
            (json!({ "auth_time": "1795255200" }), 0),
            (json!({}), 0),
        ] {
            assert_eq!(proved_at(claims.as_object().unwrap(), now).millis(), millis, "{claims}");
        }
    }
}
