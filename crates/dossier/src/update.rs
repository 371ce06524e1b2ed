//! Updates of a document in the registry: masking, visibility, archiving, deletion (TD3.3a–d; ITI-57, PATCH).
//!
//! Only confidentiality and status may change. A change of visibility registers a new version of the metadata; a
//! change of status does not. A stale version that asks for the values already there is a success.

use crate::Moment;
use crate::access::{self, Entrance, Trail};
use crate::act::Act;
use crate::actor::Actor;
use crate::change::{Change, Fact};
use crate::code::EntryUuid;
use crate::command::{ChangeStatus, ChangeVisibility};
use crate::document::{Availability, DocumentEntry, DocumentRef, Visibility};
use crate::functional::{Cell, Seat};
use crate::publication::{PUB_6, registered};
use crate::reason::{Reason, Refusal};
use crate::record::Dossier;
use crate::rule::rules;
use std::sync::Arc;
use uuid::Uuid;

rules! {
    /// Masking.
    MAJ_1 = "MAJ-1", "tout professionnel autorisé masque, en mode normal; démasquer revient à l'auteur, au médecin traitant et au patient",
        "PDT-INF-526 TD3.3a";
    /// Making visible.
    MAJ_2 = "MAJ-2", "un professionnel rend visible au patient ou à ses représentants; l'inverse passe par un remplacement",
        "PDT-INF-526 TD3.3b; paramètre hide_visible";
    /// Archiving and deleting.
    MAJ_3 = "MAJ-3", "on n'archive et ne supprime que ses documents, ou ceux de sa structure; ceux du patient, par lui ou un médecin traitant",
        "PDT-INF-526 TD3.3c, TD3.3d, notes 8, 9 et *";
    /// Transitions.
    MAJ_4 = "MAJ-4", "approuvé, archivé, supprimé : ces passages seulement; un document remplacé ne change plus de statut, un document supprimé ne change plus",
        "SEL-MP-037 RG_3330; spec 5.7";
    /// Versions.
    MAJ_5 = "MAJ-5", "une modification part de la dernière version", "ITI TF-2 3.57.4.1.3.3.1.2";
    /// Automatic end of an announcement.
    MAJ_6 = "MAJ-6", "une annonce échue rend le document visible du patient, et cela est tracé; masqué aux professionnels si le patient a demandé que les documents à venir le soient",
        "security.md 2.5 A5; spec 4, confidentialité par défaut";
}

struct Found<'a> {
    row: u32,
    entry: &'a Arc<DocumentEntry>,
    own: bool,
    entrance: Entrance,
}

/// Finds the document for an act on it: its own always, another's with authorisation and when it is seen.
fn find<'a>(
    dossier: &'a Dossier,
    actor: &Actor,
    act: Act,
    reference: &DocumentRef,
    moment: &Moment<'_>,
) -> Result<Found<'a>, Refusal> {
    let entrance = access::enter(dossier, actor, act, moment, &mut Trail::new())?;
    let unknown = || Refusal::new(Reason::UnknownDocument, &access::VIS_10);
    let found = dossier.find(reference).and_then(|(_, entry)| dossier.latest(entry.lid));
    let own = found.is_some_and(|(_, entry)| access::is_own(dossier, actor, entry));
    if !own {
        access::require_authorisation(dossier, actor, entrance, moment)?;
    }
    let (row, entry) = found.ok_or_else(unknown)?;
    // A professional always sees what he wrote; on the patient's side a document may be hidden from who wrote it.
    let known = own && matches!(entrance.seat, Seat::Column(_));
    if !known && !access::sees(dossier, actor, entrance.seat, entry, false, moment).permitted {
        return Err(unknown());
    }
    Ok(Found { row, entry, own, entrance })
}

/// True when the actor may archive or delete: own documents, any where the cell says yes; a document of the patient
/// is only the patient's and a médecin traitant's.
fn may_dispose(dossier: &Dossier, found: &Found<'_>) -> bool {
    if access::is_patients_document(dossier, found.entry) {
        return match found.entrance.seat {
            Seat::Patient | Seat::Representative => true,
            Seat::Column(column) => column.is_medecin_traitant(),
            _ => false,
        };
    }
    match found.entrance.seat {
        Seat::Patient | Seat::Representative => false,
        _ => found.own || found.entrance.cell == Cell::Yes,
    }
}

