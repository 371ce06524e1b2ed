//! Publication: a lot of documents enters the registry (TD2.1, TD2.2; ITI-41, ITI-65), replacement included.
//!
//! Decides from metadata and from the patient each document's own header declares; the bytes were hashed and
//! measured by the face. A repeated lot changes nothing.

use crate::Moment;
use crate::access::{self, Trail};
use crate::act::Act;
use crate::actor::Actor;
use crate::change::{Change, Fact, Payload};
use crate::code::{DocumentUid, EntryUuid, Lid};
use crate::command::{DocumentDraft, Publish};
use crate::document::{
    Association, AssociationKind, Author, AuthorId, Availability, DeclaredPatient, DocumentEntry,
    DocumentMetadata, SubmissionSet, Visibility,
};
use crate::functional::Seat;
use crate::identity::{Identity, Sex};
use crate::reason::{Reason, Refusal};
use crate::record::Dossier;
use crate::replacement;
use crate::rule::rules;
use crate::time::Time;
use dmp_nomenclature::{ClassCode, TypeCode};
use uuid::Uuid;

rules! {
    /// Patient.
    PUB_1 = "PUB-1", "chaque objet du lot et l'en-tête de chaque document nomment le patient du dossier : INS, date de naissance, sexe",
        "CI-SIS correspondance CDA/XDS; security.md 2.5 X2";
    /// Type.
    PUB_2 = "PUB-2", "le type est un type du DMP en vigueur, sa classe s'en déduit", "JDV_J66, ASS_X16";
    /// Reserved types.
    PUB_3 = "PUB-3", "données de remboursement à l'Assurance maladie, expression personnelle et documents du patient au patient",
        "spec 8.2, 8.3; EX_3.1-1040";
    /// Author.
    PUB_4 = "PUB-4", "un document a un auteur, et un auteur un identifiant", "PDSM4DMP DocumentEntry.author 1..*";
    /// Author's structure.
    PUB_5 = "PUB-5", "la structure d'un auteur du lot est celle qui dépose", "SEL-MP-037, retour « Aucun AuthorInstitution »";
    /// Visibility.
    PUB_6 = "PUB-6", "un document n'est pas à la fois masqué aux professionnels et caché au patient",
        "paramètre cumul-invisible_patient-masque_ps; EX_2.1-1050";
    /// Announcement.
    PUB_7 = "PUB-7", "une annonce a une date de fin : celle du déposant, bornée, ou le délai par défaut", "ux.md C16; paramètres";
    /// Secret connection.
    PUB_8 = "PUB-8", "en connexion secrète, seuls des documents cachés aux représentants sont déposés", "EX_0.1-1100";
    /// Identifiers.
    PUB_9 = "PUB-9", "un uniqueId ne sert qu'une fois; le même lot envoyé deux fois reçoit la même réponse", "ITI TF-3 4.1.9; security.md 2.5 X4";
    /// Replacement.
    PUB_10 = "PUB-10", "un document en vigueur est remplacé par son auteur ou sa structure; celui du patient, par lui ou un médecin traitant",
        "ITI TF-3 4.2.2.2.3; table 0533 code 901";
    /// Limits.
    PUB_11 = "PUB-11", "un lot a de un à dix documents, d'une taille bornée", "design 5; paramètres";
    /// Dates.
    PUB_12 = "PUB-12", "un document n'est ni de l'avenir ni d'avant 1900", "bad-inputs CDA-14, CDA-15";
    /// Versions.
    PUB_13 = "PUB-13", "une version ne recule pas dans son jeu", "bad-inputs CDA-19";
    /// What an actor may hide.
    PUB_14 = "PUB-14", "cacher au patient n'appartient qu'à un professionnel qui dépose, et jamais le document du patient", "TRE_A07";
}

/// Longest title, in characters (spec 5.2).
const TITLE_MAX: usize = 255;

