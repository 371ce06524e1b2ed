//! Access: in which order the rules decide, and who sees a document.
//!
//! Order (spec 4, summary): functional matrix, life of the dossier, block, emergency oppositions, authorisation;
//! then for each document: habilitation matrix, and visibility. Feeding stops before the authorisation.

use crate::Moment;
use crate::act::Act;
use crate::actor::{Actor, Card, Mode, Professional};
use crate::change::Life;
use crate::document::{Author, AuthorId, Availability, DocumentEntry, DocumentMetadata};
use crate::functional::{self, Cell, Seat};
use crate::query::Verdict;
use crate::reason::{Reason, Refusal};
use crate::record::Dossier;
use crate::rights::Authorisation;
use crate::rule::{Rule, rules};
use std::borrow::Cow;
use std::sync::Arc;

rules! {
    /// Life.
    ACC_1 = "ACC-1", "un dossier fermé n'est lu ni alimenté par personne", "SEL-MP-037 EF_DMP12_01; CSP L.1111-18";
    /// Block.
    ACC_2 = "ACC-2", "un professionnel bloqué n'accède pas au dossier, avec ou sans autorisation, dans aucun mode",
        "PDSM4DMP transaction_td02 NB1; security.md 2.5 A2";
    /// Emergency oppositions.
    ACC_3 = "ACC-3", "le patient peut s'opposer au bris de glace et à l'accès du SAMU", "SEL-MP-037 OPPOSITION_BRIS_DE_GLACE, OPPOSITION_ACCES_URGENCE";
    /// Reason of a bris de glace.
    ACC_4 = "ACC-4", "un bris de glace donne son motif", "VIHF Mode_Acces_Raison; security.md 2.5 A3";
    /// Authorisation.
    ACC_5 = "ACC-5", "chercher et lire demandent une autorisation valide; l'urgence n'en demande pas", "SEL-MP-037 EF_DMP04_01; PDSM4DMP transaction_td02 NB2";
    /// No dossier.
    ACC_6 = "ACC-6", "aucun dossier n'est ouvert pour ce patient", "SEL-MP-037 RG_0310";
    /// Habilitation matrix.
    VIS_1 = "VIS-1", "la matrice d'habilitations donne les types de documents que lit chaque profession", "arrêté du 26/10/2023, annexe";
    /// Author.
    VIS_2 = "VIS-2", "l'auteur voit toujours ses documents", "spec 4.3.2; security.md 2.5 A6";
    /// Masked.
    VIS_3 = "VIS-3", "un document masqué est vu du patient, de son auteur et du médecin traitant; en urgence si le patient l'a permis",
        "PDT-INF-526 notes 6 et 7; security.md 2.5 A4";
    /// Hidden from the patient.
    VIS_4 = "VIS-4", "un document à annoncer est caché au patient et à ses représentants jusqu'à l'annonce, au plus tard à sa date",
        "TRE_A07 INVISIBLE_PATIENT; security.md 2.5 A5";
    /// Hidden from representatives.
    VIS_5 = "VIS-5", "un document peut être caché aux représentants légaux", "TRE_A07 INVISIBLE_REPRESENTANTS_LEGAUX; security.md 2.5 A7";
    /// The holder.
    VIS_6 = "VIS-6", "le patient voit son dossier", "CSP L.1111-14";
    /// A document the patient deleted.
    VIS_7 = "VIS-7", "un document supprimé par le patient disparaît aussitôt pour les autres", "security.md 2.5 L3";
    /// Nothing to see.
    VIS_8 = "VIS-8", "cet acteur ne voit aucun document", "PDT-INF-526 v1.8";
    /// Silence.
    VIS_10 = "VIS-10", "ce qu'un acteur ne peut pas voir n'existe pas pour lui : absent, masqué et bloqué se disent de même",
        "design 3; security.md 2.1";
    /// Loader.
    VIS_9 = "VIS-9", "le chargeur d'un domaine de test retrouve la référence d'un document, jamais son contenu", "design 3, App";
}

/// What was checked, in order; the deciding rule is the last.
pub type Trail = Vec<&'static Rule>;

/// What the steps before the documents gave.
#[derive(Debug, Clone, Copy)]
pub struct Entrance {
    /// Where the actor sits.
    pub seat: Seat,
    /// What the functional matrix says of the act.
    pub cell: Cell,
}

/// True when the act only adds to the record: an opposition to an emergency access is not one to feeding, and by
/// parameter neither is a block. Deleting is no deposit: a block stops it like any access.
fn feeds(act: Act) -> bool {
    matches!(act, Act::Feed | Act::Replace)
}

/// True when the act needs an authorisation on the dossier, whoever the documents belong to.
fn needs_authorisation(act: Act) -> bool {
    matches!(
        act,
        Act::Search
            | Act::Read
            | Act::ReadRights
            | Act::ReadJournal
            | Act::SetEmergency
            | Act::UpdateIdentity
            | Act::WebAccess
            | Act::Close
            | Act::Block
            | Act::Explain
            | Act::Export
    )
}

