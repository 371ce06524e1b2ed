//! Identity: from a bearer token to the [`Actor`] of a request.
//!
//! Decides whether a token is genuine, for us and in force, and who its bearer is. Which acts that actor may do is
//! decided by the record, not here. Time is an argument; nothing is ever fetched: keys come from the configuration.
//!
//! A token is a signed JWT (RFC 7519). Each issuer has its own list of algorithms (ES256, RS256, EdDSA; never `none`
//! nor a symmetric one) and its own keys; `kid` only chooses among them, `jku`, `x5u`, `x5c` and `jwk` are ignored.
//! `iss` and `aud` must match exactly, `exp`, `nbf` and `iat` within 60 s (RFC 8725, RFC 9068).
//!
//! # Claims → Actor
//!
//! Names of Pro Santé Connect's UserInfo; `dmp_actor` is our own object ([`claims::DmpActor`]), read only from issuers
//! whose configuration lists that kind of actor.
//!
//! | Actor | field | claim |
//! |---|---|---|
//! | Professional | id | `SubjectNameID`, else `preferred_username`, else `otherIds[origine=RPPS].identifiant` |
//! | | name | `family_name`, `given_name` |
//! | | profession | `SubjectRefPro.exercices[].codeProfession` (a G16 code when `codeCategorieProfessionnelle` is `E`); without exercise, `SubjectRole[0]` |
//! | | speciality | `codeSavoirFaire` of that exercise, else `codeSectionPharmacien` of its activity; without exercise, `SubjectRole[1]` |
//! | | structure | `SubjectOrganizationID` when it is a national identifier, else that of the activity it names (FINESS, SIRET, former identifier) |
//! | | structure_name | `SubjectOrganization`, else `raisonSocialeSite` |
//! | | sector | `Secteur_Activite`, else `codeSecteurDactivite` |
//! | | auth | `Oidc`; `dmp_actor.auth` (`direct`, `indirect`, `air`, `psc`) from an issuer of `asserted-professional` |
//! | | card | `Cpf` for a student's exercise (category `E`), else `Cps` |
//! | | mode | `extensions.ihe_iua.purpose_of_use`, else `purpose_of_use`: `normal` (or none, or HL7 `TREAT`), `bris_de_glace` (or HL7 `BTG`), `centre_15` |
//! | | mode, reason | `Mode_Acces_Raison`, else `reason` |
//! | | `centre_15` | needs `Acces_Regulation_Medicale` = `VRAI`, else 403 |
//! | | secret | `Confidentiality_code` = `INVISIBLE_REPRESENTANTS_LEGAUX` |
//! | | software | `azp`, else `client_id` |
//! | Patient | ins | `dmp_actor {kind: patient, ins, oid}` |
//! | Representative | of, person | `dmp_actor {kind: representative, ins, oid, person}` |
//! | Employee | id, structure, structure_name, AIR | `dmp_actor {kind: employee, id, structure, structure_name, air}`, `family_name`, `given_name` |
//! | Structure | id, name, regulation | `dmp_actor {kind: structure, id, name, regulation}` |
//! | ReceptionAgent | id, organisation, channel | `dmp_actor {kind: agent, id, organisation, channel}` |
//! | Insurer, Pilot | | `dmp_actor {kind: insurer}`, `{kind: pilot}` |
//! | App, Loader | name | `dmp_actor {kind: loader, name}`, test realm only |

pub mod claims;
mod issuer;
mod pro_sante_connect;
mod situations;
mod token;

#[cfg(test)]
mod tests;

pub use issuer::{Issuer, IssuerConfig, IssuerError, Kind};
pub(crate) use situations::{asserted, situations};

use aws_lc_rs::digest;
use dmp_dossier::{Actor, RealmPolicy, Time};
use std::sync::Arc;

/// Clocks may differ by this much, in seconds (security.md row 15, OIDC-38).
pub(crate) const SKEW_SECONDS: i64 = 60;
/// A token longer than this is not read, in bytes.
pub(crate) const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// Tokens whose signature need not be verified again.
const CACHED_TOKENS_MAX: u64 = 10_000;

