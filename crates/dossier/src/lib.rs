//! The record of one patient and its rules: pure functions, no I/O, no clock, no randomness.
//!
//! [`decide`] turns a [`Command`] into [`Change`]s or a [`Refusal`], [`consult`] a [`Query`] into a [`View`] or a
//! refusal, [`Dossier::apply`] a change into the new state. Time, fresh identifiers, the access matrix and the
//! parameters come with the [`Moment`].
//!
//! Sources cited in the rules: "PDT-INF-526" and "PDT-INF-606" are the functional matrices of the DMP (direct v1.8,
//! AIR v1.3), "SEL-MP-037" the DMPi specification v2.10.0 as quoted by the PDSM4DMP guide (2026-07-02), "CSP" the
//! *Code de la santé publique*, "ITI" the IHE IT Infrastructure framework (rev. 20).

pub mod access;
pub mod act;
pub mod actor;
pub mod candidate;
pub mod change;
pub mod choices;
pub mod code;
pub mod command;
pub mod consultation;
pub mod document;
pub mod functional;
pub mod grants;
pub mod hl7_text;
pub mod identity;
pub mod journal;
pub mod lifecycle;
pub mod lines;
pub mod listing;
pub mod parameters;
pub mod publication;
pub mod query;
pub mod reason;
pub mod record;
mod replacement;
pub mod rights;
pub mod rule;
pub mod search;
pub mod time;
pub mod update;
pub mod watching;
pub mod web_access;

pub use act::Act;
pub use actor::{
    Actor, App, AppPurpose, Auth, Card, Channel, Employee, Mode, PersonName, Professional, PsId,
    ReceptionAgent, Referent, StructureActor, StructureId,
};
pub use candidate::{BirthSought, Candidate, TraitsSought};
pub use change::{Change, ClosureReason, ConsentProof, Fact, Fold, GranteeLabel, Life, Payload, RowRef};
pub use choices::{Choice, ChoiceSubject, ChoicesView, NoticeChannel, Notices};
pub use code::{Code, DocumentUid, DossierId, EntryUuid, Lid};
pub use command::{
    Authorise, ChangeStatus, ChangeVisibility, Command, DocumentDraft, Open, Publish, Receipt,
};
pub use document::{
    Association, AssociationKind, Author, AuthorId, Availability, BaseConfidentiality, DeclaredPatient,
    DocumentEntry, DocumentMetadata, DocumentRef, Institution, Person, ReferenceId, SubmissionSet,
    SubmissionSetMetadata, Visibility,
};
pub use identity::{
    Contact, Identity, Ins, InsError, InsOid, Realm, RealmPolicy, Relation, Representative, Sex, Traits,
};
pub use journal::{ActorKind, ActorTrace, Decision, EntryKind, JournalEntry, ModeKind};
pub use listing::{ListAsked, ListBy, ListEntry};
pub use parameters::{CreationProfile, Parameters};
pub use query::{
    AdministrativeView, AuthorTest, Comparison, DateTest, DocumentFilter, Explanation, JournalFilter,
    JournalScope, Query, RightsView, SeenDocument, SeenSet, SetFilter, SetRef, StatusView, TokenTest,
    Verdict, View,
};
pub use reason::{Answer, Reason, Refusal};
pub use record::{Dossier, Row, State};
pub use rights::{Authorisation, Basis, Emergency, Grant, Grantee, InitialConsent, Rights, RightsFact};
pub use rule::Rule;
pub use time::{Dtm, Precision, Time, age_years, comes_of_age};
pub use watching::{AnswerCase, Case, CaseAnswer, CaseKind, CaseOutcome, ReportAccess};
pub use web_access::{OtpAction, OtpChannel, WebAccess, WebAccessDraft};

pub use dmp_nomenclature::Matrix;
use std::sync::Arc;
use uuid::Uuid;

/// What a decision takes from outside: time, fresh identifiers, the access matrix, the parameters.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// Now.
    pub at: Time,
    /// Fresh random identifiers, at least [`ids_needed`] of them.
    pub ids: &'a [Uuid],
    /// The profession × document-type matrix in force.
    pub matrix: &'a Matrix,
    /// What the deployment decided.
    pub parameters: &'a Parameters,
}

/// How many fresh identifiers [`decide`] may take for a command on this dossier.
pub fn ids_needed(dossier: &Dossier, command: &Command, at: Time) -> usize {
    match command {
        Command::Publish(lot) => 1 + 3 * lot.documents.len(),
        Command::ChangeVisibility(_) | Command::RecordInitialConsent { .. } | Command::ReportAccess(_) => 1,
        Command::ReleaseAnnouncements => update::due_announcements(dossier, at).len(),
        _ => 0,
    }
}

