//! Which patient somebody is to us, by their account at FranceConnect: asked once, compared at every sign-in.
//!
//! A link stands under the account (issuer and subject), and under the INS for that issuer, so that two accounts that
//! claim one patient are found. A difference is kept to be looked at, without a name.

use super::trouble::Trouble;
use super::{About, SignIn, traits};
use crate::sessions::key;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::Response;
use dmp_dossier::{Actor, Ins, InsError, InsOid, Realm, Traits};
use dmp_openid::{Fault, Person};
use dmp_store::{Keep, Shelf, Store};
use http::header::HeaderMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// Owner of the differences to look at.
const DIFFERENCES: &str = "identity";
/// Differences of one account in a day; after them nothing is compared nor kept: a number is not searched for.
const DIFFERENCES_MAX: u32 = 3;
/// Identifier of the link of an account.
const ONE: &str = "ins";

#[derive(Serialize, Deserialize)]
struct Link {
    value: String,
    oid: String,
    /// Two accounts claim this patient: neither signs in until somebody has looked.
    frozen: bool,
}

/// What is kept of a difference; the traits are not.
#[derive(Serialize)]
struct Difference<'d> {
    issuer: &'d str,
    subject: &'d str,
    value: &'d str,
    oid: &'d str,
    why: &'d str,
}

impl SignIn {
    /// The patient of an account, compared again; `None` the first time (OIDC-51).
    pub(super) async fn linked(&self, person: &Person, own: &Traits) -> Result<Option<Ins>, Trouble> {
        let Some(link) = link_of(&self.store, &person.issuer, &person.subject).await? else {
            return Ok(None);
        };
        let ins = InsOid::parse(&link.oid).and_then(|oid| Ins::parse(&link.value, oid).ok());
        let ins = ins.ok_or(Trouble::Ours)?;
        if link.frozen {
            return Err(Trouble::Differs);
        }
        self.check_traits(&person.issuer, &person.subject, &ins, own).await?;
        Ok(Some(ins))
    }

    /// The traits of an account are those of the patient: strictly those of the dossier, or those that the number says.
    pub(super) async fn check_traits(
        &self,
        issuer: &str,
        subject: &str,
        ins: &Ins,
        own: &Traits,
    ) -> Result<(), Trouble> {
        let whose = key(&account(issuer, subject));
        if self.differences.get(&whose).is_some_and(|count| count >= DIFFERENCES_MAX) {
            return Err(Trouble::Differs);
        }
        let mut known = self.store.known_traits(ins).await?;
        if let Some(known) = known.as_mut().filter(|known| known.birth_place.is_empty()) {
            // A dossier may not know the place: the number does (NIR, positions 6 to 10).
            known.birth_place = ins.value().get(5..10).unwrap_or_default().to_owned();
        }
        let agree = known.map_or_else(|| traits::fits(ins, own), |known| traits::agree(&known, own));
        if agree {
            return Ok(());
        }
        self.differences.entry(whose).and_upsert_with(|one| one.map_or(0, |one| one.into_value()) + 1);
        self.keep_difference(issuer, subject, ins, "traits").await?;
        Err(Trouble::Differs)
    }

    /// Links an account to a patient for good; when another account of that provider has them, both are frozen (OIDC-52).
    async fn link(&self, issuer: &str, subject: &str, ins: &Ins) -> Result<(), Trouble> {
        let owner = format!("oidc-ins:{}|{}", ins.oid().as_str(), ins.value());
        let other = self.store.record(Shelf::Link, &owner, issuer).await?;
        let other = other.and_then(|record| String::from_utf8(record.value.to_vec()).ok());
        match other.filter(|other| other != subject) {
            None => {
                keep(&self.store, &owner, issuer, subject.as_bytes()).await?;
                keep_link(&self.store, issuer, subject, ins, false).await
            }
            Some(other) => {
                for account in [&other[..], subject] {
                    keep_link(&self.store, issuer, account, ins, true).await?;
                    self.keep_difference(issuer, account, ins, "two accounts").await?;
                }
                Err(Trouble::Differs)
            }
        }
    }