/// Why a token gives no actor. Says what is wrong with it, and never repeats a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a signed JWT that we read.
    #[error("the token is not a signed JWT: {0}")]
    Malformed(&'static str),
    /// Its issuer is not one of the configuration.
    #[error("the issuer of the token is not known here")]
    Issuer,
    /// Its algorithm is not one of the issuer's.
    #[error("the algorithm of the token is not one of its issuer's")]
    Algorithm,
    /// Its key is not one of the issuer's.
    #[error("the key of the token is not one of its issuer's")]
    Key,
    /// The signature does not verify.
    #[error("the signature of the token does not verify")]
    Signature,
    /// It was made for somebody else.
    #[error("the token is not for this server")]
    Audience,
    /// It is over.
    #[error("the token has expired")]
    Expired,
    /// It is not in force yet, or its clock is ahead of ours.
    #[error("the token is not in force yet")]
    NotYet,
    /// It is bound to a proof that was not given.
    #[error("the token is bound to a key whose proof is not here")]
    Unproven,
    /// A claim that is missing or wrong.
    #[error("claim {0} of the token is missing or wrong")]
    Claim(&'static str),
    /// The token is genuine, and does not give this.
    #[error("the token does not allow this: {0}")]
    Insufficient(&'static str),
}

impl TokenError {
    /// HTTP status (RFC 6750 3.1): 403 when the token is genuine but does not go that far.
    pub fn http_status(self) -> u16 {
        match self {
            TokenError::Insufficient(_) => 403,
            _ => 401,
        }
    }

    /// Value of `error` in `WWW-Authenticate` (RFC 6750 3.1).
    pub fn bearer_error(self) -> &'static str {
        match self {
            TokenError::Insufficient(_) => "insufficient_scope",
            _ => "invalid_token",
        }
    }
}

/// A verified token.
#[derive(Debug)]
struct Verified {
    actor: Arc<Actor>,
    /// From when, in seconds, the tolerance included.
    from: i64,
    /// Until when, in seconds, the tolerance included.
    until: i64,
}

/// The issuers of a deployment, and the tokens verified lately.
pub struct Identities {
    issuers: Vec<Issuer>,
    realm: RealmPolicy,
    /// By SHA-256 of the token, so that no token stays in memory.
    verified: moka::sync::Cache<[u8; 32], Arc<Verified>>,
}

impl Identities {
    /// Takes tokens of these issuers, identities of that realm.
    pub fn new(issuers: Vec<Issuer>, realm: RealmPolicy) -> Self {
        Identities { issuers, realm, verified: moka::sync::Cache::new(CACHED_TOKENS_MAX) }
    }

    /// The actor of a token, at that time. A signature is verified once, the dates at each call.
    ///
    /// # Errors
    /// The first thing that is wrong with the token.
    pub fn actor(&self, token: &str, now: Time) -> Result<Arc<Actor>, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::Malformed("longer than 16 KiB"));
        }
        let mut key = [0; 32];
        key.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        let verified = match self.verified.get(&key) {
            Some(verified) => verified,
            None => {
                let verified = Arc::new(self.verify(token)?);
                // A token out of its dates is verified again each time: it must not push out those in force.
                verified.check_dates(now)?;
                self.verified.insert(key, Arc::clone(&verified));
                verified
            }
        };
        verified.check_dates(now).inspect_err(|_| self.verified.invalidate(&key))?;
        Ok(Arc::clone(&verified.actor))
    }

    fn verify(&self, token: &str) -> Result<Verified, TokenError> {
        let read = token::Unverified::read(token)?;
        let issuer = self
            .issuers
            .iter()
            .find(|issuer| read.issuer() == Some(issuer.url()))
            .ok_or(TokenError::Issuer)?;
        let claims = read.verify(issuer)?;
        let (from, until) = token::check_claims(&claims, issuer)?;
        let actor = claims::actor_of(&claims, issuer, self.realm)?;
        Ok(Verified { actor: Arc::new(actor), from, until })
    }
}

impl Verified {
    fn check_dates(&self, now: Time) -> Result<(), TokenError> {
        let seconds = now.millis().div_euclid(1000);
        match seconds {
            s if s < self.from => Err(TokenError::NotYet),
            s if s > self.until => Err(TokenError::Expired),
            _ => Ok(()),
        }
    }
}