/// Registers a lot; empty when the same lot is there already.
///
/// # Errors
/// In this order: functional matrix, life, block (by parameter), limits, patient, identifiers, then each document:
/// type, reserved types, authors, dates, visibility, replacement.
pub fn publish(
    dossier: &Dossier,
    actor: &Actor,
    lot: &Publish,
    ids: &mut dyn Iterator<Item = Uuid>,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    let act = if lot.documents.iter().any(|d| d.replaces.is_some()) { Act::Replace } else { Act::Feed };
    let entrance = access::enter(dossier, actor, act, moment, &mut Trail::new())?;
    check_limits(lot, moment)?;
    let Some(identity) = dossier.identity() else {
        return Err(Refusal::new(Reason::UnknownPatient, &access::ACC_6));
    };
    if !lot.patient_ids.iter().all(|ins| identity.has_ins(ins)) {
        return Err(Refusal::about(Reason::PatientMismatch, &PUB_1, "patientId"));
    }
    if is_repeated(dossier, lot)? {
        return match may_repeat(dossier, actor, entrance.seat, identity, lot, moment) {
            true => Ok(Vec::new()),
            false => Err(taken(&lot.documents[0].metadata.unique_id)),
        };
    }
    for (position, draft) in lot.documents.iter().enumerate() {
        check_document(dossier, actor, entrance.seat, identity, draft, moment).map_err(|refusal| {
            Refusal { context: Some(of_document(position, lot.documents.len(), refusal.context)), ..refusal }
        })?;
    }
    let authors =
        || lot.documents.iter().flat_map(|d| d.metadata.authors.clone()).chain(lot.set.author.clone());
    if moment.parameters.author_structure
        && !is_authors_structure(actor, entrance.seat, &authors().collect::<Vec<_>>())
    {
        return Err(Refusal::new(Reason::AuthorInstitution, &PUB_5));
    }
    register(dossier, actor, entrance.seat, lot, ids, moment)
}

/// Which document of a lot a refusal is about: its place from 1, where there are several.
fn of_document(position: usize, documents: usize, what: Option<String>) -> String {
    match what {
        Some(what) if documents == 1 => what,
        Some(what) => format!("document {} : {what}", position + 1),
        None => format!("document {}", position + 1),
    }
}

fn check_limits(lot: &Publish, moment: &Moment<'_>) -> Result<(), Refusal> {
    let parameters = moment.parameters;
    let total: u64 = lot.documents.iter().map(|d| d.metadata.size_bytes).sum();
    if lot.documents.is_empty() {
        return Err(Refusal::about(Reason::RegistryMetadata, &PUB_11, "lot sans document"));
    }
    let largest = lot.documents.iter().map(|d| d.metadata.size_bytes).max().unwrap_or(0);
    if lot.documents.len() > parameters.lot_documents_max
        || total > parameters.lot_bytes_max
        || largest > parameters.document_bytes_max
    {
        return Err(Refusal::new(Reason::TooLarge, &PUB_11));
    }
    Ok(())
}

/// True when the lot, or every one of its documents with the same bytes, is in this dossier already.
fn is_repeated(dossier: &Dossier, lot: &Publish) -> Result<bool, Refusal> {
    for (i, draft) in lot.documents.iter().enumerate() {
        let uid = &draft.metadata.unique_id;
        if *uid == lot.set.unique_id || lot.documents[..i].iter().any(|d| d.metadata.unique_id == *uid) {
            return Err(Refusal::about(Reason::DuplicateUniqueIdInMessage, &PUB_9, uid.as_str()));
        }
    }
    let there = |draft: &DocumentDraft| dossier.by_unique_id(&draft.metadata.unique_id);
    let all_there =
        lot.documents.iter().all(|d| there(d).is_some_and(|(_, e)| e.metadata.hash == d.metadata.hash));
    if all_there {
        return Ok(true);
    }
    if let Some(draft) = lot.documents.iter().find(|d| there(d).is_some()) {
        return Err(taken(&draft.metadata.unique_id));
    }
    match dossier.sets().any(|(_, set)| set.metadata.unique_id == lot.set.unique_id) {
        true => Err(Refusal::about(Reason::DuplicateUniqueId, &PUB_9, lot.set.unique_id.as_str())),
        false => Ok(false),
    }
}

