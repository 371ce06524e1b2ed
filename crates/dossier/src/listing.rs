//! TD0.4: the dossiers an actor, or a structure, is authorised on.
//!
//! The store finds candidates in an index that may be late or too wide; each is decided here, on the dossier itself:
//! active, not blocked, authorisation `VALIDE` in force. The dates come from the documents that the asker may see, so
//! that a hidden document changes nothing, neither a date nor the presence of a line.

use crate::Moment;
use crate::access::{self, Trail};
use crate::act::Act;
use crate::actor::{Actor, PsId};
use crate::document::Availability;
use crate::functional::Cell;
use crate::identity::Identity;
use crate::reason::{Reason, Refusal};
use crate::record::Dossier;
use crate::rights::{Authorisation, Grantee};
use crate::rule::rules;
use crate::time::Time;

rules! {
    /// Whose.
    LST_1 = "LST-1", "chacun liste les dossiers actifs où son autorisation, ou celle de sa structure, est valide", "PDT-INF-526 TD0.4";
    /// A professional's, by somebody of the structure.
    LST_2 = "LST-2", "un employé ou un certificat peut lister ceux d'un professionnel de sa structure; un professionnel, les siens seulement",
        "PDT-INF-526 note 2";
    /// New ones only.
    LST_3 = "LST-3", "un certificat de structure ne liste que les nouvelles autorisations, depuis une date", "PDT-INF-526 note 3; PDT-INF-606";
}

/// By which date a list is cut and ordered (`dateType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListBy {
    /// `LASTAUTORIZATION`
    LastAuthorisation,
    /// `LASTDOC`
    LastDocument,
}

/// A list asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListAsked {
    /// Only what happened since (`startDate`).
    pub since: Option<Time>,
    /// By which date.
    pub by: ListBy,
    /// A professional whose dossiers are asked by somebody of his structure (`psOwnerId`).
    pub owner: Option<PsId>,
}

/// A dossier of the list, but for the asker's last access: that is in its journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEntry {
    /// Who the patient is.
    pub identity: Identity,
    /// The asker, or the professional asked about, is médecin traitant.
    pub medecin_traitant: bool,
    /// Start of the authorisation in force.
    pub authorised_at: Time,
    /// Last update of a document the asker may see.
    pub last_update: Option<Time>,
    /// Last deposit of a document the asker may see.
    pub last_document: Option<Time>,
    /// Rows of the documents that put the dossier on the list, where documents do: the journal names them.
    pub rows: Vec<u32>,
}

/// What can be said before any dossier is looked at.
///
/// # Errors
/// Functional matrix; reason of a bris de glace; somebody else's list (LST-2); a certificate without a date (LST-3).
pub fn check(actor: &Actor, asked: &ListAsked, moment: &Moment<'_>) -> Result<(), Refusal> {
    let entrance = access::door(&Dossier::nobody(), actor, Act::ListAuthorised, moment, &mut Trail::new())?;
    let himself = |owner: &PsId| actor.professional().is_some_and(|p| p.id == *owner);
    match (&asked.owner, entrance.cell) {
        (Some(_), Cell::SameStructure | Cell::NewOnly) | (None, _) => {}
        (Some(owner), _) if himself(owner) => {}
        (Some(_), _) => return Err(Refusal::new(Reason::AccessDenied, &LST_2)),
    }
    let dated = asked.since.is_some() && asked.by == ListBy::LastAuthorisation;
    match entrance.cell == Cell::NewOnly && !dated {
        true => Err(Refusal::about(Reason::InvalidRequest, &LST_3, "date de début des autorisations")),
        false => Ok(()),
    }
}

/// Whom the authorisations of a list may name.
pub fn grantees(actor: &Actor, asked: &ListAsked) -> Vec<Grantee> {
    if let Some(owner) = &asked.owner {
        return vec![Grantee::Professional(owner.clone())];
    }
    let person = match actor {
        Actor::Employee(employee) => Some(&employee.id),
        other => other.professional().map(|p| &p.id),
    };
    let structure = actor.structure().cloned().map(Grantee::Structure);
    person.cloned().map(Grantee::Professional).into_iter().chain(structure).collect()
}

/// The dossier as a line of the list; `None` when it is out of the dates asked.
///
/// # Errors
/// Those of [`check`] and of [`access::enter`]; no authorisation in force (LST-1, ACC-5).
pub fn entry(
    dossier: &Dossier,
    actor: &Actor,
    asked: &ListAsked,
    moment: &Moment<'_>,
) -> Result<Option<ListEntry>, Refusal> {
    check(actor, asked, moment)?;
    let entrance = access::enter(dossier, actor, Act::ListAuthorised, moment, &mut Trail::new())?;
    let rights = &dossier.state.rights;
    let grantees = grantees(actor, asked);
    let valid = rights
        .grants
        .iter()
        .filter(|g| grantees.contains(&g.who) && g.at(moment.at) == Authorisation::Valide);
    let authorised_at = valid.filter_map(|g| g.authorised.map(|(from, _, _)| from)).max();
    let (Some(authorised_at), Some(identity)) = (authorised_at, dossier.identity()) else {
        return Err(Refusal::new(Reason::NotAuthorised, &LST_1));
    };
    let medecin_traitant = match &asked.owner {
        Some(owner) => {
            rights.grant(&Grantee::Professional(owner.clone())).is_some_and(|g| g.medecin_traitant.is_some())
        }
        None => rights.is_medecin_traitant(actor),
    };
    let seen: Vec<_> = dossier
        .documents()
        .filter(|(_, e)| e.status != Availability::Deleted)
        .filter(|(_, e)| access::sees(dossier, actor, entrance.seat, e, false, moment).permitted)
        .map(|(row, e)| {
            let first = dossier.versions().find(|(_, first)| first.lid == e.lid);
            (row, e.registered_at, first.map_or(e.registered_at, |(_, first)| first.registered_at))
        })
        .collect();
    let last_update = seen.iter().map(|(_, updated, _)| *updated).max();
    let last_document = seen.iter().map(|(_, _, deposited)| *deposited).max();
    let mut rows = Vec::new();
    if let Some(since) = asked.since {
        let in_time = match asked.by {
            ListBy::LastAuthorisation => authorised_at >= since,
            ListBy::LastDocument => {
                let new = seen.iter().filter(|(_, _, deposited)| *deposited >= since);
                rows.extend(new.map(|(row, _, _)| *row));
                !rows.is_empty()
            }
        };
        if !in_time {
            return Ok(None);
        }
    }
    let identity = identity.clone();
    Ok(Some(ListEntry { identity, medecin_traitant, authorised_at, last_update, last_document, rows }))
}