/// Decides a command. Empty when it is done already: that is not an error.
///
/// # Errors
/// The [`Refusal`] of the first rule that refuses, in the order of the module that decides.
pub fn decide(
    dossier: &Dossier,
    actor: &Actor,
    command: &Command,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    let mut ids = moment.ids.iter().copied();
    let mut one = || ids.next().expect("ids_needed() counts what the command takes");
    match command {
        Command::Open(open) => lifecycle::open(dossier, actor, open, moment),
        Command::Close { reason, text, deceased } => {
            lifecycle::close(dossier, actor, *reason, text.as_deref(), *deceased, moment)
        }
        Command::Reactivate { consent } => lifecycle::reactivate(dossier, actor, consent.as_ref(), moment),
        Command::RequestCopy => lifecycle::request(dossier, actor, Act::RequestCopy, moment),
        Command::RequestDestruction => lifecycle::request(dossier, actor, Act::RequestDestruction, moment),
        Command::UpdateIdentity { traits, contact } => {
            lifecycle::update_identity(dossier, actor, traits, contact, moment)
        }
        Command::ChangeIns { ins } => lifecycle::change_ins(dossier, actor, ins, moment),
        Command::AddRepresentative(r) => lifecycle::add_representative(dossier, actor, r, moment),
        Command::EndRepresentative { index } => lifecycle::end_representative(dossier, actor, *index, moment),
        Command::Authorise(command) => grants::authorise(dossier, actor, command, moment),
        Command::EndAuthorisation { who } => grants::end_authorisation(dossier, actor, who, moment),
        Command::Block { who, label } => grants::block(dossier, actor, who, label.as_ref(), moment),
        Command::Unblock { who } => grants::unblock(dossier, actor, who, moment),
        Command::EndMedecinTraitant { who } => grants::end_medecin_traitant(dossier, actor, who, moment),
        Command::RecordInitialConsent { team, proof } => {
            grants::record_initial_consent(dossier, actor, team, proof, one(), moment)
        }
        Command::WithdrawInitialConsent { id } => {
            grants::withdraw_initial_consent(dossier, actor, *id, moment)
        }
        Command::SetEmergency(emergency) => grants::set_emergency(dossier, actor, *emergency, moment),
        Command::SetDefaultConfidentiality(v) => {
            grants::set_default_confidentiality(dossier, actor, *v, moment)
        }
        Command::Publish(lot) => publication::publish(dossier, actor, lot, &mut ids, moment),
        Command::ChangeVisibility(command) => {
            update::change_visibility(dossier, actor, command, one(), moment)
        }
        Command::ChangeStatus(command) => update::change_status(dossier, actor, command, moment),
        Command::ReleaseAnnouncements => update::release_announcements(dossier, actor, &mut ids, moment),
        Command::OpenWebAccess(draft) => web_access::open(dossier, actor, draft, moment),
        Command::RenewWebAccess { login, secret_hash } => {
            web_access::renew(dossier, actor, login, secret_hash, moment)
        }
        Command::ChangeOtpChannel { action, channel } => {
            web_access::change_channel(dossier, actor, *action, channel, moment)
        }
        Command::ReportAccess(command) => watching::report(dossier, actor, command, one(), moment),
        Command::AnswerCase(command) => watching::answer(dossier, actor, command, moment),
        Command::RecordChoices(answers) => choices::record(dossier, actor, answers, moment),
        Command::SetNotices(notices) => choices::set_notices(dossier, actor, *notices, moment),
        Command::RefuseOpening { channel } => choices::refuse_opening(dossier, actor, *channel, moment),
    }
}