/// True when this actor could have deposited what is there: to anybody else, who holds the same bytes by whatever
/// way, a repeated lot is a taken identifier and no answer tells of the document.
fn may_repeat(
    dossier: &Dossier,
    actor: &Actor,
    seat: Seat,
    identity: &Identity,
    lot: &Publish,
    moment: &Moment<'_>,
) -> bool {
    let first = |uid: &DocumentUid| dossier.versions().find(|(_, e)| e.metadata.unique_id == *uid);
    let stored: Vec<&DocumentEntry> =
        lot.documents.iter().filter_map(|d| first(&d.metadata.unique_id)).map(|(_, e)| e.as_ref()).collect();
    let brought = |set: &SubmissionSet| {
        set.associations.iter().any(|a| stored.iter().any(|e| e.entry_uuid == a.target))
    };
    let senders = dossier.sets().filter(|(_, s)| brought(s)).filter_map(|(_, s)| s.metadata.author.clone());
    let authors: Vec<Author> =
        stored.iter().flat_map(|e| e.metadata.authors.clone()).chain(senders).collect();
    let types = stored.iter().all(|e| {
        let patients = access::is_patients_document(dossier, e);
        may_deposit_type(identity, seat, &e.metadata, patients)
    });
    types && (!moment.parameters.author_structure || is_authors_structure(actor, seat, &authors))
}

/// The uniqueId of a document is taken. The same words whoever holds it, and whatever its bytes: that they differ is only
/// what the standard calls it.
fn taken(unique_id: &DocumentUid) -> Refusal {
    Refusal::about(Reason::NonIdenticalHash, &PUB_9, unique_id.as_str())
}

fn check_document(
    dossier: &Dossier,
    actor: &Actor,
    seat: Seat,
    identity: &Identity,
    draft: &DocumentDraft,
    moment: &Moment<'_>,
) -> Result<(), Refusal> {
    let metadata = &draft.metadata;
    if let Some(declared) = &draft.declared {
        check_declared(identity, declared)?;
    }
    check_type(metadata, moment)?;
    check_reserved(dossier, identity, seat, draft)?;
    if metadata.authors.is_empty() {
        return Err(Refusal::about(Reason::InvalidContent, &PUB_4, "auteur"));
    }
    let title = metadata.title.chars().count();
    if title == 0 || title > TITLE_MAX {
        return Err(Refusal::about(
            Reason::RegistryMetadata,
            &PUB_2,
            "titre vide ou de plus de 255 caractères",
        ));
    }
    let created = metadata.creation_time.start();
    if created > moment.at.plus_days(1) || created < Time::from_millis(-2_208_988_800_000) {
        return Err(Refusal::about(Reason::RepositoryMetadata, &PUB_12, "date de création"));
    }
    check_version(dossier, metadata)?;
    check_visibility(actor, identity, seat, draft, moment)
}

/// Compares the header's patient with the dossier. A difference of names is never a refusal.
fn check_declared(identity: &Identity, declared: &DeclaredPatient) -> Result<(), Refusal> {
    let mismatch = |what: &str| Err(Refusal::about(Reason::PatientMismatch, &PUB_1, what));
    if !identity.has_ins(&declared.ins) {
        return mismatch("INS de recordTarget");
    }
    let day = |text: &str| text.get(..8).map(str::to_owned);
    if let Some(birth) = &declared.birth_date
        && day(birth).is_some_and(|d| d != identity.traits.birth_date)
    {
        return mismatch("date de naissance");
    }
    match (declared.sex, identity.traits.sex) {
        (Some(Sex::Undetermined) | None, _) | (_, Sex::Undetermined) => Ok(()),
        (Some(declared), known) if declared == known => Ok(()),
        _ => mismatch("sexe"),
    }
}

fn check_type(metadata: &DocumentMetadata, moment: &Moment<'_>) -> Result<(), Refusal> {
    let code = &metadata.type_code.code;
    let wrong = |what: String| Err(Refusal::about(Reason::RegistryMetadata, &PUB_2, what));
    let Some(known) = TypeCode::find(code) else {
        return wrong(format!("typeCode `{code}` inconnu"));
    };
    if !known.is_current() && !moment.parameters.historic {
        return wrong(format!("typeCode `{code}` retiré"));
    }
    if metadata.class_code.code != known.class().code {
        return wrong(format!(
            "classCode `{}` ne va pas avec le typeCode `{code}`",
            metadata.class_code.code
        ));
    }
    Ok(())
}

fn check_reserved(
    dossier: &Dossier,
    identity: &Identity,
    seat: Seat,
    draft: &DocumentDraft,
) -> Result<(), Refusal> {
    let replaced = draft.replaces.as_ref().and_then(|target| dossier.find(target));
    let of_patient = replaced.is_some_and(|(_, old)| access::is_patients_document(dossier, old));
    if may_deposit_type(identity, seat, &draft.metadata, of_patient) {
        Ok(())
    } else {
        let code = &draft.metadata.type_code.code;
        Err(Refusal::about(Reason::AccessDenied, &PUB_3, format!("typeCode `{code}`")))
    }
}