    async fn keep_difference(
        &self,
        issuer: &str,
        subject: &str,
        ins: &Ins,
        why: &str,
    ) -> Result<(), Trouble> {
        let difference = Difference { issuer, subject, value: ins.value(), oid: ins.oid().as_str(), why };
        let value = serde_json::to_vec(&difference).unwrap_or_default();
        let (id, at) = (Uuid::new_v4().to_string(), self.store.now());
        let keep = Keep {
            shelf: Shelf::Mismatch,
            owner: DIFFERENCES,
            id: &id,
            at,
            value: &value,
            from_version: None,
        };
        self.store.keep(keep).await?;
        Ok(())
    }
}

fn account(issuer: &str, subject: &str) -> String {
    format!("oidc:{issuer}|{subject}")
}

async fn link_of(store: &Store, issuer: &str, subject: &str) -> Result<Option<Link>, Trouble> {
    let record = store.record(Shelf::Link, &account(issuer, subject), ONE).await?;
    record.map(|record| serde_json::from_slice(&record.value).map_err(|_| Trouble::Ours)).transpose()
}

async fn keep_link(
    store: &Store,
    issuer: &str,
    subject: &str,
    ins: &Ins,
    frozen: bool,
) -> Result<(), Trouble> {
    let link = Link { value: ins.value().to_owned(), oid: ins.oid().as_str().to_owned(), frozen };
    keep(store, &account(issuer, subject), ONE, &serde_json::to_vec(&link).unwrap_or_default()).await
}

async fn keep(store: &Store, owner: &str, id: &str, value: &[u8]) -> Result<(), Trouble> {
    let at = store.now();
    store.keep(Keep { shelf: Shelf::Link, owner, id, at, value, from_version: None }).await?;
    Ok(())
}

/// The form of the number.
#[derive(Deserialize)]
pub(super) struct Given {
    jeton: String,
    #[serde(default)]
    numero: String,
}

/// `POST /connexion/numero`
pub(super) async fn give_number(
    State(sign_in): State<Arc<SignIn>>,
    headers: HeaderMap,
    form: Result<Form<Given>, FormRejection>,
) -> Response {
    let Ok(Form(given)) = form else { return sign_in.page(Fault::Request.into(), None, None) };
    let question = match sign_in.question(&given.jeton, &headers) {
        Ok(question) => question,
        Err(trouble) => return sign_in.page(trouble, None, None),
    };
    let About::Number(own) = &question.about else { return sign_in.page(Fault::State.into(), None, None) };
    let realm = sign_in.store.parameters().realm;
    let oid = match realm.realm {
        Realm::Test => InsOid::Test,
        Realm::Production => InsOid::Nir,
    };
    let number: String =
        given.numero.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    let ins = match realm.read(&number, oid.as_str()) {
        Ok(ins) => ins,
        Err(error) => {
            let says = match error {
                _ if number.is_empty() => "Tapez votre numéro de santé.",
                InsError::Key => "Ce numéro contient une erreur : vérifiez chaque chiffre.",
                _ => "Le numéro de santé a 15 caractères.",
            };
            let (portal, name) = (&sign_in.portal, &question.name);
            return dmp_portal::sign_in::number(portal, name, &given.jeton, &given.numero, Some(says));
        }
    };
    let crate::sessions::OpenedBy::Provider { issuer, subject, .. } = &question.by else {
        return sign_in.page(Fault::State.into(), None, None);
    };
    let done = async {
        // Once: a number is not guessed.
        sign_in.answered(&given.jeton)?;
        sign_in.check_traits(issuer, subject, &ins, own).await?;
        sign_in.link(issuer, subject, &ins).await?;
        let actor = Actor::Patient { ins };
        sign_in.session(question.by.clone(), actor, Some(own.clone()), None, &question.next, &headers).await
    };
    done.await.unwrap_or_else(|trouble| sign_in.page(trouble, None, None))
}