fn check_version(found: &Found<'_>, from: Option<u32>, reference: &DocumentRef) -> Result<(), Refusal> {
    let stale = from.is_some_and(|version| version != found.entry.version)
        || matches!(reference, DocumentRef::Entry(uuid) if *uuid != found.entry.entry_uuid);
    if stale { Err(Refusal::new(Reason::VersionConflict, &MAJ_5)) } else { Ok(()) }
}

/// The act that a difference of visibility is, the most demanding first.
fn acts_of(from: Visibility, to: Visibility) -> Vec<Act> {
    let mut acts = Vec::new();
    let hides = (!from.hidden_from_patient && to.hidden_from_patient)
        || (!from.hidden_from_representatives && to.hidden_from_representatives);
    let shows = (from.hidden_from_patient && !to.hidden_from_patient)
        || (from.hidden_from_representatives && !to.hidden_from_representatives);
    match (from.masked, to.masked) {
        (false, true) => acts.push(Act::Mask),
        (true, false) => acts.push(Act::Unmask),
        _ => {}
    }
    if hides {
        acts.push(Act::Hide);
    }
    if shows {
        acts.push(Act::MakeVisible);
    }
    acts
}

/// The act a request to change visibility is, for the journal, when the document is known.
pub(crate) fn act_of(dossier: &Dossier, command: &ChangeVisibility) -> Act {
    let from = dossier.find(&command.document).map_or(Visibility::VISIBLE, |(_, e)| e.visibility);
    acts_of(from, command.to).first().copied().unwrap_or(if command.to.masked {
        Act::Mask
    } else {
        Act::MakeVisible
    })
}

/// Changes the visibility of a document.
///
/// # Errors
/// Functional matrix and entrance; then [`Reason::UnknownDocument`] for what the actor may not know of;
/// [`Reason::NotAuthor`] (MAJ-1); [`Reason::UpdateOperation`] (MAJ-2, MAJ-4, PUB-6); [`Reason::VersionConflict`].
pub fn change_visibility(
    dossier: &Dossier,
    actor: &Actor,
    command: &ChangeVisibility,
    id: Uuid,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    // Whoever may mask may ask (the rows of the family share their columns); each difference is then judged by its
    // own row. The door must not depend on a document that the actor may not know of.
    let found = find(dossier, actor, Act::Mask, &command.document, moment)?;
    let hidden_from_patient = found.entry.is_hidden_from_patient(moment.at);
    let from = Visibility { hidden_from_patient, ..found.entry.visibility };
    let to = command.to;
    if from == to {
        return Ok(Vec::new());
    }
    check_version(&found, command.from_version, &command.document)?;
    // A replaced document is still read: the patient must be able to mask it too.
    if found.entry.status == Availability::Deleted {
        return Err(Refusal::new(Reason::UpdateOperation, &MAJ_4));
    }
    for act in acts_of(from, to) {
        let entrance = access::enter(dossier, actor, act, moment, &mut Trail::new())?;
        check_act(dossier, act, entrance, &found, to, moment)?;
    }
    if to.masked && to.hidden_from_patient && !moment.parameters.cumul {
        return Err(Refusal::new(Reason::UpdateOperation, &PUB_6));
    }
    let release_at = match (to.hidden_from_patient, found.entry.release_at) {
        (false, _) => None,
        (true, Some(release)) => Some(release),
        (true, None) => Some(moment.at.plus_days(moment.parameters.announcement_days)),
    };
    Ok(new_version(dossier, found.row, found.entry, EntryUuid(id), to, release_at, moment))
}

fn check_act(
    dossier: &Dossier,
    act: Act,
    entrance: Entrance,
    found: &Found<'_>,
    to: Visibility,
    moment: &Moment<'_>,
) -> Result<(), Refusal> {
    let by_patient = matches!(entrance.seat, Seat::Patient | Seat::Representative);
    match act {
        Act::Unmask if entrance.cell == Cell::Own && !found.own => {
            Err(Refusal::new(Reason::NotAuthor, &MAJ_1))
        }
        Act::Hide => {
            // Hiding from the patient is never the patient's; hiding from representatives may be the patient's own.
            let own_choice = entrance.seat == Seat::Patient && !to.hidden_from_patient;
            let patients = to.hidden_from_patient && access::is_patients_document(dossier, found.entry);
            let permitted = own_choice || (!by_patient && moment.parameters.hide_visible && !patients);
            if permitted { Ok(()) } else { Err(Refusal::new(Reason::UpdateOperation, &MAJ_2)) }
        }
        _ => Ok(()),
    }
}

