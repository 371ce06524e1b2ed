//! Replacement: which document a deposit may take the place of, and what it inherits of its visibility.
//!
//! Part of [`crate::publication`]. A replacement is not a way round the rules of visibility: it unmasks, shows to
//! representatives or announces to the patient only what its depositor could have unmasked, shown or announced.

use crate::Moment;
use crate::access::{self, Entrance, Trail};
use crate::act::Act;
use crate::actor::Actor;
use crate::document::{Author, DocumentEntry, DocumentMetadata, Visibility};
use crate::functional::{Cell, Seat};
use crate::publication::PUB_10;
use crate::reason::{Reason, Refusal};
use crate::record::Dossier;
use std::sync::Arc;

/// The refusal of a target that is absent, as far as the actor may know.
pub(crate) fn absent_target() -> Refusal {
    Refusal::about(Reason::ReplaceFailed, &PUB_10, "document à remplacer")
}

/// The target must be one the actor may know of, in force, and his to replace: its author, his structure; for a
/// patient's document, the patient or a médecin traitant. What he may not know of is refused as absent, and so is what he
/// knows archived or deleted; what he sees replaced, or a former version of metadata, is said to be obsolete.
pub(crate) fn check(
    dossier: &Dossier,
    actor: &Actor,
    seat: Seat,
    old: &Arc<DocumentEntry>,
    new: &DocumentMetadata,
    moment: &Moment<'_>,
) -> Result<(), Refusal> {
    use crate::document::Availability::{Approved, Deprecated};
    let patients = access::is_patients_document(dossier, old);
    let permitted = match seat {
        Seat::Patient | Seat::Representative => patients,
        Seat::Loader => shares_author(&old.metadata.authors, &new.authors),
        Seat::Insurer => old.metadata.type_code.code == "REMB",
        Seat::Column(column) if patients => column.is_medecin_traitant(),
        _ => access::is_own(dossier, actor, old) || access::is_of_structure(actor, &old.metadata.authors),
    };
    // A former version is known as its document is today: a mask covers the versions before it.
    let current = dossier.latest(old.lid).map_or(old, |(_, latest)| latest);
    let known = match seat {
        Seat::Loader | Seat::Insurer => permitted,
        Seat::Column(_) if access::is_own(dossier, actor, old) => true,
        // Depositing passes a block and an opposition; learning of another's document does not.
        _ => {
            access::enter(dossier, actor, Act::Search, moment, &mut Trail::new()).is_ok()
                && access::sees(dossier, actor, seat, current, false, moment).permitted
        }
    };
    if !known {
        return Err(absent_target());
    }
    if access::as_seen(dossier, actor, seat, old, moment).status == Deprecated {
        return Err(Refusal::about(Reason::DeprecatedDocument, &PUB_10, "document à remplacer"));
    }
    if old.status != Approved {
        return Err(absent_target());
    }
    if !permitted {
        return Err(Refusal::new(Reason::NotAuthor, &PUB_10));
    }
    Ok(())
}

/// True when two lists of authors share a person or a structure.
fn shares_author(old: &[Author], new: &[Author]) -> bool {
    let structure = |a: &Author| a.institution.as_ref().and_then(|i| i.id.clone());
    old.iter().any(|o| {
        new.iter()
            .any(|n| o.person.id == n.person.id || (structure(o).is_some() && structure(o) == structure(n)))
    })
}

/// What a replacement keeps of the visibility of what it replaces. An announcement stays: it ends by its own act or
/// on its date (security.md 2.5 A5). A mask stays unless the depositor may unmask, a document hidden from
/// representatives stays so unless he may show it.
pub(crate) fn inherited(
    dossier: &Dossier,
    actor: &Actor,
    old: &DocumentEntry,
    moment: &Moment<'_>,
) -> Visibility {
    let may = |act| match access::enter(dossier, actor, act, moment, &mut Trail::new()) {
        Ok(Entrance { cell: Cell::Own, .. }) => access::is_own(dossier, actor, old),
        other => other.is_ok(),
    };
    Visibility {
        masked: old.visibility.masked && !may(Act::Unmask),
        hidden_from_patient: old.is_hidden_from_patient(moment.at),
        hidden_from_representatives: old.visibility.hidden_from_representatives && !may(Act::MakeVisible),
    }
}