/// Decides a read and makes its view. A read is refused and traced like any act.
///
/// # Errors
/// The [`Refusal`] of the first rule that refuses.
pub fn consult(
    dossier: &Dossier,
    actor: &Actor,
    query: &Query,
    moment: &Moment<'_>,
) -> Result<View, Refusal> {
    let c = consultation::Consultation { dossier, actor, moment };
    match query {
        Query::Status => c.status(),
        Query::Administrative => c.administrative(),
        Query::Rights => c.rights(),
        Query::FindDocuments(filter) => c.find_documents(filter),
        Query::GetDocuments(references) => c.get_documents(references),
        Query::FindReference(reference) => c.find_reference(reference),
        Query::Retrieve(references) => c.retrieve(references),
        Query::FindSubmissionSets(filter) => c.find_sets(filter),
        Query::GetAssociations(uuids) => c.get_associations(uuids),
        Query::GetRelated(reference) => c.get_related(reference),
        Query::GetSubmissionSet(reference) => c.get_set(reference),
        Query::Journal(filter) => c.journal(filter).map(View::Journal),
        Query::SearchText => c.search_text(),
        Query::Explain(other) => c.explain(other),
        Query::VoirComme(other) => c.voir_comme(other),
        Query::Export => c.export(),
        Query::Cases => watching::cases(dossier, actor, moment).map(View::Cases),
        Query::Choices => choices::view(dossier, actor, moment).map(|view| View::Choices(Box::new(view))),
    }
}

/// What a command did or had done, as far as its actor may know; read from the dossier after it. When [`decide`]
/// gave no change, the answer is its [`Receipt::repeated`].
pub fn receipt(dossier: &Dossier, command: &Command) -> Receipt {
    match command {
        Command::Publish(lot) => {
            let documents: Vec<Arc<DocumentEntry>> = lot
                .documents
                .iter()
                .filter_map(|d| {
                    dossier
                        .versions()
                        .map(|(_, e)| e)
                        .find(|e| e.metadata.unique_id == d.metadata.unique_id)
                        .map(as_first_answered)
                })
                .collect();
            let holds = |set: &SubmissionSet| {
                documents.first().is_some_and(|d| set.associations.iter().any(|a| a.target == d.entry_uuid))
            };
            match dossier
                .sets()
                .map(|(_, s)| s)
                .find(|s| s.metadata.unique_id == lot.set.unique_id || holds(s))
            {
                Some(set) => Receipt::Published { set: set.entry_uuid, documents },
                None => Receipt::Done,
            }
        }
        Command::ChangeVisibility(ChangeVisibility { document, .. })
        | Command::ChangeStatus(ChangeStatus { document, .. }) => dossier
            .find(document)
            .and_then(|(_, entry)| dossier.latest(entry.lid))
            .map_or(Receipt::Done, |(_, entry)| Receipt::Updated(Arc::clone(entry))),
        Command::RecordInitialConsent { team, proof } => dossier
            .state
            .rights
            .initial_consents
            .iter()
            .rev()
            .find(|c| c.team == *team && c.since == proof.at)
            .map_or(Receipt::Done, |c| Receipt::InitialConsent(c.id)),
        Command::Authorise(authorise) => receipt_of_grant(dossier, &authorise.who),
        Command::EndAuthorisation { who } | Command::Block { who, .. } | Command::Unblock { who } => {
            receipt_of_grant(dossier, who)
        }
        _ => Receipt::Done,
    }
}

/// The first version of a document as its deposit was answered, whatever became of it since.
fn as_first_answered(entry: &Arc<DocumentEntry>) -> Arc<DocumentEntry> {
    match entry.status {
        Availability::Approved => Arc::clone(entry),
        _ => Arc::new(DocumentEntry { status: Availability::Approved, ..DocumentEntry::clone(entry) }),
    }
}

/// Who was permitted to change a grant may know what it is now.
fn receipt_of_grant(dossier: &Dossier, who: &Grantee) -> Receipt {
    match dossier.state.rights.grant(who) {
        Some(grant) => Receipt::Grant(Box::new(grant.clone())),
        None => Receipt::Done,
    }
}