fn new_version(
    dossier: &Dossier,
    old_row: u32,
    old: &DocumentEntry,
    entry_uuid: EntryUuid,
    visibility: Visibility,
    release_at: Option<crate::time::Time>,
    moment: &Moment<'_>,
) -> Vec<Change> {
    new_version_at(dossier.next_row(), old_row, old, entry_uuid, visibility, release_at, moment)
}

fn new_version_at(
    row: u32,
    old_row: u32,
    old: &DocumentEntry,
    entry_uuid: EntryUuid,
    visibility: Visibility,
    release_at: Option<crate::time::Time>,
    moment: &Moment<'_>,
) -> Vec<Change> {
    let entry = DocumentEntry {
        entry_uuid,
        version: old.version + 1,
        status: Availability::Approved,
        visibility,
        release_at,
        registered_at: moment.at,
        ..old.clone()
    };
    let status =
        |row, entry_uuid, status| Change::bare(Fact::StatusChanged { row, entry_uuid, status }, moment.at);
    let mut changes =
        vec![status(old_row, old.entry_uuid, Availability::Deprecated), registered(row, entry, moment.at)];
    if old.status != Availability::Approved {
        changes.push(status(row, entry_uuid, old.status));
    }
    changes
}

/// Archives, unarchives or deletes a document.
///
/// # Errors
/// Functional matrix and entrance; [`Reason::UnknownDocument`]; [`Reason::NotAuthor`] (MAJ-3);
/// [`Reason::UpdateOperation`] (MAJ-4); [`Reason::VersionConflict`].
pub fn change_status(
    dossier: &Dossier,
    actor: &Actor,
    command: &ChangeStatus,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    use Availability::{Approved, Archived, Deleted};
    let act = if command.to == Deleted { Act::Delete } else { Act::Archive };
    let found = find(dossier, actor, act, &command.document, moment)?;
    if !may_dispose(dossier, &found) {
        return Err(Refusal::new(Reason::NotAuthor, &MAJ_3));
    }
    if found.entry.status == command.to {
        return Ok(Vec::new());
    }
    check_version(&found, command.from_version, &command.document)?;
    match (found.entry.status, command.to) {
        (Approved, Archived) | (Archived, Approved) | (Approved | Archived, Deleted) => {
            Ok(vec![Change::bare(
                Fact::StatusChanged {
                    row: found.row,
                    entry_uuid: found.entry.entry_uuid,
                    status: command.to,
                },
                moment.at,
            )])
        }
        _ => Err(Refusal::new(Reason::UpdateOperation, &MAJ_4)),
    }
}

/// Documents whose announcement delay is over at that instant, and still marked hidden.
pub fn due_announcements(dossier: &Dossier, at: crate::time::Time) -> Vec<(u32, Arc<DocumentEntry>)> {
    dossier
        .documents()
        .filter(|(_, e)| matches!(e.status, Availability::Approved | Availability::Archived))
        .filter(|(_, e)| e.visibility.hidden_from_patient && !e.is_hidden_from_patient(at))
        .map(|(row, e)| (row, Arc::clone(e)))
        .collect()
}

/// Makes visible what fell due; asked by the system before any other act on the dossier. What its announcement kept from
/// being masked by default (PUB-6) is masked now.
///
/// # Errors
/// Asked by anybody else: [`Reason::AccessDenied`].
pub fn release_announcements(
    dossier: &Dossier,
    actor: &Actor,
    ids: &mut dyn Iterator<Item = Uuid>,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    access::enter(dossier, actor, Act::ReleaseAnnouncement, moment, &mut Trail::new())?;
    let due = due_announcements(dossier, moment.at);
    let default = dossier.state.rights.default_confidentiality.masked && !moment.parameters.cumul;
    Ok(due
        .iter()
        .zip(dossier.next_row()..)
        .flat_map(|((old_row, old), row)| {
            let id = ids.next().expect("ids_needed() counts what is due");
            let masked = old.visibility.masked || default;
            let visibility = Visibility { masked, hidden_from_patient: false, ..old.visibility };
            new_version_at(row, *old_row, old, EntryUuid(id), visibility, None, moment)
        })
        .collect())
}