/// Acts that a closed dossier still takes.
fn survives_closing(act: Act) -> bool {
    matches!(act, Act::Status | Act::Close | Act::Reactivate | Act::RequestCopy | Act::RequestDestruction)
}

/// What is decided before the dossier is looked at, but for the médecin traitant's own column: the functional matrix, and
/// the reason of a bris de glace.
///
/// # Errors
/// In this order: unknown patient, functional matrix, reason of a bris de glace.
pub fn door(
    dossier: &Dossier,
    actor: &Actor,
    act: Act,
    moment: &Moment<'_>,
    trail: &mut Trail,
) -> Result<Entrance, Refusal> {
    trail.push(&functional::FCT_1);
    let seat = functional::seat(dossier, actor, moment)?;
    let cell = functional::cell(seat, act);
    if cell == Cell::No {
        return Err(refuse(trail, Reason::AccessDenied, functional::refusing_rule(seat)));
    }
    if let Mode::BrisDeGlace { reason } = actor.mode()
        && reason.trim().is_empty()
    {
        return Err(refuse(trail, Reason::EmergencyReasonMissing, &ACC_4));
    }
    Ok(Entrance { seat, cell })
}

/// Everything that is decided before any document is looked at.
///
/// # Errors
/// In this order: unknown patient, functional matrix, reason of a bris de glace, life, block, emergency opposition,
/// authorisation.
pub fn enter(
    dossier: &Dossier,
    actor: &Actor,
    act: Act,
    moment: &Moment<'_>,
    trail: &mut Trail,
) -> Result<Entrance, Refusal> {
    let Entrance { seat, cell } = door(dossier, actor, act, moment, trail)?;
    trail.push(&ACC_1);
    match dossier.state.life {
        Life::None => return Err(refuse(trail, Reason::UnknownPatient, &ACC_6)),
        Life::Closed { .. } if !survives_closing(act) => {
            return Err(refuse(trail, Reason::DossierClos, &ACC_1));
        }
        _ => {}
    }
    let Seat::Column(column) = seat else {
        return Ok(Entrance { seat, cell });
    };
    if act == Act::Status {
        return Ok(Entrance { seat, cell });
    }
    trail.push(&ACC_2);
    let authorisation = dossier.state.rights.authorisation(actor, moment.at);
    let may_feed_blocked = feeds(act) && moment.parameters.blocked_may_feed;
    if authorisation == Authorisation::Interdit && !may_feed_blocked {
        return Err(refuse(trail, Reason::Blocked, &ACC_2));
    }
    if column.is_emergency() {
        if !feeds(act) {
            trail.push(&ACC_3);
            let emergency = dossier.state.rights.emergency;
            let opposed = match actor.mode() {
                Mode::BrisDeGlace { .. } => emergency.bris_de_glace_opposed,
                Mode::Centre15 => emergency.samu_opposed,
                Mode::Normal => false,
            };
            if opposed {
                return Err(refuse(trail, Reason::EmergencyOpposed, &ACC_3));
            }
        }
    } else if needs_authorisation(act) {
        authorised(authorisation, trail)?;
    }
    Ok(Entrance { seat, cell })
}

fn authorised(authorisation: Authorisation, trail: &mut Trail) -> Result<(), Refusal> {
    trail.push(&ACC_5);
    match authorisation {
        Authorisation::Valide => Ok(()),
        Authorisation::Expire => Err(refuse(trail, Reason::AuthorisationExpired, &ACC_5)),
        Authorisation::Interdit => Err(refuse(trail, Reason::Blocked, &ACC_2)),
        Authorisation::NonExiste => Err(refuse(trail, Reason::NotAuthorised, &ACC_5)),
    }
}

/// The authorisation that acting on another's document needs; emergency modes need none.
///
/// # Errors
/// Without a valid authorisation: not authorised, or expired (ACC-5).
pub fn require_authorisation(
    dossier: &Dossier,
    actor: &Actor,
    entrance: Entrance,
    moment: &Moment<'_>,
) -> Result<(), Refusal> {
    match entrance.seat {
        Seat::Column(column) if !column.is_emergency() => {
            authorised(dossier.state.rights.authorisation(actor, moment.at), &mut Vec::new())
        }
        _ => Ok(()),
    }
}

fn refuse(trail: &mut Trail, reason: Reason, rule: &'static Rule) -> Refusal {
    if trail.last() != Some(&rule) {
        trail.push(rule);
    }
    Refusal::new(reason, rule)
}

/// True when the document is the actor's own: an author of its metadata is the actor by national identifier; for
/// employees and structures, their structure. The depositor alone is not author.
pub fn is_own(dossier: &Dossier, actor: &Actor, entry: &DocumentEntry) -> bool {
    match actor {
        Actor::Professional(_) | Actor::Employee(_) | Actor::Structure(_) => match actor.professional() {
            Some(p) => has_author(&entry.metadata, &AuthorId::Professional(p.id.clone())),
            None => is_of_structure(actor, &entry.metadata.authors),
        },
        Actor::Patient { .. } | Actor::Representative { .. } => is_patients_document(dossier, entry),
        Actor::Insurer | Actor::Pilot | Actor::ReceptionAgent(_) | Actor::App(_) | Actor::Referent(_) => {
            false
        }
    }
}