/// The act a command is, for the journal.
pub fn act_of_command(dossier: &Dossier, actor: &Actor, command: &Command) -> Act {
    let by_patient = matches!(actor, Actor::Patient { .. } | Actor::Representative { .. });
    match command {
        Command::Open(_) => Act::Open,
        Command::Close { .. } => Act::Close,
        Command::Reactivate { .. } => Act::Reactivate,
        Command::RequestCopy => Act::RequestCopy,
        Command::RequestDestruction => Act::RequestDestruction,
        Command::UpdateIdentity { .. }
        | Command::ChangeIns { .. }
        | Command::AddRepresentative(_)
        | Command::EndRepresentative { .. } => Act::UpdateIdentity,
        Command::Authorise(a) if by_patient && a.medecin_traitant => Act::NameMedecinTraitant,
        Command::Authorise(_) if by_patient => Act::Authorise,
        Command::Authorise(_) => Act::DeclareSelf,
        Command::EndAuthorisation { .. } if by_patient => Act::Authorise,
        Command::EndAuthorisation { .. } => Act::WithdrawSelf,
        Command::Block { .. } | Command::Unblock { .. } => Act::Block,
        Command::EndMedecinTraitant { .. } if by_patient => Act::NameMedecinTraitant,
        Command::EndMedecinTraitant { .. } => Act::StopMedecinTraitant,
        Command::RecordInitialConsent { .. } | Command::WithdrawInitialConsent { .. } => Act::InitialConsent,
        Command::SetEmergency(_) => Act::SetEmergency,
        Command::SetDefaultConfidentiality(_) => Act::SetDefaultConfidentiality,
        Command::Publish(lot) if lot.documents.iter().any(|d| d.replaces.is_some()) => Act::Replace,
        Command::Publish(_) => Act::Feed,
        Command::ChangeVisibility(command) => update::act_of(dossier, command),
        Command::ChangeStatus(c) if c.to == Availability::Deleted => Act::Delete,
        Command::ChangeStatus(_) => Act::Archive,
        Command::ReleaseAnnouncements => Act::ReleaseAnnouncement,
        Command::OpenWebAccess(_) | Command::RenewWebAccess { .. } | Command::ChangeOtpChannel { .. } => {
            Act::WebAccess
        }
        Command::ReportAccess(_) => Act::ReportAccess,
        Command::AnswerCase(_) => Act::ReviewAccess,
        Command::RecordChoices(_) | Command::SetNotices(_) => Act::RecordChoices,
        Command::RefuseOpening { .. } => Act::RefuseOpening,
    }
}

/// The act a query is, for the journal.
pub fn act_of_query(query: &Query) -> Act {
    match query {
        Query::Status => Act::Status,
        Query::Administrative => Act::ReadAdministrative,
        Query::Rights => Act::ReadRights,
        Query::FindDocuments(_)
        | Query::GetDocuments(_)
        | Query::FindSubmissionSets(_)
        | Query::GetAssociations(_)
        | Query::GetRelated(_)
        | Query::GetSubmissionSet(_)
        | Query::SearchText => Act::Search,
        Query::FindReference(_) => Act::FindReference,
        Query::Retrieve(_) => Act::Read,
        Query::Journal(_) => Act::ReadJournal,
        Query::Explain(_) | Query::VoirComme(_) => Act::Explain,
        Query::Export => Act::Export,
        Query::Cases => Act::ReviewAccess,
        Query::Choices => Act::ReadChoices,
    }
}

/// Rows of the documents a command is about, before it is applied: the journal names them, refusals included.
pub fn rows_of_command(dossier: &Dossier, command: &Command) -> Vec<u32> {
    let row = |r: &DocumentRef| dossier.find(r).map(|(row, _)| row);
    match command {
        Command::Publish(lot) => {
            lot.documents.iter().filter_map(|d| d.replaces.as_ref().and_then(row)).collect()
        }
        Command::ChangeVisibility(ChangeVisibility { document, .. })
        | Command::ChangeStatus(ChangeStatus { document, .. }) => row(document).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Rows of the documents a refused query pointed to.
pub fn rows_of_query(dossier: &Dossier, query: &Query) -> Vec<u32> {
    let row = |r: &DocumentRef| dossier.find(r).map(|(row, _)| row);
    match query {
        Query::Retrieve(refs) | Query::GetDocuments(refs) => refs.iter().filter_map(row).collect(),
        Query::FindReference(r) | Query::GetRelated(r) => row(r).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Rows of the documents a view shows: what the journal says was seen.
pub fn rows_of_view(view: &View) -> Vec<u32> {
    match view {
        View::Documents(seen) | View::Contents(seen) | View::Export(seen, _) => {
            seen.iter().map(|s| s.row).collect()
        }
        View::Sets(sets) => sets.iter().flat_map(|s| s.members.iter().map(|m| m.row)).collect(),
        View::Explanation(explanation) => explanation.documents.iter().map(|(s, _)| s.row).collect(),
        View::Status(_)
        | View::Administrative(_)
        | View::Rights(_)
        | View::Associations(_)
        | View::Journal(_)
        | View::Cases(_)
        | View::Choices(_) => Vec::new(),
    }
}

/// Every rule of the record, for `cargo xtask rules`.
pub fn all_rules() -> Vec<&'static Rule> {
    [
        functional::ALL,
        access::ALL,
        lifecycle::ALL,
        grants::ALL,
        publication::ALL,
        update::ALL,
        consultation::ALL,
        web_access::ALL,
        watching::ALL,
        choices::ALL,
        listing::ALL,
        candidate::ALL,
    ]
    .concat()
}
