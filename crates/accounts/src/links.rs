//! How accounts are found from something else than their login, and the profiles that a person holds for others.
//!
//! A link stands under the owner it starts from; the database sees HMACs of it only.

use crate::secrets::digest_hex;
use dmp_dossier::{Actor, Ins, InsOid, Time};
use dmp_store::{Keep, Shelf, Store, StoreError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Accounts that may share one mail address: a couple, a family.
const SHARED_MAX: usize = 2;
/// Profiles of one person.
const PROFILES_MAX: usize = 50;
/// Identifier of a link where there is one.
const ONE: &str = "login";

/// A dossier that a person holds for somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldProfile {
    /// INS of the patient.
    pub of: Ins,
    /// Name of the patient, `Léo Durand`.
    pub name: String,
    /// Since when.
    pub since: Time,
}

#[derive(Serialize, Deserialize)]
struct KeptProfile {
    value: String,
    oid: String,
    name: String,
}

/// Remembers that a person acts for another. `person` is the stable identity of an
/// [`Actor::Representative`](dmp_dossier::Actor::Representative): for a patient, the 15 characters of their own INS. The
/// record decides at each act whether they still may.
///
/// # Errors
/// [`StoreError::Failed`].
pub async fn remember_profile(store: &Store, person: &str, of: &Ins, name: &str) -> Result<(), StoreError> {
    let kept = KeptProfile {
        value: of.value().to_owned(),
        oid: of.oid().as_str().to_owned(),
        name: name.to_owned(),
    };
    let value = serde_json::to_vec(&kept).unwrap_or_default();
    keep(store, &format!("profile:{person}"), &key(of), &value).await
}

/// The profiles of a person, oldest first.
///
/// # Errors
/// [`StoreError::Failed`].
pub async fn profiles(store: &Store, person: &str) -> Result<Vec<HeldProfile>, StoreError> {
    let owner = format!("profile:{person}");
    let mut records = store.records(Shelf::Link, &owner, None, None, PROFILES_MAX).await?;
    records.reverse();
    let read = |record: dmp_store::Record| {
        let kept: KeptProfile = serde_json::from_slice(&record.value).ok()?;
        let of = Ins::parse(&kept.value, InsOid::parse(&kept.oid)?).ok()?;
        Some(HeldProfile { of, name: kept.name, since: record.at })
    };
    Ok(records.into_iter().filter_map(read).collect())
}

fn key(ins: &Ins) -> String {
    format!("{}|{}", ins.oid().as_str(), ins.value())
}

async fn keep(store: &Store, owner: &str, id: &str, value: &[u8]) -> Result<(), StoreError> {
    let at = store.now();
    store.keep(Keep { shelf: Shelf::Link, owner, id, at, value, from_version: None }).await?;
    Ok(())
}

async fn login_at(store: &Store, owner: &str) -> Result<Option<String>, StoreError> {
    let record = store.record(Shelf::Link, owner, ONE).await?;
    Ok(record.and_then(|record| String::from_utf8(record.value.to_vec()).ok()))
}

/// Whose account it is: a patient by INS, anybody else by who they are in front of the record.
fn actor_owner(actor: &Actor) -> String {
    match actor {
        Actor::Patient { ins } => format!("ins:{}", key(ins)),
        // Every field of an actor is plain data: writing it as JSON does not fail.
        other => format!("actor:{}", digest_hex(&serde_json::to_string(other).unwrap_or_default())),
    }
}

/// From somebody to their account.
pub(crate) async fn link_actor(store: &Store, actor: &Actor, login: &str) -> Result<(), StoreError> {
    keep(store, &actor_owner(actor), ONE, login.as_bytes()).await
}

/// The account of somebody.
pub(crate) async fn of_actor(store: &Store, actor: &Actor) -> Result<Option<String>, StoreError> {
    login_at(store, &actor_owner(actor)).await
}

/// From the handle of passkeys to the account.
pub(crate) async fn link_handle(store: &Store, handle: Uuid, login: &str) -> Result<(), StoreError> {
    keep(store, &format!("handle:{handle}"), ONE, login.as_bytes()).await
}

/// The account of a handle.
pub(crate) async fn of_handle(store: &Store, handle: Uuid) -> Result<Option<String>, StoreError> {
    login_at(store, &format!("handle:{handle}")).await
}

fn mail_owner(address: &str) -> String {
    format!("mail:{}", address.trim().to_lowercase())
}

/// From a mail address to the account; several may share it.
pub(crate) async fn link_mail(store: &Store, address: &str, login: &str) -> Result<(), StoreError> {
    keep(store, &mail_owner(address), login, login.as_bytes()).await
}

/// An address that is no longer the account's.
pub(crate) async fn unlink_mail(store: &Store, address: &str, login: &str) -> Result<(), StoreError> {
    store.forget(Shelf::Link, &mail_owner(address), login).await
}

/// The account of a mail address, when it has one and no more: two people who share an address type their login.
pub(crate) async fn of_mail(store: &Store, address: &str) -> Result<Option<String>, StoreError> {
    let records = store.records(Shelf::Link, &mail_owner(address), None, None, SHARED_MAX).await?;
    Ok(match &records[..] {
        [one] => String::from_utf8(one.value.to_vec()).ok(),
        _ => None,
    })
}

/// Notes that the credentials of a login went out by message, so that a new link may be asked for.
pub(crate) async fn note_by_message(store: &Store, login: &str) -> Result<(), StoreError> {
    keep(store, &format!("by-message:{login}"), ONE, login.as_bytes()).await
}

/// True when the credentials of a login went out by message.
pub(crate) async fn went_by_message(store: &Store, login: &str) -> Result<bool, StoreError> {
    Ok(login_at(store, &format!("by-message:{login}")).await?.is_some())
}