/// True when one of the authors wrote for the actor's structure.
pub fn is_of_structure(actor: &Actor, authors: &[Author]) -> bool {
    actor.structure().is_some_and(|structure| {
        authors.iter().any(|a| a.institution.as_ref().is_some_and(|i| i.id.as_ref() == Some(structure)))
    })
}

fn has_author(metadata: &DocumentMetadata, id: &AuthorId) -> bool {
    metadata.authors.iter().any(|a| a.person.id == *id)
}

/// True when the patient, or who acts for them, wrote the document.
pub fn is_patients_document(dossier: &Dossier, entry: &DocumentEntry) -> bool {
    entry.metadata.authors.iter().any(
        |a| matches!(&a.person.id, AuthorId::Patient(ins) if dossier.identity().is_some_and(|i| i.has_ins(ins))),
    )
}

/// Who sees a document, once the dossier is entered. `reading` asks for its bytes, else for its metadata.
///
/// The same rules decide lists and reads, so that a count, a gap or a number never reveals a hidden document.
/// A professional sees a replaced document only where he sees the one that replaced it: a mask covers the versions
/// before it, and what is obsolete is never shown without its successor. The patient and who acts for them see it
/// as it was ([`as_seen`]): an announcement to come does not show in what it replaces.
pub fn sees(
    dossier: &Dossier,
    actor: &Actor,
    seat: Seat,
    entry: &DocumentEntry,
    reading: bool,
    moment: &Moment<'_>,
) -> Verdict {
    let yes = |rules: Vec<&'static Rule>| Verdict { permitted: true, rules };
    let no = |rules: Vec<&'static Rule>| Verdict { permitted: false, rules };
    match seat {
        Seat::Patient => match entry.is_hidden_from_patient(moment.at) {
            true => no(vec![&VIS_4]),
            false => yes(vec![&VIS_6]),
        },
        Seat::Representative if entry.is_hidden_from_patient(moment.at) => no(vec![&VIS_4]),
        Seat::Representative if entry.visibility.hidden_from_representatives => no(vec![&VIS_5]),
        Seat::Representative => yes(vec![&VIS_6]),
        Seat::Column(column) => {
            if reading && column.cell(Act::Read) == Cell::No {
                return no(vec![functional::refusing_rule(seat)]);
            }
            if is_own(dossier, actor, entry) {
                return yes(vec![&VIS_2]);
            }
            let Some(professional) = actor.professional() else {
                return no(vec![&VIS_8]);
            };
            if entry.status == Availability::Deleted && is_patients_document(dossier, entry) {
                return no(vec![&VIS_7]);
            }
            let profession = matrix_row(professional);
            let type_code = &entry.metadata.type_code.code;
            if !moment.matrix.allows(&profession, type_code, moment.parameters.social_sector).allowed {
                return no(vec![&VIS_1]);
            }
            let mut rules: Vec<&'static Rule> = vec![&VIS_1];
            if entry.visibility.masked {
                rules.push(&VIS_3);
                let permitted = match column.is_emergency() {
                    true => dossier.state.rights.emergency.masked_readable,
                    false => column.is_medecin_traitant(),
                };
                if !permitted {
                    return no(rules);
                }
            }
            if let Some(successor) = dossier.successor(entry) {
                let verdict = sees(dossier, actor, seat, successor, false, moment);
                if !verdict.permitted {
                    return verdict;
                }
            }
            yes(rules)
        }
        Seat::Loader if !reading => yes(vec![&VIS_9]),
        Seat::Agent | Seat::Insurer | Seat::Pilot | Seat::Referent | Seat::System | Seat::Loader => {
            no(vec![&VIS_8])
        }
    }
}

/// A version of metadata as the actor sees it: what replaced it, or what it replaced, is not told when it is hidden
/// from them.
pub fn as_seen(
    dossier: &Dossier,
    actor: &Actor,
    seat: Seat,
    entry: &Arc<DocumentEntry>,
    moment: &Moment<'_>,
) -> Arc<DocumentEntry> {
    let hidden = |other: &DocumentEntry| !sees(dossier, actor, seat, other, false, moment).permitted;
    let hides_replaced =
        entry.replaces.is_some() && dossier.replaced(entry).is_none_or(|(_, old)| hidden(old));
    let hides_successor = matches!(seat, Seat::Patient | Seat::Representative)
        && dossier.successor(entry).is_some_and(|new| hidden(new));
    if !hides_replaced && !hides_successor {
        return Arc::clone(entry);
    }
    let mut seen = DocumentEntry::clone(entry);
    if hides_replaced {
        seen.replaces = None;
    }
    if hides_successor {
        // Only a document in force is ever replaced.
        seen.status = Availability::Approved;
    }
    Arc::new(seen)
}

/// The row of the matrix for a professional: a student's profession codes are those of G16, which G15 also uses.
fn matrix_row(professional: &Professional) -> Cow<'_, str> {
    match professional.card {
        Card::Cpf => Cow::Owned(format!("G16_{}", professional.profession)),
        Card::Cps => Cow::Borrowed(&professional.profession),
    }
}