fn may_deposit_type(
    identity: &Identity,
    seat: Seat,
    metadata: &DocumentMetadata,
    replaces_patients: bool,
) -> bool {
    let code = metadata.type_code.code.as_str();
    let patients = code.starts_with("EXPPAT_")
        || code.starts_with("DOCPAT")
        || metadata.class_code.code == ClassCode::PATIENT;
    let insurers = code == "REMB";
    let by_patient = metadata.authors.iter().any(|a| is_patient(identity, a));
    let by_insurer =
        metadata.authors.iter().any(|a| a.specialty.as_ref().is_some_and(|s| s.code == "ALIM_AM"));
    match seat {
        Seat::Patient | Seat::Representative => patients && by_patient,
        Seat::Insurer => insurers,
        // The loader deposits in the name of the author it read in the document.
        Seat::Loader => (!patients || by_patient) && (!insurers || by_insurer),
        // A médecin traitant corrects a patient's document, which stays the patient's; he adds none.
        Seat::Column(column) if patients => column.is_medecin_traitant() && replaces_patients && by_patient,
        _ => !patients && !insurers,
    }
}

fn is_patient(identity: &Identity, author: &Author) -> bool {
    matches!(&author.person.id, AuthorId::Patient(ins) if identity.has_ins(ins))
}

fn check_version(dossier: &Dossier, metadata: &DocumentMetadata) -> Result<(), Refusal> {
    let (Some(set), Some(version)) = (&metadata.set_id, metadata.version_number) else {
        return Ok(());
    };
    let later = dossier.versions().any(|(_, e)| {
        e.metadata.set_id.as_ref() == Some(set)
            && e.metadata.version_number.is_some_and(|known| known > version)
            && e.status != Availability::Deleted
    });
    if later { Err(Refusal::about(Reason::RepositoryMetadata, &PUB_13, "versionNumber")) } else { Ok(()) }
}

fn check_visibility(
    actor: &Actor,
    identity: &Identity,
    seat: Seat,
    draft: &DocumentDraft,
    moment: &Moment<'_>,
) -> Result<(), Refusal> {
    let asked = draft.visibility;
    let may_hide = matches!(seat, Seat::Column(_) | Seat::Loader)
        && !draft.metadata.authors.iter().any(|a| is_patient(identity, a));
    if asked.hidden_from_patient && !may_hide {
        return Err(Refusal::about(Reason::RegistryMetadata, &PUB_14, "confidentialityCode"));
    }
    // Hidden from the patient is not enough: that ends, and the representatives would read it then.
    if actor.is_secret() && !asked.hidden_from_representatives {
        return Err(Refusal::about(Reason::RegistryMetadata, &PUB_8, "confidentialityCode"));
    }
    if let Some(release) = draft.release_at {
        let latest = moment.at.plus_days(moment.parameters.announcement_days_max);
        if !asked.hidden_from_patient || release <= moment.at || release > latest {
            return Err(Refusal::about(Reason::RegistryMetadata, &PUB_7, "date d'annonce"));
        }
    }
    Ok(())
}

/// True when one of the authors wrote for the depositing structure; for a professional without structure, when he is
/// one of them.
fn is_authors_structure(actor: &Actor, seat: Seat, authors: &[Author]) -> bool {
    if !matches!(seat, Seat::Column(_)) {
        return true;
    }
    let themselves = |a: &Author| {
        actor.structure().is_none()
            && actor.professional().is_some_and(|p| a.person.id == AuthorId::Professional(p.id.clone()))
    };
    access::is_of_structure(actor, authors) || authors.iter().any(themselves)
}

fn register(
    dossier: &Dossier,
    actor: &Actor,
    seat: Seat,
    lot: &Publish,
    ids: &mut dyn Iterator<Item = Uuid>,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    let mut fresh = || ids.next().expect("ids_needed() counts what publish takes");
    let set_row = dossier.next_row();
    let set_uuid = EntryUuid(fresh());
    let mut associations = Vec::new();
    let mut entries: Vec<(u32, DocumentEntry)> = Vec::new();
    let mut deprecated: Vec<(u32, EntryUuid)> = Vec::new();
    for (draft, row) in lot.documents.iter().zip(set_row + 1..) {
        let entry_uuid = EntryUuid(fresh());
        // The lid of an object is the id of its first version (ebRIM 3.0, RegistryObject.lid), as official answers show.
        let lid = Lid(entry_uuid.0);
        let member = fresh();
        let replacement = fresh();
        associations.push(Association {
            id: member,
            kind: AssociationKind::HasMember,
            source: set_uuid,
            target: entry_uuid,
            previous_version: None,
        });
        let mut kept = (Visibility::VISIBLE, None);
        let replaces = match &draft.replaces {
            None => None,
            Some(target) => {
                let (old_row, old) = dossier.find(target).ok_or_else(replacement::absent_target)?;
                replacement::check(dossier, actor, seat, old, &draft.metadata, moment)?;
                if deprecated.iter().any(|(taken, _)| *taken == old_row) {
                    return Err(replacement::absent_target());
                }
                deprecated.push((old_row, old.entry_uuid));
                kept = (replacement::inherited(dossier, actor, old, moment), old.release_at);
                associations.push(Association {
                    id: replacement,
                    kind: AssociationKind::Replaces,
                    source: entry_uuid,
                    target: old.entry_uuid,
                    previous_version: None,
                });
                Some(old.entry_uuid)
            }
        };
        let visibility = visibility_of(dossier, seat, draft, kept.0, moment)?;
        let release_at = visibility.hidden_from_patient.then(|| {
            let default = || moment.at.plus_days(moment.parameters.announcement_days);
            draft.release_at.or(kept.1.filter(|_| kept.0.hidden_from_patient)).unwrap_or_else(default)
        });
        let entry = DocumentEntry {
            entry_uuid,
            lid,
            version: 1,
            status: Availability::Approved,
            visibility,
            release_at,
            registered_at: moment.at,
            content: row,
            replaces,
            metadata: draft.metadata.clone(),
        };
        entries.push((row, entry));
    }
    let set = SubmissionSet {
        entry_uuid: set_uuid,
        registered_at: moment.at,
        metadata: lot.set.clone(),
        associations,
    };
    let mut changes = vec![Change {
        fact: Fact::SetRegistered { row: set_row, entry_uuid: set_uuid },
        at: moment.at,
        payload: Payload::Set(Box::new(set)),
    }];
    changes.extend(entries.into_iter().map(|(row, entry)| registered(row, entry, moment.at)));
    changes.extend(deprecated.into_iter().map(|(row, entry_uuid)| {
        Change::bare(Fact::StatusChanged { row, entry_uuid, status: Availability::Deprecated }, moment.at)
    }));
    Ok(changes)
}

/// The change that registers a version of metadata.
pub(crate) fn registered(row: u32, entry: DocumentEntry, at: Time) -> Change {
    Change {
        fact: Fact::DocumentRegistered {
            row,
            entry_uuid: entry.entry_uuid,
            lid: entry.lid,
            version: entry.version,
            visibility: entry.visibility,
            release_at: entry.release_at,
        },
        at,
        payload: Payload::Document(Box::new(entry)),
    }
}

/// The patient's default confidentiality adds to what the depositor asked, and so does what a replacement keeps; a
/// document to announce does not take the default mask while the parameter forbids both. The patient, who deposits
/// for himself, chooses each time.
///
/// # Errors
/// Masked and hidden from the patient, by what was asked and what is kept: [`Reason::RegistryMetadata`] (PUB-6).
fn visibility_of(
    dossier: &Dossier,
    seat: Seat,
    draft: &DocumentDraft,
    kept: Visibility,
    moment: &Moment<'_>,
) -> Result<Visibility, Refusal> {
    let default = match seat {
        Seat::Patient | Seat::Representative => Visibility::VISIBLE,
        _ => dossier.state.rights.default_confidentiality,
    };
    let asked = draft.visibility;
    let cumul = moment.parameters.cumul;
    let hidden_from_patient = asked.hidden_from_patient || kept.hidden_from_patient;
    let masked = asked.masked || kept.masked;
    if masked && hidden_from_patient && !cumul {
        return Err(Refusal::about(Reason::RegistryMetadata, &PUB_6, "confidentialityCode"));
    }
    Ok(Visibility {
        masked: masked || (default.masked && (cumul || !hidden_from_patient)),
        hidden_from_patient,
        hidden_from_representatives: asked.hidden_from_representatives
            || kept.hidden_from_representatives
            || default.hidden_from_representatives,
    })
}
